"""How far the plan that an attacker finds is from the best plan of all, where all can be tried.

In a small case every plan can be lived to the end of the run: every set of strikes on one district, with
every effort and rhythm. The best of them is certain. What the search finds with its few rollouts is held
against it.
"""

import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

import pandas as pd

from agentsim.agents.attacker.actions import ACTIONS
from agentsim.agents.attacker.mind import Plan
from agentsim.agents.attacker.search import Search
from agentsim.core.errors import InvalidScenario, unknown
from agentsim.experiments.attacks.worst_attacks import attacked_by
from agentsim.scenario.file import Scenario
from agentsim.scenario.names import policy_ids
from agentsim.society.rehearsal import PLANNING_SEED, Rehearsal
from agentsim.society.society import Society

OPEN_CUTS = ("A1", "A4", "A6")
SMALL = {"place.districts": 3, "place.households": 300, "hours": 240}
MOST_PLANS = 5000  # beyond that nobody waits for the end


def small_case(scenario: Scenario) -> Scenario:
    """The scenario in its smallest form: three districts, 300 households and ten days, whole-run rollouts."""
    first_hour = min(scenario.attacker.first_hour, 72)
    whole_h = SMALL["hours"] - first_hour
    changes = SMALL | {"attacker.first_hour": first_hour, "attacker.target": ""}
    return scenario.with_changes(changes | {"mind.horizons_h": [24, 72, whole_h]}, facing=())


def planning_gap(
    scenario: Scenario,
    policies: Sequence[str] = (),
    *,
    attacker: str = "",
    actions: Sequence[str] = OPEN_CUTS,
) -> pd.DataFrame:
    """Every plan of a small case with what it brings, the best first.

    Parameters
    ----------
    scenario : small already, as from :func:`small_case`
    policies : ids that stand
    attacker : a kind; the scenario's by default
    actions : that the attacker may combine; with more of them there are many more plans

    Returns
    -------
    pandas.DataFrame
        a row for each plan: ``strikes``, ``efforts``, ``on_days``, ``rest_days`` and ``payoff`` [units], by a
        rollout to the end of the run on the first planning seed. ``attrs`` has ``found`` (what the search's
        plan brings), ``best`` (the true optimum), ``gap`` (the share of the optimum that the search misses),
        ``rollouts`` of the search and of the enumeration, ``plan`` (what the search found) and ``wall_s``.

    Raises
    ------
    InvalidScenario : nobody attacks, an unknown action, or more plans than anybody can wait for
    """
    begin = time.perf_counter()
    wrong = [unknown(action, ACTIONS, "action") for action in actions if action not in ACTIONS]
    if wrong:
        raise InvalidScenario(wrong)
    kind = attacked_by(scenario, attacker).partition(":")[0]
    ids = policy_ids("+".join(policies) or "none")
    rehearsal = Rehearsal(scenario, ids, kind, Society, PLANNING_SEED)
    chances = rehearsal.chances()
    chances = replace(chances, options=tuple(o for o in chances.options if o.strike.action in actions))
    found, whole = (
        Search(chances, rehearsal.payoff, kind == "coercer", scenario.parameters.mind) for _ in range(2)
    )
    plans = whole.every_plan()
    if len(plans) > MOST_PLANS:
        raise InvalidScenario(
            [f"{len(plans):,} plans are too many to try all; take fewer actions than {', '.join(actions)}"]
        )
    plan = found.best()
    found_payoff = max(found.worth(plan), 0.0)
    whole.used = -(10**9)  # as many rollouts as there are plans
    table = pd.DataFrame([_row(one, whole.worth(one)) for one in plans])
    table = table.sort_values("payoff", ascending=False, kind="stable", ignore_index=True)
    rehearsal.end()
    best = float(table["payoff"].iloc[0])
    table.attrs = {
        "found": found_payoff,
        "best": best,
        "gap": 1.0 - found_payoff / best if best > 0.0 else 0.0,
        "rollouts": {"search": found.used, "enumeration": whole.used + 10**9},
        "plan": asdict(plan),
        "wall_s": round(time.perf_counter() - begin, 2),
    }
    return table


def _row(plan: Plan, payoff: float) -> dict[str, Any]:
    return {
        "strikes": ", ".join(f"{strike.action} {strike.where}" for strike in plan.strikes),
        "efforts": ", ".join(f"{who} {effort:g}" for who, effort in plan.efforts),
        "on_days": plan.on_days,
        "rest_days": plan.rest_days,
        "payoff": payoff,
    }
