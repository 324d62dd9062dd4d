"""The Pareto front: sets of measures, each better than every cheaper one on it in at least one objective.

A difference below a tolerance counts as none. Without that nearly every set would be on the front, because
each moves some objective by a trifle (additive epsilon dominance; Laumanns, Thiele, Deb and Zitzler 2002,
Evolutionary Computation 10).
"""

from collections.abc import Sequence

import numpy as np

OBJECTIVES = ("cost", "harm", "inequality", "co2")  # each the lower the better
TOLERANCE_FRAC = 0.02  # of the value without a measure


def front_of(values: np.ndarray, base: np.ndarray, tolerance_frac: float = TOLERANCE_FRAC) -> list[int]:
    """Rows on the front, the cheapest first.

    Going from the cheapest to the dearest, a row is on the front if it is better than every row that is on it
    already, by more than the tolerance in harm, inequality or CO2; of equal costs the least harmful is first.

    Parameters
    ----------
    values : array (sets, objectives) in the order of ``OBJECTIVES``
    base : array (objectives,) of no measure, which the tolerance is a share of

    >>> values = np.array([[0.0, 100, 5, 5], [3.0, 99, 5, 5], [4.0, 50, 5, 5], [5.0, 60, 5, 5]])
    >>> front_of(values, values[0])
    [0, 2]
    """
    tolerance = tolerance_frac * np.abs(base[1:])
    front: list[int] = []
    for row in np.lexsort((values[:, 1], values[:, 0])).tolist():
        gains = values[front, 1:] - values[row, 1:]
        if (gains > tolerance).any(axis=1).all():
            front.append(row)
    return front


def spread(rows: Sequence[int], values: np.ndarray, count: int) -> list[int]:
    """At most *count* rows of a front, in its order: the most and the least harmful, and others between."""
    if len(rows) <= count:
        return list(rows)
    by_harm = sorted(rows, key=lambda row: (values[row, 1], values[row, 0]))
    places = np.unique(np.round(np.linspace(0, len(by_harm) - 1, count)).astype(int))
    kept = {by_harm[place] for place in places}
    return [row for row in rows if row in kept]
