"""Nothing appears and nothing vanishes: the balances that every hour must close."""

from itertools import repeat
from operator import is_

import numpy as np

from agentsim.core.errors import HydraulicsFailed, NotConserved
from agentsim.core.messages import Hour
from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.sums import total

LEAST_MOVED_M3 = 10.0  # when a city is dry EPANET's error of some litres does not shrink with what flows
# what the hydraulics may lose or gain in an hour, as a share of the water that moves or is asked for
MOST_RESIDUAL_FRAC = 0.01
# each balance, and how far its sides may be apart, as a share of what is compared (at least of 1)
BALANCES = {
    "energy": 1e-6,
    "power asked": 1e-6,
    "water": 1e-3,
    "water asked": 1e-6,
    "vehicles": 1e-6,
    "money": 1e-9,
    "billed energy": 1e-6,
    # with what the hour before left behind
    "stored energy": 1e-6,
    "water in tanks": 1e-3,
    "goods": 1e-6,
    "goods at a depot": 1e-6,
    "people": 1e-9,
    "cars": 1e-9,
    "rain water": 1e-9,
    "groundwater": 1e-9,
    "pumped groundwater": 1e-9,
    "bus passengers": 1e-9,
    "buses": 1e-9,
    "charge of buses": 1e-9,
    "riders": 1e-9,
    "vehicles for hire": 1e-9,
    "vehicles of fleets": 1e-9,
    "plants' yards": 1e-9,
}
_NAMES, _TOLERANCES = tuple(BALANCES), tuple(BALANCES.values())
_WITHIN_THE_HOUR, _OF_MEASURES = _NAMES.index("stored energy"), _NAMES.index("rain water")
_NOTHING = np.zeros(0)


@inlined
def _sum(values: np.ndarray) -> float:
    total = 0.0
    for row in range(values.size):
        total += values[row]
    return total


@inlined
def _enter(sides: np.ndarray, row: int, left: float, right: float, scale: float) -> None:
    sides[row, 0], sides[row, 1], sides[row, 2] = left, right, scale


@kernel
def first_open(
    rows: int,
    sides: np.ndarray,
    generation_mw: np.ndarray,
    sun_mw: np.ndarray,
    charge_mw: np.ndarray,
    discharge_mw: np.ndarray,
    delivered_mw: np.ndarray,
    shed_mw: np.ndarray,
    restricted_mw: np.ndarray,
    asked_mw: np.ndarray,
    works_mw: np.ndarray,
    stored_before_mwh: np.ndarray,
    stored_mwh: np.ndarray,
    source_m3: np.ndarray,
    well_m3: np.ndarray,
    delivered_m3: np.ndarray,
    short_m3: np.ndarray,
    restricted_m3: np.ndarray,
    asked_m3: np.ndarray,
    tank_before_m3: np.ndarray,
    tank_m3: np.ndarray,
    well_tank_before_m3: np.ndarray,
    well_tank_m3: np.ndarray,
    asked_veh: np.ndarray,
    stranded_veh: np.ndarray,
    came_t: np.ndarray,
    went_t: np.ndarray,
    told: np.ndarray,
    of_measures: np.ndarray,
) -> int:
    """The first of so many *rows* of ``BALANCES`` that does not close, -1 if all of them do.

    * energy: generation + sun + discharge = delivered + charge [MWh] (lossless DC flow);
    * power asked: of customers and waterworks, is delivered + shed + restricted, feeder by feeder [MWh];
    * water: the network's own balance is closed [m3];
    * water asked = delivered + short + restricted [m3];
    * vehicles: asked + carried in = arrived + queued + stranded [veh];
    * money: all changes of balance sum to 0 [JPY];
    * billed energy: homes are billed for what their feeders delivered [MWh];
    * stored energy: before + charge - discharge - losses = now, in all stores together [MWh];
    * water in tanks: all that came in = delivered + leakage + growth of the mains' and wells' tanks, but for
      the residual that the hydraulics report [m3];
    * goods: stock before + received = handed out + stock now, of fuel, minerals and food at each depot [t];
    * rain water: before + caught = used + spilt + now, in all rain tanks together [m3];
    * groundwater: before + recharge = pumped + outflow + now, counted from the water table of the first hour;
      what is pumped is what municipal and private wells give [m3];
    * bus passengers: who came to the stops = carried + left behind + cut off [persons];
    * buses: fleet = on the road + without fuel + in the garage, none of them below 0 [buses];
    * charge of electric buses: before + charged = driven + now [kWh];
    * plants' yards: before + made = sold + now, of all plants of fuel and metals together [t];
    * people and cars: nobody is born, dies or is counted twice, who left the city is booked; no car is built
      or scrapped.

    Parameters
    ----------
    sides : (BALANCES, 3), is filled with both sides and with what their difference is compared with
    generation_mw ... went_t : 1-D arrays over units, feeders, stores; sources, junctions, tanks, districts;
        pairs of zones; depots
    told : numbers that the networks and the accounts tell themselves, see :func:`check`
    of_measures : both sides of each balance from that of rain water on; empty if no measure brings any
    """
    parts = missed = 0.0
    for row in range(asked_mw.size):
        part = delivered_mw[row] + shed_mw[row] + restricted_mw[row]
        asked = asked_mw[row] + works_mw[row]
        parts += part
        missed += abs((0.0 if asked < 0.0 else asked) - part)
    charge, discharge, delivered = _sum(charge_mw), _sum(discharge_mw), _sum(delivered_mw)
    sources = _sum(generation_mw) + _sum(sun_mw) + discharge
    _enter(sides, 0, sources, delivered + charge, sources)
    _enter(sides, 1, missed, 0.0, parts)
    stored = _sum(stored_mwh)
    _enter(sides, 7, _sum(stored_before_mwh) + charge - discharge - told[0], stored, stored)

    delivered, asked = _sum(delivered_m3), _sum(asked_m3)
    drawn = _sum(source_m3) + _sum(well_m3)
    moved = LEAST_MOVED_M3 if drawn + delivered < LEAST_MOVED_M3 else drawn + delivered
    grown = _sum(tank_m3) + _sum(well_tank_m3) - _sum(tank_before_m3) - _sum(well_tank_before_m3)
    _enter(sides, 2, told[1], 0.0, moved)
    _enter(sides, 3, delivered + _sum(short_m3) + _sum(restricted_m3), asked, asked)
    _enter(sides, 8, drawn + told[2], delivered + told[3] + grown, moved)

    came = _sum(asked_veh) + told[4]
    _enter(sides, 4, came, told[5] + told[6] + _sum(stranded_veh), came)

    most = missed = 0.0
    for row in range(came_t.size):
        most = max(most, came_t[row])
        missed = max(missed, abs(came_t[row] - went_t[row]))
    came = _sum(came_t)
    _enter(sides, 9, came, _sum(went_t), came)
    _enter(sides, 10, missed, 0.0, most)

    _enter(sides, 5, told[7], 0.0, told[8])
    _enter(sides, 6, told[9], told[10], told[9])
    _enter(sides, 11, told[11], told[12], told[12])
    _enter(sides, 12, told[13], told[14], told[14])
    if of_measures.size > 0:
        for row in range(_OF_MEASURES, sides.shape[0]):
            left, right = of_measures[2 * (row - _OF_MEASURES)], of_measures[2 * (row - _OF_MEASURES) + 1]
            _enter(sides, row, left, right, abs(left))
    else:
        sides[_OF_MEASURES:] = 0.0
    for row in range(rows):
        scale = 1.0 if sides[row, 2] < 1.0 else sides[row, 2]
        # what is no number is neither below nor above and does not slip through
        if not abs(sides[row, 0] - sides[row, 1]) <= _TOLERANCES[row] * scale:
            return row
    return -1


def check(now: Hour, before: Hour | None) -> None:
    """Every balance of the hour *now*, with what the hour *before* it left behind.

    Raises
    ------
    NotConserved : names the hour, the balance and both of its sides
    """
    old = before or now
    power, water, roads, supply = now.service.power, now.service.water, now.service.roads, now.service.supply
    living, lived, changes = now.living, old.living, now.account.balance_jpy.values()
    told = np.array(
        [
            power.store_loss_mwh,
            water.balance_m3 - water.residual_m3,
            water.desalinated_m3 - water.residual_m3,
            water.leakage_m3,
            roads.carried_in_veh,
            roads.arrived_veh,
            roads.queued_veh,
            sum(changes),
            sum(map(abs, changes)),
            now.sales.home_mwh,
            living.metered_mwh,
            lived.people + lived.left_people,
            living.people + living.left_people,
            lived.vehicles + lived.left_vehicles,
            living.vehicles + living.left_vehicles,
        ],
        dtype=float,
    )
    sides = np.empty((len(BALANCES), 3))
    row = first_open(
        _WITHIN_THE_HOUR if before is None else len(BALANCES),
        sides,
        power.generation_mw,
        power.solar_used_mw,
        power.store_charge_mw,
        power.store_discharge_mw,
        power.delivered_mw,
        power.shed_mw,
        power.restricted_mw,
        now.demand.power_asked_mw,
        now.service.works_mw,
        old.service.power.store_energy_mwh,
        power.store_energy_mwh,
        water.source_m3,
        water.well_m3,
        water.delivered_m3_per_h,
        water.short_m3_per_h,
        water.restricted_m3_per_h,
        now.demand.water_asked_m3_per_h,
        old.service.water.tank_volume_m3,
        water.tank_volume_m3,
        old.service.water.well_stored_m3,
        water.well_stored_m3,
        now.trips.vehicles.reshape(-1),
        roads.stranded_veh.reshape(-1),
        old.service.supply.stock_t + supply.received_t,
        supply.delivered_t + supply.stock_t,
        told,
        _of_measures(now, old),
    )
    if row >= 0:
        left, right, _ = sides[row].tolist()
        what = f"hour {now.number}: {_NAMES[row]} does not balance"
        raise NotConserved(f"{what}: {left!r} against {right!r}")


def _of_measures(now: Hour, old: Hour) -> np.ndarray:
    """Both sides of each balance of what only measures bring, from that of rain water on."""
    service = now.service
    brought = (service.buses, service.groundwater, service.plants, now.demand.rain, now.trips.own_veh)
    if all(map(is_, brought, repeat(None))):
        return _NOTHING
    return np.array(
        [
            *_rain(now, old),
            *_groundwater(now, old),
            *_buses(now),
            *_bus_energy(now, old),
            *_fleets(now, old),
            *_yards(now, old),
        ],
        dtype=float,
    )


def _buses(now: Hour) -> tuple[float, float, float, float]:
    """Both sides of the balance of bus passengers, and of buses."""
    buses = now.service.buses
    if buses is None:
        return 0.0, 0.0, 0.0, 0.0
    carried = total(buses.carried_persons.reshape(-1))
    there = sum(max(one, 0.0) for one in (buses.buses_out, buses.buses_stopped, buses.buses_garage))
    return (
        total(now.trips.bus_persons.reshape(-1)),
        carried + buses.left + buses.cut,
        buses.buses_fleet,
        there,
    )


def _bus_energy(now: Hour, old: Hour) -> tuple[float, float]:
    """Both sides of the balance of the batteries of electric buses."""
    buses, before = now.service.buses, old.service.buses
    if buses is None or before is None or now is old:
        return 0.0, 0.0
    return before.stored_kwh + buses.charged_kwh, buses.driven_kwh + buses.stored_kwh


def _fleets(now: Hour, old: Hour) -> tuple[float, ...]:
    """Both sides of the balances of riders, of vehicles for hire, and of all vehicles that fleets send."""
    trips, before = now.trips, old.trips.rides
    if trips.own_veh is None:
        return (0.0,) * 6
    sent = total(trips.own_veh.reshape(-1)) + trips.stopped_veh
    sent += 0.0 if trips.empty_veh is None else total(trips.empty_veh.reshape(-1))
    rides = trips.rides
    if rides is None:
        return 0.0, 0.0, 0.0, 0.0, total(trips.vehicles.reshape(-1)) + trips.stopped_veh, sent
    carried = sum(total(one.reshape(-1)) for one in (rides.on_own_trips, rides.hired, rides.left))
    sent += total(rides.loaded_veh.reshape(-1)) + total(rides.empty_veh.reshape(-1))
    stood = rides.vehicles if before is None else before.vehicles
    return (
        rides.asked,
        carried,
        float(stood.sum()),
        float(rides.vehicles.sum()),
        total(trips.vehicles.reshape(-1)) + trips.stopped_veh,
        sent,
    )


def _rain(now: Hour, old: Hour) -> tuple[float, float]:
    """Both sides of the balance of rain tanks."""
    rain, before = now.demand.rain, old.demand.rain
    if rain is None or before is None:
        return 0.0, 0.0
    return before.stored_m3 + rain.caught_m3, rain.used_m3 + rain.spilt_m3 + rain.stored_m3


def _groundwater(now: Hour, old: Hour) -> tuple[float, float, float, float]:
    """Both sides of the balance of the aquifer, and of what is pumped from it."""
    ground, before, private = (
        now.service.groundwater,
        old.service.groundwater,
        now.demand.private_well_m3_per_h,
    )
    if ground is None or before is None:
        return 0.0, 0.0, 0.0, 0.0
    came = before.stored_m3 + ground.natural_m3 + ground.managed_m3
    wells = total(now.service.water.well_m3) + (0.0 if private is None else total(private))
    return came, ground.pumped_m3 + ground.outflow_m3 + ground.stored_m3, ground.pumped_m3, wells


def _yards(now: Hour, old: Hour) -> tuple[float, float]:
    """Both sides of the balance of the plants' yards."""
    plants, before = now.service.plants, old.service.plants
    if plants is None or before is None:
        return 0.0, 0.0
    came = float(before.yard_t.sum() + plants.made_t.sum())
    return came, float(plants.sold_t.sum() + plants.yard_t.sum())


def check_residual(now: Hour, city: str) -> None:
    """Water that the hydraulics lost or gained in an hour of *city*, if it is more than an error of rounding.

    Raises
    ------
    HydraulicsFailed : it is more than 1 % of the water moved or asked for; names the hour and the city
    """
    water = now.service.water
    if abs(water.residual_m3) <= MOST_RESIDUAL_FRAC * LEAST_MOVED_M3:
        return
    moved = float(np.abs(water.source_m3).sum() + water.delivered_m3_per_h.sum())
    whole = max(moved, float(now.demand.water_asked_m3_per_h.sum()), LEAST_MOVED_M3)
    if not abs(water.residual_m3) <= MOST_RESIDUAL_FRAC * whole:
        raise HydraulicsFailed(
            f"hour {now.number} in {city}: the water network lost or gained {abs(water.residual_m3):,.1f} m3 "
            f"of {whole:,.0f} m3 by calculation, more than {MOST_RESIDUAL_FRAC:.0%}; check tanks and pumps "
            f"in its EPANET file"
        )
