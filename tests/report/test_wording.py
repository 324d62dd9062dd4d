"""Every event and every order has a sentence in English and in Japanese."""

import ast
import json
import re
import string
from itertools import product
from pathlib import Path

import pytest

import agentsim
from agentsim.agents.attacker import actions
from agentsim.agents.attacker.bad_actor import KINDS
from agentsim.core.charter import Charter
from agentsim.core.messages import Event
from agentsim.institutions.control_graph import (
    ABUSES,
    NETWORK_OF,
    PLATFORMS,
    RECORDS,
    RESTRICTS,
    ControlGraph,
)
from agentsim.institutions.kill_chain import STEPS
from agentsim.institutions.rationing import RULES
from agentsim.place.cases import GOODS
from agentsim.report.wording import names
from agentsim.report.wording.events import (
    EVIDENCE,
    REASONS,
    SENTENCES,
    WORDED,
    event_text,
    place_name,
)
from agentsim.report.wording.orders import DEEDS, order_text

TOWNS = {"Harbour": "港", "Old Town": "旧市街", "Centre": "中央"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
KEPT_LATIN = {"MW", "AI", "EPANET"}  # units and codes
SUPPLIER = "supplier:Gulf Petroleum"

# a value of each field: one that says much, and one that says little
FULL = {
    "months": 5,
    "year": 4,
    "years": 10,
    "pv_before_frac": 0.1,
    "pv_frac": 0.234,
    "battery_before_frac": 0.02,
    "battery_frac": 0.05,
    "overdue_frac": 0.148,
    "actions": list(actions.ACTIONS),
    "against": "Harbour",
    "attacker": "rent_seeker",
    "bus_h": 169.3,
    "by_hand": True,
    "culprits": ["power_control_room_2", "municipality:Old Town", "device_cloud"],
    "cut_frac": 0.2,
    "denied": True,
    "deprivation_h": 36.4,
    "districts": list(TOWNS),
    "dose_frac": 100.0,
    "evidence": "meters",
    "good": "food",
    "hours": 50,
    "households": 1200.0,
    "leaks": 3,
    "line": "4",
    "links": 2,
    "network": "supply",
    "networks": list(names.NETWORKS),
    "people": 3400.0,
    "places": 8,
    "proposed": "lifeline_first",
    "reason": "budget_spent",
    "renewed_m": 200.0,
    "reporting_frac": 0.1,
    "rule": "majority",
    "shed_mw": 4.2,
    "stopped_frac": 0.3,
    "step": "reconnaissance",
    "turnout_frac": 0.43,
    "units": 40.0,
    "was_bus_h": 1241.9,
    "votes_frac": {"proportional": 0.4, "lifeline_first": 0.6},
    "withheld_frac": 0.5,
}
LITTLE = FULL | {
    "against": "city",
    "by_hand": False,
    "cut_frac": 1.0,
    "denied": False,
    "links": 0,
    "proposed": "",
}


def sound(english: str, japanese: str) -> None:
    """No identifier and no gap in either sentence, and no English word in the Japanese one."""
    assert english
    for text in (english, japanese):
        assert not re.search(r"[_{}]|None|  ", text), text
    assert JAPANESE.search(japanese), japanese
    latin = [word for word in LATIN.findall(japanese) if word not in KEPT_LATIN]
    assert not latin, japanese


def taken(template: str) -> set[str]:
    """Fields that a template takes."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def needs(what: str) -> set[str]:
    """Fields that the sentences of *what* take."""
    return set().union(*map(taken, SENTENCES[what]))


@pytest.mark.parametrize("what", SENTENCES)
@pytest.mark.parametrize("values", [FULL, LITTLE], ids=["full", "little"])
def test_every_event_has_a_sentence_in_both_languages(what: str, values: dict) -> None:
    event = Event(7, "any", "Harbour", what, {name: values[name] for name in needs(what)})
    sound(event_text(event, "en"), event_text(event, "ja", TOWNS))


@pytest.mark.parametrize("what", SENTENCES)
def test_both_languages_take_the_same_fields(what: str) -> None:
    english, japanese = SENTENCES[what]
    assert taken(english) == taken(japanese) <= set(WORDED)


def test_every_field_is_worded_and_tried() -> None:
    assert set(WORDED) == set(FULL) == set().union(*map(needs, SENTENCES))


def logged_by_the_code() -> set[str]:
    """Names of sentences that stand as a string anywhere in the model."""
    root, strings = Path(agentsim.__file__).parent, set()
    for room in ("agents", "institutions", "society"):
        for file in sorted((root / room).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            strings |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    return strings & set(SENTENCES)


def test_no_sentence_is_left_over() -> None:
    assert logged_by_the_code() == set(SENTENCES)


def test_what_happens_in_a_run_can_be_told(hamlet) -> None:
    """Everything that eventful societies log has its sentence, all its fields, and survives JSON."""
    hard = {"attacker.first_hour": 6, "bad_actor.action_chance": 1.0}
    told = set()
    for policies, attacker in ((["X-C2", "X-C4", "X-C5"], "coercer:random"), (["E-C2"], "saboteur:random")):
        society = hamlet(policies, attacker, 2, 96, hard)
        towns = dict(zip(society.place.districts.name, society.place.districts.name_ja, strict=True))
        for event in society.events:
            assert needs(event.what) <= set(event.fields), event
            assert json.loads(json.dumps(event.fields)) == event.fields, event
            sound(event_text(event, "en"), event_text(event, "ja", towns))
            sound(place_name(event.where, "en") + ".", place_name(event.where, "ja", towns) + "で")
            told.add(event.what)
    assert len(told) > 10


# ---- names ----------------------------------------------------------------------------------------------


def principals() -> tuple[str, ...]:
    """Every kind of principal that a charter knows."""
    control = ControlGraph(Charter().control, tuple(TOWNS), True, ("Gulf Petroleum",), PLATFORMS)
    return (*control.principals, "households", "water_control_room_2")


def test_everything_that_events_may_name_has_a_name() -> None:
    assert set(names.ACTIONS) == set(actions.ACTIONS)
    assert set(names.ATTACKERS) == set(KINDS) - {"none"}
    assert set(names.ASSETS) == set(NETWORK_OF)
    assert set(names.NETWORKS) == set(NETWORK_OF.values())
    assert set(names.GOODS) == set(GOODS)
    assert set(names.STEPS) == set(STEPS)
    assert set(names.RULES) == set(RULES)
    for table in (names.ASSETS, names.GOODS, names.STEPS, names.RULES, names.ACTIONS, EVIDENCE, REASONS):
        for pair in table.values():
            sound(*pair)
    for principal in principals():
        if not principal.startswith("supplier:"):
            assert principal.partition(":")[0].removesuffix("_2") in names.PRINCIPALS
            sound(place_name(principal, "en"), place_name(principal, "ja", TOWNS))


@pytest.mark.parametrize(
    ("where", "english", "japanese"),
    [
        ("Harbour", "Harbour", "港"),
        ("city", "city", "市全体"),
        ("municipality:Old Town", "municipality of Old Town", "旧市街の自治体"),
        ("power_control_room_2", "power control room 2", "電力中央制御室2"),
        (SUPPLIER, "Gulf Petroleum", "Gulf Petroleum"),
        ("line:4-7", "line 4-7", "送電線4-7"),
        ("vote", "the count of votes", "票の集計"),
        ("water", "water", "水道"),
    ],
)
def test_places_are_called_by_their_names(where: str, english: str, japanese: str) -> None:
    assert (place_name(where, "en"), place_name(where, "ja", TOWNS)) == (english, japanese)


# ---- orders ---------------------------------------------------------------------------------------------


def orders_of_the_model() -> set[tuple[str, str]]:
    """(action, class of assets) of all abuses, and of what staff undo by hand."""
    abuses = {(verb, kind) for row in actions.ACTIONS.values() for verb, kinds in row.needs for kind in kinds}
    return abuses | {("restore", kind) for kind in RESTRICTS}


def test_every_order_has_its_sentence() -> None:
    assert orders_of_the_model() <= set(DEEDS)
    assert {action for action, _ in DEEDS} == {*ABUSES, "restore"}
    assert {kind for action, kind in DEEDS if action == "forge"} == set(RECORDS)


@pytest.mark.parametrize(("principal", "deed"), list(product(principals(), DEEDS)))
def test_who_does_what_with_which_asset(principal: str, deed: tuple[str, str]) -> None:
    action, kind = deed
    asset = {"district": f"{kind}:Harbour", "supplier": f"{kind}:Gulf Petroleum", "city": kind}
    group = "district" if "{place}" in DEEDS[deed][0] else "city"
    group = "supplier" if NETWORK_OF[kind] == "supply" else group
    english, japanese = order_text({"principal": principal, "asset": asset[group], "action": action}, TOWNS)
    sound(english, japanese.replace("Gulf Petroleum", "会社"))
    assert english[0].isupper()


@pytest.mark.parametrize(
    ("order", "english", "japanese"),
    [
        (
            ("power_control_room", "breakers:Harbour", "restrict"),
            "The power control room opens the breakers of Harbour and cuts off its power",
            "電力中央制御室が港の遮断器を開いて送電を止める",
        ),
        (
            ("traffic_control_room", "road_closures:Harbour", "restrict"),
            "The traffic control room closes the roads of Harbour",
            "交通中央制御室が港の道路を封鎖する",
        ),
        (
            ("water_control_room", "dosing", "dose"),
            "The water control room overdoses the chemicals at the waterworks",
            "水道中央制御室が浄水場で薬品を過剰に注入する",
        ),
        (
            ("generation_company", "generators", "withhold"),
            "The generation company withholds generating units from the market",
            "発電会社が発電機を市場に入札せず、発電を出し渋る",
        ),
        (
            ("municipality:Old Town", "inlet_valves:Old Town", "restore"),
            "The municipality of Old Town opens the inlet valves of Old Town by hand",
            "旧市街の自治体が旧市街の給水弁を手動で開ける",
        ),
    ],
)
def test_orders_in_words(order: tuple[str, str, str], english: str, japanese: str) -> None:
    principal, asset, action = order
    said = order_text({"principal": principal, "asset": asset, "action": action}, TOWNS)
    assert said == (english, japanese)


@pytest.mark.parametrize("word", ["剥奪", "生活の不自由さ", "乗っ取", "給水弁", "利権追求者"])
def test_one_word_for_one_thing(word: str) -> None:
    """The deprivation of people is 生活の不自由さ, a revocation of powers 剥奪; a capture is 乗っ取り."""
    texts = [sentence.ja for sentence in SENTENCES.values()] + [pair[1] for pair in DEEDS.values()]
    texts += [pair[1] for table in (names.ASSETS, names.ATTACKERS) for pair in table.values()]
    assert any(word in text for text in texts)
    for other in ("欠乏", "掌握", "流入弁", "利得者", "売り惜しみ"):
        assert not any(other in text for text in texts)
    assert all("操作権" in text for text in texts if "剥奪" in text)
