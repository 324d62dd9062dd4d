"""Nothing appears and nothing vanishes: the balances that every hour must close."""

from typing import NamedTuple

import numpy as np

from agentsim.core.errors import NotConserved
from agentsim.core.messages import Account, Hour, Living, RoadService, WaterService
from agentsim.core.numerics.kernel import inlined, kernel

TOLERANCE = 1e-6
LEAST_MOVED_M3 = 10.0  # when a city is dry EPANET's error of some litres does not shrink with what flows


class Amounts(NamedTuple):
    """Totals over the city of what is kept in arrays, now; stocks also as the hour before left them."""

    generation_mwh: float
    sun_mwh: float
    charge_mwh: float
    discharge_mwh: float
    delivered_mwh: float
    power_parts_mwh: float  # delivered + shed + restricted
    power_missed_mwh: float  # sum over feeders of |asked - (delivered + shed + restricted)|
    stored_before_mwh: float
    stored_mwh: float
    source_m3: float
    well_m3: float
    delivered_m3: float
    water_parts_m3: float  # delivered + short + restricted
    water_asked_m3: float
    tanks_before_m3: float  # of the mains and of the wells
    tanks_m3: float
    asked_veh: float
    stranded_veh: float
    came_t: float  # stock before + received
    went_t: float  # handed out + stock now
    most_t: float  # that came to one depot
    missed_t: float  # most of |came - went| at one depot


@inlined
def _sum(values: np.ndarray) -> float:
    total = 0.0
    for row in range(values.size):
        total += values[row]
    return total


@kernel
def add_up(
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
) -> tuple[float, ...]:
    """The fields of :class:`Amounts`, from 1-D arrays: one pass over each.

    Those of power are (units,), (feeders,) and (stores,), of water (sources,), (junctions,), (tanks,) and
    (districts,), of vehicles (zones x zones,), of goods (depots,).
    """
    parts_mw = missed_mw = parts_m3 = most_t = missed_t = 0.0
    for row in range(asked_mw.size):
        part = delivered_mw[row] + shed_mw[row] + restricted_mw[row]
        asked = asked_mw[row] + works_mw[row]
        parts_mw += part
        missed_mw += abs((0.0 if asked < 0.0 else asked) - part)
    for row in range(asked_m3.size):
        parts_m3 += delivered_m3[row] + short_m3[row] + restricted_m3[row]
    for row in range(came_t.size):
        most_t = max(most_t, came_t[row])
        missed_t = max(missed_t, abs(came_t[row] - went_t[row]))
    return (
        _sum(generation_mw),
        _sum(sun_mw),
        _sum(charge_mw),
        _sum(discharge_mw),
        _sum(delivered_mw),
        parts_mw,
        missed_mw,
        _sum(stored_before_mwh),
        _sum(stored_mwh),
        _sum(source_m3),
        _sum(well_m3),
        _sum(delivered_m3),
        parts_m3,
        _sum(asked_m3),
        _sum(tank_before_m3) + _sum(well_tank_before_m3),
        _sum(tank_m3) + _sum(well_tank_m3),
        _sum(asked_veh),
        _sum(stranded_veh),
        _sum(came_t),
        _sum(went_t),
        most_t,
        missed_t,
    )


def amounts(now: Hour, before: Hour) -> Amounts:
    """The totals of the hour *now*; *before* says what stores, tanks and depots held when it began."""
    power, water, supply = now.service.power, now.service.water, now.service.supply
    old_power, old_water = before.service.power, before.service.water
    return Amounts(
        *add_up(
            power.generation_mw,
            power.solar_used_mw,
            power.store_charge_mw,
            power.store_discharge_mw,
            power.delivered_mw,
            power.shed_mw,
            power.restricted_mw,
            now.demand.power_asked_mw,
            now.service.works_mw,
            old_power.store_energy_mwh,
            power.store_energy_mwh,
            water.source_m3,
            water.well_m3,
            water.delivered_m3_per_h,
            water.short_m3_per_h,
            water.restricted_m3_per_h,
            now.demand.water_asked_m3_per_h,
            old_water.tank_volume_m3,
            water.tank_volume_m3,
            old_water.well_stored_m3,
            water.well_stored_m3,
            now.trips.vehicles.reshape(-1),
            now.service.roads.stranded_veh.reshape(-1),
            before.service.supply.stock_t + supply.received_t,
            supply.delivered_t + supply.stock_t,
        )
    )


def _closes(what: str, hour: int, left: float, right: float, scale: float, tolerance: float) -> None:
    if not abs(left - right) <= tolerance * max(scale, 1.0):
        raise NotConserved(f"hour {hour}: {what} does not balance: {left!r} against {right!r}")


def check_energy(hour: int, all_of: Amounts) -> None:
    """generation + sun + discharge = delivered + charge [MWh] (lossless DC flow).

    What customers and waterworks asked is delivered + shed + restricted, feeder by feeder.
    """
    sources = all_of.generation_mwh + all_of.sun_mwh + all_of.discharge_mwh
    _closes("energy", hour, sources, all_of.delivered_mwh + all_of.charge_mwh, sources, TOLERANCE)
    _closes("power asked", hour, all_of.power_missed_mwh, 0.0, all_of.power_parts_mwh, TOLERANCE)


def check_stores(hour: int, all_of: Amounts, loss_mwh: float) -> None:
    """Energy before + charge - discharge - losses = energy now, in all stores together [MWh]."""
    moved = all_of.charge_mwh - all_of.discharge_mwh - loss_mwh
    left, right = all_of.stored_before_mwh + moved, all_of.stored_mwh
    _closes("stored energy", hour, left, right, right, TOLERANCE)


def check_water(hour: int, all_of: Amounts, water: WaterService) -> None:
    """asked = delivered + short + restricted; the network's own balance is closed [m3]."""
    _closes("water", hour, water.balance_m3, 0.0, _moved_m3(all_of), 1e-3)
    parts, asked = all_of.water_parts_m3, all_of.water_asked_m3
    _closes("water asked", hour, parts, asked, asked, TOLERANCE)


def check_tanks(hour: int, all_of: Amounts, water: WaterService) -> None:
    """All that came in = delivered + leakage + growth of the mains' and the wells' tanks [m3]."""
    came = all_of.source_m3 + all_of.well_m3 + water.desalinated_m3
    went = all_of.delivered_m3 + water.leakage_m3 + all_of.tanks_m3 - all_of.tanks_before_m3
    _closes("water in tanks", hour, came, went, _moved_m3(all_of), 1e-3)


def _moved_m3(all_of: Amounts) -> float:
    return max(all_of.source_m3 + all_of.well_m3 + all_of.delivered_m3, LEAST_MOVED_M3)


def check_vehicles(hour: int, all_of: Amounts, roads: RoadService) -> None:
    """asked + carried in = arrived + queued + stranded [veh]."""
    came = all_of.asked_veh + roads.carried_in_veh
    went = roads.arrived_veh + roads.queued_veh + all_of.stranded_veh
    _closes("vehicles", hour, came, went, came, TOLERANCE)


def check_goods(hour: int, all_of: Amounts) -> None:
    """Stock before + received = handed out + stock now, for fuel, minerals and food at each depot [t]."""
    _closes("goods", hour, all_of.came_t, all_of.went_t, all_of.came_t, TOLERANCE)
    _closes("goods at a depot", hour, all_of.missed_t, 0.0, all_of.most_t, TOLERANCE)


def check_money(hour: int, account: Account, home_mwh: float, metered_mwh: float) -> None:
    """All changes of balance sum to 0 [JPY]; the energy billed to homes is what their feeders delivered."""
    changes = account.balance_jpy.values()
    _closes("money", hour, sum(changes), 0.0, sum(map(abs, changes)), 1e-9)
    _closes("billed energy", hour, home_mwh, metered_mwh, home_mwh, TOLERANCE)


def check_counts(hour: int, before: Living, now: Living) -> None:
    """Nobody is born, dies or is counted twice, who left the city is booked; no car is built or scrapped."""
    people = now.people + now.left_people
    _closes("people", hour, before.people + before.left_people, people, people, 1e-9)
    vehicles = now.vehicles + now.left_vehicles
    _closes("cars", hour, before.vehicles + before.left_vehicles, vehicles, vehicles, 1e-9)


def check(now: Hour, before: Hour | None) -> None:
    """Every balance of the hour *now*, with what the hour *before* it left behind.

    Raises
    ------
    NotConserved : names the hour, the balance and both of its sides
    """
    hour, service, all_of = now.number, now.service, amounts(now, before or now)
    check_energy(hour, all_of)
    check_water(hour, all_of, service.water)
    check_vehicles(hour, all_of, service.roads)
    check_money(hour, now.account, now.sales.home_mwh, now.living.metered_mwh)
    if before is not None:
        check_stores(hour, all_of, service.power.store_loss_mwh)
        check_tanks(hour, all_of, service.water)
        check_goods(hour, all_of)
        check_counts(hour, before.living, now.living)
