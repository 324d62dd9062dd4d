"""``agentsim check``: reads scenario and sweep files and says what is wrong in them; runs nothing."""

import argparse
from pathlib import Path

from agentsim.cli.options import every
from agentsim.cli.status import DONE
from agentsim.experiments.sweeps.sweep_file import Sweep, is_sweep, load_sweep
from agentsim.scenario.file import Scenario, check_place, load, read_file


def check(options: argparse.Namespace) -> int:
    """Checks files and says what is wrong with each; ``--show`` prints them with their defaults."""
    every(*(lambda file=file: _check(file, options.show) for file in options.files))
    return DONE


def _check(file: str, whole: bool) -> None:
    given, _ = read_file(Path(file))
    if is_sweep(given):
        _show_sweep(file, load_sweep(file), whole)
    else:
        _show(file, _checked(file), whole)


def _show_sweep(file: str, found: Sweep, whole: bool) -> None:
    counted = (
        f"{len(found.points):,} points x {len(found.policies)} policies x {len(found.attackers)} attackers x "
        f"{len(found.seeds):,} seeds = {found.runs:,} runs"
    )
    print(f"{file}: nothing wrong; {counted}")
    for point in found.points if whole else ():
        print(f"{point.number}: {point.file}, {point.place}, {point.values}")


def _checked(file: str) -> Scenario:
    scenario = load(file)
    check_place(scenario)
    return scenario


def _show(file: str, scenario: Scenario, whole: bool) -> None:
    print(scenario.text() if whole else f"{file}: nothing wrong\n", end="")
