"""A city from the cache is the built one to the last bit; a wrong entry is built again."""

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentsim.place import load, stored
from agentsim.place.build import build
from agentsim.place.cases import Place
from agentsim.place.spec import read_spec


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of this test alone."""
    monkeypatch.setenv("AGENTSIM_CACHE_DIR", str(tmp_path))
    load._place.cache_clear()
    return tmp_path


def assert_same(one: Any, other: Any) -> None:
    """The same types and the same bits in every part."""
    assert type(one) is type(other)
    if dataclasses.is_dataclass(one):
        for item in dataclasses.fields(one):
            assert_same(getattr(one, item.name), getattr(other, item.name))
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
        assert other.flags.c_contiguous
        assert other.flags.writeable
    elif isinstance(one, dict):
        assert list(one) == list(other)
        for key in one:
            assert_same(one[key], other[key])
    elif isinstance(one, tuple):
        assert len(one) == len(other)
        for mine, yours in zip(one, other, strict=True):
            assert_same(mine, yours)
    else:
        assert repr(one) == repr(other)


@pytest.mark.parametrize("name", ["bay_city", "river_town"])
def test_bytes_give_the_same_city(name: str) -> None:
    place = build(name).place
    assert_same(place, stored.from_bytes(stored.to_bytes(place)))


def test_a_kept_city_is_not_built(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built = load.load_place("bay_city")
    assert len(list(folder.rglob("*"))) == 2  # a folder of places, and one place
    load._place.cache_clear()
    monkeypatch.setattr("agentsim.place.build.build", None)
    assert_same(built, load.load_place("bay_city"))


@pytest.mark.parametrize("content", [b"", b"{}\n", b'["class", "Other", []]\n', b'["array", "<f8", [9]]\n'])
def test_an_entry_of_another_kind_is_built_anew(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(load.disk_cache, "read", lambda kind, key: content)
    assert isinstance(load.load_place("bay_city"), Place)


def test_other_files_other_numbers_and_other_code_find_no_old_entry(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def entries() -> int:
        return len(list((folder / "places").iterdir()))

    spec = read_spec("bay_city")
    load.load_place(spec)
    load._place.cache_clear()
    load.load_place(dataclasses.replace(spec, parameters=dataclasses.replace(spec.parameters, peak_mw=900.0)))
    assert entries() == 2
    load.load_place(spec, 6)
    assert entries() == 3
    load._place(spec, None, "other files")
    assert entries() == 4
    load._place.cache_clear()
    monkeypatch.setattr(load.disk_cache, "source_digest", lambda *folders: "other code")
    load.load_place(spec)
    assert entries() == 5


def test_nothing_but_plain_values_and_numbers_is_kept() -> None:
    place = build("bay_city").place
    odd = dataclasses.replace(place, normals={"mean_temperature_degc": np.array([object()])})
    with pytest.raises(TypeError):
        stored.to_bytes(odd)
