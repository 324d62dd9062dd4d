"""A sweep file: which scenarios, numbers, policies, attackers and seeds are run in all combinations.

It is TOML and checked in one pass like a scenario. ``[vary]`` and ``[[points]]`` take any key of a scenario;
each point of the design is checked as a scenario of its own, and a message names the line of the sweep file.
"""

import itertools
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.experiments.compare import policies_of
from agentsim.experiments.runs.estimate import checked_seeds
from agentsim.experiments.sweeps.designs import Factor, Point
from agentsim.experiments.sweeps.sweep_factors import (
    Design,
    check_design,
    points_of,
    read_factors,
    read_points,
    table_of,
)
from agentsim.scenario.file import Scenario, check_place, load, read_file
from agentsim.scenario.form import Faults, one_of, read, text_of
from agentsim.scenario.names import attackers, comparable, places
from agentsim.scenario.own_files import KEYS as PLACE_KEYS
from agentsim.scenario.own_files import anchored, is_path

KEYS = ("scenario", "vary", "design", "points")  # none of them is a key of a scenario
MOST_MESSAGES = 20


@dataclass(frozen=True)
class Head:
    """The keys of a sweep file that are no tables; those that are left out come from the scenario."""

    title: str = ""
    title_ja: str = ""
    scenario: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    policies: tuple[str, ...] = one_of((), comparable, "policy", joined="+")
    attackers: tuple[str, ...] = one_of((), attackers, "attacker")
    design: Design = field(default_factory=Design)


@dataclass(frozen=True)
class DesignPoint:
    """One point: a scenario with its changes, and what tells it from other points."""

    number: int
    scenario: Scenario
    file: str  # of the scenario, as the sweep file names it
    place: str
    values: Point  # of the keys that vary


@dataclass(frozen=True)
class Sweep:
    """A checked sweep: its points, and what each of them is run with.

    ``policies`` are ids by label, no policy first. The same seeds are run at every point, under every policy
    and attacker, so that every comparison is paired.
    """

    title: str
    title_ja: str
    file: str
    points: tuple[DesignPoint, ...]
    policies: dict[str, tuple[str, ...]]
    attackers: tuple[str, ...]
    seeds: tuple[int, ...]
    varied: tuple[str, ...]

    @property
    def runs(self) -> int:
        """Number of runs, all points together."""
        return len(self.points) * len(self.policies) * len(self.attackers) * len(self.seeds)


def is_sweep(given: Mapping[str, Any]) -> bool:
    """Whether the content of a TOML file is that of a sweep."""
    return any(key in given for key in KEYS)


def load_sweep(path: str | Path) -> Sweep:
    """The sweep of a TOML file, checked with every point of its design.

    Raises
    ------
    InvalidScenario : with one message for each fault, ``file:line: key: what is wrong; rule; suggestion``
    """
    path = Path(path)
    given, lines = read_file(path, "sweep")
    if not is_sweep(given):
        raise InvalidScenario(
            [
                f"{path}: is no sweep file, because it has none of the keys {', '.join(KEYS)}; name a "
                'scenario in a file of its own, as in scenario = "my.toml", or use agentsim compare'
            ]
        )
    return _Reader(path, given, {key: f"{path}:{line}" for key, line in lines.items()}).sweep()


class _Reader:
    """Reads the content of one sweep file and gathers what is wrong with it."""

    def __init__(self, path: Path, given: dict[str, Any], origin: dict[tuple, str]) -> None:
        self.path, self.given, self.origin = path, given, origin
        self.faults: Faults = {}  # of the sweep file's own keys
        self.scenarios: list[str] = []  # as the file names them
        self.wrong: list[str] = []  # of scenarios, as they tell it themselves

    def sweep(self) -> Sweep:
        head, seeds = self._head(), self._seeds()
        factors = read_factors(self.given, self.faults)
        listed = read_points(self.given, self.faults)
        check_design(head.design, factors, listed, self.faults)
        bases = self._bases(head)
        self._try_levels(bases, factors)
        self._stop_if_wrong()
        points = self._points(bases, head, points_of(head.design, factors, listed))
        self._stop_if_wrong()
        usual = bases[0][1]
        return Sweep(
            title=head.title or usual.title,
            title_ja=head.title_ja or ("" if head.title else usual.title_ja),
            file=str(self.path),
            points=tuple(points),
            policies=policies_of(head.policies or usual.compare.policies),
            attackers=tuple(dict.fromkeys(head.attackers or usual.compare.attackers)),
            seeds=tuple(seeds or checked_seeds(usual.compare.seeds)),
            varied=tuple(dict.fromkeys(key for point in points for key in point.values)),
        )

    # ---- what the file says ---------------------------------------------------------------------------

    def _head(self) -> Head:
        tables = ("vary", "points", "set", "seeds")
        plain = {key: value for key, value in self.given.items() if key not in tables}
        if isinstance(plain.get("scenario"), str):
            plain["scenario"] = [plain["scenario"]]
        known = (*(name for name in Head.__dataclass_fields__), *tables)
        for key in [key for key in plain if key not in known]:
            self.faults[(key,)] = f"key {unknown(key, known)}"
            del plain[key]
        self.scenarios = _texts(plain.get("scenario"))
        if not plain.get("scenario"):
            self.faults[("scenario",)] = 'is missing; name a scenario file, as in scenario = "my.toml"'
        self._check_places(_texts(plain.get("places")))
        return read(Head, plain, (), self.faults)

    def _check_places(self, given: Sequence[str]) -> None:
        for index, place in enumerate(given):
            if place not in places() and not (self.path.parent / place).is_dir():
                told = unknown(place, places(), "place")
                self.faults["places", index] = f"{told}; a folder with a place.toml is one too"

    def _seeds(self) -> Sequence[int]:
        """The seeds that the file gives; none if it leaves them to the scenario."""
        given = self.given.get("seeds")
        try:
            if isinstance(given, str | bool):
                raise InvalidScenario([f"{text_of(given)} is neither a whole number nor a list of some"])
            return () if given is None else checked_seeds(given)
        except InvalidScenario as error:
            self.faults[("seeds",)] = error.messages[0].removeprefix("seeds: ")
            return ()

    # ---- scenarios ------------------------------------------------------------------------------------

    def _bases(self, head: Head) -> list[tuple[str, Scenario]]:
        """The scenario files, each with what ``[set]`` changes."""
        given = table_of(self.given, "set", self.faults)
        changes = {key: (self._anchored(key, value), self._where("set", key)) for key, value in given}
        bases = []
        for name in self.scenarios:
            file = self.path.parent / name
            with self._noting("" if file.is_file() else f"{self._where('scenario')}: scenario: "):
                bases.append((name, load(file, changes, facing=head.attackers or None)))
        return bases

    def _try_levels(self, bases: Sequence[tuple[str, Scenario]], factors: Sequence[Factor]) -> None:
        """Notes what is wrong with each value by itself, so that all is said at once."""
        for factor in factors if bases else ():
            if ("vary", factor.key) not in self.faults:
                for value in factor.values or (factor.at(0.0), factor.at(1.0)):
                    with self._noting():
                        self._scenario(bases[0][1], "", {factor.key: value}, 0, ())

    def _points(
        self, bases: Sequence[tuple[str, Scenario]], head: Head, values: Sequence[Point]
    ) -> list[DesignPoint]:
        points: list[DesignPoint] = []
        checked: set[Any] = set()
        for (name, base), place in itertools.product(bases, head.places or ("",)):
            for number, point in enumerate(values):
                with self._noting():
                    scenario = self._scenario(base, place, point, number, head.attackers or None)
                    if (scenario.place, scenario.attacker) not in checked:
                        checked.add((scenario.place, scenario.attacker))
                        check_place(scenario)
                    where = place or _place_name(scenario)
                    points.append(DesignPoint(len(points), scenario, name, where, point))
        return points

    def _scenario(
        self, base: Scenario, place: str, point: Point, number: int, facing: Sequence[str] | None
    ) -> Scenario:
        changes = {key: self._anchored(key, value) for key, value in point.items()}
        says = {key: self._where_varied(key, number) for key in point}
        if place:
            base = base.without("place.name", *(f"place.{key}" for key in PLACE_KEYS))
            key = "place.name" if place in places() else "place.folder"
            changes[key], says[key] = self._anchored(key, place), self._where("places")
        return base.with_changes(changes, facing=facing, says=says)

    def _anchored(self, key: str, value: Any) -> Any:
        """A path of the sweep file, which is relative to it; any other value as it is."""
        return anchored(value, self.path.parent) if is_path(key) else value

    # ---- messages -------------------------------------------------------------------------------------

    def _where(self, *path: Any) -> str:
        """The line of a key of the file; a dotted one may stand in tables."""
        dotted = (path[0], *(step for key in path[1:] for step in str(key).split(".")))
        numbered = tuple(int(step) if str(step).isdigit() else step for step in dotted)
        found = [
            self.origin[key[:end]]
            for end in range(len(numbered), 0, -1)
            for key in (path, numbered)
            if key[:end] in self.origin
        ]
        return found[0] if found else str(self.path)

    def _where_varied(self, key: str, number: int) -> str:
        return self._where("points", number, key) if "points" in self.given else self._where("vary", key)

    @contextmanager
    def _noting(self, before: str = "") -> Generator[None, None, None]:
        """Faults of a scenario are noted with what stands *before* them, to be said together."""
        try:
            yield
        except InvalidScenario as error:
            self.wrong += [before + message for message in error.messages]

    def _stop_if_wrong(self) -> None:
        own = [(self._where(*path), ".".join(map(str, path)), told) for path, told in self.faults.items()]
        messages = [": ".join(line) for line in own] + self.wrong
        if messages:
            raise InvalidScenario(_shortened(messages))


def _texts(given: Any) -> list[str]:
    """A list of texts as it is, and an empty one in place of anything else."""
    is_list = isinstance(given, list) and all(isinstance(one, str) for one in given)
    return given if is_list else []


def _place_name(scenario: Scenario) -> str:
    place = scenario.place
    return next((Path(path).name for path in (place.folder, place.water) if path), place.name)


def _shortened(messages: Iterable[str]) -> list[str]:
    """Each message once, and not more than can be read."""
    told = list(dict.fromkeys(messages))
    if len(told) <= MOST_MESSAGES:
        return told
    return [*told[:MOST_MESSAGES], f"and {len(told) - MOST_MESSAGES} more faults"]
