"""Rehearsals: the value of a plan includes all its costs, also when captures fail or take too long."""

from dataclasses import replace

import pytest

import agentsim.society.rehearsal as rehearsal_module
from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.agents.attacker.stake import Rollout, gain
from agentsim.society.planning import Tryouts, plan_attack, planned_attack
from agentsim.society.rehearsal import Rehearsal
from agentsim.society.society import Society

CUT = Plan((Strike("A1", "Harbour"),))
ROOM = "power_control_room"


def rehearsal(hamlet, policies=(), kind="coercer", **changes) -> Rehearsal:
    """An attacker's rehearsals in a hamlet that is attacked from noon of its first day for nine more days."""
    given = {"hours": 240, "attacker.first_hour": 12, "mechanisms.failures": False} | changes
    return Rehearsal(hamlet.setting.with_changes(given), tuple(policies), kind, Society)


def test_doing_nothing_is_worth_nothing_and_a_rollout_costs_its_strikes(hamlet):
    tries = rehearsal(hamlet)
    assert tries.payoff(Plan(), 24) == pytest.approx(0.0, abs=1e-6)
    shown = tries.rollout(CUT, 48)
    assert (shown.spent, len(shown.gains)) == (4.0, 48)
    assert shown.gains.sum() > 0.0


def test_effort_of_a_failed_capture_is_spent(hamlet):
    tries = rehearsal(hamlet)
    assert tries.rollout(Plan(CUT.strikes, wasted=12.0), 24).spent == 14.0
    assert tries.payoff(Plan(wasted=12.0), 24) == -12.0


def test_a_capture_that_takes_longer_than_the_run_is_worth_less_than_nothing(hamlet):
    plan = Plan(CUT.strikes, ((ROOM, 12.0),))
    nothing_held = {"attacker.foothold": [], "hours": 200}
    assert rehearsal(hamlet, **nothing_held).payoff(plan, 24) == -12.0
    at_once = rehearsal(hamlet, **nothing_held, **{"mechanisms.kill_chain": False})
    assert at_once.rollout(plan, 24).spent == 14.0


def test_expected_sanctions_lower_the_value_of_a_plan(hamlet):
    free = rehearsal(hamlet, ["X-C4"], **{"mechanisms.deterrence": False})
    feared = rehearsal(hamlet, ["X-C4"])
    day, beyond = free.rollout(CUT, 24), 8
    assert feared.rollout(CUT, 24).sanctions == day.sanctions == 0.0
    expected = 80.0 * (2.25 * 0.2 * 0.34) ** (1 / 0.88) / 7
    stays = sum((1.0 - 0.2) ** (k / 7) for k in range(beyond))
    assert free.payoff(CUT, 24) - feared.payoff(CUT, 24) == pytest.approx(expected * stays)


def test_a_plan_is_made_once_and_kept(hamlet):
    scenario = hamlet(
        changes={"mind.rollouts": 9, "mind.horizons_h": [6, 6, 12], "attacker.first_hour": 6}
    ).setting
    plan = plan_attack(scenario, (), "coercer:best_response", Society)
    assert plan is plan_attack(scenario, (), "coercer:best_response", Society)


@pytest.mark.parametrize(("policies", "kind"), [((), "coercer"), (("X-C4",), "coercer"), ((), "saboteur")])
def test_a_plan_without_what_it_promises_is_the_same_plan(hamlet, policies, kind):
    changes = {"mind.rollouts": 9, "mind.horizons_h": [6, 6, 24], "attacker.plan_seeds": 2, "hours": 96}
    scenario = hamlet(changes=changes | {"attacker.first_hour": 6}).setting
    name = f"{kind}:best_response"
    known = planned_attack(scenario, policies, name, Society)
    assert plan_attack(scenario, policies, name, Society) == known.plan


@pytest.mark.parametrize("plan", [CUT, replace(CUT, wasted=12.0), replace(CUT, on_days=1, rest_days=1)])
def test_no_plan_brings_less_than_what_it_brings_at_least(hamlet, plan):
    tries = rehearsal(hamlet, **{"attacker.budget": 9.0})
    whole = tries.payoff(plan, tries.whole_h)
    least = [rehearsal(hamlet, **{"attacker.budget": 9.0}).least_payoff(plan, hours) for hours in (24, 96)]
    assert float("-inf") < least[0] <= least[1] <= whole


def test_nothing_is_certain_for_who_may_be_fined_or_wants_something_else(hamlet):
    assert rehearsal(hamlet, ["X-C4"]).least_payoff(CUT, 24) == float("-inf")
    assert rehearsal(hamlet, kind="saboteur").least_payoff(CUT, 24) == float("-inf")


def test_a_plan_that_pays_early_is_not_lived_to_the_end(hamlet, monkeypatch):
    changes = {"mind.horizons_h": [6, 6, 48], "attacker.first_hour": 6, "attacker.budget": 4.0, "hours": 240}
    scenario = hamlet(changes=changes | {"bad_actor.campaign_weight": 10.0}).setting
    tries = Tryouts(scenario, (), "coercer:best_response", Society)
    monkeypatch.setattr(Tryouts, "whole", lambda self, plan: pytest.fail("lived to the end"))
    assert tries.pays(CUT)


def test_sanctions_on_water_abuse_leave_a_plan_against_power_unchanged(hamlet):
    by_strike = {
        action: rehearsal(hamlet, ["W-C3"])._prospect(Plan((Strike(action, "Southshore"),)))
        for action in ("A1", "A4")
    }
    assert by_strike["A1"].expected_sanction == by_strike["A1"].removal == 0.0
    assert by_strike["A4"].expected_sanction == pytest.approx(80.0 * (2.25 * 0.2 * 0.34) ** (1 / 0.88))
    assert by_strike["A4"].removal == pytest.approx(0.2)


# ---- hours that are lived once -----------------------------------------------------------------------

BOTH = Plan((Strike("A1", "Harbour"), Strike("A4", "Harbour")))


def as_lived(hamlet, plan: Plan, hours: int, kind: str = "coercer", policies=(), **changes) -> Rollout:
    """A rollout in a rehearsal that has lived nothing else but the ordinary day."""
    return rehearsal(hamlet, policies, kind, **changes).rollout(plan, hours)


def same(one: Rollout, other: Rollout) -> bool:
    """To the last bit."""
    arrays = one.gains.tobytes() == other.gains.tobytes() and one.harm_h.tobytes() == other.harm_h.tobytes()
    accounts = [(r.spent, r.sanctions, r.wins) for r in (one, other)]
    return arrays and accounts[0] == accounts[1]


@pytest.mark.parametrize("kind", ["coercer", "saboteur"])
def test_a_trial_that_goes_on_has_lived_the_same_as_one_in_a_single_go(hamlet, kind):
    tries = rehearsal(hamlet, kind=kind)
    for hours in (6, 30, 100, 24):
        assert same(tries.rollout(BOTH, hours), as_lived(hamlet, BOTH, hours, kind))


@pytest.mark.parametrize(
    "other",
    [
        replace(CUT, wasted=12.0),  # the effort of captures that failed
        replace(CUT, on_days=3, rest_days=1),  # won before it rests
        replace(CUT, on_days=1, rest_days=1),  # shows something else on the second day
    ],
)
def test_what_is_told_of_a_plan_is_what_it_would_have_lived(hamlet, other):
    tries = rehearsal(hamlet)
    tries.rollout(CUT, 96)
    assert same(tries.rollout(other, 96), as_lived(hamlet, other, 96))


def test_a_budget_that_runs_out_earlier_is_noticed(hamlet):
    budget = {"attacker.budget": 7.0}
    tries, other = rehearsal(hamlet, **budget), replace(CUT, wasted=4.0)
    assert tries.rollout(CUT, 96).spent == 6.0
    told = tries.rollout(other, 96)
    assert told.spent == 6.0
    assert same(told, as_lived(hamlet, other, 96, **budget))


@pytest.mark.parametrize("kind", ["coercer", "saboteur"])
def test_less_effort_for_the_same_captures_is_told_from_lived_hours(hamlet, kind):
    nothing_held = {"attacker.foothold": [], "mechanisms.kill_chain": False}
    much, little = (Plan(CUT.strikes, ((ROOM, effort),)) for effort in (12.0, 4.0))
    tries = rehearsal(hamlet, kind=kind, **nothing_held)
    tries.rollout(much, 48)
    told = tries.rollout(little, 48)
    assert list(tries._trials) == [much]
    assert same(told, as_lived(hamlet, little, 48, kind, **nothing_held))


def test_hours_in_which_control_is_revoked_are_not_told_to_others(hamlet):
    watched = {"monitor.investigation_days": 0.5, "monitor.revocation_days": 0.5}
    tries, other = rehearsal(hamlet, ["X-C1"], **watched), replace(CUT, wasted=4.0)
    lived = tries.rollout(CUT, 200)
    assert lived.spent < 2.0 * 200 / 24 - 1.0  # it lost its control room
    assert same(tries.rollout(other, 200), as_lived(hamlet, other, 200, policies=["X-C1"], **watched))


def test_a_trial_goes_on_for_another_plan_that_shows_the_same(hamlet):
    tries, other = rehearsal(hamlet), replace(CUT, wasted=4.0)
    tries.rollout(CUT, 6)
    assert same(tries.rollout(other, 96), as_lived(hamlet, other, 96))
    assert list(tries._trials) == [CUT]
    assert same(tries.rollout(CUT, 96), as_lived(hamlet, CUT, 96))


@pytest.mark.parametrize(("policies", "told"), [([], True), (["E-C1", "W-C1"], False)])
def test_a_silenced_municipality_makes_a_difference_only_if_it_had_something_to_say(hamlet, policies, told):
    """With E-C1 and W-C1 its staff undo a cut by hand, unless the attacker holds the municipality as well."""
    quick = {"municipalities.restore_median_h": 2.0}
    quick |= {"mechanisms.kill_chain": False}
    tries = rehearsal(hamlet, policies, **quick)
    more = Plan(BOTH.strikes, (("municipality:Harbour", 4.0),))
    few, many = tries.rollout(BOTH, 48), tries.rollout(more, 48)
    assert (more not in tries._trials) == told
    assert (few.harm_h.sum() == many.harm_h.sum()) == told
    assert same(many, as_lived(hamlet, more, 48, policies=policies, **quick))


def test_only_a_few_trials_wait_and_the_others_start_again(hamlet, monkeypatch):
    monkeypatch.setattr(rehearsal_module, "PAUSED", 1)
    tries = rehearsal(hamlet)
    plans = [CUT, BOTH, Plan((Strike("A1", "Southshore"),))]
    for plan in plans:
        tries.payoff(plan, 6)
    assert sum(trial.society is not None for trial in tries._trials.values()) == 1
    for plan in plans:
        assert same(tries.rollout(plan, 24), as_lived(hamlet, plan, 24))


def test_a_coercer_without_a_district_gains_nothing_in_any_hour(hamlet):
    tries = rehearsal(hamlet)
    society = Society(tries.rehearsed, (), "coercer", 5, plan=Plan(), start_hour=6, rehearsal=True)
    (actor,) = society.attackers
    hours = [society.live_hour() for _ in range(30)]
    assert {gain("coercer", now, actor.stake, tries.numbers) for now in hours} == {0.0}
    assert (actor.spent, actor.sanctions_paid) == (0.0, 0.0)
    assert tries.payoff(Plan(), 24) == 0.0
