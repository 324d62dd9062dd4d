"""A road network from a TNTP or GMNS file, laid over the map of a city and sized to its people."""

from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.embedding import classical_scaling, fill_gaps
from agentsim.core.numerics.graphs import shortest_times
from agentsim.core.numerics.transportation import cheapest_shipment
from agentsim.place.cases import RoadCase
from agentsim.place.layout.districts import cluster
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.gmns import Units, gmns_coordinates, read_gmns, units_of
from agentsim.place.readers.tntp import read_tntp, read_tntp_nodes
from agentsim.place.spec import Spec

FITS = ("map", "box", "layout")
SAME_MAP_FRAC = 0.3  # overlap of two maps' bounding boxes over their union, from which they are one map


@dataclass(frozen=True)
class RoadFile:
    """Contents of a road file; ``x`` and ``y`` of its nodes in its own units, None where it has none."""

    case: RoadCase
    x: np.ndarray | None
    y: np.ndarray | None
    units: Units | None = None  # of a GMNS folder

    @property
    def zones(self) -> int:
        return len(self.case.zone_x_km)

    @property
    def nodes(self) -> int:
        return max(self.case.nodes, self.zones)


def read_road_file(spec: Spec, p: PlaceParameters) -> RoadFile:
    """The road file of a place: a GMNS folder, or a TNTP network with trips and nodes where it has them.

    Raises
    ------
    UnbuildablePlace : a file cannot be read, the zones are not connected, or there are too many nodes
    """
    path = spec.file("roads")
    trips = spec.file("trips") if spec.has("trips") else None
    units: Units | None = None
    if path.is_dir():
        for role in ("trips", "road_nodes"):
            if spec.has(role):
                raise UnbuildablePlace(spec.file(role), "a GMNS folder has its own", f"leave {role} out")
        units = units_of(path, p.gmns_length_unit or "", p.gmns_speed_unit or "")
        case = read_gmns(path, units.length, units.speed, p.bpr_alpha, p.bpr_beta)
        x, y = gmns_coordinates(path)
        drawn = bool(np.ptp(x) + np.ptp(y) > 0)
    else:
        case = read_tntp(path, trips, p.road_time_unit_h, p.road_length_unit_km, p.road_od_hours)
        drawn = spec.has("road_nodes")
        if drawn:
            x, y = read_tntp_nodes(spec.file("road_nodes"), case.nodes)
    roads = RoadFile(case, x, y, units) if drawn else RoadFile(case, None, None, units)
    if roads.nodes > p.road_nodes_most:
        rule = f"{roads.nodes} nodes are more than road_nodes_most = {p.road_nodes_most}"
        raise UnbuildablePlace(
            path,
            rule,
            "give a coarser network, or raise road_nodes_most under [numbers.map] of a place.toml: an hour "
            "of traffic will take seconds",
        )
    time, _ = node_times(case, case.link_free_time_h)
    apart = np.argwhere(~np.isfinite(time[: roads.zones, : roads.zones]))
    if len(apart):
        a, b = (apart[0] + 1).tolist()
        raise UnbuildablePlace(path, f"no way leads from zone {a} to zone {b}", "join them by links")
    return roads


def node_times(case: RoadCase, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Least sum of *value* (links,) on the way between nodes, and the first link of that way."""
    zones = len(case.zone_x_km)
    first_through = 0 if case.through_zones else zones
    return shortest_times(max(case.nodes, zones), case.link_from, case.link_to, value, first_through)


def zone_of_road_nodes(case: RoadCase) -> np.ndarray:
    """Zone that each node belongs to: the one from which it is reached soonest, array (nodes,)."""
    zones = len(case.zone_x_km)
    time, _ = node_times(case, case.link_free_time_h)
    return np.concatenate([np.arange(zones), np.argmin(time[:zones, zones:], axis=0)])


def neighbouring_zones(case: RoadCase, node_zone: np.ndarray) -> np.ndarray:
    """Pairs of zones that a link joins, array (pairs, 2)."""
    ends = np.sort(np.column_stack([node_zone[case.link_from], node_zone[case.link_to]]), axis=1)
    return np.unique(ends[ends[:, 0] != ends[:, 1]], axis=0)


def place_on_map(
    roads: RoadFile, x: np.ndarray, y: np.ndarray, people: np.ndarray, fit: str | None
) -> tuple[np.ndarray, np.ndarray, str]:
    """Where the nodes of a road file stand on the map of the junctions, and how they were fitted.

    ``map``: its coordinates are the map's. ``box``: they are moved and sized so that mean place and mean
    distance from it are those of the people. ``layout``: free-flow times between zones are read as
    distances (classical scaling), sized alike, turned and mirrored so that zones lie nearest to as many
    people as they have trips.

    Parameters
    ----------
    x, y, people : junctions in map units, and who lives there, arrays (junctions,)
    fit : one of ``FITS``, None to find out
    """
    if fit is None:
        fit = "layout" if roads.x is None else "map" if _same_map(roads, x, y) else "box"
    if fit not in FITS:
        raise UnbuildablePlace("road_fit", f"{fit!r} is unknown", f"use one of {', '.join(FITS)}")
    if fit == "layout":
        return *_by_times(roads, x, y, people), fit
    if roads.x is None or roads.y is None:
        raise UnbuildablePlace("road_fit", f"{fit!r} needs coordinates of the nodes", "use 'layout'")
    if fit == "map":
        return roads.x, roads.y, fit
    centre = np.average(x, weights=people), np.average(y, weights=people)
    radius = np.sqrt(np.average((x - centre[0]) ** 2 + (y - centre[1]) ** 2, weights=people))
    zone_x, zone_y = roads.x[: roads.zones], roads.y[: roads.zones]
    own = float(np.sqrt(zone_x.var() + zone_y.var())) or 1.0
    size = radius / own
    return centre[0] + size * (roads.x - zone_x.mean()), centre[1] + size * (roads.y - zone_y.mean()), fit


def _same_map(roads: RoadFile, x: np.ndarray, y: np.ndarray) -> bool:
    assert roads.x is not None
    assert roads.y is not None
    shared = 1.0
    areas = [1.0, 1.0]
    for mine, other in ((roads.x, x), (roads.y, y)):
        low, high = max(mine.min(), other.min()), min(mine.max(), other.max())
        shared *= max(high - low, 0.0)
        areas = [areas[0] * float(np.ptp(mine)), areas[1] * float(np.ptp(other))]
    total = areas[0] + areas[1] - shared
    return total > 0 and shared / total >= SAME_MAP_FRAC


def _by_times(
    roads: RoadFile, x: np.ndarray, y: np.ndarray, people: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    case, zones = roads.case, roads.zones
    time, _ = node_times(case, case.link_free_time_h)
    between = time[:zones, :zones]
    flat = classical_scaling(0.5 * (between + between.T))
    trips = case.od_veh_per_h.sum(axis=0) + case.od_veh_per_h.sum(axis=1)
    weight = trips / trips.sum() if trips.sum() > 0 else np.full(zones, 1.0 / zones)
    target, need = _clusters(x, y, people, min(zones, 30))
    centre = need @ target
    radius = np.sqrt(need @ ((target - centre) ** 2).sum(axis=1))
    flat = flat - weight @ flat
    flat = flat * (radius / max(np.sqrt(weight @ (flat**2).sum(axis=1)), 1e-12))
    tried = []
    for turn in range(16):
        angle, mirror = 2.0 * np.pi * (turn % 8) / 8.0, 1.0 if turn < 8 else -1.0
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        point = centre + (flat * [1.0, mirror]) @ rotation.T
        squared = ((point[:, None, :] - target[None, :, :]) ** 2).sum(axis=2)
        flow = cheapest_shipment(weight, need * weight.sum(), squared)
        tried.append((float((flow * squared).sum()), turn, point))
    point = min(tried, key=lambda row: row[:2])[2]
    blank = np.full(roads.nodes - zones, np.nan)
    return fill_gaps(
        np.concatenate([point[:, 0], blank]),
        np.concatenate([point[:, 1], blank]),
        case.link_from,
        case.link_to,
    )


def _clusters(x: np.ndarray, y: np.ndarray, people: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Mean places of *count* clusters of people, and their shares of all people."""
    weight = people + 1e-9 * people.mean()  # no cluster is empty
    label = cluster(x, y, weight, count)
    held = np.bincount(label, weight, count)
    point = np.column_stack([np.bincount(label, weight * x, count), np.bincount(label, weight * y, count)])
    return point / held[:, None], held / held.sum()


def trips_of_the_peopled(od_veh_per_h: np.ndarray, time_h: np.ndarray, people: np.ndarray) -> np.ndarray:
    """The trip table; trips of zones without people are moved to the nearest zone that has people."""
    zones = len(people)
    cost = np.where(people[None, :] > 0, time_h, np.inf)
    to = np.where(people > 0, np.arange(zones), np.argmin(cost, axis=1))
    moved = np.zeros_like(od_veh_per_h)
    np.add.at(moved, (to[:, None], to[None, :]), od_veh_per_h)
    np.fill_diagonal(moved, 0.0)
    return moved


def sized(
    roads: RoadFile,
    x_km: np.ndarray,
    y_km: np.ndarray,
    od_veh_per_h: np.ndarray,
    zone_district: np.ndarray,
    scale: float,
) -> RoadCase:
    """The roads of the file on the map of the city, trips and capacities multiplied by *scale*."""
    case, zones = roads.case, roads.zones
    district = zone_district[zone_of_road_nodes(case)]
    return replace(
        case,
        zone_x_km=x_km[:zones],
        zone_y_km=y_km[:zones],
        link_capacity_veh_per_h=case.link_capacity_veh_per_h * scale,
        od_veh_per_h=od_veh_per_h,
        link_district=np.column_stack([district[case.link_from], district[case.link_to]]),
        nodes=roads.nodes,
    )
