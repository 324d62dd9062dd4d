"""Own water: what rain tanks of homes and private wells of firms give in the place of tap water."""

from dataclasses import dataclass, field

import numpy as np

from agentsim.agents.households.rain_tanks import RainTanks
from agentsim.core.messages import RainWater
from agentsim.core.units import KW_PER_MW
from agentsim.networks.coupling import Coupling
from agentsim.place.cases import BULK, COMMERCIAL, CRITICAL, Feeders


@dataclass(frozen=True)
class OwnWater:
    """Rain tanks and private wells.

    Parameters
    ----------
    tanks : of homes; None where there are none
    well_m3_per_h : capacity of the private wells of firms at each junction, array (junctions,)
    well_feeder : feeder of their pumps, array (junctions,)
    coupling : tells which feeders had power in the last hour, and how deep the water table lies
    """

    tanks: RainTanks | None
    well_m3_per_h: np.ndarray
    well_feeder: np.ndarray
    coupling: Coupling
    _exists: bool = field(init=False)

    def __post_init__(self) -> None:
        wells = bool(self.well_m3_per_h.any()) and self.coupling.aquifer is not None
        object.__setattr__(self, "_exists", wells)

    def rain(self, rain_mm: float, asked_l_per_person: float) -> RainWater | None:
        """What rain tanks give this hour; None without any."""
        return None if self.tanks is None else self.tanks.use(rain_mm, asked_l_per_person)

    def pumped_m3_per_h(self, firms_m3_per_h: np.ndarray) -> np.ndarray | None:
        """What private wells give firms this hour, array (junctions,); None without any.

        A pump needs power, and water above the foot of its well.
        """
        aquifer, last = self.coupling.aquifer, self.coupling.last
        if not self._exists or aquifer is None:
            return None
        able = self.well_m3_per_h * aquifer.well_frac(aquifer.parameters.private_well_m)
        if last is not None and self.coupling.mechanisms.power_to_water:
            able = able * last.power.energised[self.well_feeder]
        return np.minimum(able, firms_m3_per_h)

    def pump_mw(self, pumped_m3_per_h: np.ndarray, feeders: int) -> np.ndarray:
        """Load of private pumps on each feeder, array (feeders,) [MW]."""
        assert self.coupling.aquifer is not None
        kwh_per_m3 = self.coupling.aquifer.private_kwh_per_m3()
        return np.bincount(self.well_feeder, pumped_m3_per_h, feeders) * kwh_per_m3 / KW_PER_MW


def firm_feeders(feeders: Feeders, districts: int) -> np.ndarray:
    """A feeder of firms in each district, of the largest customers if they have one, array (districts,)."""
    chosen = np.zeros(districts, dtype=int)
    for tier in (CRITICAL, COMMERCIAL, BULK):
        rows = np.flatnonzero(feeders.tier == tier)[::-1]
        chosen[feeders.district[rows]] = rows
    return chosen
