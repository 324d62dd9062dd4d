"""One replication of a comparison: its definition, fingerprint and result, a line of the ledger."""

import json
import math
import os
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib import import_module
from pathlib import Path
from typing import Any

import agentsim
from agentsim.outcomes import units
from agentsim.scenario.file import Scenario

NO_POLICY = "none"
LEDGER = "runs.jsonl"

# Parts of a scenario that change no run: titles and what to compare.
_NOT_IN_A_RUN = ("title", "title_ja", "compare", "policies")


@dataclass(frozen=True)
class Replication:
    """One run: these policies against this attacker with this seed."""

    policy: str  # as given: an id, ids joined by +, a package, none
    adopts: tuple[str, ...]
    attacker: str
    seed: int


@dataclass(frozen=True)
class Job:
    """A replication with all that a worker process needs to run it."""

    scenario: Scenario
    replication: Replication
    fingerprint: str
    society: Callable[..., Any] | None = None  # None: the real one
    plan: Any = None  # of a planning attacker, made before


@cache
def code_version(without: tuple[str, ...] = ()) -> str:
    """The version and a digest of the package's source: results of changed code are not reused.

    *without* names folders whose files do not count, because they change no result.
    """
    digest = blake2b(digest_size=8)
    root = Path(agentsim.__file__).parent
    ignored = {"__pycache__", *without}
    for file in sorted(root.rglob("*")):
        name = file.relative_to(root)
        if file.is_file() and not ignored & set(name.parts):
            digest.update(name.as_posix().encode() + b"\0" + file.read_bytes())
    return f"{agentsim.__version__}+{digest.hexdigest()}"


def fingerprint(scenario: Scenario, replication: Replication, *more: Any) -> str:
    """A digest of all that determines the run: scenario, policies, attacker, seed, version, and *more* (plain
    data: the attacker's plan)."""
    content = {key: value for key, value in scenario.content().items() if key not in _NOT_IN_A_RUN}
    content["policy"] = {name: content["policy"][name] for name in replication.adopts}
    parts = [content, replication.adopts, replication.attacker, replication.seed, code_version(), *more]
    return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()


def replicate(job: Job) -> dict[str, Any]:
    """Run one replication; an exception inside it becomes a row with an error."""
    replication = job.replication
    row: dict[str, Any] = {
        "key": job.fingerprint,
        "policy": "+".join(replication.adopts) or NO_POLICY,
        "attacker": replication.attacker,
        "seed": replication.seed,
    }
    begin = time.perf_counter()
    try:
        make = job.society or import_module("agentsim.society.society").Society
        plan = {} if job.plan is None else {"plan": job.plan}
        society = make(
            job.scenario,
            policies=list(replication.adopts),
            attacker=replication.attacker,
            seed=replication.seed,
            **plan,
        )
        society.run()
        outcomes, row["units"] = _outcomes_of(society)
        row["outcomes"] = {name: finite(value) for name, value in outcomes.items()}
        row["persons_per_household"] = float(society.place.persons_per_household)
    except Exception as error:
        row["error"] = f"{type(error).__name__}: {error}"
        row["traceback"] = _summary(error)
    row["wall_s"] = round(time.perf_counter() - begin, 3)
    return row


def _outcomes_of(society: Any) -> tuple[Mapping[Any, float], dict[str, str]]:
    """Outcomes and units of a finished run; another model may have them in a pandas Series alone."""
    if hasattr(society, "measured"):
        return society.measured, units()
    return society.outcomes, dict(society.outcomes.attrs["units"])


def finite(value: float) -> float | None:
    """A value for JSON: None where it is not finite."""
    return float(value) if math.isfinite(value) else None


def _summary(error: BaseException, frames: int = 4) -> list[str]:
    """The innermost frames of a traceback, innermost last, each as ``file:line in function``."""
    stack = traceback.extract_tb(error.__traceback__)[-frames:]
    root = str(Path(agentsim.__file__).parent.parent) + os.sep
    return [f"{frame.filename.removeprefix(root)}:{frame.lineno} in {frame.name}" for frame in stack]


def read_ledger(folder: Path, wanted: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The finished runs of a folder by fingerprint; failures and incomplete lines are skipped."""
    keys, found = set(wanted), {}
    file = folder / LEDGER
    for line in file.read_bytes().splitlines() if file.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict) and row.get("key") in keys and "outcomes" in row:
            found[row["key"]] = row
    return found


def append_to_ledger(folder: Path, row: dict[str, Any]) -> None:
    """Add one finished run to the folder's ledger, written to disk at once."""
    append_line(folder / LEDGER, row)


def append_line(path: Path, row: dict[str, Any]) -> None:
    """Add a row of JSON to a file of lines, on a line of its own even if the last one is torn."""
    line = json.dumps(row, ensure_ascii=False).encode() + b"\n"
    with path.open("ab+") as file:
        size = file.seek(0, os.SEEK_END)
        if size:
            file.seek(size - 1)
            if file.read(1) != b"\n":  # the last line is incomplete
                line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
