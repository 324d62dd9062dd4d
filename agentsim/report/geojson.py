"""Districts and assets of a city as GeoJSON, in the coordinates of its water file, for a map program.

RFC 7946 asks for longitude and latitude; the coordinates here are those that the water file has, whatever
they are, so that the layers lie on other layers of the same network. A file without coordinates is in metres.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from agentsim.place.cases import Place
from agentsim.place.readers.inp import InpNetwork, read_inp

Point = tuple[float, float]
Results = Mapping[str, Sequence[float]]  # of a run, by name: one number for each district


def districts_geojson(place: Place, results: Results | None = None) -> dict[str, Any]:
    """A feature for each district: the hull of its junctions, its people and jobs, and *results* of a run.

    A district with fewer than three junctions, or all in a line, is a set of points.
    """
    network, _ = _drawn(place)
    rows = {name: k for k, name in enumerate(network.junction_id)}
    at = np.array([rows[name] for name in place.water.junction_id])
    points = np.column_stack([network.node_x, network.node_y])[at]
    features = []
    for k, name in enumerate(place.districts.name):
        own = points[place.water.junction_district == k]
        facts = {
            "name": name,
            "name_ja": place.districts.name_ja[k],
            "people": float(place.districts.people[k]),
            "jobs": float(place.districts.jobs[k].sum()),
        }
        facts |= {key: _number(values[k]) for key, values in (results or {}).items()}
        features.append(_feature(_area(own), facts))
    return _collection(place, features)


def assets_geojson(place: Place) -> dict[str, Any]:
    """Junctions, sources, tanks, mains, roads, bus lines, buses of the grid and sites (depots among them)."""
    network, unit_km = _drawn(place)
    features = [*_water(place, network), *_roads(place, unit_km), *_bus_lines(place, unit_km)]
    features += _power(place, unit_km)
    for site in place.sites:
        facts = {"kind": site.kind, "name": site.name}
        features.append(_point(site.x_km / unit_km, site.y_km / unit_km, facts))
    return _collection(place, features)


def _water(place: Place, network: InpNetwork) -> Iterable[dict[str, Any]]:
    case, x, y = place.water, network.node_x, network.node_y
    demand = dict(zip(case.junction_id, case.junction_demand_m3_per_h.tolist(), strict=True))
    yields = dict(zip(case.source_id, case.source_yield_m3_per_d.tolist(), strict=True))
    for k, name in enumerate(network.node_id):
        if name in demand:
            facts = {"kind": "junction", "demand_m3_per_h": demand[name]}
        elif name in yields:
            facts = {"kind": "reservoir", "yield_m3_per_d": yields[name]}
        else:
            facts = {"kind": "tank"}
        yield _point(x[k], y[k], facts | {"id": name})
    valves = len(network.link_id) - network.pipes - len(network.pump_id)
    kinds = ["pipe"] * network.pipes + ["pump"] * len(network.pump_id) + ["valve"] * valves
    ends = zip(network.link_from.tolist(), network.link_to.tolist(), strict=True)
    for name, kind, (a, b) in zip(network.link_id, kinds, ends, strict=True):
        line = {"type": "LineString", "coordinates": [[float(x[k]), float(y[k])] for k in (a, b)]}
        yield _feature(line, {"kind": kind, "id": name})


def _roads(place: Place, unit_km: float) -> Iterable[dict[str, Any]]:
    """Links between zones; plain nodes of a road file have no place on the map and are left out."""
    roads, zones = place.roads, len(place.zone_x_km)
    rows = zip(roads.link_from.tolist(), roads.link_to.tolist(), strict=True)
    for k, (a, b) in enumerate(rows):
        if max(a, b) < zones:
            ends = [[place.zone_x_km[n] / unit_km, place.zone_y_km[n] / unit_km] for n in (a, b)]
            facts = {"kind": "road", "capacity_veh_per_h": _number(roads.link_capacity_veh_per_h[k])}
            yield _feature(
                {"type": "LineString", "coordinates": [[float(v) for v in e] for e in ends]}, facts
            )


def _bus_lines(place: Place, unit_km: float) -> Iterable[dict[str, Any]]:
    """Bus lines from stop to stop, if there are any."""
    lines = place.bus_lines
    for line in range(0 if lines is None else len(lines)):
        assert lines is not None
        stops = lines.stops(line)
        ends = np.column_stack([place.zone_x_km[stops], place.zone_y_km[stops]]) / unit_km
        way = {"type": "LineString", "coordinates": ends.tolist()}
        yield _feature(way, {"kind": "bus_line", "name": lines.name[line], "stops": len(stops)})


def _power(place: Place, unit_km: float) -> Iterable[dict[str, Any]]:
    grid = place.grid
    if grid.bus_x_km is None or grid.bus_y_km is None:
        return
    for k, name in enumerate(grid.bus_id):
        facts = {"kind": "bus", "id": name, "load_mw": float(grid.bus_load_mw[k])}
        yield _point(grid.bus_x_km[k] / unit_km, grid.bus_y_km[k] / unit_km, facts)


def _drawn(place: Place) -> tuple[InpNetwork, float]:
    """The network on its file's map, or in metres where the file has none, and the kilometres in a unit."""
    network = read_inp(place.water.inp_file)
    unit_km = _unit_km(place, network)
    if network.unplaced < len(network.node_id):
        return network, unit_km
    metre = unit_km * 1000.0
    return replace(network, node_x=network.node_x * metre, node_y=network.node_y * metre), 0.001


def _unit_km(place: Place, network: InpNetwork) -> float:
    """Kilometres in a unit of the water file's map."""
    rows = {name: k for k, name in enumerate(network.junction_id)}
    at = np.array([rows[name] for name in place.water.junction_id])
    km = np.concatenate([place.water.junction_x_km, place.water.junction_y_km])
    drawn = np.concatenate([network.node_x[at], network.node_y[at]])
    far = int(np.argmax(np.abs(drawn)))
    return float(km[far] / drawn[far]) if drawn[far] else 1.0


def _area(points: np.ndarray) -> dict[str, Any]:
    """The convex hull of points (n, 2) as a polygon, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted({(float(x), float(y)) for x, y in points.tolist()})
    ring: list[Point] = []
    for way in (ordered, ordered[::-1]):
        chain: list[Point] = []
        for point in way:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        ring += chain[:-1]
    if len(ring) < 3:
        return {"type": "MultiPoint", "coordinates": [list(point) for point in ordered]}
    return {"type": "Polygon", "coordinates": [[list(point) for point in [*ring, ring[0]]]]}


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _number(value: Any) -> float | None:
    return float(value) if np.isfinite(value) else None


def _point(x: Any, y: Any, facts: dict[str, Any]) -> dict[str, Any]:
    return _feature({"type": "Point", "coordinates": [float(x), float(y)]}, facts)


def _feature(geometry: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": facts}


def _collection(place: Place, features: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "FeatureCollection", "name": place.name, "features": features}
