"""The calendar of a run: weekdays, weeks and days of the year, counted from the scenario's first day.

Load, work, trips and weather take their dates from here, so that a weekend is a weekend for all of them.
"""

from datetime import date, timedelta

from agentsim.core.units import HOURS_PER_DAY

WEEKS = 52  # of a year, the last one longer
SATURDAY, SUNDAY = 5, 6
_BEFORE_LEAP_DAY = 59  # days of January and February in an ordinary year


def days_into_year(day: date) -> int:
    """Days since 1 January, 0 to 364; 29 February repeats the 28th, so that every year has the same normals.

    >>> [days_into_year(date(2028, month, 29)) for month in (2, 12)]
    [58, 362]
    """
    days = day.timetuple().tm_yday - 1
    leap = date(day.year, 12, 31).timetuple().tm_yday == 366
    return days - 1 if leap and days >= _BEFORE_LEAP_DAY else days


class Calendar:
    """Hour 0 is midnight at the start of the first day.

    >>> calendar = Calendar(date(2030, 12, 30))  # a Monday
    >>> calendar.weekday(0), calendar.weekday(5 * 24), calendar.week(24), calendar.week(48)
    (0, 5, 51, 0)
    """

    def __init__(self, start: date) -> None:
        self._start, self._first_weekday = start, start.weekday()
        self._day, self._week = 0, self._week_of(0)  # the day asked for last

    def date(self, hour: int) -> date:
        """The date on which *hour* lies."""
        return self._start + timedelta(days=hour // HOURS_PER_DAY)

    def weekday(self, hour: int) -> int:
        """0 Monday to 6 Sunday."""
        return (self._first_weekday + hour // HOURS_PER_DAY) % 7

    def week(self, hour: int) -> int:
        """Week of the year, 0 to 51, each of seven days from 1 January; the last one has eight or nine."""
        day = hour // HOURS_PER_DAY
        if day != self._day:
            self._day, self._week = day, self._week_of(day)
        return self._week

    def _week_of(self, day: int) -> int:
        return min(days_into_year(self.date(day * HOURS_PER_DAY)) // 7, WEEKS - 1)
