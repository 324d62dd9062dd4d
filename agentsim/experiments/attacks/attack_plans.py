"""Attack plans, made once for each policy before its runs, and kept by a digest of their content."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeVar

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.experiments.runs.executors import run_all
from agentsim.experiments.runs.ledger import Ledger
from agentsim.experiments.runs.replications import Replication, fingerprint
from agentsim.scenario.file import Scenario
from agentsim.society.planning import PlannedAttack, planned_attack
from agentsim.society.rehearsal import OnRollout
from agentsim.society.society import Society

OnPlan = Callable[[int, int, str], None]  # done, all, what
Case = TypeVar("Case", bound=Hashable)

PLANNING = 0  # stands for the seed in a plan's fingerprint


@dataclass(frozen=True)
class Assignment:
    """One plan to be made.

    ``scenario`` has the foothold of a seed; ``among`` are the districts from which a target is chosen, ():
    all.
    """

    scenario: Scenario
    adopts: tuple[str, ...]
    attacker: str
    among: tuple[str, ...] = ()

    def key(self, *more: Any) -> str:
        """A digest of all that determines the plan."""
        return fingerprint(
            self.scenario, Replication("", self.adopts, self.attacker, PLANNING), self.among, *more
        )


def make_plans(
    wanted: Mapping[Case, Assignment],
    *,
    workers: int = 1,
    ledger: Ledger | None = None,
    executor: Executor | None = None,
    on_plan: Callable[[int, int, Case], None] | None = None,
) -> dict[Case, PlannedAttack]:
    """The plan of each assignment.

    Plans of an earlier call are reused from *ledger*. A plan that could not be made is left out: its runs
    then fail, each with the reason.
    """
    keys = {case: one.key() for case, one in wanted.items()}
    kept = {case: known_plan(ledger, key) for case, key in keys.items()}
    found = {case: plan for case, plan in kept.items() if plan is not None}
    todo = [case for case in wanted if case not in found]
    workers = min(workers, max(len(todo), 1))
    with closing(run_all(make_plan, [wanted[case] for case in todo], workers, executor)) as results:
        for done, (index, plan, wrong) in enumerate(results, start=1):
            case = todo[index]
            if not wrong and plan is not None:
                found[case] = plan
                keep_plan(ledger, keys[case], plan)
            if on_plan:
                on_plan(done, len(todo), case)
    return found


def plans_by_budget(one: Assignment, budgets: Sequence[float], **given: Any) -> dict[float, PlannedAttack]:
    """The plan for each budget, in ascending order; *given* as for :func:`make_plans`.

    Whoever has more can do all that somebody with less can do. So the plan for a smaller budget is kept, and
    no more is spent than in it, where the search with the larger budget has found nothing that promises more.
    """
    wanted = {
        units: replace(one, scenario=one.scenario.with_changes({"attacker.budget": units}, facing=()))
        for units in sorted(budgets)
    }
    found, best = make_plans(wanted, **given), PlannedAttack(Plan())
    plans: dict[float, PlannedAttack] = {}
    for units in [units for units in wanted if units in found]:
        if found[units].promised >= best.promised:
            best = replace(found[units], plan=replace(found[units].plan, most_units=units))
        plans[units] = best
    return plans


def kept_plan(
    scenario: Scenario,
    policies: tuple[str, ...],
    attacker: str,
    ledger: Ledger | None,
    on_rollout: OnRollout | None = None,
) -> Plan:
    """The plan of one attacker, read from *ledger* or made and kept there; *on_rollout* is told how many
    rollouts are done."""
    key = Assignment(scenario, policies, attacker).key()
    found = known_plan(ledger, key)
    if found is None:
        found = planned_attack(scenario, policies, attacker, Society, on_rollout=on_rollout)
        keep_plan(ledger, key, found)
    return found.plan


def make_plan(one: Assignment) -> PlannedAttack | None:
    """The plan, or None where planning itself fails (the runs will say why)."""
    try:
        return planned_attack(one.scenario, one.adopts, one.attacker, Society, one.among)
    except Exception:
        return None


def known_plan(ledger: Ledger | None, key: str) -> PlannedAttack | None:
    """The plan that a ledger has under a key; None if it has none."""
    row = None if ledger is None else ledger.plan(key)
    if row is None:
        return None
    return PlannedAttack(
        plan_of(row["plan"]),
        tuple(map(float, row["payoffs"])),
        tuple(map(plan_of, row["by_seed"])),
        float(row["first_rough"]),
    )


def keep_plan(ledger: Ledger | None, key: str, found: PlannedAttack) -> None:
    """Keep a plan in a ledger, if there is one."""
    if ledger is not None:
        ledger.keep_plan(key, asdict(found))


def plan_of(row: dict[str, Any]) -> Plan:
    """The plan that was written as plain data."""
    strikes = tuple(Strike(**strike) for strike in row["strikes"])
    efforts = tuple((who, effort) for who, effort in row["efforts"])
    return Plan(strikes, efforts, row["on_days"], row["rest_days"], most_units=row["most_units"])
