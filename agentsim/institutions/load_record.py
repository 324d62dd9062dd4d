"""The published load of each district, from which the load is forecast.

Published is what the districts ask of the grid: what their meters show, with load that was shed added back, as
utilities do, and without what somebody cut off by order. Whoever forges the figures of a district states them
as if nothing had been cut off; then those who forecast learn a load that is not there.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.messages import Permitted, PowerService
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_YEAR


@dataclass(frozen=True)
class LoadRecordParameters:
    """How exactly the load is published."""

    meter_noise_frac: float = parameter(
        0.01, "1", "standard deviation of a district's published load; class 1 meters", "A", 0, 0.2
    )


def grid_load_mw(
    power: PowerService, permitted: Permitted, district: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What districts ask of the grid, less homes' sun: in truth, and as stated; arrays (districts,) [MW].

    *district* (feeders,) is each feeder's. A district that runs by itself asks nothing.
    """
    count = len(permitted.islanded)
    true_mw = np.bincount(district, power.delivered_mw + power.shed_mw - power.solar_used_mw, count)
    if permitted.ordinary:
        return true_mw, true_mw
    forged = permitted.forged.get("power", np.zeros(count, dtype=bool))
    true_mw = true_mw * ~permitted.islanded
    return true_mw, true_mw + np.bincount(district, power.restricted_mw, count) * forged


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
        self._rows = np.empty((2 * max(len(past_mw), 1), past_mw.shape[1]))
        self.end_hour = first_hour  # the hour after the last one that is published
        for row in past_mw:
            self.publish(row)

    @property
    def districts(self) -> int:
        return self._rows.shape[1]

    def publish(self, stated_mw: np.ndarray) -> None:
        """Publish the next hour: *stated_mw* (districts,) with the meters' noise."""
        row = self.end_hour - self.first_hour
        if row == len(self._rows):
            self._rows = np.concatenate([self._rows, np.empty_like(self._rows)])
        noise = self._streams.normal("load_meter", self.end_hour + HOURS_PER_YEAR, self.districts)
        self._rows[row] = stated_mw * (1.0 + self._noise_frac * noise)
        self.end_hour += 1

    def at(self, hours: np.ndarray) -> np.ndarray:
        """Published load of these hours, array (hours, districts) [MW]."""
        return self._rows[hours - self.first_hour]
