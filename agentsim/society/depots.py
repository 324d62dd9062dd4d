"""Which depot serves whom."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.messages import SupplyService
from agentsim.core.numerics.kernel import kernel
from agentsim.place.cases import FOOD, FUEL, MINERALS, SupplyCase


@dataclass(frozen=True)
class Depots:
    """Fuel and food: one depot for each district; minerals: the stores of spare parts."""

    fuel: np.ndarray  # (districts,)
    food: np.ndarray  # (districts,)
    minerals: np.ndarray
    crew_zone: int  # where repair crews and their parts start from

    @classmethod
    def of(cls, case: SupplyCase, districts: int) -> "Depots":
        """The depots of a supply case."""
        rows = np.arange(len(case.depot_good))
        filling_stations = rows[case.depot_good == FUEL][:-1]  # the last fuel depot is the power stations'

        def by_district(own: np.ndarray) -> np.ndarray:
            depot = np.zeros(districts, dtype=int)
            depot[case.depot_district[own]] = own
            return depot

        minerals = rows[case.depot_good == MINERALS]
        food = rows[case.depot_good == FOOD]
        return cls(
            fuel=by_district(filling_stations),
            food=by_district(food),
            minerals=minerals,
            crew_zone=int(case.depot_zone[minerals[0]]),
        )


def handed_frac(depot: np.ndarray, supply: SupplyService) -> np.ndarray:
    """Share that each *depot* (n,) handed out of what it was asked for, 1 of nothing, array (n,)."""
    frac = np.empty(depot.size)
    divide_handed(depot, supply.delivered_t, supply.short_t, frac)
    return frac


@kernel
def divide_handed(
    depot: np.ndarray, delivered_t: np.ndarray, short_t: np.ndarray, handed_frac: np.ndarray
) -> None:
    """Delivered over delivered and short of each *depot* (n,), 1 of nothing, into *handed_frac* (n,)."""
    for i in range(depot.size):
        handed_t = delivered_t[depot[i]]
        asked_t = handed_t + short_t[depot[i]]
        handed_frac[i] = handed_t / asked_t if asked_t > 0.0 else 1.0
