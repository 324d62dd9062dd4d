"""Stored recordings and tables of replications: shipped with the package, or made on this machine before."""

import json
import os
import re
import sys
import tempfile
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Any

from agentsim.app.replay.recording import Recording, model_version
from agentsim.core.errors import InvalidInput

SHIPPED = Path(__file__).parent / "shipped"
TABLES = "replications.json"
KEPT_IN_MEMORY = 48
KEPT_ON_DISK_MB = 500
_KEY = re.compile(r"[0-9a-f]{32}")


def cache_folder() -> Path:
    """The folder of this user's caches: XDG_CACHE_HOME, or the usual one of the system."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "agentsim"
    if sys.platform == "win32" and (given := os.environ.get("LOCALAPPDATA")):
        return Path(given) / "agentsim" / "cache"
    home = Path.home()
    return (home / "Library/Caches" if sys.platform == "darwin" else home / ".cache") / "agentsim"


class InvalidKey(InvalidInput):
    """A text that is no key of a recording, and must not become the name of a file."""

    code = "invalid_key"


class RecordingStore:
    """Recordings by key: in memory, shipped with the package, or on disk for the present version of the code.

    Every reader gets the same object; its arrays are read-only.

    Parameters
    ----------
    folder : on disk; None: the user's cache folder
    shipped : recordings that come with the package
    """

    def __init__(self, folder: Path | None = None, shipped: Path = SHIPPED) -> None:
        self.shipped = shipped
        self.folder = _writable((folder or cache_folder()) / "recordings" / model_version())
        self._lock = threading.Lock()
        self._in_memory: OrderedDict[str, Recording] = OrderedDict()
        self._tables: dict[str, Any] = {}
        for file in (shipped / TABLES, self.folder / TABLES):
            self._tables |= _read_json(file)

    @property
    def plans(self) -> Path:
        """The folder in which plans of attackers are kept."""
        return self.folder / "plans"

    def has(self, key: str) -> bool:
        return key in self._in_memory or self._file(key) is not None

    def get(self, key: str) -> Recording | None:
        """The recording of a key; None if there is none or its file is damaged."""
        with self._lock:
            if key in self._in_memory:
                self._in_memory.move_to_end(key)
                return self._in_memory[key]
        file = self._file(key)
        if file is None:
            return None
        try:
            found = Recording.from_bytes(file.read_bytes())
        except (OSError, ValueError):
            return None
        with self._lock:
            self._in_memory[key] = found
            while len(self._in_memory) > KEPT_IN_MEMORY:
                self._in_memory.popitem(last=False)
        return found

    def put(self, key: str, data: bytes) -> None:
        """Store the bytes of a recording on disk; the oldest files are deleted when the folder is full."""
        _write(self.folder / f"{_checked(key)}.npz", data)
        self._delete_oldest()

    def table(self, key: str) -> dict[str, Any] | None:
        """The table of replications of a case."""
        return self._tables.get(key)

    def tables(self) -> list[tuple[str, dict[str, Any]]]:
        """All tables with their keys, in the order of the keys."""
        return sorted(self._tables.items())

    def put_table(self, key: str, table: dict[str, Any]) -> None:
        """Store the table of replications of a case."""
        with self._lock:
            self._tables[_checked(key)] = table
            kept = _read_json(self.folder / TABLES) | {key: table}
            _write(self.folder / TABLES, json.dumps(kept, ensure_ascii=False).encode())

    def _file(self, key: str) -> Path | None:
        name = f"{_checked(key)}.npz"
        return next((file for file in (self.shipped / name, self.folder / name) if file.is_file()), None)

    def _delete_oldest(self) -> None:
        files = []
        for file in self.folder.parent.glob("*/*.npz"):
            try:
                files.append((file.stat().st_mtime, file.stat().st_size, file))
            except OSError:
                continue
        total = 0
        for _, size, file in sorted(files, key=lambda entry: -entry[0]):
            total += size
            if total > KEPT_ON_DISK_MB * 1_000_000:
                file.unlink(missing_ok=True)


def _checked(key: str) -> str:
    """The key, if it is a digest: nothing else may become the name of a file."""
    if not _KEY.fullmatch(key):
        raise InvalidKey(f"{key!r} is no key of a recording")
    return key


def _writable(folder: Path) -> Path:
    """The folder, created if need be; a temporary one if it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="agentsim-"))


def _write(file: Path, data: bytes) -> None:
    """Write a file wholly or not at all, even if another process writes it at the same time."""
    handle, part = tempfile.mkstemp(dir=file.parent, suffix=".part")
    with os.fdopen(handle, "wb") as out:
        out.write(data)
    os.replace(part, file)


def _read_json(file: Path) -> dict[str, Any]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
