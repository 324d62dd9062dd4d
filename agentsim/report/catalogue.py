"""What there is: scenarios, policies, attackers, outcomes, places and mechanisms, as rows."""

import inspect
import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import agentsim
from agentsim.core.mechanisms import Mechanisms
from agentsim.scenario import names

Row = dict[str, Any]


def catalogue(what: str) -> list[Row]:
    """The rows of one list, each a name and what there is to say of it."""
    return _LISTS[what]()


def _scenarios() -> list[Row]:
    """Scenario files of the folder ``scenarios`` here, else of the one beside the package."""
    here = Path("scenarios")
    folder = here if here.is_dir() else Path(agentsim.__file__).parent.parent / "scenarios"
    rows = []
    for file in sorted(folder.glob("*.toml")):
        try:
            head = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            head = {"title": "(not readable: see agentsim check)"}
        rows.append(
            {"scenario": str(file), "title": head.get("title", ""), "title_ja": head.get("title_ja", "")}
        )
    return rows


def _policies() -> list[Row]:
    from agentsim.policies import PACKAGES, POLICIES

    rows = [
        {
            "policy": entry.id,
            "name": entry.name,
            "name_ja": entry.name_ja,
            "changes": ", ".join(entry.writes),
            "carried by": ", ".join(entry.carried_by),
            "claim": f"{entry.outcome} {'falls' if entry.claimed_sign < 0 else 'rises'}",
        }
        for entry in POLICIES.values()
    ]
    blank = {"name_ja": "", "changes": "", "carried by": "", "claim": ""}
    return rows + [
        {"policy": name, "name": "package: " + " + ".join(ids), **blank} for name, ids in PACKAGES.items()
    ]


def _attackers() -> list[Row]:
    return [{"attacker": name} for name in names.attackers()]


def _outcomes() -> list[Row]:
    from agentsim.outcomes import OUTCOMES

    way = {-1: "lower", 0: "", 1: "higher"}
    return [
        {
            "outcome": outcome.name,
            "unit": outcome.unit,
            "title": outcome.title,
            "title_ja": outcome.title_ja,
            "better": way[outcome.better],
            "statement": outcome.statement,
        }
        for outcome in OUTCOMES.values()
    ]


def _places() -> list[Row]:
    return [{"place": name} for name in names.places()]


def _mechanisms() -> list[Row]:
    """The switches; what each does stands behind it in the source, which is read for it."""
    source = inspect.getsource(Mechanisms)
    notes = dict(re.findall(r"^    (\w+): bool = True  # (.*)$", source, re.MULTILINE))
    return [{"mechanism": name, "what it does": notes.get(name, "")} for name in Mechanisms.names()]


_LISTS: dict[str, Callable[[], list[Row]]] = {
    "scenarios": _scenarios,
    "policies": _policies,
    "attackers": _attackers,
    "outcomes": _outcomes,
    "places": _places,
    "mechanisms": _mechanisms,
}
