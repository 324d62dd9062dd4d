"""Verdicts on claims in a terminal."""

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from agentsim.experiments.claims.verdicts import NOT_SUPPORTED, NOT_YET, REVERSED, SUPPORTED
from agentsim.report.claims_report import change, flips_texts
from agentsim.report.listing import listing
from agentsim.report.tables import failures_table
from agentsim.report.wording.claims import MEANINGS, said

if TYPE_CHECKING:
    import pandas as pd

STYLES = {SUPPORTED: "green", REVERSED: "red", NOT_SUPPORTED: "yellow", NOT_YET: "dim"}
COLUMNS = {"id": "claim", "statement": "the paper says", "change": "change [95 %]", "verdict": "verdict"}


def claims_blocks(table: "pd.DataFrame", width: int) -> Iterable[RenderableType]:
    """The verdicts as a table, what they mean, and what was wrong with the runs.

    *table* is that of :func:`agentsim.claims`.
    """
    rows, about = table.to_dict("records"), table.attrs
    judged = [row for row in rows if row["verdict"] != NOT_YET]
    if judged:
        yield _verdicts(judged, width)
    yield from _waiting([row for row in rows if row["verdict"] == NOT_YET], width)
    for row in judged:
        if row["flips_when"]:
            yield Text(f"\n{row['id']}: {' '.join(flips_texts(row['flips_when'], 'en'))}")
    if about["failures"]:
        yield failures_table(about["failures"])
    for note in _notes(table, judged):
        yield Text(textwrap.fill(note, min(width, 80)), style="dim")


def _verdicts(rows: list[dict[Any, Any]], width: int) -> RenderableType:
    """The judged claims; several scenarios are named."""
    several = len({row["scenario"] for row in rows}) > 1 and len({row["id"] for row in rows}) < len(rows)
    shown = [
        {
            "id": row["id"] + (f" {row['scenario']}" if several else ""),
            "statement": row["statement"],
            "change": f"{row['outcome']} {change(row)}",
            "verdict": row["verdict"] + "*" * bool(row["waits_for"]),
        }
        for row in rows
    ]
    found = listing(shown, COLUMNS, {}, width)
    if isinstance(found, Table):
        for row, line in zip(rows, found.rows, strict=True):
            line.style = STYLES.get(row["verdict"], "")
    return found


def _waiting(rows: list[dict[Any, Any]], width: int) -> Iterable[RenderableType]:
    """The claims that are not judged, by what they wait for."""
    by_lack: dict[tuple[str, ...], list[str]] = {}
    for row in rows:
        by_lack.setdefault(tuple(row["waits_for"]), []).append(row["id"])
    if by_lack:
        yield Text("Not judged yet:", style="bold")
    for lacks, ids in by_lack.items():
        why = f"waiting for {', '.join(lacks)}" if lacks else "the runs were stopped"
        yield Text(textwrap.fill(f"{', '.join(ids)}: {why}", min(width, 80), subsequent_indent="  "))


def _notes(table: "pd.DataFrame", judged: list[dict[Any, Any]]) -> Iterable[str]:
    about = table.attrs
    for verdict in dict.fromkeys(row["verdict"] for row in judged):
        yield f"{verdict}: {MEANINGS[verdict][0]}."
    if any(row["waits_for"] for row in judged):
        yield "*: judged by those of its measures that the model has."
    if tests := sum(part["set"] == 1 for part in about["parts"]):
        yield said("correction", "en", tests)
    if about["contradictions"]:
        yield said("contradiction", "en", ", ".join(about["contradictions"]))
    if about["interrupted"]:
        yield said("stopped", "en")
    if not judged and len(table):
        yield "--partly judges claims by those of their measures that the model has."
