"""A city as bytes and back, to the last bit: a line of JSON, then the numbers of all arrays.

Only the dataclasses of :mod:`agentsim.place.cases` are read, filled with plain values: whatever is in the
bytes, no code of theirs is run.
"""

import json
import math
from dataclasses import fields
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from agentsim.place import cases

_CLASSES = {
    cls.__name__: cls
    for cls in (
        *(cases.Place, cases.Districts, cases.GridCase, cases.Feeders, cases.WaterCase, cases.RoadCase),
        *(cases.SupplyCase, cases.Site, cases.BusLines),
    )
}
_KINDS = "bif"  # of numbers in arrays: truth values, whole numbers, decimals


def to_bytes(place: cases.Place) -> bytes:
    """The city as bytes. ``TypeError`` if it holds anything but plain values and arrays of numbers.

    >>> site = cases.Site("quay", "port", 0, 3, 1.5, float("inf"))
    >>> from_bytes(to_bytes(site))
    Site(name='quay', kind='port', district=0, zone=3, x_km=1.5, y_km=inf)
    """
    arrays: list[bytes] = []
    text = json.dumps(_packed(place, arrays), ensure_ascii=False)
    return text.encode() + b"\n" + b"".join(arrays)


def from_bytes(content: bytes) -> Any:
    """What :func:`to_bytes` was given. ``ValueError`` where the content is of another kind."""
    head, _, numbers = content.partition(b"\n")
    rest = BytesIO(numbers)
    try:
        place = _unpacked(json.loads(head), rest)
    except (KeyError, IndexError, TypeError) as error:
        raise ValueError(f"no city: {error}") from error
    if rest.read(1):
        raise ValueError("no city: numbers are left over")
    return place


def _packed(value: Any, arrays: list[bytes]) -> Any:
    """*value* in JSON; each array goes to *arrays*, its shape and type stay."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, np.ndarray) and value.dtype.kind in _KINDS:
        arrays.append(value.tobytes())
        return ["array", value.dtype.str, list(value.shape)]
    if isinstance(value, tuple):
        return ["tuple", [_packed(entry, arrays) for entry in value]]
    if isinstance(value, dict):
        return ["dict", [[key, _packed(entry, arrays)] for key, entry in value.items()]]
    if isinstance(value, Path):
        return ["path", str(value)]
    if _CLASSES.get(type(value).__name__) is type(value):
        packed = [[item.name, _packed(getattr(value, item.name), arrays)] for item in fields(value)]
        return ["class", type(value).__name__, packed]
    raise TypeError(f"{type(value).__name__} cannot be kept")


def _unpacked(packed: Any, numbers: BytesIO) -> Any:
    """The value of *packed*; the numbers of its arrays are the next ones."""
    if isinstance(packed, dict):
        raise ValueError("no city: a table where a value is due")
    if not isinstance(packed, list):
        return packed
    kind, content = packed[0], packed[-1]
    if kind == "array":
        dtype = np.dtype(packed[1])
        if dtype.kind not in _KINDS:
            raise ValueError("no city: not an array of numbers")
        size = math.prod(content) * dtype.itemsize
        return np.frombuffer(bytearray(numbers.read(size)), dtype).reshape(content)
    if kind == "tuple":
        return tuple([_unpacked(entry, numbers) for entry in content])
    if kind == "path":
        return Path(content)
    table = {name: _unpacked(entry, numbers) for name, entry in content}
    return table if kind == "dict" else _CLASSES[packed[1]](**table)
