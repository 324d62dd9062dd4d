"""What was computed from content alone is kept on disk, so that the next process need not compute it again.

The folder is ``AGENTSIM_CACHE_DIR`` if that is set, else ``agentsim`` in the user's cache folder. It may be
deleted at any time. Where it cannot be written nothing is kept, and nothing is said.
"""

import hashlib
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

import agentsim

MOST_ENTRIES = 64  # of a kind; the oldest are deleted
_DIGEST_BYTES = 16


def folder() -> Path:
    """Where entries are kept; it need not exist."""
    if chosen := os.environ.get("AGENTSIM_CACHE_DIR"):
        return Path(chosen)
    if sys.platform == "darwin":
        return Path("~/Library/Caches/agentsim").expanduser()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path("~/AppData/Local").expanduser()) / "agentsim/Cache"
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if os.path.isabs(home) else Path("~/.cache").expanduser()) / "agentsim"


def key_of(*parts: object) -> str:
    """A name for an entry from all that determines it: texts and numbers, each told from the next."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=_DIGEST_BYTES).hexdigest()


@cache
def source_digest(*folders: str) -> str:
    """A digest of the Python source in these folders of the package: changed code finds no old entry."""
    digest = hashlib.blake2b(digest_size=_DIGEST_BYTES)
    root = Path(agentsim.__file__).parent
    for name in folders:
        for file in sorted((root / name).rglob("*.py")):
            digest.update(file.relative_to(root).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def read(kind: str, key: str) -> bytes | None:
    """What was kept under *key*; None where there is nothing, or where it is damaged."""
    try:
        content = (folder() / kind / key).read_bytes()
    except (OSError, RuntimeError):  # RuntimeError: the user has no home
        return None
    digest, content = content[:_DIGEST_BYTES], content[_DIGEST_BYTES:]
    return content if digest == _digest(content) else None


def write(kind: str, key: str, content: bytes) -> None:
    """Keep *content* under *key*, whole or not at all."""
    with suppress(OSError, RuntimeError):
        place = folder() / kind
        place.mkdir(parents=True, exist_ok=True)
        part = place / f".{key}.{uuid4().hex}"
        try:
            part.write_bytes(_digest(content) + content)
            os.replace(part, place / key)
        finally:
            part.unlink(missing_ok=True)
        _thin_out(place)


def _digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest()


def _thin_out(place: Path) -> None:
    entries = sorted(place.iterdir(), key=lambda entry: entry.stat().st_mtime, reverse=True)
    for entry in entries[MOST_ENTRIES:]:
        entry.unlink(missing_ok=True)
