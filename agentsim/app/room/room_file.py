"""The SQLite file of a room. Every change is on disk before it is shown, so that a restart loses nothing."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from agentsim.core.errors import InvalidInput
from agentsim.experiments.runs.ledger_file import os_error

LAYOUT = 0x41524D01  # marks the file as a room of agentsim, and the layout of its tables
TABLES = f"""
CREATE TABLE facts (name TEXT PRIMARY KEY, content TEXT) WITHOUT ROWID;
CREATE TABLE groups (number INTEGER PRIMARY KEY, content TEXT);
CREATE TABLE members (session TEXT PRIMARY KEY, number INTEGER) WITHOUT ROWID;
CREATE TABLE rounds (number INTEGER PRIMARY KEY, content TEXT);
CREATE TABLE entries (round INTEGER, number INTEGER, content TEXT, PRIMARY KEY (round, number));
CREATE TABLE results (round INTEGER, name TEXT, content TEXT, PRIMARY KEY (round, name));
PRAGMA user_version = {LAYOUT};
"""


class UnusableRoomFile(InvalidInput):
    """A file that holds no room, or a damaged one; nothing was written into it."""

    code = "unusable_room_file"


class RoomFile:
    """Rows of a room, as plain data. Used by one thread at a time.

    Parameters
    ----------
    file : made if it is missing; None keeps everything in memory

    Raises
    ------
    UnusableRoomFile : it is no file of a room, or another server has it open
    OSError : it cannot be opened
    """

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        with self._told():
            self._db = sqlite3.connect(file or ":memory:", check_same_thread=False, timeout=2.0)
            try:
                self._prepare()
            except BaseException:
                self._db.close()
                raise

    def _prepare(self) -> None:
        self._db.execute("PRAGMA locking_mode = EXCLUSIVE")  # two servers on one file would mix two rooms
        layout = self._db.execute("PRAGMA user_version").fetchone()[0]
        tables = self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if layout != LAYOUT and (layout or tables):
            raise UnusableRoomFile(f"{self.file}: is no file of a room of this version; name another one")
        self._db.execute("PRAGMA synchronous = FULL")
        if not layout:
            self._db.executescript(TABLES)
        with self._db:  # takes the lock
            self._db.execute("INSERT OR REPLACE INTO facts VALUES ('opened', datetime('now'))")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of SQLite in words."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise UnusableRoomFile(
                    f"{self.file}: another server has this room open; stop it, or name another --room-file"
                ) from None
            raise os_error(error, self.file) from None
        except sqlite3.DatabaseError as error:
            raise UnusableRoomFile(
                f"{self.file}: is damaged or no file of a room ({error}); name another one"
            ) from None

    def facts(self) -> dict[str, Any]:
        """Single values by name."""
        return dict(self._rows("SELECT name, content FROM facts"))

    def members(self) -> dict[str, int]:
        """The group of each session."""
        return dict(self._rows("SELECT session, number FROM members"))

    def contents(self, table: str) -> list[tuple[Any, ...]]:
        """All rows of ``groups``, ``rounds``, ``entries`` or ``results``, their contents as data."""
        columns = {"results": "round, name,"}.get(table, "")
        rows = self._rows(f"SELECT {columns} content FROM {table} ORDER BY rowid")
        return [(*row[:-1], json.loads(row[-1])) for row in rows]

    def put(self, table: str, *values: Any) -> None:
        """Store a row; it replaces one with the same key. Data become JSON."""
        plain = [json.dumps(v, ensure_ascii=False) if isinstance(v, dict) else v for v in values]
        marks = ", ".join("?" * len(plain))
        with self._told(), self._db:
            self._db.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", plain)

    def drop_result(self, round: int, name: str) -> None:
        """Forget a result: what it belongs to has changed."""
        with self._told(), self._db:
            self._db.execute("DELETE FROM results WHERE round = ? AND name = ?", (round, name))

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with self._told():
            return self._db.execute(query).fetchall()

    def close(self) -> None:
        self._db.close()
