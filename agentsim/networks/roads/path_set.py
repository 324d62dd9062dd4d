"""The arrays on which traffic equilibrium works: links, shortest-path trees, demand and path sets.

Named tuples of arrays, so that compiled kernels read ``paths.share`` and not the seventh argument.
The path set is a pool: ``paths.link[start:start + length]`` are the links of one path in the order of
travel; ``first`` is the first path of an origin-destination pair and ``next`` the one after each path.
"""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.place.cases import RoadCase

PATHS, ENTRIES, STAMP, SWEPT = range(4)  # the counters in ``PathSet.used``


class Links(NamedTuple):
    """Directed links, their volume-delay functions and their state. Arrays (links,) unless said."""

    tail: np.ndarray  # node index
    head: np.ndarray
    length_km: np.ndarray
    free_time_h: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    capacity: np.ndarray  # veh/h; 0: closed
    flow: np.ndarray  # veh/h
    time_h: np.ndarray  # inf: closed
    slope: np.ndarray  # derivative of the time by the flow, h per veh/h
    out_start: np.ndarray  # (nodes + 1,) where the links out of a node begin in out_link
    out_link: np.ndarray
    through: np.ndarray  # bool (nodes,): False where a path may begin or end but not pass


class Trees(NamedTuple):
    """One shortest-path tree for each zone, kept from call to call."""

    parent: np.ndarray  # int32 (zones, nodes): link that enters the node, -1 none
    dist_h: np.ndarray  # (zones, nodes)
    zone_km: np.ndarray  # (zones, zones) length of the quickest paths, inf where there is none
    measured: np.ndarray  # int32 (zones, nodes): the trees whose lengths these are
    queue: np.ndarray  # (nodes + 1,) work space
    waiting: np.ndarray  # bool (nodes,) work space
    stack: np.ndarray  # (nodes,) work space
    row_km: np.ndarray  # (nodes,) work space


class Demand(NamedTuple):
    """Trips of this hour. Arrays (zones * zones,), pair = origin * zones + destination."""

    trips: np.ndarray  # veh/h that some open path could take
    informed: np.ndarray  # veh/h of them that choose their path by this hour's times
    unreachable: np.ndarray  # veh/h between zones without an open path
    given_up: np.ndarray  # informed veh/h that stay: every path takes longer than the budget
    gave_up_frac: np.ndarray  # of the informed, the last time there was demand
    fresh: np.ndarray  # bool: no remembered path is open
    active: np.ndarray  # work space: pairs that are not yet settled
    tolerated: np.ndarray  # work space: excess [veh h] below which a pair is settled


class PathSet(NamedTuple):
    """The known paths, informed and remembered traffic on each."""

    first: np.ndarray  # (pairs,) index of a path, -1 none
    next: np.ndarray  # (paths,)
    start: np.ndarray  # uint32 (paths,), because a signed index is looked at whether it counts from the end
    length: np.ndarray  # uint32 (paths,) number of links
    share: np.ndarray  # (paths,) of the pair's travellers the hour before
    informed: np.ndarray  # (paths,) veh/h
    bound: np.ndarray  # (paths,) veh/h that keep to this path or stay
    uninformed: np.ndarray  # (paths,) veh/h of them that travel
    kept_frac: np.ndarray  # (paths,) uninformed / bound, the last time there was demand
    link: np.ndarray  # uint32 (entries,)
    used: np.ndarray  # (4,) paths, entries, last stamp, sweeps since the trips were loaded
    mark: np.ndarray  # (2, links) work space


def links_of(case: RoadCase) -> Links:
    """The links of *case* at free flow, with the list of links out of each node."""
    count = len(case.link_from)
    zones = len(case.zone_x_km)
    nodes = max(case.nodes, zones)
    tail = np.array(case.link_from, dtype=np.int64)
    out_start = np.zeros(nodes + 1, dtype=np.int64)
    np.cumsum(np.bincount(tail, minlength=nodes), out=out_start[1:])
    through = np.ones(nodes, dtype=np.bool_)
    if not case.through_zones:
        through[:zones] = False
    return Links(
        tail=tail,
        head=np.array(case.link_to, dtype=np.int64),
        length_km=np.array(case.link_length_km, dtype=np.float64),
        free_time_h=np.array(case.link_free_time_h, dtype=np.float64),
        alpha=np.array(case.link_bpr_alpha, dtype=np.float64),
        beta=np.array(case.link_bpr_beta, dtype=np.float64),
        capacity=np.array(case.link_capacity_veh_per_h, dtype=np.float64),
        flow=np.zeros(count),
        time_h=np.array(case.link_free_time_h, dtype=np.float64),
        slope=np.zeros(count),
        out_start=out_start,
        out_link=np.argsort(tail, kind="stable").astype(np.int64),
        through=through,
    )


def retime(links: Links, capacity_veh_per_h: np.ndarray) -> None:
    """Travel times of the flows on *links* under other capacities, (links,); 0 stays closed.

    t = t0 (1 + alpha (v/c)^beta), and its slope.
    """
    is_open = capacity_veh_per_h > 0.0
    links.capacity[:] = capacity_veh_per_h
    capacity, beta = capacity_veh_per_h[is_open], links.beta[is_open]
    ratio = links.flow[is_open] / capacity
    rise_h = links.free_time_h[is_open] * links.alpha[is_open]
    links.time_h[is_open] = links.free_time_h[is_open] + rise_h * ratio**beta
    power = np.power(ratio, beta - 1.0, out=np.zeros_like(ratio), where=ratio > 0.0)
    links.slope[is_open] = rise_h * beta * power / capacity


def empty_trees(zones: int, nodes: int) -> Trees:
    """Trees before the first call: no node is reached."""
    return Trees(
        parent=np.full((zones, nodes), -1, dtype=np.int32),
        dist_h=np.full((zones, nodes), np.inf),
        zone_km=np.full((zones, zones), np.inf),
        measured=np.full((zones, nodes), -1, dtype=np.int32),
        queue=np.zeros(nodes + 1, dtype=np.int64),
        waiting=np.zeros(nodes, dtype=np.bool_),
        stack=np.zeros(nodes, dtype=np.int64),
        row_km=np.zeros(nodes),
    )


def empty_demand(zones: int) -> Demand:
    """Demand before the first hour: no trips."""
    pairs = zones * zones
    return Demand(
        trips=np.zeros(pairs),
        informed=np.zeros(pairs),
        unreachable=np.zeros(pairs),
        given_up=np.zeros(pairs),
        gave_up_frac=np.zeros(pairs),
        fresh=np.zeros(pairs, dtype=np.bool_),
        active=np.zeros(pairs, dtype=np.int64),
        tolerated=np.zeros(pairs),
    )


def empty_paths(pairs: int, links: int, paths: int, entries: int) -> PathSet:
    """An empty path set that can hold *paths* paths of *entries* links in all."""
    return PathSet(
        first=np.full(pairs, -1, dtype=np.int64),
        next=np.full(paths, -1, dtype=np.int64),
        start=np.zeros(paths, dtype=np.uint32),
        length=np.zeros(paths, dtype=np.uint32),
        share=np.zeros(paths),
        informed=np.zeros(paths),
        bound=np.zeros(paths),
        uninformed=np.zeros(paths),
        kept_frac=np.ones(paths),
        link=np.zeros(entries, dtype=np.uint32),
        used=np.zeros(4, dtype=np.int64),
        mark=np.zeros((2, links), dtype=np.int64),
    )


def enlarged(paths: PathSet) -> PathSet:
    """The same paths, without gaps between them, in a pool more than twice as large as they need."""
    living, entries = count_living(paths)
    new = empty_paths(len(paths.first), paths.mark.shape[1], 2 * living + 256, 2 * entries + 4096)
    copy_living(paths, new)
    return new


@kernel
def count_living(paths: PathSet) -> tuple[int, int]:
    """Number of paths that belong to a pair, and of their links together."""
    living = 0
    entries = 0
    for pair in range(paths.first.size):
        path = paths.first[pair]
        while path >= 0:
            living += 1
            entries += paths.length[path]
            path = paths.next[path]
    return living, entries


@kernel
def copy_living(old: PathSet, new: PathSet) -> int:
    """Copy the living paths pair by pair, so that the paths of one pair lie side by side."""
    count = 0
    entry = 0
    for pair in range(old.first.size):
        path = old.first[pair]
        last = -1
        while path >= 0:
            if last < 0:
                new.first[pair] = count
            else:
                new.next[last] = count
            last = count
            new.start[count] = entry
            new.length[count] = old.length[path]
            new.share[count] = old.share[path]
            new.informed[count] = old.informed[path]
            new.bound[count] = old.bound[path]
            new.uninformed[count] = old.uninformed[path]
            new.kept_frac[count] = old.kept_frac[path]
            for step in range(old.start[path], old.start[path] + old.length[path]):
                new.link[entry] = old.link[step]
                entry += 1
            count += 1
            path = old.next[path]
    new.used[PATHS] = count
    new.used[ENTRIES] = entry
    new.used[SWEPT] = old.used[SWEPT]
    return count
