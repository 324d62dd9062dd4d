"""Races between sets of measures: few seeds first, and whoever is beaten beyond doubt runs no further.

A set is *beaten* by a rival on the front that costs no more if it is not better than the rival by more than
the tolerance: in inequality and CO2 by the means so far; in harm, beyond doubt, its worst future does not
stay below any future of the rival. The latter is judged by one-sided paired t tests, one for each future of
the rival; all must reject (an intersection-union test; Berger 1982, Technometrics 24), so that no correction
for the number of futures is due. A race looks at a set several times. Each look is held to the stated error
divided by the number of looks (Bonferroni), as in racing algorithms (Maron and Moore 1994; Birattari et al.
2002).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

ERROR = 0.05  # chance that a race throws a set out for a rival that is no better
FIRST_SEEDS = 3


def rounds_of(seeds: Sequence[int], first: int = FIRST_SEEDS) -> list[Sequence[int]]:
    """The seeds of each round: a few, then twice as many, until all.

    >>> [len(part) for part in rounds_of(range(10))]
    [3, 6, 10]
    """
    counts, count = [], min(first, len(seeds))
    while count < len(seeds):
        counts.append(count)
        count *= 2
    return [seeds[:part] for part in (*counts, len(seeds))]


@dataclass(frozen=True)
class Standing:
    """What is known of a set: its cost, and its objectives by future and seed, not a number where not run.

    ``harm``, ``inequality`` and ``co2`` are arrays (futures, seeds).
    """

    cost: float
    harm: np.ndarray
    inequality: np.ndarray
    co2: np.ndarray

    def objectives(self) -> np.ndarray:
        """Cost, and of each other objective the mean over seeds in the future where it is highest."""
        return np.array([self.cost, *(_worst(one) for one in (self.harm, self.inequality, self.co2))])

    def worst_future(self) -> int:
        """The future with the most harm of those that were run."""
        return int(np.nanargmax(means(self.harm)))


def means(values: np.ndarray) -> np.ndarray:
    """Mean over seeds of each future, not a number where none was run; array (futures,)."""
    run = ~np.isnan(values)
    total = np.where(run, values, 0.0).sum(axis=1)
    return np.where(run.any(axis=1), total / np.maximum(run.sum(axis=1), 1), math.nan)


def _worst(values: np.ndarray) -> float:
    return float(np.nanmax(means(values)))


def is_beaten(one: Standing, rival: Standing, base: np.ndarray, tolerance_frac: float, level: float) -> bool:
    """Whether a set is beyond doubt not better than a rival that costs no more.

    Parameters
    ----------
    base : objectives of no measure, which the tolerance is a share of
    level : chance of an error in this look
    """
    if rival.cost > one.cost or np.isnan(means(rival.harm)).any():
        return False
    tolerance = tolerance_frac * np.abs(base[1:])
    for ours, theirs, least in (
        (one.inequality, rival.inequality, tolerance[1]),
        (one.co2, rival.co2, tolerance[2]),
    ):
        both = ~np.isnan(ours) & ~np.isnan(theirs)
        gain = means(np.where(both, theirs, math.nan)) - means(np.where(both, ours, math.nan))
        if np.nanmax(gain) > least:
            return False
    own, margin = one.harm[one.worst_future()], tolerance[0] if rival.cost < one.cost else 0.0
    return all(is_above(own - theirs + margin, level) for theirs in rival.harm)


def is_above(differences: np.ndarray, level: float) -> bool:
    """Whether the mean of paired differences is above 0 by a one-sided t test; what was not run is left out.

    >>> is_above(np.array([5.0, 6.0, 7.0]), 0.05), is_above(np.array([5.0, -6.0, 7.0]), 0.05)
    (True, False)
    """
    from scipy.special import stdtrit

    found = differences[~np.isnan(differences)]
    if found.size < 2 or not found.mean() > 0.0:
        return False
    spread = float(found.std(ddof=1))
    if spread == 0.0:
        return True
    return bool(found.mean() * math.sqrt(found.size) / spread > stdtrit(found.size - 1, 1.0 - level))


def survivors(
    field: Sequence[int],
    rivals: Sequence[int],
    standings: Sequence[Standing],
    base: np.ndarray,
    tolerance_frac: float,
    level: float,
) -> list[int]:
    """Those of a field that no rival beats. The rival of a set is the one that does least harm of those that
    cost no more: one test a set, not one for each rival."""
    kept = []
    for row in field:
        cheaper = [k for k in rivals if k != row and standings[k].cost <= standings[row].cost]
        worth = {k: standings[k].objectives()[1] for k in cheaper}
        best = min(worth, key=worth.__getitem__, default=None)
        if best is None or not is_beaten(standings[row], standings[best], base, tolerance_frac, level):
            kept.append(row)
    return kept
