"""The worst attacks that are known against each policy: plans, their combinations in pairs, later beginnings.

A planning attacker makes a plan against each policy, and every plan is tried against every policy (the
transfer matrix). The best plans against a policy are then combined in pairs, and the best of all is begun
later. Each is judged by what it promises on the planning seeds.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from itertools import permutations
from typing import Any

import numpy as np

from agentsim.agents.attacker.actions import Strike, without_clashes
from agentsim.agents.attacker.bad_actor import full_name
from agentsim.agents.attacker.mind import Plan
from agentsim.core.errors import InvalidScenario
from agentsim.experiments.attacks.attack_plans import Assignment, make_plans, plan_of
from agentsim.experiments.attacks.cross_plans import Transfer, cross_plans
from agentsim.experiments.runs.executors import run_all
from agentsim.experiments.runs.ledger import Ledger
from agentsim.scenario.file import Scenario
from agentsim.society.planning import Tryouts
from agentsim.society.society import Society

OnStep = Callable[[int, int, str], None]  # done, all, what
PLAN, COMBINATION, TIMING = "plan", "combination", "timing"  # how an attack was found


@dataclass(frozen=True)
class KnownAttack:
    """A plan as it can be carried out against one policy.

    ``found_by`` is how it was found, ``made_against`` are the policies against which the plans that it comes
    from were made, and ``payoffs`` is what it promises on each planning seed [units].
    """

    plan: Plan
    first_hour: int
    found_by: str = PLAN
    made_against: tuple[str, ...] = ()
    payoffs: tuple[float, ...] = ()

    @property
    def promised(self) -> float:
        """Mean payoff over the planning seeds [units]."""
        return float(np.mean(self.payoffs)) if self.payoffs else 0.0


@dataclass(frozen=True)
class Sharpening:
    """What is known against one policy, the best plan first; combinations and later beginnings are tried."""

    against: Assignment
    label: str
    known: tuple[KnownAttack, ...]

    def key(self) -> str:
        """A digest of all that determines what is found."""
        return self.against.key("combined", [asdict(one) for one in self.known])


def attacked_by(scenario: Scenario, attacker: str = "") -> str:
    """The name of the planning attacker of a scenario, ``coercer:best_response``.

    Raises
    ------
    InvalidScenario : nobody attacks, or the attacker follows a list and so plans nothing
    """
    kind = full_name(attacker or scenario.attacker.kind, "best_response").partition(":")[0]
    if kind == "none":
        raise InvalidScenario(
            ["attacker.kind: 'none' plans nothing; name an attacker, as with --set attacker.kind=coercer"]
        )
    return f"{kind}:best_response"


def known_attacks(
    scenario: Scenario,
    policies: Mapping[str, tuple[str, ...]],
    attacker: str,
    *,
    workers: int = 1,
    ledger: Ledger | None = None,
    executor: Executor | None = None,
    on_step: OnStep | None = None,
) -> tuple[Transfer, dict[str, tuple[KnownAttack, ...]]]:
    """The transfer matrix, and all attacks that are known against each policy, the worst first.

    Parameters
    ----------
    scenario : with one foothold (:meth:`Scenario.for_seed`)
    policies : ids by label
    attacker : a planning attacker
    """
    tell = on_step or (lambda done, count, what: None)
    wanted = {label: Assignment(scenario, ids, attacker) for label, ids in policies.items()}
    made = make_plans(
        wanted,
        workers=workers,
        ledger=ledger,
        executor=executor,
        on_plan=lambda done, count, label: tell(done, count, "attack plans made"),
    )
    if not made:
        raise InvalidScenario([f"{attacker}: no plan could be made; agentsim run shows what is wrong"])
    transfer = cross_plans(wanted, made, workers=workers, executor=executor, ledger=ledger)
    tell(len(made), len(made), "plans tried against every policy")
    jobs = [Sharpening(wanted[label], label, _known(transfer, label, scenario)) for label in made]
    more = _sharpened(jobs, ledger, workers, executor, tell)
    return transfer, {job.label: _ranked([*job.known, *more[job.label]]) for job in jobs}


def _sharpened(
    jobs: Sequence[Sharpening], ledger: Ledger | None, workers: int, executor: Executor | None, tell: OnStep
) -> dict[str, tuple[KnownAttack, ...]]:
    """Combinations and later beginnings by policy; those of an earlier call are read from the ledger."""
    found: dict[str, tuple[KnownAttack, ...]] = {}
    for job in jobs:
        kept = None if ledger is None else ledger.plan(job.key())
        if kept is not None:
            found[job.label] = tuple(_attack_of(row) for row in kept)
    todo = [job for job in jobs if job.label not in found]
    with closing(run_all(sharpened, todo, min(workers, max(len(todo), 1)), executor)) as results:
        for index, attacks, wrong in results:
            job = todo[index]
            found[job.label] = () if wrong else attacks
            if ledger is not None and not wrong:
                ledger.keep_plan(job.key(), [asdict(one) for one in attacks])
            tell(len(found), len(jobs), "combinations and later beginnings")
    return found


def _attack_of(row: dict[str, Any]) -> KnownAttack:
    """An attack that was written as plain data."""
    made, payoffs = tuple(row["made_against"]), tuple(row["payoffs"])
    return KnownAttack(plan_of(row["plan"]), row["first_hour"], row["found_by"], made, payoffs)


def _known(transfer: Transfer, label: str, scenario: Scenario) -> tuple[KnownAttack, ...]:
    """The plans of the transfer matrix as attacks on one policy, the best first; equal plans once."""
    column, first = transfer.labels.index(label), scenario.attacker.first_hour
    attacks: dict[Plan, KnownAttack] = {}
    for row, made in sorted(enumerate(transfer.labels), key=lambda one: one[1] != label):
        payoffs = transfer.payoffs[row, column]
        plan = transfer.plans[made, label]
        if plan.strikes and not np.isnan(payoffs).any():
            attacks.setdefault(plan, KnownAttack(plan, first, PLAN, (made,), tuple(payoffs.tolist())))
    return _ranked(attacks.values())


def _ranked(attacks: Iterable[KnownAttack]) -> tuple[KnownAttack, ...]:
    """Attacks by what they promise, the most first; the first found of equals."""
    return tuple(sorted(attacks, key=lambda one: -one.promised))


def worst(attacks: Sequence[KnownAttack], scenario: Scenario, label: str) -> KnownAttack:
    """The attack that promises most, or an empty one where none promises more than 0."""
    if attacks and attacks[0].promised > 0.0:
        return attacks[0]
    seeds = scenario.attacker.plan_seeds
    return KnownAttack(Plan(), scenario.attacker.first_hour, PLAN, (label,), (0.0,) * seeds)


# ---- combinations and timing ------------------------------------------------------------------------


def sharpened(job: Sharpening) -> tuple[KnownAttack, ...]:
    """Combinations of the known plans, and later beginnings of the best, that promise more than it."""
    if not job.known:
        return ()
    tries = _tryouts(job.against)
    combined = _combinations(job, tries)
    best = _ranked([*job.known, *combined])[0]
    least = tries.rough(best.plan, tries.seeds[0])
    tries.end()
    return (*combined, *_timings(job.against, best, least))


def _tryouts(one: Assignment) -> Tryouts:
    return Tryouts(one.scenario, one.adopts, one.attacker, Society, one.among)


def _combinations(job: Sharpening, tries: Tryouts) -> tuple[KnownAttack, ...]:
    """The pairs of the best known plans that do better than the best in the longest rollout on the first
    planning seed, tried to the end on all."""
    setting = job.against.scenario
    least = tries.rough(job.known[0].plan, tries.seeds[0])
    seen, found = {attack.plan for attack in job.known}, []
    for first, second in permutations(job.known[: setting.parameters.mind.combined], 2):
        for wish in combinations(first.plan, second.plan, tries.chances.places, tries.kind == "coercer"):
            plan = tries.adapted(wish)
            if plan.strikes and plan not in seen and tries.rough(plan, tries.seeds[0]) > least:
                sources = tuple(dict.fromkeys((*first.made_against, *second.made_against)))
                first_hour = setting.attacker.first_hour
                found.append(KnownAttack(plan, first_hour, COMBINATION, sources, tries.whole(plan)))
            seen.add(plan)
    return tuple(found)


def combinations(first: Plan, second: Plan, places: Sequence[str], moves: bool) -> list[Plan]:
    """Plans that do what two plans do: the strikes of both in the rhythm of the first, and the strikes of
    the first in the rhythm of the second.

    With *moves* (a coercer, who attacks one district) the second plan's strikes on its own district fall on
    that of the first one. Captures are those of the first plan; who carries it out adds what is missing.

    >>> here, there = Plan((Strike("A1", "Hill"),)), Plan((Strike("A4", "Mill"),), on_days=3, rest_days=1)
    >>> [(len(p.strikes), p.on_days) for p in combinations(here, there, ("Hill", "Mill"), moves=True)]
    [(2, 1), (1, 3)]
    """
    strikes = second.strikes
    if moves:
        own, other = first.main_place, second.main_place
        strikes = tuple(
            Strike(s.action, own, s.value) if s.where == other and other in places else s for s in strikes
        )
    both = replace(first, strikes=tuple(sorted(without_clashes((*first.strikes, *strikes)))))
    rhythm = replace(first, on_days=second.on_days, rest_days=second.rest_days)
    return [plan for plan in (both, rhythm) if plan != first]


def _timings(one: Assignment, best: KnownAttack, least: float) -> tuple[KnownAttack, ...]:
    """The best plan begun later; only beginnings that do better than *least* in the longest rollout on the
    first planning seed are tried to the end on all."""
    found = []
    for delay_h in one.scenario.parameters.mind.delays_h:
        first_hour = one.scenario.attacker.first_hour + delay_h
        if delay_h == 0 or first_hour >= one.scenario.hours:
            continue
        later = one.scenario.with_changes({"attacker.first_hour": first_hour}, facing=())
        tries = _tryouts(replace(one, scenario=later))
        if tries.rough(best.plan, tries.seeds[0]) > least:
            payoffs = tries.whole(best.plan)
            found.append(KnownAttack(best.plan, first_hour, TIMING, best.made_against, payoffs))
        tries.end()
    return tuple(found)
