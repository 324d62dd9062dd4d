"""Runs jobs that are not in the ledger yet: what compare, sweep and every other experiment call."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from agentsim.experiments.runs.executors import run_all
from agentsim.experiments.runs.ledger import DONE, Ledger
from agentsim.experiments.runs.replications import Job, lost_row, replicate
from agentsim.experiments.runs.worker_processes import NO_LIMITS, Limits

Progress = Callable[[int, int, dict[str, Any]], None]  # done, all, the row


@dataclass
class Finished:
    """How :func:`run_jobs` ended: rows of failures by key, and whether Ctrl-C came before the end."""

    failures: dict[str, dict[str, Any]] = field(default_factory=dict)
    interrupted: bool = False


def run_jobs(
    jobs: Sequence[Job],
    ledger: Ledger,
    *,
    workers: int = 1,
    executor: Executor | None = None,
    limits: Limits = NO_LIMITS,
    progress: Progress | None = None,
) -> Finished:
    """Runs each job that is not done yet, and keeps its row in the ledger as soon as it ends.

    A job whose earlier run failed is run again. Jobs with the same key are run once.

    Parameters
    ----------
    jobs : made by ``replications.job_of``
    ledger : where rows are kept and looked up; ``Ledger()`` is one in memory
    workers : 1 runs here, one after the other, unless there are limits; more run in that many processes
    executor : any executor of ``concurrent.futures`` in place of the processes, such as that of a Dask client
    limits : on time and memory of each run, in worker processes
    progress : called with (done, all, row) after every run

    Raises
    ------
    OSError : the ledger refuses a row, unless it goes on in memory
    """
    by_key = {job.fingerprint: job for job in jobs}
    kept = ledger.kept(by_key)
    todo = [job for key, job in by_key.items() if key not in kept]
    finished, done = Finished(), len(kept)
    try:
        with closing(run_all(replicate, todo, workers, executor, limits)) as results:
            for index, row, trouble in results:
                row = lost_row(todo[index], trouble) if trouble else row
                ledger.keep(row)
                done += 1
                if row["status"] != DONE:
                    finished.failures[row["key"]] = {**row, "traceback": ""}
                if progress:
                    progress(done, len(by_key), row)
    except KeyboardInterrupt:
        finished.interrupted = True
    return finished
