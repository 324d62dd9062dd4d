"""Scenarios that the page may show: the shipped ones, and those it was started with.

A visitor names a scenario; only names that are listed here lead to a file.
"""

import json
import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

from agentsim.core.errors import InvalidInput, unknown
from agentsim.scenario.file import Scenario, load
from agentsim.scenario.names import scenario_files

# Parts of a scenario that say what to compare or what it is called, and change no run.
_NOT_IN_A_RUN = ("title", "title_ja", "compare", "policies")
_added: dict[str, Path] = {}


class UnknownScenario(InvalidInput):
    """The page has no scenario of this name."""

    code = "unknown_scenario"


def names() -> tuple[str, ...]:
    """Names of the scenarios that the page shows: those it was started with first, then the shipped ones."""
    return tuple(dict.fromkeys([*_added, *_shipped()]))


def add(path: str | Path) -> str:
    """Show the scenario of this file too; returns its name on the page.

    Raises :class:`agentsim.InvalidScenario` if there is anything wrong with it.
    """
    file = Path(path)
    load(file)
    if file.resolve() == _shipped().get(file.stem, Path()).resolve():
        return file.stem
    name = re.sub(r"\W+", "_", file.stem).strip("_").lower() or "own"
    name = f"own_{name}" if name in _shipped() else name
    _added[name] = file.absolute()
    return name


@cache
def scenario_named(name: str) -> Scenario:
    """The scenario of a listed name, read once in a process.

    Raises
    ------
    UnknownScenario : the name is not listed
    """
    files = _shipped() | _added
    if name not in files:
        raise UnknownScenario(unknown(name, names(), "scenario"))
    return load(files[name])


@cache
def digest(scenario: Scenario) -> str:
    """A digest of all numbers of a scenario that decide a run, defaults included."""
    content = {key: value for key, value in scenario.content().items() if key not in _NOT_IN_A_RUN}
    return blake2b(json.dumps(content, sort_keys=True).encode(), digest_size=16).hexdigest()


@cache
def _shipped() -> dict[str, Path]:
    return {name: file.absolute() for name, file in scenario_files().items()}
