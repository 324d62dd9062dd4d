"""Builders of what a society does in an hour: asking, daily life, billing, consequences."""

import numpy as np

from agentsim.agents.households.hoarding import Hoarding
from agentsim.agents.households.home_devices import HomeDevices
from agentsim.agents.households.rain_tanks import RainTanks
from agentsim.institutions.market import Treasury
from agentsim.institutions.p2p import LocalMarket
from agentsim.institutions.recall import Recall
from agentsim.networks.coupling import Coupling
from agentsim.society.asking import Asking
from agentsim.society.billing import Billing
from agentsim.society.consequences import Consequences
from agentsim.society.daily_life import DailyLife
from agentsim.society.offices import Offices
from agentsim.society.own_water import OwnWater, firm_feeders
from agentsim.society.setup.ground import Ground
from agentsim.society.setup.people import People


def own_water(ground: Ground, people: People, coupling: Coupling) -> OwnWater:
    """Rain tanks and private wells (mechanisms ``rain_tanks`` and ``recharge``)."""
    place, live, frac = ground.place, ground.mechanisms, ground.charter.stock.rain_tank_household_frac
    homes, tanks = people.population.homes, None
    if live.rain_tanks and frac > 0:
        tanks = RainTanks(homes, frac, ground.streams, ground.parameters.rain_tanks)
        people.population.larder.tanks = tanks
    wells = ground.equipment.of("water")["private_well_m3_per_h"]
    feeder = firm_feeders(place.feeders, len(place.districts))[place.water.junction_district]
    return OwnWater(tanks, wells if live.recharge else np.zeros(len(wells)), feeder, coupling)


def asking(ground: Ground, people: People, local_market: LocalMarket | None, coupling: Coupling) -> Asking:
    """What people and firms ask of the networks."""
    district = people.population.homes.district
    return Asking(
        ground.place,
        population=people.population,
        firms=people.firms,
        devices=HomeDevices(district, ground.streams, ground.parameters.home_devices),
        travel=people.travel,
        depots=people.depots,
        calendar=people.calendar,
        behaviour=people.behaviour,
        lends_to_neighbours=ground.equipment.has_microgrid & (local_market is not None),
        mechanisms=ground.mechanisms,
        own_water=own_water(ground, people, coupling),
    )


def daily_life(ground: Ground, people: People) -> DailyLife:
    """What people and firms live through."""
    return DailyLife(
        ground.place,
        population=people.population,
        firms=people.firms,
        travel=people.travel,
        civics=people.civics,
        depots=people.depots,
        calendar=people.calendar,
        roads_to_work=ground.mechanisms.roads_to_work,
    )


def billing(ground: Ground, people: People, market: Treasury, local_market: LocalMarket | None) -> Billing:
    """What is sold, and each home's bill."""
    return Billing(
        ground.place,
        population=people.population,
        travel=people.travel,
        depots=people.depots,
        market=market,
        local_market=local_market,
    )


def consequences(
    ground: Ground, people: People, recall: Recall, market: Treasury, offices: Offices
) -> Consequences:
    """What follows from an hour and from a day."""
    may_recall = ground.charter.allocation.recall and ground.mechanisms.recall
    return Consequences(
        population=people.population,
        civics=people.civics,
        hoarding=Hoarding(people.population, ground.parameters.hoarding),
        travel=people.travel,
        recall=recall if may_recall else None,
        market=market,
        municipalities=offices.municipalities,
        attackers=offices.attackers,
        zones=len(ground.place.zone_x_km),
        mechanisms=ground.mechanisms,
        log=ground.log,
    )
