"""Contrasts: one outcome under two arrangements of the same scenario, paired by seed.

A comparison shows what policies change; a contrast answers one question, and its arms may differ in anything:
a policy, an attacker, a number, a switch. A file of contrasts is a table of statements that can be run again.
"""

import math
import tomllib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agentsim.agents.attacker.bad_actor import full_name
from agentsim.core.text_files import decoded
from agentsim.experiments.attacks.targets import common_targets, target_at_random
from agentsim.experiments.pairing import compared, delays_that_began
from agentsim.experiments.runs.ledger import Ledger
from agentsim.experiments.runs.replications import Job, Replication, job_of
from agentsim.experiments.runs.run_jobs import Progress, run_jobs
from agentsim.experiments.statistics.intervals import difference_interval, kind_of, mean_interval
from agentsim.policies import expand
from agentsim.scenario.file import Scenario, load

SAYS = ("hurts", "works", "fails", "together")
SEEDS, FIRST_SEED = 12, 2001  # how many, and the first of them: seeds at which nobody looked before


@dataclass(frozen=True)
class Arm:
    """One arrangement: what is adopted, who attacks, and which keys of the scenario are changed."""

    policies: tuple[str, ...]
    attacker: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class Contrast:
    """Two arrangements and what is expected of the outcome: the sign of *other* less *base*, 0 for none.

    With four arms (``together``) the question is an interaction: whether the difference that the second
    measure makes is another one where the first stands, ``(both - first) - (second - none)``.
    """

    row: str
    says: str  # one of SAYS
    title: str
    scenario: Path
    outcome: str
    expect: int
    arms: tuple[Arm, ...]  # (base, other), or (none, first, second, both)
    seeds: int = SEEDS
    first_seed: int = FIRST_SEED

    @property
    def name(self) -> str:
        return f"{self.row} {self.says}: {self.title}"


@dataclass(frozen=True)
class Answer:
    """Means of the arms, and the paired difference or interaction with its 95 % interval.

    ``method`` is that of the interval. ``same``: pairs in which the difference is exactly 0. ``undefined``:
    runs without a value, as of a delay where nobody attacked; they count as ``pairing.py`` says.
    """

    means: tuple[float, ...]
    difference: float
    low: float
    high: float
    n: int
    method: str = ""
    same: int = 0
    undefined: int = 0

    @property
    def sign(self) -> int:
        """+1 or -1 where the interval excludes 0, else 0; a difference of exactly 0 on all seeds is 0."""
        return int(self.low > 0) - int(self.high < 0)


def read_contrasts(file: Path) -> list[Contrast]:
    """The contrasts of a TOML file, scenario paths relative to it.

    Raises
    ------
    ValueError : an entry lacks a key or has an unknown value
    """
    tables = tomllib.loads(decoded(file.read_bytes()))["contrast"]
    return [_contrast(number, table, file.parent) for number, table in enumerate(tables, 1)]


def _contrast(number: int, table: dict[str, Any], folder: Path) -> Contrast:
    common, attacker = table.get("changes", {}), table.get("attacker", "none")
    if table["says"] not in SAYS or len(table["arms"]) not in (2, 4):
        raise ValueError(f"contrast {number}: says is one of {', '.join(SAYS)}, and arms are two or four")
    arms = tuple(
        Arm(
            policies=tuple(arm.get("policies", table.get("policies", ()))),
            attacker=arm.get("attacker", attacker),
            changes=common | arm.get("changes", {}),
        )
        for arm in table["arms"]
    )
    return Contrast(
        row=table["row"],
        says=table["says"],
        title=table["title"],
        scenario=folder / table["scenario"],
        outcome=table["outcome"],
        expect=table["expect"],
        arms=arms,
        seeds=table.get("seeds", SEEDS),
        first_seed=table.get("first_seed", FIRST_SEED),
    )


def answer(
    contrasts: Sequence[Contrast],
    workers: int = 1,
    ledger: Ledger | None = None,
    progress: Progress | None = None,
) -> list[Answer]:
    """Runs every arm with its contrast's seeds, and pairs them; a run that several arms share is run once.

    Parameters
    ----------
    ledger : where runs are kept and found again; None keeps them in memory
    workers, progress : as in ``run_jobs``

    Raises
    ------
    RuntimeError : a run failed; the message is its error
    KeyboardInterrupt : Ctrl-C; the ledger keeps what was finished
    ValueError : an outcome is undefined in a run, or a delay in all of them
    """
    jobs = [[job for arm in one.arms for job in _jobs(one, arm)] for one in contrasts]
    with nullcontext(ledger) if ledger else Ledger() as rows:
        wanted = [job for own in jobs for job in own]
        finished = run_jobs(wanted, rows, workers=workers, progress=progress)
        for row in finished.failures.values():
            raise RuntimeError(f"{row['policy']}, seed {row['seed']}: {row['error']}")
        if finished.interrupted:
            raise KeyboardInterrupt
        frame = rows.rows([job.fingerprint for job in wanted]).set_index("key")
    return [_paired(one, _outcomes(frame, one, own)) for one, own in zip(contrasts, jobs, strict=True)]


def _outcomes(frame: pd.DataFrame, contrast: Contrast, jobs: Sequence[Job]) -> list[list[float | None]]:
    """The outcome of a contrast by arm and seed; None where it is undefined."""
    found = frame[contrast.outcome].loc[[job.fingerprint for job in jobs]].tolist()
    values = [None if math.isnan(value) else value for value in found]
    return [values[at : at + contrast.seeds] for at in range(0, len(values), contrast.seeds)]


def _jobs(contrast: Contrast, arm: Arm) -> list[Job]:
    """The runs of an arm, seed by seed."""
    scenario, among = _setting(contrast, arm), _targets(contrast)
    jobs = []
    for seed in range(contrast.first_seed, contrast.first_seed + contrast.seeds):
        own = scenario
        if among:
            target = target_at_random(scenario, seed, among)
            own = scenario.with_changes({"attacker.target": target})
        jobs.append(
            job_of(own, Replication("+".join(arm.policies) or "none", arm.policies, arm.attacker, seed))
        )
    return jobs


@cache
def _scenario(file: Path) -> Scenario:
    return load(file)


def _setting(contrast: Contrast, arm: Arm) -> Scenario:
    return _scenario(contrast.scenario).with_changes(arm.changes)


def _targets(contrast: Contrast) -> tuple[str, ...]:
    """Districts among which a random coercer chooses in all arms, where reach differs; (): it is free to."""
    settings = [(_setting(contrast, arm), arm) for arm in contrast.arms]
    names = {full_name(arm.attacker, setting.attacker.mind) for setting, arm in settings}
    given = [one.attacker.target or one.attacker.drawn_foothold for one, _ in settings]
    if names != {"coercer:random"} or any(given):
        return ()
    return common_targets([(setting, expand(arm.policies)) for setting, arm in settings], "coercer")


def _paired(contrast: Contrast, arms: list[list[float | None]]) -> Answer:
    name, kind = contrast.outcome, kind_of(contrast.outcome)
    runs = [[{name: value} for value in arm] for arm in arms]
    began = delays_that_began(run for arm in runs for run in arm)
    undefined = sum(value is None for arm in arms for value in arm)
    if undefined and name not in began:
        raise ValueError(f"{contrast.name}: {name} is undefined on a seed; choose another outcome")
    values = [np.array([compared(run, name, began) for run in arm], dtype=float) for arm in runs]
    if len(values) == 2:
        base, other = values
        change, found = other - base, difference_interval(other, base, kind)
    else:
        none, first, second, both = values
        change = (both - first) - (second - none)
        found = mean_interval(change)
    means = tuple(sum(arm.tolist()) / len(arm) for arm in values)
    same = int((change == 0.0).sum())
    return Answer(means, *found[:3], contrast.seeds, found.method, same, undefined)
