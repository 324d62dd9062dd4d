"""``agentsim place build``, and cities of one's own files in a scenario."""
# ruff: noqa: E501 - messages stand on one line, as a user reads them

import json
import os
from pathlib import Path

import numpy as np
import pytest

from agentsim import load
from agentsim.cli.main import main
from agentsim.core.errors import InvalidScenario
from agentsim.experiments.runs.replications import Replication, fingerprint
from agentsim.place.build import build
from agentsim.place.spec import SHIPPED
from agentsim.report.place_map import place_map
from agentsim.scenario.file import check_place

NET3 = SHIPPED / "bay_city" / "Net3.inp"
VALLEY = SHIPPED / "river_town"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["place", "build", *arguments]) == 0
    return capsys.readouterr().out


def test_the_report_says_what_was_understood_and_every_guess(capsys) -> None:
    text = told(capsys, "--water", str(NET3))
    assert "92 junctions (59 with customers), 117 pipes" in text
    assert "24 buses, 38 branches, 32 units" in text
    assert "mean v/c 0.60" in text
    for guess in ("map_scale_m = 224.6", "households = 28443", "sources = River 0.723, Lake 0.277"):
        assert f"  {guess}" in text
    assert "load shape = RTS-79" in text
    assert "No doubts: supply and roads can carry the ordinary load." in text


def test_as_json_it_is_plain_data(capsys) -> None:
    content = json.loads(told(capsys, "--water", str(NET3), "--json"))
    assert set(content) == {"understood", "guesses", "doubts", "day"}
    assert {"name", "value", "unit", "how"} == set(content["guesses"][0])
    by_name = {guess["name"]: guess["value"] for guess in content["guesses"]}
    assert by_name["bulk_junctions"] == ["15", "35", "123", "203"]
    people = [district["people"] for district in content["understood"]["districts"]]
    assert sum(people) == pytest.approx(content["understood"]["place"]["people"])


def test_what_a_place_states_is_no_guess(capsys) -> None:
    guesses = json.loads(told(capsys, "--place", "bay_city", "--json"))["guesses"]
    assert [guess["name"] for guess in guesses] == ["districts"]


def test_out_keeps_a_map_a_report_and_a_place_that_can_be_lived_in(tmp_path: Path, capsys) -> None:
    out = tmp_path / "town"
    text = told(capsys, "--water", str(NET3), "--grid", str(VALLEY / "river_town.m"), "--out", str(out))
    graphs = {
        f"{name}_graph.{ending}" for name in ("water", "road", "grid") for ending in ("graphml", "json")
    }
    own = {
        "districts.geojson",
        "assets.geojson",
        "map.png",
        "map.svg",
        "report.txt",
        "report.json",
        "place.toml",
        "Net3.inp",
        "river_town.m",
    }
    assert own | graphs == {file.name for file in out.iterdir()}
    assert f'folder = "{out.as_posix()}"' in text
    file = tmp_path / "s.toml"
    file.write_text('hours = 6\n[place]\nfolder = "town"\nhouseholds = 100\n', encoding="utf-8")
    assert main(["run", str(file), "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["place"]["buses"] == 30
    assert result["place"]["junctions"] == 92


def test_the_same_files_draw_the_same_map(tmp_path: Path, capsys) -> None:
    for name in ("a", "b"):
        told(capsys, "--place", "river_town", "--out", str(tmp_path / name))
    for file in ("map.png", "map.svg", "report.txt", "place.toml"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize("name", ["bay_city", "river_town"])
def test_names_on_the_map_do_not_cover_each_other(name: str) -> None:
    figure = place_map(build(name))
    figure.draw_without_rendering()
    axes = figure.axes[0]
    assert [label.get_text() for label in axes.texts] == list(build(name).place.districts.name)
    boxes = [label.get_window_extent() for label in axes.texts]
    assert not any(a.overlaps(b) for i, a in enumerate(boxes) for b in boxes[:i])
    frame = axes.get_window_extent()
    assert all(frame.x0 < box.x0 and box.x1 < frame.x1 for box in boxes)
    legend = [text.get_text() for text in figure.legends[0].get_texts()]
    assert {"water mains, by width", "roads", "bus of the grid", "power station"} <= set(legend)
    assert set(build(name).place.districts.name) <= set(legend)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], "one of the arguments --water --place is required"),
        (["--water", "a.inp", "--place", "bay_city"], "not allowed with argument"),
        (["--place", "bay_city", "--grid", "g.m"], "--grid: --place names its own files; leave one"),
        (
            ["--place", "bay_twon"],
            "no place 'bay_twon'; name a folder with a place.toml, or one of: bay_city, river",
        ),
        (["--water", str(NET3), "--districts", "0"], "--districts: 0 is too small"),
        (["--water", str(NET3), "--districts", "99"], "99 districts, 92 junctions|99 districts"),
    ],
)
def test_options_that_do_not_go_together(capsys, arguments: list[str], expected: str) -> None:
    try:
        status = main(["place", "build", *arguments])
    except SystemExit as stop:
        status = stop.code  # type: ignore[assignment]
    assert status == 2
    shown = capsys.readouterr()
    assert any(part in shown.err for part in expected.split("|"))
    assert "Traceback" not in shown.err


# --- in a scenario


def scenario(folder: Path, place: str):
    file = folder / "s.toml"
    file.write_text(f"hours = 24\n[place]\n{place}\n", encoding="utf-8")
    return load(file)


def faults(folder: Path, place: str) -> list[str]:
    with pytest.raises(InvalidScenario) as caught:
        check_place(scenario(folder, place))
    return [message.replace(str(folder) + os.sep, "") for message in caught.value.messages]


def test_paths_are_relative_to_the_scenario_file(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "my.inp").write_bytes(NET3.read_bytes())
    (tmp_path / "sub" / "s.toml").write_text('[place]\nwater = "../my.inp"\n', encoding="utf-8")
    monkeypatch.chdir(tmp_path / "sub")
    setting = load("s.toml")
    assert setting.place.water == str(tmp_path / "my.inp")
    monkeypatch.chdir(tmp_path)
    assert len(setting.build_place().water.junction_id) == 92


def test_a_path_on_the_command_line_is_relative_to_where_one_stands(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "my.inp").write_bytes(NET3.read_bytes())
    monkeypatch.chdir(tmp_path)
    setting = scenario(tmp_path, 'water = "no.inp"').with_changes({"place.water": "my.inp"})
    assert setting.place.water == str(tmp_path / "my.inp")


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ('name = "bay_city"\nwater = "w.inp"', "s.toml:4: place.water: place.name says already which city it is; leave one"),
        ('folder = "f"\nwater = "w.inp"', "place.folder says already which city it is; leave one of folder, water out"),
        ('grid = "g.m"', "s.toml:3: place.grid: goes with place.water, which is missing; name that file too"),
        ('water = "w.inp"\ntrips = "t.tntp"', "s.toml:4: place.trips: goes with place.roads, which is missing"),
        ("water = 3", "s.toml:3: place.water: 3 is a whole number; a text in quotes is needed"),
        ('waters = "w.inp"', "place.waters: key 'waters' is unknown; did you mean 'water'?"),
        ('water = "w.inp"', "s.toml:3: place: w.inp: no such file"),
        ('folder = "f"', "s.toml:3: place: f"),
    ],
)  # fmt: skip
def test_what_cannot_be_built_is_said_with_its_line(tmp_path: Path, place: str, expected: str) -> None:
    (message,) = faults(tmp_path, place)
    assert expected in message


def test_a_scenario_with_its_own_files_prints_as_one_that_loads_again(tmp_path: Path) -> None:
    (tmp_path / "w.inp").write_bytes(NET3.read_bytes())
    setting = scenario(tmp_path, 'water = "w.inp"')
    (tmp_path / "again.toml").write_text(setting.text(), encoding="utf-8")
    again = load(tmp_path / "again.toml")
    assert again.place == setting.place
    assert again.content() == setting.content()


def test_a_place_says_how_many_districts_it_has_unless_the_scenario_does(tmp_path: Path) -> None:
    assert len(scenario(tmp_path, 'name = "river_town"').build_place().districts) == 6
    assert len(scenario(tmp_path, 'name = "river_town"\ndistricts = 4').build_place().districts) == 4
    assert len(scenario(tmp_path, 'name = "bay_city"').build_place().districts) == 8


def test_results_of_changed_files_are_not_reused(tmp_path: Path) -> None:
    (tmp_path / "w.inp").write_bytes(NET3.read_bytes())
    run = Replication("none", (), "none", 1)
    before = fingerprint(scenario(tmp_path, 'water = "w.inp"'), run)
    assert fingerprint(scenario(tmp_path, 'water = "w.inp"'), run) == before
    (tmp_path / "w.inp").write_text(NET3.read_text().replace("GPM", "LPS"))
    assert fingerprint(scenario(tmp_path, 'water = "w.inp"'), run) != before


def test_pressure_that_a_network_never_has_is_not_required(tmp_path: Path) -> None:
    """A hill that stands at 12 m of pressure on its own controls is served in full there, not in part."""
    from agentsim.society.society import Society

    text = (
        "[JUNCTIONS]\nA 10 30\nB 12 40\nC 11 20\nD 9 25\nE 38 40\nF 38 20\nG 38 30\nH 10 20\nI 10 20\n"
        "[RESERVOIRS]\nR 50.5\n[PIPES]\n1 R A 500 600 120\n2 A B 400 600 120\n3 B C 300 500 120\n"
        "4 C D 300 500 120\n5 A E 300 500 120\n6 E F 300 400 120\n7 F G 300 400 120\n8 D H 300 300 120\n"
        "9 H I 300 300 120\n[OPTIONS]\nUnits CMH\n[COORDINATES]\nR 0 0\nA 500 0\nB 900 0\nC 1200 0\n"
        "D 1500 0\nE 500 300\nF 500 600\nG 500 900\nH 1800 0\nI 2100 0\n[END]\n"
    )
    (tmp_path / "w.inp").write_text(text)
    setting = scenario(tmp_path, 'water = "w.inp"\nhouseholds = 200').with_changes(
        {"mechanisms.failures": False}
    )
    society = Society(setting, seed=1).run(24)
    place = society.place
    assert 9.0 < place.water.ordinary_pressure_m < 13.0
    assert society.outcomes["water_service_availability"] > 0.99
    assert np.median(society.last.service.water.pressure_m) > 20.0
