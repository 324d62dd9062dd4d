"""A figure that became a fifth worse fails; figures are compared as ratios, whatever the machine."""

import json

import pytest

from benchmarks.__main__ import main
from benchmarks.limits import ratios, worsened

TOWN = {"overhead_ratio": 1.5, "cpu_s": 0.168, "hours": 168, "reference_loop_s": 0.25}


def file_of(tmp_path, entry):
    file = tmp_path / "results.json"
    file.write_text(json.dumps({"town": entry}), encoding="utf-8")
    return file


def measures(monkeypatch, *entries):
    """Makes the benchmark find these entries, one at each try."""
    found = iter(entries)
    monkeypatch.setattr("benchmarks.__main__.fresh_process", lambda *_: dict(next(found)))


def test_times_are_divided_by_the_loop_of_the_same_run():
    slow_machine = TOWN | {"cpu_s": 10 * TOWN["cpu_s"], "reference_loop_s": 2.5}
    assert ratios({"town": slow_machine}) == pytest.approx(ratios({"town": TOWN}))
    assert ratios({"town": TOWN})["town.hour_over_loop"] == pytest.approx(0.001 / 0.25)


def test_only_what_is_a_fifth_above_is_worse():
    a_little, too_much = TOWN | {"overhead_ratio": 1.79}, TOWN | {"overhead_ratio": 1.81}
    assert worsened({"town": TOWN}, {"town": a_little}) == {}
    assert worsened({"town": TOWN}, {"town": too_much}) == {"town.overhead_ratio": (1.5, 1.81)}
    assert worsened({}, {"town": too_much}) == {}


def test_speedups_are_turned_so_that_smaller_is_better():
    before = {"household_rule": {"ratio": 200.0, "ns_per_agent_step": 40.0}}
    after = {"household_rule": {"ratio": 100.0, "ns_per_agent_step": 40.0}}
    assert worsened(after, before) == {}
    assert list(worsened(before, after)) == ["household_rule.columns_over_plain_mesa"]


def test_an_hour_with_measures_is_compared_with_one_without():
    before = {"adopted": {"town": {"transport": {"ratio": 1.7}}, "city": {"transport": {"ratio": 1.5}}}}
    after = {"adopted": {"town": {"transport": {"ratio": 1.8}}, "city": {"transport": {"ratio": 1.9}}}}
    assert list(worsened(before, after)) == ["adopted.with_over_without (transport, city)"]


@pytest.mark.parametrize("option", [[], ["--check"]])
def test_a_slower_model_fails_and_the_file_stays(tmp_path, monkeypatch, capsys, option):
    file = file_of(tmp_path, TOWN)
    measures(monkeypatch, TOWN | {"overhead_ratio": 3.0}, TOWN | {"overhead_ratio": 2.0})
    assert main(["town", "--out", str(file), *option]) == 1
    assert "town.overhead_ratio: committed 1.5, measured 2: 33 % above" in capsys.readouterr().err
    assert json.loads(file.read_text(encoding="utf-8"))["town"] == TOWN


def test_a_second_try_may_show_that_the_machine_was_busy(tmp_path, monkeypatch):
    file = file_of(tmp_path, TOWN)
    measures(monkeypatch, TOWN | {"overhead_ratio": 3.0}, TOWN | {"overhead_ratio": 1.4})
    assert main(["town", "--out", str(file)]) == 0
    assert json.loads(file.read_text(encoding="utf-8"))["town"]["overhead_ratio"] == 1.4


def test_a_check_fails_on_a_file_that_was_better_and_writes_nothing(tmp_path, monkeypatch):
    better = TOWN | {"cpu_s": 0.5 * TOWN["cpu_s"]}
    file = file_of(tmp_path, better)
    measures(monkeypatch, TOWN, TOWN)
    assert main(["town", "--out", str(file), "--check"]) == 1
    measures(monkeypatch, better)
    assert main(["town", "--out", str(file), "--check"]) == 0
    assert json.loads(file.read_text(encoding="utf-8")) == {"town": better}


def test_a_slower_figure_can_be_accepted(tmp_path, monkeypatch):
    file = file_of(tmp_path, TOWN)
    worse = TOWN | {"overhead_ratio": 2.0}
    measures(monkeypatch, worse, worse)
    assert main(["town", "--out", str(file), "--accept"]) == 0
    assert json.loads(file.read_text(encoding="utf-8"))["town"] == worse
