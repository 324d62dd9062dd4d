"""Builds a city on the map of its EPANET network, because mains run under streets.

A place is a folder with a ``place.toml``, or files of the user. Nothing is drawn at random: the same files
give the same city, to the last bit.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from agentsim.place.cases import COMMERCIAL, CRITICAL, Districts, Feeders, GridCase, Place, RoadCase
from agentsim.place.layout.grid import feeders_of, lay_out, nearest_feeder, scaled
from agentsim.place.layout.grid_from_matpower import read_matpower_city
from agentsim.place.layout.hydraulic_survey import survey
from agentsim.place.layout.incomes import decile_fracs, median_fracs
from agentsim.place.layout.land import Land, map_scale_m, survey_land
from agentsim.place.layout.people import tier_load
from agentsim.place.layout.roads import build_roads, gravity_trips, peak_trips
from agentsim.place.layout.roads_from_file import node_times, sized, trips_of_the_peopled
from agentsim.place.layout.sites import build_sites, site_zones
from agentsim.place.layout.supply import build_supply
from agentsim.place.layout.waterworks import build_waterworks, check_sources, draw_shares
from agentsim.place.load import load_place
from agentsim.place.number_checks import check_numbers
from agentsim.place.parameters import DistrictName, PlaceParameters
from agentsim.place.readers.grid_tables import read_grid
from agentsim.place.readers.inp import InpNetwork, read_inp
from agentsim.place.readers.load_and_climate_tables import read_load_shape, read_normals
from agentsim.place.spec import SITES, Spec, digest_of, read_spec

__all__ = ["Built", "build", "load_place", "map_scale_m"]


@dataclass(frozen=True)
class Built:
    """A city with what it was built from: what was given, and what that became when all was derived."""

    place: Place
    given: Spec
    resolved: Spec
    network: InpNetwork
    land: Land
    asked: int | None = None  # districts that the caller asked for
    lowest_pressure_m: float = math.inf  # one tap in twenty has less, as surveyed; not clipped
    median_pressure_m: float = math.nan


def build(name_or_spec: str | Path | Spec, districts: int | None = None) -> Built:
    """As :func:`load_place`, with all that was derived. All callers share one copy: do not write to it."""
    spec = name_or_spec if isinstance(name_or_spec, Spec) else read_spec(name_or_spec)
    return _build(spec, None if districts is None else int(districts), digest_of(spec))


@lru_cache(maxsize=16)
def _build(spec: Spec, districts: int | None, _digest: str) -> Built:
    network = read_inp(spec.file("water"), spec.parameters.mains_detour)
    check_sources(network)
    land, p = survey_land(spec, network, districts)
    spec_now, lowest_m, median_m = _surveyed(replace(spec, parameters=p), network, land)
    p = spec_now.parameters
    grid, feeders, p = _electrify(spec, land, p)
    roads, p = _roads(land, p)
    roads = replace(roads, signal_feeder=_signal_feeders(roads, land, feeders, grid))
    spec_now = replace(spec_now, parameters=p)
    load_shape = read_load_shape(spec)
    site = site_zones(spec, network, land.junction_zone, land.x_km, land.y_km, land.jobs)
    towns = land.towns(p)
    place = Place(
        name=spec.name,
        title=spec.title,
        title_ja=spec.title_ja,
        districts=towns,
        zone_x_km=land.x_km,
        zone_y_km=land.y_km,
        zone_district=land.district,
        zone_people=land.people,
        zone_jobs=land.jobs.sum(axis=1),
        grid=grid,
        feeders=feeders,
        water=build_waterworks(spec_now, network, land, feeders, grid),
        roads=roads,
        supply=build_supply(
            spec_now,
            people=towns.people,
            district_zone=land.main_zones(towns),
            site_zone=site,
            zone_district=land.district,
            roads=roads,
            grid=grid,
            load_shape=load_shape,
        ),
        households=land.customers.households,
        persons_per_household=p.persons_per_household,
        load_shape=load_shape,
        normals=read_normals(spec),
        latitude_deg=spec.latitude_deg,
        sites=build_sites(network, land, towns, grid, site),
        provenance=dict(spec.provenance),
        decile_frac=_incomes(land, towns, p),
        pipe_age_y=None if land.table is None else land.table.pipe_age_y,
    )
    resolved = _named_in_full(spec_now, network, land, site, towns)
    check_numbers(place, resolved, spec)
    return Built(place, spec, resolved, network, land, districts, lowest_m, median_m)


def _incomes(land: Land, towns: Districts, p: PlaceParameters) -> np.ndarray:
    """Share of each district's homes in each income decile: the table's, else by their factories."""
    if land.table is not None and land.table.decile_frac is not None:
        return land.table.decile_frac
    return decile_fracs(median_fracs(towns, p), towns.people, p)


def _surveyed(spec: Spec, network: InpNetwork, land: Land) -> tuple[Spec, float, float]:
    """With pressures and the sources' shares of the draw, from an EPANET run unless they are stated.

    Returns also the pressure that one tap in twenty does not reach, and the median, as they are [m].
    """
    p = spec.parameters
    if spec.source_draw_share and p.ordinary_pressure_m is not None:
        return spec, p.ordinary_pressure_m, math.nan
    demand = land.customers.domestic_m3_per_h + land.customers.bulk_m3_per_h
    seen = survey(network, demand, p.survey_h)
    if p.ordinary_pressure_m is None:
        usable = min(max(seen.lowest_pressure_m(), _LEAST_PRESSURE_M), _MOST_PRESSURE_M)
        spec = replace(spec, parameters=replace(p, ordinary_pressure_m=round(usable, 1)))
    if not spec.source_draw_share:
        share = draw_shares(seen.source_m3, p.source_least_share)
        rows = zip(network.reservoir_id, share.tolist(), strict=True)
        spec = replace(spec, source_draw_share=tuple((name, round(value, 4)) for name, value in rows))
    return spec, seen.lowest_pressure_m(), seen.lowest_pressure_m(0.5)


_LEAST_PRESSURE_M = 5.0  # below it the network is unfit for its customers; the report says so
_MOST_PRESSURE_M = 1000.0  # taps give all that is asked far below it


def _electrify(spec: Spec, land: Land, p: PlaceParameters) -> tuple[GridCase, Feeders, PlaceParameters]:
    """The grid at the city's size, laid over its map, and the feeders connected to its buses."""
    n = len(land.name)
    towns = land.towns(p)
    peak = p.peak_mw
    if peak is None:
        peak = p.peak_kw_per_person * float(land.people.sum()) / 1000.0
    if spec.has("grid"):
        case, p = read_matpower_city(spec, p)
    else:
        case = read_grid(spec)
    grid = scaled(case, peak)
    tier_mw = tier_load(towns.people, towns.jobs, peak, p)
    x, y, flow = lay_out(grid, towns.x_km, towns.y_km, tier_mw.sum(axis=1), p)
    grid = replace(grid, bus_x_km=x, bus_y_km=y)
    straight = np.hypot(x[:, None] - land.x_km[None, :], y[:, None] - land.y_km[None, :])
    member = np.zeros((len(land.x_km), n))
    member[np.arange(len(land.x_km)), land.district] = land.people
    feeders = feeders_of(flow, tier_mw, straight @ member / member.sum(axis=0), p)
    return grid, feeders, replace(p, peak_mw=peak)


def _roads(land: Land, p: PlaceParameters) -> tuple[RoadCase, PlaceParameters]:
    """Streets over the mains, or the road file sized to the city's people."""
    jobs = land.jobs.sum(axis=1)
    if land.roads is None:
        return build_roads(
            x_km=land.x_km,
            y_km=land.y_km,
            pairs=land.pairs,
            arterial=land.arterial,
            people=land.people,
            jobs=jobs,
            zone_district=land.district,
            p=p,
        )
    assert land.road_x_km is not None
    assert land.road_y_km is not None
    case, zones = land.roads.case, land.roads.zones
    total = peak_trips(land.people, p)
    time, _ = node_times(case, case.link_free_time_h)
    time = time[:zones, :zones]
    if case.od_veh_per_h.sum() > 0:
        scale = p.road_scale or total / float(case.od_veh_per_h.sum())
        od = trips_of_the_peopled(case.od_veh_per_h, time, land.people)
        od *= scale * float(case.od_veh_per_h.sum()) / float(od.sum())
    else:
        scale = p.road_scale or 1.0
        od = gravity_trips(land.people, jobs, time, p, total)
    roads = sized(land.roads, land.road_x_km, land.road_y_km, od, land.district, scale)
    return roads, replace(p, peak_trips_veh_per_h=float(od.sum()), road_scale=scale)


def _signal_feeders(roads: RoadCase, land: Land, feeders: Feeders, grid: GridCase) -> np.ndarray:
    """Feeder of the signals at each link's head: a commercial one of its district, else a critical one."""
    x, y, district = land.x_km, land.y_km, land.district
    if land.road_x_km is not None and land.road_y_km is not None:
        assert roads.link_district is not None
        x, y = land.road_x_km, land.road_y_km
        district = np.zeros(len(x), dtype=np.int64)
        district[roads.link_from], district[roads.link_to] = roads.link_district.T
    of_node = [
        nearest_feeder(feeders, grid, int(d), float(a), float(b), (COMMERCIAL, CRITICAL))
        for d, a, b in zip(district, x, y, strict=True)
    ]
    return np.array(of_node)[roads.link_to]


def _named_in_full(
    spec: Spec, network: InpNetwork, land: Land, site: dict[str, int], towns: Districts
) -> Spec:
    """The description with sites, districts and their names as they came out."""
    junctions = len(network.junction_id)
    x, y = (axis[:junctions] * land.scale_m / 1000.0 for axis in (network.node_x, network.node_y))
    stated, sites = dict(spec.site_junction), []
    for kind in SITES:
        far = (x - land.x_km[site[kind]]) ** 2 + (y - land.y_km[site[kind]]) ** 2
        far = np.where(land.junction_zone == site[kind], far, np.inf)
        if kind in stated:
            sites.append((kind, stated[kind]))
        elif np.isfinite(far).any():
            sites.append((kind, network.junction_id[int(np.argmin(far))]))
    names = spec.district_names or (() if land.table else _names_on_map(towns))
    return replace(spec, site_junction=tuple(sites), district_names=names, districts=len(towns))


def _names_on_map(towns: Districts) -> tuple[DistrictName, ...]:
    """Each district's name with its place on the map, as shares of the map's half width and height."""

    def share(axis: np.ndarray) -> list[float]:
        half = max(float(np.ptp(axis)) / 2, 1e-9)
        return np.clip((axis - (axis.max() + axis.min()) / 2) / half, -1.0, 1.0).tolist()

    rows = zip(towns.name, towns.name_ja, share(towns.x_km), share(towns.y_km), strict=True)
    return tuple(DistrictName(name=name, name_ja=name_ja, x=x, y=y) for name, name_ja, x, y in rows)
