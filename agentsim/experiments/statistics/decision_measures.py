"""What somebody who must choose one policy asks: the mean, the worst runs, the worst run, and the regret.

A *world* is what the chooser does not know: which attacker comes, which scenario it is. Losses are a frame
of runs: one row for each world and seed (index levels ``world`` and ``seed``), one column for each policy.
Less is better; an outcome of which more is better enters with the sign reversed. Worlds count equally.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

WORST_SHARE = 0.05  # of the runs: the mean of these is CVaR95


def tail_mean(losses: Sequence[float] | np.ndarray, share: float = WORST_SHARE) -> float:
    """Mean of the largest *share* of the values: the conditional value at risk, CVaR95 for 0.05.

    A value counts in part where the share ends inside it (Rockafellar and Uryasev 2002). With 20 values or
    fewer CVaR95 is the largest one. Not a number without a value.

    >>> tail_mean([1.0, 2.0, 3.0, 4.0], 0.5), tail_mean(range(1, 31))
    (3.5, 29.666666666666668)
    """
    ordered = np.sort(np.asarray(losses, dtype=float))[::-1]
    if not ordered.size:
        return math.nan
    room = share * ordered.size
    weights = np.clip(room - np.arange(ordered.size), 0.0, 1.0) if room > 1.0 else np.eye(1, ordered.size)[0]
    return float(weights @ ordered / weights.sum())


def worst_of(values: Sequence[float], better: int) -> tuple[float, float]:
    """CVaR95 and the worst of the values of an outcome, in its unit; *better*: -1 lower, +1 higher.

    Not a number where neither is better.
    """
    losses = -better * np.asarray(values, dtype=float)
    if not better or not losses.size:
        return math.nan, math.nan
    return -better * tail_mean(losses), -better * float(losses.max())


def regrets(losses: pd.DataFrame) -> pd.DataFrame:
    """(worlds, policies) how much each policy's mean loss lies above the least of all policies in that world.

    L(p, w) - min over policies of L(., w), with L the mean over seeds (Savage 1951).
    """
    means = losses.groupby(level="world", sort=False).mean()
    return means.sub(means.min(axis=1), axis=0)


def minimax_regret(losses: pd.DataFrame) -> tuple[str, float]:
    """The policy whose largest regret over worlds is the least, and that regret; the first of equal ones."""
    largest = regrets(losses).max(axis=0)
    policy = str(largest.idxmin())
    return policy, float(largest[policy])


def decision_table(losses: pd.DataFrame) -> pd.DataFrame:
    """One row for each policy, over all worlds and seeds.

    Returns
    -------
    pandas.DataFrame
        index: policies. ``mean``, ``cvar95`` and ``worst`` are losses over all runs, ``worst_in`` the world
        of the worst run; ``regret`` is the largest over worlds and ``regret_in`` the world of it
    """
    regret = regrets(losses)
    return pd.DataFrame(
        {
            "mean": losses.groupby(level="world", sort=False).mean().mean(),
            "cvar95": losses.apply(lambda column: tail_mean(column.to_numpy())),
            "worst": losses.max(),
            "worst_in": losses.idxmax().map(lambda place: place[0]),
            "regret": regret.max(),
            "regret_in": regret.idxmax(),
        }
    )
