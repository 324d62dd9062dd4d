"""``agentsim compare``: what each policy changes, under each attacker."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from agentsim.cli.options import changes, every, kept, named, out_folder
from agentsim.cli.screen import FAILED, console, progress
from agentsim.cli.status import DONE, INTERRUPTED, MACHINE_FAILED, SOME_FAILED
from agentsim.core.folder_lock import locked
from agentsim.experiments.compare import as_json, attackers_of, policies_of
from agentsim.experiments.compare import compare as compare_all
from agentsim.experiments.comparison_table import BREAK_EVEN, COST_PER_AVOIDED_HOUR
from agentsim.experiments.policy_choice import as_json as choice_as_json
from agentsim.experiments.policy_choice import choice, judged_by
from agentsim.experiments.runs.estimate import refuse_absurd
from agentsim.experiments.runs.ledger import old_files
from agentsim.report import archive
from agentsim.report.choice_table import choice_blocks
from agentsim.report.labels import against, policy_name, with_name
from agentsim.scenario.file import Scenario, check_place, load

if TYPE_CHECKING:
    import pandas as pd

RATIO_TITLES = {
    COST_PER_AVOIDED_HOUR: "Cost of an avoided hour of deprivation",
    BREAK_EVEN: "Attacks a year at which the measures pay for themselves",
}


def compare(options: argparse.Namespace) -> int:
    """Policies x attackers x seeds in each scenario: shows what policies change, keeps it with ``--out``."""
    loads = [lambda file=file: _scenario(file, options) for file in options.scenario]
    *scenarios, _, _, folder = every(
        *loads,
        lambda: named("--policy", lambda: policies_of(options.policy or ())),
        lambda: named("--attacker", lambda: attackers_of(options.attacker or ())),
        lambda: out_folder(options.out),
    )
    names = names_of(options.scenario)
    for scenario in scenarios:
        check_place(scenario)
        cases = _cases(scenario, options)
        refuse_absurd(scenario, cases, min(options.workers or os.cpu_count() or 1, cases), options.anyway)
    tables, faults = {}, []
    for name, scenario in zip(names, scenarios, strict=True):
        own = folder / name if folder and len(names) > 1 else folder
        tables[name], fault = _compared(scenario, options, own)
        faults += [fault] if fault else []
        if tables[name].attrs["interrupted"]:
            break
    _show(tables, options, folder)
    if faults:
        print(faults[0], file=sys.stderr)
        return MACHINE_FAILED
    if any(table.attrs["interrupted"] for table in tables.values()):
        return INTERRUPTED
    return SOME_FAILED if any(table.attrs["failures"] for table in tables.values()) else DONE


def names_of(files: Sequence[str]) -> list[str]:
    """A short name for each scenario file: that of the file, or with a number where several have the same.

    >>> names_of(["a/town.toml", "b/town.toml", "c.toml"])
    ['town', 'town-2', 'c']
    """
    names: list[str] = []
    for file in files:
        stem, number = Path(file).stem, 1
        while (name := stem if number == 1 else f"{stem}-{number}") in names:
            number += 1
        names.append(name)
    return names


def _scenario(file: str, options: argparse.Namespace) -> Scenario:
    scenario = load(file, changes(options), facing=options.attacker)
    named("--judge", lambda: judged_by(scenario, options.judge or ""))
    return scenario


def _cases(scenario: Scenario, options: argparse.Namespace) -> int:
    """The number of runs."""
    policies = len(policies_of(options.policy or scenario.compare.policies))
    attackers = len(options.attacker or scenario.compare.attackers)
    return policies * attackers * (options.seeds or scenario.compare.seeds)


def _compared(
    scenario: Scenario, options: argparse.Namespace, folder: Path | None
) -> tuple["pd.DataFrame", str]:
    """The comparison in one scenario, and why it could not be kept in the folder, if so."""
    cases, mind = _cases(scenario, options), scenario.attacker.mind
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
            workers=min(options.workers or os.cpu_count() or 1, cases),
            folder=folder,
            progress=lambda done, _, row: advance(done, _said_of(row, mind)),
            on_plan=lambda done, plans, what: advance(0, f"attack plan {done} of {plans} made: {what}"),
            anyway=options.anyway,
            judge=options.judge or "",
        )
        return table, table.attrs["not_kept"] or (kept(lambda: _keep(folder, table)) if folder else "")


def _show(tables: Mapping[str, "pd.DataFrame"], options: argparse.Namespace, folder: Path | None) -> None:
    """Prints what was compared, as tables or as JSON; of several scenarios also which policy to choose."""
    several = len(tables) > 1
    if several:
        over_all = choice(tables)
        if folder:
            archive.write_json(folder / "choice.json", choice_as_json(over_all))
    if options.json:
        content: Any = [as_json(table) for table in tables.values()]
        content = {"scenarios": content, "choice": choice_as_json(over_all)} if several else content[0]
        print(json.dumps(content, ensure_ascii=False, allow_nan=False))
        return
    out = console()
    for table in tables.values():
        show_comparison(table, out, full=options.full, with_choice=bool(options.judge) and not several)
    if several:
        for block in choice_blocks(over_all):
            out.print(block)


def _said_of(row: dict[str, Any], mind: str) -> str:
    """One finished run in a line."""
    failed = f" {FAILED} {row['error']}" if "error" in row else ""
    case = f"{with_name(row['policy'])}, {against(row['attacker'], mind)}, seed {row['seed']}"
    return f"{case} ({row['wall_s']:.1f} s){failed}"


def show_comparison(table: Any, out: Console, full: bool = False, with_choice: bool = False) -> None:
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
    if full or with_choice:
        for block in choice_blocks(choice(table)):
            out.print(block)
    if not full:
        out.print("\n--full shows every outcome with its interval.")
        out.print("--judge OUTCOME shows which policy has the least regret.")
    out.print(f"{table.attrs['wall_s']:.0f} s", style="dim")


def _keep(folder: Path, table: Any) -> None:
    from agentsim.report.figures import comparison_figure

    content = {key: value for key, value in as_json(table).items() if key != "wall_s"}
    archive.write_json(folder / "compare.json", content)  # the same bytes for the same comparison
    archive.write_table(folder / "compare.csv", table)
    if table["difference"].notna().any():
        archive.write_figure(folder, "compare", comparison_figure(table))
