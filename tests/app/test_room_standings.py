"""How groups stand: by the attacker's own goal, by harm and price, by the distance from the truth."""

import csv
import io
import math

import pytest

pytest.importorskip("solara", reason="the page's packages are not installed: pip install 'agentsim[app]'")

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.app.page import group_rows, leader_rows
from agentsim.app.page.words import words
from agentsim.app.room import offers
from agentsim.app.room.export import room_csv
from agentsim.app.room.needed_runs import best_against, of_group, table_of
from agentsim.app.room.room import Room
from agentsim.app.room.rounds import ATTACK, DEFEND, PREDICT, Result, Round
from agentsim.app.room.standings import Standing, ranked, standings, without

MAIN, HARM = "hostile_operator", "deprivation_target_district"
EN = words("en")


@pytest.fixture
def room() -> Room:
    one = Room()
    for session in ("a", "b", "c"):
        one.join(one.code, session)
    return one


def begun(room: Room, kind: str, case: str = "") -> Round:
    return room.begin(*offers.round_of(room, {"kind": kind, "scenario": MAIN, "case": case}))


def keep(room: Room, round: Round, name: str, **outcomes: float) -> None:
    room.keep_result(round, name, Result(outcomes=outcomes))


def test_an_attack_is_scored_by_the_attackers_own_goal_not_by_harm(room: Room) -> None:
    round = begun(room, ATTACK, "W-C1")
    plan = Plan((Strike("A4", "Harbour"),))
    for group in room.groups[:2]:
        room.hand_in(round, group, plan=plan)
    keep(room, round, of_group(1), attack_payoff=200.0, **{HARM: 9000.0})
    keep(room, round, of_group(2), attack_payoff=300.0, **{HARM: 4000.0})
    keep(room, round, best_against(("W-C1",)), attack_payoff=400.0, **{HARM: 4400.0})
    first, second = standings(room, round)
    assert (first.group, first.score, first.harm) == (2, 75.0, 4000.0)
    assert (second.group, second.score) == (1, 50.0)


def test_a_score_over_repetitions_has_an_interval_and_places_overlap(room: Room) -> None:
    round = begun(room, ATTACK, "W-C1")
    for group in room.groups[:2]:
        room.hand_in(round, group, plan=Plan((Strike("A4", "Harbour"),)))
    room.repeat(round.number)
    for k, (one, other, best) in enumerate(
        [(100.0, 90.0, 200.0), (80.0, 95.0, 210.0), (120.0, 110.0, 190.0)]
    ):
        keep(room, round, of_group(1, k), attack_payoff=one)
        keep(room, round, of_group(2, k), attack_payoff=other)
        keep(room, round, best_against(("W-C1",), k), attack_payoff=best)
    found = standings(room, room.rounds[0])
    assert found[0].score == pytest.approx(100 * 300 / 600)
    assert found[0].score_low < found[0].score < found[0].score_high
    assert [one.places for one in found] == [(1, 2), (1, 2)]
    assert leader_rows.rows(room, room.rounds[0], EN, "en")[0]["cells"][0] == "1–2"


def test_where_the_best_response_gains_nothing_there_is_no_score(room: Room) -> None:
    round = begun(room, ATTACK, "W-C1")
    room.hand_in(round, room.groups[0], plan=Plan((Strike("A4", "Harbour"),)))
    keep(room, round, of_group(1), attack_payoff=-5.0, **{HARM: 10.0})
    keep(room, round, best_against(("W-C1",)), attack_payoff=0.0)
    assert math.isnan(standings(room, round)[0].score)
    assert group_rows.result_rows(room, round, room.groups[0], EN, "en")[0] == ["Score, %", "–"]


def test_a_defence_has_harm_with_its_interval_and_its_price(room: Room) -> None:
    round = begun(room, DEFEND)
    for group, policies in zip(room.groups, (("W-C1",), ("X-C5",), ()), strict=True):
        room.hand_in(round, group, policies=policies)
    for number, harm in ((1, 900.0), (2, 800.0), (3, 1500.0)):
        keep(room, round, of_group(number), **{HARM: harm})
    rows = {HARM: {"mean": 950.0, "mean_without": 1500.0, "low": -700.0, "high": -400.0, "n": 3}}
    room.keep_result(round, table_of(of_group(1)), Result(rows=rows))
    by_group = {one.group: one for one in standings(room, round)}
    assert (by_group[1].harm, by_group[1].low, by_group[1].high) == (950.0, 800.0, 1100.0)
    assert without(room, round) == 1500.0  # of the same repetitions, not of one run
    assert by_group[3].price == 0.0
    assert by_group[1].price > 1000.0
    assert by_group[3].undominated  # nobody has a lower price
    points = leader_rows.scatter(room, round, EN, "en")["points"]
    assert {one["label"] for one in points} == {"1", "2", "3"}


def test_guesses_are_counted_in_bins_beside_the_truth(room: Room) -> None:
    round = begun(room, PREDICT, "W-C1")
    for group, guess in zip(room.groups, (100.0, 120.0, 900.0), strict=True):
        room.hand_in(round, group, guess=guess)
    keep(room, round, "case", **{HARM: 130.0})
    keep(room, round, "without", **{HARM: 1000.0})
    drawn = leader_rows.histogram(room, round, "en")
    assert sum(one["count"] for one in drawn["bins"]) == 3
    assert (drawn["truth"], drawn["base"]) == (130.0, 1000.0)
    assert [one.group for one in standings(room, round)] == [2, 1, 3]


def test_a_group_reads_its_own_result_only(room: Room) -> None:
    round = begun(room, DEFEND)
    room.hand_in(round, room.groups[0], policies=("W-C1",))
    keep(room, round, of_group(1), **{HARM: 123.0})
    assert group_rows.result_rows(room, round, room.groups[1], EN, "en") == []
    assert "123" in group_rows.result_rows(room, round, room.groups[0], EN, "en")[0][1]


def test_places_are_certain_only_where_intervals_do_not_touch() -> None:
    apart = [Standing(1, harm=1.0, low=0.5, high=1.5), Standing(2, harm=3.0, low=2.0, high=4.0)]
    assert [one.places for one in ranked(apart, "harm", more_is_better=False)] == [(1, 1), (2, 2)]
    assert [one.group for one in ranked(apart, "harm", more_is_better=True)] == [2, 1]
    unknown = ranked([Standing(3), *apart], "harm", more_is_better=False)
    assert unknown[-1].group == 3


def test_the_csv_says_what_it_is_and_has_a_row_for_each_entry(room: Room) -> None:
    round = begun(room, PREDICT, "W-C1")
    room.set_role(2, "mayor")
    room.hand_in(round, room.groups[1], guess=100.0)
    room.set_role(2, "attacker")  # in the next round
    lines = room_csv(room).splitlines(keepends=True)
    assert "does not forecast" in "".join(line for line in lines if line.startswith("#"))
    (row,) = csv.DictReader(io.StringIO("".join(line for line in lines if not line.startswith("#"))))
    assert (row["group"], row["guess"], row["policies"], row["scenario"]) == ("2", "100", "W-C1", MAIN)
    assert row["role"] == "mayor"
    assert row["harm"] == ""  # not known yet
