"""Named places on the map: where power stations, control rooms, works, port and shelters stand."""

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.place.cases import SECTORS, Districts, GridCase, Site
from agentsim.place.layout.land import Land
from agentsim.place.readers.inp import InpNetwork
from agentsim.place.spec import Spec

CONTROL_ROOMS = ("power_control_room", "water_control_room", "traffic_control_room")


def site_zones(
    spec: Spec,
    network: InpNetwork,
    junction_zone: np.ndarray,
    zone_x_km: np.ndarray,
    zone_y_km: np.ndarray,
    zone_jobs: np.ndarray,
) -> dict[str, int]:
    """Zone of each site that goods or water pass through.

    What ``[sites]`` does not fix is derived: the *sea side* is the zone of the lowest junction, the *port*
    the next lowest zone, the *refinery* the zone with most jobs in manufacturing, the *centre* the zone
    with most other jobs, the *gateway* by land the zone farthest from the port.
    """
    given = {}
    for kind, junction in spec.site_junction:
        if junction not in network.junction_id:
            where = spec.folder / "place.toml"
            raise UnbuildablePlace(
                where, f"sites.{kind}: no junction {junction!r}", "name one of the water file"
            )
        given[kind] = int(junction_zone[network.junction_id.index(junction)])
    zones = len(zone_x_km)
    lowest = np.full(zones, np.inf)
    np.minimum.at(lowest, junction_zone, network.elevation_m)
    sea = given.get("sea_side", int(np.argmin(lowest)))
    others = np.where(np.arange(zones) == sea, np.inf, lowest)
    port = given.get("port", int(np.argmin(others)) if zones > 1 else sea)
    refinery = given.get("refinery", int(np.argmax(zone_jobs[:, SECTORS.index("manufacturing")])))
    offices = zone_jobs.sum(axis=1) - zone_jobs[:, SECTORS.index("manufacturing")]
    from_port = np.hypot(zone_x_km - zone_x_km[port], zone_y_km - zone_y_km[port])
    return {
        "sea_side": sea,
        "port": port,
        "refinery": refinery,
        "centre": int(np.argmax(offices)),
        "gateway": int(np.argmax(from_port)),
    }


def build_sites(
    network: InpNetwork, land: Land, districts: Districts, grid: GridCase, site_zone: dict[str, int]
) -> tuple[Site, ...]:
    """Every site of the city, in a fixed order of kinds."""

    def at_zone(name: str, kind: str, zone: int) -> Site:
        x, y = float(land.x_km[zone]), float(land.y_km[zone])
        return Site(name, kind, int(land.district[zone]), zone, x, y)

    def at_node(name: str, kind: str, node: int) -> Site:
        zone = int(land.node_zone[node])
        x = float(network.node_x[node]) * land.scale_m / 1000.0
        y = float(network.node_y[node]) * land.scale_m / 1000.0
        return Site(name, kind, int(land.district[zone]), zone, x, y)

    def at_bus(bus: int) -> Site:
        x, y = float(grid.bus_x_km[bus]), float(grid.bus_y_km[bus])  # type: ignore[index]
        zone = int(np.argmin((land.x_km - x) ** 2 + (land.y_km - y) ** 2))
        name = f"power_station_{grid.bus_id[bus]}"
        return Site(name, "power_station", int(land.district[zone]), zone, x, y)

    centre, town_hall = site_zone["centre"], land.main_zones(districts)
    node = {name: i for i, name in enumerate(network.node_id)}
    pump_end = network.link_to[network.pipes : network.pipes + len(network.pump_id)]
    sites = [at_bus(int(bus)) for bus in np.unique(grid.unit_bus)]
    sites += [at_zone(name, "control_room", centre) for name in CONTROL_ROOMS]
    sites += [
        at_node(f"treatment_works_{name}", "treatment_works", node[name]) for name in network.reservoir_id
    ]
    sites += [
        at_node(f"pumping_station_{name}", "pumping_station", int(end))
        for name, end in zip(network.pump_id, pump_end, strict=True)
    ]
    sites += [at_zone(kind, kind, site_zone[kind]) for kind in ("sea_side", "port", "refinery", "gateway")]
    sites.append(at_zone("power_station_fuel", "depot", site_zone["refinery"]))
    sites.append(at_zone("spare_parts", "depot", int(town_hall[int(land.district[centre])])))
    for kind in ("depot", "hospital", "shelter"):
        sites += [
            at_zone(f"{kind}_{name}", kind, int(zone))
            for name, zone in zip(districts.name, town_hall, strict=True)
        ]
    sites.append(at_zone("bus_garage", "bus_garage", centre))
    return tuple(sites)
