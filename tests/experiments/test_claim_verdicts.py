"""Verdicts on simulated changes whose truth is known."""

import math
from dataclasses import replace

import numpy as np
import pytest

from agentsim.experiments.claims.verdicts import (
    NOT_SUPPORTED,
    REVERSED,
    SUPPORTED,
    UNDECIDED,
    Effect,
    confirmed,
    contradicts,
    deciding,
    together,
)
from agentsim.experiments.statistics.intervals import difference_interval
from agentsim.experiments.statistics.multiple_testing import holm
from agentsim.experiments.statistics.p_values import p_of_difference

PAIRS, MARGIN = 30, 0.5


def effect(low, high, sign=-1, p=0.0, margin=MARGIN) -> Effect:
    return Effect("x", "1", sign, 10.0, 0.5 * (low + high), low, high, margin, PAIRS, "t", p, p)


def simulated(true: float, rng: np.random.Generator, sign=-1) -> Effect:
    """The effect found in 30 pairs whose true mean difference is *true*, spread 1."""
    before = rng.normal(10.0, 3.0, PAIRS)
    after = before + rng.normal(true, 1.0, PAIRS)
    found, p = difference_interval(after, before), p_of_difference(after, before)
    return Effect("x", "1", sign, 10.0, found.mean, found.low, found.high, MARGIN, PAIRS, "t", p)


def judged(effects):
    adjusted = holm(np.array([one.p_value for one in effects]))
    return [replace(one, p_adjusted=float(p)) for one, p in zip(effects, adjusted, strict=True)]


def test_each_verdict_by_hand():
    assert effect(-3.0, -1.0).verdict == SUPPORTED
    assert effect(-3.0, -1.0, sign=1).verdict == REVERSED
    assert effect(-3.0, 1.0).verdict == UNDECIDED
    assert effect(-0.5, 0.5).verdict == NOT_SUPPORTED
    # clearly other than 0, and too small to matter
    assert effect(-0.4, -0.1).verdict == NOT_SUPPORTED
    # clear by its interval, and not after the correction
    assert effect(-3.0, -1.0, p=0.06).verdict == UNDECIDED
    # nothing happens with the measures or without: exactly no change, even with a margin of 0
    assert effect(0.0, 0.0, margin=0.0).verdict == NOT_SUPPORTED
    assert effect(math.nan, math.nan).verdict == UNDECIDED


def test_a_change_that_is_none_is_found_to_be_none():
    rng = np.random.default_rng(1)
    verdicts = [one.verdict for _ in range(60) for one in judged([simulated(0.0, rng)])]
    assert verdicts.count(NOT_SUPPORTED) >= 0.4 * len(verdicts)  # half, with 30 pairs and this margin
    assert verdicts.count(SUPPORTED) + verdicts.count(REVERSED) <= 0.1 * len(verdicts)


def test_a_change_as_large_as_claimed_is_supported_and_the_opposite_one_reversed():
    rng = np.random.default_rng(2)
    for true, expected in ((-2.0, SUPPORTED), (2.0, REVERSED)):
        verdicts = [one.verdict for _ in range(30) for one in judged([simulated(true, rng)])]
        assert verdicts.count(expected) == 30


def test_of_twenty_claims_without_effect_none_is_supported_in_95_of_100_registries():
    rng = np.random.default_rng(3)
    false = 0
    for _ in range(60):
        # a margin so narrow that equivalence cannot be shown
        effects = [replace(simulated(0.0, rng), margin=1e-6) for _ in range(20)]
        false += any(one.verdict in (SUPPORTED, REVERSED) for one in judged(effects))
    assert false / 60 <= 0.12  # 5 % in truth; more than 7 of 60 would be found once in 50 times


def test_a_change_at_the_margin_is_seldom_called_none():
    rng = np.random.default_rng(4)
    verdicts = [one.verdict for _ in range(100) for one in judged([simulated(MARGIN, rng)])]
    assert verdicts.count(NOT_SUPPORTED) <= 7  # the upper bound lies below the truth in one of forty


def test_a_claim_of_several_changes_holds_only_if_each_does():
    assert together([SUPPORTED] * 4) == SUPPORTED
    assert together([SUPPORTED, UNDECIDED]) == UNDECIDED
    assert together([SUPPORTED, NOT_SUPPORTED, UNDECIDED]) == NOT_SUPPORTED
    assert together([NOT_SUPPORTED, REVERSED, SUPPORTED]) == REVERSED
    parts = [effect(-3.0, -1.0, p=0.001), effect(-3.0, -1.0, p=0.04)]
    assert deciding(parts) is parts[1]
    parts = [effect(-3.0, -1.0), effect(1.0, 3.0), effect(-0.1, 0.1)]
    assert deciding(parts) is parts[1]
    assert deciding([effect(-3.0, 3.0, p=math.nan), effect(-1.0, 3.0, p=0.3)]).low == -3.0


@pytest.mark.parametrize(
    ("first", "second", "both"),
    [
        (SUPPORTED, SUPPORTED, SUPPORTED),
        (SUPPORTED, UNDECIDED, UNDECIDED),
        (NOT_SUPPORTED, REVERSED, UNDECIDED),
        (SUPPORTED, REVERSED, UNDECIDED),
    ],
)
def test_what_two_sets_of_seeds_do_not_both_say_is_undecided(first, second, both):
    assert confirmed(first, second) == both
    assert contradicts(first, second) == ({first, second} == {SUPPORTED, REVERSED})
