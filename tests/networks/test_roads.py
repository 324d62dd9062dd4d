"""The road network hour by hour: closures, queues, habits, time budgets, and the files it is read from."""

import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra

from agentsim.core.errors import UnreadableRoads, UnusableRoads
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.parameters import evidence
from agentsim.networks.roads import assignment, queues
from agentsim.networks.roads.network import RoadNetwork, RoadsParameters
from agentsim.place.cases import RoadCase
from agentsim.place.readers.gmns import LENGTH_KM, read_gmns, stray_trips, units_of
from agentsim.place.readers.tntp import closed_links, read_tntp

EVERYBODY_KNOWS = RoadsParameters(informed_frac=1.0, hourly_gap=1e-9, forgotten_share_frac=0.0)
NO_QUEUES = Mechanisms(residual_queues=False)


def case_of(links, od, districts=None):
    """Rows (from, to, km, free time h, capacity) with the usual alpha 0.15 and beta 4."""
    table = np.array(links, dtype=float)
    zones, tail, head = len(od), table[:, 0].astype(int), table[:, 1].astype(int)
    ends = (
        None if districts is None else np.column_stack([np.array(districts)[tail], np.array(districts)[head]])
    )
    return RoadCase(
        zone_x_km=np.zeros(zones),
        zone_y_km=np.zeros(zones),
        link_from=tail,
        link_to=head,
        link_length_km=table[:, 2],
        link_free_time_h=table[:, 3],
        link_capacity_veh_per_h=table[:, 4],
        link_bpr_alpha=np.full(len(table), 0.15),
        link_bpr_beta=np.full(len(table), 4.0),
        od_veh_per_h=np.array(od, dtype=float),
        link_district=ends,
        nodes=int(max(zones, tail.max() + 1, head.max() + 1)),
    )


def one_road(capacity=1000.0):
    return case_of([(0, 1, 10.0, 0.25, capacity)], [[0, 1], [0, 0]])


def two_roads():
    """Zone 0 to zone 1 by a quick road or a slow one."""
    return case_of([(0, 1, 10.0, 0.25, 1000.0), (0, 1, 15.0, 0.5, 1000.0)], [[0, 1], [0, 0]])


def town(seed=3, zones=8):
    """A ring with chords, both directions, two districts."""
    rng = np.random.default_rng(seed)
    pairs = [(k, (k + 1) % zones) for k in range(zones)] + [(0, 3), (1, 5), (2, 6), (4, 7)]
    rows = [(*ends, km, km / 40.0, cap) for pair in pairs
            for km, cap in [(rng.uniform(1.0, 4.0), rng.uniform(400.0, 900.0))]
            for ends in (pair, pair[::-1])]  # fmt: skip
    od = rng.uniform(10.0, 60.0, (zones, zones))
    np.fill_diagonal(od, 0.0)
    return case_of(rows, od, districts=[0] * (zones // 2) + [1] * (zones - zones // 2))


def trips(vehicles):
    return np.array([[0.0, vehicles], [0.0, 0.0]])


def test_vehicles_above_capacity_wait_for_the_next_hour():
    roads = RoadNetwork(one_road(), EVERYBODY_KNOWS)
    first = roads.serve(trips(1500.0))
    assert (first.arrived_veh, first.queued_veh, first.carried_in_veh) == pytest.approx((1000.0, 500.0, 0.0))
    assert first.flow_veh_per_h == pytest.approx([1000.0])
    assert first.vehicle_km == pytest.approx(10_000.0)
    assert first.delay_veh_h == pytest.approx(1000.0 * 0.25 * 0.15 + 500.0 / 2.0)
    assert first.skim_h[0, 1] == pytest.approx(0.25 * (1.0 + 0.15 * 1.5**4))
    assert roads.queued_veh[0, 1] == pytest.approx(500.0)
    second = roads.serve(trips(0.0))
    assert (second.arrived_veh, second.queued_veh, second.carried_in_veh) == pytest.approx(
        (500.0, 0.0, 500.0)
    )
    third = roads.serve(trips(0.0))
    assert third.arrived_veh == third.carried_in_veh == third.delay_veh_h == 0.0


def test_without_queues_every_vehicle_passes():
    hour = RoadNetwork(one_road(), EVERYBODY_KNOWS, NO_QUEUES).serve(trips(1500.0))
    assert (hour.arrived_veh, hour.queued_veh) == (1500.0, 0.0)
    assert hour.delay_veh_h == pytest.approx(1500.0 * 0.25 * 0.15 * 1.5**4)


def test_dark_signals_take_time_and_capacity():
    roads = RoadNetwork(one_road(), EVERYBODY_KNOWS)
    lit, dark = roads.serve(trips(600.0)), roads.serve(trips(600.0), capacity_frac=np.array([0.4]))
    assert lit.queued_veh == 0.0
    assert dark.queued_veh == pytest.approx(200.0)
    assert dark.skim_h[0, 1] == pytest.approx(0.25 * (1.0 + 0.15 * 1.5**4))


@pytest.mark.parametrize("informed_frac", [0.0, 0.5, 1.0])
def test_trips_stay_until_the_rest_keep_the_time_budget(informed_frac):
    # t(v) = budget at v = c ((budget / t0 - 1) / alpha)^(1/4)
    numbers = RoadsParameters(informed_frac=informed_frac, time_budget_h=1.0, hourly_gap=1e-10)
    roads = RoadNetwork(one_road(), numbers, NO_QUEUES)
    going = 1000.0 * (3.0 / 0.15) ** 0.25
    for _ in range(4):
        hour = roads.serve(trips(5000.0))
        assert hour.arrived_veh == pytest.approx(going, rel=1e-6)
        assert hour.stranded_veh[0, 1] == pytest.approx(5000.0 - going, rel=1e-6)
        assert hour.skim_h[0, 1] == pytest.approx(1.0, rel=1e-6)
    assert roads.serve(trips(800.0)).stranded_veh.sum() == pytest.approx(0.0, abs=1e-6)


def test_a_budget_below_the_empty_road_strands_everybody_and_the_road_stays_empty():
    roads = RoadNetwork(one_road(), replace(EVERYBODY_KNOWS, time_budget_h=0.2))
    hour = roads.serve(trips(100.0))
    assert hour.stranded_veh[0, 1] == 100.0
    assert hour.flow_veh_per_h[0] == 0.0
    assert hour.gap == 0.0


def test_the_uninformed_leave_a_closed_road_but_return_late():
    roads = RoadNetwork(two_roads(), RoadsParameters(informed_frac=0.5))
    shut = np.array([True, False])
    assert roads.serve(trips(100.0)).flow_veh_per_h == pytest.approx([100.0, 0.0])
    assert roads.serve(trips(100.0), shut).flow_veh_per_h == pytest.approx([0.0, 100.0])
    back = [roads.serve(trips(100.0)).flow_veh_per_h[0] for _ in range(3)]
    assert back == pytest.approx([50.0, 75.0, 87.5])


def test_everybody_informed_returns_at_once():
    roads = RoadNetwork(two_roads(), EVERYBODY_KNOWS)
    roads.serve(trips(100.0), np.array([True, False]))
    assert roads.serve(trips(100.0)).flow_veh_per_h == pytest.approx([100.0, 0.0])


def test_habits_outlive_an_hour_without_trips():
    roads = RoadNetwork(two_roads(), RoadsParameters(informed_frac=0.0))
    roads.serve(trips(100.0), np.array([True, False]))
    roads.serve(trips(0.0))
    assert roads.serve(trips(100.0)).flow_veh_per_h == pytest.approx([0.0, 100.0])


def reached(case, open_links):
    tail, head = case.link_from[open_links], case.link_to[open_links]
    graph = coo_array((np.ones(len(tail)), (tail, head)), shape=(case.nodes, case.nodes))
    zones = len(case.zone_x_km)
    return np.isfinite(dijkstra(graph.tocsr(), unweighted=True))[:zones, :zones]


@given(st.sets(st.integers(0, 23), max_size=20))
@settings(max_examples=40, deadline=None)
def test_closures_strand_exactly_the_pairs_they_cut(shut):
    case = town()
    closed = np.isin(np.arange(24), sorted(shut))
    expected = np.where(reached(case, ~closed), 0.0, case.od_veh_per_h)
    result = RoadNetwork(case).assign(gap=1e-6, closed_links=sorted(shut))
    assert np.array_equal(result.stranded, expected)
    assert np.array_equal(np.isinf(result.skim_h), ~reached(case, ~closed))
    assert not result.flow_veh_per_h[closed].any()
    hour = RoadNetwork(case, replace(EVERYBODY_KNOWS, time_budget_h=1e6)).serve(case.od_veh_per_h, closed)
    assert hour.stranded_veh == pytest.approx(expected, abs=1e-9)
    assert np.array_equal(hour.open_links, ~closed)


def test_a_closed_district_is_cut_from_the_other_but_not_from_itself():
    case = town()
    roads = RoadNetwork(case)
    closed = roads.links_cut_by(np.array([False, True]))
    hour = roads.serve(case.od_veh_per_h, closed)
    district = np.repeat([0, 1], 4)
    between = district[:, None] != district[None, :]
    assert np.array_equal(hour.stranded_veh, np.where(between, case.od_veh_per_h, 0.0))
    assert np.isfinite(hour.skim_h[4:, 4:]).all()
    assert not roads.links_cut_by(np.zeros(2, dtype=bool)).any()


@st.composite
def weeks(draw):
    """A few hours of demand, closures and lost capacity, and how people behave."""
    seed = draw(st.integers(0, 10_000))
    numbers = RoadsParameters(
        informed_frac=draw(st.sampled_from([0.0, 0.3, 1.0])),
        time_budget_h=draw(st.sampled_from([0.15, 0.4, 2.0])),
        forgotten_share_frac=draw(st.sampled_from([0.0, 0.05])),
        hourly_gap=draw(st.sampled_from([1e-3, 1e-6])),
    )
    level = draw(st.lists(st.sampled_from([0.0, 0.1, 1.0, 3.0, 8.0]), min_size=2, max_size=8))
    return seed, numbers, level, draw(st.booleans())


@given(weeks())
@settings(max_examples=60, deadline=None)
def test_no_vehicle_is_lost_or_made(week):
    seed, numbers, levels, with_queues = week
    rng = np.random.default_rng(seed)
    case = town(seed % 5)
    roads = RoadNetwork(case, numbers, Mechanisms(residual_queues=with_queues))
    queue = np.zeros_like(case.od_veh_per_h)
    for level in levels:
        asked = (
            case.od_veh_per_h * level * rng.uniform(0.5, 1.5, queue.shape) * (rng.random(queue.shape) < 0.8)
        )
        closed = rng.random(24) < rng.choice([0.0, 0.2, 0.6])
        left = np.where(rng.random(24) < 0.3, rng.uniform(0.3, 1.0, 24), 1.0)
        hour = roads.serve(asked, closed, left)
        assert hour.carried_in_veh == pytest.approx(queue.sum(), abs=1e-9)
        arrived = asked + queue - hour.stranded_veh - roads.queued_veh
        queue = roads.queued_veh.copy()
        assert hour.arrived_veh == pytest.approx(arrived.sum(), rel=1e-9, abs=1e-6)
        assert hour.queued_veh == pytest.approx(queue.sum(), abs=1e-9)
        assert min(arrived.min(), hour.stranded_veh.min(), queue.min()) >= -1e-7
        # what leaves each zone by road, less what comes in, is what starts there less what ends there
        out = np.bincount(case.link_from, hour.flow_veh_per_h, 8) - np.bincount(
            case.link_to, hour.flow_veh_per_h, 8
        )
        assert out == pytest.approx(arrived.sum(axis=1) - arrived.sum(axis=0), abs=1e-6)
        assert not hour.flow_veh_per_h[closed].any()
        assert with_queues or hour.queued_veh == 0.0
        if with_queues:
            room = case.link_capacity_veh_per_h * left
            assert (hour.flow_veh_per_h <= room * (1.0 + 1e-9)).all()
        unreachable = ~reached(case, ~closed)
        assert arrived[unreachable] == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("seed", range(4))
def test_a_warm_hour_finds_the_equilibrium_of_a_cold_one(seed):
    rng = np.random.default_rng(seed)
    case = town(seed)
    warm = RoadNetwork(case, EVERYBODY_KNOWS, NO_QUEUES)
    for _ in range(12):
        asked = case.od_veh_per_h * rng.uniform(0.0, 5.0)
        closed, left = rng.random(24) < 0.15, np.where(rng.random(24) < 0.2, 0.4, 1.0)
        lived = warm.serve(asked, closed, left)
    fresh = RoadNetwork(case, EVERYBODY_KNOWS, NO_QUEUES).serve(asked, closed, left)
    assert lived.flow_veh_per_h == pytest.approx(fresh.flow_veh_per_h, rel=1e-3, abs=0.1)
    assert lived.skim_h == pytest.approx(fresh.skim_h, rel=1e-4)
    assert max(lived.gap, fresh.gap) <= 1e-9


def test_the_hours_equilibrium_is_the_static_one_when_everybody_is_informed():
    case = town()
    hour = RoadNetwork(case, EVERYBODY_KNOWS, NO_QUEUES).serve(3.0 * case.od_veh_per_h)
    static = RoadNetwork(case).assign(gap=1e-9, od_veh_per_h=3.0 * case.od_veh_per_h)
    assert hour.flow_veh_per_h == pytest.approx(static.flow_veh_per_h, rel=1e-4, abs=1e-3)


def test_skim_km_is_the_length_of_the_quickest_path():
    case = town()
    roads = RoadNetwork(case, EVERYBODY_KNOWS)
    hour = roads.serve(case.od_veh_per_h * 0.0)
    graph = coo_array((case.link_free_time_h, (case.link_from, case.link_to)), shape=(8, 8)).tocsr()
    assert hour.skim_h == pytest.approx(dijkstra(graph), rel=1e-12)
    assert hour.free_skim_h == pytest.approx(dijkstra(graph), rel=1e-12)
    for skim_km in (hour.skim_km, roads.free_skim_km):
        assert skim_km == pytest.approx(hour.skim_h * 40.0, rel=1e-12)  # every link is driven at 40 km/h


def test_skims_are_those_of_the_hours_own_times_whatever_was_closed():
    rng = np.random.default_rng(3)
    case = town()
    roads, ends = RoadNetwork(case), (case.link_from, case.link_to)
    for _ in range(12):
        closed = rng.random(24) < rng.choice([0.0, 0.3])
        hour = roads.serve(case.od_veh_per_h * rng.uniform(0.5, 4.0), closed)
        graph = coo_array((hour.time_h[~closed], (ends[0][~closed], ends[1][~closed])), shape=(8, 8))
        quickest_h, before = dijkstra(graph.tocsr(), return_predecessors=True)
        assert hour.skim_h == pytest.approx(quickest_h, rel=1e-12)
        length_km = dict(
            zip(zip(*(end.tolist() for end in ends), strict=True), case.link_length_km, strict=True)
        )
        for origin, destination in np.argwhere(np.isfinite(quickest_h)).tolist():
            km, node = 0.0, destination
            while node != origin:
                km += length_km[int(before[origin, node]), node]
                node = int(before[origin, node])
            assert hour.skim_km[origin, destination] == pytest.approx(km)
        assert np.isinf(hour.skim_km[np.isinf(quickest_h)]).all()


def lived(roads, case, hours, seed=7):
    """Bytes of every field of some eventful hours."""
    rng = np.random.default_rng(seed)
    said = []
    for _ in range(hours):
        closed = rng.random(24) < 0.1
        hour = roads.serve(
            case.od_veh_per_h * rng.uniform(0.0, 6.0, (8, 8)), closed, rng.uniform(0.4, 1.0, 24)
        )
        said += [np.asarray(getattr(hour, item.name)).tobytes() for item in fields(hour)]
    return said


def test_the_same_hours_give_the_same_bytes():
    case = town()
    assert lived(RoadNetwork(case), case, 20) == lived(RoadNetwork(case), case, 20)


def test_a_copy_made_mid_run_lives_on_identically():
    case = town()
    roads = RoadNetwork(case)
    lived(roads, case, 10)
    copy = pickle.loads(pickle.dumps(roads))
    assert lived(roads, case, 10, seed=8) == lived(copy, case, 10, seed=8)


def test_an_assignment_does_not_depend_on_the_hours_lived():
    case = town()
    roads = RoadNetwork(case)
    before = roads.assign(od_veh_per_h=4.0 * case.od_veh_per_h)
    lived(roads, case, 5)
    after = roads.assign(od_veh_per_h=4.0 * case.od_veh_per_h)
    assert before.flow_veh_per_h.tobytes() == after.flow_veh_per_h.tobytes()


def test_a_service_is_not_changed_by_later_hours():
    case = town()
    roads = RoadNetwork(case)
    first = roads.serve(case.od_veh_per_h * 4.0)
    kept = pickle.dumps(first)
    lived(roads, case, 5)
    assert pickle.dumps(first) == kept


def test_a_full_pool_of_paths_grows_and_changes_nothing():
    case = town()
    roomy, tight = RoadNetwork(case, EVERYBODY_KNOWS), RoadNetwork(case, EVERYBODY_KNOWS)
    paths = tight._traffic.paths
    tight._traffic.paths = paths._replace(
        next=paths.next[:3].copy(),
        start=paths.start[:3].copy(),
        length=paths.length[:3].copy(),
        share=paths.share[:3].copy(),
        informed=paths.informed[:3].copy(),
        bound=paths.bound[:3].copy(),
        uninformed=paths.uninformed[:3].copy(),
        kept_frac=paths.kept_frac[:3].copy(),
        link=paths.link[:9].copy(),
    )
    one, other = roomy.serve(4.0 * case.od_veh_per_h), tight.serve(4.0 * case.od_veh_per_h)
    assert len(tight._traffic.paths.next) > 3
    assert one.flow_veh_per_h == pytest.approx(other.flow_veh_per_h, rel=1e-6)


def test_there_is_one_specialisation_of_each_kernel():
    case = town()
    roads = RoadNetwork(replace(case, link_from=case.link_from.astype(np.int32)))
    roads.serve(case.od_veh_per_h.astype(np.float32).T)
    for compiled in (assignment.equilibrium, queues.settle):
        assert len(compiled.signatures) == 1


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"link_capacity_veh_per_h": np.array([0.0])}, "link 0 needs a capacity above 0"),
        ({"link_bpr_beta": np.array([0.5])}, "beta of 0, or 1 and more"),
        ({"link_to": np.array([7])}, "node that is not there"),
        ({"link_free_time_h": np.array([np.nan])}, "finite free-flow time"),
        ({"link_length_km": np.array([1.0, 2.0])}, "one entry for each of the 1 links"),
        ({"od_veh_per_h": np.zeros((3, 3))}, r"must be \(2, 2\)"),
    ],
)
def test_a_case_that_cannot_be_used_says_why(change, rule):
    with pytest.raises(UnusableRoads, match=rule):
        RoadNetwork(replace(one_road(), **change))


@pytest.mark.parametrize("wrong", [trips(-1.0), trips(np.nan), np.zeros((3, 3))])
def test_a_demand_that_cannot_be_served_is_refused(wrong):
    with pytest.raises(UnusableRoads):
        RoadNetwork(one_road()).serve(wrong)


def test_every_number_has_its_evidence():
    assert {item.name for item in evidence(RoadsParameters())} == {
        item.name for item in fields(RoadsParameters)
    }


NET = """<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 3
<END OF METADATA>

~\tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;
\t1\t2\t900\t5\t12\t0.15\t4\t0\t0\t1\t;
\t1\t3\t900\t4\t6\t0.15\t4\t0\t0\t1\t;
\t3\t2\t900\t4\t6\t0.15\t4\t0\t0\t1\t;
"""
TRIPS = """<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 1300.0
<END OF METADATA>

Origin \t1
    1 :      5.0;     2 :    1200.0;
Origin 2
    1 : 100.0;
"""


def tntp(folder, net=NET, od=TRIPS):
    (folder / "net.tntp").write_text(net)
    (folder / "trips.tntp").write_text(od)
    return folder / "net.tntp", folder / "trips.tntp"


def test_tntp_is_read_in_minutes_and_miles(tmp_path):
    case = read_tntp(*tntp(tmp_path))
    assert case.link_free_time_h == pytest.approx([0.2, 0.1, 0.1])
    assert case.link_length_km == pytest.approx([8.04672, 6.437376, 6.437376])
    assert case.od_veh_per_h.tolist() == [[0.0, 1200.0], [100.0, 0.0]]
    assert (case.nodes, case.through_zones) == (3, True)
    assert not read_tntp(*tntp(tmp_path, NET.replace("NODE> 1", "NODE> 3"))).through_zones


def test_a_tntp_link_with_infinite_time_is_left_out_and_counted(tmp_path):
    net, od = tntp(tmp_path, NET.replace("\t1\t2\t900\t5\t12\t", "\t1\t2\t900\t5\tinf\t"))
    case = read_tntp(net, od)
    assert list(zip(case.link_from.tolist(), case.link_to.tolist(), strict=True)) == [(0, 2), (2, 1)]
    assert closed_links(net) == 1
    assert RoadNetwork.from_tntp(net, od).assign(gap=1e-9).flow_veh_per_h == pytest.approx([1200.0, 1200.0])
    none = tntp(tmp_path, NET.replace("\t12\t", "\tinf\t").replace("\t6\t", "\tinf\t"))
    with pytest.raises(UnreadableRoads, match="no link can be used"):
        read_tntp(*none)


def test_tntp_objective_is_in_the_files_own_unit(tmp_path):
    roads = RoadNetwork.from_tntp(*tntp(tmp_path))
    result = roads.assign(gap=1e-10)
    # both ways take 12 min when empty: 1200 v = x + y with 12 (1 + .15 (x/900)^4) on both, so x = y = 600
    assert result.flow_veh_per_h == pytest.approx([600.0, 600.0, 600.0], rel=1e-4)
    assert result.objective == pytest.approx(1200.0 * 12.0 * (1.0 + 0.15 / 5.0 * (600.0 / 900.0) ** 4))
    assert result.stranded[1, 0] == 100.0


def test_tntp_columns_may_stand_in_another_order(tmp_path):
    swapped = NET.replace("capacity\tlength", "length\tcapacity").replace("900\t5", "5\t900")
    swapped = swapped.replace("900\t4", "4\t900")
    assert read_tntp(*tntp(tmp_path, swapped)).link_capacity_veh_per_h.tolist() == [900.0, 900.0, 900.0]


@pytest.mark.parametrize(
    ("net", "od", "said"),
    [
        (NET.replace("LINKS> 3", "LINKS> 4"), TRIPS, "net.tntp: <NUMBER OF LINKS> is 4 but 3 links follow"),
        (NET.replace("<END OF METADATA>", ""), TRIPS, "no <END OF METADATA> line"),
        (
            NET.replace("\t3\t2\t900", "\t3\t9\t900"),
            TRIPS,
            "net.tntp:10: a node is not a whole number between",
        ),
        (NET.replace("\t1\t3\t900", "\t1\t3\t0"), TRIPS, "net.tntp:9: capacity must be above 0"),
        (
            NET.replace("0.15\t4\t0\t0\t1\t;\n\t1\t3", "x\t4\t0\t0\t1\t;\n\t1\t3"),
            TRIPS,
            "net.tntp:8: not a link",
        ),
        (NET.replace("NODE> 1", "NODE> 2"), TRIPS, "net.tntp:3: <FIRST THRU NODE> is 2"),
        (NET, TRIPS.replace("ZONES> 2", "ZONES> 5"), "trips.tntp:1: 5 zones, but the network has 2"),
        (NET, TRIPS.replace("Origin 2", "Origin 7"), "trips.tntp:7: '7' is not a zone"),
        (NET, TRIPS.replace("1200.0", "many"), "trips.tntp:6: not a trip entry: '2 :    many'"),
        (NET, TRIPS.replace("Origin \t1\n", ""), "trips.tntp:5: trips before the first 'Origin' line"),
    ],
)
def test_tntp_that_cannot_be_read_says_where_and_why(tmp_path, net, od, said):
    with pytest.raises(UnreadableRoads) as error:
        read_tntp(*tntp(tmp_path, net, od))
    assert said in str(error.value)


def test_a_missing_tntp_file_is_named(tmp_path):
    with pytest.raises(UnreadableRoads, match="nowhere"):
        RoadNetwork.from_tntp(tmp_path / "nowhere", tmp_path / "trips.tntp")


def gmns(folder, **changed):
    files = {
        "config": "long_length,speed\nkm,kph\n",
        "node": "node_id,x_coord,y_coord,zone_id\n10,0,0,\n20,1,0,A\n30,3,0,B\n",
        "link": "link_id,from_node_id,to_node_id,directed,length,capacity,free_speed,lanes\n"
        "1,20,30,1,10,900,50,2\n2,20,10,0,4,600,40,\n3,10,30,1,4,600,40,1\n",
        "demand": "o_zone_id,d_zone_id,volume\nA,B,500\nB,A,20\n",
    } | changed
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    return folder


def test_gmns_zones_come_first_and_undirected_links_become_two(tmp_path):
    case = read_gmns(gmns(tmp_path))
    assert case.od_veh_per_h.tolist() == [[0.0, 500.0], [20.0, 0.0]]
    assert (case.link_from.tolist(), case.link_to.tolist()) == ([0, 0, 2, 2], [1, 2, 0, 1])
    assert case.link_capacity_veh_per_h.tolist() == [1800.0, 600.0, 600.0, 600.0]
    assert case.link_free_time_h == pytest.approx([0.2, 0.1, 0.1, 0.1])
    result = RoadNetwork.from_gmns(tmp_path).assign()
    assert result.stranded.tolist() == [[0.0, 0.0], [20.0, 0.0]]
    assert result.skim_h[0, 1] >= 0.2


@pytest.mark.parametrize(
    ("nodes", "centroid"),
    [
        ("1,0,0,A,\n2,1,0,A,centroid\n3,2,0,A,\n9,9,9,B,", "2"),
        ("1,0,0,7,\n7,5,0,7,\n3,2,0,7,\n9,9,9,B,", "7"),
        ("1,0,0,A,\n2,1,0,A,\n3,2,0,A,\n9,9,9,B,", "2"),  # next to the middle
        ("1,0,0,A,centroid\n2,1,0,A,centroid\n3,2,0,A,\n9,9,9,B,", "2"),
    ],
)
def test_a_zone_of_several_nodes_is_entered_at_one(tmp_path, nodes, centroid):
    node = f"node_id,x_coord,y_coord,zone_id,node_type\n{nodes}\n"
    link = f"from_node_id,to_node_id,length,capacity,free_speed\n{centroid},9,1,900,50\n"
    case = read_gmns(gmns(tmp_path, node=node, link=link, demand="o_zone_id,d_zone_id,volume\nB,B,5\n"))
    assert (case.link_from.tolist(), case.link_to.tolist()) == ([0], [1])
    assert (len(case.zone_x_km), case.nodes) == (2, 4)


@pytest.mark.parametrize(
    ("config", "coordinates", "length", "unit"),
    [
        (None, "0,0 0.01,0", 0.7, "mile"),  # degrees
        (None, "0,0 0.01,0", 1.2, "km"),
        (None, "350000,0 351000,0", 1050.0, "meter"),
        ("long_length,short_length,speed\nmile,foot,mph\n", "0,0 9e5,0", 950e3, "foot"),
        ("long_length,short_length,speed\nmile,foot,mph\n", "0,0 1000,0", 0.65, "mile"),
        ("long_length,speed\nmile,mph\n", "0,0 0,0", 0.65, "mile"),
    ],
)
def test_a_gmns_unit_is_the_one_in_which_links_are_as_long_as_drawn(
    tmp_path, config, coordinates, length, unit
):
    (a, b) = coordinates.split()
    node = f"node_id,x_coord,y_coord,zone_id\n1,{a},A\n2,{b},B\n"
    link = f"from_node_id,to_node_id,length,capacity,free_speed\n1,2,{length},900,50\n"
    folder = gmns(tmp_path, config=config or "", node=node, link=link)
    if config is None:
        (folder / "config.csv").unlink()
    units = units_of(folder)
    assert (units.length, units.said) == (unit, config is not None)
    assert units.speed == ("mph" if unit in ("mile", "foot") else "km/h")
    case = read_gmns(folder)
    assert case.link_length_km[0] == pytest.approx(length * LENGTH_KM[unit])


def test_a_few_trips_of_zones_without_nodes_are_left_out(tmp_path):
    few = gmns(tmp_path, demand="o_zone_id,d_zone_id,volume\nA,B,500\nA,C,5\nB,A,20\n")
    assert read_gmns(few).od_veh_per_h.sum() == 520.0
    assert stray_trips(few) == 5.0


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"config": "long_length,speed\nfurlong,kph\n"},
            "config.csv:2: the unit of long_length is 'furlong'",
        ),
        (
            {"config": "speed\nkph\n"},
            "config.csv:2: the unit of long_length is '', and the nodes' coordinates",
        ),
        ({"node": "node_id,zone_id\n20,A\n20,A\n"}, "node.csv:3: node_id '20' is empty or repeated"),
        ({"demand": "o_zone_id,d_zone_id,volume\nA,C,5\n"}, "demand.csv:2: zone 'C' has no node"),
        ({"demand": "o_zone_id,d_zone_id,volume\nA,B,few\n"}, "demand.csv:2: volume is 'few'"),
    ],
)
def test_gmns_that_cannot_be_read_says_where_and_why(tmp_path, changed, said):
    with pytest.raises(UnreadableRoads) as error:
        read_gmns(gmns(tmp_path, **changed))
    assert said in str(error.value)
