"""What a load costs in merit order: the cheapest units first, all at hand, none kept back."""

from bisect import bisect_right

import numpy as np

from agentsim.place.cases import GridCase


class MeritOrder:
    """The cost curve of a grid's units, each at its marginal cost at full load, without no-load costs."""

    def __init__(self, grid: GridCase) -> None:
        marginal = grid.unit_cost[:, 1] + grid.unit_cost[:, 0] * grid.unit_max_mw
        order = np.argsort(marginal, kind="stable")
        self._reach_mw = np.concatenate([[0.0], np.cumsum(grid.unit_max_mw[order])])
        self._cost_jpy = np.concatenate([[0.0], np.cumsum((marginal * grid.unit_max_mw)[order])])
        self._corners = self._reach_mw.tolist(), self._cost_jpy.tolist()

    def cost_of_jpy(self, load_mw: float) -> float:
        """The same of one load, in a fifth of the time."""
        reach_mw, cost_jpy = self._corners
        above = bisect_right(reach_mw, load_mw)
        if above == 0 or above == len(reach_mw):
            return cost_jpy[max(above - 1, 0)]
        width = reach_mw[above] - reach_mw[above - 1]
        slope = (cost_jpy[above] - cost_jpy[above - 1]) / width
        return slope * (load_mw - reach_mw[above - 1]) + cost_jpy[above - 1]

    def cost_jpy(self, load_mw: np.ndarray | float) -> np.ndarray:
        """Cost of an hour at each of these loads [JPY]; a load above all units costs what all of them do."""
        return np.interp(load_mw, self._reach_mw, self._cost_jpy)
