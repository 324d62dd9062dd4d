"""Random streams: the numbers of NumPy's Philox, drawn without its generator."""

import numpy as np
import pytest

from agentsim.core.numerics.philox import draw_uniform
from agentsim.core.streams import Streams


@pytest.mark.parametrize("rows", [0, 1, 2, 3, 4, 5, 7, 8, 1001])
@pytest.mark.parametrize("place", [0, 1, 8759, 2**40])
def test_draws_are_those_of_numpy(rows: int, place: int) -> None:
    for key in (np.array([0, 0]), np.array([1, 2]), np.array([2**64 - 1, 2**63 + 12345])):
        key = key.astype(np.uint64)
        expected = np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, place])).random(rows)
        drawn = np.empty(rows)
        draw_uniform(key, place, drawn)
        assert drawn.tobytes() == expected.tobytes()


def test_draws_can_be_written_into_an_array_that_is_there() -> None:
    kept = np.empty(5)
    assert Streams(1).uniform("weather", 3, 5, out=kept) is kept
    assert kept.tolist() == Streams(1).uniform("weather", 3, 5).tolist()


def test_streams_differ_by_seed_name_and_hour() -> None:
    draws = [Streams(seed).uniform(name, hour, 1)[0] for seed in (1, 2) for name in "ab" for hour in (0, 1)]
    assert len(set(draws)) == len(draws)
