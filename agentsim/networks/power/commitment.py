"""Unit commitment by priority list, and the reserve that goes with it (pure functions)."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class CommitmentParameters:
    """Numbers of commitment and reserve."""

    z: float = parameter(
        2.33, "1", "standard deviations of the forecast error that are covered (mechanisms S2)", "M", 0.0, 4.0
    )
    lead_h: int = parameter(4, "h", "time from the order until a slow unit is on line", "A", 1, 12)
    block_h: int = parameter(4, "h", "hours between two decisions of commitment", "A", 1, 24)
    fast_credit_frac: float = parameter(
        0.5, "1", "share of fast units' capacity that is counted", "A", 0.0, 1.0
    )
    largest_unit_frac: float = parameter(
        0.5, "1", "share of the largest unit on line kept as reserve, besides z sigma", "A", 0.0, 1.0
    )


DEFAULTS = CommitmentParameters()


def commit(
    forecast_mw: np.ndarray,
    sigma_mw: float,
    capacity_mw: np.ndarray,
    slow: np.ndarray,
    on_h: np.ndarray,
    off_h: np.ndarray,
    min_up_h: np.ndarray,
    min_down_h: np.ndarray,
    order: np.ndarray,
    z: float = DEFAULTS.z,
    lead_h: int = DEFAULTS.lead_h,
    block_h: int = DEFAULTS.block_h,
    fast_credit_frac: float = DEFAULTS.fast_credit_frac,
    largest_unit_frac: float = DEFAULTS.largest_unit_frac,
) -> np.ndarray:
    """Units to be on line in the block that begins after the lead time, bool array (units,).

    Priority list (Wood, Wollenberg & Sheble 2013, chapter 4): slow units are taken in *order* until

        slow capacity + fast_credit x fast capacity >= peak ahead + z sigma + largest_frac x largest unit.

    A unit that is off looks ahead to the end of the block. One that is on also looks beyond it for as long as
    it would have to stay off, so that it is not stopped before a peak for which it could not start again. A
    unit whose minimum up time has not passed stays on; one whose minimum down time has not passed when the
    block begins cannot start. Fast units are always True: they start within the hour.

    Parameters
    ----------
    forecast_mw : array (24,), load that thermal units must meet, this hour first
    sigma_mw : standard deviation that the forecaster states
    capacity_mw : array (units,), 0 for a unit out of order
    slow : bool (units,)
    on_h, off_h : arrays (units,), hours since the unit was switched on (0 if it is off), and off
    min_up_h, min_down_h : arrays (units,)
    order : array (units,), unit indices, cheapest at full load first; see :func:`priority`
    z, lead_h, block_h, fast_credit_frac, largest_unit_frac : as in :class:`CommitmentParameters`

    >>> on = commit(np.full(24, 150.0), 0.0, np.array([100.0, 100.0, 100.0, 20.0]),
    ...     slow=np.array([True, True, True, False]), on_h=np.zeros(4), off_h=np.full(4, 99.0),
    ...     min_up_h=np.full(4, 8.0), min_down_h=np.full(4, 4.0), order=np.array([1, 0, 2, 3]),
    ...     largest_unit_frac=0.0)
    >>> on.tolist()
    [True, True, False, True]
    """
    on_line, picked, peak_mw = (
        np.empty(len(slow), dtype=bool),
        np.empty(len(slow)),
        np.empty(len(forecast_mw)),
    )
    take_units(
        forecast_mw,
        z * sigma_mw,
        largest_unit_frac,
        fast_credit_frac,
        capacity_mw,
        slow,
        on_h,
        off_h,
        min_up_h,
        min_down_h,
        order,
        lead_h,
        block_h,
        peak_mw,
        picked,
        on_line,
    )
    return on_line


@kernel
def take_units(
    forecast_mw: np.ndarray,
    error_mw: float,
    largest_unit_frac: float,
    fast_credit_frac: float,
    capacity_mw: np.ndarray,
    slow: np.ndarray,
    on_h: np.ndarray,
    off_h: np.ndarray,
    min_up_h: np.ndarray,
    min_down_h: np.ndarray,
    order: np.ndarray,
    lead_h: int,
    block_h: int,
    peak_mw: np.ndarray,
    picked: np.ndarray,
    on_line: np.ndarray,
) -> None:
    """The units of :func:`commit`, into *on_line*, bool (units,).

    *error_mw* is how far the load may exceed its forecast; *peak_mw* (24,) and *picked* (units,) are work
    space.
    """
    highest_mw = forecast_mw[0]
    for h in range(forecast_mw.size):
        highest_mw = peak_mw[h] = max(highest_mw, forecast_mw[h])
    units, fast, held, largest_mw = slow.size, 0, 0, 0.0
    for u in range(units):
        largest_mw = max(largest_mw, capacity_mw[u])
    margin_mw = error_mw + largest_unit_frac * largest_mw
    for u in range(units):
        if not slow[u]:
            picked[fast] = capacity_mw[u]
            fast += 1
    credit_mw = fast_credit_frac * (pairwise_sum(picked, 0, fast) if fast else 0.0)
    for u in range(units):
        runs_on = slow[u] and capacity_mw[u] > 0.0 and on_h[u] > 0.0 and on_h[u] + lead_h < min_up_h[u]
        on_line[u] = not slow[u] or runs_on
        if runs_on:
            picked[held] = capacity_mw[u]
            held += 1
    held_mw = pairwise_sum(picked, 0, held) if held else 0.0
    taken_mw = 0.0
    for rank in range(order.size):
        u = order[rank]
        on = on_h[u] > 0.0
        if on_line[u] or not capacity_mw[u] > 0.0 or not (on or off_h[u] + lead_h >= min_down_h[u]):
            continue
        ahead_h = int(lead_h + block_h + (min_down_h[u] if on else 0.0))
        taken_mw += capacity_mw[u]
        need_mw = peak_mw[min(ahead_h, peak_mw.size) - 1] + margin_mw - credit_mw
        on_line[u] = held_mw + taken_mw - capacity_mw[u] < need_mw


def priority(unit_cost: np.ndarray, unit_max_mw: np.ndarray) -> np.ndarray:
    """Units in the order of their average cost at full load (c2 p + c1 + c0 / p), array (units,).

    >>> priority(np.array([[0.0, 30.0, 0.0], [0.0, 10.0, 100.0]]), np.array([10.0, 10.0])).tolist()
    [1, 0]
    """
    full = np.maximum(unit_max_mw, 1e-9)
    average = unit_cost[:, 0] * full + unit_cost[:, 1] + unit_cost[:, 2] / full
    return np.argsort(average, kind="stable")


def reserve_requirement_mw(
    z: float, sigma_mw: float, largest_unit_mw: float, largest_unit_frac: float = DEFAULTS.largest_unit_frac
) -> float:
    """Reserve R = z sigma + 0.5 x the largest unit on line [MW].

    With z sigma alone a better forecast would shed more, because reserve also covers outages.

    >>> reserve_requirement_mw(2.0, 3.0, 20.0)
    16.0
    """
    return z * sigma_mw + largest_unit_frac * largest_unit_mw
