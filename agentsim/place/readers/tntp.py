"""Reader of road networks and trip tables in TNTP, the format of the Transportation Networks test problems.

The format and the well-known networks (Sioux Falls, Anaheim, Chicago) come from the repository
"Transportation Networks for Research" (Stabler, Bar-Gera and Sall). Its data are for academic research
only, so none is shipped: the files are the user's own.
"""

import re
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnreadableRoads
from agentsim.core.text_files import text_of
from agentsim.place.cases import RoadCase

MINUTE_H = 1.0 / 60.0
MILE_KM = 1.609344
COLUMNS = ("init node", "term node", "capacity", "length", "free flow time", "b", "power")
MOST_COORDINATE = 1e12  # in any unit a map is smaller
_FREE_TIME = COLUMNS.index("free flow time")
_TAG = re.compile(r"<([^>]+)>(.*)")
_ENTRY = re.compile(r"\s*([^\s:]+)\s*:\s*([^\s:]+)\s*")


def read_tntp(
    net_file: str | Path,
    trips_file: str | Path | None,
    time_unit_h: float = MINUTE_H,
    length_unit_km: float = MILE_KM,
    od_hours: float = 1.0,
) -> RoadCase:
    """Roads and demand from ``*_net.tntp`` and ``*_trips.tntp``; without the latter there are no trips.

    Parameters
    ----------
    time_unit_h : unit of the free-flow times; TNTP does not say it, minutes are the custom
    length_unit_km : unit of the lengths; miles are the custom (some files use feet or km). A link whose
        free-flow time is infinite is closed and left out, see :func:`closed_links`
    od_hours : hours to which trips and capacities refer (24 for a daily table: both become per hour)

    Raises
    ------
    UnreadableRoads
        with file, line, rule and suggestion. Tolls and the generalised-cost factors of the metadata are
        not read: paths are chosen by time.
    """
    metadata, rows = _net_rows(Path(net_file))
    zones = _whole(net_file, metadata, "NUMBER OF ZONES")
    nodes = _whole(net_file, metadata, "NUMBER OF NODES")
    links = _whole(net_file, metadata, "NUMBER OF LINKS")
    if len(rows) != links:
        raise UnreadableRoads(
            net_file, 0, f"<NUMBER OF LINKS> is {links} but {len(rows)} links follow", "correct one of them"
        )
    rows = [row for row in rows if not _unusable(row)]
    if not rows:
        raise UnreadableRoads(net_file, 0, "no link can be used", "give links a finite free-flow time")
    table = np.array([row for _, row in rows]).reshape(-1, len(COLUMNS))
    _check_rows(net_file, rows, table, nodes)
    return RoadCase(
        zone_x_km=np.zeros(zones),
        zone_y_km=np.zeros(zones),
        link_from=table[:, 0].astype(np.int64) - 1,
        link_to=table[:, 1].astype(np.int64) - 1,
        link_capacity_veh_per_h=table[:, 2] / od_hours,
        link_length_km=table[:, 3] * length_unit_km,
        link_free_time_h=table[:, 4] * time_unit_h,
        link_bpr_alpha=table[:, 5],
        link_bpr_beta=table[:, 6],
        od_veh_per_h=np.zeros((zones, zones))
        if trips_file is None
        else _trips(Path(trips_file), zones) / od_hours,
        nodes=nodes,
        through_zones=_through_zones(net_file, metadata, zones),
    )


def closed_links(net_file: str | Path) -> int:
    """Links of a network that are left out because their free-flow time is infinite."""
    return sum(_unusable(row) for row in _net_rows(Path(net_file))[1])


def _unusable(row: tuple[int, list[float]]) -> bool:
    return row[1][_FREE_TIME] == np.inf


def _lines(file: Path) -> list[str]:
    def fault(path: Path | str, rule: str, remedy: str) -> UnreadableRoads:
        return UnreadableRoads(path, 0, rule, remedy)

    return text_of(file, "give the path of a TNTP file", fault, fallback="latin-1").split("\n")


def _metadata(file: Path, lines: list[str]) -> tuple[dict[str, tuple[int, str]], int]:
    """Tags of the head as name -> (line, value), and the number of lines it takes."""
    found: dict[str, tuple[int, str]] = {}
    for number, text in enumerate(lines, start=1):
        match = _TAG.match(text.strip())
        if match is None:
            continue
        name = match[1].strip().upper()
        if name == "END OF METADATA":
            return found, number
        found[name] = (number, match[2].split("~")[0].strip())
    raise UnreadableRoads(
        file, len(lines), "no <END OF METADATA> line", "is this a TNTP file? Its head ends with that line"
    )


def _whole(file: str | Path, metadata: dict[str, tuple[int, str]], name: str) -> int:
    if name not in metadata:
        raise UnreadableRoads(file, 0, f"<{name}> is missing", "add it before <END OF METADATA>")
    line, text = metadata[name]
    if not text.isdigit() or int(text) == 0:
        raise UnreadableRoads(file, line, f"<{name}> is {text!r}", "write a whole number above 0")
    return int(text)


def _through_zones(file: str | Path, metadata: dict[str, tuple[int, str]], zones: int) -> bool:
    if "FIRST THRU NODE" not in metadata:
        return True
    first = _whole(file, metadata, "FIRST THRU NODE")
    if first not in (1, zones + 1):
        raise UnreadableRoads(
            file,
            metadata["FIRST THRU NODE"][0],
            f"<FIRST THRU NODE> is {first}: either every zone may be passed through or none",
            f"write 1 or {zones + 1}",
        )
    return first == 1


def _net_rows(file: Path) -> tuple[dict[str, tuple[int, str]], list[tuple[int, list[float]]]]:
    lines = _lines(file)
    metadata, head = _metadata(file, lines)
    order = list(range(len(COLUMNS)))
    rows: list[tuple[int, list[float]]] = []
    for number, text in enumerate(lines[head:], start=head + 1):
        text = text.strip()
        if text.startswith("~"):
            order = _order_of_columns(text) or order
            continue
        entries = text.rstrip(";").split()
        if not entries:
            continue
        try:
            rows.append((number, [float(entries[column]) for column in order]))
        except (IndexError, ValueError):
            raise UnreadableRoads(
                file, number, f"not a link: {text[:60]!r}", f"columns are {', '.join(COLUMNS)}, ..., ';'"
            ) from None
    return metadata, rows


def _order_of_columns(comment: str) -> list[int] | None:
    """Positions of the columns if the comment line names them, else None."""
    names = [name.strip().lower().replace("_", " ") for name in comment.strip("~; \t").split("\t")]
    names = [name for name in names if name and name != ";"]
    known = {"from": "init node", "to": "term node", "fftt": "free flow time", "alpha": "b", "beta": "power"}
    names = [known.get(name, name) for name in names]
    return [names.index(name) for name in COLUMNS] if set(COLUMNS) <= set(names) else None


def _check_rows(file: str | Path, rows: list[tuple[int, list[float]]], table: np.ndarray, nodes: int) -> None:
    ends, power = table[:, :2], table[:, 6]
    rules = (
        (~np.isfinite(table).all(axis=1), "a number is not finite", "write ordinary numbers"),
        (
            ((ends < 1) | (ends > nodes) | (ends != np.floor(ends))).any(axis=1),
            f"a node is not a whole number between 1 and {nodes}",
            "correct the link or <NUMBER OF NODES>",
        ),
        (table[:, 2] <= 0.0, "capacity must be above 0", "leave out a link that carries nothing"),
        (
            (table[:, 3:6] < 0.0).any(axis=1),
            "length, free-flow time and b must not be negative",
            "correct it",
        ),
        (
            (power != 0.0) & (power < 1.0),
            "the power of the volume-delay function must be 0 (constant time), or 1 and more",
            "the usual value is 4",
        ),
    )
    for broken, rule, suggestion in rules:
        if broken.any():
            raise UnreadableRoads(file, rows[int(np.argmax(broken))][0], rule, suggestion)


def read_tntp_nodes(file: str | Path, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates of the nodes from ``*_node.tntp``, arrays (nodes,), in the file's units.

    Rows of node number, x and y; a first line that names the columns is passed over.

    Raises
    ------
    UnreadableRoads : a row that is none, a node that is missing or not in the network
    """
    place = np.full((nodes, 2), np.nan)
    for number, text in enumerate(_lines(Path(file)), start=1):
        words = text.split("~")[0].replace(";", " ").replace(",", " ").split()
        if not words or (not words[0].isdigit() and number == 1):
            continue
        try:
            node, x, y = int(words[0]), float(words[1]), float(words[2])
            if not (abs(x) <= MOST_COORDINATE and abs(y) <= MOST_COORDINATE):
                raise ValueError
        except (IndexError, ValueError):
            raise UnreadableRoads(
                file, number, f"not a node: {text[:60]!r}", "columns are node, x, y"
            ) from None
        if not 1 <= node <= nodes:
            raise UnreadableRoads(
                file, number, f"{node} is no node of the network", f"nodes are 1 to {nodes}"
            )
        place[node - 1] = x, y
    missing = np.flatnonzero(~np.isfinite(place).all(axis=1))
    if len(missing):
        raise UnreadableRoads(file, 0, f"node {missing[0] + 1} has no coordinates", "give every node a row")
    return place[:, 0], place[:, 1]


def _trips(file: Path, zones: int) -> np.ndarray:
    """Trip table, array (zones, zones); the diagonal is left out."""
    lines = _lines(file)
    metadata, head = _metadata(file, lines)
    if _whole(file, metadata, "NUMBER OF ZONES") != zones:
        line, text = metadata["NUMBER OF ZONES"]
        raise UnreadableRoads(
            file, line, f"{text} zones, but the network has {zones}", "give the trips of the same network"
        )
    od = np.zeros((zones, zones))
    origin = -1
    for number, text in enumerate(lines[head:], start=head + 1):
        text = text.split("~")[0].strip()
        if text.lower().startswith("origin"):
            origin = _zone(file, number, text[6:].strip(), zones)
        elif text:
            _fill(file, number, text, od, origin)
    np.fill_diagonal(od, 0.0)
    return od


def _fill(file: Path, number: int, text: str, od: np.ndarray, origin: int) -> None:
    if origin < 0:
        raise UnreadableRoads(file, number, "trips before the first 'Origin' line", "name the origin first")
    for piece in filter(None, (piece.strip() for piece in text.split(";"))):
        match = _ENTRY.fullmatch(piece)
        try:
            trips = float(match[2]) if match else np.nan
        except ValueError:
            trips = np.nan
        if match is None or not 0.0 <= trips < np.inf:
            raise UnreadableRoads(
                file, number, f"not a trip entry: {piece[:40]!r}", "write 'destination : trips;'"
            )
        od[origin, _zone(file, number, match[1], od.shape[0])] += trips


def _zone(file: Path, number: int, text: str, zones: int) -> int:
    if not text.isdigit() or not 1 <= int(text) <= zones:
        raise UnreadableRoads(
            file, number, f"{text!r} is not a zone", f"zones are the whole numbers 1 to {zones}"
        )
    return int(text) - 1
