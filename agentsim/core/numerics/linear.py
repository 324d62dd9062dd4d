"""Linear programs solved by HiGHS, once or again and again with new numbers: the only place that calls it."""

from dataclasses import dataclass, field
from struct import Struct
from typing import Any

import highspy
import numpy as np

from agentsim.core.errors import SolverFailed
from agentsim.core.numerics.kernel import kernel

INF = highspy.kHighsInf
_OPTIMAL = highspy.HighsModelStatus.kOptimal.value  # a number, which is compared in less time

Options = dict[str, bool | int | float | str]
_QUIET: Options = {"output_flag": False, "threads": 1}  # one thread: runs are parallel by processes
_PERTURBATION = "dual_simplex_cost_perturbation_multiplier"


@dataclass(frozen=True)
class Settings:
    """How HiGHS solves a program; no numbers of a model.

    Parameters
    ----------
    options : set when the program is made
    limit_iterations : end a solve that takes far too many iterations, so that the next attempt is made
    attempts : set before each attempt; every attempt after the first starts cold
    fresh_every : after so many solves the basis is forgotten, so that a pickle has few solves to repeat
    """

    options: Options = field(default_factory=lambda: _QUIET)
    limit_iterations: bool = False
    attempts: tuple[Options, ...] = ({},)
    fresh_every: int = 1


# For one solve: the defaults of HiGHS.
ONCE = Settings()
# For hourly solves from the last basis: no presolve (a warm basis is worth more), no scaling, which would
# remember earlier solves past clearSolver, and no cost perturbation, which costs a fifth of a warm solve;
# where a warm basis does not lead to the optimum, a cold start with perturbed costs does.
HOURLY = Settings(
    _QUIET | {"parallel": "off", "solver": "simplex", "presolve": "off", "simplex_scale_strategy": 0},
    limit_iterations=True,
    attempts=({_PERTURBATION: 0.0}, {_PERTURBATION: 1.0}),
    fresh_every=24,
)
# For daily solves whose answer must not depend on the day before.
DAILY = Settings(
    _QUIET | {"presolve": "off"},
    # the fine tolerance makes tiny costs count, the coarse one is for a problem too stiff for it
    attempts=({"dual_feasibility_tolerance": 1e-9}, {"dual_feasibility_tolerance": 1e-7}),
)


class Assembly:
    """A linear program while it is put together, block by block: min cost x, rows and columns bounded."""

    def __init__(self) -> None:
        self._columns: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._rows: list[tuple[np.ndarray, np.ndarray]] = []
        self._entries: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.column_count = 0
        self.row_count = 0

    def rows(self, count: int, lower: Any, upper: Any) -> slice:
        """*count* new rows; their place in the program."""
        self._rows.append((np.broadcast_to(lower, count), np.broadcast_to(upper, count)))
        self.row_count += count
        return slice(self.row_count - count, self.row_count)

    def columns(self, count: int, lower: Any, upper: Any, cost: Any, *terms: tuple[Any, Any]) -> slice:
        """*count* new columns; each term ``(rows, values)`` puts one entry into every column."""
        place = slice(self.column_count, self.column_count + count)
        self._columns.append(
            (np.broadcast_to(lower, count), np.broadcast_to(upper, count), np.broadcast_to(cost, count))
        )
        self.column_count += count
        for rows, values in terms:
            self.entries(rows, np.arange(place.start, place.stop), values)
        return place

    def entries(self, rows: Any, columns: Any, values: Any) -> None:
        """Entries of the matrix; *rows* and *columns* are indices, *values* their coefficients."""
        columns = np.atleast_1d(columns)
        self._entries.append(
            (np.broadcast_to(rows, columns.shape), columns, np.broadcast_to(values, columns.shape))
        )

    def program(self, settings: Settings = HOURLY) -> "LinearProgram":
        """The finished program."""
        lower, upper, cost = (np.concatenate(part).astype(float) for part in zip(*self._columns, strict=True))
        row_lower, row_upper = (np.concatenate(part).astype(float) for part in zip(*self._rows, strict=True))
        rows, columns, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        order = np.lexsort((rows, columns))
        start = np.searchsorted(columns[order], np.arange(self.column_count + 1))
        matrix = (start.astype(np.int32), rows[order].astype(np.int32), values[order].astype(float))
        return LinearProgram(
            cost=cost,
            lower=lower,
            upper=upper,
            row_lower=row_lower,
            row_upper=row_upper,
            matrix=matrix,
            settings=settings,
        )


@kernel
def take_changes(
    numbers: np.ndarray,
    sent: np.ndarray,
    columns: int,
    index: np.ndarray,
    new_lower: np.ndarray,
    new_upper: np.ndarray,
) -> tuple[int, int, int]:
    """How many bounds of columns, bounds of rows and costs differ from those *sent*.

    Their places and values follow each other in the last three arrays, a cost as its lower value, and they
    count as sent from now on. If a number is one that no solver can use, nothing counts as sent and all
    three are -1.

    Parameters
    ----------
    numbers, sent : costs, lower and upper bounds of the *columns*, then those of the rows
    index, new_lower, new_upper : arrays (columns + rows + columns,), filled from the front; *index* is int32
    """
    rows = (numbers.size - 3 * columns) // 2
    count = 0
    fit = True
    for first, size in ((columns, columns), (3 * columns, rows)):
        for i in range(size):
            low, high = first + i, first + size + i
            if numbers[low] != sent[low] or numbers[high] != sent[high]:
                fit = fit and numbers[low] < np.inf and numbers[high] > -np.inf
                index[count], new_lower[count], new_upper[count] = i, numbers[low], numbers[high]
                count += 1
        if first == columns:
            of_columns = count
    bounds = count
    for i in range(columns):
        if numbers[i] != sent[i]:
            fit = fit and abs(numbers[i]) < np.inf
            index[count], new_lower[count] = i, numbers[i]
            count += 1
    if not fit:
        return -1, -1, -1
    if count:
        for i in range(numbers.size):
            sent[i] = numbers[i]
    return of_columns, bounds - of_columns, count - bounds


class LinearProgram:
    """min cost x subject to lower <= x <= upper, row_lower <= A x <= row_upper, solved again and again.

    Write into the arrays ``cost lower upper row_lower row_upper`` and call :meth:`solve`; only what
    changed is sent to HiGHS, which starts from the basis of the last solve except once in
    ``settings.fresh_every`` solves. A pickled program goes on to the same bytes: the solves since then are
    repeated when it is loaded.

    Parameters
    ----------
    matrix : column starts (columns + 1,), row indices and values of A, column by column
    """

    def __init__(
        self,
        *,
        cost: np.ndarray,
        lower: np.ndarray,
        upper: np.ndarray,
        row_lower: np.ndarray,
        row_upper: np.ndarray,
        matrix: tuple[np.ndarray, np.ndarray, np.ndarray],
        settings: Settings = HOURLY,
    ) -> None:
        self._numbers = np.concatenate([cost, lower, upper, row_lower, row_upper])
        self._sizes = len(cost), len(row_lower)
        self._name_parts()
        self.settings = settings
        self.solves = 0
        self.x = np.zeros(len(cost))
        self.row_dual = np.zeros(len(row_lower))
        self._matrix = matrix
        self._since_fresh: list[np.ndarray] = []  # numbers of each solve, if others build on it
        self._load()

    def _name_parts(self) -> None:
        """Costs and bounds are parts of one array, so that one copy keeps the numbers of a solve."""
        columns, rows = self._sizes
        ends = np.cumsum([columns, columns, columns, rows])
        parts = np.split(self._numbers, ends)
        self.cost, self.lower, self.upper, self.row_lower, self.row_upper = parts

    def _load(self) -> None:
        columns, rows = len(self.cost), len(self.row_lower)
        start, index, value = self._matrix
        self._highs = highspy.Highs()
        self._set(self.settings.options | self.settings.attempts[0])
        if self.settings.limit_iterations:
            self._set({"simplex_iteration_limit": 1000 + 20 * (columns + rows)})
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = columns, rows
        lp.col_cost_, lp.col_lower_, lp.col_upper_ = self.cost, self.lower, self.upper
        lp.row_lower_, lp.row_upper_ = self.row_lower, self.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = start, index, value
        _check_bounds("column", self.lower, self.upper)
        _check_bounds("row", self.row_lower, self.row_upper)
        _check_costs(self.cost)
        _refuse("an entry of the matrix in row", value, ~np.isfinite(value), index)
        self._highs.passModel(lp)
        self._sent = self._numbers.copy()
        most = 2 * columns + rows
        self._changed = np.empty(most, dtype=np.int32), np.empty(most), np.empty(most)
        self._layouts = Struct(f"{columns}d"), Struct(f"{rows}d")

    def __getstate__(self) -> dict[str, Any]:
        return {name: item for name, item in self.__dict__.items() if name not in _MADE_ANEW}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._name_parts()
        past, self._since_fresh = self._since_fresh, []
        now = self._numbers.copy()
        if past:
            self._numbers[:] = past[0]
        self._load()
        self.solves -= len(past)
        for numbers in past:
            self._numbers[:] = numbers
            self.solve()
        self._numbers[:] = now

    def _send(self) -> None:
        """Tell HiGHS which bounds and costs are other than those that it knows."""
        highs, (index, lower, upper) = self._highs, self._changed
        columns, rows, costs = take_changes(self._numbers, self._sent, len(self.cost), *self._changed)
        if columns < 0:
            _check_bounds("column", self.lower, self.upper)
            _check_bounds("row", self.row_lower, self.row_upper)
            _check_costs(self.cost)
        if columns:
            highs.changeColsBounds(columns, index[:columns], lower[:columns], upper[:columns])
        end = columns + rows
        if rows:
            change_rows = highs.changeRowsBounds  # type: ignore[attr-defined]  # missing in its stub
            change_rows(rows, index[columns:end], lower[columns:end], upper[columns:end])
        if costs:
            highs.changeColsCost(costs, index[end : end + costs], lower[end : end + costs])

    def solve(self) -> np.ndarray:
        """The optimal columns; ``row_dual`` holds the price of every row [cost per unit of its bound].

        Raises
        ------
        SolverFailed : a cost or bound that no solver can use, named with its column or row; no optimum,
            not even from a cold start
        """
        if self.solves % self.settings.fresh_every == 0:
            self._highs.clearSolver()
            self._since_fresh.clear()
        self.solves += 1
        self._send()
        self._highs.run()
        if not self._is_solved():
            self._try_again()
        solution, (columns, rows) = self._highs.getSolution(), self._layouts
        self.x, self.row_dual = _array(solution.col_value, columns), _array(solution.row_dual, rows)
        if self.settings.fresh_every > 1:
            self._since_fresh.append(self._numbers.copy())
        return self.x

    def _try_again(self) -> None:
        for attempt in self.settings.attempts[1:]:
            self._run_cold(attempt)
            if self._is_solved():
                return
        raise SolverFailed(
            f"linear program of {len(self.cost)} columns and {len(self.row_lower)} rows: HiGHS says "
            f"{self._highs.modelStatusToString(self._highs.getModelStatus())!r}; it is built to be "
            "feasible and bounded, so look for a bound that is nan or a lower bound above its upper one"
        )

    def _is_solved(self) -> bool:
        return self._highs.getModelStatus().value == _OPTIMAL

    def _run_cold(self, attempt: Options) -> None:
        self._highs.clearSolver()
        self._set(attempt)
        self._highs.run()
        self._set(self.settings.attempts[0])

    def _set(self, options: Options) -> None:
        for name, value in options.items():
            self._highs.setOptionValue(name, value)


_NUMBERS = ("cost", "lower", "upper", "row_lower", "row_upper")
_MADE_ANEW = ("_highs", "_sent", "_changed", "_layouts", *_NUMBERS)  # when a pickle is loaded


def _array(numbers: list[float], layout: Struct) -> np.ndarray:
    """A list of as many floats as the *layout* has, as an array, in half the time of ``np.array``."""
    array = np.empty(len(numbers))
    layout.pack_into(array.data, 0, *numbers)
    return array


def _check_bounds(what: str, lower: np.ndarray, upper: np.ndarray) -> None:
    """Bounds that are not a number, or infinite on the wrong side, are refused: HiGHS may never return."""
    _refuse(f"the lower bound of {what}", lower, ~(lower < INF))
    _refuse(f"the upper bound of {what}", upper, ~(upper > -INF))


def _check_costs(cost: np.ndarray) -> None:
    _refuse("the cost of column", cost, ~np.isfinite(cost))


def _refuse(what: str, values: np.ndarray, wrong: np.ndarray, name: np.ndarray | None = None) -> None:
    """Raises for the first of *values* that is *wrong*, by its index or by what *name* says there."""
    if wrong.any():
        first = int(wrong.argmax())
        named = first if name is None else int(name[first])
        raise SolverFailed(
            f"linear program: {what} {named} is {values[first]:g}; costs and coefficients must "
            "be finite numbers, a lower bound below and an upper bound above infinity"
        )
