"""How each scenario opens, and what the headline says: it agrees with the table, and hides what is hidden."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from agentsim.app.page import tab_rows, visitor_page
from agentsim.app.page.headline import headline, outcome_of
from agentsim.app.page.link import LAYERS, MEASURES, TABS
from agentsim.app.page.start_page import changed, choice_of, choice_of_link, requests, until_concession
from agentsim.app.page.words import words
from agentsim.app.replay import presets, scenario_list
from agentsim.app.replay.record_run import record
from agentsim.app.replay.stories import STORIES, story_of
from agentsim.app.server.request_checks import checked
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES
from agentsim.scenario.file import load

HARM = "deprivation_target_district"
PRICE = "capital_jpy_per_household_year"


def test_every_shipped_scenario_has_a_story_of_two_sentences_and_three_tasks() -> None:
    assert set(STORIES) == set(scenario_list.names())
    for name, story in STORIES.items():
        assert story.text.en.count(". ") + story.text.en.count("? ") == 1, name
        assert story.text.ja.count("。") == 2, name
        assert len(story.tasks) == 3, name
        assert set(story.policies) <= set(POLICIES), name
        assert story.outcome in OUTCOMES, name
        assert story.layer in LAYERS, name
        assert story.measure in MEASURES, name
        for text, change in story.tasks:
            assert text.en.endswith((".", "?")), name
            assert change.get("tab", TABS[0]) in TABS, name


def test_a_scenario_opens_at_full_length_where_its_story_shows() -> None:
    for name in scenario_list.names():
        choice, scenario = choice_of(name), scenario_list.scenario_named(name)
        story = story_of(name, scenario)
        assert choice.hours == scenario.hours, name
        assert (choice.layer, choice.measure, choice.hour) == (story.layer, story.measure, story.hour)
        assert all(checked(one) for one in requests(choice))


def test_a_short_link_opens_the_scenario_with_its_own_story() -> None:
    assert choice_of_link("s=drought").policies == ("W-S1",)
    assert choice_of_link("s=drought&p=X-C5&q=food").measure == "food"


def test_a_scenario_of_one_s_own_has_a_story_from_its_numbers(tmp_path: Path) -> None:
    text = 'title = "Our town"\nhours = 96\n[attacker]\nkind = "{}"\nfirst_hour = 48\n'
    for kind, says in (("none", "nobody attacks"), ("saboteur", "day 3"), ("cartel", "day 3")):
        file = tmp_path / f"{kind}.toml"
        file.write_text(text.format(kind), encoding="utf-8")
        story = story_of(kind, load(file))
        assert says in story.text.en
        assert story.hour < 96
        assert len(story.tasks) == 3


def test_the_same_weeks_without_an_attack_are_one_click_away_and_so_is_the_way_back() -> None:
    choice = choice_of("hostile_operator")
    calm = changed(choice, {"calm": True})
    assert calm.attacker == "none"
    assert calm.having(attacker=choice.attacker) == choice
    assert changed(calm, {"calm": False}) == choice


def test_how_long_the_attack_goes_on_reaches_both_runs() -> None:
    choice = choice_of("hostile_operator")
    siege = changed(choice, {"persistence": "until_concession"})
    assert until_concession(siege)
    assert not until_concession(choice)
    for one in requests(siege):
        assert checked(one).setting().attacker.persistence == "until_concession"
    assert changed(siege, {"persistence": "campaign"}) == choice  # the scenario's own is no change
    assert changed(choice, {"persistence": "for ever"}) == choice


# ---- the headline --------------------------------------------------------------------------------------


def _run(policies: tuple[str, ...] = (), never: tuple[str, ...] = (), **outcomes: float) -> Any:
    """A run as the headline sees it."""
    city = {"districts": [{"name": "Southshore", "name_ja": "南浜"}]}
    about = {"policies": list(policies), "target": 0, "never": list(never), "units": {}}
    return SimpleNamespace(outcomes={PRICE: 0.0} | outcomes, about=about, city_map=city)


BARE = _run(**{HARM: 44.0})
HELPED = _run(("W-C1",), **{HARM: 9.0, PRICE: 13591.4})


def _spread(low: float, high: float) -> dict[str, Any]:
    row = {
        "difference": (low + high) / 2,
        "low": low,
        "high": high,
        "n": 3,
        "mean": 9.0,
        "mean_without": 44.0,
    }
    return {HARM: row}


@pytest.mark.parametrize(
    ("spread", "end", "way"),
    [
        (_spread(-90.0, 20.0), "with these 3 repetitions the difference is not certain.", "uncertain"),
        (_spread(-40.0, -30.0), "these 3 repetitions show the difference.", "better"),
        (None, "one run: repeat it to see how certain that is.", "better_once"),
    ],
)
def test_the_headline_and_the_table_beside_it_agree(spread: Any, end: str, way: str) -> None:
    said = headline(BARE, HELPED, HARM, spread, "en")
    assert said == (
        "Southshore went without for 44 hours a head (weighted); with W-C1 9; the price is 13,591 yen a"
        f" household and year; {end}"
    )
    rows = tab_rows.outcome_rows(BARE, HELPED, spread, words("en"), "en", HARM)
    assert [row["name"] for row in rows[:2]] == [HARM, PRICE]
    assert (rows[0]["left"], rows[0]["right"], rows[0]["way"]) == ("44", "9", way)


def test_the_headline_in_japanese() -> None:
    said = headline(BARE, HELPED, HARM, _spread(-90.0, 20.0), "ja")
    assert said.startswith("南浜では、生活の不自由さが1人あたり44時間(重み付き)。W-C1では9。")
    assert "13,591円" in said
    assert "3回のくり返しでは、差は確かではありません。" in said


def test_a_hidden_result_is_not_in_the_headline() -> None:
    said = headline(BARE, None, HARM, None, "en")
    assert said == "Southshore went without for 44 hours a head (weighted)."


def test_a_district_that_did_not_give_in_is_told_so() -> None:
    time = "time_to_concession_h"
    held = _run(("X-C5",), never=(time,), **{time: 500.0})
    fell = _run(**{time: 132.0})
    assert outcome_of(HARM, fell, until_concession=True) == time
    assert "gave in after 132 hours; with X-C5 never;" in headline(fell, held, time, None, "en")


def test_what_was_never_reached_is_not_shown_as_the_length_of_the_run() -> None:
    name = "time_to_detection_h"
    left, right = _run(never=(name,), **{name: 168.0}), _run(("X-C2",), **{name: 20.0})
    row = next(r for r in tab_rows.outcome_rows(left, right, None, words("en"), "en") if r["name"] == name)
    assert (row["left"], row["right"], row["difference"]) == ("never", "20", "–")


def test_noise_is_no_difference() -> None:
    left, right = _run(**{HARM: 1.0}), _run(("W-C1",), **{HARM: 1.0 + 6.24e-17})
    other = _run(("W-C1",), **{HARM: 1.0 + 1e-9})
    for one in (right, other):
        row = tab_rows.outcome_rows(left, one, None, words("en"), "en", HARM)[0]
        assert (row["difference"], row["way"]) == ("0", "same")
    spread = {HARM: _spread(-1e-12, 1e-12)[HARM] | {"difference": 6.24e-17}}
    assert "e-" not in tab_rows.outcome_rows(left, other, spread, words("en"), "en", HARM)[0]["interval"]


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(STORIES) - {"ordinary_fortnight", "replay_oldsmar_2021"}))
def test_the_maps_differ_where_a_scenario_opens(name: str) -> None:
    """Two identical maps would teach nothing; the two scenarios in which nothing happens say so."""
    left, right = (record(one) for one in requests(choice_of(name)))
    story = STORIES[name]
    layers = {"districts": f"district_{story.measure}", "roads": "link_load"}
    layers |= {"grid": "line_state", "water": "pipe_state"}
    frame = layers.get(story.layer, "depot_fill")
    assert not np.array_equal(left.frames[frame][story.hour], right.frames[frame][story.hour])
    assert left.hours == scenario_list.scenario_named(name).hours


@pytest.mark.parametrize(
    ("found", "hides", "told"), [(21914.0, False, 21914), (13950.0, False, 0), (21914.0, True, 0)]
)
def test_a_price_that_the_run_changed_stands_beside_the_plan(found: float, hides: bool, told: int) -> None:
    """As under an embargo on metals; not before it is predicted, and not for a difference of rounding."""
    run = SimpleNamespace(run=SimpleNamespace(recording=_run(("E-S4",), **{PRICE: found})))
    view = SimpleNamespace(right=run, hides_right=hides, choice=choice_of("embargo_in_the_build_up"))
    assert visitor_page._charged_jpy(view, 13942) == told


def test_presets_are_the_opening_runs_at_full_length() -> None:
    for request in presets.presets():
        assert request.hours == scenario_list.scenario_named(request.scenario).hours
