"""Attack plans, made once for each policy before its runs, and kept by a digest of their content."""

import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.bad_actor import full_name
from agentsim.agents.attacker.mind import Plan
from agentsim.experiments.executors import run_all
from agentsim.experiments.replications import Replication, fingerprint
from agentsim.scenario.file import Scenario
from agentsim.society.rehearsal import OnRollout, plan_attack
from agentsim.society.society import Society

OnPlan = Callable[[int, int, str], None]  # done, all, what

PLANS = "plans.jsonl"
PLANNING = 0  # stands for the seed in a plan's fingerprint


@dataclass(frozen=True)
class Assignment:
    """One plan to be made."""

    scenario: Scenario
    adopts: tuple[str, ...]
    attacker: str


def plans_of(
    scenario: Scenario,
    policies: Mapping[str, tuple[str, ...]],
    attackers: Sequence[str],
    *,
    workers: int,
    folder: Path | None,
    executor: Executor | None,
    on_plan: OnPlan | None = None,
) -> dict[tuple[str, str], Plan]:
    """The plan of every planning attacker against every policy, by (label, attacker).

    Plans of an earlier call are reused from *folder*. A plan that could not be made is left out: its runs
    then fail, each with the reason.
    """
    wanted = {
        (label, foe): Assignment(scenario, adopts, full_name(foe, scenario.attacker.mind))
        for foe in attackers
        if full_name(foe, scenario.attacker.mind).endswith(":best_response")
        for label, adopts in policies.items()
    }
    keys = {case: _key(scenario, case, one) for case, one in wanted.items()}
    kept = _read(folder)
    found = {case: kept[key] for case, key in keys.items() if key in kept}
    todo = [case for case in wanted if case not in found]
    with closing(run_all(make_plan, [wanted[case] for case in todo], workers, executor)) as results:
        for done, (index, plan, wrong) in enumerate(results, start=1):
            case = todo[index]
            if not wrong and plan is not None:
                found[case] = plan
                _append(folder, keys[case], plan)
            if on_plan:
                on_plan(done, len(todo), f"{case[1]} against {case[0]}")
    return found


def kept_plan(
    scenario: Scenario,
    policies: tuple[str, ...],
    attacker: str,
    folder: Path | None,
    on_rollout: OnRollout | None = None,
) -> Plan:
    """The plan of one attacker, read from *folder* or made and kept there; *on_rollout* is told how many
    rollouts are done."""
    case = ("adopted", attacker)
    key = _key(scenario, case, Assignment(scenario, policies, attacker))
    kept = _read(folder)
    if key not in kept:
        kept[key] = plan_attack(scenario, policies, attacker, Society, on_rollout)
        _append(folder, key, kept[key])
    return kept[key]


def make_plan(one: Assignment) -> Plan | None:
    """The plan, or None where planning itself fails (the runs will say why)."""
    try:
        return plan_attack(one.scenario, one.adopts, one.attacker, Society)
    except Exception:
        return None


def _key(scenario: Scenario, case: tuple[str, str], one: Assignment) -> str:
    return fingerprint(scenario, Replication(case[0], one.adopts, one.attacker, PLANNING))


def _read(folder: Path | None) -> dict[str, Plan]:
    """Plans of a folder by key; incomplete lines are skipped."""
    found: dict[str, Plan] = {}
    file = None if folder is None else folder / PLANS
    for line in file.read_bytes().splitlines() if file is not None and file.exists() else ():
        try:
            row = json.loads(line)
            found[row["key"]] = _plan(row["plan"])
        except (ValueError, KeyError, TypeError):
            continue
    return found


def _plan(row: dict[str, Any]) -> Plan:
    strikes = tuple(Strike(**strike) for strike in row["strikes"])
    efforts = tuple((who, effort) for who, effort in row["efforts"])
    return Plan(strikes, efforts, row["on_days"], row["rest_days"])


def _append(folder: Path | None, key: str, plan: Plan) -> None:
    if folder is not None:
        with (folder / PLANS).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, "plan": asdict(plan)}, ensure_ascii=False) + "\n")
