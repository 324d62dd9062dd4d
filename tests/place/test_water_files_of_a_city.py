"""Cities on EPANET files as people bring them: encodings, patterns, too few customers."""

from pathlib import Path

import numpy as np
import pytest

from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.errors import UnbuildablePlace
from agentsim.networks.water.works import TreatmentWorks
from agentsim.place.build import build, load_place
from agentsim.place.cases import Place
from agentsim.place.doubt_limits import DoubtLimits
from agentsim.place.doubts import doubts
from agentsim.place.layout.roads import gravity_trips
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.inp import read_inp
from agentsim.place.spec import spec_of_files
from agentsim.scenario import load
from agentsim.society import Society

ONE_ZONE = """[JUNCTIONS]
J1 10 20
J2 10 20
[RESERVOIRS]
R 60
[PIPES]
1 R J1 500 300 100
2 J1 J2 500 300 100
[COORDINATES]
R 0 0
J1 500 0
J2 1000 0
[OPTIONS]
Units CMH
Headloss H-W
[END]
"""


def street(demand: dict[int, float], junctions: int = 12, tail: str = "") -> str:
    """A chain of junctions behind a source; *demand* in m3/h by junction."""
    rows = range(junctions)
    lines = ["[JUNCTIONS]", *(f"J{k} 10 {demand.get(k, 0.0)}" for k in rows), "[RESERVOIRS]", "R 70"]
    lines += ["[PIPES]", "P0 R J0 500 400 120", *(f"P{k} J{k - 1} J{k} 500 400 120" for k in rows[1:])]
    lines += ["[COORDINATES]", "R 0 0", *(f"J{k} {500 * (k + 1)} {300 * (k % 3)}" for k in rows)]
    return "\n".join([*lines, "[OPTIONS]", "Units CMH", "Headloss H-W", tail, "[END]\n"])


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "network.inp"
    file.write_bytes(text.encode(encoding))
    return file


def city(file: Path, districts: int | None = None) -> Place:
    return load_place(spec_of_files(file), districts)


# ---- reading


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_names_and_lines_are_read_in_any_encoding(tmp_path: Path, encoding: str, end: str) -> None:
    text = ONE_ZONE.replace("J1", "配水池").replace("J2", "ソ連町").replace("\n", end)
    network = read_inp(written(tmp_path, text, encoding))
    assert network.junction_id == ("配水池", "ソ連町")
    assert network.unplaced == 0


def test_names_with_accents_stay_apart(tmp_path: Path) -> None:
    text = ONE_ZONE.replace("J1", "réseau-é").replace("J2", "réseau-è")
    assert read_inp(written(tmp_path, text, "latin-1")).junction_id == ("réseau-é", "réseau-è")


def test_what_follows_the_end_is_not_read(tmp_path: Path) -> None:
    assert read_inp(written(tmp_path, ONE_ZONE + "[NOTES]\nto be checked\n")).junction_id == ("J1", "J2")


@pytest.mark.parametrize("row", ["P", "P ; 1.0 2.0", "P 1.0 2.0\nP"])
def test_a_pattern_without_factors_is_refused_with_its_line(tmp_path: Path, row: str) -> None:
    text = ONE_ZONE.replace("[OPTIONS]", f"[PATTERNS]\n{row}\n[OPTIONS]")
    line = 13 + row.count("\n") + 1
    with pytest.raises(UnbuildablePlace, match=rf"network\.inp:{line}: pattern 'P' has no factors"):
        read_inp(written(tmp_path, text))


# ---- customers in several zones


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ONE_ZONE, "2 of 2 junctions draw water, and they are in 1 of 1 zones"),
        (street({6: 20.0}), "1 of 12 junctions draw water, and they are in 1 of 5 zones"),
        (street({6: 20.0, 7: -5.0}), "1 of 12 junctions draw water, and they are in 1 of 5 zones"),
    ],
)
def test_customers_in_one_zone_are_refused(tmp_path: Path, text: str, found: str) -> None:
    with pytest.raises(UnbuildablePlace, match="customers in fewer than two zones") as refused:
        city(written(tmp_path, text))
    assert found in str(refused.value)
    assert "base demands at junctions in several places, or ask for 2 districts" in str(refused.value)


def test_two_districts_make_two_zones(tmp_path: Path) -> None:
    place = city(written(tmp_path, ONE_ZONE), districts=2)
    assert len(place.districts) == len(place.zone_x_km) == 2
    assert place.roads.od_veh_per_h.sum() > 0


def test_homes_in_one_zone_travel_to_a_bulk_user_in_another(tmp_path: Path) -> None:
    text = street({0: 20.0, 1: 20.0, 2: 20.0, 11: 30.0}, tail="[PATTERNS]\nH 1 1\nB 1 1\n[DEMANDS]\n")
    rows = [f"J{k} {q} {own}" for k, q, own in ((0, 20, "H"), (1, 20, "H"), (2, 20, "H"), (11, 30, "B"))]
    text = text.replace("[DEMANDS]\n", "\n".join(["[DEMANDS]", *rows]))
    od = city(written(tmp_path, text), districts=1).roads.od_veh_per_h
    assert np.isfinite(od).all()
    assert od.sum() > 0


def test_zones_out_of_reach_are_refused() -> None:
    far = np.array([[0.0, 1e5], [1e5, 0.0]])
    with pytest.raises(UnbuildablePlace, match="no zone is near enough to another"):
        gravity_trips(np.ones(2), np.ones(2), far, PlaceParameters(), 10.0)


# ---- the busiest hour


def test_the_busiest_hour_is_that_of_households() -> None:
    assert max(HouseholdsParameters().water_shape) == DoubtLimits().home_peak_factor


@pytest.mark.parametrize(
    ("bore_mm", "doubted"), [(235, "would have -17 m of pressure or less (-17 m at junction J1"), (300, "")]
)
def test_pipes_too_narrow_for_the_busiest_hour_are_doubted(
    tmp_path: Path, bore_mm: int, doubted: str
) -> None:
    text = street(dict.fromkeys(range(12), 20.0)).replace(" 400 120", f" {bore_mm} 120")
    said = doubts(build(spec_of_files(written(tmp_path, text))))
    assert any(doubted in line for line in said) if doubted else not said


def test_demand_categories_and_patterns_count_once_in_the_busiest_hour(tmp_path: Path) -> None:
    plain = street(dict.fromkeys(range(12), 20.0)).replace(" 400 120", " 235 120")
    rows = [f"J{k} {q}" for k in range(12) for q in (5.0, 15.0)]
    tail = "Demand Multiplier 2\nPattern 1\n[PATTERNS]\n1 0.5 0.5\n[DEMANDS]\n" + "\n".join(rows)
    split = plain.replace("[END]", tail + "\n[END]")
    said = [doubts(build(spec_of_files(written(tmp_path, text)))) for text in (plain, split)]
    assert said[0] == said[1]


# ---- a pump into a tank that is full within the hour


@pytest.mark.parametrize(("tank_m", "lift"), [(16, "300 50"), (9, "300 50"), (16, "500 55")])
def test_a_week_is_lived_where_a_pump_fills_its_tank_within_the_hour(
    tmp_path: Path, tank_m: int, lift: str
) -> None:
    """A narrower tank and a larger pump fill it in minutes; the level control stops the pump in time."""
    tail = f"[CURVES]\nC {lift}\n[CONTROLS]\nLINK PU CLOSED IF NODE T ABOVE 3.9\n"
    tail += "LINK PU OPEN IF NODE T BELOW 2.4"
    text = street(dict.fromkeys(range(12), 15.0), tail=tail)
    text = text.replace("R 70", f"R 20\n[TANKS]\nT 55 3.5 0 4 {tank_m} 0\n[PUMPS]\nPU S T HEAD C")
    text = text.replace("P0 R J0 500 400 120", "P0 R S 50 400 120\nPT T J0 30 300 120")
    text = text.replace("[JUNCTIONS]", "[JUNCTIONS]\nS 10 0").replace("R 0 0", "R 0 0\nS 50 0\nT 100 0")
    outcomes = lived(written(tmp_path, text), 168).outcomes
    assert outcomes["water_service_availability"] >= 0.95
    assert outcomes["hydraulics_unsolved_h"] == 0.0


# ---- reservoirs that receive


def between(low_m: float, rest: str = "") -> str:
    """A city between the source R at 110 m and a reservoir LOW, with customers all along."""
    text = street(dict.fromkeys(range(12), 20.0), tail=rest).replace("R 70\n", f"R 110\nLOW {low_m}\n")
    text = text.replace(" 400 120", " 500 120")
    return text.replace("[COORDINATES]", "PX J11 LOW 500 500 120\n[COORDINATES]\nLOW 6500 0")


def lived(file: Path, hours: int = 48) -> Society:
    scenario = file.with_suffix(".toml")
    scenario.write_text(f'hours = {hours}\n[place]\nhouseholds = 300\nwater = "{file}"\n', encoding="utf-8")
    return Society(load(scenario), seed=1).run()


def test_a_reservoir_into_which_water_runs_is_no_source(tmp_path: Path) -> None:
    society = lived(written(tmp_path, between(25.0)))
    source, receiver = society.place.water.source_yield_m3_per_d / 1.6
    assert source > 5 * 240 * 24
    assert receiver < 0
    assert source + receiver == pytest.approx(240 * 24, rel=1e-3)
    assert society.outcomes["water_service_availability"] >= 0.99


def test_two_sources_stay_sources(tmp_path: Path) -> None:
    yields = city(written(tmp_path, between(110.0))).water.source_yield_m3_per_d
    assert (yields > 0).all()
    assert yields.sum() == pytest.approx(1.6 * 240 * 24, rel=1e-3)


def test_a_basin_gives_what_it_received_and_a_day_ahead_of_it() -> None:
    """Between raw-water pumps and the city lies a basin: EPANET draws it as a reservoir."""
    works = TreatmentWorks(np.array([100.0, -40.0]), clear_well_h=0, kwh_per_m3=0.0)
    works.draw(np.array([20.0, -8.0]))
    assert works.sources_open(None, 1.0, 1).all()
    works.draw(np.array([20.0, 47.0]))  # 39 more than it received
    assert works.sources_open(None, 1.0, 2).all()
    works.draw(np.array([20.0, 2.0]))
    assert works.sources_open(None, 1.0, 3).tolist() == [True, False]
    assert works.sources_open(None, 1.0, 0).tolist() == [True, False]  # midnight brings it no water
    works.draw(np.array([20.0, -8.0]))
    assert works.sources_open(None, 1.0, 1).all()
