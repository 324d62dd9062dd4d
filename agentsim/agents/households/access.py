"""Which jobs people without a car can reach in the morning, by income."""

import numpy as np

from agentsim.agents.households.modes import even_bus_h
from agentsim.agents.households.population import Population
from agentsim.agents.households.travel import Travel
from agentsim.core.messages import BusOffer, RoadService
from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.cases import Place

MORNING = 8  # hour of the day
DECILES = 10


class JobAccess:
    """Jobs within reach of people without a car, by bus or on foot, each morning of a run."""

    def __init__(self, place: Place, population: Population, travel: Travel) -> None:
        self._jobs_frac = place.zone_jobs / max(float(place.zone_jobs.sum()), 1e-9)
        self._cars, self._choice = population.cars, travel.choice
        self._within_h = travel.parameters.job_reach_h
        self._walk_h = np.where(travel.walk_h <= travel.choice.walk_limit_h, travel.walk_h, np.inf)
        self._sum = np.zeros((2, DECILES))  # person-mornings, weighed by the jobs in reach, and all of them

    def note(self, roads: RoadService, buses: BusOffer | None) -> None:
        """Enter a morning; *buses* is what lines offer by the clock, None where there are no lines."""
        bus_h = even_bus_h(roads.skim_h, roads.skim_km, self._choice) if buses is None else buses.trip_h
        reached = np.minimum(bus_h, self._walk_h) <= self._within_h
        persons = self._cars.persons_without()
        self._sum += np.stack([(reached @ self._jobs_frac) @ persons, persons.sum(axis=0)])

    @staticmethod
    def is_morning(hour: int) -> bool:
        """Whether access is measured at this hour."""
        return hour % HOURS_PER_DAY == MORNING

    def jobs_frac(self, deciles: int = DECILES) -> float:
        """Share of the city's jobs in reach, mean over people without a car in the lowest *deciles*.

        It is nan where there are none, or no morning was lived.
        """
        reached, persons = self._sum[:, :deciles].sum(axis=1)
        return float(reached / persons) if persons > 0.0 else float("nan")
