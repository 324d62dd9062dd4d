"""Many runs on all cores: runs a minute, and what the sweep loses against bare processes on the same runs."""

import argparse
import json
import os
import tempfile
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter

import agentsim
from agentsim import load
from agentsim.experiments.runs.ledger import Ledger
from agentsim.experiments.runs.replications import Job, Replication, job_of
from agentsim.experiments.runs.run_jobs import run_jobs
from agentsim.experiments.runs.worker_processes import ONE_THREAD, Limits

SCENARIO = Path(__file__).parent.parent / "scenarios" / "ordinary_fortnight.toml"
ROUNDS = 3  # of both in turn, so that both see the same minutes of the machine


def jobs(runs: int) -> list[Job]:
    """Fortnights of 3,000 households, one for each seed."""
    scenario = load(SCENARIO)
    return [job_of(scenario, Replication("none", (), "none", seed)) for seed in range(1, runs + 1)]


def bare(todo: list[Job]) -> None:
    """The runs one after the other, with nothing around them."""
    for job in todo:
        agentsim.Society(job.scenario, policies=(), attacker="none", seed=job.replication.seed).run()


def bare_s(todo: list[Job], workers: int) -> float:
    """Time of bare processes that share the runs, each started afresh."""
    context, begin = get_context("spawn"), perf_counter()
    processes = [context.Process(target=bare, args=(todo[number::workers],)) for number in range(workers)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert all(process.exitcode == 0 for process in processes), "a bare process failed"
    return perf_counter() - begin


def sweep_s(todo: list[Job], workers: int) -> float:
    """Time of the same runs as jobs with limits, each a row of a ledger on disk; processes included."""
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "runs.sqlite") as ledger:
        begin = perf_counter()
        finished = run_jobs(todo, ledger, workers=workers, limits=Limits(seconds=3600.0, mb=4000.0))
        elapsed = perf_counter() - begin
    assert not finished.failures, f"{len(finished.failures)} runs failed"
    return elapsed


def measure(runs: int = 64, workers: int | None = None) -> dict[str, float]:
    """The entry ``sweep``: efficiency = time of bare processes / time as a sweep, on the same runs.

    Both are made ``ROUNDS`` times in turn, and their times are added.
    """
    workers = workers or os.cpu_count() or 1
    os.environ.update(ONE_THREAD)
    todo = jobs(runs)
    bare(todo[:1])  # compiles
    times = [(bare_s(todo, workers), sweep_s(todo, workers)) for _ in range(ROUNDS)]
    theirs_s, ours_s = (sum(column) for column in zip(*times, strict=True))
    return {
        "runs_per_minute": 60.0 * runs * ROUNDS / ours_s,
        "parallel_efficiency": theirs_s / ours_s,
        "runs": runs,
        "hours_a_run": todo[0].scenario.hours,
        "workers": workers,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=64)
    parser.add_argument("--workers", type=int)
    print(json.dumps(measure(**vars(parser.parse_args()))))
