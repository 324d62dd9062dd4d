"""``agentsim portfolio``: the best set of measures for a budget, against the worst of several futures."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from rich.text import Text

from agentsim.cli.cluster import cluster_of
from agentsim.cli.options import changes, every, kept, named, out_folder
from agentsim.cli.screen import console, phases
from agentsim.cli.status import DONE, MACHINE_FAILED, SOME_FAILED
from agentsim.experiments.runs.estimate import refuse_absurd
from agentsim.scenario.file import check_place, load


def portfolio(options: argparse.Namespace) -> int:
    """Searches, shows what was found, and keeps it with ``--out``."""
    from agentsim.experiments.portfolio.measure_sets import first_sets
    from agentsim.experiments.portfolio.portfolio import checked_measures
    from agentsim.experiments.portfolio.race import FIRST_SEEDS
    from agentsim.policies import PACKAGES

    *scenarios, measures, folder = every(
        *(lambda file=file: load(file, changes(options), facing=[""]) for file in options.scenario),
        lambda: named("--measure", lambda: checked_measures(options.measure)),
        lambda: out_folder(options.out),
    )
    every(*(lambda scenario=scenario: check_place(scenario) for scenario in scenarios))
    workers = options.workers or os.cpu_count() or 1
    least = len(first_sets(measures, PACKAGES)) * FIRST_SEEDS
    for scenario in scenarios:
        refuse_absurd(scenario, least * len(scenarios), workers, options.anyway)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
    found = _search(options, scenarios, workers, folder)
    fault = found.about["not_kept"] or (kept(lambda: _keep(folder, found)) if folder else "")
    if options.json:
        from agentsim.report.portfolio import portfolio_data

        print(json.dumps(portfolio_data(found), ensure_ascii=False, allow_nan=False))
    else:
        _show(found)
    if fault:
        print(fault, file=sys.stderr)
        return MACHINE_FAILED
    return SOME_FAILED if found.about["failures"] else DONE


def _search(options: argparse.Namespace, scenarios: list[Any], workers: int, folder: Path | None) -> Any:
    from agentsim.experiments.portfolio.portfolio import portfolio as search

    with cluster_of(options.dask) as cluster, phases() as advance:
        return search(
            scenarios,
            options.budget,
            measures=options.measure,
            seeds=options.seeds,
            generations=options.generations,
            finalists=options.finalists,
            workers=cluster.workers if cluster else workers,
            executor=cluster.executor if cluster else None,
            folder=folder,
            progress=advance,
        )


def _show(found: Any) -> None:
    from agentsim.report.portfolio import portfolio_blocks

    out = console()
    for block in portfolio_blocks(found):
        out.print(block, soft_wrap=isinstance(block, Text))
    out.print(f"{found.about['wall_s']:.0f} s", style="dim")


def _keep(folder: Path, found: Any) -> None:
    from agentsim.report import archive
    from agentsim.report.portfolio import portfolio_data
    from agentsim.report.portfolio_figure import front_figure

    content = {key: value for key, value in portfolio_data(found).items() if key != "wall_s"}
    archive.write_json(folder / "portfolio.json", content)  # the same bytes for the same search
    for name in ("front", "futures", "packages", "tried"):
        archive.write_table(folder / f"{name}.csv", getattr(found, name))
    title = f"{' / '.join(found.about['scenarios'])}: cost and harm of the best sets of measures"
    archive.write_figure(folder, "front", front_figure(found.front, title, found.best))
