"""Daily life: what people and firms live through with what was delivered in an hour."""

import numpy as np

from agentsim.agents.firms import Firms
from agentsim.agents.households.civics import Civics
from agentsim.agents.households.population import HomeSupply, Population
from agentsim.agents.households.travel import Travel
from agentsim.core.calendar import Calendar
from agentsim.core.messages import Demand, Living, Service, Travelled, Trips
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.shares import share
from agentsim.core.numerics.totals import column_total
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.place.cases import RESIDENTIAL, Place
from agentsim.society.depots import Depots, handed_frac


class DailyLife:
    """Households live through the hour; firms produce with those who came to work.

    ``attendance`` is the share of each district's staff who came this morning, array (districts,).

    Parameters
    ----------
    roads_to_work : whether a stranded trip is a lost shift (mechanism of that name)
    """

    def __init__(
        self,
        place: Place,
        *,
        population: Population,
        firms: Firms,
        travel: Travel,
        civics: Civics,
        depots: Depots,
        calendar: Calendar,
        roads_to_work: bool,
    ) -> None:
        self._place, self._population, self._firms, self._travel = place, population, firms, travel
        self._civics, self._depots, self._calendar = civics, depots, calendar
        self._roads_to_work = roads_to_work
        self._firm_feeder = place.feeders.tier != RESIDENTIAL
        self._all_junctions = np.ones(len(place.water.junction_id), dtype=bool)
        self.attendance = np.ones(len(place.districts))
        self._commuters = np.zeros((2, len(place.districts)))  # who came this morning, and who usually does

    def live(
        self, hour: int, demand: Demand, trips: Trips, travelled: Travelled, service: Service, warned: bool
    ) -> Living:
        """One hour of people and firms; *warned*: people know that they should not drink from the tap."""
        people = self._population
        homes, power = people.homes, people.power
        if service.power.peer_mw is not None and demand.stored_mw is not None:
            power.lend(share(service.power.peer_mw, demand.stored_mw))
        added_h = people.live(self._home_supply(hour, demand, travelled, service, warned))
        a_person_h = self._a_person(added_h)
        if homes.left_people:
            people.hardship.count_on(1.0 - homes.stay_frac, homes.of_district(a_person_h))
        self._note_attendance(hour, trips, travelled)
        output, usual = self._output_jpy(hour, demand, service)
        return Living(
            deprivation_h=a_person_h,
            food_short_persons=self._without_a_meal(),
            output_jpy=output,
            output_usual_jpy=usual,
            metered_mwh=column_total(power.metered_kw) * people.weight / KW_PER_MW,
            own_mwh=column_total(power.inside_kw) * people.weight / KW_PER_MW,
            people=homes.people,
            vehicles=people.cars.vehicles,
            protesters_frac=self._civics.protesters_frac,
            left_people=homes.left_people,
            left_vehicles=people.cars.left_vehicles,
        )

    def _a_person(self, added_h: np.ndarray) -> np.ndarray:
        """Deprivation-hours a person in each district, array (districts,), from those of homes."""
        homes = self._population.homes
        if not any(self._population.hardship.unmet):
            return np.zeros(homes.districts)
        return homes.persons_by_district(added_h) / np.maximum(homes.persons_in_district, 1e-9)

    def _without_a_meal(self) -> np.ndarray:
        """People in each district without a meal that was due, array (districts,)."""
        homes, larder = self._population.homes, self._population.larder
        if not larder.food_unmet:
            return np.zeros(homes.districts)
        return homes.persons_by_district(larder.food_gap)

    def _home_supply(
        self, hour: int, demand: Demand, travelled: Travelled, service: Service, warned: bool
    ) -> HomeSupply:
        """What reaches homes; at a junction they drink before bulk users do."""
        power, water, supply = service.power, service.water, service.supply
        tap_frac = np.empty(len(water.delivered_m3_per_h))
        divide_water(water.delivered_m3_per_h, demand.home_water_asked_m3_per_h, tap_frac)
        return HomeSupply(
            unserved_kw=self._population.rotate(hour, power.shed_mw + power.restricted_mw, power.sections),
            tap_frac=tap_frac,
            food_frac=handed_frac(self._depots.food, supply),
            trips_made_frac=travelled.made_frac_by_zone,
            undrinkable=water.unsafe if warned else None,
        )

    def _note_attendance(self, hour: int, trips: Trips, travelled: Travelled) -> None:
        """Who came to work this morning, by district."""
        clock = hour % HOURS_PER_DAY
        if not 6 <= clock < 10 or not self._roads_to_work:
            return
        if clock == 6:
            self._commuters[:] = 0.0
        count, zone = len(self._place.districts), self._place.zone_district
        self._commuters[0] += np.bincount(zone, travelled.made_persons.sum(axis=0), count)
        usual = trips.wanted_persons.sum(axis=0) * (1.0 - self._travel.usual_stay_frac)
        self._commuters[1] += np.bincount(zone, usual, count)
        self.attendance = np.minimum(self._commuters[0] / np.maximum(self._commuters[1], 1e-9), 1.0)

    def _output_jpy(self, hour: int, demand: Demand, service: Service) -> tuple[np.ndarray, np.ndarray]:
        """Value added in each district this hour, and what it would be in an ordinary one [JPY]."""
        count = len(self._place.districts)
        if not self._firms.at_work(hour, self._calendar.weekday(hour)):
            return np.zeros(count), np.zeros(count)
        power, water = service.power, service.water
        dark, asked, dry, wanted = np.empty((4, count))
        feeder, firms = self._place.feeders.district, self._firm_feeder
        add_unserved(feeder, firms, power.shed_mw, power.restricted_mw, demand.power_asked_mw, dark, asked)
        junction, all_of_it = self._place.water.junction_district, self._all_junctions
        asked_m3 = demand.water_asked_m3_per_h
        add_unserved(
            junction, all_of_it, water.short_m3_per_h, water.restricted_m3_per_h, asked_m3, dry, wanted
        )
        if demand.private_well_m3_per_h is not None:
            wanted = wanted + np.bincount(junction, demand.private_well_m3_per_h, count)
        present = self.attendance * self._civics.at_work_frac
        return self._firms.produce(share(dark, asked), share(dry, wanted), present)


@kernel
def add_unserved(
    district: np.ndarray,
    counts: np.ndarray,
    shed: np.ndarray,
    restricted: np.ndarray,
    asked: np.ndarray,
    unserved_total: np.ndarray,
    asked_total: np.ndarray,
) -> None:
    """What is shed or restricted, and asked, in each district, (districts,), filled.

    Feeders or junctions (n,) that do not *count*, bool (n,), are left out.
    """
    unserved_total[:] = 0.0
    asked_total[:] = 0.0
    for i in range(district.size):
        if counts[i]:
            unserved_total[district[i]] += shed[i] + restricted[i]
            asked_total[district[i]] += asked[i]


@kernel
def divide_water(delivered_m3: np.ndarray, home_asked_m3: np.ndarray, tap_frac: np.ndarray) -> None:
    """Share of what homes ask that is *delivered*, to them first, 1 of nothing; arrays (junctions,)."""
    for junction in range(tap_frac.size):
        asked_m3 = home_asked_m3[junction]
        home_m3 = min(delivered_m3[junction], asked_m3)
        tap_frac[junction] = home_m3 / asked_m3 if asked_m3 > 0.0 else 1.0
