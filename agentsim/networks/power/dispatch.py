"""Economic dispatch as a linear program: buses, lines and units of a grid with DC power flow."""

from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.linear import INF, Assembly, LinearProgram
from agentsim.place.cases import GridCase

# Inside the program a MWh not served costs 1e4: with larger numbers HiGHS may fail.
VOLL_IN_PROGRAM = 1e4
# Distinct tiny costs decide between equal units or customers, so that the optimum is unique. They lie well
# above the solver's tolerance (1e-7) and well below any price (1e-5 of the most expensive unit).
TIE = 1e-5


def cost_segments(case: GridCase, pieces: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Every unit's cost curve above its minimum output as linear segments.

    A quadratic curve is cut into *pieces* equal widths whose slopes are its chords
    C'(middle) = c1 + 2 c2 p_middle; the error of the cost is at most c2 width^2 / 4 a unit.

    Returns
    -------
    unit, start_mw, width_mw, slope : arrays (segments,); slopes are per MWh and rise within a unit
    """
    bottom = case.unit_min_mw
    count = np.where(case.unit_cost[:, 0] > 0.0, pieces, 1)
    if case.unit_slopes is not None:
        return _with_curves(case, count)
    unit = np.repeat(np.arange(len(bottom)), count)
    number = np.concatenate([np.arange(n) for n in count]) if len(count) else np.zeros(0)
    width = ((case.unit_max_mw - bottom) / count)[unit]
    start = bottom[unit] + number * width
    slope = case.unit_cost[unit, 1] + 2.0 * case.unit_cost[unit, 0] * (start + width / 2)
    return unit, start, width, slope


def _with_curves(case: GridCase, count: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """As :func:`cost_segments`, where some units have curves of several slopes of their own."""
    assert case.unit_slopes is not None
    own = case.unit_slopes[:, 0].astype(np.int64)
    plain = replace(case, unit_slopes=None)
    others = ~np.isin(np.arange(len(count)), own)
    unit, start, width, slope = cost_segments(plain, int(count.max()))
    kept = others[unit]
    ends = case.unit_slopes[:, 1].cumsum()
    first = np.r_[True, own[1:] != own[:-1]]
    before = np.maximum.accumulate(np.where(first, ends - case.unit_slopes[:, 1], 0.0))
    own_start = case.unit_min_mw[own] + ends - case.unit_slopes[:, 1] - before
    rows = np.concatenate([unit[kept], own])
    order = np.argsort(rows, kind="stable")
    columns = (
        rows,
        np.concatenate([start[kept], own_start]),
        np.concatenate([width[kept], case.unit_slopes[:, 1]]),
        np.concatenate([slope[kept], case.unit_slopes[:, 2]]),
    )
    unit, start, width, slope = (column[order] for column in columns)
    return unit, start, width, slope


@kernel
def bound_units(
    capability_mw: np.ndarray,
    must_run: np.ndarray,
    bottom_mw: np.ndarray,
    segment_unit: np.ndarray,
    start_mw: np.ndarray,
    width_mw: np.ndarray,
    held_cost: np.ndarray,
    free_cost: np.ndarray,
    base_column: int,
    segment_column: int,
    lower: np.ndarray,
    upper: np.ndarray,
    cost: np.ndarray,
) -> None:
    """Bounds and costs of what units can give this hour, into the last three, arrays (columns,).

    Parameters
    ----------
    capability_mw, must_run : arrays (units,), bool: whether the minimum output holds
    bottom_mw : array (units,), minimum output
    segment_unit, start_mw, width_mw : arrays (segments,), see :func:`cost_segments`
    held_cost, free_cost : arrays (units,) of the base part, where the minimum output holds, and where not
    base_column, segment_column : first columns of base parts and segments
    """
    for u in range(capability_mw.size):
        bottom, most = bottom_mw[u], capability_mw[u]
        lower[base_column + u] = bottom if most > 0.0 and bottom < 0.0 else 0.0
        upper[base_column + u] = min(max(bottom, 0.0), most)
        cost[base_column + u] = held_cost[u] if must_run[u] or bottom < 0.0 else free_cost[u]
    for s in range(segment_unit.size):
        above_mw = capability_mw[segment_unit[s]] - start_mw[s]
        upper[segment_column + s] = min(max(above_mw, 0.0), width_mw[s])


class Transmission:
    """Buses, lines and units as columns and rows of a linear program, and their hourly bounds.

    The flow of a line is a column of its own, tied to the angles by ``f / b = theta_from - theta_to -
    shift`` (angles in rad x base power): for a line that is out the flow is fixed to 0 and this equation is
    relaxed, so an outage is a change of bounds. Angles have no limits, so that every island stays feasible.

    A unit's output is a *base* part up to its minimum output and segments above. The base part of a
    must-run unit is worth ``must_run_value``: it is reduced only when nobody can take it. That part is
    curtailed, so that no island is infeasible for want of load.
    """

    def __init__(
        self,
        assembly: Assembly,
        case: GridCase,
        susceptance_pu: np.ndarray,
        limit_mw: np.ndarray,
        pieces: int,
        scale: float,
        must_run_value: float,
    ) -> None:
        buses, lines, units = len(case.bus_id), len(case.line_from), len(case.unit_bus)
        self.case, self.limit_mw, self.scale = case, limit_mw, scale
        self.bus_rows = assembly.rows(buses, 0.0, 0.0)
        self._shift_mw = -np.deg2rad(case.line_shift_deg) * case.base_mva
        self.flow_rows = assembly.rows(lines, self._shift_mw, self._shift_mw)
        flow_row, bus_row = self.flow_rows.start + np.arange(lines), self.bus_rows.start
        entries = (
            (bus_row + case.line_from, -1.0),
            (bus_row + case.line_to, 1.0),
            (flow_row, 1.0 / susceptance_pu),
        )
        self.flow = assembly.columns(lines, -limit_mw, limit_mw, 0.0, *entries)
        reference = np.arange(buses) == 0
        self.theta = assembly.columns(
            buses, np.where(reference, 0.0, -INF), np.where(reference, 0.0, INF), 0.0
        )
        assembly.entries(flow_row, self.theta.start + case.line_from, -1.0)
        assembly.entries(flow_row, self.theta.start + case.line_to, 1.0)
        self._units(assembly, units, pieces, must_run_value)
        self._dc_lines(assembly)
        self._written_out: np.ndarray | None = None

    def _units(self, assembly: Assembly, units: int, pieces: int, must_run_value: float) -> None:
        case = self.case
        self.segment_unit, self._start, self._width, slope = cost_segments(case, pieces)
        self._slope = slope
        highest = float(np.abs(slope).max(initial=1.0)) * self.scale
        self._tie = TIE * highest * (1 + np.arange(units)) / max(units, 1)
        bottom = self._bottom_mw = np.ascontiguousarray(case.unit_min_mw, dtype=float)
        # cost from 0 to the minimum output; a unit below 0 is a load that is dispatched
        from_zero = (case.unit_cost[:, 1] + case.unit_cost[:, 0] * np.maximum(bottom, 0.0)) * self.scale
        self._base_free = from_zero + self._tie
        self._base_held = np.where(bottom > 0.0, -must_run_value, must_run_value) + self._tie
        rows = self.bus_rows.start + case.unit_bus
        self.base = assembly.columns(
            units, np.minimum(bottom, 0.0), np.maximum(bottom, 0.0), self._base_held, (rows, 1.0)
        )
        self.segment = assembly.columns(
            len(slope),
            0.0,
            self._width,
            slope * self.scale + self._tie[self.segment_unit],
            (rows[self.segment_unit], 1.0),
        )

    def _dc_lines(self, assembly: Assembly) -> None:
        """Transfers from bus to bus between two limits, without losses."""
        case = self.case
        if case.dc_from is None or case.dc_to is None:
            return
        start, end = self.bus_rows.start + case.dc_from, self.bus_rows.start + case.dc_to
        assembly.columns(len(start), case.dc_min_mw, case.dc_max_mw, 0.0, (start, -1.0), (end, 1.0))

    def entries_of_units(self, assembly: Assembly, rows: np.ndarray) -> None:
        """Every unit's output enters the row given for it, array (units,)."""
        assembly.entries(rows, np.arange(self.base.start, self.base.stop), 1.0)
        assembly.entries(rows[self.segment_unit], np.arange(self.segment.start, self.segment.stop), 1.0)

    def write_lines(self, program: LinearProgram, out: np.ndarray) -> None:
        """Lines out of service, bool array (lines,).

        The array that was written last is known again: give another one when a line goes or comes back.
        """
        if out is self._written_out:
            return
        self._written_out = out
        limit = np.where(out, 0.0, self.limit_mw)
        program.lower[self.flow], program.upper[self.flow] = -limit, limit
        program.row_lower[self.flow_rows] = np.where(out, -INF, self._shift_mw)
        program.row_upper[self.flow_rows] = np.where(out, INF, self._shift_mw)

    def write_units(self, program: LinearProgram, capability_mw: np.ndarray, must_run: np.ndarray) -> None:
        """What each unit can give [MW] and whether its minimum output holds; arrays (units,)."""
        bound_units(
            capability_mw,
            must_run,
            self._bottom_mw,
            self.segment_unit,
            self._start,
            self._width,
            self._base_held,
            self._base_free,
            self.base.start,
            self.segment.start,
            program.lower,
            program.upper,
            program.cost,
        )

    def generation_mw(self, x: np.ndarray) -> np.ndarray:
        """Output of every unit, array (units,)."""
        above = np.bincount(self.segment_unit, x[self.segment], len(self.case.unit_bus))
        return x[self.base] + above

    def cost(self, generation_mw: np.ndarray, on: np.ndarray) -> float:
        """Running cost per hour of the units that are on: sum of c2 p^2 + c1 p + c0, or by their slopes."""
        c2, c1, c0 = self.case.unit_cost.T
        each = (c2 * generation_mw + c1) * generation_mw + c0 * on
        if self.case.unit_slopes is not None:
            self._by_slopes(each, generation_mw)
        return float(each.sum())

    def _by_slopes(self, each: np.ndarray, generation_mw: np.ndarray) -> None:
        """Replace the cost of units with curves of several slopes, back from that at full output."""
        case = self.case
        assert case.unit_slopes is not None
        for unit in np.unique(case.unit_slopes[:, 0].astype(np.int64)):
            own = self.segment_unit == unit
            most = case.unit_max_mw[unit]
            full = (case.unit_cost[unit, 0] * most + case.unit_cost[unit, 1]) * most + case.unit_cost[unit, 2]
            unused = np.clip(self._start[own] + self._width[own] - generation_mw[unit], 0.0, self._width[own])
            each[unit] = full - float(unused @ self._slope[own])


@dataclass(frozen=True)
class Dispatch:
    """Least-cost dispatch of one hour."""

    cost: float  # of generation, in the currency of the case per hour
    shed_mw: np.ndarray  # (buses,) load and shunts not served
    price_per_mwh: np.ndarray  # (buses,) nodal price
    flow_mw: np.ndarray  # (lines,) from -> to
    generation_mw: np.ndarray  # (units,)


class BusDispatch:
    """Dispatch of a grid that stands alone, its load at the buses. Calls start from the last solution."""

    def __init__(self, case: GridCase, susceptance_pu: np.ndarray, pieces: int, voll_per_mwh: float) -> None:
        assembly = Assembly()
        self.case = case
        self._scale = VOLL_IN_PROGRAM / voll_per_mwh
        self._grid = Transmission(
            assembly,
            case,
            susceptance_pu=susceptance_pu,
            limit_mw=case.line_limit_mw,
            pieces=pieces,
            scale=self._scale,
            must_run_value=VOLL_IN_PROGRAM,
        )
        buses = len(case.bus_id)
        self._served = assembly.columns(
            buses, 0.0, 0.0, 0.0, (np.arange(buses) + self._grid.bus_rows.start, -1.0)
        )
        self._rank = VOLL_IN_PROGRAM * TIE * np.arange(buses) / buses
        self._program = assembly.program()

    def dispatch(self, load_mw: np.ndarray, lines_out: np.ndarray) -> Dispatch:
        """Least cost of serving *load_mw*, array (buses,), with *lines_out*, bool array (lines,).

        A negative load is a fixed injection: it is cut only where no line can carry it away.
        """
        program, grid = self._program, self._grid
        wanted = load_mw + self.case.bus_shunt_mw
        program.lower[self._served] = np.minimum(wanted, 0.0)
        program.upper[self._served] = np.maximum(wanted, 0.0)
        program.cost[self._served] = np.where(wanted >= 0.0, -VOLL_IN_PROGRAM, VOLL_IN_PROGRAM) + self._rank
        grid.write_lines(program, lines_out)
        x = program.solve()
        generation = grid.generation_mw(x)
        return Dispatch(
            cost=grid.cost(generation, np.ones(len(generation), dtype=bool)),
            shed_mw=np.maximum(wanted - x[self._served], 0.0),
            price_per_mwh=program.row_dual[grid.bus_rows] / self._scale,
            flow_mw=x[grid.flow].copy(),
            generation_mw=generation,
        )
