"""The transportation problem: who ships how much to whom at least cost (Hitchcock 1941)."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.linear import DAILY, INF, ONCE, Assembly, LinearProgram, Settings


def cheapest_shipment(supply: np.ndarray, need: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Flows f >= 0 with the least sum(cost x f) that meet every need, array (supplies, needs).

    sum_j f_ij <= supply_i and sum_i f_ij = need_j; a basic solution, so at most supplies + needs flows
    are above zero.

    Raises
    ------
    ValueError : supplies do not reach the needs

    >>> cheapest_shipment(np.array([2.0, 1.0]), np.array([1.0, 2.0]), np.array([[0.0, 1.0], [5.0, 1.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    if supply.sum() < need.sum() * (1.0 - 1e-9):
        raise ValueError(f"supplies of {supply.sum():g} do not reach needs of {need.sum():g}")
    slack = 1e-9 * need.sum()  # rounding must not make equal totals infeasible
    assembly = Assembly()
    out = assembly.rows(len(supply), -INF, supply + slack).start
    into = assembly.rows(len(need), need, need).start
    supplies, needs = np.indices(cost.shape)
    entries = (out + supplies.ravel(), 1.0), (into + needs.ravel(), 1.0)
    assembly.columns(cost.size, 0.0, INF, cost.ravel(), *entries)
    flow = assembly.program(ONCE).solve().reshape(cost.shape)
    return np.where(flow > slack, flow, 0.0)


@dataclass(frozen=True, slots=True)
class Allocation:
    """One solution. The order of a depot is what arrives over its pairs plus what stays unfilled."""

    shipped: np.ndarray  # (pairs,)
    unfilled: np.ndarray  # (depots,)
    shadow_price: np.ndarray  # (depots,) cost of one unit more ordered there
    cost: float


class TransportationProblem:
    """A linear program that stays in memory and is solved again with new numbers.

    minimise sum(c x) + sum(p_k u_k) over the pairs' shipments x and the unfilled steps u_k, subject to
    sum of x out of a terminal <= its capacity, sum of x into a depot + sum of its u_k = its order,
    each u_k at most an equal share of the order, x = 0 on a closed pair.

    The rising steps p_1 < p_2 < ... spread a shortage: no depot misses its whole order while another
    gets all of its own. With one step the classical problem remains.

    Parameters
    ----------
    terminals, depots : how many there are
    pair_terminal, pair_depot : (pairs,) int, who may ship to whom
    unfilled_cost : (steps,) rising, above every cost of shipping; costs near 1 suit the solver best
    settings : of the solver

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
        settings: Settings = DAILY,
    ) -> None:
        self.terminals, self.depots = terminals, depots
        self.unfilled_cost = np.asarray(unfilled_cost, float)
        # equal costs are told apart by a tiny amount, else the answer would depend on the solver's path
        pairs = len(pair_terminal)
        self._tie = 1e-7 * float(self.unfilled_cost[0]) * np.arange(1, pairs + 1) / pairs
        self._program = self._assembled(pair_terminal, pair_depot, settings)

    def _assembled(
        self, pair_terminal: np.ndarray, pair_depot: np.ndarray, settings: Settings
    ) -> LinearProgram:
        """Rows: what leaves a terminal is its draw; what comes and what is missing is the depot's order."""
        assembly, steps = Assembly(), len(self.unfilled_cost)
        out = assembly.rows(self.terminals, 0.0, 0.0).start
        into = assembly.rows(self.depots, 0.0, 0.0).start
        terminals, depots = out + np.arange(self.terminals), into + np.arange(self.depots)
        shipped = (out + pair_terminal, 1.0), (into + pair_depot, 1.0)
        self._ship = assembly.columns(len(pair_terminal), 0.0, 0.0, 0.0, *shipped)
        missing_cost, missing_row = np.tile(self.unfilled_cost, self.depots), np.repeat(depots, steps)
        self._unfilled = assembly.columns(len(missing_row), 0.0, 0.0, missing_cost, (missing_row, 1.0))
        self._draw = assembly.columns(self.terminals, 0.0, 0.0, 0.0, (terminals, -1.0))
        self._order = assembly.columns(self.depots, 0.0, 0.0, 0.0, (depots, -1.0))
        return assembly.program(settings)

    def solve(
        self, cost: np.ndarray, is_open: np.ndarray, capacity: np.ndarray, order: np.ndarray
    ) -> Allocation:
        """The cheapest allocation. ``cost`` and ``is_open`` are (pairs,), finite wherever a pair is open."""
        program, steps = self._program, len(self.unfilled_cost)
        program.cost[self._ship] = np.where(is_open, cost, 0.0) + self._tie
        program.upper[self._ship] = np.where(is_open, np.inf, 0.0)
        program.upper[self._unfilled] = np.repeat(order / steps, steps)
        program.upper[self._draw] = capacity
        program.upper[self._order] = program.lower[self._order] = order
        value = np.maximum(program.solve(), 0.0)
        shipped = value[self._ship]
        unfilled = value[self._unfilled].reshape(self.depots, -1)
        total = float(shipped @ np.where(shipped > 0, cost, 0.0) + (unfilled @ self.unfilled_cost).sum())
        # the order enters its row with -1, so the row's dual is the cost of one unit more
        return Allocation(shipped, unfilled.sum(axis=1), program.row_dual[self.terminals :], total)
