"""DC power flow, islands and overload cascades by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.numerics.graphs import islands
from agentsim.networks.power.cascade import balanced_injection_mw, cascade, dc_flow_mw
from agentsim.networks.power.grid import PowerGrid, PowerParameters
from agentsim.place.cases import RESIDENTIAL, Feeders, GridCase

# Three parallel lines of equal susceptance between a source (bus 0) and a load (bus 1).
THREE = {
    "line_from": np.zeros(3, dtype=int),
    "line_to": np.ones(3, dtype=int),
    "susceptance_mw": np.full(3, 1000.0),
}


def after_losing_one(load_mw: float, limit_mw: float, trip_frac: float = 1.2):
    return cascade(
        load_mw=np.array([0.0, load_mw]),
        generation_mw=np.array([load_mw, 0.0]),
        capability_mw=np.array([load_mw, 0.0]),
        limit_mw=np.full(3, limit_mw),
        in_service=np.array([False, True, True]),
        trip_frac=trip_frac,
        **THREE,
    )


def test_kirchhoff_a_wheatstone_bridge_in_balance_carries_nothing_across():
    bridge = np.array([0, 0, 1, 2, 1]), np.array([1, 2, 3, 3, 2])
    flow = dc_flow_mw(
        np.array([30.0, 0, 0, -30]), *bridge, np.array([10.0, 20, 10, 20, 7]), np.ones(5, dtype=bool)
    )
    assert flow == pytest.approx([10, 20, 10, 20, 0])


def test_islands_are_named_after_their_lowest_bus():
    assert islands(5, np.array([3, 2, 0]), np.array([4, 3, 1])).tolist() == [0, 0, 2, 2, 2]


def test_losing_a_line_within_limits_trips_nothing():
    end = after_losing_one(load_mw=90, limit_mw=45)
    assert end.tripped == ()
    assert end.flow_mw == pytest.approx([0, 45, 45])


def test_a_line_trips_above_1_2_of_its_limit_and_not_at_its_limit():
    assert after_losing_one(load_mw=90, limit_mw=45 / 1.19).tripped == ()
    assert after_losing_one(load_mw=90, limit_mw=45 / 1.21).tripped == (1, 2)
    assert after_losing_one(load_mw=90, limit_mw=45).tripped == ()


def test_a_cascade_stops_where_the_load_behind_it_is_gone():
    end = after_losing_one(load_mw=90, limit_mw=30)
    assert end.tripped == (1, 2)
    assert not end.in_service.any()
    assert end.flow_mw.tolist() == [0, 0, 0]


def test_trips_come_in_rounds_the_weaker_path_first():
    end = cascade(
        load_mw=np.array([0.0, 90]),
        generation_mw=np.array([90.0, 0]),
        capability_mw=np.array([90.0, 0]),
        limit_mw=np.array([99.0, 60, 30]),
        in_service=np.array([False, True, True]),
        **THREE,
    )
    assert end.tripped == (2, 1)  # 45 > 36 first, then 90 > 72


def test_governors_raise_what_has_headroom_and_relays_shed_the_rest():
    one_island = np.zeros(3, dtype=int)
    injection = balanced_injection_mw(
        np.array([0.0, 0, 60]), np.array([20.0, 10, 0]), np.array([30.0, 40, 0]), one_island
    )
    # 30 missing out of 40 of headroom: three quarters of each
    assert injection == pytest.approx([27.5, 32.5, -60])
    injection = balanced_injection_mw(
        np.array([0.0, 20, 60]), np.array([30.0, 0, 0]), np.array([40.0, 0, 0]), one_island
    )
    assert injection == pytest.approx([40, -10, -30])


@given(st.data())
def test_every_island_balances(data):
    def powers():
        return np.array(data.draw(st.lists(st.floats(-5, 50), min_size=6, max_size=6)))

    island = np.array([0, 0, 2, 2, 2, 5])
    generation = np.maximum(powers(), 0)
    injection = balanced_injection_mw(powers(), generation, generation + np.maximum(powers(), 0), island)
    assert np.bincount(island, injection) == pytest.approx(np.zeros(6), abs=1e-9)


# --- in the city: bus 0 feeds bus 1 over three lines, and a dear unit stands at bus 1 --------------

CASE = GridCase(
    base_mva=100.0,
    bus_id=("source", "load"),
    bus_load_mw=np.zeros(2),
    bus_shunt_mw=np.zeros(2),
    line_from=np.zeros(3, dtype=int),
    line_to=np.ones(3, dtype=int),
    line_r_pu=np.zeros(3),
    line_x_pu=np.array([0.1, 0.1, 0.1]),
    line_tap=np.ones(3),
    line_shift_deg=np.zeros(3),
    line_limit_mw=np.full(3, 35.0),
    unit_bus=np.array([0, 1]),
    unit_max_mw=np.array([100.0, 60.0]),
    unit_min_mw=np.zeros(2),
    unit_cost=np.array([[0.0, 8000, 0], [0.0, 20000, 0]]),
)
FEEDERS = Feeders(np.array([1]), np.array([0]), np.array([RESIDENTIAL]), np.array([90.0]), np.ones(1))
LOAD = {"asked_mw": np.array([90.0]), "basic_mw": np.array([20.0])}
FIRST_OUT = np.array([True, False, False])


def hours(mechanisms: Mechanisms, outages: list) -> list:
    grid = PowerGrid(CASE, FEEDERS, 1, parameters=PowerParameters(limit_frac=1.0), mechanisms=mechanisms)
    return [grid.serve(**LOAD, lines_out=out) for out in outages]


def test_an_outage_trips_its_neighbours_and_they_come_back_after_two_hours():
    calm, lost, next_hour, back = hours(Mechanisms(), [None, FIRST_OUT, FIRST_OUT, None])
    assert calm.flow_mw == pytest.approx([30, 30, 30])
    assert lost.tripped == (1, 2)  # 45 MW each is above 1.2 x 35
    assert lost.lines_out.all()
    assert lost.delivered_mw == pytest.approx([60])  # what the unit at the load can give
    assert next_hour.tripped == ()
    assert next_hour.lines_out.all()
    assert not back.lines_out.any()
    assert back.delivered_mw == pytest.approx([90])


def test_with_the_mechanism_off_redispatch_saves_the_neighbours():
    _, lost = hours(Mechanisms(cascade=False), [None, FIRST_OUT])
    assert lost.tripped == ()
    assert lost.flow_mw == pytest.approx([0, 35, 35])
    assert lost.delivered_mw == pytest.approx([90])


def test_a_calm_grid_on_its_limits_never_trips():
    tight = PowerGrid(CASE, FEEDERS, 1, parameters=PowerParameters(limit_frac=0.6))
    for _ in range(4):
        hour = tight.serve(**LOAD)
        assert np.abs(hour.flow_mw).max() == pytest.approx(21)
        assert hour.tripped == ()


def test_losing_a_unit_can_overload_the_lines_that_replace_it():
    grid = PowerGrid(CASE, FEEDERS, 1, parameters=PowerParameters(limit_frac=0.6))
    grid.serve(**LOAD)  # 63 over the lines, 27 from the unit at the load
    hour = grid.serve(**LOAD, units_out=np.array([False, True]))
    assert hour.tripped == (0, 1, 2)  # 30 MW each is above 1.2 x 21
    assert hour.shed_mw == pytest.approx([90])
    assert not hour.energised.any()
