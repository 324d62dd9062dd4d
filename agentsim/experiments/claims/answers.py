"""The answer to a claim at settings of assumed numbers.

At a setting the answer is yes if every outcome of the claim changes as claimed by more than its margin, in
the mean over some paired seeds. There is no interval: a design asks where to look, not what is so.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.errors import InvalidScenario
from agentsim.core.folder_lock import locked
from agentsim.experiments.attacks.attacks import Attacks
from agentsim.experiments.claims.claim_questions import Question
from agentsim.experiments.compare import jobs_of, labelled
from agentsim.experiments.comparison_table import Layout, layouts
from agentsim.experiments.runs.ledger import FILE, Ledger
from agentsim.experiments.runs.replications import NO_POLICY, Job, Replication
from agentsim.experiments.runs.run_jobs import Progress, run_jobs
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

    def answers(self, settings: Iterable[dict[str, Any]]) -> list[Answer]:
        """The answer at each setting, given as values of the scenario by key.

        Raises
        ------
        KeyboardInterrupt : Ctrl-C; what was finished is kept in the folder
        """
        file = None if self.folder is None else self.folder / FILE
        with locked(self.folder), Ledger(file, go_on=True) as ledger:
            by_setting = [self._jobs(setting, ledger) for setting in settings]
            jobs = [job for group in by_setting for job in group]
            finished = run_jobs(
                jobs, ledger, workers=self.workers, executor=self.executor, progress=self.progress
            )
            if finished.interrupted:
                raise KeyboardInterrupt
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
