"""The calendar of a run: weekends, leap days and the turn of the year, for every start date."""

from datetime import date, timedelta

import pytest

from agentsim.core.calendar import SATURDAY, WEEKS, Calendar, days_into_year

FIRST, LAST = date(2024, 1, 1), date(2036, 12, 31)
STARTS = [FIRST + timedelta(days=days) for days in range((LAST - FIRST).days + 1)]
HOURS = 24 * 42


def test_weekends_are_saturday_and_sunday_for_every_start() -> None:
    for start in STARTS:
        calendar = Calendar(start)
        for hour in range(0, HOURS, 24):
            expected = (start + timedelta(days=hour // 24)).isoweekday() in (6, 7)
            assert (calendar.weekday(hour) >= SATURDAY) == expected
            assert calendar.weekday(hour + 23) == calendar.weekday(hour)


def test_every_week_has_seven_days_but_the_last() -> None:
    for year in range(2024, 2037):
        calendar = Calendar(date(year, 1, 1))
        days = (date(year + 1, 1, 1) - date(year, 1, 1)).days
        weeks = [calendar.week(24 * day) for day in range(days)]
        assert weeks == sorted(weeks)
        # 29 February lengthens its own week, so that dates keep their weeks
        longer = {8} if days == 366 else set()
        sizes = {week: weeks.count(week) for week in range(WEEKS)}
        assert all(sizes[week] == 7 + (week in longer) for week in range(WEEKS - 1))
        assert sizes[WEEKS - 1] == 8


@pytest.mark.parametrize("year", range(2024, 2037))
def test_a_year_begins_anew_at_new_year_at_midnight(year: int) -> None:
    calendar = Calendar(date(year - 1, 12, 31))
    assert calendar.date(23) == date(year - 1, 12, 31)
    assert calendar.date(24) == date(year, 1, 1)
    assert (calendar.week(23), calendar.week(24)) == (WEEKS - 1, 0)
    # asked for in any order
    assert (calendar.week(24), calendar.week(23)) == (0, WEEKS - 1)


def test_the_same_date_is_the_same_day_of_every_year() -> None:
    for day in (date(2025, 1, 1), date(2025, 2, 28), date(2025, 3, 1), date(2025, 8, 5), date(2025, 12, 31)):
        assert {days_into_year(day.replace(year=year)) for year in range(2024, 2037)} == {days_into_year(day)}
    assert days_into_year(date(2028, 2, 29)) == days_into_year(date(2028, 2, 28))
    assert max(days_into_year(start) for start in STARTS) == 364
