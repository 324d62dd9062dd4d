"""Depots of fuel, minerals and food, and the terminals by which they come into the city."""

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.graphs import shortest_times
from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.cases import FOOD, FUEL, GOODS, MINERALS, GridCase, RoadCase, SupplyCase
from agentsim.place.parameters import PlaceParameters
from agentsim.place.spec import Spec


def oil_for_power_t_per_d(grid: GridCase, load_shape: np.ndarray, least_h_per_day: float = 0.0) -> float:
    """Fuel that power stations burn on a mean day of the year's dearest week [t/d].

    At least what all oil units burn in *least_h_per_day* at full output.

    Units run in merit order, each at its capacity times its availability MTTF / (MTTF + MTTR); fuels counted
    in tonnes other than oil come by their own ways (coal ships) and are left out.
    """
    availability = np.ones(len(grid.unit_max_mw))
    if grid.unit_mttf_h is not None and grid.unit_mttr_h is not None:
        availability = grid.unit_mttf_h / (grid.unit_mttf_h + grid.unit_mttr_h)
    order = np.argsort(grid.unit_cost[:, 1], kind="stable")
    upper = np.cumsum((grid.unit_max_mw * availability)[order])
    lower = np.concatenate([[0.0], upper[:-1]])
    load = float(grid.bus_load_mw.sum()) * load_shape.ravel()
    tonnes = np.zeros(len(load))
    for k, unit in enumerate(order.tolist()):
        if grid.unit_fuel[unit] == "oil" and grid.unit_fuel_t_per_mwh is not None:
            tonnes += grid.unit_fuel_t_per_mwh[unit] * np.clip(load - lower[k], 0.0, upper[k] - lower[k])
    days = tonnes.reshape(-1, HOURS_PER_DAY).sum(axis=1)
    weeks = np.convolve(days, np.ones(7) / 7.0, mode="valid")
    oil = np.array(grid.unit_fuel) == "oil"
    full = 0.0 if grid.unit_fuel_t_per_mwh is None else grid.unit_max_mw[oil] @ grid.unit_fuel_t_per_mwh[oil]
    return max(float(weeks.max()), least_h_per_day * float(full))


def vehicle_fuel_t_per_d(roads: RoadCase, p: PlaceParameters) -> float:
    """Fuel of a day's traffic [t/d]: peak trips x peak_hours_per_day x shortest distance x consumption."""
    zones = len(roads.zone_x_km)
    nodes, first_through = max(roads.nodes, zones), 0 if roads.through_zones else zones
    km, _ = shortest_times(nodes, roads.link_from, roads.link_to, roads.link_length_km, first_through)
    return (
        float((roads.od_veh_per_h * km[:zones, :zones]).sum())
        * p.peak_hours_per_day
        * p.vehicle_fuel_t_per_km
    )


def build_supply(
    spec: Spec,
    *,
    people: np.ndarray,
    district_zone: np.ndarray,
    site_zone: dict[str, int],
    zone_district: np.ndarray,
    roads: RoadCase,
    grid: GridCase,
    load_shape: np.ndarray,
) -> SupplyCase:
    """Terminals as the place lists them; depots of fuel, minerals and food, in this order.

    Fuel has one depot in each district and, as the **last** fuel depot, that of the power stations, which
    stands at the refinery. Minerals have one depot, in the central district. Food has one in each district.

    Parameters
    ----------
    people : array (districts,)
    district_zone : array (districts,), zone of each district's town hall
    site_zone : zone of each site, as from :func:`agentsim.place.layout.sites.site_zones`
    zone_district : array (zones,)
    load_shape : load by week, weekday and hour as a share of its peak, array (52, 7, 24)

    Raises
    ------
    UnbuildablePlace : no terminal for a good, an unknown good or site
    """
    p = spec.parameters
    districts, central_district = len(people), int(zone_district[site_zone["centre"]])
    share = people / people.sum()
    fuel = share * vehicle_fuel_t_per_d(roads, p) + people * p.other_fuel_t_per_person_day
    power = oil_for_power_t_per_d(grid, load_shape, p.power_oil_least_h_per_day)
    minerals = float(people.sum()) * p.minerals_t_per_person_day
    every, refinery = np.arange(districts), site_zone["refinery"]
    demand = np.concatenate([fuel, [power, minerals], people * p.food_t_per_person_day])
    good = np.concatenate([np.full(districts + 1, FUEL), [MINERALS], np.full(districts, FOOD)])
    days = np.array(p.depot_days)[good]
    days[districts] = p.power_depot_days
    district = np.concatenate([every, [zone_district[refinery], central_district], every])
    zone = np.concatenate([district_zone, [refinery, district_zone[central_district]], district_zone])
    ordinary = np.bincount(good, demand, len(GOODS))
    _check_terminals(spec, site_zone)
    terminal_good = np.array([GOODS.index(t.good) for t in spec.terminals])
    capacity = np.array([t.capacity_share for t in spec.terminals]) * ordinary[terminal_good]
    return SupplyCase(
        terminal_name=tuple(t.name for t in spec.terminals),
        terminal_good=terminal_good,
        terminal_supplier=tuple(t.supplier for t in spec.terminals),
        terminal_zone=np.array([site_zone[t.site] for t in spec.terminals]),
        terminal_capacity_t_per_d=capacity,
        terminal_price_jpy_per_t=np.array([t.price_jpy_per_t for t in spec.terminals]),
        terminal_lead_days=np.array([t.lead_days for t in spec.terminals], dtype=np.int64),
        depot_good=good,
        depot_district=district,
        depot_zone=zone,
        depot_demand_t_per_d=demand,
        depot_capacity_t=days * demand,
    )


def _check_terminals(spec: Spec, site_zone: dict[str, int]) -> None:
    path = spec.folder / "place.toml"
    for terminal in spec.terminals:
        if terminal.good not in GOODS:
            raise UnbuildablePlace(
                path, f"terminal.good {terminal.good!r} is unknown", f"use {', '.join(GOODS)}"
            )
        if terminal.site not in site_zone:
            raise UnbuildablePlace(
                path, f"terminal.site {terminal.site!r} is unknown", f"use {', '.join(site_zone)}"
            )
    for good in GOODS:
        if good not in [terminal.good for terminal in spec.terminals]:
            raise UnbuildablePlace(path, f"no [[terminal]] brings {good}", "add one")
