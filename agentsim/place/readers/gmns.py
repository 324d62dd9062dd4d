"""Reader of road networks in GMNS, the General Modeling Network Specification (Zephyr Foundation).

A folder with ``node.csv``, ``link.csv``, ``demand.csv`` and, if the units are not given as arguments,
``config.csv``. Nodes with a ``zone_id`` are the zones, one node each.
"""

from pathlib import Path

import numpy as np

from agentsim.core.errors import UnreadableRoads
from agentsim.core.text_files import UnreadableText, csv_rows
from agentsim.place.cases import RoadCase
from agentsim.place.readers.tntp import MILE_KM

LENGTH_KM = {"mi": MILE_KM, "mile": MILE_KM, "miles": MILE_KM, "km": 1.0, "kilometer": 1.0, "m": 1e-3}
LENGTH_KM |= {"meter": 1e-3, "foot": MILE_KM / 5280.0, "feet": MILE_KM / 5280.0, "ft": MILE_KM / 5280.0}
SPEED_KM_PER_H = {"mph": MILE_KM, "kph": 1.0, "km/h": 1.0, "kmh": 1.0}
Row = tuple[int, dict[str, str]]


def read_gmns(
    folder: str | Path,
    length_unit: str = "",
    speed_unit: str = "",
    bpr_alpha: float = 0.15,
    bpr_beta: float = 4.0,
    through_zones: bool = True,
) -> RoadCase:
    """Roads and demand from a GMNS folder; without ``demand.csv`` there are no trips.

    A link's capacity is veh/h a lane times its ``lanes``; an undirected link becomes two. Links may name
    their own volume-delay function in ``vdf_alpha`` and ``vdf_beta`` (or ``VDF_alpha1``, ``VDF_beta1``).
    Units come from ``config.csv`` (``long_length``, ``speed``) unless given.

    Raises
    ------
    UnreadableRoads
        with file, line, rule and suggestion
    """
    folder = Path(folder)
    length_km = _unit(folder, length_unit, ("long_length", "length_unit"), LENGTH_KM)
    speed_km_per_h = _unit(folder, speed_unit, ("speed", "speed_unit"), SPEED_KM_PER_H)
    node_of, zone_of, x, y = _nodes(folder / "node.csv")
    table = _links(folder / "link.csv", node_of, bpr_alpha, bpr_beta)
    zones = len(zone_of)
    length = table[:, 2] * length_km
    return RoadCase(
        zone_x_km=x[:zones],
        zone_y_km=y[:zones],
        link_from=table[:, 0].astype(np.int64),
        link_to=table[:, 1].astype(np.int64),
        link_length_km=length,
        link_free_time_h=length / (table[:, 3] * speed_km_per_h),
        link_capacity_veh_per_h=table[:, 4],
        link_bpr_alpha=table[:, 5],
        link_bpr_beta=table[:, 6],
        od_veh_per_h=_demand(folder / "demand.csv", zone_of)
        if (folder / "demand.csv").exists()
        else np.zeros((zones, zones)),
        nodes=len(node_of),
        through_zones=through_zones,
    )


def gmns_coordinates(folder: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of all nodes in the order of :func:`read_gmns`, zones first, as in the file."""
    _, _, x, y = _nodes(Path(folder) / "node.csv")
    return x, y


def _rows(file: Path, needed: tuple[str, ...] = ()) -> list[Row]:
    try:
        found, rows = csv_rows(file.read_bytes())
    except UnreadableText as error:
        raise UnreadableRoads(file, error.line, error.rule, error.remedy) from None
    except OSError as error:
        reason = error.strerror or "cannot be opened"
        raise UnreadableRoads(
            file, 0, reason, "a GMNS folder has node.csv, link.csv and demand.csv"
        ) from None
    for name in needed:
        if name not in found:
            raise UnreadableRoads(
                file, 1, f"column {name!r} is missing", f"found: {', '.join(found) or 'nothing'}"
            )
    return [(line, {name: (entry or "").strip() for name, entry in row.items()}) for line, row in rows]


def _unit(folder: Path, given: str, names: tuple[str, ...], known: dict[str, float]) -> float:
    file = folder / "config.csv"
    line, text = 0, given
    if not given and file.exists():
        for number, row in _rows(file)[:1]:
            line = number
            text = next((row[name] for name in names if row.get(name)), "")
    if text.lower() not in known:
        raise UnreadableRoads(
            file, line, f"the unit of {names[0]} is {text!r}", f"use one of {', '.join(sorted(known))}"
        )
    return known[text.lower()]


def _number(file: Path, row: Row, names: tuple[str, ...], default: float | None = None) -> float:
    line, values = row
    text = next((values[name] for name in names if values.get(name)), "")
    if not text and default is not None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not 0.0 <= abs(number) < np.inf:
        raise UnreadableRoads(file, line, f"{names[0]} is {text!r}", "write a number")
    return number


def _nodes(file: Path) -> tuple[dict[str, int], dict[str, int], np.ndarray, np.ndarray]:
    """Node index and zone index by id, zones first, and coordinates [as in the file]."""
    rows = _rows(file, ("node_id", "zone_id"))
    zoned = [row for row in rows if row[1].get("zone_id") not in (None, "", "0", "-1")]
    plain = [row for row in rows if row[1].get("zone_id") in (None, "", "0", "-1")]
    node_of: dict[str, int] = {}
    zone_of: dict[str, int] = {}
    for line, values in zoned + plain:
        name, zone = values.get("node_id", ""), values.get("zone_id", "")
        if not name or name in node_of:
            raise UnreadableRoads(file, line, f"node_id {name!r} is empty or repeated", "make it unique")
        if len(node_of) < len(zoned):
            if zone in zone_of:
                raise UnreadableRoads(
                    file, line, f"zone {zone} has two nodes", "give each zone one node, its centroid"
                )
            zone_of[zone] = len(node_of)
        node_of[name] = len(node_of)
    if not zone_of:
        raise UnreadableRoads(file, 0, "no node has a zone_id", "mark the zones' nodes")
    ordered = zoned + plain
    x = np.array([_number(file, row, ("x_coord",), 0.0) for row in ordered])
    y = np.array([_number(file, row, ("y_coord",), 0.0) for row in ordered])
    return node_of, zone_of, x, y


def _links(file: Path, node_of: dict[str, int], alpha: float, beta: float) -> np.ndarray:
    """Rows of from, to, length, speed, capacity, alpha, beta; length and speed in the file's units."""
    table = []
    for row in _rows(file, ("from_node_id", "to_node_id", "length", "free_speed", "capacity")):
        line, values = row
        ends = []
        for name in ("from_node_id", "to_node_id"):
            if values.get(name, "") not in node_of:
                raise UnreadableRoads(
                    file, line, f"{name} {values.get(name, '')!r} is not in node.csv", "correct the id"
                )
            ends.append(node_of[values[name]])
        length = _number(file, row, ("length",))
        speed = _number(file, row, ("free_speed",))
        capacity = _number(file, row, ("capacity",)) * _number(file, row, ("lanes",), 1.0)
        delay = (
            _number(file, row, ("vdf_alpha", "VDF_alpha1"), alpha),
            _number(file, row, ("vdf_beta", "VDF_beta1"), beta),
        )
        if min(speed, capacity) <= 0.0 or length < 0.0 or delay[0] < 0.0 or 0.0 != delay[1] < 1.0:
            raise UnreadableRoads(
                file,
                line,
                "speed, capacity, lanes must be above 0; length, vdf_alpha at least 0; vdf_beta at least 1",
                "correct the link, or leave out one that carries nothing",
            )
        table.append([*ends, length, speed, capacity, *delay])
        if values.get("directed", "1").lower() in ("0", "false"):
            table.append([ends[1], ends[0], length, speed, capacity, *delay])
    if not table:
        raise UnreadableRoads(file, 0, "no links", "add at least one")
    return np.array(table)


def _demand(file: Path, zone_of: dict[str, int]) -> np.ndarray:
    od = np.zeros((len(zone_of), len(zone_of)))
    for row in _rows(file, ("o_zone_id", "d_zone_id", "volume")):
        line, values = row
        ends = [values.get("o_zone_id", ""), values.get("d_zone_id", "")]
        for zone in ends:
            if zone not in zone_of:
                raise UnreadableRoads(file, line, f"zone {zone!r} has no node", "correct the zone id")
        volume = _number(file, row, ("volume",))
        if volume < 0.0:
            raise UnreadableRoads(file, line, f"volume is {volume}", "write 0 or more")
        od[zone_of[ends[0]], zone_of[ends[1]]] += volume
    np.fill_diagonal(od, 0.0)
    return od
