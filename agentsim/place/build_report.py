"""The report of a place that was built: its sizes, guesses and doubts, as text and as JSON."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.build import Built
from agentsim.place.cases import TIERS, Place, RoadCase
from agentsim.place.doubts import doubts
from agentsim.place.guesses import guesses
from agentsim.place.layout.roads import mean_vc


def understood(built: Built) -> dict[str, Any]:
    """Counts and sizes of the place as plain data."""
    return {
        "place": _place_sizes(built),
        "water": _water_sizes(built),
        "power": _power_sizes(built.place),
        "roads": _road_sizes(built.place.roads),
        "supply": {
            "terminals": list(built.place.supply.terminal_name),
            "depots": len(built.place.supply.depot_good),
        },
        "districts": _district_sizes(built.place),
    }


def _place_sizes(built: Built) -> dict[str, Any]:
    place, p = built.place, built.resolved.parameters
    return {
        "name": place.name,
        "files": {role: str(name) for role, name in built.given.files},
        "map_scale_m_per_unit": p.map_scale_m,
        "width_km": float(np.ptp(place.water.junction_x_km)),
        "height_km": float(np.ptp(place.water.junction_y_km)),
        "households": place.households,
        "people": float(place.zone_people.sum()),
        "jobs": float(place.zone_jobs.sum()),
        "districts": len(place.districts),
        "zones": len(place.zone_x_km),
    }


def _water_sizes(built: Built) -> dict[str, Any]:
    network, water, p = built.network, built.place.water, built.resolved.parameters
    demand = water.junction_demand_m3_per_h
    return {
        "flow_unit": network.flow_unit,
        "junctions": len(network.junction_id),
        "with_customers": int((demand > 0).sum()),
        "reservoirs": len(network.reservoir_id),
        "tanks": len(network.tank_id),
        "pipes": network.pipes,
        "pumps": len(network.pump_id),
        "valves": len(network.link_id) - network.pipes - len(network.pump_id),
        "mains_km": float(network.link_length_m.sum()) / 1000.0,
        "demand_m3_per_h": float(demand.sum()),
        "demand_of_bulk_users_frac": float(demand @ water.junction_bulk_frac / demand.sum()),
        "ordinary_pressure_m": water.ordinary_pressure_m,
        "sources": [
            {
                "name": name,
                "yield_m3_per_d": float(most),
                "draw_m3_per_d": float(most / p.source_yield_factor),
            }
            for name, most in zip(water.source_id, water.source_yield_m3_per_d, strict=True)
        ],
    }


def _power_sizes(place: Place) -> dict[str, Any]:
    grid = place.grid
    fuels = dict.fromkeys(grid.unit_fuel)
    return {
        "buses": len(grid.bus_id),
        "branches": len(grid.line_from),
        "units": len(grid.unit_bus),
        "feeders": len(place.feeders),
        "peak_mw": float(grid.bus_load_mw.sum()),
        "capacity_mw": float(grid.unit_max_mw.sum()),
        "largest_unit_mw": float(grid.unit_max_mw.max()),
        "capacity_by_fuel_mw": {
            fuel: float(grid.unit_max_mw[np.array(grid.unit_fuel) == fuel].sum()) for fuel in fuels
        },
        "peak_by_tier_mw": {
            tier: float(place.feeders.peak_mw[place.feeders.tier == k].sum()) for k, tier in enumerate(TIERS)
        },
    }


def _road_sizes(roads: RoadCase) -> dict[str, Any]:
    return {
        "links": len(roads.link_from),
        "nodes": max(roads.nodes, len(roads.zone_x_km)),
        "length_km": float(roads.link_length_km.sum()),
        "peak_trips_veh_per_h": float(roads.od_veh_per_h.sum()),
        "mean_volume_over_capacity": mean_vc(roads),
    }


def _district_sizes(place: Place) -> list[dict[str, Any]]:
    towns, water = place.districts, place.water
    demand = water.junction_demand_m3_per_h
    return [
        {
            "name": name,
            "people": float(towns.people[k]),
            "jobs": float(towns.jobs[k].sum()),
            "peak_mw": float(place.feeders.peak_mw[place.feeders.district == k].sum()),
            "buses": len(np.unique(place.feeders.bus[place.feeders.district == k])),
            "zones": int((place.zone_district == k).sum()),
            "junctions": int((water.junction_district == k).sum()),
            "water_m3_per_d": float(demand[water.junction_district == k].sum()) * HOURS_PER_DAY,
        }
        for k, name in enumerate(towns.name)
    ]


def as_json(built: Built, day: Mapping[str, Any] | None = None, more: Sequence[str] = ()) -> str:
    """The report as JSON text, with the *day* that was lived there and *more* doubts that it raised."""
    rows = [{"name": g.name, "value": g.value, "unit": g.unit, "how": g.how} for g in guesses(built)]
    content = {"understood": understood(built), "guesses": rows, "doubts": doubts(built) + list(more)}
    return json.dumps(content | ({} if day is None else {"day": day}), indent=1, ensure_ascii=False) + "\n"


def _source_text(source: dict[str, Any]) -> str:
    name, draw = source["name"], source["draw_m3_per_d"]
    if draw < 0:
        return f"{name} is no source, {-draw:,.0f} m3/d run into it"
    return f"{name} {draw:,.0f} of {source['yield_m3_per_d']:,.0f} m3/d"


def as_text(built: Built, day: str = "", more: Sequence[str] = ()) -> str:
    """The report as text: sizes of the networks, a table of districts, guesses and doubts.

    *day* says what was lived there, *more* are the doubts that this raised.
    """
    facts = understood(built)
    place, water, power, roads = (facts[name] for name in ("place", "water", "power", "roads"))
    fuels = ", ".join(f"{fuel} {mw:.3g}" for fuel, mw in power["capacity_by_fuel_mw"].items())
    sources = ", ".join(_source_text(source) for source in water["sources"])
    lines = [
        f"{built.place.title}: {place['people']:,.0f} people in {place['households']:,} households, "
        f"{place['districts']} districts, {place['zones']} zones, "
        f"{place['width_km']:.3g} x {place['height_km']:.3g} km",
        "",
        f"Water   {water['junctions']} junctions ({water['with_customers']} with customers), "
        f"{water['pipes']} pipes, {water['mains_km']:.3g} km, {water['pumps']} pumps, "
        f"{water['valves']} valves, "
        f"{water['tanks']} tanks; file in {water['flow_unit']}",
        f"        {water['demand_m3_per_h']:,.0f} m3/h on the mean, "
        f"{100 * water['demand_of_bulk_users_frac']:.0f} % of it bulk users'; sources: {sources}",
        f"Power   {power['buses']} buses, {power['branches']} branches, {power['units']} units, "
        f"{power['feeders']} feeders; peak {power['peak_mw']:.3g} MW of {power['capacity_mw']:.3g} MW",
        f"        [MW] {fuels}; largest unit {power['largest_unit_mw']:.3g}",
        f"Roads   {roads['links']} links, {roads['length_km']:.3g} km; {roads['peak_trips_veh_per_h']:,.0f} "
        f"vehicles at the peak hour, mean v/c {roads['mean_volume_over_capacity']:.2f}",
        f"Supply  {facts['supply']['depots']} depots; {', '.join(facts['supply']['terminals'])}",
        *day.splitlines(),
        "",
        f"{'district':<18}{'people':>9}{'jobs':>9}{'peak MW':>9}{'buses':>7}{'zones':>7}{'junctions':>11}"
        f"{'m3/d':>9}",
    ]
    for d in facts["districts"]:
        lines.append(
            f"{d['name'][:17]:<18}{d['people']:>9,.0f}{d['jobs']:>9,.0f}{d['peak_mw']:>9.1f}{d['buses']:>7}"
            f"{d['zones']:>7}{d['junctions']:>11}{d['water_m3_per_d']:>9,.0f}"
        )
    found = guesses(built)
    lines += ["", f"{len(found)} guesses: derived, because no file states them"]
    for guess in found:
        unit = "" if guess.unit in ("1", "file") else f" {guess.unit}"
        lines += [f"  {guess.name} = {guess.text()}{unit}", f"      {guess.how}"]
    worries = doubts(built) + list(more)
    lines += ["", "Doubts" if worries else "No doubts: supply and roads can carry the ordinary load."]
    lines += [f"  {doubt}" for doubt in worries]
    return "\n".join(lines) + "\n"
