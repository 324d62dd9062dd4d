"""Sets of measures with their sizes: what they cost, which lie near one another, what fits into a budget."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import combinations

from agentsim.experiments.measure_cost import yearly_jpy
from agentsim.policies import POLICIES, expand
from agentsim.scenario.file import Scenario

DIGITS = 3  # of a size: nearly equal sizes are one and the same
STEPS = 12  # of the bisection by which a set is made to fit into a budget
Sizes = Mapping[str, float]  # by key, such as policy.W-C1.well_tank_h


@dataclass(frozen=True, order=True)
class MeasureSet:
    """Measures that are adopted together, in the registry's order, and the sizes that are not the usual ones.

    >>> MeasureSet(("W-C1",), (("policy.W-C1.well_tank_h", 12.0),)).label
    'W-C1(well_tank_h 12)'
    """

    ids: tuple[str, ...] = ()
    sizes: tuple[tuple[str, float], ...] = ()

    @cached_property
    def label(self) -> str:
        """Ids joined by +, each with its unusual sizes; ``none`` for the empty set."""
        parts = []
        for id in self.ids:
            own = [f"{key.rpartition('.')[2]} {value:g}" for key, value in self.sizes if _owner(key) == id]
            parts.append(f"{id}({', '.join(own)})" if own else id)
        return "+".join(parts) or "none"

    def setting(self, scenario: Scenario) -> Scenario:
        """The scenario with the sizes of this set."""
        return _resized(scenario, self.sizes) if self.sizes else scenario


def _owner(key: str) -> str:
    return key.split(".")[1]


@lru_cache(maxsize=4096)
def _resized(scenario: Scenario, sizes: tuple[tuple[str, float], ...]) -> Scenario:
    return scenario.with_changes(dict(sizes), facing=())


def measure_set(names: Iterable[str], sizes: Sizes | None = None) -> MeasureSet:
    """The set of some ids or packages; of *sizes* those that belong to one of its measures are kept."""
    ids = expand(list(names))
    own = {key: _rounded(value) for key, value in (sizes or {}).items() if _owner(key) in ids}
    return MeasureSet(ids, tuple(sorted(own.items())))


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


# ---- sizes ------------------------------------------------------------------------------------------


def size_ranges(ids: Iterable[str]) -> dict[str, tuple[float, float]]:
    """The sizes of some measures by key, each with the range that is declared beside the policy.

    >>> size_ranges(["E-C2"])
    {'policy.E-C2.microgrid_h': (1.0, 48.0)}
    """
    return {f"policy.{id}.{name}": bounds for id in ids for name, bounds in POLICIES[id].make().sizes.items()}


def size_between(bounds: tuple[float, float], share: float) -> float:
    """A size in its range, on a logarithmic scale from the low end (share 0) to the high end (1).

    >>> size_between((1.0, 100.0), 0.5)
    10.0
    """
    low, high = bounds
    return _rounded(math.exp(math.log(low) + share * (math.log(high) - math.log(low))))


# ---- cost -------------------------------------------------------------------------------------------


def cost_jpy(chosen: MeasureSet, scenarios: Sequence[Scenario]) -> float:
    """Cost a household and year [JPY], in the place where it is highest; no run is needed."""
    return max(yearly_jpy(chosen.setting(scenario), chosen.ids) for scenario in scenarios)


def fitted(ids: Sequence[str], scenarios: Sequence[Scenario], budget_jpy: float) -> MeasureSet | None:
    """The set at its usual sizes; where that is too dear, with all sizes smaller by the same share, as large
    as the budget allows; None where even the smallest sizes cost more than the budget."""
    usual = measure_set(ids)
    if cost_jpy(usual, scenarios) <= budget_jpy:
        return usual
    ranges, table = size_ranges(usual.ids), scenarios[0].measures
    now = {key: float(getattr(table[_owner(key)], key.rpartition(".")[2])) for key in ranges}

    def shrunk(share: float) -> MeasureSet:
        sizes = {
            key: min(low, now[key]) + share * max(now[key] - low, 0.0) for key, (low, _) in ranges.items()
        }
        return measure_set(usual.ids, sizes)

    if not ranges or cost_jpy(shrunk(0.0), scenarios) > budget_jpy:
        return None
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if cost_jpy(shrunk(middle), scenarios) <= budget_jpy else (low, middle)
    return shrunk(low)


def least_jpy(id: str, scenarios: Sequence[Scenario]) -> float:
    """What a measure costs at its smallest sizes [JPY/household/y]."""
    low = {key: bounds[0] for key, bounds in size_ranges([id]).items()}
    return min(cost_jpy(one, scenarios) for one in (measure_set([id], low), measure_set([id])))


# ---- which sets are tried ---------------------------------------------------------------------------


def first_sets(measures: Sequence[str], packages: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """No measure, every measure, every pair, and the packages of these measures; each once.

    Pairs are there because some measures do nothing alone: a public log needs somebody who may act on it.
    """
    sets = [(), *((id,) for id in measures), *combinations(measures, 2)]
    sets += [expand([name]) for name, ids in packages.items() if set(ids) <= set(measures)]
    return list(dict.fromkeys(expand(ids) for ids in sets))


def near(ids: Sequence[str], measures: Sequence[str]) -> list[tuple[str, ...]]:
    """Sets one step away: one measure more, one less, or one in place of another.

    >>> near(["W-C1"], ["E-C2", "W-C1"])
    [('E-C2', 'W-C1'), (), ('E-C2',)]
    """
    out = [id for id in measures if id not in ids]
    more = [expand([*ids, id]) for id in out]
    less = [tuple(one for one in ids if one != id) for id in ids]
    swapped = [expand([*rest, id]) for rest in less for id in out]
    return list(dict.fromkeys([*more, *less, *swapped]))
