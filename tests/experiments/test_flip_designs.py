"""Designs: ranges of assumed numbers, Morris screening and PRIM, on functions whose truth is known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from agentsim.experiments.claims.assumptions import Assumption, assumptions, changes_at, numbers
from agentsim.experiments.claims.flip_box import flip_box
from agentsim.experiments.claims.screening import influences, latin_hypercube, trajectories
from agentsim.scenario.file import load

ROOT = Path(__file__).parents[2]
TRIED = [Assumption(f"t.{name}", 1.0, "1", "A", low, high) for name, low, high in
         (("slope", 0.0, 10.0), ("bend", -1.0, 1.0), ("nothing", 5.0, 6.0))]  # fmt: skip


@pytest.fixture(scope="module")
def drought():
    return load(ROOT / "scenarios" / "drought.toml")


def answers(settings):
    """Rises with the first number, bends with the second, does not know the third."""
    return settings[:, 0] + 4.0 * settings[:, 1] ** 2


# numbers of years before, or of a build-up, which this scenario does not have
WITHOUT_YEARS = {
    *("build_up.embargo_months", "mineral_path.year", "mineral_path.embargo_year"),
    "mineral_path.price_factor",
}


def test_every_assumed_number_of_the_scenario_is_tried_and_no_measured_one(drought):
    tried = assumptions(drought, ["W-S1"])
    assert {one.tag for one in tried} == {"A", "M"}
    assert {one.key for one in tried} == {
        one.key
        for one in numbers(drought, ["W-S1"])
        if one.tag in ("A", "M") and one.key not in WITHOUT_YEARS
    }
    keys = {one.key for one in tried}
    assert {"policy.W-S1.share_of_demand", "raw_water.start_frac"} <= keys
    assert not any(key.startswith(("policy.W-C1", "attacker", "place", "compare")) for key in keys)
    assert any(
        one.key.startswith("attacker.") for one in assumptions(load(ROOT / "scenarios/fuel_embargo.toml"))
    )


def test_ranges_go_from_half_to_twice_within_what_is_admissible(drought):
    by_key = {one.key: one for one in assumptions(drought, ["W-S1", "W-C1"])}
    share = by_key["policy.W-S1.share_of_demand"]
    assert (share.low, share.high) == (0.1, 0.4)
    assert (by_key["power.limit_frac"].low, by_key["power.limit_frac"].high) == (0.6, 1.0)
    authority = by_key["policy.W-C1.authority"]  # 0 by default: the whole of its range
    assert [authority.at(x) for x in (authority.low, 1.2, authority.high)] == [0, 1, 2]
    weights = by_key["power.shed_weight"]
    assert weights.at(2.0) == [4.0, 2.0, 1.8, 1.2]
    assert (
        drought.with_changes(changes_at([weights, share], [weights.low, 0.4])).parameters.power.shed_weight[3]
        == 0.5
    )


def test_morris_finds_what_matters_and_says_where_an_effect_is_not_the_same_everywhere():
    settings = trajectories(TRIED, 10)
    assert settings.shape == (40, 3)
    assert (settings >= [0.0, -1.0, 5.0]).all()
    found = influences(TRIED, settings, answers(settings))
    by_key = {one.key: one for one in found}
    assert by_key["t.slope"].mu_star == pytest.approx(10.0)  # over the whole of its range
    assert by_key["t.slope"].sigma == pytest.approx(0.0, abs=1e-9)
    assert by_key["t.bend"].sigma > 1.0
    assert (found[0].key, found[-1].key, found[-1].mu_star) == ("t.slope", "t.nothing", 0.0)
    assert np.array_equal(settings, trajectories(TRIED, 10))  # the same design each time


def test_a_trajectory_with_a_run_that_failed_is_left_out():
    settings = trajectories(TRIED, 10)
    values = answers(settings)
    values[5] = np.nan
    assert {one.key: one.mu_star for one in influences(TRIED, settings, values)}["t.slope"] == pytest.approx(
        10.0
    )
    assert influences(TRIED, settings, np.full(40, np.nan)) == []


def test_the_hypercube_fills_each_range_evenly():
    settings = latin_hypercube(TRIED, 50)
    for column, one in zip(settings.T, TRIED, strict=True):
        counts = np.histogram(column, bins=50, range=(one.low, one.high))[0]
        assert (counts == 1).all()


def test_prim_finds_a_planted_box():
    settings = pd.DataFrame(np.random.default_rng(1).random((100, 6)), columns=list("abcdef"))
    flipped = ((settings.a > 0.7) & (settings.c < 0.5)).to_numpy()
    box = flip_box(settings, flipped)
    assert [key for key, _, _ in box.ranges] == ["a", "c"]
    (_, low, high), (_, _, top) = box.ranges
    assert (low, high, top) == (
        pytest.approx(0.7, abs=0.05),
        pytest.approx(1.0, abs=0.05),
        pytest.approx(0.5, abs=0.1),
    )
    inside = settings.a.between(low, high) & settings.c.between(*box.ranges[1][1:])
    assert box.density == pytest.approx(flipped[inside].mean())
    assert box.coverage == pytest.approx(flipped[inside].sum() / flipped.sum())
    assert min(box.density, box.coverage) > 0.8


def test_prim_seldom_finds_a_box_where_answers_flip_by_chance():
    rng = np.random.default_rng(2)
    settings = pd.DataFrame(rng.random((100, 6)), columns=list("abcdef"))
    found = [flip_box(settings, rng.random(100) < 0.15) for _ in range(20)]
    assert sum(box is not None for box in found) <= 5


def test_there_is_no_box_where_nothing_or_everything_flips():
    settings = pd.DataFrame({"a": np.arange(30.0)})
    assert flip_box(settings, np.zeros(30, bool)) is None
    assert flip_box(settings, np.ones(30, bool)) is None
