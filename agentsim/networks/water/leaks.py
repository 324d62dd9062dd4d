"""Leaks: background leakage of service pipes, and bursts of mains until they are repaired."""

import numpy as np


class Leaks:
    """Emitters of a network, q = C p^N1 (FAVAD; Lambert 2001): background plus bursts.

    Shut inlet valves of a district reduce its background leakage by the same share, because most of it is
    lost behind them on service pipes; a burst is on a main and goes on.

    Parameters
    ----------
    background : coefficients C [m3/h at 1 m], array (junctions,)
    burst : coefficient of one reported burst
    """

    def __init__(self, background: np.ndarray, burst: float) -> None:
        self.background = background
        self.burst = burst
        self.reset()

    def reset(self) -> None:
        self.added = np.zeros_like(self.background)  # leaks given by the caller
        self.bursts = np.zeros_like(self.background)  # number open at each junction
        self.burst_size = self.bursts  # their flow, in reported bursts
        self._in_force: tuple[np.ndarray, ...] | None = None

    def scale(self, factor: float) -> None:
        """Multiply background leakage by *factor* everywhere."""
        self.background = self.background * factor
        self._in_force = None

    def update(
        self,
        new: np.ndarray | None,
        mended: np.ndarray | None,
        new_size: np.ndarray | None = None,
        mended_size: np.ndarray | None = None,
    ) -> None:
        """Mains that burst and mains that were repaired, arrays (junctions,).

        Sizes are flows over that of one reported burst; None: all bursts are alike.
        """
        if new is not None and np.count_nonzero(new):
            self.bursts = self.bursts + new
            self.burst_size = self.burst_size + (new if new_size is None else new_size)
        if mended is not None and np.count_nonzero(mended):
            self.bursts = np.maximum(self.bursts - mended, 0.0)
            left = np.maximum(self.burst_size - (mended if mended_size is None else mended_size), 0.0)
            self.burst_size = np.where(self.bursts > 0, left, 0.0)

    @property
    def bursts(self) -> np.ndarray:
        """Number of bursts open at each junction, array (junctions,); replaced, never written into."""
        return self._bursts

    @bursts.setter
    def bursts(self, bursts: np.ndarray) -> None:
        self._bursts, self.open_bursts = bursts, int(bursts.sum())

    def new_coefficients(self, cut_off_frac: np.ndarray) -> np.ndarray | None:
        """Coefficients to be set now, or None if they are in force already.

        *cut_off_frac* is the share cut at the inlet valve of each junction's district, (junctions,); like
        the other arrays it is kept here and must not be written into.
        """
        wish = (cut_off_frac, self.burst_size, self.added)
        if self._in_force is not None and all(map(_same, wish, self._in_force)):
            return None
        self._in_force = wish
        return self.background * (1.0 - cut_off_frac) + self.burst_size * self.burst + self.added


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return one is other or one.tobytes() == other.tobytes()
