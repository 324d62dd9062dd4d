"""Designs of a sweep: which values of which numbers are tried together.

A factorial design crosses all values. A Latin hypercube and a Sobol sequence spread a given number of points
over the ranges, so that each number is tried at many values; a list gives the points themselves.
"""

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

FACTORIAL, HYPERCUBE, SOBOL, LIST = "factorial", "latin_hypercube", "sobol", "list"
KINDS = (FACTORIAL, HYPERCUBE, SOBOL, LIST)
SPREAD = (HYPERCUBE, SOBOL)  # designs that spread points over ranges
SCALES = ("linear", "log")

Point = dict[str, Any]  # values by key


@dataclass(frozen=True)
class Factor:
    """What a sweep varies: a key of the scenario, and its listed values, or a range.

    ``steps`` is the number of values that a factorial design takes from a range, both ends included.
    """

    key: str
    values: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 1.0
    steps: int = 0
    scale: str = "linear"
    whole: bool = False  # only whole numbers

    def levels(self) -> list[Any]:
        """The values of a factorial design."""
        if self.values:
            return list(self.values)
        return list(dict.fromkeys(self._number(k / (self.steps - 1)) for k in range(self.steps)))

    def at(self, share: float) -> Any:
        """The value at a share of the range, from 0 to 1; listed values have equal parts of it.

        >>> Factor("hours", low=24, high=240, whole=True).at(0.5), Factor("x", ("a", "b")).at(0.5)
        (132, 'b')
        """
        if self.values:
            return self.values[min(int(share * len(self.values)), len(self.values) - 1)]
        return self._number(share)

    def _number(self, share: float) -> Any:
        if self.scale == "log":
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        else:
            value = self.low + share * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return round(value) if self.whole else float(f"{value:.10g}")  # as a person can write it


def factorial(factors: Sequence[Factor]) -> list[Point]:
    """Every value of each factor with every value of the others; the last factor changes first.

    >>> factorial([Factor("a", (1, 2)), Factor("b", (3, 4))])
    [{'a': 1, 'b': 3}, {'a': 1, 'b': 4}, {'a': 2, 'b': 3}, {'a': 2, 'b': 4}]
    """
    keys = [factor.key for factor in factors]
    return [
        dict(zip(keys, values, strict=True))
        for values in itertools.product(*(factor.levels() for factor in factors))
    ]


def spread(kind: str, factors: Sequence[Factor], points: int, seed: int) -> list[Point]:
    """Points of a Latin hypercube (McKay and others 1979), or of a scrambled Sobol sequence (Owen 1998)."""
    from scipy.stats import qmc  # not at the start: its import takes half a second

    make = qmc.LatinHypercube if kind == HYPERCUBE else qmc.Sobol
    shares = make(len(factors), seed=np.random.default_rng(seed)).random(points)
    return [
        {factor.key: factor.at(float(share)) for factor, share in zip(factors, row, strict=True)}
        for row in shares
    ]


def unlike(points: Sequence[Mapping[str, Any]]) -> list[Point]:
    """The points, each once."""
    found: dict[str, Point] = {}
    for point in points:
        found.setdefault(repr(sorted(point.items())), dict(point))
    return list(found.values())
