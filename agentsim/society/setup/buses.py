"""Builders of the bus operator and of its contract: the first timetable and the subsidy that it needs."""

import mesa
import numpy as np

from agentsim.agents.officers.bus_operator import BusContract, BusOperator, shared_out
from agentsim.core.calendar import SATURDAY
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK
from agentsim.networks.coupling import Coupling
from agentsim.networks.roads.transit import BusNetwork
from agentsim.place.cases import FUEL
from agentsim.society.outlook import first_fuel_jpy_per_l
from agentsim.society.setup.ground import Ground
from agentsim.society.setup.institutions import usual_generation_jpy_per_kwh
from agentsim.society.setup.people import People


def bus_contract(
    ground: Ground, people: People, coupling: Coupling, usual_mw: np.ndarray
) -> BusContract | None:
    """The first timetable and the subsidy that it needs; None without lines.

    Both are agreed before any policy: with the cars and prices of an ordinary city, and nobody who shares
    rides. The network takes over the timetable, and its riders the crowding that they expect.
    """
    network = coupling.buses
    if network is None:
        return None
    numbers, week = ground.parameters.bus_operator, _OrdinaryWeek(ground, people, coupling)
    _, boardings = week.riders(network)
    total = float(network.buses.sum())
    network.set_timetable(shared_out(total, boardings, network.round_trip_h, numbers.least_per_h))
    riders, boardings = week.riders(network)
    cost_jpy = _cost_jpy(ground, network, usual_mw)
    deficit_jpy = max(cost_jpy - riders * ground.charter.market.bus_fare_jpy, 0.0) / HOURS_PER_WEEK
    return BusContract(
        buses=network.buses,
        boardings=boardings / (HOURS_PER_WEEK / HOURS_PER_DAY),
        riders_per_h=riders / HOURS_PER_WEEK,
        cost_jpy_per_h=cost_jpy / HOURS_PER_WEEK,
        subsidy_jpy_per_h=numbers.deficit_paid_frac * deficit_jpy,
        parameters=numbers,
    )


def _cost_jpy(ground: Ground, network: BusNetwork, usual_mw: np.ndarray) -> float:
    """Cost of a week of the timetable at ordinary prices; *usual_mw* (hours,) is the ordinary load."""
    market = ground.parameters.market
    generation_jpy_per_kwh = usual_generation_jpy_per_kwh(ground.place.grid, usual_mw)
    power_jpy_per_kwh = market.power_margin_jpy_per_kwh + generation_jpy_per_kwh
    power_jpy_per_kwh *= market.business_price_frac
    p = ground.parameters.bus_operator
    per_bus_h = p.driver_jpy_per_bus_h + p.upkeep_jpy_per_bus_h
    case = ground.place.supply
    fuel_t = sum(network.planned_fuel_t(hour) for hour in range(HOURS_PER_DAY))
    cheapest = float(case.terminal_price_jpy_per_t[case.terminal_good == FUEL].min())
    kwh = sum(network.planned_kwh(hour) for hour in range(HOURS_PER_DAY))
    a_day = float(network.buses.sum()) * network.hours_a_day * per_bus_h
    a_day += fuel_t * cheapest + kwh * power_jpy_per_kwh
    return a_day * HOURS_PER_WEEK / HOURS_PER_DAY


class _OrdinaryWeek:
    """Riders of a week in which nothing happens, by traffic between empty roads and the peak."""

    def __init__(self, ground: Ground, people: People, coupling: Coupling) -> None:
        self._travel, roads = people.travel, coupling.roads
        peak = roads.assign(gap=1e-3)
        self._free_h, self._free_km = ground.place.roads.link_free_time_h, roads.free_skim_km
        self._free_skim_h = roads.free_skim_h
        self._more_h, self._more_skim_h = peak.time_h - self._free_h, peak.skim_h - roads.free_skim_h
        self._power = float(ground.place.roads.link_bpr_beta.max(initial=1.0))
        self._fuel_jpy_per_l = first_fuel_jpy_per_l(ground.place.supply)
        self._car_frac = people.population.cars.running_frac_by_zone(np.ones(len(ground.place.districts)))

    def riders(self, network: BusNetwork) -> tuple[float, np.ndarray]:
        """Persons who ride in a week, and boardings of each line, array (lines,)."""
        persons, boardings = 0.0, np.zeros(len(network))
        for clock in range(HOURS_PER_DAY):
            rise = self._travel.parameters.profile[clock] ** self._power
            link_h, skim_h = self._free_h + rise * self._more_h, self._free_skim_h + rise * self._more_skim_h
            begun = self._travel.bus_persons(
                clock,
                skim_h=skim_h,
                skim_km=self._free_km,
                fuel_jpy_per_l=self._fuel_jpy_per_l,
                car_frac=self._car_frac,
                buses=network.offer(clock, link_h),
            )
            days = SATURDAY + (7 - SATURDAY) * self._travel.parameters.weekend_frac
            seen = network.serve(clock, begun, link_h, memory=0.0)
            persons += days * seen.carried
            boardings += days * seen.boardings
        return persons, boardings


def bus_operator(
    model: mesa.Model, ground: Ground, network: BusNetwork | None, contract: BusContract | None
) -> BusOperator | None:
    """The officer who runs the bus lines; None without lines."""
    if network is None or contract is None:
        return None
    return BusOperator(
        model,
        contract=contract,
        round_trip_h=network.round_trip_h,
        hours_a_day=network.hours_a_day,
        fleet=network.fleet,
        revises=ground.mechanisms.bus_budget,
    )
