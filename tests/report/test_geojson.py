"""Districts and assets for a map program: in the coordinates of the water file, with results of a run."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from agentsim.cli.main import main
from agentsim.place.build import build
from agentsim.place.readers.inp import read_inp
from agentsim.report.geojson import assets_geojson, districts_geojson

SCENARIO = Path(__file__).parents[2] / "scenarios" / "ordinary_fortnight.toml"


def kinds(content: dict) -> dict[str, int]:
    names = [feature["properties"]["kind"] for feature in content["features"]]
    return {name: names.count(name) for name in names}


def test_assets_stand_where_the_water_file_draws_them(bay_city) -> None:
    content, network = assets_geojson(bay_city), read_inp(bay_city.water.inp_file)
    drawn = {f["properties"].get("id"): f["geometry"]["coordinates"] for f in content["features"][:97]}
    for k, name in enumerate(network.node_id):
        assert drawn[name] == [network.node_x[k], network.node_y[k]]
    found = kinds(content)
    assert (found["junction"], found["reservoir"], found["tank"]) == (92, 2, 3)
    assert (found["pipe"], found["pump"], found["road"], found["bus"]) == (117, 2, 96, 24)
    assert sum(found[site.kind] > 0 for site in bay_city.sites) == len(bay_city.sites) > 20
    roads = [f["geometry"]["coordinates"] for f in content["features"] if f["properties"]["kind"] == "road"]
    low, high = network.node_x.min(), network.node_x.max()
    assert all(low <= x <= high for line in roads for x, _ in line)


def test_a_district_is_an_area_around_its_junctions(bay_city) -> None:
    content, network = districts_geojson(bay_city), read_inp(bay_city.water.inp_file)
    points = np.column_stack([network.node_x, network.node_y])
    for k, feature in enumerate(content["features"]):
        assert feature["properties"]["people"] == bay_city.districts.people[k]
        ring = np.array(feature["geometry"]["coordinates"][0])
        assert (ring[0] == ring[-1]).all()
        sides = np.diff(ring, axis=0)
        for point in points[: len(network.junction_id)][bay_city.water.junction_district == k]:
            to = point - ring[:-1]
            assert (sides[:, 0] * to[:, 1] - sides[:, 1] * to[:, 0] >= -1e-9).all()


def test_a_run_keeps_what_each_district_had(tmp_path: Path, capsys) -> None:
    few = ["--hours", "3", "--set", "place.households=40", "--json", "--out", str(tmp_path)]
    assert main(["run", str(SCENARIO), *few]) == 0
    content = json.loads((tmp_path / "districts.geojson").read_text(encoding="utf-8"))
    rows = (tmp_path / "hours.csv").read_text(encoding="utf-8").splitlines()
    column = rows[0].split(",").index("water_asked_m3")
    for feature in content["features"]:
        own = [row.split(",") for row in rows[1:] if row.split(",")[1] == feature["properties"]["name"]]
        assert feature["properties"]["water_asked_m3"] == pytest.approx(
            sum(float(row[column]) for row in own)
        )


def test_a_file_without_coordinates_is_drawn_in_metres(tmp_path: Path) -> None:
    from agentsim.place.spec import SHIPPED, spec_of_files

    bare = tmp_path / "bare.inp"
    bare.write_text((SHIPPED / "bay_city" / "Net3.inp").read_text().split("[COORDINATES]")[0] + "[END]\n")
    place = build(spec_of_files(bare)).place
    content = assets_geojson(place)
    first = content["features"][0]["geometry"]["coordinates"]
    assert first[0] == pytest.approx(place.water.junction_x_km[0] * 1000.0)


def test_bus_lines_run_from_stop_to_stop(bay_city) -> None:
    from agentsim.place.layout.bus_lines import BusLinesParameters, with_bus_lines

    place = with_bus_lines(bay_city, BusLinesParameters(lines=3))
    lines = [f for f in assets_geojson(place)["features"] if f["properties"]["kind"] == "bus_line"]
    assert [line["properties"]["name"] for line in lines] == ["1", "2", "3"]
    roads = [f for f in assets_geojson(place)["features"] if f["properties"]["kind"] == "road"]
    streets = {str(road["geometry"]["coordinates"]) for road in roads}
    for line in lines:
        way = line["geometry"]["coordinates"]
        assert len(way) == line["properties"]["stops"]
        assert all(str([a, b]) in streets for a, b in pairwise(way))
    assert "bus_line" not in str(assets_geojson(bay_city))
