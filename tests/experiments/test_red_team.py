"""The red team: plans tried everywhere, combined and begun later; what was promised beside what was paid."""

import numpy as np
import pytest

import agentsim.experiments.attacks.worst_attacks as worst_module
from agentsim import load
from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.core.errors import InvalidScenario
from agentsim.experiments.attacks.attack_plans import Assignment
from agentsim.experiments.attacks.cross_plans import cross_plans
from agentsim.experiments.attacks.planning_gap import planning_gap, small_case
from agentsim.experiments.attacks.red_team import redteam
from agentsim.experiments.attacks.worst_attacks import (
    COMBINATION,
    TIMING,
    KnownAttack,
    Sharpening,
    attacked_by,
    combinations,
    sharpened,
    worst,
)
from agentsim.experiments.runs.ledger import Ledger
from agentsim.society.planning import PlannedAttack

SCENARIO = "scenarios/hostile_operator.toml"
A1, A4 = (Plan((Strike(action, "Harbour"),)) for action in ("A1", "A4"))


@pytest.fixture(scope="module")
def setting(hamlet):
    """A hamlet for three days, with one planning seed and short rollouts."""
    changes = {"hours": 72, "attacker.kind": "coercer", "attacker.mind": "best_response"}
    changes |= {"attacker.first_hour": 24, "attacker.plan_seeds": 1, "attacker.target": "Harbour"}
    changes |= {"mind.horizons_h": [12, 24, 48], "mind.delays_h": [6, 12, 0, 0, 0], "mind.rollouts": 24}
    changes |= {"bad_actor.campaign_weight": 1.0}  # two days are worth the cost of two actions
    return hamlet.setting.with_changes(changes | {"mechanisms.kill_chain": False})


@pytest.fixture(scope="module")
def red(setting, tmp_path_factory):
    """A red team against two policies; its folder is kept."""
    folder = tmp_path_factory.mktemp("red") / "out"
    return folder, redteam(setting, ["W-C1"], seeds=2, folder=folder)


# ---- what is tried ----------------------------------------------------------------------------------


def test_two_plans_are_combined_on_the_district_of_the_first():
    far = Plan((Strike("A4", "Lakeview"), Strike("A3", "city")), on_days=3, rest_days=1)
    both, rhythm = combinations(A1, far, ("Harbour", "Lakeview"), moves=True)
    assert set(both.strikes) == {Strike("A1", "Harbour"), Strike("A4", "Harbour"), Strike("A3", "city")}
    assert (both.on_days, both.rest_days) == (1, 0)
    assert rhythm.strikes == A1.strikes
    assert (rhythm.on_days, rhythm.rest_days) == (3, 1)


def test_two_strikes_on_one_asset_are_not_combined():
    open_cut, hidden = A1, Plan((Strike("A2 power", "Harbour", 0.2),))
    assert combinations(open_cut, hidden, ("Harbour",), moves=True) == []


def test_whoever_may_strike_anywhere_keeps_both_places():
    far = Plan((Strike("A4", "Lakeview"),))
    (both,) = combinations(A1, far, ("Harbour", "Lakeview"), moves=False)
    assert {strike.where for strike in both.strikes} == {"Harbour", "Lakeview"}


def test_a_combination_that_brings_more_is_found_in_a_real_town(setting):
    """Cutting power and water together brings more than either alone."""
    against = Assignment(setting, (), "coercer:best_response")
    known = tuple(
        KnownAttack(plan, 24, payoffs=(1.0,), made_against=(n,)) for plan, n in ((A1, "a"), (A4, "b"))
    )
    found = sharpened(Sharpening(against, "none", known))
    combined = [one for one in found if one.found_by == COMBINATION]
    assert {strike.action for strike in combined[0].plan.strikes} == {"A1", "A4"}
    assert combined[0].made_against in (("a", "b"), ("b", "a"))
    tries = worst_module._tryouts(against)
    assert combined[0].promised > max(tries.whole(plan)[0] for plan in (A1, A4))
    tries.end()


def test_a_later_beginning_is_kept_only_where_it_brings_more(setting, monkeypatch):
    """A city that lives for the last day only: an attack that begins later is worth more."""
    asked = []

    class Tries:
        seeds = (1,)

        def __init__(self, one):
            self.first_hour = one.scenario.attacker.first_hour

        def rough(self, plan, seed):
            asked.append(self.first_hour)
            return {24: 5.0, 30: 4.0, 36: 9.0}[self.first_hour]

        def whole(self, plan):
            return (8.0,)

        def end(self):
            pass

    monkeypatch.setattr(worst_module, "_tryouts", Tries)
    monkeypatch.setattr(worst_module, "_combinations", lambda job, tries: ())
    against = Assignment(setting, (), "coercer:best_response")
    (later,) = sharpened(Sharpening(against, "none", (KnownAttack(A1, 24, payoffs=(5.0,)),)))
    assert (later.first_hour, later.found_by, later.promised) == (36, TIMING, 8.0)
    assert asked == [24, 30, 36]


def test_nobody_attacks_where_nothing_pays(setting):
    quiet = worst((KnownAttack(A1, 24, payoffs=(-2.0,)),), setting, "X-C1")
    assert quiet.plan == Plan()
    assert quiet.promised == 0.0
    assert worst((), setting, "X-C1").plan == Plan()


# ---- the whole --------------------------------------------------------------------------------------


def test_the_worst_attack_on_each_policy_is_the_best_of_its_column(red):
    _, found = red
    assert list(found.matrix.columns) == ["none", "W-C1"]
    worth = found.worth.set_index("policy")
    for label in found.matrix.columns:
        known = found.attacks[found.attacks["policy"] == label]
        assert worth.loc[label, "promised"] == pytest.approx(max(known["promised"].max(), 0.0))
        assert worth.loc[label, "promised"] >= found.matrix[label].max() - 1e-9


def test_what_was_promised_stands_beside_what_was_paid(red):
    _, found = red
    none = found.worth.set_index("policy").loc["none"]
    assert none["n"] == 2
    assert none["paid_low"] <= none["paid"] <= none["paid_high"]
    assert none["paid"] == pytest.approx(none["promised"], rel=0.5)
    assert none["deprivation_target_district"] > 0


def test_the_change_is_against_no_policy_under_its_own_worst_attack(red):
    _, found = red
    worth = found.worth.set_index("policy")
    change = worth.loc["W-C1", "loss_jpy_per_household"] - worth.loc["none", "loss_jpy_per_household"]
    assert worth.loc["W-C1", "loss_jpy_per_household_difference"] == pytest.approx(change)
    assert np.isnan(worth.loc["none", "loss_jpy_per_household_difference"])


def test_the_story_of_the_worst_attack_begins_with_it(red):
    _, found = red
    assert any(event.kind == "attack" for event in found.events["none"])


def test_the_same_red_team_is_told_from_its_ledger(red, setting, monkeypatch):
    folder, found = red
    for name in ("Tryouts", "make_plans"):
        real = getattr(worst_module, name)
        monkeypatch.setattr(worst_module, name, real if name == "make_plans" else None)
    again = redteam(setting, ["W-C1"], seeds=2, folder=folder)
    assert again.matrix.equals(found.matrix)
    assert again.worth.equals(found.worth)
    assert again.attacks.equals(found.attacks)


def test_a_transfer_matrix_is_kept_with_what_could_not_be_tried(setting, monkeypatch):
    monkeypatch.setattr("agentsim.experiments.attacks.cross_plans.try_plans", lambda trial: None)
    assignments = {
        name: Assignment(setting, ids, "coercer:best_response")
        for name, ids in (("none", ()), ("W-C1", ("W-C1",)))
    }
    made = {"none": PlannedAttack(A1, (3.0,)), "W-C1": PlannedAttack(A4, (2.0,))}
    ledger = Ledger()
    first = cross_plans(assignments, made, ledger=ledger)
    again = cross_plans(assignments, made, ledger=ledger)
    assert np.isnan(first.payoffs[0, 1]).all()
    assert np.array_equal(first.payoffs, again.payoffs, equal_nan=True)
    assert first.plans == again.plans
    assert first.best("W-C1") == again.best("W-C1")


def test_a_red_team_needs_an_attacker():
    calm = load("scenarios/drought.toml")
    with pytest.raises(InvalidScenario, match="plans nothing"):
        redteam(calm, ["W-C1"])
    assert attacked_by(calm, "saboteur") == "saboteur:best_response"
    assert attacked_by(load("scenarios/fuel_embargo.toml")) == "cartel:best_response"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"policies": ["X-C9"]}, "'X-C9' is unknown"),
        ({"seeds": 0}, "seeds: 0 is too small"),
        ({"workers": 0}, "workers: 0 is too small"),
        ({"budget": -1.0}, "attacker.budget"),
        ({"rollouts": 0}, "mind.rollouts"),
    ],
)
def test_what_makes_no_sense_is_refused(given, says):
    with pytest.raises(InvalidScenario, match=says):
        redteam(load(SCENARIO), **given)


# ---- the small case ---------------------------------------------------------------------------------


def test_the_small_case_is_lived_to_its_end():
    small = small_case(load(SCENARIO))
    assert small.place.districts == 3
    assert small.attacker.first_hour + small.parameters.mind.horizons_h[-1] == small.hours


def test_the_search_finds_the_best_of_all_plans_of_a_small_case():
    changes = {
        "hours": 96,
        "place.households": 60,
        "attacker.first_hour": 24,
        "mind.horizons_h": [24, 24, 72],
    }
    small = small_case(load(SCENARIO)).with_changes(changes)
    table = planning_gap(small, actions=("A1", "A4"))
    sets, rhythms, districts = 3, 3, 3
    assert len(table) == 1 + sets * rhythms * districts
    assert table["payoff"].is_monotonic_decreasing
    assert table.attrs["best"] == table["payoff"].iloc[0]
    assert table.attrs["found"] >= 0.9 * table.attrs["best"] > 0
    assert table.attrs["rollouts"]["search"] < table.attrs["rollouts"]["enumeration"]


@pytest.mark.slow
@pytest.mark.parametrize("policies", [(), ("W-C1",)])
def test_the_gap_of_the_documented_small_case(policies):
    table = planning_gap(small_case(load(SCENARIO)), policies)
    print(policies, table.attrs)
    assert table.attrs["gap"] <= 0.1


def test_an_action_that_does_not_exist_is_refused():
    with pytest.raises(InvalidScenario, match="action 'A99' is unknown"):
        planning_gap(small_case(load(SCENARIO)), actions=("A99",))
