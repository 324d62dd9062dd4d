"""Why it happened, files to save, and every sentence in two languages."""

import csv
import io
import json
import re
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest

import agentsim
from agentsim import Society
from agentsim.app.page import downloads
from agentsim.app.page.link import Choice
from agentsim.app.page.saving import KINDS, file_of
from agentsim.app.page.what_changed import what_changed
from agentsim.app.page.why import hourly, trail
from agentsim.app.replay import presets, scenario_list
from agentsim.app.replay.attack_plan import plan_of
from agentsim.app.replay.record_run import record
from agentsim.app.replay.recording import Recording, Request
from agentsim.app.replay.recording_store import SHIPPED, TABLES, RecordingStore
from agentsim.app.server.request_checks import checked
from agentsim.core.messages import Event
from agentsim.outcomes import OUTCOMES
from agentsim.report.wording.events import event_text, place_name
from agentsim.report.wording.orders import order_text
from agentsim.scenario.file import load

SIEGE = Request(
    "hostile_operator",
    (),
    "coercer:best_response",
    1,
    192,
    200,
    plan_of([("A4", "Harbour")], on_days=3, rest_days=2),
)


@pytest.fixture(scope="module")
def siege() -> Recording:
    """The visitor shuts Harbour's water for three days from the fourth on, and again after two."""
    return record(checked(SIEGE))


@pytest.fixture(scope="module")
def defended() -> Recording:
    return record(checked(Request(**{**SIEGE.__dict__, "policies": ("W-C1",)})))


def test_the_trail_leads_from_dry_taps_to_the_order_and_who_gave_it(siege: Recording) -> None:
    (worst, *_) = trail(siege, "water_unserved_m3")
    assert worst["first"] == 72
    assert siege.city_map["districts"][worst["district"]]["name"] == "Harbour"
    assert worst["share"] > 0.5
    assert worst["orders"][0]["principal"] == "water_control_room"
    assert worst["orders"][0]["asset"] == "inlet_valves:Harbour"
    assert "attack" in [event["kind"] for event in worst["events"]]
    assert "water control room" in worst["orders"][0]["text"]
    assert "水道" in worst["orders"][0]["text_ja"]


def test_shares_of_the_trail_are_parts_of_one_whole(siege: Recording) -> None:
    for name in OUTCOMES:
        spans = trail(siege, name, limit=100)
        assert sum(span["share"] for span in spans) <= 1.0 + 1e-6, name
        assert [s["share"] for s in spans] == sorted((s["share"] for s in spans), reverse=True)
        for span in spans:
            assert span["first"] <= span["peak_hour"] <= span["last"] < siege.hours


def test_hours_add_up_to_the_outcome(siege: Recording) -> None:
    for name in ("water_unserved_m3", "deprivation_target_district", "deprivation_worst_district"):
        hours, _ = hourly(siege, name)
        assert hours.sum() == pytest.approx(siege.outcomes[name], rel=1e-3), name
    assert hourly(siege, "deprivation_mean")[1] == -1  # of no one district


def test_no_harm_has_no_trail() -> None:
    calm = record(Request("ordinary_fortnight", (), "none", 1, 48, 100))
    assert trail(calm, "deprivation_target_district") == []
    assert trail(calm, "power_restricted_mwh") == []


def test_an_attack_of_one_s_own_strikes_on_its_own_days(siege: Recording) -> None:
    cut = siege.frames["district_order"] > 0
    harbour = [row["name"] for row in siege.city_map["districts"]].index("Harbour")
    struck = [bool(cut[72 + 24 * day, harbour]) for day in range(5)]
    assert struck == [True, True, True, False, False]


# ---- what the measures changed ------------------------------------------------------------------------


def test_it_is_told_who_held_the_valve_what_stood_in_the_way_and_what_served(
    siege: Recording, defended: Recording
) -> None:
    holders, orders, served = what_changed(siege, defended, "en")
    assert any(
        "inlet valves, Harbour: water control room → municipality of Harbour" in line
        for line in holders["lines"]
    )
    hours = sum(one["last"] - one["first"] + 1 for one in siege.about["orders"])
    assert f"closes the inlet valves of Harbour: {hours} h → 0 h" in orders["lines"][0]
    assert "closes the trunk valves of Harbour: 0 h" in orders["lines"][1]  # the way round
    assert any(line.startswith("Local wells and desalination: 0 → ") for line in served["lines"])
    for part in what_changed(siege, defended, "ja"):
        for line in part["lines"]:
            assert not _english(line.replace("m³", "").replace(" h", "")), line


def test_where_nothing_changed_it_says_so(siege: Recording) -> None:
    assert [part["lines"] for part in what_changed(siege, siege, "en")] == [["no change"]] * 3


# ---- words --------------------------------------------------------------------------------------------


def test_what_happened_is_told_in_japanese(siege: Recording, defended: Recording) -> None:
    for recording in (siege, defended):
        _all_in_japanese(recording)


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.npz"))[::5], ids=lambda file: file.stem[:6])
def test_shipped_stories_are_told_in_japanese(file: Path) -> None:
    _all_in_japanese(Recording.from_bytes(file.read_bytes()))


def _all_in_japanese(recording: Recording) -> None:
    names = {row["name"]: row["name_ja"] for row in recording.city_map["districts"]}
    for event in recording.events:
        assert not _english(event_text(Event(**event), "ja", names)), event
        assert not _english(place_name(event["where"], "ja", names)), event


def _english(text: str) -> list[str]:
    """Words that are left in Latin letters, save units, codes and names of suppliers' firms."""
    words = re.findall(r"[A-Za-z]{2,}", text)
    return [word for word in words if word not in ("MW", "AI") and word == word.lower()]


def test_orders_are_told_in_both_languages() -> None:
    order = {"principal": "municipality:Harbour", "asset": "inlet_valves:Harbour", "action": "restrict"}
    english, japanese = order_text(order, {"Harbour": "港"})
    assert english == "The municipality of Harbour closes the inlet valves of Harbour"
    assert japanese == "港の自治体が港の給水弁を閉める"


# ---- files to save -------------------------------------------------------------------------------


def test_tables_open_and_agree_with_the_recording(siege: Recording, defended: Recording) -> None:
    rows = list(csv.DictReader(io.StringIO(downloads.series_csv(siege))))
    assert len(rows) == siege.hours
    assert float(rows[80]["load_asked_mw"]) == pytest.approx(
        float(siege.series["load_asked_mw"][80]), rel=1e-4
    )
    rows = list(csv.DictReader(io.StringIO(downloads.outcomes_csv(siege, defended))))
    assert {row["outcome"] for row in rows} == set(OUTCOMES)
    water = next(row for row in rows if row["outcome"] == "water_unserved_m3")
    assert water["unit"] == "m3"
    change = defended.outcomes["water_unserved_m3"] - siege.outcomes["water_unserved_m3"]
    assert float(water["difference"]) == pytest.approx(change, rel=1e-4)


def test_the_scenario_as_set_gives_the_same_run_own_attack_included(
    defended: Recording, tmp_path: Path
) -> None:
    request = Request.from_data(defended.about["request"])
    file = tmp_path / "mine.toml"
    text = downloads.scenario_toml(request, defended.about["plan"])
    file.write_text(text, encoding="utf-8")
    assert "--seed 1" in text.splitlines()[0]
    assert tomllib.loads(text)["hours"] == 192
    scenario = load(file)
    assert scenario.policies.ids == ("W-C1",)
    assert scenario.attacker.strikes == ("A4 Harbour 1.0",)
    assert scenario.place.households == 200
    attacker = f"{scenario.attacker.kind}:{scenario.attacker.mind}"
    society = Society(scenario, scenario.policies.ids, attacker, seed=1).run()
    np.testing.assert_equal({str(k): float(v) for k, v in society.outcomes.items()}, defended.outcomes)


def test_every_file_says_what_it_is(siege: Recording, defended: Recording) -> None:
    choice = Choice("hostile_operator", ("W-C1",), own=SIEGE.plan, hours=192)
    for lang, words in (("en", ("Hostile operator", "A4 Harbour")), ("ja", ("悪意ある運用者", "乱数シード"))):
        for kind in KINDS:
            _, _, data = file_of(kind, siege, defended, choice.having(lang=lang), None)
            text = data.decode("utf-8-sig")
            for word in (*words, "W-C1", "192", agentsim.__version__):
                assert word in text, (kind, lang, word)
    ElementTree.fromstring(file_of("svg", siege, defended, choice, None)[2])


def test_a_table_is_read_without_its_comments(siege: Recording, defended: Recording) -> None:
    text = file_of("series", siege, defended, Choice("hostile_operator"), None)[2].decode("utf-8-sig")
    table = pd.read_csv(io.StringIO(text), comment="#")
    assert len(table) == 2 * siege.hours
    assert table["run"].unique().tolist() == ["without", "with"]


def test_the_map_opens_in_a_gis(siege: Recording, defended: Recording) -> None:
    collection = json.loads(downloads.geojson(siege, defended))
    assert collection["type"] == "FeatureCollection"
    for feature in collection["features"]:
        for (ring,) in feature["geometry"]["coordinates"]:
            assert ring[0] == ring[-1]
            x, y = np.array(ring).T
            assert float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) > 0  # counter-clockwise
            assert -1 < x.min() <= x.max() < 1  # degrees
    harbour = next(f["properties"] for f in collection["features"] if f["properties"]["name"] == "Harbour")
    assert harbour["attacked"]
    d = [row["name"] for row in siege.city_map["districts"]].index("Harbour")
    for side, run in (("without_policies", siege), ("with_policies", defended)):
        unserved_m3 = float(run.by_district["water_unserved_m3"][:, d].sum())
        assert harbour[f"{side}_water_unserved_m3"] == pytest.approx(unserved_m3, rel=1e-4)
        assert unserved_m3 > 0


# ---- what is shipped ----------------------------------------------------------------------------------


def test_presets_are_what_a_visitor_can_ask_for() -> None:
    for request in presets.presets():
        assert checked(request) == request, request


@pytest.mark.slow
def test_the_presets_are_stored_and_equal_what_the_model_gives_today(tmp_path: Path) -> None:
    """Fails when the model has changed since ``make recordings``."""
    store = RecordingStore(tmp_path)
    missing = [one for one in presets.presets() if store.get(one.key) is None]
    assert not missing, f"{len(missing)} presets are not recorded: run make recordings"
    for name in scenario_list.names():
        request = presets.request_for(name, (), "none")
        kept = store.get(request.key)
        assert kept is not None
        np.testing.assert_equal(kept.outcomes, record(request).outcomes, err_msg=f"{name}: make recordings")


def test_what_is_shipped_is_small() -> None:
    files = list(SHIPPED.glob("*.npz"))
    total = sum(file.stat().st_size for file in [*files, *SHIPPED.glob(TABLES)])
    assert total < 12_000_000
    assert max(file.stat().st_size for file in files) < 400_000
