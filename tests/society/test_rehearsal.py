"""Rehearsals: the value of a plan includes all its costs, also when captures fail or take too long."""

import pytest

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.society.rehearsal import Rehearsal, plan_attack
from agentsim.society.society import Society

CUT = Plan((Strike("A1", "Harbour"),))
ROOM = "power_control_room"


def rehearsal(hamlet, policies=(), **changes) -> Rehearsal:
    """A coercer's rehearsals in a hamlet that is attacked from noon of its first day for nine more days."""
    given = {"hours": 240, "attacker.first_hour": 12, "mechanisms.failures": False} | changes
    return Rehearsal(hamlet(changes=given).setting, tuple(policies), "coercer", Society)


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
    # attrition would end the siege before the rollout does
    free = rehearsal(hamlet, ["X-C4"], **{"mechanisms.attrition": False, "mechanisms.deterrence": False})
    feared = rehearsal(hamlet, ["X-C4"], **{"mechanisms.attrition": False})
    day, beyond = free.rollout(CUT, 24), 8
    assert feared.rollout(CUT, 24).sanctions == day.sanctions == 0.0
    expected = 0.2 * 80.0 * 0.34 / 7
    stays = sum((1.0 - 0.2) ** (k / 7) for k in range(beyond))
    assert free.payoff(CUT, 24) - feared.payoff(CUT, 24) == pytest.approx(expected * stays)


def test_a_plan_is_made_once_and_kept(hamlet):
    scenario = hamlet(
        changes={"mind.rollouts": 9, "mind.horizons_h": [6, 6, 12], "attacker.first_hour": 6}
    ).setting
    plan = plan_attack(scenario, (), "coercer:best_response", Society)
    assert plan is plan_attack(scenario, (), "coercer:best_response", Society)


def test_sanctions_on_water_abuse_leave_a_plan_against_power_unchanged(hamlet):
    by_strike = {
        action: rehearsal(hamlet, ["W-C3"])._prospect(Plan((Strike(action, "Southshore"),)))
        for action in ("A1", "A4")
    }
    assert by_strike["A1"].expected_sanction == by_strike["A1"].removal == 0.0
    assert by_strike["A4"].expected_sanction == pytest.approx(0.2 * 80.0 * 0.34)
    assert by_strike["A4"].removal == pytest.approx(0.2)
