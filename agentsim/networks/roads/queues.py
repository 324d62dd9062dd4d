"""Who waits from one hour of traffic to the next: who sets out, who arrives, which paths are remembered."""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.networks.roads.path_set import SWEPT, Demand, Links, PathSet


class HourEnd(NamedTuple):
    """What an hour leaves behind, filled by :func:`settle`."""

    passed: np.ndarray  # (links,) vehicles that passed
    queued: np.ndarray  # (pairs,) that wait at their origin for the next hour
    stranded: np.ndarray  # (pairs,) without an open path, or without one within the time budget
    ratio: np.ndarray  # (links,) vehicles that passed over capacity, 0 where none passed
    let_through: np.ndarray  # (links,) work space: capacity over the flow that wanted to pass


def empty_end(links: int, pairs: int) -> HourEnd:
    """Arrays for :func:`settle` to fill."""
    return HourEnd(
        passed=np.zeros(links),
        queued=np.zeros(pairs),
        stranded=np.zeros(pairs),
        ratio=np.zeros(links),
        let_through=np.zeros(links),
    )


@kernel
def set_out(asked: np.ndarray, queued: np.ndarray, trips: np.ndarray) -> bool:
    """What is asked and what waited, into *trips*, all (pairs,); False if any asked is not 0 or more."""
    sound = True
    for pair in range(trips.size):
        sound &= asked[pair] >= 0.0
        trips[pair] = asked[pair] + queued[pair]
    return sound


@inlined
def _find_narrow(links: Links, let_through: np.ndarray) -> bool:
    """Fill *let_through* (links,) with capacity / flow; whether that is below 1 anywhere."""
    narrow = False
    for link in range(let_through.size):
        let_through[link] = links.capacity[link] / links.flow[link]
        narrow = narrow or let_through[link] < 1.0
    return narrow


@inlined
def _pass_pair(
    paths: PathSet, pair: int, narrow: bool, counted: bool, end: HourEnd, given_up: float
) -> tuple[float, float, float]:
    """Vehicles of one pair that set out, stay, and arrive within the hour.

    Those that arrive are added to the links, unless they are *counted* there already.
    """
    set_out = 0.0
    staying = given_up
    arrived = 0.0
    path = paths.first[pair]
    while path >= 0:
        going = paths.informed[path] + paths.uninformed[path]
        set_out += going
        staying += paths.bound[path] - paths.uninformed[path]
        if going > 0.0 and not counted:
            steps = range(paths.start[path], paths.start[path] + paths.length[path])
            if narrow:
                narrowest = 1.0
                for step in steps:
                    narrowest = min(narrowest, end.let_through[paths.link[step]])
                going *= narrowest
            for step in steps:
                end.passed[paths.link[step]] += going
        arrived += going
        path = paths.next[path]
    return set_out, staying, arrived


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
    links_: tuple,
    paths_: tuple,
    demand_: tuple,
    holds_back: bool,
    forgotten_share: float,
    end_: tuple,
) -> tuple[float, bool]:
    """Close the hour: fills *end* with who passed, waits and stayed; returns how many arrived, and whether
    any can wait.

    Links, PathSet, Demand and HourEnd come as plain tuples, which numba takes in a quarter of the time.

    ``holds_back``: of the vehicles on a path the share min over its links of capacity / flow (at most 1)
    arrives, so that no link passes more than its capacity; the others wait at their origin.
    """
    links, paths, demand, end = Links(*links_), PathSet(*paths_), Demand(*demand_), HourEnd(*end_)
    passed, queued, stranded = end.passed, end.queued, end.stranded
    narrow = holds_back and _find_narrow(links, end.let_through)
    # flows are the sum over the paths as long as nobody has changed to another
    counted = not narrow and paths.used[SWEPT] == 0
    for link in range(passed.size):
        passed[link] = links.flow[link] if counted else 0.0
    arrived = 0.0
    for pair in range(demand.informed.size):
        queued[pair] = 0.0
        stranded[pair] = demand.unreachable[pair]
        if demand.trips[pair] > 0.0:
            set_out, staying, through = _pass_pair(paths, pair, narrow, counted, end, demand.given_up[pair])
            arrived += through
            stranded[pair] += staying
            if holds_back:
                queued[pair] = max(set_out - through, 0.0)
            _remember(paths, demand, pair, forgotten_share)
    for link in range(passed.size):
        end.ratio[link] = passed[link] / links.capacity[link] if passed[link] > 0.0 else 0.0
    return arrived, narrow
