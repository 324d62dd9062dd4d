"""The daily plan of grid storage: a linear program over 24 hours on a single bus."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.linear import INF, Assembly, LinearProgram
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


def plan_storage(
    load_mw: np.ndarray,
    unit_cost: np.ndarray,
    capability_mw: np.ndarray,
    stores: Stores,
    energy_mwh: np.ndarray,
    at_buses: int,
    parameters: StoragePlanParameters = DEFAULTS,
    voll_jpy_per_kwh: float = power.DEFAULTS.voll_jpy_per_kwh,
) -> np.ndarray:
    """Planned power of every store in each of the next 24 hours [MW], array (24, stores); + is discharge.

    The plan minimises the cost of the day's supply: charge where the merit order is cheap, discharge where it
    is expensive, keep the floor (``floor_frac``), end the day at ``end_frac`` if possible. Equal stores
    share one plan in proportion to their power; microgrids' stores (rows from *at_buses*) are left at 0.

    Parameters
    ----------
    load_mw : array (24,), forecast of the load less homes' sun, this hour first
    unit_cost, capability_mw : arrays (units, 3), (units,), units expected on line
    energy_mwh : array (stores,), charge now
    voll_jpy_per_kwh : value of lost load, as in the power grid
    """
    plan = np.zeros((HOURS_PER_DAY, len(stores.power_mw)))
    active = np.flatnonzero((stores.power_mw[:at_buses] > 0.0) & (stores.energy_mwh[:at_buses] > 0.0))
    if not len(active):
        return plan
    kind = _kinds(stores, active)
    kinds = int(kind.max()) + 1
    power_mw = np.bincount(kind, stores.power_mw[active])
    full = np.bincount(kind, stores.energy_mwh[active])
    charge_now = np.minimum(np.bincount(kind, energy_mwh[active]), full)
    floor = np.bincount(kind, (stores.floor_frac * stores.energy_mwh)[active])
    one_way = np.sqrt(np.bincount(kind, stores.efficiency[active]) / np.bincount(kind))
    program, charge, discharge = _program(
        load_mw,
        merit_order(unit_cost, capability_mw, parameters.supply_steps),
        (power_mw, full, charge_now, floor, one_way),
        parameters.wear_jpy_per_kwh,
        parameters.end_frac,
        VOLL_IN_PROGRAM / voll_jpy_per_kwh / KW_PER_MW,
    )
    x = program.solve()
    net = (x[discharge] - x[charge]).reshape(HOURS_PER_DAY, kinds)
    plan[:, active] = net[:, kind] * (stores.power_mw[active] / power_mw[kind])
    return plan


def _kinds(stores: Stores, active: np.ndarray) -> np.ndarray:
    """Index of each active store's kind, array (active,): equal efficiency, floor and duration."""
    duration = stores.energy_mwh[active] / stores.power_mw[active]
    features = np.column_stack([stores.efficiency[active], stores.floor_frac[active], duration]).round(6)
    return np.unique(features, axis=0, return_inverse=True)[1].ravel()


def _program(
    net_load_mw: np.ndarray,
    supply: tuple[np.ndarray, np.ndarray],
    fleet: tuple[np.ndarray, ...],
    wear_jpy_per_kwh: float,
    end_frac: float,
    scale: float,
) -> tuple[LinearProgram, slice, slice]:
    """The day's program and where charge and discharge stand in it (hour by hour, kind by kind)."""
    most, full, charge_now, floor, one_way = fleet
    hours, kinds, (width, price) = HOURS_PER_DAY, len(most), supply
    assembly = Assembly()
    balance = assembly.rows(hours, net_load_mw, net_load_mw).start + np.arange(hours)
    begin = np.concatenate([charge_now, np.zeros((hours - 1) * kinds)])
    state = assembly.rows(hours * kinds, begin, begin).start + np.arange(hours * kinds)
    hour = np.repeat(balance, kinds)

    def each(values: np.ndarray) -> np.ndarray:
        return np.tile(values, hours)

    steps = np.repeat(balance, len(width))
    assembly.columns(len(steps), 0.0, each(width), each(price * scale), (steps, 1.0))
    assembly.columns(hours, 0.0, INF, VOLL_IN_PROGRAM, (balance, 1.0))
    assembly.columns(hours, 0.0, INF, 0.0, (balance, -1.0))  # surplus that is not used
    # of two equal hours the earlier one charges and the later one discharges
    trace = 1e-4 * np.repeat(np.arange(hours), kinds) / hours
    charge = assembly.columns(len(state), 0.0, each(most), trace, (hour, -1.0), (state, -each(one_way)))
    wear = wear_jpy_per_kwh * KW_PER_MW * scale
    discharge = assembly.columns(
        len(state), 0.0, each(most), wear - trace, (hour, 1.0), (state, each(1.0 / one_way))
    )
    least = each(np.minimum(floor, charge_now))
    energy = assembly.columns(len(state), least, each(full), 0.0, (state, 1.0))
    assembly.entries(state[kinds:], np.arange(energy.start, energy.stop - kinds), -1.0)
    wanted = np.maximum(floor, end_frac * full)
    end = assembly.rows(kinds, wanted, INF).start + np.arange(kinds)
    assembly.entries(end, np.arange(energy.stop - kinds, energy.stop), 1.0)
    # more expensive than any supply, cheaper than shedding load
    penalty = min(2.0 * float(price.max(initial=0.0)) * scale + wear, 0.5 * VOLL_IN_PROGRAM)
    assembly.columns(kinds, 0.0, INF, penalty, (end, 1.0))
    return assembly.program(), charge, discharge
