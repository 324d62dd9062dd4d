"""Electricity stores of the grid and their charge: at every bus one of each kind, then one a microgrid."""

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.units import HOURS_PER_YEAR
from agentsim.place.cases import Stores


@inlined
def _not_below_zero(value: float) -> float:
    return value if value > 0.0 else 0.0


@kernel
def limit_stores(
    power_mw: np.ndarray,
    full_mwh: np.ndarray,
    floor_mwh: np.ndarray,
    energy_mwh: np.ndarray,
    one_way: np.ndarray,
    plan_mw: np.ndarray,
    in_island: np.ndarray,
    tie_live: np.ndarray,
    critical_mw: np.ndarray,
    ration_h: float,
    charge: np.ndarray,
    discharge: np.ndarray,
    emergency: np.ndarray,
    main: np.ndarray,
) -> None:
    """What the stores, and the microgrids' main ties, may do this hour [MW].

    Stores at buses follow the plan between floor and full; in an emergency they may discharge all energy,
    floor included. A microgrid's store charges until full, through its main tie while that is live; in an
    island it discharges at a rate that would last *ration_h* more hours, or at the district's critical load
    if that is more, so that only load that is not critical is rationed.

    Parameters
    ----------
    power_mw ... one_way : arrays (stores,), sizes, energy now, and efficiency of one way
    plan_mw : array (stores,), + discharge, - charge; rows of microgrids are not read
    in_island, tie_live : bool (districts,), the microgrid runs by itself; is connected to a live bus
    critical_mw : array (districts,), critical load on the microgrid
    charge, discharge, emergency : arrays (stores,), filled; the last is what is besides the discharge, at a
        high price
    main : array (districts,), filled
    """
    at_buses = power_mw.size - main.size
    for s in range(power_mw.size):
        ready = min(power_mw[s], energy_mwh[s] * one_way[s])
        headroom = min(power_mw[s], _not_below_zero(full_mwh[s] - energy_mwh[s]) / one_way[s])
        if s < at_buses:
            charge[s] = min(_not_below_zero(-plan_mw[s]), headroom)
            spare = _not_below_zero(energy_mwh[s] - floor_mwh[s]) * one_way[s]
            discharge[s] = min(min(_not_below_zero(plan_mw[s]), power_mw[s]), spare)
            emergency[s] = _not_below_zero(ready - discharge[s])
        else:
            d = s - at_buses
            charge[s] = headroom if tie_live[d] or in_island[d] else 0.0
            rationed = energy_mwh[s] * one_way[s] / ration_h
            discharge[s] = min(max(rationed, critical_mw[d]), ready) if in_island[d] else 0.0
            emergency[s] = 0.0
            main[d] = power_mw[s] if tie_live[d] else 0.0


@kernel
def move_energy(
    charge_mw: np.ndarray,
    discharge_mw: np.ndarray,
    one_way: np.ndarray,
    full_mwh: np.ndarray,
    whole_mwh: np.ndarray,
    before_mwh: np.ndarray,
    after_mwh: np.ndarray,
    cycles: np.ndarray,
    work: np.ndarray,
) -> float:
    """Energy after one hour of charging and discharging, into *after_mwh*; by how much all rise [MWh].

    All arrays (stores,). What is discharged is added to the full *cycles*, each of *whole_mwh*; *work* has no
    meaning.
    """
    for s in range(work.size):
        moved = before_mwh[s] + charge_mw[s] * one_way[s] - discharge_mw[s] / one_way[s]
        after_mwh[s] = min(_not_below_zero(moved), full_mwh[s])
        work[s] = after_mwh[s] - before_mwh[s]
        cycles[s] += discharge_mw[s] / (one_way[s] * whole_mwh[s])
    return pairwise_sum(work, 0, work.size)


@kernel
def fade(
    new_mwh: np.ndarray,
    floor_frac: np.ndarray,
    cycles: np.ndarray,
    cycle_life: np.ndarray,
    lived_y: float,
    first_age_y: float,
    calendar_life_y: np.ndarray,
    end_loss_frac: float,
    full_mwh: np.ndarray,
    floor_mwh: np.ndarray,
) -> None:
    """What stores hold when full, and their floor, into the last two; all arrays are (stores,).

    *lived_y* is their age, *first_age_y* that in the first hour, from which *cycles* are counted.
    """
    for s in range(new_mwh.size):
        used = cycles[s] / cycle_life[s] + first_age_y / calendar_life_y[s]
        worn = max(used, lived_y / calendar_life_y[s])
        full_mwh[s] = new_mwh[s] * _not_below_zero(1.0 - end_loss_frac * worn)
        floor_mwh[s] = floor_frac[s] * full_mwh[s]


def nodes_of_stores(stores: int, buses: int, districts: int) -> np.ndarray:
    """Node of each store, array (stores,): its bus, or, numbered after the buses, its microgrid.

    >>> nodes_of_stores(stores=5, buses=2, districts=1).tolist()
    [0, 1, 0, 1, 2]
    """
    at_buses = np.arange(stores - districts) % buses
    return np.concatenate([at_buses, buses + np.arange(districts)])


class StoreFleet:
    """Stores and their energy. The round-trip loss is split evenly: sqrt(efficiency) each way.

    A store loses energy with use and with age: of its first size

        end_loss x max(full cycles / cycle life, age / calendar life).

    Parameters
    ----------
    stores : rows are buses, once for each kind of storage, then districts
    alive : bool (stores,); any other store behaves as if it had zero size
    start_frac : charge at the beginning, share of each store's energy
    """

    def __init__(self, stores: Stores, alive: np.ndarray, start_frac: float) -> None:
        self.stores = stores
        self.power_mw = stores.power_mw * alive
        self._new_mwh = stores.energy_mwh * alive
        count = len(self.power_mw)
        self.cycles = np.zeros(count)  # full cycles since the first hour
        self._cycle_life, self._calendar_life_y = np.empty(count), np.empty(count)
        self._cycle_life[:], self._calendar_life_y[:] = stores.cycle_life, stores.calendar_life_y
        self._age_h = stores.age_y * HOURS_PER_YEAR
        self.full_mwh, self.floor_mwh = np.empty(count), np.empty(count)  # held when full, and at least
        self._fade()
        self.one_way_efficiency = np.sqrt(stores.efficiency)
        self.energy_mwh = start_frac * self.full_mwh
        self._whole_mwh = np.where(self._new_mwh > 0.0, self._new_mwh, 1.0)  # of a full cycle
        self.any = bool(self.power_mw.any())
        self._no_power_mw, self._work = np.zeros(count), np.empty(count)

    def _fade(self) -> None:
        """Set what the stores hold when full, ``full_mwh``, and their floor."""
        stores = self.stores
        fade(
            self._new_mwh,
            stores.floor_frac,
            self.cycles,
            self._cycle_life,
            self._age_h / HOURS_PER_YEAR,
            stores.age_y,
            self._calendar_life_y,
            stores.end_loss_frac,
            self.full_mwh,
            self.floor_mwh,
        )

    def ready_mw(self) -> np.ndarray:
        """Power each store could give for an hour, array (stores,)."""
        if not self.any:
            return self._no_power_mw
        return np.minimum(self.power_mw, self.energy_mwh * self.one_way_efficiency)

    def limit(
        self,
        plan_mw: np.ndarray,
        *,
        in_island: np.ndarray,
        tie_live: np.ndarray,
        critical_mw: np.ndarray,
        ration_h: float,
        into: tuple[np.ndarray, ...],
    ) -> None:
        """Limits of the hour as :func:`limit_stores` has them, *into* its last four arrays."""
        limit_stores(
            self.power_mw,
            self.full_mwh,
            self.floor_mwh,
            self.energy_mwh,
            self.one_way_efficiency,
            plan_mw,
            in_island,
            tie_live,
            critical_mw,
            ration_h,
            *into,
        )

    def move(self, charge_mw: np.ndarray, discharge_mw: np.ndarray, given_mw: float) -> float:
        """One hour of charging and discharging; the energy lost [MWh].

        *given_mw* is what all of them take less what all of them give.
        """
        if not self.any:
            return 0.0
        before, after = self.energy_mwh, np.empty(len(self.power_mw))
        rise_mwh = move_energy(
            charge_mw,
            discharge_mw,
            self.one_way_efficiency,
            self.full_mwh,
            self._whole_mwh,
            before,
            after,
            self.cycles,
            self._work,
        )
        self.energy_mwh = after
        self._age_h += 1.0
        self._fade()
        return given_mw - rise_mwh
