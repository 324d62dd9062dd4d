"""Building a city: an EPANET network is its skeleton, because mains run under streets.

A place is a folder with a ``place.toml`` that names the water network, the grid, the load shape and the
climate normals. Nothing is drawn at random: the same folder gives the same city, to the last bit.
"""

from dataclasses import dataclass, fields, is_dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from agentsim.place.cases import (
    COMMERCIAL,
    CRITICAL,
    Districts,
    Feeders,
    GridCase,
    Place,
    RoadCase,
)
from agentsim.place.districts import cluster, districts_of_zones, names_of_districts, neighbours
from agentsim.place.grid_layout import feeders_of, lay_out, nearest_feeder, scaled
from agentsim.place.inp import InpNetwork, read_inp
from agentsim.place.people import Customers, jobs_of_zones, settle, tier_load
from agentsim.place.roads_layout import build_roads, streets, zone_of_nodes
from agentsim.place.sites import build_sites, site_zones
from agentsim.place.spec import Spec, UnbuildablePlace, read_spec
from agentsim.place.supply_layout import build_supply
from agentsim.place.tables import read_grid, read_load_shape, read_normals
from agentsim.place.waterworks import build_waterworks


def load_place(name_or_spec: str | Path | Spec, districts: int = 8) -> Place:
    """A city built from a shipped place's name, a folder with a ``place.toml``, or a checked :class:`Spec`.

    The same city is built once in a process; every caller gets arrays of their own. Later changes to the
    tables that ``place.toml`` names are not seen.

    Raises
    ------
    UnbuildablePlace : a file is missing or wrong, no districts, or more districts than zones

    >>> city = load_place("bay_city")
    >>> len(city.districts), len(city.zone_x_km), len(city.grid.bus_id)
    (8, 36, 24)
    """
    spec = name_or_spec if isinstance(name_or_spec, Spec) else read_spec(name_or_spec)
    return _copy(_build(spec, int(districts)))


@lru_cache(maxsize=16)
def _build(spec: Spec, districts: int) -> Place:
    p = spec.parameters
    network = read_inp(spec.file("water"))
    land = _survey(spec, network, settle(network, p), districts)
    grid, feeders = _electrify(spec, land)
    roads = build_roads(
        land.x_km, land.y_km, land.pairs, land.arterial, land.people, land.jobs.sum(axis=1), land.district, p
    )
    roads = replace(roads, signal_feeder=_signal_feeders(roads, land, feeders, grid))
    load_shape = read_load_shape(spec)
    site = site_zones(spec, network, land.junction_zone, land.x_km, land.y_km, land.jobs)
    towns = _towns(spec, land)
    main_zone = _main_zones(land, towns)
    central = int(land.district[site["centre"]])
    supply = build_supply(
        spec, towns.people, main_zone, central, site, land.district, roads, grid, load_shape
    )
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
        water=build_waterworks(
            spec,
            network,
            land.customers,
            land.junction_zone,
            land.district[land.node_zone],
            feeders,
            grid,
            land.scale_m,
        ),
        roads=roads,
        supply=supply,
        households=land.customers.households,
        persons_per_household=p.persons_per_household,
        load_shape=load_shape,
        normals=read_normals(spec),
        latitude_deg=spec.latitude_deg,
        sites=build_sites(
            spec,
            network,
            land.node_zone,
            land.x_km,
            land.y_km,
            land.district,
            site,
            main_zone,
            towns,
            grid,
            land.scale_m,
        ),
        provenance=dict(spec.provenance),
    )
    return place


@dataclass(frozen=True)
class _Land:
    """The surveyed map: zones, what joins them, who lives there, and to which district they belong."""

    scale_m: float
    customers: Customers
    junction_zone: np.ndarray
    node_zone: np.ndarray
    x_km: np.ndarray  # (zones,)
    y_km: np.ndarray
    people: np.ndarray
    jobs: np.ndarray  # (zones, sectors)
    pairs: np.ndarray  # (streets, 2)
    arterial: np.ndarray
    district: np.ndarray  # (zones,)
    name: tuple[str, ...]
    name_ja: tuple[str, ...]


def map_scale_m(network: InpNetwork) -> float:
    """Metres a map unit stands for: median over pipes of length / drawn length."""
    dx = network.node_x[network.link_from] - network.node_x[network.link_to]
    dy = network.node_y[network.link_from] - network.node_y[network.link_to]
    drawn = np.hypot(dx, dy)[: network.pipes]
    long = drawn > 0
    if not long.any():
        raise UnbuildablePlace(network.path, "all nodes are drawn at one point", "give [COORDINATES]")
    return float(np.median(network.link_length_m[: network.pipes][long] / drawn[long]))


def _survey(spec: Spec, network: InpNetwork, customers: Customers, districts: int) -> _Land:
    p = spec.parameters
    scale = map_scale_m(network) if p.map_scale_m is None else p.map_scale_m
    junctions = len(network.junction_id)
    zones = p.zones
    if zones is None:
        zones = min(p.zones_most, junctions, max(districts, round(p.zones_per_junction * junctions)))
    if districts < 1 or districts > zones or zones > junctions:
        rule = f"{districts} districts, {zones} zones, {junctions} junctions"
        raise UnbuildablePlace(spec.folder, rule, "ask for 1 district or more, at most as many as zones")
    x, y = network.node_x[:junctions] * scale / 1000.0, network.node_y[:junctions] * scale / 1000.0
    # a junction without customers counts a little, so that the map is covered as well as the people
    weight = p.zone_cover + customers.people / customers.people.mean()
    zone = cluster(x, y, weight, zones)
    share = np.bincount(zone, weight, zones)
    zone_x, zone_y = (
        np.bincount(zone, weight * x, zones) / share,
        np.bincount(zone, weight * y, zones) / share,
    )
    people = np.bincount(zone, customers.people, zones)
    bulk = np.bincount(zone, customers.bulk_m3_per_h, zones)
    node_zone = zone_of_nodes(network, zone)
    pairs, arterial = streets(network, node_zone, zone_x, zone_y, p.arterial_mm)
    near = neighbours(pairs, zones)
    district = districts_of_zones(zone_x, zone_y, people, near, districts, p.district_compactness)
    empty = [k for k in range(districts) if people[district == k].sum() <= 0]
    if empty:
        raise UnbuildablePlace(
            spec.folder, f"{len(empty)} districts would have nobody in them", "ask for fewer"
        )
    order, name, name_ja = _named(spec, zone_x, zone_y, people, district, districts)
    return _Land(
        scale_m=scale,
        customers=customers,
        junction_zone=zone,
        node_zone=node_zone,
        x_km=zone_x,
        y_km=zone_y,
        people=people,
        jobs=jobs_of_zones(zone_x, zone_y, people, bulk, p),
        pairs=pairs,
        arterial=arterial,
        district=order[district],
        name=name,
        name_ja=name_ja,
    )


def _named(
    spec: Spec, x_km: np.ndarray, y_km: np.ndarray, people: np.ndarray, district: np.ndarray, districts: int
) -> tuple[np.ndarray, tuple[str, ...], tuple[str, ...]]:
    """New number of each district, and names in the new order: the place's list, else west to east."""
    held = np.bincount(district, people, districts)
    x = np.bincount(district, people * x_km, districts) / held
    y = np.bincount(district, people * y_km, districts) / held
    names, names_ja = names_of_districts(x, y, spec.district_names)
    listed = [given.name for given in spec.district_names]
    key = [listed.index(name) if name in listed else len(listed) for name in names]
    rank = sorted(range(districts), key=lambda k: (key[k], x[k], y[k]))
    order = np.empty(districts, dtype=np.int64)
    order[rank] = np.arange(districts)
    return order, tuple(names[k] for k in rank), tuple(names_ja[k] for k in rank)


def _towns(spec: Spec, land: _Land) -> Districts:
    n = len(land.name)
    people = np.bincount(land.district, land.people, n)
    jobs = np.zeros((n, land.jobs.shape[1]))
    np.add.at(jobs, land.district, land.jobs)
    return Districts(
        name=land.name,
        name_ja=land.name_ja,
        x_km=np.bincount(land.district, land.people * land.x_km, n) / people,
        y_km=np.bincount(land.district, land.people * land.y_km, n) / people,
        people=people,
        jobs=jobs,
        value_added_jpy_per_h=jobs * np.array(spec.parameters.value_added_jpy_per_job_h),
    )


def _main_zones(land: _Land, towns: Districts) -> np.ndarray:
    """Zone of each district's town hall: the peopled one nearest to where its people live on the mean."""
    far = np.hypot(land.x_km[None, :] - towns.x_km[:, None], land.y_km[None, :] - towns.y_km[:, None])
    own = (land.district[None, :] == np.arange(len(towns))[:, None]) & (land.people > 0)[None, :]
    return np.argmin(np.where(own, far, np.inf), axis=1)


def _electrify(spec: Spec, land: _Land) -> tuple[GridCase, Feeders]:
    """The grid at the city's size, laid over its map, and the feeders that hang on its buses."""
    p = spec.parameters
    n = len(land.name)
    towns = _towns(spec, land)
    peak = p.peak_mw
    if peak is None:
        peak = p.peak_kw_per_person * float(land.people.sum()) / 1000.0
    grid = scaled(read_grid(spec), peak)
    tier_mw = tier_load(towns.people, towns.jobs, peak, p)
    x, y, flow = lay_out(grid, towns.x_km, towns.y_km, tier_mw.sum(axis=1), p)
    grid = replace(grid, bus_x_km=x, bus_y_km=y)
    straight = np.hypot(x[:, None] - land.x_km[None, :], y[:, None] - land.y_km[None, :])
    member = np.zeros((len(land.x_km), n))
    member[np.arange(len(land.x_km)), land.district] = land.people
    return grid, feeders_of(flow, tier_mw, straight @ member / member.sum(axis=0), p)


def _signal_feeders(roads: RoadCase, land: _Land, feeders: Feeders, grid: GridCase) -> np.ndarray:
    """Feeder of the signals at each link's head: a commercial one of its district, else a critical one."""
    of_zone = [
        nearest_feeder(feeders, grid, int(d), float(x), float(y), (COMMERCIAL, CRITICAL))
        for d, x, y in zip(land.district, land.x_km, land.y_km, strict=True)
    ]
    return np.array(of_zone)[roads.link_to]


def _copy(thing: Any) -> Any:
    """A city of one's own: every array copied, so that nobody's writing reaches the next caller."""
    if isinstance(thing, np.ndarray):
        return thing.copy()
    if isinstance(thing, dict):
        return {key: _copy(value) for key, value in thing.items()}
    if is_dataclass(thing) and not isinstance(thing, type):
        values = {item.name: getattr(thing, item.name) for item in fields(thing)}
        kept = (np.ndarray, dict)
        return replace(
            thing,
            **{k: _copy(v) for k, v in values.items() if isinstance(v, kept) or is_dataclass(v)},
        )
    return thing
