"""Reader of road networks in GMNS, the General Modeling Network Specification (Zephyr Foundation).

A folder with ``node.csv``, ``link.csv`` and, where they are there, ``demand.csv`` and ``config.csv``. Nodes
with a ``zone_id`` are in zones; each zone is entered at one node, its centroid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnreadableRoads
from agentsim.core.text_files import UnreadableText, csv_rows, file_bytes
from agentsim.place.cases import RoadCase
from agentsim.place.readers.tntp import MILE_KM

LENGTH_KM = {"mi": MILE_KM, "mile": MILE_KM, "miles": MILE_KM, "km": 1.0, "kilometer": 1.0, "m": 1e-3}
LENGTH_KM |= {"meter": 1e-3, "foot": MILE_KM / 5280.0, "feet": MILE_KM / 5280.0, "ft": MILE_KM / 5280.0}
SPEED_KM_PER_H = {"mph": MILE_KM, "kph": 1.0, "km/h": 1.0, "kmh": 1.0}
USUAL_UNITS = ("mile", "km", "meter", "foot")  # tried where nobody says the unit of length
STRAY_TRIPS = 0.01  # share of all trips that may begin or end in a zone without nodes: they are left out
LIKE_DRAWN = (0.8, 1.6)  # lengths over straight lines, the median; a wrong unit is off by 3.3 or more
NO_ZONE = (None, "", "0", "-1")
Row = tuple[int, dict[str, str]]


@dataclass(frozen=True)
class Units:
    """Units of a GMNS folder's lengths and speeds, keys of ``LENGTH_KM`` and ``SPEED_KM_PER_H``."""

    length: str
    speed: str
    said: bool = True  # by an argument or by ``config.csv``


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
    Units come from ``config.csv`` (``long_length``, ``speed``) unless given; see :func:`units_of`. A zone of
    several nodes is entered at the one whose ``node_type`` is ``centroid``, else at the one whose id is the
    zone's, else at the one next to their middle. Trips of zones without nodes are left out if they are at
    most 1 % of all (:func:`stray_trips`).

    Raises
    ------
    UnreadableRoads
        with file, line, rule and suggestion
    """
    folder = Path(folder)
    node_of, zone_of, x, y = _nodes(folder / "node.csv")
    table = _links(folder / "link.csv", node_of, bpr_alpha, bpr_beta)
    units = _units(folder, length_unit, speed_unit, table, x, y)
    zones = len(zone_of)
    length = table[:, 2] * LENGTH_KM[units.length]
    return RoadCase(
        zone_x_km=x[:zones],
        zone_y_km=y[:zones],
        link_from=table[:, 0].astype(np.int64),
        link_to=table[:, 1].astype(np.int64),
        link_length_km=length,
        link_free_time_h=length / (table[:, 3] * SPEED_KM_PER_H[units.speed]),
        link_capacity_veh_per_h=table[:, 4],
        link_bpr_alpha=table[:, 5],
        link_bpr_beta=table[:, 6],
        od_veh_per_h=_demand(folder / "demand.csv", zone_of)[0]
        if (folder / "demand.csv").exists()
        else np.zeros((zones, zones)),
        nodes=len(node_of),
        through_zones=through_zones,
    )


def units_of(folder: str | Path, length_unit: str = "", speed_unit: str = "") -> Units:
    """The units of a GMNS folder: those given; else those of ``config.csv`` that fit the drawn lengths.

    Where a link is drawn, its length is that of a straight line or somewhat more. ``long_length`` is tried
    first, then ``short_length``; without ``config.csv`` a unit is chosen that fits. Speeds are in mph with
    miles and feet, else in km/h.

    Raises
    ------
    UnreadableRoads : nobody says the unit, and the nodes' coordinates do not tell it; or a unit is unknown
    """
    folder = Path(folder)
    node_of, _, x, y = _nodes(folder / "node.csv")
    return _units(folder, length_unit, speed_unit, _links(folder / "link.csv", node_of, 0.15, 4.0), x, y)


def gmns_coordinates(folder: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of all nodes in the order of :func:`read_gmns`, zones first, as in the file."""
    _, _, x, y = _nodes(Path(folder) / "node.csv")
    return x, y


def _rows(file: Path, needed: tuple[str, ...] = ()) -> list[Row]:
    try:
        found, rows = csv_rows(file_bytes(file))
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


def _units(
    folder: Path, length_unit: str, speed_unit: str, links: np.ndarray, x: np.ndarray, y: np.ndarray
) -> Units:
    file = folder / "config.csv"
    line, config = next(iter(_rows(file)), (0, {})) if file.exists() else (0, {})
    said = [length_unit] if length_unit else [
        config[name] for name in ("long_length", "length_unit", "short_length") if config.get(name)
    ]  # fmt: skip
    for unit in said:
        _known(file, line, "long_length", unit, LENGTH_KM)
    fitting = _fitting(said or USUAL_UNITS, links, x, y)
    if not said and not fitting:
        raise UnreadableRoads(
            file,
            line,
            "the unit of long_length is '', and the nodes' coordinates do not tell it",
            f"use one of {', '.join(sorted(LENGTH_KM))}",
        )
    length = length_unit or (fitting or said)[0]
    usual = "mph" if length.lower()[:1] == "f" or length.lower()[:2] == "mi" else "km/h"
    speed = speed_unit or next((config[name] for name in ("speed", "speed_unit") if config.get(name)), usual)
    _known(file, line, "speed", speed, SPEED_KM_PER_H)
    return Units(length.lower(), speed.lower(), said=bool(said))


def _known(file: Path, line: int, name: str, unit: str, known: dict[str, float]) -> None:
    if unit.lower() not in known:
        rule = f"the unit of {name} is {unit!r}"
        raise UnreadableRoads(file, line, rule, f"use one of {', '.join(sorted(known))}")


def _fitting(units: Iterable[str], links: np.ndarray, x: np.ndarray, y: np.ndarray) -> list[str]:
    """Those of *units* in which the links are about as long as they are drawn."""
    begin, end = links[:, 0].astype(int), links[:, 1].astype(int)
    if max(np.abs(x).max(), np.abs(y).max()) <= 180.0:  # degrees
        east = np.cos(np.deg2rad(0.5 * (y[begin] + y[end])))
        drawn = [111.2 * np.hypot((x[end] - x[begin]) * east, y[end] - y[begin])]
    else:
        flat = np.hypot(x[end] - x[begin], y[end] - y[begin])
        drawn = [flat * LENGTH_KM["m"], flat * LENGTH_KM["ft"]]
    found = []
    for unit in units:
        for straight_km in drawn:
            some = (straight_km > 0.0) & (links[:, 2] > 0.0)
            ratio = links[some, 2] * LENGTH_KM[unit.lower()] / straight_km[some]
            if some.any() and LIKE_DRAWN[0] <= np.median(ratio) <= LIKE_DRAWN[1]:
                found.append(unit)
                break
    return found


MOST = 1e12  # no coordinate, length or flow is larger


def _number(file: Path, row: Row, names: tuple[str, ...], default: float | None = None) -> float:
    line, values = row
    text = next((values[name] for name in names if values.get(name)), "")
    if not text and default is not None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = np.nan
    if not abs(number) <= MOST:
        raise UnreadableRoads(file, line, f"{names[0]} is {text!r}", "write a number")
    return number


def _nodes(file: Path) -> tuple[dict[str, int], dict[str, int], np.ndarray, np.ndarray]:
    """Node index and zone index by id, zones first, and coordinates [as in the file]."""
    rows = _rows(file, ("node_id", "zone_id"))
    centroids = {id(row) for row in _centroids(file, rows)}
    zoned = [row for row in rows if id(row) in centroids]
    plain = [row for row in rows if id(row) not in centroids]
    node_of: dict[str, int] = {}
    zone_of: dict[str, int] = {}
    for line, values in zoned + plain:
        name = values.get("node_id", "")
        if not name or name in node_of:
            raise UnreadableRoads(file, line, f"node_id {name!r} is empty or repeated", "make it unique")
        if len(node_of) < len(zoned):
            zone_of[values["zone_id"]] = len(node_of)
        node_of[name] = len(node_of)
    if not zone_of:
        raise UnreadableRoads(file, 0, "no node has a zone_id", "mark the zones' nodes")
    ordered = zoned + plain
    x = np.array([_number(file, row, ("x_coord",), 0.0) for row in ordered])
    y = np.array([_number(file, row, ("y_coord",), 0.0) for row in ordered])
    return node_of, zone_of, x, y


def _centroids(file: Path, rows: list[Row]) -> list[Row]:
    """The node at which each zone is entered, in the order of the file."""
    members: dict[str, list[Row]] = {}
    for row in rows:
        zone = row[1].get("zone_id")
        if zone is not None and zone not in NO_ZONE:
            members.setdefault(zone, []).append(row)
    return [_centroid(file, zone, nodes) for zone, nodes in members.items()]


def _centroid(file: Path, zone: str, nodes: list[Row]) -> Row:
    named = [row for row in nodes if row[1].get("node_type", "").lower() == "centroid"]
    named = named or [row for row in nodes if row[1].get("node_id") == zone]
    if len(named) == 1 or len(nodes) == 1:
        return (named or nodes)[0]
    point = np.array([[_number(file, row, (axis,), 0.0) for axis in ("x_coord", "y_coord")] for row in nodes])
    return nodes[int(np.argmin(((point - point.mean(axis=0)) ** 2).sum(axis=1)))]


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


def stray_trips(folder: str | Path) -> float:
    """Trips of ``demand.csv`` that begin or end in a zone without nodes, which are left out [veh/h]."""
    file = Path(folder) / "demand.csv"
    if not file.exists():
        return 0.0
    return _demand(file, _nodes(Path(folder) / "node.csv")[1])[1]


def _demand(file: Path, zone_of: dict[str, int]) -> tuple[np.ndarray, float]:
    """Trips between zones, array (zones, zones), and trips of zones without nodes [veh/h]."""
    od = np.zeros((len(zone_of), len(zone_of)))
    stray, first = 0.0, (0, "")
    for row in _rows(file, ("o_zone_id", "d_zone_id", "volume")):
        line, values = row
        begin, end = values.get("o_zone_id", ""), values.get("d_zone_id", "")
        volume = _number(file, row, ("volume",))
        if volume < 0.0:
            raise UnreadableRoads(file, line, f"volume is {volume}", "write 0 or more")
        if begin in zone_of and end in zone_of:
            od[zone_of[begin], zone_of[end]] += volume
        elif volume > 0.0:
            first = first if stray else (line, end if begin in zone_of else begin)
            stray += volume
    if stray > STRAY_TRIPS * (od.sum() + stray):
        raise UnreadableRoads(file, first[0], f"zone {first[1]!r} has no node", "correct the zone id")
    np.fill_diagonal(od, 0.0)
    return od, stray
