"""How people choose among all seven modes: a nested logit over what they own and what is offered.

Used where electric cars are told apart, or bus lines, shared rides or automated vehicles exist. Elsewhere the
multinomial logit of :mod:`~agentsim.agents.households.choice` gives the same shares at less cost.

The nests are the vehicle of one's own, the shared modes {ride, bus}, foot and bicycle, and staying at home.
With the nest's coefficient l, a shared mode is chosen with

    P(m) = P(shared) exp(mu U_m / l) / sum exp(mu U / l),    weight of the nest = (sum exp(mu U / l))^l

(McFadden 1978). A person owns a car, an electric car, an automated vehicle or none, so that the nest of one's
own vehicle holds one alternative, and its coefficient has no effect.
"""

import numpy as np

from agentsim.agents.households.choice import ChoiceParameters
from agentsim.core.messages import BusOffer, RideOffer
from agentsim.core.numerics.kernel import kernel

CAR, ELECTRIC, AUTOMATED, RIDE, BUS, FOOT, STAY = range(7)
OWN = (CAR, ELECTRIC, AUTOMATED)  # vehicles that a home may own


class NestedChoice:
    """Shares of seven modes between pairs of zones.

    Parameters
    ----------
    walk_km : distance on foot, array (pairs,); road closures do not lengthen it
    fare_jpy : of the bus
    """

    def __init__(self, walk_km: np.ndarray, fare_jpy: float, parameters: ChoiceParameters) -> None:
        self.parameters = p = parameters
        self._fare_h = fare_jpy / p.value_of_time_jpy_per_h
        walk_h = walk_km / p.walk_km_per_h
        self._foot = np.exp(p.taste_per_h * (p.foot_constant_h - walk_h)) * (walk_h <= p.walk_limit_h)
        self._stay = float(np.exp(p.taste_per_h * p.stay_constant_h))
        zones = round(len(walk_km) ** 0.5)
        self._origin = np.repeat(np.arange(zones), zones)
        self._vehicle = self._vehicles()

    def shares(
        self,
        *,
        skim_h: np.ndarray,
        skim_km: np.ndarray,
        fuel_jpy_per_l: float,
        owners: np.ndarray,
        buses: BusOffer | None = None,
        rides: RideOffer | None = None,
    ) -> np.ndarray:
        """Mode shares of the people between zones, array (7, zones, zones).

        Parameters
        ----------
        skim_h, skim_km : road skims, arrays (zones, zones); ``inf`` where no road leads
        fuel_jpy_per_l : price of petrol
        owners : share of each zone's people with a car, electric car or automated vehicle that runs, array
            (3, zones)
        buses : what bus lines offer; None: a bus every so often between all zones
        rides : what shared rides offer; None: there are none
        """
        p, zones, origin, vehicle = self.parameters, len(skim_h), self._origin, self._vehicle
        time_h, length_km = np.ascontiguousarray(skim_h).ravel(), np.ascontiguousarray(skim_km).ravel()
        petrol_jpy_per_km = p.car_cost_jpy_per_km + p.car_l_per_km * fuel_jpy_per_l
        vehicle[CAR, 1] = petrol_jpy_per_km / p.value_of_time_jpy_per_h
        bus_h = even_bus_h(skim_h, skim_km, p) if buses is None else buses.trip_h
        share = np.empty((STAY + 1, len(time_h)))
        nested_shares(
            time_h,
            length_km,
            vehicle,
            (p.bus_constant_h - self._fare_h - bus_h).ravel(),
            ride_utility_h(rides, time_h, length_km, origin, p),
            float(p.taste_per_h),
            float(p.shared_nest),
            self._foot,
            self._stay,
            origin,
            np.ascontiguousarray(owners, dtype=float),
            share,
        )
        return share.reshape(-1, zones, zones)

    def _vehicles(self) -> np.ndarray:
        """Weight of an hour of driving and cost of a km [h] of each kind of vehicle, array (3, 2); what
        petrol costs is written there each time."""
        p = self.parameters
        jpy_per_km = p.car_cost_jpy_per_km + np.array([0.0, p.electric_jpy_per_km, p.automated_jpy_per_km])
        return np.column_stack(
            [np.array([1.0, 1.0, p.automated_time_frac]), jpy_per_km / p.value_of_time_jpy_per_h]
        )


def even_bus_h(skim_h: np.ndarray, skim_km: np.ndarray, p: ChoiceParameters) -> np.ndarray:
    """Time of a trip by a bus that runs between all zones, waiting included, as *skim_h* [h]."""
    stops_h = p.bus_stop_h_per_km * np.where(np.isfinite(skim_km), skim_km, 0.0)
    return skim_h + stops_h + p.bus_wait_h


def ride_utility_h(
    offer: RideOffer | None,
    time_h: np.ndarray,
    length_km: np.ndarray,
    origin: np.ndarray,
    p: ChoiceParameters,
) -> np.ndarray:
    """Utility of a shared ride, array (pairs,) [h]; -inf where nobody offers one."""
    if offer is None:
        return np.full(len(time_h), -np.inf)
    utility_h = np.empty(len(time_h))
    rate_rides(
        time_h,
        length_km,
        origin,
        offer.wait_h,
        float(p.ride_constant_h),
        1.0 + offer.detour_frac,
        float(offer.start_jpy),
        float(offer.jpy_per_km),
        float(p.value_of_time_jpy_per_h),
        utility_h,
    )
    return utility_h


@kernel
def rate_rides(
    time_h: np.ndarray,
    length_km: np.ndarray,
    origin: np.ndarray,
    wait_h: np.ndarray,
    constant_h: float,
    time_frac: float,
    start_jpy: float,
    jpy_per_km: float,
    jpy_per_h: float,
    utility_h: np.ndarray,
) -> None:
    """Utility of a shared ride, into *utility_h* (pairs,): constant less wait, time and price [h]."""
    for pair in range(time_h.size):
        if np.isfinite(time_h[pair]):
            price_h = (start_jpy + jpy_per_km * length_km[pair]) / jpy_per_h
            utility_h[pair] = constant_h - wait_h[origin[pair]] - time_frac * time_h[pair] - price_h
        else:
            utility_h[pair] = -np.inf


@kernel
def nested_shares(
    time_h: np.ndarray,
    length_km: np.ndarray,
    vehicle: np.ndarray,
    bus_h: np.ndarray,
    ride_h: np.ndarray,
    taste_per_h: float,
    nest: float,
    foot: np.ndarray,
    stay: float,
    origin: np.ndarray,
    owners: np.ndarray,
    share: np.ndarray,
) -> None:
    """Mode shares (7, pairs) over owners of each kind of vehicle and people without.

    Parameters
    ----------
    time_h, length_km : road skims, arrays (pairs,); ``inf`` where no road leads
    vehicle : weight of an hour and cost of a km [h], array (3, 2)
    bus_h, ride_h : utilities, arrays (pairs,); ``-inf`` where there is none
    foot, stay : weights exp(mu U), array (pairs,) and number
    owners : array (3, zones)
    """
    for pair in range(time_h.size):
        share[:, pair] = 0.0
        zone = origin[pair]
        best = max(bus_h[pair], ride_h[pair])
        shared, by_bus = 0.0, 0.0
        if best > -np.inf:
            bus = np.exp(taste_per_h * (bus_h[pair] - best) / nest)
            ride = np.exp(taste_per_h * (ride_h[pair] - best) / nest)
            shared = np.exp(taste_per_h * best) * (bus + ride) ** nest
            by_bus = bus / (bus + ride)
        others = shared + foot[pair] + stay
        # people who stay with the other modes, over the weight of all modes that they have
        left = (1.0 - owners[0, zone] - owners[1, zone] - owners[2, zone]) / others
        for kind in range(3):
            own = owners[kind, zone]
            if own > 0.0:
                weight = 0.0
                if np.isfinite(time_h[pair]):
                    cost_h = vehicle[kind, 0] * time_h[pair] + vehicle[kind, 1] * length_km[pair]
                    weight = np.exp(-taste_per_h * cost_h)
                share[kind, pair] = own * (weight / (weight + others))
                left += own / (weight + others)
        share[RIDE, pair] = left * shared * (1.0 - by_bus)
        share[BUS, pair] = left * shared * by_bus
        share[FOOT, pair] = left * foot[pair]
        share[STAY, pair] = left * stay
