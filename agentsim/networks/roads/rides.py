"""Shared rides of an hour: who rides with whom, which vehicle fetches whom, and kilometres without a rider.

Riders are matched twice:

1. with drivers who make a trip of their own (:func:`share_trips`): from the same zone, where the rider's
   destination lies on the driver's way, with a detour of at most a share of the driver's time; the shortest
   detours first;
2. the others with vehicles for hire (:class:`RideFleet`): a vehicle comes from where it set down its last
   riders, if it is near enough, so that the time without riders is least in all (a transportation problem,
   solved by HiGHS). What it drives until then is driven without a rider.

Nothing here says how much is driven empty or how long riders wait: it follows from where riders want to go.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agentsim.core.messages import RideHour
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.linear import HOURLY
from agentsim.core.numerics.sums import total
from agentsim.core.numerics.transportation import TransportationProblem
from agentsim.core.parameters import parameter
from agentsim.networks.roads import ride_rules as rules

LEAST_TRIP_H = 0.01  # no vehicle makes more trips in an hour than this allows (numerical)
MOST_DRIVERS = 40  # destinations of drivers among whom a rider is looked for (numerical)
NEAR_ZONES = 9  # from which vehicles come to a zone, itself included (numerical)


@dataclass(frozen=True)
class RidesParameters:
    """How shared rides are matched and driven."""

    detour_limit_frac: float = parameter(
        0.25, "1", "longest detour of a driver who shares a trip, of the time of the trip", "A", 0, 3
    )
    seats: float = parameter(1.0, "persons", "riders that a driver takes on a trip of one's own", "A", 0, 6)
    wait_limit_h: float = parameter(0.25, "h", "no vehicle is sent that is farther away", "A", 0.01, 2)
    pooling_frac: float = parameter(
        0.3, "1", "riders who let another rider with the same ends get in", "A", 0, 1
    )
    pooling_wait_h: float = parameter(0.08, "h", "for so long a rider waits for another, 5 min", "A", 0, 1)
    memory: float = parameter(
        0.7, "1", "weight of what riders expected of the wait, beside what they lived through", "A", 0, 0.99
    )
    boarding_h: float = parameter(0.05, "h", "to get in and out, 3 min", "A", 0, 1)
    street_km_per_h: float = parameter(20.0, "km/h", "within a zone, to the rider's door", "A", 1, 100)


class Matches(NamedTuple):
    """Who can ride with whom, the shortest detour first, arrays (matches,)."""

    origin: np.ndarray  # zone where both begin
    rider: np.ndarray  # zone where the rider gets out
    driver: np.ndarray  # zone where the driver goes
    detour_km: np.ndarray


def on_the_way(time_h: np.ndarray, km: np.ndarray, detour_limit_frac: float) -> Matches:
    """Riders whose destination r lies on a driver's way from o to d.

    The detour t(o, r) + t(r, d) - t(o, d) is at most *detour_limit_frac* of t(o, d). *time_h* and *km* are
    (zones, zones), inf where no road leads. Of a large city only the ``MOST_DRIVERS`` shortest detours of
    each rider are kept.
    """
    found = [_from_origin(origin, time_h, km, detour_limit_frac) for origin in range(len(time_h))]
    origin, rider, driver, detour_h, detour_km = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.argsort(np.where(rider == driver, -1.0, detour_h), kind="stable")
    return Matches(origin[order], rider[order], driver[order], detour_km[order])


def _from_origin(
    origin: int, time_h: np.ndarray, km: np.ndarray, limit_frac: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Matches of those who begin in one zone: origin, rider, driver, detour [h] and [km]."""
    with np.errstate(invalid="ignore"):  # what cannot be reached is left out below
        detour_h = time_h[origin][:, None] + time_h - time_h[origin]  # (riders, drivers)
        detour_km = np.maximum(km[origin][:, None] + km - km[origin], 0.0)
    near = np.isfinite(detour_h) & (detour_h <= limit_frac * time_h[origin] + 1e-12)
    near[origin, :] = near[:, origin] = False  # nobody rides within a zone
    rank = np.argsort(np.argsort(np.where(near, detour_h, np.inf), axis=1, kind="stable"), axis=1)
    rider, driver = np.nonzero(near & (rank < MOST_DRIVERS))
    return (
        np.full(len(rider), origin),
        rider,
        driver,
        detour_h[rider, driver],
        detour_km[rider, driver],
    )


@kernel
def share_trips(matches: Matches, left: np.ndarray, seats: np.ndarray, carried: np.ndarray) -> float:
    """Fill seats of drivers with riders, match by match; returns the detours of the drivers [vehicle-km].

    Parameters
    ----------
    left, seats : riders who look for a driver, and seats offered, (zones, zones); what remains is left there
    carried : (zones, zones), filled with the riders who found one
    """
    detour_km = 0.0
    carried[:] = 0.0
    for match in range(matches.origin.size):
        origin, rider = matches.origin[match], matches.rider[match]
        driver = matches.driver[match]
        found = min(left[origin, rider], seats[origin, driver])
        if found > 0.0:
            left[origin, rider] -= found
            seats[origin, driver] -= found
            carried[origin, rider] += found
            detour_km += found * matches.detour_km[match]
    return detour_km


def pooled_veh(persons: np.ndarray, parameters: RidesParameters) -> np.ndarray:
    """Vehicle trips that carry *persons* of each pair, (zones, zones).

    A rider who is willing shares the vehicle if another with the same ends comes within the time that it
    waits; arrivals are Poisson, so that 1 - exp(-rate x wait) of the willing do, and two of them need one
    vehicle.

    >>> pooled_veh(np.array([[0.0, 100.0]]), RidesParameters(pooling_frac=1.0)).round(1).tolist()
    [[0.0, 50.0]]
    """
    p = parameters
    meets = -np.expm1(-p.pooling_frac * persons * p.pooling_wait_h)
    return persons * (1.0 - 0.5 * p.pooling_frac * meets)


def _near_pairs(time_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Pairs (from, to) of each zone and the ``NEAR_ZONES`` nearest, arrays (pairs,)."""
    nearest = np.argsort(time_h, axis=0, kind="stable")[: min(NEAR_ZONES, len(time_h))]
    to = np.broadcast_to(np.arange(len(time_h)), nearest.shape)
    return nearest.ravel(), to.ravel()


class Fetched(NamedTuple):
    """What vehicles for hire drive in an hour."""

    share: np.ndarray  # (zones,) of the trips that begin there, those that a vehicle fetches
    loaded_veh: np.ndarray  # (zones, zones) trips with riders
    empty_veh: np.ndarray  # (zones, zones) without, on the way to riders
    empty_km: float  # streets within zones included
    loaded_km: float


class RideFleet:
    """Vehicles for hire: where they stand, and who is fetched by which.

    Parameters
    ----------
    vehicles : (zones,) in the first hour
    area_km2 : (zones,)
    free_time_h : (zones, zones) on empty roads, which says which zones are near
    """

    def __init__(
        self,
        vehicles: np.ndarray,
        area_km2: np.ndarray,
        free_time_h: np.ndarray,
        parameters: RidesParameters,
    ) -> None:
        self.parameters = parameters
        self.vehicles = np.asarray(vehicles, dtype=float).copy()
        self._area_km2, zones = area_km2, len(vehicles)
        self._pairs = _near_pairs(free_time_h)
        # an hour of approach is the unit of cost; nobody is left whom a vehicle may fetch
        self._problem = TransportationProblem(zones, zones, *self._pairs, np.array([10.0]), HOURLY)
        distance_km = 0.5 * np.sqrt(area_km2 / np.maximum(self.vehicles, 1.0))  # as in ``look_round``
        self.approach_h = distance_km / parameters.street_km_per_h  # (zones,)
        # time of a trip with its approach, as in the hour before; at first as between near zones
        self._busy_h = parameters.boarding_h + float(np.mean(free_time_h[self._pairs]))
        self._approach_h, self._near = np.empty((zones, zones)), np.empty((zones, zones), dtype=bool)
        self._product, self._street_km = np.empty(zones * zones), np.empty(zones)
        self._own, self._spare, self._missing, self._served, self._out = np.empty((5, zones))

    def fetch(self, wanted_veh: np.ndarray, time_h: np.ndarray, km: np.ndarray) -> Fetched:
        """Send vehicles to riders of *wanted_veh* trips, (zones, zones), with the least time without riders.

        A vehicle makes as many trips in the hour as its time allows. The distance in a zone to the nearest of
        n idle vehicles is 0.5 sqrt(area / n) (Clark & Evans 1954).
        """
        order, street_km, served = wanted_veh.sum(axis=1), self._street_km, self._served
        sent = self._sent(order, time_h)
        share, (loaded, empty) = np.empty(len(order)), np.empty((2, *sent.shape))
        rules.carry(sent, wanted_veh, order, served, share, loaded, empty)
        approach_h = np.empty(len(order))
        rules.note_approach(sent, served, self._approach_h, self._near, self.vehicles, approach_h)
        self.approach_h = approach_h
        self._move(sent, loaded, time_h)
        return Fetched(
            share=share,
            loaded_veh=loaded,
            empty_veh=empty,
            empty_km=rules.sum_over_pairs(sent, km, self._product) + float(served @ street_km),
            loaded_km=rules.sum_over_pairs(loaded, km, self._product),
        )

    def _sent(self, order: np.ndarray, time_h: np.ndarray) -> np.ndarray:
        """Trips that vehicles of each zone begin in each zone, (zones, zones): first in their own zone, then
        where the time without riders is least in all."""
        p = self.parameters
        left = rules.look_round(
            self.vehicles,
            order,
            self._busy_h,
            self._area_km2,
            time_h,
            float(p.street_km_per_h),
            float(p.wait_limit_h),
            self._street_km,
            self._approach_h,
            self._near,
            self._own,
            self._spare,
            self._missing,
        )
        sent = np.diag(self._own)
        if left:
            approach_h, near = self._approach_h[self._pairs], self._near[self._pairs]
            sent[self._pairs] += self._problem.solve(approach_h, near, self._spare, self._missing).shipped
        return sent

    def _move(self, sent: np.ndarray, loaded: np.ndarray, time_h: np.ndarray) -> None:
        """Vehicles end where they set down their last riders; the number of vehicles stays."""
        trips = total(loaded.reshape(-1))
        if trips <= 0.0:
            return
        rides_h = rules.sum_over_pairs(loaded, time_h, self._product)
        away_h = rules.sum_over_pairs(sent, self._approach_h, self._product)
        self._busy_h = max(self.parameters.boarding_h + (away_h + rides_h) / trips, LEAST_TRIP_H)
        moved = np.empty(len(self.vehicles))
        rules.move(sent, loaded, self._busy_h, trips, self.vehicles, self._out, moved)
        self.vehicles = moved


class Rides:
    """A service that matches riders: with drivers on trips of their own, then with vehicles for hire.

    Parameters
    ----------
    own_trip_frac : of the trips by car, those whose drivers take riders
    fleet : vehicles for hire
    free_time_h, free_km : (zones, zones) on empty roads, which say what lies on whose way
    """

    def __init__(
        self, own_trip_frac: float, fleet: RideFleet, free_time_h: np.ndarray, free_km: np.ndarray
    ) -> None:
        self._own_trip_frac, self.fleet, self.parameters = own_trip_frac, fleet, fleet.parameters
        self._matches = on_the_way(free_time_h, free_km, self.parameters.detour_limit_frac)
        # what riders expect, (zones,): as if there were enough of everything, until they know better
        self.wait_h = np.full(len(free_time_h), 0.5 * self.parameters.wait_limit_h)

    def serve(self, asked: np.ndarray, cars_veh: np.ndarray, time_h: np.ndarray, km: np.ndarray) -> RideHour:
        """One hour of *asked* riders and of trips by car *cars_veh*, (zones, zones)."""
        p, left, carried = self.parameters, asked.copy(), np.empty_like(asked)
        seats = p.seats * self._own_trip_frac * cars_veh
        detour_km = share_trips(self._matches, left, seats, carried)
        wanted = pooled_veh(left, p)
        found = self.fleet.fetch(wanted, time_h, km)
        hired = left * found.share[:, None]
        self._learn(asked, carried, hired)
        return RideHour(
            asked=total(asked.reshape(-1)),
            on_own_trips=carried,
            hired=hired,
            left=left - hired,
            loaded_veh=found.loaded_veh,
            empty_veh=found.empty_veh,
            detour_veh_km=detour_km,
            empty_km=found.empty_km,
            loaded_km=found.loaded_km,
            vehicles=self.fleet.vehicles.copy(),
        )

    def _learn(self, asked: np.ndarray, carried: np.ndarray, hired: np.ndarray) -> None:
        """What riders expect to wait after an hour; for a driver half of the limit on the mean."""
        p, learnt_h = self.parameters, np.empty(len(self.wait_h))
        driver_wait_h, memory = 0.5 * float(p.wait_limit_h), float(p.memory)
        approach_h, expected_h = self.fleet.approach_h, self.wait_h
        rules.learn_waits(asked, carried, hired, approach_h, driver_wait_h, memory, expected_h, learnt_h)
        self.wait_h = learnt_h
