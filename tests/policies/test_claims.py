"""The claims of the paper: all of them, each with a way to judge it."""

import re
from pathlib import Path

import pytest

from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES
from agentsim.policies.claims import CLAIMS, FIRST_SEEDS, SEEDS, missing
from agentsim.policies.margins import MARGINS
from agentsim.scenario.file import load

ROOT = Path(__file__).parents[2]
MERITS_AND_DEMERITS = {"E": (3, 2), "W": (3, 2), "T": (3, 2), "R": (3, 2)}


def test_every_merit_and_demerit_of_the_paper_is_there_and_its_conclusion():
    rows = [
        f"{section}-{letter}{number}"
        for section, counts in MERITS_AND_DEMERITS.items()
        for letter, count in zip("MD", counts, strict=True)
        for number in range(1, count + 1)
    ]
    assert list(CLAIMS) == [*rows, "conclusion"]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_a_claim_names_measures_signs_and_a_scenario_that_is_shipped(claim):
    assert "" not in (claim.statement, claim.statement_ja)
    assert claim.outcomes
    assert all(re.fullmatch(r"[EWTRX]-[SC]\d", id) for id in claim.measures)
    assert all(sign in (-1, 1) for _, sign in claim.outcomes)
    load(ROOT / claim.scenario).with_changes(claim.changes)


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_a_claim_can_be_judged_once_nothing_that_it_speaks_of_is_missing(claim):
    lacks = missing(claim, OUTCOMES)
    known = [id for id in claim.measures if id in POLICIES]
    assert set(known) | set(lacks) >= set(claim.measures)
    assert not set(known) & set(lacks)
    assert missing(claim, [name for name, _ in claim.outcomes]) == tuple(
        id for id in claim.measures if id not in POLICIES
    )


def test_the_conclusion_speaks_of_all_measures_and_of_four_outcomes():
    conclusion = CLAIMS["conclusion"]
    assert set(POLICIES) <= set(conclusion.measures)
    assert [name for name, _ in conclusion.outcomes if name not in OUTCOMES] == []
    assert len(conclusion.outcomes) == 4


def test_every_outcome_that_a_claim_would_show_in_has_a_margin_with_its_reason():
    assert {name for claim in CLAIMS.values() for name, _ in claim.outcomes} == set(MARGINS)
    assert all(margin.size > 0 and margin.reason and margin.reason_ja for margin in MARGINS.values())
    assert all(margin.size < 1 for margin in MARGINS.values() if margin.of_base)


def test_the_two_sets_of_seeds_share_none_with_each_other_or_with_published_tables():
    first, second = (range(begin, begin + SEEDS) for begin in FIRST_SEEDS)
    assert not set(first) & set(second)
    assert min(first) > 2100  # the README's tables use 1001-1060, situations 2001 and on
