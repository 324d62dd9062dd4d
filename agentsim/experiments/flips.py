"""What flips the answer to a claim: settings of assumed numbers under which it differs from the default one.

At a setting the answer is yes if every outcome of the claim changes as claimed by more than its margin, in
the mean over some paired seeds. There is no interval: a design asks where to look, not what is so.
"""

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.core.folder_lock import locked
from agentsim.core.text_files import UnreadableText, decoded, file_bytes
from agentsim.experiments.assumptions import Assumption, assumptions, changes_at, numbers
from agentsim.experiments.attacks import Attacks
from agentsim.experiments.claim_questions import Question
from agentsim.experiments.compare import jobs_of, labelled
from agentsim.experiments.comparison_table import Layout, layouts
from agentsim.experiments.flip_box import flip_box
from agentsim.experiments.ledger import FILE, Ledger
from agentsim.experiments.replications import NO_POLICY, Job, Replication
from agentsim.experiments.run_jobs import Progress, run_jobs
from agentsim.experiments.screening import (
    SCREENED,
    SETTINGS_PER_TRAJECTORY,
    influences,
    latin_hypercube,
    trajectories,
)
from agentsim.policies.margins import MARGINS

DESIGN_SEEDS = 2  # pairs at each setting; the same seeds at all of them


@dataclass(frozen=True)
class Answer:
    """The answer at a setting: whether the claim holds, and for each of its outcomes the mean without the
    measures and the change in the claimed direction; not a number where a run failed.
    """

    holds: bool
    bases: tuple[float, ...]
    changes: tuple[float, ...]

    @property
    def is_known(self) -> bool:
        """Whether all runs were made."""
        return all(map(math.isfinite, self.changes))

    def score(self, default: "Answer") -> float:
        """The smallest of the changes, each as a share of what there is by default without the measures."""
        shares = [
            change / (abs(base) or 1.0) for change, base in zip(self.changes, default.bases, strict=True)
        ]
        return float(np.min(shares))


@dataclass
class Trials:
    """Runs settings of one question and answers them.

    ``folder`` keeps finished runs, as in ``compare``; ``society`` makes the society, for tests.
    """

    question: Question
    seeds: Sequence[int]
    workers: int = 1
    folder: Path | None = None
    executor: Executor | None = None
    progress: Progress | None = None
    society: Callable[..., Any] | None = None
    interrupted: bool = False

    def answers(self, settings: Iterable[dict[str, Any]]) -> list[Answer]:
        """The answer at each setting, given as values of the scenario by key."""
        file = None if self.folder is None else self.folder / FILE
        with locked(self.folder), Ledger(file, go_on=True) as ledger:
            by_setting = [self._jobs(setting, ledger) for setting in settings]
            jobs = [job for group in by_setting for job in group]
            finished = run_jobs(
                jobs, ledger, workers=self.workers, executor=self.executor, progress=self.progress
            )
            self.interrupted |= finished.interrupted
            rows = ledger.rows(job.fingerprint for job in jobs)
            return [self._answer(rows, group) for group in by_setting]

    def _jobs(self, setting: dict[str, Any], ledger: Ledger) -> list[Job]:
        """The runs of a setting, without and with the measures; none where the scenario refuses it."""
        asked = self.question
        try:
            scenario = asked.scenario.with_changes(setting, facing=[asked.attacker])
        except InvalidScenario:
            return []
        cases = {NO_POLICY: (), asked.label: asked.measures}
        plan = [
            Replication(label, ids, asked.attacker, seed)
            for seed in self.seeds
            for label, ids in cases.items()
        ]
        attacks = None
        if self.society is None:
            attacks = Attacks(
                scenario, cases, [asked.attacker], self.seeds, ledger=ledger, workers=self.workers
            )
        return jobs_of(scenario, plan, attacks, self.society)

    def _answer(self, rows: pd.DataFrame, jobs: Sequence[Job]) -> Answer:
        asked = self.question
        mine = labelled(rows[rows["key"].isin([job.fingerprint for job in jobs])], jobs)
        labels = (NO_POLICY, asked.label)
        layout = layouts(mine, labels, [asked.attacker], self.seeds)[asked.attacker]
        found = [_change(layout, asked.label, *pair) for pair in asked.outcomes]
        holds, bases, changes = zip(*found, strict=True)
        return Answer(all(holds), bases, changes)


def _change(layout: Layout, label: str, outcome: str, sign: int) -> tuple[bool, float, float]:
    """Whether an outcome changes as claimed by more than its margin; its mean without the measures, and the
    change in the claimed direction.
    """
    before, after = layout.compared(NO_POLICY, outcome), layout.compared(label, outcome)
    base, change = float(before.mean()), sign * float((after - before).mean())  # nan if any run failed
    margin = MARGINS[outcome]
    return change > (margin.size * abs(base) if margin.of_base else margin.size), base, change


# ---- designs ----------------------------------------------------------------------------------------------


def screened_flips(trials: Trials, number: int) -> dict[str, Any]:
    """What flips a claim, of all assumed numbers: *number* Morris trajectories, then settings of those that
    matter most, and the box in which answers flip.

    Returns
    -------
    dict
        plain data: ``holds_by_default``, ``numbers`` (how many were tried), ``settings`` and ``flipped`` (how
        many were answered, how many otherwise), ``failed``, ``influences`` (key, mu_star, sigma; the largest
        first), ``where`` (key, low, high) with ``density`` and ``coverage``, empty where no box was found
    """
    tried = assumptions(trials.question.scenario, trials.question.measures)
    points = trajectories(tried, number)
    default, *first = trials.answers([{}, *(changes_at(tried, point) for point in points)])
    found = influences(tried, points, np.array([one.score(default) for one in first]))
    most = {one.key for one in found[:SCREENED] if one.mu_star > 0.0}
    kept = [one for one in tried if one.key in most]
    if not kept:
        return _told(tried, default, first, influences=[asdict(one) for one in found[:SCREENED]])
    cube = latin_hypercube(kept, SETTINGS_PER_TRAJECTORY * number)
    second = trials.answers(changes_at(kept, point) for point in cube)
    said = _told(tried, default, [*first, *second], influences=[asdict(one) for one in found[:SCREENED]])
    return said | _where(kept, cube, default, second)


def listed_flips(trials: Trials, tried: Sequence[Assumption], points: np.ndarray) -> dict[str, Any]:
    """What flips a claim among listed settings; plain data as of :func:`screened_flips`."""
    default, *answers = trials.answers([{}, *(changes_at(tried, point) for point in points)])
    return _told(tried, default, answers, influences=[]) | _where(tried, points, default, answers)


def _told(
    tried: Sequence[Assumption], default: Answer, answers: Sequence[Answer], influences: list[dict[str, Any]]
) -> dict[str, Any]:
    known = [one for one in answers if one.is_known]
    return {
        "holds_by_default": default.holds,
        "numbers": len(tried),
        "settings": len(known),
        "flipped": sum(one.holds != default.holds for one in known),
        "failed": len(answers) - len(known),
        "influences": influences,
        "where": [],
        "density": None,
        "coverage": None,
    }


def _where(
    tried: Sequence[Assumption], points: np.ndarray, default: Answer, answers: Sequence[Answer]
) -> dict[str, Any]:
    known = np.array([one.is_known for one in answers], dtype=bool)
    flipped = np.array([one.holds != default.holds for one in answers], dtype=bool)
    settings = pd.DataFrame(points, columns=[one.key for one in tried])
    box = flip_box(settings[known].reset_index(drop=True), flipped[known])
    if box is None:
        return {}
    where = [dict(zip(("key", "low", "high"), one, strict=True)) for one in box.ranges]
    return {"where": where, "density": box.density, "coverage": box.coverage}


def read_settings(file: Path, question: Question) -> tuple[list[Assumption], np.ndarray]:
    """Settings of a CSV file: the keys of numbers in its first line, values (of a list: factors) below.

    Raises
    ------
    InvalidScenario : the file cannot be read, or a key or a value is wrong; with file and line
    """
    try:
        lines = list(csv.reader(io.StringIO(decoded(file_bytes(file)))))
    except UnreadableText as error:
        raise InvalidScenario([f"{error.where(file)}: {error.rule}; {error.remedy}"]) from None
    except OSError as error:
        raise InvalidScenario([f"{file}: cannot be read: {error.strerror}"]) from None
    known = {one.key: one for one in numbers(question.scenario, question.measures)}
    head, *rows = [[cell.strip() for cell in line] for line in lines if line] or [[]]
    wrong = [f"{file}:1: {unknown(key, known, 'number')}"[:400] for key in head if key not in known]
    if not head or not rows:
        wrong.append(f"{file}: has no settings; give keys in the first line and numbers below")
    wrong += [
        fault for line, row in enumerate(rows, 2) if (fault := _fault(row, len(head), f"{file}:{line}"))
    ]
    if wrong:
        raise InvalidScenario(wrong)
    return [known[key] for key in head], np.array(rows, dtype=float)


def _fault(row: Sequence[str], columns: int, where: str) -> str:
    """What is wrong with a line of settings."""
    if len(row) != columns:
        return f"{where}: has {len(row)} values; {columns} are needed, one for each key of the first line"
    for cell in row:
        try:
            finite = math.isfinite(float(cell))
        except ValueError:
            finite = False
        if not finite:
            return f"{where}: '{cell[:40]}' is no number; give a finite one"
    return ""
