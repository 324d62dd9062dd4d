"""The red team: what each policy is worth under the worst attack that is known against it.

The worst known attacks (``worst_attacks.py``) are carried out on seeds that no plan was made on. So what a
plan promised stands beside what it paid, and the harm under each policy beside that under no policy, each
under the worst attack that is known against it.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from agentsim.core.errors import InvalidScenario
from agentsim.core.folder_lock import locked
from agentsim.core.messages import Event
from agentsim.experiments.attacks.cross_plans import Transfer
from agentsim.experiments.attacks.worst_attacks import KnownAttack, OnStep, attacked_by, known_attacks, worst
from agentsim.experiments.compare import labelled, policies_of
from agentsim.experiments.comparison_table import comparison_table
from agentsim.experiments.runs.estimate import checked_seeds
from agentsim.experiments.runs.executors import run_all
from agentsim.experiments.runs.ledger import FILE, Ledger
from agentsim.experiments.runs.replications import Job, Replication, job_of
from agentsim.experiments.runs.run_jobs import run_jobs
from agentsim.experiments.runs.worker_processes import NO_LIMITS, Limits, leave_if_read_again
from agentsim.scenario.file import Scenario
from agentsim.society.society import Society

PAYOFF = "attack_payoff"
HARM = (
    *("deprivation_target_district", "deprivation_worst_district", "deprivation_mean"),
    *("loss_jpy_per_household", "capital_jpy_per_household_year"),
)


@dataclass(frozen=True)
class RedTeam:
    """What a red team found.

    Parameters
    ----------
    matrix : mean payoff [units] of the plan made against the policy of the row, tried against that of the
        column; not a number where it could not be tried
    worth : one row for each policy: the worst attack, what it promised and paid with its interval, and for
        each outcome of ``HARM`` the mean and the paired difference to no policy
    attacks : every attack that is known against each policy, the worst first
    events : what happened under the worst attack, by policy, in the run with the first seed
    about : scenario, attacker, its foothold and budget, seeds, failures, wall_s, not_kept
    """

    matrix: pd.DataFrame
    worth: pd.DataFrame
    attacks: pd.DataFrame
    events: Mapping[str, tuple[Event, ...]]
    about: dict[str, Any] = field(default_factory=dict)


def redteam(
    scenario: Scenario,
    policies: Iterable[str] | None = None,
    *,
    attacker: str = "",
    budget: float | None = None,
    rollouts: int | None = None,
    seeds: int | Iterable[int] | None = None,
    workers: int = 1,
    folder: Path | None = None,
    executor: Executor | None = None,
    limits: Limits = NO_LIMITS,
    progress: OnStep | None = None,
) -> RedTeam:
    """The worst attack that is known against each policy, and what the policy is worth under it.

    Parameters
    ----------
    policies : ids, ``"A+B"``, packages, ``"each"``; the scenario's by default; no policy is always there
    attacker : a kind; the scenario's by default. It plans, whatever mind the scenario gives it
    budget : of the attacker [units]; the scenario's by default
    rollouts : that the search for one plan may cost; the scenario's by default
    seeds : a number or a list, of the runs that test the plans
    workers, executor, limits : where runs are made, and what each may take, as in ``compare``
    folder : its ledger keeps every plan and run
    progress : called with (done, all, what)

    Raises
    ------
    InvalidScenario : an unknown name, a number that makes no sense, or nobody attacks
    FolderInUse : another process writes into *folder*
    """
    if workers > 1:
        leave_if_read_again()
    begin = time.perf_counter()
    chosen = policies_of(scenario.compare.policies if policies is None else policies)
    own = list(checked_seeds(scenario.compare.seeds if seeds is None else seeds))
    name = attacked_by(scenario, attacker)
    setting = _setting(scenario, own[0], budget, rollouts)
    if workers < 1:
        raise InvalidScenario([f"workers: {workers} is too small; at least 1 is needed"])
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
    file = None if folder is None else folder / FILE
    pool: dict[str, Any] = {"workers": workers, "executor": executor}
    with locked(folder), Ledger(file, go_on=True) as ledger:
        transfer, known = known_attacks(setting, chosen, name, ledger=ledger, on_step=progress, **pool)
        attacks = {label: worst(found, setting, label) for label, found in known.items()}
        jobs = [
            _job(setting, label, chosen[label], name, attacks[label], s) for s in own for label in attacks
        ]
        failures = _run(jobs, ledger, limits, progress, pool)
        runs, fault = labelled(ledger.rows([job.fingerprint for job in jobs]), jobs), ledger.fault
    about = _about(setting, name, chosen, own)
    about |= {"unplanned": [label for label in chosen if label not in attacks]}
    about |= {"failures": failures, "not_kept": fault}
    return RedTeam(
        matrix=matrix_frame(transfer),
        worth=_worth(runs, attacks, name, own, setting.hours),
        attacks=attack_frame(known),
        events=_events([job for job in jobs if job.replication.seed == own[0]], **pool),
        about=about | {"wall_s": round(time.perf_counter() - begin, 2)},
    )


def _about(
    setting: Scenario, attacker: str, chosen: Mapping[str, tuple[str, ...]], seeds: list[int]
) -> dict[str, Any]:
    """What was asked."""
    return {
        "scenario": setting.title,
        "attacker": attacker,
        "foothold": list(setting.attacker.foothold),
        "budget": setting.attacker.budget,
        "rollouts": setting.parameters.mind.rollouts,
        "policies": {label: list(ids) for label, ids in chosen.items()},
        "seeds": seeds,
    }


def _run(
    jobs: Sequence[Job], ledger: Ledger, limits: Limits, progress: OnStep | None, pool: dict[str, Any]
) -> list[dict[str, Any]]:
    """Runs the jobs; the rows of those that failed. Raises KeyboardInterrupt after Ctrl-C."""
    tell = progress or (lambda done, count, what: None)
    finished = run_jobs(
        jobs,
        ledger,
        limits=limits,
        progress=lambda done, count, row: tell(done, count, "runs under the worst attacks"),
        **pool,
    )
    if finished.interrupted:
        raise KeyboardInterrupt
    return list(finished.failures.values())


def _setting(scenario: Scenario, seed: int, budget: float | None, rollouts: int | None) -> Scenario:
    """The scenario with the foothold of a seed, and with the budget and rollouts that are asked for."""
    changes: dict[str, Any] = {}
    if budget is not None:
        changes["attacker.budget"] = budget
    if rollouts is not None:
        changes["mind.rollouts"] = rollouts
    return scenario.with_changes(changes, facing=()).for_seed(seed)


def _job(
    setting: Scenario, label: str, ids: tuple[str, ...], attacker: str, attack: KnownAttack, seed: int
) -> Job:
    """The run of one policy under the attack, on one seed."""
    begun = setting.with_changes({"attacker.first_hour": attack.first_hour}, facing=())
    return job_of(begun, Replication(label, ids, attacker, seed), attack.plan)


def _events(jobs: Sequence[Job], **pool: Any) -> dict[str, tuple[Event, ...]]:
    """What happened in each run, by policy; a run that fails has no events."""
    pool["workers"] = min(pool["workers"], max(len(jobs), 1))
    found: dict[str, tuple[Event, ...]] = {}
    for index, events, trouble in run_all(lived_events, jobs, **pool):
        found[jobs[index].replication.policy] = () if trouble else events
    return {job.replication.policy: found[job.replication.policy] for job in jobs}


def lived_events(job: Job) -> tuple[Event, ...]:
    """The events of a run; none where it fails, which its row says."""
    one = job.replication
    try:
        society = Society(job.scenario, one.adopts, one.attacker, one.seed, plan=job.plan)
        return tuple(society.run().events)
    except Exception:
        return ()


# ---- frames -----------------------------------------------------------------------------------------


def matrix_frame(transfer: Transfer) -> pd.DataFrame:
    """The transfer matrix: mean payoff over the planning seeds [units]."""
    frame = pd.DataFrame(
        transfer.payoffs.mean(axis=2), index=list(transfer.labels), columns=list(transfer.labels)
    )
    frame.index.name, frame.columns.name = "plan made against", "tried against"
    frame.attrs["units"] = "units"
    return frame


def attack_frame(known: Mapping[str, Sequence[KnownAttack]]) -> pd.DataFrame:
    """Every known attack: one row each, the worst against each policy first."""
    rows = [
        {
            "policy": label,
            "rank": rank,
            "promised": attack.promised,
            "found_by": attack.found_by,
            "made_against": list(attack.made_against),
            "first_hour": attack.first_hour,
            "plan": asdict(attack.plan),
        }
        for label, found in known.items()
        for rank, attack in enumerate(found, start=1)
    ]
    columns = ["policy", "rank", "promised", "found_by", "made_against", "first_hour", "plan"]
    return pd.DataFrame(rows, columns=columns)


def _worth(
    runs: pd.DataFrame,
    attacks: Mapping[str, KnownAttack],
    attacker: str,
    seeds: Sequence[int],
    hours: int,
) -> pd.DataFrame:
    table = comparison_table(runs, list(attacks), [attacker], seeds, hours)
    cells = {(row["policy"], row["outcome"]): row for row in table.to_dict("records")}
    rows = []
    for label, attack in attacks.items():
        paid = cells.get((label, PAYOFF), {})
        row = {
            "policy": label,
            "found_by": attack.found_by,
            "made_against": list(attack.made_against),
            "first_hour": attack.first_hour,
            "plan": attack.plan,
            "promised": attack.promised,
            "paid": paid.get("mean"),
            "paid_low": paid.get("low"),
            "paid_high": paid.get("high"),
            "n": paid.get("n", 0),
        }
        for name in HARM:
            cell = cells.get((label, name), {})
            row |= {name: cell.get("mean")}
            row |= {f"{name}_{part}": cell.get(part) for part in _CHANGE}
        rows.append(row)
    frame = pd.DataFrame(rows)
    numbers = [name for name in frame if name not in _TEXTS]
    return frame.astype(dict.fromkeys(numbers, float))


_CHANGE = ("difference", "difference_low", "difference_high")
_TEXTS = ("policy", "found_by", "made_against", "first_hour", "plan", "n")
