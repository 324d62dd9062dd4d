"""Builders: each part of a society from the scenario, the place and the charter."""

from agentsim.society.setup.attacker import opportunities
from agentsim.society.setup.buses import bus_contract, bus_operator
from agentsim.society.setup.daily_parts import asking, billing, consequences, daily_life
from agentsim.society.setup.forecasts import (
    expected_load,
    forecaster_from,
    outlook_maker,
    past_hours,
    record_of,
    usual_load_mw,
)
from agentsim.society.setup.ground import Ground, lay_ground
from agentsim.society.setup.institutions import (
    control_graph,
    local_market,
    publishing,
    recall,
    shortages,
    treasury,
)
from agentsim.society.setup.nature import detectors, failures, mains, weather
from agentsim.society.setup.networks import coupling, fleets, road_safety
from agentsim.society.setup.offices import offices
from agentsim.society.setup.people import people_of

__all__ = [
    "Ground",
    "asking",
    "billing",
    "bus_contract",
    "bus_operator",
    "consequences",
    "control_graph",
    "coupling",
    "daily_life",
    "detectors",
    "expected_load",
    "failures",
    "fleets",
    "forecaster_from",
    "lay_ground",
    "local_market",
    "mains",
    "offices",
    "opportunities",
    "outlook_maker",
    "past_hours",
    "people_of",
    "publishing",
    "recall",
    "record_of",
    "road_safety",
    "shortages",
    "treasury",
    "usual_load_mw",
    "weather",
]
