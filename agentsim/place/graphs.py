"""A place's water network, roads and grid as networkx graphs.

All values are text, numbers or bools, so that every graph can be written as GraphML or JSON. The name of an
attribute carries its unit. An attribute is left out where the place has no value for it: the limit of a line
without a limit, for example. A graph is built anew at every call; changing it changes nothing in the place.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import networkx as nx
import numpy as np

from agentsim.place.cases import TIERS, Place
from agentsim.place.readers.inp import InpNetwork, read_inp


def water_graph(place: Place) -> nx.MultiGraph:
    """The water network: junctions, reservoirs and tanks, joined by pipes, pumps and valves.

    Nodes have the ids of the EPANET file, and ``kind`` (``junction``, ``reservoir`` or ``tank``). Edges have
    the ids of the links as keys, and ``kind`` (``pipe``, ``pump`` or ``valve``). Water may flow both ways;
    ``from_node`` and ``to_node`` are in the order of the file. ``crosses_boundary`` is True for the trunk
    mains between districts. ``power_bus`` is the bus of the grid that feeds a pump or a treatment works.

    >>> from agentsim.place.build import load_place
    >>> graph = load_place("bay_city").water_graph
    >>> [name for name, kind in graph.nodes(data="kind") if kind == "reservoir"]
    ['River', 'Lake']
    """
    file = read_inp(place.water.inp_file)
    graph = nx.MultiGraph(name="water", place=place.name)
    _add_water_nodes(graph, place, file)
    _add_mains(graph, place, file)
    return graph


def _add_water_nodes(graph: nx.MultiGraph, place: Place, file: InpNetwork) -> None:
    """Adds junctions, then reservoirs, then tanks, in the order of the EPANET file."""
    case, junctions = place.water, len(place.water.junction_id)
    x_km, y_km = _node_km(place, file)
    wells = {case.junction_id[row] for row in case.well_junction.tolist()}
    for name, row in _rows(
        case.junction_id,
        x_km=x_km[:junctions],
        y_km=y_km[:junctions],
        elevation_m=file.elevation_m,
        demand_m3_per_h=case.junction_demand_m3_per_h,
        bulk_demand_frac=case.junction_bulk_frac,
        zone=case.junction_zone,
        district=_names(place, case.junction_district),
    ):
        graph.add_node(name, kind="junction", municipal_well=name in wells, **row)
    for name, row in _rows(file.node_id[junctions:], x_km=x_km[junctions:], y_km=y_km[junctions:]):
        graph.add_node(name, kind="reservoir" if name in file.reservoir_id else "tank", **row)
    feeder_bus = _feeder_bus(place)
    power_bus = [feeder_bus[feeder] for feeder in case.source_feeder.tolist()]
    for name, row in _rows(case.source_id, yield_m3_per_d=case.source_yield_m3_per_d, power_bus=power_bus):
        graph.nodes[name].update(row)


def _add_mains(graph: nx.MultiGraph, place: Place, file: InpNetwork) -> None:
    """Adds pipes, then pumps, then valves, in the order of the EPANET file."""
    case, feeder_bus = place.water, _feeder_bus(place)
    trunk = {name for pipes in case.trunk_pipes for name in pipes}
    pump_bus = {name: feeder_bus[k] for name, k in zip(case.pump_id, case.pump_feeder.tolist(), strict=True)}
    valves = len(file.link_id) - file.pipes - len(file.pump_id)
    kinds = ["pipe"] * file.pipes + ["pump"] * len(file.pump_id) + ["valve"] * valves
    for name, row in _rows(
        file.link_id,
        kind=kinds,
        from_node=[file.node_id[node] for node in file.link_from.tolist()],
        to_node=[file.node_id[node] for node in file.link_to.tolist()],
        length_km=file.link_length_m / 1000.0,
        diameter_mm=file.link_diameter_mm,
    ):
        if row["kind"] == "pump":
            row["power_bus"] = pump_bus[name]
            del row["diameter_mm"]  # a pump has none
        graph.add_edge(row["from_node"], row["to_node"], key=name, crosses_boundary=name in trunk, **row)


def _node_km(place: Place, file: InpNetwork) -> tuple[np.ndarray, np.ndarray]:
    """Where the nodes of the EPANET file stand on the map of the city [km].

    The place holds the map of its junctions; reservoirs and tanks follow at the same scale.
    """
    x_km, y_km = place.water.junction_x_km, place.water.junction_y_km
    junctions = len(x_km)
    drawn = np.hypot(file.node_x, file.node_y)[:junctions].sum()
    km_per_unit = np.hypot(x_km, y_km).sum() / drawn if drawn > 0 else 0.0
    return (
        np.concatenate([x_km, file.node_x[junctions:] * km_per_unit]),
        np.concatenate([y_km, file.node_y[junctions:] * km_per_unit]),
    )


def road_graph(place: Place) -> nx.MultiDiGraph:
    """The roads: zones and plain junctions, joined by links of one direction.

    Nodes have the numbers of the place's arrays, zones first, and ``kind`` (``zone`` or ``junction``). Edges
    have the numbers of the links as keys. Trips are those of the peak hour. ``signal_power_bus`` is the bus
    of the grid that feeds the signals at the end of the link. If ``through_zones`` of the graph is False,
    trips may begin and end in a zone but not pass through it.

    >>> from agentsim.place.build import load_place
    >>> graph = load_place("bay_city").road_graph
    >>> len(graph), nx.is_strongly_connected(graph)
    (36, True)
    """
    roads, zones = place.roads, len(place.roads.zone_x_km)
    graph = nx.MultiDiGraph(name="roads", place=place.name, through_zones=roads.through_zones)
    for zone, row in _rows(
        range(zones),
        x_km=roads.zone_x_km,
        y_km=roads.zone_y_km,
        people=place.zone_people,
        jobs=place.zone_jobs,
        trips_from_veh_per_h=roads.od_veh_per_h.sum(axis=1),
        trips_to_veh_per_h=roads.od_veh_per_h.sum(axis=0),
        district=_names(place, place.zone_district),
    ):
        graph.add_node(zone, kind="zone", zone=zone, **row)
    graph.add_nodes_from(range(zones, max(roads.nodes, zones)), kind="junction")
    for link, row in _rows(
        range(len(roads.link_from)),
        length_km=roads.link_length_km,
        free_time_h=roads.link_free_time_h,
        capacity_veh_per_h=roads.link_capacity_veh_per_h,
        bpr_alpha=roads.link_bpr_alpha,
        bpr_beta=roads.link_bpr_beta,
        arterial=roads.link_arterial,
    ):
        graph.add_edge(roads.link_from[link].item(), roads.link_to[link].item(), key=link, **row)
    _add_districts_of_links(graph, place)
    _add_signals(graph, place)
    return graph


def _add_districts_of_links(graph: nx.MultiDiGraph, place: Place) -> None:
    """Adds to each link the districts of its ends; a plain junction takes the one that its links say."""
    if place.roads.link_district is None:
        return
    names = place.districts.name
    both = dict(enumerate(place.roads.link_district.tolist()))
    for a, b, link, row in graph.edges(keys=True, data=True):
        row["from_district"], row["to_district"] = (names[d] for d in both[link])
        graph.nodes[a].setdefault("district", row["from_district"])
        graph.nodes[b].setdefault("district", row["to_district"])


def _add_signals(graph: nx.MultiDiGraph, place: Place) -> None:
    """Adds to each link the bus that feeds the signals at its end."""
    if place.roads.signal_feeder is None:
        return
    feeder_bus, feeder = _feeder_bus(place), place.roads.signal_feeder.tolist()
    for _, _, link, row in graph.edges(keys=True, data=True):
        if feeder[link] >= 0:
            row["signal_power_bus"] = feeder_bus[feeder[link]]


def grid_graph(place: Place) -> nx.MultiGraph:
    """The transmission grid: buses joined by lines and transformers.

    Nodes have the ids of the buses. Loads are those at the peak, in all and by tier of the feeders.
    ``district`` is the one whose feeders take most at the bus; it is empty where there is no feeder.
    ``units`` are the generating units at the bus. Edges have the numbers of the lines as keys;
    ``from_bus`` and ``to_bus`` give the direction for ``tap_ratio`` and ``phase_shift_deg``.

    >>> from agentsim.place.build import load_place
    >>> graph = load_place("bay_city").grid_graph
    >>> len(graph), graph.number_of_edges()
    (24, 38)
    """
    grid, buses = place.grid, len(place.grid.bus_id)
    graph = nx.MultiGraph(name="grid", place=place.name, base_mva=float(grid.base_mva))
    tier_mw = np.zeros((len(TIERS), buses))
    np.add.at(tier_mw, (place.feeders.tier, place.feeders.bus), place.feeders.peak_mw)
    for name, row in _rows(
        grid.bus_id,
        x_km=grid.bus_x_km,
        y_km=grid.bus_y_km,
        load_mw=grid.bus_load_mw,
        shunt_mw=grid.bus_shunt_mw,
        **{f"{tier}_load_mw": tier_mw[k] for k, tier in enumerate(TIERS)},
        units=np.bincount(grid.unit_bus, minlength=buses),
        generation_max_mw=np.bincount(grid.unit_bus, grid.unit_max_mw, buses),
        district=_district_of_buses(place),
    ):
        graph.add_node(name, kind="bus", **row)
    from_bus, to_bus = ([grid.bus_id[k] for k in end.tolist()] for end in (grid.line_from, grid.line_to))
    for line, row in _rows(
        range(len(from_bus)),
        from_bus=from_bus,
        to_bus=to_bus,
        resistance_pu=grid.line_r_pu,
        reactance_pu=grid.line_x_pu,
        tap_ratio=grid.line_tap,
        phase_shift_deg=grid.line_shift_deg,
        limit_mw=grid.line_limit_mw,
        failures_per_year=grid.line_failures_per_year,
        repair_h=grid.line_repair_h,
    ):
        graph.add_edge(from_bus[line], to_bus[line], key=line, kind="line", **row)
    return graph


def _district_of_buses(place: Place) -> list[str]:
    """Name of the district whose feeders take most at each bus; empty where no feeder hangs."""
    taken = np.zeros((len(place.grid.bus_id), len(place.districts)))
    np.add.at(taken, (place.feeders.bus, place.feeders.district), place.feeders.peak_mw)
    names = _names(place, taken.argmax(axis=1))
    return [name if mw > 0 else "" for name, mw in zip(names, taken.sum(axis=1).tolist(), strict=True)]


def _feeder_bus(place: Place) -> list[str]:
    """Id of the bus that each feeder hangs on."""
    return [place.grid.bus_id[bus] for bus in place.feeders.bus.tolist()]


def _names(place: Place, district: np.ndarray) -> list[str]:
    return [place.districts.name[d] for d in district.tolist()]


def _rows(
    names: Sequence[Any], **columns: np.ndarray | Sequence[Any] | None
) -> list[tuple[Any, dict[str, Any]]]:
    """(name, its attributes) in order, as plain values; infinite ones and columns of None are left out."""
    plain = {
        key: column.tolist() if isinstance(column, np.ndarray) else column
        for key, column in columns.items()
        if column is not None
    }
    rows = ({key: column[k] for key, column in plain.items()} for k in range(len(names)))
    return [
        (name, {key: value for key, value in row.items() if not isinstance(value, float) or isfinite(value)})
        for name, row in zip(names, rows, strict=True)
    ]
