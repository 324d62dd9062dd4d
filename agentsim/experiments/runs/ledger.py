"""The ledger: one SQLite file in which every run is a row, found again by what determines it.

A row has the key of its run (:func:`agentsim.experiments.runs.replications.fingerprint`), how it ended, its
outcomes, what it cost, and for a failure the error, its traceback and the command that repeats it. One
process writes; others may read at the same time. A row is on disk before the next one is written, so that a
process may be killed at any moment: only the runs under way are lost, and they are made again.
"""

import json
import sqlite3
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np

from agentsim.experiments.runs.ledger_file import UnusableLedger, connect, damaged, os_error

if TYPE_CHECKING:  # a run needs no table, and pandas takes as long to load as some days of the model
    import pandas as pd

FILE = "runs.sqlite"  # in a folder of results
OLD_FILES = ("runs.jsonl", "plans.jsonl")  # of versions before the ledger
LAYOUT = 1  # of the tables; a ledger of another one is refused
DONE, FAILED, TIMED_OUT, OUT_OF_MEMORY, DIED = "done", "failed", "timed_out", "out_of_memory", "died"
STATUSES = (DONE, FAILED, TIMED_OUT, OUT_OF_MEMORY, DIED)

# what a row says besides its outcomes, in the order in which it is stored and read
ABOUT = (
    *("key", "scenario", "changes", "policy", "attacker", "seed", "hours", "plan", "version", "status"),
    *("persons_per_household", "wall_s", "cpu_s", "peak_mb", "host", "error", "traceback", "command"),
    *("finished", "attempts"),
)
_NUMBERS = ("seed", "hours", "persons_per_household", "wall_s", "cpu_s", "peak_mb", "attempts")
_IN_DIGEST = [ABOUT.index(name) for name in ("key", "policy", "attacker", "seed", "status")]
_TABLES = f"""
CREATE TABLE IF NOT EXISTS runs (
    {", ".join(f"{name} {'NUMERIC' if name in _NUMBERS else 'TEXT'}" for name in ABOUT)},
    outcome_set INTEGER, outcomes BLOB, digest BLOB, PRIMARY KEY (key));
CREATE TABLE IF NOT EXISTS outcome_sets (id INTEGER PRIMARY KEY, names TEXT UNIQUE);
CREATE TABLE IF NOT EXISTS plans (key TEXT PRIMARY KEY, content TEXT);
CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, content TEXT);
PRAGMA user_version = {LAYOUT};
"""


class Ledger:
    """Rows of finished and failed runs, and plans of attackers, in a SQLite file.

    Parameters
    ----------
    file : made if it is missing; None keeps everything in memory, until the ledger is closed
    write : False opens an existing file for reading only
    go_on : True: once the disk refuses a row, that row and later ones are kept in memory, and ``fault`` says
        why. False: ``keep`` raises

    Raises
    ------
    UnusableLedger : the file is no ledger, is damaged, or was written by another version of this table layout
    OSError : it cannot be opened, or the disk refuses a row (full, read-only)
    """

    def __init__(self, file: Path | None = None, *, write: bool = True, go_on: bool = False) -> None:
        self.file, self.go_on, self.fault = file, go_on, ""
        self._sets: dict[str, int] = {}
        self._unkept: Ledger | None = None  # in memory, where the disk refused
        with self._told():
            self._db = connect(file, write)
            try:
                self._prepare(write)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, write: bool) -> None:
        layout = self._db.execute("PRAGMA user_version").fetchone()[0]
        if layout not in (0, LAYOUT):
            raise UnusableLedger(
                f"{self.file}: written by another version of agentsim (table layout {layout}, this one reads "
                f"{LAYOUT}); read it with that version, or name another file"
            )
        found = {name for (name,) in self._db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if layout == 0 and (found or not write):
            raise UnusableLedger(f"{self.file}: is no ledger of agentsim; name another file")
        if write:
            fault = self._db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if fault != "ok":
                raise sqlite3.DatabaseError(fault)
            if layout == 0:
                self._db.executescript(_TABLES)

    # ---- runs -----------------------------------------------------------------------------------------

    def kept(self, keys: Iterable[str]) -> set[str]:
        """Those of the keys whose run is done."""
        wanted = set(keys)
        with self._told():
            rows = self._db.execute("SELECT key FROM runs WHERE status = ?", (DONE,)).fetchall()
        here = {key for (key,) in rows if key in wanted}
        return here | (self._unkept.kept(wanted) if self._unkept else set())

    def keep(self, row: Mapping[str, Any]) -> None:
        """Store the row of a run that has ended; it replaces an earlier one with this key.

        *row* has entries of ``ABOUT``, and for a finished run ``outcomes`` and ``units``, both by name.
        """
        if self._unkept:
            return self._unkept.keep(row)
        try:
            with self._told(), self._db:
                self._insert(row)
        except OSError as error:
            if not self.go_on:
                raise
            self.fault = f"{error.filename or self.file}: {error.strerror or error}"
            self._unkept = Ledger()
            self._unkept.keep(row)

    def _insert(self, row: Mapping[str, Any]) -> None:
        key = row["key"]
        before = self._db.execute("SELECT attempts FROM runs WHERE key = ?", (key,)).fetchone()
        values = dict(row)
        values["finished"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        values["attempts"] = 1 + (before[0] if before else 0)
        number = blob = None
        if row["status"] == DONE:
            number = self._outcome_set(row["units"])
            blob = np.array([row["outcomes"].get(name) for name in row["units"]], dtype="<f8").tobytes()
        about = [values.get(name) for name in ABOUT]
        marks = ", ".join("?" * (len(ABOUT) + 3))
        self._db.execute(
            f"INSERT OR REPLACE INTO runs VALUES ({marks})", (*about, number, blob, _digest(about, blob))
        )

    def _outcome_set(self, units: Mapping[str, str]) -> int:
        """The number under which these outcomes and units are known to the file."""
        names = json.dumps(list(units.items()), ensure_ascii=False)
        if names not in self._sets:
            self._db.execute("INSERT OR IGNORE INTO outcome_sets (names) VALUES (?)", (names,))
            found = self._db.execute("SELECT id FROM outcome_sets WHERE names = ?", (names,)).fetchone()
            self._sets[names] = found[0]
        return self._sets[names]

    def rows(
        self,
        keys: Iterable[str] | None = None,
        *,
        status: str | None = DONE,
        outcomes: Sequence[str] | None = None,
    ) -> "pd.DataFrame":
        """The runs as a frame: one row each, columns ``ABOUT`` and one for each outcome, nan where undefined.

        Parameters
        ----------
        keys : only these runs; None: all
        status : how they ended; None: however they ended, without outcomes unless done
        outcomes : only these; None: all. ``attrs["units"]`` holds the unit of each
        """
        where = "" if status is None else f" WHERE status = '{status}'"
        said = f"SELECT {', '.join(ABOUT)}, outcome_set, outcomes, digest FROM runs{where} ORDER BY rowid"
        with self._told():
            found = self._db.execute(said).fetchall()
            sets = {
                number: dict(json.loads(names))
                for number, names in self._db.execute("SELECT id, names FROM outcome_sets")
            }
        wanted = None if keys is None else set(keys)
        if wanted is not None:
            found = [row for row in found if row[0] in wanted]
        frame = self._frame(found, sets)
        if self._unkept:
            import pandas as pd

            rest = self._unkept.rows(wanted, status=status)
            units = frame.attrs["units"] | rest.attrs["units"]
            frame = pd.concat([frame, rest], ignore_index=True) if len(frame) else rest
            frame.attrs["units"] = units
        return _only(frame, outcomes)

    def _frame(self, found: Sequence[tuple], sets: Mapping[int, dict[str, str]]) -> "pd.DataFrame":
        if any(row[-1] != _digest(row, row[-2]) for row in found):
            raise damaged(self.file, "a stored result does not match its digest")
        import pandas as pd

        about = pd.DataFrame([row[: len(ABOUT)] for row in found], columns=list(ABOUT))
        units: dict[str, str] = {}
        parts = []
        for number in dict.fromkeys(row[-3] for row in found if row[-3] is not None):
            units |= sets[number]
            at = [index for index, row in enumerate(found) if row[-3] == number]
            values = np.frombuffer(b"".join(found[index][-2] for index in at), dtype="<f8")
            table = values.reshape(len(at), len(sets[number])).astype(float)
            parts.append(pd.DataFrame(table, index=at, columns=list(sets[number])))
        frame = about.join(pd.concat(parts)) if parts else about
        frame.attrs["units"] = units
        return frame

    # ---- plans ----------------------------------------------------------------------------------------

    def plan(self, key: str) -> Any | None:
        """What was kept as the plan with this key; None if there is none."""
        with self._told():
            found = self._db.execute("SELECT content FROM plans WHERE key = ?", (key,)).fetchone()
            return None if found is None else json.loads(found[0])

    def keep_plan(self, key: str, content: Any) -> None:
        """Store a plan, given as plain data."""
        self._write("INSERT OR REPLACE INTO plans VALUES (?, ?)", key, content)

    # ---- notes: what the rows belong to ---------------------------------------------------------------

    def note(self, name: str) -> Any | None:
        """What was noted under a name; None if nothing was."""
        with self._told():
            found = self._db.execute("SELECT content FROM notes WHERE name = ?", (name,)).fetchone()
            return None if found is None else json.loads(found[0])

    def keep_note(self, name: str, content: Any) -> None:
        """Note plain data under a name."""
        self._write("INSERT OR REPLACE INTO notes VALUES (?, ?)", name, content)

    def _write(self, said: str, name: str, content: Any) -> None:
        try:
            with self._told(), self._db:
                self._db.execute(said, (name, json.dumps(content, ensure_ascii=False)))
        except OSError as error:
            if not self.go_on:
                raise
            self.fault = f"{error.filename or self.file}: {error.strerror or error}"

    # ---- the file -------------------------------------------------------------------------------------

    def close(self) -> None:
        """Close the file; a ledger in memory is gone."""
        with suppress(sqlite3.Error):
            self._db.close()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _told(self) -> Generator[None, None, None]:
        """Errors of SQLite become one that says what is wrong with which file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            if "decode" in str(error):  # a text that is none: only damage makes one
                raise damaged(self.file, str(error)[:80]) from None
            raise os_error(error, self.file) from None
        except (sqlite3.DatabaseError, json.JSONDecodeError) as error:
            raise damaged(self.file, str(error)) from None


def _digest(about: Sequence[Any], blob: bytes | None) -> bytes:
    """A digest of what a row says of its run and of its outcomes, by which damage is found."""
    said = "|".join(str(about[index]) for index in _IN_DIGEST)
    return blake2b(said.encode() + (blob or b""), digest_size=8).digest()


def _only(frame: "pd.DataFrame", outcomes: Sequence[str] | None) -> "pd.DataFrame":
    """The frame with some outcomes only."""
    if outcomes is None:
        return frame
    units = {name: unit for name, unit in frame.attrs["units"].items() if name in outcomes}
    frame = frame[[*ABOUT, *units]]
    frame.attrs["units"] = units
    return frame


def read_rows(file: Path, **given: Any) -> "pd.DataFrame":
    """:meth:`Ledger.rows` of a file."""
    with closing(Ledger(file, write=False)) as ledger:
        return ledger.rows(**given)


def old_files(folder: Path) -> list[str]:
    """What to say of files in which older versions kept runs and plans."""
    found = [folder / name for name in OLD_FILES if (folder / name).exists()]
    return [
        f"{file}: was kept by an older version and is not read; runs are made anew into {FILE}, and this "
        "file may be deleted"
        for file in found
    ]
