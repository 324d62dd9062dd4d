"""The form of a scenario file: checked models made from frozen dataclasses, and what their errors say.

A table of the file is a dataclass whose fields carry metadata: ``unit``, ``source``, ``tag``, ``low`` and
``high`` for a number (:func:`agentsim.core.parameters.parameter`), ``known`` for a name out of a list
(:func:`one_of`). The models accept exactly the declared types: ``"3"`` is no number and ``true`` no 1.
"""

import datetime
import math
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, field, fields, is_dataclass
from dataclasses import Field as DataclassField
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, create_model

from agentsim.core.errors import unknown

Path = tuple[str | int, ...]
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
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text in quotes",
    "tuple_type": "a list in square brackets",
    "date_type": "a date such as 2030-08-05",
    "date_from_datetime_inexact": "a date such as 2030-08-05",
    "model_type": "a table",
    "dict_type": "a table",
}


_STRICT = ConfigDict(extra="forbid", strict=True)


def one_of(default: Any, known: Knows, what: str, joined: str = "", later: tuple[str, ...] = ()) -> Any:
    """A dataclass field that holds a name, or a tuple of names, out of those that *known* returns.

    With *joined*, several names may stand in one text with that sign between them. Names that begin with
    one of *later* pass: they can be checked only when the city is built.
    """
    meta = {"known": known, "what": what, "joined": joined, "later": later}
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


def _in_range(meta: Mapping[str, Any]) -> Callable[[Any], Any]:
    low, high = meta.get("low"), meta.get("high")

    def check(value: Any) -> Any:
        for entry in value if isinstance(value, tuple) else (value,):
            if isinstance(entry, tuple):
                check(entry)
            elif isinstance(entry, int | float) and not isinstance(entry, bool):
                if not math.isfinite(entry):
                    raise ValueError(f"{entry} is not a finite number")
                if (low is not None and entry < low) or (high is not None and entry > high):
                    raise ValueError(
                        f"{entry:.12g} is out of range; it must be {_range_text(low, high, meta['unit'])}"
                    )
        return value

    return check


def _as_long_as(default: tuple) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if len(value) != len(default):
            raise ValueError(f"has {len(value)} entries; {len(default)} are needed, as in {text_of(default)}")
        return value

    return check


def _among(meta: Mapping[str, Any]) -> Callable[[Any], Any]:
    joined, later = meta["joined"], meta["later"]

    def check(value: Any) -> Any:
        names = list(meta["known"]())
        texts = value if isinstance(value, tuple) else (value,)
        words = [part.strip() for text in texts for part in (text.split(joined) if joined else [text])]
        wrong = [word for word in words if word not in names and not (later and word.startswith(later))]
        if wrong:
            raise ValueError("; ".join(unknown(word, names, meta["what"]) for word in wrong))
        return value

    return check


def _tuples(value: Any) -> Any:
    return tuple(_tuples(entry) for entry in value) if isinstance(value, list) else value


def _field(item: DataclassField, hint: Any) -> tuple[Any, Any]:
    """One field of a dataclass as a pydantic field: type, checks, and its words in the schema."""
    meta: Mapping[str, Any] = item.metadata
    checks: list[Any] = []
    union = get_origin(hint) is types.UnionType
    if any(get_origin(kind) is tuple for kind in (get_args(hint) if union else (hint,))):
        checks.append(BeforeValidator(_tuples))
        if "unit" in meta and isinstance(item.default, tuple) and item.default:
            checks.append(AfterValidator(_as_long_as(item.default)))
    schema: dict[str, Any] = {}
    if "known" in meta:
        checks.append(AfterValidator(_among(meta)))
        if hint is str:
            schema["enum"] = list(meta["known"]())
    if "unit" in meta:
        checks.append(AfterValidator(_in_range(meta)))
        schema["description"] = describe(meta)
        if hint in (int, float):
            bounds = {"minimum": meta.get("low"), "maximum": meta.get("high")}
            schema |= {key: bound for key, bound in bounds.items() if bound is not None}
    elif "source" in meta:
        schema["description"] = meta["source"]
    kind = Annotated[hint, *checks] if checks else hint
    return kind, Field(default=item.default, json_schema_extra=schema)


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


def tables_of(models: Mapping[str, type[BaseModel]], name: str) -> type[BaseModel]:
    """The model of a table that holds nothing but tables."""
    shape: dict[str, Any] = {key: (model, Field(default_factory=model)) for key, model in models.items()}
    return create_model(name, __config__=_STRICT, **shape)


def model_of(table: type, name: str) -> type[BaseModel]:
    """The checked model of a dataclass; a field that is itself a dataclass becomes a table in the table."""
    if not is_dataclass(table):
        raise TypeError(f"{table!r} is no dataclass")
    hints = get_type_hints(table)
    shape: dict[str, Any] = {}
    for item in in_file(table):
        hint = hints[item.name]
        if is_dataclass(hint) and isinstance(hint, type):
            inner = model_of(hint, item.name)
            shape[item.name] = (inner, Field(default_factory=inner))
        else:
            shape[item.name] = _field(item, hint)
    return create_model(name, __config__=_STRICT, **shape)


def _known_keys(model: type[BaseModel], path: Path) -> dict[str, Any]:
    """The keys of the table at *path* and their models or types."""
    for key in path:
        kind = model.model_fields[str(key)].annotation
        model = kind  # type: ignore[assignment]
    return {name: item.annotation for name, item in model.model_fields.items()}


def _unknown_key(model: type[BaseModel], path: Path, value: Any) -> str:
    keys = _known_keys(model, path[:-1])
    told = unknown(str(path[-1]), keys)
    if "did you mean" not in told and len(path) == 1 and not isinstance(value, dict):
        homes = [name for name in keys if path[0] in getattr(keys[name], "model_fields", ())]
        if homes:
            told = f"'{path[0]}' is no key of the file itself; it belongs under [{homes[0]}]"
            return told
    return "key " + told


def problem(model: type[BaseModel], raw: Mapping[str, Any], error: Mapping[str, Any]) -> tuple[Path, str]:
    """Where one of pydantic's errors stands in the file and what to say of it."""
    path: Path = ()
    value: Any = raw
    for step in error["loc"]:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):  # a missing key, or a step that pydantic adds
            break
        path += (step,)
    kind = error["type"]
    if kind == "extra_forbidden":
        return path, _unknown_key(model, path, value)
    if kind == "value_error":
        return path, str(error["ctx"]["error"])
    if kind in _NEEDED:
        found = next((word for cls, word in _KIND.items() if isinstance(value, cls)), "of another kind")
        return path, f"{text_of(value)} is {found}; {_NEEDED[kind]} is needed"
    return path, error["msg"]


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
