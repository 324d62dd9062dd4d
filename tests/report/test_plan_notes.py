"""What a comparison says of the plans behind it."""

import pandas as pd

from agentsim.report.plan_notes import plan_notes

STRIKES = [{"action": "A1", "where": "Harbour", "value": 1.0}]


def table(paid: dict[str, tuple[float, float, float]], plans: list[dict]) -> pd.DataFrame:
    rows = [
        {
            "policy": policy,
            "attacker": "coercer",
            "outcome": "attack_payoff",
            "mean": m,
            "low": low,
            "high": up,
        }
        for policy, (m, low, up) in paid.items()
    ]
    found = pd.DataFrame(rows)
    found.attrs |= {"plans": plans, "mind": "best_response"}
    return found


def plan(policy: str, payoffs: list[float], made_against: str = "", strikes=STRIKES, agree: int = 3) -> dict:
    made = made_against or policy
    row = {"policy": policy, "attacker": "coercer", "made_against": made, "payoffs": payoffs, "agree": agree}
    return row | {"plan": {"strikes": strikes}, "seeds": (1, 2)}


def test_the_note_says_planning_seeds_spread_and_whose_plan_it_was():
    plans = [plan("none", [90.0, 100.0, 110.0]), plan("E-C2", [40.0, 40.0, 40.0], "none", agree=1)]
    (note,) = plan_notes(table({"none": (100.0, 80.0, 120.0), "E-C2": (41.0, 30.0, 50.0)}, plans))
    assert note == (
        "Against the coercer that plans: plans from 3 planning seeds; a plan's payoff differs between them "
        "by up to 20 % of its mean; the same plan is best on 4 of 6 planning seeds. "
        "The best plan known is used: E-C2 by that made against no policy."
    )


def test_a_promise_that_was_not_kept_and_a_plan_that_was_declined_are_told():
    plans = [plan("X-C1", [50.0, 50.0, 50.0]), plan("X-C4", [0.0, 0.0, 0.0], strikes=[])]
    (note,) = plan_notes(table({"X-C1": (20.0, 10.0, 30.0), "X-C4": (0.0, 0.0, 0.0)}, plans))
    assert "No plan pays against X-C4: nobody attacks there." in note
    assert "X-C1 50 promised, 20 paid (10 to 30)" in note
    assert "X-C4 0 promised" not in note


def test_a_payoff_within_what_planning_seeds_differ_by_is_no_broken_promise():
    (note,) = plan_notes(table({"none": (494.0, 493.9, 494.1)}, [plan("none", [493.0, 495.0, 497.0])]))
    assert "promised" not in note
    (note,) = plan_notes(table({"none": (480.0, 479.9, 480.1)}, [plan("none", [493.0, 495.0, 497.0])]))
    assert "no policy 495 promised, 480 paid" in note


def test_nothing_is_said_where_nobody_plans():
    assert plan_notes(table({"none": (1.0, 0.0, 2.0)}, [])) == []
