"""Expert settings: numbers of adopted policies, switches of mechanisms, and numbers of the attacker."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from agentsim.app.page.tab_rows import unit
from agentsim.app.replay.number_labels import label
from agentsim.app.replay.recording import Changes, Value
from agentsim.app.server.request_checks import ATTACKER_KEYS, changeable
from agentsim.core.mechanisms import Mechanisms
from agentsim.policies import POLICIES
from agentsim.report.catalogue import catalogue
from agentsim.scenario.file import Scenario
from agentsim.scenario.tables import policy_classes, room_classes

Row = dict[str, Any]

# The parameters of the attacker and of those who look for it (model, section 5).
_TITLES = {
    "bad_actor": ("What the attacker does and wants", "攻撃者の行動と目的"),
    "capture": ("How control rooms are captured", "制御室の乗っ取り"),
    "deprivation": ("How deprivation is weighted", "生活の不自由さの重み付け"),
    "civics": ("What citizens bear", "市民の忍耐と抗議"),
    "detection": ("How abuse is detected", "権限濫用の検知"),
    "deterrence": ("Inspections and sanctions", "査察と制裁"),
    "monitor": ("The monitor", "監視機関"),
    "bus_lines": ("Bus lines", "バス路線"),
    "recall": ("Recall of operators", "解職(リコール)"),
}
_MECHANISMS = ("Mechanisms of the model, on or off", "モデルの仕組み(オン・オフ)")


def groups(scenario: Scenario, policies: Sequence[str], changes: Changes, lang: str) -> list[Row]:
    """Everything an expert may set, in groups.

    Returns
    -------
    list of dict
        ``name, title, rows``; a row has ``key, label, note, unit, tag, low, high, usual, value, kind`` with
        kind ``number``, ``list`` (numbers separated by blanks) or ``switch``
    """
    ja, changed = lang == "ja", dict(changes)
    found = []
    for id in policies:
        entry, numbers = POLICIES[id], _measure(scenario, id)
        title = f"{id} {entry.name_ja if ja else entry.name}"
        rows = _numbers(f"policy.{id}", policy_classes()[id], numbers, changed, lang)
        found.append({"name": f"policy.{id}", "title": title, "rows": rows})
    found.append({"name": "mechanisms", "title": _MECHANISMS[ja], "rows": _switches(scenario, changed, lang)})
    for table, titles in _TITLES.items():
        numbers = getattr(scenario.parameters, table)
        rows = _numbers(table, room_classes()[table], numbers, changed, lang)
        found.append({"name": table, "title": titles[ja], "rows": rows})
    return [group for group in found if group["rows"]]


def _numbers(table: str, cls: type, numbers: Any, changed: Mapping[str, Value], lang: str) -> list[Row]:
    rows = []
    for item in fields(cls):
        key, about = f"{table}.{item.name}", item.metadata
        if key not in changeable():
            continue
        usual = getattr(numbers, item.name)
        low, high = changeable()[key]
        rows.append(
            {
                "key": key,
                "label": label(key).in_language(lang),
                "note": about["source"],
                "unit": unit(about["unit"], lang),
                "tag": about["tag"],
                "low": low,
                "high": high,
                "usual": _shown(usual),
                "value": _shown(changed.get(key, usual)),
                "kind": "list" if isinstance(usual, tuple) else "number",
            }
        )
    return rows


def _switches(scenario: Scenario, changed: Mapping[str, Value], lang: str) -> list[Row]:
    return [
        {
            "key": f"mechanisms.{name}",
            "label": label(f"mechanisms.{name}").in_language(lang),
            "note": "" if lang == "ja" else _notes().get(name, ""),
            "usual": bool(getattr(scenario.mechanisms, name)),
            "value": bool(changed.get(f"mechanisms.{name}", getattr(scenario.mechanisms, name))),
            "kind": "switch",
        }
        for name in Mechanisms.names()
    ]


@cache
def _notes() -> dict[str, str]:
    return {row["mechanism"]: row["what it does"] for row in catalogue("mechanisms")}


def _shown(value: Any) -> str:
    """A number as it is typed; several with blanks between."""
    if isinstance(value, tuple):
        return " ".join(map(_shown, value))
    return f"{value:.0f}" if float(value).is_integer() else f"{value:g}"


def read(key: str, text: str) -> Value | None:
    """The value that a visitor typed for a key; None if it is no number. Bounds are checked later.

    >>> read("policy.E-C2.microgrid_h", "12"), read("capture.step_days", "1 1 1"), read("attacker.x", "3")
    (12, (1, 1, 1), None)
    >>> read("attacker.budget", "50"), read("capture.common_mode", "1e999")
    (None, None)
    >>> read("mechanisms.islanding", "0"), read("capture.common_mode", "much")
    (False, None)
    """
    if key not in changeable() or key in ATTACKER_KEYS:  # those are parts of a link of their own
        return None
    if key.startswith("mechanisms."):
        return {"0": False, "1": True}.get(text)
    try:
        values = [float(part) for part in text[:200].split()]
        if not all(map(math.isfinite, values)):
            return None
        plain = tuple(int(value) if value.is_integer() else value for value in values)
    except (ValueError, OverflowError):
        return None
    if isinstance(default_of(key), tuple):
        return plain if len(plain) == len(default_of(key)) else None
    return plain[0] if len(plain) == 1 else None


@cache
def default_of(key: str) -> Any:
    """The default of a number of a policy or of the model."""
    table, _, name = key.rpartition(".")
    known = room_classes() | {f"policy.{id}": cls for id, cls in policy_classes().items()}
    return next((item.default for item in fields(known[table]) if item.name == name), None)


def text_of(value: Value) -> str:
    """A value as :func:`read` takes it."""
    return str(int(value)) if isinstance(value, bool) else _shown(value) if not isinstance(value, str) else ""


def with_change(scenario: Scenario, changes: Changes, key: str, text: str) -> Changes:
    """The changes after a visitor set one number; the scenario's own value is no change."""
    value, after = read(key, text), dict(changes)
    if value is None:
        return changes
    after.pop(key, None)
    if text_of(value) != text_of(_own(scenario, key)):
        after[key] = value
    return tuple(sorted(after.items()))


def _measure(scenario: Scenario, id: str) -> Any:
    return scenario.measures[id]


def _own(scenario: Scenario, key: str) -> Any:
    table, _, name = key.rpartition(".")
    if table == "mechanisms":
        return getattr(scenario.mechanisms, name)
    if table.startswith("policy."):
        return getattr(_measure(scenario, table.removeprefix("policy.")), name)
    return getattr(getattr(scenario.parameters, table), name)
