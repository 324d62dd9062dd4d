"""The gate: what a visitor may ask for. Nothing that was typed goes further unless it is listed here."""

import math
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

from agentsim.app.replay import scenario_list as scenes
from agentsim.app.replay.attack_plan import UnfitPlan, check_plan
from agentsim.app.replay.recording import Request, Value
from agentsim.core.errors import InvalidScenario
from agentsim.core.mechanisms import Mechanisms
from agentsim.policies import expand
from agentsim.scenario import names
from agentsim.scenario.tables import policy_classes, room_classes

ATTACKER_KEYS = ("attacker.budget", "attacker.first_hour", "attacker.target")
NOT_FOR_VISITORS = ("mind",)  # how long an attacker may search is the server's business
LONGEST_TEXT = 40
OPEN_SIDE = 10.0  # times the default: how far a number goes whose bound the model leaves open


@dataclass(frozen=True)
class Limits:
    """How much one visitor may take of the server."""

    hours: int = 2016
    households: int = 3000
    jobs_per_owner: int = 3  # both runs of a page, and one thing more
    changes: int = 40
    seeds: int = 10
    line: int = 200  # jobs that may wait
    longest_s: float = 900.0  # of one job


class Refused(ValueError):
    """A request that this server does not run; the text says why."""


def checked(request: Request, limits: Limits = Limits(), seeds: int = 0) -> Request:
    """The request in its plain form: policies unfolded and in order, changes sorted, attacker by full name.

    Raises
    ------
    Refused : something in it is unknown, not for visitors, or too much
    """
    if not isinstance(request.scenario, str) or request.scenario not in scenes.names():
        raise Refused(f"scenario {_said(request.scenario)} is unknown")
    if request.attacker not in names.attackers():
        raise Refused(f"attacker {_said(request.attacker)} is unknown")
    try:
        policies = expand(request.policies)
    except KeyError as error:
        raise Refused(f"policy {_said(error.args[0])} is unknown") from None
    _whole("seed", request.seed, 0, 2**31 - 1)
    _whole("hours", request.hours, 1, limits.hours)
    _whole("households", request.households, 1, limits.households)
    _whole("seeds", seeds, 0, limits.seeds)
    plain = replace(
        request,
        policies=policies,
        attacker=_full(request),
        changes=_checked_changes(request.changes, limits),
    )
    try:
        setting = plain.setting()
        if plain.plan is not None:
            check_plan(plain.plan, plain.attacker, setting)
    except InvalidScenario as error:
        raise Refused(error.messages[0].removeprefix("--set: ")) from None
    except UnfitPlan as error:
        raise Refused(str(error)) from None
    return plain


def _full(request: Request) -> str:
    from agentsim.agents.attacker.bad_actor import full_name

    return full_name(request.attacker, scenes.scene(request.scenario).attacker.mind)


def _whole(what: str, value: object, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Refused(f"{what} {_said(value)} is not a whole number from {low} to {high}")


def _checked_changes(changes: tuple[tuple[str, Value], ...], limits: Limits) -> tuple[tuple[str, Value], ...]:
    if len(changes) > limits.changes:
        raise Refused(f"{len(changes)} changes are more than {limits.changes}")
    for key, value in changes:
        if key not in changeable():
            raise Refused(f"{_said(key)} cannot be changed here")
        if isinstance(value, str) and len(value) <= LONGEST_TEXT:
            continue
        low, high = changeable()[key]
        numbers = value if isinstance(value, tuple) else (value,)
        for number in numbers:
            if not isinstance(number, int | float) or not math.isfinite(number):
                raise Refused(f"{key} = {_said(value)} is neither a number nor a short text")
            if not low <= number <= high:
                raise Refused(f"{key} = {_said(value)} is not within {low:g} to {high:g}")
    return tuple(sorted(dict(changes).items()))


@cache
def changeable() -> dict[str, tuple[float, float]]:
    """Dotted keys of a scenario that a visitor may set, and from where to where: the attacker's means,
    switches, and the numbers of policies and rooms. A side that the model leaves open is closed here."""
    free = (-math.inf, math.inf)
    keys = dict.fromkeys(ATTACKER_KEYS, free)
    keys |= {f"mechanisms.{name}": (0.0, 1.0) for name in Mechanisms.names()}
    tables = {f"policy.{name}": cls for name, cls in policy_classes().items()}
    tables |= {name: cls for name, cls in room_classes().items() if name not in NOT_FOR_VISITORS}
    for table, cls in tables.items():
        for item in fields(cls):
            if "unit" in item.metadata and not isinstance(item.default, str):
                keys[f"{table}.{item.name}"] = _bounds(item.default, item.metadata)
    return keys


def _bounds(default: Any, told: Any) -> tuple[float, float]:
    largest = max(map(abs, default if isinstance(default, tuple) else (default,)), default=0.0)
    far = OPEN_SIDE * float(largest or 1.0)
    low, high = told["low"], told["high"]
    return (-far if low is None else float(low)), (far if high is None else float(high))


def _said(value: object) -> str:
    """What somebody typed, short enough to repeat."""
    text = repr(value)
    return text if len(text) <= LONGEST_TEXT else text[:LONGEST_TEXT] + "..."
