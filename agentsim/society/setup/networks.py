"""Builder of the four coupled networks."""

import numpy as np

from agentsim.networks.coupling import Coupling
from agentsim.networks.power.grid import PowerGrid
from agentsim.networks.power.sections import FeederSections
from agentsim.networks.roads.network import RoadNetwork
from agentsim.networks.supply.network import SupplyNetwork
from agentsim.networks.water.aquifer import Aquifer
from agentsim.networks.water.network import WaterNetwork
from agentsim.networks.water.night_model import logger_junctions
from agentsim.networks.water.raw_water import RawWater
from agentsim.place.failures import Failures
from agentsim.place.mains import Mains
from agentsim.society.setup.ground import Ground


def coupling(ground: Ground, mains: Mains, failures: Failures) -> Coupling:
    """Power, water, roads and supply of the place with what is installed, coupled."""
    place, equipment, numbers, live = ground.place, ground.equipment, ground.parameters, ground.mechanisms
    districts, roads = len(place.districts), equipment.of("roads")
    return Coupling(
        place=place,
        power=PowerGrid(place.grid, place.feeders, districts, equipment.stores, numbers.power, live),
        water=_waterworks(ground, mains),
        roads=RoadNetwork(place.roads, numbers.roads, live, adaptive_signal=roads["adaptive_signal"]),
        supply=SupplyNetwork(place.supply, numbers.supply, live, ground.charter.market.max_supplier_share),
        raw_water=RawWater(place.water.source_yield_m3_per_d, numbers.raw_water),
        local_signal=roads["local_signal"],
        parameters=numbers.coupling,
        mechanisms=live,
        desalination_m3_per_h=equipment.of("water")["desalination_m3_per_h"],
        sea_side=equipment.sea_side,
        aquifer=_aquifer(ground),
        sections=feeder_sections(ground, failures),
    )


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
