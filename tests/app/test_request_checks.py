"""Request checks: what a visitor types is only used if it is in a list of known names and numbers."""

import re
from dataclasses import replace

import pytest

from agentsim.agents.attacker.bad_actor import KINDS
from agentsim.agents.attacker.mind import Plan
from agentsim.app.replay.attack_plan import (
    ImpossiblePlan,
    available_actions,
    captures_needed,
    check_plan,
    places,
    plan_cost,
    plan_of,
    prices,
)
from agentsim.app.replay.recording import Request
from agentsim.app.replay.scenario_list import scenario_named
from agentsim.app.server.request_checks import Limits, RefusedRequest, changeable, checked

USUAL = Request("hostile_operator", ("E-C2",), "coercer:random", 1, 240, 300)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"scenario": "../../etc/passwd"}, "scenario"),
        ({"scenario": ["hostile_operator"]}, "scenario"),
        ({"policies": ("$(reboot)",)}, "policy"),
        ({"attacker": "none; rm -rf /"}, "attacker"),
        ({"seed": -1}, "seed"),
        ({"seed": True}, "seed"),
        ({"seed": 1.5}, "seed"),
        ({"hours": 2017}, "hours"),
        ({"hours": 0}, "hours"),
        ({"households": 3001}, "households"),
        ({"changes": (("place.water", "/etc/passwd"),)}, "cannot be changed"),
        ({"changes": (("place.folder", "/"),)}, "cannot be changed"),
        ({"changes": (("mind.rollouts", 10000),)}, "cannot be changed"),
        ({"changes": (("hours", 9999),)}, "cannot be changed"),
        ({"changes": (("attacker.budget", float("inf")),)}, "neither a number"),
        ({"changes": (("attacker.budget", -1.0),)}, "budget: -1.0 is not within"),
        ({"changes": (("attacker.target", "x" * 100),)}, "short text"),
        ({"changes": (("bad_actor.concession_value", 1e9),)}, "not within"),
        ({"changes": (("bad_actor.cost_per_day", (2.0, float("nan"))),)}, "neither a number"),
        ({"changes": (("capture.common_mode", 1.5),)}, "not within"),
        ({"changes": (("attacker.first_hour", 5000),)}, "first hour of attack, 5000"),
        ({"changes": tuple((f"x{n}", 1) for n in range(41))}, "more than"),
    ],
)
def test_what_is_not_listed_is_refused(wrong: dict, says: str) -> None:
    with pytest.raises(RefusedRequest, match=says) as refused:
        checked(replace(USUAL, **wrong))
    assert refused.value.code == "refused_request"
    assert re.search("[぀-ヿ一-鿿]", refused.value.fields["ja"])


def test_a_request_in_other_words_is_the_same_request() -> None:
    spelled = replace(
        USUAL, policies=("X-C5", "E-C2", "E-C2"), changes=(("power.limit_frac", 0.9), ("attacker.budget", 50))
    )
    other = replace(
        USUAL, policies=("E-C2", "X-C5"), changes=(("attacker.budget", 50), ("power.limit_frac", 0.9))
    )
    assert checked(spelled).key == checked(other).key
    by_scenario = scenario_named("hostile_operator").attacker.mind
    full = replace(USUAL, attacker=f"coercer:{by_scenario}")
    assert checked(replace(USUAL, attacker="coercer")).key == checked(full).key


def test_a_visitor_may_change_numbers_and_never_a_path() -> None:
    keys = set(changeable())
    assert {"attacker.budget", "mechanisms.islanding", "bad_actor.cost_per_day"} <= keys
    assert any(key.startswith("policy.E-C2.") for key in keys)
    assert not [key for key in keys if key.startswith(("place.", "mind.", "compare.", "policies."))]


def test_limits_are_the_server_s(hamlet) -> None:
    with pytest.raises(RefusedRequest, match="hours"):
        checked(USUAL, Limits(hours=100))


# ---- an attack of one's own ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "none"])
def test_every_kind_has_actions_with_a_price_and_a_place(kind: str) -> None:
    scenario = scenario_named("hostile_operator")
    able = available_actions(scenario, kind)
    assert able
    for choice in able:
        assert choice.units_per_day == prices(scenario)[choice.action] > 0
        assert places(scenario, kind, choice.action)
        plan = plan_of([(choice.action, places(scenario, kind, choice.action)[0])], scenario=scenario)
        check_plan(plan, kind, scenario)


def test_the_bill_counts_days_struck_as_the_attacker_will() -> None:
    scenario = scenario_named("hostile_operator").with_changes({"hours": 240, "attacker.budget": 20.0})
    plan = plan_of([("A1", "Harbour"), ("A4", "Harbour")], 2, 1, {"municipality:Harbour": 5.0})
    costs = plan_cost(plan, scenario)
    a_day = prices(scenario)["A1"] + prices(scenario)["A4"]
    assert costs["units_per_day"] == a_day
    assert costs["days"] == int((20.0 - 5.0) // a_day)  # 3 of the 5 days that the run has room for
    assert costs["last_hour"] == 72 + 24 * 4 - 1  # on, on, off, on
    assert costs["left_units"] == pytest.approx(20.0 - 5.0 - 3 * a_day)
    rich = plan_cost(plan, scenario.with_changes({"attacker.budget": 999.0}))
    assert rich["days"] == 5  # on, on, off, on, on, off, on
    assert rich["last_hour"] == 239


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        (Plan(), "no action"),
        (plan_of([("A7", "Gulf Petroleum")]), "does not do"),
        (plan_of([("A1", "Atlantis")]), "there is no"),
        (plan_of([("A1", "Harbour")], on_days=0), "days"),
        (plan_of([("A1", "Harbour")], efforts={"king": 3.0}), "capture"),
        (plan_of([("A1", "Harbour")], efforts={"municipality:Harbour": 1e9}), "effort"),
        (plan_of([("A1", "Harbour")], efforts={"municipality:Harbour": 99.5}), "the budget is"),
        (Plan(plan_of([("A1", "Harbour")]).strikes, wasted=1.0), "rehearsals"),
    ],
)
def test_an_attack_that_cannot_be_is_refused(plan: Plan, says: str) -> None:
    with pytest.raises(ImpossiblePlan, match=says):
        check_plan(plan, "coercer", scenario_named("hostile_operator"))
    with pytest.raises(RefusedRequest):
        checked(replace(USUAL, plan=plan))


def test_one_asset_is_not_taken_hold_of_twice() -> None:
    plan = plan_of([("A1", "Harbour"), ("A2 power", "Harbour")])
    assert len(plan.strikes) == 1


def test_who_must_be_captured_first_follows_from_the_city_map() -> None:
    central = [{"name": "breakers:Harbour", "holders": ["power_control_room"], "authority": "any"}]
    local = [{"name": "breakers:Harbour", "holders": ["municipality:Harbour"], "authority": "any"}]
    both = [{"name": "breakers:Harbour", "holders": ["power_control_room", "m"], "authority": "both"}]
    hands = ["power_control_room"]
    assert captures_needed(central, hands, "A1", "Harbour") == ()
    assert captures_needed(local, hands, "A1", "Harbour") == ("municipality:Harbour",)
    assert captures_needed(both, hands, "A1", "Harbour") == ("m",)
    assert captures_needed([], hands, "A1", "Harbour") is None


def test_two_prices_for_one_thing_are_refused_in_both_languages() -> None:
    dearer = (("policy.W-C1.well_capital_jpy", 1e6),)  # X-C1 installs the same wells
    assert checked(Request("hostile_operator", ("W-C1",), changes=dearer))
    with pytest.raises(RefusedRequest) as refused:
        checked(Request("hostile_operator", ("W-C1", "X-C1"), changes=dearer))
    assert "charged twice" in refused.value.text.en
    assert "価格をそろえてください" in refused.value.text.ja
