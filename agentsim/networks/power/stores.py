"""Electricity stores of the grid and their charge: one at every bus, then one in every microgrid."""

from dataclasses import dataclass

import numpy as np

from agentsim.place.cases import Stores


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """What the stores may do this hour [MW], arrays (stores,)."""

    charge_mw: np.ndarray
    discharge_mw: np.ndarray
    emergency_mw: np.ndarray  # besides the discharge, at a high price


class StoreFleet:
    """Stores and their energy. The round-trip loss is split evenly: sqrt(efficiency) each way.

    Parameters
    ----------
    stores : rows are buses, then districts
    alive : bool (stores,); any other store behaves as if it had zero size
    start_frac : charge at the beginning, share of each store's energy
    """

    def __init__(self, stores: Stores, buses: int, alive: np.ndarray, start_frac: float) -> None:
        self.buses = buses
        self.power_mw = stores.power_mw * alive
        self.full_mwh = stores.energy_mwh * alive
        self.floor_mwh = stores.floor_frac * self.full_mwh
        self.one_way_efficiency = np.sqrt(stores.efficiency)
        self.energy_mwh = start_frac * self.full_mwh
        self.any = bool(self.power_mw.any())
        nothing = np.zeros(len(self.power_mw))
        self._still = StoreLimits(nothing, nothing, nothing)

    def ready_mw(self) -> np.ndarray:
        """Power each store could give for an hour, array (stores,)."""
        if not self.any:
            return self._still.discharge_mw
        return np.minimum(self.power_mw, self.energy_mwh * self.one_way_efficiency)

    def limits(
        self,
        plan_mw: np.ndarray,
        charging: np.ndarray,
        in_island: np.ndarray,
        critical_mw: np.ndarray,
        ration_h: float,
    ) -> StoreLimits:
        """Limits of the hour.

        Stores at buses follow the plan between floor and full; in an emergency they may discharge all
        energy, floor included. A microgrid's store charges until full; in an island it discharges at a rate
        that would last *ration_h* more hours, or at the district's critical load if that is more, so that
        only load that is not critical is rationed.

        Parameters
        ----------
        plan_mw : array (stores,), + discharge, - charge; rows of microgrids are not read
        charging, in_island : bool (districts,), the microgrid can be charged; runs by itself
        critical_mw : array (districts,), critical load on the microgrid
        """
        if not self.any:
            return self._still
        micro = slice(self.buses, None)
        ready = self.ready_mw()
        headroom = np.minimum(
            self.power_mw, np.maximum(self.full_mwh - self.energy_mwh, 0.0) / self.one_way_efficiency
        )
        charge = np.minimum(np.maximum(-plan_mw, 0.0), headroom)
        charge[micro] = headroom[micro] * charging
        spare = np.maximum(self.energy_mwh - self.floor_mwh, 0.0) * self.one_way_efficiency
        discharge = np.minimum(np.clip(plan_mw, 0.0, self.power_mw), spare)
        rationed = self.energy_mwh[micro] * self.one_way_efficiency[micro] / ration_h
        discharge[micro] = np.minimum(np.maximum(rationed, critical_mw), ready[micro]) * in_island
        emergency = np.maximum(ready - discharge, 0.0)
        emergency[micro] = 0.0
        return StoreLimits(charge, discharge, emergency)

    def move(self, charge_mw: np.ndarray, discharge_mw: np.ndarray) -> float:
        """One hour of charging and discharging; the energy lost [MWh]."""
        if not self.any:
            return 0.0
        moved = self.energy_mwh + charge_mw * self.one_way_efficiency - discharge_mw / self.one_way_efficiency
        energy = np.clip(moved, 0.0, self.full_mwh)
        loss = charge_mw.sum() - discharge_mw.sum() - (energy - self.energy_mwh).sum()
        self.energy_mwh = energy
        return float(loss)
