"""Bus lines along the arterials of a place: which zones each line joins, and on which roads it runs.

Lines are laid one after the other. Each is the quickest way between two zones, arterials preferred, that no
longer takes than a stated time and brings the most trips of the peak hour to their destination without a
change that no line before it brought there (route generation as in Ceder & Wilson 1986, without its
improvement step). The same rule lays lines over a user's own roads.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import pairwise

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.graphs import shortest_times
from agentsim.core.parameters import parameter
from agentsim.place.cases import BusLines, Place, RoadCase
from agentsim.place.layout.roads_from_file import zone_of_road_nodes


@dataclass(frozen=True)
class BusLinesParameters:
    """How many bus lines a place has, and where they run."""

    lines: int = parameter(
        0, "lines", "bus lines along arterials; 0: a bus every so often between all zones", "A", 0, 60
    )
    side_street_frac: float = parameter(
        1.5,
        "1",
        "an hour on a street that is no arterial over an hour on one, where lines are laid",
        "A",
        1,
        10,
    )
    line_most_h: float = parameter(
        0.5, "h", "longest way of a line from end to end, at free flow and without stops", "A", 0.001, 5
    )
    arterial_frac: float = parameter(
        0.25, "1", "roads from a file: the widest, so many of all links, are the arterials", "A", 0.01, 1
    )
    terminals_most: int = parameter(
        60, "zones", "with the most trips, between which lines are sought (numerical)", "A", 2, 1000
    )


def with_bus_lines(place: Place, p: BusLinesParameters) -> Place:
    """The place with as many bus lines as asked for, or as many as bring anybody a trip without a change.

    Raises
    ------
    UnbuildablePlace : no line is as short as asked for and of use to anybody
    """
    if p.lines == 0:
        return place
    garage = int(np.argmax(place.districts.people))
    found = _laid(_Roads(place.roads), p, garage)
    if not len(found):
        raise UnbuildablePlace(
            "bus_lines.line_most_h",
            f"no two zones between which anybody travels are within {p.line_most_h:g} h by road",
            "raise it, or set bus_lines.lines = 0",
        )
    return replace(place, bus_lines=found)


class _Roads:
    """Roads as a key of a cache: equal where all numbers are that matter for lines."""

    def __init__(self, case: RoadCase) -> None:
        self.case = case
        columns = (case.link_from, case.link_to, case.link_free_time_h, case.link_capacity_veh_per_h)
        arterial = b"" if case.link_arterial is None else np.asarray(case.link_arterial).tobytes()
        self._key = (*(np.asarray(one).tobytes() for one in (*columns, case.od_veh_per_h)), arterial)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Roads) and self._key == other._key


@lru_cache(maxsize=8)
def _laid(roads: _Roads, p: BusLinesParameters, garage: int) -> BusLines:
    case = roads.case
    ways = _Ways(case, p)
    unserved = case.od_veh_per_h + case.od_veh_per_h.T
    busiest = np.argsort(-unserved.sum(axis=1), kind="stable")[: p.terminals_most]
    tried = {
        (a, b): ways.stops(a, b)
        for a in busiest.tolist()
        for b in busiest.tolist()
        if a < b and ways.free_h(a, b) <= p.line_most_h
    }
    chosen: list[tuple[int, int]] = []
    while tried and len(chosen) < p.lines:
        worth = {ends: float(unserved[np.ix_(zones, zones)].sum()) for ends, (zones, _) in tried.items()}
        ends = max(worth, key=lambda pair: (worth[pair], -pair[0], -pair[1]))
        if worth[ends] <= 0.0:
            break
        zones = tried[ends][0]
        unserved[np.ix_(zones, zones)] = 0.0
        chosen.append(ends)
    return _lines([tried[ends] for ends in chosen], ways, garage)


class _Ways:
    """Quickest ways for buses, arterials preferred."""

    def __init__(self, case: RoadCase, p: BusLinesParameters) -> None:
        self.case = case
        nodes, zones = max(case.nodes, len(case.zone_x_km)), len(case.zone_x_km)
        cost_h = case.link_free_time_h * np.where(_arterials(case, p), 1.0, p.side_street_frac)
        through = 0 if case.through_zones else zones
        self._cost_h, self._first = shortest_times(nodes, case.link_from, case.link_to, cost_h, through)
        self._node_zone = zone_of_road_nodes(case)

    def links(self, start: int, end: int) -> list[int]:
        """Road links of the way between two nodes."""
        way, here = [], start
        while here != end:
            way.append(int(self._first[here, end]))
            here = int(self.case.link_to[way[-1]])
        return way

    def free_h(self, start: int, end: int) -> float:
        """Time of the way at free flow; inf where none leads there and back."""
        if not np.isfinite(self._cost_h[start, end] + self._cost_h[end, start]):
            return np.inf
        return float(self.case.link_free_time_h[self.links(start, end)].sum())

    def stops(self, start: int, end: int) -> tuple[list[int], list[int]]:
        """Zones that the way meets, each once, and the node where it stops there.

        A node that is no zone belongs to the zone from which it is reached soonest.
        """
        nodes = [start, *(int(self.case.link_to[link]) for link in self.links(start, end))]
        at: dict[int, int] = {}
        for node in nodes:
            at.setdefault(int(self._node_zone[node]), node)
        at.pop(end)
        at[end] = end  # the last stop, at the node of the zone itself
        return list(at), list(at.values())


def _arterials(case: RoadCase, p: BusLinesParameters) -> np.ndarray:
    """Links that are arterials, bool (links,): as the place says, else the widest."""
    if case.link_arterial is not None and case.link_arterial.any():
        return np.asarray(case.link_arterial, dtype=bool)
    return case.link_capacity_veh_per_h >= np.quantile(case.link_capacity_veh_per_h, 1.0 - p.arterial_frac)


def _lines(chosen: list[tuple[list[int], list[int]]], ways: _Ways, garage: int) -> BusLines:
    first_stop, zones = [0], list[int]()
    segments: tuple[list[list[int]], list[list[int]]] = ([], [])
    for line_zones, nodes in chosen:
        zones += line_zones
        first_stop.append(len(zones))
        for a, b in pairwise(nodes):
            segments[0].append(ways.links(a, b))
            segments[1].append(ways.links(b, a))
        for way in segments:
            way.append([])  # the last stop has no segment
    first_link = np.array([np.cumsum([0, *map(len, way)]) for way in segments], dtype=np.int64)
    link = np.full((2, int(first_link.max(initial=0))), -1, dtype=np.int64)
    for direction, rows in enumerate(segments):
        flat = [one for row in rows for one in row]
        link[direction, : len(flat)] = flat
    return BusLines(
        name=tuple(str(k + 1) for k in range(len(chosen))),
        first_stop=np.array(first_stop, dtype=np.int64),
        stop_zone=np.array(zones, dtype=np.int64),
        first_link=first_link.reshape(2, -1),
        link=link,
        garage_district=garage,
    )
