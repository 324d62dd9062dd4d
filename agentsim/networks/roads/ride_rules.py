"""The arithmetic of an hour of shared rides, zone by zone: who is near, what is driven, what riders learn.

Each sum adds in the order of ``np.sum``, to the same last bit.
"""

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum

LOST_H = 0.5  # by a rider for whom there was none in an hour: half of it
LEAST_SHARE = 1e-3  # of those who ask, below which there is no service (numerical)
LEAST_ASKED = 1e-6  # riders in an hour from whom anybody learns how long it takes (numerical)
LEAST_FETCHED = 1e-9  # trips in an hour that count (numerical)


@kernel
def look_round(
    vehicles: np.ndarray,
    order: np.ndarray,
    busy_h: float,
    area_km2: np.ndarray,
    time_h: np.ndarray,
    street_km_per_h: float,
    wait_limit_h: float,
    street_km: np.ndarray,
    approach_h: np.ndarray,
    near: np.ndarray,
    own: np.ndarray,
    spare: np.ndarray,
    missing: np.ndarray,
) -> bool:
    """How far vehicles are from riders, and what a zone's do for its own riders; whether any are left.

    Parameters
    ----------
    vehicles, order : vehicles and trips wanted, arrays (zones,)
    busy_h : time of a trip with its approach
    street_km : (zones,), filled with the distance in a zone to the nearest idle vehicle
    approach_h, near : (zones, zones), filled with the time of approach and whether it is within the limit
    own, spare, missing : (zones,), filled with trips in the own zone, trips that its vehicles could make
        besides, and trips for which none is there
    """
    zones, left = order.size, False
    for zone in range(zones):
        idle = vehicles[zone] - order[zone] * busy_h
        street_km[zone] = 0.5 * np.sqrt(area_km2[zone] / max(idle, 1.0))
    for i in range(zones):
        for j in range(zones):
            reached = np.isfinite(time_h[i, j])
            approach_h[i, j] = (time_h[i, j] if reached else 0.0) + street_km[j] / street_km_per_h
            near[i, j] = reached and approach_h[i, j] <= wait_limit_h
    for zone in range(zones):
        capacity = vehicles[zone] / busy_h
        own[zone] = min(capacity, order[zone]) if near[zone, zone] else 0.0
        spare[zone] = max(capacity - own[zone], 0.0)
        missing[zone] = order[zone] - own[zone]
        left = left or missing[zone] > LEAST_FETCHED
    return left


@kernel
def carry(
    sent: np.ndarray,
    wanted_veh: np.ndarray,
    order: np.ndarray,
    served: np.ndarray,
    share: np.ndarray,
    loaded_veh: np.ndarray,
    empty_veh: np.ndarray,
) -> None:
    """What the vehicles *sent*, (zones, zones), make of the trips wanted.

    Filled are the trips fetched in each zone and their share (zones,), and the trips with riders and those to
    another zone without (zones, zones).
    """
    zones = order.size
    served[:] = 0.0
    for i in range(zones):
        for j in range(zones):
            served[j] += sent[i, j]
            empty_veh[i, j] = sent[i, j] if i != j else 0.0
    for i in range(zones):
        share[i] = min(served[i] / order[i], 1.0) if order[i] > 0.0 else 1.0
        for j in range(zones):
            loaded_veh[i, j] = wanted_veh[i, j] * share[i]


@kernel
def sum_over_pairs(amount: np.ndarray, each: np.ndarray, product: np.ndarray) -> float:
    """Sum of *amount* x *each*, (zones, zones), where *each* is finite; *product* (pairs,) is work space."""
    zones = amount.shape[1]
    for i in range(amount.shape[0]):
        for j in range(zones):
            product[i * zones + j] = amount[i, j] * each[i, j] if np.isfinite(each[i, j]) else 0.0
    return pairwise_sum(product, 0, product.size)


@kernel
def note_approach(
    sent: np.ndarray,
    served: np.ndarray,
    approach_h: np.ndarray,
    near: np.ndarray,
    vehicles: np.ndarray,
    noted_h: np.ndarray,
) -> None:
    """Mean time until a vehicle comes in each zone, into *noted_h* (zones,).

    Where nobody was fetched it is that of the nearest vehicle, inf where none is near.
    """
    for zone in range(served.size):
        came_h, nearest_h = 0.0, np.inf
        for start in range(vehicles.size):
            came_h += sent[start, zone] * approach_h[start, zone]
            if near[start, zone] and vehicles[start] >= 1.0:
                nearest_h = min(nearest_h, approach_h[start, zone])
        noted_h[zone] = came_h / served[zone] if served[zone] > LEAST_FETCHED else nearest_h


@kernel
def move(
    sent: np.ndarray,
    loaded_veh: np.ndarray,
    busy_h: float,
    trips: float,
    vehicles: np.ndarray,
    out: np.ndarray,
    moved: np.ndarray,
) -> None:
    """Where vehicles stand when they have set down their last riders, into *moved* (zones,).

    *trips* is the sum of all with riders; *out* (zones,) is work space.
    """
    zones = vehicles.size
    for zone in range(zones):
        out[zone] = min(pairwise_sum(sent[zone], 0, zones) * busy_h, vehicles[zone])
    away = pairwise_sum(out, 0, zones)
    for zone in range(zones):
        came = 0.0
        for start in range(zones):
            came += loaded_veh[start, zone]
        moved[zone] = vehicles[zone] - out[zone] + away * (came / trips)


@kernel
def learn_waits(
    asked: np.ndarray,
    carried: np.ndarray,
    hired: np.ndarray,
    approach_h: np.ndarray,
    driver_wait_h: float,
    memory: float,
    expected_h: np.ndarray,
    learnt_h: np.ndarray,
) -> None:
    """What riders expect to wait after an hour, into *learnt_h* (zones,), from what they *expected*.

    *asked*, *carried* by drivers and *hired* are riders by pair, (zones, zones). With a share s served in an
    hour a rider is left (1 - s) / s times on the mean before somebody comes, and loses half an hour each
    time. Where nobody asked, nobody learns.
    """
    zones = expected_h.size
    for zone in range(zones):
        riders = pairwise_sum(asked[zone], 0, zones)
        by_driver, by_hire = pairwise_sum(carried[zone], 0, zones), pairwise_sum(hired[zone], 0, zones)
        served = by_driver + by_hire
        came_h = by_driver * driver_wait_h
        if by_hire > 0.0:
            came_h += by_hire * approach_h[zone]
        share = min(max(served / riders, LEAST_SHARE), 1.0) if riders > 0.0 else 1.0
        wait_h = came_h / served if served > 0.0 else 0.0
        wait_h += LOST_H * (1.0 - share) / share
        learnt = memory * expected_h[zone] + (1.0 - memory) * wait_h
        learnt_h[zone] = learnt if riders > LEAST_ASKED else expected_h[zone]
