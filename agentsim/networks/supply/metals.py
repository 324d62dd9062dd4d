"""Metals in the equipment that a city installs, and what their price adds to its cost (S9, S10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentsim.core.charter import Charge
from agentsim.core.parameters import parameter
from agentsim.core.units import KW_PER_MW


@dataclass(frozen=True)
class MetalsParameters:
    """Tonnes of mined metals, without steel and aluminium, in what is installed."""

    solar_t_per_mw: float = parameter(
        6.8, "t/MW", "IEA 2021, critical minerals: solar with wiring", "M", 0, 100
    )
    wind_t_per_mw: float = parameter(10.1, "t/MW", "IEA 2021: turbines on land", "M", 0, 100)
    battery_t_per_mwh: float = parameter(
        2.2, "t/MWh", "of an electric car's 207 kg, less its motor and wiring, over 75 kWh", "M", 0, 100
    )
    electric_car_t: float = parameter(0.207, "t", "IEA 2021: an electric car; 0.034 t any other", "M", 0, 10)
    ordinary_jpy_per_t: float = parameter(
        4.0e6, "JPY/t", "mean of these metals at ordinary prices, as of the ore berth", "M", 0, 1e9
    )

    def unit_t(self, pv_kw: float, battery_kwh: float) -> dict[str, float]:
        """Metals in one unit of each quantity that cost is charged on [t].

        A home has *pv_kw* of panels and *battery_kwh* of battery.
        """
        return {
            "added_pv_homes": self.solar_t_per_mw * pv_kw / KW_PER_MW,
            "wind_kw": self.wind_t_per_mw / KW_PER_MW,
            "added_battery_homes": self.battery_t_per_mwh * battery_kwh / KW_PER_MW,
            "added_electric_cars": self.electric_car_t,
            **dict.fromkeys(STORES_KWH, self.battery_t_per_mwh / KW_PER_MW),
        }

    def metal_t(self, quantity: Mapping[str, float], pv_kw: float, battery_kwh: float) -> dict[str, float]:
        """Metals in what is installed [t]; *quantity* is :attr:`Equipment.quantity`."""
        return {
            name: quantity[name] * each_t
            for name, each_t in self.unit_t(pv_kw, battery_kwh).items()
            if quantity.get(name, 0.0) > 0
        }

    def capital_factor(self, metal_t: float, capital_jpy: float, price_ratio: float) -> float:
        """Capital cost over the ordinary one, 1 + m (p - 1) / C, when metals cost p = *price_ratio* as much.

        m is what the metals ordinarily cost [JPY], C the capital [JPY] in which it is contained, or which is
        paid beyond that of something ordinary, as of a car. It is never below 0.

        >>> MetalsParameters().capital_factor(6.8, 260e6, 11.0)
        2.046153846153846
        """
        return max(1.0 + metal_t * self.ordinary_jpy_per_t * (price_ratio - 1.0) / capital_jpy, 0.0)


def capital_by_quantity(charges: Iterable[Charge]) -> dict[str, float]:
    """Capital of one unit of each quantity, whoever pays for it [JPY]."""
    found: dict[str, float] = {}
    for one in charges:
        found[one.quantity] = found.get(one.quantity, 0.0) + one.capital_jpy
    return found


@dataclass(frozen=True)
class EquipmentMetals:
    """Metals in one unit of equipment, and what it ordinarily costs, by the quantity that is charged."""

    unit_t: Mapping[str, float]
    unit_jpy: Mapping[str, float]
    parameters: MetalsParameters

    def price_frac(self, quantity: str, price_ratio: float) -> float:
        """Price over the ordinary one, with metals at *price_ratio*; 1 for what has no metals or cost."""
        metal_t, capital_jpy = self.unit_t.get(quantity, 0.0), self.unit_jpy.get(quantity, 0.0)
        if price_ratio == 1.0 or metal_t <= 0.0 or capital_jpy <= 0.0:
            return 1.0
        return self.parameters.capital_factor(metal_t, capital_jpy, price_ratio)


STORES_KWH = ("li_ion_kwh", "flow_kwh", "solid_state_kwh", "microgrid_kwh", "bank_kwh")
