"""Scenario files: everything wrong with one is said at once, with line, rule and suggestion."""
# ruff: noqa: E501 - messages stand on one line, as a user reads them

import json
import pickle
import re
import textwrap
import tomllib
from pathlib import Path

import pytest

from agentsim.core.errors import InvalidScenario
from agentsim.core.toml_lines import key_lines
from agentsim.scenario.file import check_place, load, parse_set, schema
from agentsim.scenario.tables import ROOMS

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def write(folder: Path, text: str) -> Path:
    file = folder / "s.toml"
    file.write_text(textwrap.dedent(text), encoding="utf-8")
    return file


def faults(folder: Path, text: str, **options) -> list[str]:
    with pytest.raises(InvalidScenario) as caught:
        load(write(folder, text), **options)
    return [message.removeprefix(str(folder) + "/") for message in caught.value.messages]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("horus = 3", "s.toml:1: horus: key 'horus' is unknown; did you mean 'hours'? Known: title, "),
        (
            "first_hour = 3",
            "s.toml:1: first_hour: 'first_hour' is no key of the file itself; it belongs under",
        ),
        ('hours = "3"', "s.toml:1: hours: '3' is a text; a whole number is needed"),
        ("hours = true", "s.toml:1: hours: true is a truth value; a whole number is needed"),
        ("hours = 2.5", "s.toml:1: hours: 2.5 is a decimal number; a whole number is needed"),
        ("hours = 0", "s.toml:1: hours: 0 is out of range; it must be at least 1 h"),
        ("hours = -24", "s.toml:1: hours: -24 is out of range; it must be at least 1 h"),
        (
            "years_before = -1",
            "s.toml:1: years_before: -1 is out of range; it must be at least 0 and at most 40 years",
        ),
        (
            "years_before = 41",
            "s.toml:1: years_before: 41 is out of range; it must be at least 0 and at most",
        ),
        ("years_before = 2.5", "s.toml:1: years_before: 2.5 is a decimal number; a whole number is needed"),
        (
            "start = 0010-08-05\nyears_before = 20",
            "s.toml:2: years_before: 20 years before 0010-08-05 the calendar has no days; ask for fewer",
        ),
        (
            "years_before = 3\n[mineral_path]\nyear = [1, 3]\nprice_factor = [1, 2]",
            "s.toml:3: mineral_path.year: year 2 is missing; list each of the years 1 to 3, in order",
        ),
        (
            "years_before = 2\n[mineral_path]\nyear = [2, 1]\nprice_factor = [1, 2]",
            "s.toml:3: mineral_path.year: years are not in order, each once; list each of the years 1 to 2",
        ),
        (
            "years_before = 2\n[mineral_path]\nyear = [1, 2, 3]\nprice_factor = [1, 2, 3]",
            "s.toml:3: mineral_path.year: year 3 does not exist: years_before = 2; the years are 1 to 2",
        ),
        (
            "years_before = 2\n[mineral_path]\nyear = [1, 2]\nprice_factor = [1]",
            "s.toml:4: mineral_path.price_factor: has 1 entries for 2 years; give one for each year",
        ),
        (
            "years_before = 2\n[mineral_path]\nyear = [1, 2]",
            "mineral_path.price_factor: has 0 entries for 2 years; give one for each year",
        ),
        (
            "years_before = 1\n[mineral_path]\nyear = [1]\nprice_factor = [0.0]",
            "s.toml:4: mineral_path.price_factor: 0 is out of range; it must be at least 0.01",
        ),
        (
            "[mineral_path]\nyear = [1]\nprice_factor = [2]",
            "s.toml:2: mineral_path.year: year 1 does not exist: years_before = 0; set years_before, or",
        ),
        (
            "years_before = 2\n[mineral_path]\nembargo_year = 3",
            "s.toml:3: mineral_path.embargo_year: year 3 does not exist: years_before = 2; the years are 1",
        ),
        (
            "years_before = 2\n[mineral_path]\nembargo_year = 1\nembargo_price_factor = 3.0",
            "s.toml:4: mineral_path.embargo_price_factor: follows from the market; delete it, and see [materi",
        ),
        (
            "[build_up]\nmonths = 6\nwithheld_frac = 0.9",
            "s.toml:3: build_up.withheld_frac: is now materials.withheld_frac; move it to [materials]",
        ),
        (
            "[materials]\nwithheld_frac = 1.2",
            "s.toml:2: materials.withheld_frac: 1.2 is out of range; it must be at least 0 and at most 1",
        ),
        (
            "[materials]\nfollowers_frac = 0",
            "s.toml:2: materials.followers_frac: 0 is out of range; it must be at least 0.001 and at most 1",
        ),
        ("[materials]\nwithheld_frac = nan", "s.toml:2: materials.withheld_frac: nan is not a finite number"),
        (
            "years_before = 2\n[mineral_path]\nembargo_year = 1\nembargo_month = 13",
            "s.toml:4: mineral_path.embargo_month: 13 is out of range; it must be at least 1 and at most 12",
        ),
        ("start = 2030-08-05T01:00:00", "s.toml:1: start: 2030-08-05T01:00:00 is a date with a time; a date"),
        ('start = "2030-08-05"', "s.toml:1: start: '2030-08-05' is a text; a date such as 2030-08-05 is"),
        ("title = 3", "s.toml:1: title: 3 is a whole number; a text in quotes is needed"),
        ("place = 3", "s.toml:1: place: 3 is a whole number; a table is needed"),
        ("[place]\ndistricts = 0", "s.toml:2: place.districts: 0 is out of range; it must be at least 1"),
        ("[place]\nhouseholds = -3", "s.toml:2: place.households: -3 is out of range; it must be at least 1"),
        ("[place]\nhouseholds = 3", "s.toml:2: place.households: 3 is fewer than place.districts = 8; each"),
        ('[place]\nname = "bay_cty"', "place.name: place 'bay_cty' is unknown; did you mean 'bay_city'?"),
        (
            '[attacker]\nkind = "corecer"',
            "s.toml:2: attacker.kind: attacker 'corecer' is unknown; did you mean",
        ),
        (
            '[attacker]\nmind = "randm"',
            "s.toml:2: attacker.mind: mind 'randm' is unknown; did you mean 'random'?",
        ),
        ("[attacker]\nbudget = nan", "s.toml:2: attacker.budget: nan is not a finite number"),
        ("[attacker]\nbudget = -inf", "s.toml:2: attacker.budget: -inf is not a finite number"),
        (
            '[attacker]\nfoothold = "x"',
            "s.toml:2: attacker.foothold: 'x' is a text; a list in square brackets is",
        ),
        (
            '[attacker]\nfoothold = ["power_contrl_room"]',
            "s.toml:2: attacker.foothold: principal 'power_contrl_room' is unknown; did you mean 'power_control",
        ),
        ("[mechanisms]\ncascade = 1", "s.toml:2: mechanisms.cascade: 1 is a whole number; true or false is"),
        (
            "[mechanisms]\ncascades = true",
            "mechanisms.cascades: key 'cascades' is unknown; did you mean 'cascade'?",
        ),
        (
            "[mechanisms]\nattrition = false",
            "s.toml:2: mechanisms.attrition: is replaced by attacker.persistence; delete it, and under",
        ),
        (
            '[attacker]\npersistence = "compaign"',
            "s.toml:2: attacker.persistence: persistence 'compaign' is unknown; did you mean 'campaign'?",
        ),
        (
            '[policies]\nadopt = ["E-C9"]',
            "s.toml:2: policies.adopt: policy 'E-C9' is unknown; did you mean 'E-",
        ),
        ('[compare]\npolicies = ["E-C2+nil"]', "s.toml:2: compare.policies: policy 'nil' is unknown"),
        (
            '[compare]\nattackers = ["coercer:rnd"]',
            "attacker 'coercer:rnd' is unknown; did you mean 'coercer:random'",
        ),
        (
            "[policy.E-C2]\nmicrogrid_h = -1",
            "s.toml:2: policy.E-C2.microgrid_h: -1 is out of range; it must be",
        ),
        ("[policy.E-C3x]\nmicrogrid_h = 1", "policy.E-C3x: key 'E-C3x' is unknown; did you mean 'E-C3'?"),
        ("[households]\npv_kw = -1", "s.toml:2: households.pv_kw: -1 is out of range; it must be at least 0"),
        ("[households]\npersons_frac = [1.0]", "households.persons_frac: has 1 entries; 5 are needed"),
        ("hours = = 3", "s.toml:1: this is no TOML: invalid value (column 9)"),
        ("hours = 3\nhours = 4", "s.toml:2: this is no TOML: cannot overwrite a value"),
        ('title = "', "s.toml:1: this is no TOML"),
    ],
)
def test_each_fault_is_one_clear_message(tmp_path, text, expected):
    (message,) = faults(tmp_path, text)
    assert expected in message


def test_all_faults_are_said_in_one_pass_in_the_order_of_the_file(tmp_path):
    messages = faults(
        tmp_path,
        """\
        titel = "x"
        hours = -5
        [place]
        districts = 0
        households = "3"
        [mechanisms]
        storage = "on"
        [market]
        nonsense = 1
        """,
    )
    assert [message.split(":")[1] for message in messages] == ["1", "2", "4", "5", "7", "9"]


def test_an_attack_must_begin_before_the_run_ends(tmp_path):
    text = 'hours = 48\n[attacker]\nkind = "coercer"\nfirst_hour = 48\n'
    (message,) = faults(tmp_path, text)
    assert message.startswith("s.toml:4: attacker.first_hour: the coercer may act from hour")
    assert load(write(tmp_path, text), facing=["none"]).hours == 48
    (message,) = faults(tmp_path, 'hours = 24\n[compare]\nattackers = ["none", "coercer:random"]\n')
    assert message.startswith("s.toml:1: hours: the coercer:random may act")
    (message,) = faults(tmp_path, "hours = 24\n", facing=["coercer"])
    assert "coercer" in message
    foothold = '[attacker]\nkind = "none"\nfoothold = ["power_control_room"]\n'
    assert load(write(tmp_path, foothold)).attacker.foothold == ("power_control_room",)


def test_changes_are_checked_like_the_file_and_name_the_option(tmp_path):
    messages = faults(
        tmp_path,
        "hours = -1\n[place]\ndistricts = 4\n",
        changes={"place.households": (2, "--set"), "hours": (0, "--hours"), "markt.x": (1, "--set")},
    )
    assert [message.split(": ")[:2] for message in messages] == [
        ["--hours", "hours"],
        ["--set", "markt"],
        ["--set", "place.households"],
    ]
    scenario = load(write(tmp_path, "hours = 100"))
    assert scenario.replace("place.households", 50).place.households == 50
    assert scenario.place.households == 3000
    with pytest.raises(InvalidScenario, match=r"--set: place\.households: 'many' is a text"):
        scenario.replace("place.households", "many")
    with pytest.raises(InvalidScenario, match="'hours' is no table"):
        scenario.replace("hours.x", 1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hours=24", ("hours", 24)),
        ("attacker.kind=coercer", ("attacker.kind", "coercer")),
        ('attacker.kind="coercer"', ("attacker.kind", "coercer")),
        ("mechanisms.storage = false", ("mechanisms.storage", False)),
        ('policies.adopt=["E-C2"]', ("policies.adopt", ["E-C2"])),
    ],
)
def test_set_reads_toml_or_plain_text(text, expected):
    assert parse_set(text) == expected


@pytest.mark.parametrize("text", ["hours", "=3", ""])
def test_set_needs_a_key_and_a_value(text):
    with pytest.raises(InvalidScenario, match=r"table\.key=value"):
        parse_set(text)


def test_files_that_cannot_be_read(tmp_path):
    write(tmp_path, "")
    with pytest.raises(InvalidScenario, match=r"there is no such file; did you mean '.*/s.toml'\?"):
        load(tmp_path / "t.toml")
    with pytest.raises(InvalidScenario, match="is a folder; a scenario file is needed"):
        load(tmp_path)
    (tmp_path / "b.toml").write_bytes(b'title = "\xff"')
    with pytest.raises(InvalidScenario, match="no text in UTF-8"):
        load(tmp_path / "b.toml")


def test_an_empty_file_is_a_scenario_of_defaults_that_prints_and_loads_again(tmp_path):
    scenario = load(write(tmp_path, ""))
    again = load(write(tmp_path, scenario.text()))
    assert again.content() == scenario.content()
    assert again.parameters == scenario.parameters


def test_rooms_and_policies_get_their_own_numbers(tmp_path):
    text = "[households]\npv_kw = 6\n[policy.E-C2]\nmicrogrid_h = 12.0\n"
    scenario = load(write(tmp_path, text))
    assert scenario.parameters.households.pv_kw == 6.0
    assert type(scenario.parameters.households).__module__ == "agentsim.agents.households.parameters"
    assert scenario.measures["E-C2"].microgrid_h == 12.0
    with pytest.raises(AttributeError):
        scenario.hours = 3
    with pytest.raises(AttributeError):
        scenario.parameters.households = None


def test_every_room_that_declares_numbers_has_a_table():
    package = SCENARIOS.parent / "agentsim"
    files = {
        file
        for file in package.rglob("*.py")
        if re.search(r"\nclass \w+Parameters\b", file.read_text(encoding="utf-8"))
    }
    files.discard(package / "place" / "parameters.py")  # of the city: they stand in its own place.toml
    declared = {".".join(file.relative_to(package.parent).with_suffix("").parts) for file in files}
    assert declared == {address.split(":")[0] for address in ROOMS.values()}


def test_a_scenario_crosses_process_borders(tmp_path):
    scenario = load(write(tmp_path, 'title = "x"\n[power]\n'))
    again = pickle.loads(pickle.dumps(scenario))
    assert again == scenario
    assert again.content() == scenario.content()
    error = InvalidScenario(["a", "b"])
    assert pickle.loads(pickle.dumps(error)).messages == ["a", "b"]


def test_packages_are_unpacked(tmp_path):
    scenario = load(write(tmp_path, '[policies]\nadopt = ["X-C5", "self_reliant", "E-C2"]'))
    assert scenario.policies.ids == ("E-C2", "X-C5")


def test_target_and_foothold_must_be_of_the_city(tmp_path):
    scenario = load(write(tmp_path, ""))
    check_place(scenario)
    with pytest.raises(InvalidScenario, match=r"attacker.target: district 'Atlantis' is unknown. Known: "):
        check_place(scenario.replace("attacker.target", "Atlantis"))
    with pytest.raises(InvalidScenario, match=r"attacker.foothold: district 'Atlantis' is unknown"):
        check_place(scenario.replace("attacker.foothold", ["municipality:Atlantis"]))


def test_more_districts_than_the_city_can_be_parted_into_are_refused(tmp_path):
    scenario = load(write(tmp_path, "[place]\ndistricts = 2000\n"))
    with pytest.raises(InvalidScenario, match=r"s.toml:2: place: "):
        check_place(scenario)


@pytest.mark.parametrize("file", sorted(SCENARIOS.glob("*.toml")), ids=lambda file: file.stem)
def test_shipped_scenarios_are_right_and_named_in_two_languages(file):
    scenario = load(file)
    assert scenario.title
    assert scenario.title_ja


def test_the_committed_schema_is_fresh():
    assert (SCENARIOS / "schema.json").read_text(encoding="utf-8") == schema(), "run make schema"
    properties = json.loads(schema())["properties"]
    assert {"title", "hours", "place", "attacker", "power", "policy"} <= set(properties)


def test_lines_are_found_in_all_ways_to_write_a_key():
    text = textwrap.dedent(r'''
        # [place] in a comment
        title = "a # [place]"
        "quoted key" . x = 3
        note = """
        [attacker]
        hours = 1 \""" ""x"""
        list = [
          1, # one
          { a = 2, b = [
            "x"] },
        ]
        [[shock]]
        day = 1
          [shock.where]
          name = 'C:\'
        [[shock]]
        day = 2
        [a.b]
        c.d = { e = { f = 1 } }
        ''')
    tomllib.loads(text)
    lines = key_lines(text)
    assert lines["title",] == 3
    assert lines["quoted key", "x"] == 4
    assert lines["list",] == 8
    assert lines["list", 0] == 9
    assert lines["list", 1, "a"] == 10
    assert lines["list", 1, "b", 0] == 11
    assert lines["shock", 0, "where", "name"] == 16
    assert lines["shock", 1, "day"] == 18
    assert lines["a", "b", "c", "d", "e", "f"] == 20
    assert ("attacker",) not in lines


SCRIPT = '[attacker]\nkind = "coercer"\nmind = "scripted"\n'


def test_a_script_says_what_it_cannot_read(tmp_path):
    file = tmp_path / "s.toml"
    cases = {
        "": "attacker.mind: 'scripted' does what attacker.strikes lists",
        'strikes = ["A22 Harbour"]': "attacker.strikes.0: 'A22 Harbour' is no strike; write an action, a place",
        'strikes = ["A1 Harbour"]\nefforts = ["municipality:Harbour"]': "is no capture; write a principal and an effort",
    }
    for lines, says in cases.items():
        file.write_text(SCRIPT + lines, encoding="utf-8")
        with pytest.raises(InvalidScenario) as told:
            load(file)
        assert says in str(told.value)
        assert len(told.value.messages) == 1


def test_a_script_names_places_of_the_city(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text(SCRIPT + 'strikes = ["A1 Harbor"]', encoding="utf-8")
    with pytest.raises(InvalidScenario, match="place 'Harbor' is unknown; did you mean 'Harbour'"):
        check_place(load(file))


# ---- drawn footholds --------------------------------------------------------------------------------

OPERATORS = ["power_control_room", "water_control_room", "traffic_control_room"]


def test_a_drawn_foothold_goes_through_all_operators_in_every_block_of_seeds():
    scenario = load("scenarios/hostile_operator.toml").with_changes(
        {"attacker.foothold": ["device_cloud"], "attacker.drawn_foothold": OPERATORS}
    )
    held = [scenario.for_seed(seed).attacker.foothold for seed in range(1, 7)]
    assert held[:3] == held[3:] == [("device_cloud", room) for room in OPERATORS]
    assert scenario.for_seed(1001).attacker.foothold in held
    assert scenario.for_seed(2).for_seed(3) == scenario.for_seed(2), "drawn once"


def test_without_a_drawn_foothold_a_seed_changes_nothing():
    scenario = load("scenarios/hostile_operator.toml")
    assert scenario.for_seed(7) is scenario


def test_an_unknown_principal_of_a_drawn_foothold_is_named(tmp_path):
    text = '[attacker]\ndrawn_foothold = ["power_contrl_room"]'
    with pytest.raises(
        InvalidScenario, match=r"s.toml:2: attacker.drawn_foothold: principal 'power_contrl_room'"
    ):
        load(write(tmp_path, text))
    scenario = load("scenarios/hostile_operator.toml")
    with pytest.raises(InvalidScenario, match=r"attacker.drawn_foothold: district 'Atlantis' is unknown"):
        check_place(scenario.replace("attacker.drawn_foothold", ["municipality:Atlantis"]))


def test_a_society_has_the_foothold_of_its_seed(hamlet):
    drawn = {"attacker.foothold": [], "attacker.drawn_foothold": OPERATORS}
    held = [hamlet([], "coercer:random", seed, changes=drawn).attackers[0].captured for seed in (1, 2, 3)]
    assert held == [(room,) for room in OPERATORS]


def test_an_embargo_needs_a_build_up_in_which_it_can_begin(tmp_path):
    path = tmp_path / "late.toml"
    path.write_text("title = 'late'\n[build_up]\nmonths = 6\nembargo_from_month = 6\nembargo_months = 3\n")
    with pytest.raises(InvalidScenario, match=r"late\.toml:5.*month 6 of a build-up of 6 months"):
        load(path)


def test_equipment_is_bought_in_the_years_before_or_in_a_build_up_and_not_in_both(tmp_path):
    path = tmp_path / "both.toml"
    path.write_text("title = 'both'\nyears_before = 2\n[build_up]\nmonths = 6\n")
    with pytest.raises(InvalidScenario, match=r"both.toml:4: build_up.months: .*years_before = 0"):
        load(path)
