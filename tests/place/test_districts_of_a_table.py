"""A table of districts: it says who they are, how many live there and what they earn, and is believed."""

from pathlib import Path

import numpy as np
import pytest
from roads_texts import write_tntp

from agentsim import Society, load
from agentsim.place.build import build, load_place
from agentsim.place.cases import Place
from agentsim.place.guesses import guesses
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.district_file import deciles_of_median
from agentsim.place.readers.inp import read_inp
from agentsim.place.spec import SHIPPED, spec_of_files

NET3 = SHIPPED / "bay_city" / "Net3.inp"
QUARTERS = """name,name_ja,x,y,households,median_income_jpy_per_month
Lakeside,湖畔,10,28,9000,700000
Mid,中,24,18,14000,350000
Shore,浜,38,8,7000,175000
"""


def city(folder: Path, text: str, **others: object) -> Place:
    file = folder / "districts.csv"
    file.write_text(text, encoding="utf-8")
    return load_place(spec_of_files(NET3, districts_file=file, **others))  # type: ignore[arg-type]


def test_households_of_each_district_are_those_of_the_table(tmp_path: Path) -> None:
    place = city(tmp_path, QUARTERS)
    assert place.districts.name == ("Lakeside", "Mid", "Shore")
    assert place.districts.name_ja == ("湖畔", "中", "浜")
    assert place.households == 30000
    np.testing.assert_allclose(place.districts.people, 2.2 * np.array([9000, 14000, 7000]))
    home = place.water.junction_demand_m3_per_h * (1.0 - place.water.junction_bulk_frac)
    by_district = np.bincount(place.water.junction_district, home, 3)
    np.testing.assert_allclose(by_district, np.array([9000, 14000, 7000]) * 2.2 * 0.284 / 24.0)
    assert place.grid.bus_load_mw.sum() == pytest.approx(2.05e-3 * 66000)


def test_a_junction_belongs_to_the_nearest_point(tmp_path: Path) -> None:
    place, network = city(tmp_path, QUARTERS), read_inp(NET3)
    point = np.array([[10, 28], [24, 18], [38, 8]])
    far = [np.hypot(network.node_x[:92] - x, network.node_y[:92] - y) for x, y in point]
    np.testing.assert_array_equal(place.water.junction_district, np.argmin(far, axis=0))
    np.testing.assert_array_equal(
        place.zone_district[place.water.junction_zone], place.water.junction_district
    )


def test_junctions_that_are_named_come_first_and_take_the_others_with_them(tmp_path: Path) -> None:
    place = city(tmp_path, "name,junctions\nWest,15 35 105\nEast,203 205\n")
    number = {name: i for i, name in enumerate(place.water.junction_id)}
    at = place.water.junction_district
    assert [at[number[name]] for name in ("15", "35", "105", "203", "205")] == [0, 0, 0, 1, 1]
    assert set(at.tolist()) == {0, 1}


def test_zones_of_a_road_file_can_be_parted_by_number(tmp_path: Path) -> None:
    roads = write_tntp(tmp_path)
    place = city(tmp_path, "name,zones\nA,1 2 3 4\nB,5 6 7 8\n", roads=roads["net"], trips=roads["trips"])
    assert place.zone_district.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


def test_a_table_is_no_guess(tmp_path: Path) -> None:
    file = tmp_path / "districts.csv"
    file.write_text(QUARTERS, encoding="utf-8")
    names = [guess.name for guess in guesses(build(spec_of_files(NET3, districts_file=file)))]
    assert "districts" not in names
    assert "district names" not in names


def test_a_median_shifts_the_deciles() -> None:
    p = PlaceParameters()
    rich, poor = deciles_of_median(700e3, p), deciles_of_median(175e3, p)
    assert rich.sum() == pytest.approx(1.0)
    np.testing.assert_allclose(rich, poor[::-1])  # twice and half the median mirror each other
    # median of the district at twice the country's: half earn more than the country's 87.6th percentile
    assert rich[9] == pytest.approx(0.449, abs=0.005)
    assert (np.diff(rich) > 0).all()


def test_incomes_reach_the_households(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text(QUARTERS, encoding="utf-8")
    file = tmp_path / "s.toml"
    file.write_text(
        f'hours = 24\n[place]\nwater = "{NET3}"\ndistricts_file = "d.csv"\nhouseholds = 3000\n',
        encoding="utf-8",
    )
    society = Society(load(file), seed=1)
    people = society.population
    mean = [people.homes.decile[people.homes.district == d].mean() for d in range(3)]
    assert mean[0] > 6.0 > 5.0 > mean[1] > 4.0 > 3.0 > mean[2]
    share = np.bincount(people.homes.district, minlength=3) / 3000
    np.testing.assert_allclose(share, [0.3, 14 / 30, 7 / 30], atol=0.01)


def test_without_incomes_a_tenth_of_households_is_in_each_decile(tmp_path: Path) -> None:
    assert city(tmp_path, "name,x,y\nA,10,28\nB,38,8\n").decile_frac is None


def test_deciles_can_be_given_one_by_one(tmp_path: Path) -> None:
    names = ",".join(f"decile_{k}" for k in range(1, 11))
    rows = "A,10,28," + ",".join(["0.1"] * 10) + "\nB,38,8,0.55" + ",0.05" * 9 + "\n"
    place = city(tmp_path, f"name,x,y,{names}\n{rows}")
    np.testing.assert_allclose(place.decile_frac[1], [0.55] + [0.05] * 9)
