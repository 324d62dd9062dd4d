"""How a society is set up: each part from the scenario, the place and the charter."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import mesa
import numpy as np

from agentsim.agents.bad_actor import BadActor, Stake, chances_of, parse_attacker
from agentsim.agents.firms import Firms
from agentsim.agents.mind import Plan, PlannedMind, RandomMind
from agentsim.agents.population import Population
from agentsim.agents.supplier import Supplier
from agentsim.agents.travel import Travel
from agentsim.charter import Charter
from agentsim.equipment import Equipment
from agentsim.exchange import Weather
from agentsim.institutions.capture import Contest
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.market import Treasury
from agentsim.networks.coupling import Coupling
from agentsim.networks.power import PowerGrid
from agentsim.networks.raw_water import RawWater
from agentsim.networks.roads import RoadNetwork
from agentsim.networks.supply import SupplyNetwork
from agentsim.networks.water import WaterNetwork
from agentsim.place.cases import FOOD, FUEL, MINERALS, GridCase, Place, SupplyCase
from agentsim.place.substitutes import with_substitutes
from agentsim.scenario import Scenario
from agentsim.units import HOURS_PER_DAY, KG_PER_T, KW_PER_MW, PETROL_KG_PER_L


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
    numbers = scenario.parameters["supply"]
    made = (equipment.substitute_t_per_d, numbers.substitute_price_ratio, numbers.substitute_lead_days)
    return replace(place, supply=with_substitutes(place.supply, *made))


def couple(place: Place, equipment: Equipment, charter: Charter, scenario: Scenario) -> Coupling:
    """The four networks of the place with what is installed, joined."""
    rooms, live, districts = scenario.parameters, scenario.mechanisms, len(place.districts)
    wells = (equipment.well_m3_per_h, equipment.well_tank_m3)
    sea_zone = equipment.sea_side.zone if equipment.sea_side and equipment.desalination_m3_per_h > 0 else None
    return Coupling(
        place,
        PowerGrid(place.grid, place.feeders, districts, equipment.stores, rooms["power"], live),
        WaterNetwork(place.water, districts, *wells, rooms["water"], live, sea_zone=sea_zone),
        RoadNetwork(place.roads, rooms["roads"], live, adaptive_signal=equipment.adaptive_signal),
        SupplyNetwork(place.supply, rooms["supply"], live, charter.market.max_supplier_share),
        RawWater(place.water.source_yield_m3_per_d, rooms["raw_water"]),
        equipment.local_signal,
        rooms["coupling"],
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
        people.car_frac_by_zone(len(place.zone_x_km), np.ones(len(place.districts))),
        first_fuel_jpy_per_l(place.supply),
        charter.market.bus_fare_jpy,
        scenario.parameters["travel"],
        scenario.parameters["choice"],
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
    numbers = scenario.parameters["market"]
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


def expected_mw(
    weather: Sequence[Weather], people: Population, firms: Firms, first_hour_of_year: int
) -> tuple[np.ndarray, np.ndarray]:
    """Load and surplus of homes' sun that calendar and weather make one expect, arrays (hours,) [MW]."""
    hours = np.arange(len(weather))
    temperature = np.array([one.temperature_degc for one in weather])
    sun = np.array([one.sun_frac for one in weather])
    homes, surplus = people.expected_mw(hours, temperature, sun)
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
    return Contest(control.principals, vendor, scenario.parameters["capture"])


def stake_of(place: Place, kind: str, target: int | None, scenario: Scenario) -> Stake:
    """What a bad actor counts its gains by."""
    case = place.supply
    own = [name.partition(":")[2] for name in scenario.attacker.foothold if name.startswith("supplier:")]
    terminals = np.flatnonzero(np.isin(case.terminal_supplier, own)) if kind == "cartel" else np.zeros(0, int)
    goods = case.terminal_good[terminals]
    return Stake(-1 if target is None else target, place.districts.people, terminals, goods)


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
    numbers, given = scenario.parameters["bad_actor"], scenario.attacker
    rivals = contest(control, charter, scenario)
    mind: RandomMind | PlannedMind
    if plan is not None:
        mind = PlannedMind(plan)
    else:
        chances = chances_of(kind, control, given.foothold, rivals, numbers)
        mind = RandomMind(model.streams, kind, chances, given.target, numbers.action_chance)
    return [
        BadActor(
            model, kind, mind, rivals, given.foothold, given.budget, given.first_hour, numbers, rehearsal
        )
    ]
