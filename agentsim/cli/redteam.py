"""``agentsim redteam``: the worst attack against each policy, and what the policy is worth under it."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.text import Text

from agentsim.cli.options import changes, every, kept, named, out_folder
from agentsim.cli.screen import console, phases, progress
from agentsim.cli.status import DONE, MACHINE_FAILED, SOME_FAILED
from agentsim.core.errors import InvalidScenario, unknown
from agentsim.experiments.compare import policies_of
from agentsim.experiments.runs.estimate import refuse_absurd
from agentsim.scenario.file import Scenario, check_place, load
from agentsim.scenario.names import kinds


def redteam(options: argparse.Namespace) -> int:
    """Searches, shows what was found, and keeps it with ``--out``."""
    from agentsim.experiments.attacks.worst_attacks import attacked_by

    scenario, _, _, folder = every(
        lambda: load(options.scenario, changes(options), facing=()),
        lambda: named("--policy", lambda: policies_of(options.policy or ())),
        lambda: named("--attacker", lambda: _known(options.attacker)),
        lambda: out_folder(options.out),
    )
    check_place(scenario)
    named(options.scenario, lambda: attacked_by(scenario, options.attacker))
    if options.certify:
        return _certify(options, scenario, folder)
    cases = len(policies_of(options.policy or scenario.compare.policies))
    workers = options.workers or os.cpu_count() or 1
    refuse_absurd(scenario, cases * (options.seeds or scenario.compare.seeds), workers, options.anyway)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    red = _search(options, scenario, workers, folder)
    names = dict(zip(*_districts(scenario), strict=True))
    fault = red.about["not_kept"] or (kept(lambda: _keep(folder, red, names)) if folder else "")
    if options.json:
        from agentsim.report.red_team import red_team_data

        print(json.dumps(red_team_data(red, names), ensure_ascii=False, allow_nan=False))
    else:
        _show(red)
    if fault:
        print(fault, file=sys.stderr)
        return MACHINE_FAILED
    return SOME_FAILED if red.about["failures"] or red.about["unplanned"] else DONE


def _known(kind: str) -> None:
    if kind and kind not in kinds():
        raise InvalidScenario([unknown(kind, [one for one in kinds() if one != "none"], "attacker")])


def _districts(scenario: Scenario) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the districts in English and in Japanese."""
    districts = scenario.build_place().districts
    return districts.name, districts.name_ja


def _search(options: argparse.Namespace, scenario: Scenario, workers: int, folder: Path | None) -> Any:
    from agentsim.experiments.attacks.red_team import redteam as search

    with phases() as advance:
        return search(
            scenario,
            options.policy,
            attacker=options.attacker,
            budget=options.budget,
            rollouts=options.rollouts,
            seeds=options.seeds,
            workers=workers,
            folder=folder,
            progress=advance,
        )


def _show(red: Any) -> None:
    from agentsim.report.red_team import failed_blocks, red_team_blocks

    out = console()
    for block in [*red_team_blocks(red), *failed_blocks(red.about)]:
        out.print(block, soft_wrap=isinstance(block, Text))
    out.print(f"{red.about['wall_s']:.0f} s", style="dim")


def _keep(folder: Path, red: Any, names: dict[str, str]) -> None:
    from agentsim.report import archive
    from agentsim.report.red_team import red_team_data
    from agentsim.report.red_team_figure import matrix_figure

    content = {key: value for key, value in red_team_data(red, names).items() if key != "wall_s"}
    archive.write_json(folder / "redteam.json", content)  # the same bytes for the same search
    archive.write_table(folder / "transfer_matrix.csv", red.matrix.reset_index())
    archive.write_table(folder / "redteam.csv", red.worth.drop(columns="plan"))
    archive.write_figure(folder, "transfer_matrix", matrix_figure(red.matrix, red.about["scenario"]))


# ---- the small case ---------------------------------------------------------------------------------


def _certify(options: argparse.Namespace, scenario: Scenario, folder: Path | None) -> int:
    """Tries every plan of the small case against each policy, and says what the search misses."""
    from agentsim.experiments.attacks.planning_gap import planning_gap, small_case
    from agentsim.report import archive
    from agentsim.report.red_team import gap_data, gap_lines

    small = small_case(scenario)
    labels = policies_of(options.policy or ())
    tables = {}
    with progress("policies", len(labels)) as advance:
        for done, (label, ids) in enumerate(labels.items(), start=1):
            tables[label] = planning_gap(small, ids, attacker=options.attacker)
            advance(done, label)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        for label, table in tables.items():
            archive.write_table(folder / f"all_plans_{label}.csv", table)
    if options.json:
        print(json.dumps(gap_data(tables), ensure_ascii=False, allow_nan=False))
    else:
        for line in gap_lines(tables):
            console().print(line)
    return DONE
