"""A comparison in one table of at most 80 columns for each attacker."""

import pandas as pd
import pytest
from test_tables import row, shown, table  # noqa: F401 - the fixture

from agentsim.policies import expand
from agentsim.report.labels import policy_name
from agentsim.report.summary import summary

OUTCOMES = (
    "deprivation_worst_district",
    "ens_mwh",
    "water_unserved_m3",
    "bill_jpy_per_household_month",
    "capital_jpy_per_household_year",
)
POLICIES = ("E-C2", "W-C1+T-C1", "X-C4", "E-C2+W-C1+T-C1+X-C5", "self_reliant", "all")


@pytest.fixture
def main_outcomes():
    """Two attackers, six policies, all outcomes of the table; every interval contains 0."""
    rows = []
    for attacker in ("none", "coercer"):
        target = ["deprivation_target_district"] if attacker == "coercer" else []
        for outcome in [*target, *OUTCOMES]:
            rows.append(row("none", attacker, outcome, 12345.678))
            rows += [row(policy, attacker, outcome, 13456.789, 1111.1, -1.0, 2223.2) for policy in POLICIES]
    found = pd.DataFrame(rows)
    seeds = [1, 2, 3, 4, 5]
    found.attrs = {"scenario": "Test", "seeds": seeds, "failures": [], "wall_s": 1.0, "mind": "best_response"}
    return found


def printed(table, width=80) -> str:  # noqa: F811
    names = {label: policy_name(label) for label in table["policy"].unique() if label != "none"}
    lines = list(summary(table, names, {"deprivation_worst_district": -1}, width))
    return shown(*lines, width=1000)


@pytest.mark.parametrize("width", [60, 70, 80, 200])
def test_no_line_is_longer_than_80_characters_or_the_terminal(main_outcomes, width):
    text = printed(main_outcomes, width)
    assert max(map(len, text.splitlines())) <= min(width, 80)


@pytest.mark.parametrize("width", [60, 80])
def test_each_policy_stands_whole_with_its_name(main_outcomes, width):
    text = printed(main_outcomes, width)
    words = " ".join(text.split())
    for whole in ("E-C2 ", "X-C4 ", "E-C2+W-C1+ ", "T-C1+X-C5", "self_reliant ", "W-C1+T-C1"):
        assert text.count(whole) >= 2
    assert "International monitoring and stronger law" in words
    assert f"all {len(expand(['all']))} policies together" in words


def test_attackers_are_told_in_words(main_outcomes):
    text = printed(main_outcomes)
    assert "Without an attack: mean of 5 seeds\n" in text
    assert "Against the coercer that plans: mean of 5 seeds\n" in text


def test_the_target_district_stands_where_there_is_one(main_outcomes):
    without, under = printed(main_outcomes).split("Against the coercer")
    assert "target" not in without
    assert "target" in under
    assert "worst" in without
    assert "worst" in under


def test_numbers_have_three_figures_and_end_where_their_columns_end(main_outcomes):
    lines = [line for line in printed(main_outcomes).splitlines() if line.startswith("X-C4 ")]
    assert lines[1].split()[1:7] == ["13,500"] * 6
    assert "12,345" not in printed(main_outcomes)


def test_verdicts_are_words_and_only_those_used_are_explained(table, main_outcomes):  # noqa: F811
    text = printed(table)
    assert [line[-13:] for line in text.splitlines() if line.startswith("E-C2 ")] == ["lower by 40 %"] * 2
    assert [line.split()[-1] for line in text.splitlines() if line.startswith("X-C5 ")] == ["same", "same"]
    assert "lower, higher: the 95 % interval of the difference does not contain 0." in text
    unclear = " ".join(printed(main_outcomes).split())
    assert "no difference shown: none that these 5 seeds can show" in unclear
    assert "lower, higher" not in unclear
    assert "same:" not in unclear


def test_fewer_pairs_than_seeds_are_told(table):  # noqa: F811
    table.loc[(table["policy"] == "W-C1") & (table["attacker"] == "coercer"), "n"] = 2
    assert printed(table).count("Fewer than 5 seeds: W-C1 2.") == 1


def test_what_five_seeds_can_show_is_told(table):  # noqa: F811
    assert "normally distributed" not in printed(table)
    assert "Fewer than 6 pairs" in printed(table.assign(method="t_few"))


def test_what_the_paper_claims_is_told_where_the_table_does_not_show_it():
    claim, harm = "leakage_share", "deprivation_worst_district"
    rows = [row("none", "none", claim, 0.30), row("none", "none", harm, 20.0)]
    for policy, change in (("W-S2", -0.06), ("W-S1", 0.0)):
        rows.append(row(policy, "none", claim, 0.30 + change, change, change - 0.01, change + 0.01))
        rows.append(row(policy, "none", harm, 20.0, 0.0, -1.0, 1.0))
    found = pd.DataFrame(rows)
    found.attrs = {"scenario": "Test", "seeds": [1, 2, 3, 4, 5], "failures": [], "wall_s": 1.0}
    better = {claim: -1, harm: -1}
    text = shown(*summary(found, {"W-S2": "Leaks", "W-S1": "Sea water"}, better), width=1000)
    assert "W-S2: leakage  lower by 20 %" in text
    assert "W-S1: " not in text, "what it claims was not measured here"
