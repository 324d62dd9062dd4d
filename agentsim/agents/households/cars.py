"""Cars of households: which homes own one, which are electric, and how far their batteries are charged."""

from typing import NamedTuple

import numpy as np

from agentsim.agents.households.homes import Homes
from agentsim.agents.households.incomes import car_chance
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.charter import Stock
from agentsim.core.numerics.kernel import kernel
from agentsim.core.units import HOURS_PER_DAY


class FleetShares(NamedTuple):
    """Shares of cars of each kind."""

    electric: float  # of all cars, automated ones among them
    automated: float  # of all cars
    controlled: float  # of the electric cars beyond those of an ordinary city, that charge at night


def fleet_shares(stock: Stock) -> FleetShares:
    """The shares that stand in the first hour: those of the charter."""
    electric = max(stock.electric_car_frac, stock.automated_car_frac)
    return FleetShares(electric, stock.automated_car_frac, stock.controlled_charging_frac)


class Cars:
    """Cars as columns, arrays (households,): ``ev_kwh`` is the charge, the others are bool.

    ``electric`` are some of the ``owned``, and ``automated`` some of the electric. Electric cars of an
    ordinary city charge after midnight by a timer; ``evening`` are those that charge when people come home.
    ``added`` are the cars that a policy brought, by what is charged for them.
    """

    def __init__(
        self,
        homes: Homes,
        stock: Stock,
        parameters: HouseholdsParameters,
    ) -> None:
        self._homes, self._parameters = homes, parameters
        shares, ordinary = fleet_shares(stock), Stock()
        self.owned = homes.draw(5) < car_chance(homes.decile, homes.first_persons, parameters)
        self.electric = self.owned & (homes.draw(9) < shares.electric)
        part = shares.automated / shares.electric if shares.electric > 0.0 else 0.0
        self.automated = self.electric & (homes.draw(12) < part)
        brought = self.electric & ~(homes.draw(9) < ordinary.electric_car_frac)
        controlled = brought & (homes.draw(13) < shares.controlled)
        self.evening = brought & ~controlled
        columns = {
            "added_electric_cars": brought,
            "automated_cars": self.automated,
            "controlled_cars": controlled,
        }
        self.added = columns if brought.any() or self.automated.any() else {}
        self._brought = brought
        self.has_automated = bool(self.automated.any())
        self.brought_kwh_per_day = parameters.ev_kwh_per_day  # that a car which a policy brought drives
        self.expected_kwh = parameters.ev_kwh_per_day  # of a day, of a car that a policy brought
        self._hourly_km = np.zeros(HOURS_PER_DAY)  # of all electric cars, in the last day by the clock
        self.ev_kwh = np.where(self.electric, parameters.ev_battery_kwh, 0.0)
        self._first_vehicles = float(np.count_nonzero(self.owned)) * homes.weight
        self.count()

    def count(self) -> None:
        """Add up cars, and owners of petrol cars by zone and district; again only after people have moved."""
        homes = self._homes
        self.vehicles = float(homes.stay_frac[self.owned].sum()) * homes.weight  # real cars in the city
        self._electric_rows = rows = np.flatnonzero(self.electric)
        self._electric_zone, self._electric_persons = homes.zone[rows], homes.persons[rows]
        self._electric_vehicles = float(homes.stay_frac[self.electric].sum()) * homes.weight
        # people with a petrol car, (zones, districts)
        self._petrol_persons = homes.by_zone_and_district(homes.persons * (self.owned & ~self.electric))
        self._petrol_in_zone = self._petrol_persons @ np.ones(homes.districts)

    @property
    def left_vehicles(self) -> float:
        """Real cars that have left the city with their owners."""
        return self._first_vehicles - self.vehicles

    def plugged(self, clock: int) -> bool:
        """Whether electric cars charge at this hour of the day."""
        return self._parameters.ev_first_hour <= clock or clock < 6

    def expected_charging(self, clock: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """Groups of electric cars, bool (households,), and the load of each of their cars by hour [kW].

        Those of an ordinary city refill a day's driving after midnight. Those that a policy brought do so
        when people come home, or after midnight where charging is controlled.
        """
        p = self._parameters
        ordinary = self.electric & ~self._brought, self._refilling_kw(clock, p.ev_kwh_per_day)
        if not self.added:
            return [ordinary]
        at_home = self._refilling_kw((clock - p.ev_first_hour) % HOURS_PER_DAY, self.expected_kwh)
        at_night = self._refilling_kw(clock, self.expected_kwh)
        return [ordinary, (self.evening, at_home), (self._brought & ~self.evening, at_night)]

    def _refilling_kw(self, hours: np.ndarray, day_kwh: float) -> np.ndarray:
        """Load of a car so many hours after it began to refill a day's driving [kW]."""
        charger_kw = self._parameters.ev_charger_kw
        return np.clip(day_kwh - charger_kw * hours, 0.0, charger_kw)

    def expect(self, city_km_per_day: float) -> None:
        """Tell what all cars of the city drive on an ordinary day, from which follows what one charges."""
        self.expected_kwh = self._parameters.ev_kwh_per_km * city_km_per_day / max(self.vehicles, 1e-9)

    def drive(self, clock: int, electric_km: float) -> None:
        """Note what all electric cars of the city drive in an hour; those that a policy brought charge it.

        Those of an ordinary city charge ``ev_kwh_per_day``, which holds for trips out of the city too.
        """
        if not self.added:
            return
        self._hourly_km[clock] = electric_km
        day_km = float(self._hourly_km.sum()) / max(self._electric_vehicles, 1e-9)
        self.brought_kwh_per_day = self._parameters.ev_kwh_per_km * day_km

    def come_home(self, clock: int) -> None:
        """Take a day's driving from the batteries of those that charge when people come home."""
        if self.added and clock == self._parameters.ev_first_hour:
            self._drive(self.evening)

    def end_day(self) -> None:
        """Take a day's driving from the batteries of the other electric cars."""
        self._drive(self.electric & ~self.evening)

    def _drive(self, cars: np.ndarray) -> None:
        usual_kwh = self._parameters.ev_kwh_per_day
        each_kwh = np.where(self._brought, self.brought_kwh_per_day, usual_kwh) if self.added else usual_kwh
        day_kwh = each_kwh * self._homes.stay_frac
        left_kwh = np.where(self.electric, np.maximum(self.ev_kwh - day_kwh, 0.0), 0.0)
        self.ev_kwh = np.where(cars, left_kwh, self.ev_kwh)

    def running_frac_by_zone(self, fuel_frac: np.ndarray) -> np.ndarray:
        """Share of each zone's people with a car that can run, array (zones,).

        *fuel_frac* (districts,) is the share of the petrol asked that each district's filling stations
        sell. An electric car with less than a tenth of a day's charge stays at home.
        """
        running = np.empty(len(self._petrol_persons))
        add_charged(
            self._electric_rows,
            self._electric_zone,
            self._electric_persons,
            self.ev_kwh,
            0.1 * self._parameters.ev_kwh_per_day,
            self._fuelled_persons(fuel_frac),
            self._homes.persons_in_zone,
            running,
        )
        return running

    def _fuelled_persons(self, fuel_frac: np.ndarray) -> np.ndarray:
        """People of each zone whose petrol car can run, array (zones,)."""
        if fuel_frac.tolist().count(1.0) == fuel_frac.size:
            return self._petrol_in_zone
        return self._petrol_persons @ fuel_frac

    def running_frac_by_kind(self, fuel_frac: np.ndarray) -> np.ndarray:
        """The same by kind: petrol, electric and automated, array (3, zones)."""
        running = np.empty((3, len(self._petrol_persons)))
        running[0] = self._fuelled_persons(fuel_frac)
        add_charged_by_kind(
            self._electric_rows,
            self._electric_zone,
            self._electric_persons,
            self.automated,
            self.ev_kwh,
            0.1 * self._parameters.ev_kwh_per_day,
            running,
        )
        return running / self._homes.persons_in_zone

    def persons_without(self) -> np.ndarray:
        """Real people of homes without a car, by zone and income decile, array (zones, 10)."""
        homes, rows, deciles = self._homes, np.flatnonzero(~self.owned), 10
        place = homes.zone[rows] * deciles + homes.decile[rows]
        persons = np.bincount(place, homes.persons[rows], len(homes.persons_in_zone) * deciles)
        return persons.reshape(-1, deciles) * homes.weight


@kernel
def add_charged(
    electric: np.ndarray,
    zone: np.ndarray,
    persons: np.ndarray,
    ev_kwh: np.ndarray,
    least_kwh: float,
    petrol_persons: np.ndarray,
    persons_in_zone: np.ndarray,
    running_frac: np.ndarray,
) -> None:
    """Share of each zone's people whose petrol or electric car runs, into *running_frac* (zones,).

    *electric* are the rows of homes with an electric car, *zone* and *persons* theirs; *ev_kwh* is
    (households,), *petrol_persons* and *persons_in_zone* are (zones,).
    """
    running_frac[:] = 0.0
    for i in range(electric.size):
        running_frac[zone[i]] += persons[i] * (ev_kwh[electric[i]] >= least_kwh)
    for z in range(running_frac.size):
        running_frac[z] = (petrol_persons[z] + running_frac[z]) / persons_in_zone[z]


@kernel
def add_charged_by_kind(
    electric: np.ndarray,
    zone: np.ndarray,
    persons: np.ndarray,
    automated: np.ndarray,
    ev_kwh: np.ndarray,
    least_kwh: float,
    running_persons: np.ndarray,
) -> None:
    """People of each zone whose car is charged: electric and automated, rows 1 and 2 of (3, zones), filled.

    *electric* are the rows of homes with an electric car, *zone* and *persons* theirs; *automated* and
    *ev_kwh* are (households,).
    """
    running_persons[1:] = 0.0
    for i in range(electric.size):
        row = electric[i]
        if ev_kwh[row] >= least_kwh:
            running_persons[2 if automated[row] else 1, zone[i]] += persons[i]
