"""A society as it stands between two hours, kept so that several others can go on from there."""

import pickle
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from io import BytesIO
from typing import Any

import numpy as np


class Snapshot:
    """What a society is between two hours. Those that :meth:`society` gives live the hours that it would.

    To the last bit: HiGHS and EPANET are put into the same state by repeating what they were asked. Arrays
    that are parts of other arrays are so in the copy as well. What no society changes (scenario, rules,
    place, equipment, and what is shared on its ground) is not copied.

    Parameters
    ----------
    society : in its first day, because a water network repeats no more hours
    """

    def __init__(self, society: Any) -> None:
        self._fixed = list(_fixed(society))
        content = BytesIO()
        _Pickler(content, {id(thing): place for place, thing in enumerate(self._fixed)}).dump(society)
        self._content = content.getvalue()

    def society(self) -> Any:
        """One more society at this hour."""
        return _Unpickler(BytesIO(self._content), self._fixed).load()


def _fixed(society: Any) -> Iterator[Any]:
    """Everything that societies on one ground have in common."""
    ground = society.ground
    yield from (type(society), society.stages, society.policies, ground.streams, ground.shared)
    yield from ground.shared.values()
    for thing in (ground.scenario, ground.charter, ground.place, ground.equipment):
        yield from _parts(thing)


def _parts(thing: Any) -> Iterator[Any]:
    """Arrays, tables and tuples of which *thing* consists, itself included."""
    if isinstance(thing, np.ndarray):
        yield thing
    elif is_dataclass(thing):
        yield thing
        for item in fields(thing):
            yield from _parts(getattr(thing, item.name))
    elif isinstance(thing, dict | list | tuple) and thing:
        yield thing
        for part in thing.values() if isinstance(thing, dict) else thing:
            yield from _parts(part)


class _Pickler(pickle.Pickler):
    """Leaves out what is fixed, and keeps arrays that are parts of others as parts of them."""

    def __init__(self, file: BytesIO, fixed: dict[int, int]) -> None:
        super().__init__(file, protocol=5)
        self._place = fixed

    def persistent_id(self, thing: Any) -> int | None:
        return self._place.get(id(thing))

    def reducer_override(self, thing: Any) -> Any:
        if not (isinstance(thing, np.ndarray) and isinstance(thing.base, np.ndarray)):
            return NotImplemented
        start = thing.__array_interface__["data"][0] - thing.base.__array_interface__["data"][0]
        return _part, (thing.base, start, thing.shape, thing.strides, thing.dtype)


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: BytesIO, fixed: list[Any]) -> None:
        super().__init__(file)
        self._fixed = fixed

    def persistent_load(self, place: int) -> Any:
        return self._fixed[place]


def _part(whole: np.ndarray, start: int, shape: tuple, strides: tuple, dtype: np.dtype) -> np.ndarray:
    return np.ndarray(shape, dtype, whole, start, strides)
