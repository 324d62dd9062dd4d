"""Builders of people: households, firms, travel and public life."""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.behaviour import Behaviour
from agentsim.agents.firms import Firms
from agentsim.agents.households.adoption import Adoption, Terms
from agentsim.agents.households.civics import Civics
from agentsim.agents.households.load_shifting import LoadShift
from agentsim.agents.households.population import Population
from agentsim.agents.households.travel import Travel
from agentsim.core.calendar import Calendar
from agentsim.core.charter import Charge, Charter
from agentsim.core.units import MONTHS_PER_YEAR
from agentsim.networks.roads.network import RoadNetwork
from agentsim.place.cases import Place
from agentsim.society.depots import Depots
from agentsim.society.neighbourhoods import near_zones
from agentsim.society.outlook import first_fuel_jpy_per_l
from agentsim.society.setup.ground import Ground

ADDED = ("added_pv_homes", "added_battery_homes")  # quantities of what homes buy beyond an ordinary city's


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
    everyone = population(ground)
    trips = travel(ground, everyone, roads)
    everyone.cars.expect(_peak_km(place, roads) * sum(ground.parameters.travel.profile))
    return People(
        population=everyone,
        firms=Firms(place, ground.parameters.firms),
        travel=trips,
        civics=civics(ground, everyone, trips),
        calendar=Calendar(ground.scenario.start),
        depots=Depots.of(place.supply, len(place.districts)),
        behaviour=behaviour(ground),
    )


def _peak_km(place: Place, roads: RoadNetwork) -> float:
    """Kilometres of an ordinary peak hour's trips on empty roads [km]."""
    km = np.where(np.isfinite(roads.free_skim_km), roads.free_skim_km, 0.0)
    return float((np.asarray(place.roads.od_veh_per_h) * km).sum())


def behaviour(ground: Ground) -> Behaviour:
    """What people of the city do alike, one series for all societies on the ground."""
    numbers, live = ground.parameters.behaviour, ground.mechanisms.behaviour
    return ground.once("behaviour", lambda: Behaviour(ground.streams, numbers, live))


def population(ground: Ground) -> Population:
    """The households of the place, with what they own and how they are metered."""
    people = households(ground)
    if ground.mechanisms.distributed_energy:
        _own(ground, people)
    people.shift = load_shift(ground, people)
    if people.shift is not None:
        people.power.usual_shift_frac = people.shift.usual_frac(np.array(people.parameters.power_shape))
    return people


def _own(ground: Ground, people: Population) -> None:
    """Panels and batteries beyond those of an ordinary city: by shares, or bought over the years (S4)."""
    power, stock, ordinary = people.power, ground.charter.stock, Charter().stock
    shares = ("rooftop_pv_household_frac", "home_battery_household_frac", "adoption_years")
    if ground.lived is None and all(getattr(stock, name) == getattr(ordinary, name) for name in shares):
        return
    before, now = power.drawn(ordinary), power.drawn(stock)
    if ground.lived is not None:
        now = ground.lived.panels, ground.lived.battery
        power.own(*now)
    elif stock.adoption_years > 0.0:
        bought = _adopted(ground, people, *now)
        now = now[0] | bought.panels, now[1] | bought.battery
        power.own(*now)
    added = {name: now[i] & ~before[i] for i, name in enumerate(ADDED)}
    # after years that were lived also where nobody bought anything, so that nothing else is expected
    power.added = added if ground.lived is not None or any(rows.any() for rows in added.values()) else {}


def _adopted(ground: Ground, people: Population, panels: np.ndarray, battery: np.ndarray) -> Adoption:
    """Who has bought after ``adoption_years`` at today's prices, month by month from what there was."""
    bought, rows, streams = adoption(ground, people, panels, battery), len(people), ground.streams
    today = terms(ground, ground.parameters.adoption.retail_jpy_per_kwh)
    for month in range(round(ground.charter.stock.adoption_years * MONTHS_PER_YEAR)):
        draws = [streams.uniform(f"adoption/{what}", month, rows) for what in ("panels", "battery")]
        bought.month(np.stack(draws), today)
    return bought


def adoption(ground: Ground, people: Population, panels: np.ndarray, battery: np.ndarray) -> Adoption:
    """How homes come to buy, from owners of *panels* and of a *battery* at first, bool (households,)."""
    homes, rows, streams = people.homes, len(people), ground.streams
    return Adoption(
        place=homes.zone,
        nearness=near_zones(ground.place),
        roof=homes.roof,
        income_jpy_per_month=np.array(people.parameters.income_jpy_per_month)[homes.decile],
        patience=np.stack([streams.uniform("adoption_patience", what, rows) for what in (0, 1)]),
        panels=panels,
        battery=battery,
        pv_kw=people.parameters.pv_kw,
        battery_kwh=people.parameters.battery_kwh,
        parameters=ground.parameters.adoption,
    )


def ordinary_charges(ground: Ground) -> tuple[Charge, Charge]:
    """What panels and a battery cost whoever buys them without a policy."""
    p, homes = ground.parameters.adoption, ground.parameters.households
    pv_jpy, battery_jpy = p.pv_jpy_per_kw * homes.pv_kw, p.battery_jpy_per_kwh * homes.battery_kwh
    return (
        Charge("home solar", "owners", ADDED[0], pv_jpy, p.pv_life_y, p.pv_jpy_per_y),
        Charge("home battery", "owners", ADDED[1], battery_jpy, p.battery_life_y, 0.0),
    )


def terms(ground: Ground, retail_jpy_per_kwh: float) -> Terms:
    """What homes reckon with at a price of power: what they sell for, and their part of other prices."""
    panels, battery = (_owners_frac(ground.charter.costs, quantity) for quantity in ADDED)
    export = export_jpy_per_kwh(ground, retail_jpy_per_kwh)
    return Terms(retail_jpy_per_kwh, export, capital_factor=panels, battery_capital_factor=battery)


def _owners_frac(charges: tuple[Charge, ...], quantity: str) -> float:
    """Share of the capital of what homes buy that they pay themselves; a subsidy pays the rest."""
    capital = {one.payer: one.capital_jpy for one in charges if one.quantity == quantity}
    whole = sum(capital.values())
    return capital.get("owners", 0.0) / whole if whole > 0.0 else 1.0


def export_jpy_per_kwh(ground: Ground, retail_jpy_per_kwh: float) -> float:
    """What a home reckons to earn with a kWh it sells: to the utility, or to neighbours where it may."""
    market = ground.charter.market
    feed_in = market.export_jpy_per_kwh
    if market.p2p_rule == "none" or not ground.mechanisms.p2p:
        return feed_in
    fee_frac = min(ground.parameters.p2p.grid_fee_frac, market.p2p_max_fee_frac)
    return max(feed_in, 0.5 * (feed_in + retail_jpy_per_kwh * (1.0 - fee_frac)))


def load_shift(ground: Ground, people: Population) -> LoadShift | None:
    """Answer to prices by the hour and to calls (mechanism load_shifting); None where there are none."""
    stock, market = ground.charter.stock, ground.charter.market
    metered_frac = ground.charter.information.interval_meter_frac
    priced = metered_frac > 0.0 and market.peak_price_ratio > 1.0
    if not ground.mechanisms.load_shifting or not (priced or stock.controllable_load_frac > 0.0):
        return None
    return LoadShift(
        people.homes.draw(11),
        metered_frac,
        stock.controllable_load_frac,
        market.peak_price_ratio,
        ground.parameters.load_shifting,
    )


def households(ground: Ground) -> Population:
    """The households of the place, with what the charter's shares give them."""
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
        # those of an ordinary city are few, and the place's trips were counted with them
        electric_apart=ground.charter.stock.electric_car_frac > Charter().stock.electric_car_frac,
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
