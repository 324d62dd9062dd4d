"""The front and the races: pure arithmetic, and how often a race is wrong."""

import math

import numpy as np
import pytest

from agentsim.experiments.portfolio.front import front_of, spread
from agentsim.experiments.portfolio.judging import chance_to_be_best
from agentsim.experiments.portfolio.race import ERROR, Standing, is_above, is_beaten, rounds_of, survivors

BASE = np.array([0.0, 100.0, 10.0, 1.0])


def standing(cost: float, harm: list[list[float]], inequality: float = 5.0, co2: float = 1.0) -> Standing:
    table = np.array(harm, dtype=float)
    known = np.where(np.isnan(table), math.nan, 1.0)
    return Standing(cost, table, inequality * known, co2 * known)


# ---- the front --------------------------------------------------------------------------------------


def test_a_set_is_on_the_front_if_it_is_better_than_every_cheaper_one():
    values = np.array([[0, 100, 10, 1], [2, 60, 10, 1], [3, 70, 10, 1], [5, 20, 10, 1.0]])
    assert front_of(values, BASE) == [0, 1, 3]


def test_a_difference_below_the_tolerance_is_none():
    values = np.array([[0, 100, 10, 1], [1, 98.5, 10, 1], [2, 97.5, 10, 1.0]])
    assert front_of(values, BASE) == [0, 2], "the third is better than the first, which alone is on the front"
    assert front_of(values, BASE, tolerance_frac=0.0) == [0, 1, 2]


def test_less_inequality_or_less_co2_is_a_reason_to_be_on_the_front():
    values = np.array([[0, 100, 10, 1], [1, 100, 5, 1], [2, 100, 10, 0.5], [3, 100, 9.9, 1.0]])
    assert front_of(values, BASE) == [0, 1, 2]


def test_of_equal_costs_the_less_harmful_is_on_the_front():
    values = np.array([[0, 100, 10, 1], [4, 50, 10, 1], [4, 30, 10, 1.0]])
    assert front_of(values, BASE) == [0, 2]


def test_the_finalists_of_a_long_front_include_both_ends():
    values = np.array([[cost, 100 - cost, 10, 1] for cost in range(20)], dtype=float)
    chosen = spread(list(range(20)), values, 5)
    assert len(chosen) == 5
    assert {0, 19} <= set(chosen)
    assert chosen == sorted(chosen)


# ---- races ------------------------------------------------------------------------------------------


def test_rounds_double():
    assert [len(part) for part in rounds_of(range(1, 13))] == [3, 6, 12]
    assert [len(part) for part in rounds_of([7, 8])] == [2]


def test_a_set_that_is_clearly_worse_and_no_cheaper_is_beaten():
    rival = standing(1.0, [[10, 11, 12], [5, 6, 7]])
    assert is_beaten(standing(2.0, [[50, 52, 51], [1, 1, 1]]), rival, BASE, 0.02, 0.01)
    assert not is_beaten(standing(0.5, [[50, 52, 51], [1, 1, 1]]), rival, BASE, 0.02, 0.01), "it is cheaper"


def test_a_set_that_changes_nothing_is_beaten_by_the_cheaper_one():
    harm = [[40, 55, 61]]
    assert is_beaten(standing(2.0, harm), standing(1.0, harm), BASE, 0.02, 0.01)
    assert not is_beaten(standing(1.0, harm), standing(1.0, harm), BASE, 0.02, 0.01), "it costs no more"


def test_a_set_that_was_run_in_one_future_is_beaten_there_only_by_the_worst_of_the_rival():
    rival = standing(1.0, [[10, 10, 10], [90, 91, 92]])
    nan = math.nan
    one = standing(2.0, [[50, 51, 52], [nan, nan, nan]])
    assert not is_beaten(one, rival, BASE, 0.02, 0.01), "the rival is worse in the other future"
    rival = standing(1.0, [[10, 10, 10], [30, 31, 32]])
    assert is_beaten(one, rival, BASE, 0.02, 0.01)


def test_a_set_with_less_inequality_is_not_beaten():
    rival = standing(1.0, [[10, 11, 12]])
    assert not is_beaten(standing(2.0, [[50, 52, 51]], inequality=2.0), rival, BASE, 0.02, 0.01)


def test_nothing_is_beaten_by_a_rival_that_has_not_been_everywhere():
    rival = standing(1.0, [[10, 11, 12], [math.nan] * 3])
    assert not is_beaten(standing(2.0, [[50, 52, 51], [50, 50, 50]]), rival, BASE, 0.02, 0.01)


def test_two_values_are_never_above_beyond_doubt_unless_they_are_equal():
    assert not is_above(np.array([5.0, 5.1]), 0.001)
    assert is_above(np.array([5.0, 5.0]), 0.001)
    assert not is_above(np.array([5.0, math.nan]), 0.5)


def test_a_race_throws_out_a_set_that_is_better_less_often_than_stated():
    """The hardest case: one future, and a set that is better by just the tolerance, judged at every look."""
    draws = np.random.default_rng(5)
    rounds, thrown, repeats = rounds_of(range(24)), 0, 1000
    level = ERROR / len(rounds)
    for _ in range(repeats):
        weather = 30.0 * draws.standard_normal(24)
        ours, rival = (level_jpy + weather + 10.0 * draws.standard_normal(24) for level_jpy in (98.0, 100.0))
        known = standing(1.0, [rival.tolist()])
        looks = [standing(2.0, [np.where(np.arange(24) < len(part), ours, math.nan)]) for part in rounds]
        thrown += any(is_beaten(one, known, BASE, 0.02, level) for one in looks)
    assert 0.01 < thrown / repeats <= ERROR


def test_of_many_the_rival_is_the_one_that_does_least_harm():
    sets = [
        standing(cost, [[harm, harm + 1, harm + 2]]) for cost, harm in ((0, 90), (1, 20), (2, 50), (3, 5))
    ]
    assert survivors([2, 3], [0, 1], sets, BASE, 0.02, 0.01) == [3]


# ---- how sure ---------------------------------------------------------------------------------------


def test_the_chance_to_be_best_is_shared_by_sets_that_do_the_same():
    harm = np.array([[[1.0, 2.0, 3.0]], [[1.0, 2.0, 3.0]], [[9.0, 9.0, 9.0]]])
    assert chance_to_be_best(harm).tolist() == [0.5, 0.5, 0.0]


def test_the_best_is_judged_by_its_worst_future():
    good_once = [[1.0, 1.0, 1.0], [50.0, 51.0, 52.0]]
    fair_always = [[20.0, 21.0, 22.0], [20.0, 21.0, 22.0]]
    assert chance_to_be_best(np.array([good_once, fair_always])).tolist() == [0.0, 1.0]


@pytest.mark.parametrize("noise", [5.0, 50.0])
def test_a_close_call_is_told_as_one(noise):
    draws = np.random.default_rng(1)
    harm = 100.0 + noise * draws.standard_normal((2, 1, 12))
    chance = chance_to_be_best(harm)
    assert chance.sum() == pytest.approx(1.0)
    assert 0.0 < chance.min() < 0.5
