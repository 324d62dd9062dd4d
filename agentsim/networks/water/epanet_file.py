"""The contents of an EPANET input file in SI units; an error names the line and the reason."""

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN

from agentsim.core.errors import HydraulicsFailed, UnreadableNetwork
from agentsim.core.text_files import UnreadableText
from agentsim.place.cases import WaterCase
from agentsim.place.readers.epanet_project import close_project, inp_text, open_in_library, set_si_units

SECONDS_PER_HOUR = 3600
_FIRST_ERROR = 100  # smaller codes are warnings
_SUMMARIES = ("110", "200", "233")  # errors that only say that there were errors


def must(answer: tuple) -> Any:
    """The value of an EPANET call; an error raises, a warning does not."""
    if answer[0] > _FIRST_ERROR:
        raise HydraulicsFailed(f"EPANET: {epanet.EN_geterror(answer[0])[1]}")
    return answer[1] if len(answer) == 2 else answer[1:]


@dataclass(frozen=True, slots=True)
class LevelControl:
    """One line of [CONTROLS] that switches a link by the level of a tank."""

    link: int  # EPANET's link number, from 1
    tank: int  # position in ``tank_id``
    below: bool  # acts below the level, else above it
    level_m: float
    opens: bool


@dataclass(frozen=True)
class EpanetFile:
    """The contents of an EPANET file [m, m3, m3/h]. Node and link numbers are EPANET's, from 1."""

    path: Path
    junction_id: tuple[str, ...]  # node numbers 1..junctions
    tank_id: tuple[str, ...]
    tank_node: tuple[int, ...]
    tank_level_m: tuple[float, ...]  # at the start
    tank_range_m: tuple[tuple[float, float], ...]  # lowest and highest level
    tank_range_m3: tuple[tuple[float, float], ...]
    tank_overflows: tuple[bool, ...]  # a full one takes more and spills it
    source_id: tuple[str, ...]  # reservoirs
    source_node: tuple[int, ...]
    link_id: tuple[str, ...]
    link_type: tuple[int, ...]  # position 0 is a blank, so that a link's number is its position
    link_nodes: tuple[tuple[int, int], ...]
    link_open: tuple[bool, ...]
    link_setting: tuple[float, ...]  # speed of a pump, setting of a valve
    link_diameter: tuple[float, ...]
    pump_link: tuple[int, ...]
    level_controls: tuple[LevelControl, ...]
    controlled: frozenset[int]  # links that some control or rule of the file switches
    patterns: tuple[np.ndarray, ...]  # number 0 is constant
    pattern_step_s: int
    pattern_start_s: int
    demand_row: np.ndarray  # (demands,) junction of each demand category
    demand_base_m3_per_h: np.ndarray
    demand_pattern: np.ndarray

    @cached_property
    def link_number(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.link_id, start=1)}

    @cached_property
    def pump_id(self) -> tuple[str, ...]:
        return tuple(self.link_id[number - 1] for number in self.pump_link)

    @cached_property
    def mean_demand_m3_per_h(self) -> np.ndarray:
        """Base demand times the mean of its pattern, array (junctions,)."""
        return self._at_junctions(np.array([pattern.mean() for pattern in self.patterns]))

    def demand_m3_per_h(self, hour: int) -> np.ndarray:
        """Demand in hour *hour* since the start of the file, mean over the hour, array (junctions,)."""
        start = hour * SECONDS_PER_HOUR + self.pattern_start_s
        end, step = start + SECONDS_PER_HOUR, self.pattern_step_s
        factor = np.zeros(len(self.patterns))
        for period in range(start // step, -(-end // step)):
            overlap_s = min(end, (period + 1) * step) - max(start, period * step)
            weight = overlap_s / SECONDS_PER_HOUR
            factor += [weight * pattern[period % len(pattern)] for pattern in self.patterns]
        return self._at_junctions(factor)

    def links_at(self, node: int) -> list[int]:
        """Numbers of the links that end at *node*."""
        return [link for link, ends in enumerate(self.link_nodes) if node in ends]

    def _at_junctions(self, factor: np.ndarray) -> np.ndarray:
        weights = self.demand_base_m3_per_h * factor[self.demand_pattern]
        return np.bincount(self.demand_row, weights, len(self.junction_id))


def open_project(path: Path) -> int:
    """An EPANET project with the network of *path*, in metres and m3/h; the caller closes it.

    Raises
    ------
    UnreadableNetwork : the file is missing, empty, or EPANET refuses it
    """
    if not path.is_file():
        raise UnreadableNetwork(f"{path}: no such file; give the path of an EPANET .inp file")
    project = must(epanet.EN_createproject())
    try:
        if open_in_library(project, path) > _FIRST_ERROR:
            raise UnreadableNetwork(_complaints(path))
        _check_parts(project, path)
        for answer in set_si_units(project):
            must(answer)
    except UnreadableText as error:
        close_project(project)
        raise UnreadableNetwork(f"{error.where(path)}: {error.rule}; {error.remedy}") from None
    except Exception:
        close_project(project)
        raise
    return project


def _check_parts(project: int, path: Path) -> None:
    nodes = must(epanet.EN_getcount(project, EN.EN_NODECOUNT))
    fixed = must(epanet.EN_getcount(project, EN.EN_TANKCOUNT))
    if nodes - fixed < 1:
        raise UnreadableNetwork(
            f"{path}: no junctions found; is this an EPANET .inp file with a [JUNCTIONS] section?"
        )
    if epanet.EN_openH(project)[0] > _FIRST_ERROR:
        raise UnreadableNetwork(_complaints(path))
    must(epanet.EN_closeH(project))


def _complaints(path: Path) -> str:
    """All errors that EPANET reports of *path*, each with the number of its line."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.txt"
        project = must(epanet.EN_createproject())
        if open_in_library(project, path, str(report)) < _FIRST_ERROR:
            epanet.EN_openH(project)
        close_project(project)
        said = report.read_text("utf-8", errors="replace").splitlines() if report.exists() else []
    plain = [" ".join(line.split()) for line in inp_text(path).split("\n")]
    found: list[str] = []
    for line, follower in zip(said, said[1:] + [""], strict=True):
        match = re.search(r"Error (\d+): (.*?):?\s*$", line)
        if match and match[1] not in _SUMMARIES:
            text = " ".join(follower.split())
            number = plain.index(text) + 1 if text and text in plain else None
            place = f"{path}:{number}" if number else str(path)
            found.append(f"{place}: {match[2]} (EPANET error {match[1]})")
    advice = "correct the line, or open the file in EPANET to see it"
    return "\n".join([*(found or [f"{path}: EPANET cannot read it"]), advice])


def read_file(project: int, path: Path) -> EpanetFile:
    """Everything this package needs to know of an open project."""
    nodes = must(epanet.EN_getcount(project, EN.EN_NODECOUNT))
    junctions = nodes - must(epanet.EN_getcount(project, EN.EN_TANKCOUNT))
    name = [must(epanet.EN_getnodeid(project, node)) for node in range(1, nodes + 1)]
    fixed = range(junctions + 1, nodes + 1)
    tanks = tuple(node for node in fixed if must(epanet.EN_getnodetype(project, node)) == EN.EN_TANK)
    sources = tuple(node for node in fixed if node not in tanks)

    def of_tanks(code: int) -> tuple[float, ...]:
        return tuple(must(epanet.EN_getnodevalue(project, node, code)) for node in tanks)

    return EpanetFile(
        path=path,
        junction_id=tuple(name[:junctions]),
        tank_id=tuple(name[node - 1] for node in tanks),
        tank_node=tanks,
        tank_level_m=of_tanks(EN.EN_TANKLEVEL),
        tank_range_m=tuple(zip(of_tanks(EN.EN_MINLEVEL), of_tanks(EN.EN_MAXLEVEL), strict=True)),
        tank_range_m3=tuple(zip(of_tanks(EN.EN_MINVOLUME), of_tanks(EN.EN_MAXVOLUME), strict=True)),
        tank_overflows=tuple(value > 0 for value in of_tanks(EN.EN_CANOVERFLOW)),
        source_id=tuple(name[node - 1] for node in sources),
        source_node=sources,
        pattern_step_s=must(epanet.EN_gettimeparam(project, EN.EN_PATTERNSTEP)),
        pattern_start_s=must(epanet.EN_gettimeparam(project, EN.EN_PATTERNSTART)),
        **_links(project),
        **_controls(project, tanks),
        **_demands(project, junctions),
    )


def _links(project: int) -> dict[str, Any]:
    numbers = range(1, must(epanet.EN_getcount(project, EN.EN_LINKCOUNT)) + 1)

    def of_links(code: int) -> list[float]:
        return [0.0] + [must(epanet.EN_getlinkvalue(project, link, code)) for link in numbers]

    kind = (-1, *(must(epanet.EN_getlinktype(project, link)) for link in numbers))
    setting = of_links(EN.EN_INITSETTING)
    pumps = tuple(link for link in numbers if kind[link] == EN.EN_PUMP)
    for link in pumps:
        setting[link] = setting[link] or 1.0  # a pump shut in the file turns at full speed when it turns
    return {
        "link_id": tuple(must(epanet.EN_getlinkid(project, link)) for link in numbers),
        "link_type": kind,
        "link_nodes": ((0, 0), *(tuple(must(epanet.EN_getlinknodes(project, link))) for link in numbers)),
        "link_open": tuple(status > 0 for status in of_links(EN.EN_INITSTATUS)),
        "link_setting": tuple(setting),
        "link_diameter": tuple(of_links(EN.EN_DIAMETER)),
        "pump_link": pumps,
    }


def _controls(project: int, tanks: tuple[int, ...]) -> dict[str, Any]:
    controls = []
    for number in range(1, must(epanet.EN_getcount(project, EN.EN_CONTROLCOUNT)) + 1):
        kind, link, setting, node, level = must(epanet.EN_getcontrol(project, number))
        if kind in (EN.EN_LOWLEVEL, EN.EN_HILEVEL) and node in tanks:
            below = kind == EN.EN_LOWLEVEL
            controls.append(LevelControl(link, tanks.index(node), below, level, setting > 0))
    links = range(1, must(epanet.EN_getcount(project, EN.EN_LINKCOUNT)) + 1)
    switched = (
        link for link in links if must(epanet.EN_getlinkvalue(project, link, EN.EN_LINK_INCONTROL)) > 0
    )
    return {"level_controls": tuple(controls), "controlled": frozenset(switched)}


def _demands(project: int, junctions: int) -> dict[str, Any]:
    factor = must(epanet.EN_getoption(project, EN.EN_DEMANDMULT))
    default = int(must(epanet.EN_getoption(project, EN.EN_DEMANDPATTERN)))
    rows, base, pattern = [], [], []
    for row in range(junctions):
        for number in range(1, must(epanet.EN_getnumdemands(project, row + 1)) + 1):
            rows.append(row)
            base.append(factor * must(epanet.EN_getbasedemand(project, row + 1, number)))
            pattern.append(must(epanet.EN_getdemandpattern(project, row + 1, number)) or default)
    return {
        "demand_row": np.array(rows, dtype=int),
        "demand_base_m3_per_h": np.array(base, dtype=float),
        "demand_pattern": np.array(pattern, dtype=int),
        "patterns": (np.ones(1), *_patterns(project)),
    }


def _patterns(project: int) -> list[np.ndarray]:
    def values(pattern: int) -> list[float]:
        periods = range(1, must(epanet.EN_getpatternlen(project, pattern)) + 1)
        return [must(epanet.EN_getpatternvalue(project, pattern, period)) for period in periods]

    count = must(epanet.EN_getcount(project, EN.EN_PATCOUNT))
    return [np.array(values(pattern)) for pattern in range(1, count + 1)]


def rows_of(names: Sequence[str], known: Sequence[str], kind: str, path: Path) -> np.ndarray:
    """Position of each of *names* in *known*; both must name the same things."""
    place = {name: row for row, name in enumerate(known)}
    strange = [name for name in names if name not in place]
    missing = [name for name in known if name not in set(names)]
    if strange or missing:
        raise ValueError(
            f"{path}: the case's {kind}s are not the file's; unknown: {strange[:5]}, left out: "
            f"{missing[:5]}; build the case from the same file"
        )
    return np.array([place[name] for name in names], dtype=int)


def check_known(
    names: Sequence[str] | Mapping[str, float], known: Sequence[str], argument: str, kind: str
) -> None:
    """Refuse *names* that this network does not have."""
    strange = [name for name in names if name not in known]
    if strange:
        raise ValueError(
            f"{argument}: unknown {strange[:5]}; {kind} of this network: {', '.join(known[:12])}"
        )


def case_of(path: Path, file: EpanetFile) -> WaterCase:
    """A file as a network that stands alone: one district, no city around it."""
    junctions, pumps, sources = len(file.junction_id), len(file.pump_id), len(file.source_id)
    return WaterCase(
        inp_file=path,
        junction_id=file.junction_id,
        junction_x_km=np.zeros(junctions),
        junction_y_km=np.zeros(junctions),
        junction_zone=np.zeros(junctions, dtype=int),
        junction_district=np.zeros(junctions, dtype=int),
        junction_demand_m3_per_h=file.mean_demand_m3_per_h,
        junction_bulk_frac=np.zeros(junctions),
        source_id=file.source_id,
        source_yield_m3_per_d=np.full(sources, np.inf),
        source_feeder=np.zeros(sources, dtype=int),
        pump_id=file.pump_id,
        pump_feeder=np.zeros(pumps, dtype=int),
        trunk_pipes=((),),
        well_junction=np.zeros(1, dtype=int),
    )
