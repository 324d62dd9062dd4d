"""The daily plan of grid storage: a linear program over 24 hours on a single bus."""

from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.numerics.linear import HOURLY, INF, Assembly
from agentsim.core.numerics.shares import share
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.networks.power import grid as power
from agentsim.networks.power.dispatch import VOLL_IN_PROGRAM
from agentsim.place.cases import Stores


@dataclass(frozen=True)
class StoragePlanParameters:
    """Numbers of the storage plan."""

    supply_steps: int = parameter(16, "1", "steps into which the merit order is grouped", "A", 2, 100)
    wear_jpy_per_kwh: float = parameter(
        0.5, "JPY/kWh", "wear: least gain per kWh for which a store is used", "A", 0.0, 30.0
    )
    end_frac: float = parameter(0.5, "1", "charge wanted at the end of the day", "A", 0.0, 1.0)


DEFAULTS = StoragePlanParameters()


def merit_order(
    unit_cost: np.ndarray, capability_mw: np.ndarray, steps: int, pieces: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """The supply curve as *steps* of equal width: widths [MW] and mean marginal costs, cheapest first.

    >>> width, cost = merit_order(np.array([[0.0, 9.0, 0.0], [0.0, 5.0, 0.0]]), np.array([10.0, 30.0]), 4)
    >>> width.tolist(), cost.tolist()
    ([10.0, 10.0, 10.0, 10.0], [5.0, 5.0, 5.0, 9.0])
    """
    middle = (np.arange(pieces) + 0.5) / pieces
    slope = (unit_cost[:, 1:2] + 2.0 * unit_cost[:, 0:1] * capability_mw[:, None] * middle).ravel()
    width = np.repeat(capability_mw / pieces, pieces)
    order = np.argsort(slope, kind="stable")
    reach = np.concatenate([[0.0], np.cumsum(width[order])])
    total_cost = np.concatenate([[0.0], np.cumsum(width[order] * slope[order])])
    edge = np.linspace(0.0, reach[-1], steps + 1)
    widths = np.diff(edge)
    cost = np.diff(np.interp(edge, reach, total_cost))
    return widths, share(cost, widths)


class StoragePlanner:
    """Plans the day of the grid's stores, with the least cost of the day's supply.

    Charge where the merit order is cheap, discharge where it is expensive, keep the floor (``floor_frac``),
    end the day at ``end_frac`` if possible. Equal stores share one plan in proportion to their power;
    microgrids' stores (rows from *at_buses*) are left at 0. The program stays in memory, and each plan is
    made from a cold start, so that it does not depend on those before.

    Parameters
    ----------
    voll_jpy_per_kwh : value of lost load, as in the power grid
    """

    def __init__(
        self,
        stores: Stores,
        at_buses: int,
        parameters: StoragePlanParameters = DEFAULTS,
        voll_jpy_per_kwh: float = power.DEFAULTS.voll_jpy_per_kwh,
    ) -> None:
        self._stores, self.parameters = stores, parameters
        self._scale = VOLL_IN_PROGRAM / voll_jpy_per_kwh / KW_PER_MW
        self._active = np.flatnonzero(
            (stores.power_mw[:at_buses] > 0.0) & (stores.energy_mwh[:at_buses] > 0.0)
        )
        self._kind = kind = _kinds(stores, self._active)
        size = stores.energy_mwh[self._active]
        self._power_mw = np.bincount(kind, stores.power_mw[self._active])
        self._full_mwh = np.bincount(kind, size)
        self._floor_mwh = np.bincount(kind, (stores.floor_frac * stores.energy_mwh)[self._active])
        self._one_way = np.sqrt(np.bincount(kind, stores.efficiency[self._active]) / np.bincount(kind))
        self._day: DayProgram | None = None  # made with the first plan

    def plan(
        self, load_mw: np.ndarray, unit_cost: np.ndarray, capability_mw: np.ndarray, energy_mwh: np.ndarray
    ) -> np.ndarray:
        """Planned power of every store in each of the next 24 hours [MW], array (24, stores); + is discharge.

        Parameters
        ----------
        load_mw : array (24,), forecast of the load less homes' sun, this hour first
        unit_cost, capability_mw : arrays (units, 3), (units,), units expected on line
        energy_mwh : array (stores,), charge now
        """
        plan, active, kind = np.zeros((HOURS_PER_DAY, len(self._stores.power_mw))), self._active, self._kind
        if not len(active):
            return plan
        p = self.parameters
        if self._day is None:
            fleet = self._power_mw, self._full_mwh, self._one_way
            self._day = DayProgram(fleet, p.supply_steps, p.wear_jpy_per_kwh * KW_PER_MW * self._scale)
        width_mw, price = merit_order(unit_cost, capability_mw, p.supply_steps)
        charge_now = np.minimum(np.bincount(kind, energy_mwh[active]), self._full_mwh)
        wanted = np.maximum(self._floor_mwh, p.end_frac * self._full_mwh)
        least = np.minimum(self._floor_mwh, charge_now)
        net = self._day.net_mw(load_mw, width_mw, price * self._scale, charge_now, least, wanted)
        plan[:, active] = net[:, kind] * (self._stores.power_mw[active] / self._power_mw[kind])
        return plan


def _kinds(stores: Stores, active: np.ndarray) -> np.ndarray:
    """Index of each active store's kind, array (active,): equal efficiency, floor and duration."""
    duration = stores.energy_mwh[active] / stores.power_mw[active]
    features = np.column_stack([stores.efficiency[active], stores.floor_frac[active], duration]).round(6)
    return np.unique(features, axis=0, return_inverse=True)[1].ravel()


class DayProgram:
    """The day's program on a single bus: kinds of stores, hour by hour, and supply in steps.

    Parameters
    ----------
    fleet : power [MW], energy when full [MWh] and efficiency of one way, arrays (kinds,)
    steps : of the merit order
    wear : cost of discharging a MWh, in the program's unit
    """

    def __init__(self, fleet: tuple[np.ndarray, ...], steps: int, wear: float) -> None:
        most, full, one_way = fleet
        self._wear, hours, kinds = wear, HOURS_PER_DAY, len(most)
        assembly = Assembly()
        self._balance = assembly.rows(hours, 0.0, 0.0)
        balance = self._balance.start + np.arange(hours)
        self._state = assembly.rows(hours * kinds, 0.0, 0.0)
        state = self._state.start + np.arange(hours * kinds)
        hour = np.repeat(balance, kinds)

        def each(values: np.ndarray) -> np.ndarray:
            return np.tile(values, hours)

        self._supply = assembly.columns(hours * steps, 0.0, 0.0, 0.0, (np.repeat(balance, steps), 1.0))
        assembly.columns(hours, 0.0, INF, VOLL_IN_PROGRAM, (balance, 1.0))
        assembly.columns(hours, 0.0, INF, 0.0, (balance, -1.0))  # surplus that is not used
        # of two equal hours the earlier one charges and the later one discharges
        trace = 1e-4 * np.repeat(np.arange(hours), kinds) / hours
        self._charge = assembly.columns(
            len(state), 0.0, each(most), trace, (hour, -1.0), (state, -each(one_way))
        )
        self._discharge = assembly.columns(
            len(state), 0.0, each(most), wear - trace, (hour, 1.0), (state, each(1.0 / one_way))
        )
        self._energy = energy = assembly.columns(len(state), 0.0, each(full), 0.0, (state, 1.0))
        assembly.entries(state[kinds:], np.arange(energy.start, energy.stop - kinds), -1.0)
        self._end = assembly.rows(kinds, 0.0, INF)
        end = self._end.start + np.arange(kinds)
        assembly.entries(end, np.arange(energy.stop - kinds, energy.stop), 1.0)
        self._missing = assembly.columns(kinds, 0.0, INF, 0.0, (end, 1.0))
        self._program = assembly.program(replace(HOURLY, fresh_every=1))

    def net_mw(
        self,
        load_mw: np.ndarray,
        width_mw: np.ndarray,
        price: np.ndarray,
        charge_now_mwh: np.ndarray,
        least_mwh: np.ndarray,
        wanted_mwh: np.ndarray,
    ) -> np.ndarray:
        """Discharge less charge of each kind in each hour, array (24, kinds) [MW].

        Parameters
        ----------
        load_mw : array (24,)
        width_mw, price : of the steps of supply, the price in the program's unit, arrays (steps,)
        charge_now_mwh, least_mwh, wanted_mwh : charge now, the least in any hour, and wanted at the end of
            the day, arrays (kinds,)
        """
        program, hours = self._program, HOURS_PER_DAY
        program.upper[self._supply].reshape(hours, -1)[:] = width_mw
        program.cost[self._supply].reshape(hours, -1)[:] = price
        program.row_lower[self._balance] = program.row_upper[self._balance] = load_mw
        begun = slice(self._state.start, self._state.start + len(charge_now_mwh))
        program.row_lower[begun] = program.row_upper[begun] = charge_now_mwh
        program.lower[self._energy].reshape(hours, -1)[:] = least_mwh
        program.row_lower[self._end] = wanted_mwh
        # more expensive than any supply, cheaper than shedding load
        penalty = min(2.0 * float(price.max(initial=0.0)) + self._wear, 0.5 * VOLL_IN_PROGRAM)
        program.cost[self._missing] = penalty
        x = program.solve()
        return (x[self._discharge] - x[self._charge]).reshape(hours, -1)
