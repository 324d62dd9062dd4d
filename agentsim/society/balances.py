"""Nothing appears and nothing vanishes: the balances that every hour must close."""

import numpy as np

from agentsim.core.errors import NotConserved
from agentsim.core.messages import Account, Demand, Hour, RoadService, Service, SupplyService

TOLERANCE = 1e-6
LEAST_MOVED_M3 = 10.0  # when a city is dry EPANET's error of some litres does not shrink with what flows


def _closes(what: str, hour: int, left: float, right: float, scale: float, tolerance: float) -> None:
    if not abs(left - right) <= tolerance * max(scale, 1.0):
        raise NotConserved(f"hour {hour}: {what} does not balance: {left!r} against {right!r}")


def check_energy(hour: int, service: Service, demand: Demand) -> None:
    """generation + sun + discharge = delivered + charge [MWh] (lossless DC flow).

    What customers and waterworks asked is delivered + shed + restricted, feeder by feeder.
    """
    power = service.power
    sources = power.generation_mw.sum() + power.solar_used_mw.sum() + power.store_discharge_mw.sum()
    sinks = power.delivered_mw.sum() + power.store_charge_mw.sum()
    _closes("energy", hour, sources, sinks, sources, TOLERANCE)
    parts = power.delivered_mw + power.shed_mw + power.restricted_mw
    asked = np.maximum(demand.power_asked_mw + service.works_mw, 0.0)
    _closes("power asked", hour, float(np.abs(asked - parts).sum()), 0.0, parts.sum(), TOLERANCE)


def check_stores(hour: int, before: Service, now: Service) -> None:
    """Energy before + charge - discharge - losses = energy now, in all stores together [MWh]."""
    power = now.power
    moved = power.store_charge_mw.sum() - power.store_discharge_mw.sum() - power.store_loss_mwh
    left, right = before.power.store_energy_mwh.sum() + moved, power.store_energy_mwh.sum()
    _closes("stored energy", hour, left, right, right, TOLERANCE)


def check_water(hour: int, service: Service, demand: Demand) -> None:
    """asked = delivered + short + restricted; the network's own balance is closed [m3]."""
    water = service.water
    _closes("water", hour, water.balance_m3, 0.0, _moved_m3(service), 1e-3)
    parts = water.delivered_m3_per_h + water.short_m3_per_h + water.restricted_m3_per_h
    asked = demand.water_asked_m3_per_h
    _closes("water asked", hour, parts.sum(), asked.sum(), asked.sum(), TOLERANCE)


def check_tanks(hour: int, before: Service, now: Service) -> None:
    """All that came in = delivered + leakage + growth of the mains' and the wells' tanks [m3]."""
    old, water = before.water, now.water
    stored = water.tank_volume_m3.sum() + water.well_stored_m3.sum()
    growth = stored - old.tank_volume_m3.sum() - old.well_stored_m3.sum()
    came = water.source_m3.sum() + water.well_m3.sum() + water.desalinated_m3
    went = water.delivered_m3_per_h.sum() + water.leakage_m3 + growth
    _closes("water in tanks", hour, came, went, _moved_m3(now), 1e-3)


def _moved_m3(service: Service) -> float:
    water = service.water
    moved = water.source_m3.sum() + water.well_m3.sum() + water.delivered_m3_per_h.sum()
    return max(float(moved), LEAST_MOVED_M3)


def check_vehicles(hour: int, asked_veh: float, roads: RoadService) -> None:
    """asked + carried in = arrived + queued + stranded [veh]."""
    came = asked_veh + roads.carried_in_veh
    went = roads.arrived_veh + roads.queued_veh + roads.stranded_veh.sum()
    _closes("vehicles", hour, came, went, came, TOLERANCE)


def check_goods(hour: int, before: SupplyService, now: SupplyService) -> None:
    """Stock before + received = handed out + stock now, for fuel, minerals and food at each depot [t]."""
    left = before.stock_t + now.received_t
    right = now.delivered_t + now.stock_t
    _closes("goods", hour, left.sum(), right.sum(), left.sum(), TOLERANCE)
    _closes("goods at a depot", hour, float(np.abs(left - right).max()), 0.0, left.max(), TOLERANCE)


def check_money(hour: int, account: Account, home_mwh: float, metered_mwh: float) -> None:
    """All changes of balance sum to 0 [JPY]; the energy billed to homes is what their feeders delivered."""
    changes = np.array(list(account.balance_jpy.values()))
    _closes("money", hour, changes.sum(), 0.0, np.abs(changes).sum(), 1e-9)
    _closes("billed energy", hour, home_mwh, metered_mwh, home_mwh, TOLERANCE)


def check_counts(hour: int, what: str, before: float, now: float) -> None:
    """Nobody is born, dies or is counted twice, who left the city is booked; no car is built or scrapped."""
    _closes(what, hour, before, now, now, 1e-9)


def check(now: Hour, before: Hour | None) -> None:
    """Every balance of the hour *now*, with what the hour *before* it left behind.

    Raises
    ------
    NotConserved : names the hour, the balance and both of its sides
    """
    check_energy(now.number, now.service, now.demand)
    check_water(now.number, now.service, now.demand)
    check_vehicles(now.number, float(now.trips.vehicles.sum()), now.service.roads)
    check_money(now.number, now.account, now.sales.home_mwh, now.living.metered_mwh)
    if before is not None:
        check_stores(now.number, before.service, now.service)
        check_tanks(now.number, before.service, now.service)
        check_goods(now.number, before.service.supply, now.service.supply)
        old, new = before.living, now.living
        check_counts(now.number, "people", old.people + old.left_people, new.people + new.left_people)
        check_counts(now.number, "cars", old.vehicles + old.left_vehicles, new.vehicles + new.left_vehicles)
