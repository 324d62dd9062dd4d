"""Reads the columns of a csv file as arrays."""

import csv
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnbuildablePlace


def read_table(path: Path, text: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """The columns of a csv file as arrays of floats; columns named in *text* stay strings.

    Raises
    ------
    UnbuildablePlace : an empty table, a short row, an entry that is no number
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise UnbuildablePlace(path, "the table is empty", "give a header line and at least one row")
    columns: dict[str, np.ndarray] = {}
    for name in rows[0]:
        entries = [row[name] for row in rows]
        if name in text:
            columns[name] = np.array(entries)
            continue
        try:
            columns[name] = np.array([float(entry) for entry in entries])
        except (TypeError, ValueError):
            line, entry = next((i, e) for i, e in enumerate(entries, start=2) if not _is_real(e))
            raise UnbuildablePlace(
                f"{path}:{line}", f"{name} = {entry!r} is no number", "correct it"
            ) from None
    return columns


def _is_real(entry: str | None) -> bool:
    try:
        float(entry)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def column(table: dict[str, np.ndarray], path: Path, name: str) -> np.ndarray:
    """Column *name* of a table; ``UnbuildablePlace`` when the file lacks it."""
    if name not in table:
        raise UnbuildablePlace(path, f"column {name!r} is missing", f"columns found: {', '.join(table)}")
    return table[name]
