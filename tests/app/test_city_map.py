"""The map of a city: everything is on it, and districts divide the area without gap or overlap."""

import json

import numpy as np
import pytest

from agentsim.app.replay.city_map import WIDTH, city_map_of
from agentsim.app.replay.district_areas import FRAME, cells, hull, outlines


@pytest.fixture(scope="module")
def city_map(hamlet) -> dict:
    society = hamlet()
    return city_map_of(society.place, society)


def _area(ring: list[list[float]]) -> float:
    x, y = np.array(ring).T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2.0


def test_everything_is_on_the_picture(city_map: dict) -> None:
    for things in ("districts", "zones", "buses", "junctions", "tanks", "sources", "depots", "sites"):
        for row in city_map[things]:
            assert 0 <= row["x"] <= WIDTH, (things, row)
            assert 0 <= row["y"] <= city_map["height"], (things, row)
    for things in ("lines", "pipes", "links"):
        for row in city_map[things]:
            assert 0 <= min(row["x1"], row["x2"]) <= max(row["x1"], row["x2"]) <= WIDTH


def test_it_is_plain_data_and_small(city_map: dict) -> None:
    assert len(json.dumps(city_map, allow_nan=False)) < 100_000


def test_outlines_hold_as_much_ground_as_the_cells_within(city_map: dict) -> None:
    for town in city_map["districts"]:
        inside = sum(_area(part) for part in town["parts"])
        assert sum(_area(ring) for ring in town["border"]) == pytest.approx(inside, rel=0.01), town["name"]


def test_a_district_says_who_may_operate_its_assets(city_map: dict) -> None:
    names = {row["name"] for row in city_map["assets"]}
    for town in city_map["districts"]:
        assert f"breakers:{town['name']}" in names
    breaker = next(row for row in city_map["assets"] if row["kind"] == "breakers")
    assert breaker["holders"] == ["power_control_room"]


def test_four_seeds_share_a_square_equally() -> None:
    square = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    seeds = np.array([[2.5, 2.5], [7.5, 2.5], [2.5, 7.5], [7.5, 7.5]])
    found = cells(seeds, square)
    assert [_area(cell.points) for cell in found] == pytest.approx([25.0] * 4)
    rings = outlines(found, np.array([0, 0, 1, 1]), 2)
    assert [len(ring) for ring in rings] == [1, 1]
    assert [_area(ring[0]) for ring in rings] == pytest.approx([50.0, 50.0])
    assert all(FRAME in cell.beyond for cell in found)


def test_two_seeds_at_one_place_do_not_share_ground() -> None:
    square = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 10.0], [0.0, 10.0]])
    first, second = cells(np.array([[5.0, 5.0], [5.0, 5.0]]), square)
    assert _area(first.points) == pytest.approx(100.0)
    assert second.points == []


def test_the_frame_lies_around_all_points() -> None:
    points = np.array([[0.0, 0.0], [4.0, 1.0], [2.0, 5.0]])
    around = hull(points, 1.0)
    assert around[:, 0].min() <= -0.99
    assert around[:, 1].max() >= 5.9
