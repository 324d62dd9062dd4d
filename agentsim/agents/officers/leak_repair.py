"""Leak repair: bursts of water mains wait for a crew, who travels there and mends them."""

from collections.abc import Callable

import numpy as np


class LeakRepair:
    """Bursts that wait for a crew, and those that are being mended.

    A burst runs for awareness + location + travel + repair [h].

    Parameters
    ----------
    found_after_h : hours until a burst is known and found
    crews : how many there are
    """

    def __init__(self, found_after_h: float, crews: int) -> None:
        self._found_after_h, self._crews = found_after_h, crews
        self.waiting: list[tuple[float, int]] = []  # (hour from which a crew may start, junction)
        self.under_repair: list[tuple[float, int]] = []  # (hour at which it is mended, junction)

    @property
    def idle(self) -> bool:
        """Whether no burst waits or is being mended."""
        return not (self.waiting or self.under_repair)

    def mended(
        self, hour: int, new_bursts: np.ndarray, travel_h: Callable[[int], float], repair_h: float
    ) -> np.ndarray:
        """Bursts that are mended this hour, array (junctions,).

        Parameters
        ----------
        new_bursts : mains that burst near each junction this hour, array (junctions,)
        travel_h : hours a crew travels to a junction, inf where no road leads there
        repair_h : hours of work on a burst that begins now
        """
        for junction in np.repeat(np.arange(len(new_bursts)), new_bursts.astype(int)):
            self.waiting.append((hour + self._found_after_h, int(junction)))
        mended = np.zeros(len(new_bursts))
        for done in [job for job in self.under_repair if job[0] <= hour]:
            self.under_repair.remove(done)
            mended[done[1]] += 1
        for job in [job for job in self.waiting if job[0] <= hour]:
            if len(self.under_repair) >= self._crews:
                break
            way_h = travel_h(job[1])
            if np.isfinite(way_h):
                self.waiting.remove(job)
                self.under_repair.append((hour + way_h + repair_h, job[1]))
        return mended
