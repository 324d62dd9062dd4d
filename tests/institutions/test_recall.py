"""Recall: an office is lost when most of its electorate has lost trust, and only then."""

from types import SimpleNamespace

import numpy as np
import pytest

from agentsim.core.charter import Charter, Holding
from agentsim.core.messages import Order
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.recall import Recall, RecallParameters

TOWNS = ("North", "South", "East", "West")
LOCAL = Holding(("municipality",))
DISTRICT = np.repeat(np.arange(4), 10)
PERSONS = np.ones(40)
DAY = 24


def told_off(local: bool, forged: bool = False) -> tuple[Recall, ControlGraph]:
    """North is cut off from power by whoever holds its breakers."""
    control = ControlGraph(Charter().with_control(**({"breakers": LOCAL} if local else {})).control, TOWNS)
    who = "municipality:North" if local else "power_control_room"
    permitted = control.permit([Order(who, "breakers:North", "restrict", 1.0)], 1, 1)
    denied = {"power": np.arange(4) == 0} if forged else {}
    recall = Recall(control)
    seen = SimpleNamespace(**{n: getattr(permitted, n) for n in SEEN}, forged=denied)
    recall.note(23, seen)
    return recall, control


SEEN = (
    "power_cut_off_frac",
    "water_cut_off_frac",
    "trunk_mains_shut",
    "roads_cut_off",
    "applied",
    "ordinary",
)


def days(recall: Recall, trust: np.ndarray, count: int, first: int = 0, seized: tuple[str, ...] = ()):
    out = []
    for day in range(first, first + count):
        out += recall.end_day(day * DAY + 23, trust, PERSONS, DISTRICT, seized)
    return out


def bitter(*districts: int) -> np.ndarray:
    return np.where(np.isin(DISTRICT, districts), 0.1, 0.8)


def test_a_municipal_captor_is_turned_out_by_its_own_district() -> None:
    recall, control = told_off(local=True)
    assert days(recall, bitter(0), 14) == []
    assert days(recall, bitter(0), 1, first=14) == [("municipality:North", "power")]
    assert not control.may_abuse("municipality:North", "breakers:North")
    assert days(recall, bitter(0), 30, first=15) == [], "once"


def test_a_central_captor_that_squeezes_one_district_keeps_its_office() -> None:
    """The electorate of a central room is the city: one bitter district of four is no majority."""
    recall, control = told_off(local=False)
    assert days(recall, bitter(0), 60) == []
    assert control.may_abuse("power_control_room", "breakers:North")
    recall, _ = told_off(local=False)
    assert days(recall, bitter(0, 1, 2), 20) == [("power_control_room", "power")]


def test_half_is_no_majority() -> None:
    recall, _ = told_off(local=False)
    assert days(recall, bitter(0, 1), 40) == []


def test_nobody_blames_whom_the_figures_hide_until_it_is_proven() -> None:
    recall, _ = told_off(local=True, forged=True)
    assert days(recall, bitter(0), 20) == []
    recall.prove("municipality:North", "power", 20 * DAY)
    assert days(recall, bitter(0), 15, first=20) == [("municipality:North", "power")]


def test_trust_that_came_back_saves_the_office() -> None:
    recall, _ = told_off(local=True)
    days(recall, bitter(0), 10)
    assert days(recall, bitter(), 10, first=10) == []


def test_a_captured_count_saves_the_captor() -> None:
    recall, control = told_off(local=True)
    assert days(recall, bitter(0), 16, seized=("vote",)) == []
    assert control.may_abuse("municipality:North", "breakers:North")


def test_people_forget_in_time() -> None:
    recall, _ = told_off(local=True)
    late = int(RecallParameters().blame_days) + 2
    assert days(recall, bitter(0), 20, first=late) == []


@pytest.mark.parametrize("action", ["restore", "ration"])
def test_the_daily_work_of_an_office_is_not_blamed(action: str) -> None:
    control = ControlGraph(Charter().control, TOWNS)
    permitted = control.permit([Order("water_control_room", "inlet_valves:North", action, 1.0)], 1, 1)
    recall = Recall(control)
    recall.note(0, permitted)
    assert recall.blamed == {}
