"""One process at a time writes into a folder or a file of results."""

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from agentsim.core.errors import InvalidInput

try:
    import fcntl
except ImportError:  # Windows: the file cannot be removed while it is open, which is a lock too
    fcntl = None  # type: ignore[assignment]

NAME = ".agentsim.lock"
_held: dict[Path, int] = {}  # folders and files that this process has locked, and how often


class FolderInUse(InvalidInput):
    """Another process writes into the folder or the file."""

    code = "folder_in_use"


@contextmanager
def locked(folder: Path | None) -> Generator[None, None, None]:
    """Holds *folder*, which must exist, or a file in such a folder for this process; None holds nothing.

    Raises
    ------
    FolderInUse : another process holds it; the message says which
    """
    if folder is None:
        yield
        return
    place = folder.resolve()
    handle = _lock(place) if place not in _held else None
    _held[place] = _held.get(place, 0) + 1
    try:
        yield
    finally:
        _held[place] -= 1
        if handle is not None:
            del _held[place]
            _release(place, handle)


def _lock(folder: Path) -> int:
    file = lock_file(folder)
    while True:
        handle = os.open(file, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            if fcntl is not None:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(handle, 40).decode(errors="replace").strip() or "another process"
            os.close(handle)
            what = "folder" if folder.is_dir() else "file"
            raise FolderInUse(
                f"{folder}: {holder} is writing there; wait until it has ended, or name another {what}"
            ) from None
        if _is_still(file, handle):
            os.ftruncate(handle, 0)
            os.write(handle, f"process {os.getpid()}\n".encode())
            return handle
        os.close(handle)  # the holder before us has removed the file meanwhile


def lock_file(place: Path) -> Path:
    """The file that is there while a process holds a folder or a file."""
    return place / NAME if place.is_dir() else place.with_name(f".{place.name}.lock")


def _is_still(file: Path, handle: int) -> bool:
    """Whether the open file is the one that the folder shows under this name."""
    try:
        return os.path.samestat(os.stat(file), os.fstat(handle))
    except FileNotFoundError:
        return False


def _release(folder: Path, handle: int) -> None:
    with suppress(OSError):
        os.remove(lock_file(folder))
    os.close(handle)
