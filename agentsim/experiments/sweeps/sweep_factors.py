"""What a sweep file varies: its tables ``[vary]``, ``[[points]]`` and ``[design]``, read and checked."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentsim.core.parameters import parameter
from agentsim.experiments.sweeps.designs import (
    FACTORIAL,
    KINDS,
    LIST,
    SCALES,
    SOBOL,
    SPREAD,
    Factor,
    Point,
    factorial,
    spread,
    unlike,
)
from agentsim.scenario.file import type_of
from agentsim.scenario.form import Faults, one_of, text_of

_RANGE: dict[str, Any] = {"low": "", "high": "", "steps": 2, "scale": "linear"}  # its keys and defaults


@dataclass(frozen=True)
class Design:
    """How points are laid out: their kind, and for a spread one their number and the seed of the draw."""

    kind: str = one_of(FACTORIAL, lambda: KINDS, "design")
    points: int = parameter(64, "points", "of a Latin hypercube or a Sobol sequence", "A", 1, 1_000_000)
    seed: int = parameter(1, "seed", "of the draw of the points; not that of any run", "A", 0)


def read_factors(given: Mapping[str, Any], faults: Faults) -> list[Factor]:
    """The factors of ``[vary]``; what is wrong with them goes to *faults*."""
    return [_factor(key, value, faults) for key, value in table_of(given, "vary", faults)]


def read_points(given: Mapping[str, Any], faults: Faults) -> list[Point]:
    """The points of ``[[points]]``."""
    listed = given.get("points", [])
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        faults[("points",)] = "is no list of tables; write [[points]] before each point"
        return []
    return [dict(flat(one)) for one in listed]


def table_of(given: Mapping[str, Any], name: str, faults: Faults) -> list[tuple[str, Any]]:
    """Dotted keys of a table and their values."""
    table = given.get(name, {})
    if not isinstance(table, Mapping):
        faults[(name,)] = f"{text_of(table)} is no table; write [{name}]"
        return []
    return list(flat(table))


def flat(given: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted keys and values; the table of a range is a value.

    >>> list(flat({"place": {"households": [200, 400]}, "hours": {"low": 24, "high": 48}}))
    [('place.households', [200, 400]), ('hours', {'low': 24, 'high': 48})]
    """
    for key, value in given.items():
        if isinstance(value, Mapping) and not set(value) & {"low", "high"}:
            yield from flat(value, f"{before}{key}.")
        else:
            yield before + key, value


def points_of(design: Design, factors: Sequence[Factor], listed: Sequence[Point]) -> list[Point]:
    """The points of a design, each once; a single one without changes where nothing varies."""
    if listed:
        return unlike(listed)
    if design.kind in SPREAD:
        return unlike(spread(design.kind, factors, design.points, design.seed))
    return unlike(factorial(factors))


def check_design(design: Design, factors: Sequence[Factor], listed: Sequence[Point], faults: Faults) -> None:
    """What of a design does not go together goes to *faults*."""
    if listed and factors:
        faults[("points",)] = "[vary] and [[points]] exclude one another; leave one of them out"
    elif design.kind == LIST and not listed:
        faults["design", "kind"] = "'list' needs the points themselves; write [[points]] for each"
    elif design.kind in SPREAD and not factors:
        faults["design", "kind"] = f"'{design.kind}' spreads points over ranges; write some under [vary]"
    if design.kind == SOBOL and design.points & (design.points - 1):
        below = 2 ** (design.points.bit_length() - 1)
        faults["design", "points"] = (
            f"{design.points} is no power of 2, which a Sobol sequence needs; take {below} or {2 * below}"
        )
    for factor in factors if design.kind == FACTORIAL else ():
        if not factor.values and factor.steps < 2:
            told = (
                "a factorial design needs to know how many values of the range to take, as in "
                "{ low = 0.5, high = 1.5, steps = 3 }; or list the values"
            )
            faults.setdefault(("vary", factor.key), told)


def _factor(key: str, value: Any, faults: Faults) -> Factor:
    if isinstance(value, Mapping):
        fault = _fault_of_range(key, value)
        if fault:
            faults["vary", key] = fault
            return Factor(key, (0.0,))
        low, high = float(value["low"]), float(value["high"])
        steps, scale = value.get("steps", 0), value.get("scale", "linear")
        return Factor(key, (), low, high, steps, scale, whole=type_of(key) is int)
    if not isinstance(value, list):
        faults["vary", key] = (
            f"{text_of(value)} is one value; give a list of some, or a range such as "
            "{ low = 0.5, high = 1.5 }. A value for all runs belongs under [set]"
        )
    elif not value:
        faults["vary", key] = "the list is empty; give at least one value"
    return Factor(key, tuple(value) if isinstance(value, list) else (value,))


def _fault_of_range(key: str, value: Mapping[str, Any]) -> str:
    """What is wrong with a range; empty if nothing is."""
    low, high, steps, scale = (value.get(name, default) for name, default in _RANGE.items())
    other = [name for name in value if name not in _RANGE]
    if other:
        return f"a range has no key '{other[0]}'; known: {', '.join(_RANGE)}"
    if type_of(key) not in (int, float):
        return "is no number of a scenario; list its values in square brackets"
    if not (_is_number(low) and _is_number(high)):
        return "a range needs two finite numbers, as in { low = 0.5, high = 1.5 }"
    if not low < high:
        return f"low = {low} is not below high = {high}"
    if scale not in SCALES:
        return f"scale = {text_of(scale)} is unknown; known: {', '.join(SCALES)}"
    if scale == "log" and low <= 0:
        return f'low = {low}; a range with scale = "log" begins above 0'
    if not isinstance(steps, int) or isinstance(steps, bool) or steps < 2:
        return f"steps = {text_of(steps)}; a whole number from 2 on is needed"
    return ""


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
