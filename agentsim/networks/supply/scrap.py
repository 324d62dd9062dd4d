"""Metals recovered from retired equipment: what is thrown away, collected, and won back (S9).

Equipment that was sold a years ago is thrown away after a life with Weibull's distribution. With sales that
grew by g a year to s today, what is thrown away is the integral of s exp(-g a) f(a) over the age a.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.units import DAYS_PER_YEAR, HOURS_PER_DAY, KG_PER_T

METALS = ("copper", "nickel, cobalt and lithium", "precious metals", "rare earths")
_PER_METAL = "of METALS: copper; nickel, cobalt and lithium; precious metals; rare earths"
_OLDEST_Y = 80.0  # of equipment that is looked at
_STEPS = 1600  # of its age


@dataclass(frozen=True)
class ScrapParameters:
    """Electrical and electronic equipment: sales, life, metals and recovery."""

    sold_kg_per_person_y: float = parameter(
        25.0, "kg/y", "put on the market in a rich country, per person", "M", 0, 1000
    )
    growth_per_y: float = parameter(0.02, "1/y", "of sales, in the past", "A", -0.2, 0.5)
    life_shape: float = parameter(2.0, "1", "Weibull shape of the life, 1.5-3 in studies", "M", 0.3, 20)
    life_scale_y: float = parameter(9.0, "y", "Weibull scale of the life", "M", 0.1, 60)
    content_frac: tuple[float, float, float, float] = parameter(
        (0.034, 0.004, 0.0002, 0.0005), "1", f"share of the mass, {_PER_METAL}", "M", 0, 1
    )
    recovered_frac: tuple[float, float, float, float] = parameter(
        (0.9, 0.5, 0.9, 0.05), "1", f"of what is treated, {_PER_METAL}", "A", 0, 1
    )
    use_frac: tuple[float, float, float, float] = parameter(
        (0.83, 0.155, 0.001, 0.014), "1", f"of the use of minerals, {_PER_METAL}; Japan", "M", 0, 1
    )
    disposed_frac: float = parameter(
        0.4, "1", "of what is collected, left over after all recovery, steel and plastic included", "A", 0, 1
    )
    power_kwh_per_t: float = parameter(
        3000.0, "kWh/t", "sorting, smelting and refining, per tonne of metal", "A", 0, 1e6
    )
    price_ratio: float = parameter(
        1.2, "1", "price of recovered metal, over that of the cheapest ore berth", "A", 0, 20
    )

    def retired_kg_per_person_y(self) -> float:
        """Equipment that is thrown away, per person and year [kg/y].

        >>> round(ScrapParameters().retired_kg_per_person_y(), 1)
        21.4
        """
        age_y = (np.arange(_STEPS) + 0.5) * (_OLDEST_Y / _STEPS)
        over_scale = age_y / self.life_scale_y
        hazard_per_y = self.life_shape / self.life_scale_y * over_scale ** (self.life_shape - 1.0)
        lives = hazard_per_y * np.exp(-(over_scale**self.life_shape))  # Weibull's density
        sold = self.sold_kg_per_person_y * np.exp(-self.growth_per_y * age_y)
        return float((sold * lives).sum() * (_OLDEST_Y / _STEPS))

    def retired_t_per_h(self, people: float) -> float:
        """Equipment that so many people throw away [t/h]."""
        return people * self.retired_kg_per_person_y() / KG_PER_T / DAYS_PER_YEAR / HOURS_PER_DAY

    def metal_t_per_d(self, collected_from_people: float) -> np.ndarray:
        """Metals won from all equipment that so many people throw away, (METALS,) [t/d]."""
        collected_t = self.retired_t_per_h(collected_from_people) * HOURS_PER_DAY
        return collected_t * np.array(self.content_frac) * np.array(self.recovered_frac)
