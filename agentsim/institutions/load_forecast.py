"""Forecasts of the load that the grid must serve, each made from what is published (mechanisms S2).

A method says what it expects of the next 24 hours. The forecaster asks it every hour, compares what was said
with what is published afterwards, and so knows how much it errs, hour by hour ahead. That estimate sizes the
reserve. How good a method is follows from the weather and from what people do; it is stated nowhere.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agentsim.core.calendar import SATURDAY, Calendar
from agentsim.core.numerics.kernel import kernel
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK
from agentsim.institutions.load_record import LoadRecord

AHEAD_H = 24
LEADS = np.arange(AHEAD_H)


@dataclass(frozen=True)
class ForecastParameters:
    """How forecasters work."""

    history_weeks: int = parameter(
        8, "weeks", "published load before the first hour, and what a regression learns from", "A", 2, 26
    )
    error_memory_days: float = parameter(
        14.0, "d", "a forecaster's estimate of its own error forgets to 1/e", "A", 1, 365
    )
    level_memory: float = parameter(
        0.96, "1", "of the level by which the perfect forecast follows what is published", "A", 0, 0.999
    )


class Method(ABC):
    """A way to forecast the city's load from the record."""

    @abstractmethod
    def ahead_mw(self, hour: int) -> np.ndarray:
        """Load of *hour* and those after it, as known at its beginning, array (24,) [MW]."""

    @abstractmethod
    def first_error_frac(self) -> np.ndarray:
        """Error to begin with, tried on the record, by hours ahead: root mean square, array (24,)."""

    def learn(self, hour: int) -> None:  # noqa: B027  (most methods look the record up when they are asked)
        """Take in what was published of *hour*."""


class PerfectForecast(Method):
    """Knows weather and behaviour beforehand (mechanism ``forecast`` off).

    What calendar and weather do not explain, such as prices, is corrected by the published level.

    Parameters
    ----------
    expected_mw : the load of so many hours from a first one on, array (hours, districts) [MW]
    """

    def __init__(
        self, record: LoadRecord, expected_mw: Callable[[int, int], np.ndarray], level_memory: float
    ) -> None:
        self._record, self._expected_mw, self._memory = record, expected_mw, level_memory
        self._first_hour, self._known_mw = record.end_hour, np.zeros(0)
        self._level = 1.0

    def ahead_mw(self, hour: int) -> np.ndarray:
        return self._level * self._load_mw(hour, AHEAD_H)

    def first_error_frac(self) -> np.ndarray:
        return np.zeros(AHEAD_H)

    def learn(self, hour: int) -> None:
        seen = self._record.city_mw_in(hour) / max(float(self._load_mw(hour, 1)[0]), 1e-9)
        self._level = self._memory * self._level + (1.0 - self._memory) * seen

    def _load_mw(self, hour: int, hours: int) -> np.ndarray:
        row = hour - self._first_hour
        while row + hours > len(self._known_mw):
            more_mw = self._expected_mw(self._first_hour + len(self._known_mw), HOURS_PER_WEEK)
            self._known_mw = np.append(self._known_mw, more_mw.sum(axis=1))
        return self._known_mw[row : row + hours]


class SimilarDay(Method):
    """Each hour will be as the same hour of the last similar day.

    From Tuesday to Friday that is the day before, on Monday the last Friday, on Saturday and Sunday the same
    day a week before. The usual method of a utility without statistics of its own.
    """

    def __init__(self, record: LoadRecord, calendar: Calendar) -> None:
        self._record = record
        self._back_h = days_back(np.arange(HOURS_PER_WEEK), calendar) * HOURS_PER_DAY  # by hour of the week

    def ahead_mw(self, hour: int) -> np.ndarray:
        return self._record.city_mw_before(hour, self._back_h, AHEAD_H)

    def _like(self, hours: np.ndarray) -> np.ndarray:
        """Published load of the last similar day's hours, array (hours,)."""
        return self._record.city_mw(hours - self._back_h[hours % HOURS_PER_WEEK])

    def first_error_frac(self) -> np.ndarray:
        record = self._record
        hours = np.arange(record.first_hour + HOURS_PER_WEEK, record.end_hour)
        return np.full(AHEAD_H, root_mean_square(self._like(hours), record.city_mw(hours)))


def days_back(hours: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Days from each hour back to the last similar day, array (hours,).

    >>> from datetime import date
    >>> days_back(np.arange(7) * 24, Calendar(date(2030, 8, 5))).tolist()  # a Monday
    [3, 1, 1, 1, 1, 7, 7]
    """
    weekday = np.array([calendar.weekday(hour) for hour in hours.tolist()])
    return np.where(weekday >= SATURDAY, 7, np.where(weekday == 0, 3, 1))


def root_mean_square(foreseen_mw: np.ndarray, published_mw: np.ndarray) -> float:
    """Root mean square error as a share of what was foreseen."""
    return float(np.sqrt(np.mean((published_mw / np.maximum(foreseen_mw, 1e-9) - 1.0) ** 2)))


class Forecaster:
    """Forecasts the load every hour by a method, and learns how much it errs.

    Its mean square error is a running mean, ``m <- m + (e^2 - m) / memory``, for each number of hours ahead.

    Parameters
    ----------
    errs : False: the forecaster knows that it is never wrong
    """

    def __init__(
        self, method: Method, record: LoadRecord, parameters: ForecastParameters, errs: bool = True
    ) -> None:
        self.method, self.record, self.errs = method, record, errs
        self._keeps = float(np.exp(-1.0 / (parameters.error_memory_days * HOURS_PER_DAY)))
        self._square = method.first_error_frac() ** 2
        self._said_mw = np.full((AHEAD_H, AHEAD_H), np.nan)  # by hour of issue modulo 24, and hours ahead

    def ahead_mw(self, hour: int) -> np.ndarray:
        """Forecast of the city's load, *hour* first, array (24,) [MW]."""
        said_mw = self.method.ahead_mw(hour)
        self._said_mw[hour % AHEAD_H] = said_mw
        return said_mw

    def sigma_mw(self, hour: int) -> np.ndarray:
        """Its own idea of the error of the forecast made this hour, by hours ahead, array (24,) [MW]."""
        return np.sqrt(self._square) * np.abs(self._said_mw[hour % AHEAD_H])

    def said_of_mw(self, hour: int) -> np.ndarray:
        """What was said of *hour* in it, an hour before, and so on, array (24,); nan before the first."""
        return self._said_mw[(hour - LEADS) % AHEAD_H, LEADS]

    def learn(self, hour: int, stated_mw: np.ndarray) -> np.ndarray:
        """Publish the load of *hour*, array (districts,), and learn from it; what was said of it."""
        self.record.publish(stated_mw)
        learns = 1.0 - self._keeps if self.errs else 0.0
        said_mw = np.empty(AHEAD_H)
        learn_errors(self._said_mw, hour, self.record.city_mw_in(hour), learns, self._square, said_mw)
        self.method.learn(hour)
        return said_mw


@kernel
def learn_errors(
    said_mw: np.ndarray,
    hour: int,
    published_mw: float,
    learns: float,
    square: np.ndarray,
    of_hour_mw: np.ndarray,
) -> None:
    """Let a mean *square* error (leads,) follow that of what was said of *hour*, nan where nothing was.

    *said_mw* (leads, leads) is by hour of issue and hours ahead; what was said of *hour* is written into
    *of_hour_mw* (leads,). Where it *learns* nothing the error stays as it is.
    """
    leads = square.size
    for lead in range(leads):
        said = of_hour_mw[lead] = said_mw[(hour - lead) % leads, lead]
        if learns > 0.0 and not np.isnan(said):
            error = published_mw / max(said, 1e-9) - 1.0
            square[lead] += learns * (error * error - square[lead])
