"""What a city's people do alike: a lasting, common part of demand that nobody knows beforehand.

Homes differ by chance, and in a city of thousands their differences cancel. What they do together does not:
an event that everybody watches, a week in which many are away. It is drawn once for each seed, so that it is
the same under every policy.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_YEAR

_CHUNK_H = 1024


@dataclass(frozen=True)
class BehaviourParameters:
    """How far demand departs from what calendar and weather explain, all homes and firms together."""

    load_sd_frac: float = parameter(
        0.0, "1", "common part of the load; day-ahead errors of systems are 1 to 3 %", "A", 0, 0.3
    )
    water_sd_frac: float = parameter(0.0, "1", "common part of the demand for water", "A", 0, 0.3)
    memory_h: float = parameter(24.0, "h", "time in which a departure fades to 1/e", "A", 0.1, 1000)


class Behaviour:
    """The common part of demand, hour by hour.

    ``exp(s x - s^2 / 2)`` with mean 1, where x is a standard normal AR(1) series,
    ``x_t = r x_{t-1} + sqrt(1 - r^2) e_t`` with r = exp(-1 h / memory), and s the stated standard deviation.
    The series begins a year before hour 0, so that it does not depend on how far back anybody looks.

    >>> quiet = Behaviour(Streams(1), BehaviourParameters())
    >>> quiet.load_frac(5), quiet.water_frac(-100)
    (1.0, 1.0)
    """

    def __init__(self, streams: Streams, parameters: BehaviourParameters, live: bool = True) -> None:
        self._streams = streams
        self._load_sd = parameters.load_sd_frac if live else 0.0
        self._water_sd = parameters.water_sd_frac if live else 0.0
        self._remains = float(np.exp(-1.0 / parameters.memory_h))
        self._series: list[float] = []

    def load_frac(self, hour: int) -> float:
        """Load of this hour over what calendar and weather explain; *hour* may lie up to a year before 0."""
        return self._frac(hour, self._load_sd)

    def water_frac(self, hour: int) -> float:
        """The same of the demand for water."""
        return self._frac(hour, self._water_sd)

    def load_fracs(self, first_hour: int, hours: int) -> np.ndarray:
        """:meth:`load_frac` of so many hours, array (hours,)."""
        if not self._load_sd:
            return np.ones(hours)
        return np.array([self.load_frac(hour) for hour in range(first_hour, first_hour + hours)])

    def _frac(self, hour: int, sd: float) -> float:
        if not sd:
            return 1.0
        row = hour + HOURS_PER_YEAR
        while row >= len(self._series):
            self._extend()
        return float(np.exp(sd * self._series[row] - 0.5 * sd * sd))

    def _extend(self) -> None:
        shock = self._streams.normal("behaviour", len(self._series), _CHUNK_H)
        fresh = (1.0 - self._remains**2) ** 0.5
        last = self._series[-1] if self._series else float(shock[0])
        for value in shock.tolist():
            last = self._remains * last + fresh * value
            self._series.append(last)
