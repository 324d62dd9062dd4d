"""Load that waits: homes use less while power is dear or the utility asks for it, and most of it returns.

A home with an interval meter answers a price that differs by the hour; a home with controllable devices
(heat pump, water heater, charger) answers it more strongly, and also waits when the utility calls. What
waited comes back within some hours, most of it at once if devices start together: a synchronised response
makes a new peak (mechanisms S5).
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY


@dataclass(frozen=True)
class LoadShiftingParameters:
    """When power is dear, how strongly load answers, and when it returns."""

    peak_first_hour: int = parameter(17, "h", "the dear hours begin at this hour of the day", "A", 0, 23)
    peak_hours: int = parameter(5, "h", "and are so many: homes peak from 19 to 22", "A", 1, 23)
    response_base: float = parameter(
        -0.011, "1", "change of peak load, arc over 163 treatments (Faruqui & Sergici 2013)", "M", -1, 0
    )
    response_log: float = parameter(
        -0.065, "1", "and more for each logarithm of the price ratio, as above", "M", -1, 0
    )
    response_devices: float = parameter(
        -0.046, "1", "and more again with devices that react by themselves, as above", "M", -1, 0
    )
    call_frac: float = parameter(
        0.3, "1", "share of its load that a home with controllable devices holds back on call", "A", 0, 1
    )
    returned_frac: float = parameter(0.7, "1", "of the energy held back, that returns (S5)", "A", 0, 1.5)
    return_h: int = parameter(6, "h", "within which it returns (S5)", "A", 1, 24)
    return_first_frac: float = parameter(
        0.35, "1", "of what returns, in the first hour: devices start together; 1/6 were even", "A", 0, 1
    )

    def is_peak(self, clock: int) -> bool:
        """Whether an hour of the day is one of the dear ones.

        >>> [hour for hour in range(24) if LoadShiftingParameters().is_peak(hour)]
        [17, 18, 19, 20, 21]
        """
        return (clock - self.peak_first_hour) % HOURS_PER_DAY < self.peak_hours


def peak_reduction(ratio: float, devices: bool, p: LoadShiftingParameters) -> float:
    """Share of the load in dear hours that is held back at a price *ratio* of dear hours to others.

    -(a + b ln(ratio) + c ln(ratio) [devices]), and nothing where all hours have one price.

    >>> p = LoadShiftingParameters()
    >>> [round(peak_reduction(ratio, devices, p), 3) for ratio, devices in ((1, True), (2, False), (4, True))]
    [0.0, 0.056, 0.165]
    """
    if ratio <= 1.0:
        return 0.0
    change = p.response_base + (p.response_log + p.response_devices * devices) * np.log(ratio)
    return float(np.clip(-change, 0.0, 1.0))


class LoadShift:
    """How much of its load each home asks for in an hour, apart from its answer to the level of the price.

    Homes are of four groups, with or without an interval meter and controllable devices. What a group owes is
    kept in kW of a home of mean load.

    Parameters
    ----------
    draw : array (households,), whether a home has meter and devices: one draw, so that devices come with
        meters
    metered_frac, controllable_frac : share of homes with interval meters, and with controllable devices
    ratio : price in dear hours over that in others
    """

    def __init__(
        self,
        draw: np.ndarray,
        metered_frac: float,
        controllable_frac: float,
        ratio: float,
        parameters: LoadShiftingParameters | None = None,
    ) -> None:
        self.parameters = p = parameters or LoadShiftingParameters()
        self.metered = draw < metered_frac
        self.controllable = draw < controllable_frac
        self._group = (self.metered + 2 * self.controllable).astype(np.uint8)
        self._price_cut = np.array(
            [
                peak_reduction(ratio, devices, p) * metered
                for devices in (False, True)
                for metered in (0.0, 1.0)
            ]
        )
        self._call_cut = p.call_frac * np.array([0.0, 0.0, 1.0, 1.0])
        later = (1.0 - p.return_first_frac) / max(p.return_h - 1, 1)
        self._profile = np.full(p.return_h, later if p.return_h > 1 else 0.0)
        self._profile[0] = p.return_first_frac if p.return_h > 1 else 1.0
        self._waiting_kwh, self._due_kw = np.zeros(4), np.zeros((4, p.return_h))
        self._answered = np.empty(len(draw))

    def frac(self, clock: int, level_kw: float, called: bool = False) -> np.ndarray:
        """Share of its load that each home asks for, array (households,); above 1 when load returns.

        Parameters
        ----------
        clock : hour of the day
        level_kw : load of a mean home this hour
        called : the utility asks controllable devices to wait
        """
        return self._step(clock, level_kw, called)[self._group]

    def answered(self, answer: np.ndarray, clock: int, level_kw: float, called: bool) -> np.ndarray:
        """*answer* to the level of the price times :meth:`frac`, (households,), written anew each hour."""
        times_group(answer, self._group, self._step(clock, level_kw, called), self._answered)
        return self._answered

    def usual_frac(self, shape: np.ndarray) -> np.ndarray:
        """Mean share over homes by hour of the day without calls, array (24,), for a load of this *shape*."""
        usual = LoadShift.__new__(LoadShift)
        usual.__dict__.update(self.__dict__)
        usual._waiting_kwh, usual._due_kw = np.zeros_like(self._waiting_kwh), np.zeros_like(self._due_kw)
        homes = np.bincount(self._group, minlength=4) / len(self._group)
        days = [
            usual._step(hour % HOURS_PER_DAY, float(shape[hour % HOURS_PER_DAY]), False) for hour in range(48)
        ]
        return np.array(days[HOURS_PER_DAY:]) @ homes

    def _step(self, clock: int, level_kw: float, called: bool) -> np.ndarray:
        """The share of each group, array (4,); what is held back or returned is booked."""
        p, frac = self.parameters, np.empty(len(self._price_cut))
        step_groups(
            self._price_cut,
            self._call_cut,
            p.is_peak(clock),
            called,
            level_kw,
            float(p.returned_frac),
            self._profile,
            self._waiting_kwh,
            self._due_kw,
            frac,
        )
        return frac


@kernel
def step_groups(
    price_cut: np.ndarray,
    call_cut: np.ndarray,
    peak: bool,
    called: bool,
    level_kw: float,
    returned_frac: float,
    profile: np.ndarray,
    waiting_kwh: np.ndarray,
    due_kw: np.ndarray,
    frac: np.ndarray,
) -> None:
    """One hour of the groups: the share of their load that they ask for, into *frac* (groups,).

    While a group holds back, what was due (groups, hours) waits as well; afterwards it falls due anew, hour
    by hour as in *profile*.
    """
    last = profile.size - 1
    for group in range(frac.size):
        cut = min(price_cut[group] * peak + call_cut[group] * called, 1.0)
        holds = (price_cut[group] > 0.0 and peak) or (call_cut[group] > 0.0 and called)
        due = due_kw[group]
        if holds:
            waiting_kwh[group] += pairwise_sum(due, 0, due.size)
            due[:] = 0.0
        waiting_kwh[group] += cut * level_kw * returned_frac
        if not holds:
            for hour in range(due.size):
                due[hour] += waiting_kwh[group] * profile[hour]
            waiting_kwh[group] = 0.0
        returns_kw = due[0]
        for hour in range(last):
            due[hour] = due[hour + 1]
        due[last] = 0.0
        frac[group] = 1.0 - cut + returns_kw / max(level_kw, 1e-9)


@kernel
def times_group(column: np.ndarray, group: np.ndarray, factor: np.ndarray, product: np.ndarray) -> None:
    """Each row of *column* times the *factor* of its *group*, into *product*."""
    for row in range(column.size):
        product[row] = column[row] * factor[group[row]]
