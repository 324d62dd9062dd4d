"""Rotating outages: which homes of a feeder lose power when part of its load is not served."""

import numpy as np

from agentsim.agents.households.homes import INDEX, Homes
from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.totals import total_by
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
        self._feeder = homes.feeder.astype(INDEX, copy=False)
        self._by_feeder = np.argsort(homes.feeder, kind="stable")
        self._turn = -1
        self._turn_frac = np.zeros(feeders)  # where the turn begins on the feeder's circle
        self._arc_frac = np.zeros(feeders)  # the longest arc of this turn so far

    def unserved_kw(
        self, hour: int, unserved_mw: np.ndarray, asked_kw: np.ndarray, circle_kw: np.ndarray | None = None
    ) -> np.ndarray:
        """Each home's part of its feeder's unserved load [kW], array (households,).

        *unserved_mw* is an array (feeders,), *asked_kw* (households,); *circle_kw* (feeders,) are the totals
        of what is asked, where they are known.
        """
        if not unserved_mw.any():
            return np.zeros(self._rows)
        self._next_turn(hour // self._rotation_h)
        if circle_kw is None:
            circle_kw = total_by(self._feeder, asked_kw, self._feeders)
        dark_kw = np.minimum(unserved_mw * (KW_PER_MW / self._weight), circle_kw)
        unserved_kw = np.zeros(self._rows)
        lay_arcs(
            self._by_feeder,
            self._feeder,
            asked_kw,
            circle_kw,
            self._turn_frac * circle_kw,
            dark_kw,
            unserved_kw,
        )
        self._arc_frac = np.maximum(self._arc_frac, dark_kw / np.maximum(circle_kw, 1e-12))
        return unserved_kw

    def _next_turn(self, turn: int) -> None:
        if turn != self._turn:
            self._turn_frac = (self._turn_frac + self._arc_frac) % 1.0
            self._arc_frac = np.zeros(self._feeders)
            self._turn = turn


@inlined
def _overlap(start: float, width: float, other: float, other_width: float) -> float:
    """Length that two intervals have in common."""
    return max(min(start + width, other + other_width) - max(start, other), 0.0)


@kernel
def lay_arcs(
    by_feeder: np.ndarray,
    feeder: np.ndarray,
    asked_kw: np.ndarray,
    circle_kw: np.ndarray,
    from_kw: np.ndarray,
    dark_kw: np.ndarray,
    unserved_kw: np.ndarray,
) -> None:
    """What each home (households,) loses of its load when an arc of its feeder's circle is dark [kW].

    *by_feeder* lists the homes feeder after feeder. Arrays (feeders,): length of the circle, where the arc
    begins, and its length; beyond the end of the circle the arc goes on at its beginning.
    """
    last_dark = dark_kw.size - 1
    while last_dark >= 0 and dark_kw[last_dark] <= 0.0:
        last_dark -= 1
    end_kw, first_kw, last = 0.0, 0.0, -1
    for i in range(by_feeder.size):
        row = by_feeder[i]
        here, asked = feeder[row], asked_kw[row]
        if here > last_dark:
            break
        end_kw += asked
        if here != last:
            first_kw, last = end_kw - asked, here
        if dark_kw[here] > 0.0:
            start_kw = end_kw - asked - first_kw
            lost_kw = _overlap(start_kw, asked, from_kw[here], dark_kw[here])
            lost_kw += _overlap(start_kw, asked, from_kw[here] - circle_kw[here], dark_kw[here])
            unserved_kw[row] = min(lost_kw, asked)
