"""An attacker that plans is never worse off than one that declines, nor than one that acts at random.

Payoffs are paid in whole runs on seeds that no search has seen. A plan that is declined pays exactly 0.
"""

from itertools import product

import numpy as np
import pytest

from agentsim import load
from agentsim.experiments.statistics.intervals import mean_interval
from agentsim.policies import expand
from agentsim.society.planning import planned_attack
from agentsim.society.society import Society

SMALL = {"place.households": 300, "hours": 504, "attacker.plan_seeds": 3}
TINY = {
    "place.households": 150,
    "hours": 336,
    "attacker.first_hour": 24,
    "mind.rollouts": 12,
    "mind.horizons_h": [12, 24, 48],
}
KINDS = ("coercer", "rent_seeker", "saboteur", "cartel")


def paid(scenario, policies, attacker: str, seeds, plan=None) -> np.ndarray:
    """Payoff in each run by the attacker's own account, array (seeds,) [units]."""
    runs = (Society(scenario, policies, attacker, seed, plan=plan) for seed in seeds)
    return np.array([run.run().attackers[0].payoff for run in runs])


def check(kind: str, policies: tuple[str, ...], changes: dict, seeds: range) -> None:
    scenario = load("scenarios/hostile_operator.toml").with_changes(changes)
    found = planned_attack(scenario, policies, f"{kind}:best_response", Society)
    planned = paid(scenario, policies, f"{kind}:best_response", seeds, found.plan)
    by_chance = paid(scenario, policies, f"{kind}:random", seeds)
    own, more = mean_interval(planned.tolist()), mean_interval((planned - by_chance).tolist())
    print(
        f"{kind} against {policies or 'no policy'}: promised {found.promised:.1f}, paid {own.mean:.1f} "
        f"({own.low:.1f} to {own.high:.1f}), by chance {by_chance.mean():.1f}"
    )
    if not found.plan.strikes:
        assert not planned.any(), "whoever declines neither gains nor pays"
    assert own.high >= 0.0
    assert more.high >= 0.0


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "policy"), list(product(KINDS, ["", "E-C2", "X-C1", "X-C4"])))
def test_a_plan_is_not_worse_than_declining_nor_than_chance(kind: str, policy: str) -> None:
    check(kind, expand([policy] if policy else []), SMALL, range(2001, 2021))


@pytest.mark.parametrize("kind", ["rent_seeker", pytest.param("cartel", marks=pytest.mark.slow)])
def test_a_hasty_plan_is_not_worse_than_declining_nor_than_chance(kind: str) -> None:
    check(kind, (), TINY, range(2001, 2005))


def test_an_attacker_that_does_nothing_gains_nothing_however_its_sales_vary(hamlet) -> None:
    changes = {"hours": 240, "attacker.foothold": ["supplier:Valley Cooperative"], "attacker.first_hour": 24}
    from agentsim.agents.attacker.mind import Plan

    society = hamlet([], "cartel", 1, 240, changes, plan=Plan())
    (actor,) = society.attackers
    assert (actor.gained, actor.spent, actor.payoff) == (0.0, 0.0, 0.0)


def test_gains_of_a_seller_are_counted_over_the_same_hours_without_the_attack(hamlet) -> None:
    """An attack that can move no price and no sale for lack of time gains nothing but its cost."""
    from agentsim.agents.attacker.actions import Strike
    from agentsim.agents.attacker.mind import Plan

    held = {"attacker.foothold": ["supplier:Valley Cooperative", "power_control_room"]}
    changes = {"hours": 48, "attacker.first_hour": 24} | held
    plan = Plan((Strike("A1", "Harbour"),))
    (actor,) = hamlet([], "rent_seeker", 1, 48, changes, plan=plan).attackers
    assert actor.spent == 2.0
    assert abs(actor.gained) < 1.0, "the same days brought other sales than the first one"
