"""The ledger: rows are found again, survive a kill, a full disk and damage, and are read quickly."""

import math
import os
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from agentsim.core.folder_lock import FolderInUse, locked
from agentsim.experiments.comparison_table import comparison_table
from agentsim.experiments.runs.ledger import ABOUT, Ledger, _digest, old_files, read_rows
from agentsim.experiments.runs.ledger_file import UnusableLedger
from agentsim.experiments.sweeps.sweep import CASES, SWEEP, runs_of
from agentsim.experiments.sweeps.sweep_table import differences
from agentsim.outcomes import units


def row(key: str, status: str = "done", **more) -> dict:
    """A row as a worker returns it."""
    found = {"key": key, "policy": "none", "attacker": "none", "seed": 1, "status": status, "wall_s": 0.5}
    if status == "done":
        found |= {"outcomes": {"ens_mwh": 3.25, "saifi": None}, "units": {"ens_mwh": "MWh", "saifi": "1"}}
    return found | more


def test_a_row_is_read_as_it_was_written(tmp_path: Path) -> None:
    with Ledger(tmp_path / "a.sqlite") as ledger:
        ledger.keep(row("one", seed=7, host="here", persons_per_household=2.25, command="agentsim run x"))
        ledger.keep(row("two", "failed", error="ValueError: no", traceback="Traceback ..."))
    table = read_rows(tmp_path / "a.sqlite", status=None)
    assert list(table.columns) == [*ABOUT, "ens_mwh", "saifi"]
    assert table.attrs["units"] == {"ens_mwh": "MWh", "saifi": "1"}
    one, two = table.to_dict("records")
    assert (one["seed"], one["ens_mwh"], one["host"], one["attempts"]) == (7, 3.25, "here", 1)
    assert math.isnan(one["saifi"])
    assert (two["status"], two["error"], two["traceback"]) == ("failed", "ValueError: no", "Traceback ...")
    assert math.isnan(two["ens_mwh"])
    assert list(read_rows(tmp_path / "a.sqlite")["key"]) == ["one"]
    assert list(read_rows(tmp_path / "a.sqlite", outcomes=["saifi"]).columns) == [*ABOUT, "saifi"]


def test_every_bit_of_an_outcome_is_kept(tmp_path: Path) -> None:
    values = np.random.default_rng(1).lognormal(0.0, 30.0, 200).tolist() + [0.1 + 0.2, -0.0, 5e-324]
    names = {f"outcome_{k}": "1" for k in range(len(values))}
    with Ledger(tmp_path / "a.sqlite") as ledger:
        ledger.keep(row("one", outcomes=dict(zip(names, values, strict=True)), units=names))
        kept = ledger.rows()[list(names)].to_numpy()[0]
    assert kept.tobytes() == np.array(values).tobytes()


def test_a_run_that_failed_is_replaced_once_it_is_done_and_counts_its_attempts() -> None:
    with Ledger() as ledger:
        ledger.keep(row("one", "timed_out"))
        assert ledger.kept(["one"]) == set()
        ledger.keep(row("one"))
        assert ledger.kept(["one", "another"]) == {"one"}
        assert ledger.rows(status=None)["attempts"].tolist() == [2]


def test_runs_with_other_outcomes_share_a_ledger() -> None:
    with Ledger() as ledger:
        ledger.keep(row("one"))
        ledger.keep(
            row("two", outcomes={"co2_t": 1.0, "ens_mwh": 2.0}, units={"co2_t": "t", "ens_mwh": "MWh"})
        )
        table = ledger.rows()
    assert table["ens_mwh"].tolist() == [3.25, 2.0]
    assert table["co2_t"].isna().tolist() == [True, False]
    assert table.attrs["units"] == {"ens_mwh": "MWh", "saifi": "1", "co2_t": "t"}


def test_another_process_may_read_while_one_writes(tmp_path: Path) -> None:
    with Ledger(tmp_path / "a.sqlite") as ledger:
        ledger.keep(row("one"))
        assert len(read_rows(tmp_path / "a.sqlite")) == 1
        ledger.keep(row("two"))
        assert len(read_rows(tmp_path / "a.sqlite")) == 2
    assert len(read_rows(tmp_path / "a.sqlite")) == 2
    assert os.listdir(tmp_path) == ["a.sqlite"], "nothing is left beside the file"


# ---- what can go wrong with the file --------------------------------------------------------------------


def fill(ledger: Ledger, most_pages: int) -> int:
    """Rows that fit before the disk is full."""
    ledger._db.execute(f"PRAGMA max_page_count = {most_pages}")
    fitted = 0
    with pytest.raises(OSError, match=rf"No space left on device.*{ledger.file}"):  # noqa: PT012 - a loop
        while True:
            ledger.keep(row(f"run {fitted}", traceback="x" * 500))
            fitted += 1
    return fitted


def test_a_full_disk_loses_nothing_that_was_kept(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    with Ledger(file) as ledger:
        fitted = fill(ledger, 30)
    assert fitted > 10
    assert read_rows(file)["key"].tolist() == [f"run {number}" for number in range(fitted)]
    with Ledger(file) as ledger:  # there is space again
        ledger.keep(row("one more"))
    assert len(read_rows(file)) == fitted + 1


def test_a_ledger_that_goes_on_shows_what_the_disk_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path / "a.sqlite", go_on=True) as ledger:
        ledger._db.execute("PRAGMA max_page_count = 30")
        for number in range(200):
            ledger.keep(row(f"run {number}", traceback="x" * 500))
        assert "No space left on device" in ledger.fault
        assert ledger.rows()["key"].tolist() == [f"run {number}" for number in range(200)]
        assert len(ledger.kept(f"run {number}" for number in range(200))) == 200
    assert 10 < len(read_rows(tmp_path / "a.sqlite")) < 200


def test_a_folder_that_cannot_be_written_is_told_so() -> None:
    with pytest.raises(OSError, match="cannot be opened or made here"):
        Ledger(Path("/proc/a.sqlite"))


@pytest.mark.parametrize("content", [b"no database at all, but long enough to be looked at" * 40, b""])
def test_a_file_that_is_no_ledger_is_refused_to_read(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "a.sqlite"
    file.write_bytes(content)
    with pytest.raises(UnusableLedger, match=r"a\.sqlite: is .*no ledger"):
        read_rows(file)
    assert file.read_bytes() == content


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "a.sqlite"
    with sqlite3.connect(file) as other:
        other.execute("CREATE TABLE things (name TEXT)")
    other.close()
    for write in (True, False):
        with pytest.raises(UnusableLedger, match="is no ledger of agentsim"):
            Ledger(file, write=write)


def test_a_damaged_file_never_gives_a_wrong_number(tmp_path: Path) -> None:
    """Every page in turn is overwritten in part: SQLite finds it, or a row's digest, or nothing was hit."""
    whole, file = tmp_path / "whole.sqlite", tmp_path / "a.sqlite"
    names = {f"outcome_{k}": "1" for k in range(80)}
    with Ledger(whole) as ledger:
        for number in range(60):
            values = dict.fromkeys(names, number + 0.5)
            ledger.keep(row(f"run {number}", outcomes=values, units=names))
    content, right, refused = whole.read_bytes(), read_rows(whole, status=None), 0
    for at in range(0, len(content), 4096):
        spoilt = content[: at + 2600] + b"\xff" * 900 + content[at + 3500 :]
        file.write_bytes(spoilt)
        try:
            assert read_rows(file, status=None).equals(right)
        except UnusableLedger as error:
            assert "a.sqlite: is damaged" in str(error)  # noqa: PT017 - either is right
            refused += 1
        with suppress(UnusableLedger), Ledger(file) as ledger:
            assert ledger.rows(status=None).equals(right)
        assert file.read_bytes() == spoilt
    assert refused > len(content) / 4096 / 2


def test_one_process_at_a_time_writes_into_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.sqlite"
    held = (
        "import time; from pathlib import Path; from agentsim.core.folder_lock import locked\n"
        f"with locked(Path({str(file)!r})):\n    print('held', flush=True); time.sleep(60)\n"
    )
    other = subprocess.Popen([sys.executable, "-c", held], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(FolderInUse, match=f"process {other.pid} .* name another file"), locked(file):
            pass
        with locked(tmp_path / "b.sqlite"):  # another file in the same folder
            pass
    finally:
        other.kill()
        other.wait()
    with locked(file):
        pass
    assert not [name for name in os.listdir(tmp_path) if name.endswith(".lock")]


def test_files_of_older_versions_are_told(tmp_path: Path) -> None:
    (tmp_path / "runs.jsonl").write_text("{}\n")
    (said,) = old_files(tmp_path)
    assert "runs.jsonl: was kept by an older version and is not read" in said


# ---- large ----------------------------------------------------------------------------------------------


def large_ledger(file: Path, shape: tuple[int, int, int, int]) -> list[str]:
    """A ledger of (points, policies, attackers, seeds) runs with every outcome of the model."""
    points, policies, attackers, seeds = shape
    names = list(units())
    draws = np.random.default_rng(5).lognormal(size=(points * policies * attackers * seeds, len(names)))
    labels = ["none", *(f"P{k}" for k in range(1, policies))]
    cases = [
        (point, policy, f"foe{foe}" if foe else "none", seed)
        for seed in range(1, seeds + 1)
        for point in range(points)
        for foe in range(attackers)
        for policy in labels
    ]
    with Ledger(file) as ledger:
        number = ledger._outcome_set(units())
        columns = [*ABOUT, "outcome_set", "outcomes", "digest"]
        rows = []
        for index, (_, policy, foe, seed) in enumerate(cases):
            about = dict.fromkeys(ABOUT) | {"key": f"{index:032x}", "policy": policy, "attacker": foe}
            about |= {"seed": seed, "status": "done", "wall_s": 1.0, "persons_per_household": 2.2}
            blob = draws[index].tobytes()
            rows.append((*about.values(), number, blob, _digest(list(about.values()), blob)))
        marks = ", ".join("?" * len(columns))
        with ledger._db:
            ledger._db.executemany(f"INSERT INTO runs ({', '.join(columns)}) VALUES ({marks})", rows)
        values = [{"scenario": "s", "place": "p", "values": {"x": point}} for point in range(points)]
        about = {"title": "Large", "title_ja": "", "runs": len(cases), "points": values, "varied": ["x"]}
        ledger.keep_note(SWEEP, about)
        keys = [f"{index:032x}" for index in range(len(cases))]
        columns_of = [list(column) for column in zip(*cases, strict=True)]
        names_of = ("point", "policy", "attacker", "seed")
        ledger.keep_note(CASES, dict(zip(names_of, columns_of, strict=True)) | {"key": keys})
    return labels


@pytest.mark.slow
def test_a_hundred_thousand_rows_are_read_and_compared_in_five_seconds(tmp_path: Path) -> None:
    """A comparison of 10 policies on 10,000 seeds, and a sweep of 1,250 points on 20 seeds."""
    labels = large_ledger(tmp_path / "compare.sqlite", (1, 10, 1, 10_000))
    begin = time.process_time()
    runs = read_rows(tmp_path / "compare.sqlite")
    table = comparison_table(runs, labels, ["none"], range(1, 10_001), hours=336)
    took = time.process_time() - begin
    assert (len(runs), table["n"].max()) == (100_000, 10_000)
    assert took < 5.0
    large_ledger(tmp_path / "sweep.sqlite", (1_250, 4, 1, 20))
    begin = time.process_time()
    with Ledger(tmp_path / "sweep.sqlite", write=False) as ledger:
        runs = runs_of(ledger)
    found = differences(runs, "deprivation_mean")
    took = time.process_time() - begin
    assert (len(runs), len(found)) == (100_000, 5_000)
    assert took < 5.0
