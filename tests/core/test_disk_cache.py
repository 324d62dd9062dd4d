"""What is kept on disk comes back whole or not at all, and a folder that cannot be written is no error."""

from pathlib import Path

import pytest

from agentsim.core import disk_cache


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test alone."""
    monkeypatch.setenv("AGENTSIM_CACHE_DIR", str(tmp_path))
    return tmp_path


def test_what_was_written_is_read_again() -> None:
    assert disk_cache.read("kind", "key") is None
    disk_cache.write("kind", "key", b"content")
    assert disk_cache.read("kind", "key") == b"content"
    assert disk_cache.read("another kind", "key") is None


@pytest.mark.parametrize("damage", [b"", b"short", b"0123456789abcdefcontent"])
def test_a_damaged_entry_is_none(folder: Path, damage: bytes) -> None:
    disk_cache.write("kind", "key", b"content")
    (folder / "kind" / "key").write_bytes(damage)
    assert disk_cache.read("kind", "key") is None


def test_half_an_entry_is_none(folder: Path) -> None:
    disk_cache.write("kind", "key", b"content" * 1000)
    file = folder / "kind" / "key"
    file.write_bytes(file.read_bytes()[:3000])
    assert disk_cache.read("kind", "key") is None


def test_a_folder_that_cannot_be_written_keeps_nothing_and_is_no_error(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").write_text("no folder")
    monkeypatch.setenv("AGENTSIM_CACHE_DIR", str(folder / "file"))
    disk_cache.write("kind", "key", b"content")
    assert disk_cache.read("kind", "key") is None


def test_the_oldest_entries_are_deleted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_cache, "MOST_ENTRIES", 3)
    for i in range(6):
        disk_cache.write("kind", f"key{i}", b"content")
    assert len(list((folder / "kind").iterdir())) == 3


def test_the_folder_is_the_users_cache_unless_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AGENTSIM_CACHE_DIR")
    monkeypatch.setattr(disk_cache.sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(Path("/somewhere").absolute()))
    assert disk_cache.folder() == Path("/somewhere").absolute() / "agentsim"
    monkeypatch.setenv("XDG_CACHE_HOME", "")
    assert disk_cache.folder() == Path.home() / ".cache" / "agentsim"


def test_keys_tell_their_parts_apart() -> None:
    assert disk_cache.key_of("ab", "c") != disk_cache.key_of("a", "bc")
    assert disk_cache.key_of(1.0) != disk_cache.key_of(1)
    assert disk_cache.source_digest("core") != disk_cache.source_digest("place")
