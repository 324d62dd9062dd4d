"""Totals over feeders, junctions and districts are numpy's, to the last bit."""

import numpy as np
import pytest

from agentsim.core.numerics.totals import LONG_ROWS, add_up_products, column_total, look_up, total_by


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


@pytest.mark.parametrize("rows", [0, 1, 3_000, LONG_ROWS - 1, LONG_ROWS, 30_000])
def test_the_total_of_a_column_of_any_length_is_numpys(rows):
    column = np.random.default_rng(rows).normal(0.0, 1e3, rows)
    assert column_total(column) == np.sum(column)


def test_products_are_added_up_and_looked_up_by_group():
    chance = np.random.default_rng(5)
    group, (column, factor) = chance.integers(0, 9, 500), chance.random((2, 500))
    total, found = np.empty(9), np.empty(500)
    add_up_products(group, column, factor, total)
    look_up(group, total, found)
    np.testing.assert_array_equal(total, np.bincount(group, column * factor, 9))
    np.testing.assert_array_equal(found, total[group])
