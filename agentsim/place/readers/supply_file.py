"""Reads a ``supply.toml``: terminals, depots and the roads between them."""

from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from agentsim.core.errors import UnreadableSupply
from agentsim.core.text_files import UnreadableText, decoded, file_bytes
from agentsim.core.toml_lines import BrokenToml, read_toml
from agentsim.place.cases import GOODS, SupplyCase

# key: (type, least value, default); no default means that it must be given
_TERMINAL = {
    "name": (str, None, None),
    "good": (str, None, None),
    "supplier": (str, None, None),
    "capacity_t_per_d": (float, 0.0, None),
    "price_jpy_per_t": (float, 0.0, None),
    "lead_days": (int, 0, None),
    "zone": (int, 0, 0),
}
_DEPOT = {
    "name": (str, None, None),
    "good": (str, None, None),
    "demand_t_per_d": (float, 0.0, None),
    "capacity_t": (float, 0.0, None),
    "district": (int, 0, 0),
    "zone": (int, 0, 0),
}
_ROUTE = {"terminal": (str, None, None), "depot": (str, None, None), "time_h": (float, 0.0, None)}
_TABLES: dict[str, dict[str, tuple]] = {"terminal": _TERMINAL, "depot": _DEPOT, "route": _ROUTE}
_MOST_LEAD_DAYS = 3650


def read_supply(path: str | Path) -> tuple[SupplyCase, np.ndarray]:
    """The case and the travel time [h], (terminals, depots), 0 where no ``[[route]]`` says otherwise.

    Raises
    ------
    UnreadableSupply : no such file, not TOML, or a key that is missing, unknown or out of its range
    """
    try:
        file, lines = read_toml(decoded(file_bytes(path)))
    except UnreadableText as error:
        raise UnreadableSupply(f"{error.where(path)}: {error.rule}; {error.remedy}") from error
    except BrokenToml as error:
        raise UnreadableSupply(error.told(path)) from error
    except OSError as error:
        raise UnreadableSupply(f"{path}: cannot be read: {error.strerror}") from error
    return _Reader(path, lines, file).case()


class _Reader:
    """One file, with the line of every key for its messages."""

    def __init__(self, path: str | Path, lines: dict, file: dict[str, Any]) -> None:
        self.path, self.lines = path, lines
        for key in file:
            if key not in _TABLES:
                self.refuse((key,), f"{key!r} is unknown{_nearest(key, _TABLES)}")
        self.rows = {name: self.table(name, file.get(name, [])) for name in _TABLES}

    def case(self) -> tuple[SupplyCase, np.ndarray]:
        terminals, depots = self.rows["terminal"], self.rows["depot"]
        for name, rows in (("terminal", terminals), ("depot", depots)):
            if not rows:
                raise UnreadableSupply(f"{self.path}: no [[{name}]]; give at least one")
            names = [row["name"] for row in rows]
            for index, row in enumerate(rows):
                if row["name"] in names[:index]:
                    self.refuse((name, index, "name"), f"{row['name']!r} is there twice; rename one")

        def column(rows: list[dict], key: str) -> np.ndarray:
            return np.array([row[key] for row in rows])

        case = SupplyCase(
            terminal_name=tuple(row["name"] for row in terminals),
            terminal_good=np.array([GOODS.index(row["good"]) for row in terminals]),
            terminal_supplier=tuple(row["supplier"] for row in terminals),
            terminal_zone=column(terminals, "zone"),
            terminal_capacity_t_per_d=column(terminals, "capacity_t_per_d"),
            terminal_price_jpy_per_t=column(terminals, "price_jpy_per_t"),
            terminal_lead_days=column(terminals, "lead_days"),
            depot_good=np.array([GOODS.index(row["good"]) for row in depots]),
            depot_district=column(depots, "district"),
            depot_zone=column(depots, "zone"),
            depot_demand_t_per_d=column(depots, "demand_t_per_d"),
            depot_capacity_t=column(depots, "capacity_t"),
        )
        return case, self.travel_h([row["name"] for row in terminals], [row["name"] for row in depots])

    def travel_h(self, terminals: list[str], depots: list[str]) -> np.ndarray:
        time_h = np.zeros((len(terminals), len(depots)))
        for index, route in enumerate(self.rows["route"]):
            place = []
            for key, names in (("terminal", terminals), ("depot", depots)):
                if route[key] not in names:
                    self.refuse(
                        ("route", index, key), f"no {key} {route[key]!r}{_nearest(route[key], names)}"
                    )
                place.append(names.index(route[key]))
            time_h[tuple(place)] = route["time_h"]
        return time_h

    def table(self, name: str, rows: Any) -> list[dict[str, Any]]:
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            self.refuse((name,), f"write [[{name}]] once for each {name}")
        return [self.row(name, index, row) for index, row in enumerate(rows)]

    def row(self, name: str, index: int, row: dict[str, Any]) -> dict[str, Any]:
        rules = _TABLES[name]
        for key in row:
            if key not in rules:
                self.refuse((name, index, key), f"{key!r} is unknown{_nearest(key, rules)}")
        checked = {}
        for key, (kind, least, default) in rules.items():
            if key not in row and default is None:
                self.refuse((name, index), f"{key!r} is missing in this [[{name}]]")
            checked[key] = self.value((name, index, key), row.get(key, default), kind, least)
        if name == "terminal" and checked["lead_days"] > _MOST_LEAD_DAYS:
            self.refuse((name, index, "lead_days"), f"must be {_MOST_LEAD_DAYS} or less")
        return checked

    def value(self, where: tuple, value: Any, kind: type, least: float | None) -> Any:
        if kind is str:
            if not isinstance(value, str):
                self.refuse(where, f"{value!r} is not text")
            if where[-1] == "good" and value not in GOODS:
                self.refuse(where, f"{value!r} is unknown{_nearest(value, GOODS)}")
            return value
        whole = kind is int
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)):
            self.refuse(where, f"{value!r} is not a {'whole ' if whole else ''}number")
        if value < least or not (isfinite(value) or (where[-1] == "time_h" and value > 0)):
            self.refuse(where, f"must be {least} or more and finite, not {value}")
        return kind(value)

    def refuse(self, where: tuple, rule: str) -> None:
        line = next((self.lines[where[:n]] for n in range(len(where), 0, -1) if where[:n] in self.lines), 1)
        key = where[-1] if isinstance(where[-1], str) else where[0]
        raise UnreadableSupply(f"{self.path}:{line}: {key}: {rule}")


def _nearest(word: str, known: Any) -> str:
    close = get_close_matches(word, list(known), 1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    return f"{hint} Known: {', '.join(known)}" if hint else f"; known: {', '.join(known)}"
