"""Enhanced oil recovery: carbon dioxide drives more oil out of an old field (S9).

What the CO2 balance is depends on where the gas comes from. Gas that was captured would otherwise be in the
air, and stays in the field; gas from a natural reservoir was stored already. The oil displaces some of the
oil of others, and the rest is burnt besides.
"""

from dataclasses import dataclass

from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class OilRecoveryParameters:
    """An old field that is flooded with carbon dioxide."""

    barrels_per_t: float = parameter(7.33, "1/t", "crude oil, BP's conversion", "M", 5, 9)
    co2_t_per_barrel: float = parameter(0.4, "t", "injected and kept, per barrel more (S9)", "M", 0, 5)
    oil_co2_t_per_t: float = parameter(3.1, "t/t", "from burning the oil's products", "M", 0, 10)
    injection_kwh_per_t: float = parameter(100.0, "kWh/t", "compression, per tonne of CO2", "M", 0, 1e4)
    capture_kwh_per_t: float = parameter(300.0, "kWh/t", "capture at a stack, per tonne of CO2", "M", 0, 1e4)
    price_ratio: float = parameter(
        0.8, "1", "price of the oil without capital, over that of the cheapest fuel terminal", "A", 0, 20
    )

    def injected_t_per_t(self) -> float:
        """Carbon dioxide used per tonne of oil [t/t].

        >>> round(OilRecoveryParameters().injected_t_per_t(), 2)
        2.93
        """
        return self.barrels_per_t * self.co2_t_per_barrel

    def net_co2_t_per_t(self, captured_frac: float, elasticities: tuple[float, float]) -> float:
        """Carbon dioxide that a tonne of oil adds to the air, (1 - d) m - c u, without its electricity [t/t].

        m is what burning it emits, u the gas injected and c the share of it that was captured. Of the oil of
        others a share d = e_s / (e_s + e_d) is displaced, as a market with elasticities (e_s, e_d) clears.

        >>> pair, oil = (0.11, 0.13), OilRecoveryParameters()
        >>> round(oil.net_co2_t_per_t(0.0, pair), 2), round(oil.net_co2_t_per_t(1.0, pair), 2)
        (1.68, -1.25)
        """
        supply, demand = elasticities
        displaced_frac = supply / (supply + demand)
        burnt_t = (1.0 - displaced_frac) * self.oil_co2_t_per_t
        return burnt_t - captured_frac * self.injected_t_per_t()

    def power_kwh_per_t(self, captured_frac: float) -> float:
        """Electricity per tonne of oil [kWh/t]."""
        each_kwh = self.injection_kwh_per_t + captured_frac * self.capture_kwh_per_t
        return self.injected_t_per_t() * each_kwh
