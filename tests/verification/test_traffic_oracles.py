"""Traffic equilibrium against theory and against other solvers."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from agentsim.networks.roads.assignment import bpr
from agentsim.networks.roads.network import RoadNetwork, delay_veh_h
from agentsim.place.cases import RoadCase


def roads(links, trips, zones, nodes=0, through_zones=True):
    """A case from rows (from, to, free time h, alpha, beta, capacity) and {(origin, destination): veh/h}."""
    table = np.array(links, dtype=float)
    od = np.zeros((zones, zones))
    for (origin, destination), vehicles in trips.items():
        od[origin, destination] = vehicles
    return RoadCase(
        zone_x_km=np.zeros(zones),
        zone_y_km=np.zeros(zones),
        link_from=table[:, 0].astype(int),
        link_to=table[:, 1].astype(int),
        link_length_km=table[:, 2] * 40.0,
        link_free_time_h=table[:, 2],
        link_capacity_veh_per_h=table[:, 5],
        link_bpr_alpha=table[:, 3],
        link_bpr_beta=table[:, 4],
        od_veh_per_h=od,
        nodes=nodes,
        through_zones=through_zones,
    )


def linear(tail, head, free_time, per_vehicle):
    """A row whose time is free_time + per_vehicle x flow: alpha = beta = 1."""
    return (tail, head, free_time, 1.0, 1.0, free_time / per_vehicle)


def random_roads(seed, zones=9, extra=7, vehicles=4000.0):
    """A ring of zones and plain nodes with chords, mixed volume-delay functions, some pairs without trips."""
    rng = np.random.default_rng(seed)
    nodes = zones + 4
    ring = [(k, (k + 1) % nodes) for k in range(nodes)]
    chords = [tuple(rng.choice(nodes, 2, replace=False)) for _ in range(extra)]
    links = [
        (*ends, *rng.uniform([0.05, 0.1], [0.3, 1.0]), rng.choice([1.0, 2.5, 4.0]), rng.uniform(200, 900))
        for pair in ring + chords
        for ends in (pair, pair[::-1])
    ]  # fmt: skip
    od = rng.uniform(0.0, 1.0, (zones, zones)) * (rng.random((zones, zones)) < 0.6)
    np.fill_diagonal(od, 0.0)
    trips = {(o, d): v for (o, d), v in np.ndenumerate(od * vehicles / od.sum()) if v > 0.0}
    return roads(links, trips, zones, nodes)


class Reference:
    """Frank-Wolfe with conjugate directions (Mitradjieva and Lindberg 2013), scipy's Dijkstra inside."""

    def __init__(self, case):
        self.case = case
        self.nodes = max(case.nodes, len(case.zone_x_km))
        self.origins = np.flatnonzero(case.od_veh_per_h.sum(axis=1))

    def times(self, flow):
        case = self.case
        ratio = flow / case.link_capacity_veh_per_h
        return case.link_free_time_h * (1.0 + case.link_bpr_alpha * ratio**case.link_bpr_beta)

    def slopes(self, flow):
        case, beta = self.case, self.case.link_bpr_beta
        ratio = flow / case.link_capacity_veh_per_h
        rise = case.link_free_time_h * case.link_bpr_alpha * beta / case.link_capacity_veh_per_h
        return rise * ratio ** (beta - 1.0)

    def objective(self, flow):
        case = self.case
        ratio = flow / case.link_capacity_veh_per_h
        mean_rise = case.link_bpr_alpha * ratio**case.link_bpr_beta / (case.link_bpr_beta + 1.0)
        return float((case.link_free_time_h * flow * (1.0 + mean_rise)).sum())

    def quickest(self, time):
        """All trips on the quickest paths: link flow and skim; of parallel links the quickest counts."""
        case = self.case
        order = np.argsort(-time, kind="stable")
        quickest = {(case.link_from[k], case.link_to[k]): k for k in order}
        ends = np.array(list(quickest))
        link = np.array(list(quickest.values()))
        graph = csr_array((time[link], (ends[:, 0], ends[:, 1])), shape=(self.nodes, self.nodes))
        dist, before = dijkstra(graph, indices=self.origins, return_predecessors=True)
        flow = np.zeros(len(time))
        for row, origin in enumerate(self.origins):
            for destination in np.flatnonzero(case.od_veh_per_h[origin]):
                node = destination
                while node != origin:
                    flow[quickest[before[row, node], node]] += case.od_veh_per_h[origin, destination]
                    node = before[row, node]
        return flow, dist[:, : len(case.zone_x_km)]

    def solve(self, iterations):
        """Link flow and the best lower bound of the objective seen on the way."""
        flow, _ = self.quickest(self.times(np.zeros(len(self.case.link_from))))
        aim, bound = None, -np.inf
        for _ in range(iterations):
            time, slope = self.times(flow), self.slopes(flow)
            target, _ = self.quickest(time)
            bound = max(bound, self.objective(flow) + float(time @ (target - flow)))
            if aim is not None:
                old, new = aim - flow, target - flow
                square = float(old @ (slope * (new - old)))
                mix = float(old @ (slope * new)) / square if square != 0.0 else 0.0
                target = aim * min(max(mix, 0.0), 0.99) + target * (1.0 - min(max(mix, 0.0), 0.99))
            aim = target
            step = self.line_search(flow, target - flow)
            if step <= 0.0:
                aim = None
            flow = flow + step * (target - flow)
        return flow, bound

    def line_search(self, flow, direction):
        low, high = 0.0, 1.0
        for _ in range(50):
            middle = 0.5 * (low + high)
            if float(self.times(flow + middle * direction) @ direction) > 0.0:
                high = middle
            else:
                low = middle
        return low


def assert_user_equilibrium(case, result, gap):
    """Wardrop: nobody is slower than the quickest path, by an independent shortest-path search."""
    _, skim = Reference(case).quickest(result.time_h)
    rows = np.flatnonzero(case.od_veh_per_h.sum(axis=1))
    least = float((case.od_veh_per_h[rows] * np.where(case.od_veh_per_h[rows] > 0, skim, 0.0)).sum())
    spent = float(result.time_h @ result.flow_veh_per_h)
    assert result.skim_h[rows] == pytest.approx(skim, rel=1e-12)
    assert -1e-10 <= (spent - least) / spent <= gap


def test_bpr_takes_fifteen_percent_longer_at_capacity():
    time, slope = bpr(1800.0, 0.5, 0.15, 4.0, 1800.0)
    assert time == pytest.approx(1.15 * 0.5, rel=1e-15)
    assert slope == pytest.approx(0.5 * 0.15 * 4.0 / 1800.0, rel=1e-15)


@pytest.mark.parametrize("beta", [1.0, 1.5, 4.0, 7.0])
def test_slope_of_bpr_is_the_derivative_of_its_time(beta):
    step = 1e-3
    ahead, _ = bpr(700.0 + step, 0.2, 0.4, beta, 900.0)
    behind, _ = bpr(700.0 - step, 0.2, 0.4, beta, 900.0)
    _, slope = bpr(700.0, 0.2, 0.4, beta, 900.0)
    assert (ahead - behind) / (2.0 * step) == pytest.approx(slope, rel=1e-6)


def test_two_parallel_roads_share_traffic_by_closed_form():
    # 10 + 0.02 x = 20 + 0.01 (1000 - x): x = 2000 / 3
    case = roads([linear(0, 1, 10.0, 0.02), linear(0, 1, 20.0, 0.01)], {(0, 1): 1000.0}, zones=2)
    result = RoadNetwork(case).assign(gap=1e-12)
    assert result.flow_veh_per_h == pytest.approx([2000.0 / 3.0, 1000.0 / 3.0], rel=1e-9)
    assert result.time_h == pytest.approx([70.0 / 3.0, 70.0 / 3.0], rel=1e-9)


def test_the_slower_road_stays_empty_until_it_pays():
    case = roads([linear(0, 1, 10.0, 0.02), linear(0, 1, 20.0, 0.01)], {(0, 1): 400.0}, zones=2)
    assert RoadNetwork(case).assign(gap=1e-12).flow_veh_per_h == pytest.approx([400.0, 0.0])


def braess(with_bridge):
    """Braess 1968: six vehicles; 10 x, 50 + x and the bridge 10 + x (a free time of 1e-6 stands for 0)."""
    links = [
        linear(0, 2, 1e-6, 10.0),
        linear(0, 3, 50.0, 1.0),
        linear(2, 1, 50.0, 1.0),
        linear(3, 1, 1e-6, 10.0),
        linear(2, 3, 10.0, 1.0),
    ]
    return roads(links[: 5 if with_bridge else 4], {(0, 1): 6.0}, zones=2, nodes=4)


def test_braess_a_new_road_makes_everybody_slower():
    without = RoadNetwork(braess(False)).assign(gap=1e-12)
    bridged = RoadNetwork(braess(True))
    assert without.skim_h[0, 1] == pytest.approx(83.0, abs=1e-3)
    assert bridged.assign(gap=1e-12).skim_h[0, 1] == pytest.approx(92.0, abs=1e-3)
    assert bridged.assign(gap=1e-12).flow_veh_per_h == pytest.approx([4, 2, 2, 4, 2], abs=1e-3)
    assert bridged.assign(gap=1e-12, closed_links=[4]).skim_h[0, 1] == pytest.approx(83.0, abs=1e-3)


# Nguyen and Dupuis, Transportation Science 18 (1984) 185-202: from, to, free time, time per vehicle. Typed
# from memory as the problem is commonly quoted, with symmetric linear costs [M]; that two solvers agree on it
# holds whatever the numbers.
NGUYEN_DUPUIS = (
    (1, 5, 7, 0.0125), (1, 12, 9, 0.01), (4, 5, 9, 0.01), (4, 9, 12, 0.005), (5, 6, 3, 0.0075),
    (5, 9, 9, 0.0075), (6, 7, 5, 0.0125), (6, 10, 13, 0.005), (7, 8, 5, 0.0125), (7, 11, 9, 0.0125),
    (8, 2, 9, 0.0125), (9, 10, 10, 0.005), (9, 13, 9, 0.005), (10, 11, 6, 0.0025), (11, 2, 9, 0.005),
    (11, 3, 8, 0.01), (12, 6, 7, 0.0125), (12, 8, 14, 0.01), (13, 3, 11, 0.01),
)  # fmt: skip


def nguyen_dupuis():
    links = [linear(tail - 1, head - 1, free, rise) for tail, head, free, rise in NGUYEN_DUPUIS]
    return roads(links, {(0, 1): 400.0, (0, 2): 800.0, (3, 1): 600.0, (3, 2): 200.0}, zones=4, nodes=13)


def test_nguyen_dupuis_agrees_with_frank_wolfe():
    case = nguyen_dupuis()
    result = RoadNetwork(case).assign(gap=1e-10)
    flow, bound = Reference(case).solve(iterations=800)
    assert result.flow_veh_per_h == pytest.approx(flow, rel=1e-4, abs=1e-4 * 2000.0)
    assert bound <= result.objective <= Reference(case).objective(flow) * (1 + 1e-12)
    assert result.objective == pytest.approx(bound, rel=1e-4)
    assert_user_equilibrium(case, result, 1e-9)


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_agree_with_frank_wolfe(seed):
    case = random_roads(seed)
    result = RoadNetwork(case).assign(gap=1e-9)
    reference = Reference(case)
    flow, bound = reference.solve(iterations=150)
    assert bound - 1e-9 * abs(bound) <= result.objective <= reference.objective(flow) * (1 + 1e-9)
    assert result.objective == pytest.approx(bound, rel=2e-3)
    assert_user_equilibrium(case, result, 2e-9)


@pytest.mark.parametrize("seed", range(4))
def test_random_networks_agree_with_pytraf(seed):
    pytraf = pytest.importorskip("pytraf")
    case = random_roads(seed, zones=20, extra=25)
    net = pytraf.Network(
        case.nodes,
        case.link_from,
        case.link_to,
        case.link_free_time_h,
        case.link_capacity_veh_per_h,
        b=case.link_bpr_alpha,
        power=case.link_bpr_beta,
    )
    origin, destination = np.nonzero(case.od_veh_per_h)
    demand = pytraf.Demand(case.nodes, origin, destination, case.od_veh_per_h[origin, destination])
    other = net.assign(demand, gap=1e-9)
    ours = RoadNetwork(case).assign(gap=1e-9)
    assert ours.flow_veh_per_h == pytest.approx(np.array(other.links.flow), rel=1e-3, abs=0.5)


def test_zone_centroids_are_not_passed_through():
    # 0 -> 1 -> 2 over the centroid 1 is quick; 0 -> 3 -> 2 over a plain node is slow
    links = [(0, 1, 0.1, 0.15, 4.0, 900.0), (1, 2, 0.1, 0.15, 4.0, 900.0)]
    links += [(0, 3, 1.0, 0.15, 4.0, 900.0), (3, 2, 1.0, 0.15, 4.0, 900.0)]
    trips = {(0, 2): 100.0, (0, 1): 50.0, (1, 2): 30.0}
    passing = RoadNetwork(roads(links, trips, zones=3, nodes=4)).assign(gap=1e-12)
    ending = RoadNetwork(roads(links, trips, zones=3, nodes=4, through_zones=False)).assign(gap=1e-12)
    assert passing.flow_veh_per_h == pytest.approx([150.0, 130.0, 0.0, 0.0])
    assert ending.flow_veh_per_h == pytest.approx([50.0, 30.0, 100.0, 100.0])


def test_delay_is_the_time_above_free_flow():
    network = RoadNetwork(roads([(0, 1, 0.5, 0.15, 4.0, 1000.0)], {(0, 1): 2000.0}, zones=2))
    assert delay_veh_h(network._traffic.links, np.array([2000.0])) == pytest.approx(2000 * 0.5 * 0.15 * 16)


@pytest.mark.skipif(
    "AGENTSIM_TNTP" not in os.environ,
    reason="AGENTSIM_TNTP names no folder with SiouxFalls_net.tntp and _trips.tntp (academic use only)",
)
def test_sioux_falls_meets_the_published_objective():
    folder = Path(os.environ["AGENTSIM_TNTP"])
    network = RoadNetwork.from_tntp(folder / "SiouxFalls_net.tntp", folder / "SiouxFalls_trips.tntp")
    result = network.assign(gap=1e-9)
    assert result.objective == pytest.approx(4_231_335.287, abs=0.01)
