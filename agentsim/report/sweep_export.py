"""A sweep as a file for other programs: CSV, or Parquet where pyarrow is installed."""

from io import BytesIO
from pathlib import Path

import pandas as pd

from agentsim.core.errors import InvalidScenario
from agentsim.outcomes import OUTCOMES
from agentsim.report.archive import write_bytes, write_table

FORMATS = ("csv", "parquet")


def write(table: pd.DataFrame, file: Path, form: str) -> list[Path]:
    """Writes the runs, and beside them a CSV file of outcomes with unit and meaning; returns the names.

    Raises
    ------
    InvalidScenario : Parquet is asked for, and pyarrow is not installed
    """
    units = file.with_name(f"{file.stem}_outcomes.csv")
    if form == "parquet":
        write_bytes(file, _parquet(table))
    else:
        write_table(file, table)
    write_table(units, meanings(table))
    return [file, units]


def meanings(table: pd.DataFrame) -> pd.DataFrame:
    """Unit and title of each outcome of a frame."""
    rows = [
        (name, unit, OUTCOMES[name].title if name in OUTCOMES else "")
        for name, unit in table.attrs["units"].items()
    ]
    return pd.DataFrame(rows, columns=["outcome", "unit", "title"])


def _parquet(table: pd.DataFrame) -> bytes:
    whole = BytesIO()
    try:
        table.to_parquet(whole, engine="pyarrow", index=False)
    except ImportError:
        raise InvalidScenario(
            ["--format parquet: pyarrow is not installed; install it with: pip install pyarrow, or take csv"]
        ) from None
    return whole.getvalue()
