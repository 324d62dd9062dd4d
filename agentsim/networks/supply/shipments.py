"""Goods in transit from terminals to depots."""

import numpy as np


class Shipments:
    """What has left the terminals and has not arrived, in tonnes.

    A shipment is due after the lead days of its terminal. If no road is open that day, or the depot is full,
    it waits.

    Parameters
    ----------
    lead_days : (terminals,) int
    daily_t : (terminals, depots) what left on each of the days before the first
    """

    def __init__(self, lead_days: np.ndarray, daily_t: np.ndarray) -> None:
        self._lead_days = lead_days
        days = np.arange(int(lead_days.max(initial=0)) + 1)
        # row (today + n) of the ring holds what is due in n days
        self._due_t = (days[:, None] < lead_days)[:, :, None] * daily_t
        self._waiting_t = np.zeros_like(daily_t)
        self._today = 0
        self._count()

    def _count(self) -> None:
        self.to_depot_t = self._due_t.sum(axis=(0, 1)) + self._waiting_t.sum(axis=0)  # (depots,)
        self.total_t = float(self.to_depot_t.sum())

    def move(self, sent_t: np.ndarray, is_open: np.ndarray, room_t: np.ndarray) -> np.ndarray:
        """Arrivals of one day, (depots,) [t]; *sent_t* (terminals, depots) leaves.

        Parameters
        ----------
        is_open : bool (terminals, depots), whether a road leads there today
        room_t : (depots,) what the depots can still store
        """
        before_t, days = self.total_t, len(self._due_t)
        self._due_t[(self._today + self._lead_days) % days, np.arange(len(sent_t))] += sent_t
        due_t = self._due_t[self._today] + self._waiting_t
        arriving_t = np.where(is_open, due_t, 0.0)
        arriving_t *= np.minimum(1.0, room_t / np.maximum(arriving_t.sum(axis=0), 1e-300))
        self._waiting_t = due_t - arriving_t
        self._due_t[self._today] = 0.0
        self._today = (self._today + 1) % days
        self._count()
        arrived_t = arriving_t.sum(axis=0)
        left, came = before_t + float(sent_t.sum()), self.total_t + float(arrived_t.sum())
        assert abs(left - came) <= 1e-9 * (1.0 + left), f"goods on the road: {left} t became {came} t"
        return arrived_t
