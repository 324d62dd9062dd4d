"""Exploration: a regression helps as far as its data allow, and metal comes only after its lag."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.institutions.exploration import ExplorationParameters, explore
from agentsim.institutions.prospects import Geology, ProspectsParameters, learn, ranked

PROSPECTS, NUMBERS = ProspectsParameters(), ExplorationParameters()


def success_frac(learned: bool, **changed) -> float:
    """Finds per target over several programmes of ten years."""
    prospects = replace(PROSPECTS, **changed)
    programmes = [explore(10, 20, learned, Streams(seed), prospects, NUMBERS) for seed in range(1, 9)]
    return sum(len(one.found_y) for one in programmes) / sum(one.drilled for one in programmes)


def test_without_learning_targets_succeed_as_often_as_prospects_do():
    assert success_frac(False) == pytest.approx(PROSPECTS.success_frac, abs=0.015)


def test_learning_raises_success_and_good_data_raise_it_more():
    """Mechanisms S9 assume 0.05 and 0.08; here the second comes out of a regression."""
    poor, usual, good = (success_frac(True, noise=noise) for noise in (8.0, 1.0, 0.1))
    assert usual > 1.3 * success_frac(False)
    assert poor < usual < good


def test_where_geology_says_nothing_nothing_can_be_learnt():
    assert success_frac(True, signal=0.0) == pytest.approx(success_frac(False, signal=0.0), abs=0.02)


def test_without_known_results_the_first_year_is_drilled_blindly():
    new = replace(PROSPECTS, known_results=0)
    blind, taught = (explore(1, 20, learned, Streams(3), new, NUMBERS) for learned in (False, True))
    assert blind.opens_y.tolist() == taught.opens_y.tolist()


def test_the_regression_finds_the_direction_that_made_the_data():
    geology = Geology(Streams(1), replace(PROSPECTS, noise=0.0, signal=2.0))
    measured, found = geology.prospects(0, 4000)
    weights = learn(measured, found, 1.0)
    assert weights[1:] / np.linalg.norm(weights[1:]) @ geology._direction > 0.95
    best = ranked(measured, weights)[:400]
    assert found[best].mean() > 2.0 * found.mean()


def test_no_mine_opens_within_the_lag():
    for seed in range(1, 6):
        found = explore(16, 50, True, Streams(seed), PROSPECTS, NUMBERS)
        assert len(found.found_y) > 0
        assert (found.opens_y - found.found_y >= NUMBERS.lag_y[0]).all()
        assert not found.producing(9.99, NUMBERS.mine_life_y).any()


def test_mines_open_after_the_lag_and_are_worked_out():
    found = explore(60, 50, True, Streams(1), PROSPECTS, NUMBERS)
    open_mines = [found.producing(year, NUMBERS.mine_life_y).sum() for year in (0, 12, 20, 40, 200)]
    assert open_mines[0] == open_mines[-1] == 0
    assert 0 < open_mines[1] < open_mines[2] < open_mines[3]


def test_poor_ore_is_left_in_the_ground():
    found = explore(40, 50, False, Streams(1), PROSPECTS, NUMBERS)
    assert 0 < found.worth_mining.sum() < len(found.grade)
    assert found.grade[found.worth_mining].min() > found.grade[~found.worth_mining].max()


def test_a_candidate_is_the_same_whoever_chooses():
    wide = replace(PROSPECTS, candidates_per_target=10)
    first, second = (Geology(Streams(2), wide).prospects(3, rows) for rows in (10, 50))
    assert (first[0] == second[0][:10]).all()
    assert (first[1] == second[1][:10]).all()
