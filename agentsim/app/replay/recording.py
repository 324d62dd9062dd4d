"""A request for a run, and its recording, which the page plays back frame by frame."""

import io
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from hashlib import blake2b
from typing import Any

import numpy as np

import agentsim
from agentsim.agents.attacker.actions import Strike
from agentsim.agents.attacker.mind import Plan
from agentsim.app.replay import scenario_list
from agentsim.core.errors import InvalidInput
from agentsim.experiments.runs.replications import code_version
from agentsim.scenario.file import Scenario

Value = float | int | str | bool | tuple[float, ...]
Changes = tuple[tuple[str, Value], ...]
Progress = Callable[[float], None]  # called with the share done

PLANNING = -1.0  # reported as progress while an attacker plans, plus the share of its rollouts done
LAYOUT = 2  # of the file; to be raised when its parts change
_KEPT_BITS = 12  # of the mantissa of a series: 1 part in 8,000


@dataclass(frozen=True)
class Request:
    """Everything that determines a recorded run.

    ``scenario`` is a name of :mod:`agentsim.app.replay.scenario_list`, ``changes`` are values of the
    scenario that a visitor set, by dotted key, and ``plan`` is an attack of the visitor's own.
    """

    scenario: str
    policies: tuple[str, ...] = ()
    attacker: str = "none"
    seed: int = 1
    hours: int = 240
    households: int = 1000
    plan: Plan | None = None
    changes: Changes = ()

    @property
    def key(self) -> str:
        """A digest of the content: scenario with all its numbers, policies, attacker, and version."""
        scenario = scenario_list.digest(scenario_list.scenario_named(self.scenario))
        parts = [LAYOUT, agentsim.__version__, scenario, self._content()]
        return blake2b(json.dumps(parts, sort_keys=True).encode(), digest_size=16).hexdigest()

    def _content(self) -> dict[str, Any]:
        content = asdict(self) | {"policies": sorted(self.policies), "changes": sorted(self.changes)}
        return content | {"scenario": ""}

    def without_policies(self) -> "Request":
        """The same run without any policy."""
        return replace(self, policies=())

    def setting(self) -> Scenario:
        """The scenario with everything that the visitor changed, checked.

        Raises :class:`agentsim.InvalidScenario`.
        """
        changes = dict(self.changes) | {"hours": self.hours, "place.households": self.households}
        return scenario_list.scenario_named(self.scenario).with_changes(changes, facing=[self.attacker])

    def as_data(self) -> dict[str, Any]:
        """The request as plain data."""
        return json.loads(json.dumps(asdict(self)))

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> "Request":
        """A request from plain data, as :meth:`as_data` gives it."""
        plan = data.get("plan")
        return cls(
            scenario=data["scenario"],
            policies=tuple(data["policies"]),
            attacker=data["attacker"],
            seed=data["seed"],
            hours=data["hours"],
            households=data["households"],
            plan=None if plan is None else plan_from_data(plan),
            changes=tuple(
                (key, tuple(value) if isinstance(value, list) else value) for key, value in data["changes"]
            ),
        )


def plan_from_data(data: dict[str, Any]) -> Plan:
    """A plan from plain data, as ``dataclasses.asdict`` gives it."""
    strikes = tuple(Strike(**strike) for strike in data["strikes"])
    efforts = tuple((who, float(effort)) for who, effort in data["efforts"])
    return Plan(strikes, efforts, data["on_days"], data["rest_days"])


class UnreadableRecording(InvalidInput):
    """A file that is no recording, is damaged, or has another layout."""

    code = "unreadable_recording"


@dataclass(frozen=True, eq=False)  # arrays have no single truth value
class Recording:
    """A run as the page plays it back.

    Attributes
    ----------
    key : of the request
    about : titles, policies, attacker, seed, hours, target, plan, orders, units, columns of outcomes, model
    city_map : :func:`agentsim.app.replay.city_map.city_map_of`
    frames : by name ``uint8`` (hours, n), coded as :mod:`agentsim.app.replay.frame_recorder` says
    series : by name ``float32`` (hours,) for the city, units in the names
    by_district : by name ``float32`` (hours, districts)
    events : hour, kind, where, what and fields of each :class:`agentsim.core.messages.Event`
    outcomes : by name, in full precision; ``nan`` where undefined
    """

    key: str
    about: dict[str, Any]
    city_map: dict[str, Any]
    frames: dict[str, np.ndarray]
    series: dict[str, np.ndarray]
    by_district: dict[str, np.ndarray]
    events: list[dict[str, Any]]
    outcomes: dict[str, float]

    @property
    def hours(self) -> int:
        return int(self.about["hours"])

    def frame(self, hour: int) -> dict[str, Any]:
        """Everything the map shows in one hour, as plain data: lists of codes by name, and ``hour``."""
        at = min(max(int(hour), 0), self.hours - 1)
        return {"hour": at} | {name: rows[at].tolist() for name, rows in self.frames.items()}

    def to_bytes(self) -> bytes:
        """The recording as a compressed file: plain data, bytes and numbers, no code."""
        head = {
            "layout": LAYOUT,
            "key": self.key,
            "about": self.about,
            "city_map": self.city_map,
            "frames": [[name, rows.shape[1]] for name, rows in self.frames.items()],
            "series": list(self.series),
            "by_district": list(self.by_district),
            "events": self.events,
            "outcomes": {name: repr(float(value)) for name, value in self.outcomes.items()},
        }
        text = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        rows = np.concatenate(list(self.frames.values()), axis=1)
        numbers = np.concatenate(
            [np.stack(list(self.series.values()), axis=1), *self.by_district.values()], axis=1
        )
        file = io.BytesIO()
        np.savez_compressed(
            file, head=np.frombuffer(text, np.uint8), frames=_steps(rows), numbers=_planes(numbers)
        )
        return file.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Recording":
        """A recording from its file.

        Raises
        ------
        UnreadableRecording : no recording, a damaged one, or one of another layout
        """
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                head = json.loads(file["head"].tobytes())
                rows, numbers = _from_steps(file["frames"]), _from_planes(file["numbers"])
        except Exception as error:
            raise UnreadableRecording(f"this is no recording: {error}") from error
        if head.get("layout") != LAYOUT:
            raise UnreadableRecording(f"layout {head.get('layout')} is not {LAYOUT}: record it again")
        rows.flags.writeable = numbers.flags.writeable = False  # all visitors share one recording
        sizes = [size for _, size in head["frames"]]
        parts = np.split(rows, np.cumsum(sizes)[:-1], axis=1)
        frames = {name: part for (name, _), part in zip(head["frames"], parts, strict=True)}
        city_map = head["city_map"]  # the name in files made before it was changed
        count, districts = len(head["series"]), len(city_map["districts"])
        series = {name: numbers[:, k] for k, name in enumerate(head["series"])}
        by_district = {
            name: numbers[:, count + k * districts : count + (k + 1) * districts]
            for k, name in enumerate(head["by_district"])
        }
        outcomes = {name: float(value) for name, value in head["outcomes"].items()}
        return cls(
            key=head["key"],
            about=head["about"],
            city_map=city_map,
            frames=frames,
            series=series,
            by_district=by_district,
            events=head["events"],
            outcomes=outcomes,
        )


def rounded(values: np.ndarray) -> np.ndarray:
    """Numbers as ``float32`` with a mantissa of 12 bits, which compress well; within 1 part in 8,000."""
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    spare = 23 - _KEPT_BITS
    half = np.uint32(1 << (spare - 1))
    return ((bits + half) & np.uint32(0xFFFFFFFF << spare & 0xFFFFFFFF)).view(np.float32)


def _steps(rows: np.ndarray) -> np.ndarray:
    """Changes from hour to hour (modulo 256), column by column: mostly zeros, which compress well."""
    change = rows.copy()
    change[1:] -= rows[:-1]
    return np.ascontiguousarray(change.T)


def _from_steps(change: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.cumsum(change, axis=1, dtype=np.uint8).T)


def _planes(numbers: np.ndarray) -> np.ndarray:
    """Columns of ``float32`` as four planes of bytes: exponents beside exponents."""
    columns = np.ascontiguousarray(numbers.T)
    return np.ascontiguousarray(columns.view(np.uint8).reshape(*columns.shape, 4).transpose(2, 0, 1))


def _from_planes(planes: np.ndarray) -> np.ndarray:
    columns = np.ascontiguousarray(planes.transpose(1, 2, 0)).view(np.float32)[..., 0]
    return np.ascontiguousarray(columns.T)


def model_version() -> str:
    """The version and a digest of the model's source: recordings of changed code are not reused."""
    return code_version(without=("app", "cli", "report"))
