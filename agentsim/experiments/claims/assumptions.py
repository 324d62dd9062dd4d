"""The assumed numbers of a scenario, those with the evidence tags [A] and [M], and the range of each.

A number is tried from half to twice its value, within its admissible range; where it is 0, over the whole of
a range that is bounded on both sides. A list is multiplied as a whole, so that its range is one of factors.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from agentsim.core.errors import InvalidScenario
from agentsim.scenario.file import Scenario
from agentsim.scenario.tables import ROOMS

ASSUMED = ("A", "M")
LEAST, MOST = 0.5, 2.0  # of the value
NOT_TRIED = ("attacker.plan_seeds",)  # how finely something is computed is no assumption about the world


@dataclass(frozen=True)
class Assumption:
    """A number of a scenario by its key, its value, and the range in which it is tried.

    For a list *low* and *high* are factors by which all of its entries are multiplied.
    """

    key: str
    value: Any
    unit: str
    tag: str
    low: float
    high: float

    @property
    def is_list(self) -> bool:
        """Whether it holds several numbers."""
        return isinstance(self.value, tuple)

    def at(self, number: float) -> Any:
        """The value of the scenario at a number of the range; whole numbers stay whole."""
        if self.is_list:
            return [_like(entry, entry * number) for entry in self.value]
        return _like(self.value, number)


def numbers(scenario: Scenario, measures: Iterable[str] = ()) -> list[Assumption]:
    """Every number with an evidence tag: of the model, of an attacker if there is one, and of *measures*."""
    tables = {name: getattr(scenario.parameters, name) for name in ROOMS}
    if scenario.attacker.kind != "none":
        tables["attacker"] = scenario.attacker
    tables |= {f"policy.{id}": scenario.measures[id] for id in measures}
    return [one for name, table in tables.items() for one in _of_table(name, table)]


def assumptions(scenario: Scenario, measures: Iterable[str] = ()) -> list[Assumption]:
    """The assumed ones among the numbers, that can be tried at both ends of their range."""
    tried = [one for one in numbers(scenario, measures) if one.tag in ASSUMED and one.key not in NOT_TRIED]
    return [one for one in tried if one.low < one.high and _is_valid(scenario, one)]


def changes_at(tried: Sequence[Assumption], point: Iterable[float]) -> dict[str, Any]:
    """The values of the scenario at a point of the ranges, by key."""
    return {one.key: one.at(float(number)) for one, number in zip(tried, point, strict=True)}


def _of_table(name: str, table: Any) -> Iterator[Assumption]:
    for item in fields(table):
        value, about = getattr(table, item.name), item.metadata
        entries = value if isinstance(value, tuple) else (value,)
        if "tag" in about and all(_is_number(entry) for entry in entries):
            low, high = _factors(value, about) if isinstance(value, tuple) else _range(value, about)
            yield Assumption(f"{name}.{item.name}", value, about["unit"], about["tag"], low, high)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _range(value: float, about: Mapping[str, Any]) -> tuple[float, float]:
    """The range of one number; without width where it cannot be tried."""
    least, most = about["low"], about["high"]
    if value == 0:
        return (least, most) if least is not None and most is not None else (0.0, 0.0)
    low, high = sorted((LEAST * value, MOST * value))
    return (low if least is None else max(low, least)), (high if most is None else min(high, most))


def _factors(values: Sequence[float], about: Mapping[str, Any]) -> tuple[float, float]:
    """The factors by which a list can be multiplied so that each entry stays within its range."""
    ranges = [(_range(value, about), value) for value in values if value]
    if not ranges or any(value < 0 for _, value in ranges):
        return 1.0, 1.0
    return max(low / value for (low, _), value in ranges), min(high / value for (_, high), value in ranges)


def _like(value: float, number: float) -> float:
    return round(number) if isinstance(value, int) else number


def _is_valid(scenario: Scenario, one: Assumption) -> bool:
    """Whether the scenario accepts both ends of the range; shares that must add up to 1 do not."""
    try:
        for end in (one.low, one.high):
            scenario.with_changes({one.key: one.at(end)})
    except InvalidScenario:
        return False
    return True
