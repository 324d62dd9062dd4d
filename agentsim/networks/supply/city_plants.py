"""The city's own plants of fuel and metals: what they make in an hour, and what waits in their yards.

A plant is a load on its feeder and a customer of the waterworks. It makes the share of its output for which
it gets power and water, keeps it in its yard, and sells it as a terminal of the supply network. While the
yard is full it stands still.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from agentsim.core.messages import PlantHour
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.place.layout.city_plants import Plant


@dataclass(frozen=True)
class CityPlantsParameters:
    """Yards of the plants."""

    yard_days: float = parameter(3.0, "d", "output that a full yard holds", "A", 1, 400)
    first_yard_days: float = parameter(1.0, "d", "output in the yard in the first hour", "A", 0, 400)


class CityPlants:
    """All plants together; ``yard_t``, array (plants,), is what waits to be sold [t].

    Parameters
    ----------
    plants : in the order of their terminals
    terminal : row of each among the terminals of the supply case, int (plants,)
    feeder, junction : by which each gets power and water, int (plants,)
    """

    def __init__(
        self,
        plants: Sequence[Plant],
        terminal: np.ndarray,
        feeder: np.ndarray,
        junction: np.ndarray,
        parameters: CityPlantsParameters | None = None,
    ) -> None:
        self.parameters = p = parameters or CityPlantsParameters()
        self.plants, self.terminal, self.feeder, self.junction = tuple(plants), terminal, feeder, junction
        self.capacity_t_per_d = np.array([plant.capacity_t_per_d for plant in plants])
        self._mwh_per_t = np.array([plant.power_kwh_per_t for plant in plants]) / KW_PER_MW
        self._m3_per_t = np.array([plant.water_m3_per_t for plant in plants])
        self._co2_t_per_t = np.array([plant.co2_t_per_t for plant in plants])
        self._waste_t_per_t = np.array([plant.waste_t_per_t for plant in plants])
        self._is_oil = np.array([plant.kind == "enhanced_oil" for plant in plants])
        self.yard_t = min(p.first_yard_days, p.yard_days) * self.capacity_t_per_d

    def planned_t(self) -> np.ndarray:
        """What the plants would make in an hour with power and water, (plants,) [t]."""
        room_t = self.parameters.yard_days * self.capacity_t_per_d - self.yard_t
        return np.minimum(np.maximum(room_t, 0.0), self.capacity_t_per_d / HOURS_PER_DAY)

    def load_mw(self, feeders: int) -> np.ndarray:
        """Load of what is planned for the hour, (feeders,) [MW]."""
        return np.bincount(self.feeder, self.planned_t() * self._mwh_per_t, feeders)

    def expected_mw(self, districts: int, feeder_district: np.ndarray) -> np.ndarray:
        """Load of plants that run, (districts,) [MW]."""
        each_mw = self.capacity_t_per_d * self._mwh_per_t / HOURS_PER_DAY
        return np.bincount(feeder_district[self.feeder], each_mw, districts)

    def water_m3_per_h(self, junctions: int) -> np.ndarray:
        """Water for what is planned for the hour, (junctions,) [m3/h]."""
        return np.bincount(self.junction, self.planned_t() * self._m3_per_t, junctions)

    def offered_frac(self, terminals: int) -> np.ndarray:
        """Share of its daily output that each terminal has in its yard, at most 1; other terminals 1."""
        offered = np.ones(terminals)
        offered[self.terminal] = np.minimum(self.yard_t / self.capacity_t_per_d, 1.0)
        return offered

    def run(self, sold_t: np.ndarray, planned_t: np.ndarray, served_frac: np.ndarray) -> PlantHour:
        """One hour: what was sold leaves the yards, what is made comes into them, arrays (plants,).

        *planned_t* is what power and water were asked for, *served_frac* the share of it that was delivered.
        """
        made_t = planned_t * served_frac
        self.yard_t = self.yard_t - sold_t + made_t
        return PlantHour(
            planned_t=planned_t,
            made_t=made_t,
            sold_t=sold_t,
            yard_t=self.yard_t,
            power_mwh=float(made_t @ self._mwh_per_t),
            co2_t=float(made_t @ self._co2_t_per_t),
            waste_t=float(made_t @ self._waste_t_per_t),
            oil_t=float(made_t @ self._is_oil),
        )
