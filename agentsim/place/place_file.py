"""Writes a place as a folder that loads again as the same place, with every number stated."""

import json
import shutil
from dataclasses import fields
from pathlib import Path
from typing import Any

from agentsim.place.build import Built
from agentsim.place.doubt_limits import DoubtLimits
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.inp import InpNetwork
from agentsim.place.spec import GRID_TABLES, ORDINARY, ORDINARY_GRID


def place_toml(built: Built, file_names: dict[str, str]) -> str:
    """The text of a ``place.toml``: derived numbers first, then those of the package's defaults.

    Parameters
    ----------
    file_names : names of the files beside it, by role
    """
    given, spec = built.given, built.resolved
    lines = [
        f"# {spec.title}, as `agentsim place build` understood it. Every number may be changed.",
        "",
        "[place]",
        f"title = {_toml(spec.title)}",
        f"title_ja = {_toml(spec.title_ja)}",
        f"latitude_deg = {_toml(spec.latitude_deg)}",
    ]
    lines += [] if built.land.table is not None else [f"districts = {spec.districts}"]
    lines += ["", "[files]", *(f"{role} = {_toml(name)}" for role, name in file_names.items())]
    derived, other = list[str](), list[str]()
    for item in fields(PlaceParameters):
        value = getattr(spec.parameters, item.name)
        if value is None:
            continue
        meta = item.metadata
        text = f"{item.name} = {_toml(value)}"
        note = f"# {meta['unit']}; {meta['source']}" if meta["unit"] != "1" else f"# {meta['source']}"
        was_derived = getattr(given.parameters, item.name) is None
        (derived if was_derived else other).extend([note + f" [{meta['tag']}]", text])
    lines += ["", "[numbers.derived]", *derived, "", "[numbers.stated]", *other]
    lines += ["", "[doubts]  # limits of the report", *_limits(spec.doubt_limits)]
    lines += ["", "[sources]  # share of a normal year's draw"]
    lines += [f"{_toml(name)} = {_toml(share)}" for name, share in spec.source_draw_share]
    lines += ["", "[sites]  # junctions"]
    lines += [f"{kind} = {_toml(junction)}" for kind, junction in spec.site_junction]
    for key, rows in (("terminal", spec.terminals), ("district", spec.district_names)):
        for row in rows:
            lines += ["", f"[[{key}]]"]
            lines += [f"{item.name} = {_toml(getattr(row, item.name))}" for item in fields(row)]
    lines += ["", "[provenance]", *(f"{key} = {_toml(text)}" for key, text in spec.provenance)]
    return "\n".join(lines) + "\n"


def _limits(limits: DoubtLimits) -> list[str]:
    rows = []
    for item in fields(DoubtLimits):
        meta = item.metadata
        unit = "" if meta["unit"] == "1" else f"{meta['unit']}; "
        rows += [f"# {unit}{meta['source']} [{meta['tag']}]", f"{item.name} = {getattr(limits, item.name)!r}"]
    return rows


def write_place(built: Built, folder: Path) -> None:
    """Copies the place's own files into *folder* and writes its ``place.toml``.

    Nodes that the water file does not draw get the coordinates that they were given.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ordinary = {**ORDINARY, **ORDINARY_GRID}
    names: dict[str, str] = {}
    for role, name in built.given.files:
        if ordinary.get(role) == name:
            continue
        source = built.given.folder / name
        target = source.name if source.name not in names.values() else f"{role}_{source.name}"
        names[role] = target
        if source.is_dir():
            shutil.copytree(source, folder / target, dirs_exist_ok=True)
        elif source.resolve() != (folder / target).resolve():
            shutil.copyfile(source, folder / target)
    if built.network.unplaced:
        _draw(folder / names["water"], built.network)
    assert all(role in names for role in GRID_TABLES) or not any(role in names for role in GRID_TABLES)
    (folder / "place.toml").write_text(place_toml(built, names), encoding="utf-8")


def _draw(file: Path, network: InpNetwork) -> None:
    """Adds a section of coordinates to a water file, before its end; of two, the later line counts."""
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    end = next((i for i, line in enumerate(lines) if line.strip().upper().startswith("[END")), len(lines))
    rows = zip(network.node_id, network.node_x.tolist(), network.node_y.tolist(), strict=True)
    section = ["[COORDINATES]", *(f"{name} {x!r} {y!r}" for name, x, y in rows), ""]
    file.write_text("\n".join(lines[:end] + section + lines[end:]) + "\n", encoding="utf-8")


def _toml(value: Any) -> str:
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(entry) for entry in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
