"""Deprivation of unmet needs: gaps, clocks and a convex cost.

For each need *r* the gap is ``g = 1 - min(1, served / need)``. A clock tau advances with the unmet
share of an hour and falls back with the met share. One hour adds the weighted deprivation-hours

    kappa_r g (exp(b_r tau) - 1)

so that the first hours count little and later hours more, until the clock reaches its cap (convex
deprivation cost, Holguin-Veras et al. 2013, J. Oper. Management 31; the form [V], the rates [A]).
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.parameters import parameter

NEEDS = ("power", "water", "food", "mobility")
POWER, WATER, FOOD_NEED, MOBILITY = range(4)


@dataclass(frozen=True)
class DeprivationParameters:
    """Weights and rates of the clocks; tuples hold power, water, food and mobility."""

    weight: tuple[float, ...] = parameter(
        (1.0, 1.0, 1.0, 0.5), "1", "relative weight kappa of an hour without the need", "A", 0, 100
    )
    growth_per_h: tuple[float, ...] = parameter(
        (1 / 48, 1 / 24, 1 / 72, 1 / 72), "1/h", "mechanisms S15", "A", 1e-6, 1
    )
    clock_cap_h: float = parameter(48.0, "h", "cost of an hour rises no further after two days", "A", 1, 1000)
    relief_frac_per_h: float = parameter(
        0.25,
        "1",
        "share of the clock that an hour takes away when the need is met, less with a gap",
        "A",
        0,
        1,
    )


def gap_frac(served: np.ndarray, need: np.ndarray | float) -> np.ndarray:
    """Share of a need that is not met, ``1 - min(1, served / need)``, array as given.

    >>> gap_frac(np.array([0.0, 1.0, 9.0]), np.array([2.0, 2.0, 2.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    gap = 1.0 - served / (max(need, 1e-12) if isinstance(need, float) else np.maximum(need, 1e-12))
    # rounding in the networks' balances must not start a clock; without a need there is no gap
    return np.where((gap > 1e-6) & (need > 0.0), gap, 0.0)


def run_clock(
    clock_h: np.ndarray,
    gap: np.ndarray,
    cap_h: float,
    relief_frac_per_h: float,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """The clock after one hour [h]: ``tau' = min(tau (1 - r (1 - g)) + g, cap)``, r the relief.

    The unmet share g of the hour advances it, the met share relieves it: with nothing served it runs with the
    hours, with everything it falls by r, and there is no step between.

    >>> run_clock(np.full(3, 8.0), np.array([0.0, 0.5, 1.0]), cap_h=48.0, relief_frac_per_h=0.25).tolist()
    [6.0, 7.5, 9.0]
    """
    after_h = np.empty(len(clock_h)) if out is None else out
    run_clocks(clock_h, gap, float(cap_h), float(relief_frac_per_h), after_h)
    return after_h


@kernel
def run_clocks(
    clock_h: np.ndarray, gap: np.ndarray, cap_h: float, relief_frac_per_h: float, after_h: np.ndarray
) -> None:
    """:func:`run_clock` row by row, into *after_h* (rows,)."""
    for row in range(clock_h.size):
        moved_h = clock_h[row] * (1.0 - relief_frac_per_h * (1.0 - gap[row])) + gap[row]
        after_h[row] = min(moved_h, cap_h)


def deprivation_h(gap: np.ndarray, clock_h: np.ndarray, weight: float, growth_per_h: float) -> np.ndarray:
    """Weighted deprivation-hours a person that one hour with this gap and clock adds.

    >>> deprivation_h(np.ones(2), np.array([1.0, 24.0]), weight=1.0, growth_per_h=1 / 24).round(3).tolist()
    [0.043, 1.718]
    """
    return weight * gap * np.expm1(growth_per_h * clock_h)
