"""What the runs of a comparison meet: footholds, targets, and the best of all plans that are known."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import agentsim.experiments.attacks.attack_plans as plans_module
import agentsim.experiments.attacks.attacks as attacks_module
import agentsim.experiments.attacks.cross_plans as cross_module
from agentsim import load
from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.experiments.attacks.attack_plans import Assignment, keep_plan, known_plan, plans_by_budget
from agentsim.experiments.attacks.attacks import Attacks
from agentsim.experiments.attacks.cross_plans import cross_plans
from agentsim.experiments.attacks.targets import common_targets, target_at_random
from agentsim.experiments.runs.ledger import Ledger
from agentsim.society.planning import PlannedAttack

SCENARIO = Path(__file__).parents[2] / "scenarios" / "hostile_operator.toml"
ROOMS = ["power_control_room", "water_control_room", "traffic_control_room"]
POLICIES = {"none": (), "E-C2": ("E-C2",), "X-C4": ("X-C4",)}
HARBOUR, LAKEVIEW = (Plan((Strike("A1", where),)) for where in ("Harbour", "Lakeview"))


@pytest.fixture(scope="module")
def scenario():
    return load(SCENARIO)


# ---- targets ----------------------------------------------------------------------------------------


def test_a_common_target_is_within_reach_under_every_policy(scenario):
    everywhere = scenario.build_place().districts.name
    assert common_targets([(scenario, ()), (scenario, ("E-C2",))], "coercer") == everywhere
    half = common_targets([(scenario, ids) for ids in POLICIES.values()], "coercer")
    assert half == everywhere[::2], "the cap leaves the attacker's control room every other district"
    assert common_targets([(scenario, ("X-C1",))], "coercer") == everywhere, "nowhere without a capture"


def test_the_random_attacker_has_one_target_under_all_policies(scenario):
    prepared = Attacks(scenario, POLICIES, ["coercer:random", "none"], range(1, 9))
    for seed in range(1, 9):
        chosen = {prepared.of(label, "coercer:random", seed).scenario.attacker.target for label in POLICIES}
        assert len(chosen) == 1
        assert chosen <= set(scenario.build_place().districts.name[::2])
    assert len({prepared.of("none", "coercer:random", s).scenario.attacker.target for s in range(1, 9)}) > 1
    assert prepared.of("none", "none", 1).scenario.attacker.target == ""


def test_a_free_target_is_left_to_the_attacker(scenario):
    free = scenario.replace("compare.target", "free")
    prepared = Attacks(free, POLICIES, ["coercer:random"], [1])
    assert prepared.of("X-C4", "coercer:random", 1).scenario.attacker.target == ""


def test_a_target_drawn_among_all_is_the_one_that_the_random_mind_draws(hamlet):
    setting = hamlet.setting
    districts = setting.build_place().districts.name
    for seed in range(1, 7):
        (actor,) = hamlet([], "coercer:random", seed).attackers
        assert target_at_random(setting, seed, districts) == actor.mind.target


# ---- plans ------------------------------------------------------------------------------------------


def planning(monkeypatch, found: dict[tuple[str, ...], PlannedAttack], crossed=None) -> list[Assignment]:
    """Plans are these, by policies; the list gets the assignments in the order in which they were made."""
    asked: list[Assignment] = []

    def make_plans(wanted, **given):
        asked.extend(wanted.values())
        return {case: found[one.adopts] for case, one in wanted.items()}

    monkeypatch.setattr(attacks_module, "make_plans", make_plans)
    monkeypatch.setattr(cross_module, "try_plans", crossed or (lambda trial: {}))
    return asked


def test_all_plans_have_the_target_of_the_plan_against_no_policy(scenario, monkeypatch):
    made = {ids: PlannedAttack(HARBOUR, (5.0, 5.0, 5.0)) for ids in POLICIES.values()}
    asked = planning(monkeypatch, made)
    prepared = Attacks(scenario, POLICIES, ["coercer"], [1, 2])
    assert [one.adopts for one in asked] == [(), ("E-C2",), ("X-C4",)]
    assert [one.scenario.attacker.target for one in asked] == ["", "Harbour", "Harbour"]
    assert asked[0].among == scenario.build_place().districts.name[::2]
    assert prepared.of("X-C4", "coercer", 2).scenario.attacker.target == "Harbour"
    assert prepared.of("X-C4", "coercer", 2).plan == HARBOUR


def test_plans_are_made_for_each_foothold_that_is_drawn(scenario, monkeypatch):
    made = {ids: PlannedAttack(HARBOUR, (5.0,)) for ids in POLICIES.values()}
    asked = planning(monkeypatch, made)
    drawn = scenario.with_changes({"attacker.foothold": [], "attacker.drawn_foothold": ROOMS})
    prepared = Attacks(drawn, POLICIES, ["coercer"], range(1, 7))
    assert len(asked) == 3 * len(POLICIES)
    held = [prepared.of("none", "coercer", seed).scenario.attacker.foothold for seed in range(1, 7)]
    assert held == [(room,) for room in ROOMS] * 2


def test_a_policy_is_attacked_by_the_best_plan_that_is_known_against_it(scenario, monkeypatch):
    own = PlannedAttack(HARBOUR, (4.0, 6.0))
    better = PlannedAttack(LAKEVIEW, (9.0, 9.0))
    made = {(): own, ("E-C2",): own, ("X-C4",): better}

    def tried(trial):
        worth = {LAKEVIEW: (7.0, 7.0)} if not trial.against.adopts else {LAKEVIEW: (1.0, 1.0)}
        return {plan: (plan, worth.get(plan, (2.0, 2.0))) for plan in trial.others}

    planning(monkeypatch, made, tried)
    prepared = Attacks(scenario, POLICIES, ["coercer"], [1])
    assert [prepared.of(label, "coercer", 1).plan for label in POLICIES] == [LAKEVIEW, HARBOUR, LAKEVIEW]
    assert [(one.policy, one.made_against) for one in prepared.chosen] == [
        ("none", "X-C4"),
        ("E-C2", "E-C2"),
        ("X-C4", "X-C4"),
    ]
    assert prepared.chosen[0].planned.payoffs == (7.0, 7.0)


def test_plans_are_kept_in_a_ledger_with_what_they_promise(tmp_path):
    found = PlannedAttack(HARBOUR, (1.0, 2.0), (HARBOUR, Plan()), 1.5)
    with Ledger(tmp_path / "runs.sqlite") as ledger:
        keep_plan(ledger, "key", found)
        assert known_plan(ledger, "another key") is None
    with Ledger(tmp_path / "runs.sqlite") as ledger:
        assert known_plan(ledger, "key") == found


# ---- cross plans, in a real town -------------------------------------------------------------------


def test_the_transfer_matrix_says_what_each_plan_brings_against_each_policy(hamlet):
    changes = {
        "hours": 96,
        "attacker.first_hour": 24,
        "attacker.plan_seeds": 2,
        "mind.horizons_h": [24, 24, 48],
    }
    changes |= {"mechanisms.kill_chain": False}
    setting = hamlet.setting.with_changes(changes | {"bad_actor.deprivation_weight": [1.0, 0.0, 1.0, 0.0]})
    labels = {"none": (), "X-C1": ("X-C1",)}
    room = Plan((Strike("A1", "Harbour"),))
    town = Plan((Strike("A4", "Harbour"),), (("municipality:Harbour", 12.0),))
    assignments = {label: Assignment(setting, ids, "coercer:best_response") for label, ids in labels.items()}
    made = {"none": PlannedAttack(room, (3.0, 3.0)), "X-C1": PlannedAttack(town, (2.0, 1.0))}
    transfer = cross_plans(assignments, made)
    assert transfer.payoffs.shape == (2, 2, 2)
    assert not np.isnan(transfer.payoffs).any()
    assert transfer.payoffs[0, 0].tolist() == [3.0, 3.0]
    there = transfer.plans["none", "X-C1"]
    assert dict(there.efforts) == {"municipality:Harbour": 12.0}, "the breakers belong to the municipality"
    assert transfer.plans["X-C1", "none"].strikes == town.strikes


# ---- budgets ----------------------------------------------------------------------------------------


def test_with_more_budget_the_smaller_plan_is_kept_where_nothing_better_is_found(monkeypatch, scenario):
    promised = {50.0: (HARBOUR, 30.0), 100.0: (LAKEVIEW, 20.0), 200.0: (LAKEVIEW, 40.0)}

    def make_plans(wanted, **given):
        found = {units: promised[one.scenario.attacker.budget] for units, one in wanted.items()}
        return {units: PlannedAttack(plan, (worth,)) for units, (plan, worth) in found.items()}

    monkeypatch.setattr(plans_module, "make_plans", make_plans)
    found = plans_by_budget(Assignment(scenario, (), "coercer:best_response"), [200.0, 50.0, 100.0])
    assert [one.promised for one in found.values()] == [30.0, 30.0, 40.0]
    assert [(one.plan.strikes, one.plan.most_units) for one in found.values()] == [
        (HARBOUR.strikes, 50.0),
        (HARBOUR.strikes, 50.0),
        (LAKEVIEW.strikes, 200.0),
    ]


def test_a_plan_that_spends_less_than_the_budget_brings_what_it_brings_with_less(hamlet):
    changes = {"hours": 96, "attacker.first_hour": 12}
    little = hamlet([], "coercer", 1, 96, changes | {"attacker.budget": 4.0}, plan=HARBOUR)
    capped = replace(HARBOUR, most_units=4.0)
    much = hamlet([], "coercer", 1, 96, changes | {"attacker.budget": 100.0}, plan=capped)
    assert much.attackers[0].spent == little.attackers[0].spent == 4.0
    assert much.attackers[0].payoff == little.attackers[0].payoff
