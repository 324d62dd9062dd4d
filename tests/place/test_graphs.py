"""A place's networks as networkx graphs: complete, with units, and the same after a file."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from roads_texts import write_tntp

from agentsim.place.build import load_place
from agentsim.place.cases import Place
from agentsim.place.readers.inp import read_inp
from agentsim.place.spec import SHIPPED, spec_of_files
from agentsim.report.archive import write_graphs

NAMES = ("water", "road", "grid")
# attributes that have no unit: names, classes, counts, shares and numbers of the file
PLAIN = {
    *("kind", "district", "zone", "municipal_well", "power_bus", "from_node", "to_node", "crosses_boundary"),
    *("people", "jobs", "bpr_alpha", "bpr_beta", "arterial", "from_district", "to_district"),
    *("signal_power_bus", "units", "from_bus", "to_bus", "tap_ratio", "failures_per_year"),
}
UNITS = ("_km", "_m", "_mm", "_h", "_mw", "_pu", "_deg", "_frac", "_m3_per_h", "_m3_per_d", "_veh_per_h")


def graphs(place: Place) -> dict[str, nx.Graph]:
    return {"water": place.water_graph, "road": place.road_graph, "grid": place.grid_graph}


@pytest.fixture(scope="module", params=["bay_city", "river_town", "ring of roads"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    if request.param != "ring of roads":
        return load_place(request.param)
    files = write_tntp(tmp_path_factory.mktemp("ring"))
    roads = {"roads": files["net"], "trips": files["trips"], "road_nodes": files["nodes"]}
    return load_place(spec_of_files(SHIPPED / "bay_city" / "Net3.inp", **roads), 4)


def plain(graph: nx.Graph) -> tuple[dict, list]:
    """Nodes and edges with their attributes, names as text."""
    nodes = {str(node): row for node, row in graph.nodes(data=True)}
    keyed = graph.edges(data=True, keys=True) if graph.is_multigraph() else graph.edges(data=True)
    ends = [(*(sorted if not graph.is_directed() else list)(map(str, row[:2])), *row[2:]) for row in keyed]
    return nodes, sorted(((*map(str, row[:-1]),), row[-1]) for row in ends)


# ---- files ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_is_the_same_after_graphml_and_node_link(place: Place, name: str, tmp_path: Path) -> None:
    graph = graphs(place)[name]
    write_graphs(tmp_path, place)
    xml = nx.read_graphml(tmp_path / f"{name}_graph.graphml", edge_key_type=str, force_multigraph=True)
    data = json.loads((tmp_path / f"{name}_graph.json").read_text(encoding="utf-8"))
    tree = nx.node_link_graph(data, edges="edges")
    assert plain(tree) == plain(xml) == plain(graph)
    assert type(tree) is type(xml) is type(graph)
    assert tree.graph == graph.graph
    assert xml.graph.items() >= graph.graph.items()


def test_a_society_keeps_its_networks_and_its_control_graph(hamlet, tmp_path: Path) -> None:
    society = hamlet(["W-C1", "X-C4"])
    society.control.revoke("power_control_room", "power", 0)
    write_graphs(tmp_path, society.place, society.control)
    names = {f"{name}_graph.{ending}" for name in (*NAMES, "control") for ending in ("graphml", "json")}
    assert {file.name for file in tmp_path.iterdir()} == names
    graph = society.control.graph
    xml = nx.read_graphml(tmp_path / "control_graph.graphml")
    data = json.loads((tmp_path / "control_graph.json").read_text(encoding="utf-8"))
    assert plain(nx.node_link_graph(data, edges="edges")) == plain(xml) == plain(graph)
    assert any(revoked for *_, revoked in xml.edges(data="revoked"))


def test_the_same_place_writes_the_same_bytes(place: Place, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_graphs(tmp_path / folder, place)
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes()


# ---- nodes, edges, attributes -----------------------------------------------------------------------


def test_graphs_have_the_sizes_that_a_society_counts(calm_hamlet) -> None:
    counts, found = calm_hamlet.counts, graphs(calm_hamlet.place)
    kinds = [kind for _, kind in found["water"].nodes(data="kind")]
    assert kinds.count("junction") == counts["junctions"]
    assert kinds.count("reservoir") == len(calm_hamlet.place.water.source_id)
    assert found["water"].number_of_edges() == counts["pipes"]
    assert (len(found["road"]), found["road"].number_of_edges()) == (counts["zones"], counts["links"])
    assert (len(found["grid"]), found["grid"].number_of_edges()) == (counts["buses"], counts["lines"])


def test_graphs_of_every_place_are_complete(place: Place) -> None:
    found, file = graphs(place), read_inp(place.water.inp_file)
    assert set(found["water"]) == set(file.node_id)
    assert {key for *_, key in found["water"].edges(keys=True)} == set(file.link_id)
    assert set(found["road"]) == set(range(max(place.roads.nodes, len(place.roads.zone_x_km))))
    assert found["road"].number_of_edges() == len(place.roads.link_from)
    assert set(found["grid"]) == set(place.grid.bus_id)
    assert found["grid"].number_of_edges() == len(place.grid.line_from)


@pytest.mark.parametrize("name", NAMES)
def test_attributes_are_plain_values_with_units(place: Place, name: str) -> None:
    graph = graphs(place)[name]
    rows = [row for _, row in graph.nodes(data=True)] + [row for *_, row in graph.edges(data=True)]
    assert {type(value) for row in rows for value in row.values()} <= {str, bool, int, float}
    assert all(np.isfinite(value) for row in rows for value in row.values() if type(value) is float)
    assert [key for row in rows for key in row if key not in PLAIN and not key.endswith(UNITS)] == []


def test_attributes_are_the_numbers_of_the_place(bay_city: Place) -> None:
    found = graphs(bay_city)
    demand = found["water"].nodes(data="demand_m3_per_h", default=0.0)
    assert sum(mean for _, mean in demand) == pytest.approx(bay_city.water.junction_demand_m3_per_h.sum())
    assert dict(found["water"].nodes(data="district"))["15"] in bay_city.districts.name
    limit = dict.fromkeys(range(len(bay_city.grid.line_from)), 0.0)
    limit |= {line: mw for *_, line, mw in found["grid"].edges(keys=True, data="limit_mw")}
    assert list(limit.values()) == bay_city.grid.line_limit_mw.tolist()
    tiers = ("critical_load_mw", "residential_load_mw", "commercial_load_mw", "bulk_load_mw")
    for _, row in found["grid"].nodes(data=True):
        assert sum(row[tier] for tier in tiers) == pytest.approx(row["load_mw"], abs=1e-9)
    for a, b, link, km in found["road"].edges(keys=True, data="length_km"):
        assert (a, b) == (bay_city.roads.link_from[link], bay_city.roads.link_to[link])
        assert km == bay_city.roads.link_length_km[link]


def test_reservoirs_and_tanks_stand_on_the_map_of_the_junctions(place: Place) -> None:
    file, graph = read_inp(place.water.inp_file), place.water_graph
    point = np.array([[graph.nodes[name]["x_km"], graph.nodes[name]["y_km"]] for name in file.node_id])
    drawn = np.hypot(np.diff(file.node_x), np.diff(file.node_y))
    mapped = np.hypot(*np.diff(point, axis=0).T)
    assert mapped == pytest.approx(drawn * (mapped.sum() / drawn.sum()), rel=1e-9)


def test_a_line_without_a_limit_has_none_in_the_graph(bay_city: Place) -> None:
    limit = bay_city.grid.line_limit_mw.copy()
    limit[3] = np.inf
    grid = replace(bay_city, grid=replace(bay_city.grid, line_limit_mw=limit)).grid_graph
    assert [line for *_, line, row in grid.edges(keys=True, data=True) if "limit_mw" not in row] == [3]


def test_plain_junctions_of_a_road_file_belong_to_a_district(tmp_path: Path) -> None:
    files = write_tntp(tmp_path)
    roads = {"roads": files["net"], "trips": files["trips"], "road_nodes": files["nodes"]}
    place = load_place(spec_of_files(SHIPPED / "bay_city" / "Net3.inp", **roads), 4)
    plain_junctions = [row for _, row in place.road_graph.nodes(data=True) if row["kind"] == "junction"]
    assert len(plain_junctions) == 2
    assert all(row["district"] in place.districts.name for row in plain_junctions)


# ---- questions that networkx answers ----------------------------------------------------------------


def test_the_mains_of_bay_city_hang_together_and_shutting_trunk_mains_parts_a_district(
    bay_city: Place,
) -> None:
    mains = bay_city.water_graph
    assert nx.is_connected(mains)
    assert all(nx.has_path(mains, "River", junction) for junction in bay_city.water.junction_id)
    shut = set(bay_city.water.trunk_pipes[0])
    mains.remove_edges_from([edge for edge in mains.edges(keys=True) if edge[2] in shut])
    district = nx.get_node_attributes(mains, "district")
    own = {node for node, name in district.items() if name == bay_city.districts.name[0]}
    for part in nx.connected_components(mains):
        assert not part & own or {district.get(node) for node in part} <= {bay_city.districts.name[0], None}


def test_nine_roads_of_bay_city_are_the_only_way_between_their_ends(bay_city: Place) -> None:
    streets = nx.Graph(bay_city.road_graph)
    bridges = {frozenset(pair) for pair in nx.bridges(streets)}
    assert len(bridges) == 9
    for a, b in list(streets.edges):
        streets.remove_edge(a, b)
        assert nx.has_path(streets, a, b) == (frozenset((a, b)) not in bridges)
        streets.add_edge(a, b)


def test_parallel_circuits_are_both_kept(bay_city: Place) -> None:
    grid = bay_city.grid_graph
    assert grid.number_of_edges("15", "21") == 2
    assert nx.is_connected(grid)
    only = {frozenset(pair) for pair in nx.bridges(grid)}
    assert only == {frozenset(("7", "8"))}


def test_building_a_place_does_not_import_networkx() -> None:
    code = (
        "import sys; from agentsim.place.build import load_place; place = load_place('bay_city');"
        "import agentsim.institutions.control_graph; assert 'networkx' not in sys.modules;"
        "place.road_graph; assert 'networkx' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
