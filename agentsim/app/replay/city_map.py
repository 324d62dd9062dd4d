"""The map of a city: what does not change during a run, as plain data.

Coordinates are scaled so that the city is 1,000 wide and ``height`` high; y grows downward, as on a screen.
Arrays of the frames follow the order of the lists here.
"""

from typing import Any

import numpy as np

from agentsim.app.replay.district_areas import cells, hull, outlines
from agentsim.place.build import Built, build
from agentsim.place.cases import GOODS, Place
from agentsim.scenario import own_files
from agentsim.society.society import Society

WIDTH = 1000.0
MARGIN_FRAC = 0.06  # of the wider side, around the outermost point


class Canvas:
    """Turns kilometres of the place into coordinates of the map."""

    def __init__(self, x_km: np.ndarray, y_km: np.ndarray) -> None:
        margin = MARGIN_FRAC * max(float(np.ptp(x_km)), float(np.ptp(y_km)), 0.1)
        self.west, self.north = float(x_km.min()) - margin, float(y_km.max()) + margin
        self.per_km = WIDTH / (float(np.ptp(x_km)) + 2 * margin)
        self.height = round((float(np.ptp(y_km)) + 2 * margin) * self.per_km, 1)

    def x(self, km: Any) -> Any:
        return np.round((np.asarray(km, float) - self.west) * self.per_km, 1)

    def y(self, km: Any) -> Any:
        return np.round((self.north - np.asarray(km, float)) * self.per_km, 1)

    def points(self, x_km: Any, y_km: Any) -> list[list[float]]:
        return np.column_stack([self.x(x_km), self.y(y_km)]).tolist()


def city_map_of(place: Place, society: Society) -> dict[str, Any]:
    """The city of a society as plain data.

    Parameters
    ----------
    place : the city
    society : its control graph says who may operate what

    Returns
    -------
    dict
        ``width, height, km_per_unit``; ``districts`` (name, name_ja, x, y, people, parts, border), ``zones``,
        ``buses``, ``lines``, ``units``, ``junctions``, ``sources``, ``tanks``, ``pipes``, ``links``,
        ``bus_lines`` (name, stops, path, links of both ways), ``depots``, ``terminals``, ``sites`` and
        ``assets``. What has two ends has ``x1 y1 x2 y2``.
    """
    built = built_of(society)
    scale = built.land.scale_m / 1000.0
    node_x, node_y = built.network.node_x * scale, built.network.node_y * scale
    road_x = place.zone_x_km if built.land.road_x_km is None else built.land.road_x_km
    road_y = place.zone_y_km if built.land.road_y_km is None else built.land.road_y_km
    grid = place.grid
    bus_x, bus_y = _known(grid.bus_x_km, place.zone_x_km), _known(grid.bus_y_km, place.zone_y_km)
    canvas = Canvas(np.concatenate([node_x, road_x, bus_x]), np.concatenate([node_y, road_y, bus_y]))
    return {
        "name": place.name,
        "title": place.title,
        "title_ja": place.title_ja,
        "width": WIDTH,
        "height": canvas.height,
        "km_per_unit": round(1.0 / canvas.per_km, 6),
        "districts": _districts(place, canvas),
        "zones": _dots(canvas, place.zone_x_km, place.zone_y_km, district=place.zone_district),
        "buses": _dots(canvas, bus_x, bus_y, id=grid.bus_id, district=_bus_district(place, bus_x, bus_y)),
        "lines": _spans(canvas, bus_x, bus_y, grid.line_from, grid.line_to),
        "units": [
            {"bus": bus, "mw": round(mw, 1), "fuel": fuel}
            for bus, mw, fuel in zip(
                grid.unit_bus.tolist(),
                grid.unit_max_mw.tolist(),
                grid.unit_fuel or [""] * len(grid.unit_bus),
                strict=True,
            )
        ],
        **_waterworks(place, built, canvas, node_x, node_y),
        "links": _spans(canvas, road_x, road_y, place.roads.link_from, place.roads.link_to),
        "bus_lines": _bus_lines(place, canvas, road_x, road_y),
        **_stores(place, canvas),
        "sites": [
            {"name": one.name, "kind": one.kind, "district": one.district}
            | {"x": float(canvas.x(one.x_km)), "y": float(canvas.y(one.y_km))}
            for one in place.sites
        ],
        "assets": _assets(society),
    }


def built_of(society: Society) -> Built:
    """The land and files that the city was built from."""
    scenario = society.setting
    stated = "districts" in scenario.given.get("place", {})
    return build(own_files.spec_of(scenario.place), scenario.place.districts if stated else None)


def _known(at_km: np.ndarray | None, like: np.ndarray) -> np.ndarray:
    return np.full(1, like.mean()) if at_km is None else at_km


def _dots(canvas: Canvas, x_km: np.ndarray, y_km: np.ndarray, **columns: Any) -> list[dict[str, Any]]:
    """Rows with x, y and one entry of every column."""
    rows = [{"x": x, "y": y} for x, y in canvas.points(x_km, y_km)]
    for name, column in columns.items():
        for row, value in zip(rows, np.asarray(column).tolist(), strict=True):
            row[name] = value
    return rows


def _spans(
    canvas: Canvas, x_km: np.ndarray, y_km: np.ndarray, begin: np.ndarray, end: np.ndarray, **columns: Any
) -> list[dict[str, Any]]:
    """Rows with both ends and one entry of every column."""
    points = canvas.points(x_km, y_km)
    rows = [
        {"x1": points[a][0], "y1": points[a][1], "x2": points[b][0], "y2": points[b][1], "from": a, "to": b}
        for a, b in zip(begin.tolist(), end.tolist(), strict=True)
    ]
    for name, column in columns.items():
        for row, value in zip(rows, np.asarray(column).tolist(), strict=True):
            row[name] = value
    return rows


def _districts(place: Place, canvas: Canvas) -> list[dict[str, Any]]:
    """Districts as the cells of their zones; ``border`` is the common outline."""
    towns = place.districts
    zones = np.column_stack([canvas.x(place.zone_x_km), canvas.y(place.zone_y_km)])
    frame = hull(
        np.concatenate(
            [zones, np.array(canvas.points(place.water.junction_x_km, place.water.junction_y_km))]
        ),
        0.5 * MARGIN_FRAC * WIDTH,
    )
    areas = cells(zones, frame)
    rings = outlines(areas, place.zone_district, len(towns))
    return [
        {
            "name": towns.name[d],
            "name_ja": towns.name_ja[d],
            "x": float(canvas.x(towns.x_km[d])),
            "y": float(canvas.y(towns.y_km[d])),
            "people": round(float(towns.people[d])),
            "parts": [areas[z].points for z in np.flatnonzero(place.zone_district == d).tolist()],
            "border": rings[d],
        }
        for d in range(len(towns))
    ]


def _bus_district(place: Place, x_km: np.ndarray, y_km: np.ndarray) -> np.ndarray:
    """The district of the zone next to each bus."""
    far = (x_km[:, None] - place.zone_x_km) ** 2 + (y_km[:, None] - place.zone_y_km) ** 2
    return place.zone_district[np.argmin(far, axis=1)]


def _waterworks(
    place: Place, built: Built, canvas: Canvas, x_km: np.ndarray, y_km: np.ndarray
) -> dict[str, Any]:
    network, water = built.network, place.water
    row = {name: number for number, name in enumerate(network.node_id)}
    at = [row[name] for name in water.junction_id]
    sources, tanks = ([row[name] for name in ids] for ids in (network.reservoir_id, network.tank_id))
    kind = ["pump" if name in network.pump_id else "pipe" for name in network.link_id]
    kind = ["valve" if k == "pipe" and number >= network.pipes else k for number, k in enumerate(kind)]
    width = np.round(network.link_diameter_mm / max(float(network.link_diameter_mm.max()), 1.0), 2)
    return {
        "junctions": _dots(
            canvas, x_km[at], y_km[at], id=water.junction_id, district=water.junction_district
        ),
        "sources": _dots(canvas, x_km[sources], y_km[sources], id=network.reservoir_id),
        "tanks": _dots(canvas, x_km[tanks], y_km[tanks], id=network.tank_id),
        "pipes": _spans(
            canvas,
            x_km,
            y_km,
            network.link_from,
            network.link_to,
            id=network.link_id,
            kind=kind,
            width=width,
        ),
    }


def _bus_lines(place: Place, canvas: Canvas, x_km: np.ndarray, y_km: np.ndarray) -> list[dict[str, Any]]:
    """Each line with its stops and its way out along the roads; none where buses have no lines."""
    lines, roads = place.bus_lines, place.roads
    rows = []
    for line in range(0 if lines is None else len(lines)):
        assert lines is not None
        first, last = lines.first_stop[line], lines.first_stop[line + 1] - 1  # the last one has no segment
        out, back = ([lines.links(way, row) for row in range(first, last)] for way in (0, 1))
        way_out = np.concatenate(out)
        path = [roads.link_from[way_out[0]], *roads.link_to[way_out]]
        stops = [path[0], *(roads.link_to[links[-1]] for links in out)]
        rows.append(
            {
                "name": lines.name[line],
                "stops": canvas.points(x_km[stops], y_km[stops]),
                "path": canvas.points(x_km[path], y_km[path]),
                "links": sorted({int(link) for links in (*out, *back) for link in links}),
            }
        )
    return rows


def _stores(place: Place, canvas: Canvas) -> dict[str, Any]:
    case = place.supply
    goods = np.array(GOODS)
    depots = _dots(
        canvas,
        place.zone_x_km[case.depot_zone],
        place.zone_y_km[case.depot_zone],
        good=goods[case.depot_good],
        district=case.depot_district,
        capacity_t=np.round(case.depot_capacity_t, 1),
    )
    terminals = _dots(
        canvas,
        place.zone_x_km[case.terminal_zone],
        place.zone_y_km[case.terminal_zone],
        name=case.terminal_name,
        good=goods[case.terminal_good],
        supplier=case.terminal_supplier,
    )
    return {"depots": depots, "terminals": terminals}


def _assets(society: Society) -> list[dict[str, Any]]:
    """Who may operate what, in the order of the control graph."""
    return [
        {
            "name": asset.name,
            "kind": asset.kind,
            "network": asset.network,
            "district": asset.district,
            "holders": list(asset.holding.holders),
            "authority": asset.holding.authority,
        }
        for asset in society.control.assets.values()
    ]
