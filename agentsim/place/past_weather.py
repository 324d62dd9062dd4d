"""Weather of the weeks before the first hour, which nobody lives through and a forecaster learns from."""

from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from agentsim.core.calendar import days_into_year
from agentsim.core.messages import Weather
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.weather import WeatherGenerator, WeatherParameters, clear_sky_frac, solar_elevation_sin

EARLIER_DAYS = 365  # as far back as anybody may look
KEPT_YEARS = 32  # of earlier weather that a process remembers, some 0.3 MB each


@lru_cache(KEPT_YEARS)
def _earlier_days(*_made_from: object) -> dict[int, np.ndarray]:
    """Days of one earlier year that were looked at: all societies of a process with its seed share them."""
    return {}


class PastWeather:
    """Weather of any hour from a year before the first one on.

    The days of the generator's warm-up are those from which the lived weather goes on. Earlier days come from
    a generator with a stream of its own, so that looking back changes nothing that is lived.

    Parameters
    ----------
    lived : the weather of the run
    normals, latitude_deg, streams, parameters, start : as of :class:`WeatherGenerator`
    """

    def __init__(
        self,
        lived: WeatherGenerator,
        normals: dict[str, np.ndarray],
        latitude_deg: float,
        streams: Streams,
        parameters: WeatherParameters,
        start: date,
    ) -> None:
        self._lived, self._latitude_deg, self._start = lived, latitude_deg, start
        self._days: dict[int, np.ndarray] = {}
        told = tuple((name, np.asarray(values).tobytes()) for name, values in sorted(normals.items()))
        self._before = _earlier_days(told, latitude_deg, streams.seed, parameters, start)
        self._earlier = WeatherGenerator(
            normals,
            latitude_deg,
            streams,
            replace(parameters, warm_up_days=0),
            start - timedelta(days=EARLIER_DAYS),
            stream="earlier_weather",
        )

    def at(self, hour: int) -> Weather:
        """The weather of *hour*, which may be negative."""
        made, first = self._made_by(hour // HOURS_PER_DAY)
        return made.at(hour - first)

    def rows(self, first_hour: int, hours: int) -> tuple[np.ndarray, np.ndarray]:
        """Temperature [degC] and sun [1] of so many hours, arrays (hours,)."""
        temperature, sun, _ = self._columns(first_hour, hours)
        return temperature, sun

    def wind_frac(self, first_hour: int, hours: int) -> np.ndarray:
        """Output of wind turbines over their rated output in so many hours, array (hours,) [1]."""
        return self._columns(first_hour, hours)[2]

    def _columns(self, first_hour: int, hours: int) -> np.ndarray:
        """Temperature, sun and wind of so many hours, array (3, hours)."""
        first_day, last_day = first_hour // HOURS_PER_DAY, (first_hour + hours - 1) // HOURS_PER_DAY
        days = np.concatenate([self._day(day) for day in range(first_day, last_day + 1)], axis=1)
        begin = first_hour - first_day * HOURS_PER_DAY
        return days[:, begin : begin + hours]

    def _day(self, day: int) -> np.ndarray:
        """Temperature, sun and wind of a day, array (3, 24)."""
        kept = self._before if day < -self._lived.parameters.warm_up_days else self._days
        if day not in kept:
            made, first = self._made_by(day)
            kept[day] = made.rows(day * HOURS_PER_DAY - first, HOURS_PER_DAY)[:, :3].T.copy()
            kept[day].flags.writeable = False
        return kept[day]

    def _made_by(self, day: int) -> tuple[WeatherGenerator, int]:
        """The generator of a day, and the hour in which its time begins."""
        if day >= -self._lived.parameters.warm_up_days:
            return self._lived, 0
        return self._earlier, -EARLIER_DAYS * HOURS_PER_DAY

    def clear_sun_frac(self, hours: np.ndarray) -> np.ndarray:
        """Sun of a clear sky, array (hours,) [1]."""
        days = hours // HOURS_PER_DAY
        first = int(days.min())
        dates = [self._start + timedelta(days=day) for day in range(first, int(days.max()) + 1)]
        year_day = np.array([days_into_year(one) for one in dates])[days - first] + 1
        height = solar_elevation_sin(self._latitude_deg, year_day, hours % HOURS_PER_DAY + 0.5)
        return clear_sky_frac(height)
