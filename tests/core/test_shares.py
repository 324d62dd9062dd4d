"""Shares of a whole agree with NumPy's division, whatever shape and kind of number they are given."""

import numpy as np
import pytest

from agentsim.core.numerics.shares import ratio, share

CASES = [
    (np.array([1.0, 0.0, 3.0]), np.array([4.0, 0.0, -1.0])),
    (np.array([1, 0]), np.array([4, 0])),
    (np.arange(6.0).reshape(2, 3), np.array([1.0, 0.0, 7.0])),
    (np.arange(6.0)[::2], np.array([3.0, 0.0, 7.0])),
    (np.array([2.0, 5.0]), np.array([3.0])),
    (np.zeros(0), np.zeros(0)),
]


@pytest.mark.parametrize(("part", "whole"), CASES)
def test_shares_are_those_of_numpy(part: np.ndarray, whole: np.ndarray) -> None:
    for function, of_nothing in ((share, 0.0), (ratio, 1.0)):
        filled = np.full(np.broadcast(part, whole).shape, of_nothing)
        expected = np.divide(part, whole, out=filled, where=whole > 0.0)
        found = function(part, whole)
        assert found.shape == expected.shape
        assert found.tobytes() == expected.tobytes()
