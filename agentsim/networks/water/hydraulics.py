"""A water distribution network in EPANET: an hour of hydraulics, arrays in, arrays out."""

import weakref
from collections.abc import Sequence
from pathlib import Path

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN

from agentsim.core.errors import HydraulicsFailed
from agentsim.core.message import message
from agentsim.networks.water.contaminant import Tracer
from agentsim.networks.water.epanet_file import (
    SECONDS_PER_HOUR,
    EpanetFile,
    close_project,
    must,
    open_project,
    read_file,
)
from agentsim.networks.water.node_values import NodeValues

LONGEST_RUN_S = 2**31 - 1  # 68 years: the largest C long on every platform
SHUT_BORE_FRAC = 1e-4  # a check valve has no status: while shut, its bore is this share of itself
SMALLEST_EMITTER = 1e-6  # an emitter set to 0 during a run keeps a flow in EPANET

KW_PER_M3_PER_H_AND_M = 9.80665 / 3600  # rho g Q h of water
FULL_WITHIN_M = 0.001  # a tank is full; EPANET takes it for full from 0.15 mm below its top

VALUES = (EN.EN_DEMAND, EN.EN_DEMANDFLOW, EN.EN_PRESSURE)  # read at every node after a solution

UNBALANCED, UNSTABLE, FIRST_ERROR = 1, 2, 100  # EPANET's codes; those in between are warnings


@message
class Flows:
    """Means over one hour; a pressure below 0 counts as 0."""

    delivered_m3_per_h: np.ndarray  # (junctions,) to customers
    leaked_m3_per_h: np.ndarray  # (junctions,) through emitters
    pressure_m: np.ndarray  # (junctions,)
    source_m3_per_h: np.ndarray  # (sources,) drawn from the reservoirs
    pump_kw: np.ndarray  # (pumps,) electric, efficiency included
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
    ) -> None:
        path = Path(inp_file)
        self.controls = controls
        self._p = open_project(path)
        self._finalizer = weakref.finalize(self, close_project, self._p)
        self.file = read_file(self._p, path) if file is None else file
        self._junctions = len(self.file.junction_id)
        self.emitter: np.ndarray = np.zeros(self._junctions)
        self._step_s: int = SECONDS_PER_HOUR  # the file's hydraulic step, an hour in a city
        self.unbalanced = 0  # times EPANET did not converge at once
        self._limit_s: int = SECONDS_PER_HOUR  # of the step to come
        self._level_m: np.ndarray | None = None  # of the tanks, as long as EPANET's clock stands
        self.tracer: Tracer | None = None  # only while a wrong dose is under way
        self._constant_kw = [
            (link, must(epanet.EN_getlinkvalue(self._p, link, EN.EN_PUMP_POWER)))
            for link in self.file.pump_link
            if must(epanet.EN_getpumptype(self._p, link)) == EN.EN_CONST_HP
        ]
        self._stopped: list[int] = []  # pumps that stand still until the hour ends, before a full tank
        self._held: dict[int, float] = {}  # links shut despite the file's controls: their status before
        self._source_rows = np.array(self.file.source_node, dtype=int) - 1
        self._tanks = [  # position of its node, empty and full volume
            (node - 1, empty, full)
            for node, (empty, full) in zip(self.file.tank_node, self.file.tank_range_m3, strict=True)
        ]
        self._set_options(required_pressure_m, emitter_exponent)
        self._detach_demands()
        self._values = NodeValues(self._p, VALUES)
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
        must(epanet.EN_initH(self._p, EN.EN_INITFLOW))
        if clock_s:
            must(epanet.EN_settimeparam(self._p, EN.EN_HTIME, clock_s))
        self._read_volumes()

    # ---- a wrong dose

    def trace(self, clean: tuple[int, ...] = (), start: np.ndarray | None = None) -> Tracer:
        """Trace a dose from now on; see :class:`Tracer`."""
        if self.tracer is None:
            self.tracer = Tracer(self._p, self.file, clean, start)
        return self.tracer

    def stop_tracing(self) -> None:
        """Go on without tracing a dose."""
        if self.tracer is not None:
            self.tracer.close()
            self.tracer = None

    # ---- the hour

    def hour(self) -> Flows:
        """One hour of hydraulics, in several steps if a tank becomes full or empty."""
        project, junctions, left = self._p, self._junctions, SECONDS_PER_HOUR
        total: list[np.ndarray] = []  # of outflow, delivered and pressure at the nodes, power, dose
        while left > 0:
            for link in self._held:
                epanet.EN_setlinkvalue(project, link, EN.EN_STATUS, 0.0)
            self._solve()
            if self.tracer is not None:
                self.tracer.begin_step()
            at_nodes = self._values.now()
            np.maximum(at_nodes[2], 0.0, out=at_nodes[2])
            parts = [at_nodes, np.array([self._kw(link) for link in self.file.pump_link])]
            step = self._advance(at_nodes[0], left)
            left -= step
            if self.tracer is not None:
                parts.append(self.tracer.end_step()[:junctions])
            if step < SECONDS_PER_HOUR:
                parts = [part * (step / SECONDS_PER_HOUR) for part in parts]
            total = [a + b for a, b in zip(total, parts, strict=True)] if total else parts
        self._start_stopped()
        (outflow, delivered, pressure), pump_kw = total[:2]
        return Flows(
            delivered_m3_per_h=delivered[:junctions],
            leaked_m3_per_h=outflow[:junctions] - delivered[:junctions],
            pressure_m=pressure[:junctions],
            source_m3_per_h=-outflow[self._source_rows],
            pump_kw=pump_kw,
            dose_frac=total[2] if self.tracer is not None else None,
        )

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

    def _kw(self, link: int) -> float:
        return epanet.EN_getlinkvalue(self._p, link, EN.EN_ENERGY)[1]

    def _solve(self) -> None:
        """Solve the network as it is now; if that fails with more trials, then from a new start."""
        code = epanet.EN_runH(self._p)[0]
        if code in (UNBALANCED, UNSTABLE) and self._stop_pumps_into_full_tanks():
            code = epanet.EN_runH(self._p)[0]
        if code == UNBALANCED:
            code = self._solve_harder()
        if code < FIRST_ERROR and not self._stuck():
            return
        self._solve_from_new_start()

    def _solve_from_new_start(self) -> None:
        """Solve with flows as at a start of EPANET; levels, clock, and the status of pipes and pumps stay."""
        clock = must(epanet.EN_gettimeparam(self._p, EN.EN_HTIME))
        status = epanet.EN_getlinkvalues(self._p, EN.EN_STATUS)[1]
        held = list(self._held)
        self.restart(self.tank_level_m.tolist(), clock_s=clock)
        for link in held:
            self._hold(link)
        for link, opened in enumerate(status, start=1):
            if self.file.link_type[link] in (EN.EN_PIPE, EN.EN_PUMP):
                epanet.EN_setlinkvalue(self._p, link, EN.EN_STATUS, opened)
        code = epanet.EN_runH(self._p)[0]
        if code > FIRST_ERROR:
            reason = epanet.EN_geterror(code)[1]
            raise HydraulicsFailed(f"{self.file.path}: at {clock / SECONDS_PER_HOUR:.2f} h: {reason}")

    def _stuck(self) -> bool:
        """Whether a constant-power pump turns without giving its power to the water.

        From no flow, as after a standstill, EPANET's iteration does not find the way back to its power.
        """
        for link, kw in self._constant_kw:
            status, flow, loss = (
                epanet.EN_getlinkvalue(self._p, link, code)[1]
                for code in (EN.EN_STATUS, EN.EN_FLOW, EN.EN_HEADLOSS)
            )
            if status > 0 and abs(flow * loss) * KW_PER_M3_PER_H_AND_M < 0.01 * kw:
                return True
        return False

    def _stop_pumps_into_full_tanks(self) -> bool:
        """Stop running pumps whose outlet is a full tank, until the hour ends; whether there are any.

        EPANET finds no solution with them, or an unstable one, and gives a flow that no pump could.
        """
        tanks = zip(self.file.tank_node, self.tank_level_m.tolist(), self.file.tank_range_m, strict=True)
        full = {node for node, level, (_, most) in tanks if level >= most - FULL_WITHIN_M}
        filling = [
            link
            for link in self.file.pump_link
            if self.file.link_nodes[link][1] in full
            and epanet.EN_getlinkvalue(self._p, link, EN.EN_STATUS)[1] > 0
        ]
        for link in filling:
            epanet.EN_setlinkvalue(self._p, link, EN.EN_STATUS, 0.0)
        self._stopped += filling
        return bool(filling)

    def _start_stopped(self) -> None:
        """Let the pumps run again that were stopped before a full tank."""
        for link in self._stopped:
            epanet.EN_setlinkvalue(self._p, link, EN.EN_SETTING, self.file.link_setting[link])
        self._stopped.clear()

    def _solve_harder(self) -> int:
        """EPANET's code after going on from a solution that did not converge, twice at most.

        Not converged, junctions may lose or gain as much water as is supplied. Going on with more
        trials and a finer target cured all such hours of Net6 and half of ky10's under random outages.
        """
        self.unbalanced += 1
        epanet.EN_setoption(self._p, EN.EN_TRIALS, 200.0)
        epanet.EN_setoption(self._p, EN.EN_ACCURACY, 1e-5)
        code = epanet.EN_runH(self._p)[0]
        if code == UNBALANCED:
            code = epanet.EN_runH(self._p)[0]
        epanet.EN_setoption(self._p, EN.EN_TRIALS, self._trials)
        epanet.EN_setoption(self._p, EN.EN_ACCURACY, self._accuracy)
        return code

    def _advance(self, outflow: np.ndarray, left_s: int) -> int:
        """Carry the tanks forward to the next change, *left_s* at most; seconds gone by.

        EPANET rounds the time until a tank is empty to whole seconds. A tank with less than half a
        second left is overlooked, drained for the whole hour and then set back to empty: water from
        nothing (half of an hour's supply was seen). Such a tank gets a step of one second.
        """
        limit_s = min(left_s, self._step_s)
        for (row, empty, full), volume in zip(self._tanks, self.tank_volume_m3, strict=True):
            inflow = outflow.item(row)
            left = full - volume if inflow > 0 else volume - empty
            if 0.0 < left < abs(inflow) * 0.6 / SECONDS_PER_HOUR:
                limit_s = 1
        if limit_s != self._limit_s:
            epanet.EN_settimeparam(self._p, EN.EN_HYDSTEP, limit_s)
            self._limit_s = limit_s
        step = epanet.EN_nextH(self._p)[1]
        if step <= 0:
            raise HydraulicsFailed(f"{self.file.path}: EPANET's clock stands still")
        self._read_volumes()
        return step

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
        self._trials = must(epanet.EN_getoption(project, EN.EN_TRIALS))
        self._accuracy = min(must(epanet.EN_getoption(project, EN.EN_ACCURACY)), 1e-3)
        must(epanet.EN_setoption(project, EN.EN_ACCURACY, self._accuracy))
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

    def _zeros(self) -> list[float]:
        return [0.0] * must(epanet.EN_getcount(self._p, EN.EN_NODECOUNT))
