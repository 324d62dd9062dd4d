"""How a society is set up: each part from the scenario, the place and the charter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import mesa
import numpy as np

from agentsim.agents.attacker.actions import Arsenal
from agentsim.agents.attacker.bad_actor import BadActor, parse_attacker
from agentsim.agents.attacker.chances import Chances, chances_of
from agentsim.agents.attacker.mind import Plan, PlannedMind, RandomMind
from agentsim.agents.attacker.stake import Stake
from agentsim.agents.firms import Firms
from agentsim.agents.households.deprivation import POWER, WATER
from agentsim.agents.households.population import Population
from agentsim.agents.households.travel import Travel
from agentsim.agents.officers.monitor import Monitor
from agentsim.agents.officers.supplier import Supplier
from agentsim.core.charter import Charter
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import EventLog, Weather
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK, KG_PER_T, KW_PER_MW, PETROL_KG_PER_L
from agentsim.institutions.capture import Contest
from agentsim.institutions.control_graph import PLATFORMS, ControlGraph
from agentsim.institutions.detection import Detector
from agentsim.institutions.deterrence import Inspectorate
from agentsim.institutions.kill_chain import KillChain
from agentsim.institutions.market import Treasury
from agentsim.institutions.p2p import LocalMarket
from agentsim.institutions.public_record import PublicRecord
from agentsim.institutions.publication import Publisher
from agentsim.institutions.rationing import Rationing, power_claims, water_claims
from agentsim.institutions.voting import Ballot
from agentsim.networks.coupling import Coupling
from agentsim.networks.power.grid import PowerGrid
from agentsim.networks.power.offers import largest_owner, stack_price
from agentsim.networks.roads.network import RoadNetwork
from agentsim.networks.supply.network import SupplyNetwork
from agentsim.networks.water.network import WaterNetwork
from agentsim.networks.water.raw_water import RawWater
from agentsim.place.cases import FOOD, FUEL, MINERALS, GridCase, Place, SupplyCase
from agentsim.place.equipment import Equipment
from agentsim.place.layout.substitutes import with_substitutes
from agentsim.scenario.file import Scenario


@dataclass(frozen=True)
class Depots:
    """Which depot serves whom: fuel and food one for each district, and the stores of spare parts."""

    fuel: np.ndarray  # (districts,)
    food: np.ndarray  # (districts,)
    minerals: np.ndarray
    crew_zone: int  # where repair crews and their parts start from

    @classmethod
    def of(cls, case: SupplyCase, districts: int) -> "Depots":
        rows = np.arange(len(case.depot_good))
        station_last = rows[case.depot_good == FUEL][:-1]  # the last fuel depot is the power stations'

        def by_district(own: np.ndarray) -> np.ndarray:
            depot = np.zeros(districts, dtype=int)
            depot[case.depot_district[own]] = own
            return depot

        minerals = rows[case.depot_good == MINERALS]
        food = rows[case.depot_good == FOOD]
        return cls(by_district(station_last), by_district(food), minerals, int(case.depot_zone[minerals[0]]))


def furnish(place: Place, equipment: Equipment, scenario: Scenario) -> Place:
    """The place with makers of substitutes, if any, among its suppliers (mechanism diversification)."""
    if not scenario.mechanisms.diversification:
        return place
    numbers = scenario.parameters.supply
    made = (equipment.substitute_t_per_d, numbers.substitute_price_ratio, numbers.substitute_lead_days)
    return replace(place, supply=with_substitutes(place.supply, *made))


def couple(place: Place, equipment: Equipment, charter: Charter, scenario: Scenario) -> Coupling:
    """The four networks of the place with what is installed, joined."""
    rooms, live, districts = scenario.parameters, scenario.mechanisms, len(place.districts)
    wells = (equipment.well_m3_per_h, equipment.well_tank_m3)
    sea_zone = equipment.sea_side.zone if equipment.sea_side and equipment.desalination_m3_per_h > 0 else None
    return Coupling(
        place,
        PowerGrid(place.grid, place.feeders, districts, equipment.stores, rooms.power, live),
        WaterNetwork(place.water, districts, *wells, rooms.water, live, sea_zone=sea_zone),
        RoadNetwork(place.roads, rooms.roads, live, adaptive_signal=equipment.adaptive_signal),
        SupplyNetwork(place.supply, rooms.supply, live, charter.market.max_supplier_share),
        RawWater(place.water.source_yield_m3_per_d, rooms.raw_water),
        equipment.local_signal,
        rooms.coupling,
        live,
        equipment.desalination_m3_per_h,
        equipment.sea_side,
    )


def first_fuel_jpy_per_l(case: SupplyCase) -> float:
    """Petrol before the first delivery, at the cheapest terminal's price [JPY/L]."""
    cheapest = case.terminal_price_jpy_per_t[case.terminal_good == FUEL].min()
    return float(cheapest) * PETROL_KG_PER_L / KG_PER_T


def travellers(
    place: Place, roads: RoadNetwork, people: Population, charter: Charter, scenario: Scenario
) -> Travel:
    """Trips of the place, their matrix taken as counted with today's cars and prices."""
    return Travel(
        place,
        roads.free_skim_h,
        roads.free_skim_km,
        roads.assign(gap=1e-3).skim_h,
        people.cars.running_frac_by_zone(np.ones(len(place.districts))),
        first_fuel_jpy_per_l(place.supply),
        charter.market.bus_fare_jpy,
        scenario.parameters.travel,
        scenario.parameters.choice,
    )


def usual_generation_jpy_per_kwh(grid: GridCase, load_mw: np.ndarray) -> float:
    """Mean cost of serving *load_mw*, array (hours,), in merit order with all units at hand [JPY/kWh]."""
    marginal = grid.unit_cost[:, 1] + grid.unit_cost[:, 0] * grid.unit_max_mw
    order = np.argsort(marginal, kind="stable")
    reach_mw = np.concatenate([[0.0], np.cumsum(grid.unit_max_mw[order])])
    cost_jpy = np.concatenate([[0.0], np.cumsum((marginal * grid.unit_max_mw)[order])])
    return float(np.interp(load_mw, reach_mw, cost_jpy).sum() / load_mw.sum()) / KW_PER_MW


def treasury(
    place: Place, equipment: Equipment, charter: Charter, scenario: Scenario, load_mw: np.ndarray
) -> Treasury:
    """Tariffs that carry the yearly cost of what the charter installed (mechanism ``charges``)."""
    numbers = scenario.parameters.market
    costs = charter.costs if scenario.mechanisms.charges else ()
    return Treasury(
        charter.market,
        equipment.yearly_jpy(costs, numbers.interest_per_y),
        float(place.feeders.peak_mw.sum()),
        float(place.water.junction_demand_m3_per_h.sum()) * HOURS_PER_DAY,
        place.households,
        usual_generation_jpy_per_kwh(place.grid, load_mw),
        numbers,
    )


def local_market(
    model: mesa.Model, place: Place, people: Population, charter: Charter, scenario: Scenario
) -> LocalMarket | None:
    """Trade between homes, where the charter lets them (mechanism ``p2p``)."""
    if charter.market.p2p_rule == "none" or not scenario.mechanisms.p2p:
        return None
    where = (people.homes.district, people.homes.feeder, place.feeders, len(place.districts), people.weight)
    usual = scenario.parameters.p2p
    numbers = replace(usual, grid_fee_frac=min(usual.grid_fee_frac, charter.market.p2p_max_fee_frac))
    return LocalMarket(charter.market.p2p_rule, *where, model.streams, numbers)


def expected_mw(
    weather: Sequence[Weather], people: Population, firms: Firms, first_hour_of_year: int
) -> tuple[np.ndarray, np.ndarray]:
    """Load and surplus of homes' sun that calendar and weather make one expect, arrays (hours,) [MW]."""
    hours = np.arange(len(weather))
    temperature = np.array([one.temperature_degc for one in weather])
    sun = np.array([one.sun_frac for one in weather])
    homes, surplus = people.power.expected_mw(hours, temperature, sun)
    business = [firms.power_mw(first_hour_of_year + hour).sum() for hour in range(len(weather))]
    return homes + np.array(business), surplus


def suppliers(model: mesa.Model, case: SupplyCase) -> list[Supplier]:
    """One agent for each owner of terminals."""
    owner = np.array(case.terminal_supplier)
    return [Supplier(model, name, np.flatnonzero(owner == name)) for name in dict.fromkeys(owner.tolist())]


def contest(control: ControlGraph, charter: Charter, scenario: Scenario) -> Contest:
    """Who may be captured, and whose systems come from one maker."""
    makers = max(charter.control.municipal_vendors, 1)
    vendor = {f"municipality:{name}": f"maker {d % makers}" for d, name in enumerate(control.districts)}
    return Contest(control.principals, vendor, scenario.parameters.capture)


def kill_chain(model: mesa.Model, control: ControlGraph, charter: Charter, scenario: Scenario) -> KillChain:
    """How captures come about; principals of networks with public figures are cheaper to reconnoitre."""
    public = charter.information.ledger_networks if scenario.mechanisms.public_record else ()
    open_data = [who for who in control.principals if any(a.network in public for a in control.edges([who]))]
    live = scenario.mechanisms.kill_chain
    return KillChain(contest(control, charter, scenario), model.streams, open_data, live)


def absent_assets(model: mesa.Model) -> frozenset[str]:
    """Classes of assets of which the city has none that hangs on a centre."""
    adaptive = model.equipment.adaptive_signal
    return frozenset() if (adaptive & ~model.equipment.local_signal).any() else frozenset({"signals"})


def company_units(model: mesa.Model) -> tuple[np.ndarray, np.ndarray]:
    """Generating units of the largest owner, and their margin at an ordinary price [JPY/MWh]."""
    grid, numbers = model.place.grid, model.coupling.parameters
    marginal = grid.unit_cost[:, 1] + 2.0 * grid.unit_cost[:, 0] * grid.unit_max_mw
    units = np.flatnonzero(largest_owner(marginal, grid.unit_max_mw, numbers.largest_owner_frac))
    load_mw = float(model.forecast.expected_mw[:HOURS_PER_WEEK].mean())
    price = stack_price(load_mw, marginal, grid.unit_max_mw, KW_PER_MW * numbers.price_cap_jpy_per_kwh)
    return units, np.maximum(price - marginal[units], 0.0)


def chances(
    model: mesa.Model, kind: str, control: ControlGraph, chain: KillChain, scenario: Scenario
) -> Chances:
    """What a bad actor of this kind could do here with the scenario's foothold."""
    return chances_of(
        kind,
        scenario.attacker.foothold,
        Arsenal(control, chain.contest, absent_assets(model)),
        scenario.parameters.bad_actor,
        len(company_units(model)[0]),
        chain.unnoticed,
    )


def rationing(
    place: Place,
    people: Population,
    charter: Charter,
    scenario: Scenario,
    streams: Streams,
    log: EventLog,
) -> dict[str, Rationing]:
    """How shortages of water and power are shared: by discretion, by a declared rule, or by a vote."""
    rooms, live, allocation = scenario.parameters, scenario.mechanisms, charter.allocation
    homes = people.homes.by_district(np.ones(len(people)))
    needs, depriving = people.parameters, people.hardship.parameters
    claims = {
        "water": water_claims(place, people.homes.persons_in_district, needs.need_water_l_per_person_day),
        "power": power_claims(place, homes, needs.need_power_kw),
    }
    asked = len(allocation.ballot) > 1 and live.voting
    found = {}
    for need, network in ((WATER, "water"), (POWER, "power")):
        ballot = (
            Ballot(allocation.ballot, streams, network, allocation.recommender, rooms.voting)
            if asked
            else None
        )
        found[network] = Rationing(
            network,
            claims[network],
            allocation,
            ballot,
            depriving.weight[need],
            depriving.growth_per_h[need],
            live,
            rooms.rationing,
            log,
        )
    return found


def stake_of(model: mesa.Model, hands: Sequence[str], target: str) -> Stake:
    """What a bad actor counts its gains by, with these principals in its hands."""
    case, names = model.place.supply, model.place.districts.name
    own = [name.partition(":")[2] for name in hands if name.startswith("supplier:")]
    terminals = np.flatnonzero(np.isin(case.terminal_supplier, own))
    units, margin = company_units(model)
    count = len(units) if "generation_company" in hands else 0
    return Stake(
        names.index(target) if target in names else -1,
        model.place.districts.people,
        terminals,
        case.terminal_good[terminals],
        units[:count],
        margin[:count],
    )


def platforms(charter: Charter, mechanisms: Mechanisms) -> tuple[str, ...]:
    """Platforms that the charter brings: each a door of its own."""
    brings = {
        "ledger": bool(charter.information.ledger_networks) and mechanisms.public_record,
        "vote": bool(charter.allocation.ballot) and (mechanisms.voting or mechanisms.recall),
        "recommender": charter.allocation.recommender and mechanisms.voting,
    }
    return tuple(name for name in PLATFORMS if brings[name])


def record_keepers(
    place: Place, control: ControlGraph, charter: Charter, scenario: Scenario, streams: Streams
) -> tuple[Publisher | None, PublicRecord | None, Detector | None]:
    """Who publishes, the log, and who tests what is published; None where the charter brings no log."""
    if not charter.information.ledger_networks or not scenario.mechanisms.public_record:
        return None, None, None
    rooms, names = scenario.parameters, place.districts.name
    publisher = Publisher(place, charter.information, streams, rooms.meters)
    kept = (charter.information.verifiers, rooms.public_record, publisher.suppliers)
    log = PublicRecord(publisher.networks, names, *kept)
    if not scenario.mechanisms.detection:
        return publisher, log, None
    suspects = {
        network: tuple(control.assets[f"{network}_record:{name}"].holding.holders[0] for name in names)
        for network in publisher.networks
        if network != "supply"
    }
    suspects["supply"] = tuple(f"supplier:{name}" for name in publisher.suppliers)
    return publisher, log, Detector(suspects, rooms.meters, rooms.detection)


def monitor(model: mesa.Model, place: Place, charter: Charter, scenario: Scenario) -> Monitor:
    """Auditors, and inspectors where the charter invites them."""
    rooms, count = scenario.parameters, len(place.districts)
    inspectorate = Inspectorate(charter.payoffs, count, model.streams, rooms.deterrence)
    return Monitor(model, inspectorate, rooms.detection, rooms.monitor)


def bad_actor(
    model: mesa.Model,
    attacker: str,
    control: ControlGraph,
    charter: Charter,
    scenario: Scenario,
    plan: Plan | None,
    rehearsal: bool,
) -> list[BadActor]:
    """Whoever attacks, with the scenario's foothold, target and budget; nobody for ``none``."""
    kind, _ = parse_attacker(attacker)
    if kind == "none":
        return []
    numbers, given = scenario.parameters.bad_actor, scenario.attacker
    chain = kill_chain(model, control, charter, scenario)
    before = chances(model, kind, control, chain, scenario)
    mind: RandomMind | PlannedMind
    if plan is not None:
        mind = PlannedMind(plan, before)
    else:
        mind = RandomMind(model.streams, kind, before, given.target, numbers.action_chance)
    stake = stake_of(model, (*given.foothold, *mind.efforts()), mind.target)
    return [
        BadActor(
            model,
            kind,
            mind,
            chain,
            given.foothold,
            given.budget,
            given.first_hour,
            numbers,
            stake,
            absent_assets(model),
            len(company_units(model)[0]),
            rehearsal,
        )
    ]
