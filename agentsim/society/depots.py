"""Which depot serves whom."""

from dataclasses import dataclass

import numpy as np

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
