"""Numbers for people: three figures, words read off intervals, tables that fit the terminal."""

import io
import math

import pandas as pd
import pytest
from rich.console import Console

from agentsim.report.tables import (
    DELAYS,
    HIGHER,
    LOWER,
    ONE_SEED,
    SAME,
    UNCLEAR,
    comparison_blocks,
    failures_table,
    notes_on,
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
    assert verdict({"mean": 5.0, "n": 5, **dict(zip(keys, interval, strict=True))}) == word


def test_an_event_that_is_the_same_in_all_pairs_is_told_as_such():
    interval = {"difference": 0.0, "difference_low": -0.5, "difference_high": 0.5}
    assert verdict({"mean": 0.0, "n": 5, "same": 5, **interval}) == SAME
    assert verdict({"mean": 0.4, "n": 5, "same": 3, **interval}) == UNCLEAR


def test_fewer_pairs_runs_without_a_value_and_the_method_are_told(table):
    told = table.assign(method="t_few", same=0, undefined=0)
    one = (told["policy"] == "E-C2") & (told["outcome"] == "ens_mwh")
    told.loc[one, ["n", "undefined"]] = [2, 3]
    told.attrs = table.attrs
    words = " ".join(everything(told, width=140).split())
    assert words.count("ens_mwh [h], no value in 3 of the runs, 2 of 5 pairs") == 2
    assert "is right for normally distributed differences" in words
    assert "bootstrap" not in words
    assert notes_on(told.assign(outcome="time_to_detection_h"))[-1] == DELAYS


def everything(table, names=None, width=80) -> str:
    return shown(*comparison_blocks(table, {}, names or {}, {}), width=width)


def test_one_table_an_attacker_and_policy(table):
    text = everything(table, {"E-C2": "Distributed energy management"})
    assert text.count("no policy, 5 seeds") == 2
    assert text.index("Without an attack") < text.index("Against the coercer")
    assert text.count("E-C2 Distributed energy management") == 2
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert lines.count("ens_mwh [h] 20 −8 −9 to −7 lower") == 1
    assert lines.count("ens_mwh [h] 20 +1 −1 to 3") == 1  # its interval holds 0
    for outcome in ("deprivation_worst_district", "deprivation_mean", "ens_mwh", "accessibility_frac"):
        assert text.count(f"{outcome} [h]") == 4  # two attackers, two policies that change something


def test_a_change_has_no_more_digits_than_what_it_is_a_change_of(table):
    little = table.copy()
    little.loc[little["policy"] == "E-C2", ["difference", "difference_low", "difference_high"]] = (
        0.0012,
        0.0011,
        0.0013,
    )
    text = everything(little)
    assert "≈ 0" in text
    assert "0.0012" not in text


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_every_outcome_fits_the_terminal(table, width):
    text = everything(table, width=width)
    assert max(map(len, text.splitlines())) <= width
    assert "…" not in text


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


def test_where_there_is_no_room_the_name_in_files_gives_way():
    outcomes, titles = {"output_lost_frac_construction_and_transport": 0.5}, {"ens_mwh": "Energy not served"}
    assert "name in files" in shown(outcome_table(outcomes, {}, titles, 140), width=140)
    assert "name in files" not in shown(outcome_table(outcomes, {}, titles, 80), width=80)


def test_failed_runs_are_named_with_their_error():
    failure = {
        "policy": "E-C2",
        "attacker": "none",
        "seed": 7,
        "error": "ValueError: x",
        "traceback": ["a.py:3 in f"],
    }
    assert "2 ValueError: x a.py:3 in f E-C2 Distributed energy management, without an attack, seed 7" in (
        " ".join(shown(failures_table([failure, failure | {"seed": 8}]), width=200).split())
    )
