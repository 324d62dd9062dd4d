"""The base class of all agents: Mesa's, but it does not keep a society alive that nobody uses any more."""

from collections.abc import Iterator
from itertools import count
from typing import Any, ClassVar
from weakref import WeakKeyDictionary

import mesa


class _NumbersByModel:
    """The next number of an agent in each model, for as long as the model exists.

    Mesa's own table holds every model for ever, and so all memory of every run of a process.
    """

    def __init__(self) -> None:
        self._next: WeakKeyDictionary[Any, Iterator[int]] = WeakKeyDictionary()

    def __getitem__(self, model: Any) -> Iterator[int]:
        return self._next.setdefault(model, count(1))


class Agent(mesa.Agent):
    """An agent of Mesa, numbered from 1 in its model."""

    _ids: ClassVar[Any] = _NumbersByModel()
