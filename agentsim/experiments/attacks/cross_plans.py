"""Cross plans: the plan made against each policy, tried against the others.

A search may miss a plan that it found against another policy. Without cross plans the luck of the search
would look like the strength of a policy.
"""

import json
import math
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from agentsim.agents.attacker.mind import Plan
from agentsim.experiments.attacks.attack_plans import Assignment, plan_of
from agentsim.experiments.runs.executors import run_all
from agentsim.experiments.runs.ledger import Ledger
from agentsim.society.planning import PlannedAttack, Tryouts
from agentsim.society.society import Society

Tried = tuple[Plan, tuple[float, ...]]  # a plan as it can be carried out, its payoff on each planning seed


@dataclass(frozen=True)
class Transfer:
    """What the plan made against policy *i* brings against policy *j*.

    ``payoffs`` is (made against, tried against, planning seeds) [units]: over the chances of captures, by
    rollouts to the end of the run; not a number where it was not tried to the end. ``plans[i, j]`` is the
    plan as it can be carried out against *j*: with the strikes that are possible there and the captures that
    they need.
    """

    labels: tuple[str, ...]
    payoffs: np.ndarray
    plans: Mapping[tuple[str, str], Plan]

    def best(self, label: str) -> tuple[str, PlannedAttack]:
        """The policy against which the best plan known against *label* was made, and that plan.

        A plan made against the policy itself wins a tie. The plan is empty if none brings more than 0.
        """
        column = self.payoffs[:, self.labels.index(label)].mean(axis=1)
        own = self.labels.index(label)
        ranked = sorted(range(len(column)), key=lambda i: (-column[i] if column[i] > 0 else 0.0, i != own))
        made = ranked[0]
        if not column[made] > 0.0:
            return label, PlannedAttack(Plan(), (0.0,) * self.payoffs.shape[2])
        payoffs = tuple(self.payoffs[made, own].tolist())
        return self.labels[made], PlannedAttack(self.plans[self.labels[made], label], payoffs)


@dataclass(frozen=True)
class CrossTrial:
    """The plans that are to be tried against one policy; ``own`` was made against it."""

    against: Assignment
    own: PlannedAttack
    others: tuple[Plan, ...]
    thorough: bool


def cross_plans(
    assignments: Mapping[str, Assignment],
    made: Mapping[str, PlannedAttack],
    *,
    thorough: bool = True,
    workers: int = 1,
    executor: Executor | None = None,
    ledger: Ledger | None = None,
) -> Transfer:
    """Tries every plan against every policy.

    Parameters
    ----------
    assignments : by label of a policy; of one attacker with one foothold
    made : the plan made against each of these policies
    thorough : every plan is tried on all planning seeds to the end of the run; else only a plan that does
        better than the policy's own in the search's longest rollout on the first planning seed
    ledger : keeps the result, and knows that of an earlier call

    Returns
    -------
    Transfer : what could not be tried, because planning failed there, is not a number
    """
    labels = tuple(label for label in assignments if label in made)
    key = _key({label: assignments[label] for label in labels}, made, thorough)
    kept = None if ledger is None or not labels else ledger.plan(key)
    if kept is not None:
        return _read(kept)
    others = {
        label: tuple(dict.fromkeys(made[other].plan for other in labels if made[other].plan.strikes))
        for label in labels
    }
    todo = [label for label in labels if set(others[label]) - {made[label].plan}]
    jobs = [CrossTrial(assignments[one], made[one], others[one], thorough) for one in todo]
    found: dict[str, dict[Plan, Tried]] = {}
    with closing(run_all(try_plans, jobs, min(workers, max(len(jobs), 1)), executor)) as results:
        for index, tried, wrong in results:
            found[todo[index]] = {} if wrong or tried is None else tried
    transfer = _matrix(labels, made, found)
    if ledger is not None and labels:
        ledger.keep_plan(key, _written(transfer))
    return transfer


def _key(assignments: Mapping[str, Assignment], made: Mapping[str, PlannedAttack], thorough: bool) -> str:
    """A digest of all that determines a transfer matrix."""
    content = [[label, one.key(), asdict(made[label])] for label, one in assignments.items()]
    return blake2b(json.dumps([content, thorough]).encode(), digest_size=16).hexdigest()


def _written(transfer: Transfer) -> dict[str, Any]:
    """A transfer matrix as plain data."""
    plans = [[*case, asdict(plan)] for case, plan in transfer.plans.items()]
    return {"labels": list(transfer.labels), "payoffs": transfer.payoffs.tolist(), "plans": plans}


def _read(row: Mapping[str, Any]) -> Transfer:
    plans = {(made, tried): plan_of(plan) for made, tried, plan in row["plans"]}
    count = len(row["labels"])
    payoffs = np.array(row["payoffs"], dtype=float).reshape(count, count, -1)
    return Transfer(tuple(row["labels"]), payoffs, plans)


def try_plans(trial: CrossTrial) -> dict[Plan, Tried] | None:
    """What each plan brings against one policy; None where that cannot be tried."""
    one = trial.against
    try:
        tries = Tryouts(one.scenario, one.adopts, one.attacker, Society, one.among)
        seen: dict[Plan, tuple[float, ...]] = {Plan(): (0.0,) * len(tries.seeds)}
        seen[trial.own.plan] = trial.own.payoffs
        tried = {}
        for plan in trial.others:
            here = tries.adapted(plan)
            if here not in seen:
                better = trial.thorough or tries.rough(here, tries.seeds[0]) > trial.own.first_rough
                seen[here] = tries.whole(here) if better else ()
            tried[plan] = here, seen[here]
        tries.end()
        return tried
    except Exception:
        return None


def _matrix(
    labels: tuple[str, ...], made: Mapping[str, PlannedAttack], found: Mapping[str, Mapping[Plan, Tried]]
) -> Transfer:
    seeds = max((len(made[label].payoffs) for label in labels), default=0)
    payoffs = np.full((len(labels), len(labels), seeds), math.nan)
    plans: dict[tuple[str, str], Plan] = {}
    for j, label in enumerate(labels):
        for i, other in enumerate(labels):
            plan = made[other].plan
            if plan == made[label].plan:
                here, worth = plan, made[label].payoffs
            elif not plan.strikes:
                here, worth = plan, (0.0,) * seeds
            else:
                here, worth = found.get(label, {}).get(plan, (plan, ()))
            plans[other, label] = here
            payoffs[i, j, : len(worth)] = worth
    return Transfer(labels, payoffs, plans)
