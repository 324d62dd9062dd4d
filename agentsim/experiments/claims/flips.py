"""What flips the answer to a claim: settings of assumed numbers at which it differs from the default one."""

import csv
import io
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.core.text_files import UnreadableText, decoded, file_bytes
from agentsim.experiments.claims.answers import Answer, Trials
from agentsim.experiments.claims.assumptions import Assumption, assumptions, changes_at, numbers
from agentsim.experiments.claims.claim_questions import Question
from agentsim.experiments.claims.flip_box import flip_box, prim
from agentsim.experiments.claims.screening import (
    SCREENED,
    SETTINGS_PER_TRAJECTORY,
    influences,
    latin_hypercube,
    salib,
    trajectories,
)


class Design:
    """Settings at which claims are tried: *given* Morris trajectories, or those of a CSV file.

    It is read, and its packages are looked for, before anything is run.

    Raises
    ------
    InvalidScenario : fewer than 2 trajectories, or a wrong file
    MissingPackages : the extra ``[analysis]`` is not installed
    """

    def __init__(self, given: int | Path, asked: Sequence[Question]) -> None:
        self.trajectories = given if isinstance(given, int) else 0
        if isinstance(given, int) and given < 2:
            raise InvalidScenario([f"design: {given} is too small; at least 2 trajectories are needed"])
        prim()
        if isinstance(given, int):
            salib()
            return
        self.listed = {one.name: read_settings(given, one) for one in asked if one.is_run}

    def flips(self, trials: Trials) -> dict[str, Any]:
        """What flips the claim that *trials* answer, as plain data."""
        if self.trajectories:
            return screened_flips(trials, self.trajectories)
        return listed_flips(trials, *self.listed[trials.question.name])


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
