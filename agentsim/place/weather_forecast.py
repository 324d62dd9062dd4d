"""Weather forecasts: what a weather service says of the coming hours, and errs in.

A forecast is issued every few hours. Its error is a random walk over the hours ahead, so that it lasts from
hour to hour and its variance grows in proportion to the time ahead; issues err independently.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR

LONGEST_H = 48  # hours ahead that an issue reaches
Rows = Callable[[int, int], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class WeatherForecastParameters:
    """How far forecasts of the weather err."""

    temperature_sd_degc: float = parameter(
        1.5, "degC", "error a day ahead; services state 1.5 to 2 K (root mean square)", "M", 0, 10
    )
    sun_sd_frac: float = parameter(
        0.2,
        "1",
        "error a day ahead, share of clear-sky irradiance; about 10 % of capacity (mechanisms S2)",
        "M",
        0,
        1,
    )
    wind_sd_frac: float = parameter(
        0.12,
        "1",
        "error a day ahead, share of rated output of turbines; 10 to 15 % (root mean square) in practice",
        "M",
        0,
        10,
    )
    issued_every_h: int = parameter(6, "h", "between two issues of the weather service", "M", 1, 24)


class WeatherForecasts:
    """Temperature, sun and wind as they are foreseen.

    Parameters
    ----------
    rows : temperature [degC] and sun [1] as they come, of so many hours from a first one on
    clear_sun_frac : sun of a clear sky, of an array of hours [1]
    wind_frac : output of turbines over their rated output as it comes, of so many hours from a first one on;
        None: nobody asks for it
    """

    def __init__(
        self,
        rows: Rows,
        clear_sun_frac: Callable[[np.ndarray], np.ndarray],
        streams: Streams,
        parameters: WeatherForecastParameters | None = None,
        wind_frac: Callable[[int, int], np.ndarray] | None = None,
    ) -> None:
        self._rows, self._clear, self._streams, self._wind_frac = rows, clear_sun_frac, streams, wind_frac
        self.parameters = parameters or WeatherForecastParameters()
        self._issue: tuple[int, tuple[np.ndarray, np.ndarray]] | None = None  # the last one asked for
        self._wind_issue: tuple[int, np.ndarray] | None = None

    def ahead(self, hour: int, hours: int = HOURS_PER_DAY) -> tuple[np.ndarray, np.ndarray]:
        """Temperature [degC] and sun [1] of *hour* and after, arrays (hours,), by the last issue."""
        every = self.parameters.issued_every_h
        issued = hour // every * every
        if self._issue is None or self._issue[0] != issued:
            self._issue = issued, self._issued(issued)
        temperature, sun = self._issue[1]
        begin = hour - issued
        return temperature[begin : begin + hours], sun[begin : begin + hours]

    def wind_ahead(self, hour: int, hours: int = HOURS_PER_DAY) -> np.ndarray:
        """Output of turbines over their rated output from *hour* on, array (hours,), by the last issue."""
        every = self.parameters.issued_every_h
        issued = hour // every * every
        if self._wind_issue is None or self._wind_issue[0] != issued:
            self._wind_issue = issued, self._wind_issued(issued)
        begin = hour - issued
        return self._wind_issue[1][begin : begin + hours]

    def _wind_issued(self, hour: int) -> np.ndarray:
        """The issue of *hour*, array (48,): a walk as that of temperature, on a stream of its own."""
        assert self._wind_frac is not None
        steps = self._streams.normal("wind_forecast", hour + HOURS_PER_YEAR, LONGEST_H)
        walk = steps.cumsum() / HOURS_PER_DAY**0.5
        return np.clip(self._wind_frac(hour, LONGEST_H) + self.parameters.wind_sd_frac * walk, 0.0, 1.0)

    def _issued(self, hour: int) -> tuple[np.ndarray, np.ndarray]:
        """The issue of *hour*, arrays (48,)."""
        p, hours = self.parameters, np.arange(hour, hour + LONGEST_H)
        steps = self._streams.normal("weather_forecast", hour + HOURS_PER_YEAR, 2 * LONGEST_H)
        walk = steps.reshape(LONGEST_H, 2).cumsum(axis=0) / HOURS_PER_DAY**0.5
        temperature, sun = self._rows(hour, LONGEST_H)
        clear = self._clear(hours)
        foreseen_sun = np.clip(sun + p.sun_sd_frac * walk[:, 1] * clear, 0.0, np.maximum(clear, sun))
        return temperature + p.temperature_sd_degc * walk[:, 0], foreseen_sun
