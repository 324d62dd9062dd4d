"""A kernel called without a look at the types of its arguments gives what it gives otherwise."""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.direct_call import DirectCall
from agentsim.core.numerics.kernel import kernel


class Pair(NamedTuple):
    """Two arrays that go together."""

    one: np.ndarray
    other: np.ndarray


@kernel
def added(pair: Pair, times: float, result: np.ndarray) -> float:
    """*one* and *times* the *other*, into *result*; returns the first of them."""
    for i in range(result.size):
        result[i] = pair.one[i] + times * pair.other[i]
    return result[0]


def test_every_call_gives_what_the_kernel_gives():
    call, kept = DirectCall(added), np.zeros(3)
    for times in (1.0, 2.0, 3.0):
        pair, result = Pair(np.arange(3.0), np.full(3, times)), np.zeros(3)
        assert call(pair, times, result) == times**2
        added(pair, times, kept)
        assert (result == kept).all()


def test_a_whole_number_counts_as_the_same_number():
    call, result = DirectCall(added), np.zeros(3)
    pair = Pair(np.arange(3.0), np.ones(3))
    call(pair, 1.0, result)
    assert call(pair, 2, result) == 2.0


def test_a_kernel_for_several_types_looks_every_time():
    @kernel
    def doubled(values: np.ndarray, result: np.ndarray) -> None:
        for i in range(values.size):
            result[i] = 2 * values[i]

    doubled(np.arange(3), np.zeros(3, dtype=int))
    call, result = DirectCall(doubled), np.zeros(3)
    call(np.arange(3.0), result)
    whole = np.zeros(3, dtype=int)
    call(np.arange(3), whole)
    assert result.tolist() == whole.tolist() == [0, 2, 4]
