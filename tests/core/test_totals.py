"""Totals over feeders, junctions and districts are numpy's, to the last bit."""

import numpy as np
import pytest

from agentsim.core.numerics.totals import total_by


@pytest.mark.parametrize("kind", [float, int, bool])
@pytest.mark.parametrize("rows", [0, 1, 30_000])
def test_total_by_adds_as_bincount_does(kind, rows):
    chance = np.random.default_rng(rows)
    group = chance.integers(0, 90, rows)
    column = (chance.normal(0.0, 1e3, rows) if kind is float else chance.integers(0, 2, rows)).astype(kind)
    assert total_by(group, column, 100).tobytes() == np.bincount(group, column, 100).tobytes()


def test_a_column_of_a_table_is_added_up_too():
    table = np.arange(12.0).reshape(6, 2)
    group = np.array([0, 1, 0, 1, 0, 1])
    assert total_by(group, table[:, 1], 2).tolist() == [15.0, 21.0]
