"""Linear programs: numbers on which a solver would never return are refused before it is called."""

import numpy as np
import pytest

from agentsim.core.errors import SolverFailed
from agentsim.core.numerics.linear import INF, Assembly, LinearProgram, take_changes


def program(cost=(1.0, 2.0), entry: float = 1.0, upper: float = 5.0, least: float = 3.0) -> LinearProgram:
    """Two columns that share a row with a lower bound."""
    assembly = Assembly()
    rows = assembly.rows(1, least, INF)
    assembly.columns(2, 0.0, upper, np.array(cost), (rows.start, np.array([1.0, entry])))
    return assembly.program()


def test_the_cheaper_column_serves() -> None:
    assert program().solve().tolist() == [3.0, 0.0]
    assert program(upper=INF).solve().tolist() == [3.0, 0.0]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"cost": (1.0, np.nan)}, r"the cost of column 1 is nan"),
        ({"cost": (np.inf, 1.0)}, r"the cost of column 0 is inf"),
        ({"entry": np.nan}, r"an entry of the matrix in row 0 is nan"),
        ({"upper": np.nan}, r"the upper bound of column 0 is nan"),
        ({"upper": -np.inf}, r"the upper bound of column 0 is -inf"),
        ({"least": np.nan}, r"the lower bound of row 0 is nan"),
    ],
)
def test_a_program_of_numbers_that_are_none_is_not_made(changed, message: str) -> None:
    with pytest.raises(SolverFailed, match=message):
        program(**changed)


@pytest.mark.parametrize(
    ("name", "index", "value", "message"),
    [
        ("cost", 1, np.nan, r"the cost of column 1 is nan"),
        ("cost", 0, -np.inf, r"the cost of column 0 is -inf"),
        ("lower", 1, np.nan, r"the lower bound of column 1 is nan"),
        ("lower", 0, np.inf, r"the lower bound of column 0 is inf"),
        ("row_lower", 0, np.nan, r"the lower bound of row 0 is nan"),
        ("row_upper", 0, -np.inf, r"the upper bound of row 0 is -inf"),
    ],
)
def test_a_number_written_later_is_refused_too(name: str, index: int, value: float, message: str) -> None:
    solved = program()
    solved.solve()
    before = getattr(solved, name)[index]
    getattr(solved, name)[index] = value
    with pytest.raises(SolverFailed, match=message):
        solved.solve()
    getattr(solved, name)[index] = before
    assert solved.solve().tolist() == [3.0, 0.0]


def numbers_of(cost, lower, upper, row_lower, row_upper) -> np.ndarray:
    """All numbers of a program in the order in which they are kept."""
    return np.concatenate([cost, lower, upper, row_lower, row_upper])


def test_only_what_differs_from_what_was_sent_is_taken() -> None:
    rng = np.random.default_rng(1)
    cost, (lower, row_lower) = rng.random(50), rng.random((2, 50))
    upper, row_upper = 1.0 + rng.random((2, 50))
    sent = numbers_of(cost, lower, upper, row_lower[:30], row_upper[:30])
    cost[49], lower[[3, 17]], upper[[17, 40]], row_upper[0] = -2.0, -INF, INF, 9.0
    numbers = numbers_of(cost, lower, upper, row_lower[:30], row_upper[:30])
    changed = index, new_lower, new_upper = np.empty(130, dtype=np.int32), np.empty(130), np.empty(130)
    assert take_changes(numbers, sent, 50, *changed) == (3, 1, 1)
    assert index[:5].tolist() == [3, 17, 40, 0, 49]
    assert new_lower[:5].tolist() == [*lower[[3, 17, 40]], row_lower[0], -2.0]
    assert new_upper[:4].tolist() == [*upper[[3, 17, 40]], 9.0]
    assert take_changes(numbers, sent, 50, *changed) == (0, 0, 0)


@pytest.mark.parametrize("wrong", [2, 6, 9, 12, 13])
def test_nothing_counts_as_sent_while_a_number_is_none(wrong: int) -> None:
    before = numbers_of(np.zeros(4), np.zeros(4), np.ones(4), np.zeros(1), np.ones(1))
    numbers, sent = before.copy(), before.copy()
    numbers[5], numbers[wrong] = 0.5, np.nan
    changed = np.empty(9, dtype=np.int32), np.empty(9), np.empty(9)
    assert take_changes(numbers, sent, 4, *changed) == (-1, -1, -1)
    assert (sent == before).all()
    numbers[wrong] = before[wrong]
    assert take_changes(numbers, sent, 4, *changed) == (1, 0, 0)
    assert (sent == numbers).all()
