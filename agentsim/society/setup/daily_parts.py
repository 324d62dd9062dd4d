"""Builders of what a society does in an hour: asking, daily life, billing, consequences."""

from dataclasses import replace

import numpy as np

from agentsim.agents.households.hoarding import Hoarding
from agentsim.agents.households.home_devices import HomeDevices, HomeDevicesParameters
from agentsim.agents.households.rain_tanks import RainTanks
from agentsim.agents.officers.bus_operator import BusContract
from agentsim.institutions.market import Treasury
from agentsim.institutions.p2p import LocalMarket
from agentsim.institutions.recall import Recall
from agentsim.networks.coupling import Coupling
from agentsim.society.asking import Asking
from agentsim.society.billing import Billing
from agentsim.society.consequences import Consequences
from agentsim.society.daily_life import DailyLife
from agentsim.society.fleets import Fleets
from agentsim.society.offices import Offices
from agentsim.society.own_water import OwnWater, firm_feeders
from agentsim.society.setup.ground import Ground
from agentsim.society.setup.institutions import owner_jpy_per_h, time_of_use
from agentsim.society.setup.people import People


def own_water(ground: Ground, people: People, coupling: Coupling) -> OwnWater:
    """Rain tanks and private wells (mechanisms ``rain_tanks`` and ``recharge``)."""
    place, live, frac = ground.place, ground.mechanisms, ground.charter.stock.rain_tank_household_frac
    homes, tanks = people.population.homes, None
    if live.rain_tanks and frac > 0:
        owns = None if ground.lived is None else ground.lived.rain_tank
        tanks = RainTanks(homes, frac, ground.streams, ground.parameters.rain_tanks, owns)
        people.population.larder.tanks = tanks
    wells = ground.equipment.of("water")["private_well_m3_per_h"]
    feeder = firm_feeders(place.feeders, len(place.districts))[place.water.junction_district]
    return OwnWater(tanks, wells if live.recharge else np.zeros(len(wells)), feeder, coupling)


def asking(
    ground: Ground,
    people: People,
    local_market: LocalMarket | None,
    coupling: Coupling,
    fleets: Fleets,
) -> Asking:
    """What people and firms ask of the networks."""
    district = people.population.homes.district
    return Asking(
        ground.place,
        population=people.population,
        firms=people.firms,
        devices=HomeDevices(district, ground.streams, _connected(ground)),
        travel=people.travel,
        depots=people.depots,
        calendar=people.calendar,
        behaviour=people.behaviour,
        lends_to_neighbours=ground.equipment.has_microgrid & (local_market is not None),
        mechanisms=ground.mechanisms,
        own_water=own_water(ground, people, coupling),
        fleets=fleets,
        sections=0 if coupling.sections is None else coupling.sections.parameters.sections,
        wind_mw=wind_by_feeder(ground),
        buses=coupling.buses,
        plants=coupling.plants,
        garage_feeder=coupling.garage_feeder,
    )


def _connected(ground: Ground) -> HomeDevicesParameters:
    """Homes whose devices hang on a cloud: also those that the utility's controllable load brings."""
    usual, live = ground.parameters.home_devices, ground.mechanisms.load_shifting
    controllable = ground.charter.stock.controllable_load_frac if live else 0.0
    return replace(usual, connected_frac=max(usual.connected_frac, controllable))


def wind_by_feeder(ground: Ground) -> np.ndarray | None:
    """Rated output of turbines, each at its district's largest feeder, array (feeders,); None: no turbine."""
    wind_mw, feeders = ground.equipment.wind_mw, ground.place.feeders
    if not wind_mw.any():
        return None
    at_feeder = np.zeros(len(feeders))
    for district, mw in enumerate(wind_mw):
        own = np.flatnonzero(feeders.district == district)
        at_feeder[own[feeders.peak_mw[own].argmax()]] = mw
    return at_feeder


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


def billing(
    ground: Ground,
    people: People,
    market: Treasury,
    local_market: LocalMarket | None,
    bus_contract: BusContract | None = None,
) -> Billing:
    """What is sold, and each home's bill."""
    return Billing(
        ground.place,
        population=people.population,
        travel=people.travel,
        depots=people.depots,
        market=market,
        local_market=local_market,
        time_of_use=time_of_use(ground, people.population),
        owner_jpy_per_h=owner_jpy_per_h(ground, people.population),
        bus_contract=bus_contract,
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
