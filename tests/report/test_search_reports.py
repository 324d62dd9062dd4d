"""What a red team and a search for measures say: words in two languages, numbers, figures, plain data."""

import json
import math
from io import StringIO

import pandas as pd
import pytest
from rich.console import Console

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.core.messages import Event
from agentsim.experiments.attacks.red_team import HARM, RedTeam
from agentsim.experiments.portfolio.portfolio import Portfolio
from agentsim.report.archive import write_figure
from agentsim.report.portfolio import answer, how_searched, how_sure, portfolio_blocks, portfolio_data
from agentsim.report.portfolio_figure import front_figure
from agentsim.report.red_team import gap_lines, promises, red_team_blocks, red_team_data
from agentsim.report.red_team_figure import matrix_figure
from agentsim.report.wording.plans import NO_PLAN, plan_text

CUT = Plan((Strike("A1", "Harbour"), Strike("A4", "Harbour")))
LABELS = ["none", "W-C1"]


@pytest.fixture
def red() -> RedTeam:
    matrix = pd.DataFrame([[130.0, 20.0], [90.0, math.nan]], index=LABELS, columns=LABELS)
    rows = []
    for label, plan, paid, harm in (("none", CUT, 128.0, 1800.0), ("W-C1", Plan(), 0.0, 900.0)):
        row = {"policy": label, "found_by": "plan", "made_against": [label], "first_hour": 72, "plan": plan}
        row |= {"promised": paid + 50.0, "paid": paid, "paid_low": paid - 9, "paid_high": paid + 9, "n": 5}
        for name in HARM:
            row |= {name: harm, f"{name}_difference": harm - 1800.0 if label != "none" else math.nan}
            row |= {f"{name}_difference_low": -1000.0, f"{name}_difference_high": -800.0}
        rows.append(row)
    about = {"scenario": "A city", "attacker": "coercer:best_response", "budget": 100.0, "seeds": [1, 2]}
    about |= {"unplanned": [], "failures": [], "wall_s": 1.0, "not_kept": ""}
    events = {"none": (Event(72, "recovery", "Harbour", "water_restored", {"hours": 26, "by_hand": False}),)}
    return RedTeam(matrix, pd.DataFrame(rows), pd.DataFrame(), events, about)


def printed(blocks) -> str:
    console = Console(width=100, record=True, file=StringIO())
    for block in blocks:
        console.print(block)
    return console.export_text()


# ---- plans in words ---------------------------------------------------------------------------------


def test_a_plan_is_told_in_two_languages():
    plan = Plan((Strike("A2 water", "Hill", 0.2), Strike("A3", "city", 0.5)), (("device_cloud", 4.0),), 3, 1)
    english, japanese = plan_text(plan, 30, {"Hill": "丘"})
    assert english == (
        "In Hill: hidden water cut (A2) 20 %. In city: generation withheld (A3) 50 %. From day 2 06:00, "
        "3 days on, 1 day off. It first captures the device cloud (effort 4)."
    )
    assert japanese.startswith(
        "丘:隠れた給水停止(A2) 20 %。市全体:発電の出し渋り(A3) 50 %。2日目6時から3日続けて1日休む。"
    )
    assert plan_text(Plan(), 0) == NO_PLAN


# ---- the red team -----------------------------------------------------------------------------------


def test_the_report_of_a_red_team(red):
    text = printed(red_team_blocks(red))
    assert "no policy" in text
    assert "−50 %" in text
    assert "lower" in text
    assert "In Harbour: power cut (A1) and water cut (A4)." in text
    assert "Nobody attacks" in text
    assert "nan" not in text


def test_promises_that_failed_are_told(red):
    (said,) = promises(red.worth)
    assert "no policy 178 promised, 128 paid (119 to 137)" in said


def test_the_findings_are_plain_data(red):
    data = json.loads(json.dumps(red_team_data(red, {"Harbour": "港"}), allow_nan=False))
    assert data["matrix"]["payoffs"][1][1] is None
    assert data["worth"][0]["says_ja"].startswith("港:送電停止(A1)")
    assert data["worth"][0]["plan"]["strikes"][0]["action"] == "A1"


def test_the_heat_map_frames_the_worst_plan_against_each_policy(red, tmp_path):
    figure = matrix_figure(red.matrix, "A city")
    axes = figure.axes[0]
    assert [patch.get_xy() for patch in axes.patches] == [(-0.5, -0.5), (0.5, -0.5)]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["no policy", "W-C1"]
    assert {text.get_text() for text in axes.texts} == {"130", "20", "90", "–"}
    for name in ("a", "b"):
        write_figure(tmp_path, name, matrix_figure(red.matrix, "A city"))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_gap_is_told_with_its_rollouts():
    table = pd.DataFrame({"payoff": [10.0, 5.0]})
    table.attrs = {"found": 9.0, "best": 10.0, "gap": 0.1, "rollouts": {"search": 3, "enumeration": 9}}
    assert gap_lines({"none": table})[1] == (
        "No policy: best of 2 plans 10.0 units; the search found 9.0 with 3 of 9 rollouts: 10.0 % missed."
    )


# ---- the search for measures ------------------------------------------------------------------------


@pytest.fixture
def found() -> Portfolio:
    def row(label, ids, cost, harm, fresh, on_front, **more):
        numbers = {"cost": cost, "harm": harm, "inequality": 5.0, "co2": 1.0, "curse": fresh - harm}
        numbers |= {"fresh_harm": fresh, "fresh_low": fresh - 5, "fresh_high": fresh + 5}
        numbers |= {"break_even_attacks_per_year": more.get("rate", math.nan), "chance_best": 0.5}
        numbers |= {"less_harm_per_jpy": more.get("buys", math.nan), "on_front": on_front}
        told = {"measures": label, "worst_future": "Siege", "adopts": ids, "sizes": more.get("sizes", {})}
        return told | numbers

    sizes = {"policy.W-C1.well_tank_h": 12.0}
    front = pd.DataFrame(
        [
            row("none", [], 0.0, 40_000.0, 41_000.0, True),
            row("X-C2", ["X-C2"], 2_500.0, 40_000.0, 41_000.0, False),
            row(
                "W-C1(well_tank_h 12)",
                ["W-C1"],
                9_000.0,
                20_000.0,
                22_000.0,
                True,
                rate=0.5,
                buys=2.2,
                sizes=sizes,
            ),
        ]
    )
    front.attrs["units"] = {"cost": "JPY/household/y"}
    packages = pd.DataFrame(
        [
            {
                **{
                    "package": "transparent",
                    "package_cost": 2_500.0,
                    "package_harm": 41_000.0,
                    "found": "none",
                },
                **{"found_cost": 0.0, "found_harm": 41_000.0, "says": "same harm"},
            }
        ]
    )
    about = {"scenarios": ["Siege"], "budget": 10_000.0, "fresh_seeds": [1, 2, 3], "runs": 30, "error": 0.05}
    about |= {"tolerance_frac": 0.02, "screened": ["Siege"], "failures": []}
    tried = pd.DataFrame({"measures": ["none", "X-C2"], "beaten": [False, True]})
    return Portfolio(front, pd.DataFrame(), packages, tried, "W-C1(well_tank_h 12)", about)


def test_the_answer_names_the_measures_their_sizes_cost_and_harm(found):
    said = "\n".join(answer(found))
    assert "With 10,000 JPY a household and year:" in said
    assert "W-C1 Stronger regional water management (well_tank_h 12)" in said
    assert "It costs 9,000 JPY." in said
    assert "22,000 JPY (21,995 to 22,005) from a household, in place of 41,000 JPY" in said


def test_where_nothing_helps_the_answer_says_so(found):
    nothing = Portfolio(found.front, found.futures, found.packages, found.tried, "none", found.about)
    assert answer(nothing) == [
        "With 10,000 JPY a household and year: no measure helps in the worst of these futures."
    ]


def test_the_winners_curse_and_the_stand_in_attacker_are_told(found):
    sure, curse = how_sure(found)
    assert "in 50 % of resamples" in sure
    assert "20,000 JPY when it was chosen, 22,000 JPY on fresh seeds: 10 % more harm" in curse
    assert any("what is planned against no measure" in line for line in how_searched(found))


def test_the_report_numbers_sets_as_the_figure_does(found):
    text = printed(portfolio_blocks(found))
    assert "  1  no policy" in text
    assert "  2  W-C1(well_tank_h 12)" in text
    assert "nan" not in text
    texts = [text.get_text() for text in front_figure(found.front, "A city", found.best).axes[1].texts]
    assert " 2  W-C1(well_tank_h 12)" in texts[0]


def test_the_front_is_plain_data(found):
    data = json.loads(json.dumps(portfolio_data(found), allow_nan=False))
    assert data["best_names_ja"] == ["地域ごとの水管理強化"]
    assert data["front"][0]["break_even_attacks_per_year"] is None
