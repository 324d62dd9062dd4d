"""Whether the water network agrees with EPANET's own run of a file, for every file of some folders.

    python -m benchmarks.epanet_agreement FOLDER_OR_FILE...

Each file is lived for a day by ``WaterNetwork.from_inp``, which is fed the file's demands hour by hour, and
by EPANET's library on the unchanged file, in its own units. Two rows are printed for each: against the file's
own demand model, and against EPANET with pressure-driven demand as in the network. They differ where the file
stands below the pressure at which taps give all that is asked. A pressure below 0 counts as 0;
junctions that closed links cut off from all tanks and reservoirs have no pressure to compare. Where days
differ, the line names constant-power pumps that run in EPANET's day without giving their power: from no flow
EPANET does not find the way back to it, and its day is no solution then.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from agentsim.core.errors import AgentsimError
from agentsim.networks.water.network import WaterNetwork, WaterParameters
from agentsim.networks.water.solver import KW_PER_M3_PER_H_AND_M
from agentsim.place.readers.epanet_project import (
    FIRST_ERROR,
    KW_PER_HORSEPOWER,
    close_project,
    open_in_library,
)

DAY_S = 24 * 3600
FOOT_M = 0.3048
M3_PER_H = {  # EPANET's flow units
    EN.EN_CFS: 101.94065,
    EN.EN_GPM: 0.22712471,
    EN.EN_MGD: 157.72549,
    EN.EN_IMGD: 189.42042,
    EN.EN_AFD: 51.395077,
    EN.EN_LPS: 3.6,
    EN.EN_LPM: 0.06,
    EN.EN_MLD: 1000.0 / 24,
    EN.EN_CMH: 1.0,
    EN.EN_CMD: 1.0 / 24,
}
PRESSURE_WITHIN_M, VOLUME_WITHIN_FRAC = 2.0, 0.05
IDLE_FRAC = 0.01  # of its power
LEAST_FRAC = 0.01  # a source that gives less of all water is compared with this share of it


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a network."""

    pressure_m: np.ndarray  # (junctions,) mean; NaN where none is known
    source_m3: np.ndarray  # (sources,)
    idle_pumps: tuple[str, ...] = ()  # constant-power pumps that run without giving their power

    def differs(self, other: "Day") -> tuple[float, float]:
        """Largest difference of a junction's mean pressure [m] and of a source's volume [1]."""
        least = max(LEAST_FRAC * float(np.abs(other.source_m3).sum()), 1e-6)
        volume = np.abs(self.source_m3 - other.source_m3) / np.maximum(np.abs(other.source_m3), least)
        pressure = np.abs(self.pressure_m - other.pressure_m)
        known = pressure[~np.isnan(pressure)]
        return float(known.max(initial=0.0)), float(volume.max(initial=0.0))


def agrees(pressure_m: float, volume_frac: float) -> bool:
    """Whether two days are the same for an engineer."""
    return pressure_m <= PRESSURE_WITHIN_M and volume_frac <= VOLUME_WITHIN_FRAC


def day_of_network(file: Path) -> Day:
    """The first day as the water network lives it."""
    network = WaterNetwork.from_inp(file)
    hours = [network.hour() for _ in range(24)]
    return Day(np.mean([h.pressure_m for h in hours], axis=0), np.sum([h.source_m3 for h in hours], axis=0))


def day_of_epanet(file: Path, pressure_driven: bool = False) -> Day:
    """The first day as EPANET's library runs the unchanged file.

    Raises
    ------
    ValueError : EPANET cannot read or solve it
    """
    project = epanet.EN_createproject()[1]
    try:
        if open_in_library(project, file) > FIRST_ERROR:
            raise ValueError("EPANET cannot read it")
        return _day(project, pressure_driven)
    finally:
        close_project(project)


def _day(project: int, pressure_driven: bool) -> Day:
    nodes, fixed = (epanet.EN_getcount(project, code)[1] for code in (EN.EN_NODECOUNT, EN.EN_TANKCOUNT))
    junctions, unit = nodes - fixed, epanet.EN_getflowunits(project)[1]
    metre = FOOT_M if unit <= EN.EN_AFD else 1.0
    if metre == 1.0:
        _set_power_right(project)
    if pressure_driven:
        pressure_unit = {0: FOOT_M / 0.4333, 1: 1 / 9.80665, 2: 1.0}  # psi, kPa, m: EPANET's own factors
        unit_m = pressure_unit.get(int(epanet.EN_getoption(project, EN.EN_PRESS_UNITS)[1]), 1.0)
        required = WaterParameters().required_pressure_m / unit_m
        epanet.EN_setdemandmodel(project, EN.EN_PDA, 0.0, required, 0.5)
    epanet.EN_setoption(project, EN.EN_UNBALANCED, 10.0)
    epanet.EN_settimeparam(project, EN.EN_DURATION, DAY_S)
    network, idle = _Network(project, nodes, junctions), set[str]()
    ground = np.array(epanet.EN_getnodevalues(project, EN.EN_ELEVATION)[1])[:junctions]
    is_source = [epanet.EN_getnodetype(project, node)[1] == EN.EN_RESERVOIR for node in range(1, nodes + 1)]
    pressure, source = np.zeros(junctions), np.zeros(sum(is_source))
    epanet.EN_openH(project)
    epanet.EN_initH(project, 0)
    clock = 0
    while clock < DAY_S:
        if epanet.EN_runH(project)[0] > FIRST_ERROR:
            raise ValueError("EPANET cannot solve it")
        head, outflow = (
            np.array(epanet.EN_getnodevalues(project, code)[1]) for code in (EN.EN_HEAD, EN.EN_DEMAND)
        )
        idle.update(network.idle_pumps(metre, M3_PER_H[unit]))
        head[network.cut_off()] = np.nan
        step = epanet.EN_nextH(project)[1]
        if step <= 0:
            raise ValueError("EPANET stops within the day")
        pressure += np.maximum((head[:junctions] - ground) * metre, 0.0) * step / DAY_S
        source -= outflow[is_source] * M3_PER_H[unit] * step / 3600
        clock += step
    return Day(pressure, source, tuple(sorted(idle)))


class _Network:
    """The links of an open project, and what can be said of them after a solution."""

    def __init__(self, project: int, nodes: int, junctions: int) -> None:
        self._p, self._nodes, self._junctions = project, nodes, junctions
        links = range(1, epanet.EN_getcount(project, EN.EN_LINKCOUNT)[1] + 1)
        ends = np.array([epanet.EN_getlinknodes(project, link)[1:] for link in links])
        self._from, self._to = ends.T - 1
        self._pump_kw = {
            link: epanet.EN_getlinkvalue(project, link, EN.EN_PUMP_POWER)[1]
            for link in links
            if epanet.EN_getlinktype(project, link)[1] == EN.EN_PUMP
            and epanet.EN_getpumptype(project, link)[1] == EN.EN_CONST_HP
        }

    def cut_off(self) -> np.ndarray:
        """Nodes that no open link joins to a tank or reservoir, bool (nodes,)."""
        is_open = np.array(epanet.EN_getlinkvalues(self._p, EN.EN_STATUS)[1]) > 0
        pairs = (self._from[is_open], self._to[is_open])
        graph = coo_array((np.ones(len(pairs[0])), pairs), (self._nodes, self._nodes))
        _, part = connected_components(graph, directed=False)
        return ~np.isin(part, part[self._junctions :])

    def idle_pumps(self, metre: float, m3_per_h: float) -> list[str]:
        """Ids of open constant-power pumps that give less than a hundredth of their power."""
        idle = []
        for link, power in self._pump_kw.items():
            status, flow, head = (
                epanet.EN_getlinkvalue(self._p, link, code)[1]
                for code in (EN.EN_STATUS, EN.EN_FLOW, EN.EN_HEADLOSS)
            )
            kw = abs(flow * m3_per_h * head * metre) * KW_PER_M3_PER_H_AND_M
            if status > 0 and kw < IDLE_FRAC * power * KW_PER_HORSEPOWER:
                idle.append(epanet.EN_getlinkid(self._p, link)[1])
        return idle


def _set_power_right(project: int) -> None:
    """In SI files EPANET's library runs a pump of 10 kW with 10 / 0.7457."""
    for link in range(1, epanet.EN_getcount(project, EN.EN_LINKCOUNT)[1] + 1):
        if epanet.EN_getlinktype(project, link)[1] != EN.EN_PUMP:
            continue
        if epanet.EN_getpumptype(project, link)[1] == EN.EN_CONST_HP:
            power = epanet.EN_getlinkvalue(project, link, EN.EN_PUMP_POWER)[1]
            epanet.EN_setlinkvalue(project, link, EN.EN_PUMP_POWER, power * KW_PER_HORSEPOWER)


def main() -> int:
    """Prints the table; exit status 1 if no file agrees."""
    given = [Path(name) for name in sys.argv[1:]]
    if not given:
        print(__doc__)
        return 2
    files = [file for path in given for file in (sorted(path.rglob("*.inp")) if path.is_dir() else [path])]
    print(f"{'file':40} {'demand model':15} {'pressure m':>10} {'sources %':>10}")
    good = {"the file's own": 0, "pressure-driven": 0}
    for file in files:
        try:
            ours = day_of_network(file)
            for name in good:
                theirs = day_of_epanet(file, name == "pressure-driven")
                good[name] += agrees(*ours.differs(theirs))
                print(_line(file, name, ours, theirs), flush=True)
        except (AgentsimError, ValueError) as error:
            print(f"{file.name[:40]:40} {str(error).splitlines()[0][:90]}", flush=True)
    for name, count in good.items():
        print(f"{count} of {len(files)} files agree within 2 m and 5 % ({name})")
    return 0 if good["the file's own"] else 1


def _line(file: Path, name: str, ours: Day, theirs: Day) -> str:
    pressure_m, volume = ours.differs(theirs)
    sign = "" if agrees(pressure_m, volume) else "  differs"
    if sign and theirs.idle_pumps:
        sign += f"; in EPANET's day {', '.join(theirs.idle_pumps[:3])} run without giving power"
    return f"{file.name[:40]:40} {name:15} {pressure_m:10.2f} {100 * volume:10.2f}{sign}"


if __name__ == "__main__":
    sys.exit(main())
