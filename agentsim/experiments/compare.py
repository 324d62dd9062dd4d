"""Policies x attackers x seeds: what each policy changes against no policy, paired by seed.

The same seed gives the same weather, failures and people under every policy and attacker, so the difference
of two runs is the effect of the policy. Its mean over seeds has a 95 % interval (``intervals.py``), and
``pairing.py`` says what a run without a value counts as.
"""

import math
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from agentsim.core.errors import InvalidScenario
from agentsim.core.folder_lock import locked
from agentsim.core.units import HOURS_PER_YEAR
from agentsim.experiments.attack_plans import OnPlan
from agentsim.experiments.attacks import Attack, Attacks, ChosenPlan
from agentsim.experiments.estimate import checked_seeds, refuse_absurd
from agentsim.experiments.executors import leave_if_read_again, run_all
from agentsim.experiments.intervals import (
    Interval,
    difference_interval,
    kind_of,
    mean_interval,
    ratio_interval,
)
from agentsim.experiments.pairing import compared, delays_that_began
from agentsim.experiments.replications import (
    NO_POLICY,
    Job,
    Replication,
    append_to_ledger,
    fingerprint,
    read_ledger,
    replicate,
)
from agentsim.scenario.file import Scenario
from agentsim.scenario.names import attackers as known_attackers
from agentsim.scenario.names import policy_ids, single_policies, unknown

COLUMNS = (
    *("policy", "attacker", "outcome", "unit", "mean", "low", "high"),
    *("difference", "difference_low", "difference_high", "n", "method", "same", "undefined"),
)
COST_PER_AVOIDED_HOUR = "jpy_per_avoided_deprivation_hour"
BREAK_EVEN = "break_even_attacks_per_year"
CAPITAL = "capital_jpy_per_household_year"

Progress = Callable[[int, int, dict[str, Any]], None]


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
    society: Callable[..., Any] | None = None,
    on_plan: OnPlan | None = None,
    anyway: bool = False,
) -> pd.DataFrame:
    """What each policy changes under each attacker.

    Parameters
    ----------
    scenario : the city, its clock and its numbers; its ``[compare]`` table fills in what is None here
    policies : ids, ``"A+B"``, packages, ``"each"``; no policy is always run too
    attackers : ``"none"``, a kind, or ``kind:mind``
    seeds : a number of seeds (1, 2, ...) or the seeds themselves
    workers : processes; results are the same bytes for any number
    folder : finished runs are kept here at once, and those of an earlier call are reused
    progress : called with (done, all, row) after every run
    executor : any executor of ``concurrent.futures`` in place of the processes
    society : makes the society, for tests and for other models
    on_plan : called with (done, all, what) after every plan of an attacker
    anyway : begin even if memory or time will probably not do

    Returns
    -------
    pandas.DataFrame
        one row for each policy, attacker and outcome with the columns ``COLUMNS``. ``n`` is the number of
        pairs, or of values where there is nothing to compare with, and ``method`` that of the interval of
        the difference, or of the mean. ``same`` is the number of pairs without any difference, and
        ``undefined`` the number of runs in which the outcome has no value. ``attrs`` holds scenario, seeds,
        failures, wall_s, interrupted (by Ctrl-C: the table has what was finished), target, mind, persistence,
        plans (of planning attackers: what each policy was attacked by, and its payoff on each planning seed)
        and not_kept: why finished runs could not be kept in *folder*, empty where they were

    Raises
    ------
    InvalidScenario : an unknown name, seeds that are none, or more runs than any machine can finish
    FolderInUse : another process writes into *folder*
    """
    if workers > 1:
        leave_if_read_again()
    begin = time.perf_counter()
    chosen = policies_of(scenario.compare.policies if policies is None else policies)
    foes = attackers_of(scenario.compare.attackers if attackers is None else attackers)
    wanted = checked_seeds(scenario.compare.seeds if seeds is None else seeds)
    scenario = scenario.with_changes({}, facing=foes)
    if workers < 1:
        raise InvalidScenario([f"workers: {workers} is too small; at least 1 is needed"])
    refuse_absurd(scenario, len(wanted) * len(foes) * len(chosen), workers, anyway)
    seeds = list(wanted)
    plan = [
        Replication(name, ids, foe, seed) for seed in seeds for foe in foes for name, ids in chosen.items()
    ]
    ledger, attacks = _Ledger(folder), None
    rows: dict[Replication, dict[str, Any]] = {}
    interrupted = False
    with locked(folder):
        try:
            if society is None:
                attacks = Attacks(
                    scenario,
                    chosen,
                    foes,
                    seeds,
                    workers=workers,
                    folder=folder,
                    executor=executor,
                    on_plan=on_plan,
                )
        except KeyboardInterrupt:
            interrupted = True
        if not interrupted:
            jobs = [_job(scenario, one, attacks, society) for one in plan]
            rows, interrupted = _run(
                jobs, workers=workers, ledger=ledger, progress=progress, executor=executor
            )
    table = pd.DataFrame(_table(rows, list(chosen), foes, seeds, scenario.hours), columns=list(COLUMNS))
    table.attrs = _about(scenario, seeds, plan, rows)
    table.attrs |= {"wall_s": round(time.perf_counter() - begin, 2), "interrupted": interrupted}
    table.attrs["not_kept"] = ledger.fault
    table.attrs["plans"] = [_about_plan(one) for one in attacks.chosen] if attacks else []
    return table


def _job(
    scenario: Scenario, one: Replication, attacks: Attacks | None, society: Callable[..., Any] | None
) -> Job:
    """A replication with the attack that it meets."""
    attack = attacks.of(one.policy, one.attacker, one.seed) if attacks else Attack(scenario)
    plan = () if attack.plan is None else (asdict(attack.plan),)
    return Job(attack.scenario, one, fingerprint(attack.scenario, one, *plan), society, attack.plan)


def _about_plan(chosen: ChosenPlan) -> dict[str, Any]:
    """A plan that was carried out, as plain data."""
    row = asdict(chosen)
    planned = row.pop("planned")
    return row | {"plan": planned["plan"], "payoffs": list(chosen.planned.payoffs)}


def _about(
    scenario: Scenario,
    seeds: list[int],
    plan: Sequence[Replication],
    rows: Mapping[Replication, dict[str, Any]],
) -> dict[Hashable, Any]:
    """What was compared, and which runs failed."""
    return {
        "scenario": scenario.title,
        "seeds": seeds,
        "failures": [_failure(one, rows[one]) for one in plan if "error" in rows.get(one, {})],
        "target": scenario.attacker.target,
        "mind": scenario.attacker.mind,  # of an attacker whose name says none
        "persistence": scenario.attacker.persistence,
    }


@dataclass
class _Ledger:
    """Where finished runs are kept; once the disk refuses one, the others go on without it."""

    folder: Path | None
    fault: str = ""

    def keep(self, row: dict[str, Any]) -> None:
        """Add a finished run to the folder, if there is one."""
        if self.folder is None or self.fault:
            return
        try:
            append_to_ledger(self.folder, row)
        except OSError as error:
            self.fault = f"{error.filename or self.folder}: {error.strerror or error}"


def _run(
    jobs: Sequence[Job],
    *,
    workers: int,
    ledger: "_Ledger",
    progress: Progress | None,
    executor: Executor | None,
) -> tuple[dict[Replication, dict[str, Any]], bool]:
    """The result of each finished replication, and whether Ctrl-C came before the end."""
    folder = ledger.folder
    kept = read_ledger(folder, [job.fingerprint for job in jobs]) if folder else {}
    rows = {job.replication: kept[job.fingerprint] for job in jobs if job.fingerprint in kept}
    todo = [job for job in jobs if job.replication not in rows]
    try:
        with closing(run_all(replicate, todo, workers, executor)) as results:
            for index, row, wrong in results:
                job = todo[index]
                row = row or {"key": job.fingerprint, "error": wrong, "traceback": [], "wall_s": math.nan}
                rows[job.replication] = row
                if "outcomes" in row:
                    ledger.keep(row)
                if progress:
                    progress(len(rows), len(jobs), row)
    except KeyboardInterrupt:
        return rows, True
    return rows, False


def _failure(one: Replication, row: dict[str, Any]) -> dict[str, Any]:
    return {
        "policy": one.policy,
        "attacker": one.attacker,
        "seed": one.seed,
        "error": row["error"],
        "traceback": row["traceback"],
    }


def _table(
    rows: dict[Replication, dict[str, Any]],
    labels: Sequence[str],
    foes: Sequence[str],
    seeds: Sequence[int],
    hours: int,
) -> list[dict[str, Any]]:
    by_case: dict[tuple[str, str], dict[int, dict[str, Any]]] = {}
    for one, row in rows.items():
        if "outcomes" in row:
            by_case.setdefault((one.policy, one.attacker), {})[one.seed] = row
    table = []
    for foe in foes:
        base = by_case.get((NO_POLICY, foe), {})
        cases = [by_case.get((label, foe), {}) for label in labels]
        began = delays_that_began(run["outcomes"] for runs in cases for run in runs.values())
        for label, found in zip(labels, cases, strict=True):
            runs = {seed: found[seed] for seed in seeds if seed in found}
            if runs:
                named = {"policy": label, "attacker": foe}
                before = base if label != NO_POLICY else {}
                table += [named | line for line in _lines(runs, before, began)]
                if label != NO_POLICY:
                    table.append(named | _cost_of_avoided_hour(runs, base, hours))
                if label != NO_POLICY and foe != "none":
                    table.append(named | _break_even(runs, base))
    return table


Runs = Mapping[int, Mapping[str, Any]]  # by seed


def _values(runs: Runs, name: str, began: set[str]) -> dict[int, float]:
    """The values that are compared, by seed."""
    found = {seed: compared(run["outcomes"], name, began) for seed, run in runs.items()}
    return {seed: value for seed, value in found.items() if value is not None}


def _lines(runs: Runs, base: Runs, began: set[str]) -> Iterable[dict[str, Any]]:
    """One line for each outcome: the mean over seeds, and the mean paired difference to *base*."""
    units = next(iter(runs.values()))["units"]
    for name, unit in units.items():
        values, before, kind = _values(runs, name, began), _values(base, name, began), kind_of(name)
        pairs = [seed for seed in values if seed in before]
        ours, theirs = [values[seed] for seed in pairs or values], [before[seed] for seed in pairs]
        mean = mean_interval(ours, kind)
        difference = difference_interval(ours[: len(pairs)], theirs, kind)
        same = sum(one == other for one, other in zip(ours, theirs, strict=False))
        undefined = sum(run["outcomes"].get(name) is None for run in runs.values())
        yield _line(name, unit, mean, difference, len(ours), same, undefined)


def _line(
    name: str, unit: str, mean: Interval, difference: Interval, n: int, same: int = 0, undefined: int = 0
) -> dict[str, Any]:
    method = mean.method if math.isnan(difference.mean) else difference.method
    numbers = (name, unit, *mean[:3], *difference[:3], n, method, same, undefined)
    return dict(zip(COLUMNS[2:], numbers, strict=True))


def paired(runs: Runs, base: Runs, names: Sequence[str]) -> dict[str, list[float]]:
    """Differences to *base* of several outcomes over the seeds in which all of them are known."""
    sides = [(_values(runs, name, set()), _values(base, name, set())) for name in names]
    seeds = [seed for seed in runs if all(seed in one and seed in other for one, other in sides)]
    return {
        name: [one[seed] - other[seed] for seed in seeds]
        for name, (one, other) in zip(names, sides, strict=True)
    }


def _cost_of_avoided_hour(runs: Runs, base: Runs, hours: int) -> dict[str, Any]:
    """Cost of the measures over the run's hours per deprivation-hour that they avoid.

    JPY/h = (d capital_jpy_per_household_year hours/8760) / (-d deprivation_mean persons), both a household:
    annuities and running costs, of all payers. The bill is not added, because the households' part of these
    costs is in it. Not a number unless the 95 % interval of the deprivation difference lies below 0 (with a
    single seed: unless deprivation falls).
    """
    deprivation = "deprivation_mean"
    change = paired(runs, base, (CAPITAL, deprivation))
    persons = next(iter(runs.values()))["persons_per_household"]
    cost = [more * hours / HOURS_PER_YEAR for more in change[CAPITAL]]
    avoided = [-worse * persons for worse in change[deprivation]]
    price = ratio_interval(cost, avoided)
    return _line(COST_PER_AVOIDED_HOUR, "JPY/h", price, price, len(avoided))


def _break_even(runs: Runs, base: Runs) -> dict[str, Any]:
    """How many attacks like the run's a year make the measures worth their cost.

    1/y = d capital_jpy_per_household_year / (-d loss_jpy_per_household): the measures' yearly cost over the
    loss that they avoid in one campaign. Not a number unless the 95 % interval of the avoided loss lies
    above 0 (with a single seed: unless the loss falls): where nothing is avoided no number is enough.
    """
    change = paired(runs, base, (CAPITAL, "loss_jpy_per_household"))
    avoided = [-more for more in change["loss_jpy_per_household"]]
    rate = ratio_interval(change[CAPITAL], avoided)
    return _line(BREAK_EVEN, "1/y", rate, rate, len(avoided))


def as_json(table: pd.DataFrame) -> dict[str, Any]:
    """The comparison as plain data; what is not a number is None."""
    rows = [
        {key: None if isinstance(value, float) and math.isnan(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]
    head = {key: table.attrs[key] for key in ("scenario", "seeds", "plans")}
    tail = {key: table.attrs[key] for key in ("failures", "wall_s", "interrupted")}
    return head | {"rows": rows} | tail
