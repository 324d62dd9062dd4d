"""Road safety: the crashes of each hour, drawn for the city's links, and the events that they make."""

import numpy as np

from agentsim.core.messages import CrashHour, EventLog, RoadService
from agentsim.core.streams import Streams
from agentsim.networks.roads.crashes import Crashes


class RoadSafety:
    """Draws the crashes of each hour; where they block roads, each is an event.

    Parameters
    ----------
    crashes : of the city; None: they are not counted (mechanism ``crashes``)
    districts : name of the district at the end of each link
    """

    def __init__(
        self, crashes: Crashes | None, streams: Streams, districts: tuple[str, ...], log: EventLog
    ) -> None:
        self._crashes, self._streams, self._districts, self._log = crashes, streams, districts, log

    def blocked_frac(self, hour: int) -> np.ndarray | None:
        """Share of each link's capacity that crashes take in *hour*, (links,); None: none."""
        return None if self._crashes is None else self._crashes.blocked_frac(hour)

    def of_hour(self, hour: int, roads: RoadService, automated_frac: float) -> CrashHour | None:
        """The crashes of *hour*; None where they are not counted. Draw i belongs to link i."""
        if self._crashes is None:
            return None
        draw = self._streams.uniform("crashes", hour, len(roads.flow_veh_per_h))
        found = self._crashes.happen(hour, roads, automated_frac, draw)
        if self._crashes.parameters.blocked_capacity_frac > 0.0:
            for link in found.happened.tolist():
                self._log.add(hour, "crash", self._districts[link], "crash_blocks_a_road")
        return found
