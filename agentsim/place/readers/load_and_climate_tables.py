"""Reads the tables of load by week, day and hour, and of monthly climate normals."""

import numpy as np

from agentsim.core.calendar import SATURDAY, WEEKS
from agentsim.core.errors import UnbuildablePlace
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.csv_columns import column, read_table
from agentsim.place.spec import Spec

NORMALS = ("mean_temperature_degc", "precipitation_mm", "sunshine_h")


def yearly_shape(
    weekly: np.ndarray,
    daily: np.ndarray,
    hourly: np.ndarray,
    p: PlaceParameters,
) -> np.ndarray:
    """Load by week of the year, weekday from Monday and hour as a share of its peak, array (52, 7, 24).

    Week x day x hour as in RTS Task Force (1979): the week's peak as a share of the year's, the day's as a
    share of the week's, the hour's as a share of the day's. The weeks are rotated by ``peak_week_shift`` so
    that the year's peak falls where the place has it; hours follow the season. Which dates are weekends is
    the calendar's affair, not the place's.

    Parameters
    ----------
    weekly : (52,) weeks from January
    daily : (7,) from Monday
    hourly : (24, 6) winter, summer, spring and autumn; a weekday and a weekend column each
    """
    season = np.full(WEEKS, 2)
    season[_weeks(p.winter_weeks)] = 0
    season[_weeks(p.summer_weeks)] = 1
    of_day = np.roll(weekly, -p.peak_week_shift)[:, None] * daily
    weekend = np.arange(7) >= SATURDAY
    of_hour = hourly.T[2 * season[:, None] + weekend]  # (52, 7, 24)
    load = of_day[:, :, None] * of_hour
    return load / load.max()


def _weeks(span: tuple[int, int]) -> np.ndarray:
    """Indices of the weeks from the first to the last of *span*, counted from 1, across the new year too."""
    first, last = span
    return (np.arange((last - first) % WEEKS + 1) + first - 1) % WEEKS


def read_load_shape(spec: Spec) -> np.ndarray:
    """The place's yearly load shape (:func:`yearly_shape`) from its three tables."""
    weekly = read_table(spec.file("weekly"))
    daily = read_table(spec.file("daily"), ("day",))
    hourly = read_table(spec.file("hourly"))
    seasons = [f"{s}_{d}" for s in ("winter", "summer", "spring_autumn") for d in ("weekday", "weekend")]
    table = np.column_stack([column(hourly, spec.file("hourly"), name) for name in seasons])
    shapes = {
        "weekly": (52, len(weekly["week"])),
        "daily": (7, len(daily["day"])),
        "hourly": (24, len(table)),
    }
    for role, (wanted, found) in shapes.items():
        if wanted != found:
            raise UnbuildablePlace(spec.file(role), f"{found} rows", f"give {wanted}")
    return yearly_shape(
        column(weekly, spec.file("weekly"), "percent_of_annual_peak"),
        column(daily, spec.file("daily"), "percent_of_weekly_peak"),
        table,
        spec.parameters,
    )


def read_normals(spec: Spec) -> dict[str, np.ndarray]:
    """Monthly normals, arrays (12,): mean temperature [degC], precipitation [mm], sunshine [h]."""
    table = read_table(spec.file("normals"))
    normals = {name: column(table, spec.file("normals"), name) for name in NORMALS}
    if len(normals[NORMALS[0]]) != 12:
        raise UnbuildablePlace(spec.file("normals"), "not twelve rows", "give one row for each month")
    return normals
