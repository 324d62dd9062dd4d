"""Expert settings, the game of two groups and the choice of minds: what a visitor sets is what is run."""

import re

import pytest

from agentsim.app.page import attack_rows, expert
from agentsim.app.page.link import Choice, from_query, numbers_of, numbers_text, to_query
from agentsim.app.page.start_page import changed, choice_of, minds_of, requests
from agentsim.app.page.words import words
from agentsim.app.replay import policy_prices
from agentsim.app.replay.record_run import record
from agentsim.app.replay.recording import Recording, Request
from agentsim.app.replay.scenario_list import scenario_named
from agentsim.app.server.request_checks import checked
from agentsim.policies import POLICIES

SCENARIO = scenario_named("hostile_operator")


def test_every_number_may_be_set_and_has_unit_range_and_source() -> None:
    groups = expert.groups(SCENARIO, ("E-C2", "X-C5"), (), "en")
    assert [group["name"] for group in groups[:3]] == ["policy.E-C2", "policy.X-C5", "mechanisms"]
    rows = [row for group in groups for row in group["rows"]]
    assert {"bad_actor.cost_per_day", "capture.security_municipality"} <= {row["key"] for row in rows}
    for row in rows:
        assert row["value"] == row["usual"]
        assert (
            expert.read(row["key"], str(int(row["value"])) if row["kind"] == "switch" else row["value"])
            is not None
        )
        if row["kind"] != "switch":
            assert row["note"]
            assert row["tag"] in ("V", "V2", "C", "M", "A")
            assert all(row["low"] <= float(part) <= row["high"] for part in row["value"].split())


def test_every_number_and_switch_has_a_name_in_both_languages() -> None:
    for lang in ("en", "ja"):
        for group in expert.groups(SCENARIO, tuple(POLICIES), (), lang):
            for row in group["rows"]:
                assert bool(re.search("[぀-ヿ一-鿿]", row["label"])) == (lang == "ja"), row["key"]


def test_a_number_reaches_the_run_and_only_that_of_an_adopted_policy() -> None:
    choice = Choice("hostile_operator", ("E-C2",), "coercer:random")
    for key, text in (
        ("policy.E-C2.microgrid_h", "8"),
        ("policy.X-C5.food_days", "3"),
        ("mechanisms.p2p", "0"),
    ):
        choice = changed(choice, {"number": {"key": key, "text": text}})
    bare, with_them = (checked(one) for one in requests(choice))
    assert with_them.setting().measures["E-C2"].microgrid_h == 8
    assert not with_them.setting().mechanisms.p2p
    assert dict(with_them.changes).keys() == {"policy.E-C2.microgrid_h", "mechanisms.p2p"}
    assert dict(bare.changes).keys() == {
        "mechanisms.p2p"
    }  # so that the run without policies is the recorded one


def test_a_list_of_numbers_reaches_the_run() -> None:
    usual = expert.default_of("bad_actor.cost_per_day")
    text = " ".join(f"{2 * cost:g}" for cost in usual)
    choice = changed(Choice("hostile_operator"), {"number": {"key": "bad_actor.cost_per_day", "text": text}})
    costs = requests(choice)[1].setting().parameters.bad_actor.cost_per_day
    assert costs == tuple(2 * cost for cost in usual)
    request = requests(choice)[1]
    assert Request.from_data(request.as_data()).key == request.key


def test_the_scenario_s_own_number_is_no_change() -> None:
    choice = changed(Choice("hostile_operator"), {"number": {"key": "capture.common_mode", "text": "0.7"}})
    assert choice.numbers == (("capture.common_mode", 0.7),)
    back = changed(choice, {"number": {"key": "capture.common_mode", "text": "0.3"}})
    assert back.numbers == ()
    assert changed(choice, {"numbers": "usual"}).numbers == ()


@pytest.mark.parametrize(
    "text", ["place.water*/etc/passwd", "mind.rollouts*9", "capture.common_mode*x", ";;*", "*"]
)
def test_a_link_sets_no_number_that_is_not_listed(text: str) -> None:
    assert numbers_of(text) == ()


def test_a_link_brings_numbers_back() -> None:
    numbers = (("capture.step_days", (1, 1, 1)), ("mechanisms.p2p", False), ("policy.E-C2.microgrid_h", 8))
    assert numbers_of(numbers_text(numbers)) == numbers
    full = Choice("drought", ("E-C2",), numbers=numbers)
    assert from_query(to_query(full), Choice("hostile_operator"), ["drought"]) == full


def test_a_policy_s_number_changes_its_price() -> None:
    usual = policy_prices.total_jpy(SCENARIO, ("X-C5",), ())
    more = policy_prices.total_jpy(SCENARIO, ("X-C5",), (("policy.X-C5.food_days", 14),))
    assert more > usual
    assert policy_prices.total_jpy(SCENARIO, ("X-C5",), (("policy.X-C5.food_days", -1),)) == usual


def test_a_scripted_mind_is_offered_only_where_strikes_are_written() -> None:
    assert "scripted" not in minds_of(SCENARIO)
    written = SCENARIO.with_changes({"attacker.strikes": ["A1 Harbour"]})
    assert "scripted" in minds_of(written)
    choice = choice_of("hostile_operator")
    assert changed(choice, {"mind": "scripted"}) == choice


# ---- the game of two groups ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked() -> Recording:
    """Four days of Bay City under W-C1: valves are the municipalities'."""
    return record(Request("hostile_operator", ("W-C1",), "coercer:random", 1, 96, 100))


def test_the_board_says_which_rooms_an_action_needs_under_the_locked_rules(locked: Recording) -> None:
    options = attack_rows.attack_options(locked, SCENARIO, "coercer", words("en"), "en")
    needs = {row["id"]: row["captures"]["Harbour"] for row in options["actions"] if "Harbour" in row["where"]}
    assert needs["A1"] == ()  # the coercer holds the power control room
    assert needs["A2 water"] == ("municipality:Harbour",)  # the inlet valve is theirs now
    assert dict(options["principals"])["municipality:Harbour"] == "municipality of Harbour"


def test_the_verdict_measures_a_plan_by_what_its_kind_wants(locked: Recording) -> None:
    said = words("en")
    assert attack_rows.verdict(locked, None, "coercer", said) == said["game_wait"]
    assert "100 %" in attack_rows.verdict(locked, locked, "coercer", said)
    rows = attack_rows.with_bars(
        [attack_rows.harm_row("a", locked), attack_rows.harm_row("b", None)], [4.0, float("nan")]
    )
    assert [row["bar"] for row in rows] == [100, None]
