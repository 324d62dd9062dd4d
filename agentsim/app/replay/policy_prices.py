"""The levers of the page: which policies stand in the rail, and what each costs a household a year."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from agentsim.core.charter import Charter
from agentsim.core.errors import InvalidScenario
from agentsim.place.cases import Place
from agentsim.place.equipment import install
from agentsim.policies import PACKAGES, POLICIES, enact, expand
from agentsim.scenario.file import Scenario

FEWEST, MOST = 6, 10  # levers of the rail; all others stand in the drawer


def rail(scenario: Scenario) -> tuple[str, ...]:
    """Policies of the rail: those that the scenario compares, filled up from different subjects.

    Packages that a scenario compares are presets and no levers.
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


def presets() -> dict[str, tuple[str, ...]]:
    """Packages, each as the ids that it stands for."""
    return {name: expand([name]) for name in PACKAGES}


@lru_cache(maxsize=8)
def _ground(scenario: Scenario) -> Place:
    return scenario.build_place()


def yearly_jpy(scenario: Scenario, ids: Sequence[str]) -> float:
    """Yearly cost of what these policies install, a household [JPY/y]; as the outcome of that name."""
    place, rooms = _ground(scenario), scenario.parameters
    charter = enact(ids, scenario.measures)
    equipment = install(charter.stock, Charter().stock, place, rooms.equipment)
    yearly = equipment.yearly_jpy(charter.costs, rooms.market.interest_per_y)
    return float(sum(yearly.values())) / place.households


@lru_cache(maxsize=64)
def total_jpy(scenario: Scenario, ids: tuple[str, ...], numbers: tuple[tuple[str, Any], ...]) -> float:
    """The same with numbers of the policies that a visitor has set; without them where they cannot be."""
    told = {key: value for key, value in numbers if key.startswith("policy.")}
    try:
        return yearly_jpy(scenario.with_changes(told) if told else scenario, ids)
    except InvalidScenario:
        return yearly_jpy(scenario, ids)


@lru_cache(maxsize=8)
def price_list(scenario: Scenario) -> dict[str, float]:
    """What each policy by itself costs a household [JPY/y]."""
    return {id: yearly_jpy(scenario, [id]) for id in POLICIES}


def entries(scenario: Scenario, lang: str) -> list[dict[str, Any]]:
    """The levers as the page shows them, those of the rail first."""
    first, price = rail(scenario), price_list(scenario)
    order = [*first, *(id for id in POLICIES if id not in first)]
    return [
        {
            "id": id,
            "name": POLICIES[id].name_ja if lang == "ja" else POLICIES[id].name,
            "jpy": round(price[id]),
            "rail": id in first,
            "why": ", ".join(POLICIES[id].writes),
        }
        for id in order
    ]
