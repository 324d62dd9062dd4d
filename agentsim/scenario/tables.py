"""The tables of a scenario file: frozen dataclasses, those of the rooms and policies found by address."""

from dataclasses import dataclass, field, make_dataclass
from functools import cache
from importlib import import_module
from typing import Any

from agentsim.core.parameters import parameter
from agentsim.scenario.form import one_of
from agentsim.scenario.names import (
    attackers,
    comparable,
    kinds,
    minds,
    persistences,
    places,
    policies,
    policy_ids,
    principals,
    targets,
)

ROOMS = {
    "power": "agentsim.networks.power.grid:PowerParameters",
    "sections": "agentsim.networks.power.sections:SectionsParameters",
    "water": "agentsim.networks.water.network:WaterParameters",
    "raw_water": "agentsim.networks.water.raw_water:RawWaterParameters",
    "aquifer": "agentsim.networks.water.aquifer:AquiferParameters",
    "roads": "agentsim.networks.roads.network:RoadsParameters",
    "drivers": "agentsim.institutions.drivers:DriversParameters",
    "automated_cars": "agentsim.networks.roads.automated:AutomatedCarsParameters",
    "rides": "agentsim.networks.roads.rides:RidesParameters",
    "crashes": "agentsim.networks.roads.crashes:CrashesParameters",
    "bus_lines": "agentsim.place.layout.bus_lines:BusLinesParameters",
    "transit": "agentsim.networks.roads.transit:TransitParameters",
    "bus_operator": "agentsim.agents.officers.bus_operator:BusOperatorParameters",
    "supply": "agentsim.networks.supply.parameters:SupplyParameters",
    "materials": "agentsim.networks.supply.materials_market:MaterialsParameters",
    "metals": "agentsim.networks.supply.metals:MetalsParameters",
    "build_up": "agentsim.networks.supply.build_up:BuildUpParameters",
    "city_plants": "agentsim.networks.supply.city_plants:CityPlantsParameters",
    "scrap": "agentsim.networks.supply.scrap:ScrapParameters",
    "oil_recovery": "agentsim.networks.supply.oil_recovery:OilRecoveryParameters",
    "new_fuels": "agentsim.networks.supply.new_fuels:NewFuelsParameters",
    "prospects": "agentsim.institutions.prospects:ProspectsParameters",
    "exploration": "agentsim.institutions.exploration:ExplorationParameters",
    "weather": "agentsim.place.weather:WeatherParameters",
    "weather_forecast": "agentsim.place.weather_forecast:WeatherForecastParameters",
    "failures": "agentsim.place.failures:FailuresParameters",
    "mains": "agentsim.place.mains:MainsParameters",
    "detectors": "agentsim.place.detectors:DetectorsParameters",
    "households": "agentsim.agents.households.parameters:HouseholdsParameters",
    "rain_tanks": "agentsim.agents.households.rain_tanks:RainTanksParameters",
    "load_shifting": "agentsim.agents.households.load_shifting:LoadShiftingParameters",
    "mineral_path": "agentsim.networks.supply.mineral_path:MineralPathParameters",
    "adoption": "agentsim.agents.households.adoption:AdoptionParameters",
    "deprivation": "agentsim.agents.households.deprivation:DeprivationParameters",
    "market": "agentsim.institutions.market:MarketParameters",
    "tariffs": "agentsim.institutions.tariffs:TariffsParameters",
    "lobbying": "agentsim.institutions.lobbying:LobbyingParameters",
    "employment": "agentsim.institutions.employment:EmploymentParameters",
    "behaviour": "agentsim.agents.behaviour:BehaviourParameters",
    "forecast": "agentsim.institutions.load_forecast:ForecastParameters",
    "learned_forecast": "agentsim.institutions.learned_forecast:LearnedForecastParameters",
    "load_record": "agentsim.institutions.load_record:LoadRecordParameters",
    "bad_actor": "agentsim.agents.attacker.actions:BadActorParameters",
    "mind": "agentsim.agents.attacker.search:MindParameters",
    "capture": "agentsim.institutions.capture:CaptureParameters",
    "municipalities": "agentsim.agents.officers.municipality:MunicipalitiesParameters",
    "civics": "agentsim.agents.households.civics:CivicsParameters",
    "hoarding": "agentsim.agents.households.hoarding:HoardingParameters",
    "autonomy": "agentsim.agents.households.autonomy:AutonomyParameters",
    "rationing": "agentsim.institutions.rationing:RationingParameters",
    "voting": "agentsim.institutions.voting:VotingParameters",
    "recall": "agentsim.institutions.recall:RecallParameters",
    "utilities": "agentsim.agents.officers.mains_office:UtilitiesParameters",
    "leak_finder": "agentsim.agents.officers.leak_finder:LeakFinderParameters",
    "public_record": "agentsim.institutions.public_record:PublicRecordParameters",
    "meters": "agentsim.institutions.meters:MetersParameters",
    "detection": "agentsim.institutions.detection:DetectionParameters",
    "deterrence": "agentsim.institutions.deterrence:DeterrenceParameters",
    "monitor": "agentsim.institutions.casework:MonitorParameters",
    "firms": "agentsim.agents.firms:FirmsParameters",
    "travel": "agentsim.agents.households.travel:TravelParameters",
    "choice": "agentsim.agents.households.choice:ChoiceParameters",
    "equipment": "agentsim.place.equipment:EquipmentParameters",
    "coupling": "agentsim.networks.coupling:CouplingParameters",
    "home_devices": "agentsim.agents.households.home_devices:HomeDevicesParameters",
    "p2p": "agentsim.institutions.p2p:P2pParameters",
    "commitment": "agentsim.networks.power.commitment:CommitmentParameters",
    "storage_plan": "agentsim.networks.power.storage_plan:StoragePlanParameters",
    "stations": "agentsim.outcomes.industry:StationsParameters",
    "carbon": "agentsim.outcomes.environment:CarbonParameters",
    "extraction": "agentsim.outcomes.resources:ExtractionParameters",
    "social_cost": "agentsim.outcomes.social_cost:SocialCostParameters",
}

# the numbers of every table of ROOMS, each as an attribute of the table's name
AllParameters = make_dataclass("AllParameters", [(name, Any) for name in ROOMS], frozen=True)
AllParameters.__module__ = __name__  # where pickle finds it; Python 3.12 takes it as an argument


def _path(what: str) -> str:
    """A field that holds the path of a file or folder, empty where there is none."""
    return field(default="", metadata={"source": what, "path": True})


@dataclass(frozen=True)
class Place:
    """The city and how finely it is drawn: a shipped one, a folder with a place.toml, or files of one's own.

    Paths are relative to the scenario file.
    """

    name: str = one_of("bay_city", places, "place")
    districts: int = parameter(
        8, "districts", "municipalities; a city of one's own files may derive or list them", "A", low=1
    )
    households: int = parameter(
        3000, "households", "simulated; each stands for several real ones", "A", low=1
    )
    folder: str = _path("a folder with a place.toml, as `agentsim place build --out` writes it")
    water: str = _path("EPANET network (.inp) of a city of one's own, instead of a name")
    grid: str = _path("MATPOWER case (.m); without it the IEEE RTS-79")
    roads: str = _path("TNTP network or GMNS folder; without it streets over the mains")
    trips: str = _path("TNTP trip table that goes with the roads")
    road_nodes: str = _path("TNTP node coordinates that go with the roads")
    districts_file: str = _path("csv table of districts, their households and incomes")


@dataclass(frozen=True)
class Attacker:
    """The bad actor: what it wants, how it chooses, what it holds.

    It holds the whole ``foothold``, and one principal of ``drawn_foothold``: the first with seed 1, the next
    with seed 2, and again from the first, so that each comes equally often in as many seeds as there are.
    """

    kind: str = one_of("none", kinds, "attacker")
    mind: str = one_of("random", minds, "mind")
    foothold: tuple[str, ...] = one_of((), principals, "principal", later=("municipality:", "supplier:"))
    drawn_foothold: tuple[str, ...] = one_of(
        (), principals, "principal", later=("municipality:", "supplier:")
    )
    target: str = field(default="", metadata={"source": "a district by name; empty: the attacker chooses"})
    plan_seeds: int = parameter(
        3, "seeds", "on which a planning attacker tries its plans; none is a replication's", "A", 1, 100
    )
    budget: float = parameter(
        100.0, "units", "one unit pays for one unit of effort; varied 25-400", "A", low=0
    )
    first_hour: int = parameter(72, "h", "first hour in which it may act", "A", low=0)
    persistence: str = one_of(
        "campaign",
        persistences,
        "persistence",
        source="campaign: nobody concedes, a coercer stops with its budget, its edges or the run (harm);"
        " until_concession: it waits until the district concedes, or this has cost too much (coercion)",
    )
    strikes: tuple[str, ...] = field(
        default=(),
        metadata={
            "source": "scripted actions, each with action, place, strength, as in 'A2 power Harbour 0.2'"
        },
    )
    efforts: tuple[str, ...] = field(
        default=(),
        metadata={"source": "scripted captures, each with principal and effort: 'municipality:Harbour 12'"},
    )
    on_days: int = parameter(1, "d", "an attacker with a list attacks for this many days", "A", low=1)
    rest_days: int = parameter(0, "d", "and then rests for this many days, repeatedly", "A", low=0)

    @property
    def until_concession(self) -> bool:
        """Whether districts may concede to a coercer."""
        return self.persistence == "until_concession"


@dataclass(frozen=True)
class Compare:
    """What ``agentsim compare`` compares unless the command line says otherwise.

    ``target``: with ``fixed`` a coercer has the same district under all policies of a comparison, one that
    it can reach under each; with ``free`` it chooses anew against each policy.
    """

    policies: tuple[str, ...] = one_of(("each",), comparable, "policy", joined="+")
    attackers: tuple[str, ...] = one_of(("none",), attackers, "attacker")
    seeds: int = parameter(5, "replications", "paired by seed: 1, 2, ...", "A", low=1)
    target: str = one_of("fixed", targets, "choice")


@dataclass(frozen=True)
class Policies:
    """What is adopted from the first hour."""

    adopt: tuple[str, ...] = one_of((), policies, "policy")

    @property
    def ids(self) -> tuple[str, ...]:
        """The adopted policies one by one, packages unpacked."""
        return policy_ids("+".join(self.adopt)) if self.adopt else ()


@cache
def room_classes() -> dict[str, type]:
    """The ``Parameters`` class of every room, by the name of its table."""
    found = {}
    for table, address in ROOMS.items():
        module, name = address.split(":")
        found[table] = getattr(import_module(module), name)
    return found


@cache
def policy_classes() -> dict[str, type]:
    """The class of every policy by its id: its fields are the numbers that ``[policy.ID]`` may set."""
    registry = import_module("agentsim.policies").POLICIES
    return {name: type(entry.make()) for name, entry in registry.items()}
