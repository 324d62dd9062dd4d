"""A scenario: one TOML file, checked in one pass, composed of every room's own parameters.

Every table is a frozen dataclass; those of the rooms stand beside their equations and are found through
``ROOMS``. All that is wrong with a file is said at once, each with file, line, rule and a suggestion.
"""

import datetime
import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, is_dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.parameters import parameter
from agentsim.core.text_files import UnreadableText, decoded, file_bytes
from agentsim.core.toml_lines import BrokenToml, read_toml
from agentsim.scenario import own_files, years_before
from agentsim.scenario.form import (
    Faults,
    Keys,
    describe,
    in_file,
    keys_of,
    read,
    refuse_unknown,
    schema_of,
    text_of,
    toml_of,
)
from agentsim.scenario.tables import (
    ROOMS,
    AllParameters,
    Attacker,
    Compare,
    Place,
    Policies,
    policy_classes,
    room_classes,
)

# keys of older files: what to write instead
_OF_METALS = "is replaced by the metals in equipment, as in the build-up; delete it, see [metals]"
RETIRED = {
    ("mechanisms", "attrition"): "is replaced by attacker.persistence; delete it, and under [attacker] write"
    ' persistence = "until_concession" where it was true, or "campaign" (the default) where it was false',
    ("mineral_path", "embargo_price_factor"): "follows from the market; delete it, and see [materials]",
    ("mineral_path", "embargo_delivered_frac"): "follows from materials.withheld_frac; delete it",
    ("mineral_path", "panel_mineral_frac"): _OF_METALS,
    ("mineral_path", "battery_mineral_frac"): _OF_METALS,
    ("build_up", "withheld_frac"): "is now materials.withheld_frac; move it to [materials]",
    ("build_up", "followers_frac"): "is now materials.followers_frac; move it to [materials]",
}


@dataclass(frozen=True)
class Scenario:
    """Everything that defines a run but its seed. Made and checked once, by :func:`load`; frozen.

    ``parameters.power`` holds the numbers of the table ``[power]``, likewise for each of ``ROOMS``;
    ``measures["E-C2"]`` is that policy with the numbers of ``[policy.E-C2]``.
    """

    title: str = ""
    title_ja: str = ""
    start: datetime.date = datetime.date(2030, 8, 5)
    hours: int = parameter(1008, "h", "six weeks", "A", low=1)
    years_before: int = parameter(
        0,
        "years",
        "lived month by month before the first hour; 0: what is installed stands at once",
        "A",
        0,
        40,
    )
    place: Place = field(default_factory=Place)
    attacker: Attacker = field(default_factory=Attacker)
    mechanisms: Mechanisms = field(default_factory=Mechanisms)
    compare: Compare = field(default_factory=Compare)
    policies: Policies = field(default_factory=Policies)
    parameters: Any = field(default=None, metadata={"in_file": False})  # an AllParameters
    measures: Mapping[str, Any] = field(default_factory=dict, hash=False, metadata={"in_file": False})
    given: dict[str, Any] = field(default_factory=dict, hash=False, metadata={"in_file": False})
    origin: dict[tuple, str] = field(
        default_factory=dict, hash=False, compare=False, repr=False, metadata={"in_file": False}
    )

    def replace(self, key: str, value: Any) -> "Scenario":
        """The same scenario with one value changed, checked like a file: ``replace("hours", 24)``."""
        return self.with_changes({key: value})

    def with_changes(
        self,
        changes: Mapping[str, Any],
        facing: Iterable[str] | None = None,
        says: Mapping[str, str] | None = None,
    ) -> "Scenario":
        """The same scenario with several values changed and checked together.

        *facing* is as in :func:`load`; *says* is where each change is asked for, which messages begin with.
        """
        given, origin = deepcopy(self.given), {(): _NO_FILE} | self.origin
        _change(
            given, origin, {key: (value, (says or {}).get(key, "--set")) for key, value in changes.items()}
        )
        return _checked(given, origin, facing)

    def without(self, *keys: str) -> "Scenario":
        """The same scenario in which some keys are not stated, so that they have their defaults."""
        given, origin = deepcopy(self.given), {(): _NO_FILE} | self.origin
        for key in keys:
            *tables, name = path = tuple(key.split("."))
            table = given
            for step in tables:
                table = table.get(step, {})
            table.pop(name, None)
            for old in [old for old in origin if old[: len(path)] == path]:
                del origin[old]
        return _checked(given, origin, ())

    def file(self) -> str:
        """The file that it was loaded from; empty if it was made in Python."""
        file = self.origin.get((), "")
        return "" if file == _NO_FILE else file

    def changes(self) -> dict[str, Any]:
        """Values that do not stand in its file, by key: ``{"place.households": 300}``."""
        file = self.file()
        lines = re.compile(re.escape(file) + r":\d+") if file else None
        found = {}
        for key, value in _leaves(self.given):
            where = _where(self.origin, tuple(key.split(".")))
            if lines is None or not lines.fullmatch(where):
                found[key] = value
        return found

    def for_seed(self, seed: int) -> "Scenario":
        """The same scenario with the foothold that an attacker has under this seed."""
        drawn = self.attacker.drawn_foothold
        if not drawn:
            return self
        held = [*self.attacker.foothold, drawn[(seed - 1) % len(drawn)]]
        changes = {"attacker.foothold": list(dict.fromkeys(held)), "attacker.drawn_foothold": []}
        return self.with_changes(changes, facing=())

    def content(self) -> dict[str, Any]:
        """Every value, defaults included, as plain data: what decides a run besides policies and seed."""
        tables = {name: _plain(getattr(self, name)) for name in _file_keys()}
        tables["place"] |= {"digest": own_files.digest(self.place)} if own_files.are_given(self.place) else {}
        rooms = {name: _plain(getattr(self.parameters, name)) for name in ROOMS}
        return tables | rooms | {"policy": _plain(self.measures)}

    def build_place(self) -> Any:
        """The city: the shipped one, that of the folder, or the one built from the files it names.

        Raises ``UnbuildablePlace`` with file, line, rule and suggestion.
        """
        return own_files.build_place(self.place, self.given)

    def text(self) -> str:
        """The file with all its defaults, as TOML that loads again to the same scenario."""
        tables = {name: getattr(self, name) for name in _file_keys()}
        head = [f"{key} = {toml_of(value)}" for key, value in tables.items() if not is_dataclass(value)]
        tables = {key: value for key, value in tables.items() if is_dataclass(value)}
        tables |= {name: getattr(self.parameters, name) for name in ROOMS}
        tables |= {f"policy.{name}": measure for name, measure in self.measures.items()}
        for name, table in tables.items():
            head += ["", f"[{name}]"]
            for item in in_file(table):
                if table is self.place and item.name in own_files.idle_keys(self.place, self.given):
                    continue
                note = describe(item.metadata) if "unit" in item.metadata else item.metadata.get("source", "")
                line = f"{item.name} = {toml_of(getattr(table, item.name))}"
                head.append(f"{line:<44}  # {note}" if note else line)
        return "\n".join(head) + "\n"


_NO_FILE = "scenario"  # in place of a file, in messages about a scenario that was made in Python


def _leaves(given: Mapping[str, Any], before: str = "") -> Iterable[tuple[str, Any]]:
    """Every value of a file's content with its dotted key."""
    for key, value in given.items():
        if isinstance(value, dict):
            yield from _leaves(value, f"{before}{key}.")
        else:
            yield before + key, value


def _file_keys() -> list[str]:
    return [item.name for item in in_file(Scenario)]


def _numbers(table: Any) -> dict[str, Any]:
    return {item.name: getattr(table, item.name) for item in in_file(table)}


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return _plain(_numbers(value))
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


@cache
def _keys() -> Keys:
    """What may stand in a scenario file."""
    return {**keys_of(Scenario), **room_classes(), "policy": policy_classes()}


def type_of(key: str) -> Any:
    """The type of a key of a scenario, such as ``float`` for ``weather.rain_factor``; None if there is none.

    >>> type_of("hours"), type_of("policy.W-S1.share_of_demand"), type_of("nonsense.key")
    (<class 'int'>, <class 'float'>, None)
    """
    kind: Any = _keys()
    for step in key.split("."):
        inside = kind if isinstance(kind, Mapping) else keys_of(kind) if isinstance(kind, type) else {}
        kind = inside.get(step)
    return kind[1] if isinstance(kind, tuple) else None


def schema() -> str:
    """The JSON Schema of a scenario file, for editors."""
    tables: dict[str, Any] = {}
    content = schema_of(_keys(), "agentsim scenario", tables)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$defs": tables}
    return json.dumps(head | content, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def load(
    path: str | Path,
    changes: Mapping[str, tuple[Any, str]] | None = None,
    facing: Iterable[str] | None = None,
) -> Scenario:
    """The scenario of a TOML file.

    Parameters
    ----------
    path : the file
    changes : values that replace the file's: ``{"hours": (24, "--hours")}`` with the option that says so
    facing : the attackers that the runs will meet, ``""`` for the file's own; None: all that it names

    Raises
    ------
    InvalidScenario
        with one message for each fault, ``file:line: table.key: what is wrong; rule; suggestion``
    """
    path = Path(path)
    given, lines = read_file(path)
    if "scenario" in given:
        raise InvalidScenario(
            [f"{path}: is a sweep file, not a scenario; give it to agentsim sweep {path} --out FILE.sqlite"]
        )
    origin = {key: f"{path}:{line}" for key, line in lines.items()} | {(): str(path)}
    own_files.anchor(given, path.parent)
    _change(given, origin, changes or {})
    return _checked(given, origin, facing)


def read_file(path: Path, what: str = "scenario") -> tuple[dict[str, Any], dict[tuple, int]]:
    """The content of a TOML file, and the line of each key.

    Raises
    ------
    InvalidScenario : it cannot be read, or is no TOML; *what* it should be
    """
    try:
        return read_toml(_text_of(path, what))
    except BrokenToml as error:
        raise InvalidScenario([error.told(path)]) from None


def _text_of(path: Path, what: str) -> str:
    try:
        return decoded(file_bytes(path))
    except UnreadableText as error:
        raise InvalidScenario([f"{error.where(path)}: {error.rule}; {error.remedy}"]) from None
    except IsADirectoryError:
        raise InvalidScenario([f"{path}: is a folder; a {what} file is needed"]) from None
    except FileNotFoundError:
        near = sorted(str(file) for file in path.parent.glob("*.toml"))
        here = "" if path.is_absolute() else f"; paths start at {Path.cwd()}"
        hint = unknown(str(path), near).split("unknown", 1)[1] if near else here
        raise InvalidScenario([f"{path}: there is no such file{hint}"]) from None
    except OSError as error:
        raise InvalidScenario([f"{path}: cannot be read: {error.strerror}"]) from None


def _change(given: dict, origin: dict[tuple, str], changes: Mapping[str, tuple[Any, str]]) -> None:
    """Writes changed values into the file's content; their faults will name the option, not the file."""
    for key, (value, says) in changes.items():
        *tables, name = path = tuple(key.split("."))
        table = given
        for step in tables:
            table = table.setdefault(step, {})
            if not isinstance(table, dict):
                raise InvalidScenario([f"{says}: {key}: '{step}' is no table"])
        table[name] = own_files.anchored(value, Path()) if own_files.is_path(key) else value
        for old in [old for old in origin if old[: len(path)] == path]:
            del origin[old]
        for end in range(1, len(path)):
            origin.setdefault(path[:end], says)
        origin[path] = says


def _where(origin: Mapping[tuple, str], path: tuple) -> str:
    """The line of a key, or of the nearest thing around it that has one."""
    return next(origin[path[:end]] for end in range(len(path), -1, -1) if path[:end] in origin)


def _checked(given: dict, origin: dict[tuple, str], facing: Iterable[str] | None) -> Scenario:
    keys = _keys()
    faults: Faults = {}
    refuse_unknown(given, keys, (), faults)
    found = {
        name: read(kind, given.get(name, {}), (name,), faults)
        for name, kind in keys.items()
        if name in given or not isinstance(kind, tuple)
    }
    faults |= {path: told for path, told in RETIRED.items() if path in faults}
    for path, told in _contradictions(given, faults, facing):
        faults.setdefault(path, told)
    if faults:
        said = [(_where(origin, path), ".".join(map(str, path)), told) for path, told in faults.items()]
        raise InvalidScenario([": ".join(filter(None, line)) for line in sorted(said, key=_by_line)])
    numbers = AllParameters(**{name: found.pop(name) for name in ROOMS})
    measures = found.pop("policy")
    return Scenario(**found, parameters=numbers, measures=measures, given=given, origin=origin)


_DEFAULT = Scenario()


def _by_line(said: tuple[str, str, str]) -> tuple[str, int, str]:
    file, _, line = said[0].rpartition(":")
    return (file, int(line), said[1]) if line.isdigit() else (said[0], 0, said[1])


def _contradictions(
    given: Mapping[str, Any], faults: Mapping[tuple, str], facing: Iterable[str] | None
) -> Iterable[tuple[tuple, str]]:
    """Values that are each fine and cannot be true together."""

    def value(*path: str) -> Any:
        """The value of a key, from the file or by default; None where it is at fault already."""
        if any(path[: len(bad)] == bad or bad[: len(path)] == path for bad in faults):
            return None
        table: Any = given
        default: Any = _DEFAULT
        for key in path[:-1]:
            table, default = table.get(key, {}), getattr(default, key, None)
        return table.get(path[-1], getattr(default, path[-1], None))

    yield from own_files.contradictions(given, faults)
    districts, households = value("place", "districts"), value("place", "households")
    if None not in (districts, households) and households < districts:
        yield (
            ("place", "households"),
            f"{households} is fewer than place.districts = {districts}; each district needs at least one",
        )
    yield from years_before.contradictions(value, given)
    months, begins, lasts = (
        value("build_up", key) or 0 for key in ("months", "embargo_from_month", "embargo_months")
    )
    if months > 0 and (value("years_before") or 0) > 0:
        yield (
            ("build_up", "months"),
            "the years before the first hour are lived, so that equipment is bought in them; "
            "set build_up.months = 0, or years_before = 0 (an embargo of these years: [mineral_path])",
        )
    if lasts > 0 and begins >= months:
        yield (
            ("build_up", "embargo_months"),
            f"the embargo would begin in month {begins} of a build-up of {months} months; "
            "set build_up.months, or embargo_months = 0",
        )
    yield from _script_faults(value("attacker", "strikes") or (), value("attacker", "efforts") or ())
    strikes = value("attacker", "strikes")
    if value("attacker", "mind") == "scripted" and strikes is not None and not strikes:
        yield ("attacker", "mind"), "'scripted' does what attacker.strikes lists; list at least one strike"
    hours, first_hour = value("hours"), value("attacker", "first_hour")
    for key in _NOT_ALL_ZERO:
        entries = value(*key)
        if entries is not None and not any(entries):
            yield key, "all entries are 0; at least one must be above 0"
    yield from _off_calendar(value("start"), hours, value("weather", "warm_up_days"))
    if facing is None:
        facing = [value("attacker", "kind") or "none", *(value("compare", "attackers") or ())]
    foes = [name or value("attacker", "kind") for name in facing]
    foes = [name for name in foes if name not in (None, "none")]
    if foes and None not in (hours, first_hour) and first_hour >= hours:
        at = ("attacker", "first_hour") if "first_hour" in given.get("attacker", {}) else ("hours",)
        yield (
            at,
            f"the {foes[0]} may act from hour attacker.first_hour = {first_hour}, but the run ends after "
            f"hours = {hours}; it must begin before the end",
        )


# shares and shapes by whose sum something is divided
_NOT_ALL_ZERO = (("households", "persons_frac"), ("households", "car_frac"), ("firms", "water_shape"))


def _off_calendar(start: Any, hours: Any, warm_up_days: Any) -> Iterable[tuple[tuple, str]]:
    """A run that begins or ends where the calendar has no days."""
    if start is None or hours is None:
        return
    if (datetime.date.max - start).days < hours / 24 + _CALENDAR_DAYS:
        last = datetime.date.max.year
        yield ("hours",), f"{hours} hours from {start} on end after the year {last}; ask for fewer"
    if warm_up_days is None:
        warm_up_days = getattr(room_classes()["weather"], "warm_up_days")  # noqa: B009 - any class
    if (start - datetime.date.min).days < warm_up_days:
        yield ("start",), f"{start} is too early: weather begins warm_up_days before; take a later date"


_CALENDAR_DAYS = 60  # weather is drawn some weeks ahead


def _script_faults(strikes: Sequence[str], efforts: Sequence[str]) -> Iterable[tuple[tuple, str]]:
    """Lines of a script that cannot be read."""
    script = import_module("agentsim.agents.attacker.mind").script
    for key, lines in (("strikes", strikes), ("efforts", efforts)):
        for index, line in enumerate(lines):
            is_strike = key == "strikes"
            try:
                script([line] if is_strike else [], [] if is_strike else [line], on_days=1, rest_days=0)
            except ValueError as error:
                yield ("attacker", key, index), str(error)


def check_place(scenario: Scenario) -> None:
    """Builds the city and looks whether it has the attacker's target and the principals it holds.

    Raises :class:`InvalidScenario` if the place cannot be built or has no such district or supplier.
    """
    room = import_module("agentsim.place")
    try:
        place = scenario.build_place()
    except room.UnbuildablePlace as error:
        where = _where(scenario.origin, own_files.main_key(scenario.place))
        raise InvalidScenario([f"{where}: place: {error}"]) from None
    _check_bus_lines(scenario, place)
    foe, names = scenario.attacker, {"municipality": place.districts.name}
    names["supplier"] = tuple(dict.fromkeys(place.supply.terminal_supplier))
    faults: list[tuple[tuple, str]] = []
    if foe.target and foe.target not in names["municipality"]:
        faults.append((("attacker", "target"), unknown(foe.target, names["municipality"], "district")))
    places = (*names["municipality"], *names["supplier"], "city")
    for index, line in enumerate(foe.strikes):
        where = import_module("agentsim.agents.attacker.actions").parse_strike(line).where
        if where not in places:
            faults.append((("attacker", "strikes", index), unknown(where, places, "place")))
    for key in ("foothold", "drawn_foothold"):
        for index, principal in enumerate(getattr(foe, key)):
            kind, colon, name = principal.partition(":")
            if colon and name not in names[kind]:
                what = "district" if kind == "municipality" else kind
                faults.append((("attacker", key, index), unknown(name, names[kind], what)))
    if faults:
        raise InvalidScenario(
            [f"{_where(scenario.origin, path)}: attacker.{path[1]}: {says}" for path, says in faults]
        )


def _check_bus_lines(scenario: Scenario, place: Any) -> None:
    """Raises :class:`InvalidScenario` where no bus line can be laid over the roads of *place*."""
    if not scenario.mechanisms.bus_lines:
        return
    layout = import_module("agentsim.place.layout.bus_lines")
    try:
        layout.with_bus_lines(place, scenario.parameters.bus_lines)
    except import_module("agentsim.place").UnbuildablePlace as error:
        raise InvalidScenario([f"{_where(scenario.origin, ('bus_lines', 'line_most_h'))}: {error}"]) from None


def parse_set(text: str) -> tuple[str, Any]:
    """Key and value of ``table.key=value``; the value is read as TOML, and as plain text if it is none.

    >>> parse_set("place.households=300"), parse_set("attacker.kind=coercer")
    (('place.households', 300), ('attacker.kind', 'coercer'))
    """
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidScenario([f"--set: {text_of(text)} has not the form table.key=value"])
    try:
        return key.strip(), tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()
