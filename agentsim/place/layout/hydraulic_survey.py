"""How a water network ordinarily works: pressures at its taps and draws on its sources, by EPANET.

The file's own patterns, controls and rules apply, and the demands are those of the city's customers.
"""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN

from agentsim.core.errors import UnbuildablePlace
from agentsim.place.readers.epanet_project import close_project, inp_text, open_in_library, set_si_units
from agentsim.place.readers.inp import InpNetwork

_FIRST_ERROR = 100  # smaller codes are warnings
_HOUR_S = 3600


@dataclass(frozen=True)
class HydraulicSurvey:
    """Pressures and draws over some days."""

    pressure_m: np.ndarray  # (hours, customers) at junctions with customers
    source_m3: np.ndarray  # (sources,) drawn over all hours; below 0 where water runs into the source

    def lowest_pressure_m(self, share: float = 0.05) -> float:
        """Pressure that all but *share* of customers and hours have [m]."""
        return float(np.quantile(self.pressure_m, share))


def survey(network: InpNetwork, demand_m3_per_h: np.ndarray, hours: int) -> HydraulicSurvey:
    """So many hours of the network under mean demands *demand_m3_per_h*, array (junctions,).

    Each junction's demands keep their patterns and are scaled to its mean. The first third of the hours,
    in which tanks find their levels, is left out.

    Raises
    ------
    UnbuildablePlace : EPANET refuses the file or finds no solution; with EPANET's message and the line
    """
    project = _must(epanet.EN_createproject(), network)
    try:
        if open_in_library(project, network.path) > _FIRST_ERROR:
            raise _complaint(network.path)
        _prepare(project, network, demand_m3_per_h, hours)
        return _run(project, network, demand_m3_per_h > 0, hours)
    finally:
        close_project(project)


def pressure_in_m(network: InpNetwork, demand_m3_per_h: np.ndarray) -> np.ndarray:
    """Pressure at each junction [m] under a steady demand, array (junctions,); tanks as at the file's start.

    Below 0 where the pipes cannot carry the demand.

    Raises
    ------
    UnbuildablePlace : as in :func:`survey`
    """
    project = _must(epanet.EN_createproject(), network)
    try:
        if open_in_library(project, network.path) > _FIRST_ERROR:
            raise _complaint(network.path)
        _prepare(project, network, demand_m3_per_h, hours=0)
        nodes = [_must(epanet.EN_getnodeindex(project, name), network) for name in network.junction_id]
        _must(epanet.EN_setdemandmodel(project, EN.EN_DDA, 0.0, 1.0, 0.5), network)
        _must(epanet.EN_setoption(project, EN.EN_DEMANDMULT, 1.0), network)
        _must(epanet.EN_setoption(project, EN.EN_DEMANDPATTERN, 0.0), network)
        for node, demand in zip(nodes, demand_m3_per_h.tolist(), strict=True):
            for k in range(1, _must(epanet.EN_getnumdemands(project, node), network) + 1):
                _must(epanet.EN_setdemandpattern(project, node, k, 0), network)
                _must(epanet.EN_setbasedemand(project, node, k, demand if k == 1 else 0.0), network)
        if epanet.EN_openH(project)[0] > _FIRST_ERROR:
            raise _complaint(network.path)
        _must(epanet.EN_initH(project, EN.EN_INITFLOW), network)
        _must(epanet.EN_runH(project), network)
        pressure = np.array(_must(epanet.EN_getnodevalues(project, EN.EN_PRESSURE), network))
        return pressure[np.array(nodes) - 1]
    finally:
        close_project(project)


def _prepare(project: int, network: InpNetwork, demand_m3_per_h: np.ndarray, hours: int) -> None:
    for answer in set_si_units(project):
        _must(answer, network)
    _must(epanet.EN_setstatusreport(project, 0), network)
    _must(epanet.EN_setreport(project, "MESSAGES NO"), network)
    _must(epanet.EN_setoption(project, EN.EN_UNBALANCED, 10.0), network)
    _must(epanet.EN_settimeparam(project, EN.EN_DURATION, hours * _HOUR_S), network)
    found = network.demand_m3_per_h
    factor = np.divide(demand_m3_per_h, found, out=np.zeros(len(found)), where=found != 0)
    for name, times in zip(network.junction_id, factor.tolist(), strict=True):
        node = _must(epanet.EN_getnodeindex(project, name), network)
        for k in range(1, _must(epanet.EN_getnumdemands(project, node), network) + 1):
            base = _must(epanet.EN_getbasedemand(project, node, k), network)
            _must(epanet.EN_setbasedemand(project, node, k, base * times), network)


def _run(project: int, network: InpNetwork, customer: np.ndarray, hours: int) -> HydraulicSurvey:
    """Means over time are weighted by the length of EPANET's steps; pressures are seen once an hour."""
    if epanet.EN_openH(project)[0] > _FIRST_ERROR:
        raise _complaint(network.path)
    _must(epanet.EN_initH(project, EN.EN_INITFLOW), network)
    taps = [
        _must(epanet.EN_getnodeindex(project, name), network) - 1
        for name in np.array(network.junction_id)[customer]
    ]
    sources = [_must(epanet.EN_getnodeindex(project, name), network) - 1 for name in network.reservoir_id]
    drawn, pressures, seen = np.zeros(len(sources)), [], -1
    first_s = hours * _HOUR_S // 3
    while True:
        code = epanet.EN_runH(project)[0]
        if code > _FIRST_ERROR:
            said = epanet.EN_geterror(code)[1]
            raise UnbuildablePlace(
                network.path, f"EPANET finds no solution: {said}", "run it in EPANET first"
            )
        clock_s = _must(epanet.EN_gettimeparam(project, EN.EN_HTIME), network)
        step_s = _must(epanet.EN_nextH(project), network)
        if clock_s >= first_s:
            flow = np.array(_must(epanet.EN_getnodevalues(project, EN.EN_DEMAND), network))
            drawn -= flow[sources] * step_s / _HOUR_S
            if clock_s // _HOUR_S > seen:
                seen = clock_s // _HOUR_S
                pressures.append(
                    np.array(_must(epanet.EN_getnodevalues(project, EN.EN_PRESSURE), network))[taps]
                )
        if step_s <= 0:
            return HydraulicSurvey(np.array(pressures), drawn)


def _must(answer: tuple, network: InpNetwork) -> Any:
    """The value of an EPANET call; an error raises, a warning does not."""
    if answer[0] > _FIRST_ERROR:
        raise UnbuildablePlace(
            network.path, f"EPANET: {epanet.EN_geterror(answer[0])[1]}", "open it in EPANET"
        )
    return answer[1] if len(answer) == 2 else answer[1:]


def _complaint(path: Path) -> UnbuildablePlace:
    """The first error that EPANET reports in the file, with its line where it quotes one."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.txt"
        project = epanet.EN_createproject()[1]
        if open_in_library(project, path, str(report)) < _FIRST_ERROR:
            epanet.EN_openH(project)
        close_project(project)
        said = report.read_text("utf-8", errors="replace").splitlines() if report.exists() else []
    plain = [" ".join(line.split()) for line in inp_text(path).split("\n")]
    for line, follower in zip(said, said[1:] + [""], strict=True):
        found = re.search(r"Error (\d+): (.*?):?\s*$", line)
        if found and found[1] not in ("110", "200", "233"):
            quoted = " ".join(follower.split())
            where = f"{path}:{plain.index(quoted) + 1}" if quoted and quoted in plain else path
            return UnbuildablePlace(where, f"EPANET: {found[2]} (error {found[1]})", "correct it in EPANET")
    said_all = [found[1] for line in said if (found := re.search(r"Error \d+: (.*?):?\s*$", line))]
    return UnbuildablePlace(
        path, f"EPANET cannot use it{': ' + said_all[0] if said_all else ''}", "open it there"
    )
