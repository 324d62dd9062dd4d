"""Words and links of the page: complete in both languages, and harmless."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import agentsim.app
from agentsim.agents.attacker.actions import ACTIONS, Strike
from agentsim.agents.attacker.bad_actor import KINDS, MINDS
from agentsim.agents.attacker.mind import Plan
from agentsim.app.page.charts import UNITS
from agentsim.app.page.link import LAYERS, TABS, Choice, from_query, plan_of, plan_text, to_query
from agentsim.app.page.saving import KINDS as FILES
from agentsim.app.page.start_page import changed, usual_choice
from agentsim.app.page.words import WORDS
from agentsim.app.replay import policy_prices, scenario_list
from agentsim.app.replay.frame_recorder import ORDERS
from agentsim.policies import PACKAGES, POLICIES
from agentsim.report.wording import names

FOLDER = Path(agentsim.app.__file__).parent / "page"


def test_every_word_that_a_part_asks_for_exists() -> None:
    asked = set()
    for file in FOLDER.glob("*.vue"):
        template = file.read_text(encoding="utf-8")
        asked |= set(re.findall(r"(?<![\w.])(?:this\.)?w\.([a-z]\w+)", template))
    assert len(asked) > 60
    assert asked - set(WORDS) == set()


def test_whatever_the_registries_hold_has_a_word() -> None:
    wanted = [f"kind_{kind}" for kind in KINDS] + [f"mind_{mind}" for mind in MINDS]
    wanted += [f"act_{action}" for action in ACTIONS] + [f"order_{order}" for order in ORDERS]
    wanted += [f"tab_{tab}" for tab in TABS] + [f"layer_{layer}" for layer in LAYERS]
    wanted += [f"package_{name}" for name in PACKAGES]
    wanted += [f"chart_{name}" for name in UNITS] + [f"save_{kind}" for kind in (*FILES, "png")]
    assert set(wanted) - set(WORDS) == set()


def test_japanese_is_japanese() -> None:
    kana = re.compile(r"[぀-ヿ一-鿿]")
    plain = {"comma", "semicolon", "stop", "changed_hands", "band_1", "band_2", "less_2"}  # marks, numbers
    assert [key for key, (_, told) in WORDS.items() if key not in plain and not kana.search(told)] == []
    assert [key for key, (told, _) in WORDS.items() if kana.search(told)] == []


def test_the_page_and_the_sentences_use_the_same_names() -> None:
    for number in (0, 1):
        said = {key: pair[number].lower().replace("-", " ") for key, pair in WORDS.items()}
        for kind, pair in names.ATTACKERS.items():
            assert said[f"kind_{kind}"].startswith(pair[number] + ":"), kind
        for layer, network in (("grid", "power"), *((one, one) for one in ("water", "roads", "supply"))):
            assert said[f"layer_{layer}"] == names.NETWORKS[network][number], layer


def test_both_languages_have_the_same_gaps() -> None:
    assert [key for key, (en, ja) in WORDS.items() if en.count("{}") != ja.count("{}")] == []


def test_a_link_brings_back_everything() -> None:
    own = Plan((Strike("A2 water", "Old Town", 0.2),), (("municipality:Old Town", 4.0),), 3, 1)
    full = Choice(
        "drought", ("W-C1", "X-C5"), "saboteur:random", 7, 480, "ja", "attack", "water", 90, 150.0, 24, own
    )
    assert from_query(to_query(full), Choice("hostile_operator"), scenario_list.names()) == full


def test_a_link_of_too_many_fields_is_passed_over() -> None:
    usual = Choice("drought", ("W-C1",))
    assert from_query("&".join(f"n={n}" for n in range(99)), usual, scenario_list.names()) == usual


def test_a_link_without_policies_stays_without() -> None:
    bare = Choice("drought")
    assert from_query(to_query(bare), Choice("drought", ("W-C1",)), scenario_list.names()).policies == ()


@given(st.text(max_size=200))
def test_no_link_can_say_what_is_not_listed(query: str) -> None:
    usual = Choice("drought")
    for text in (
        query,
        f"s={query}",
        f"p={query}",
        f"a={query}",
        f"n={query}&h={query}&at={query}",
        f"x={query}",
    ):
        read = from_query(text, usual, scenario_list.names())
        assert read.scenario in scenario_list.names()
        assert set(read.policies) <= set(POLICIES)
        assert 24 <= read.hours <= 2016
        assert read.hour >= 0
        assert read.seed >= 0


@pytest.mark.parametrize("text", ["", ";;", "A1;;1*0", "A99@x*1;;1*0", "A1@<b>*1;;1*0", "A1@x*1;;0*0"])
def test_a_plan_that_is_none_is_none(text: str) -> None:
    read = plan_of(text)
    assert read is None or read == Plan(on_days=1) or not read.strikes
    assert plan_of(plan_text(Plan((Strike("A1", "x"),)))) is not None


def test_a_page_cannot_be_talked_into_unknown_choices() -> None:
    choice = usual_choice()
    said = {
        "toggle": "nonsense",
        "scenario": "../x",
        "kind": "x",
        "mind": "x",
        "own": {"strikes": []},
        "hours": "x",
    }
    assert changed(choice, said) == choice
    assert changed(choice, {"toggle": "X-C5"}).policies == (*choice.policies, "X-C5")


def test_six_to_ten_policies_are_shown_first_and_each_has_a_price() -> None:
    for name in scenario_list.names():
        scenario = scenario_list.scenario_named(name)
        rows = policy_prices.policy_rows(scenario, "en")
        assert 6 <= sum(row["first"] for row in rows) <= 10
        assert {row["id"] for row in rows} == set(POLICIES)
        assert all(row["jpy"] >= 0 for row in rows)


def test_the_price_of_a_policy_is_the_outcome_of_that_name() -> None:
    from agentsim import Society

    scenario = scenario_list.scenario_named("hostile_operator").with_changes(
        {"place.households": 200, "hours": 80}
    )
    society = Society(scenario, policies=["W-C1"], attacker="none")
    society.run(hours=1)
    price = society.outcomes["capital_jpy_per_household_year"]
    assert policy_prices.yearly_jpy(scenario, ["W-C1"]) == pytest.approx(price)


def test_an_error_names_no_path_and_is_told_in_both_languages() -> None:
    from agentsim.app.replay.bilingual import error_text
    from agentsim.core.errors import InvalidScenario

    for error in (
        InvalidScenario(["/srv/page/mine.toml:3: hours: 5 is too few"]),
        OSError(2, "No such file", "/home/teacher/secret"),
        ValueError("/usr/lib/python3/x.py"),
    ):
        told = error_text(error)
        assert not re.search(r"(/\w+){2,}", told.en), told.en
        assert "/" not in told.ja
        assert not re.findall(r"[A-Za-z]{3,}", told.ja), told.ja
    assert "hours: 5 is too few" in error_text(InvalidScenario(["/srv/mine.toml:3: hours: 5 is too few"])).en


def test_the_list_and_what_is_shared_add_up_to_the_total() -> None:
    scenario = scenario_list.scenario_named("hostile_operator")
    ids = ("E-C2", "W-C1", "X-C1")  # X-C1 holds the equipment of the other two
    prices = {row["id"]: row["jpy"] for row in policy_prices.policy_rows(scenario, "en")}
    total, shared = (
        price(scenario, ids, ()) for price in (policy_prices.total_jpy, policy_prices.shared_jpy)
    )
    assert sum(prices[id] for id in ids) - shared == pytest.approx(total, abs=3)
    assert shared > 1000


def test_the_list_follows_the_numbers_that_are_set() -> None:
    scenario = scenario_list.scenario_named("hostile_operator")
    dearer = (("policy.W-C1.well_capital_jpy", 1e6),)
    row = next(r for r in policy_prices.policy_rows(scenario, "en", dearer) if r["id"] == "W-C1")
    assert row["jpy"] == pytest.approx(policy_prices.total_jpy(scenario, ("W-C1",), dearer), abs=1)
    assert row["jpy"] != round(policy_prices.total_jpy(scenario, ("W-C1",), ()))
    # two prices for one thing: the page shows the usual price, and the run says what is wrong
    both = ("W-C1", "X-C1")
    usual = policy_prices.total_jpy(scenario, both, ())
    assert policy_prices.total_jpy(scenario, both, dearer) == usual
