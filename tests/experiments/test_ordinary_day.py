"""The day that is lived in a city that was just built, and what a doubt about it says."""

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from agentsim.cli.main import main
from agentsim.core.errors import HydraulicsFailed
from agentsim.experiments import ordinary_day
from agentsim.experiments.ordinary_day import (
    HOURS_PER_DAY,
    OrdinaryDay,
    all_doubts,
    doubts_of_day,
    live_a_day,
    peak_day,
)
from agentsim.place.build import build, load_place
from agentsim.place.spec import spec_of_files


def street(folder: Path, bore_mm: int, tank_m: float = 0.0) -> Path:
    """Twelve junctions in a row behind a source; a tank of this diameter at the far end if it is above 0."""
    rows = range(12)
    lines = ["[JUNCTIONS]", *(f"J{k} 10 20" for k in rows), "[RESERVOIRS]", "R 70"]
    lines += ["[TANKS]", f"T 40 5 0 10 {tank_m} 0"] if tank_m else []
    lines += ["[PIPES]", f"P0 R J0 500 {bore_mm} 120"]
    lines += [f"P{k} J{k - 1} J{k} 500 {bore_mm} 120" for k in rows[1:]]
    lines += [f"PT J11 T 100 {bore_mm} 120"] if tank_m else []
    lines += ["[COORDINATES]", "R 0 0", *(f"J{k} {500 * (k + 1)} {300 * (k % 3)}" for k in rows)]
    lines += ["T 6600 0"] if tank_m else []
    file = folder / "street.inp"
    file.write_text("\n".join([*lines, "[OPTIONS]", "Units CMH", "Headloss H-W", "[END]\n"]))
    return file


def lived(file: Path) -> OrdinaryDay:
    return live_a_day({"water": str(file)})


def test_bay_city_lives_its_peak_day_without_a_doubt() -> None:
    day = live_a_day({"name": "bay_city"})
    assert "2030-08-01" <= day.day <= "2030-08-10"
    assert (day.fault, doubts_of_day(day)) == ("", [])
    assert min(day.water_frac, day.power_frac, day.trips_frac) > 0.999
    assert 15 < day.pressure_m < 60
    assert all_doubts(build("bay_city"), day) == []


def test_a_network_that_runs_short_says_where_and_when(tmp_path: Path) -> None:
    day = lived(street(tmp_path, 225))
    assert day.water_frac < 0.95
    assert day.pressure_junction == "J11"
    assert day.pressure_hour in (7, 19)  # the busiest of homes' hours
    (said,) = [line for line in doubts_of_day(day) if "water" in line]
    assert "at junction J11" in said
    assert "check diameters" in said


def test_a_tank_carries_the_city_through_an_outage_and_nothing_else_does(tmp_path: Path) -> None:
    without = lived(street(tmp_path, 400))
    assert without.water_frac > 0.999
    assert without.dark_water_frac == pytest.approx(0.0, abs=0.01)
    assert "hardly any water is stored" in ordinary_day.as_text(without)
    assert lived(street(tmp_path, 400, tank_m=30.0)).dark_water_frac > 0.9


def test_the_peak_day_is_that_of_the_load_shape() -> None:
    place = load_place("bay_city")
    shape = np.full_like(place.load_shape, 0.5)
    shape[4, 4, 18] = 1.0  # the Friday of the fifth week
    assert peak_day(replace(place, load_shape=shape)).isoformat() == "2030-02-01"


def test_a_day_that_cannot_be_lived_to_its_end_is_a_doubt(tmp_path: Path, monkeypatch) -> None:
    step = ordinary_day.Society.step

    def fails(society) -> None:
        if society.hour == 5:
            raise HydraulicsFailed("junction J3 has no solution")
        step(society)

    monkeypatch.setattr(ordinary_day.Society, "step", fails)
    day = lived(street(tmp_path, 400))
    assert day.fault == "hour 5: junction J3 has no solution"
    assert "hour 5: junction J3" in doubts_of_day(day)[0]


def test_shortages_of_power_and_roads_are_doubts_too() -> None:
    day = OrdinaryDay("2030-08-06", 1.0, 0.9, 0.9, 30.0, "J", 7, 1.0)
    power, trips = doubts_of_day(day)
    assert "10.0 % of the electricity" in power
    assert "10.0 % of the trips" in trips


def test_the_report_holds_the_day_unless_it_is_left_out(tmp_path: Path, capsys) -> None:
    file = str(street(tmp_path, 225))
    assert main(["place", "build", "--water", file, "--json", "--out", str(tmp_path / "town")]) == 0
    content = json.loads(capsys.readouterr().out.split("\nkept")[0])
    assert content["day"]["water_frac"] < 0.95
    assert any("on an ordinary day" in doubt for doubt in content["doubts"])
    assert "Lived   24 ordinary hours" in (tmp_path / "town" / "report.txt").read_text(encoding="utf-8")
    again = live_a_day({"folder": str(tmp_path / "town")})
    assert again.water_frac == content["day"]["water_frac"]
    assert main(["place", "build", "--water", file, "--json", "--no-day"]) == 0
    assert "day" not in json.loads(capsys.readouterr().out)


def test_the_city_is_the_one_that_was_built(tmp_path: Path) -> None:
    file = street(tmp_path, 400)
    scenario = ordinary_day.scenario_of({"water": str(file), "districts": 3}, HOURS_PER_DAY)
    ours, theirs = scenario.build_place(), build(spec_of_files(file), 3).place
    assert ours.districts.name == theirs.districts.name
    np.testing.assert_array_equal(ours.zone_people, theirs.zone_people)


def test_the_guide_explains_doubts_in_the_words_of_the_report() -> None:
    root = Path(__file__).parents[2]
    guide = (root / "docs" / "your_city.md").read_text(encoding="utf-8")
    code = "".join(
        " ".join((root / "agentsim" / name).read_text(encoding="utf-8").split())
        for name in ("place/doubts.py", "experiments/ordinary_day.py")
    )
    said = re.sub(r'" f?"|\{[^{}]*\}', "", code)
    rows = [line.split("|")[1].strip() for line in guide.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 12
    for row in rows[1:]:
        for part in filter(None, (part.strip() for part in row.split("..."))):
            assert part in said, part
