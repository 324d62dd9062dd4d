"""A water distribution network in EPANET: an hour of hydraulics, arrays in, arrays out."""

import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN

from agentsim.core.errors import HydraulicsFailed
from agentsim.core.message import message
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.networks.water.contaminant import Tracer
from agentsim.networks.water.epanet_file import (
    SECONDS_PER_HOUR,
    EpanetFile,
    must,
    open_project,
    read_file,
)
from agentsim.networks.water.node_values import NodeValues
from agentsim.networks.water.solver import SHUT_BORE_FRAC, StepSolver
from agentsim.networks.water.volume_balance import Pipework, volume_balance
from agentsim.place.readers.epanet_project import close_project

LONGEST_RUN_S = 2**31 - 1  # 68 years: the largest C long on every platform
SMALLEST_EMITTER = 1e-6  # an emitter set to 0 during a run keeps a flow in EPANET

UNSOLVED_STEP_S = 900  # after so long without EPANET it is asked again
CLOSED_STEP_S = 900  # links closed at a full or an empty tank are tried again after so long
MOST_STEPS = 240  # in an hour, and four times as many as the file's own hydraulic step asks for

VALUES = (EN.EN_DEMAND, EN.EN_DEMANDFLOW, EN.EN_PRESSURE)  # read at every node after a solution


class Switches(Protocol):
    """What switches links by the levels of tanks while an hour goes on."""

    def within_s(self, outflow_m3_per_h: np.ndarray) -> float:
        """Seconds until the first of them acts, from the flow into each node, array (nodes,)."""

    def act(self) -> None:
        """Switch what is to be switched at the levels of now."""


@message
class Flows:
    """Means over one hour; a pressure below 0 counts as 0."""

    delivered_m3_per_h: np.ndarray  # (junctions,) to customers
    leaked_m3_per_h: np.ndarray  # (junctions,) through emitters
    pressure_m: np.ndarray  # (junctions,)
    source_m3_per_h: np.ndarray  # (sources,) drawn from the reservoirs
    pump_kw: np.ndarray  # (pumps,) electric, efficiency included
    spilt_m3: float  # by full tanks that overflow
    residual_m3: float  # what came in and is found neither delivered, nor lost, nor in a tank
    unsolved_h: float  # part of the hour for which EPANET found no solution
    dose_frac: np.ndarray | None = None  # (junctions,) while a wrong dose is traced


class Hydraulics:
    """An EPANET project in SI units [m, m3/h] under pressure-driven demand.

    Demands come from the caller, hour by hour; the file's demand patterns are read and then detached,
    because EPANET would multiply every demand with them. One project stays open over a whole run.

    Parameters
    ----------
    inp_file : EPANET input file
    required_pressure_m : pressure at which demand is met in full; below it delivered = demand
        (p / required)^0.5 (Wagner, Shamir & Marks 1988, J. Water Resour. Plan. Manage. 114)
    controls : keep the file's own controls, rules and pump patterns; otherwise they are removed and
        every link stands as :meth:`set_open` puts it
    emitter_exponent : N1 of leakage; ``None`` keeps the file's emitters and exponent
    file : what is in *inp_file*, if it has been read before
    trials, accuracy : see :class:`StepSolver`

    Raises
    ------
    UnreadableNetwork : the file is missing, is no EPANET network, or EPANET refuses it
    """

    def __init__(
        self,
        inp_file: Path | str,
        required_pressure_m: float = 20.0,
        controls: bool = False,
        emitter_exponent: float | None = None,
        file: EpanetFile | None = None,
        trials: int = 100,
        accuracy: float = 1e-3,
    ) -> None:
        path = Path(inp_file)
        self.controls = controls
        self._p = open_project(path)
        self._finalizer = weakref.finalize(self, close_project, self._p)
        self.file = read_file(self._p, path) if file is None else file
        self._junctions = len(self.file.junction_id)
        self.emitter: np.ndarray = np.zeros(self._junctions)
        self._step_s: int = SECONDS_PER_HOUR  # the file's hydraulic step, an hour in a city
        self._limit_s: int = SECONDS_PER_HOUR  # of the step to come
        self._level_m: np.ndarray | None = None  # of the tanks, as long as EPANET's clock stands
        self._quality: Tracer | None = None  # once a wrong dose has been under way
        self.tracer: Tracer | None = None  # only while one is
        self._put: dict[int, bool] = {}  # links as :meth:`set_open` put them since the last start
        self._held: dict[int, float] = {}  # links shut despite the file's controls: their status before
        self._source_rows = np.array(self.file.source_node, dtype=int) - 1
        self._overflowing = [tank for tank, spills in enumerate(self.file.tank_overflows) if spills]
        self._set_options(required_pressure_m, emitter_exponent)
        self._detach_demands()
        self._solver = StepSolver(self._p, self.file, NodeValues(self._p, VALUES), trials, accuracy)
        self._pipework = Pipework(
            np.array(self.file.link_nodes[1:]) - 1,
            self._source_rows,
            np.array(self.file.tank_node, dtype=int) - 1,
        )
        self._required_m = required_pressure_m
        self._last: list[np.ndarray] = []  # values at the nodes and power of the pumps, of the last solution
        self._raw_controls = [
            must(epanet.EN_getcontrol(self._p, number + 1))
            for number in range(must(epanet.EN_getcount(self._p, EN.EN_CONTROLCOUNT)))
        ]
        if not controls:
            self._remove_controls()
        must(epanet.EN_openH(self._p))
        self.restart()

    # ---- settings

    def set_demand(self, demand_m3_per_h: np.ndarray) -> None:
        """Demand from now on, array (junctions,)."""
        self._demand[: self._junctions] = demand_m3_per_h.tolist()
        epanet.EN_setnodevalues(self._p, EN.EN_BASEDEMAND, self._demand)

    def set_emitters(self, coefficient: np.ndarray) -> None:
        """Coefficients C of q = C p^N1 [m3/h, m] from now on, array (junctions,)."""
        alive = (self.emitter > 0) | (coefficient > 0)
        self.emitter = np.where(alive, np.maximum(coefficient, SMALLEST_EMITTER), 0.0)
        for row in np.flatnonzero(alive).tolist():
            epanet.EN_setnodevalue(self._p, row + 1, EN.EN_EMITTER, float(self.emitter[row]))

    def set_open(self, link: int, opened: bool) -> None:
        """Open or shut a link. With the file's own controls kept, "open" leaves it to them."""
        kind, setting = self.file.link_type[link], self.file.link_setting[link]
        self._put[link] = opened
        if self.controls:
            self._release(link) if opened else self._hold(link)
        elif kind == EN.EN_CVPIPE:
            bore = self.file.link_diameter[link] * (1.0 if opened else SHUT_BORE_FRAC)
            epanet.EN_setlinkvalue(self._p, link, EN.EN_DIAMETER, bore)
        elif opened and kind >= EN.EN_PUMP and setting > 0:
            epanet.EN_setlinkvalue(self._p, link, EN.EN_SETTING, setting)
        else:
            epanet.EN_setlinkvalue(self._p, link, EN.EN_STATUS, float(opened))

    def restart(
        self,
        level_m: Sequence[float] | None = None,
        emitter: np.ndarray | None = None,
        clock_s: int = 0,
    ) -> None:
        """Start afresh from *level_m* (None: as in the file) at *clock_s*; links stand as in the file.

        Only here may *emitter* coefficients become exactly 0.
        """
        if emitter is not None:
            self.emitter = emitter.copy()
            values = self._zeros()
            values[: self._junctions] = emitter.tolist()
            epanet.EN_setnodevalues(self._p, EN.EN_EMITTER, values)
        levels = self.file.tank_level_m if level_m is None else level_m
        for node, level, (low, high) in zip(self.file.tank_node, levels, self.file.tank_range_m, strict=True):
            level = float(min(max(level, low), high))
            # conversion of units may put a full or an empty tank slightly outside its range
            for nudge in (0.0, 1e-9, -1e-9):
                if epanet.EN_setnodevalue(self._p, node, EN.EN_TANKLEVEL, level + nudge)[0] == 0:
                    break
        for link in list(self._held):
            self._release(link)
        self._put.clear()
        must(epanet.EN_initH(self._p, EN.EN_INITFLOW))
        if clock_s:
            must(epanet.EN_settimeparam(self._p, EN.EN_HTIME, clock_s))
        self._read_volumes()

    def mirror(self, real: "Hydraulics", emitter: np.ndarray) -> None:
        """Stand as *real*, of the same network, stands now: tanks' levels, open links; with *emitter*."""
        self.restart(real.tank_level_m.tolist(), emitter)
        for link, opened in real._put.items():
            self.set_open(link, opened)

    # ---- a wrong dose

    def trace(self, clean: tuple[int, ...] = (), start: np.ndarray | None = None) -> Tracer:
        """Trace a dose from now on; see :class:`Tracer`."""
        if self._quality is None:
            self._quality = Tracer(self._p, self.file, clean)
        if self.tracer is None:
            self._quality.begin(start)
            self.tracer = self._quality
        return self.tracer

    def stop_tracing(self) -> None:
        """Go on without tracing a dose."""
        self.tracer = None

    # ---- the hour

    def hour(self, switches: Switches | None = None) -> Flows:
        """One hour of hydraulics, in several steps if a tank or a switch asks for it.

        Where EPANET finds no solution, a quarter of an hour is worked out by :func:`volume_balance`; where
        it moves on by seconds only, the rest of the hour. *switches* act between the steps.

        Raises
        ------
        HydraulicsFailed : EPANET has not found a solution of this network yet
        """
        junctions, left, steps = self._junctions, SECONDS_PER_HOUR, 0
        before_m3, unsolved_s, spilt_m3 = sum(self.tank_volume_m3), 0, 0.0
        total: list[np.ndarray] = []  # of outflow, delivered and pressure at the nodes, power, dose
        while left > 0:
            parts = self._solved() if steps < self._most_steps else None
            stored_m3 = self.tank_volume_m3
            step = 0 if parts is None else self._advance(parts[0][0], left, switches)
            if parts is None or step <= 0:
                step = min(left, UNSOLVED_STEP_S) if unsolved_s == 0 and steps < self._most_steps else left
                parts, unsolved_s = self._balance_volumes(step), unsolved_s + step
            elif self.tracer is not None:
                parts.append(self.tracer.end_step()[:junctions])
            if self._overflowing:
                spilt_m3 += self._spilt_m3(parts[0][0], stored_m3, step)
            left, steps = left - step, steps + 1
            if step < SECONDS_PER_HOUR:
                parts = [part * (step / SECONDS_PER_HOUR) for part in parts]
            total = [a + b for a, b in zip(total, parts, strict=True)] if total else parts
            if self._solver.closes:
                self._solver.open_closed()
            if left > 0 and switches is not None:
                switches.act()
        at_nodes, grown = total[0], sum(self.tank_volume_m3) - before_m3
        source, leaked = np.empty(len(self._source_rows)), np.empty(junctions)
        came, went = _split(at_nodes, self._source_rows, source, leaked)
        return Flows(
            delivered_m3_per_h=at_nodes[1, :junctions],
            leaked_m3_per_h=leaked,
            pressure_m=at_nodes[2, :junctions],
            source_m3_per_h=source,
            pump_kw=total[1],
            spilt_m3=spilt_m3,
            residual_m3=came - went - grown - spilt_m3,
            unsolved_h=unsolved_s / SECONDS_PER_HOUR,
            dose_frac=total[2] if self.tracer is not None else None,
        )

    def _solved(self) -> list[np.ndarray] | None:
        """Values at the nodes and power of the pumps by EPANET; None if it finds no solution."""
        for link in self._held:
            epanet.EN_setlinkvalue(self._p, link, EN.EN_STATUS, 0.0)
        at_nodes = self._solver.solve(self._start_anew, self.tank_volume_m3)
        if at_nodes is None:
            return None
        if self.tracer is not None:
            self.tracer.begin_step()
        pressure = at_nodes[2]
        np.maximum(pressure, 0.0, out=pressure)
        pump_kw = [epanet.EN_getlinkvalue(self._p, link, EN.EN_ENERGY)[1] for link in self.file.pump_link]
        self._last = [at_nodes, np.array(pump_kw)]
        return list(self._last)

    @property
    def tank_level_m(self) -> np.ndarray:
        """Level in each tank now, array (tanks,), which must not be written into."""
        if self._level_m is None:
            nodes = self.file.tank_node
            level_m = [epanet.EN_getnodevalue(self._p, node, EN.EN_PRESSURE)[1] for node in nodes]
            self._level_m = np.array(level_m)
        return self._level_m

    @property
    def link_flow_m3_per_h(self) -> np.ndarray:
        """Flow in each link at the last solution, array (links,)."""
        return np.array(epanet.EN_getlinkvalues(self._p, EN.EN_FLOW)[1])

    def _start_anew(self, level_m: Sequence[float] | None = None, clock_s: int | None = None) -> None:
        """Flows as at a start of EPANET; what is open stays, and levels and clock if none are given."""
        status, setting = (
            epanet.EN_getlinkvalues(self._p, code)[1] for code in (EN.EN_STATUS, EN.EN_SETTING)
        )
        put, levels = dict(self._put), self.tank_level_m.tolist() if level_m is None else level_m
        self.restart(levels, clock_s=self._clock_s if clock_s is None else clock_s)
        for link, opened in put.items():
            self.set_open(link, opened)
        for link in self.file.controlled - self._held.keys() if self.controls else ():
            if self.file.link_type[link] == EN.EN_PUMP and status[link - 1]:
                epanet.EN_setlinkvalue(self._p, link, EN.EN_SETTING, setting[link - 1] or 1.0)
            elif self.file.link_type[link] in (EN.EN_PIPE, EN.EN_PUMP):
                epanet.EN_setlinkvalue(self._p, link, EN.EN_STATUS, status[link - 1])

    @property
    def _clock_s(self) -> int:
        return must(epanet.EN_gettimeparam(self._p, EN.EN_HTIME))

    def _balance_volumes(self, step_s: int) -> list[np.ndarray]:
        """The next *step_s* seconds by :func:`volume_balance`: values as of EPANET; tanks and clock move."""
        if not self._last:
            raise HydraulicsFailed(
                f"{self.file.path}: EPANET finds no solution of the network at all; open the file in EPANET "
                "and check heights, bores, valves and pump curves"
            )
        (outflow, delivered, pressure), pump_kw = self._last
        junctions, step_h, tanks = self._junctions, step_s / SECONDS_PER_HOUR, self._pipework.tank
        demand = np.array(self._demand)
        at_taps = np.where(demand > 0, demand * np.minimum(pressure / self._required_m, 1.0) ** 0.5, demand)
        leaking = np.zeros(len(demand))
        leaking[:junctions] = (outflow - delivered)[:junctions]
        is_open = np.array(epanet.EN_getlinkvalues(self._p, EN.EN_STATUS)[1]) > 0
        empty, full = np.array(self.file.tank_range_m3).reshape(-1, 2).T
        volume = np.array(self.tank_volume_m3)
        out, frac = volume_balance(
            self._pipework,
            is_open,
            at_taps + leaking,
            outflow,
            np.maximum(volume - empty, 0.0),
            np.maximum(full - volume, 0.0),
            step_h,
        )
        volume = np.clip(volume + out[tanks] * step_h, empty, full)
        clock = self._clock_s + step_s
        self._start_anew([self._level_of(tank, v) for tank, v in enumerate(volume.tolist())], clock)
        running = is_open[np.array(self.file.pump_link, dtype=int) - 1]
        parts = [np.array([out, at_taps * np.where(demand > 0, frac, 1.0), pressure * frac**2])]
        parts.append(pump_kw * running)
        if self.tracer is not None:
            parts.append(self.tracer.wait(clock)[:junctions])
        return parts

    def volume_at(self, tank: int, level_m: float) -> float:
        """Volume of a tank at a level within its range; the next restart or solution must set its level."""
        node = self.file.tank_node[tank]
        must(epanet.EN_setnodevalue(self._p, node, EN.EN_TANKLEVEL, level_m))
        return must(epanet.EN_getnodevalue(self._p, node, EN.EN_TANKVOLUME))

    def _level_of(self, tank: int, volume_m3: float) -> float:
        """Level at which a tank holds *volume_m3*, whatever its shape, by halving its range."""
        low, high = self.file.tank_range_m[tank]
        for _ in range(50):
            middle = (low + high) / 2.0
            low, high = (middle, high) if self.volume_at(tank, middle) < volume_m3 else (low, middle)
        return high

    def _advance(self, outflow: np.ndarray, left_s: int, switches: Switches | None) -> int:
        """Carry the tanks to the next change, *left_s* at most; seconds gone by, 0 if EPANET cannot."""
        limit_s = min(left_s, CLOSED_STEP_S if self._solver.closes else self._step_s)
        if switches is not None:
            limit_s = int(min(limit_s, switches.within_s(outflow)))
        if limit_s != self._limit_s:
            epanet.EN_settimeparam(self._p, EN.EN_HYDSTEP, limit_s)
            self._limit_s = limit_s
        step = epanet.EN_nextH(self._p)[1]
        self._read_volumes()
        return step

    def _spilt_m3(self, outflow: np.ndarray, before_m3: list[float], step_s: int) -> float:
        """What tanks that overflow took in a step and did not keep."""
        kept = (self.tank_volume_m3[tank] - before_m3[tank] for tank in self._overflowing)
        came = (
            outflow.item(self.file.tank_node[tank] - 1) * step_s / SECONDS_PER_HOUR
            for tank in self._overflowing
        )
        return sum(max(a - b, 0.0) for a, b in zip(came, kept, strict=True))

    def _read_volumes(self) -> None:
        nodes, self._level_m = self.file.tank_node, None
        self.tank_volume_m3 = [epanet.EN_getnodevalue(self._p, n, EN.EN_TANKVOLUME)[1] for n in nodes]

    # ---- the file's own controls

    def _hold(self, link: int) -> None:
        if link in self._held:
            return
        self._held[link] = epanet.EN_getlinkvalue(self._p, link, EN.EN_STATUS)[1]
        for number, control in enumerate(self._raw_controls, start=1):
            if control[1] == link:
                without_effect = (control[0], 0, 0.0, 0, 0.0)  # kind, link, setting, node, level
                epanet.EN_setcontrol(self._p, number, *without_effect)

    def _release(self, link: int) -> None:
        if link not in self._held:
            return
        epanet.EN_setlinkvalue(self._p, link, EN.EN_STATUS, self._held.pop(link))
        for number, control in enumerate(self._raw_controls, start=1):
            if control[1] == link:
                epanet.EN_setcontrol(self._p, number, *control)

    def _remove_controls(self) -> None:
        project = self._p
        for number in range(must(epanet.EN_getcount(project, EN.EN_RULECOUNT)), 0, -1):
            must(epanet.EN_deleterule(project, number))
        for number in range(len(self._raw_controls), 0, -1):
            must(epanet.EN_deletecontrol(project, number))
        for link in self.file.pump_link:  # a speed pattern would start a pump that was stopped
            must(epanet.EN_setlinkvalue(project, link, EN.EN_LINKPATTERN, 0.0))
        for node in self.file.source_node:
            pattern = int(must(epanet.EN_getnodevalue(project, node, EN.EN_PATTERN)))
            if pattern:
                head = must(epanet.EN_getnodevalue(project, node, EN.EN_ELEVATION))
                must(epanet.EN_setnodevalue(project, node, EN.EN_PATTERN, 0.0))
                mean = float(self.file.patterns[pattern].mean())
                must(epanet.EN_setnodevalue(project, node, EN.EN_TANKLEVEL, head * mean))

    def _detach_demands(self) -> None:
        """Leave one plain demand at each junction."""
        project = self._p
        for node in range(1, self._junctions + 1):
            count = must(epanet.EN_getnumdemands(project, node))
            for number in range(count, 1, -1):
                must(epanet.EN_deletedemand(project, node, number))
            if count == 0:
                must(epanet.EN_adddemand(project, node, 0.0, "", ""))
            must(epanet.EN_setnodevalue(project, node, EN.EN_PATTERN, 0.0))
        must(epanet.EN_setoption(project, EN.EN_DEMANDMULT, 1.0))
        must(epanet.EN_setoption(project, EN.EN_DEMANDPATTERN, 0.0))
        self._demand = [0.0] * must(epanet.EN_getcount(project, EN.EN_NODECOUNT))

    def _set_options(self, required_pressure_m: float, emitter_exponent: float | None) -> None:
        project = self._p
        must(epanet.EN_setdemandmodel(project, EN.EN_PDA, 0.0, required_pressure_m, 0.5))
        must(epanet.EN_setoption(project, EN.EN_UNBALANCED, 10.0))  # STOP would end the run in silence
        must(epanet.EN_setoption(project, EN.EN_EMITBACKFLOW, 0.0))  # no water enters through a leak
        if emitter_exponent is not None:
            epanet.EN_setnodevalues(project, EN.EN_EMITTER, self._zeros())
            must(epanet.EN_setoption(project, EN.EN_EMITEXPON, emitter_exponent))
        self.emitter_exponent = must(epanet.EN_getoption(project, EN.EN_EMITEXPON))
        self.emitter = np.array(must(epanet.EN_getnodevalues(project, EN.EN_EMITTER))[: self._junctions])
        must(epanet.EN_setstatusreport(project, 0))
        must(epanet.EN_setreport(project, "MESSAGES NO"))
        must(epanet.EN_settimeparam(project, EN.EN_DURATION, LONGEST_RUN_S))
        if not self.controls:
            must(epanet.EN_settimeparam(project, EN.EN_PATTERNSTEP, SECONDS_PER_HOUR))
        must(epanet.EN_settimeparam(project, EN.EN_REPORTSTEP, SECONDS_PER_HOUR))
        if not self.controls:
            must(epanet.EN_settimeparam(project, EN.EN_HYDSTEP, SECONDS_PER_HOUR))
        self._step_s = self._limit_s = must(epanet.EN_gettimeparam(project, EN.EN_HYDSTEP))
        self._most_steps = max(MOST_STEPS, 4 * SECONDS_PER_HOUR // self._step_s)

    def _zeros(self) -> list[float]:
        return [0.0] * must(epanet.EN_getcount(self._p, EN.EN_NODECOUNT))


@kernel
def _split(
    at_nodes: np.ndarray, source_row: np.ndarray, source: np.ndarray, leaked: np.ndarray
) -> tuple[float, float]:
    """What sources give and what leaks, into *source* (sources,) and *leaked* (junctions,), from ``VALUES``.

    Returns what all sources give, and what leaves the network at all junctions.
    """
    outflow, delivered = at_nodes[0], at_nodes[1]
    for row in range(source.size):
        source[row] = -outflow[source_row[row]]
    for junction in range(leaked.size):
        leaked[junction] = outflow[junction] - delivered[junction]
    came = pairwise_sum(source, 0, source.size) if source.size else 0.0
    return came, pairwise_sum(outflow, 0, leaked.size) if leaked.size else 0.0
