"""What one hour adds to the record of fuel and minerals: what was bought of whom, and what plants made."""

import numpy as np

from agentsim.core.messages import PlantHour, SupplyService
from agentsim.outcomes.record import OF_BOUGHT, OF_PLANTS
from agentsim.place.cases import FOOD, FUEL, GOODS, SupplyCase

_NOTHING = (0.0,) * len(OF_BOUGHT)
_NO_PLANTS = (0.0,) * len(OF_PLANTS)


class BoughtResources:
    """Fuel and minerals that left the terminals of a supply case, food left out."""

    def __init__(self, case: SupplyCase) -> None:
        self._good, self._price = case.terminal_good, case.terminal_price_jpy_per_t
        none = np.zeros(len(case.terminal_good), dtype=bool)
        self._resource = case.terminal_good != FOOD
        self._old = self._resource & ~(case.terminal_own if len(case.terminal_own) else none)
        self._own = self._resource & ~self._old
        cheapest = np.full(len(GOODS), np.inf)
        np.minimum.at(cheapest, self._good[~self._own], self._price[~self._own])
        self._instead_jpy_per_t = cheapest[self._good]  # of the cheapest supplier outside
        self._fuel = case.terminal_good == FUEL
        self._without_oil = case.terminal_without_oil if len(case.terminal_without_oil) else none

    def of(self, supply: SupplyService) -> tuple[float, ...]:
        """The columns of ``OF_BOUGHT``; costs are at the terminals' own prices, sales at those of the
        market.
        """
        bought_t = supply.imported_t
        if not np.count_nonzero(bought_t):
            return _NOTHING
        cost_jpy = bought_t * self._price
        sales_jpy = (
            cost_jpy if supply.scarcity_ratio is None else cost_jpy * supply.scarcity_ratio[self._good]
        )
        sums = (
            bought_t[self._resource],
            cost_jpy[self._resource],
            cost_jpy[self._old],
            sales_jpy[self._old],
            (bought_t * self._instead_jpy_per_t)[self._own],
            bought_t[self._fuel],
            bought_t[self._fuel & self._without_oil],
        )
        return tuple(float(part.sum()) for part in sums)


def of_plants(plants: PlantHour | None) -> tuple[float, ...]:
    """The columns of ``OF_PLANTS``: what the city's plants made and left behind; 0 where there are none."""
    if plants is None:
        return _NO_PLANTS
    return plants.oil_t, plants.power_mwh, plants.co2_t, plants.waste_t
