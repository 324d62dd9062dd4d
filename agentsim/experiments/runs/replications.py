"""One run of an experiment: its definition, its key, and the row of the ledger that it becomes."""

import json
import math
import os
import platform
import shlex
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from hashlib import blake2b
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import agentsim
from agentsim.core.errors import InvalidInput
from agentsim.experiments.runs.ledger import DONE, FAILED, OUT_OF_MEMORY
from agentsim.experiments.runs.peak_memory import collect_if_grown, forget_peak, peak_mb
from agentsim.experiments.runs.worker_processes import Trouble
from agentsim.outcomes import finite, units
from agentsim.scenario.file import Scenario
from agentsim.scenario.form import toml_of

NO_POLICY = "none"

# Parts of a scenario that change no run: titles and what to compare.
_NOT_IN_A_RUN = ("title", "title_ja", "compare", "policies")
# Folders of the package that move no result of a run, files of the last of them that may, and libraries.
_MOVE_NOTHING = ("app", "cli", "report", "experiments")
_MAKE_RUNS = (
    "runs/replications.py",
    *("attacks/attacks.py", "attacks/attack_plans.py", "attacks/cross_plans.py", "attacks/targets.py"),
)
LIBRARIES = ("mesa", "numpy", "scipy", "numba", "highspy", "epanet-plus")


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
    version: str = ""  # of what moves results, where the job was made; "": not looked at


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


@cache
def results_version() -> str:
    """A digest of what can move the result of a run: source and data of the model, and its libraries.

    The page, the command line, the reports and what is computed from finished runs do not count.
    """
    parts = [code_version(_MOVE_NOTHING), *(_version_of(name) for name in LIBRARIES)]
    parts += [(Path(__file__).parent.parent / name).read_text(encoding="utf-8") for name in _MAKE_RUNS]
    return f"{agentsim.__version__}+{blake2b(json.dumps(parts).encode(), digest_size=8).hexdigest()}"


def _version_of(library: str) -> str:
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return f"{library} unknown"


def setting_digest(scenario: Scenario, adopts: tuple[str, ...]) -> str:
    """A digest of the scenario under some policies, as far as it determines a run."""
    content = {key: value for key, value in scenario.content().items() if key not in _NOT_IN_A_RUN}
    content["policy"] = {name: content["policy"][name] for name in adopts}
    return blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()


def fingerprint(scenario: Scenario, replication: Replication, *more: Any, setting: str = "") -> str:
    """A digest of all that determines the run: scenario, policies, attacker, seed, version, and *more* (plain
    data: the attacker's plan).

    *setting* is ``setting_digest(scenario, replication.adopts)``, where it is known already.
    """
    setting = setting or setting_digest(scenario, replication.adopts)
    parts = [setting, replication.adopts, replication.attacker, replication.seed, results_version(), *more]
    return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()


def job_of(
    scenario: Scenario,
    replication: Replication,
    plan: Any = None,
    society: Callable[..., Any] | None = None,
    setting: str = "",
) -> Job:
    """The job that makes a run, with its key; *plan* is that of a planning attacker."""
    more = () if plan is None else (asdict(plan),)
    key = fingerprint(scenario, replication, *more, setting=setting)
    return Job(scenario, replication, key, society, plan, results_version())


# ---- rows -----------------------------------------------------------------------------------------------


def replicate(job: Job) -> dict[str, Any]:
    """Run one replication; an exception inside it becomes a row with an error."""
    row = about(job)
    forget_peak()
    begin, begin_cpu = time.perf_counter(), time.process_time()
    try:
        if job.version and job.version != results_version():
            raise InvalidInput(
                f"this worker has agentsim {results_version()}, the run was asked for by {job.version}; "
                "install the same version and the same libraries on all machines, and do not change the "
                "source while runs are made"
            )
        row |= _lived(job) | {"status": DONE}
    except Exception as error:
        row["status"] = OUT_OF_MEMORY if isinstance(error, MemoryError) else FAILED
        row["error"] = f"{type(error).__name__}: {error}"
        row["frames"] = _summary(error)
        row["traceback"] = "".join(traceback.format_exception(error))
    row["wall_s"] = round(time.perf_counter() - begin, 3)
    row["cpu_s"] = round(time.process_time() - begin_cpu, 3)
    row["peak_mb"] = round(peak_mb(), 1)
    collect_if_grown()
    return row


def _lived(job: Job) -> dict[str, Any]:
    """Lives one run to its end; the society is given up on return."""
    society = _society(job)
    society.run()
    outcomes, units = _outcomes_of(society)
    return {
        "outcomes": {name: finite(value) for name, value in outcomes.items()},
        "units": units,
        "persons_per_household": float(society.place.persons_per_household),
    }


def lost_row(job: Job, trouble: Trouble) -> dict[str, Any]:
    """The row of a run whose process ended before it did."""
    return about(job) | {
        "status": trouble.status,
        "error": trouble.said,
        "frames": [],
        "traceback": "",
        "wall_s": math.nan,
    }


def about(job: Job) -> dict[str, Any]:
    """What a row says of a run before it is made."""
    one, scenario = job.replication, job.scenario
    return {
        "key": job.fingerprint,
        "scenario": scenario.title,
        "changes": json.dumps(_told(scenario.changes()), ensure_ascii=False),
        "policy": "+".join(one.adopts) or NO_POLICY,
        "attacker": one.attacker,
        "seed": one.seed,
        "hours": scenario.hours,
        "plan": "" if job.plan is None else json.dumps(asdict(job.plan), ensure_ascii=False),
        "version": job.version,
        "host": platform.node(),
        "command": command(job),
    }


def command(job: Job) -> str:
    """The command line that makes this run again; empty where the scenario has no file.

    A plan that was made for other policies is not in it: the attacker plans anew.
    """
    file = job.scenario.file()
    if not file:
        return ""
    one = job.replication
    words = ["agentsim", "run", str(file)]
    for key, value in job.scenario.changes().items():
        words += ["--set", f"{key}={toml_of(value)}"]
    words += ["--policy", "+".join(one.adopts) or NO_POLICY, "--attacker", one.attacker]
    return shlex.join([*words, "--seed", str(one.seed)])


def _told(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Changed values as plain data; a date as its text."""
    return {key: value.isoformat() if isinstance(value, date) else value for key, value in changes.items()}


def _society(job: Job) -> Any:
    make = job.society or import_module("agentsim.society.society").Society
    plan = {} if job.plan is None else {"plan": job.plan}
    one = job.replication
    return make(job.scenario, policies=list(one.adopts), attacker=one.attacker, seed=one.seed, **plan)


def _outcomes_of(society: Any) -> tuple[Mapping[Any, float], dict[str, str]]:
    """Outcomes and units of a finished run; another model may have them in a pandas Series alone."""
    if hasattr(society, "measured"):
        return society.measured, units()
    return society.outcomes, dict(society.outcomes.attrs["units"])


def _summary(error: BaseException, frames: int = 4) -> list[str]:
    """The innermost frames of a traceback, innermost last, each as ``file:line in function``."""
    stack = traceback.extract_tb(error.__traceback__)[-frames:]
    root = str(Path(agentsim.__file__).parent.parent) + os.sep
    return [f"{frame.filename.removeprefix(root)}:{frame.lineno} in {frame.name}" for frame in stack]
