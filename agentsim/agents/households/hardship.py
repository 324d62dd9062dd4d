"""Deprivation of households: the clock of each need and the deprivation-hours since the start."""

import numpy as np

from agentsim.agents.households.deprivation import (
    FOOD_NEED,
    MOBILITY,
    POWER,
    WATER,
    DeprivationParameters,
    deprivation_h,
    run_clock,
)
from agentsim.core.numerics.kernel import kernel


class Hardship:
    """Deprivation as columns: ``clock_h`` (needs, households) and ``deprivation_h`` (households,).

    ``deprivation_h`` is in weighted hours a person who lived there at first; ``gap`` holds the unmet share of
    each need in the last hour, one array (households,) for each need.
    """

    def __init__(self, rows: int, parameters: DeprivationParameters) -> None:
        self.parameters = parameters
        self.clock_h = np.zeros((4, rows))
        self.deprivation_h = np.zeros(rows)
        self.stayed_h = np.zeros(rows)  # the same of those who have not left
        self.worse_today = np.zeros(rows, dtype=bool)
        self.gap: tuple[np.ndarray, ...] = tuple(np.zeros((4, rows)))
        self._none_h, self._runs = np.zeros(rows), [False] * 4  # needs whose clock has been advanced
        self._short = np.zeros(rows, dtype=np.int64)  # work space: rows with a gap
        self.unmet: tuple[bool, ...] = (False, False, False, False)  # whether any home had a gap

    def count_on(self, left_frac: np.ndarray, stayed_h: np.ndarray) -> None:
        """Count the share of each home's people who have *left*, (households,), on with those who stayed.

        *stayed_h* is the mean of each home's district [weighted deprivation-hours a person]. Otherwise a city
        that people flee would seem to suffer less. In a district that everybody left nothing is counted.
        """
        self.deprivation_h += left_frac * stayed_h

    def add(self, gap: tuple[np.ndarray, ...], unmet: tuple[bool, ...], stay_frac: np.ndarray) -> np.ndarray:
        """Add one hour with these gaps, one array (households,) for each need.

        *unmet* tells of which needs any home has a gap; a share *stay_frac* (households,) of a home's people
        have not left. Returns the deprivation-hours that the hour added for them, array (households,).
        """
        d, self.gap, self.unmet = self.parameters, gap, unmet
        if not any(unmet) and not any(self._runs):
            return self._none_h
        added_h = np.zeros(len(self.deprivation_h)) if any(unmet) else self._none_h
        for need in (POWER, WATER, FOOD_NEED, MOBILITY):
            clock_h = self.clock_h[need]
            if unmet[need]:
                self._runs[need] = True
                run_clock(clock_h, gap[need], d.clock_cap_h, d.relief_frac_per_h, out=clock_h)
                short = self._short[: list_short(gap[need], self._short)]
                added_h[short] += deprivation_h(
                    gap[need][short], clock_h[short], d.weight[need], d.growth_per_h[need]
                )
            elif self._runs[need]:
                clock_h *= 1.0 - d.relief_frac_per_h
        if any(unmet):
            suffer(added_h, stay_frac, self.stayed_h, self.deprivation_h, self.worse_today)
        return added_h


@kernel
def list_short(gap: np.ndarray, short: np.ndarray) -> int:
    """The rows with a *gap* (households,), listed in *short*; returns how many there are."""
    listed = 0
    for row in range(gap.size):
        short[listed] = row  # stays only if there is one
        listed += gap[row] != 0.0
    return listed


@kernel
def suffer(
    added_h: np.ndarray,
    stay_frac: np.ndarray,
    stayed_h: np.ndarray,
    deprivation_h: np.ndarray,
    worse_today: np.ndarray,
) -> None:
    """Add an hour's deprivation-hours to what each home has suffered, arrays (households,)."""
    for row in range(added_h.size):
        stayed_h[row] += added_h[row]
        deprivation_h[row] += added_h[row] * stay_frac[row]
        worse_today[row] |= added_h[row] > 0.0
