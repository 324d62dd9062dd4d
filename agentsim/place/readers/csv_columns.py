"""Reads the columns of a csv file as arrays."""

import math
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.text_files import UnreadableText, csv_rows, file_bytes


def read_table(path: Path, text: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """The columns of a csv file as arrays of floats; columns named in *text* stay strings.

    Raises
    ------
    UnbuildablePlace : an empty table, not csv, a short row, an entry that is no finite number
    """
    try:
        names, rows = csv_rows(file_bytes(path))
    except UnreadableText as error:
        raise UnbuildablePlace(error.where(path), error.rule, error.remedy) from None
    if not rows:
        raise UnbuildablePlace(path, "the table is empty", "give a header line and at least one row")
    columns: dict[str, np.ndarray] = {}
    for name in names:
        entries = [row[name] for _, row in rows]
        if name in text:
            columns[name] = np.array(entries)
            continue
        wrong = next(((line, row[name]) for line, row in rows if not _is_real(row[name])), None)
        if wrong:
            raise UnbuildablePlace(f"{path}:{wrong[0]}", f"{name} = {wrong[1]!r} is no number", "correct it")
        columns[name] = np.array([float(entry or "") for entry in entries])
    return columns


def _is_real(entry: str | None) -> bool:
    try:
        return math.isfinite(float(entry or ""))
    except ValueError:
        return False


def column(table: dict[str, np.ndarray], path: Path, name: str) -> np.ndarray:
    """Column *name* of a table; ``UnbuildablePlace`` when the file lacks it."""
    if name not in table:
        raise UnbuildablePlace(path, f"column {name!r} is missing", f"columns found: {', '.join(table)}")
    return table[name]
