"""``agentsim claims``: judges what the policy paper claims of its measures."""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentsim.cli.options import every, kept, named, out_folder
from agentsim.cli.screen import FAILED, console, progress
from agentsim.cli.status import DONE, INTERRUPTED, MACHINE_FAILED, SOME_FAILED
from agentsim.core.folder_lock import locked
from agentsim.experiments.claims.claim_questions import grouped, questions
from agentsim.experiments.claims.claims import claims as judge_claims
from agentsim.experiments.claims.claims import seed_sets
from agentsim.experiments.claims.claims_table import as_json
from agentsim.policies.claims import SEEDS
from agentsim.report import archive
from agentsim.report.claims_listing import claims_blocks
from agentsim.report.claims_report import write_reports
from agentsim.report.claims_why import read_why
from agentsim.report.labels import against

if TYPE_CHECKING:
    import pandas as pd

FEW = 4  # measures of a run that are told by their ids in a line of progress


def claims(options: argparse.Namespace) -> int:
    """Judges the claims, prints the verdicts, keeps runs and reports with ``--out``."""
    number, first = options.seeds or SEEDS, options.first_seed
    seeds: Any = number if first is None else range(first, first + number)
    asked, _, why, folder = every(
        lambda: questions(options.scenarios, options.claim or (), options.partly),
        lambda: named("--seeds", lambda: seed_sets(seeds, options.confirm)),
        lambda: named("--why", lambda: read_why(Path(options.why)) if options.why else {}),
        lambda: out_folder(options.out),
    )
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    packages = sum(1 + len({one.label for one in group}) for group in grouped(asked))
    cases = number * (1 + options.confirm) * packages
    with locked(folder), progress("runs", cases) as advance:
        table = judge_claims(
            options.scenarios,
            options.claim or (),
            seeds,
            partly=options.partly,
            confirm=options.confirm,
            workers=options.workers or os.cpu_count() or 1,
            folder=folder,
            progress=lambda done, _, row: advance(done, _said_of(row)),
            on_plan=lambda done, plans, what: advance(0, f"attack plan {done} of {plans} made: {what}"),
            anyway=options.anyway,
            design=_design(options.design),
            on_design=lambda done, runs, _: (
                advance(0, f"what flips it: run {done} of {runs}") if done % max(1, runs // 20) == 0 else None
            ),
        )
        fault = table.attrs["not_kept"] or (kept(lambda: _keep(folder, table, why)) if folder else "")
    if options.json:
        print(json.dumps(as_json(table), ensure_ascii=False, allow_nan=False))
    else:
        out = console()
        for block in claims_blocks(table, out.width):
            out.print(block)
    if fault:
        print(fault, file=sys.stderr)
        return MACHINE_FAILED
    if table.attrs["interrupted"]:
        return INTERRUPTED
    return SOME_FAILED if table.attrs["failures"] else DONE


def _design(text: str | None) -> int | Path | None:
    """A number of trajectories, or a file of settings."""
    if text is None:
        return None
    return int(text) if text.isdecimal() else Path(text)


def _said_of(row: Mapping[str, Any]) -> str:
    """One finished run in a line."""
    failed = f" {FAILED} {row['error']}" if row.get("error") else ""
    ids = row["policy"].split("+")
    measures = row["policy"] if len(ids) <= FEW else f"{len(ids)} measures"
    return f"{measures}, {against(row['attacker'])}, seed {row['seed']}{failed}"


def _keep(folder: Path, table: "pd.DataFrame", why: Mapping[str, Mapping[str, str]]) -> None:
    content = {key: value for key, value in as_json(table).items() if key != "wall_s"}
    archive.write_json(folder / "claims.json", content)  # the same bytes for the same verdicts
    archive.write_table(folder / "claims.csv", table.drop(columns="flips_when"))
    write_reports(folder, table, why)
