"""How people choose to travel: a multinomial logit over car, bus, foot and staying at home.

Utilities are in hours of travel time, ``U_m = -(t_m + c_m / v) + a_m``; the choice probability is
``exp(mu U_m) / sum exp(mu U)`` (McFadden 1974). Each row is a pair of zones: all people who travel between
them have the same utilities.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter

CAR, BUS, FOOT, STAY = range(4)


@dataclass(frozen=True)
class ChoiceParameters:
    """Times, costs and constants of the travel utilities."""

    taste_per_h: float = parameter(4.0, "1/h", "scale mu of the logit", "A", 0, 100)
    value_of_time_jpy_per_h: float = parameter(2400.0, "JPY/h", "order of Japanese appraisal", "M", 1, 1e5)
    bus_wait_h: float = parameter(0.17, "h", "half of a 20 min headway", "A", 0, 2)
    bus_stop_h_per_km: float = parameter(0.016, "h/km", "two stops a km, 30 s each", "A", 0, 1)
    bus_constant_h: float = parameter(-0.10, "h", "comfort and access", "A", -5, 5)
    walk_km_per_h: float = parameter(4.5, "km/h", "walking speed", "M", 1, 10)
    walk_limit_h: float = parameter(1.5, "h", "nobody walks longer", "A", 0, 10)
    foot_constant_h: float = parameter(-0.20, "h", "weather, loads, age", "A", -5, 5)
    stay_constant_h: float = parameter(-1.0, "h", "worth of making a trip", "A", -10, 0)
    car_cost_jpy_per_km: float = parameter(9.0, "JPY/km", "wear and parking, without fuel", "A", 0, 1000)
    car_l_per_km: float = parameter(0.065, "L/km", "15 km/L", "M", 0, 1)
    persons_per_car: float = parameter(1.3, "1", "mean occupancy", "M", 1, 8)


def mode_shares(
    time_h: np.ndarray,
    length_km: np.ndarray,
    walk_km: np.ndarray,
    fuel_jpy_per_l: float,
    fare_jpy: float,
    parameters: ChoiceParameters,
) -> tuple[np.ndarray, np.ndarray]:
    """Mode shares of people with a car and of people without, two arrays (pairs, 4).

    Parameters
    ----------
    time_h, length_km : road skims, array (pairs,); ``inf`` where no road leads: no car, no bus
    walk_km : distance on foot, array (pairs,); road closures do not lengthen it
    fuel_jpy_per_l, fare_jpy : prices
    """
    p = parameters
    reachable = np.isfinite(time_h)
    time, length = np.where(reachable, time_h, 0.0), np.where(reachable, length_km, 0.0)
    money_h_per_km = (p.car_cost_jpy_per_km + p.car_l_per_km * fuel_jpy_per_l) / p.value_of_time_jpy_per_h
    walk_h = walk_km / p.walk_km_per_h

    utility_h = np.empty((4, len(time_h)))
    utility_h[CAR] = -time - length * money_h_per_km
    utility_h[BUS] = -time - p.bus_stop_h_per_km * length - p.bus_wait_h + p.bus_constant_h
    utility_h[BUS] -= fare_jpy / p.value_of_time_jpy_per_h
    utility_h[FOOT] = p.foot_constant_h - walk_h
    utility_h[STAY] = p.stay_constant_h
    weight = np.exp(p.taste_per_h * utility_h)
    weight[:2] *= reachable
    weight[FOOT] *= walk_h <= p.walk_limit_h

    without_car = weight.copy()
    without_car[CAR] = 0.0
    return (weight / weight.sum(axis=0)).T, (without_car / without_car.sum(axis=0)).T
