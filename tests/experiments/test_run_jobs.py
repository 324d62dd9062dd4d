"""Where jobs are run: processes with limits, any executor; failures are rows, and the rest is kept."""

import ctypes
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest
from fake_society import FakeSociety, FlakySociety, HungrySociety

from agentsim.experiments.runs.executors import run_all
from agentsim.experiments.runs.ledger import Ledger
from agentsim.experiments.runs.peak_memory import peak_mb
from agentsim.experiments.runs.replications import Job, Replication, command, job_of
from agentsim.experiments.runs.run_jobs import run_jobs
from agentsim.experiments.runs.worker_processes import Limits, resident_mb
from agentsim.scenario.file import load

DROUGHT = Path(__file__).parents[2] / "scenarios" / "drought.toml"
SCENARIO = load(DROUGHT)


def jobs(seeds: range, society: type, ids: tuple[str, ...] = ()) -> list[Job]:
    """A job for each seed, of a society that is not the real one."""
    label = "+".join(ids) or "none"
    return [job_of(SCENARIO, Replication(label, ids, "none", seed), society=society) for seed in seeds]


def outcomes(ledger: Ledger) -> str:
    """Everything that was computed, in the order of seeds."""
    rows = ledger.rows().sort_values("seed")
    return json.dumps(rows[["key", "seed", *rows.attrs["units"]]].to_dict("list"))


def test_what_raises_hangs_or_takes_all_memory_is_a_row_and_the_rest_finishes() -> None:
    """Two of a hundred runs raise, one hangs and holds the interpreter, one takes memory without end."""
    with Ledger() as ledger:
        limits = Limits(seconds=20.0, mb=600)
        finished = run_jobs(jobs(range(1, 101), FlakySociety), ledger, workers=2, limits=limits)
        table = ledger.rows(status=None).set_index("seed")
        assert table["status"].value_counts().to_dict() == {
            **{"done": 96, "failed": 2},
            **{"timed_out": 1, "out_of_memory": 1},
        }
        assert table.loc[[20, 40, 60, 70], "status"].tolist() == [
            *("failed", "timed_out", "out_of_memory", "failed"),
        ]
        assert table.loc[20, "error"] == "ZeroDivisionError: division by zero"
        assert "in run\n    self.seed / 0" in table.loc[20, "traceback"]
        assert table.loc[40, "error"] == "stopped after 20 s, the limit of a run"
        assert table.loc[60, "error"] == "stopped at 600 MB, the limit of a run"
        assert set(finished.failures) == set(table[table["status"] != "done"]["key"])
        again = run_jobs(jobs(range(1, 101), FakeSociety), ledger)
        assert not again.failures  # four keys were left, and these runs are made again
        assert ledger.rows()["attempts"].sum() == 104


def test_where_runs_are_made_changes_no_bit_of_them() -> None:
    found = []
    context = get_context("spawn")
    with ThreadPoolExecutor(1) as threads, ProcessPoolExecutor(1, mp_context=context) as processes:
        places = ({"workers": 1}, {"workers": 2}, {"executor": threads}, {"executor": processes})
        for where in places:
            with Ledger() as ledger:
                run_jobs(jobs(range(1, 13), FakeSociety), ledger, **where)
                found.append(outcomes(ledger))
    assert len(set(found)) == 1


def test_a_lack_of_memory_that_python_notices_has_its_own_status() -> None:
    with Ledger() as ledger:
        run_jobs(jobs(range(1, 4), HungrySociety, ("E-C2",)), ledger)
        assert ledger.rows(status=None)["status"].tolist() == ["done", "out_of_memory", "done"]


def test_jobs_that_are_alike_are_run_once_and_progress_counts_what_was_there() -> None:
    told = []
    with Ledger() as ledger:
        some = jobs(range(1, 4), FakeSociety)
        run_jobs(some[:1], ledger)
        run_jobs(
            [*some, *some], ledger, progress=lambda done, all, row: told.append((done, all, row["seed"]))
        )
        assert len(ledger.rows()) == 3
    assert told == [(2, 3, 2), (3, 3, 3)]


def test_a_job_from_another_version_is_not_run_with_this_one() -> None:
    (one,) = jobs(range(1, 2), FakeSociety)
    other = Job(one.scenario, one.replication, one.fingerprint, one.society, version="0.0.1+another")
    with Ledger() as ledger:
        finished = run_jobs([other], ledger)
    (row,) = finished.failures.values()
    assert "install the same version and the same libraries on all machines" in row["error"]


def test_a_row_says_what_it_cost_where_and_how_to_repeat_it() -> None:
    changed = load(DROUGHT).with_changes({"hours": 24, "place.households": 60, "weather.rain_factor": 0.5})
    with Ledger() as ledger:
        run_jobs([job_of(changed, Replication("W-S1", ("W-S1",), "none", 3))], ledger)
        (row,) = ledger.rows().to_dict("records")
    assert json.loads(row["changes"]) == {"hours": 24, "place.households": 60, "weather.rain_factor": 0.5}
    assert row["command"].endswith(
        "drought.toml --set hours=24 --set place.households=60 --set weather.rain_factor=0.5 "
        "--policy W-S1 --attacker none --seed 3"
    )
    assert 0.0 < row["cpu_s"] < 60.0
    assert 20.0 < row["peak_mb"] <= round(peak_mb(), 1)  # of the whole process, here that of the tests
    assert (row["host"], row["hours"]) == (os.uname().nodename, 24)


@pytest.mark.parametrize("ids", [(), ("W-S1",)])
def test_the_command_of_a_row_makes_the_same_run_again(ids, capsys) -> None:
    from agentsim.cli.main import main

    changed = load(DROUGHT).with_changes({"hours": 24, "place.households": 60, "weather.rain_factor": 0.5})
    job = job_of(changed, Replication("+".join(ids) or "none", ids, "none", 3))
    with Ledger() as ledger:
        run_jobs([job], ledger)
        (row,) = ledger.rows().to_dict("records")
    assert main([*shlex.split(command(job))[1:], "--json"]) == 0
    again = json.loads(capsys.readouterr().out)["outcomes"]
    assert {name: row[name] for name in again if again[name] is not None} == {
        name: value for name, value in again.items() if value is not None
    }


def dies_at_three(job: int) -> int:
    if job == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return job


def test_only_the_job_of_a_killed_process_is_lost() -> None:
    found = {
        index: (result, trouble) for index, result, trouble in run_all(dies_at_three, range(8), workers=2)
    }
    assert {index for index, (_, trouble) in found.items() if trouble} == {3}
    assert "killed, perhaps because memory ran out" in str(found[3][1])
    assert [found[index][0] for index in (0, 1, 2, 4, 5, 6, 7)] == [0, 1, 2, 4, 5, 6, 7]


def hangs(file: str) -> None:
    Path(file).write_text(str(os.getpid()))
    ctypes.PyDLL(None).sleep(1000)  # leaves no other thread of the process a turn


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such a process outlives its parent")
def test_a_process_that_hangs_ends_with_a_killed_parent(tmp_path: Path) -> None:
    file, script = tmp_path / "pid", tmp_path / "script.py"
    script.write_text(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "from test_run_jobs import hangs\n"
        "from agentsim.experiments.runs.executors import run_all\n"
        f"if __name__ == '__main__':\n    list(run_all(hangs, [{str(file)!r}], workers=2))\n"
    )
    parent = subprocess.Popen([sys.executable, str(script)])
    until = time.monotonic() + 120
    while time.monotonic() < until and not (file.exists() and file.read_text()):
        time.sleep(0.1)
    parent.kill()
    parent.wait()
    child = Path("/proc") / file.read_text()
    while time.monotonic() < until and child.exists() and ") Z" not in (child / "stat").read_text():
        time.sleep(0.1)
    assert not child.exists() or ") Z" in (child / "stat").read_text()


def test_a_job_that_cannot_cross_a_process_border_says_so() -> None:
    ((index, result, trouble),) = run_all(str, [lambda: 0], workers=2)
    assert (index, result) == (0, None)
    assert "pickle" in str(trouble)


def grows(megabytes: int) -> int:
    grown.append(bytearray(b"x" * megabytes * 1_000_000))
    return os.getpid()


grown: list[bytearray] = []  # by jobs, and never freed


@pytest.mark.slow
def test_a_process_that_has_grown_is_replaced() -> None:
    found = [result for _, result, _ in run_all(grows, [1, 450, 1, 1], limits=Limits(seconds=60))]
    assert found[0] == found[1]
    assert found[2] == found[3] != found[0]


def test_resident_memory_is_that_of_the_process() -> None:
    before = resident_mb(os.getpid())
    block = bytearray(b"x" * 50_000_000)
    assert before is not None
    assert resident_mb(os.getpid()) == pytest.approx(before + 50.0, abs=15.0)
    del block


def test_time_to_start_a_process_is_no_time_of_a_run() -> None:
    begin = time.monotonic()
    ((_, result, trouble),) = run_all(abs, [-1], limits=Limits(seconds=2.0))
    assert (result, trouble) == (1, None)
    assert time.monotonic() - begin > 0.05
