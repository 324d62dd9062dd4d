"""Judges what the paper claims of its measures: runs each claim's package against none, and gives a verdict.

The registry ``policies/claims.py`` says what is run. Claims that share scenario, attacker and numbers are run
together, so that no run is made twice. All changes that are judged in one call are corrected together (Holm).
"""

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.errors import InvalidScenario
from agentsim.experiments.attacks.attack_plans import OnPlan
from agentsim.experiments.claims.answers import DESIGN_SEEDS, Trials
from agentsim.experiments.claims.claim_questions import Question, grouped, questions
from agentsim.experiments.claims.claims_table import Judged, claims_table, contradictions_of, parts_of
from agentsim.experiments.claims.flips import Design
from agentsim.experiments.claims.verdicts import Effect
from agentsim.experiments.compare import Progress, compare
from agentsim.experiments.runs.estimate import checked_seeds
from agentsim.experiments.statistics.multiple_testing import holm
from agentsim.outcomes import OUTCOMES
from agentsim.policies.claims import FIRST_SEEDS, SEEDS
from agentsim.policies.margins import MARGINS


def claims(
    scenarios: Sequence[str | Path] = (),
    ids: Sequence[str] = (),
    seeds: int | Iterable[int] = SEEDS,
    *,
    partly: bool = False,
    confirm: bool = False,
    workers: int = 1,
    folder: Path | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    on_plan: OnPlan | None = None,
    society: Callable[..., Any] | None = None,
    anyway: bool = False,
    design: int | Path | None = None,
    on_design: Progress | None = None,
) -> pd.DataFrame:
    """Verdicts on the paper's claims.

    Parameters
    ----------
    scenarios, ids, partly : as in :func:`questions`
    seeds : how many of the registered set, or the seeds themselves
    confirm : run a second, disjoint set of as many seeds; a verdict that both do not give is ``undecided``
    workers, folder, executor, progress, on_plan, society, anyway : as in ``compare``
    design : what flips each claim that is judged: so many Morris trajectories over all assumed numbers and
        then settings of those that matter most, or the settings of a CSV file (see ``flips.py``)
    on_design : called with (done, all, row) after every run of a part of the design

    Returns
    -------
    pandas.DataFrame
        one row for each claim and scenario with the columns ``COLUMNS``: of a claim that speaks of several
        outcomes, the one that decides it. With *confirm* also ``first_verdict`` and ``second_`` with each of
        ``SECOND``. ``attrs`` holds ``parts`` (a row for each claim and outcome), ``seeds`` (of each set),
        ``failures``, ``interrupted``, ``contradictions`` (ids) and ``wall_s``. ``flips_when`` is what
        *design* found (``flips.screened_flips``), and None without one

    Raises
    ------
    InvalidScenario : an unknown claim, a file that is no scenario, seeds that are none
    MissingPackages : *design* needs the extra ``[analysis]``
    """
    begin = time.perf_counter()
    asked, sets = questions(scenarios, ids, partly), seed_sets(seeds, confirm)
    planned = None if design is None else Design(design, asked)
    runs = _Runs(len(sets) * len(sets[0]), asked, progress)
    given: dict[str, Any] = {"workers": workers, "folder": folder, "executor": executor, "on_plan": on_plan}
    given |= {"society": society, "anyway": anyway}
    judged = [_judge(asked, one, runs, given) for one in sets]
    table = claims_table(judged)
    if planned:
        given = {"workers": workers, "folder": folder, "executor": executor, "society": society}
        trials = [Trials(one, sets[0][:DESIGN_SEEDS], progress=on_design, **given) for one in asked]
        table["flips_when"] = pd.Series([runs.flips(planned, one) for one in trials], dtype=object)
    table.attrs = {
        "seeds": [list(one) for one in sets],
        "parts": parts_of(judged),
        "failures": runs.failures,
        "interrupted": runs.interrupted,
        "not_kept": runs.not_kept,
        "contradictions": contradictions_of(judged),
        "wall_s": round(time.perf_counter() - begin, 2),
    }
    return table


def seed_sets(seeds: int | Iterable[int], confirm: bool = False) -> list[Sequence[int]]:
    """The seeds of the set that is judged and, with *confirm*, of the one that confirms it."""
    if not isinstance(seeds, int):
        if confirm:
            raise InvalidScenario(["seeds: with a second set to confirm, give the number of seeds"])
        return [checked_seeds(seeds)]
    number = len(checked_seeds(seeds))
    most = min(abs(FIRST_SEEDS[1] - FIRST_SEEDS[0]), 1000)
    if number > most:
        raise InvalidScenario([f"seeds: {number} is too large; the sets share seeds beyond {most}"])
    return [range(first, first + number) for first in FIRST_SEEDS[: 1 + confirm]]


class _Runs:
    """Runs groups of questions one after the other, and counts what was done and what failed."""

    def __init__(self, seeds: int, asked: Sequence[Question], progress: Progress | None) -> None:
        self.progress, self.done = progress, 0
        self.failures: list[dict[str, Any]] = []
        self.interrupted, self.not_kept = False, ""
        self.all = seeds * sum(1 + len({one.label for one in group}) for group in grouped(asked))

    def table(
        self, group: Sequence[Question], seeds: Sequence[int], given: Mapping[str, Any]
    ) -> pd.DataFrame:
        """The comparison of the packages of a group with none of them."""
        labels, first = list(dict.fromkeys(one.label for one in group)), group[0]
        before = self.done

        def tell(done: int, _: int, row: dict[str, Any]) -> None:
            self.done = before + done
            if self.progress:
                self.progress(self.done, self.all, row)

        table = compare(first.scenario, labels, [first.attacker], seeds, progress=tell, **given)
        self.done = before + len(seeds) * (1 + len(labels))
        where = {"scenario": str(first.file)}
        self.failures += [where | failure for failure in table.attrs["failures"]]
        self.interrupted |= table.attrs["interrupted"]
        self.not_kept = self.not_kept or table.attrs["not_kept"]
        return table

    def flips(self, design: Design, trials: Trials) -> dict[str, Any] | None:
        """What flips one claim; None after Ctrl-C."""
        if self.interrupted or not trials.question.is_run:
            return None
        try:
            return design.flips(trials)
        except KeyboardInterrupt:
            self.interrupted = True
            return None


def _judge(
    asked: Sequence[Question], seeds: Sequence[int], runs: _Runs, given: Mapping[str, Any]
) -> list[Judged]:
    """Each question with its changes on one set of seeds, corrected for all of them together."""
    found: dict[tuple[str, Path], list[Effect]] = {}
    for group in grouped(asked):
        if runs.interrupted:
            break
        table = runs.table(group, seeds, given).to_dict("records")
        rows = {(row["policy"], row["outcome"]): row for row in table}
        found |= {one.name: [effect_of(rows, one, *pair) for pair in one.outcomes] for one in group}
    effects = [(name, effect) for name, own in found.items() for effect in own]
    adjusted = holm(np.array([effect.p_value for _, effect in effects], dtype=float)).tolist()
    corrected: dict[tuple[str, Path], list[Effect]] = {name: [] for name in found}
    for (name, effect), p in zip(effects, adjusted, strict=True):
        corrected[name].append(replace(effect, p_adjusted=p))
    return [Judged(one, tuple(corrected.get(one.name, ()))) for one in asked]


def effect_of(rows: Mapping[tuple[str, str], Any], question: Question, outcome: str, sign: int) -> Effect:
    """The change of one outcome, from the rows of a comparison by policy and outcome."""
    nothing: dict[str, Any] = {"mean": math.nan, "unit": OUTCOMES[outcome].unit, "n": 0, "method": "none"}
    nothing |= dict.fromkeys(("difference", "difference_low", "difference_high", "p_value"), math.nan)
    base = rows.get(("none", outcome), nothing)
    row = rows.get((question.label, outcome), nothing)
    margin = MARGINS[outcome]
    return Effect(
        outcome=outcome,
        unit=row["unit"],
        claimed_sign=sign,
        base=base["mean"],
        difference=row["difference"],
        low=row["difference_low"],
        high=row["difference_high"],
        margin=margin.size * abs(base["mean"]) if margin.of_base else margin.size,
        n=0 if math.isnan(row["difference"]) else int(row["n"]),
        method=row["method"],
        p_value=row["p_value"],
    )
