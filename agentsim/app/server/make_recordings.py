"""Records the presets that are shipped: ``make recordings``. Stopped, it goes on where it was."""

import argparse
import json
import os
import sys
import time
from pathlib import Path

from agentsim.app.replay.presets import SEEDS, presets
from agentsim.app.replay.recording import Request
from agentsim.app.replay.recordings import SHIPPED, TABLES, Shelf
from agentsim.app.server.job_queue import ENDED, Desk, Ticket
from agentsim.app.server.request_checks import Limits

PATIENCE_S = 3600.0
PRESS = Path("out")  # what is finished waits here, apart for each version of the code
LOOK_S = 0.2


def main(arguments: list[str] | None = None) -> int:
    """Make what is missing in a folder of its own, and put all of it in the place of what was shipped."""
    options = _parser().parse_args(arguments)
    wanted = [one for one in presets() if not (options.quick and one.attacker.endswith(":best_response"))]
    limits = Limits(jobs_per_owner=10**6, line=10**6, longest_s=PATIENCE_S)
    shelf = Shelf(options.press, shipped=options.press / "none")
    desk = Desk(options.workers, limits=limits, shelf=shelf)
    try:
        failed, runs, tables = _make(desk, wanted, options.seeds)
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130
    finally:
        desk.close()
    if failed:
        print(f"{failed} failed; nothing was changed", file=sys.stderr)
        return 3
    _replace({key: (shelf.folder / f"{key}.npz").read_bytes() for key in runs}, tables)
    total = sum(file.stat().st_size for file in SHIPPED.iterdir())
    print(f"{len(runs)} recordings, {len(tables)} tables, {total / 1e6:.2f} MB in {SHIPPED}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Record the presets of the page.")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), metavar="N")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="replications of each preset")
    parser.add_argument(
        "--press", type=Path, default=PRESS, metavar="DIR", help="what is finished waits here"
    )
    parser.add_argument("--quick", action="store_true", help="leave out attackers that plan")
    return parser


def _make(desk: Desk, wanted: list[Request], seeds: int) -> tuple[int, list[str], dict[str, dict]]:
    """All recordings and tables: how many failed, the keys of the runs, the tables by key.

    Tables come after the runs of the same case, whose plan they take up; what plans is begun first.
    """
    slow_first = sorted(wanted, key=lambda one: not one.attacker.endswith(":best_response"))
    runs = [("run", desk.ask(one, "press")) for one in slow_first]
    cases = [one for one in slow_first if one.policies] if seeds > 1 else []
    begun, all_of_them = time.monotonic(), len(runs) + len(cases)
    failed = _follow(runs, 0, all_of_them, begun)
    tables = [("table", desk.replicate(one, "press", seeds)) for one in cases]
    failed += _follow(tables, len(runs), all_of_them, begun)
    found = {ticket.key: ticket.table() for _, ticket in tables if ticket.state == "done"}
    return failed, [ticket.key for _, ticket in runs if ticket.state == "done"], found


def _follow(tickets: list[tuple[str, Ticket]], before: int, of: int, begun: float) -> int:
    """Tell of each as it ends; returns how many failed."""
    under_way, done, failed = list(tickets), before, 0
    while under_way:
        for what, ticket in [one for one in under_way if one[1].state in ENDED]:
            under_way.remove((what, ticket))
            asked, done, spent = ticket.request, done + 1, time.monotonic() - begun
            case = f"{asked.scenario} {'+'.join(asked.policies) or 'none'} {asked.attacker}"
            said = f"{spent:5.0f} s  {done} of {of}: {what} {case}: {ticket.state} {ticket.error}"
            print(said.rstrip(), flush=True)
            failed += ticket.state != "done"
        time.sleep(LOOK_S)
    return failed


def _replace(data: dict[str, bytes], tables: dict[str, dict]) -> None:
    """What is shipped becomes this and nothing else."""
    SHIPPED.mkdir(exist_ok=True)
    for old in SHIPPED.glob("*.npz"):
        if old.stem not in data:
            old.unlink()
    for key, content in sorted(data.items()):
        (SHIPPED / f"{key}.npz").write_bytes(content)
    (SHIPPED / TABLES).write_text(json.dumps(dict(sorted(tables.items())), separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
