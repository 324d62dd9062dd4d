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


@lru_cache(maxsize=64)
def total_jpy(scenario: Scenario, ids: tuple[str, ...], numbers: tuple[tuple[str, Any], ...]) -> float:
    """The same with numbers that a visitor has set; with the usual numbers if those are invalid."""
    changes = {key: value for key, value in numbers if key.startswith("policy.")}
    try:
        return yearly_jpy(scenario.with_changes(changes) if changes else scenario, ids)
    except InvalidScenario:
        return yearly_jpy(scenario, ids)


@lru_cache(maxsize=8)
def price_list(scenario: Scenario) -> dict[str, float]:
    """Cost of each policy by itself [JPY/household/y]."""
    return {id: yearly_jpy(scenario, [id]) for id in POLICIES}


def policy_rows(scenario: Scenario, lang: str) -> list[dict[str, Any]]:
    """All policies as rows for the page, those that are shown first at the top."""
    first, price = shown_first(scenario), price_list(scenario)
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
