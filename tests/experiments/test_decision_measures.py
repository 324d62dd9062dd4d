"""Choosing without knowing what comes: CVaR95, regret and ranks, by hand."""

import numpy as np
import pandas as pd
import pytest

from agentsim.experiments.statistics.decision_measures import (
    decision_table,
    minimax_regret,
    regrets,
    tail_mean,
    worst_of,
)
from agentsim.experiments.statistics.ranks import ranks, ranks_by_world, ranks_over_worlds


def losses(by_world: dict, seeds: int) -> pd.DataFrame:
    frames = {world: pd.DataFrame(rows, index=range(1, seeds + 1)) for world, rows in by_world.items()}
    return pd.concat(frames, names=["world", "seed"])


# a quiet year and an attack; wells cost something always, stocks help a little in both
TWO_WORLDS = losses(
    {
        "calm": {"none": [0.0, 2.0], "wells": [4.0, 6.0], "stocks": [1.0, 3.0]},
        "attack": {"none": [90.0, 110.0], "wells": [20.0, 20.0], "stocks": [60.0, 80.0]},
    },
    2,
)


def test_cvar95_is_the_mean_of_the_worst_twentieth():
    hundred = np.arange(1.0, 101.0)
    assert tail_mean(hundred) == pytest.approx(98.0)  # 96 to 100
    assert tail_mean(np.arange(1.0, 31.0)) == pytest.approx((30.0 + 0.5 * 29.0) / 1.5)
    assert tail_mean([3.0, 9.0, 4.0]) == 9.0  # of few runs it is the worst
    assert np.isnan(tail_mean([]))


def test_the_worst_run_is_on_the_side_that_is_worse():
    assert worst_of([1.0, 5.0, 3.0], -1) == (5.0, 5.0)
    assert worst_of([0.2, 0.9, 0.5], +1) == (0.2, 0.2)
    assert np.isnan(worst_of([1.0, 2.0], 0)).all()


def test_regret_is_the_distance_to_the_best_policy_for_what_came():
    found = regrets(TWO_WORLDS)
    assert found.loc["calm"].to_dict() == {"none": 0.0, "wells": 4.0, "stocks": 1.0}
    assert found.loc["attack"].to_dict() == {"none": 80.0, "wells": 0.0, "stocks": 50.0}
    assert minimax_regret(TWO_WORLDS) == ("wells", 4.0)


def test_the_table_says_where_the_worst_and_the_largest_regret_are():
    table = decision_table(TWO_WORLDS)
    assert table.loc["stocks", ["mean", "worst", "worst_in", "regret", "regret_in"]].to_list() == [
        36.0,
        80.0,
        "attack",
        50.0,
        "attack",
    ]
    assert table.loc["wells", "regret_in"] == "calm"


def test_equal_policies_share_the_better_rank():
    assert ranks(np.array([2.0, 2.0 + 1e-9, 5.0])).tolist() == [1, 1, 3]
    assert ranks(np.zeros(3)).tolist() == [1, 1, 1]


def test_a_rank_is_sure_where_the_pairs_agree_and_wide_where_they_do_not():
    rng = np.random.default_rng(3)
    weather = rng.normal(100.0, 30.0, 20)  # common to all policies: it cancels
    frame = losses(
        {"w": {"a": weather, "b": weather + 5.0, "c": weather + 5.0 + rng.normal(0.0, 4.0, 20)}}, 20
    )
    table = ranks_by_world(frame).set_index("policy")
    assert table.loc["a", ["rank", "rank_low", "rank_high", "best_frac"]].to_list() == [1, 1, 1, 1.0]
    assert (table.loc["b", "rank_low"], table.loc["b", "rank_high"]) == (2, 3)


def test_ranks_over_places_show_how_far_they_differ():
    table = ranks_over_worlds(TWO_WORLDS)
    assert table.loc["wells", ["mean_rank", "best_rank", "worst_rank"]].to_list() == [2.0, 1, 3]
    assert table.loc["wells", "minimax_frac"] == 1.0
    assert table["minimax_frac"].sum() == 1.0
    assert table.loc["none", "mean_rank_low"] <= 2.0 <= table.loc["none", "mean_rank_high"]
