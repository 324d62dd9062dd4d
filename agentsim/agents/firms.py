"""Firms and public services of each district: use of power and water, and output.

Output of a sector = value added x (1 - loss) x attendance. The loss interpolates between three
measured cases: no power m_P, no water m_W, and neither m_PW (mechanisms S16):

    loss = m_P u_P (1 - u_W) + m_W u_W (1 - u_P) + m_PW u_P u_W
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.calendar import SATURDAY, SUNDAY, Calendar
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.shares import share
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.cases import RESIDENTIAL, SECTORS, Place


@dataclass(frozen=True)
class FirmsParameters:
    """Dependence on power and water by sector, in the order of ``SECTORS``, and hours of work."""

    loss_without_power: tuple[float, ...] = parameter(
        (0.95, 0.79, 0.68, 0.80, 0.75, 0.60), "1", "InfraRisk table [C]; construction [A]", "C", 0, 1
    )
    loss_without_water: tuple[float, ...] = parameter(
        (0.45, 0.42, 0.48, 0.50, 0.16, 0.30), "1", "InfraRisk table [C]; construction [A]", "C", 0, 1
    )
    loss_without_both: tuple[float, ...] = parameter(
        (0.97, 0.80, 0.81, 0.85, 0.81, 0.75), "1", "InfraRisk table [C]; construction [A]", "C", 0, 1
    )
    water_shape: tuple[float, ...] = parameter(
        (0.55, 0.55, 0.55, 0.55, 0.60, 0.70, 0.90, 1.15, 1.40, 1.50, 1.50, 1.45)
        + (1.35, 1.45, 1.50, 1.45, 1.35, 1.20, 1.00, 0.85, 0.70, 0.65, 0.55, 0.55),
        "1",
        "water use of bulk users by hour, share of the mean",
        "A",
        0,
        5,
    )
    load_factor: float = parameter(
        1.0, "1", "electric load of firms over that of the place; above 1 in years of growth", "A", 0.1, 5
    )
    sundays_from_hour: int = parameter(
        -1, "h", "from this hour on firms' load is a Sunday's every day, as in a curfew; -1: never", "A", -1
    )
    work_first_hour: int = parameter(9, "h", "a working day begins", "A", 0, 23)
    work_last_hour: int = parameter(18, "h", "a working day ends", "A", 1, 24)


class Firms:
    """Users of power and water other than households."""

    def __init__(self, place: Place, parameters: FirmsParameters | None = None) -> None:
        self.parameters = p = parameters or FirmsParameters()
        feeders = place.feeders
        self._peak_mw = np.where(feeders.tier == RESIDENTIAL, 0.0, p.load_factor * feeders.peak_mw)
        self._load_shape = place.load_shape
        water = place.water
        shape = np.array(p.water_shape) / np.mean(p.water_shape)
        bulk = water.junction_demand_m3_per_h * water.junction_bulk_frac
        self._water_m3_per_h = shape[:, None] * bulk
        # a copy, because numba loads a kernel once more for arrays that must not be written into
        self._value_jpy_per_h = np.array(place.districts.value_added_jpy_per_h, dtype=float, order="C")
        self._loss_no_power = np.array(p.loss_without_power, dtype=float)
        self._loss_no_water = np.array(p.loss_without_water, dtype=float)
        self._loss_neither = np.array(p.loss_without_both, dtype=float)
        # output since the start, arrays (districts, sectors)
        self.usual_total_jpy = np.zeros(np.shape(self._value_jpy_per_h))
        self.lost_jpy = np.zeros(np.shape(self._value_jpy_per_h))

    def power_mw(self, hour: int, calendar: Calendar) -> np.ndarray:
        """Load asked on each feeder, array (feeders,) [MW], by week, weekday and hour of the day."""
        sundays = 0 <= self.parameters.sundays_from_hour <= hour
        weekday = SUNDAY if sundays else calendar.weekday(hour)
        level = self._load_shape[calendar.week(hour), weekday, hour % HOURS_PER_DAY]
        return self._peak_mw * level

    def water_m3_per_h(self, hour: int) -> np.ndarray:
        """Water asked by bulk users at each junction, array (junctions,) [m3/h]."""
        return self._water_m3_per_h[hour % HOURS_PER_DAY]

    def at_work(self, hour: int, weekday: int) -> bool:
        """True on weekdays within working hours."""
        p = self.parameters
        return weekday < SATURDAY and p.work_first_hour <= hour % HOURS_PER_DAY < p.work_last_hour

    def output_frac(self, power_unserved: np.ndarray, water_unserved: np.ndarray) -> np.ndarray:
        """Share of each sector's output that power and water allow, array (districts, sectors)."""
        left = np.empty((len(power_unserved), len(self._loss_neither)))
        leave_output(
            self._loss_no_power,
            self._loss_no_water,
            self._loss_neither,
            power_unserved,
            water_unserved,
            left,
        )
        return left

    def produce(
        self, power_unserved: np.ndarray, water_unserved: np.ndarray, attendance: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Output of the hour in each district, and that of an ordinary hour, arrays (districts,) [JPY].

        Arguments are arrays (districts,): shares of power and water not served, and of staff at work. Adds
        the hour to ``usual_total_jpy`` and ``lost_jpy``.
        """
        made_jpy, usual_jpy = np.empty((2, len(attendance)))
        made = self.output_frac(power_unserved, water_unserved)
        add_output(
            self._value_jpy_per_h,
            attendance,
            made,
            self.usual_total_jpy,
            self.lost_jpy,
            made_jpy,
            usual_jpy,
        )
        return made_jpy, usual_jpy

    def lost_frac_by_sector(self) -> dict[str, float]:
        """Output lost since the start over ordinary output, by sector; 0 where there is none."""
        usual, lost = self.usual_total_jpy.sum(axis=0), self.lost_jpy.sum(axis=0)
        return dict(zip(SECTORS, share(lost, usual).tolist(), strict=True))


@kernel
def leave_output(
    loss_no_power: np.ndarray,
    loss_no_water: np.ndarray,
    loss_neither: np.ndarray,
    dark: np.ndarray,
    dry: np.ndarray,
    left: np.ndarray,
) -> None:
    """Share of the output of each sector that is *left* (districts, sectors) where it is *dark* and *dry*.

    The losses are (sectors,), the shares of power and water that are not served (districts,).
    """
    districts, sectors = left.shape
    for d in range(districts):
        for s in range(sectors):
            alone = loss_no_power[s] * dark[d] * (1.0 - dry[d]) + loss_no_water[s] * dry[d] * (1.0 - dark[d])
            left[d, s] = 1.0 - alone - loss_neither[s] * dark[d] * dry[d]


@kernel
def add_output(
    usual_jpy: np.ndarray,
    attendance: np.ndarray,
    made: np.ndarray,
    usual_total_jpy: np.ndarray,
    lost_jpy: np.ndarray,
    made_by_district_jpy: np.ndarray,
    usual_by_district_jpy: np.ndarray,
) -> None:
    """Add an hour to what is *usual* and *lost* in all, (districts, sectors), and sum it by district [JPY].

    *made*, (districts, sectors), is the share of the usual output that power and water allow, and afterwards
    what is made with the share *attendance* (districts,) of the staff.
    """
    districts, sectors = made.shape
    for d in range(districts):
        for s in range(sectors):
            made[d, s] = usual_jpy[d, s] * made[d, s] * attendance[d]
            usual_total_jpy[d, s] += usual_jpy[d, s]
            lost_jpy[d, s] += usual_jpy[d, s] - made[d, s]
        made_by_district_jpy[d] = pairwise_sum(made[d], 0, sectors)
        usual_by_district_jpy[d] = pairwise_sum(usual_jpy[d], 0, sectors)
