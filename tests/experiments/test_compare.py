"""Comparisons: pairing by seed, failures kept, resuming, the same bytes on any number of processes."""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from fake_society import (
    BrokenBaseSociety,
    BrokenSociety,
    CountedSociety,
    DetectingSociety,
    DyingSociety,
    FakeSociety,
    StoppedSociety,
)

from agentsim.core.errors import InvalidScenario
from agentsim.experiments.compare import as_json, compare, policies_of
from agentsim.experiments.comparison_table import COLUMNS
from agentsim.experiments.runs.ledger import FILE, read_rows
from agentsim.experiments.runs.ledger_file import UnusableLedger
from agentsim.experiments.runs.replications import Replication, fingerprint
from agentsim.report.tables import notes_on
from agentsim.scenario.file import load

POLICIES = ["E-C2", "W-C1", "X-C5", "E-C2+X-C5"]


@pytest.fixture
def scenario(tmp_path):
    file = tmp_path / "s.toml"
    file.write_text('title = "Test"\nhours = 730\n[attacker]\nkind = "coercer"\nfirst_hour = 10\n')
    return load(file)


def row(table: pd.DataFrame, policy: str, attacker: str, outcome: str) -> pd.Series:
    found = table[(table.policy == policy) & (table.attacker == attacker) & (table.outcome == outcome)]
    assert len(found) == 1
    return found.iloc[0]


def rows_as_text(table: pd.DataFrame) -> str:
    return json.dumps(as_json(table)["rows"])


def test_differences_are_paired_by_seed(scenario):
    table = compare(scenario, POLICIES, ["none", "coercer"], 3, society=FakeSociety)
    assert tuple(table.columns) == COLUMNS
    # X-C5 takes away the seed: differences -1, -2, -3; half width t(2) 1/sqrt(3) = 2.48414
    x = row(table, "X-C5", "none", "deprivation_mean")
    assert x.difference == pytest.approx(-2.0)
    assert (x.difference_low, x.difference_high) == pytest.approx((-4.48414, 0.48414), abs=1e-5)
    assert (x["mean"], x.n) == (pytest.approx(10.0), 3)
    # E-C2 halves 22, 24, 26
    assert row(table, "E-C2", "coercer", "deprivation_mean").difference == pytest.approx(-12.0)
    # what chance does to both sides alike cancels
    w = row(table, "W-C1", "coercer", "ens_mwh")
    assert (w.difference, w.difference_low, w.difference_high) == (0.0, 0.0, 0.0)
    assert w.low < w["mean"] < w.high


def test_no_policy_is_always_run_and_has_no_difference(scenario):
    table = compare(scenario, ["E-C2"], ["none"], 2, society=FakeSociety)
    assert set(table.policy) == {"none", "E-C2"}
    assert math.isnan(row(table, "none", "none", "ens_mwh").difference)


def test_one_seed_has_no_interval(scenario):
    table = compare(scenario, ["E-C2"], ["none"], 1, society=FakeSociety)
    one = row(table, "E-C2", "none", "deprivation_mean")
    assert one.difference == -5.5
    assert math.isnan(one.difference_low)
    assert as_json(table)["rows"][0]["low"] is None


def test_an_outcome_that_is_not_defined_is_none(scenario):
    table = compare(scenario, ["E-C2"], ["none"], 2, society=FakeSociety)
    data = [r for r in as_json(table)["rows"] if r["outcome"] == "time_to_detection_h"]
    assert [(r["mean"], r["n"]) for r in data] == [(None, 0), (None, 0)]


def test_a_prevented_abuse_counts_as_prevented(scenario):
    table = compare(scenario, ["E-C2", "X-C5"], ["none", "coercer"], 5, society=DetectingSociety)
    # found after 10 h; E-C2 prevents the abuse on the odd seeds
    with_it = row(table, "E-C2", "coercer", "time_to_detection_h")
    assert (with_it["mean"], with_it.difference, with_it.n) == (pytest.approx(4.0), pytest.approx(-6.0), 5)
    assert (with_it.undefined, with_it.same, with_it.method) == (3, 2, "t_few")
    without = row(table, "none", "coercer", "time_to_detection_h")
    assert (without["mean"], without.undefined, without.n) == (10.0, 0, 5)
    assert row(table, "X-C5", "coercer", "time_to_detection_h").same == 5
    # nobody attacks: there is nothing to detect
    calm = row(table, "E-C2", "none", "time_to_detection_h")
    assert (calm.n, calm.undefined, calm.method) == (0, 5, "none")
    assert math.isnan(calm["mean"])


def test_n_is_the_number_of_pairs(scenario):
    table = compare(scenario, ["E-C2"], ["none"], 3, society=BrokenBaseSociety)
    one = row(table, "E-C2", "none", "deprivation_mean")
    assert one.n == 2
    assert one["mean"] == pytest.approx(0.5 * (11.0 + 13.0) / 2.0)  # of the seeds that have a pair
    assert one.difference == pytest.approx(-6.0)


def test_price_of_an_avoided_hour_by_hand(scenario):
    table = compare(scenario, POLICIES, ["coercer"], 3, society=FakeSociety)
    # 5000 JPY a year, 730 h are a twelfth of it, for 11, 12, 13 hours x 2 persons avoided
    price = row(table, "E-C2", "coercer", "jpy_per_avoided_deprivation_hour")
    assert price["mean"] == pytest.approx(5000 / 12 / 24)
    assert price.low < price["mean"] < price.high
    # X-C5's gain is not clear with three seeds, W-C1 gains nothing
    for policy in ("X-C5", "W-C1"):
        assert math.isnan(row(table, policy, "coercer", "jpy_per_avoided_deprivation_hour")["mean"])


def test_break_even_attack_rate_by_hand(scenario):
    table = compare(scenario, POLICIES, ["none", "coercer"], 3, society=FakeSociety)
    # 5000 JPY a year against losses of 100 JPY for each of the 11, 12, 13 hours avoided in one campaign
    rate = row(table, "E-C2", "coercer", "break_even_attacks_per_year")
    assert rate["mean"] == pytest.approx(5000 / 1200)
    assert rate.low < rate["mean"] < rate.high
    assert rate.unit == "1/y"
    # X-C5's gain is not clear with three seeds, W-C1 gains nothing: no number of attacks is enough
    for policy in ("X-C5", "W-C1"):
        assert math.isnan(row(table, policy, "coercer", "break_even_attacks_per_year")["mean"])
    assert not ((table.attacker == "none") & (table.outcome == "break_even_attacks_per_year")).any()
    (note,) = [note for note in notes_on(table) if "break-even" in note]
    assert "W-C1, X-C5: no avoided loss can be shown" in note


def test_an_error_in_a_run_is_a_row_and_the_rest_is_kept(scenario):
    for workers in (1, 2):
        table = compare(scenario, ["E-C2", "W-C1"], ["none"], 3, workers=workers, society=BrokenSociety)
        (failure,) = table.attrs["failures"]
        assert (failure["policy"], failure["attacker"], failure["seed"]) == ("E-C2", "none", 2)
        assert failure["error"] == "ZeroDivisionError: division by zero"
        assert "in run" in failure["traceback"][-1]
        assert row(table, "E-C2", "none", "ens_mwh").n == 2
        assert row(table, "W-C1", "none", "ens_mwh").n == 3


def test_a_dying_worker_costs_only_its_own_run(scenario):
    table = compare(scenario, ["E-C2", "W-C1"], ["none"], 3, workers=2, society=DyingSociety)
    (failure,) = table.attrs["failures"]
    assert (failure["policy"], failure["seed"]) == ("W-C1", 2)
    assert "died" in failure["error"]
    assert row(table, "E-C2", "none", "ens_mwh").n == 3


def test_one_process_and_two_give_the_same_bytes(scenario):
    tables = [
        compare(scenario, POLICIES, ["none", "coercer"], 2, workers=n, society=FakeSociety) for n in (1, 2)
    ]
    assert rows_as_text(tables[0]) == rows_as_text(tables[1])


def test_the_real_society_gives_the_same_bytes_on_one_process_and_two(scenario):
    small = scenario.with_changes({"hours": 12, "place.households": 40, "attacker.first_hour": 1})
    small = small.replace("attacker.foothold", ["power_control_room", "water_control_room"])
    tables = [compare(small, ["X-C5"], ["coercer"], 2, workers=n) for n in (1, 2)]
    assert tables[0].attrs["failures"] == []
    assert rows_as_text(tables[0]) == rows_as_text(tables[1])
    assert row(tables[0], "X-C5", "coercer", "capital_jpy_per_household_year").difference > 0


def test_ctrl_c_keeps_what_is_finished(scenario):
    table = compare(scenario, ["E-C2"], ["none"], 5, society=StoppedSociety)
    assert table.attrs["interrupted"]
    assert row(table, "E-C2", "none", "deprivation_mean").n == 2


def test_a_comparison_resumes_from_its_folder(scenario, tmp_path, monkeypatch):
    counts = tmp_path / "counts"
    counts.mkdir()
    monkeypatch.setenv("COUNT_RUNS_IN", str(counts))
    compare(scenario, ["E-C2"], ["none"], 2, folder=tmp_path, society=CountedSociety)
    table = compare(scenario, ["E-C2"], ["none"], 3, folder=tmp_path, society=CountedSociety)
    assert row(table, "E-C2", "none", "ens_mwh").n == 3
    runs = {file.name: file.read_text().count("run") for file in counts.iterdir()}
    assert set(runs.values()) == {1}
    assert len(runs) == 6
    fresh = compare(scenario, ["E-C2"], ["none"], 3, society=FakeSociety)
    assert rows_as_text(table) == rows_as_text(fresh)


def test_failed_runs_are_tried_again(scenario, tmp_path):
    first = compare(scenario, ["E-C2"], ["none"], 2, folder=tmp_path, society=BrokenSociety)
    assert len(first.attrs["failures"]) == 1
    second = compare(scenario, ["E-C2"], ["none"], 2, folder=tmp_path, society=FakeSociety)
    assert second.attrs["failures"] == []


def alive_in_group(group: int) -> bool:
    """Whether a process of the group still runs; one that has ended and waits to be reaped does not."""
    shown = subprocess.run(
        ["ps", "-A", "-o", "pgid=,stat="], capture_output=True, text=True, check=True
    ).stdout
    lines = [line.split() for line in shown.splitlines()]
    return any(int(pgid) == group and not state.startswith("Z") for pgid, state in lines)


def rows_in(ledger: Path) -> int:
    """Runs that a ledger has, which may be just being made."""
    try:
        return len(read_rows(ledger))
    except (UnusableLedger, OSError):
        return 0


@pytest.mark.skipif(not shutil.which("ps"), reason="needs ps")
def test_a_killed_comparison_loses_nothing_and_leaves_no_process(scenario, tmp_path):
    """Kills the parent without warning, then resumes: each run has been run once, but those in flight."""
    counts = tmp_path / "counts"
    counts.mkdir()
    program = (
        "import sys\n"
        f"sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from pathlib import Path\n"
        "from agentsim.experiments.compare import compare\n"
        "from agentsim.scenario import load\n"
        "from fake_society import SlowSociety\n"
        "if __name__ == '__main__':\n"
        f"    compare(load({str(tmp_path / 's.toml')!r}), ['E-C2'], ['none'], 12, workers=2,\n"
        f"        folder=Path({str(tmp_path)!r}), society=SlowSociety)\n"
    )
    script = tmp_path / "script.py"
    script.write_text(program)
    environment = os.environ | {"COUNT_RUNS_IN": str(counts)}
    victim = subprocess.Popen([sys.executable, str(script)], env=environment, start_new_session=True)
    ledger = tmp_path / FILE
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and rows_in(ledger) < 3:
        time.sleep(0.05)
    os.kill(victim.pid, signal.SIGKILL)
    victim.wait()
    finished = rows_in(ledger)
    assert 3 <= finished < 24
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and alive_in_group(victim.pid):
        time.sleep(0.1)
    assert not alive_in_group(victim.pid), "workers outlived their parent"
    os.environ["COUNT_RUNS_IN"] = str(counts)
    try:
        table = compare(scenario, ["E-C2"], ["none"], 12, folder=tmp_path, society=CountedSociety)
    finally:
        del os.environ["COUNT_RUNS_IN"]
    assert row(table, "E-C2", "none", "ens_mwh").n == 12
    runs = sum(file.read_text().count("run") for file in counts.iterdir())
    assert 24 <= runs <= 24 + 4  # at most what was in flight is run twice


def test_a_fingerprint_is_of_all_that_decides_a_run_and_of_nothing_else(scenario):
    one = Replication("E-C2", ("E-C2",), "none", 1)
    key = fingerprint(scenario, one)
    assert key == fingerprint(scenario.replace("title", "Another name"), one)
    assert key == fingerprint(scenario.replace("compare.seeds", 9), Replication("vpp", ("E-C2",), "none", 1))
    others = [
        fingerprint(scenario.replace("hours", 731), one),
        fingerprint(scenario.replace("mechanisms.storage", False), one),
        fingerprint(scenario, Replication("E-C2", ("E-C2",), "none", 2)),
        fingerprint(scenario, Replication("E-C2", ("E-C2",), "coercer", 1)),
        fingerprint(scenario, Replication("X-C5", ("X-C5",), "none", 1)),
    ]
    assert len({key, *others}) == 6


def test_policies_by_id_by_sum_by_package_and_each():
    assert policies_of(["E-C2+X-C5", "X-C5+E-C2"]) == {"none": (), "E-C2+X-C5": ("E-C2", "X-C5")}
    each = policies_of(["each"])
    assert all(ids == ((label,) if label != "none" else ()) for label, ids in each.items())
    assert {"E-C2", "W-C1", "T-C1", "X-C5", "E-S4"} <= set(each)
    with pytest.raises(InvalidScenario) as caught:
        policies_of(["E-C2", "E-C22", "W-C1+nonsense"])
    assert len(caught.value.messages) == 2
    assert "did you mean 'E-C2'?" in caught.value.messages[0]
