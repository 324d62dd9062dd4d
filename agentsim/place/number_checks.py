"""One set of ranges for what a place states, for what is derived for it, and for what is written of it."""

import math
from collections.abc import Iterator
from dataclasses import Field, fields, is_dataclass
from typing import Any

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.place.cases import Place
from agentsim.place.spec import Spec, range_fault


def check_numbers(place: Place, resolved: Spec, given: Spec) -> None:
    """Refuse a city whose derived numbers a ``place.toml`` may not hold, or that came out as no number.

    Raises
    ------
    UnbuildablePlace : names the number, what it came out as, and its range
    """
    stated = given.parameters
    files = dict(given.files)
    where = given.folder / files["water"]
    for item in fields(resolved.parameters):
        value = getattr(resolved.parameters, item.name)
        if getattr(stated, item.name) is None and value is not None:
            of = next((role for word, role in _FILE_OF.items() if item.name.startswith(word)), "water")
            _check_derived(given.folder / files.get(of, files["water"]), item, value)
    for path, values in _arrays(place, "place"):
        if values.dtype.kind == "f" and np.isnan(values).any():
            rule = f"{path} came out as no number, because numbers in the files are far too large or small"
            raise UnbuildablePlace(where, rule, "check coordinates, lengths, demands and units")


# the file from which a number of this name is derived
_FILE_OF = {"road_": "trips", "gmns_": "roads", "unit_": "grid", "households": "districts"}


def _check_derived(where: Any, item: Field, value: Any) -> None:
    for entry in value if isinstance(value, tuple) else (value,):
        if isinstance(entry, int | float) and (fault := range_fault(item, entry)):
            raise UnbuildablePlace(
                where,
                f"numbers.{item.name} comes out as {entry:.4g} {item.metadata['unit']}; {fault}",
                f"state it in a place.toml, or correct what it is derived from ({_source_of(item)})",
            )


def _source_of(item: Field) -> str:
    return item.metadata["source"].removeprefix("derived: ")


def _arrays(thing: Any, path: str) -> Iterator[tuple[str, np.ndarray]]:
    """Every array in a dataclass and in those in it, with its name."""
    for item in fields(thing):
        value = getattr(thing, item.name)
        if isinstance(value, np.ndarray):
            yield f"{path}.{item.name}", value
        elif is_dataclass(value):
            yield from _arrays(value, f"{path}.{item.name}")
        elif isinstance(value, float) and math.isnan(value):
            yield f"{path}.{item.name}", np.array([value])
