"""The benchmarks run, and their figures hang together. How large they are is for ``make bench`` to say."""

import json

import numpy as np
import pytest

from benchmarks import engine_replay, week
from benchmarks.__main__ import main, rounded


@pytest.fixture(scope="module")
def entry() -> dict:
    return week.measure(households=200, hours=6, repeats=1)


def test_an_entry_has_what_it_promises(entry):
    promised = {"households", "hours", "wall_s", "peak_mb", "engine_floor_s", "household_rules_s"}
    assert promised | {"overhead_ratio", "share"} <= entry.keys()
    assert list(entry["share"]) == ["households", "power", "water", "roads", "supply", "rest"]


def test_the_shares_are_of_the_whole_and_the_parts_fit_into_it(entry):
    assert sum(entry["share"].values()) == pytest.approx(1.0)
    assert min(entry["share"].values()) > 0.0
    assert 0.0 < entry["household_rules_s"] < entry["wall_s"]
    assert entry["engine_floor_s"] == pytest.approx(sum(entry["engine_floor_s_by_network"].values()))
    assert min(entry["engine_floor_s_by_network"].values()) > 0.0
    spent = entry["engine_floor_s"] + entry["household_rules_s"]
    assert entry["overhead_ratio"] == pytest.approx(entry["wall_s"] / spent)


def test_every_solve_of_the_run_is_on_the_tapes():
    society = week.town(200, 5)
    with engine_replay.recording(society) as tapes:
        society.run(5)
    called = {engine: [name for name, _ in calls] for engine, calls in tapes.calls.items()}
    assert called["power"].count("run") >= 5
    assert called["water"].count("EN_runH") >= 5
    assert called["water"].count("EN_nextH") == called["water"].count("EN_runH")
    assert called["roads"] == ["solve", "settle"] * 5
    assert called["supply"].count("run") >= 1


def test_recording_changes_nothing():
    society = week.town(200, 5)
    with engine_replay.recording(society):
        society.run(5)
    assert week.digest(society) == week.digest(week.town(200, 5).run(5))


def test_a_replay_that_leaves_something_out_is_found_out():
    society = week.town(200, 5)
    with engine_replay.recording(society) as tapes:
        society.run(5)
    engine_replay.replay(tapes, week.town(200, 5), society)
    flows = [row for row, (name, _) in enumerate(tapes.calls["roads"]) if name == "solve"]
    name, (trips, *rest) = tapes.calls["roads"][flows[-1]]
    tapes.calls["roads"][flows[-1]] = (name, (1.5 * trips + 1.0, *rest))
    with pytest.raises(engine_replay.ReplayDiffers, match="roads"):
        engine_replay.replay(tapes, week.town(200, 5), society)


def test_figures_are_rounded_to_what_can_be_known():
    assert rounded({"a": {"b": 0.123456}, "n": 3000}) == {"a": {"b": 0.1235}, "n": 3000}


def test_a_part_of_the_measurements_leaves_the_others_in_the_file(tmp_path, monkeypatch, capsys):
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"sweep": {"runs_per_minute": 7.0}}), encoding="utf-8")
    monkeypatch.setattr("benchmarks.__main__.fresh_process", lambda *_: {"ratio": np.pi})
    assert main(["rule", "--out", str(file)]) == 0
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["household_rule"] == {"ratio": 3.142}
    assert found["sweep"] == {"runs_per_minute": 7.0}
    assert json.loads(capsys.readouterr().out) == found


def test_an_unknown_name_is_refused(capsys):
    with pytest.raises(SystemExit):
        main(["village"])
    assert "village" in capsys.readouterr().err
