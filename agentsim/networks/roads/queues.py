"""The end of an hour of traffic: who arrives, who waits for the next hour, which paths are remembered."""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.networks.roads.path_set import Demand, Links, PathSet


class HourEnd(NamedTuple):
    """What an hour leaves behind, filled by :func:`settle`."""

    passed: np.ndarray  # (links,) vehicles that passed
    queued: np.ndarray  # (pairs,) that wait at their origin for the next hour
    stranded: np.ndarray  # (pairs,) without an open path, or without one within the time budget


@inlined
def _pass_pair(links: Links, paths: PathSet, pair: int, holds_back: bool, passed: np.ndarray) -> float:
    """Vehicles of one pair that arrive within the hour; the links they use are added to *passed*."""
    arrived = 0.0
    path = paths.first[pair]
    while path >= 0:
        going = paths.informed[path] + paths.uninformed[path]
        if going > 0.0:
            steps = range(paths.start[path], paths.start[path] + paths.length[path])
            if holds_back:
                narrowest = 1.0
                for step in steps:
                    link = paths.link[step]
                    narrowest = min(narrowest, links.capacity[link] / links.flow[link])
                going *= narrowest
            for step in steps:
                passed[paths.link[step]] += going
            arrived += going
        path = paths.next[path]
    return arrived


@inlined
def _remember(paths: PathSet, demand: Demand, pair: int, forgotten_share: float) -> None:
    """This hour's paths are remembered for the next; paths below *forgotten_share* are dropped."""
    weight = 0.0
    path = paths.first[pair]
    while path >= 0:
        weight += paths.informed[path] + paths.bound[path]
        path = paths.next[path]
    demand.fresh[pair] = False
    if demand.informed[pair] > 0.0:
        demand.gave_up_frac[pair] = demand.given_up[pair] / demand.informed[pair]
    if weight <= 0.0:
        return
    remembered = 0.0
    last = -1
    path = paths.first[pair]
    while path >= 0:
        paths.share[path] = (paths.informed[path] + paths.bound[path]) / weight
        if paths.share[path] > forgotten_share:
            remembered += paths.share[path]
            if paths.bound[path] > 0.0:
                paths.kept_frac[path] = paths.uninformed[path] / paths.bound[path]
            last = path
        elif last < 0:
            paths.first[pair] = paths.next[path]
        else:
            paths.next[last] = paths.next[path]
        path = paths.next[path]
    path = paths.first[pair]
    while path >= 0:
        paths.share[path] /= remembered
        path = paths.next[path]


@kernel
def settle(
    links: Links,
    paths: PathSet,
    demand: Demand,
    holds_back: bool,
    forgotten_share: float,
    end: HourEnd,
) -> float:
    """Close the hour: fills *end* with who passed, waits and stayed; returns the vehicles that arrived.

    ``holds_back``: of the vehicles on a path the share min over its links of capacity / flow (at most 1)
    arrives, so that no link passes more than its capacity; the others wait at their origin.
    """
    passed, queued, stranded = end.passed, end.queued, end.stranded
    passed[:] = 0.0
    arrived = 0.0
    for pair in range(demand.informed.size):
        queued[pair] = 0.0
        stranded[pair] = demand.unreachable[pair]
        if demand.trips[pair] > 0.0:
            going = 0.0
            staying = demand.given_up[pair]
            path = paths.first[pair]
            while path >= 0:
                going += paths.informed[path] + paths.uninformed[path]
                staying += paths.bound[path] - paths.uninformed[path]
                path = paths.next[path]
            through = _pass_pair(links, paths, pair, holds_back, passed)
            arrived += through
            stranded[pair] += staying
            if holds_back:
                queued[pair] = max(going - through, 0.0)
            _remember(paths, demand, pair, forgotten_share)
    return arrived
