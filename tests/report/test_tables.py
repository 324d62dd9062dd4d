"""Numbers for people: three figures, words read off intervals, blocks that fit the terminal."""

import io
import math

import pandas as pd
import pytest
from rich.console import Console

from agentsim.report.tables import (
    HIGHER,
    LOWER,
    ONE_SEED,
    SAME,
    UNCLEAR,
    comparison_blocks,
    failures_table,
    number,
    outcome_table,
    signed,
    verdict,
)

NAN = math.nan


def row(policy, attacker, outcome, mean, difference=NAN, low=NAN, high=NAN, unit="h"):
    return {
        "policy": policy,
        "attacker": attacker,
        "outcome": outcome,
        "unit": unit,
        "mean": mean,
        "low": mean,
        "high": mean,
        "difference": difference,
        "difference_low": low,
        "difference_high": high,
        "n": 5,
    }


@pytest.fixture
def table():
    rows = []
    for attacker, scale in (("none", 1.0), ("coercer", 10.0)):
        for outcome in ("deprivation_worst_district", "deprivation_mean", "ens_mwh", "accessibility_frac"):
            rows.append(row("none", attacker, outcome, 20.0 * scale))
            rows.append(row("E-C2", attacker, outcome, 12.0 * scale, -8 * scale, -9 * scale, -7 * scale))
            rows.append(row("W-C1", attacker, outcome, 21.0 * scale, scale, -scale, 3 * scale))
            rows.append(row("X-C5", attacker, outcome, 20.0 * scale, 0.0, 0.0, 0.0))
    rows.append(row("E-C2", "coercer", "jpy_per_avoided_deprivation_hour", 432.1))
    table = pd.DataFrame(rows)
    table.attrs = {"scenario": "Test", "seeds": [1, 2, 3, 4, 5], "failures": [], "wall_s": 1.0}
    return table


def shown(*things, width=100) -> str:
    console = Console(file=io.StringIO(), width=width)
    for thing in things:
        console.print(thing)
    return console.file.getvalue()


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1234567.0, "1,234,567"),
        (-8.0, "−8"),
        (3.14159, "3.14"),
        (31.4159, "31.4"),
        (314.159, "314"),
        (31415.9, "31,416"),
        (-0.0314159, "−0.0314"),
        (0.99996, "1.000"),
        (1e-9, "1.00e−09"),
        (-1e-9, "−1.00e−09"),
        (NAN, "–"),
        (None, "–"),
    ],
)
def test_numbers_have_three_figures(value, text):
    assert number(value) == text


def test_differences_carry_their_sign():
    assert [signed(value) for value in (2.5, -2.0, 0.0)] == ["+2.50", "−2", "0"]


@pytest.mark.parametrize(
    ("interval", "word"),
    [
        ((-2.0, -3.0, -1.0), LOWER),
        ((2.0, 1.0, 3.0), HIGHER),
        ((1.0, -1.0, 3.0), UNCLEAR),
        ((0.0, 0.0, 0.0), SAME),
        ((2.0, NAN, NAN), ONE_SEED),
        ((0.0, NAN, NAN), SAME),
        ((1e-13, 1e-14, 2e-13), SAME),
    ],
)
def test_words_are_read_off_the_interval(interval, word):
    keys = ("difference", "difference_low", "difference_high")
    assert verdict({"mean": 5.0, **dict(zip(keys, interval, strict=True))}) == word


def test_one_block_an_attacker_one_row_a_policy(table):
    text = shown(*comparison_blocks(table, {}, {"E-C2": "Distributed energy management"}))
    assert text.count("no policy, 5 seeds") == 2
    assert text.index("Without an attack") < text.index("Under attack by the coercer")
    assert "−8 ± 1" in text
    assert "lower" in text
    assert "no clear change" in text
    assert "Distributed energy ma…" in text


def many(table, policies=24):
    """The fixture's comparison with copies of its first policy under other names."""
    one = table[table["policy"] == "E-C2"]
    copies = [one.assign(policy=f"Z-{number:02d}") for number in range(policies)]
    wide = pd.concat([table[table["policy"] == "none"], *copies], ignore_index=True)
    wide.attrs = dict(table.attrs)
    return wide


@pytest.mark.parametrize("width", [80, 100])
def test_many_policies_take_one_line_each(table, width):
    wide = many(table)
    names = {policy: f"What {policy} is" for policy in wide["policy"].unique() if policy != "none"}
    text = shown(*comparison_blocks(wide, {}, names, width), width=width)
    lines = [line.split() for line in text.splitlines()]
    for policy in names:
        mine = [line for line in lines if line[:1] == [policy] and "What" not in line]
        assert len(mine) >= wide["attacker"].nunique()
        assert "↓" in mine[0]
        assert f"{policy} What {policy} is" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= width


def test_a_change_has_no_more_digits_than_what_it_is_a_change_of(table):
    little = table.copy()
    little.loc[little["policy"] == "E-C2", ["difference", "difference_low", "difference_high"]] = (
        0.0012,
        0.0011,
        0.0013,
    )
    text = shown(*comparison_blocks(little, {}, {}))
    assert "≈ 0" in text
    assert "0.0012" not in text


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_blocks_fit_the_terminal_and_no_outcome_is_lost(table, width):
    text = shown(*comparison_blocks(table, {}, {}, width), width=width)
    assert max(map(len, text.splitlines())) <= width
    for heading in ("worst district", "whole city", "served", "wanted"):
        assert text.count(heading) == 2
    assert "…\n" not in text.replace(" … ", "")


def test_outcomes_of_a_run_stand_under_their_subject_with_units():
    outcomes = {"co2_t": 12345.678, "ens_mwh": 1.5, "deprivation_mean": NAN, "something_new": 2.0}
    text = shown(outcome_table(outcomes, {"co2_t": "t", "ens_mwh": "MWh"}, {"ens_mwh": "Energy not served"}))
    order = [
        "people",
        "deprivation_mean",
        "power",
        "ens_mwh",
        "environment",
        "co2_t",
        "other",
        "something_new",
    ]
    places = [text.index(f"{word} " if word in ("people", "power") else word) for word in order]
    assert places == sorted(places)
    assert "12,346" in text
    assert "Energy not served" in text


def test_failed_runs_are_named_with_their_error():
    failure = {
        "policy": "E-C2",
        "attacker": "none",
        "seed": 7,
        "error": "ValueError: x",
        "traceback": ["a.py:3 in f"],
    }
    text = shown(failures_table([failure, failure | {"seed": 8}]))
    assert "2 ValueError: x a.py:3 in f E-C2, none, seed 7" in " ".join(text.split())
