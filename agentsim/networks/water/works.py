"""Treatment works at the sources: what they may draw, what they dose, and what they consume."""

from collections import deque

import numpy as np

from agentsim.networks.water.contaminant import RIGHT_DOSE


class TreatmentWorks:
    """The works of a network, one at each source, and the clear wells behind them.

    A source is shut while its works has no power and, once its raw-water yield of the day is used up,
    until midnight; what the last hour drew too much is taken off the next day. A reservoir with a yield below
    0 receives water on the mean, such as the basin between raw-water pumps and the city: it may give what it
    received, and up to a day's ordinary receipts before that.

    Parameters
    ----------
    yield_m3_per_d : raw-water yield of each source in a normal year, array (sources,)
    clear_well_h : hours that treated water waits before it leaves
    kwh_per_m3 : electricity for treatment
    plant_tank_h : hours that the water of a desalination plant waits before it leaves
    """

    def __init__(
        self, yield_m3_per_d: np.ndarray, clear_well_h: int, kwh_per_m3: float, plant_tank_h: int = 0
    ) -> None:
        self._yield_m3_per_d, self._clear_well_h, self._kwh_per_m3 = yield_m3_per_d, clear_well_h, kwh_per_m3
        self._plant_tank_h = plant_tank_h
        self._receives = yield_m3_per_d < 0
        self._any_receives = bool(self._receives.any())
        self.reset()

    def reset(self) -> None:
        """The state before the first hour: nothing drawn, the right dose in the clear wells."""
        self.drawn_today_m3 = np.zeros(len(self._yield_m3_per_d))
        self.clear_wells = ClearWells(self._clear_well_h)
        self.plant_tank = ClearWells(self._plant_tank_h)  # of the desalination plant

    def sources_open(self, on: np.ndarray | None, yield_frac: float, hour_of_day: int) -> np.ndarray:
        """Which sources may draw this hour, bool (sources,); *on* are the works with power, None: all."""
        limit = self._yield_m3_per_d * yield_frac
        if hour_of_day == 0:
            left = np.maximum(self.drawn_today_m3 - limit, 0.0)
            self.drawn_today_m3 = np.where(self._receives, self.drawn_today_m3, left)
        within = self.drawn_today_m3 < limit
        if self._any_receives:
            within = np.where(self._receives, self.drawn_today_m3 <= -self._yield_m3_per_d, within)
        return within if on is None else within & on

    def scrap(self) -> None:
        """Run all treated water that waits to waste."""
        self.clear_wells.scrap()
        self.plant_tank.scrap()

    @property
    def right(self) -> bool:
        """Whether all treated water that waits has the right dose."""
        return self.clear_wells.right and self.plant_tank.right

    def draw(self, source_m3: np.ndarray) -> None:
        """Count what each source gave this hour, array (sources,)."""
        self.drawn_today_m3 += source_m3

    def power_kw(self, source_m3: np.ndarray) -> np.ndarray:
        """Electricity for treating *source_m3* in one hour, array (sources,)."""
        return np.maximum(source_m3, 0.0) * self._kwh_per_m3


class ClearWells:
    """Treated water that waits at the works: what is dosed now leaves so many hours later."""

    def __init__(self, hours: int) -> None:
        self.waiting: deque[float] = deque([RIGHT_DOSE] * hours)

    def pass_on(self, dosed_frac: float) -> float:
        """Dose of the water that leaves the works in the hour in which *dosed_frac* enters the wells.

        >>> wells = ClearWells(2)
        >>> [wells.pass_on(dose) for dose in (100.0, 1.0, 1.0, 1.0)]
        [1.0, 1.0, 100.0, 1.0]
        """
        self.waiting.append(dosed_frac)
        return self.waiting.popleft()

    def scrap(self) -> None:
        """Run what is in the wells to waste; fresh water takes its place."""
        self.waiting = deque([RIGHT_DOSE] * len(self.waiting))

    @property
    def right(self) -> bool:
        """Whether all water in the wells has the right dose."""
        return self.waiting.count(RIGHT_DOSE) == len(self.waiting)
