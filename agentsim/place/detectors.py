"""Detectors that count traffic for adaptive signals: which of them are out of order, hour by hour."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR
from agentsim.place.failures import two_state_chain


@dataclass(frozen=True)
class DetectorsParameters:
    """How often detectors of traffic fail, and for how long."""

    failures_per_y: float = parameter(
        1.0,
        "1/y",
        "of the detectors of an approach: 4 % are out of order at any time; of California's loops a third "
        "[M] (Rajagopal & Varaiya 2007)",
        "A",
        0,
        100,
    )
    repair_days: float = parameter(14.0, "d", "until somebody mends it", "A", 0.05, 3650)


class Detectors:
    """Detectors of the approaches of adaptive junctions, the same under every attacker.

    Each is a two-state process (:func:`~agentsim.place.failures.two_state_chain`). Draws belong to the link.

    Parameters
    ----------
    equipped : bool (links,), approaches of adaptive junctions
    """

    def __init__(self, equipped: np.ndarray, streams: Streams, parameters: DetectorsParameters) -> None:
        self._equipped, self._streams = equipped, streams
        mttf_h = np.full(len(equipped), HOURS_PER_YEAR / parameters.failures_per_y)
        mttr_h = np.full(len(equipped), HOURS_PER_DAY * parameters.repair_days)
        self._fails, self._mended = two_state_chain(mttf_h, mttr_h)
        self._at_first = self._fails / (self._fails + self._mended)
        self._hours: list[np.ndarray] = []

    def out(self, hour: int) -> np.ndarray:
        """Detectors out of order in *hour* [h since the start], bool (links,)."""
        while hour >= len(self._hours):
            now = len(self._hours)
            draw = self._streams.uniform("detectors", now, len(self._equipped))
            if now == 0:
                state = draw < self._at_first
            else:
                state = np.where(self._hours[-1], draw >= self._mended, draw < self._fails)
            self._hours.append(state & self._equipped)
            self._hours[-1].setflags(write=False)
        return self._hours[hour]
