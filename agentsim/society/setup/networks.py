"""Builder of the four coupled networks."""

from agentsim.networks.coupling import Coupling
from agentsim.networks.power.grid import PowerGrid
from agentsim.networks.power.sections import FeederSections
from agentsim.networks.roads.network import RoadNetwork
from agentsim.networks.supply.network import SupplyNetwork
from agentsim.networks.water.network import WaterNetwork
from agentsim.networks.water.raw_water import RawWater
from agentsim.place.failures import Failures
from agentsim.society.setup.ground import Ground


def coupling(ground: Ground, failures: Failures) -> Coupling:
    """Power, water, roads and supply of the place with what is installed, coupled."""
    place, equipment, numbers, live = ground.place, ground.equipment, ground.parameters, ground.mechanisms
    districts, roads = len(place.districts), equipment.of("roads")
    return Coupling(
        place=place,
        power=PowerGrid(place.grid, place.feeders, districts, equipment.stores, numbers.power, live),
        water=_waterworks(ground),
        roads=RoadNetwork(place.roads, numbers.roads, live, adaptive_signal=roads["adaptive_signal"]),
        supply=SupplyNetwork(place.supply, numbers.supply, live, ground.charter.market.max_supplier_share),
        raw_water=RawWater(place.water.source_yield_m3_per_d, numbers.raw_water),
        local_signal=roads["local_signal"],
        parameters=numbers.coupling,
        mechanisms=live,
        desalination_m3_per_h=equipment.of("water")["desalination_m3_per_h"],
        sea_side=equipment.sea_side,
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


def _waterworks(ground: Ground) -> WaterNetwork:
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
    )
    shared.setdefault("water network", network.found)
    return network
