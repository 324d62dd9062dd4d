"""Sums inside kernels are those of ``np.sum``, to the last bit."""

import numpy as np
import pytest

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum, total


@pytest.mark.parametrize("count", [*range(20), 127, 128, 129, 136, 255, 256, 257, 1000, 3000, 16384, 100_003])
def test_every_length_adds_in_numpys_order(count):
    rng = np.random.default_rng(count)
    values = rng.normal(size=count) * 10.0 ** rng.uniform(-8, 8, size=count)
    assert pairwise_sum(values, 0, count) == values.sum()
    assert total(values) == values.sum()


def test_the_sum_of_nothing_is_zero():
    assert str(total(np.zeros(0))) == "0.0"


def test_a_part_of_an_array_adds_as_its_slice():
    values = np.random.default_rng(1).lognormal(sigma=5.0, size=5000)
    for begin, count in ((0, 7), (3, 500), (1, 4999), (4990, 10)):
        assert pairwise_sum(values, begin, count) == values[begin : begin + count].sum()


@kernel
def both_sums(one: np.ndarray, other: np.ndarray) -> float:
    return pairwise_sum(one, 0, one.size) + pairwise_sum(other, 0, other.size)


def test_another_kernel_can_call_it():
    # also when it is read from the cache, from which a function that calls itself is not linked
    one, other = np.random.default_rng(2).lognormal(sigma=5.0, size=(2, 3000))
    assert both_sums(one, other) == one.sum() + other.sum()
