"""What a place is made of, checked before anything is built: a ``place.toml``, or single files."""

import hashlib
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.text_files import UnreadableText, file_bytes, text_of
from agentsim.core.toml_lines import BrokenToml, read_toml
from agentsim.place.doubt_limits import ORDINARY_LIMITS, DoubtLimits
from agentsim.place.parameters import ORDINARY_TERMINALS, DistrictName, PlaceParameters, Terminal

__all__ = ["SHIPPED", "Spec", "UnbuildablePlace", "read_spec", "shipped_places", "spec_of_files"]

SHIPPED = Path(__file__).parent / "data"
GRID_TABLES = ("buses", "lines", "units")
# What a place may leave out, and whose file it then takes: an hourly load shape, a climate, outage rates.
ORDINARY = {
    role: str(SHIPPED / "bay_city" / name)
    for role, name in (
        ("unit_classes", "rts79_unit_classes.csv"),
        ("weekly", "rts79_weekly_peak.csv"),
        ("daily", "rts79_daily_peak.csv"),
        ("hourly", "rts79_hourly_peak.csv"),
        ("normals", "tokyo_normals_1991_2020.csv"),
    )
}
ORDINARY_GRID = {role: str(SHIPPED / "bay_city" / f"rts79_{role}.csv") for role in GRID_TABLES}
OWN = ("grid", "roads", "trips", "road_nodes", "districts")
FILES = ("water", *GRID_TABLES, *OWN, *ORDINARY)
SITES = ("sea_side", "port", "refinery")
LATITUDE_DEG = 35.7  # of Tokyo, whose normals stand in where a place has none [M]


@dataclass(frozen=True)
class Spec:
    """A checked ``place.toml``. Tuples only, so that it can key a cache."""

    folder: Path
    name: str
    title: str
    title_ja: str
    latitude_deg: float
    files: tuple[tuple[str, str], ...]  # by role, relative to the folder
    parameters: PlaceParameters
    source_draw_share: tuple[tuple[str, float], ...] = ()  # by reservoir id; empty: by an EPANET run
    site_junction: tuple[tuple[str, str], ...] = ()  # by kind of site; empty: derived
    terminals: tuple[Terminal, ...] = ()
    district_names: tuple[DistrictName, ...] = ()
    provenance: tuple[tuple[str, str], ...] = ()
    districts: int | None = None  # how many, unless the caller says; None: 8, or as many as fit
    stated: tuple[str, ...] = ()  # names of the parameters that place.toml gives
    doubt_limits: DoubtLimits = ORDINARY_LIMITS

    def has(self, role: str) -> bool:
        """Whether a file plays *role*."""
        return role in dict(self.files)

    def file(self, role: str) -> Path:
        """The path of the file that plays *role*; ``UnbuildablePlace`` if it is missing."""
        path = self.folder / dict(self.files)[role]
        if not path.exists():
            raise UnbuildablePlace(path, f"no such file ([files] {role})", "put it there or change its name")
        if path.is_dir() and role != "roads":
            raise UnbuildablePlace(path, "is a folder", f"name the file that holds the {role}")
        return path


def shipped_places() -> tuple[str, ...]:
    """Names of the places that come with the package."""
    return tuple(sorted(path.parent.name for path in SHIPPED.glob("*/place.toml")))


def read_spec(name_or_folder: str | Path) -> Spec:
    """The checked description of a shipped place, or of a folder with a ``place.toml``.

    Raises
    ------
    UnbuildablePlace : no such place; a key that is unknown, of the wrong type or out of its range

    >>> read_spec("bay_city").title
    'Bay City'
    """
    folder = SHIPPED / name_or_folder
    if not (folder / "place.toml").is_file():
        folder = Path(name_or_folder)
    path = folder / "place.toml"
    if not path.is_file():
        known = ", ".join(shipped_places())
        raise UnbuildablePlace(
            path, f"no place {str(name_or_folder)!r}", f"name a folder with a place.toml, or one of: {known}"
        )
    return _spec(path, text_of(path, "describe the place in it"))


@lru_cache(maxsize=16)
def _spec(path: Path, text: str) -> Spec:
    """The description that *text* gives; every society of a process asks for the same one."""
    try:
        table, lines = read_toml(text)
    except BrokenToml as error:
        where, rule = f"{path}:{error.line}", f"this is no TOML: {error.said} (column {error.column})"
        raise UnbuildablePlace(where, rule, "correct the line") from None
    _check_form(path, table, lines)
    place, limits = table.get("place", {}), table.get("doubts", {})
    limits_at = {key: lines.get(("doubts", key), 0) for key in limits}
    files = _roles(path, table.get("files", {}), lines)
    numbers = {key: value for section in table.get("numbers", {}).values() for key, value in section.items()}
    at = {key: lines.get(("numbers", section, key), 0)
          for section, values in table.get("numbers", {}).items() for key in values}  # fmt: skip
    name = path.resolve().parent.name
    parameters = _record(path, "numbers.", PlaceParameters, numbers, at)
    mix = zip(parameters.sector_at_bulk_frac, parameters.sector_central_frac, strict=True)
    if any(beside + central > 1.0 for beside, central in mix):
        raise UnbuildablePlace(
            path, "sector_at_bulk_frac + sector_central_frac is above 1", "lower one of them"
        )

    def rows(key: str, kind: type) -> tuple[Any, ...]:
        return tuple(
            _record(path, f"{key}.", kind, row, {name: lines.get((key, k, name), 0) for name in row})
            for k, row in enumerate(table.get(key, ()))
        )

    return Spec(
        folder=path.parent,
        name=name,
        title=place.get("title", name),
        title_ja=place.get("title_ja", place.get("title", name)),
        latitude_deg=float(place.get("latitude_deg", LATITUDE_DEG)),
        files=tuple((role, files[role]) for role in FILES if role in files),
        parameters=parameters,
        source_draw_share=tuple((key, float(value)) for key, value in table.get("sources", {}).items()),
        site_junction=tuple((key, str(value)) for key, value in table.get("sites", {}).items()),
        terminals=rows("terminal", Terminal) or ORDINARY_TERMINALS,
        district_names=rows("district", DistrictName),
        provenance=tuple((key, str(value)) for key, value in table.get("provenance", {}).items()),
        districts=place.get("districts"),
        stated=tuple(numbers),
        doubt_limits=_record(path, "doubts.", DoubtLimits, limits, limits_at),
    )


_TABLES = ("place", "files", "numbers", "doubts", "sources", "sites", "provenance")
_ROWS = ("terminal", "district")
_PLACE: dict[str, tuple[type, str]] = {
    "title": (str, "give a text"),
    "title_ja": (str, "give a text"),
    "latitude_deg": (float, "give degrees from -90 to 90"),
    "districts": (int, "give a whole number"),
}


def _check_form(path: Path, table: Mapping[str, Any], lines: Mapping[tuple, int]) -> None:
    """Tables are tables, lists of tables are lists of tables, and ``[place]`` holds what it may hold."""

    def refuse(keys: tuple[str | int, ...], rule: str, remedy: str) -> None:
        raise UnbuildablePlace(_at(path, lines.get(keys, 0)), rule, remedy)

    _only(path, table, (*_TABLES, *_ROWS), lines=lines)
    for key, value in table.items():
        if key in _TABLES and not isinstance(value, dict):
            refuse((key,), f"{key} is no table", f"write [{key}] and its keys under it")
        if key in _ROWS and not (isinstance(value, list) and all(isinstance(row, dict) for row in value)):
            refuse((key,), f"{key} is no list of tables", f"write [[{key}]] and its keys under it")
    place = table.get("place", {})
    _only(path, place, tuple(_PLACE), "place.", lines)
    for key, value in place.items():
        kind, remedy = _PLACE[key]
        if not _is_a(kind, value) or (key == "latitude_deg" and abs(value) > 90):
            refuse(("place", key), f"place.{key} = {value!r}", remedy)
    _only(path, table.get("sites", {}), SITES, "sites.", lines)
    for section, values in table.get("numbers", {}).items():
        if not isinstance(values, dict):
            refuse(
                ("numbers", section),
                f"numbers.{section} is not a table",
                "put it under [numbers.map] or alike",
            )
    for key, value in table.get("sources", {}).items():
        if not _is_a(float, value):
            refuse(("sources", key), f"sources.{key} = {value!r}", "give a share of the draw, such as 0.5")


def _is_a(kind: type, value: Any) -> bool:
    """Whether *value* is of this kind; a number is finite, and a whole number will do for a decimal one."""
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= MOST
    return isinstance(value, kind) and not isinstance(value, bool)


MOST = 1e15  # no number of a place is larger


def digest_of(spec: Spec) -> str:
    """A digest of the contents of all files of a place; a missing one is reported by its reader."""
    digest = hashlib.blake2b(digest_size=16)
    for role, name in spec.files:
        path = spec.folder / name
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        for file in files:
            digest.update(f"{role}/{file.name}\0".encode())
            digest.update(_content(file) if file.is_file() else b"-")
    return digest.hexdigest()


def _content(file: Path) -> bytes:
    """The content of a file; one that cannot be read is reported by its reader."""
    try:
        return file_bytes(file)
    except (UnreadableText, OSError):
        return b"-"


def _roles(path: Path, files: Mapping[str, Any], lines: Mapping[tuple, int] | None = None) -> dict[str, str]:
    """The file of each role, those that the place leaves out among them; a contradiction is refused."""
    _only(path, files, FILES, "files.", lines)
    for role, name in files.items():
        if not isinstance(name, str) or not name or "\0" in name:
            where = _at(path, (lines or {}).get(("files", role), 0))
            raise UnbuildablePlace(where, f"files.{role} = {name!r}", "give the name of a file")
    if "water" not in files:
        raise UnbuildablePlace(path, "[files] water is missing", "name the file beside place.toml")
    tables = [role for role in GRID_TABLES if role in files]
    if tables and "grid" in files:
        raise UnbuildablePlace(path, f"files.grid and files.{tables[0]} both give the grid", "leave one out")
    if tables and len(tables) < len(GRID_TABLES):
        missing = next(role for role in GRID_TABLES if role not in tables)
        raise UnbuildablePlace(
            path, f"[files] {missing} is missing", f"a grid in tables needs {', '.join(GRID_TABLES)}"
        )
    for role in ("trips", "road_nodes"):
        if role in files and "roads" not in files:
            raise UnbuildablePlace(path, f"files.{role} without files.roads", "name the road network too")
    grid = {} if tables or "grid" in files else ORDINARY_GRID
    return ORDINARY | grid | dict(files)


def spec_of_files(
    water: str | Path,
    grid: str | Path = "",
    roads: str | Path = "",
    trips: str | Path = "",
    road_nodes: str | Path = "",
    districts_file: str | Path = "",
) -> Spec:
    """The description of a city from single files; every number is derived or taken by default.

    Parameters
    ----------
    water : EPANET network (``.inp``), whose map is that of the city
    grid : MATPOWER case (``.m``); else the IEEE RTS-79
    roads : TNTP network (``*_net.tntp``) or GMNS folder; else streets over the mains
    trips, road_nodes : TNTP trip table and node coordinates that go with *roads*
    districts_file : table of districts, see :func:`agentsim.place.readers.district_file.read_districts`
    """
    given = {"water": water, "grid": grid, "roads": roads, "trips": trips, "road_nodes": road_nodes}
    given["districts"] = districts_file
    files = {role: str(Path(name).absolute()) for role, name in given.items() if str(name)}
    name = Path(water).stem
    roles = _roles(Path(water).parent / "place.toml", files)
    return Spec(
        folder=Path(water).absolute().parent,
        name=name,
        title=name,
        title_ja=name,
        latitude_deg=LATITUDE_DEG,
        files=tuple((role, roles[role]) for role in FILES if role in roles),
        parameters=PlaceParameters(),
        terminals=ORDINARY_TERMINALS,
        provenance=tuple((role, Path(path).name) for role, path in files.items()),
    )


def _at(path: Path, line: int) -> Path | str:
    return f"{path}:{line}" if line else path


def _only(
    path: Path,
    table: Mapping[str, Any],
    known: tuple[str, ...],
    prefix: str = "",
    lines: Mapping[tuple, int] | None = None,
) -> None:
    for key in table:
        if key not in known:
            close = get_close_matches(key, known, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(known)}"
            here = (*prefix.split(".")[:-1], key)
            raise UnbuildablePlace(_at(path, (lines or {}).get(here, 0)), f"{prefix}{key} is unknown", remedy)


def _record(path: Path, prefix: str, kind: type, values: Mapping[str, Any], at: Mapping[str, int]) -> Any:
    """An instance of the parameter class *kind*, every value checked; *at* holds the line of each key."""
    items = {item.name: item for item in fields(kind)}
    found = {}
    for key, value in values.items():
        where = _at(path, at.get(key, 0))
        if key not in items:
            close = get_close_matches(key, items, 1)
            remedy = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(items)}"
            raise UnbuildablePlace(where, f"{prefix}{key} is unknown", remedy)
        found[key] = _checked(where, prefix, items[key], value)
    return kind(**found)


def range_fault(item: Field, value: float) -> str:
    """Why a number is none that *item* may have, in a few words; empty where it may."""
    low, high = item.metadata["low"], item.metadata["high"]
    if not abs(value) <= MOST:
        return "it must be a finite number"
    if (low is not None and value < low) or (high is not None and value > high):
        return f"stay within {low} to {high}"
    return ""


def _checked(where: Path | str, prefix: str, item: Field, value: Any) -> Any:
    many = "tuple" in str(item.type)
    said = f"{prefix}{item.name} = {value!r}"
    if many != isinstance(value, list):
        raise UnbuildablePlace(where, said, f"give {'a list' if many else 'one value'}")
    entries = value if many else [value]
    usual: Any = item.default
    if many and isinstance(usual, tuple) and item.name not in _FREE_LENGTH and len(entries) != len(usual):
        rule = f"{prefix}{item.name} has {len(entries)} entries"
        raise UnbuildablePlace(where, rule, f"give {len(usual)}")
    for entry in entries:
        if "str" in str(item.type):
            if not isinstance(entry, str):
                raise UnbuildablePlace(where, said, "give text")
            continue
        if isinstance(entry, bool) or not isinstance(entry, int | float):
            raise UnbuildablePlace(where, said, "give a number")
        if "int" in str(item.type) and not isinstance(entry, int):
            raise UnbuildablePlace(where, said, "give a whole number")
        if fault := range_fault(item, entry):
            raise UnbuildablePlace(where, said, fault)
    return tuple(value) if many else value


_FREE_LENGTH = (
    "fuel_name",
    "fuel_price_jpy_per_gj",
    "fuel_gj_per_t",
    "fuel_co2_t_per_gj",
    "fuel_heat_gj_per_mwh",
)
