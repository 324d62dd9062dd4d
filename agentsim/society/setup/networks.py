"""Builder of the four coupled networks."""

import numpy as np

from agentsim.networks.coupling import Coupling
from agentsim.networks.power.grid import PowerGrid
from agentsim.networks.power.sections import FeederSections
from agentsim.networks.roads.crashes import Crashes
from agentsim.networks.roads.network import RoadNetwork
from agentsim.networks.roads.rides import RideFleet, Rides
from agentsim.networks.roads.transit import BusNetwork
from agentsim.networks.supply.network import SupplyNetwork
from agentsim.networks.water.aquifer import Aquifer
from agentsim.networks.water.network import WaterNetwork
from agentsim.networks.water.night_model import logger_junctions
from agentsim.networks.water.raw_water import RawWater
from agentsim.place.failures import Failures
from agentsim.place.mains import Mains
from agentsim.society.fleets import Fleets
from agentsim.society.road_safety import RoadSafety
from agentsim.society.setup.ground import Ground
from agentsim.society.setup.resources import city_plants


def coupling(ground: Ground, mains: Mains, failures: Failures) -> Coupling:
    """Power, water, roads and supply of the place with what is installed, coupled."""
    place, equipment, numbers, live = ground.place, ground.equipment, ground.parameters, ground.mechanisms
    districts, roads = len(place.districts), equipment.of("roads")
    return Coupling(
        place=place,
        power=PowerGrid(place.grid, place.feeders, districts, equipment.stores, numbers.power, live),
        water=_waterworks(ground, mains),
        roads=RoadNetwork(
            place.roads,
            numbers.roads,
            live,
            adaptive_signal=roads["adaptive_signal"],
            pressure_signal=roads["pressure_signal"],
        ),
        supply=SupplyNetwork(place.supply, numbers.supply, live, ground.charter.market.max_supplier_share),
        raw_water=RawWater(place.water.source_yield_m3_per_d, numbers.raw_water),
        local_signal=roads["local_signal"],
        parameters=numbers.coupling,
        mechanisms=live,
        desalination_m3_per_h=equipment.of("water")["desalination_m3_per_h"],
        sea_side=equipment.sea_side,
        aquifer=_aquifer(ground),
        sections=feeder_sections(ground, failures),
        automated_cars=numbers.automated_cars,
        buses=None if place.bus_lines is None else BusNetwork(place, numbers.transit),
        plants=city_plants(place, ground.plants, numbers.city_plants),
    )


def road_safety(ground: Ground) -> RoadSafety:
    """Crashes on the roads of the place (mechanism ``crashes``); crews set out from the traffic centre."""
    place, roads = ground.place, ground.place.roads
    head = np.minimum(roads.link_to, len(place.zone_x_km) - 1)
    base = next((site.zone for site in place.sites if site.name == "traffic_control_room"), 0)
    crashes = None
    if ground.mechanisms.crashes:
        crashes = Crashes(np.asarray(roads.link_length_km), head, base, ground.parameters.crashes)
    names = tuple(place.districts.name[d] for d in place.zone_district[head].tolist())
    return RoadSafety(crashes, ground.streams, names, ground.log)


def fleets(ground: Ground, roads: RoadNetwork) -> Fleets:
    """Automated cars and matched rides of the place."""
    market, numbers = ground.charter.market, ground.parameters
    return Fleets(
        rides(ground, roads),
        ride_start_jpy=market.ride_start_jpy,
        ride_jpy_per_km=market.ride_jpy_per_km,
        persons_per_car=numbers.choice.persons_per_car,
        parameters=numbers.automated_cars,
    )


def rides(ground: Ground, roads: RoadNetwork) -> Rides | None:
    """The service that matches riders, where the charter has one (mechanism ``ride_matching``).

    Vehicles for hire stand at first where people live. A zone is taken for a square whose side is the
    distance to the nearest other zone.
    """
    stock, place = ground.charter.stock, ground.place
    if not ground.mechanisms.ride_matching or ground.charter.market.ride_jpy_per_km <= 0.0:
        return None
    dx = place.zone_x_km[:, None] - place.zone_x_km
    dy = place.zone_y_km[:, None] - place.zone_y_km
    apart_km = np.hypot(dx, dy) + np.where(np.eye(len(dx), dtype=bool), np.inf, 0.0)
    vehicles = ground.equipment.ride_vehicles * place.zone_people / place.zone_people.sum()
    free_h, free_km = np.array(roads.free_skim_h), np.array(roads.free_skim_km)
    fleet = RideFleet(vehicles, apart_km.min(axis=1) ** 2, free_h, ground.parameters.rides)
    return Rides(stock.ride_own_trip_frac, fleet, free_h, free_km)


def feeder_sections(ground: Ground, failures: Failures) -> FeederSections | None:
    """Sections of feeders with their switches, where the charter brings any (mechanism fault_isolation)."""
    place, equipment = ground.place, ground.equipment
    if not equipment.sectioned_feeder.any() or not ground.mechanisms.fault_isolation:
        return None
    return FeederSections(
        place.feeders,
        sectioned=equipment.sectioned_feeder,
        remote=equipment.remote_feeder,
        districts=len(place.districts),
        centre_district=next(site.district for site in place.sites if site.name == "power_control_room"),
        draws=failures.fault_draws,
        parameters=ground.parameters.sections,
    )


def _aquifer(ground: Ground) -> Aquifer | None:
    """The aquifer under the city (mechanism ``aquifer``)."""
    if not ground.mechanisms.aquifer:
        return None
    place, live = ground.place, ground.mechanisms.recharge
    return Aquifer(
        place.households * place.persons_per_household,
        float(np.sum(place.normals["precipitation_mm"])),
        ground.equipment.of("water")["recharge_m3_per_h"] if live else 0.0,
        ground.parameters.aquifer,
    )


def _waterworks(ground: Ground, mains: Mains) -> WaterNetwork:
    """The water network; its leakage is calibrated for the first society on the ground only."""
    equipment, shared = ground.equipment, ground.shared
    water = equipment.of("water")
    desalinates = equipment.sea_side is not None and water["desalination_m3_per_h"] > 0
    network = WaterNetwork(
        ground.place.water,
        len(ground.place.districts),
        water["well_m3_per_h"],
        water["well_tank_m3"],
        ground.parameters.water,
        ground.mechanisms,
        sea_zone=equipment.sea_side.zone if equipment.sea_side and desalinates else None,
        found=shared.get("water network"),
        hidden_burst_size=mains.hidden_size if _bursts_hide(ground) else 0.0,
        logger_junction=loggers(ground),
    )
    shared.setdefault("water network", network.found)
    mains.survey_more_often(network.hidden_within_frac)
    return network


def _bursts_hide(ground: Ground) -> bool:
    return ground.mechanisms.hidden_bursts and ground.mechanisms.failures


def loggers(ground: Ground) -> np.ndarray | None:
    """Junctions with a pressure logger; None where no leak finder is (mechanism ``leak_finder``)."""
    charter, case = ground.charter, ground.place.water
    alive = ground.mechanisms.leak_finder and ground.mechanisms.leakage
    if not alive or charter.information.false_leak_alarms_per_month <= 0:
        return None
    if charter.stock.smart_water_meter_frac <= 0:  # at the beginning of the years nothing stands yet
        return None
    return logger_junctions(
        case.junction_x_km,
        case.junction_y_km,
        case.junction_district,
        charter.stock.leak_loggers_per_district,
    )
