"""Signals: green goes by phases, the fixed plan changes nothing, and answering traffic can lose."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentsim.core.mechanisms import Mechanisms
from agentsim.networks.roads.network import RoadNetwork, RoadsParameters
from agentsim.networks.roads.pressure import idle, pressure_green, roads_ahead
from agentsim.networks.roads.signals import Signals, green_share, phases
from agentsim.place.cases import RoadCase

FACING_DEG, EVEN = 120.0, 0.3


def roads(x_km, y_km, link_from, link_to, capacity=600.0, od=None, **changed) -> RoadCase:
    links = len(link_from)
    case = RoadCase(
        zone_x_km=np.array(x_km, dtype=float),
        zone_y_km=np.array(y_km, dtype=float),
        link_from=np.array(link_from),
        link_to=np.array(link_to),
        link_length_km=np.full(links, 1.0),
        link_free_time_h=np.full(links, 0.02),
        link_capacity_veh_per_h=np.full(links, capacity),
        link_bpr_alpha=np.full(links, 0.15),
        link_bpr_beta=np.full(links, 4.0),
        od_veh_per_h=np.zeros((len(x_km), len(x_km))) if od is None else np.array(od, dtype=float),
    )
    return replace(case, **changed)


# a crossroads in zone 0, approached from the north, south, east and west
CROSS = roads([0, 0, 0, 1, -1], [0, 1, -1, 0, 0], [1, 2, 3, 4], [0, 0, 0, 0])
NORTH, SOUTH, EAST, WEST = range(4)


def test_approaches_that_face_each_other_have_green_together():
    phase = phases(CROSS, FACING_DEG)
    assert phase[NORTH] == phase[SOUTH] != phase[EAST] == phase[WEST]


def test_at_a_t_junction_the_side_road_has_a_phase_of_its_own():
    case = roads([0, 0, 1, -1], [0, -1, 0, 0], [1, 2, 3], [0, 0, 0])
    side, east, west = phases(case, FACING_DEG)
    assert east == west != side


def test_where_the_map_is_silent_every_approach_has_its_own_phase():
    case = roads([0, 5], [0, 0], [0, 0, 2], [2, 2, 1], nodes=3)
    assert len(set(phases(case, FACING_DEG).tolist())) == 3


@settings(deadline=None)  # the first call compiles
@given(st.lists(st.floats(0.0, 3.0), min_size=4, max_size=4), st.floats(0.01, 1.0))
def test_all_the_green_is_given_and_nobody_goes_without(flow_ratio, even):
    green = green_share(np.array(flow_ratio), phases(CROSS, FACING_DEG), np.zeros(2, dtype=int), even)
    assert green[NORTH] == green[SOUTH]
    assert green[NORTH] + green[EAST] == pytest.approx(1.0)
    assert green.min() >= even / 2 - 1e-12


def test_the_fixed_plan_is_what_capacities_were_stated_for():
    ordinary = np.array([400.0, 300.0, 100.0, 200.0])
    signals = Signals(CROSS, ordinary, np.ones(4, dtype=bool), EVEN, FACING_DEG)
    assert signals.capacity_frac(ordinary) == pytest.approx(np.ones(4))
    assert signals.capacity_frac(3.0 * ordinary) == pytest.approx(np.ones(4))
    fixed = Signals(CROSS, ordinary, np.zeros(4, dtype=bool), EVEN, FACING_DEG)
    assert (fixed.capacity_frac(np.array([0.0, 900.0, 50.0, 0.0])) == 1.0).all()


def test_green_goes_to_where_traffic_was():
    signals = Signals(CROSS, np.full(4, 300.0), np.ones(4, dtype=bool), EVEN, FACING_DEG)
    left = signals.capacity_frac(np.array([600.0, 100.0, 200.0, 200.0]))
    # 0.15 + 0.7 x 3/4 and 0.15 + 0.7 / 4, over a half
    assert left == pytest.approx([1.35, 1.35, 0.65, 0.65])


def test_a_road_without_answering_signals_is_left_as_it_is(bay_city):
    links = len(bay_city.roads.link_from)
    assert RoadNetwork(bay_city.roads, adaptive_signal=np.zeros(links, dtype=bool)).signal_frac() is None
    everywhere = np.ones(links, dtype=bool)
    off = RoadNetwork(
        bay_city.roads, mechanisms=Mechanisms(adaptive_signals=False), adaptive_signal=everywhere
    )
    assert off.signal_frac() is None
    on = RoadNetwork(bay_city.roads, adaptive_signal=everywhere)
    on.serve(bay_city.roads.od_veh_per_h)
    assert on.signal_frac().min() < 0.9 < 1.1 < on.signal_frac().max()


def test_a_tidal_peak_passes_with_less_delay(bay_city):
    # three busy hours, in which the fixed plan keeps green for traffic that comes only in the evening
    adaptive = np.ones(len(bay_city.roads.link_from), dtype=bool)
    delay = []
    for signal in (None, adaptive):
        network = RoadNetwork(bay_city.roads, adaptive_signal=signal)
        hours = [network.serve(bay_city.roads.od_veh_per_h, None, network.signal_frac()) for _ in range(3)]
        delay.append(sum(hour.delay_veh_h for hour in hours[1:]))
    assert delay[1] < 0.9 * delay[0]


def two_routes(demand_veh_per_h: float) -> RoadCase:
    """A narrow short road and a wide long one meet at a signal before the town (after Smith 1979)."""
    return roads(
        [0, 5],
        [0, 0],
        [0, 0, 2],
        [2, 2, 1],
        od=[[0.0, demand_veh_per_h], [0.0, 0.0]],
        nodes=3,
        through_zones=False,
        link_free_time_h=np.array([0.10, 0.15, 0.01]),
        link_capacity_veh_per_h=np.array([500.0, 2000.0, 1e5]),
    )


def test_smiths_example_in_which_answering_traffic_makes_it_worse():
    # The short road fills first, so its signal gets more green, which draws more traffic to it and takes the
    # green from the wide road. Both sides settle, and everybody is slower than under the fixed plan.
    case = two_routes(3000.0)
    fixed = RoadNetwork(case).assign(gap=1e-9)
    numbers = RoadsParameters(informed_frac=1.0, hourly_gap=1e-9, hourly_iterations=500)
    network = RoadNetwork(case, numbers, Mechanisms(residual_queues=False))
    by_lanes = np.array([500.0, 2000.0, 3000.0])
    signals = Signals(case, by_lanes, np.array([True, True, False]), EVEN, FACING_DEG)
    flow, shares = fixed.flow_veh_per_h, []
    for _ in range(60):
        hour = network.serve(case.od_veh_per_h, None, signals.capacity_frac(flow))
        flow = hour.flow_veh_per_h
        shares.append(flow[0] / 3000.0)
    assert shares[-1] == pytest.approx(shares[-2], abs=1e-4), "drivers and signals have come to rest"
    assert hour.time_h[0] == pytest.approx(hour.time_h[1], rel=1e-3), "nobody gains by changing road"
    assert shares[-1] > 1.2 * fixed.flow_veh_per_h[0] / 3000.0
    total_veh_h = [float(f @ t) for f, t in ((fixed.flow_veh_per_h, fixed.time_h), (flow, hour.time_h))]
    assert total_veh_h[1] > 1.1 * total_veh_h[0]


# ---- max pressure (Varaiya 2013)


def green_by_pressure(case: RoadCase, flow, slots: int = 240) -> np.ndarray:
    """Green of each link of *case* under max pressure; saturation flow is twice the capacity."""
    phase = phases(case, FACING_DEG)
    node = np.zeros(phase.max() + 1, dtype=int)
    node[phase] = case.link_to
    green = np.empty(len(node))
    ahead = roads_ahead(np.asarray(case.link_from), np.asarray(case.link_to))
    saturation = 2.0 * np.asarray(case.link_capacity_veh_per_h)
    state = idle(len(phase), node)
    pressure_green(np.array(flow, dtype=float), saturation, phase, node, *ahead, slots, state, green)
    return green[phase]


@given(st.lists(st.floats(0.0, 2000.0), min_size=4, max_size=4))
@settings(deadline=None)  # the first call compiles
def test_under_pressure_too_all_the_green_is_given(flow):
    green = green_by_pressure(CROSS, flow, slots=40)
    assert green[NORTH] == green[SOUTH]
    assert green[NORTH] + green[EAST] == pytest.approx(1.0)


def test_max_pressure_serves_any_demand_that_can_be_served():
    # Varaiya's theorem: whatever demand some share of green serves, max pressure serves, though nobody tells
    # it the demand. Saturation is 1,200 veh/h; 900 and 240 need 0.75 and 0.2 of the green.
    green = green_by_pressure(CROSS, [900.0, 100.0, 240.0, 50.0])
    assert green[NORTH] >= 0.75 - 1 / 60
    assert green[EAST] >= 0.2 - 1 / 60
    # a fixed half each would leave 300 vehicles of every hour waiting
    assert green_by_pressure(CROSS, [240.0, 50.0, 900.0, 100.0])[EAST] >= 0.75 - 1 / 60


def test_a_queue_ahead_takes_the_green_away():
    # two streets meet at node 2 at a right angle; each leads on into the other
    case = roads([0, 2, 2], [0, 2, 0], [0, 1, 2, 2], [2, 2, 1, 0])
    jammed = replace(case, link_capacity_veh_per_h=np.array([600.0, 600.0, 20.0, 600.0]))
    flow = [400.0, 400.0, 380.0, 380.0]
    west, north, *_ = green_by_pressure(case, flow)
    assert west == pytest.approx(north, abs=1 / 60)
    west, north, *_ = green_by_pressure(jammed, flow)  # the road to the north passes 40 an hour
    assert north > 2.0 * west


def test_signals_by_pressure_answer_the_traffic_of_the_hour_itself(bay_city):
    # the first busy hour after a quiet night: signals that go by the last hour do not know of it
    busy = bay_city.roads.od_veh_per_h
    everywhere = np.ones(len(bay_city.roads.link_from), dtype=bool)
    delay = []
    for by_pressure in (None, everywhere):
        network = RoadNetwork(bay_city.roads, adaptive_signal=everywhere, pressure_signal=by_pressure)
        network.serve(0.05 * busy.T)
        answer = network.signal_frac if network.signals.within_the_hour else None
        delay.append(network.serve(busy, None, network.signal_frac(), answer).delay_veh_h)
    assert delay[1] < 0.8 * delay[0]


def test_the_second_look_leaves_no_vehicle_out(bay_city):
    links = len(bay_city.roads.link_from)
    network = RoadNetwork(
        bay_city.roads, adaptive_signal=np.ones(links, bool), pressure_signal=np.ones(links, bool)
    )
    for _ in range(3):
        hour = network.serve(bay_city.roads.od_veh_per_h, None, None, network.signal_frac)
        asked = bay_city.roads.od_veh_per_h.sum() + hour.carried_in_veh
        assert hour.arrived_veh + hour.queued_veh + hour.stranded_veh.sum() == pytest.approx(asked)
    assert hour.gap <= network.parameters.hourly_gap


# ---- detectors


def test_a_junction_without_its_detector_keeps_to_the_fixed_plan():
    signals = Signals(CROSS, np.full(4, 300.0), np.ones(4, dtype=bool), EVEN, FACING_DEG)
    flow = np.array([600.0, 100.0, 200.0, 200.0])
    out = np.array([False, False, True, False])
    assert signals.capacity_frac(flow, out=out).tolist() == [1.0] * 4
    assert signals.capacity_frac(flow, out=np.zeros(4, dtype=bool)).max() > 1.3


def test_spoofed_detectors_give_the_green_to_the_emptier_road():
    signals = Signals(CROSS, np.full(4, 300.0), np.ones(4, dtype=bool), EVEN, FACING_DEG)
    flow = np.array([600.0, 600.0, 200.0, 200.0])
    true, half, false = (signals.capacity_frac(flow, spoofed_frac=np.full(4, v)) for v in (0.0, 0.5, 1.0))
    assert true[NORTH] > 1.0 > true[EAST]
    assert false[NORTH] == pytest.approx(true[EAST])
    assert half == pytest.approx(np.ones(4))
