"""A scenario's city from files of one's own: which keys go together, and what is built from them."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from agentsim.scenario.tables import Place

KEYS = tuple(item.name for item in fields(Place) if item.metadata.get("path"))
_WITH = {"trips": "roads", "road_nodes": "roads"}  # other files go with the water network


def is_path(key: str) -> bool:
    """Whether a dotted key of a scenario holds a path."""
    return key in [f"place.{name}" for name in KEYS]


def anchored(value: Any, folder: Path) -> Any:
    """A path that no longer depends on where one stands; anything but a text is left to be refused."""
    return os.path.abspath(folder / value) if isinstance(value, str) and value else value


def anchor(given: dict[str, Any], folder: Path) -> None:
    """Makes the paths of a scenario's content relative to *folder*, that of its file, absolute."""
    place = given.get("place")
    if isinstance(place, dict):
        place |= {name: anchored(place[name], folder) for name in KEYS if name in place}


def are_given(place: Place) -> bool:
    """Whether the city is not a shipped one."""
    return bool(place.folder or place.water)


def main_key(place: Place) -> tuple[str, str]:
    """The key of the file that a message about the whole place points to."""
    return "place", next((name for name in ("folder", "water") if getattr(place, name)), "districts")


def idle_keys(place: Place, given: Mapping[str, Any]) -> list[str]:
    """Keys that say nothing of this place, and are left out where it is printed."""
    idle = [name for name in KEYS if not getattr(place, name)]
    if are_given(place):
        idle.append("name")
    if (are_given(place) or place.name != Place.name) and not _stated(given):
        idle.append("districts")
    return idle


def _stated(given: Mapping[str, Any]) -> bool:
    """Whether the scenario says how many districts there are; else the place does."""
    return "districts" in given.get("place", {})


def contradictions(given: Mapping[str, Any], faults: Mapping[tuple, str]) -> Iterable[tuple[tuple, str]]:
    """Keys of ``[place]`` that cannot stand together, or not alone."""
    place = given.get("place", {})
    if not isinstance(place, dict) or ("place",) in faults:
        return
    chosen = [name for name in ("name", "folder", "water") if place.get(name)]
    if len(chosen) > 1:
        told = f"place.{chosen[0]} says already which city it is; leave one of {', '.join(chosen)} out"
        yield ("place", chosen[1]), told
        return
    for name in KEYS:
        partner = _WITH.get(name, "water")
        if place.get(name) and name not in ("folder", "water") and not place.get(partner):
            yield ("place", name), f"goes with place.{partner}, which is missing; name that file too"


def spec_of(place: Place) -> Any:
    """What the builder is given: a name, a folder, or the description of one's own files."""
    if place.water:
        from agentsim.place.spec import spec_of_files

        names = ("water", "grid", "roads", "trips", "road_nodes", "districts_file")
        return spec_of_files(**{name: getattr(place, name) for name in names})
    return Path(place.folder) if place.folder else place.name


def build_place(place: Place, given: Mapping[str, Any]) -> Any:
    """The city of a scenario; how many districts it has, it may say itself."""
    from agentsim.place.load import load_place

    return load_place(spec_of(place), place.districts if _stated(given) else None)


def digest(place: Place) -> str:
    """A digest of the contents of the files, so that results of changed files are not reused."""
    from agentsim.core.errors import UnbuildablePlace
    from agentsim.place.spec import Spec, digest_of, read_spec

    try:
        spec = spec_of(place)
        return digest_of(spec if isinstance(spec, Spec) else read_spec(spec))
    except UnbuildablePlace:
        return ""
