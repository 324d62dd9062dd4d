"""How a room declares a number: default, unit, source, evidence tag and admissible range.

Every room has one frozen dataclass ``Parameters`` whose fields are made by :func:`parameter`. The
scenario file composes these classes, checks the ranges and hands every room its own.

Evidence tags: ``V`` the source's text was read; ``V2`` seen through a secondary source; ``C`` read
in another project's code; ``M`` from memory, not verified; ``A`` an assumption, to be swept.
"""

from dataclasses import Field, dataclass, field, fields
from typing import Any

TAGS = ("V", "V2", "C", "M", "A")


def parameter(
    default: Any,
    unit: str,
    source: str,
    tag: str,
    low: float | None = None,
    high: float | None = None,
) -> Any:
    """A dataclass field that carries its unit, source, evidence tag and range.

    Parameters
    ----------
    default : the value when a scenario says nothing; a tuple holds one value for each of several things
    unit : as in the field's name, or ``"1"`` for a pure number
    source : where the number comes from, in a few words
    tag : one of ``V V2 C M A``
    low, high : inclusive bounds (of each entry of a tuple); ``None`` leaves a side open
    """
    if tag not in TAGS:
        raise ValueError(f"evidence tag {tag!r} is unknown; known: {', '.join(TAGS)}")
    return field(
        default=default,
        metadata={"unit": unit, "source": source, "tag": tag, "low": low, "high": high},
    )


@dataclass(frozen=True)
class Evidence:
    """Where one number of the model comes from."""

    name: str
    value: Any
    unit: str
    source: str
    tag: str
    low: float | None
    high: float | None


def evidence(parameters: Any) -> list[Evidence]:
    """Every number of a ``Parameters`` class or instance with its unit, source and tag."""

    def one(item: Field) -> Evidence:
        value = getattr(parameters, item.name, item.default)
        return Evidence(item.name, value, **item.metadata)

    return [one(item) for item in fields(parameters) if item.metadata]
