"""Finds the columns of the record that an outcome is computed from, by noting which of them it reads."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from agentsim.outcomes import Outcome
from agentsim.outcomes.record import Closing, Record

# Totals in the state at the end, and the hourly column that each adds up.
TOTALS = {
    "deprivation_h": "deprivation_h",
    "dark_h": "power_unserved_mwh",
    "interruptions": "power_unserved_mwh",
}


class _Watched(Mapping):
    """A table of columns that notes which of them are read."""

    def __init__(self, columns: Mapping[str, Any], read: list[str]) -> None:
        self._columns, self._read = columns, read

    def __getitem__(self, name: str) -> Any:
        self._read.append(name)
        return self._columns[name]

    def __contains__(self, name: object) -> bool:
        return name in self._columns

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)


class _WatchedClosing:
    """The state at the end, which notes which of its parts are read."""

    def __init__(self, closing: Closing, read: list[str]) -> None:
        self._closing, self._read = closing, read

    def __getattr__(self, name: str) -> Any:
        if name in TOTALS:
            self._read.append(TOTALS[name])
        return getattr(self._closing, name)


def drivers(record: Record, outcomes: Mapping[str, Outcome]) -> dict[str, list[str]]:
    """Columns that each outcome reads, the first one first; nothing for one that reads none.

    Parameters
    ----------
    record : of a run that has been measured
    """
    found = {}
    for name, outcome in outcomes.items():
        read: list[str] = []
        watched = Record.__new__(Record)
        for item in fields(Record):
            setattr(watched, item.name, getattr(record, item.name))
        watched.at, watched.city = _Watched(record.at, read), _Watched(record.city, read)  # type: ignore
        watched.closing = _WatchedClosing(record.closing, read)  # type: ignore[assignment]
        outcome.measure(watched)
        found[name] = list(dict.fromkeys(read))
    return found
