"""The rules of a room are kept on the server, and everything is in its file."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("solara", reason="the page's packages are not installed: pip install 'agentsim[app]'")

from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.app.page import room_words
from agentsim.app.page.words import WORDS
from agentsim.app.room import offers
from agentsim.app.room.cards import CARDS, GOALS
from agentsim.app.room.needed_runs import needed_runs
from agentsim.app.room.roles import ROLES
from agentsim.app.room.room import RefusedEntry, Room
from agentsim.app.room.room_file import RoomFile, UnusableRoomFile
from agentsim.app.room.rounds import ATTACK, DEFEND, PREDICT, Result, Round
from agentsim.policies import POLICIES

MAIN = "hostile_operator"


class Clock:
    """Time of day that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def room(clock: Clock) -> Room:
    one = Room(now=clock)
    for session in ("a", "b", "c"):
        one.join(one.code, session, f"10.0.0.{session}")
    return one


def begun(room: Room, kind: str, case: str = "", minutes: float = 5.0) -> Round:
    if kind == PREDICT:
        case = case or "W-C1"
    planned, _ = offers.round_of(room, {"kind": kind, "scenario": MAIN, "case": case})
    return room.begin(planned, minutes)


def test_a_group_joins_by_the_code_and_stays_in_its_group(room: Room) -> None:
    assert [one.number for one in room.groups] == [1, 2, 3]
    assert room.join(room.code.lower(), "a").number == 1
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in room.code)  # as a Japanese keyboard writes it
    assert room.join(f" {wide}　", "b").number == 2
    with pytest.raises(RefusedEntry, match="not the code of the room"):
        room.join("0000", "d")
    with pytest.raises(RefusedEntry, match="cookies"):
        room.join(room.code, "")
    assert room.group_of("nobody") is None


def test_another_device_comes_back_with_the_groups_own_code_only(room: Room) -> None:
    group = room.groups[1]
    wrong = "0000" if group.code != "0000" else "1111"
    with pytest.raises(RefusedEntry):
        room.come_back(room.code, 2, wrong, "phone")
    room.come_back(room.code, 2, group.code, "phone")
    assert room.group_of("phone") == group


def test_only_the_secret_makes_a_leader_and_its_browser_stays_one(room: Room) -> None:
    assert not room.is_leader("1", "leader")
    assert room.is_leader(room.secret, "leader")
    assert room.is_leader("1", "leader")  # after the secret has left the address
    assert not room.is_leader("1", "a")


def test_nothing_is_handed_in_after_the_end_or_for_another_round(room: Room, clock: Clock) -> None:
    first = begun(room, PREDICT)
    room.hand_in(first, room.groups[0], guess=3.0)
    second = begun(room, PREDICT)
    with pytest.raises(RefusedEntry, match="ended"):
        room.hand_in(first, room.groups[0], guess=4.0)
    clock.now_s += 301.0
    with pytest.raises(RefusedEntry, match="ended"):
        room.hand_in(second, room.groups[0], guess=4.0)
    room.more_time(2.0)
    assert room.hand_in(room.current, room.groups[0], guess=4.0).guess == 4.0
    room.stop()
    assert room.left_s(room.current) == 0.0
    assert room.entry(first, room.groups[0]).guess == 3.0


def test_a_later_entry_replaces_the_earlier_one_and_its_result(room: Room) -> None:
    round, group = begun(room, DEFEND), room.groups[0]
    first = room.hand_in(round, group, policies=("W-C1",))
    room.keep_result(round, "group:1", Result({"x": 1.0}), first)
    room.hand_in(round, group, policies=("E-C2",))
    assert room.result(round, "group:1") is None
    room.keep_result(round, "group:1", Result({"x": 1.0}), first)  # the old run ends late
    assert room.result(round, "group:1") is None


def test_attackers_do_not_defend_and_without_any_everybody_attacks(room: Room) -> None:
    defend = begun(room, DEFEND)
    room.set_role(3, "attacker")
    with pytest.raises(RefusedEntry, match="role"):
        room.hand_in(defend, room.groups[2], policies=("W-C1",))
    room.hand_in(defend, room.groups[0], policies=("W-C1",))
    room.hand_in(defend, room.groups[1], policies=("E-C2", "X-C5"))
    attack = begun(room, ATTACK, offers.GROUPS)
    assert attack.defended == defend.number
    assert [room.takes_part(attack, one) for one in room.groups] == [False, False, True]
    assert room.policies_faced(attack, room.groups[2]) == ("W-C1",)
    room.deal_roles(False)
    assert [room.target_of(attack, one) for one in room.groups] == [2, 1, 1]
    assert room.policies_faced(attack, room.groups[0]) == ("E-C2", "X-C5")


def test_planning_against_what_will_be_attacked_begins_with_the_round(room: Room) -> None:
    defend = begun(room, DEFEND)
    room.hand_in(defend, room.groups[0], policies=("W-C1",))
    room.hand_in(defend, room.groups[1], policies=("E-C2", "X-C5"))
    attack = begun(room, ATTACK, offers.GROUPS)
    planned = needed_runs(room, attack, {})
    assert [one.request.policies for one in planned] == [("E-C2", "X-C5"), ("W-C1",)]
    assert {one.request.attacker for one in planned} == {"coercer:best_response"}
    room.hand_in(attack, room.groups[0], plan=Plan((Strike("A4", "Harbour"),)))
    room.stop()
    ended = needed_runs(room, room.rounds[-1], {})  # what nobody has attacked is of no use any more
    assert [one.request.policies for one in ended] == [("E-C2", "X-C5")] * 2


def test_an_attack_needs_its_own_run_and_the_best_response_to_what_it_met(room: Room) -> None:
    attack = begun(room, ATTACK, "W-C1")
    plan = Plan((Strike("A4", "Harbour"),))
    room.hand_in(attack, room.groups[0], plan=plan)
    own, best = needed_runs(room, attack, {})
    assert (own.name, own.request.plan, own.request.policies) == ("group:1", plan, ("W-C1",))
    assert (best.request.plan, best.request.attacker) == (None, "coercer:best_response")
    room.repeat(attack.number)
    again = needed_runs(room, room.rounds[0], {("W-C1",): plan})
    assert [(one.name, one.request.seed) for one in again[2:]] == [
        ("repeat:1:group:1", 2),
        ("repeat:1:best:W-C1", 2),
        ("repeat:2:group:1", 3),
        ("repeat:2:best:W-C1", 3),
    ]


@pytest.mark.parametrize(
    "sent",
    [
        {"kind": "x", "scenario": MAIN},
        {"kind": PREDICT, "scenario": "../etc"},
        {"kind": PREDICT, "scenario": MAIN, "case": "Z-9"},
        {"kind": ATTACK, "scenario": "drought", "case": ""},
        {"kind": ATTACK, "scenario": MAIN, "case": offers.GROUPS},  # nobody has defended
    ],
)
def test_rounds_that_are_not_offered_are_refused(room: Room, sent: dict) -> None:
    with pytest.raises(RefusedEntry):
        offers.round_of(room, sent)


def test_numbers_of_a_round_are_kept_in_bounds(room: Room) -> None:
    sent = {"kind": DEFEND, "scenario": MAIN, "minutes": "x", "limit": float("nan"), "seed": -5}
    round, minutes = offers.round_of(room, sent)
    assert (round.limit_jpy, round.seed, minutes) == (0.0, 0, offers.USUAL_MINUTES[DEFEND])


def test_a_restart_finds_everything_in_the_file(tmp_path: Path, clock: Clock) -> None:
    file = tmp_path / "room.sqlite"
    before = Room(RoomFile(file), clock)
    before.join(before.code, "a", "10.0.0.1")
    before.is_leader(before.secret, "leader")
    before.set_role(1, "mayor")
    before.set_language("ja")
    plan = Plan((Strike("A2 water", "Old Town", 0.2),), (("municipality:Old Town", 4.0),), 3, 1)
    attack = begun(before, ATTACK, "W-C1", 10.0)
    entry = before.hand_in(attack, before.groups[0], plan=plan)
    before.keep_result(attack, "group:1", Result({"attack_payoff": 1 / 3}), entry)
    before.close()
    clock.now_s += 60.0
    after = Room(RoomFile(file), clock)
    assert (after.code, after.secret, after.lang) == (before.code, before.secret, "ja")
    assert after.groups == before.groups
    assert after.group_of("a").role == "mayor"
    assert after.is_leader("1", "leader")
    assert after.current == attack
    assert after.left_s(attack) == pytest.approx(540.0)
    assert after.entry(attack, after.groups[0]) == entry
    assert after.result(attack, "group:1") == Result({"attack_payoff": 1 / 3})
    after.close()


def test_a_file_that_is_no_room_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    import sqlite3

    text, other = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("not a room " * 100)
    with sqlite3.connect(other) as db:
        db.execute("CREATE TABLE runs (x)")
    db.close()
    for file in (text, other):
        was = file.read_bytes()
        with pytest.raises(UnusableRoomFile, match=file.name):
            RoomFile(file)
        assert file.read_bytes() == was
    with pytest.raises(OSError, match="cannot be opened"):
        RoomFile(tmp_path / "no" / "folder.sqlite")


def test_two_servers_cannot_have_one_room(tmp_path: Path) -> None:
    first = RoomFile(tmp_path / "room.sqlite")
    with pytest.raises(UnusableRoomFile, match="another server"):
        RoomFile(tmp_path / "room.sqlite")
    first.close()


def test_the_file_holds_no_session_that_could_be_taken_over(tmp_path: Path) -> None:
    room = Room(RoomFile(tmp_path / "room.sqlite"))
    room.join(room.code, "cookie-of-a-pupil")
    room.close()
    assert b"cookie-of-a-pupil" not in (tmp_path / "room.sqlite").read_bytes()


def test_every_countermeasure_is_somebodys_and_every_role_has_a_card() -> None:
    assert set().union(*(role.policies for role in ROLES.values())) == set(POLICIES)
    assert set(CARDS) == set(ROLES)
    for texts in (*CARDS.values(), *((goal,) for goal in GOALS.values())):
        for text in texts:
            assert text.en.isascii()
            assert not text.ja.isascii()


def test_the_words_of_the_room_are_in_the_page() -> None:
    assert set(room_words.ROOM_WORDS) <= set(WORDS)


def test_what_is_recorded_answers_at_once_and_the_rest_is_told_in_seconds() -> None:
    from agentsim.app.page.use_run import job_queue

    found = {one.case: one.about_s for one in offers.offers(MAIN, PREDICT, job_queue())}
    assert found["W-C1"] == 0.0
    request = replace(offers.planned(MAIN, PREDICT, "W-C1").request(("W-C1",), 1000), seed=77)
    assert 0.2 < job_queue().about_s(request) < 60.0
    planned = replace(request, attacker="coercer:best_response")
    assert job_queue().about_s(planned) > 3 * job_queue().about_s(request)
