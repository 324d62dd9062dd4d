"""Runs a sweep into a ledger, and reads its runs as a frame."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import closing
from pathlib import Path
from typing import Any

import pandas as pd

from agentsim.core.disk_cache import key_of
from agentsim.core.folder_lock import locked
from agentsim.experiments.attacks.attack_plans import OnPlan
from agentsim.experiments.attacks.attacks import Attacks
from agentsim.experiments.compare import jobs_of
from agentsim.experiments.runs.estimate import refuse_absurd_sum
from agentsim.experiments.runs.ledger import DONE, Ledger
from agentsim.experiments.runs.ledger_file import UnusableLedger
from agentsim.experiments.runs.replications import Job, Replication, results_version, setting_digest
from agentsim.experiments.runs.run_jobs import Finished, Progress, run_jobs
from agentsim.experiments.runs.worker_processes import NO_LIMITS, Limits, leave_if_read_again
from agentsim.experiments.sweeps.sweep_file import DesignPoint, Sweep, load_sweep

SWEEP, CASES, PREPARED = "sweep", "cases", "prepared"  # notes of the ledger
CASE = ("point", "policy", "attacker", "seed", "key")
# what a frame of runs says besides parameters and outcomes, in front of them and behind
BEFORE = ("point", "scenario", "place")
BEHIND = (
    *("status", "persons_per_household", "wall_s", "cpu_s", "peak_mb", "host", "finished", "error"),
    *("traceback", "command", "key"),
)


def sweep(
    plan: Sweep | str | Path,
    out: str | Path,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
    on_plan: OnPlan | None = None,
    society: Callable[..., Any] | None = None,
    anyway: bool = False,
) -> pd.DataFrame:
    """Makes the runs of a sweep that are not in its ledger yet.

    Parameters
    ----------
    plan : a sweep file, or one that is loaded
    out : the ledger (SQLite), made if it is missing; runs that it has are not made again
    workers, executor, limits, progress : as of ``run_jobs``
    on_plan : called with (done, all, what) after every plan of an attacker
    society : makes the society, for tests and for other models
    anyway : begin even if memory or time will probably not do

    Returns
    -------
    pandas.DataFrame
        as :func:`read_sweep`; ``attrs`` has also failures (rows by key) and interrupted

    Raises
    ------
    InvalidScenario : the sweep file, or a scenario of its design, is wrong
    FolderInUse : another process writes into *out*
    UnusableLedger : *out* is no ledger, or is damaged
    OSError : the disk refuses a row; the runs before are kept
    """
    if workers > 1:
        leave_if_read_again()
    wanted = plan if isinstance(plan, Sweep) else load_sweep(plan)
    each = wanted.runs // max(len(wanted.points), 1)
    cases = [(point.scenario, each) for point in wanted.points]
    refuse_absurd_sum(cases, workers, anyway, here=executor is None)
    file = Path(out)
    with locked(file), Ledger(file) as ledger:
        given: dict[str, Any] = {"workers": workers, "executor": executor}
        try:
            jobs = _Preparation(wanted, ledger, society, on_plan, given).jobs()
        except KeyboardInterrupt:
            finished = Finished(interrupted=True)
        else:
            finished = run_jobs(jobs, ledger, limits=limits, progress=progress, **given)
        table = runs_of(ledger)
    table.attrs |= {"failures": finished.failures, "interrupted": finished.interrupted}
    return table


class _Preparation:
    """Finds the attack that each run meets, and notes which run belongs to which point."""

    def __init__(
        self,
        wanted: Sweep,
        ledger: Ledger,
        society: Callable[..., Any] | None,
        on_plan: OnPlan | None,
        given: dict[str, Any],
    ) -> None:
        self.wanted, self.ledger, self.society = wanted, ledger, society
        self.on_plan, self.given = on_plan, given

    def jobs(self) -> list[Job]:
        """The jobs of all points but those whose runs are all done."""
        wanted, ledger = self.wanted, self.ledger
        points = [{"scenario": one.file, "place": one.place, "values": one.values} for one in wanted.points]
        about = {"title": wanted.title, "title_ja": wanted.title_ja, "file": wanted.file, "runs": wanted.runs}
        ledger.keep_note(SWEEP, about | {"points": points, "varied": list(wanted.varied)})
        before: dict[str, list[str]] = ledger.note(PREPARED) or {}
        done = ledger.kept(key for keys in before.values() for key in keys)
        jobs: list[Job] = []
        cases: list[tuple[Any, ...]] = []
        prepared: dict[str, list[str]] = {}
        for point in wanted.points:
            digest, plan = self._digest(point), self._replications()
            keys = before.get(digest, [])
            if not keys or not done.issuperset(keys):
                made = self._jobs_of(point, plan)
                jobs += made
                keys = [job.fingerprint for job in made]
            prepared[digest] = keys
            cases += [
                (point.number, one.policy, one.attacker, one.seed, key)
                for one, key in zip(plan, keys, strict=True)
            ]
        ledger.keep_note(PREPARED, prepared)
        ledger.keep_note(CASES, dict(zip(CASE, map(list, zip(*cases, strict=True)), strict=True)))
        order = {seed: number for number, seed in enumerate(wanted.seeds)}
        return sorted(jobs, key=lambda job: order[job.replication.seed])  # soon some of every point

    def _replications(self) -> list[Replication]:
        wanted = self.wanted
        return [
            Replication(label, ids, foe, seed)
            for seed in wanted.seeds
            for foe in wanted.attackers
            for label, ids in wanted.policies.items()
        ]

    def _jobs_of(self, point: DesignPoint, plan: Sequence[Replication]) -> list[Job]:
        attacks = None
        if self.society is None:
            attacks = Attacks(
                point.scenario,
                self.wanted.policies,
                self.wanted.attackers,
                self.wanted.seeds,
                ledger=self.ledger,
                on_plan=self.on_plan,
                **self.given,
            )
        return jobs_of(point.scenario, plan, attacks, self.society)

    def _digest(self, point: DesignPoint) -> str:
        """A digest of all that determines the keys of a point's runs."""
        wanted, scenario = self.wanted, point.scenario
        every = tuple(dict.fromkeys(id for ids in wanted.policies.values() for id in ids))
        return key_of(
            setting_digest(scenario, every),
            scenario.compare.target,
            list(wanted.policies.values()),
            wanted.attackers,
            wanted.seeds,
            results_version(),
        )


# ---- reading ---------------------------------------------------------------------------------------------


def read_sweep(
    file: str | Path, *, status: str | None = DONE, outcomes: Sequence[str] | None = None
) -> pd.DataFrame:
    """The runs of a sweep as a frame, in the order of the design.

    Parameters
    ----------
    file : the ledger of a sweep, which may still be under way
    status : how the runs ended; None: however they ended
    outcomes : only these; None: all

    Returns
    -------
    pandas.DataFrame
        a row for each run: point, scenario and place; one column for each number that varies, under its key;
        policy, attacker, seed; one column for each outcome; then status, cost, and error. ``attrs`` holds
        title, title_ja, varied (the keys), units (of the outcomes) and runs (how many there will be)

    Raises
    ------
    UnusableLedger : the file is no ledger of a sweep, or is damaged
    """
    with closing(Ledger(Path(file), write=False)) as ledger:
        return runs_of(ledger, status=status, outcomes=outcomes)


def runs_of(
    ledger: Ledger, *, status: str | None = DONE, outcomes: Sequence[str] | None = None
) -> pd.DataFrame:
    """:func:`read_sweep` of an open ledger."""
    about, cases = ledger.note(SWEEP), ledger.note(CASES)
    if about is None:
        raise UnusableLedger(
            f"{ledger.file}: holds no sweep; it is made by agentsim sweep SWEEP.toml --out FILE"
        )
    index = pd.DataFrame(cases or {}, columns=list(CASE))
    runs = ledger.rows(status=status, outcomes=outcomes)
    units = runs.attrs["units"]
    values = pd.DataFrame([one["values"] for one in about["points"]], columns=about["varied"])
    values.insert(0, "scenario", [one["scenario"] for one in about["points"]])
    values.insert(1, "place", [one["place"] for one in about["points"]])
    told = runs[[*units, *BEHIND]]
    found = index.merge(told, on="key").join(values, on="point")
    table = found[[*BEFORE, *about["varied"], *CASE[1:4], *units, *BEHIND]]
    table.attrs = {name: about[name] for name in ("title", "title_ja", "varied", "runs")} | {"units": units}
    return table
