"""What the builder derives, ``run`` accepts; what nobody can use is refused with its line."""
# ruff: noqa: E501 - messages stand on one line, as a user reads them

import re
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from agentsim.core.errors import UnbuildablePlace
from agentsim.place.build import build, load_place
from agentsim.place.doubts import doubts
from agentsim.place.layout.roads import mean_vc
from agentsim.place.number_checks import check_numbers
from agentsim.place.parameters import PlaceParameters
from agentsim.place.place_file import write_place
from agentsim.place.spec import SHIPPED, range_fault, read_spec, spec_of_files

NET3 = SHIPPED / "bay_city" / "Net3.inp"


def larger(folder: Path, times: float, **options: str) -> Path:
    """Net3 with all its demands so many times as large."""
    text = NET3.read_text().replace("Demand Multiplier  \t1.0", f"Demand Multiplier  \t{times}")
    assert str(times) in text
    file = folder / "larger.inp"
    file.write_text(text)
    return file


@pytest.mark.parametrize("times", [0.02, 1.0, 30.0])
def test_every_number_that_is_derived_may_stand_in_a_place_file(tmp_path: Path, times: float) -> None:
    built = build(spec_of_files(larger(tmp_path, times)))
    for item in fields(PlaceParameters):
        value = getattr(built.resolved.parameters, item.name)
        for entry in value if isinstance(value, tuple) else (value,):
            assert not isinstance(entry, int | float) or not range_fault(item, entry), item.name
    write_place(built, tmp_path / "town")
    again = build(tmp_path / "town")
    np.testing.assert_array_equal(
        again.place.roads.link_capacity_veh_per_h, built.place.roads.link_capacity_veh_per_h
    )


def test_lanes_are_added_until_the_streets_carry_the_peak(tmp_path: Path) -> None:
    built = build(spec_of_files(larger(tmp_path, 30.0)))
    p, roads = built.resolved.parameters, built.place.roads
    assert p.lane_capacity_veh_per_h == p.lane_capacity_most_veh_per_h
    assert p.street_lanes is not None
    assert max(p.street_lanes) > 2
    assert mean_vc(roads) <= 1.05 * p.mean_vc
    np.testing.assert_array_equal(roads.link_capacity_veh_per_h[::2], 1900.0 * np.array(p.street_lanes))
    assert any("lanes one way" in doubt for doubt in doubts(built))


def test_where_lanes_do_there_are_no_more() -> None:
    assert build(spec_of_files(NET3)).resolved.parameters.street_lanes is None


def test_stated_lanes_must_be_one_for_each_street(tmp_path: Path) -> None:
    spec = spec_of_files(NET3)
    wrong = replace(spec, parameters=replace(spec.parameters, street_lanes=(1, 2)))
    with pytest.raises(UnbuildablePlace, match="street_lanes has 2 entries, and there are 48 streets"):
        build(wrong)


def test_a_derived_number_out_of_its_range_is_refused_by_name() -> None:
    built = build(spec_of_files(NET3))
    wrong = replace(built.resolved, parameters=replace(built.resolved.parameters, map_scale_m=1e-12))
    with pytest.raises(UnbuildablePlace, match=r"Net3\.inp: numbers\.map_scale_m comes out as 1e-12"):
        check_numbers(built.place, wrong, built.given)


def test_a_city_with_a_number_that_is_none_is_refused() -> None:
    built = build(spec_of_files(NET3))
    people = np.array(built.place.zone_people)
    people[3] = np.nan
    with pytest.raises(UnbuildablePlace, match=r"place\.zone_people came out as no number"):
        check_numbers(replace(built.place, zone_people=people), built.resolved, built.given)


WRONG = [
    ("[place]", "[place]\nlatitude_deg = nan", r"place\.toml:2: place\.latitude_deg = nan; give degrees"),
    ("[place]", "[place]\ndistricts = 2.5", r"place\.toml:2: place\.districts = 2\.5; give a whole number"),
    ("[place]", "[place]\ntitle = 3", r"place\.toml:2: place\.title = 3; give a text"),
    ("[files]", "[files]\ngrid = 3", r"place\.toml:5: files\.grid = 3; give the name of a file"),
    ("[numbers.a]", "[numbers.a]\npeak_mw = nan", r"place\.toml:8: numbers\.peak_mw = nan; it must be a finite"),
    ("[numbers.a]", "[numbers.a]\npeak_mw = -1.0", r"place\.toml:8: numbers\.peak_mw = -1\.0; stay within 0\.001"),
    ("[numbers.a]", "[numbers.a]\npeak_mv = 1.0", r"place\.toml:8: numbers\.peak_mv is unknown; did you mean"),
    ("[numbers.a]", "[numbers.a]\nlanes = [1, 2, 3]", r"place\.toml:8: numbers\.lanes has 3 entries; give 2"),
    ("[sources]", "[sources]\nRiver = 'much'", r"place\.toml:11: sources\.River = 'much'; give a share"),
    ("[sources]", "[sources]\nRiver = inf", r"place\.toml:11: sources\.River = inf; give a share"),
    ("[sites]", "[sites]\nharbour = '1'", r"place\.toml:14: sites\.harbour is unknown"),
    ("[[district]]", "[[district]]\nx = 'far'", r"place\.toml:17: district\.x = 'far'; give a number"),
    ("[files]", "sources = 3\n[files]", r"place\.toml:4: place\.sources is unknown"),
    ("[place]", "terminal = 3\n[place]", r"place\.toml:1: terminal is no list of tables"),
    ("[numbers.a]", "[numbers]\na = 3\n[numbers.b]", r"place\.toml:8: numbers\.a is not a table"),
    ("[place]", "numbers = 3\n[place]", r"place\.toml:8: this is no TOML: cannot overwrite a value"),
]  # fmt: skip
RIGHT = (
    "[place]\ntitle = 'T'\n\n[files]\nwater = 'Net3.inp'\n\n[numbers.a]\nlanes = [1, 2]\n\n[sources]\n\n\n"
    "[sites]\n\n\n[[district]]\nname = 'North'\n"
)


@pytest.mark.parametrize(("old", "new", "said"), WRONG)
def test_what_is_wrong_in_a_place_file_is_told_with_its_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    text = RIGHT.replace(old, new, 1)
    for key in ("title", "lanes"):
        if re.search(rf"\n{key} = .*\n(.*\n)*{key} = ", text):
            text = re.sub(rf"(\n{key} = .*\n(?:.*\n)*?){key} = .*\n", r"\1", text)
    (tmp_path / "place.toml").write_text(text)
    with pytest.raises(UnbuildablePlace, match=said):
        read_spec(tmp_path)


def test_the_place_file_of_these_tests_is_right(tmp_path: Path) -> None:
    (tmp_path / "place.toml").write_text(RIGHT)
    (tmp_path / "Net3.inp").write_bytes(NET3.read_bytes())
    assert len(load_place(tmp_path).districts) == 8


def test_the_limits_of_doubts_may_be_changed_where_a_place_is_described(tmp_path: Path) -> None:
    """A town in the mountains: 200 m of pressure are nothing to doubt there."""
    built = build(spec_of_files(NET3))
    assert doubts(built) == []
    write_place(built, tmp_path / "town")
    file = tmp_path / "town" / "place.toml"
    text = file.read_text(encoding="utf-8")
    assert "least_pressure_m = 15.0" in text
    file.write_text(text.replace("least_pressure_m = 15.0", "least_pressure_m = 90.0"), encoding="utf-8")
    assert any("m of pressure or less" in doubt for doubt in doubts(build(tmp_path / "town")))
    file.write_text(text.replace("many_lanes = 6", "many_lanes = 0"), encoding="utf-8")
    with pytest.raises(
        UnbuildablePlace, match=r"place\.toml:\d+: doubts.many_lanes = 0; stay within 1 to 100"
    ):
        build(tmp_path / "town")
    file.write_text(text.replace("many_lanes", "many_lane"), encoding="utf-8")
    with pytest.raises(UnbuildablePlace, match="did you mean 'many_lanes'"):
        build(tmp_path / "town")
