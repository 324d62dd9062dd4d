"""The SQLite file of a ledger: how it is opened, and what its errors mean."""

import errno
import os
import sqlite3
from pathlib import Path

from agentsim.core.errors import InvalidInput
from agentsim.core.folder_lock import lock_file

_HEAD = b"SQLite format 3\0"  # of every such file
WAIT_S = 60.0  # for another process that writes into the same file


class UnusableLedger(InvalidInput):
    """A file that is no ledger, or a damaged one; nothing was written into it."""

    code = "unusable_ledger"


def is_ledger(file: Path) -> bool:
    """Whether the file is one of SQLite, in which there may be runs."""
    if not file.is_file():
        return False
    with file.open("rb") as opened:
        return opened.read(len(_HEAD)) == _HEAD


def connect(file: Path | None, write: bool) -> sqlite3.Connection:
    """A connection to the file, which is made if it is missing; None: in memory."""
    if file is None:
        return sqlite3.connect(":memory:")
    if write:
        if file.is_dir():
            raise UnusableLedger(f"{file}: is a folder; the name of a file is needed")
        db = sqlite3.connect(file, timeout=WAIT_S)
        try:
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
        except BaseException:
            db.close()
            raise
        return db
    if not file.is_file():
        raise UnusableLedger(f"{file}: there is no such file")
    return _open_to_read(file)


def _open_to_read(file: Path) -> sqlite3.Connection:
    """The file opened for reading, so that nothing is left beside it where nobody writes into it."""
    address = file.resolve().as_uri()
    if not _is_written(file):
        return sqlite3.connect(f"{address}?immutable=1", uri=True)
    db = sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=WAIT_S)
    try:
        db.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:  # its folder is read-only
        db.close()
        return sqlite3.connect(f"{address}?immutable=1", uri=True)
    except BaseException:
        db.close()
        raise
    return db


def _is_written(file: Path) -> bool:
    """Whether somebody writes into the file, or has been killed before all was in it."""
    log = file.with_name(f"{file.name}-wal")
    return lock_file(file).exists() or (log.exists() and log.stat().st_size > 0)


# what SQLite says, and the error number of the system that it means
_SYSTEM = {
    "SQLITE_FULL": errno.ENOSPC,
    "SQLITE_READONLY": errno.EROFS,
    "SQLITE_CANTOPEN": errno.EACCES,
    "SQLITE_BUSY": errno.EBUSY,
}


def os_error(error: sqlite3.OperationalError, file: Path | None) -> OSError:
    """The error of the system that an error of SQLite means."""
    name = getattr(error, "sqlite_errorname", "") or ""
    number = next((code for begin, code in _SYSTEM.items() if name.startswith(begin)), errno.EIO)
    said = "cannot be opened or made here" if number == errno.EACCES else os.strerror(number)
    return OSError(number, f"{said} ({error})", str(file))


def damaged(file: Path | None, said: str) -> UnusableLedger:
    """What to say of a file that SQLite cannot read, or that holds what was never written."""
    return UnusableLedger(
        f"{file}: is damaged or no ledger ({said}); nothing was written into it. Restore it from a copy, "
        "or move it away to begin anew; `sqlite3 FILE .recover` saves what can be read"
    )
