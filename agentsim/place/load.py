"""A city by its name, its folder or its description: kept from an earlier time, or built."""

from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from platform import machine, system
from typing import Any

import epanet_plus
import numpy as np
import scipy

from agentsim.core import disk_cache
from agentsim.place import stored
from agentsim.place.cases import Place
from agentsim.place.spec import Spec, digest_of, read_spec


def load_place(name_or_spec: str | Path | Spec, districts: int | None = None) -> Place:
    """A city built from a shipped place's name, a folder with a ``place.toml``, or a checked :class:`Spec`.

    The same city is built once: the next process takes it from :mod:`~agentsim.core.disk_cache`, to the
    last bit. Every caller gets arrays of their own.

    Parameters
    ----------
    districts : how many; None: as the place says, else 8 or as many as fit

    Raises
    ------
    UnbuildablePlace : a file is missing or wrong, no districts, or more districts than zones

    >>> city = load_place("bay_city")
    >>> len(city.districts), len(city.zone_x_km), len(city.grid.bus_id)
    (8, 36, 24)
    """
    spec = name_or_spec if isinstance(name_or_spec, Spec) else read_spec(name_or_spec)
    return _copy(_place(spec, None if districts is None else int(districts), digest_of(spec)))


@lru_cache(maxsize=16)
def _place(spec: Spec, districts: int | None, digest: str) -> Place:
    """The city of files with this *digest*, from disk if it is there; not to be written to."""
    versions = [library.__version__ for library in (np, scipy, epanet_plus)]
    code = disk_cache.source_digest("core", "place")
    key = disk_cache.key_of(spec, districts, digest, code, versions, machine(), system())
    content = disk_cache.read("places", key)
    if content is not None:
        with suppress(ValueError):  # written by something else
            return stored.from_bytes(content)
    from agentsim.place.build import build  # here, because a kept city needs none of it

    place = build(spec, districts).place
    with suppress(TypeError):  # there is something in it that cannot be kept
        disk_cache.write("places", key, stored.to_bytes(place))
    return place


def _copy(thing: Any) -> Any:
    """The same object with every array copied, so that a caller's changes do not reach the next caller."""
    if isinstance(thing, np.ndarray):
        return thing.copy()
    if isinstance(thing, dict):
        return {key: _copy(value) for key, value in thing.items()}
    if is_dataclass(thing) and not isinstance(thing, type):
        values = {item.name: getattr(thing, item.name) for item in fields(thing)}
        kept = (np.ndarray, dict)
        return replace(
            thing,
            **{k: _copy(v) for k, v in values.items() if isinstance(v, kept) or is_dataclass(v)},
        )
    return thing
