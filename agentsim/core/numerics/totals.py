"""Totals of household columns by what serves them: feeders, junctions, districts, zones.

Those by group add row after row, as ``np.bincount`` does and to the same last bit, in a third of its time.
"""

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import total as total_of

LONG_ROWS = 8192  # from this length on NumPy adds faster than a kernel, to the same last bit


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


def column_total(column: np.ndarray) -> float:
    """Sum of a column (rows,), what ``np.sum`` gives.

    >>> column_total(np.array([1.0, 2.0, 4.0]))
    7.0
    """
    return total_of(column) if column.size < LONG_ROWS else float(np.add.reduce(column))
