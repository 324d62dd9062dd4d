"""Municipal wells: what a district can still draw when the mains give nothing, hour by hour."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class WellDraw:
    """What the wells do before the mains are known, arrays (districts,) in m3 over one hour."""

    to_open_m3: np.ndarray  # relieves the mains of this much of the open demand
    to_restricted_m3: np.ndarray  # pumped straight to customers behind shut inlet valves
    refill_m3: np.ndarray  # into the tank


class Wells:
    """A well and a tank in every district, V' = V + pumped - drawn.

    The well feeds the inside of its district, behind the inlet valves: it injects nothing into the
    mains, and no water leaves the district. In an hour the pump serves customers whose inlet is shut,
    then fills the tank, then relieves the mains; the tank is drawn on only for what would else be
    lacking. Tanks start full.

    Parameters
    ----------
    pump_m3_per_h, tank_m3 : arrays (districts,)
    """

    def __init__(self, pump_m3_per_h: np.ndarray, tank_m3: np.ndarray) -> None:
        self.pump_m3_per_h = np.asarray(pump_m3_per_h, dtype=float)
        self.tank_m3 = np.asarray(tank_m3, dtype=float)
        self.exist = bool((self.pump_m3_per_h > 0).any() or (self.tank_m3 > 0).any())
        self.reset()

    def reset(self) -> None:
        self.stored_m3 = self.tank_m3.copy()

    def plan(self, open_m3: np.ndarray, restricted_m3: np.ndarray, on: np.ndarray) -> WellDraw:
        """Share out the pumps' output of the hour; *open_m3*, *restricted_m3* asked, (districts,)."""
        pump = np.where(on, self.pump_m3_per_h, 0.0)
        to_restricted = np.minimum(pump, restricted_m3)
        refill = np.minimum(pump - to_restricted, self.tank_m3 - self.stored_m3)
        to_open = np.minimum(pump - to_restricted - refill, open_m3)
        return WellDraw(to_open, to_restricted, refill)

    def commit(self, draw: WellDraw, lacking_m3: np.ndarray) -> np.ndarray:
        """Water given to the *lacking_m3* of each district (restricted or short), (districts,) in m3.

        Fills the tanks as planned and draws on them for what the pumps alone do not cover.
        """
        full = self.stored_m3 + draw.refill_m3
        from_tank = np.clip(lacking_m3 - draw.to_restricted_m3, 0.0, full)
        self.stored_m3 = full - from_tank
        return draw.to_restricted_m3 + from_tank
