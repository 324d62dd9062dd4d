"""Several policies side by side: order, places that the intervals allow, break-even rate."""

from typing import Any

import pytest

from agentsim.app.page.ranking import NONE, ranked
from agentsim.app.replay.record_run import replications
from agentsim.app.replay.recording import Request
from agentsim.experiments.compare import compare
from agentsim.report.tables import BREAK_EVEN

HARM = "deprivation_mean"


def _table(mean: float, low: float, high: float, **more: Any) -> dict[str, Any]:
    row = {"difference": mean - 50.0, "low": low, "high": high, "mean": mean, "mean_without": 50.0, "n": 3}
    return {"seeds": [1, 2, 3], "rows": {HARM: row, **more}}


def test_the_least_harm_is_first_and_places_are_as_wide_as_the_intervals() -> None:
    tables = {
        "A": _table(10.0, -45.0, -35.0),  # 5 to 15
        "B": _table(30.0, -25.0, -15.0),  # 25 to 35
        "C": _table(32.0, -30.0, 10.0),  # 20 to 60: it may be worse than nothing
        "D": None,
    }
    rows = ranked(tables, {"A": 9.0, "B": 5.0, "C": 1.0, "D": 2.0}, HARM)
    assert [row.label for row in rows] == ["A", "B", "C", NONE, "D"]
    assert [row.places for row in rows] == [(1, 1), (2, 3), (2, 4), (3, 4), (0, 0)]
    assert (rows[0].price, rows[0].low, rows[0].high) == (9.0, 5.0, 15.0)
    assert not rows[4].known


def test_where_more_is_better_the_most_is_first() -> None:
    rows = {
        name: {"seeds": [1], "rows": {"autonomy_h": table["rows"][HARM]}}
        for name, table in {"A": _table(60.0, 5.0, 15.0), "B": _table(90.0, 35.0, 45.0)}.items()
    }
    found = ranked(rows, {"A": 1.0, "B": 1.0}, "autonomy_h")
    assert [row.label for row in found] == ["B", "A", NONE]
    assert [row.places for row in found] == [(1, 1), (2, 2), (3, 3)]


def test_a_rate_that_cannot_be_shown_is_none() -> None:
    rate = {"mean": 2.5, "low": 1.0, "high": 9.0, "n": 3, "method": "fieller"}
    nothing = {"mean": None, "low": None, "high": None, "n": 3, "method": "none"}
    tables = {
        "A": _table(10, -45, -35, **{BREAK_EVEN: rate}),
        "B": _table(30, -25, 5, **{BREAK_EVEN: nothing}),
    }
    rows = {row.label: row for row in ranked(tables, {"A": 1.0, "B": 1.0}, HARM)}
    assert (rows["A"].break_even, rows["A"].break_even_low, rows["A"].break_even_high) == (2.5, 1.0, 9.0)
    assert rows["B"].break_even != rows["B"].break_even


def test_page_and_command_line_agree_on_the_break_even_rate() -> None:
    changes = (("attacker.budget", 100.0),)
    request = Request("replay_ukraine_2015", ("E-C2",), "saboteur:scripted", 0, 120, 60, changes=changes)
    setting = request.setting()
    table = replications(request, setting, 2, None)["rows"][BREAK_EVEN]
    other = compare(setting, policies=["E-C2"], attackers=["saboteur:scripted"], seeds=2)
    row = other[(other["outcome"] == BREAK_EVEN) & (other["policy"] == "E-C2")].iloc[0]
    for key in ("mean", "low", "high"):
        theirs = None if row[key] != row[key] else row[key]
        assert table[key] == (None if theirs is None else pytest.approx(theirs, rel=1e-4))
