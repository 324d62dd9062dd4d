"""A table of districts: it says who they are, how many live there and what they earn, and is believed."""
# ruff: noqa: E501 - messages stand on one line, as a user reads them

import re
from pathlib import Path

import numpy as np
import pytest
from roads_texts import write_tntp

from agentsim import Society, load
from agentsim.core.errors import UnbuildablePlace
from agentsim.place.build import Built, build, load_place
from agentsim.place.cases import Place
from agentsim.place.doubts import doubts
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


def test_without_incomes_a_tenth_of_the_citys_households_is_in_each_decile(tmp_path: Path) -> None:
    place = city(tmp_path, "name,x,y\nA,10,28\nB,38,8\n")
    people = place.districts.people
    np.testing.assert_allclose(people @ place.decile_frac / people.sum(), np.full(10, 0.1), atol=1e-6)
    assert np.ptp(place.decile_frac, axis=0).max() > 0.005, "one of the districts is richer"


def test_deciles_can_be_given_one_by_one(tmp_path: Path) -> None:
    names = ",".join(f"decile_{k}" for k in range(1, 11))
    rows = "A,10,28," + ",".join(["0.1"] * 10) + "\nB,38,8,0.55" + ",0.05" * 9 + "\n"
    place = city(tmp_path, f"name,x,y,{names}\n{rows}")
    np.testing.assert_allclose(place.decile_frac[1], [0.55] + [0.05] * 9)


# --- tables as people save them

PAIR = """name,name_ja,x,y,households,median_income_jpy_per_month
North,北地区,18,22,5000,300000
South,南地区,25,5,6000,400000
"""


def report(folder: Path, content: str | bytes, name: str = "d.csv") -> Built:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return build(spec_of_files(NET3, districts_file=file))


@pytest.mark.parametrize(
    "content",
    [
        PAIR,
        PAIR.replace(",", ";"),
        PAIR.replace(",", "\t"),
        PAIR.replace("name,name_ja,x,y,h", "Name,NAME_JA, X ,Y,H"),
        PAIR.replace(",", ";").replace("name;", "NAME;", 1),
        PAIR + ",,,,,\n",
        PAIR.replace("South", "\n , ,,,,\n\nSouth") + ",,,,,,,,\n\n",
        (PAIR + ",,,,,\n").replace(",", ";"),
        PAIR.encode("cp932"),
        PAIR.replace("\n", "\r\n").encode("cp932"),
        PAIR.replace(",", "\t").encode("cp932"),
        PAIR.encode("utf-16"),
        PAIR.replace(",", "\t").encode("utf-16"),
        b"\xfe\xff" + PAIR.encode("utf-16-be"),
        ("\ufeff" + PAIR).encode("utf-16"),
        PAIR.encode("utf-8-sig"),
        ("\ufeff" + PAIR).encode("utf-8-sig"),
        PAIR.replace("\n", "\r"),
        PAIR.replace("North", '"North"').replace("South", '"South"'),
    ],
)
def test_the_same_table_saved_in_another_way_is_the_same_city(tmp_path: Path, content: str | bytes) -> None:
    built = report(tmp_path, content)
    towns = built.place.districts
    assert towns.name == ("North", "South")
    assert towns.name_ja == ("北地区", "南地区")
    np.testing.assert_allclose(towns.people, [11000.0, 13200.0])
    assert doubts(built) == []


@pytest.mark.parametrize("name", ["Total", "TOTAL", "合計", "合　計", "Grand total", "Subtotal", "計"])
def test_a_row_of_sums_is_no_district(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnbuildablePlace, match=rf"d\.csv:4: the row '{name}' is a sum of other rows, not a"):
        report(tmp_path, PAIR + f"{name},,20,10,11000,350000\n")


@pytest.mark.parametrize("households", [11000, 11001, 10995])
def test_a_row_as_large_as_all_others_is_a_doubt(tmp_path: Path, households: int) -> None:
    (doubt,) = doubts(report(tmp_path, PAIR + f"Net3 City,,20,10,{households},350000\n"))
    assert doubt.startswith("d.csv:4: Net3 City has as many households as all other districts together")


def test_two_equal_districts_or_three_of_their_own_size_are_no_doubt(tmp_path: Path) -> None:
    assert doubts(report(tmp_path, PAIR.replace("6000", "5000"))) == []
    assert doubts(report(tmp_path, PAIR + "Mid,,20,10,9000,350000\n", "e.csv")) == []


@pytest.mark.parametrize(
    ("north", "south", "expected"),
    [
        (
            3600000,
            4800000,
            r"d\.csv:2: the median income of North \(likewise 1 more\) is 10 times .*a year's",
        ),
        (300000, 4800000, r"d\.csv:3: the median income of South is 14 times .*Divide it by 12"),
        (2100000, 300000, r"d\.csv:2: the median income of North is 6 times"),
        (
            300,
            400,
            r"d\.csv:2: the median income of North \(likewise 1 more\) is 0\.00086 times .*in thousands",
        ),
        (30, 40, r"d\.csv:2: .* is 8\.6e-05 times .*ten thousands, of yen"),
        (3600, 300000, r"d\.csv:2: the median income of North is 0\.01 times"),
    ],
)
def test_incomes_of_a_year_or_in_thousands_are_a_doubt(
    tmp_path: Path, north: int, south: int, expected: str
) -> None:
    text = PAIR.replace("300000", str(north)).replace("400000", str(south))
    (doubt,) = doubts(report(tmp_path, text))
    assert re.match(expected, doubt)


def test_rich_and_poor_districts_are_no_doubt(tmp_path: Path) -> None:
    assert doubts(report(tmp_path, PAIR.replace("300000", "1000000").replace("400000", "120000"))) == []


@pytest.mark.parametrize("factor", [1e-3, 1e-2, 0.04])
def test_a_city_of_a_few_households_is_a_doubt(tmp_path: Path, factor: float) -> None:
    few = [round(5000 * factor), round(6000 * factor)]
    text = PAIR.replace("5000", str(few[0])).replace("6000", str(few[1]))
    (doubt,) = doubts(report(tmp_path, text))
    assert doubt.startswith(f"the city has {sum(few)} households: too few")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name,x,y\nM\xfcnchen,18,22\nS,25,5\n".encode("latin-1"), r"d\.csv:2: is no text in UTF-8 \(byte 11 of the file, 0xfc\); save the file as UTF-8"),
        ("name,x,y\nN,18,22\nQu\xe9bec,25,5\n".encode("cp1252"), r"d\.csv:3: is no text in UTF-8 \(byte 20 "),
        (PAIR.encode("euc-jp"), r"d\.csv:2: is no text in UTF-8"),
        (PAIR.encode("utf-16-le"), r"d\.csv: is no text file; save it as plain text in UTF-8"),
        (PAIR.encode("utf-16") + b"\0", r"d\.csv: is no text in UTF-16"),
        (PAIR.replace("North", '"North" or so'), r"d\.csv:2: is no csv"),
        (PAIR.replace(",", ";").replace("18", "18,5"), r"d\.csv:2: x is '18,5'; write a number, with a point before its decimals"),
        (PAIR.replace("North", ""), r"d\.csv:2: the name is empty"),
        (PAIR.replace("name,", "Nmae,", 1), r"d\.csv:1: column 'name' is missing; found: nmae"),
        (PAIR.replace("households", "Housholds"), r"d\.csv:1: column 'housholds' is unknown; did you mean"),
        (PAIR.replace("name,name_ja", "name,Name"), r"d\.csv:1: column 'name' is there twice"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_says_what_to_do(
    tmp_path: Path, content: str | bytes, expected: str
) -> None:
    with pytest.raises(UnbuildablePlace, match=expected):
        report(tmp_path, content)


def test_the_age_of_mains_is_that_of_the_table(tmp_path: Path) -> None:
    ages = [10.0, 25.0, 60.0]
    header, *rows = QUARTERS.splitlines()
    text = "\n".join([f"{header},pipe_age_y", *(f"{row},{age}" for row, age in zip(rows, ages, strict=True))])
    file = tmp_path / "districts.csv"
    file.write_text(text + "\n", encoding="utf-8")
    town = tmp_path / "town.toml"
    town.write_text(
        f'[place]\nwater = "{NET3.as_posix()}"\ndistricts_file = "districts.csv"\nhouseholds = 60\n', "utf-8"
    )
    scenario = load(town)
    society = Society(scenario, seed=1)
    mains, district = society.mains, society.place.water.junction_district
    for d, age in enumerate(ages):
        here = district == d
        assert mains.age_y[here] @ mains.km[here] / mains.km[here].sum() == pytest.approx(age)
    rate = [mains.bursts_per_year[district == d].sum() / mains.km[district == d].sum() for d in range(3)]
    assert rate[0] < rate[1] < rate[2]


def test_a_year_of_laying_is_no_age(tmp_path: Path) -> None:
    header, first, *rest = QUARTERS.splitlines()
    text = "\n".join([f"{header},pipe_age_y", f"{first},1985", *(f"{row},20" for row in rest)])
    with pytest.raises(
        UnbuildablePlace, match=r"districts.csv:2.*pipe_age_y is 1985.*at most 200.*not a year of laying"
    ):
        city(tmp_path, text + "\n")
