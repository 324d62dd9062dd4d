"""Bus lines and stocks on the page: along the roads, hour by hour, as in the run."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from agentsim.app.page import charts
from agentsim.app.replay.browser_data import geometry, pack
from agentsim.app.replay.derived_series import all_series
from agentsim.app.replay.frame_recorder import FULL, RIDERS_SCALE
from agentsim.app.replay.record_run import record
from agentsim.app.replay.recording import Recording, Request
from agentsim.app.replay.recording_store import SHIPPED
from agentsim.place.cases import GOODS
from agentsim.society.society import Society

HOURS = 34  # a night, a day and a morning
ASKED = Request("rush_hour", ("T-S1",), "none", 1, HOURS, 200, changes=(("bus_lines.lines", 4),))


@pytest.fixture(scope="module")
def bus_city() -> Recording:
    return record(ASKED)


def test_lines_run_along_roads_from_stop_to_stop(bus_city: Recording) -> None:
    roads, lines = bus_city.city_map["links"], bus_city.city_map["bus_lines"]
    assert [line["name"] for line in lines] == ["1", "2", "3", "4"]
    for line in lines:
        own = {
            ((road["x1"], road["y1"]), (road["x2"], road["y2"])) for k in line["links"] for road in [roads[k]]
        }
        steps = [(tuple(a), tuple(b)) for a, b in pairwise(line["path"])]
        assert set(steps) <= own
        assert {(b, a) for a, b in steps} <= own  # and back
        assert line["stops"][0] == line["path"][0]
        assert line["stops"][-1] == line["path"][-1]
        assert all(stop in line["path"] for stop in line["stops"])
        assert len(line["stops"]) >= 2


def test_each_hour_tells_buses_riders_and_crowding_of_the_run(bus_city: Recording) -> None:
    frames = bus_city.frames
    society = Society(ASKED.setting(), ASKED.policies, ASKED.attacker, ASKED.seed)
    for hour in range(HOURS):
        buses = society.live_hour().service.buses
        np.testing.assert_allclose(frames["bus_line_per_h"][hour] / 10.0, buses.per_h, atol=0.06)
        riders = (frames["bus_line_riders"][hour] / RIDERS_SCALE) ** 2
        np.testing.assert_allclose(riders, np.minimum(buses.boardings, 976.0), rtol=0.15, atol=1.0)
        crowding = frames["bus_line_crowding"][hour] / 100.0
        np.testing.assert_allclose(crowding, np.minimum(buses.line_crowding_frac, 2.5), atol=0.006)
    assert not frames["bus_line_per_h"][2].any()  # at night
    assert frames["bus_line_per_h"][8].all()
    assert frames["bus_line_riders"][8].all()


def test_the_browser_gets_lines_and_hours(bus_city: Recording) -> None:
    sent = pack(bus_city, "en")
    assert {"bus_line_per_h", "bus_line_riders", "bus_line_crowding"} <= set(sent["fields"])
    line = geometry(bus_city.city_map)["bus_lines"][0]
    assert line["path"][:2] == line["stops"][0]
    again = Recording.from_bytes(bus_city.to_bytes())
    assert geometry(again.city_map) == geometry(bus_city.city_map)


def test_a_shipped_recording_without_lines_is_drawn_without_them() -> None:
    old = Recording.from_bytes(next(SHIPPED.glob("*.npz")).read_bytes())
    assert geometry(old.city_map)["bus_lines"] == []
    assert "bus_line_per_h" not in pack(old, "ja")["fields"]
    assert set(charts.plots([old], "coercer", "ja")) == {"usual", "roads", "supply"}


def test_stocks_are_those_of_the_depots(bus_city: Recording) -> None:
    """Fuel is recorded in tonnes as well, so that what is read from the frames can be compared with it."""
    depots = bus_city.city_map["depots"]
    without = {name: values for name, values in bus_city.series.items() if name != "fuel_stock_t"}
    derived = all_series(replace(bus_city, series=without))
    capacity_t = sum(row["capacity_t"] for row in depots if row["good"] == "fuel")
    error_t = capacity_t * 0.5 / FULL + 0.05 * len(depots)  # capacities are rounded to 0.1 t
    np.testing.assert_allclose(derived["fuel_stock_t"], bus_city.series["fuel_stock_t"], atol=error_t)
    assert all_series(bus_city)["fuel_stock_t"] is bus_city.series["fuel_stock_t"]
    for good in GOODS:
        assert (derived[f"{good}_stock_t"] > 0.0).all()


def test_trips_not_made_are_wanted_less_made(bus_city: Recording) -> None:
    at = bus_city.by_district
    lost = all_series(bus_city)["trips_lost"]
    assert lost.sum() == pytest.approx(float((at["trips_wanted"] - at["trips_made"]).sum()), rel=1e-5)
    assert lost.max() > 0.0


def test_charts_follow_the_layer_of_the_maps(bus_city: Recording) -> None:
    for lang, fuel, riders in (("en", "Fuel in stock", "Bus riders"), ("ja", "燃料の在庫", "バスの乗客")):
        shown = charts.plots([bus_city], "none", lang)
        assert [plot["name"] for plot in shown["supply"]] == [f"{good}_stock_t" for good in GOODS]
        assert shown["supply"][0]["title"] == fuel
        assert shown["roads"][2]["title"] == riders
        assert "unserved_mw" in [plot["name"] for plot in shown["usual"]]
        assert fuel in charts.svg(bus_city, bus_city, lang, [], "supply")
