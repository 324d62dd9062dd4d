"""What each policy changes at each point of a sweep: means and paired differences with their intervals."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.experiments.runs.replications import NO_POLICY
from agentsim.experiments.statistics.intervals import difference_interval, kind_of, mean_interval

CASE = ("point", "attacker", "policy")
NUMBERS = (
    *("mean", "low", "high", "difference", "difference_low", "difference_high"),
    *("n", "method", "same", "undefined"),
)


def differences(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """One outcome at each point, under each attacker and policy: its mean, and the difference to no policy.

    Parameters
    ----------
    table : a frame of :func:`agentsim.read_sweep`
    outcome : name of one of its outcomes

    Returns
    -------
    pandas.DataFrame
        a row for each point, attacker and policy, with the point's scenario, place and values, then the
        columns ``NUMBERS``: mean and 95 % interval over seeds, mean and interval of the difference paired by
        seed, both by the rule of ``intervals.py``. ``n`` is the number of pairs, or of values where there is
        nothing to compare with; the other columns are as in :func:`agentsim.compare`

    Raises
    ------
    InvalidScenario : the table has no such outcome
    """
    if outcome not in table.attrs["units"]:
        raise InvalidScenario([unknown(outcome, table.attrs["units"], "outcome")])
    done = table[table["status"] == "done"]
    cases, ran, values = _laid_out(done, outcome)
    began = _began(cases, ran, values, outcome)
    rows = [
        dict(zip(NUMBERS, _compared(ran, values, at, base, bool(begins), outcome), strict=True))
        for at, (base, begins) in enumerate(zip(_without_policy(cases), began, strict=True))
    ]
    about = ["point", "scenario", "place", *table.attrs["varied"]]
    points = done[about].drop_duplicates("point").set_index("point")
    told = cases[["point"]].join(points, on="point")
    found = pd.concat(
        [told, cases[["policy", "attacker"]], pd.DataFrame(rows, columns=list(NUMBERS))], axis=1
    )
    found.attrs = table.attrs | {"outcome": outcome, "unit": table.attrs["units"][outcome]}
    return found


def _laid_out(done: pd.DataFrame, outcome: str) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """The cases; (cases, seeds) whether there is a run, and its value."""
    case, seed = done.groupby(list(CASE), sort=False, observed=True).ngroup(), pd.factorize(done["seed"])[0]
    cases = done[list(CASE)].drop_duplicates().reset_index(drop=True)
    shape = len(cases), int(seed.max()) + 1 if len(seed) else 0
    ran, values = np.zeros(shape, bool), np.full(shape, math.nan)
    ran[case, seed], values[case, seed] = True, done[outcome].to_numpy(dtype=float)
    return cases, ran, values


def _without_policy(cases: pd.DataFrame) -> list[int]:
    """For each case the number of the one without policy at the same point under the same attacker, or -1."""
    at = {
        (point, foe): number
        for number, (point, foe, policy) in enumerate(cases.itertuples(index=False))
        if policy == NO_POLICY
    }
    return [
        -1 if policy == NO_POLICY else at.get((point, foe), -1)
        for point, foe, policy in cases.itertuples(index=False)
    ]


def _began(cases: pd.DataFrame, ran: np.ndarray, values: np.ndarray, outcome: str) -> np.ndarray:
    """(cases,) whether a delay began in any run at the same point under the same attacker; see pairing.py."""
    if kind_of(outcome) != "delay":
        return np.zeros(len(cases), bool)
    has = pd.Series(np.isfinite(values).any(axis=1))
    return has.groupby([cases["point"], cases["attacker"]]).transform("any").to_numpy(dtype=bool)


def _compared(
    ran: np.ndarray, values: np.ndarray, at: int, base: int, began: bool, outcome: str
) -> Sequence[Any]:
    """The ``NUMBERS`` of one case."""
    kind = kind_of(outcome)

    def taken(case: int) -> np.ndarray:
        return np.where(ran[case] & np.isnan(values[case]), 0.0, values[case]) if began else values[case]

    ours = taken(at)
    before = taken(base) if base >= 0 else np.full(ours.size, math.nan)
    known, pairs = np.isfinite(ours), np.isfinite(ours) & np.isfinite(before)
    mine, theirs = ours[pairs if pairs.any() else known], before[pairs]
    mean, change = mean_interval(mine, kind), difference_interval(mine[: theirs.size], theirs, kind)
    same = int((mine[: theirs.size] == theirs).sum())
    undefined = int((ran[at] & np.isnan(values[at])).sum())
    method = mean.method if math.isnan(change.mean) else change.method
    return (*mean[:3], *change[:3], mine.size, method, same, undefined)
