"""The calendar of a run: weekdays and hours of the year, counted from the scenario's first day."""

from datetime import date

from agentsim.core.units import HOURS_PER_DAY


class Calendar:
    """Hour 0 is midnight at the start of the first day.

    >>> calendar = Calendar(date(2030, 8, 5))  # a Monday
    >>> calendar.weekday(0), calendar.weekday(5 * 24), calendar.hour_of_year(1)
    (0, 5, 5185)
    """

    def __init__(self, start: date) -> None:
        self._first_hour_of_year = (start - start.replace(month=1, day=1)).days * HOURS_PER_DAY
        self._first_weekday = start.weekday()

    def weekday(self, hour: int) -> int:
        """0 Monday to 6 Sunday."""
        return (self._first_weekday + hour // HOURS_PER_DAY) % 7

    def hour_of_year(self, hour: int) -> int:
        """Hours since the start of the first day's year."""
        return self._first_hour_of_year + hour
