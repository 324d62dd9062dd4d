"""Automated cars on the road: the capacity of mixed traffic, and kilometres that nobody rides."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter

KM_PER_H_PER_M_PER_S = 3.6


@dataclass(frozen=True)
class AutomatedCarsParameters:
    """How automated cars follow others, and what they drive without anybody in them."""

    human_headway_s: float = parameter(
        1.0, "s", "time that a person keeps to the car ahead (Levin & Boyles 2016)", "M", 0.1, 10
    )
    automated_headway_s: float = parameter(
        0.5,
        "s",
        "the same of an automated car (Levin & Boyles 2016, assumed there); cruise controls on sale keep 1.1 "
        "to 2.2, which is more than people do; varied 0.5-2",
        "A",
        0.1,
        10,
    )
    vehicle_m: float = parameter(6.1, "m", "length with the gap at standstill, 20 ft, as above", "M", 1, 30)
    speed_km_per_h: float = parameter(50.0, "km/h", "in a city at capacity", "M", 5, 150)
    sent_home_frac: float = parameter(
        0.15,
        "1",
        "of trips with an automated car of one's own, those after which it drives home empty; families with "
        "a chauffeur for a week drove a fifth of the added distance empty (Harb et al. 2018)",
        "A",
        0,
        1,
    )
    cloud_stops_frac: float = parameter(
        1.0, "1", "cars of the cloud that obey an order to stop; the others ask their owner", "A", 0, 1
    )


def capacity_factor(automated_frac: float, parameters: AutomatedCarsParameters) -> float:
    """Capacity of a road with a share of automated cars, over that with people alone (Levin & Boyles 2016).

    With headways tau by the car that follows, whoever it follows, a lane passes

        c = u / (u sum_k p_k tau_k + l)

    vehicles an hour at speed u; l is a vehicle's length. Automated cars that keep more distance than people
    lower it.

    >>> [round(capacity_factor(p, AutomatedCarsParameters()), 2) for p in (0.0, 0.5, 1.0)]
    [1.0, 1.21, 1.53]
    >>> capacity_factor(0.5, AutomatedCarsParameters(automated_headway_s=1.5)) < 1.0
    True
    """
    p = parameters
    speed_m_per_s = p.speed_km_per_h / KM_PER_H_PER_M_PER_S
    mixed_s = (1.0 - automated_frac) * p.human_headway_s + automated_frac * p.automated_headway_s
    human_m = speed_m_per_s * p.human_headway_s + p.vehicle_m
    return human_m / (speed_m_per_s * mixed_s + p.vehicle_m)


def sent_home_veh(automated_veh: np.ndarray, parameters: AutomatedCarsParameters) -> np.ndarray:
    """Automated cars that drive without anybody, array (zones, zones).

    After a trip from a zone to another a share goes back the way it came: in the morning home from work, in
    the afternoon from home to work, to fetch its people.
    """
    return parameters.sent_home_frac * automated_veh.T
