"""What docs/containment says: where each risk hurts, where each countermeasure works, and where it fails."""

import importlib.util
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agentsim.experiments.contrast import Answer, Contrast, answer, read_contrasts
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES

FILES = sorted(Path("docs/containment").glob("*.toml"))
CONTRASTS = [one for file in FILES for one in read_contrasts(file)]
RISKS = ("E-R1", "W-R1", "T-R1", "R-R1")
QUICK_SEEDS = 2
# two of a row's contrasts in the quick tests would cost too much, and so would its dear ones
QUICK_HOURS = 1800
YEAR_HOURS = 240


def cost_h(one: Contrast) -> float:
    """Society-hours that a contrast takes with few seeds; a planning attacker rehearses besides.

    A year before the first hour takes as long as some ten days.
    """
    hours = [
        arm.changes.get("hours", 1008) + YEAR_HOURS * arm.changes.get("years_before", 0) for arm in one.arms
    ]
    plans = any(arm.attacker.endswith(("coercer", "best_response")) for arm in one.arms)
    return QUICK_SEEDS * sum(hours) * (10 if plans else 1)


def quick_ones() -> list[Contrast]:
    """Of each row the cheapest contrast that claims a difference, if it is cheap."""
    cheapest: dict[str, Contrast] = {}
    for one in sorted(CONTRASTS, key=lambda one: (one.expect == 0, cost_h(one))):
        cheapest.setdefault(one.row, one)
    return [one for one in cheapest.values() if cost_h(one) <= QUICK_HOURS]


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in quick_ones()])
def test_few_seeds_do_not_contradict_the_document(one: Contrast) -> None:
    (got,) = answer([replace(one, seeds=QUICK_SEEDS)])
    assert np.sign(got.difference) == one.expect, f"{one.name}: {one.outcome} {got}"


@pytest.mark.slow
@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in CONTRASTS])
def test_it_is_as_the_document_says(one: Contrast) -> None:
    (got,) = answer([one])
    interval = f"{got.difference:.4g} [{got.low:.4g}, {got.high:.4g}], means {got.means}"
    assert got.sign == one.expect, f"{one.name}: {one.outcome} {interval}"


def test_every_row_works_somewhere_and_fails_somewhere() -> None:
    said = {row: {one.says for one in CONTRASTS if one.row == row} for row in (*RISKS, *POLICIES)}
    assert [row for row in RISKS if "hurts" not in said[row]] == []
    assert [row for row in POLICIES if not said[row] >= {"works", "fails"}] == []


def test_no_two_contrasts_have_one_name() -> None:
    names = [one.name for one in CONTRASTS]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("one", [pytest.param(one, id=one.name) for one in CONTRASTS])
def test_what_it_says_fits_what_it_expects(one: Contrast) -> None:
    """A row that works or hurts moves its outcome, and for the better or the worse; names are known."""
    assert one.outcome in OUTCOMES
    assert len({(arm.policies, arm.attacker, str(arm.changes)) for arm in one.arms}) == len(one.arms)
    better = OUTCOMES[one.outcome].better
    if one.says in ("works", "hurts"):
        assert one.expect != 0
    if one.says == "works" and better:
        assert one.expect == better
    if one.says in ("hurts", "fails") and better:
        assert one.expect != better


@pytest.fixture
def maker():
    spec = importlib.util.spec_from_file_location("make_containment", "docs/make_containment.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_page_says_no_where_a_sign_is_not_as_expected(maker) -> None:
    one = next(one for one in CONTRASTS if one.expect == 1 and len(one.arms) == 2)
    up, down = (Answer((1.0, 1.0 + sign), sign, sign - 0.5, sign + 0.5, 4) for sign in (1, -1))
    assert maker.line(one, up).endswith("| yes |")
    assert maker.line(one, down).endswith("| **no** |")


def test_a_difference_of_nothing_is_told_as_exactly_that(maker) -> None:
    one = next(one for one in CONTRASTS if one.expect == 0)
    nothing, little = Answer((3.0, 3.0), 0.0, 0.0, 0.0, 4), Answer((3.0, 3.0), 0.0, -1e-9, 1e-9, 4)
    assert "exactly 0" in maker.line(one, nothing)
    assert "exactly 0" not in maker.line(one, little)


def test_the_page_has_a_section_for_every_row(maker) -> None:
    nothing = [Answer((1.0,) * len(one.arms), 0.0, 0.0, 0.0, one.seeds) for one in CONTRASTS]
    told = list(zip(CONTRASTS, nothing, strict=True))
    links = {one.row: "some.toml" for one in CONTRASTS}
    page = maker.page(told, links)
    assert [row for row in links if f"### {row} " not in page] == []
    assert page.count("some.toml](containment/some.toml)") == len(links)
