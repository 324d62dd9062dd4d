"""The map of a city: its zones, the streets between them, their people and their districts."""

from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.graphs import neighbours
from agentsim.place.cases import Districts
from agentsim.place.layout.districts import cluster, districts_of_zones, names_of_districts
from agentsim.place.layout.people import Customers, counted, jobs_of_zones, rehouse, settle
from agentsim.place.layout.roads import streets, zone_of_nodes
from agentsim.place.layout.roads_from_file import (
    RoadFile,
    neighbouring_zones,
    place_on_map,
    read_road_file,
    zone_of_road_nodes,
)
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.district_file import DistrictTable, read_districts
from agentsim.place.readers.inp import InpNetwork
from agentsim.place.spec import Spec

ORDINARY_DISTRICTS = 8
JUNCTIONS_A_DISTRICT = 3  # with customers, at least, where the number of districts is derived


@dataclass(frozen=True)
class Land:
    """The result of the survey: zones, streets, people, jobs and districts."""

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
    table: DistrictTable | None = None
    roads: RoadFile | None = None
    road_x_km: np.ndarray | None = None  # (road nodes,), zones first
    road_y_km: np.ndarray | None = None

    def towns(self, p: PlaceParameters) -> Districts:
        """The districts with their people and jobs."""
        n = len(self.name)
        people = np.bincount(self.district, self.people, n)
        jobs = np.zeros((n, self.jobs.shape[1]))
        np.add.at(jobs, self.district, self.jobs)
        return Districts(
            name=self.name,
            name_ja=self.name_ja,
            x_km=np.bincount(self.district, self.people * self.x_km, n) / people,
            y_km=np.bincount(self.district, self.people * self.y_km, n) / people,
            people=people,
            jobs=jobs,
            value_added_jpy_per_h=jobs * np.array(p.value_added_jpy_per_job_h),
        )

    def main_zones(self, towns: Districts) -> np.ndarray:
        """Zone of each district's town hall: the populated one nearest to the district's mean place."""
        far = np.hypot(self.x_km[None, :] - towns.x_km[:, None], self.y_km[None, :] - towns.y_km[:, None])
        own = (self.district[None, :] == np.arange(len(towns))[:, None]) & (self.people > 0)[None, :]
        return np.argmin(np.where(own, far, np.inf), axis=1)


def map_scale_m(network: InpNetwork) -> float:
    """Metres in a map unit: median over pipes of length / drawn length; 1 where the file has no map."""
    if network.unplaced == len(network.node_id):
        return 1.0
    dx = network.node_x[network.link_from] - network.node_x[network.link_to]
    dy = network.node_y[network.link_from] - network.node_y[network.link_to]
    drawn = np.hypot(dx, dy)[: network.pipes]
    long = (drawn > 0) & (network.link_length_m[: network.pipes] > 0)
    if not long.any():
        raise UnbuildablePlace(network.path, "all nodes are drawn at one point", "give [COORDINATES]")
    return float(np.median(network.link_length_m[: network.pipes][long] / drawn[long]))


def survey_land(spec: Spec, network: InpNetwork, districts: int | None) -> tuple[Land, PlaceParameters]:
    """The land, and the numbers with those of map and people derived.

    Raises
    ------
    UnbuildablePlace : no districts, more districts than zones, a district without people
    """
    p = counted(network, spec.parameters)
    p = replace(p, map_scale_m=map_scale_m(network) if p.map_scale_m is None else p.map_scale_m)
    customers = settle(network, p)
    table = read_districts(spec.file("districts"), p) if spec.has("districts") else None
    count = _how_many(spec, table, customers, districts)
    if spec.has("roads"):
        ground, p = _zones_of_roads(spec, network, customers, table, count, p)
    else:
        ground, p = _zones_of_junctions(spec, network, customers, table, count, p)
    _check_trips(network, customers, ground)
    junction_district = None if ground.district is None else ground.district[ground.junction_zone]
    if table is not None and table.households is not None:
        assert junction_district is not None
        _check_people(spec, np.bincount(junction_district, customers.people, count), table)
        customers = rehouse(customers, junction_district, table.households)
        p = replace(p, households=customers.households)
    land = _settled(
        spec=spec, network=network, customers=customers, table=table, ground=ground, districts=count, p=p
    )
    return land, p


@dataclass(frozen=True)
class _Ground:
    """Zones without their people; with the district of each if a table states it."""

    junction_zone: np.ndarray
    zones: int
    weight: np.ndarray  # (junctions,) how much a junction counts in the middle of its zone
    district: np.ndarray | None = None
    roads: RoadFile | None = None
    road_x: np.ndarray | None = None  # map units
    road_y: np.ndarray | None = None


def _how_many(spec: Spec, table: DistrictTable | None, customers: Customers, asked: int | None) -> int:
    if table is not None:
        if asked not in (None, len(table)):
            rule = f"{len(table)} districts, but {asked} are asked for"
            raise UnbuildablePlace(table.path, rule, "leave the number out, or make them equal")
        return len(table)
    if asked is None:
        asked = spec.districts
    if asked is not None:
        return asked
    supplied = int(np.count_nonzero(customers.people))
    return max(1, min(ORDINARY_DISTRICTS, supplied // JUNCTIONS_A_DISTRICT))


def _zones_of_junctions(
    spec: Spec,
    network: InpNetwork,
    customers: Customers,
    table: DistrictTable | None,
    districts: int,
    p: PlaceParameters,
) -> tuple[_Ground, PlaceParameters]:
    """Zones are clusters of junctions; with a table of districts, within each district."""
    assert p.map_scale_m is not None
    junctions = len(network.junction_id)
    zones = p.zones
    if zones is None:
        zones = min(p.zones_most, junctions, max(districts, round(p.zones_per_junction * junctions)))
    if districts < 1 or districts > zones or zones > junctions:
        rule = f"{districts} districts, {zones} zones, {junctions} junctions"
        where = spec.folder if table is None else table.path
        raise UnbuildablePlace(where, rule, "ask for 1 district or more, at most as many as zones")
    x, y = (axis[:junctions] * p.map_scale_m / 1000.0 for axis in (network.node_x, network.node_y))
    # a junction without customers counts a little, so that the map is covered as well as the people
    weight = p.zone_cover + customers.people / customers.people.mean()
    if table is None:
        return _Ground(cluster(x, y, weight, zones), zones, weight), replace(p, zones=zones)
    if table.where == "zones":
        raise UnbuildablePlace(
            f"{table.path}:1", "column 'zones' counts zones of a road file, and there is none",
            "give x and y, or junctions",
        )  # fmt: skip
    junction_district = table.of_places(
        network.node_x[:junctions], network.node_y[:junctions], network.junction_id, "junction"
    )
    zone, zone_district = np.zeros(junctions, dtype=np.int64), list[int]()
    for d in range(districts):
        mine = np.flatnonzero(junction_district == d)
        own = min(len(mine), max(1, round(zones * len(mine) / junctions)))
        zone[mine] = len(zone_district) + cluster(x[mine], y[mine], weight[mine], own)
        zone_district += [d] * own
    return _Ground(zone, len(zone_district), weight, np.array(zone_district)), replace(p, zones=zones)


def _zones_of_roads(
    spec: Spec,
    network: InpNetwork,
    customers: Customers,
    table: DistrictTable | None,
    districts: int,
    p: PlaceParameters,
) -> tuple[_Ground, PlaceParameters]:
    """Zones are those of the road file; a junction belongs to the nearest one."""
    junctions = len(network.junction_id)
    x, y = network.node_x[:junctions], network.node_y[:junctions]
    roads = read_road_file(spec, p)
    if districts < 1 or districts > roads.zones:
        rule = f"{districts} districts, {roads.zones} zones in the road file"
        where = spec.folder if table is None else table.path
        raise UnbuildablePlace(where, rule, "ask for 1 district or more, at most as many as zones")
    road_x, road_y, fit = place_on_map(roads, x, y, customers.people, p.road_fit)
    zone_x, zone_y = road_x[: roads.zones], road_y[: roads.zones]
    squared = (x[:, None] - zone_x[None, :]) ** 2 + (y[:, None] - zone_y[None, :]) ** 2
    zone = np.argmin(squared, axis=1)
    district = None
    if table is not None and table.where == "junctions":
        of_junction = table.of_places(x, y, network.junction_id, "junction")
        votes = np.zeros((roads.zones, districts))
        np.add.at(votes, (zone, of_junction), customers.people + 1e-6)
        known = votes.any(axis=1)
        near = (zone_x[:, None] - zone_x[None, known]) ** 2 + (zone_y[:, None] - zone_y[None, known]) ** 2
        district = votes.argmax(axis=1)
        district[~known] = district[known][np.argmin(near, axis=1)[~known]]
    elif table is not None:
        names = tuple(str(k + 1) for k in range(roads.zones))
        district = table.of_places(zone_x, zone_y, names, "zone")
    ground = _Ground(
        junction_zone=zone,
        zones=roads.zones,
        weight=np.ones(junctions),
        district=district,
        roads=roads,
        road_x=road_x,
        road_y=road_y,
    )
    if roads.units is not None and not roads.units.said:
        p = replace(p, gmns_length_unit=roads.units.length, gmns_speed_unit=roads.units.speed)
    return ground, replace(p, zones=roads.zones, road_fit=fit)


def _check_trips(network: InpNetwork, customers: Customers, ground: _Ground) -> None:
    """Refuse a network whose customers are all in one zone: nobody would travel."""
    drawing = customers.domestic_m3_per_h + customers.bulk_m3_per_h > 0
    occupied = len(np.unique(ground.junction_zone[drawing]))
    if occupied < 2:
        raise UnbuildablePlace(
            network.path,
            f"customers in fewer than two zones: {int(drawing.sum())} of {len(drawing)} junctions draw "
            f"water, and they are in {occupied} of {ground.zones} zones, with no roads between",
            "give base demands at junctions in several places, or ask for 2 districts or more",
        )


def _check_people(spec: Spec, people: np.ndarray, table: DistrictTable | None) -> None:
    empty = np.flatnonzero(people <= 0)
    if len(empty) and table is not None:
        row = int(empty[0])
        rule = f"nobody draws water in district {table.name[row]!r}"
        raise table.fault(row, rule, "move it nearer to customers of the waterworks, or leave it out")
    if len(empty):
        rule = f"{len(empty)} districts would have nobody in them"
        where = spec.file("roads") if spec.has("roads") else spec.file("water")
        raise UnbuildablePlace(where, rule, f"ask for fewer, at most {len(people) - len(empty)}")


def _settled(
    *,
    spec: Spec,
    network: InpNetwork,
    customers: Customers,
    table: DistrictTable | None,
    ground: _Ground,
    districts: int,
    p: PlaceParameters,
) -> Land:
    """People, jobs, streets and districts on the zones."""
    assert p.map_scale_m is not None
    zone, zones = ground.junction_zone, ground.zones
    zone_x, zone_y, road_x, road_y = _positions_km(network, ground, p.map_scale_m)
    people = np.bincount(zone, customers.people, zones)
    bulk = np.bincount(zone, customers.bulk_m3_per_h, zones)
    node_zone = zone_of_nodes(network, zone)
    if ground.roads is None:
        pairs, arterial = streets(network, node_zone, zone_x, zone_y, p.arterial_mm)
    else:
        pairs = neighbouring_zones(ground.roads.case, zone_of_road_nodes(ground.roads.case))
        arterial = np.zeros(len(pairs), dtype=bool)
    district = ground.district
    if district is None:
        near = neighbours(pairs, zones)
        district = districts_of_zones(zone_x, zone_y, people, near, districts, p.district_compactness)
    _check_people(spec, np.bincount(district, people, districts), table)
    if table is None:
        order, name, name_ja = _named(spec, zone_x, zone_y, people, district, districts)
        district = order[district]
    else:
        name, name_ja = table.name, table.name_ja
    return Land(
        scale_m=p.map_scale_m,
        customers=customers,
        junction_zone=zone,
        node_zone=node_zone,
        x_km=zone_x,
        y_km=zone_y,
        people=people,
        jobs=jobs_of_zones(zone_x, zone_y, people, bulk, p),
        pairs=pairs,
        arterial=arterial,
        district=district,
        name=name,
        name_ja=name_ja,
        table=table,
        roads=ground.roads,
        road_x_km=road_x,
        road_y_km=road_y,
    )


def _positions_km(
    network: InpNetwork, ground: _Ground, scale_m: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, np.ndarray | None]:
    """x and y of the zones, and of the nodes of a road file (None without one)."""
    zone, zones = ground.junction_zone, ground.zones
    if ground.road_x is not None and ground.road_y is not None:
        road_x, road_y = ground.road_x * scale_m / 1000.0, ground.road_y * scale_m / 1000.0
        return road_x[:zones], road_y[:zones], road_x, road_y
    x, y = (axis[: len(zone)] * scale_m / 1000.0 for axis in (network.node_x, network.node_y))
    share = np.bincount(zone, ground.weight, zones)
    zone_x = np.bincount(zone, ground.weight * x, zones) / share
    zone_y = np.bincount(zone, ground.weight * y, zones) / share
    return zone_x, zone_y, None, None


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
