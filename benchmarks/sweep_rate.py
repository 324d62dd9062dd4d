"""Many runs on all cores: runs a minute, and what is lost against one process."""

import argparse
import json
import os
from pathlib import Path
from time import perf_counter

from agentsim import load
from agentsim.experiments.executors import run_all
from agentsim.experiments.replications import Job, Replication, replicate

SCENARIO = Path(__file__).parent.parent / "scenarios" / "ordinary_fortnight.toml"


def jobs(runs: int) -> list[Job]:
    """Fortnights of 3,000 households, one for each seed."""
    scenario = load(SCENARIO)
    return [Job(scenario, Replication("none", (), "none", seed), str(seed)) for seed in range(1, runs + 1)]


def elapsed_s(runs: list[Job], workers: int) -> float:
    """Time until the last result is there, processes started and ended included."""
    begin = perf_counter()
    rows = [row for _, row, _ in run_all(replicate, runs, workers)]
    elapsed = perf_counter() - begin
    failed = [row for row in rows if row is None or "error" in row]
    assert not failed, f"{len(failed)} runs failed: {failed[0]}"
    return elapsed


def measure(runs: int = 32, workers: int | None = None) -> dict[str, float]:
    """The entry ``sweep``: efficiency = time in one process / (workers x time on workers)."""
    workers = workers or os.cpu_count() or 1
    todo = jobs(runs)
    elapsed_s(todo[:1], 1)  # compiles
    alone_s, together_s = elapsed_s(todo, 1), elapsed_s(todo, workers)
    return {
        "runs_per_minute": 60.0 * runs / together_s,
        "parallel_efficiency": alone_s / (workers * together_s),
        "runs": runs,
        "hours_a_run": todo[0].scenario.hours,
        "workers": workers,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=32)
    parser.add_argument("--workers", type=int)
    print(json.dumps(measure(**vars(parser.parse_args()))))
