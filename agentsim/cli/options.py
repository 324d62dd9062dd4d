"""Checks of options that several commands have."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agentsim.core.errors import InvalidScenario
from agentsim.scenario.file import parse_set


def every(*checks: Callable[[], Any]) -> list[Any]:
    """The results of all checks; if any fails, the messages of all that fail, at once."""
    results, faults = [], []
    for check in checks:
        try:
            results.append(check())
        except InvalidScenario as error:
            faults += error.messages
    if faults:
        raise InvalidScenario(list(dict.fromkeys(faults)))
    return results


def kept(write: Callable[[], None]) -> str:
    """Writes results; what the disk said if it refused them, so that they can still be shown."""
    try:
        write()
    except OSError as error:
        return f"{error.filename or 'the disk'}: {error.strerror or error}"
    return ""


LONGEST_NAME = 255  # bytes, of a file in most file systems


def named(option: str, check: Callable[[], Any]) -> Any:
    """The result of a check; its messages begin with the option that they are about."""
    try:
        return check()
    except InvalidScenario as error:
        raise InvalidScenario([f"{option}: {message}" for message in error.messages]) from None


def changes(options: argparse.Namespace) -> dict[str, tuple[Any, str]]:
    """Values of ``--set`` and ``--hours`` that replace the scenario's, with the option that says so."""
    checks = [lambda text=text: parse_set(text) for text in options.set]
    found = {key: (value, "--set") for key, value in every(*checks)}
    return found | ({"hours": (options.hours, "--hours")} if options.hours else {})


def out_folder(text: str | None) -> Path | None:
    """The folder of ``--out``, which need not exist yet; it is not made here."""
    if text is None:
        return None
    nearest = folder = Path(text)
    if "\0" in text or any(len(os.fsencode(part)) > LONGEST_NAME for part in folder.parts):
        raise InvalidScenario(["--out: no folder can have this name; take a shorter one"])
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if not nearest.is_dir():
        raise InvalidScenario([f"--out: {nearest} is a file; a folder is needed"])
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise InvalidScenario([f"--out: {nearest} may not be written to; name a folder that may"])
    return folder
