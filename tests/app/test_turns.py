"""Turns: who has many runs waiting does not keep others waiting."""

from hypothesis import given
from hypothesis import strategies as st

from agentsim.app.server.open_pages import Visitor
from agentsim.app.server.turns import in_turn, may_begin

A, B, C = Visitor("10.0.0.1", "a"), Visitor("10.0.0.1", "b"), Visitor("10.0.0.2", "c")


def test_two_browsers_behind_one_address_take_turns_too() -> None:
    waiting = [("a1", A), ("a2", A), ("a3", A), ("b1", B), ("c1", C)]
    assert in_turn(waiting, []) == ["a1", "c1", "b1", "a2", "a3"]


def test_who_has_a_run_under_way_lets_others_go_first() -> None:
    assert in_turn([("a1", A), ("c1", C)], [A]) == ["c1", "a1"]


def test_a_made_up_session_brings_nothing() -> None:
    made_up = [(f"m{k}", Visitor("10.0.0.1", f"made up {k}")) for k in range(20)]
    assert in_turn([*made_up, ("c1", C)], []).index("c1") == 1


def test_one_address_never_has_all_workers() -> None:
    assert may_begin(A, [A], workers=3)
    assert not may_begin(B, [A, A], workers=3)
    assert may_begin(C, [A, A], workers=3)
    assert may_begin(A, [], workers=1)


VISITORS = st.lists(st.sampled_from([A, B, C]), max_size=12)


@given(VISITORS, VISITORS)
def test_everybody_is_in_line_once_and_in_their_own_order(
    waiting: list[Visitor], running: list[Visitor]
) -> None:
    line = in_turn(list(enumerate(waiting)), running)
    assert sorted(line) == list(range(len(waiting)))
    for visitor in (A, B, C):
        own = [k for k in line if waiting[k] == visitor]
        assert own == sorted(own)


@given(VISITORS)
def test_nobody_waits_behind_a_second_run_of_another_address(waiting: list[Visitor]) -> None:
    """The n-th run of an address comes before the n+1-th of any other."""
    line = in_turn(list(enumerate(waiting)), [])
    turns = []
    for place, k in enumerate(line):
        turns.append(sum(waiting[other].address == waiting[k].address for other in line[:place]))
    assert turns == sorted(turns)
