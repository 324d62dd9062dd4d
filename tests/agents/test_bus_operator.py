"""How a bus operator shares out its buses: the square-root rule, and lines that are no longer worth a bus."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.agents.officers.bus_operator import shared_out

RIDERS = np.array([900.0, 100.0, 400.0])
ROUND_H = np.array([1.0, 0.5, 2.0])


def waiting(buses: np.ndarray) -> float:
    """Hours that all riders wait, half a headway each."""
    return float((RIDERS * ROUND_H / (2.0 * buses)).sum())


def test_riders_wait_least_under_the_square_root_rule() -> None:
    best = shared_out(12.0, RIDERS, ROUND_H, 0.0)
    assert best.sum() == pytest.approx(12.0)
    rng = np.random.default_rng(1)
    for _ in range(200):
        other = best * rng.uniform(0.7, 1.4, 3)
        other *= 12.0 / other.sum()
        assert waiting(best) <= waiting(other) + 1e-9


def test_a_line_with_four_times_the_riders_has_twice_the_buses() -> None:
    buses = shared_out(9.0, np.array([400.0, 100.0]), np.ones(2), 0.0)
    assert buses.tolist() == pytest.approx([6.0, 3.0])


def test_the_emptiest_line_is_closed_first_and_its_buses_go_to_the_others() -> None:
    riders = np.array([900.0, 1.0, 400.0])
    buses = shared_out(3.0, riders, np.ones(3), 0.5)
    assert buses[1] == 0.0
    assert buses.sum() == pytest.approx(3.0)
    assert shared_out(0.4, riders, np.ones(3), 0.5).sum() == 0.0, "not enough for any line"


def test_a_line_without_riders_gets_no_bus() -> None:
    assert shared_out(5.0, np.array([0.0, 10.0]), np.ones(2), 0.5).tolist() == [0.0, 5.0]
    assert not shared_out(5.0, np.zeros(3), np.ones(3), 0.5).any()


@given(
    st.floats(0.0, 100.0),
    st.lists(st.tuples(st.floats(0.0, 1e4), st.floats(0.1, 3.0)), min_size=1, max_size=8),
    st.floats(0.0, 5.0),
)
def test_buses_are_conserved_and_no_line_runs_less_often_than_it_may(
    bus_h: float, lines: list[tuple[float, float]], least: float
) -> None:
    riders, round_h = (np.array(column) for column in zip(*lines, strict=True))
    buses = shared_out(bus_h, riders, round_h, least)
    runs = buses > 0.0
    assert (buses >= 0.0).all()
    assert buses.sum() == pytest.approx(bus_h if runs.any() else 0.0)
    assert (buses[runs] >= least * round_h[runs] * (1.0 - 1e-12)).all()
