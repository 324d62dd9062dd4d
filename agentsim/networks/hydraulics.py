"""A water distribution network held open in EPANET: an hour of hydraulics, arrays in, arrays out."""

import os
import tempfile
import weakref
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import epanet
import numpy as np

SECONDS_PER_HOUR = 3600
LONGEST_RUN_S = 2**31 - 1  # 68 years; the largest C long on every platform

# EPANET 2.3 toolkit codes (epanet2_enums.h)
_NODES, _TANKS, _LINKS, _CONTROLS, _RULES = 0, 1, 2, 5, 6
_RESERVOIR, _TANK = 1, 2
_CHECK_VALVE, _PIPE, _PUMP = 0, 1, 2
_BASE_DEMAND, _PATTERN, _EMITTER, _TANK_LEVEL, _OUTFLOW, _PRESSURE = 1, 2, 3, 8, 9, 11
_MIN_VOLUME, _MIN_LEVEL, _MAX_LEVEL, _VOLUME, _MAX_VOLUME, _DELIVERED = 18, 20, 21, 24, 25, 31
_DIAMETER, _INIT_STATUS, _INIT_SETTING, _FLOW, _STATUS, _SETTING, _ENERGY = 0, 4, 5, 8, 11, 12, 13
_PUMP_PATTERN, _IN_CONTROL = 15, 23
_DURATION, _HYDRAULIC_STEP, _PATTERN_STEP, _PATTERN_START, _REPORT_STEP, _CLOCK = 0, 1, 3, 4, 5, 11
_ACCURACY, _EMITTER_EXPONENT, _DEMAND_FACTOR, _UNBALANCED = 1, 3, 4, 14
_DEFAULT_PATTERN, _EMITTER_BACKFLOW, _PRESSURE_UNITS = 23, 24, 25
_METRES, _M3_PER_H, _PRESSURE_DRIVEN, _INIT_FLOWS = 2, 8, 1, 10
_BELOW, _ABOVE, _FATAL = 0, 1, 100  # codes up to 100 are warnings
SHUT_BORE_FRAC = 1e-4  # a check valve has no status: shut, its bore is this share of itself


class UnreadableNetwork(ValueError):
    """An EPANET file that cannot be used; the message names file, line, rule and what to do."""


class HydraulicsFailed(RuntimeError):
    """EPANET found no solution, even after a fresh start from the present tank levels."""


@dataclass(frozen=True, slots=True)
class LevelControl:
    """One line of [CONTROLS] that switches a link by the level of a tank."""

    link: int  # EPANET index
    tank: int  # position in ``tank_id``
    below: bool  # acts below the level, else above it
    level_m: float
    opens: bool


@dataclass(frozen=True, slots=True)
class Flows:
    """Means over one hour; a pressure below 0 counts as 0."""

    delivered_m3_per_h: np.ndarray  # (junctions,) to customers
    leaked_m3_per_h: np.ndarray  # (junctions,) through emitters
    pressure_m: np.ndarray  # (junctions,)
    source_m3_per_h: np.ndarray  # (sources,) drawn from each reservoir
    pump_kw: np.ndarray  # (pumps,) electric
    link_m3_per_h: np.ndarray | None = None  # (links,) if asked for


def _must(answer: tuple) -> Any:
    """The value of an EPANET call; an error (not a warning) raises."""
    if answer[0] > _FATAL:
        raise HydraulicsFailed(f"EPANET error {answer[0]}: {epanet.EN_geterror(answer[0], 255)[-1]}")
    return answer[1] if len(answer) == 2 else answer[1:]


def _close(project: int) -> None:
    epanet.EN_close(project)
    epanet.EN_deleteproject(project)


class Hydraulics:
    """An EPANET project in SI units [m, m3/h] under pressure-driven demand.

    Demands come from the caller, hour by hour: the file's patterns are read into
    :meth:`file_demand_m3_per_h` and then detached, because EPANET multiplies every demand with them.

    Parameters
    ----------
    inp_file : EPANET input file
    required_pressure_m : pressure at which a customer's demand is met in full; below it
        delivered = demand (p / required)^0.5 (Wagner et al. 1988)
    controls : keep the file's own controls, rules and pump patterns; otherwise they are removed, and
        every link stands as the caller puts it
    emitter_exponent : N1 of leakage; ``None`` keeps the file's emitters and exponent

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
    ) -> None:
        self.inp_file = Path(inp_file)
        self.controls = controls
        self._p = _opened(self.inp_file)
        self._finalizer = weakref.finalize(self, _close, self._p)
        self._set_options(required_pressure_m)
        self._read_nodes()
        self._read_links()
        self._read_demands()
        self._read_controls()
        if not controls:
            self._take_over_controls()
        if emitter_exponent is not None:
            epanet.EN_setnodevalues(self._p, _EMITTER, [0.0] * self._nodes)
            _must(epanet.EN_setoption(self._p, _EMITTER_EXPONENT, emitter_exponent))
        self.emitter = np.array(_must(epanet.EN_getnodevalues(self._p, _EMITTER)))[: len(self.junction_id)]
        self._demand = [0.0] * self._nodes
        self._held: dict[int, float] = {}  # links shut against the file's own controls: status before
        _must(epanet.EN_openH(self._p))
        self.restart()

    # ---- the hour

    def set_demand(self, demand_m3_per_h: np.ndarray) -> None:
        """Demand of the coming hours, array (junctions,)."""
        self._demand[: len(demand_m3_per_h)] = demand_m3_per_h.tolist()
        epanet.EN_setnodevalues(self._p, _BASE_DEMAND, self._demand)

    def set_emitters(self, coefficient: np.ndarray) -> None:
        """Emitter coefficients C of q = C p^N1 [m3/h, m], array (junctions,).

        Once hydraulics run, EPANET keeps a phantom flow at an emitter that is set to 0; what leaked
        once is therefore never put below a millionth.
        """
        self.emitter = np.where((self.emitter > 0) | (coefficient > 0), np.maximum(coefficient, 1e-6), 0.0)
        for node in np.flatnonzero(self.emitter > 0).tolist():
            epanet.EN_setnodevalue(self._p, node + 1, _EMITTER, float(self.emitter[node]))

    def set_open(self, link: int, opened: bool) -> None:
        """Open or shut a link. With the file's controls alive, "open" gives it back to them."""
        if self.controls:
            self._release(link) if opened else self._hold(link)
        elif self.link_type[link] == _CHECK_VALVE:
            bore = self._diameter[link] * (1.0 if opened else SHUT_BORE_FRAC)
            epanet.EN_setlinkvalue(self._p, link, _DIAMETER, bore)
        elif opened and self.link_type[link] >= _PUMP and self._setting[link] > 0:
            epanet.EN_setlinkvalue(self._p, link, _SETTING, self._setting[link])
        else:
            epanet.EN_setlinkvalue(self._p, link, _STATUS, float(opened))

    def hour(self, with_links: bool = False) -> Flows:
        """One hour of hydraulics in as many steps as tanks that run full or empty make of it."""
        p, junctions, left = self._p, len(self.junction_id), SECONDS_PER_HOUR
        totals: list[np.ndarray] = []
        while left > 0:
            for link in self._held:
                epanet.EN_setlinkvalue(p, link, _STATUS, 0.0)
            self._solve()
            outflow = np.array(epanet.EN_getnodevalues(p, _OUTFLOW)[1])
            delivered = np.array(epanet.EN_getnodevalues(p, _DELIVERED)[1])[:junctions]
            pressure = np.array(epanet.EN_getnodevalues(p, _PRESSURE)[1])[:junctions]
            pump_kw = np.array([epanet.EN_getlinkvalue(p, link, _ENERGY)[1] for link in self.pump_link])
            parts = [delivered, outflow, np.maximum(pressure, 0.0), pump_kw]
            if with_links:
                parts.append(np.array(epanet.EN_getlinkvalues(p, _FLOW)[1]))
            step = min(self._advance(outflow), left)
            left -= step
            weight = step / SECONDS_PER_HOUR
            parts = [part * weight for part in parts] if weight < 1 else parts
            totals = [a + b for a, b in zip(totals, parts, strict=True)] if totals else parts
        delivered, outflow, pressure, pump_kw, *links = totals
        return Flows(
            delivered,
            outflow[:junctions] - delivered,
            pressure,
            -outflow[self._source_rows],
            pump_kw,
            links[0] if links else None,
        )

    def restart(self, level_m: list[float] | None = None) -> None:
        """Start hydraulics afresh from *level_m* (the file's levels if None); links as in the file."""
        for k, node in enumerate(self._tank_nodes):
            level = self.initial_level_m[k] if level_m is None else level_m[k]
            low, high = self.min_level_m[k], self.max_level_m[k]
            level = float(min(max(level, low), high))
            # conversion of units may put a full or an empty tank a bit outside its range
            for nudge in (0.0, 1e-9, -1e-9):
                if epanet.EN_setnodevalue(self._p, node, _TANK_LEVEL, level + nudge)[0] == 0:
                    break
        self._held.clear()
        _must(epanet.EN_initH(self._p, _INIT_FLOWS))
        self._read_volumes()

    @property
    def tank_level_m(self) -> np.ndarray:
        """Level in each tank now, array (tanks,)."""
        return np.array([epanet.EN_getnodevalue(self._p, node, _PRESSURE)[1] for node in self._tank_nodes])

    def _solve(self) -> None:
        code = epanet.EN_runH(self._p)[0]
        if code <= _FATAL:
            return
        clock = _must(epanet.EN_gettimeparam(self._p, _CLOCK))
        opened = [epanet.EN_getlinkvalue(self._p, k, _STATUS)[1] for k in range(1, len(self.link_id) + 1)]
        self.restart(self.tank_level_m.tolist())
        for link, status in enumerate(opened, start=1):
            if self.link_type[link] in (_PIPE, _PUMP):
                epanet.EN_setlinkvalue(self._p, link, _STATUS, status)
        epanet.EN_settimeparam(self._p, _CLOCK, clock)
        code = epanet.EN_runH(self._p)[0]
        if code > _FATAL:
            reason = epanet.EN_geterror(code, 255)[-1]
            raise HydraulicsFailed(f"{self.inp_file}: EPANET error {code} at {clock / 3600:.2f} h: {reason}")

    def _advance(self, outflow: np.ndarray) -> int:
        """Carry the tanks forward to the next change; seconds gone by.

        EPANET rounds the time to the next empty tank to whole seconds. A tank with less than half a
        second left is overlooked, runs for the whole hour and is then set back to empty: water from
        nothing (half of an hour's supply was seen). Such a tank gets a step of one second.
        """
        sliver = False
        for row, volume, empty in zip(self._tank_rows, self.tank_volume_m3, self.min_volume_m3, strict=True):
            if 0.0 < (volume - empty) * 6000.0 < -outflow[row]:  # 0.6 s
                sliver = True
        if sliver:
            epanet.EN_settimeparam(self._p, _HYDRAULIC_STEP, 1)
        step = epanet.EN_nextH(self._p)[1]
        if sliver:
            epanet.EN_settimeparam(self._p, _HYDRAULIC_STEP, self._step_s)
        if step <= 0:
            raise HydraulicsFailed(f"{self.inp_file}: EPANET's clock stands still")
        self._read_volumes()
        return step

    def _read_volumes(self) -> None:
        self.tank_volume_m3 = [epanet.EN_getnodevalue(self._p, n, _VOLUME)[1] for n in self._tank_nodes]

    def _hold(self, link: int) -> None:
        if link not in self._held:
            self._held[link] = epanet.EN_getlinkvalue(self._p, link, _STATUS)[1]
            for number, control in enumerate(self._raw_controls, start=1):
                if control[1] == link:
                    epanet.EN_setcontrol(self._p, number, control[0], 0, 0.0, 0, 0.0)

    def _release(self, link: int) -> None:
        if link in self._held:
            epanet.EN_setlinkvalue(self._p, link, _STATUS, self._held.pop(link))
            for number, control in enumerate(self._raw_controls, start=1):
                if control[1] == link:
                    epanet.EN_setcontrol(self._p, number, *control)

    # ---- reading the file

    def file_demand_m3_per_h(self, hour: int) -> np.ndarray:
        """Demand of the file in hour *hour* since its start, mean over the hour, array (junctions,)."""
        step = self._pattern_step_s
        parts = max(1, SECONDS_PER_HOUR // step)
        demand = np.zeros(len(self.junction_id))
        for part in range(parts):
            period = (hour * SECONDS_PER_HOUR + self._pattern_start_s + part * step) // step
            factor = np.array([pattern[period % len(pattern)] for pattern in self._patterns])
            weights = self._base_m3_per_h * factor[self._base_pattern]
            demand += np.bincount(self._base_row, weights, len(demand))
        return demand / parts

    @property
    def mean_demand_m3_per_h(self) -> np.ndarray:
        """Base demand times the mean of its pattern, array (junctions,)."""
        factor = np.array([np.mean(pattern) for pattern in self._patterns])
        weights = self._base_m3_per_h * factor[self._base_pattern]
        return np.bincount(self._base_row, weights, len(self.junction_id))

    @property
    def base_demand_m3_per_h(self) -> np.ndarray:
        """Base demand alone, array (junctions,); of little meaning without the patterns."""
        return np.bincount(self._base_row, self._base_m3_per_h, len(self.junction_id))

    def controlled(self, link: int) -> bool:
        """The file switches this link, by whatever control or rule."""
        return link in self._controlled

    def starts_open(self, link: int) -> bool:
        return epanet.EN_getlinkvalue(self._p, link, _INIT_STATUS)[1] > 0

    def _set_options(self, required_pressure_m: float) -> None:
        p = self._p
        # metres first: a required pressure set before the units would be read as psi
        _must(epanet.EN_setoption(p, _PRESSURE_UNITS, _METRES))
        _must(epanet.EN_setflowunits(p, _M3_PER_H))
        _must(epanet.EN_setdemandmodel(p, _PRESSURE_DRIVEN, 0.0, required_pressure_m, 0.5))
        _must(epanet.EN_setoption(p, _UNBALANCED, 10.0))  # go on, never stop silently
        accuracy = _must(epanet.EN_getoption(p, _ACCURACY))
        _must(epanet.EN_setoption(p, _ACCURACY, min(accuracy, 1e-3)))
        _must(epanet.EN_setoption(p, _EMITTER_BACKFLOW, 0.0))
        _must(epanet.EN_setstatusreport(p, 0))
        _must(epanet.EN_setreport(p, "MESSAGES NO"))
        self._pattern_step_s = _must(epanet.EN_gettimeparam(p, _PATTERN_STEP))
        self._pattern_start_s = _must(epanet.EN_gettimeparam(p, _PATTERN_START))
        _must(epanet.EN_settimeparam(p, _DURATION, LONGEST_RUN_S))
        if not self.controls:
            _must(epanet.EN_settimeparam(p, _PATTERN_STEP, SECONDS_PER_HOUR))
        _must(epanet.EN_settimeparam(p, _REPORT_STEP, SECONDS_PER_HOUR))
        if not self.controls:
            _must(epanet.EN_settimeparam(p, _HYDRAULIC_STEP, SECONDS_PER_HOUR))
        self._step_s = _must(epanet.EN_gettimeparam(p, _HYDRAULIC_STEP))

    def _read_nodes(self) -> None:
        p = self._p
        self._nodes = _must(epanet.EN_getcount(p, _NODES))
        junctions = self._nodes - _must(epanet.EN_getcount(p, _TANKS))
        name = [_must(epanet.EN_getnodeid(p, node)) for node in range(1, self._nodes + 1)]
        fixed = range(junctions + 1, self._nodes + 1)
        sources = [node for node in fixed if _must(epanet.EN_getnodetype(p, node)) == _RESERVOIR]
        self._tank_nodes = [node for node in fixed if node not in sources]
        self._tank_rows = [node - 1 for node in self._tank_nodes]
        self._source_rows = np.array([node - 1 for node in sources], dtype=int)
        self.junction_id = tuple(name[:junctions])
        self.tank_id = tuple(name[row] for row in self._tank_rows)
        self.source_id = tuple(name[node - 1] for node in sources)

        def of_tanks(code: int) -> list[float]:
            return [_must(epanet.EN_getnodevalue(p, node, code)) for node in self._tank_nodes]

        self.initial_level_m = of_tanks(_TANK_LEVEL)
        self.min_level_m, self.max_level_m = of_tanks(_MIN_LEVEL), of_tanks(_MAX_LEVEL)
        self.min_volume_m3, self.max_volume_m3 = of_tanks(_MIN_VOLUME), of_tanks(_MAX_VOLUME)

    def _read_links(self) -> None:
        p = self._p
        count = _must(epanet.EN_getcount(p, _LINKS))
        numbers = range(1, count + 1)
        self.link_id = tuple(_must(epanet.EN_getlinkid(p, link)) for link in numbers)
        self.link_index = {name: link for link, name in enumerate(self.link_id, start=1)}
        self.link_type = [-1] + [_must(epanet.EN_getlinktype(p, link)) for link in numbers]
        self.link_nodes = [(0, 0)] + [tuple(_must(epanet.EN_getlinknodes(p, link))) for link in numbers]
        self._diameter = [0.0] + [_must(epanet.EN_getlinkvalue(p, link, _DIAMETER)) for link in numbers]
        self._setting = [0.0] + [_must(epanet.EN_getlinkvalue(p, link, _INIT_SETTING)) for link in numbers]
        for link in numbers:
            if self.link_type[link] == _PUMP and self._setting[link] <= 0:
                self._setting[link] = 1.0  # a pump that is shut in the file runs at full speed when it runs
        self.pump_link = [link for link in numbers if self.link_type[link] == _PUMP]
        self.pump_id = tuple(self.link_id[link - 1] for link in self.pump_link)

    def links_of_source(self, source: int) -> list[int]:
        """EPANET indices of the links that touch source number *source*."""
        node = int(self._source_rows[source]) + 1
        return [link for link, ends in enumerate(self.link_nodes) if node in ends]

    def _read_demands(self) -> None:
        """Read the demand categories and patterns, then leave one plain demand at each junction."""
        p = self._p
        factor = _must(epanet.EN_getoption(p, _DEMAND_FACTOR))
        default = int(_must(epanet.EN_getoption(p, _DEFAULT_PATTERN)))
        rows, base, pattern = [], [], []
        for row in range(len(self.junction_id)):
            count = _must(epanet.EN_getnumdemands(p, row + 1))
            for number in range(1, count + 1):
                rows.append(row)
                base.append(factor * _must(epanet.EN_getbasedemand(p, row + 1, number)))
                pattern.append(_must(epanet.EN_getdemandpattern(p, row + 1, number)) or default)
            for number in range(count, 1, -1):
                _must(epanet.EN_deletedemand(p, row + 1, number))
            if count == 0:
                _must(epanet.EN_adddemand(p, row + 1, 0.0, "", ""))
            _must(epanet.EN_setnodevalue(p, row + 1, _PATTERN, 0.0))
        _must(epanet.EN_setoption(p, _DEMAND_FACTOR, 1.0))
        _must(epanet.EN_setoption(p, _DEFAULT_PATTERN, 0.0))
        self._base_row = np.array(rows, dtype=int)
        self._base_m3_per_h = np.array(base, dtype=float)
        self._base_pattern = np.array(pattern, dtype=int)
        self._patterns = [np.ones(1)] + [self._pattern(k) for k in range(1, self._pattern_count() + 1)]
