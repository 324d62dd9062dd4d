"""Which terminal brings how much to which depot, in tonnes and JPY."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.transportation import TransportationProblem
from agentsim.place.cases import GOODS, SupplyCase


@dataclass(frozen=True, slots=True)
class Sourced:
    """One day's orders shared among the terminals."""

    sent_t: np.ndarray  # (terminals, depots)
    unfilled_t: np.ndarray  # (depots,)
    shadow_price_jpy_per_t: np.ndarray  # (depots,) cost of one tonne more ordered there


class Sourcing:
    """The transportation problem of one supply case, all goods at once.

    Parameters
    ----------
    case : terminals and depots
    haul_jpy_per_t_h : cost of an hour on the road
    unfilled_ratio : worth of a missing tonne over the dearest price of its good, above 1
    unfilled_steps : in how many rising steps a shortage is spread over the depots
    """

    def __init__(
        self, case: SupplyCase, haul_jpy_per_t_h: float, unfilled_ratio: float, unfilled_steps: int
    ) -> None:
        self.case, self.haul_jpy_per_t_h = case, haul_jpy_per_t_h
        self.shape = len(case.terminal_good), len(case.depot_good)
        self._terminal, self._depot = np.nonzero(np.equal.outer(case.terminal_good, case.depot_good))
        self._asking_jpy_per_t = case.terminal_price_jpy_per_t
        if case.terminal_bought_first.any():  # under contract: whoever orders pays nothing more by taking it
            self._asking_jpy_per_t = np.where(case.terminal_bought_first, 0.0, case.terminal_price_jpy_per_t)
        worth = unfilled_ratio * (1.0 + np.arange(unfilled_steps) / unfilled_steps)
        self._problem = TransportationProblem(
            terminals=self.shape[0],
            depots=self.shape[1],
            pair_terminal=self._terminal,
            pair_depot=self._depot,
            unfilled_cost=worth,
        )
        # nobody goes without because the way is long
        self._most_cost = 0.9 * unfilled_ratio
        # the problem is solved in units of each good's price and daily demand, so that all is near 1
        unit_jpy_per_t = np.full(len(GOODS), max(haul_jpy_per_t_h, 1.0))
        np.maximum.at(unit_jpy_per_t, case.terminal_good, case.terminal_price_jpy_per_t)
        self._unit_jpy_per_t = unit_jpy_per_t[case.depot_good]
        daily_t = np.bincount(case.depot_good, case.depot_demand_t_per_d, len(GOODS))
        unit_t = np.where(daily_t > 0.0, daily_t, 1.0)
        self._terminal_unit_t, self._depot_unit_t = unit_t[case.terminal_good], unit_t[case.depot_good]

    def share(self, order_t: np.ndarray, capacity_t: np.ndarray, skim_h: np.ndarray) -> Sourced:
        """Orders at least cost under the terminals' capacities; where *skim_h* is inf no road leads."""
        skim_h = skim_h[self._terminal, self._depot]
        is_open = np.isfinite(skim_h)
        haul_jpy_per_t = self.haul_jpy_per_t_h * np.where(is_open, skim_h, 0.0)
        price_jpy_per_t = self._asking_jpy_per_t[self._terminal] + haul_jpy_per_t
        cost = np.minimum(price_jpy_per_t / self._unit_jpy_per_t[self._depot], self._most_cost)
        capacity, order = capacity_t / self._terminal_unit_t, order_t / self._depot_unit_t
        found = self._problem.solve(cost, is_open, capacity, order)
        sent_t = np.zeros(self.shape)
        sent_t[self._terminal, self._depot] = found.shipped * self._depot_unit_t[self._depot]
        return Sourced(sent_t, found.unfilled * self._depot_unit_t, found.shadow_price * self._unit_jpy_per_t)

    def mean_lead_days(self, sent_t: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
        """(depots,) [d] mean lead time of what is sent, *otherwise* where nothing is.

        What comes under contract covers its part of the need at its own lead time, and the rest of the need
        is reckoned with at that of the others, also where they cannot fill it: else a small plant nearby
        would make everybody keep less in stock as soon as the others sell less.
        """
        lead_days, first = np.asarray(self.case.terminal_lead_days, float), self.case.terminal_bought_first
        if not first.any():
            return self._mean_lead_days(sent_t, lead_days, otherwise)
        others = self._mean_lead_days(sent_t * ~first[:, None], lead_days, otherwise)
        need_t = np.asarray(self.case.depot_demand_t_per_d, float)
        bound_t = np.minimum(sent_t[first].sum(axis=0), need_t)
        bound_days = self._mean_lead_days(sent_t * first[:, None], lead_days, others)
        share = np.divide(bound_t, need_t, out=np.zeros_like(need_t), where=need_t > 0.0)
        return share * bound_days + (1.0 - share) * others

    def _mean_lead_days(self, sent_t: np.ndarray, lead_days: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
        total_t = sent_t.sum(axis=0)
        some = total_t > 1e-9 * self._depot_unit_t
        return np.divide(lead_days @ sent_t, total_t, out=otherwise.copy(), where=some)

    def mean_price_jpy_per_t(self, capacity_t: np.ndarray, otherwise: np.ndarray) -> np.ndarray:
        """(goods,) mean price of the terminals that serve ordinary demand at least cost."""
        daily_t = np.asarray(self.case.depot_demand_t_per_d, float)
        sold_t = self.share(daily_t, capacity_t, np.zeros(self.shape)).sent_t.sum(axis=1)
        good = self.case.terminal_good
        total_t = np.bincount(good, sold_t, len(GOODS))
        paid_jpy = np.bincount(good, sold_t * self.case.terminal_price_jpy_per_t, len(GOODS))
        need_t = np.bincount(self.case.depot_good, daily_t, len(GOODS))
        return np.divide(paid_jpy, total_t, out=otherwise.copy(), where=total_t > 1e-9 * (need_t + 1e-300))
