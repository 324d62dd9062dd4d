"""Tariffs that recover costs, and what happens to them when those who make their own power buy less.

A tariff pays for what a kWh costs and for what is there whether a kWh is sold or not (wires, stations, staff;
mechanisms S10):

    p = v + (F - S) / Q        v variable [JPY/kWh], F fixed and S standing charges [JPY/y], Q sold [kWh/y]

When Q falls, p rises, and a higher p makes more homes leave. A tariff p recovers the costs where it brings in
(p - v) Q(p) >= F - S. The left side has a largest value, so that above a threshold of fixed cost no tariff
per kWh recovers it: the death spiral (arXiv 1803.07643 shows that linear tariffs always lead to it above a
threshold of fixed operating cost). A standing charge S lifts the threshold by S.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter

Demand = Callable[[float], float]  # kWh sold in a year at a tariff in JPY/kWh
TARIFFS_TRIED = 2000  # between the variable cost and the highest tariff looked at


@dataclass(frozen=True)
class TariffsParameters:
    """What a power utility's income pays for."""

    fixed_frac: float = parameter(
        0.758,
        "1",
        "of market.power_margin_jpy_per_kwh, there whether a kWh is sold or not: wires 10, stations' capital "
        "and staff 8, retail 2 of 26.4; the rest are levy and tax on each kWh",
        "A",
        0,
        1,
    )
    profit_frac: float = parameter(
        0.05, "1", "of income less energy, levy and tax in an ordinary year, left to the owners", "A", 0, 1
    )
    wires_frac: float = parameter(0.5, "1", "of the fixed costs: wires, 10 of 20 JPY/kWh", "A", 0, 1)
    stations_frac: float = parameter(
        0.4, "1", "of the fixed costs: stations, 8 of 20 JPY/kWh; the rest is retail", "A", 0, 1
    )
    interest_frac: float = parameter(
        0.15, "1", "of the fixed costs without wages: interest on wires and stations", "A", 0, 1
    )
    repayment_frac: float = parameter(
        0.5, "1", "of the fixed costs without wages: repayment; the rest are materials and works", "A", 0, 1
    )
    water_interest_frac: float = parameter(0.05, "1", "of the income of waterworks: interest", "A", 0, 1)
    water_repayment_frac: float = parameter(
        0.4,
        "1",
        "of the income of waterworks: repayment; depreciation is near two fifths in Japan",
        "M",
        0,
        1,
    )
    water_materials_frac: float = parameter(
        0.35, "1", "of the income of waterworks: power, chemicals and works of others", "A", 0, 1
    )
    recovered_trade_frac: float = parameter(
        0.0,
        "1",
        "of what trade between homes costs the utility, paid by all in the tariff; 0: its owners bear it",
        "A",
        0,
        1,
    )


@dataclass(frozen=True)
class CostOfSupply:
    """What supply costs a utility, and what of it standing charges bring in."""

    fixed_jpy_per_y: float
    variable_jpy_per_kwh: float
    standing_jpy_per_y: float = 0.0

    @property
    def left_to_recover_jpy_per_y(self) -> float:
        """Fixed costs that the price of a kWh has to bring in [JPY/y]."""
        return self.fixed_jpy_per_y - self.standing_jpy_per_y


def recovering_tariff_jpy_per_kwh(costs: CostOfSupply, sold_kwh_per_y: float) -> float:
    """The tariff that recovers *costs* if so much is sold, v + (F - S) / Q [JPY/kWh]; inf if nothing is.

    >>> recovering_tariff_jpy_per_kwh(CostOfSupply(2000.0, 9.0), 100.0)
    29.0
    >>> recovering_tariff_jpy_per_kwh(CostOfSupply(2000.0, 9.0, standing_jpy_per_y=500.0), 50.0)
    39.0
    """
    if sold_kwh_per_y <= 0.0:
        return math.inf if costs.left_to_recover_jpy_per_y > 0.0 else costs.variable_jpy_per_kwh
    return costs.variable_jpy_per_kwh + costs.left_to_recover_jpy_per_y / sold_kwh_per_y


def recovered_jpy_per_y(tariff_jpy_per_kwh: float, variable_jpy_per_kwh: float, sold_kwh: Demand) -> float:
    """What a tariff brings in beyond the variable cost of what is sold at it, (p - v) Q(p) [JPY/y]."""
    return (tariff_jpy_per_kwh - variable_jpy_per_kwh) * sold_kwh(tariff_jpy_per_kwh)


def largest_fixed_cost_jpy_per_y(variable_jpy_per_kwh: float, sold_kwh: Demand, ceiling: float) -> float:
    """The threshold [JPY/y]: the largest fixed cost that a tariff up to *ceiling* [JPY/kWh] recovers."""
    return max(
        recovered_jpy_per_y(p, variable_jpy_per_kwh, sold_kwh) for p in _tried(variable_jpy_per_kwh, ceiling)
    )


def settled_tariff_jpy_per_kwh(costs: CostOfSupply, sold_kwh: Demand, ceiling: float) -> float:
    """The lowest tariff up to *ceiling* that recovers *costs* from what is sold at it; nan: there is none."""
    from scipy.optimize import brentq  # here, because a run does not need it

    variable, needed = costs.variable_jpy_per_kwh, costs.left_to_recover_jpy_per_y
    if needed <= 0.0:
        return variable

    def left_jpy(tariff: float) -> float:
        return recovered_jpy_per_y(tariff, variable, sold_kwh) - needed

    before = variable
    for tariff in _tried(variable, ceiling):
        if left_jpy(tariff) >= 0.0:
            return float(brentq(left_jpy, before, tariff)) if left_jpy(before) < 0.0 else before
        before = tariff
    return math.nan


def tariffs_by_year(costs: CostOfSupply, sold_kwh: Demand, first: float, years: int) -> np.ndarray:
    """Tariffs of *years* years, array (years,) [JPY/kWh]: each recovers the costs from the sales of the last.

    *first* is the tariff of the first year. In a death spiral they grow without bound.
    """
    tariffs = [first]
    while len(tariffs) < years:
        tariffs.append(recovering_tariff_jpy_per_kwh(costs, sold_kwh(tariffs[-1])))
    return np.array(tariffs[:years])


def _tried(variable_jpy_per_kwh: float, ceiling: float) -> list[float]:
    return np.linspace(variable_jpy_per_kwh, max(ceiling, variable_jpy_per_kwh), TARIFFS_TRIED + 1).tolist()
