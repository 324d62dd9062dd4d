"""Recordings: equal to the run itself, small, quick to read, with the events of the run."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from agentsim.app.replay import frame_recorder, scenario_list
from agentsim.app.replay.record_run import record
from agentsim.app.replay.recording import Recording, Request, rounded
from agentsim.core.messages import Event
from agentsim.outcomes import OUTCOMES
from agentsim.society.society import Society

ATTACKED = Request("hostile_operator", (), "coercer:random", 1, 144, 200)


@pytest.fixture(scope="module")
def attacked() -> Recording:
    """Six days of Bay City; the coercer acts from the fourth on, and holds the three control rooms."""
    return record(ATTACKED)


@pytest.fixture(scope="module")
def lived() -> Society:
    return Society(ATTACKED.setting(), (), ATTACKED.attacker, 1).run()


def test_recording_changes_nothing(attacked: Recording, lived: Society) -> None:
    values = {name: float(value) for name, value in lived.outcomes.items()}
    assert list(attacked.outcomes) == list(values)
    np.testing.assert_equal(attacked.outcomes, values)
    assert [Event(**event) for event in attacked.events] == lived.events


def test_the_same_request_gives_the_same_bytes(attacked: Recording) -> None:
    assert record(ATTACKED).to_bytes() == attacked.to_bytes()


def test_a_file_brings_everything_back(attacked: Recording) -> None:
    again = Recording.from_bytes(attacked.to_bytes())
    for kept in ("frames", "series", "by_district"):
        assert list(getattr(again, kept)) == list(getattr(attacked, kept))
        for name, rows in getattr(attacked, kept).items():
            np.testing.assert_array_equal(getattr(again, kept)[name], rows, err_msg=name)
    np.testing.assert_equal(again.outcomes, attacked.outcomes)
    assert (again.events, again.city_map) == (attacked.events, attacked.city_map)
    assert again.about == attacked.about


@pytest.mark.parametrize("damage", [b"", b"PK nonsense", None])
def test_a_torn_file_is_refused(attacked: Recording, damage: bytes | None) -> None:
    with pytest.raises(ValueError, match="no recording"):
        Recording.from_bytes(attacked.to_bytes()[:-200] if damage is None else damage)


def test_every_frame_has_a_code_for_every_thing_on_the_map(attacked: Recording) -> None:
    city_map, frames = attacked.city_map, attacked.frames
    columns = {
        "line_state": "lines",
        "bus_state": "buses",
        "unit_output": "units",
        "junction_served": "junctions",
        "pipe_state": "pipes",
        "tank_fill": "tanks",
        "source_draw": "sources",
        "link_load": "links",
        "depot_fill": "depots",
        "terminal_withheld": "terminals",
        "district_power": "districts",
    }
    for frame, things in columns.items():
        assert frames[frame].shape == (144, len(city_map[things])), frame
        assert frames[frame].dtype == np.uint8
    assert frames["line_state"].max() > 0
    assert frames["link_load"].max() > 50  # the morning peak


def test_a_district_that_is_cut_off_shows_it(attacked: Recording, lived: Society) -> None:
    target = attacked.about["target"]
    unserved = lived.record.at["water_unserved_m3"][:144] / lived.record.at["water_asked_m3"][:144]
    shown = 1.0 - attacked.frames["district_water"].astype(float) / frame_recorder.FULL
    np.testing.assert_allclose(shown, unserved, atol=0.003)
    cut = (attacked.frames["district_order"] & (1 | 2 | 4 | 8)) > 0
    assert not cut[:72].any()
    assert cut[72:, target].any()
    assert not np.delete(cut, target, axis=1).any()


def test_orders_against_people_are_kept_as_spans(attacked: Recording) -> None:
    orders = attacked.about["orders"]
    assert orders
    town = attacked.city_map["districts"][attacked.about["target"]]["name"]
    for order in orders:
        assert order["asset"].endswith(f":{town}")
        assert 72 <= order["first"] <= order["last"] < 144
        assert (order["last"] - order["first"] + 1) % 24 == 0  # whole days, as it pays for them


def test_series_are_true_to_one_part_in_eight_thousand(attacked: Recording, lived: Society) -> None:
    for name, kept in attacked.series.items():
        if name in lived.record.city:
            np.testing.assert_allclose(kept, lived.record.city[name][:144], rtol=1 / 8000, err_msg=name)


def test_rounding_keeps_zero_signs_and_size() -> None:
    values = np.array([0.0, -1.5, 3.14159265, 1e-30, -7e20])
    np.testing.assert_allclose(rounded(values), values, rtol=1 / 8000)
    assert rounded(values)[0] == 0.0


def test_a_frame_is_small_and_plain(attacked: Recording) -> None:
    text = json.dumps(attacked.frame(100), separators=(",", ":"))
    assert len(text) < 6000
    assert attacked.frame(-5)["hour"] == 0
    assert attacked.frame(10**6)["hour"] == 143


def test_reading_is_quick(attacked: Recording) -> None:
    data = attacked.to_bytes()
    load_s = min(_seconds(lambda: Recording.from_bytes(data)) for _ in range(5))
    frame_s = min(_seconds(lambda: attacked.frame(100)) for _ in range(5))
    assert load_s < 0.05
    assert frame_s < 0.001


def _seconds(act) -> float:
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def test_every_outcome_knows_what_it_is_made_of(attacked: Recording) -> None:
    drivers = attacked.about["drivers"]
    assert set(drivers) == set(OUTCOMES)
    assert drivers["ens_mwh"] == ["power_unserved_mwh"]
    assert drivers["deprivation_mean"] == ["deprivation_h"]
    assert drivers["accessibility_frac"] == ["trips_made", "trips_wanted"]


@pytest.mark.parametrize(
    "other",
    [
        replace(ATTACKED, seed=2),
        replace(ATTACKED, policies=("E-C2",)),
        replace(ATTACKED, attacker="none"),
        replace(ATTACKED, hours=120),
        replace(ATTACKED, changes=(("attacker.budget", 50.0),)),
        replace(ATTACKED, scenario="drought"),
    ],
)
def test_what_decides_a_run_decides_its_key(other: Request) -> None:
    assert other.key != ATTACKED.key
    assert Request.from_data(other.as_data()) == other


def test_only_listed_scenarios_are_found() -> None:
    for name in ("../pyproject", "/etc/passwd", "hostile_operator.toml", ""):
        with pytest.raises(scenario_list.UnknownScenario):
            scenario_list.scenario_named(name)
