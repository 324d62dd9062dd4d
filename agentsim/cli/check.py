"""``agentsim check``: reads scenario files and says what is wrong in them; runs nothing."""

import argparse

from agentsim.cli.options import every
from agentsim.cli.status import DONE
from agentsim.scenario.file import Scenario, check_place, load


def check(options: argparse.Namespace) -> int:
    """Checks files and says what is wrong with each; ``--show`` prints them with their defaults."""
    every(*(lambda file=file: _show(file, _checked(file), options.show) for file in options.files))
    return DONE


def _checked(file: str) -> Scenario:
    scenario = load(file)
    check_place(scenario)
    return scenario


def _show(file: str, scenario: Scenario, whole: bool) -> None:
    print(scenario.text() if whole else f"{file}: nothing wrong\n", end="")
