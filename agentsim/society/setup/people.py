"""Builders of people: households, firms, travel and public life."""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.behaviour import Behaviour
from agentsim.agents.firms import Firms
from agentsim.agents.households.civics import Civics
from agentsim.agents.households.population import Population
from agentsim.agents.households.travel import Travel
from agentsim.core.calendar import Calendar
from agentsim.networks.roads.network import RoadNetwork
from agentsim.society.depots import Depots
from agentsim.society.outlook import first_fuel_jpy_per_l
from agentsim.society.setup.ground import Ground


@dataclass(frozen=True)
class People:
    """Households and firms of a society, how they travel, and the dates and depots that they live by."""

    population: Population
    firms: Firms
    travel: Travel
    civics: Civics
    calendar: Calendar
    depots: Depots
    behaviour: Behaviour


def people_of(ground: Ground, roads: RoadNetwork) -> People:
    """Everybody who lives and works in the place."""
    place = ground.place
    households = population(ground)
    trips = travel(ground, households, roads)
    return People(
        population=households,
        firms=Firms(place, ground.parameters.firms),
        travel=trips,
        civics=civics(ground, households, trips),
        calendar=Calendar(ground.scenario.start),
        depots=Depots.of(place.supply, len(place.districts)),
        behaviour=behaviour(ground),
    )


def behaviour(ground: Ground) -> Behaviour:
    """What people of the city do alike, one series for all societies on the ground."""
    numbers, live = ground.parameters.behaviour, ground.mechanisms.behaviour
    return ground.once("behaviour", lambda: Behaviour(ground.streams, numbers, live))


def population(ground: Ground) -> Population:
    """The households of the place."""
    return Population(
        ground.place,
        ground.scenario.place.households,
        ground.charter.stock,
        ground.streams,
        ground.parameters.households,
        ground.parameters.deprivation,
        mechanisms=ground.mechanisms,
    )


def travel(ground: Ground, people: Population, roads: RoadNetwork) -> Travel:
    """Trips of the place, their matrix taken as counted with today's cars and prices."""
    place = ground.place
    return Travel(
        place,
        free_skim_h=roads.free_skim_h,
        free_skim_km=roads.free_skim_km,
        peak_skim_h=roads.assign(gap=1e-3).skim_h,
        car_frac=people.cars.running_frac_by_zone(np.ones(len(place.districts))),
        fuel_jpy_per_l=first_fuel_jpy_per_l(place.supply),
        fare_jpy=ground.charter.market.bus_fare_jpy,
        electric_car_frac=ground.charter.stock.electric_car_frac,
        parameters=ground.parameters.travel,
        choice=ground.parameters.choice,
    )


def civics(ground: Ground, people: Population, trips: Travel) -> Civics:
    """Public life of the households: who reports, votes, protests and moves away."""
    place = ground.place
    commuters = trips.commuters(place.zone_district, len(place.districts))
    return Civics(
        people, commuters, ground.streams, place.districts.name, ground.parameters.civics, ground.log
    )
