"""The dispatch program of a city: transmission, feeders, microgrids, stores and reserve."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.linear import INF, Assembly
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.networks.power.dispatch import TIE, VOLL_IN_PROGRAM, Transmission
from agentsim.networks.power.hour import MW_TOLERANCE, LoadColumns
from agentsim.place.cases import TIERS, Feeders, GridCase


@dataclass(frozen=True)
class Values:
    """Prices inside the dispatch [currency per MWh]: must-run < charging < reserve < emergency."""

    voll: float
    must_run: float  # paid by a must-run unit to stay on line
    charging: float
    reserve: float
    emergency: float


@inlined
def _not_below_zero(value: float) -> float:
    return value if value > 0.0 else 0.0


@kernel
def run_of_units(
    x: np.ndarray,
    base_column: int,
    segment_column: int,
    segment_unit: np.ndarray,
    capability: np.ndarray,
    must_run: np.ndarray,
    bottom: np.ndarray,
    quadratic: np.ndarray,
    linear: np.ndarray,
    no_load: np.ndarray,
    fuel_per_mwh: np.ndarray,
    charge_column: int,
    discharge_column: int,
    emergency_column: int,
    missing_column: int,
    row_dual: np.ndarray,
    bus_row: int,
    scale: float,
    generation: np.ndarray,
    gross: np.ndarray,
    fuel: np.ndarray,
    charge: np.ndarray,
    discharge: np.ndarray,
    price: np.ndarray,
    work: np.ndarray,
) -> tuple[float, float, float, float, float, float]:
    """What units and stores do in the optimum *x*, and the price of a MWh at each bus.

    Parameters
    ----------
    x : array (columns,), the optimum
    base_column ... segment_unit : the units' first columns, and the unit of each segment (segments,)
    capability, must_run : arrays (units,) [MW], bool, as written into the program
    bottom : array (units,), minimum output [MW]
    quadratic, linear, no_load : arrays (units,), running cost c2 p^2 + c1 p + c0 per hour of a unit on line
    fuel_per_mwh : array (units,)
    charge_column ... emergency_column : first columns of the stores
    missing_column : that of the reserve that is required and not held
    row_dual, bus_row, scale : array (rows,), prices in the unit of the program, times *scale*; the buses'
        first row
    generation, gross : arrays (units,), filled: output, and the same with must-run output that was not used
    fuel : array (units,), filled: for the gross output
    charge, discharge : arrays (stores,), filled
    price : array (buses,), filled
    work : array (units,) of no meaning

    Returns
    -------
    Sums: generation, must-run output not used [MW], running cost per hour, charge and discharge [MW]; and
    the reserve that is missing [MW].
    """
    units, stores = generation.size, charge.size
    generation[:] = 0.0
    for s in range(segment_unit.size):
        generation[segment_unit[s]] += x[segment_column + s]
    for u in range(units):
        base = x[base_column + u]
        generation[u] = _not_below_zero(base + generation[u])
        least = min(bottom[u], capability[u]) * must_run[u]
        work[u] = _not_below_zero(least - _not_below_zero(base))
        gross[u] = generation[u] + work[u]
        fuel[u] = gross[u] * fuel_per_mwh[u]
    curtailed = pairwise_sum(work, 0, units)
    for u in range(units):
        on = gross[u] > MW_TOLERANCE
        work[u] = (quadratic[u] * gross[u] + linear[u]) * gross[u] + no_load[u] * on
    for s in range(stores):
        charge[s] = _not_below_zero(x[charge_column + s])
        discharge[s] = _not_below_zero(x[discharge_column + s] + x[emergency_column + s])
    for b in range(price.size):
        price[b] = row_dual[bus_row + b] / scale
    return (
        pairwise_sum(generation, 0, units),
        curtailed,
        pairwise_sum(work, 0, units),
        pairwise_sum(charge, 0, stores),
        pairwise_sum(discharge, 0, stores),
        x[missing_column],
    )


class Run(NamedTuple):
    """What units and stores do in one hour [MW], and what power is worth then."""

    generation_mw: np.ndarray  # (units,)
    fuel_t: np.ndarray  # (units,) burnt, also for must-run output that was not used
    charge_mw: np.ndarray  # (stores,)
    discharge_mw: np.ndarray  # (stores,)
    price_jpy_per_mwh: np.ndarray  # (buses,)
    co2_t: float
    generated_mw: float  # sums of these
    curtailed_mw: float  # must-run output that was not used
    cost: float  # running cost of the hour
    charged_mw: float
    discharged_mw: float
    reserve_missing_mw: float  # that is required and not held


class CityDispatch:
    """Transmission, and what is connected to its buses, as columns and rows of a linear program.

    A feeder is a leaf bus behind one breaker. It is *joined* to its transmission bus, or *tied* to the
    microgrid of its district, or neither; as it never has both connections at once, its balance is
    part of its node's. A *node* is a bus or, behind the buses, a microgrid. At each node the feeders of one
    tier are served through two columns, basic part and rest, so that shedding goes by value, and share
    what there is in proportion; their solar surplus is a third. A microgrid's main tie leads from a
    transmission bus, and its store charges through it. Reserve columns share each unit's headroom with
    its output.

    With *feeders* every feeder has columns of its own at both of its possible nodes, so that each may have
    its own value; otherwise the feeders of one tier at a node share theirs, which is several times smaller.

    All columns exist in every run, some at zero size: an hour changes bounds, never the program's shape.
    """

    def __init__(
        self,
        case: GridCase,
        susceptance_pu: np.ndarray,
        limit_mw: np.ndarray,
        main_bus: np.ndarray,
        store_node: np.ndarray,
        pieces: int,
        values: Values,
        feeders: Feeders | None = None,
    ) -> None:
        assembly = Assembly()
        self.nodes = len(case.bus_id) + len(main_bus)
        self.scale = VOLL_IN_PROGRAM / values.voll
        must_run = values.must_run * self.scale
        self.grid = Transmission(
            assembly,
            case,
            susceptance_pu=susceptance_pu,
            limit_mw=limit_mw,
            pieces=pieces,
            scale=self.scale,
            must_run_value=must_run,
        )
        bus_row, buses = self.grid.bus_rows.start, len(case.bus_id)
        self._buses, self._store_count = buses, len(store_node)
        micro = assembly.rows(len(main_bus), 0.0, 0.0).start + np.arange(len(main_bus))
        node_row = np.concatenate([bus_row + np.arange(buses), micro])
        self._feeders = 0 if feeders is None else len(feeders)
        if feeders is None:
            row = np.repeat(node_row, len(TIERS))
            self._rank_of = np.repeat(np.arange(self.nodes), len(TIERS))
        else:
            row = np.concatenate([node_row[feeders.bus], node_row[buses + feeders.district]])
            self._rank_of = np.tile(np.arange(len(feeders)), 2)
        self._groups = len(row)
        self.basic = assembly.columns(self._groups, 0.0, 0.0, 0.0, (row, -1.0))
        self.rest = assembly.columns(self._groups, 0.0, 0.0, 0.0, (row, -1.0))
        # slightly below 0, so that solar surplus is used before other free power
        self.solar = assembly.columns(len(node_row), 0.0, 0.0, -0.1 * TIE * VOLL_IN_PROGRAM, (node_row, 1.0))
        self.main = assembly.columns(len(micro), 0.0, 0.0, 0.0, (bus_row + main_bus, -1.0), (micro, 1.0))
        self._stores(assembly, node_row[store_node], store_node >= buses, values)
        self._reserves(assembly, case, values.reserve * self.scale)
        self.program = assembly.program()
        self.load = LoadColumns(
            self.basic.start, self.rest.start, self.solar.start, self._groups, self.nodes, feeders is not None
        )
        self._cost_terms = tuple(np.ascontiguousarray(term) for term in case.unit_cost.T)
        self._bottom_mw = np.ascontiguousarray(case.unit_min_mw, dtype=float)
        self._fuel_t_per_mwh = np.ascontiguousarray(_or_zeros(case.unit_fuel_t_per_mwh, len(case.unit_bus)))
        self._co2_t_per_mwh = _or_zeros(case.unit_co2_t_per_mwh, len(case.unit_bus))
        self._gross_mw, self._work = np.empty(len(case.unit_bus)), np.empty(len(case.unit_bus))
        self._written_mw: np.ndarray | None = None

    def _stores(self, assembly: Assembly, node: np.ndarray, in_microgrid: np.ndarray, values: Values) -> None:
        """A microgrid's discharge costs more than charging earns, so that it never does both at once."""
        count = len(node)
        rank = TIE * np.arange(count) / count
        reward, emergency = values.charging * self.scale, values.emergency * self.scale
        given = np.where(in_microgrid, 2.0 * reward, 0.0) + rank
        self.charge = assembly.columns(count, 0.0, 0.0, -reward * (1.0 - rank), (node, -1.0))
        self.discharge = assembly.columns(count, 0.0, 0.0, given, (node, 1.0))
        self.emergency = assembly.columns(count, 0.0, 0.0, emergency * (1.0 + rank), (node, 1.0))

    def _reserves(self, assembly: Assembly, case: GridCase, penalty: float) -> None:
        units = len(case.unit_bus)
        self._headroom_rows = assembly.rows(units, -INF, case.unit_max_mw)
        headroom = self._headroom_rows.start + np.arange(units)
        self.grid.entries_of_units(assembly, headroom)
        self._reserve_row = assembly.rows(1, 0.0, 0.0).start
        everyone = np.full(units, self._reserve_row)
        self._reserve = assembly.columns(units, 0.0, 0.0, 0.0, (headroom, 1.0), (everyone, 1.0))
        self.reserve_missing = assembly.columns(1, 0.0, INF, penalty, (self._reserve_row, 1.0))

    def write_values(self, basic: np.ndarray, rest: np.ndarray, turn: int) -> None:
        """Value of serving, times VOLL, of the basic part and the rest, arrays (tiers,), or (feeders,) where
        each has its own.

        Among nodes of equal value one must be served first; *turn* changes which, round the city and every
        second time backwards, so that of any two nodes each comes first half of the time.
        """
        count = self._feeders or self.nodes
        rank = (np.arange(count) + turn // 2) % count
        rank = rank if turn % 2 == 0 else count - 1 - rank
        trace = (VOLL_IN_PROGRAM * TIE * rank / count)[self._rank_of]
        times = self._groups // len(basic)
        self.program.cost[self.basic] = trace - VOLL_IN_PROGRAM * np.tile(basic, times)
        self.program.cost[self.rest] = trace - VOLL_IN_PROGRAM * np.tile(rest, times)

    def write_units(
        self, capability_mw: np.ndarray, must_run: np.ndarray, reserve_limit_mw: np.ndarray, reserve_mw: float
    ) -> None:
        """What units can give, hold as reserve and must run [arrays (units,)], and the reserve required.

        The array that was written last is known again: give another one when a unit can give more or less.
        """
        program = self.program
        row = self._reserve_row
        program.row_lower[row] = program.row_upper[row] = reserve_mw
        if capability_mw is self._written_mw:
            return
        self._written_mw = capability_mw
        self.grid.write_units(program, capability_mw, must_run)
        program.row_upper[self._headroom_rows] = capability_mw
        program.upper[self._reserve] = np.minimum(reserve_limit_mw, capability_mw)

    def store_bounds(self) -> tuple[np.ndarray, ...]:
        """Upper bounds to be written: charge, discharge, emergency (stores,) and main ties (districts,)."""
        upper = self.program.upper
        return upper[self.charge], upper[self.discharge], upper[self.emergency], upper[self.main]

    def run(self, capability_mw: np.ndarray, must_run: np.ndarray) -> Run:
        """What units and stores do in the optimum; both arrays (units,) as they were written."""
        program, grid, units = self.program, self.grid, len(capability_mw)
        generation, fuel, price = np.empty(units), np.empty(units), np.empty(self._buses)
        charge, discharge = np.empty(self._store_count), np.empty(self._store_count)
        sums = run_of_units(
            program.x,
            grid.base.start,
            grid.segment.start,
            grid.segment_unit,
            capability_mw,
            must_run,
            self._bottom_mw,
            *self._cost_terms,
            self._fuel_t_per_mwh,
            self.charge.start,
            self.discharge.start,
            self.emergency.start,
            self.reserve_missing.start,
            program.row_dual,
            grid.bus_rows.start,
            self.scale,
            generation,
            self._gross_mw,
            fuel,
            charge,
            discharge,
            price,
            self._work,
        )
        co2 = float(self._gross_mw.dot(self._co2_t_per_mwh))
        return Run(generation, fuel, charge, discharge, price, co2, *sums)


def _or_zeros(values: np.ndarray | None, count: int) -> np.ndarray:
    return np.zeros(count) if values is None else values
