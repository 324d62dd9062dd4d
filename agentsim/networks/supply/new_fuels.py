"""Fuel that is not pumped: from biomass, and from electricity, water and captured carbon dioxide (S9)."""

from dataclasses import dataclass

from agentsim.core.parameters import parameter
from agentsim.core.units import DAYS_PER_YEAR, KG_PER_T, PETROL_KG_PER_L


@dataclass(frozen=True)
class NewFuelsParameters:
    """What a tonne of new fuel takes, costs and spares."""

    fossil_co2_t_per_t: float = parameter(3.1, "t/t", "of the petrol in whose place it is burnt", "M", 0, 10)
    synthetic_kwh_per_l: float = parameter(
        18.0, "kWh/L", "electricity for hydrogen, capture and synthesis (S9)", "M", 0, 200
    )
    synthetic_water_m3_per_t: float = parameter(8.0, "m3/t", "electrolysis and cooling", "A", 0, 1000)
    synthetic_price_ratio: float = parameter(
        3.0, "1", "price over that of the cheapest fuel terminal, 2-4 (S9)", "M", 0, 50
    )
    bio_kwh_per_t: float = parameter(400.0, "kWh/t", "pressing, fermenting, refining", "A", 0, 1e5)
    bio_water_m3_per_t: float = parameter(5.0, "m3/t", "in the works; rain waters the fields", "A", 0, 1e4)
    bio_price_ratio: float = parameter(1.6, "1", "price over that of the cheapest fuel terminal", "A", 0, 50)
    bio_upstream_co2_frac: float = parameter(
        0.5, "1", "farming and works, over the CO2 of the fossil fuel that it replaces", "M", 0, 3
    )
    bio_t_per_ha_y: float = parameter(1.5, "t/ha/y", "fuel from a hectare, rape 1.2 to cane 5", "M", 0.05, 50)
    bio_residue_t_per_t: float = parameter(
        0.1, "t/t", "residue that nobody can use, per tonne of fuel", "A", 0, 10
    )

    def synthetic_kwh_per_t(self) -> float:
        """Electricity for a tonne of synthetic fuel [kWh/t].

        >>> round(NewFuelsParameters().synthetic_kwh_per_t())
        24324
        """
        return self.synthetic_kwh_per_l / PETROL_KG_PER_L * KG_PER_T

    def bio_land_ha(self, t_per_d: float) -> float:
        """Fields that so much biofuel a day needs [ha]."""
        return t_per_d * DAYS_PER_YEAR / self.bio_t_per_ha_y
