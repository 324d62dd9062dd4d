"""What can be known of the next day: the load forecast and its error (mechanisms S2).

The error is on the forecast, never on the load: ``e_t = rho e_{t-1} + eta_t`` with standard deviation
``sigma = sigma_0 (1 - skill)`` of the load. Expectation follows the published record: what was published
over the last day corrects the level, so that false publication fools whoever plans on it.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams

AHEAD_H = 24


@dataclass(frozen=True)
class ForecastParameters:
    """How well the load is foreseen."""

    sigma_frac: float = parameter(0.03, "1", "day-ahead load error without AI, mechanisms S2", "M", 0, 0.5)
    autocorrelation: float = parameter(0.8, "1", "hour to hour", "A", 0, 0.999)
    level_memory: float = parameter(0.96, "1", "weight of the past in the published level", "A", 0, 0.999)


class Forecast:
    """The forecaster: expectation, correction by the published record, and an error of known size.

    Parameters
    ----------
    expected_mw : array (hours + 24,), the load that calendar and weather make one expect
    skill : share of the error that better forecasting takes away, 0 to 1
    live : False: the forecast is exact
    """

    def __init__(
        self,
        expected_mw: np.ndarray,
        streams: Streams,
        skill: float = 0.0,
        parameters: ForecastParameters | None = None,
        live: bool = True,
    ) -> None:
        self.parameters = p = parameters or ForecastParameters()
        self.expected_mw = expected_mw
        self.sigma_frac = p.sigma_frac * (1.0 - skill) if live else 0.0
        error = self.sigma_frac * _persistent_normal(streams, len(expected_mw), p.autocorrelation)
        self._foreseen_mw = expected_mw * (1.0 + error)
        self.level = 1.0

    def load_mw(self, hour: int) -> np.ndarray:
        """Forecast of the city's load, this hour first, array (24,) [MW]."""
        return self._foreseen_mw[hour : hour + AHEAD_H] * self.level

    def sigma_mw(self, hour: int) -> float:
        """The forecaster's own idea of its error this hour [MW]."""
        return float(self.sigma_frac * self.expected_mw[hour])

    def learn(self, hour: int, published_mw: float) -> None:
        """Correct the level by what was published of this hour's load."""
        memory = self.parameters.level_memory
        seen = published_mw / max(self.expected_mw[hour], 1e-9)
        self.level = memory * self.level + (1.0 - memory) * seen


def _persistent_normal(streams: Streams, hours: int, autocorrelation: float) -> np.ndarray:
    """A standard normal AR(1) series, array (hours,): Box-Muller on uniform draws, two an hour."""
    draw = streams.uniform("forecast", 0, 2 * hours).reshape(hours, 2)
    shock = np.sqrt(-2.0 * np.log1p(-draw[:, 0])) * np.cos(2.0 * np.pi * draw[:, 1])
    fresh = np.sqrt(1.0 - autocorrelation**2)
    series = np.empty(hours)
    series[0] = shock[0]
    for t in range(1, hours):
        series[t] = autocorrelation * series[t - 1] + fresh * shock[t]
    return series
