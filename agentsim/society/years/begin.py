"""How the years begin: the city, its homes and what offices will build, from the scenario and the charter."""

from collections.abc import Sequence
from functools import partial

from agentsim.agents.households.adoption import Terms
from agentsim.agents.households.tank_adoption import TankAdoption
from agentsim.core.charter import Charge, Charter
from agentsim.networks.supply.metals import EquipmentMetals, capital_by_quantity
from agentsim.networks.supply.mineral_path import MineralMarket, MineralPrices, SteadyMinerals
from agentsim.scenario.file import Scenario
from agentsim.society.neighbourhoods import clustering
from agentsim.society.setup import nature, people, resources
from agentsim.society.setup.ground import Ground, lay_ground
from agentsim.society.setup.institutions import treasury_of
from agentsim.society.years.city import BATTERIES, OWNED, PANELS, City, CityMetals, Programme
from agentsim.society.years.clock import Clock
from agentsim.society.years.investment import Investment
from agentsim.society.years.lived import Lived
from agentsim.society.years.stored import kept
from agentsim.society.years.typical_days import MakeSociety, TypicalDays


def years_before(
    scenario: Scenario, policies: Sequence[str], seed: int, make_society: MakeSociety
) -> Lived | None:
    """Live the years before the first hour of a *scenario*; None where it has none."""
    if not scenario.years_before:
        return None

    def live() -> Lived:
        city = city_of(lay_ground(scenario, policies, seed))
        return Clock(city, TypicalDays(scenario, policies, seed, make_society).rehearse).live()

    return kept(scenario, policies, seed, live)


def city_of(ground: Ground) -> City:
    """The city at the beginning of the years: an ordinary one, under the rules of the charter."""
    numbers, live, charter = ground.parameters, ground.mechanisms, ground.charter
    homes_of = people.households(ground)
    homes, ordinary = homes_of.homes, homes_of.power.drawn(Charter().stock)
    adoption = people.adoption(ground, homes_of, *ordinary)
    tanks = round(charter.stock.rain_tank_household_frac * len(homes))
    charges = charter.costs if live.charges else ()
    usual = people.ordinary_charges(ground)
    return City(
        years=ground.scenario.years_before,
        district=homes.district,
        weight=homes.weight,
        adoption=adoption,
        tanks=TankAdoption(adoption.peers, homes.roof, tanks, numbers.adoption),
        mains=nature.mains(ground),
        renewal_frac_per_y=charter.stock.mains_renewal_frac_per_y,
        programmes=tuple(
            Programme(charge, ground.equipment.quantity[charge.quantity])
            for charge in charges
            if charge.quantity not in OWNED
        ),
        bought=_bought(ground) if live.charges else {},
        ordinary_bought={one.quantity: (one,) for one in usual} if live.charges else {},
        investment=Investment(numbers.market.interest_per_y),
        metals=_metals(ground, homes.weight),
        terms=partial(people.terms, ground),
        ordinary_terms=partial(_ordinary_terms, charter.market.export_jpy_per_kwh),
        treasury=partial(treasury_of, ground, memory=0.0),
        everyday_outage_h_per_y=numbers.failures.everyday_saidi_h_per_year if live.failures else 0.0,
        clustering=partial(clustering, ground.place, homes.zone),
        streams=ground.streams,
        log=ground.log,
        adopts=live.adoption,
        buys_energy=live.distributed_energy,
    )


def _metals(ground: Ground, weight: float) -> CityMetals:
    """Metals in what homes and offices will order, and their market."""
    numbers, homes, charter = ground.parameters, ground.parameters.households, ground.charter
    unit_t = numbers.metals.unit_t(homes.pv_kw, homes.battery_kwh)
    ordinary_jpy = capital_by_quantity(people.ordinary_charges(ground))
    unit_jpy = ordinary_jpy | capital_by_quantity(charter.costs)
    wanted_t = resources.metals_wanted_t(charter, ground.place, numbers)
    return CityMetals(
        prices=_minerals(ground, weight * (unit_t[PANELS] + unit_t[BATTERIES])),
        equipment=EquipmentMetals(unit_t, unit_jpy, numbers.metals),
        programmes_t={name: each_t for name, each_t in wanted_t.items() if name not in OWNED},
        own_t=partial(resources.own_metal_t, ground),
        pace_most_ratio=numbers.build_up.pace_most_ratio,
    )


def _minerals(ground: Ground, store_t: float) -> MineralPrices:
    """The market of minerals; installers begin with *store_t*, enough for one order."""
    if not ground.mechanisms.minerals_to_equipment:
        return SteadyMinerals()
    market = resources.metals_market(ground.place, ground.parameters)
    return MineralMarket(ground.parameters.mineral_path, market, store_t)


def _bought(ground: Ground) -> dict[str, tuple[Charge, ...]]:
    """Charges of what homes come to own: those of the charter, and ordinary prices where it has none."""
    found = {what: [one for one in ground.charter.costs if one.quantity == what] for what in OWNED}
    for charge in people.ordinary_charges(ground):
        if not found[charge.quantity]:
            found[charge.quantity] = [charge]
    return {what: tuple(charges) for what, charges in found.items()}


def _ordinary_terms(export_jpy_per_kwh: float, retail_jpy_per_kwh: float) -> Terms:
    """What homes reckon with where they sell to the utility alone and nobody subsidises what they buy."""
    return Terms(retail_jpy_per_kwh, export_jpy_per_kwh)
