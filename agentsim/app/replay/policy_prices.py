"""What each policy costs a household a year, and which policies the page shows first."""

from functools import lru_cache
from typing import Any

from agentsim.core.errors import InvalidScenario
from agentsim.experiments.measure_cost import yearly_jpy
from agentsim.policies import PACKAGES, POLICIES, expand
from agentsim.scenario.file import Scenario

FEWEST, MOST = 6, 10  # policies that are shown first; all others stand under "more countermeasures"


def shown_first(scenario: Scenario) -> tuple[str, ...]:
    """Policies that are shown first: those that the scenario compares, then some from different subjects.

    Packages that a scenario compares are not among them; they have a menu of their own.
    """
    named = [name for name in scenario.compare.policies if name in POLICIES][:MOST]
    subjects: dict[str, list[str]] = {}
    for id in POLICIES:
        if id not in named:
            subjects.setdefault(id.partition("-")[0], []).append(id)
    while len(named) < FEWEST and any(subjects.values()):
        for ids in subjects.values():
            if ids and len(named) < FEWEST:
                named.append(ids.pop(0))
    return expand(named)


def packages() -> dict[str, tuple[str, ...]]:
    """Packages, each as the ids that it stands for."""
    return {name: expand([name]) for name in PACKAGES}


Numbers = tuple[tuple[str, Any], ...]


@lru_cache(maxsize=64)
def total_jpy(scenario: Scenario, ids: tuple[str, ...], numbers: Numbers) -> float:
    """The same with numbers that a visitor has set; with the usual numbers if those are invalid.

    The run of invalid numbers, as of two prices for one thing, is refused and says why.
    """
    try:
        return yearly_jpy(_with_numbers(scenario, numbers), ids)
    except ValueError:
        return yearly_jpy(scenario, ids)


def shared_jpy(scenario: Scenario, ids: tuple[str, ...], numbers: Numbers) -> float:
    """What the list adds up to above the total [JPY/household/y]: equipment that several policies use."""
    prices = price_list(_with_numbers(scenario, numbers))
    return sum(prices[id] for id in ids) - total_jpy(scenario, ids, numbers)


@lru_cache(maxsize=16)
def _with_numbers(scenario: Scenario, numbers: Numbers) -> Scenario:
    changes = {key: value for key, value in numbers if key.startswith("policy.")}
    try:
        return scenario.with_changes(changes) if changes else scenario
    except InvalidScenario:
        return scenario


@lru_cache(maxsize=8)
def price_list(scenario: Scenario) -> dict[str, float]:
    """Cost of each policy by itself [JPY/household/y]."""
    return {id: yearly_jpy(scenario, [id]) for id in POLICIES}


def policy_rows(scenario: Scenario, lang: str, numbers: Numbers = ()) -> list[dict[str, Any]]:
    """All policies as rows for the page with their prices, those that are shown first at the top."""
    first, price = shown_first(scenario), price_list(_with_numbers(scenario, numbers))
    order = [*first, *(id for id in POLICIES if id not in first)]
    return [
        {
            "id": id,
            "name": POLICIES[id].name_ja if lang == "ja" else POLICIES[id].name,
            "jpy": round(price[id]),
            "first": id in first,
        }
        for id in order
    ]
