"""The shelf: recordings and tables that exist already, shipped or made here before."""

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

SHIPPED = Path(__file__).parent / "shipped"
TABLES = "replications.json"
KEPT_IN_MEMORY = 48
KEPT_ON_DISK_MB = 500
_KEY = re.compile(r"[0-9a-f]{32}")


def cache_folder() -> Path:
    """Where this user's caches live: XDG_CACHE_HOME, or what the system has for it."""
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given) / "agentsim"
    if sys.platform == "win32" and (given := os.environ.get("LOCALAPPDATA")):
        return Path(given) / "agentsim" / "cache"
    home = Path.home()
    return (home / "Library/Caches" if sys.platform == "darwin" else home / ".cache") / "agentsim"


class Shelf:
    """Recordings by key: in memory, shipped with the package, or on disk for the code of today.

    Every reader gets the same object; its arrays cannot be written to.

    Parameters
    ----------
    folder : on disk; None: the user's cache folder
    shipped : recordings that come with the package
    """

    def __init__(self, folder: Path | None = None, shipped: Path = SHIPPED) -> None:
        self.shipped = shipped
        self.folder = _writable((folder or cache_folder()) / "recordings" / model_version())
        self._lock = threading.Lock()
        self._near: OrderedDict[str, Recording] = OrderedDict()
        self._tables: dict[str, Any] = {}
        for file in (shipped / TABLES, self.folder / TABLES):
            self._tables |= _read_json(file)

    @property
    def plans(self) -> Path:
        """The folder in which plans of attackers are kept."""
        return self.folder / "plans"

    def has(self, key: str) -> bool:
        return key in self._near or self._file(key) is not None

    def get(self, key: str) -> Recording | None:
        """The recording of a key; None where there is none or its file is torn."""
        with self._lock:
            if key in self._near:
                self._near.move_to_end(key)
                return self._near[key]
        file = self._file(key)
        if file is None:
            return None
        try:
            found = Recording.from_bytes(file.read_bytes())
        except (OSError, ValueError):
            return None
        with self._lock:
            self._near[key] = found
            while len(self._near) > KEPT_IN_MEMORY:
                self._near.popitem(last=False)
        return found

    def put(self, key: str, data: bytes) -> None:
        """Keep the bytes of a recording on disk; the oldest give way."""
        _write(self.folder / f"{_checked(key)}.npz", data)
        self._make_room()

    def table(self, key: str) -> dict[str, Any] | None:
        """The table of replications of a case."""
        return self._tables.get(key)

    def tables(self) -> list[tuple[str, dict[str, Any]]]:
        """All tables with their keys, in the order of the keys."""
        return sorted(self._tables.items())

    def put_table(self, key: str, table: dict[str, Any]) -> None:
        with self._lock:
            self._tables[_checked(key)] = table
            kept = _read_json(self.folder / TABLES) | {key: table}
            _write(self.folder / TABLES, json.dumps(kept, ensure_ascii=False).encode())

    def _file(self, key: str) -> Path | None:
        name = f"{_checked(key)}.npz"
        return next((file for file in (self.shipped / name, self.folder / name) if file.is_file()), None)

    def _make_room(self) -> None:
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
    """Only a digest ever becomes the name of a file."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of a recording")
    return key


def _writable(folder: Path) -> Path:
    """The folder, made; one for this process alone where the user's cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return Path(tempfile.mkdtemp(prefix="agentsim-"))


def _write(file: Path, data: bytes) -> None:
    """Write a file whole or not at all, whoever else writes it at the same time."""
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
