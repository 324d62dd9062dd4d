"""Streets over water mains: links between zones, and vehicle trips from zone to zone."""

from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.graphs import joining_pairs, shortest_times
from agentsim.core.numerics.shares import share
from agentsim.place.cases import RoadCase
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.inp import InpNetwork


def zone_of_nodes(network: InpNetwork, junction_zone: np.ndarray) -> np.ndarray:
    """Zone of every node, array (nodes,): a tank or source belongs to the first junction it is joined to."""
    zone = np.full(len(network.node_id), -1)
    zone[: len(junction_zone)] = junction_zone
    for _ in range(len(zone)):
        before = zone.copy()
        for a, b in zip(network.link_from.tolist(), network.link_to.tolist(), strict=True):
            if zone[a] < 0 <= zone[b]:
                zone[a] = zone[b]
            elif zone[b] < 0 <= zone[a]:
                zone[b] = zone[a]
        if (zone == before).all():
            break
    return zone


def streets(
    network: InpNetwork, node_zone: np.ndarray, x_km: np.ndarray, y_km: np.ndarray, arterial_mm: float
) -> tuple[np.ndarray, np.ndarray]:
    """Pairs of zones with a street between them, array (streets, 2), and whether each is an arterial.

    There is a street wherever a pipe, pump or valve joins two zones; it is an arterial where the widest of
    these is at least *arterial_mm*. Parts without mains between them are joined by the shortest street.
    """
    ends = np.column_stack([node_zone[network.link_from], node_zone[network.link_to]])
    crossing = (ends[:, 0] != ends[:, 1]) & (ends >= 0).all(axis=1)
    pairs = np.sort(ends[crossing], axis=1)
    unique, inverse = np.unique(pairs, axis=0, return_inverse=True)
    widest = np.zeros(len(unique))
    np.maximum.at(widest, inverse.ravel(), network.link_diameter_mm[crossing])
    distance_km = np.hypot(x_km[:, None] - x_km[None, :], y_km[:, None] - y_km[None, :])
    extra = joining_pairs(unique, distance_km)
    return np.vstack([unique, extra]), np.concatenate(
        [widest >= arterial_mm, np.zeros(len(extra), dtype=bool)]
    )


def gravity_trips(
    people: np.ndarray, jobs: np.ndarray, time_h: np.ndarray, p: PlaceParameters, total: float
) -> np.ndarray:
    """Vehicles from zone to zone at the peak hour, array (zones, zones), diagonal 0, sum *total*.

    T_ij = a_i b_j exp(-t_ij / trip_decay_h), balanced (Furness 1965) so that trips begin where people live, a
    share ``outward_frac``, and where jobs are, the rest; and end the other way round.
    """
    home = people / people.sum()
    work = jobs / jobs.sum()
    start = p.outward_frac * home + (1.0 - p.outward_frac) * work
    end = p.outward_frac * work + (1.0 - p.outward_frac) * home
    trips = np.outer(start, end) * np.exp(-time_h / p.trip_decay_h)
    np.fill_diagonal(trips, 0.0)
    if not trips.sum() > 0:
        raise UnbuildablePlace(
            "roads", "no zone is near enough to another for a trip", "check coordinates and lengths of pipes"
        )
    for _ in range(100):
        trips *= share(start, trips.sum(axis=1))[:, None]
        trips *= share(end, trips.sum(axis=0))[None, :]
    return trips * (total / trips.sum())


def volumes(od_veh_per_h: np.ndarray, first: np.ndarray, link_to: np.ndarray, links: int) -> np.ndarray:
    """Volume of each link [veh/h] if all take the way that begins with link ``first[here, goal]``."""
    volume = np.zeros(links)
    here, goal = np.nonzero(od_veh_per_h)
    trips = od_veh_per_h[here, goal]
    while len(here):
        link = first[here, goal]
        np.add.at(volume, link, trips)
        here = link_to[link]
        on = here != goal
        here, goal, trips = here[on], goal[on], trips[on]
    return volume


@dataclass(frozen=True)
class _Traffic:
    """The peak's trips on the streets, whose capacities are still to be found."""

    od: np.ndarray  # (zones, zones) veh/h
    link_from: np.ndarray
    link_to: np.ndarray
    time_h: np.ndarray
    p: PlaceParameters

    def volume(self, capacity: np.ndarray | float) -> np.ndarray:
        """Volume of each link [veh/h]: an eighth of the trips at a time, on the times that others leave."""
        parts, volume = 8, np.zeros(len(self.link_to))
        for _ in range(parts):
            slow = self.time_h * (1.0 + self.p.bpr_alpha * (volume / capacity) ** self.p.bpr_beta)
            _, first = shortest_times(len(self.od), self.link_from, self.link_to, slow)
            volume += volumes(self.od / parts, first, self.link_to, len(volume))
        return volume


def _lane_capacity(traffic: _Traffic, lanes: np.ndarray) -> float:
    """Capacity of a lane at which vehicles meet a mean v/c of ``mean_vc`` [veh/h].

    Incremental assignment; then the capacity is corrected, five times over.
    """
    capacity = np.inf
    for _ in range(6):
        volume = traffic.volume(lanes * capacity)
        capacity = float((volume**2 / lanes).sum() / volume.sum()) / traffic.p.mean_vc
    return capacity


def _lanes_added(traffic: _Traffic, lanes: np.ndarray, lane_capacity: float) -> np.ndarray:
    """More lanes where v/c is above ``mean_vc``, until vehicles meet no more than that on the mean.

    Both directions of a street, which are neighbours in the arrays (links,), have as many.
    """
    p = traffic.p
    for _ in range(_LANE_ROUNDS):
        volume = traffic.volume(lanes * lane_capacity)
        if (volume**2 / (lanes * lane_capacity)).sum() <= p.mean_vc * volume.sum():
            break
        needed = np.ceil(volume / (p.mean_vc * lane_capacity))
        lanes = np.maximum(lanes, np.repeat(needed.reshape(-1, 2).max(axis=1), 2))
    return lanes


_LANE_ROUNDS = 40  # lanes only grow, so that v/c falls; some rounds are enough


def mean_vc(roads: RoadCase) -> float:
    """Volume over capacity that vehicles meet at the peak hour on the mean, by incremental assignment."""
    zones = len(roads.zone_x_km)
    nodes, first_through = max(roads.nodes, zones), 0 if roads.through_zones else zones
    od = np.zeros((nodes, nodes))
    od[:zones, :zones] = roads.od_veh_per_h
    volume = np.zeros(len(roads.link_to))
    parts = 8 if nodes <= 200 else 3
    for _ in range(parts):
        ratio = volume / roads.link_capacity_veh_per_h
        slow = roads.link_free_time_h * (1.0 + roads.link_bpr_alpha * ratio**roads.link_bpr_beta)
        _, first = shortest_times(nodes, roads.link_from, roads.link_to, slow, first_through)
        volume += volumes(od / parts, first, roads.link_to, len(volume))
    total = volume.sum()
    return float((volume**2 / roads.link_capacity_veh_per_h).sum() / total) if total > 0 else 0.0


def peak_trips(people: np.ndarray, p: PlaceParameters) -> float:
    """Vehicles that set out between zones in the peak hour: as stated, else in proportion to people."""
    if p.peak_trips_veh_per_h is not None:
        return p.peak_trips_veh_per_h
    return p.peak_trips_per_person * float(people.sum())


def build_roads(
    x_km: np.ndarray,
    y_km: np.ndarray,
    pairs: np.ndarray,
    arterial: np.ndarray,
    people: np.ndarray,
    jobs: np.ndarray,
    zone_district: np.ndarray,
    p: PlaceParameters,
) -> tuple[RoadCase, PlaceParameters]:
    """Links both ways between joined zones, and the demand of the peak hour. Signals have no feeder yet.

    Returns the numbers too, with trips and the capacity of a lane derived.
    """
    link_from, link_to = pairs.ravel(), pairs[:, ::-1].ravel()
    wide = np.repeat(arterial, 2)
    straight = np.hypot(x_km[link_from] - x_km[link_to], y_km[link_from] - y_km[link_to])
    length = np.maximum(p.road_detour * straight, p.road_least_km)
    time = length / np.where(wide, p.speed_km_per_h[1], p.speed_km_per_h[0])
    skim, _ = shortest_times(len(x_km), link_from, link_to, time)
    total = peak_trips(people, p)
    od = gravity_trips(people, jobs, skim, p, total)
    lanes, p = _lanes(_Traffic(od, link_from, link_to, time, p), wide)
    assert p.lane_capacity_veh_per_h is not None
    roads = RoadCase(
        zone_x_km=x_km,
        zone_y_km=y_km,
        link_from=link_from,
        link_to=link_to,
        link_length_km=length,
        link_free_time_h=time,
        link_capacity_veh_per_h=lanes * p.lane_capacity_veh_per_h,
        link_bpr_alpha=np.full(len(link_from), p.bpr_alpha),
        link_bpr_beta=np.full(len(link_from), p.bpr_beta),
        od_veh_per_h=od,
        link_arterial=wide,
        link_district=np.column_stack([zone_district[link_from], zone_district[link_to]]),
        nodes=len(x_km),
    )
    return roads, replace(p, peak_trips_veh_per_h=total)


def _lanes(traffic: _Traffic, wide: np.ndarray) -> tuple[np.ndarray, PlaceParameters]:
    """Lanes of each link, and the numbers with the capacity of a lane, and lanes where some are added."""
    p = traffic.p
    lanes = np.where(wide, p.lanes[1], p.lanes[0]).astype(float)
    if p.street_lanes is not None:
        if len(p.street_lanes) * 2 != len(wide):
            rule = f"street_lanes has {len(p.street_lanes)} entries, and there are {len(wide) // 2} streets"
            raise UnbuildablePlace("place.toml", rule, "give one for each, or leave street_lanes out")
        lanes = np.repeat(np.array(p.street_lanes, dtype=float), 2)
    capacity = p.lane_capacity_veh_per_h
    if capacity is None:
        capacity = max(_lane_capacity(traffic, lanes), _LEAST_LANE_VEH_PER_H)
        if p.street_lanes is None and capacity > p.lane_capacity_most_veh_per_h:
            capacity = p.lane_capacity_most_veh_per_h
            lanes = _lanes_added(traffic, lanes, capacity)
            p = replace(p, street_lanes=tuple(int(one) for one in lanes[::2]))
        capacity = min(capacity, p.lane_capacity_most_veh_per_h)
    return lanes, replace(p, lane_capacity_veh_per_h=capacity)


_LEAST_LANE_VEH_PER_H = 1.0  # where hardly anybody drives
