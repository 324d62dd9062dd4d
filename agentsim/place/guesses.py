"""What was read from a place's files, and what was derived because no file states it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.build import Built
from agentsim.place.cases import TIERS, Place, RoadCase
from agentsim.place.layout.hydraulic_survey import pressure_in_m
from agentsim.place.layout.incomes import median_fracs
from agentsim.place.layout.roads import mean_vc
from agentsim.place.parameters import ORDINARY_TERMINALS, PlaceParameters
from agentsim.place.readers.district_file import DistrictTable
from agentsim.place.readers.gmns import stray_trips
from agentsim.place.readers.matpower import read_matpower
from agentsim.place.readers.tntp import closed_links
from agentsim.place.spec import ORDINARY, ORDINARY_GRID

LARGE_ZONES = 60  # with more zones an hour of traffic takes long
FEW_HOUSEHOLDS = 500  # below it a household is more than 0.2 % of the city
HIGH_INCOME, LOW_INCOME = 4.0, 0.1  # times the country's median: districts of a country lie well between
SAME_SUM = 1e-3  # totals of rounded counts differ by little
HOME_PEAK = 1.75  # busiest hour of homes' use of water over its mean, as in ``water_shape`` of households
JAPAN_PRESSURE_M = 15.0  # 0.15 MPa, the least that Japan asks for at a connection
HIGH_PRESSURE_M = 150.0  # 1.5 MPa: mains are ordinarily made for half of it
MANY_LANES = 6  # one way: no street of a town has more


@dataclass(frozen=True)
class Guess:
    """A value that was derived because no file states it."""

    name: str
    value: Any
    unit: str
    how: str

    def text(self) -> str:
        """The value in a few words."""
        if isinstance(self.value, float):
            return f"{self.value:.4g}"
        if isinstance(self.value, list | tuple):
            shown = [f"{v:.3g}" if isinstance(v, float) else str(v) for v in self.value]
            return ", ".join(shown[:6]) + (f", ... ({len(shown)})" if len(shown) > 6 else "")
        return str(self.value)


def guesses(built: Built) -> list[Guess]:
    """Everything that was derived instead of given, in the order in which the builder needed it."""
    given, resolved = built.given, built.resolved
    rows = _of_map(built)
    for item in fields(PlaceParameters):
        value = getattr(resolved.parameters, item.name)
        if getattr(given.parameters, item.name) is None and value is not None:
            how = item.metadata["source"].removeprefix("derived: ")
            if item.name == "zones" and given.has("roads"):
                how = "those of the road file"
            if item.name == "unit_fuels" and read_matpower(given.file("grid")).unit_fuel:
                continue  # the file says them
            rows.append(Guess(item.name, value, item.metadata["unit"], how))
    if built.land.table is None and given.districts is None and built.asked is None:
        rows.append(
            Guess("districts", resolved.districts, "1", "8, or a third of the junctions with customers")
        )
    if not given.source_draw_share:
        how = "mean outflow in an EPANET run on the file's own controls, at least source_least_share"
        shares = [f"{name} {share:.3g}" for name, share in resolved.source_draw_share]
        rows.append(Guess("sources", shares, "share of the draw", how))
    stated = dict(given.site_junction)
    for kind, junction in resolved.site_junction:
        if kind not in stated:
            rows.append(Guess(f"sites.{kind}", junction, "junction", _SITE_RULE[kind]))
    if given.terminals is ORDINARY_TERMINALS:
        how = "no [[terminal]] is stated: invented suppliers, prices of ordinary size"
        rows.append(Guess("terminals", [t.name for t in given.terminals], "1", how))
    return rows + _of_files(built)


_SITE_RULE = {
    "sea_side": "lowest junction of the water file",
    "port": "zone with the next lowest junction",
    "refinery": "zone with most jobs in manufacturing",
}


def _of_map(built: Built) -> list[Guess]:
    network, rows = built.network, []
    if network.unplaced == len(network.node_id):
        how = "the water file draws hardly any node: placed by pipe lengths (pivot scaling), north unknown"
        rows.append(Guess("coordinates", f"{network.unplaced} nodes", "map units", how))
    elif network.unplaced:
        how = "not in [COORDINATES]: mean of the neighbours that are"
        rows.append(Guess("coordinates", f"{network.unplaced} nodes", "map units", how))
    table = built.land.table
    if table is None and not built.given.district_names:
        rows.append(
            Guess("district names", list(built.land.name), "1", "by compass from the middle of the map")
        )
    if not built.given.district_names and (table is None or table.decile_frac is None):
        fracs = median_fracs(built.place.districts, built.resolved.parameters)
        how = "no table gives incomes: they fall with jobs in manufacturing a head; Gini income_gini_between"
        rows.append(Guess("district incomes", fracs.tolist(), "of the city's median", how))
    return rows


def _of_files(built: Built) -> list[Guess]:
    """What stands in for files that were not given, or for what they do not say."""
    spec, grid, rows = built.given, built.place.grid, []
    files = dict(spec.files)
    if all(files.get(role) == path for role, path in ORDINARY_GRID.items()):
        how = "no grid file: the IEEE RTS-79, scaled to the city's peak and laid out over its map"
        rows.append(Guess("grid", "RTS-79", "file", how))
    if spec.has("grid"):
        kinds = f"{len(grid.unit_bus)} units"
        how = (
            "outage rates, ramps and starting times: RTS-79's classes, matched by rank of size, so that each "
            "class keeps its share of all capacity"
        )
        rows.append(Guess("unit classes", kinds, "1", how))
        how = "outages a year and hours to repair: RTS-79's means for lines and for transformers"
        rows.append(Guess("branch outages", f"{len(grid.line_from)} branches", "1", how))
        raw = read_matpower(spec.file("grid"))
        if raw.unit_slopes is not None:
            several = len(np.unique(raw.unit_slopes[:, 0]))
            how = "their costs have several slopes: a quadratic with the same slopes at both ends"
            rows.append(Guess("unit costs", f"{several} units", "1", how))
        if raw.dc_from is not None:
            how = "taken as branches of their rating, with the reactance of an ordinary branch"
            rows.append(Guess("DC lines", len(raw.dc_from), "1", how))
        unlimited = int(np.isinf(grid.line_limit_mw).sum())
        if unlimited:
            how = "rateA is 0 in the file: no limit, so these never trip by overload"
            rows.append(Guess("branch limits", f"{unlimited} of {len(grid.line_from)}", "MW", how))
    if spec.has("roads"):
        rows += _of_road_file(built)
    shapes = ("weekly", "daily", "hourly")
    if all(files.get(role) == ORDINARY[role] for role in shapes):
        how = "no load shape given: RTS-79's, its peak moved to early August"
        rows.append(Guess("load shape", "RTS-79", "file", how))
    if files.get("normals") == ORDINARY["normals"]:
        how = "no climate given: Tokyo's normals 1991-2020 and latitude"
        rows.append(Guess("climate", "Tokyo", "file", how))
    return rows


def _of_road_file(built: Built) -> list[Guess]:
    spec, land, rows = built.given, built.land, []
    assert land.roads is not None
    if not spec.file("roads").is_dir():
        p = built.resolved.parameters
        units = f"{p.road_time_unit_h:.4g} h, {p.road_length_unit_km:.4g} km"
        rows.append(
            Guess("road units", units, "1", "TNTP does not say its units: minutes and miles by custom")
        )
        if closed := closed_links(spec.file("roads")):
            rows.append(Guess("links left out", closed, "links", "their free-flow time is infinite"))
    elif stray := stray_trips(spec.file("roads")):
        rows.append(Guess("trips left out", stray, "veh/h", "their zone has no node in node.csv"))
    if not land.roads.case.od_veh_per_h.sum() > 0:
        how = "no trip table: gravity on people and jobs over free-flow times"
        rows.append(Guess("trips", "gravity", "veh/h", how))
    empty = int((land.people <= 0).sum())
    if empty:
        how = "no junction with customers lies nearest: their trips begin at the nearest zone that has some"
        rows.append(Guess("zones without people", empty, "zones", how))
    return rows


def doubts(built: Built) -> list[str]:
    """Reasons why this place may not work as an ordinary city does; empty when there are none."""
    place, p, said = built.place, built.resolved.parameters, []
    said += _of_pressure(built)
    grid = place.grid
    spare = float(grid.unit_max_mw.sum() - grid.unit_max_mw.max()) - float(grid.bus_load_mw.sum())
    if spare < 0:
        said.append(
            f"without its largest unit ({grid.unit_max_mw.max():.3g} MW) the grid cannot carry its peak: an "
            f"outage of it sheds up to {-spare:.3g} MW; add units, or lower numbers.peak_mw"
        )
    if p.unit_starts == "at_once":
        said.append(
            "branch ratings are tight: the wires decide which units run, and outages of lines may shed load "
            "more often than in the RTS-79"
        )
    if len(place.zone_x_km) > LARGE_ZONES:
        said.append(f"{len(place.zone_x_km)} zones: an hour of traffic takes tens of milliseconds or more")
    vc = mean_vc(place.roads)
    if vc > 1.0:
        said.append(f"mean v/c of {vc:.2f} at the peak: queues will grow; lower peak_trips_veh_per_h")
    if p.street_lanes is not None and max(p.street_lanes) > MANY_LANES:
        said.append(
            f"a street needs {max(p.street_lanes)} lanes one way to carry the peak: the city is large for "
            "its map; give its roads with --roads, or check base demands and flow units"
        )
    return said + _of_people(built)


def _of_pressure(built: Built) -> list[str]:
    """Pressures with which no waterworks runs, as they came out of EPANET."""
    low, high = built.lowest_pressure_m, built.median_pressure_m
    if low < JAPAN_PRESSURE_M:
        return [
            f"one tap in twenty has {_metres(low)} m of pressure or less on the file's own controls: water "
            "service will be poor; check the file's elevations, pumps and units"
        ]
    said = _short_at_peak(built)
    if high > HIGH_PRESSURE_M:
        said.append(
            f"half of the taps have {_metres(high)} m of pressure or more: mains and taps would burst; check "
            "elevations, heads of reservoirs, pump curves and units"
        )
    return said


def _metres(pressure_m: float) -> str:
    """A pressure as it is, however large."""
    return f"{pressure_m:.0f}" if abs(pressure_m) < 1e4 else f"{pressure_m:.3g}"


def _of_people(built: Built) -> list[str]:
    """Numbers of households and incomes that look like a slip: a sum, thousands, a year."""
    table, p, said = built.land.table, built.resolved.parameters, []
    households = built.place.households
    if households < FEW_HOUSEHOLDS:
        said.append(
            f"the city has {households:,} households: too few for shares of people to mean much; check the "
            "demands and units of the water file, or whether the households are counted in thousands"
        )
    if table is None:
        return said
    counts = np.zeros(0) if table.households is None else table.households
    for row in np.flatnonzero(np.isclose(2 * counts, counts.sum(), rtol=SAME_SUM) & (len(counts) > 2)):
        said.append(
            f"{table.path.name}:{table.line[row]}: {table.name[row]} has as many households as all other "
            "districts together; if it is a row of sums, leave it out"
        )
    if table.median_income_jpy is not None:
        said += _of_incomes(table, table.median_income_jpy / p.median_income_jpy_per_month)
    return said


def _of_incomes(table: DistrictTable, ratio: np.ndarray) -> list[str]:
    """Median incomes far from the country's, whose multiples are *ratio*, array (districts,)."""
    said = []
    for wrong, slip in (
        (ratio > HIGH_INCOME, "is it a year's income? Divide it by 12"),
        (ratio < LOW_INCOME, "is it in thousands, or ten thousands, of yen? Write it in yen"),
    ):
        if wrong.any():
            row = int(wrong.argmax())
            more = f" (likewise {int(wrong.sum()) - 1} more)" if wrong.sum() > 1 else ""
            said.append(
                f"{table.path.name}:{table.line[row]}: the median income of {table.name[row]}{more} is "
                f"{ratio[row]:.2g} times the country's income of a month; {slip}"
            )
    return said


def _short_at_peak(built: Built) -> list[str]:
    """The doubt that the pipes carry the mean demand, but not that of the city's busiest hour."""
    network, customers = built.network, built.land.customers
    demand = HOME_PEAK * customers.domestic_m3_per_h + customers.bulk_m3_per_h
    taps = np.flatnonzero(demand > 0)
    pressure = pressure_in_m(network, demand)[taps]
    usual = float(np.quantile(pressure, 0.05))
    if usual >= JAPAN_PRESSURE_M:
        return []
    worst = int(np.argmin(pressure))
    return [
        f"in the busiest hour, when homes ask {HOME_PEAK} times their mean, one tap in twenty would have "
        f"{_metres(usual)} m of pressure or less ({_metres(pressure[worst])} m at junction "
        f"{network.junction_id[taps[worst]]}): water will be short there every day; check the diameters and "
        "base demands, or raise the source"
    ]


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
