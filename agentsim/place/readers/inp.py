"""Reads the parts of an EPANET ``.inp`` file that a city is built from, in SI units.

Hydraulics are EPANET's own; here are only names, places, sizes and mean demands.
"""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.embedding import fill_gaps, place_by_distance
from agentsim.core.text_files import text_of
from agentsim.place.readers.epanet_project import FALLBACK, lines_of

M_PER_FOOT = 0.3048
MM_PER_INCH = 25.4
# Flow units of EPANET 2.2 in m3/h; the first five imply feet and inches, the others metres and millimetres.
M3_PER_H = {
    "CFS": 0.3048**3 * 3600.0,
    "GPM": 3.785411784e-3 * 60.0,
    "MGD": 3.785411784e3 / 24.0,
    "IMGD": 4.54609e3 / 24.0,
    "AFD": 43560.0 * 0.3048**3 / 24.0,
    "LPS": 3.6,
    "LPM": 0.06,
    "MLD": 1000.0 / 24.0,
    "CMH": 1.0,
    "CMD": 1.0 / 24.0,
    "CMS": 3600.0,
    "SI": 3.6,  # EPANET takes it for LPS
}
US_UNITS = ("CFS", "GPM", "MGD", "IMGD", "AFD")
SECTIONS = (
    "TITLE", "JUNCTIONS", "RESERVOIRS", "TANKS", "PIPES", "PUMPS", "VALVES", "CONTROLS", "RULES", "DEMANDS",
    "SOURCES", "EMITTERS", "PATTERNS", "CURVES", "QUALITY", "STATUS", "ROUGHNESS", "ENERGY", "REACTIONS",
    "MIXING", "REPORT", "TIMES", "OPTIONS", "COORDINATES", "VERTICES", "LABELS", "BACKDROP", "TAGS",
    "LEAKAGE", "END",
)  # fmt: skip
MOST = 1e12  # no length, level, demand or coordinate is larger
_LETTERS = 4  # of a section's name by which EPANET knows it


@dataclass(frozen=True)
class InpNetwork:
    """A water network as the file gives it. Nodes are junctions, then reservoirs, then tanks."""

    path: Path
    junction_id: tuple[str, ...]
    reservoir_id: tuple[str, ...]
    tank_id: tuple[str, ...]
    elevation_m: np.ndarray  # (junctions,)
    demand_m3_per_h: np.ndarray  # (junctions,) base demand x mean of its pattern
    base_m3_per_h: np.ndarray  # (junctions,) base demand alone
    junction_pattern: tuple[str, ...]  # of the largest demand; "" where there is none
    node_x: np.ndarray  # (nodes,) map units
    node_y: np.ndarray
    link_id: tuple[str, ...]  # pipes, then pumps, then valves
    link_from: np.ndarray  # (links,) node index
    link_to: np.ndarray
    link_length_m: np.ndarray  # 0 for pumps and valves
    link_diameter_mm: np.ndarray  # 0 for pumps
    pipes: int
    pump_id: tuple[str, ...]
    flow_unit: str = "GPM"
    unplaced: int = 0  # nodes without coordinates in the file, placed by the lengths of their pipes

    @property
    def node_id(self) -> tuple[str, ...]:
        return self.junction_id + self.reservoir_id + self.tank_id


def read_inp(path: str | Path, detour: float = 1.0) -> InpNetwork:
    """The network in the EPANET file *path*, lengths in m, diameters in mm, demands in m3/h.

    A file without coordinates is drawn in metres, ways along its pipes *detour* times the straight line.

    The mean demand of a junction is the sum over its demands of base x mean of the pattern x multiplier;
    a demand without a pattern takes the default pattern, as in EPANET.

    Raises
    ------
    UnbuildablePlace : not readable, no EPANET file, no junctions, an unknown node, pattern or unit, an id
        that occurs twice
    """
    path = Path(path)
    sections = _sections(path)
    _check_sizes(path, sections)
    options = {
        " ".join(words[:-1]).upper(): words[-1] for _, words in sections.get("OPTIONS", ()) if len(words) > 1
    }
    unit = options.get("UNITS", "GPM").upper()
    if unit not in M3_PER_H:
        raise UnbuildablePlace(path, f"flow unit {unit!r} is unknown", f"use one of {', '.join(M3_PER_H)}")
    us = unit in US_UNITS
    metre, mm = (M_PER_FOOT, MM_PER_INCH) if us else (1.0, 1.0)
    junctions = sections.get("JUNCTIONS", [])
    if not junctions:
        raise UnbuildablePlace(path, "no [JUNCTIONS]", "give an EPANET network with customers")
    ids = tuple(words[0] for _, words in junctions)
    reservoirs = tuple(words[0] for _, words in sections.get("RESERVOIRS", ()))
    tanks = tuple(words[0] for _, words in sections.get("TANKS", ()))
    number = {name: i for i, name in enumerate(ids + reservoirs + tanks)}
    _no_twins(path, sections, ("JUNCTIONS", "RESERVOIRS", "TANKS"), "node")
    _no_twins(path, sections, ("PIPES", "PUMPS", "VALVES"), "link")
    multiplier = options.get("DEMAND MULTIPLIER", "1")
    scale = M3_PER_H[unit] * _real(path, _line_of(sections, "OPTIONS", "DEMAND"), [multiplier], 0)
    base, mean, pattern = _demands(path, sections, ids, options.get("PATTERN", "1"))
    links = _links(path, sections, number)
    x, y, unplaced = _places(path, sections, number, links, metre, detour)
    return InpNetwork(
        path=path,
        junction_id=ids,
        reservoir_id=reservoirs,
        tank_id=tanks,
        elevation_m=metre * np.array([_real(path, line, words, 1) for line, words in junctions]),
        demand_m3_per_h=scale * mean,
        base_m3_per_h=scale * base,
        junction_pattern=pattern,
        node_x=x,
        node_y=y,
        link_id=tuple(row[0] for row in links),
        link_from=np.array([row[1] for row in links], dtype=np.int64),
        link_to=np.array([row[2] for row in links], dtype=np.int64),
        link_length_m=metre * np.array([row[3] for row in links]),
        link_diameter_mm=mm * np.array([row[4] for row in links]),
        pipes=len(sections.get("PIPES", ())),
        pump_id=tuple(words[0] for _, words in sections.get("PUMPS", ())),
        flow_unit=unit,
        unplaced=unplaced,
    )


Lines = list[tuple[int, list[str]]]


def _sections(path: Path) -> dict[str, Lines]:
    """Lines of words, with their numbers, by section; comments dropped."""
    sections: dict[str, Lines] = {}
    lines: Lines = []
    text = text_of(path, "name an EPANET .inp file", fallback=FALLBACK)
    for number, raw in enumerate(lines_of(text), start=1):
        words = raw.split(";", 1)[0].split()
        if not words:
            continue
        if words[0].startswith("["):
            lines = sections.setdefault(_section(f"{path}:{number}", words[0]), [])
        else:
            lines.append((number, words))
    if not sections:
        raise UnbuildablePlace(path, "has no [SECTION]", "name an EPANET .inp file")
    return sections


def _section(where: str, word: str) -> str:
    """The section that a header names; EPANET knows them by their first letters."""
    name = word.strip("[]").upper()
    for known in SECTIONS:
        if name.startswith(known[:_LETTERS]):
            return known
    near = get_close_matches(name, SECTIONS, 1)
    remedy = f"did you mean [{near[0]}]?" if near else f"known: {', '.join(SECTIONS)}"
    raise UnbuildablePlace(where, f"section [{name}] is unknown", remedy)


def _no_twins(path: Path, sections: dict[str, Lines], names: tuple[str, ...], kind: str) -> None:
    first: dict[str, int] = {}
    for line, words in (row for name in names for row in sections.get(name, ())):
        if words[0] in first:
            raise UnbuildablePlace(
                f"{path}:{line}",
                f"the id {words[0]!r} stands in line {first[words[0]]} already",
                f"give every {kind} its own id",
            )
        first[words[0]] = line


def _line_of(sections: dict[str, Lines], section: str, word: str) -> int:
    return next((line for line, words in sections.get(section, ()) if words[0].upper() == word), 1)


_NUMBERS = {  # columns in which a section holds numbers; the first column is 0
    "RESERVOIRS": (1, 2), "TANKS": (1, 7), "EMITTERS": (1, 2),
    "CURVES": (1, 3), "PIPES": (3, 7), "VALVES": (3, 7),
}  # fmt: skip


def _check_sizes(path: Path, sections: dict[str, list[tuple[int, list[str]]]]) -> None:
    """Refuse numbers that no network has; words that are no numbers are left to EPANET."""
    for section, (first, end) in _NUMBERS.items():
        for line, words in sections.get(section, ()):
            for column in range(first, min(end, len(words))):
                if _is_number(words[column]):
                    _real(path, line, words, column)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True


def _real(path: Path, line: int, words: list[str], column: int, default: float = 0.0) -> float:
    if column >= len(words):
        return default
    try:
        value = float(words[column])
    except ValueError:
        value = np.inf
    if not abs(value) <= MOST:
        rule = f"{words[column][:40]!r} is {'too large' if 1 < value < np.inf else 'no number'}"
        raise UnbuildablePlace(f"{path}:{line}", rule, "correct the line")
    return value


def _demands(
    path: Path, sections: dict[str, Lines], ids: tuple[str, ...], default_pattern: str
) -> tuple[np.ndarray, np.ndarray, tuple[str, ...]]:
    """Base and mean demand in the file's unit, and the pattern of each junction's largest demand."""
    multipliers: dict[str, list[float]] = {}
    for line, words in sections.get("PATTERNS", ()):
        if len(words) < 2:
            raise UnbuildablePlace(
                f"{path}:{line}", f"pattern {words[0]!r} has no factors", "add them, or leave the line out"
            )
        row = [_real(path, line, words, k) for k in range(1, len(words))]
        multipliers.setdefault(words[0], []).extend(row)
    factor = {name: float(np.mean(row)) for name, row in multipliers.items()}
    number = {name: i for i, name in enumerate(ids)}
    rows = {
        words[0]: [(line, words[1:])]
        for line, words in sections["JUNCTIONS"]
        for words in [words[:1] + words[2:]]
    }
    extra: dict[str, Lines] = {}
    for line, words in sections.get("DEMANDS", ()):
        extra.setdefault(words[0], []).append((line, words[1:]))
    rows |= extra  # [DEMANDS] replaces what [JUNCTIONS] says
    base, mean, largest = np.zeros(len(ids)), np.zeros(len(ids)), np.zeros(len(ids))
    pattern = [""] * len(ids)
    for name, entries in rows.items():
        if name not in number:
            raise UnbuildablePlace(
                f"{path}:{entries[0][0]}", f"junction {name!r} is unknown", "correct its id"
            )
        for line, words in entries:
            value = _real(path, line, words, 0)
            own = words[1] if len(words) > 1 else default_pattern
            if len(words) > 1 and own not in factor:
                raise UnbuildablePlace(
                    f"{path}:{line}", f"pattern {own!r} is unknown", "add it to [PATTERNS]"
                )
            i = number[name]
            base[i] += value
            mean[i] += value * factor.get(own, 1.0)
            if value * factor.get(own, 1.0) > largest[i]:
                largest[i] = value * factor.get(own, 1.0)
                pattern[i] = own
    return base, mean, tuple(pattern)


def _places(
    path: Path,
    sections: dict[str, Lines],
    number: dict[str, int],
    links: list[tuple[str, int, int, float, float]],
    metre: float,
    detour: float,
) -> tuple[np.ndarray, np.ndarray, int]:
    """Where the nodes are drawn, and how many of them the file has no coordinates for.

    Those go to the mean of their neighbours; where most are missing, all are placed by pipe lengths [m].
    """
    x, y = np.full(len(number), np.nan), np.full(len(number), np.nan)
    for line, words in sections.get("COORDINATES", ()):
        if words[0] in number:
            if len(words) < 3:
                raise UnbuildablePlace(f"{path}:{line}", "a node needs x and y", "complete the line")
            x[number[words[0]]], y[number[words[0]]] = (_real(path, line, words, k) for k in (1, 2))
    missing = int(np.isnan(x).sum())
    if not missing:
        return x, y, 0
    ends = np.array([row[1:3] for row in links], dtype=np.int64).reshape(-1, 2)
    if missing > len(number) / 2:
        length = metre * np.array([row[3] for row in links])
        return *place_by_distance(len(number), ends[:, 0], ends[:, 1], length, detour), len(number)
    return *fill_gaps(x, y, ends[:, 0], ends[:, 1]), missing


def _links(
    path: Path, sections: dict[str, Lines], number: dict[str, int]
) -> list[tuple[str, int, int, float, float]]:
    """(id, from, to, length, diameter) of pipes, pumps and valves, in the file's units."""
    rows = []
    for section in ("PIPES", "PUMPS", "VALVES"):
        for line, words in sections.get(section, ()):
            ends = words[1:3]
            unknown = [name for name in ends if name not in number]
            if unknown or len(ends) < 2:
                what = f"node {unknown[0]!r} is unknown" if unknown else "a link needs two nodes"
                near = get_close_matches(unknown[0], number, 1) if unknown else []
                remedy = f"did you mean {near[0]!r}?" if near else "correct the line, or add the node"
                raise UnbuildablePlace(f"{path}:{line}", what, remedy)
            length = _real(path, line, words, 3) if section == "PIPES" else 0.0
            wide = {"PIPES": 4, "VALVES": 3}.get(section)
            diameter = _real(path, line, words, wide) if wide else 0.0
            rows.append((words[0], number[ends[0]], number[ends[1]], length, diameter))
    return rows
