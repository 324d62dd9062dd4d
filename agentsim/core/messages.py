"""What the rooms say to each other: one small class for each thing that crosses a border.

Three numbers are kept apart everywhere: *wanted* (need before any lever), *asked* (after prices and
orders) and *delivered*. ``unmet = wanted - delivered``, ``shed = asked - delivered``,
``foregone = wanted - asked``.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agentsim.core.message import message


@dataclass(frozen=True, slots=True)
class Weather:
    """One hour of weather, the same under every policy and attacker."""

    temperature_degc: float
    sun_frac: float  # of the output of a panel under standard test conditions
    wind_frac: float  # of rated output
    rain_mm: float
    inflow_frac: float  # river flow as a share of its normal


@dataclass(frozen=True, slots=True)
class Damage:
    """What is out of order by itself this hour (True: out)."""

    units_out: np.ndarray  # (units,)
    lines_out: np.ndarray  # (lines,)
    feeders_out: np.ndarray  # (feeders,)
    new_bursts: np.ndarray  # (junctions,) mains that burst near the junction this hour
    burst_size_frac: np.ndarray  # (junctions,) flow of the new burst over that of a reported one, 0 without
    burst_hidden: np.ndarray  # bool (junctions,): nobody sees the new burst
    # bool (links,): detectors of adaptive signals; share of the links' capacity that crashes take; None: none
    detectors_out: np.ndarray | None = None
    road_blocked_frac: np.ndarray | None = None


@message
class BurstChange:
    """Mains that burst and that were mended in an hour, arrays (junctions,).

    Sizes are flows over that of one reported burst, summed over the bursts at a junction.
    """

    new: np.ndarray  # how many
    new_size: np.ndarray
    mended: np.ndarray
    mended_size: np.ndarray


@dataclass(frozen=True, slots=True)
class Order:
    """Somebody tells an asset what to do. It takes effect only through an edge of the control graph."""

    principal: str
    asset: str
    action: str
    value: Any

    @property
    def is_on(self) -> bool:
        """Whether anything is ordered: its value is not 0 everywhere."""
        return bool(self.value) if isinstance(self.value, float) else bool(np.any(self.value))


@message
class Permitted:
    """The orders in force this hour, as the networks read them. Arrays are (districts,).

    ``*_cut_off_frac`` is the share of the district that is cut off: 0 fully connected, 1 cut off.
    """

    power_cut_off_frac: np.ndarray  # share of each feeder's customers whose breaker is opened by order
    water_cut_off_frac: np.ndarray  # share of water demand cut at the inlet valves
    trunk_mains_shut: np.ndarray  # bool: the pipes that cross the district's boundary are shut
    roads_cut_off: np.ndarray  # bool: every road link that leaves or enters the district is closed
    islanded: np.ndarray  # bool: the municipal microgrid parts from the grid
    wells_on: np.ndarray  # bool
    committed: np.ndarray  # bool (units,): on line or fast
    pumps_on: np.ndarray  # bool (pumps,)
    withheld_frac: np.ndarray  # (terminals,) share of its capacity that a supplier refuses to sell
    applied: tuple[Order, ...] = ()
    refused: tuple[Order, ...] = ()
    signals_red_frac: np.ndarray | None = None  # share of the green withheld at signals that hang on a centre
    detectors_spoofed_frac: np.ndarray | None = None  # of what the detectors of adaptive signals report
    rationed_frac: np.ndarray | None = None  # (districts,) water held back in a shortage by rule
    forged: dict[str, np.ndarray] = field(default_factory=dict)  # network -> bool (districts,): false figures
    devices_seized_frac: np.ndarray | None = None  # (districts,) home devices told to switch on together
    dose_frac: float = 1.0  # chemicals at the treatment works over the right dose
    cars_stopped_frac: float = 0.0  # share of automated cars that their maker's cloud holds back
    plant_dose_frac: float = 1.0  # and at the desalination plant
    well_dose_frac: np.ndarray | None = None  # (districts,) and at municipal wells; None: the right dose
    generators_withheld_frac: float = 0.0  # share of its units that the largest owner does not offer
    seized: tuple[str, ...] = ()  # platforms in a captor's hands this hour: ledger, vote, recommender
    seized_for: int = -1  # the district that they are turned against
    sections_opened_frac: np.ndarray | None = None  # (districts,) of the sections of feeders, from afar
    ordinary: bool = False  # True: for certain nothing but daily work is in force, and all cuts are 0

    @property
    def embargoed(self) -> np.ndarray:
        """Terminals that sell nothing, bool (terminals,)."""
        return self.withheld_frac >= 1.0


@message
class Outlook:
    """What can be known at the start of the hour: the forecast and the published record."""

    load_mw: np.ndarray  # (24,) forecast of what the grid must serve, less homes' sun; this hour first
    load_sigma_mw: np.ndarray  # (24,) the forecaster's own idea of its error, by hours ahead
    power_price_frac: float  # tariff over the one at which loads are stated
    water_price_frac: float
    fuel_jpy_per_l: float
    skim_h: np.ndarray  # (zones, zones) travel time of the last hour
    skim_km: np.ndarray
    power_cut_frac: np.ndarray  # (districts,) share of load that no live wire reached from outside
    buses: "BusOffer | None" = None  # None: a bus every so often between all zones, without lines
    rides: "RideOffer | None" = None  # None: nobody shares rides


@message
class BusOffer:
    """What bus lines offer at the start of the hour, arrays (zones, zones)."""

    trip_h: np.ndarray  # walk to a stop elsewhere, waiting, riding weighed by crowding, changes; inf: none


@message
class RideOffer:
    """What a service of shared rides offers at the start of the hour."""

    wait_h: np.ndarray  # (zones,) until a vehicle comes, by zone of origin; inf: none comes
    detour_frac: float  # of the time by car
    start_jpy: float  # price of a ride, a person
    jpy_per_km: float


@message
class Demand:
    """What people and firms want and ask this hour."""

    power_wanted_mw: np.ndarray  # (feeders,) before any lever
    power_asked_mw: np.ndarray  # (feeders,) at the meter, after price, home PV and batteries
    power_basic_mw: np.ndarray  # (feeders,) the part of it that a life needs (lifeline tier)
    solar_mw: np.ndarray  # (feeders,) surplus of homes offered to the grid
    water_wanted_m3_per_h: np.ndarray  # (junctions,)
    water_asked_m3_per_h: np.ndarray  # (junctions,)
    trips_asked_veh_per_h: np.ndarray  # (zones, zones) vehicles
    goods_asked_t: np.ndarray  # (depots,) drawn from depots this hour
    stored_mw: np.ndarray | None = None  # (feeders,) homes' batteries offered to neighbours in an island
    section_frac: np.ndarray | None = None  # (feeders, sections) of a feeder's load; None: not needed
    wind_mw: np.ndarray | None = None  # (feeders,) of ``solar_mw``, from turbines of the districts
    automated_frac: float = 0.0  # of the vehicles asked, those that drive themselves
    home_water_asked_m3_per_h: np.ndarray = field(
        default_factory=lambda: np.zeros(0)
    )  # (junctions,) by homes
    rain: "RainWater | None" = None  # what homes use of their rain tanks instead of asking for it
    private_well_m3_per_h: np.ndarray | None = None  # (junctions,) what firms pump themselves; None: nothing
    bus_persons: np.ndarray | None = None  # (zones, zones) who come to the stops; None: there are no lines
    bus_charge_mw: float = 0.0  # of the garage's feeder, for electric buses


@message
class RainWater:
    """One hour of all rain tanks, real homes [m3]: stored before + caught = used + spilt + stored."""

    by_junction_m3: np.ndarray  # (junctions,) used in the place of tap water
    caught_m3: float
    used_m3: float
    spilt_m3: float
    stored_m3: float


@message
class SectionOutage:
    """Sections of feeders that a fault leaves without power this hour."""

    dark_frac: np.ndarray  # (feeders, sections) share of the hour
    momentary: np.ndarray  # bool (feeders, sections): for some minutes only, which is counted apart
    sound_frac: np.ndarray  # (feeders,) share of the load of the hour that wires without fault reach


@message
class PowerService:
    """One hour of the grid. Feeder arrays in MW: ``asked = delivered + shed + restricted``."""

    delivered_mw: np.ndarray  # (feeders,)
    shed_mw: np.ndarray  # (feeders,) not served for want of power or wires
    restricted_mw: np.ndarray  # (feeders,) not served because somebody ordered it
    energised: np.ndarray  # bool (feeders,)
    solar_used_mw: np.ndarray  # (feeders,)
    curtailed_mw: float  # solar, wind and must-run output thrown away
    generation_mw: np.ndarray  # (units,)
    flow_mw: np.ndarray  # (lines,)
    price_jpy_per_mwh: np.ndarray  # (buses,)
    reserve_mw: float
    reserve_short_mw: float
    store_charge_mw: np.ndarray  # (stores,)
    store_discharge_mw: np.ndarray
    store_energy_mwh: np.ndarray  # at the end of the hour
    store_loss_mwh: float
    tripped: tuple[int, ...]  # lines tripped by overload this hour
    cost_jpy: float  # fuel and running cost of generation
    fuel_t: np.ndarray  # (units,) burnt
    co2_t: float
    lines_out: np.ndarray  # bool (lines,) failed, tripped or ordered
    energised_to_breaker: np.ndarray  # bool (feeders,): the wire up to the breaker is sound and alive
    peer_mw: np.ndarray | None = None  # (feeders,) of ``solar_used_mw``, from homes' batteries in an island
    sections: SectionOutage | None = None  # where feeders have sections and one of them is out


@message
class WaterService:
    """One hour of the waterworks. Junction arrays in m3/h: ``asked = delivered + short + restricted``."""

    delivered_m3_per_h: np.ndarray  # (junctions,)
    short_m3_per_h: np.ndarray
    restricted_m3_per_h: np.ndarray
    pressure_m: np.ndarray  # (junctions,)
    tank_level_m: np.ndarray  # (tanks,)
    tank_volume_m3: np.ndarray
    source_m3: np.ndarray  # (sources,) drawn
    well_m3: np.ndarray  # (districts,)
    leakage_m3: float
    bursts_open: int
    pump_kw: np.ndarray  # (pumps,)
    works_kw: np.ndarray  # (sources,) treatment
    well_kw: np.ndarray  # (districts,)
    balance_m3: float  # all that came in - delivered - leakage - tank growth: about 0
    well_stored_m3: np.ndarray  # (districts,) in the wells' tanks at the end of the hour
    desalinated_m3: float = 0.0
    desalination_kw: float = 0.0
    contaminated_person_h: np.ndarray | None = None  # (districts,) with a bad dose at the tap, unwarned
    # while a wrong dose is under way: mean over the hour, and where it is unsafe to drink
    dose_frac: np.ndarray | None = None  # (junctions,) over the right dose
    unsafe: np.ndarray | None = None  # bool (junctions,)
    unsafe_by_wells: np.ndarray | None = None  # bool (junctions,) of them, where the mains' water is safe
    spilt_m3: float = 0.0  # of ``leakage_m3``, by full tanks that overflow
    residual_m3: float = 0.0  # of ``balance_m3``, what the hydraulics themselves could not account for
    unsolved_h: float = 0.0  # part of the hour for which EPANET found no solution
    night: "NightFlow | None" = None  # in one hour a night, where leaks are looked for


@message
class NightFlow:
    """One hour at night as it was, and as it should have been without bursts, arrays (junctions,)."""

    leaked_m3_per_h: np.ndarray
    pressure_m: np.ndarray
    expected_leaked_m3_per_h: np.ndarray  # background leakage alone
    expected_pressure_m: np.ndarray


@message
class RoadService:
    """One hour of traffic. In sum ``asked + carried in = arrived + queued + stranded``."""

    flow_veh_per_h: np.ndarray  # (links,)
    time_h: np.ndarray  # (links,)
    skim_h: np.ndarray  # (zones, zones), inf where no way leads
    skim_km: np.ndarray  # (zones, zones)
    stranded_veh: np.ndarray  # (zones, zones) that found no way or no time
    queued_veh: float  # carried into the next hour
    arrived_veh: float
    carried_in_veh: float  # queue of the hour before
    vehicle_km: float
    delay_veh_h: float  # time above free flow
    free_skim_h: np.ndarray  # (zones, zones) on the empty, undamaged network
    open_links: np.ndarray  # bool (links,)
    gap: float
    works_links: int = 0  # closed by works on the mains under them


@message
class RideHour:
    """One hour of shared rides [persons]: ``asked = on_own_trips + hired + left``."""

    asked: float
    on_own_trips: np.ndarray  # (zones, zones) carried by drivers on trips of their own
    hired: np.ndarray  # (zones, zones) carried by vehicles for hire
    left: np.ndarray  # (zones, zones) for whom there was none
    loaded_veh: np.ndarray  # (zones, zones) trips of vehicles for hire with riders
    empty_veh: np.ndarray  # (zones, zones) of them without, on the way to riders
    detour_veh_km: float  # of drivers on trips of their own
    empty_km: float  # without a rider, streets within zones included
    loaded_km: float
    vehicles: np.ndarray  # (zones,) where vehicles for hire stand at the end of the hour


@message
class CrashHour:
    """Crashes with injuries of one hour."""

    expected: float  # of the kilometres driven
    expected_automated: float  # of them, those of automated cars
    happened: np.ndarray  # int, links on which one happened
    open: int  # not yet cleared at the end of the hour
    waiting: int  # of them, those that no crew has set out to


@message
class SupplyService:
    """One hour at the depots (deliveries arrive once a day)."""

    delivered_t: np.ndarray  # (depots,) handed out this hour
    short_t: np.ndarray  # (depots,) asked and not handed out
    restricted_t: np.ndarray  # (depots,) of the last deliveries, withheld or unreachable by order
    stock_t: np.ndarray  # (depots,) at the end of the hour
    received_t: np.ndarray  # (depots,) arrived this hour
    in_transit_t: float
    imported_t: np.ndarray  # (terminals,) left the terminals this hour
    price_jpy_per_t: np.ndarray  # (goods,)
    scarcity_ratio: np.ndarray | None = None  # (goods,) price over what it ordinarily is; None: 1


@message
class PlantHour:
    """One hour of the city's own plants, arrays (plants,) [t]: yard before + made = sold + yard now."""

    planned_t: np.ndarray  # with all the power and water that it needs
    made_t: np.ndarray
    sold_t: np.ndarray
    yard_t: np.ndarray
    power_mwh: float  # that they used
    co2_t: float  # net, besides that of their electricity
    waste_t: float
    oil_t: float  # pumped out of an old field, of what was made


@message
class Service:
    """What the four networks delivered this hour."""

    power: PowerService
    water: WaterService
    roads: RoadService
    supply: SupplyService
    works_mw: np.ndarray  # (feeders,) planned load of waterworks, asked besides that of customers
    markup_jpy_per_mwh: float = 0.0  # what withheld units add to the hour's marginal price
    groundwater: "Groundwater | None" = None
    buses: "BusService | None" = None  # None: there are no bus lines
    plants: PlantHour | None = None  # of fuel and metals in the city; None: there are none


@message
class BusService:
    """One hour of bus lines: persons asked = carried + left + cut, buses fleet = out + stopped + garage."""

    carried_persons: np.ndarray  # (zones, zones)
    asked: float
    carried: float
    left: float  # for whom no bus had room
    cut: float  # between whose zones no line led this hour
    person_km: float
    bus_km: float
    bus_h: float  # of the timetable, driven or not; drivers are paid for them
    fuel_t: float
    crowding_frac: float  # persons over places in the bus, mean over person-km
    per_h: np.ndarray  # (lines,) buses an hour and way
    boardings: np.ndarray  # (lines,)
    line_crowding_frac: np.ndarray  # (lines,) as crowding_frac; 0 where nobody rode
    buses_fleet: float
    buses_out: float
    buses_stopped: float  # without fuel or charge
    buses_garage: float
    # of electric buses, all together: stored before + charged = driven + stored
    driven_kwh: float
    charged_kwh: float
    stored_kwh: float  # at the end of the hour


@message
class Groundwater:
    """One hour of the aquifer: stored before + natural + managed = pumped + outflow + stored [m3]."""

    stored_m3: float  # over the water table of the first hour; below 0 where more was taken
    natural_m3: float
    managed_m3: float
    pumped_m3: float
    outflow_m3: float
    depth_m: float  # of the water table, at the end of the hour


@message
class Trips:
    """Trips of one hour, arrays (zones, zones)."""

    wanted_persons: np.ndarray
    car_persons: np.ndarray  # in vehicles of their own, electric and automated ones among them
    bus_persons: np.ndarray
    foot_persons: np.ndarray
    vehicles: np.ndarray
    # of ``car_persons``; None where electric cars are not told apart, and nobody has an automated vehicle
    electric_persons: np.ndarray | None = None
    automated_persons: np.ndarray | None = None
    ride_persons: np.ndarray | None = None  # besides the others; None: nobody offers rides
    # where there are fleets; ``vehicles`` are then all that these add up to
    own_veh: np.ndarray | None = None  # cars with the people to whom they belong
    automated_veh: np.ndarray | None = None  # that drive themselves, empty ones among them
    empty_veh: np.ndarray | None = None  # automated cars on their way home without anybody
    stopped_persons: np.ndarray | None = None  # of ``automated_persons``, whose car the cloud holds back
    stopped_veh: float = 0.0  # these cars
    rides: "RideHour | None" = None


@message
class Travelled:
    """What became of the hour's trips."""

    made_persons: np.ndarray  # (zones, zones)
    made_frac_by_zone: np.ndarray  # (zones,) of the ordinary trips of those who live there, out and home
    bus_persons: float  # carried


@message
class Living:
    """What people and firms lived through this hour."""

    deprivation_h: np.ndarray  # (districts,) weighted deprivation-hours a head added this hour
    food_short_persons: np.ndarray  # (districts,) without a meal that was due
    output_jpy: np.ndarray  # (districts,) value added
    output_usual_jpy: np.ndarray  # (districts,) in an ordinary hour
    metered_mwh: float  # by all homes' meters
    own_mwh: float  # homes' sun and batteries, used behind the meter
    people: float
    vehicles: float
    protesters_frac: float = 0.0  # of all people, in the streets today
    left_people: float = 0.0  # moved out of the city since the start
    left_vehicles: float = 0.0


@dataclass(slots=True)
class HomeMeters:
    """What the meters of homes show this hour, arrays (households,)."""

    district: np.ndarray
    reports: np.ndarray  # bool: the home would let its meter report to a public log
    asked_kw: np.ndarray
    metered_kw: np.ndarray
    weight: float  # real homes that one row stands for


@message
class Sales:
    """What was delivered this hour, as the networks' own meters show it."""

    home_mwh: float
    firm_mwh: float
    exported_mwh: float
    home_m3: float
    firm_m3: float
    generation_jpy: float
    fare_persons: float
    petrol_t: float
    petrol_jpy_per_t: float
    food_t: float
    food_jpy_per_t: float
    peer_mwh: float = 0.0  # sold by homes to homes
    peer_fee_jpy: float = 0.0  # which they pay the utility for its wires
    peer_saving_jpy: float = 0.0  # what both sides gain together
    markup_jpy_per_mwh: float = 0.0  # of the hour's price, because units are withheld
    wind_mwh: float = 0.0  # sold by the districts' turbines
    time_of_use_jpy: float = 0.0  # paid by homes beyond the tariff in dear hours, below 0 in cheap ones
    buses: "BusCosts | None" = None  # None: there are no bus lines
    new_own_mwh: float = 0.0  # made and used at home with what a policy brought
    new_sold_mwh: float = 0.0  # sold by homes with panels that a policy brought


@message
class BusCosts:
    """What bus lines cost in an hour, and what the city pays for them [JPY]."""

    wages_jpy: float
    fuel_jpy: float
    power_jpy: float
    upkeep_jpy: float  # vehicles, garage, management
    subsidy_jpy: float


@message
class Account:
    """Who paid whom this hour: change of each account's balance, in JPY; the sum is 0."""

    balance_jpy: dict[str, float]
    power_jpy_per_kwh: float
    water_jpy_per_m3: float
    p2p_mwh: float = 0.0  # traded between homes
    utility_margin_jpy: float = 0.0  # of the power utility, before fixed costs, levy and tax
    utility_profit_jpy: float = 0.0  # and after them, and after what it spends on lobbying
    profit_lost_jpy: float = 0.0  # of it, to new power of homes and districts and to their trade
    lobbying_jpy: float = 0.0  # paid by the power utility
    replaced_mwh: float = 0.0  # that stations need not make because of such new power


@message
class Published:
    """What is said of one hour, by network: the operators' figures and what homes' meters report.

    Shares are of what was asked. A network that publishes nothing is missing from ``figure``, one without
    reports from ``metered``. Rows of ``supply`` are suppliers, and its shares are of their capacity.
    """

    hour: int
    figure: dict[str, np.ndarray]  # network -> (districts,) share served, as the operator says
    declared: dict[str, np.ndarray]  # network -> (districts,) share held back by an admitted order
    metered: dict[str, np.ndarray]  # network -> (districts,) share served by reporting meters, nan: silent
    reporters: dict[str, np.ndarray]  # network -> (districts,) meters that reported
    shortage: dict[str, bool]  # network -> whether anything was short in the city by itself
    rationed: dict[str, np.ndarray] = field(default_factory=dict)  # part of ``declared`` that a rule gives
    enrolled: np.ndarray | None = None  # (districts,) meters of homes that want to report


@dataclass(frozen=True, slots=True)
class Finding:
    """Somebody noticed something."""

    hour: int
    kind: str  # complaint | meters | rule | audit | inspection | chain | intrusion
    network: str
    district: int  # -1: no district
    suspect: str  # principal whose asset it is


@message
class Foreseen:
    """What the grid had to serve in an hour, less homes' sun, beside what had been foreseen of it [MW]."""

    load_mw: float
    hour_ahead_mw: float  # said at the beginning of the hour
    day_ahead_mw: float  # said 23 hours before; on the first day, at its beginning


@message
class Hour:
    """Everything that was said in one hour."""

    number: int
    weather: Weather
    permitted: Permitted
    demand: Demand
    trips: Trips
    service: Service
    travelled: Travelled
    living: Living
    sales: Sales
    account: Account
    published: Published | None = None
    foreseen: Foreseen | None = None
    crashes: CrashHour | None = None  # None: they are not counted


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, as plain data; :mod:`agentsim.report.wording.events` puts it into words."""

    hour: int
    kind: str  # attack | restriction/power | blackout | shortage/water | island | alarm | recovery | ...
    where: str  # a district, a principal, a platform, a network, ``line:FROM-TO``, ``waterworks`` or ``city``
    what: str  # name of its sentence
    fields: dict[str, Any] = field(default_factory=dict)  # numbers, identifiers and lists of them


class EventLog:
    """The events of a run, in the order in which they happened."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def add(self, hour: int, kind: str, where: str, what: str, **fields: Any) -> None:
        """Append one event; *fields* are plain data that JSON can hold."""
        self.events.append(Event(hour, kind, where, what, fields))
