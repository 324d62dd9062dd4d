"""What measures cost a household a year, without a run: from what they install in the city."""

from collections.abc import Sequence
from functools import lru_cache

from agentsim.core.charter import Charter
from agentsim.place.cases import Place
from agentsim.place.equipment import install
from agentsim.policies import enact
from agentsim.scenario.file import Scenario


@lru_cache(maxsize=8)
def _place(scenario: Scenario) -> Place:
    return scenario.build_place()


def yearly_jpy(scenario: Scenario, ids: Sequence[str]) -> float:
    """Yearly cost of what these policies install [JPY/household/y], as ``capital_jpy_per_household_year``."""
    place, parameters = _place(scenario), scenario.parameters
    charter = enact(ids, scenario.measures)
    equipment = install(charter.stock, Charter().stock, place, parameters.equipment)
    yearly = equipment.yearly_jpy(charter.costs, parameters.market.interest_per_y)
    return float(sum(yearly.values())) / place.households
