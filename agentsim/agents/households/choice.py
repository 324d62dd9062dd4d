"""How people choose to travel: a multinomial logit over car, bus, foot and staying at home.

Utilities are in hours of travel time, ``U_m = -(t_m + c_m / v) + a_m``; the choice probability is
``exp(mu U_m) / sum exp(mu U)`` (McFadden 1974). All who travel between the same two zones have the same.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.parameters import parameter

CAR, BUS, FOOT, STAY = range(4)


@dataclass(frozen=True)
class ChoiceParameters:
    """Times, costs and constants of the travel utilities."""

    taste_per_h: float = parameter(4.0, "1/h", "scale mu of the logit", "A", 0, 100)
    value_of_time_jpy_per_h: float = parameter(2400.0, "JPY/h", "order of Japanese appraisal", "M", 1, 1e5)
    bus_wait_h: float = parameter(0.17, "h", "half of a 20 min headway", "A", 0, 2)
    bus_stop_h_per_km: float = parameter(0.016, "h/km", "two stops a km, 30 s each", "A", 0, 1)
    bus_constant_h: float = parameter(
        -0.62,
        "h",
        "comfort, and the way to the stop and from it, which counts double: a bus share of about 5 %, as in "
        "Japanese regional cities (nationwide person trip survey)",
        "A",
        -5,
        5,
    )
    walk_km_per_h: float = parameter(
        6.0, "km/h", "on foot 4.5, or by bicycle 12 on a third of the trips without a motor", "A", 1, 15
    )
    walk_limit_h: float = parameter(1.5, "h", "nobody walks longer", "A", 0, 10)
    foot_constant_h: float = parameter(-0.20, "h", "weather, loads, age", "A", -5, 5)
    stay_constant_h: float = parameter(-1.0, "h", "worth of making a trip", "A", -10, 0)
    car_cost_jpy_per_km: float = parameter(9.0, "JPY/km", "wear and parking, without fuel", "A", 0, 1000)
    car_l_per_km: float = parameter(0.065, "L/km", "15 km/L", "M", 0, 1)
    persons_per_car: float = parameter(1.3, "1", "mean occupancy", "M", 1, 8)
    shared_nest: float = parameter(
        0.7,
        "1",
        "log-sum coefficient of the nest of bus and shared ride, between which people change more easily "
        "than to other modes; 1: no nest. Estimates for nests of public modes lie between 0.5 and 1",
        "A",
        0.05,
        1,
    )
    electric_jpy_per_km: float = parameter(
        5.0, "JPY/km", "energy of an electric car, 0.16 kWh/km at 31 JPY/kWh", "M", 0, 1000
    )
    automated_time_frac: float = parameter(
        0.75,
        "1",
        "an hour in an automated vehicle over an hour at the wheel; stated-preference studies give 0.6 to 1",
        "A",
        0.1,
        1,
    )
    automated_jpy_per_km: float = parameter(
        5.0, "JPY/km", "energy of an automated vehicle, taken to be electric", "A", 0, 1000
    )
    ride_constant_h: float = parameter(
        -0.10, "h", "a ride with strangers beside one's own car, apart from time and price", "A", -5, 5
    )


class ModeChoice:
    """Mode shares between pairs of zones; what does not change from hour to hour is worked out once.

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
        self._stay = float(np.exp(np.full(1, p.taste_per_h * p.stay_constant_h))[0])
        self._weight = np.empty((2, len(walk_km)))  # of car and bus

    def shares(
        self,
        time_h: np.ndarray,
        length_km: np.ndarray,
        fuel_jpy_per_l: float,
        origin: np.ndarray,
        car_frac: np.ndarray,
    ) -> np.ndarray:
        """Mode shares of the people between each pair of zones, array (4, pairs).

        Parameters
        ----------
        time_h, length_km : road skims, arrays (pairs,); ``inf`` where no road leads: no car, no bus
        fuel_jpy_per_l : price of petrol
        origin : zone where each pair begins, array (pairs,)
        car_frac : share of each zone's people who have a car, array (zones,)
        """
        p, weight, share = self.parameters, self._weight, np.empty((4, len(time_h)))
        money_jpy_per_km = p.car_cost_jpy_per_km + p.car_l_per_km * fuel_jpy_per_l
        weigh_roads(
            time_h,
            length_km,
            float(p.taste_per_h),
            money_jpy_per_km / p.value_of_time_jpy_per_h,
            float(p.bus_stop_h_per_km),
            float(p.bus_wait_h),
            float(p.bus_constant_h),
            self._fare_h,
            weight,
        )
        np.exp(weight, out=weight)
        share_out(time_h, weight, self._foot, self._stay, origin, car_frac, share)
        return share


@kernel
def weigh_roads(
    time_h: np.ndarray,
    length_km: np.ndarray,
    taste_per_h: float,
    car_h_per_km: float,
    bus_h_per_km: float,
    bus_wait_h: float,
    bus_constant_h: float,
    fare_h: float,
    exponent: np.ndarray,
) -> None:
    """The exponents mu U of car and bus, array (2, pairs); 0 travel time where no road leads."""
    for pair in range(time_h.size):
        reached = np.isfinite(time_h[pair])
        time = time_h[pair] if reached else 0.0
        length = length_km[pair] if reached else 0.0
        exponent[CAR, pair] = taste_per_h * (-time - length * car_h_per_km)
        bus_h = -time - bus_h_per_km * length - bus_wait_h + bus_constant_h - fare_h
        exponent[BUS, pair] = taste_per_h * bus_h


@kernel
def share_out(
    time_h: np.ndarray,
    road: np.ndarray,
    foot: np.ndarray,
    stay: float,
    origin: np.ndarray,
    car_frac: np.ndarray,
    share: np.ndarray,
) -> None:
    """Mode shares (4, pairs) over people with a car and without, from the weights exp(mu U).

    *road* (2, pairs) are the weights of car and bus, which count only where a road leads.
    """
    by_car, by_bus, on_foot, at_home = share[CAR], share[BUS], share[FOOT], share[STAY]
    weight_car, weight_bus = road[CAR], road[BUS]
    # looked up first, so that the loop below works on several pairs at once
    for pair in range(time_h.size):
        at_home[pair] = car_frac[origin[pair]]
    for pair in range(time_h.size):
        reached, own = 1.0 if np.isfinite(time_h[pair]) else 0.0, at_home[pair]
        car, bus, walk = weight_car[pair] * reached, weight_bus[pair] * reached, foot[pair]
        with_car, without = car + bus + walk + stay, bus + walk + stay
        by_car[pair] = own * (car / with_car)
        by_bus[pair] = own * (bus / with_car) + (1.0 - own) * (bus / without)
        on_foot[pair] = own * (walk / with_car) + (1.0 - own) * (walk / without)
        at_home[pair] = own * (stay / with_car) + (1.0 - own) * (stay / without)
