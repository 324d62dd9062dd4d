"""A load forecast that a regression learns from the published record, anew every night (mechanisms S2).

It sees the calendar, the weather forecast, the weather and the published load of the last similar day, the
load of a week before and the mean load of the last 24 hours, nothing else. Whatever falsifies the record
falsifies what it learns, and what it has learnt of ordinary weeks is wrong when people's lives change.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agentsim.core.calendar import SATURDAY, Calendar
from agentsim.core.numerics.kernel import kernel
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK
from agentsim.institutions.load_forecast import AHEAD_H, LEADS, Method, days_back
from agentsim.institutions.load_record import LoadRecord
from agentsim.institutions.ridge import fit

WindRows = Callable[[int, int], np.ndarray]
WeatherRows = Callable[[int, int], tuple[np.ndarray, np.ndarray]]
_CLOCKS = np.eye(2 * HOURS_PER_DAY)  # of a working day, and of a weekend
_ANGLE = 2.0 * np.pi * np.arange(HOURS_PER_DAY) / HOURS_PER_DAY
_COSINE, _SINE = np.cos(_ANGLE), np.sin(_ANGLE)  # by hour of the day
_FORESEEN = slice(len(_CLOCKS) + 1, len(_CLOCKS) + 6)  # inputs of the weather as it is foreseen


@dataclass(frozen=True)
class LearnedForecastParameters:
    """How the regression is made."""

    ridge_frac: float = parameter(
        0.1, "1", "penalty on the coefficients over the number of hours", "A", 1e-9, 10
    )
    cooling_from_degc: float = parameter(22.0, "degC", "cooling degrees count from here, Japan", "M", 10, 30)
    heating_from_degc: float = parameter(14.0, "degC", "heating degrees count below this, Japan", "M", 5, 25)
    test_weeks: int = parameter(
        2, "weeks", "end of the record on which the first estimate of the error is made", "A", 1, 8
    )


class LearnedForecast(Method):
    """Ridge regression of the load on calendar, weather and load before.

    What it missed in the last hour fades by a factor r an hour, the correlation of its errors from one hour
    to the next in the weeks that it learnt from.

    Parameters
    ----------
    seen, foreseen : temperature and sun of so many hours from a first one on: as they came, and as they are
        foreseen at the beginning of the first of them
    wind : output of turbines as it came and as it is foreseen, in the same way; None: the city has none
    history_h : hours of the record that are learnt from; a week of the record comes before
    one_for_all : one regression for all districts instead of one for each
    """

    def __init__(
        self,
        record: LoadRecord,
        calendar: Calendar,
        *,
        seen: WeatherRows,
        foreseen: WeatherRows,
        wind: tuple[WindRows, WindRows] | None = None,
        history_h: int,
        one_for_all: bool = False,
        parameters: LearnedForecastParameters | None = None,
    ) -> None:
        self.parameters = parameters or LearnedForecastParameters()
        self._record, self._calendar, self._seen, self._foreseen = record, calendar, seen, foreseen
        self._history_h, self._one_for_all, self._wind = history_h, one_for_all, wind
        self._back_h = days_back(np.arange(HOURS_PER_WEEK), calendar) * HOURS_PER_DAY  # by hour of the week
        self._known: dict[int, np.ndarray] = {}  # of inputs what is not foreseen, by the day's first hour
        self._days: dict[int, np.ndarray] = {}  # inputs of each day that is learnt from, by its first hour
        self._missed_mw = 0.0  # in the last hour
        first, end = record.first_hour + HOURS_PER_WEEK, record.end_hour
        self._first_error_frac = self._try_out(first, end)
        self._learn_from(first, end)

    def first_error_frac(self) -> np.ndarray:
        return self._first_error_frac

    def _try_out(self, first: int, end: int) -> np.ndarray:
        """Learns from all but the last weeks, and tries itself on these: root mean square errors (24,)."""
        begin = end - min(self.parameters.test_weeks * HOURS_PER_WEEK, (end - first) // 2)
        self._learn_from(first, begin)
        base_mw, missed_mw = self._tried_on(begin, end)
        squares = [
            np.mean(((missed_mw[k:] - self._fades**k * missed_mw[:-k]) / base_mw[k:]) ** 2)
            for k in (LEADS + 1).tolist()
        ]
        return np.sqrt(np.array(squares))

    def ahead_mw(self, hour: int) -> np.ndarray:
        if hour % HOURS_PER_DAY == 0:
            self._learn_from(hour - self._history_h, hour)
        hours = hour + LEADS
        lags_mw = self._lags_mw(hours, np.full(AHEAD_H, hour))
        self._base_mw = self._base(self._inputs(hour, AHEAD_H), lags_mw)
        return self._base_mw + self._missed_mw * self._fades ** (LEADS + 1)

    def learn(self, hour: int) -> None:
        self._missed_mw = self._record.city_mw_in(hour) - float(self._base_mw[0])

    # ---- the regression -----------------------------------------------------------------------------

    def _learn_from(self, first_hour: int, end_hour: int) -> None:
        """Fit to the whole days between two hours, and forget the days before."""
        first_hour += -first_hour % HOURS_PER_DAY
        hours = np.arange(first_hour, end_hour - end_hour % HOURS_PER_DAY)
        inputs = np.concatenate([self._day(hour) for hour in hours[::HOURS_PER_DAY].tolist()])
        midnight, load_mw, p = hours - hours % HOURS_PER_DAY, self._record.at(hours), self.parameters
        lags_mw = self._lags_mw(hours, midnight)
        self._fit = fit(inputs, lags_mw, load_mw, p.ridge_frac, self._one_for_all)
        missed_mw = load_mw.sum(axis=1) - self._fit.fitted_mw.sum(axis=1)
        self._fades = max(float(missed_mw[1:] @ missed_mw[:-1] / max(missed_mw @ missed_mw, 1e-12)), 0.0)
        self._days = {hour: day for hour, day in self._days.items() if hour >= first_hour}
        self._known = {hour: day for hour, day in self._known.items() if hour >= end_hour - HOURS_PER_DAY}

    def _tried_on(self, begin: int, end: int) -> tuple[np.ndarray, np.ndarray]:
        """Fitted load of the city in these hours, and what was missed, arrays (hours,) [MW]."""
        days = np.arange(begin - begin % HOURS_PER_DAY, end - end % HOURS_PER_DAY, HOURS_PER_DAY)
        hours = np.arange(days[0], days[-1] + HOURS_PER_DAY)
        inputs = np.concatenate([self._day(hour) for hour in days.tolist()])
        base_mw = self._base(inputs, self._lags_mw(hours, hours - hours % HOURS_PER_DAY))
        return base_mw, self._record.city_mw(hours) - base_mw

    def _base(self, inputs: np.ndarray, lags_mw: np.ndarray) -> np.ndarray:
        """Load of the city by the regression alone, array (hours,) [MW]."""
        return self._fit.load_of_mw(inputs, lags_mw).sum(axis=1)

    def _lags_mw(self, hours: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Published load of the last similar day and of a week before, and the means of the last 24 hours and
        of those before the similar day, array (hours, 4, districts).

        *known* (hours,) is the hour in which the forecast is made.
        """
        return self._record.lags_mw(hours, known, self._back_h[hours % HOURS_PER_WEEK])

    # ---- its inputs ---------------------------------------------------------------------------------

    def _day(self, first_hour: int) -> np.ndarray:
        """Inputs of a day as they were known at its beginning, array (24, inputs)."""
        if first_hour not in self._days:
            self._days[first_hour] = self._inputs(first_hour, HOURS_PER_DAY)
        return self._days[first_hour]

    def _inputs(self, first_hour: int, hours: int) -> np.ndarray:
        """Calendar and weather of so many hours, as known at the beginning of the first, (hours, inputs)."""
        day, clock = first_hour - first_hour % HOURS_PER_DAY, np.arange(first_hour, first_hour + hours)
        days = [self._known_of(one) for one in range(day, first_hour + hours, HOURS_PER_DAY)]
        inputs = np.concatenate(days)[first_hour - day : first_hour - day + hours]
        self._fill_weather(*self._foreseen(first_hour, hours), clock % HOURS_PER_DAY, inputs[:, _FORESEEN])
        if self._wind is not None:
            inputs[:, -2] = self._wind[1](first_hour, hours)
        return inputs

    def _known_of(self, day: int) -> np.ndarray:
        """Inputs of the day that begins at hour *day*, (24, inputs): calendar and the weather of the last
        similar day; what is foreseen is missing.
        """
        if day not in self._known:
            when = np.arange(day, day + HOURS_PER_DAY)
            weekday, clock = self._calendar.weekday(day), when - day
            row = HOURS_PER_WEEK + clock - self._back_h[when % HOURS_PER_WEEK]
            temperature, sun = self._seen(day - HOURS_PER_WEEK, HOURS_PER_WEEK)
            seen = np.empty((HOURS_PER_DAY, _FORESEEN.stop - _FORESEEN.start))
            self._fill_weather(temperature[row], sun[row], clock, seen)
            columns = [
                _CLOCKS[clock + HOURS_PER_DAY * (weekday >= SATURDAY)],
                np.full(HOURS_PER_DAY, weekday > SATURDAY),
                np.zeros(seen.shape),
                seen,
            ]
            if self._wind is not None:  # output of turbines, foreseen and on the last similar day
                wind = self._wind[0](day - HOURS_PER_WEEK, HOURS_PER_WEEK)
                columns += [np.zeros(HOURS_PER_DAY), wind[row]]
            self._known[day] = np.column_stack(columns)
        return self._known[day]

    def _fill_weather(
        self, temperature: np.ndarray, sun: np.ndarray, clock: np.ndarray, columns: np.ndarray
    ) -> None:
        """Write what matters of the weather at these hours of the day into *columns* (hours, 5)."""
        p = self.parameters
        cooling_from, heating_from = float(p.cooling_from_degc), float(p.heating_from_degc)
        fill_weather(temperature, sun, clock, cooling_from, heating_from, _COSINE, _SINE, columns)


@kernel
def fill_weather(
    temperature: np.ndarray,
    sun: np.ndarray,
    clock: np.ndarray,
    cooling_from: float,
    heating_from: float,
    cosine: np.ndarray,
    sine: np.ndarray,
    columns: np.ndarray,
) -> None:
    """Cooling degrees, cooling by the time of day (two), heating degrees and sun, into (hours, 5)."""
    for hour in range(temperature.size):
        cooling = max(temperature[hour] - cooling_from, 0.0)
        columns[hour, 0] = cooling
        columns[hour, 1] = cooling * cosine[clock[hour]]
        columns[hour, 2] = cooling * sine[clock[hour]]
        columns[hour, 3] = max(heating_from - temperature[hour], 0.0)
        columns[hour, 4] = sun[hour]
