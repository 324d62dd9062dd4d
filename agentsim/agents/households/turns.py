"""Rotating outages: which homes of a feeder lose power when part of its load is not served."""

import numpy as np

from agentsim.agents.households.homes import Homes
from agentsim.core.units import KW_PER_MW


class Turns:
    """Turns of ``rotation_h`` hours on each feeder.

    A feeder's homes lie on a circle, each as wide as its load; the unserved load is an arc of the circle.
    Each turn begins where the arc of the turn before ended. So turns are fair, and homes together lose
    exactly the unserved load.
    """

    def __init__(self, homes: Homes, feeders: int, rotation_h: int) -> None:
        self._rows, self._weight, self._feeders = len(homes), homes.weight, feeders
        self._rotation_h = rotation_h
        self._by_feeder = np.argsort(homes.feeder, kind="stable")
        self._feeder_sorted = homes.feeder[self._by_feeder]
        self._first_row = np.searchsorted(self._feeder_sorted, np.arange(feeders))
        self._turn = -1
        self._turn_frac = np.zeros(feeders)  # where the turn begins on the feeder's circle
        self._arc_frac = np.zeros(feeders)  # the longest arc of this turn so far

    def unserved_kw(self, hour: int, unserved_mw: np.ndarray, asked_kw: np.ndarray) -> np.ndarray:
        """Each home's part of its feeder's unserved load [kW], array (households,).

        *unserved_mw* is an array (feeders,), *asked_kw* (households,).
        """
        if not unserved_mw.any():
            return np.zeros(self._rows)
        self._next_turn(hour // self._rotation_h)
        asked_kw = asked_kw[self._by_feeder]
        end_kw = np.cumsum(asked_kw)
        circle_kw = np.bincount(self._feeder_sorted, asked_kw, self._feeders)
        first = np.minimum(self._first_row, self._rows - 1)
        start_kw = end_kw - asked_kw - (end_kw - asked_kw)[first][self._feeder_sorted]
        dark_kw = np.minimum(unserved_mw * (KW_PER_MW / self._weight), circle_kw)
        from_kw = (self._turn_frac * circle_kw)[self._feeder_sorted]
        width_kw, lap_kw = dark_kw[self._feeder_sorted], circle_kw[self._feeder_sorted]
        lost_kw = _overlap(start_kw, asked_kw, from_kw, width_kw)
        lost_kw += _overlap(start_kw, asked_kw, from_kw - lap_kw, width_kw)
        self._arc_frac = np.maximum(self._arc_frac, dark_kw / np.maximum(circle_kw, 1e-12))
        unserved_kw = np.empty(self._rows)
        unserved_kw[self._by_feeder] = np.minimum(lost_kw, asked_kw)
        return unserved_kw

    def _next_turn(self, turn: int) -> None:
        if turn != self._turn:
            self._turn_frac = (self._turn_frac + self._arc_frac) % 1.0
            self._arc_frac = np.zeros(self._feeders)
            self._turn = turn


def _overlap(start: np.ndarray, width: np.ndarray, other: np.ndarray, other_width: np.ndarray) -> np.ndarray:
    """Length that two intervals have in common, elementwise."""
    shared = np.minimum(start + width, other + other_width) - np.maximum(start, other)
    return np.maximum(shared, 0.0)
