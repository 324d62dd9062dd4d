"""The form of a scenario file: what its tables may hold, read from frozen dataclasses and checked.

A table of the file is a dataclass whose fields carry metadata: ``unit``, ``source``, ``tag``, ``low`` and
``high`` for a number (:func:`agentsim.core.parameters.parameter`), ``known`` for a name out of a list
(:func:`one_of`). Exactly the declared types are accepted: ``"3"`` is no number and ``true`` no 1.
"""

import datetime
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from dataclasses import Field as DataclassField
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from agentsim.core.errors import unknown

Path = tuple[str | int, ...]
Faults = dict[Path, str]  # what is wrong, by its place in the file
# What a table may hold: by key a field and its type, the dataclass of a table in it, or the keys of one
Keys = Mapping[str, Any]
Knows = Callable[[], Iterable[str]]

_KIND = {
    bool: "a truth value",
    int: "a whole number",
    float: "a decimal number",
    str: "a text",
    list: "a list",
    dict: "a table",
    datetime.datetime: "a date with a time",
    datetime.date: "a date",
}
_NEEDED = {
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    str: "a text in quotes",
    datetime.date: "a date such as 2030-08-05",
}
_JSON: dict[type, dict[str, Any]] = {
    int: {"type": "integer"},
    float: {"type": "number"},
    bool: {"type": "boolean"},
    str: {"type": "string"},
    datetime.date: {"type": "string", "format": "date"},
}


def one_of(
    default: Any, known: Knows, what: str, joined: str = "", later: tuple[str, ...] = (), source: str = ""
) -> Any:
    """A dataclass field that holds a name, or a tuple of names, out of those that *known* returns.

    With *joined*, several names may stand in one text with that sign between them. Names that begin with
    one of *later* pass: they can be checked only when the city is built. *source* says what it means.
    """
    meta = {"known": known, "what": what, "joined": joined, "later": later}
    meta |= {"source": source} if source else {}
    return field(default=default, metadata=meta)


def text_of(value: Any) -> str:
    """A value as a person writes it in a TOML file; tables and long lists by their kind."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(text_of(entry) for entry in value) + "]"
    if isinstance(value, datetime.date):
        return value.isoformat()
    return repr(value)


def _range_text(low: float | None, high: float | None, unit: str) -> str:
    if low is not None and low == high:
        return f"{low:g}" + ("" if unit in ("", "1") else f" {unit}")
    bounds = [f"at least {low:g}"] if low is not None else []
    bounds += [f"at most {high:g}"] if high is not None else []
    return " and ".join(bounds) + ("" if unit in ("", "1") else f" {unit}")


def _in_range(meta: Mapping[str, Any], value: Any) -> None:
    low, high = meta.get("low"), meta.get("high")
    for entry in value if isinstance(value, tuple) else (value,):
        if isinstance(entry, int | float) and not isinstance(entry, bool):
            if not math.isfinite(entry):
                raise ValueError(f"{entry} is not a finite number")
            if (low is not None and entry < low) or (high is not None and entry > high):
                raise ValueError(
                    f"{entry:.12g} is out of range; it must be {_range_text(low, high, meta['unit'])}"
                )


def _among(meta: Mapping[str, Any], value: Any) -> None:
    joined, later, names = meta["joined"], meta["later"], list(meta["known"]())
    texts = value if isinstance(value, tuple) else (value,)
    words = [part.strip() for text in texts for part in (text.split(joined) if joined else [text])]
    wrong = [word for word in words if word not in names and not (later and word.startswith(later))]
    if wrong:
        raise ValueError("; ".join(unknown(word, names, meta["what"]) for word in wrong))


@cache
def keys_of(table: type) -> Keys:
    """The keys that a table of the file may have, by the dataclass that it becomes."""
    hints = get_type_hints(table)
    kinds = [(item, hints[item.name]) for item in in_file(table)]
    return {item.name: hint if is_dataclass(hint) else (item, hint) for item, hint in kinds}


def read(kind: Any, given: Any, path: Path, faults: Faults) -> Any:
    """What stands at *path* of the file, as what its *kind* says; what is wrong with it goes to *faults*.

    Where there are faults the result is of no use.
    """
    if isinstance(kind, tuple):
        item, hint = kind
        return _read_value(item, hint, given, path, faults)
    given = _table(given, path, faults)
    if isinstance(kind, Mapping):
        refuse_unknown(given, kind, path, faults)
        return {name: read(inner, given.get(name, {}), (*path, name), faults) for name, inner in kind.items()}
    keys = keys_of(kind) if given else {}
    refuse_unknown(given, keys, path, faults)
    values = {name: read(keys[name], given[name], (*path, name), faults) for name in given if name in keys}
    return kind() if faults else kind(**values)


def refuse_unknown(given: Mapping[str, Any], keys: Keys, path: Path, faults: Faults) -> None:
    """A fault for each key of a table that is none of *keys*."""
    for key, value in given.items():
        if key not in keys:
            faults[*path, key] = _unknown_key(keys, key, value, path)


def _table(given: Any, path: Path, faults: Faults) -> Mapping[str, Any]:
    if isinstance(given, Mapping):
        return given
    faults[path] = _other_kind(given, "a table")
    return {}


def _read_value(item: DataclassField, hint: Any, value: Any, path: Path, faults: Faults) -> Any:
    """A value of the type that *item* declares, of its length, known and in its range."""
    before = len(faults)
    if get_origin(hint) is tuple:
        value = _read_list(item, get_args(hint)[0], value, path, faults)
    else:
        value = _read_one(hint, value, path, faults)
    if len(faults) == before:
        try:
            if "known" in item.metadata:
                _among(item.metadata, value)
            if "unit" in item.metadata:
                _in_range(item.metadata, value)
        except ValueError as error:
            faults[path] = str(error)
    return value


def _read_list(item: DataclassField, kind: type, value: Any, path: Path, faults: Faults) -> Any:
    if not isinstance(value, list | tuple):
        faults[path] = _other_kind(value, "a list in square brackets")
        return ()
    default = item.default
    if "unit" in item.metadata and isinstance(default, tuple) and len(value) != len(default) > 0:
        faults[path] = f"has {len(value)} entries; {len(default)} are needed, as in {text_of(default)}"
    return tuple([_read_one(kind, entry, (*path, index), faults) for index, entry in enumerate(value)])


def _read_one(kind: Any, value: Any, path: Path, faults: Faults) -> Any:
    """A single value of exactly this kind; a whole number will do for a decimal one."""
    accepted: Any = (int, float) if kind is float else kind
    looks_alike = (isinstance(value, bool) and kind is not bool) or isinstance(value, datetime.datetime)
    if looks_alike or not isinstance(value, accepted):
        faults[path] = _other_kind(value, _NEEDED[kind])
        return value
    if isinstance(value, int) and abs(value) > MOST:
        faults[path] = "has too many digits"
        return kind(0)
    return float(value) if kind is float else value


MOST = 10**300  # larger whole numbers do not fit into a decimal one


def _other_kind(value: Any, needed: str) -> str:
    found = next((word for cls, word in _KIND.items() if isinstance(value, cls)), "of another kind")
    return f"{text_of(value)} is {found}; {needed} is needed"


def describe(meta: Mapping[str, Any]) -> str:
    """Unit, range, source and evidence tag of a number in one line."""
    bounds = _range_text(meta.get("low"), meta.get("high"), "")
    parts = [meta.get("unit", ""), bounds, f"{meta.get('source', '')} [{meta.get('tag', '')}]"]
    return "; ".join(part for part in parts if part)


def in_file(table: Any) -> list[DataclassField]:
    """The fields of a dataclass that a file may set: those with a default, unless they say otherwise."""
    return [
        item
        for item in fields(table)
        if item.metadata.get("in_file", True) and not (item.default is item.default_factory is MISSING)
    ]


def schema_of(keys: Keys, title: str, definitions: dict[str, Any]) -> dict[str, Any]:
    """JSON Schema of a table of the file by its keys; those of the tables in it go to *definitions*."""
    found = {}
    for name, kind in keys.items():
        if isinstance(kind, tuple):
            found[name] = _schema_of_field(*kind)
        else:
            inside = kind if isinstance(kind, Mapping) else keys_of(kind)
            definitions[name] = schema_of(inside, name, definitions)
            found[name] = {"$ref": f"#/$defs/{name}"}
    return {"additionalProperties": False, "properties": found, "title": title, "type": "object"}


def _schema_of_field(item: DataclassField, hint: Any) -> dict[str, Any]:
    """Type, default, bounds and description of one value."""
    meta, default = item.metadata, item.default
    found: dict[str, Any] = {"title": item.name.replace("_", " ").title()}
    found["default"] = default.isoformat() if isinstance(default, datetime.date) else default
    if get_origin(hint) is tuple:
        kinds = get_args(hint)
        found["type"] = "array"
        if kinds[-1] is Ellipsis:
            found["items"] = _JSON[kinds[0]]
        else:
            found |= {"prefixItems": [_JSON[kind] for kind in kinds]}
            found |= {"minItems": len(kinds), "maxItems": len(kinds)}
    else:
        found |= _JSON[hint]
    if "known" in meta and hint is str:
        found["enum"] = list(meta["known"]())
    if "unit" in meta and hint in (int, float):
        bounds = {"minimum": meta.get("low"), "maximum": meta.get("high")}
        found |= {key: bound for key, bound in bounds.items() if bound is not None}
    if "unit" in meta:
        found["description"] = describe(meta)
    elif "source" in meta:
        found["description"] = meta["source"]
    return found


def _unknown_key(keys: Keys, key: str, value: Any, path: Path) -> str:
    told = unknown(key, keys)
    if "did you mean" not in told and not path and not isinstance(value, dict):
        homes = [name for name, kind in keys.items() if isinstance(kind, type) and key in keys_of(kind)]
        if homes:
            return f"'{key}' is no key of the file itself; it belongs under [{homes[0]}]"
    return "key " + told


def toml_of(value: Any) -> str:
    """A value as TOML source.

    >>> toml_of((1, 2.5, "a"))
    '[1, 2.5, "a"]'
    """
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_of(entry) for entry in value) + "]"
    return text_of(value)
