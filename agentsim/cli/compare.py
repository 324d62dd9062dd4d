"""``agentsim compare``: what each policy changes, under each attacker."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from agentsim.cli.options import changes, every, kept, named, out_folder
from agentsim.cli.screen import FAILED, console, progress
from agentsim.cli.status import DONE, INTERRUPTED, MACHINE_FAILED, SOME_FAILED
from agentsim.core.folder_lock import locked
from agentsim.experiments.compare import as_json, attackers_of, policies_of
from agentsim.experiments.compare import compare as compare_all
from agentsim.experiments.comparison_table import BREAK_EVEN, COST_PER_AVOIDED_HOUR
from agentsim.experiments.estimate import refuse_absurd
from agentsim.experiments.ledger import old_files
from agentsim.report.labels import against, policy_name, with_name
from agentsim.scenario.file import check_place, load

RATIO_TITLES = {
    COST_PER_AVOIDED_HOUR: "Cost of an avoided hour of deprivation",
    BREAK_EVEN: "Attacks a year at which the measures pay for themselves",
}


def compare(options: argparse.Namespace) -> int:
    """Policies x attackers x seeds: shows what each policy changes, keeps it with ``--out``."""
    scenario, _, _, folder = every(
        lambda: load(options.scenario, changes(options), facing=options.attacker),
        lambda: named("--policy", lambda: policies_of(options.policy or ())),
        lambda: named("--attacker", lambda: attackers_of(options.attacker or ())),
        lambda: out_folder(options.out),
    )
    check_place(scenario)
    cases = len(policies_of(options.policy or scenario.compare.policies))
    cases *= len(options.attacker or scenario.compare.attackers) * (options.seeds or scenario.compare.seeds)
    mind, workers = scenario.attacker.mind, min(options.workers or os.cpu_count() or 1, cases)
    refuse_absurd(scenario, cases, workers, options.anyway)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for said in old_files(folder):
            print(said, file=sys.stderr)
    with locked(folder), progress("runs", cases) as advance:
        table = compare_all(
            scenario,
            policies=options.policy,
            attackers=options.attacker,
            seeds=options.seeds,
            workers=workers,
            folder=folder,
            progress=lambda done, _, row: advance(done, _said_of(row, mind)),
            on_plan=lambda done, plans, what: advance(0, f"attack plan {done} of {plans} made: {what}"),
            anyway=options.anyway,
        )
        fault = table.attrs["not_kept"] or (kept(lambda: _keep(folder, table)) if folder else "")
    if options.json:
        print(json.dumps(as_json(table), ensure_ascii=False, allow_nan=False))
    else:
        show_comparison(table, console(), full=options.full)
    if fault:
        print(fault, file=sys.stderr)
        return MACHINE_FAILED
    if table.attrs["interrupted"]:
        return INTERRUPTED
    return SOME_FAILED if table.attrs["failures"] else DONE


def _said_of(row: dict[str, Any], mind: str) -> str:
    """One finished run in a line."""
    failed = f" {FAILED} {row['error']}" if "error" in row else ""
    case = f"{with_name(row['policy'])}, {against(row['attacker'], mind)}, seed {row['seed']}"
    return f"{case} ({row['wall_s']:.1f} s){failed}"


def show_comparison(table: Any, out: Console, full: bool = False) -> None:
    """Prints a comparison: a table for each attacker, failures, and what follows in a few sentences."""
    from agentsim.outcomes import OUTCOMES
    from agentsim.report.conclusions import conclusions
    from agentsim.report.plan_notes import plan_notes
    from agentsim.report.summary import summary
    from agentsim.report.tables import comparison_blocks, failures_table

    if table.attrs["interrupted"]:
        out.print("[red]stopped by Ctrl-C[/]; this is what was finished")
    names = {label: policy_name(label) for label in dict.fromkeys(table["policy"]) if label != "none"}
    better = {name: outcome.better for name, outcome in OUTCOMES.items()}
    titles = {name: outcome.title for name, outcome in OUTCOMES.items()} | RATIO_TITLES
    out.print(f"[bold]{escape(table.attrs['scenario'])}[/]")
    if full:
        for block in comparison_blocks(table, better, names, titles):
            out.print(block)
    else:
        out.print()
        for line in summary(table, names, better, out.width):
            out.print(line, soft_wrap=True)
    if table.attrs["failures"]:
        out.print()
        out.print(failures_table(table.attrs["failures"]))
    out.print()
    for sentence in [*conclusions(table, names), *plan_notes(table)]:
        out.print(sentence, markup=False)
    if not full:
        out.print("\n--full shows every outcome with its interval.")
    out.print(f"{table.attrs['wall_s']:.0f} s", style="dim")


def _keep(folder: Path, table: Any) -> None:
    from agentsim.report import archive
    from agentsim.report.figures import comparison_figure

    content = {key: value for key, value in as_json(table).items() if key != "wall_s"}
    archive.write_json(folder / "compare.json", content)  # the same bytes for the same comparison
    archive.write_table(folder / "compare.csv", table)
    if table["difference"].notna().any():
        archive.write_figure(folder, "compare", comparison_figure(table))
