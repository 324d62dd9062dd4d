"""Records the presets that are shipped: ``make recordings``."""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from agentsim.app.gate import Limits
from agentsim.app.jobs import Desk, Ticket
from agentsim.app.presets import SEEDS, presets
from agentsim.app.recording import Request
from agentsim.app.shelf import SHIPPED, TABLES, Shelf

PATIENCE_S = 3600.0


def main(arguments: list[str] | None = None) -> int:
    """Make everything anew in a folder of its own, and put it in the place of what was there."""
    options = _parser().parse_args(arguments)
    wanted = [one for one in presets() if not (options.quick and one.attacker.endswith(":best_response"))]
    limits = Limits(jobs_per_owner=10**6, line=10**6, longest_s=PATIENCE_S)
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder), shipped=Path(folder) / "none")
        desk = Desk(options.workers, limits=limits, shelf=shelf)
        try:
            failed = _make(desk, wanted, options.seeds)
            data = {file.stem: file.read_bytes() for file in shelf.folder.glob("*.npz")}
            tables = {key: table for key, table in shelf.tables() if table["rows"]}
        finally:
            desk.close()
    if failed:
        print(f"{failed} failed; nothing was changed", file=sys.stderr)
        return 3
    _replace(data, tables)
    total = sum(map(len, data.values())) + (SHIPPED / TABLES).stat().st_size
    print(f"{len(data)} recordings, {len(tables)} tables, {total / 1e6:.2f} MB in {SHIPPED}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Record the presets of the page.")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), metavar="N")
    parser.add_argument("--seeds", type=int, default=SEEDS, metavar="N", help="replications of each preset")
    parser.add_argument("--quick", action="store_true", help="leave out attackers that plan")
    return parser


def _make(desk: Desk, wanted: list[Request], seeds: int) -> int:
    """All recordings and tables; returns how many failed."""
    tickets: list[tuple[str, Ticket]] = [("run", desk.ask(one, "press")) for one in wanted]
    if seeds > 1:
        cases = [one for one in wanted if one.policies]
        tickets += [("table", desk.replicate(one, "press", seeds)) for one in cases]
    failed = 0
    for done, (what, ticket) in enumerate(tickets, start=1):
        state = ticket.wait(PATIENCE_S)
        asked = ticket.request
        said = f"{what} {asked.scenario} {'+'.join(asked.policies) or 'none'} {asked.attacker}"
        print(f"{done} of {len(tickets)}: {said}: {state} {ticket.error}".rstrip(), flush=True)
        failed += state != "done"
    return failed


def _replace(data: dict[str, bytes], tables: dict[str, dict]) -> None:
    SHIPPED.mkdir(exist_ok=True)
    for old in SHIPPED.glob("*.npz"):
        if old.stem not in data:
            old.unlink()
    for key, content in sorted(data.items()):
        (SHIPPED / f"{key}.npz").write_bytes(content)
    (SHIPPED / TABLES).write_text(json.dumps(dict(sorted(tables.items())), separators=(",", ":")), "utf-8")


if __name__ == "__main__":
    sys.exit(main())
