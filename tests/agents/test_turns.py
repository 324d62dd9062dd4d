"""Turns of rotating outages on one feeder: exact energy, fair shares, and where a turn begins."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.agents.households.turns import Turns

ROTATION_H = 2
WEIGHT = 50.0  # real households that one row stands for


class Columns(SimpleNamespace):
    """The two columns of homes that turns read."""

    def __len__(self) -> int:
        return len(self.feeder)


def turns_of(feeder: list[int], feeders: int, rotation_h: int = ROTATION_H) -> Turns:
    return Turns(Columns(feeder=np.array(feeder), weight=WEIGHT), feeders, rotation_h)


def mw(kw: float | np.ndarray) -> np.ndarray:
    """Load of real households on each feeder [MW] from that of simulated ones [kW]."""
    return np.atleast_1d(kw) * WEIGHT / 1000.0


def test_without_unserved_load_no_home_loses_any() -> None:
    assert turns_of([0, 0, 1], 2).unserved_kw(0, np.zeros(2), np.ones(3)).tolist() == [0.0, 0.0, 0.0]


def test_the_arc_begins_with_the_first_home_and_may_end_within_a_home() -> None:
    turns = turns_of([0, 0, 0], 1)
    assert turns.unserved_kw(0, mw(1.5), np.ones(3)).tolist() == pytest.approx([1.0, 0.5, 0.0])


def test_the_next_turn_begins_where_the_arc_ended_and_goes_round() -> None:
    turns, asked_kw = turns_of([0, 0, 0], 1), np.ones(3)
    hours = [turns.unserved_kw(hour, mw(2.0), asked_kw).tolist() for hour in range(6)]
    expected = [[1.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 1.0]]
    np.testing.assert_allclose(hours, np.repeat(expected, ROTATION_H, axis=0), atol=1e-12)


def test_the_longest_arc_of_a_turn_sets_the_beginning_of_the_next() -> None:
    turns, asked_kw = turns_of([0, 0, 0, 0], 1), np.ones(4)
    turns.unserved_kw(0, mw(3.0), asked_kw)
    turns.unserved_kw(1, mw(1.0), asked_kw)
    assert turns.unserved_kw(2, mw(1.0), asked_kw).tolist() == pytest.approx([0.0, 0.0, 0.0, 1.0])


def test_each_feeder_has_turns_of_its_own() -> None:
    turns, asked_kw = turns_of([1, 0, 1, 0], 2), np.array([1.0, 2.0, 1.0, 2.0])
    assert turns.unserved_kw(0, mw(np.array([0.0, 1.0])), asked_kw).tolist() == [1.0, 0.0, 0.0, 0.0]
    both = mw(np.array([2.0, 1.0]))
    assert turns.unserved_kw(ROTATION_H, both, asked_kw).tolist() == pytest.approx([0.0, 2.0, 1.0, 0.0])


def test_a_feeder_without_homes_takes_part_in_nothing() -> None:
    turns = turns_of([0, 2], 4)
    assert turns.unserved_kw(0, mw(np.ones(4)), np.ones(2)).tolist() == pytest.approx([1.0, 1.0])


LOADS = st.lists(st.floats(0.1, 5.0), min_size=1, max_size=12)


@given(LOADS, st.lists(st.floats(0.0, 1.5), min_size=1, max_size=20), st.integers(1, 4))
def test_homes_lose_exactly_the_unserved_load(load_kw: list, cut_frac: list, rotation_h: int) -> None:
    asked_kw = np.array(load_kw)
    turns = turns_of([0] * len(asked_kw), 1, rotation_h)
    for hour, cut in enumerate(cut_frac):
        lost_kw = turns.unserved_kw(hour, mw(cut * asked_kw.sum()), asked_kw)
        assert lost_kw.sum() == pytest.approx(min(cut, 1.0) * asked_kw.sum(), abs=1e-9)
        assert (lost_kw >= 0.0).all()
        assert (lost_kw <= asked_kw).all()


@given(LOADS, st.floats(0.01, 0.99), st.integers(1, 4))
def test_no_home_is_ahead_by_more_than_one_turn(load_kw: list, cut: float, rotation_h: int) -> None:
    asked_kw = np.array(load_kw)
    turns = turns_of([0] * len(asked_kw), 1, rotation_h)
    lost_h = np.zeros(len(asked_kw))
    for hour in range(40 * rotation_h):
        lost_h += turns.unserved_kw(hour, mw(cut * asked_kw.sum()), asked_kw) / asked_kw
        assert np.ptp(lost_h) <= rotation_h + 1e-6
