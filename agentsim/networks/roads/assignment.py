"""User equilibrium of road traffic by gradient projection on paths: pure kernels, arrays in, arrays out.

Wardrop's first principle (1952): no traveller can arrive earlier by another path. Equivalently the flows
minimise Beckmann's sum of integrals, sum over links of the integral of t(x) from 0 to the link's flow
(Beckmann, McGuire and Winsten 1956). Two extensions keep the same programme convex:

- *a time budget*: every pair has one more "path", to stay, that takes exactly the budget;
- *uninformed travellers* keep to the path they took the hour before; their only choice is to stay.

Method: gradient projection (Jayakrishnan et al. 1994). In turn (1) shortest-path trees are repaired, not
rebuilt; (2) every pair is priced, which gives the exact relative gap; (3) pairs that matter get their
new path and move flow towards their cheapest one by a Newton step on the links that differ.
"""

import numpy as np

from agentsim.core.numerics.kernel import called, inlined, kernel
from agentsim.networks.roads.path_set import ENTRIES, PATHS, STAMP, SWEPT, Demand, Links, PathSet, Trees

SETTLED_FRAC = 0.1  # a pair with less than this share of the admissible gap is left alone
SWEEPS = 20  # projection steps on known paths between two pricings, at most
SWEPT_FRAC = 0.1  # sweeps end when the gap over known paths is below this share of the admissible gap


@inlined
def bpr(flow: float, free_time_h: float, alpha: float, beta: float, capacity: float) -> tuple[float, float]:
    """Travel time [h] and its slope [h per veh/h]: t0 (1 + alpha (v/c)^beta), Bureau of Public Roads 1964."""
    ratio = flow / capacity
    if beta == 4.0:
        power = ratio * ratio * ratio
    elif beta == 1.0:
        power = 1.0
    elif beta == 0.0:
        return free_time_h * (1.0 + alpha), 0.0
    else:
        power = ratio ** (beta - 1.0)
    rise = free_time_h * alpha * power
    return free_time_h + rise * ratio, rise * beta / capacity


@inlined
def _add_flow(links: Links, link: int, change: float) -> None:
    flow = max(links.flow[link] + change, 0.0)
    links.flow[link] = flow
    links.time_h[link], links.slope[link] = bpr(
        flow, links.free_time_h[link], links.alpha[link], links.beta[link], links.capacity[link]
    )


@inlined
def sum_along(
    parent: np.ndarray, tail: np.ndarray, value: np.ndarray, origin: int, out: np.ndarray, stack: np.ndarray
) -> None:
    """Sum of *value* >= 0 along a tree from *origin* to every node, into *out*; inf where it never leads."""
    out[:] = -1.0
    out[origin] = 0.0
    for node in range(out.size):
        here = node
        depth = 0
        while out[here] < 0.0 and parent[here] >= 0:
            stack[depth] = here
            depth += 1
            here = tail[parent[here]]
        if out[here] < 0.0:
            out[here] = np.inf
        while depth > 0:
            depth -= 1
            here = stack[depth]
            link = parent[here]
            out[here] = out[tail[link]] + value[link]


@inlined
def _scan(
    links: Links,
    parent: np.ndarray,
    dist: np.ndarray,
    queue: np.ndarray,
    waiting: np.ndarray,
    origin: int,
    node: int,
    tail_end: int,
) -> int:
    """Try every link out of *node*; nodes that come nearer join the queue. Returns the queue's new end."""
    if dist[node] == np.inf or not (links.through[node] or node == origin):
        return tail_end
    for k in range(links.out_start[node], links.out_start[node + 1]):
        link = links.out_link[k]
        head = links.head[link]
        nearer = dist[node] + links.time_h[link]
        if nearer < dist[head]:
            dist[head] = nearer
            parent[head] = link
            if not waiting[head]:
                waiting[head] = True
                queue[tail_end] = head
                tail_end = (tail_end + 1) % queue.size
    return tail_end


@inlined
def _is_shortest(links: Links, dist: np.ndarray, origin: int) -> bool:
    """Whether no link leads anywhere sooner than *dist* (nodes,) from *origin* (Bellman's conditions)."""
    for link in range(links.tail.size):
        node = links.tail[link]
        nearer = dist[node] + links.time_h[link] < dist[links.head[link]]
        if nearer and (links.through[node] or node == origin):
            return False
    return True


@called
def repair_trees(links: Links, trees: Trees) -> None:
    """Make every zone's tree a shortest-path tree under the present link times, starting from what it was.

    Distances along the old tree are upper bounds; a label-correcting queue lowers them until Bellman's
    conditions hold. A tree that is still right costs one look at each link.
    """
    queue, waiting = trees.queue, trees.waiting
    for origin in range(trees.parent.shape[0]):
        parent = trees.parent[origin]
        dist = trees.dist_h[origin]
        sum_along(parent, links.tail, links.time_h, origin, dist, trees.stack)
        if _is_shortest(links, dist, origin):
            continue
        front = 0
        end = _scan(links, parent, dist, queue, waiting, origin, node=origin, tail_end=0)
        for node in range(dist.size):
            end = _scan(links, parent, dist, queue, waiting, origin, node=node, tail_end=end)
        while front != end:
            node = queue[front]
            front = (front + 1) % queue.size
            waiting[node] = False
            end = _scan(links, parent, dist, queue, waiting, origin, node=node, tail_end=end)


@inlined
def _cost(links: Links, paths: PathSet, path: int) -> float:
    total = 0.0
    for step in range(paths.start[path], paths.start[path] + paths.length[path]):
        total += links.time_h[paths.link[step]]
    return total


@inlined
def _slope(links: Links, paths: PathSet, path: int) -> float:
    total = 0.0
    for step in range(paths.start[path], paths.start[path] + paths.length[path]):
        total += links.slope[paths.link[step]]
    return total


@inlined
def _shift(links: Links, paths: PathSet, path: int, change: float) -> None:
    for step in range(paths.start[path], paths.start[path] + paths.length[path]):
        _add_flow(links, paths.link[step], change)


@inlined
def _add_path(links: Links, trees: Trees, paths: PathSet, pair: int, zones: int) -> int:
    """Put the tree's path at the head of the pair's list. Returns it, or -1 if the pool is full."""
    origin = pair // zones
    parent = trees.parent[origin]
    length = 0
    node = pair % zones
    while node != origin:
        length += 1
        node = links.tail[parent[node]]
    path = paths.used[PATHS]
    start = paths.used[ENTRIES]
    if path >= paths.next.size or start + length > paths.link.size:
        return -1
    node = pair % zones
    for step in range(start + length - 1, start - 1, -1):
        paths.link[step] = parent[node]
        node = links.tail[parent[node]]
    paths.start[path] = start
    paths.length[path] = length
    paths.share[path] = 0.0
    paths.informed[path] = 0.0
    paths.bound[path] = 0.0
    paths.uninformed[path] = 0.0
    paths.kept_frac[path] = 1.0
    paths.next[path] = paths.first[pair]
    paths.first[pair] = path
    paths.used[PATHS] = path + 1
    paths.used[ENTRIES] = start + length
    return path


@inlined
def _open_share(links: Links, paths: PathSet, pair: int) -> float:
    """Share of the remembered paths that is open. If any is, the closed ones are forgotten."""
    total = 0.0
    path = paths.first[pair]
    while path >= 0:
        if _cost(links, paths, path) < np.inf:
            total += paths.share[path]
        path = paths.next[path]
    if total <= 0.0:
        paths.first[pair] = -1
        return 0.0
    last = -1
    path = paths.first[pair]
    while path >= 0:
        if _cost(links, paths, path) < np.inf:
            last = path
        elif last < 0:
            paths.first[pair] = paths.next[path]
        else:
            paths.next[last] = paths.next[path]
        path = paths.next[path]
    return total


@inlined
def _load_pair(
    links: Links,
    paths: PathSet,
    demand: Demand,
    pair: int,
    trips: float,
    open_share: float,
    informed_frac: float,
) -> None:
    """Spread the trips of one pair over its paths by the shares of the hour before."""
    informed = trips if demand.fresh[pair] else informed_frac * trips
    demand.trips[pair] = trips
    demand.informed[pair] = informed
    demand.given_up[pair] = informed * demand.gave_up_frac[pair]
    travelling = informed - demand.given_up[pair]
    path = paths.first[pair]
    while path >= 0:
        share = paths.share[path] / open_share if open_share > 0.0 else 0.0
        paths.informed[path] = travelling * share
        paths.bound[path] = (trips - informed) * share
        paths.uninformed[path] = paths.bound[path] * paths.kept_frac[path]
        total = paths.informed[path] + paths.uninformed[path]
        for step in range(paths.start[path], paths.start[path] + paths.length[path]):
            links.flow[paths.link[step]] += total
        path = paths.next[path]


@inlined
def _load(
    links: Links,
    trees: Trees,
    paths: PathSet,
    demand: Demand,
    trips: np.ndarray,
    capacity: np.ndarray,
    informed_frac: float,
) -> bool:
    """Put this hour's *trips* (pairs,) on the known paths; False if the pool is full (then: again).

    *capacity* (links,) is what is left of each link this hour, 0 where it is closed. A pair without an
    open way is unreachable. A pair that remembers no open path starts on the shortest one. The trees come
    as they belong to the link times, and are repaired only where links were closed or opened.
    """
    zones = trees.parent.shape[0]
    paths.used[SWEPT] = 0
    any_closed = False
    changed = False
    for link in range(capacity.size):
        links.capacity[link] = capacity[link]
        links.flow[link] = 0.0
        is_closed = capacity[link] <= 0.0
        any_closed = any_closed or is_closed
        if is_closed != (links.time_h[link] == np.inf):
            links.time_h[link] = np.inf if is_closed else links.free_time_h[link]
            changed = True
    if changed:
        repair_trees(links, trees)
    for origin in range(zones):
        for destination in range(zones):
            pair = origin * zones + destination
            wanted = trips[pair] if origin != destination else 0.0
            reached = trees.dist_h[origin, destination] < np.inf
            demand.unreachable[pair] = 0.0 if reached else wanted
            open_share = 1.0
            if wanted <= 0.0 or not reached:
                wanted = 0.0
            elif any_closed or paths.first[pair] < 0:
                open_share = _open_share(links, paths, pair)
                if open_share <= 0.0:
                    demand.fresh[pair] = True
                    demand.gave_up_frac[pair] = 0.0
                    path = _add_path(links, trees, paths, pair, zones)
                    if path < 0:
                        return False
                    paths.share[path] = open_share = 1.0
            _load_pair(
                links, paths, demand, pair, trips=wanted, open_share=open_share, informed_frac=informed_frac
            )
    for link in range(capacity.size):
        if capacity[link] > 0.0:
            _add_flow(links, link, 0.0)
    return True


@inlined
def _price_pair(
    links: Links, paths: PathSet, demand: Demand, pair: int, nearest: float, budget_h: float
) -> tuple[float, float, bool]:
    """Excess and total travel time of one pair [veh h], and whether the tree knows a better path."""
    least = min(nearest, budget_h)
    best = np.inf
    excess = 0.0
    total = 0.0
    path = paths.first[pair]
    while path >= 0:
        cost = _cost(links, paths, path)
        best = min(best, cost)
        total += (paths.informed[path] + paths.uninformed[path]) * cost
        if paths.informed[path] > 0.0:
            excess += paths.informed[path] * (cost - least)
        if cost > budget_h:
            excess += paths.uninformed[path] * (cost - budget_h)
        elif paths.bound[path] > paths.uninformed[path]:
            excess += (paths.bound[path] - paths.uninformed[path]) * (budget_h - cost)
        path = paths.next[path]
    if demand.given_up[pair] > 0.0:
        excess += demand.given_up[pair] * (budget_h - least)
        total += demand.given_up[pair] * budget_h
    better = nearest < budget_h and nearest < best * (1.0 - 1e-12) and demand.informed[pair] > 0.0
    return excess, total, better


@called
def price(
    links: Links, trees: Trees, paths: PathSet, demand: Demand, budget_h: float, target_gap: float
) -> tuple[float, float, int]:
    """Relative gap, total time [veh h] and number of the pairs in ``demand.active`` that still matter.

    gap = (travel time - what it would be on the quickest paths) / travel time. A pair that wants the
    tree's path stands in the list as its complement ``~pair``.
    """
    zones = trees.parent.shape[0]
    excess = 0.0
    total = 0.0
    count = 0
    for origin in range(zones):
        for destination in range(zones):
            pair = origin * zones + destination
            if demand.trips[pair] <= 0.0:
                continue
            nearest = trees.dist_h[origin, destination]
            over, spent, better = _price_pair(links, paths, demand, pair, nearest, budget_h)
            excess += over
            total += spent
            demand.tolerated[pair] = SETTLED_FRAC * target_gap * spent
            if over > demand.tolerated[pair]:
                demand.active[count] = ~pair if better else pair
                count += 1
    return (excess / total if total > 0.0 else 0.0), total, count


@inlined
def _swap(links: Links, paths: PathSet, path: int, best: int) -> float:
    """Newton step from *path* to *best* on the links in which they differ; returns the excess before it."""
    paths.used[STAMP] += 1
    stamp = paths.used[STAMP]
    in_best, in_path = paths.mark[0], paths.mark[1]
    best_steps = range(paths.start[best], paths.start[best] + paths.length[best])
    path_steps = range(paths.start[path], paths.start[path] + paths.length[path])
    for step in best_steps:
        in_best[paths.link[step]] = stamp
    dearer = 0.0
    slope = 0.0
    for step in path_steps:
        link = paths.link[step]
        in_path[link] = stamp
        if in_best[link] != stamp:
            dearer += links.time_h[link]
            slope += links.slope[link]
    for step in best_steps:
        link = paths.link[step]
        if in_path[link] != stamp:
            dearer -= links.time_h[link]
            slope += links.slope[link]
    if dearer <= 0.0:
        return 0.0
    flow = paths.informed[path]
    moved = min(flow, dearer / slope) if slope > 0.0 else flow
    paths.informed[path] = flow - moved
    paths.informed[best] += moved
    for step in path_steps:
        if in_best[paths.link[step]] != stamp:
            _add_flow(links, paths.link[step], -moved)
    for step in best_steps:
        if in_path[paths.link[step]] != stamp:
            _add_flow(links, paths.link[step], moved)
    return dearer * flow


@inlined
def _stay_or_go(
    links: Links, paths: PathSet, path: int, budget_h: float, going: float, room: float
) -> tuple[float, float]:
    """Vehicles that go (+) or stay (-) by a Newton step towards path time = budget; moves the links."""
    cost = _cost(links, paths, path)
    if (cost > budget_h and going <= 0.0) or (cost <= budget_h and room <= 0.0):
        return 0.0, 0.0
    slope = _slope(links, paths, path)
    if slope > 0.0:
        change = min(max((budget_h - cost) / slope, -going), room)
    else:
        change = room if cost < budget_h else -going
    _shift(links, paths, path, change)
    return change, abs(budget_h - cost) * (going if cost > budget_h else room)


@inlined
def _balance(links: Links, paths: PathSet, demand: Demand, pair: int, budget_h: float) -> float:
    """One projection step of a pair over its known paths; returns the excess it met [veh h]."""
    best = -1
    best_h = np.inf
    at_budget = demand.given_up[pair] > 0.0
    path = paths.first[pair]
    while path >= 0:
        cost = _cost(links, paths, path)
        if cost < best_h:
            best, best_h = path, cost
        at_budget = at_budget or cost > budget_h or paths.uninformed[path] < paths.bound[path]
        path = paths.next[path]
    if best < 0:
        return 0.0
    excess = 0.0
    path = paths.first[pair]
    while path >= 0:
        if path != best and paths.informed[path] > 0.0:
            excess += _swap(links, paths, path, best)
        path = paths.next[path]
    if at_budget:
        change, met = _stay_or_go(links, paths, best, budget_h, paths.informed[best], demand.given_up[pair])
        paths.informed[best] += change
        demand.given_up[pair] -= change
        excess += met
        path = paths.first[pair]
        while path >= 0:
            bound, going = paths.bound[path], paths.uninformed[path]
            change, met = _stay_or_go(links, paths, path, budget_h, going, bound - going)
            paths.uninformed[path] = going + change
            excess += met
            path = paths.next[path]
    return excess


@inlined
def _drop_empty(paths: PathSet, pair: int) -> None:
    """Unhook paths that nobody uses or remembers, but never the last one."""
    last = -1
    path = paths.first[pair]
    while path >= 0:
        following = paths.next[path]
        empty = paths.informed[path] <= 0.0 and paths.bound[path] <= 0.0 and paths.share[path] <= 0.0
        if empty and (last >= 0 or following >= 0):
            if last < 0:
                paths.first[pair] = following
            else:
                paths.next[last] = following
        else:
            last = path
        path = following


@inlined
def _equilibrate(
    links: Links,
    trees: Trees,
    paths: PathSet,
    demand: Demand,
    budget_h: float,
    target_gap: float,
    most_iterations: int,
) -> tuple[float, int, bool]:
    """Iterate to *target_gap*. Returns (gap, iterations, complete); not complete: the pool is full.

    The trees and times left behind belong to the flows, so ``trees.dist_h`` are the skims.
    """
    zones = trees.parent.shape[0]
    gap = np.inf
    for iteration in range(most_iterations + 1):
        repair_trees(links, trees)
        gap, total, count = price(links, trees, paths, demand, budget_h, target_gap)
        if gap <= target_gap or count == 0 or iteration == most_iterations:
            return gap, iteration, True
        for k in range(count):
            if demand.active[k] < 0:
                pair = ~demand.active[k]
                if _add_path(links, trees, paths, pair, zones) < 0:
                    return gap, iteration, False
                demand.active[k] = pair
        for _ in range(SWEEPS):
            paths.used[SWEPT] += 1
            excess = 0.0
            still = 0
            for k in range(count):
                pair = demand.active[k]
                met = _balance(links, paths, demand, pair, budget_h)
                excess += met
                if met > demand.tolerated[pair]:
                    demand.active[still] = pair
                    still += 1
                else:
                    _drop_empty(paths, pair)
            count = still
            if excess <= SWEPT_FRAC * target_gap * total:
                break
    return gap, most_iterations, True


@inlined
def _measure(links: Links, trees: Trees) -> None:
    """Length [km] of the quickest paths between zones, into ``trees.zone_km``; only where a tree changed."""
    zones, nodes = trees.parent.shape
    for origin in range(zones):
        parent, measured = trees.parent[origin], trees.measured[origin]
        dist_h, zone_km = trees.dist_h[origin], trees.zone_km[origin]
        changed = False
        for node in range(nodes):
            changed = changed or parent[node] != measured[node]
            measured[node] = parent[node]
        for zone in range(zones):
            changed = changed or (dist_h[zone] < np.inf) != (zone_km[zone] < np.inf)
        if changed:
            sum_along(parent, links.tail, links.length_km, origin, trees.row_km, trees.stack)
            for zone in range(zones):
                zone_km[zone] = trees.row_km[zone] if dist_h[zone] < np.inf else np.inf


@kernel
def equilibrium(
    links_: tuple,
    trees_: tuple,
    paths_: tuple,
    demand_: tuple,
    trips: np.ndarray,
    capacity: np.ndarray,
    informed_frac: float,
    budget_h: float,
    target_gap: float,
    most_iterations: int,
    loaded: bool,
) -> tuple[float, int, bool, bool]:
    """Load *trips* (pairs,) on links of *capacity* (links,), unless they are, and iterate to equilibrium.

    Returns (gap, iterations, loaded, complete). Not complete: the pool of paths is full; call again with a
    larger one, and with *loaded* as returned. Skims are left in ``trees.dist_h`` and ``trees.zone_km``.
    Links, Trees, PathSet and Demand come as plain tuples, which numba takes in a quarter of the time.
    """
    links, trees, paths, demand = Links(*links_), Trees(*trees_), PathSet(*paths_), Demand(*demand_)
    if not loaded and not _load(links, trees, paths, demand, trips, capacity, informed_frac):
        return np.inf, 0, False, False
    gap, iterations, complete = _equilibrate(
        links, trees, paths, demand, budget_h, target_gap, most_iterations
    )
    if complete:
        _measure(links, trees)
    return gap, iterations, True, complete
