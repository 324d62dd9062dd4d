"""``agentsim list``: what there is, as a table or as JSON."""

import argparse
import json
from dataclasses import dataclass
from typing import Any

from agentsim.cli.screen import console
from agentsim.cli.status import DONE
from agentsim.report.catalogue import Row, catalogue
from agentsim.report.listing import listing


@dataclass(frozen=True)
class Columns:
    """Keys of a row and their headings: those always shown, and those shown where they fit beside."""

    always: dict[str, str]
    if_room: dict[str, str]


COLUMNS = {
    "scenarios": Columns({"id": "scenario", "title": "title"}, {"title_ja": "title in Japanese"}),
    "policies": Columns(
        {"id": "policy", "name": "name", "claim_in_words": "claim of the paper"},
        {"name_ja": "name in Japanese", "changes": "changes", "carried by": "carried by"},
    ),
    "attackers": Columns({"id": "attacker", "wants": "what it wants", "chooses": "how it chooses"}, {}),
    "outcomes": Columns(
        {"id": "outcome", "unit": "unit", "better": "better", "title": "title", "statement": "definition"},
        {"title_ja": "title in Japanese"},
    ),
    "claims": Columns(
        {
            "id": "claim",
            "statement": "what the paper says",
            "outcomes": "would show in",
            "can be judged": "can be judged",
        },
        {"scenario": "scenario", "statement_ja": "in Japanese"},
    ),
    "places": Columns({"id": "place", "title": "name"}, {"title_ja": "name in Japanese"}),
    "mechanisms": Columns({"id": "mechanism", "what it does": "what it does"}, {}),
    "stages": Columns(
        {"id": "stage", "room": "room", "says": "what it does", "reads": "reads", "writes": "writes"}, {}
    ),
}

NOTES = {
    "mechanisms": "S1 to S16: sections of docs/mechanisms.md.\n"
    "To switch one off: --set mechanisms.NAME=false",
    "stages": "In brackets: the folder of the package that computes the stage.",
}


def list_(options: argparse.Namespace) -> int:
    """Lists one kind of thing."""
    rows = catalogue(options.what)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
    elif not rows:
        print(f"no {options.what} here")
    else:
        out, columns = console(), COLUMNS[options.what]
        shown = [{key: _text(row, key) for key in columns.always | columns.if_room} for row in rows]
        out.print(listing(shown, columns.always, columns.if_room, out.width))
        if note := NOTES.get(options.what):
            out.print(note, style="dim")
    return DONE


def _text(row: Row, key: str) -> str:
    """One cell in words."""
    value: Any = row.get(key, "")
    if key == "better":
        return f"{value} is better" if value else ""
    if key == "unit":
        return "" if value == "1" else value
    return ", ".join(value) if isinstance(value, list) else str(value).replace("``", "")
