"""Policies x attackers x seeds: what each policy changes against no policy, paired by seed.

The same seed gives the same weather, failures and people under every policy and attacker, so the difference
of two runs is the effect of the policy. Its mean over seeds has a 95 % interval (``intervals.py``), and
``pairing.py`` says what a run without a value counts as.
"""

import math
import time
from collections.abc import Callable, Hashable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from agentsim.core.errors import InvalidScenario
from agentsim.core.folder_lock import locked
from agentsim.experiments.attacks.attack_plans import OnPlan
from agentsim.experiments.attacks.attacks import Attack, Attacks, ChosenPlan
from agentsim.experiments.comparison_table import comparison_table, layouts
from agentsim.experiments.policy_choice import as_json as choice_as_json
from agentsim.experiments.policy_choice import choice, judged_by, judged_runs
from agentsim.experiments.runs.estimate import checked_seeds, refuse_absurd
from agentsim.experiments.runs.ledger import FILE, Ledger
from agentsim.experiments.runs.replications import NO_POLICY, Job, Replication, job_of, setting_digest
from agentsim.experiments.runs.run_jobs import Finished, Progress, run_jobs
from agentsim.experiments.runs.worker_processes import NO_LIMITS, Limits, leave_if_read_again
from agentsim.scenario.file import Scenario
from agentsim.scenario.names import attackers as known_attackers
from agentsim.scenario.names import policy_ids, single_policies, unknown


def policies_of(texts: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """What is compared, by label: no policy first, then the ids that each text stands for, each once.

    ``"each"`` is every policy by itself. Raises :class:`InvalidScenario` for unknown names.
    """
    chosen: dict[str, tuple[str, ...]] = {NO_POLICY: ()}
    faults = []
    for text in texts:
        try:
            labels = [text] if text != "each" else single_policies()
            for label in labels:
                ids = policy_ids(label)
                if ids not in chosen.values():
                    chosen[label] = ids
        except InvalidScenario as error:
            faults += error.messages
    if faults:
        raise InvalidScenario([f"policy {fault}" for fault in faults])
    return chosen


def attackers_of(texts: Iterable[str]) -> list[str]:
    """The attackers by name, each once. Raises :class:`InvalidScenario` for unknown names."""
    names, known = list(dict.fromkeys(texts)), known_attackers()
    wrong = [f"attacker {unknown(name, known)}" for name in names if name not in known]
    if wrong:
        raise InvalidScenario(wrong)
    return names


def compare(
    scenario: Scenario,
    policies: Iterable[str] | None = None,
    attackers: Iterable[str] | None = None,
    seeds: int | Iterable[int] | None = None,
    *,
    workers: int = 1,
    folder: Path | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
    limits: Limits = NO_LIMITS,
    society: Callable[..., Any] | None = None,
    on_plan: OnPlan | None = None,
    anyway: bool = False,
    judge: str = "",
) -> pd.DataFrame:
    """What each policy changes under each attacker.

    Parameters
    ----------
    scenario : the city, its clock and its numbers; its ``[compare]`` table fills in what is None here
    policies : ids, ``"A+B"``, packages, ``"each"``; no policy is always run too
    attackers : ``"none"``, a kind, or ``kind:mind``
    seeds : a number of seeds (1, 2, ...) or the seeds themselves
    workers : processes; results are the same bytes for any number
    folder : finished runs are kept here at once, in the ledger ``runs.sqlite``, and those of an earlier call
        are reused
    progress : called with (done, all, row) after every run
    executor : any executor of ``concurrent.futures`` in place of the processes
    limits : on time and memory of each run, in worker processes
    society : makes the society, for tests and for other models
    on_plan : called with (done, all, what) after every plan of an attacker
    anyway : begin even if memory or time will probably not do
    judge : the outcome that :func:`agentsim.choice` chooses a policy by; "": what the scenario is about

    Returns
    -------
    pandas.DataFrame
        one row for each policy, attacker and outcome with the columns ``COLUMNS``. ``n`` is the number of
        pairs, or of values where there is nothing to compare with, and ``method`` that of the interval of
        the difference, or of the mean. ``same`` is the number of pairs without any difference, and
        ``undefined`` the number of runs in which the outcome has no value. ``cvar95`` is the mean of the
        worst twentieth of the runs, ``worst`` the worst one, and ``regret`` how much worse the mean is than
        that of the best policy under this attacker. ``p_value`` is that of the difference, ``p_adjusted``
        corrected for all differences in the table (Benjamini and Hochberg). ``attrs`` holds scenario, seeds,
        judged (the runs of the outcome to choose by), failures, wall_s, interrupted (by Ctrl-C: the table has
        what was finished), target, mind, persistence, plans (of planning attackers: what each policy was
        attacked by, and its payoff on each planning seed) and not_kept: why finished runs could not be kept
        in *folder*, empty where they were

    Raises
    ------
    InvalidScenario : an unknown name, seeds that are none, or more runs than any machine can finish
    FolderInUse : another process writes into *folder*
    UnusableLedger : the ledger in *folder* is damaged
    """
    if workers > 1:
        leave_if_read_again()
    begin = time.perf_counter()
    chosen = policies_of(scenario.compare.policies if policies is None else policies)
    foes = attackers_of(scenario.compare.attackers if attackers is None else attackers)
    wanted = checked_seeds(scenario.compare.seeds if seeds is None else seeds)
    scenario, outcome = scenario.with_changes({}, facing=foes), judged_by(scenario, judge)
    if workers < 1:
        raise InvalidScenario([f"workers: {workers} is too small; at least 1 is needed"])
    refuse_absurd(scenario, len(wanted) * len(foes) * len(chosen), workers, anyway)
    seeds = list(wanted)
    plan = [
        Replication(name, ids, foe, seed) for seed in seeds for foe in foes for name, ids in chosen.items()
    ]
    jobs: list[Job] = []
    attacks, finished = None, Finished(interrupted=True)
    file = None if folder is None else folder / FILE
    with locked(folder), Ledger(file, go_on=True) as ledger:
        try:
            if society is None:
                given: dict[str, Any] = {"workers": workers, "ledger": ledger, "executor": executor}
                attacks = Attacks(scenario, chosen, foes, seeds, on_plan=on_plan, **given)
            jobs = jobs_of(scenario, plan, attacks, society)
            finished = run_jobs(
                jobs, ledger, workers=workers, executor=executor, limits=limits, progress=progress
            )
        except KeyboardInterrupt:
            pass
        runs = labelled(ledger.rows(job.fingerprint for job in jobs), jobs)
        fault = ledger.fault
    table = comparison_table(runs, list(chosen), foes, seeds, scenario.hours)
    table.attrs = _about(scenario, seeds, jobs, finished)
    table.attrs["judged"] = judged_runs(layouts(runs, list(chosen), foes, seeds), outcome)
    table.attrs |= {"wall_s": round(time.perf_counter() - begin, 2), "not_kept": fault}
    table.attrs["plans"] = [_about_plan(one) for one in attacks.chosen] if attacks else []
    return table


def jobs_of(
    scenario: Scenario,
    plan: Iterable[Replication],
    attacks: Attacks | None,
    society: Callable[..., Any] | None = None,
) -> list[Job]:
    """The job of each replication, with the attack that it meets."""
    settings: dict[tuple[int, tuple[str, ...]], str] = {}
    jobs = []
    for one in plan:
        attack = attacks.of(one.policy, one.attacker, one.seed) if attacks else Attack(scenario)
        case = id(attack.scenario), one.adopts
        if case not in settings:
            settings[case] = setting_digest(attack.scenario, one.adopts)
        jobs.append(job_of(attack.scenario, one, attack.plan, society, settings[case]))
    return jobs


def labelled(runs: pd.DataFrame, jobs: Iterable[Job]) -> pd.DataFrame:
    """The rows of some jobs, in their order, each with the label of its policies as it was given."""
    wanted = pd.DataFrame(
        [(job.fingerprint, job.replication.policy) for job in jobs], columns=["key", "policy"]
    )
    units = runs.attrs["units"]
    found = wanted.merge(runs.drop(columns="policy"), on="key")
    found.attrs["units"] = units
    return found


def _about_plan(chosen: ChosenPlan) -> dict[str, Any]:
    """A plan that was carried out, as plain data."""
    row = asdict(chosen)
    planned = row.pop("planned")
    return row | {"plan": planned["plan"], "payoffs": list(chosen.planned.payoffs)}


def _about(
    scenario: Scenario, seeds: list[int], jobs: Sequence[Job], finished: Finished
) -> dict[Hashable, Any]:
    """What was compared, and which runs failed."""
    failures = finished.failures
    return {
        "scenario": scenario.title,
        "seeds": seeds,
        "failures": [_failure(job, failures[job.fingerprint]) for job in jobs if job.fingerprint in failures],
        "interrupted": finished.interrupted,
        "target": scenario.attacker.target,
        "mind": scenario.attacker.mind,  # of an attacker whose name says none
        "persistence": scenario.attacker.persistence,
    }


def _failure(job: Job, row: dict[str, Any]) -> dict[str, Any]:
    one = job.replication
    said = {"policy": one.policy, "attacker": one.attacker, "seed": one.seed, "error": row["error"]}
    return said | {"traceback": row["frames"], "status": row["status"], "command": row["command"]}


def as_json(table: pd.DataFrame) -> dict[str, Any]:
    """The comparison as plain data; what is not a number is None."""
    rows = [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
    head = {key: table.attrs[key] for key in ("scenario", "seeds", "plans")}
    tail = {key: table.attrs[key] for key in ("failures", "wall_s", "interrupted")}
    return head | {"rows": rows, "choice": choice_as_json(choice(table))} | tail
