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


class Hardship:
    """Deprivation as columns: ``clock_h`` (needs, households) and ``deprivation_h`` (households,).

    ``deprivation_h`` is in weighted hours a person; ``gap`` holds the unmet share of each need in the last
    hour, one array (households,) for each need.
    """

    def __init__(self, rows: int, parameters: DeprivationParameters) -> None:
        self.parameters = parameters
        self.clock_h = np.zeros((4, rows))
        self.deprivation_h = np.zeros(rows)
        self.worse_today = np.zeros(rows, dtype=bool)
        self.gap: tuple[np.ndarray, ...] = tuple(np.zeros((4, rows)))

    def add(self, gap: tuple[np.ndarray, ...]) -> np.ndarray:
        """Add one hour with these gaps, one array (households,) for each need.

        Returns the deprivation-hours a person that the hour added, array (households,).
        """
        d, self.gap = self.parameters, gap
        added_h = np.zeros(len(self.deprivation_h))
        for need in (POWER, WATER, FOOD_NEED, MOBILITY):
            if not gap[need].any() and not self.clock_h[need].any():
                continue
            self.clock_h[need] = run_clock(self.clock_h[need], gap[need], d.clock_cap_h, d.relief_frac_per_h)
            added_h += deprivation_h(gap[need], self.clock_h[need], d.weight[need], d.growth_per_h[need])
        self.deprivation_h += added_h
        self.worse_today |= added_h > 0
        return added_h
