"""Malformed files, wrong options and random mixes of the model: refused in plain words, or lived.

A seeded fuzzer. ``python tests/verification/fuzz_batch.py KIND FIRST COUNT SEED`` runs some cases by hand.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz_inputs import KINDS

BATCH = Path(__file__).with_name("fuzz_batch.py")
SEED = 1
COUNTS = {kind: entry.cases for kind, entry in KINDS.items()} | {"options": 250, "mix": 300}
PROCESS_S = 1500.0


def faults(kind: str, first: int, count: int) -> list[dict]:
    """What is wrong with so many cases; one that ends its process is named, and the rest goes on."""
    found: list[dict] = []
    while count > 0:
        command = [sys.executable, str(BATCH), kind, str(first), str(count), str(SEED)]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=PROCESS_S, check=False,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        found += [row for row in rows if "wrong" in row]
        if done.returncode == 0:
            break
        last = max((row["began"] for row in rows if "began" in row), default=first)
        found.append({"case": last, "wrong": f"ended its process: {done.returncode} {done.stderr[-300:]}"})
        count -= last + 1 - first
        first = last + 1
    return found


def test_there_are_enough_cases() -> None:
    assert sum(count for kind, count in COUNTS.items() if kind != "mix") >= 1500
    assert COUNTS["mix"] >= 300


@pytest.mark.slow
@pytest.mark.parametrize("kind", COUNTS)
def test_no_case_ends_in_a_traceback(kind: str) -> None:
    assert faults(kind, 0, COUNTS[kind]) == []


@pytest.mark.parametrize("kind", ["water", "options"])
def test_a_few_cases(kind: str) -> None:
    """So that a change that breaks the fuzzer is seen by ``make test``."""
    assert faults(kind, 0, 5) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_fuzzer_spoils_was_right(kind: str, tmp_path: Path, capsys) -> None:
    KINDS[kind].files(tmp_path)
    assert KINDS[kind].read(tmp_path) == 0, capsys.readouterr().err


def test_a_fault_would_be_seen(tmp_path: Path) -> None:
    """The judge itself: an error of Python, silence about the place, and slowness are faults."""
    import fuzz_batch

    from agentsim.core.errors import UnbuildablePlace

    def raises(error: BaseException):
        def call() -> int:
            raise error

        return call

    assert "KeyError" in fuzz_batch.fault_of(raises(KeyError("x")), ["w.inp"])
    assert fuzz_batch.fault_of(raises(UnbuildablePlace("w.inp:3", "wrong", "mend it")), ["w.inp"]) == ""
    assert "names no place" in fuzz_batch.fault_of(raises(UnbuildablePlace("?", "wrong", "mend")), ["w.inp"])
    assert "exit status 5" in fuzz_batch.fault_of(lambda: 5, ["w.inp"])
