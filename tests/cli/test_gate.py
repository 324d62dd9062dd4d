"""What comes in passes one gate: size, kind, range, cost; and what was finished is never lost."""

import json
import os
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from agentsim import Society, load
from agentsim.cli.main import main
from agentsim.core import text_files
from agentsim.core.errors import InvalidScenario
from agentsim.core.folder_lock import NAME, FolderInUse, locked
from agentsim.core.text_files import UnreadableText, file_bytes
from agentsim.core.toml_lines import BrokenToml, key_lines, read_toml
from agentsim.experiments.compare import compare
from agentsim.experiments.runs.estimate import checked_seeds, estimate, refuse_absurd
from agentsim.experiments.runs.ledger import Ledger
from agentsim.place.spec import SHIPPED
from agentsim.report import archive
from agentsim.scenario.file import Scenario

SCENARIO = Path(__file__).parents[2] / "scenarios" / "ordinary_fortnight.toml"
QUICK = ["--hours", "3", "--set", "place.households=40", "--set", "attacker.first_hour=0"]


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """What is said of a wrong input; exit status 2, no traceback."""
    try:
        status = main(list(arguments))
    except SystemExit as ended:
        status = int(ended.code or 0)
    said = capsys.readouterr().err
    assert status == 2, said
    assert "Traceback" not in said
    return said


# ---- files


def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    begin = time.perf_counter()
    assert "is a pipe or a device" in refused(capsys, "check", str(pipe))
    assert "is a pipe or a device" in refused(capsys, "place", "build", "--water", str(pipe))
    assert "is a pipe or a device" in refused(
        capsys, "place", "build", "--water", str(SHIPPED / "bay_city" / "Net3.inp"), "--grid", "/dev/zero"
    )
    assert time.perf_counter() - begin < 90


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path, monkeypatch) -> None:
    file = tmp_path / "large.inp"
    file.write_bytes(b"x" * 1000)
    assert len(file_bytes(file)) == 1000
    monkeypatch.setattr(text_files, "MOST_BYTES", 999)
    with pytest.raises(UnreadableText, match="MB are read; leave out"):
        file_bytes(file)


def test_a_name_that_no_file_can_have_is_refused(capsys) -> None:
    assert "name holds a character" in refused(capsys, "check", "a\0b.toml")
    assert "too long" in refused(capsys, "check", "x" * 300 + ".toml").lower()
    assert "no folder can have this name" in refused(capsys, "run", str(SCENARIO), "--out", "x" * 300)


def test_a_large_file_keeps_its_lines_in_good_time() -> None:
    text = "".join(f"key_{k} = {k}\n" for k in range(50_000))
    begin = time.perf_counter()
    assert key_lines(text)[("key_49999",)] == 50_000
    assert time.perf_counter() - begin < 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = 1\nb = " + "[" * 5000 + "]" * 5000, "line 2: .*nested too deeply"),
        ("a = 1\nb = " + "1" * 5000, "line 2: .*too many digits"),
        ("a = 1\nb = \n", "line 2: this is no TOML: invalid value"),
    ],
)
def test_toml_that_python_cannot_read_is_told_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BrokenToml, match=said):
        read_toml(text)


# ---- numbers that are absurd together


def test_what_no_machine_can_finish_is_refused_with_an_estimate(capsys) -> None:
    begin = time.perf_counter()
    assert "GB of memory" in refused(capsys, "run", str(SCENARIO), "--set", "place.households=10000000000")
    assert "days" in refused(capsys, "compare", str(SCENARIO), "--seeds", "1000000000000")
    assert "end after the year 9999" in refused(capsys, "run", str(SCENARIO), "--hours", "1000000000")
    assert time.perf_counter() - begin < 90


def test_the_estimate_can_be_overridden_and_lets_ordinary_runs_pass() -> None:
    scenario = Scenario().with_changes({"place.households": 10**10})
    with pytest.raises(InvalidScenario, match="--anyway"):
        refuse_absurd(scenario)
    refuse_absurd(scenario, anyway=True)
    refuse_absurd(Scenario().with_changes({"place.households": 1_000_000, "hours": 168}), runs=50, workers=2)


def test_the_estimate_is_of_the_right_size() -> None:
    """As measured in benchmarks/results.json: a week of a town, and of a million households."""
    town = estimate(Scenario().with_changes({"hours": 168}))
    assert town.days * 86_400 == pytest.approx(0.25, rel=0.5)
    assert town.memory_gb == pytest.approx(0.16, rel=0.3)
    many = estimate(Scenario().with_changes({"hours": 168, "place.households": 1_000_000}))
    assert many.days * 86_400 == pytest.approx(15.0, rel=0.5)
    assert many.memory_gb == pytest.approx(0.77, rel=0.3)


def test_a_run_of_a_century_begins_at_once(hamlet) -> None:
    begin = time.perf_counter()
    hamlet(hours=2, changes={"hours": 876_000})
    assert time.perf_counter() - begin < 90


def test_drawing_weather_as_hours_come_changes_nothing(monkeypatch) -> None:
    scenario = load(SCENARIO).with_changes({"hours": 200, "place.households": 60})
    whole = Society(scenario).run().measured
    monkeypatch.setattr("agentsim.outcomes.record.HOURS_PER_YEAR", 168)
    assert repr(Society(scenario).run().measured) == repr(whole)


def test_dates_at_the_ends_of_the_calendar_are_refused_where_no_days_are() -> None:
    with pytest.raises(InvalidScenario, match="end after the year 9999"):
        Scenario().with_changes({"start": date(9999, 12, 1)})
    with pytest.raises(InvalidScenario, match="too early"):
        Scenario().with_changes({"start": date(1, 1, 1)})


@pytest.mark.parametrize("key", ["households.persons_frac", "firms.water_shape"])
def test_shares_that_are_all_zero_are_refused(key: str) -> None:
    table, name = key.split(".")
    length = len(getattr(getattr(load(SCENARIO).parameters, table), name))
    with pytest.raises(InvalidScenario, match=f"{key}: all entries are 0"):
        Scenario().with_changes({key: [0.0] * length})


# ---- comparisons


@pytest.mark.parametrize(
    ("seeds", "said"),
    [([1.5], "1.5 is no seed"), ([], "empty"), (0, "too small"), ([-1], "no seed"), (1.5, "neither"),
     ([True], "no seed"), (["1"], "no seed")],
)  # fmt: skip
def test_seeds_that_are_none_are_refused(seeds, said: str) -> None:
    with pytest.raises(InvalidScenario, match=said):
        compare(load(SCENARIO), policies=[], seeds=seeds)


def test_seeds_of_numpy_are_seeds() -> None:
    assert list(checked_seeds(np.arange(3))) == [0, 1, 2]


def test_a_script_without_a_main_guard_is_told_so(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import agentsim as sim\n"
        f"s = sim.load({str(SCENARIO)!r}).with_changes({{'hours': 2, 'place.households': 40}})\n"
        "sim.compare(s, policies=['E-C2'], attackers=['none'], seeds=2, workers=2)\n"
    )
    here = os.environ | {"PYTHONPATH": str(SCENARIO.parents[1])}
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=here, capture_output=True, text=True, check=False)
    assert 'if __name__ == "__main__"' in done.stderr
    assert "out of memory" not in done.stderr


def test_a_comparison_file_is_the_same_each_time(tmp_path: Path, capsys) -> None:
    def made(name: str) -> bytes:
        command = ["compare", str(SCENARIO), *QUICK, "--policy", "E-C2", "--attacker", "none", "--seeds", "2"]
        assert main([*command, "--workers", "1", "--out", str(tmp_path / name)]) == 0
        return (tmp_path / name / "compare.json").read_bytes()

    assert made("one") == made("two")
    assert b"wall_s" not in made("one")


# ---- the disk


def test_a_folder_is_held_by_one_process(tmp_path: Path) -> None:
    held = (
        "import sys, time; from pathlib import Path; from agentsim.core.folder_lock import locked\n"
        f"with locked(Path({str(tmp_path)!r})):\n    print('held', flush=True); time.sleep(60)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse, match=f"process {other.pid} is writing there"), locked(tmp_path):
            pass
    finally:
        other.kill()
        other.wait()
    with locked(tmp_path), locked(tmp_path):  # its death lets go; one process may ask twice
        assert (tmp_path / NAME).exists()
    assert not (tmp_path / NAME).exists()


def test_a_held_folder_ends_a_command_with_one_line(tmp_path: Path, capsys, monkeypatch) -> None:
    def held(folder: Path) -> int:
        raise FolderInUse(f"{folder}: process 1 is writing there; wait until it has ended")

    monkeypatch.setattr("agentsim.core.folder_lock._lock", held)
    said = refused(capsys, "run", str(SCENARIO), *QUICK, "--out", str(tmp_path))
    assert said.count("\n") <= 12
    assert "process 1 is writing there" in said


def test_a_run_is_shown_even_if_the_disk_is_full(tmp_path: Path, capsys, monkeypatch) -> None:
    def full(file: Path, content: bytes) -> None:
        raise OSError(28, "No space left on device", str(file))

    monkeypatch.setattr(archive, "write_bytes", full)
    assert main(["run", str(SCENARIO), *QUICK, "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert "hours simulated" in told.out
    assert told.err.strip().endswith("No space left on device")


def test_a_comparison_is_shown_even_if_its_runs_cannot_be_kept(tmp_path: Path, capsys, monkeypatch) -> None:
    insert = Ledger._insert

    def full(ledger: Ledger, row: dict) -> None:
        if ledger.file:
            raise OSError(28, "No space left on device", str(ledger.file))
        insert(ledger, row)

    monkeypatch.setattr(Ledger, "_insert", full)
    command = ["compare", str(SCENARIO), *QUICK, "--policy", "E-C2", "--attacker", "none", "--seeds", "1"]
    assert main([*command, "--workers", "1", "--json", "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["rows"]
    assert "No space left on device" in told.err


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path, monkeypatch) -> None:
    def fails(*_) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="No space"):
        archive.write_text(tmp_path / "a.txt", "text")
    assert list(tmp_path.iterdir()) == []


# ---- the terminal and the network


def test_a_title_is_shown_as_it_is(tmp_path: Path, capsys) -> None:
    file = tmp_path / "s.toml"
    file.write_text('title = "[/] [red]"\nhours = 2\n[place]\nhouseholds = 40\n')
    assert main(["run", str(file)]) == 0
    assert "[/] [red]" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--host", ""], "a name is needed"),
        (["--port", "99999"], "from 1 to 65535"),
        (["--port", "0"], "from 1 to 65535"),
    ],
)
def test_an_address_that_is_none_is_refused(options: list[str], said: str, capsys) -> None:
    assert said in refused(capsys, "app", *options)
