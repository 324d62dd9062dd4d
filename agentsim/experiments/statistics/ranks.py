"""Ranks of policies, and how sure they are: over seeds by resampling, over places by their spread.

Losses are as in ``decision_measures.py``. The same seeds are drawn for all policies and, where they have as
many seeds, for all worlds, because runs of a seed share their weather, failures and people.
"""

import numpy as np
import pandas as pd

from agentsim.experiments.statistics.decision_measures import regrets
from agentsim.experiments.statistics.interval_methods import TAIL, resampled_shares

EQUAL = 1e-5  # relative; mean losses that differ by less have the same rank


def ranks(means: np.ndarray) -> np.ndarray:
    """Ranks along the last axis, 1 for the least; equal ones share the better rank, as in sport.

    >>> ranks(np.array([3.0, 1.0, 1.0, 7.0])).tolist()
    [3, 1, 1, 4]
    """
    gap = EQUAL * np.maximum(np.abs(means[..., :, None]), np.abs(means[..., None, :]))
    return 1 + (means[..., :, None] - means[..., None, :] > gap).sum(axis=-1)


def resampled_means(losses: pd.DataFrame) -> np.ndarray:
    """(resamples, worlds, policies) mean losses over seeds that are drawn with replacement."""
    worlds = [one.to_numpy(dtype=float) for _, one in losses.groupby(level="world", sort=False)]
    return np.stack([resampled_shares(len(one)) @ one for one in worlds], axis=1)


def ranks_by_world(losses: pd.DataFrame) -> pd.DataFrame:
    """One row for each world and policy: mean loss, regret, rank with its 95 % interval over seeds.

    Returns
    -------
    pandas.DataFrame
        columns ``world``, ``policy``, ``mean``, ``regret``, ``rank``, ``rank_low``, ``rank_high`` and
        ``best_frac``, the share of resamples in which the policy has rank 1
    """
    means, regret = losses.groupby(level="world", sort=False).mean(), regrets(losses)
    drawn = _ranks_by_resample(resampled_means(losses))
    low, high = _bounds(drawn)
    rows = [
        (world, policy, means.iat[w, p], regret.iat[w, p], rank, low[w, p], high[w, p], best)
        for w, world in enumerate(means.index)
        for p, (policy, rank, best) in enumerate(
            zip(means.columns, ranks(means.to_numpy()[w]), (drawn[:, w] == 1).mean(axis=0), strict=True)
        )
    ]
    names = ("world", "policy", "mean", "regret", "rank", "rank_low", "rank_high", "best_frac")
    return pd.DataFrame(rows, columns=names)


def ranks_over_worlds(losses: pd.DataFrame) -> pd.DataFrame:
    """One row for each policy: its mean rank over worlds with the 95 % interval over seeds, the best and the
    worst rank that it has in a world, and the share of resamples in which its largest regret is the least.

    Returns
    -------
    pandas.DataFrame
        index: policies; columns ``mean_rank``, ``mean_rank_low``, ``mean_rank_high``, ``best_rank``,
        ``worst_rank``, ``minimax_frac``
    """
    means, drawn = losses.groupby(level="world", sort=False).mean(), resampled_means(losses)
    by_world = ranks(means.to_numpy())
    low, high = np.quantile(_ranks_by_resample(drawn).mean(axis=1), (TAIL, 1.0 - TAIL), axis=0)
    largest = (drawn - drawn.min(axis=2, keepdims=True)).max(axis=1)
    columns = {
        "mean_rank": by_world.mean(axis=0),
        "mean_rank_low": low,
        "mean_rank_high": high,
        "best_rank": by_world.min(axis=0),
        "worst_rank": by_world.max(axis=0),
        "minimax_frac": (ranks(largest) == 1).mean(axis=0),
    }
    return pd.DataFrame(columns, index=means.columns)


def _ranks_by_resample(drawn: np.ndarray) -> np.ndarray:
    """Ranks of (resamples, worlds, policies) means, world by world to spare memory."""
    return np.stack([ranks(drawn[:, world]) for world in range(drawn.shape[1])], axis=1)


def _bounds(drawn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest rank of the middle 95 % of the resamples: ranks that occurred."""
    low, high = np.quantile(drawn, (TAIL, 1.0 - TAIL), axis=0, method="closest_observation")
    return low.astype(int), high.astype(int)
