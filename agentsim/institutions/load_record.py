"""The published load of each district, from which the load is forecast.

Published is what customers ask of the grid: what is served, with what was shed or cut off by switching added
back, as utilities clean outages out of their history. Whoever forges the figures of a district hides its cut:
there the load served is stated as all that was asked, and whoever forecasts from it expects too little.
"""

from copy import copy
from dataclasses import dataclass

import numpy as np

from agentsim.core.messages import Permitted, PowerService
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK, HOURS_PER_YEAR


@dataclass(frozen=True)
class LoadRecordParameters:
    """How exactly the load is published."""

    meter_noise_frac: float = parameter(
        0.01, "1", "standard deviation of a district's published load; class 1 meters", "A", 0, 0.2
    )


def grid_load_mw(
    power: PowerService, permitted: Permitted, district: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What customers ask of the grid, less homes' sun: in truth, and as stated; arrays (districts,) [MW].

    *district* (feeders,) is each feeder's.
    """
    count = len(permitted.islanded)
    true_mw = np.empty(count)
    add_up_grid_load(
        district, power.delivered_mw, power.shed_mw, power.restricted_mw, power.solar_used_mw, true_mw
    )
    forged = permitted.forged.get("power")
    if forged is None or permitted.ordinary:
        return true_mw, true_mw
    return true_mw, true_mw - np.bincount(district, power.restricted_mw, count) * forged


@kernel
def add_up_grid_load(
    district: np.ndarray,
    delivered_mw: np.ndarray,
    shed_mw: np.ndarray,
    restricted_mw: np.ndarray,
    solar_used_mw: np.ndarray,
    true_mw: np.ndarray,
) -> None:
    """Fill *true_mw* (districts,) with what customers of the feeders (feeders,) ask of the grid."""
    true_mw[:] = 0.0
    for f in range(district.size):
        unserved_mw = shed_mw[f] + restricted_mw[f]
        true_mw[district[f]] += delivered_mw[f] + unserved_mw - solar_used_mw[f]


class LoadRecord:
    """Published load of the weeks before the first hour and of the hours lived since.

    Parameters
    ----------
    first_hour : of the record
    past_mw : array (hours, districts), what was asked in truth before anybody lived
    """

    def __init__(
        self,
        first_hour: int,
        past_mw: np.ndarray,
        streams: Streams,
        parameters: LoadRecordParameters | None = None,
    ) -> None:
        self.first_hour, self._streams = first_hour, streams
        self._noise_frac = (parameters or LoadRecordParameters()).meter_noise_frac
        hours = 2 * max(len(past_mw), 1)
        self._rows = np.empty((hours, past_mw.shape[1]))
        self._city_mw = np.empty(hours)  # sum of each row
        self._so_far = np.zeros((hours + 1, past_mw.shape[1]))  # sums of all hours before each
        self._meters_frac = np.empty((0, past_mw.shape[1]))  # what meters show over what is there, of a day
        self.end_hour = first_hour  # the hour after the last one that is published
        for row in past_mw:
            self.publish(row)

    @property
    def districts(self) -> int:
        """How many districts publish."""
        return self._rows.shape[1]

    def publish(self, stated_mw: np.ndarray) -> None:
        """Publish the next hour: *stated_mw* (districts,) with the meters' noise."""
        row = self.end_hour - self.first_hour
        if row == len(self._rows):
            self._rows = np.pad(self._rows, ((0, row), (0, 0)))
            self._city_mw = np.pad(self._city_mw, (0, row))
            self._so_far = np.pad(self._so_far, ((0, row), (0, 0)))
        if row % HOURS_PER_DAY == 0:
            self._meters_frac = self._read_by_meters(self.end_hour)
        enter(stated_mw, self._meters_frac, row % HOURS_PER_DAY, row, self._rows, self._city_mw, self._so_far)
        self.end_hour += 1

    def _read_by_meters(self, hour: int) -> np.ndarray:
        """What meters show over what is there, of a day from *hour* on, array (24, districts)."""
        noise = [
            self._streams.normal("load_meter", one + HOURS_PER_YEAR, self.districts)
            for one in range(hour, hour + HOURS_PER_DAY)
        ]
        return 1.0 + self._noise_frac * np.array(noise)

    def again(self) -> "LoadRecord":
        """The same record for one more society, which goes on by itself."""
        other = copy(self)
        other._rows, other._so_far = self._rows.copy(), self._so_far.copy()
        other._city_mw = self._city_mw.copy()
        return other

    def at(self, hours: np.ndarray) -> np.ndarray:
        """Published load of these hours, array (hours, districts) [MW]."""
        return self._rows[hours - self.first_hour]

    def city_mw(self, hours: np.ndarray) -> np.ndarray:
        """Published load of the city in these hours, array (hours,) [MW]."""
        return self._city_mw.take(hours - self.first_hour)

    def city_mw_in(self, hour: int) -> float:
        """Published load of the city in one hour [MW]."""
        return self._city_mw.item(hour - self.first_hour)

    def city_mw_before(self, hour: int, back_h: np.ndarray, hours: int) -> np.ndarray:
        """Published load of the city before each of so many *hours* from *hour* on, array (hours,) [MW].

        *back_h* says how long before, by hour of the week, array (168,).
        """
        before_mw = np.empty(hours)
        look_back_at_city(self._city_mw, self.first_hour, hour, back_h, before_mw)
        return before_mw

    def lags_mw(self, hours: np.ndarray, known: np.ndarray, back_h: np.ndarray) -> np.ndarray:
        """Load so many hours before each of these hours and a week before, and the means of the 24 hours
        before *known* and before as many hours earlier, array (hours, 4, districts) [MW].

        *hours*, *known* and *back_h* are arrays (hours,).
        """
        lags_mw = np.empty((len(hours), 4, self.districts))
        first = self.first_hour
        look_back(self._rows, self._so_far, hours - first, known - first, back_h, lags_mw)
        return lags_mw


@kernel
def enter(
    stated_mw: np.ndarray,
    meters_frac: np.ndarray,
    hour: int,
    row: int,
    rows_mw: np.ndarray,
    city_mw: np.ndarray,
    so_far_mwh: np.ndarray,
) -> None:
    """Enter *stated_mw* (districts,), as meters show it in the row *hour* of *meters_frac*, in *row* of a
    record: its rows, their sums, and the sums before each of them.
    """
    for district in range(stated_mw.size):
        shown_mw = stated_mw[district] * meters_frac[hour, district]
        rows_mw[row, district] = shown_mw
        so_far_mwh[row + 1, district] = so_far_mwh[row, district] + shown_mw
    city_mw[row] = pairwise_sum(rows_mw[row], 0, stated_mw.size)


@kernel
def look_back_at_city(
    city_mw: np.ndarray, first_hour: int, hour: int, back_h: np.ndarray, before_mw: np.ndarray
) -> None:
    """Fill *before_mw* (hours,), from *hour* on, from *city_mw*, a record from *first_hour* on."""
    for i in range(before_mw.size):
        before_mw[i] = city_mw[hour + i - back_h[(hour + i) % HOURS_PER_WEEK] - first_hour]


@kernel
def look_back(
    rows_mw: np.ndarray,
    so_far_mwh: np.ndarray,
    row: np.ndarray,
    known: np.ndarray,
    back: np.ndarray,
    lags_mw: np.ndarray,
) -> None:
    """Fill *lags_mw* (hours, 4, districts) from a record's rows and the sums before each of them; *row*,
    *known* and *back* (hours,) say which rows.
    """
    for hour in range(row.size):
        here, issued, similar = row[hour], known[hour], known[hour] - back[hour]
        for district in range(rows_mw.shape[1]):
            day_mwh = so_far_mwh[issued, district] - so_far_mwh[issued - HOURS_PER_DAY, district]
            similar_mwh = so_far_mwh[similar, district] - so_far_mwh[similar - HOURS_PER_DAY, district]
            lags_mw[hour, 0, district] = rows_mw[here - back[hour], district]
            lags_mw[hour, 1, district] = rows_mw[here - HOURS_PER_WEEK, district]
            lags_mw[hour, 2, district] = day_mwh / HOURS_PER_DAY
            lags_mw[hour, 3, district] = similar_mwh / HOURS_PER_DAY
