"""Records the presets that are shipped (``make recordings``). Stopped and started again, it continues."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from agentsim.app.replay.presets import SEEDS, presets
from agentsim.app.replay.recording import Request
from agentsim.app.replay.recording_store import SHIPPED, TABLES, RecordingStore
from agentsim.app.server.job_queue import JobQueue
from agentsim.app.server.open_pages import OPEN_PAGES
from agentsim.app.server.request_checks import Limits
from agentsim.app.server.requested_run import ENDED, RequestedRun

LONGEST_RUN_S = 3600.0
FOLDER = Path("out")  # of finished recordings, until all are done; apart for each version of the code
POLL_S = 0.2
OWNER = OPEN_PAGES.page("make recordings")


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing in a folder, then replace the shipped recordings by all of it."""
    options = _parser().parse_args(arguments)
    wanted = [one for one in presets() if not (options.quick and one.attacker.endswith(":best_response"))]
    limits = Limits(jobs_per_owner=10**6, line=10**6, line_per_address=10**6, longest_s=LONGEST_RUN_S)
    store = RecordingStore(options.folder, shipped=options.folder / "none")
    queue = JobQueue(options.workers + 1, limits=limits, store=store)
    try:
        failed, runs, tables = _make(queue, wanted, options.seeds)
    except KeyboardInterrupt:
        print("stopped; the same command continues from here", file=sys.stderr)
        return 130
    finally:
        queue.close()
    if failed:
        print(f"{failed} failed; nothing was changed", file=sys.stderr)
        return 3
    _replace({key: (store.folder / f"{key}.npz").read_bytes() for key in runs}, tables)
    total = sum(file.stat().st_size for file in SHIPPED.iterdir())
    print(f"{len(runs)} recordings, {len(tables)} tables, {total / 1e6:.2f} MB in {SHIPPED}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Record the presets of the page.")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), metavar="N")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="replications of each preset")
    parser.add_argument(
        "--folder", type=Path, default=FOLDER, metavar="DIR", help="where finished recordings wait"
    )
    parser.add_argument("--quick", action="store_true", help="leave out attackers that plan")
    return parser


def _make(queue: JobQueue, wanted: list[Request], seeds: int) -> tuple[int, list[str], dict[str, dict]]:
    """Make all recordings and tables: how many failed, the keys of the runs, the tables by key.

    Tables come after the runs of the same case, because they use the same plan. Slow runs come first.
    """
    slow_first = sorted(wanted, key=lambda one: not one.attacker.endswith(":best_response"))
    runs = [("run", queue.submit(one, OWNER)) for one in slow_first]
    cases = [one for one in slow_first if one.policies] if seeds > 1 else []
    begun, total = time.monotonic(), len(runs) + len(cases)
    failed = _wait(runs, 0, total, begun)
    tables = [("table", queue.submit_replications(one, OWNER, seeds)) for one in cases]
    failed += _wait(tables, len(runs), total, begun)
    found = {run.key: run.table() for _, run in tables if run.state == "done"}
    return failed, [run.key for _, run in runs if run.state == "done"], found


def _wait(runs: list[tuple[str, RequestedRun]], before: int, total: int, begun: float) -> int:
    """Print a line for each run as it ends; returns how many failed."""
    unfinished, done, failed = list(runs), before, 0
    while unfinished:
        for what, run in [one for one in unfinished if one[1].state in ENDED]:
            unfinished.remove((what, run))
            done, spent_s = done + 1, time.monotonic() - begun
            case = f"{run.request.scenario} {'+'.join(run.request.policies) or 'none'} {run.request.attacker}"
            line = f"{spent_s:5.0f} s  {done} of {total}: {what} {case}: {run.state} {run.error.en}"
            print(line.rstrip(), flush=True)
            failed += run.state != "done"
        time.sleep(POLL_S)
    return failed


def _replace(data: dict[str, bytes], tables: dict[str, dict]) -> None:
    """Make these the shipped recordings, and remove all others."""
    SHIPPED.mkdir(exist_ok=True)
    for old in SHIPPED.glob("*.npz"):
        if old.stem not in data:
            old.unlink()
    for key, content in sorted(data.items()):
        (SHIPPED / f"{key}.npz").write_bytes(content)
    (SHIPPED / TABLES).write_text(json.dumps(dict(sorted(tables.items())), separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
