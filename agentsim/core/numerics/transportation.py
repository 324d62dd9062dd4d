"""The transportation problem: who ships how much to whom at least cost."""

from dataclasses import dataclass

import highspy
import numpy as np

from agentsim.core.errors import SolverFailed


@dataclass(frozen=True, slots=True)
class Allocation:
    """One solution. The order of a depot is what arrives over its pairs plus what stays unfilled."""

    shipped: np.ndarray  # (pairs,)
    unfilled: np.ndarray  # (depots,)
    shadow_price: np.ndarray  # (depots,) cost of one unit more ordered there
    cost: float


class TransportationProblem:
    """A linear programme that stays in memory and is asked again with new numbers (Hitchcock 1941).

    minimise sum(c x) + sum(p_k u_k) over the pairs' shipments x and the unfilled steps u_k, subject to
    sum of x out of a terminal <= its capacity, sum of x into a depot + sum of its u_k = its order,
    each u_k at most an equal share of the order, x = 0 on a closed pair.

    The rising steps p_1 < p_2 < ... spread a shortage: nobody goes without the whole order while a
    neighbour gets all of his. With one step the classical problem remains.

    Parameters
    ----------
    terminals, depots : how many there are
    pair_terminal, pair_depot : (pairs,) int, who may ship to whom
    unfilled_cost : (steps,) rising, above every cost of shipping; costs near 1 suit the solver best

    >>> problem = TransportationProblem(2, 1, np.array([0, 1]), np.array([0, 0]), np.array([10.0]))
    >>> both, three = np.array([True, True]), np.array([3.0, 3.0])
    >>> found = problem.solve(np.array([1.0, 2.0]), both, three, order=np.array([4.0]))
    >>> found.shipped.tolist(), found.shadow_price.round(3).tolist(), found.cost
    ([3.0, 1.0], [2.0], 5.0)
    """

    def __init__(
        self,
        terminals: int,
        depots: int,
        pair_terminal: np.ndarray,
        pair_depot: np.ndarray,
        unfilled_cost: np.ndarray,
    ) -> None:
        self.terminals, self.depots = terminals, depots
        self.pair_terminal, self.pair_depot = pair_terminal, pair_depot
        self.unfilled_cost = np.asarray(unfilled_cost, float)
        # columns: shipments, unfilled steps by depot, draw of each terminal, order of each depot
        sizes = (len(pair_terminal), self.depots * len(self.unfilled_cost), self.terminals, self.depots)
        ends = np.cumsum(sizes)
        self._ship, self._unfilled, self._draw, self._order = (
            slice(end - size, end) for end, size in zip(ends.tolist(), sizes, strict=True)
        )
        self._upper, self._lower = np.zeros(ends[-1]), np.zeros(ends[-1])
        self._cost = np.zeros(ends[-1])
        self._cost[self._unfilled] = np.tile(self.unfilled_cost, self.depots)
        # equal costs are told apart by a hair, else the answer would hang on the path of the solver
        self._hair = 1e-7 * float(self.unfilled_cost[0]) * np.arange(1, sizes[0] + 1) / sizes[0]
        self._columns = np.arange(ends[-1], dtype=np.int32)
        self._highs = self._model()

    def solve(
        self, cost: np.ndarray, is_open: np.ndarray, capacity: np.ndarray, order: np.ndarray
    ) -> Allocation:
        """The cheapest allocation. ``cost`` and ``is_open`` are (pairs,), finite wherever a pair is open."""
        steps = len(self.unfilled_cost)
        self._cost[self._ship] = np.where(is_open, cost, 0.0) + self._hair
        self._upper[self._ship] = np.where(is_open, np.inf, 0.0)
        self._upper[self._unfilled] = np.repeat(order / steps, steps)
        self._upper[self._draw] = capacity
        self._upper[self._order] = self._lower[self._order] = order
        count = len(self._columns)
        self._highs.changeColsBounds(count, self._columns, self._lower, self._upper)
        self._highs.changeColsCost(count, self._columns, self._cost)
        # a solve from nothing does not depend on the day before, so a resumed run is identical;
        # the fine tolerance makes the hair count, the coarse one is for a problem too stiff for it
        for tolerance in (1e-9, 1e-7):
            self._highs.setOptionValue("dual_feasibility_tolerance", tolerance)
            self._highs.clearSolver()
            self._highs.run()
            status = self._highs.getModelStatus()
            if status == highspy.HighsModelStatus.kOptimal:
                return self._read(cost)
        raise SolverFailed(f"HiGHS: {self._highs.modelStatusToString(status)}")

    def _read(self, cost: np.ndarray) -> Allocation:
        solution = self._highs.getSolution()
        value = np.maximum(np.array(solution.col_value), 0.0)
        shipped = value[self._ship]
        unfilled = value[self._unfilled].reshape(self.depots, -1)
        total = float(shipped @ np.where(shipped > 0, cost, 0.0) + (unfilled @ self.unfilled_cost).sum())
        # the order enters its row with -1, so the row's dual is the cost of one unit more
        dual = np.array(solution.row_dual)[self.terminals :]
        return Allocation(shipped, unfilled.sum(axis=1), dual, total)

    def _model(self) -> highspy.Highs:
        """Rows: what leaves a terminal is its draw; what comes and what is missing is the depot's order."""
        depot_of_step = np.repeat(np.arange(self.depots), len(self.unfilled_cost))
        row = np.concatenate(
            [
                np.column_stack([self.pair_terminal, self.terminals + self.pair_depot]).ravel(),
                self.terminals + depot_of_step,
                np.arange(self.terminals + self.depots),
            ]
        )
        single = np.ones(len(row) - 2 * len(self.pair_terminal))
        single[-(self.terminals + self.depots) :] = -1.0
        model = highspy.HighsLp()
        model.num_col_, model.num_row_ = len(self._columns), self.terminals + self.depots
        model.col_cost_, model.col_lower_, model.col_upper_ = self._cost, self._lower, self._upper
        model.row_lower_ = model.row_upper_ = np.zeros(model.num_row_)
        model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
        counts = np.where(self._columns < len(self.pair_terminal), 2, 1)
        model.a_matrix_.start_ = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
        model.a_matrix_.index_ = row.astype(np.int32)
        model.a_matrix_.value_ = np.concatenate([np.ones(2 * len(self.pair_terminal)), single])
        highs = highspy.Highs()
        highs.setOptionValue("output_flag", False)
        highs.setOptionValue("threads", 1)
        highs.setOptionValue("presolve", "off")
        highs.passModel(model)
        return highs

    def __getstate__(self) -> dict:
        """HiGHS cannot be pickled; the model is built again from the arrays."""
        return {name: value for name, value in self.__dict__.items() if name != "_highs"}

    def __setstate__(self, state: dict) -> None:
        self.__dict__.update(state)
        self._highs = self._model()
