"""The charter: the rules and the equipment of a society, frozen.

A policy is a function from charter to charter. It may write to the fields below and to nothing else,
so a benefit can only emerge. The charter holds rules and shares, never instances: with the place at
hand they become equipment, a control graph and tariffs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Information:
    """What can be known."""

    learned_forecast: bool = False  # a regression learns the load from the record, anew every night
    one_model_for_all: bool = False  # one regression for all districts, instead of one for each
    plans_per_day: int = 1  # how often storage is planned for the 24 hours ahead
    replans_after_outage: bool = False  # units and storage are planned anew when a unit fails
    ledger_networks: tuple[str, ...] = ()  # whose figures go to the public, append-only log
    reporting_household_frac: float = 0.0  # homes whose meters report to the log, of those who trust it
    verifiers: int = 0  # independent parties that keep heads of the log
    meter_backup_h: float = 0.0  # hours that a reporting meter lives without power
    false_leak_alarms_per_month: float = 0.0  # that a leak finder is set to, city-wide; 0: there is none
    interval_meter_frac: float = 0.0  # homes whose use is metered hour by hour, and may be priced so
    learned_targeting: bool = False  # a regression on past prospects ranks the targets of exploration


@dataclass(frozen=True)
class Stock:
    """What is installed, as shares of a need. Base values are what an ordinary city has [A]."""

    rooftop_pv_household_frac: float = 0.10  # [A] swept 0-0.5
    home_battery_household_frac: float = 0.02  # [A]
    electric_car_frac: float = 0.03  # [A]
    li_ion_storage_h: float = 0.0  # grid storage, hours of the city's peak load
    flow_storage_h: float = 0.0
    solid_state_storage_h: float = 0.0
    microgrid_h: float = 0.0  # municipal battery, hours of the district's critical load
    well_demand_frac: float = 0.0  # municipal wells, share of the district's demand
    well_tank_h: float = 0.0  # hours of the wells' output kept in a tank
    local_signal_frac: float = 0.0  # junctions with their own logic and battery
    home_food_days: float = 3.0  # [M] mechanisms S14, median household
    home_water_l_per_person: float = 4.0  # [A] bottles and boiler of an ordinary home
    energy_bank_kwh_per_household: float = 0.0  # community battery with accounts
    desalination_demand_frac: float = 0.0  # reverse osmosis at the sea side, share of the city's demand
    adaptive_signal_frac: float = 0.0  # junctions whose green follows the traffic of the last hour
    pressure_signal_frac: float = (
        0.0  # of all junctions, those of them whose green follows the queues of the hour
    )
    automated_car_frac: float = 0.0  # cars that drive themselves; some of the electric ones
    driverless_frac: float = 0.0  # kilometres of buses, taxis and deliveries without a driver
    controlled_charging_frac: float = 0.0  # electric cars beyond the ordinary ones that charge at night
    ride_vehicles_per_1000_people: float = 0.0  # vehicles for hire whose riders are matched
    ride_own_trip_frac: float = 0.0  # trips by car whose drivers take riders
    smart_water_meter_frac: float = 0.0  # homes whose water meter is read every hour
    rain_tank_household_frac: float = 0.0  # homes that use rain from their roof
    recharge_demand_frac: float = 0.0  # basins where rain seeps into the aquifer, share of the city's demand
    private_well_demand_frac: float = 0.0  # wells of firms, share of their demand
    mains_renewal_frac_per_y: float = 0.0  # of the mains' length, besides what the city renews anyway
    leak_loggers_per_district: int = 0  # pressure loggers on the mains
    substitute_frac: float = 0.0  # biofuel, recycled metal, food grown in the city; share of ordinary demand
    sectioned_feeder_frac: float = 0.0  # feeders with section switches and a tie to a neighbour
    remote_switch_frac: float = 0.0  # of those, the share whose switches are operated from afar
    controllable_load_frac: float = 0.0  # homes with devices that follow the price and the utility's call
    adoption_years: float = 0.0  # for so long homes have bought panels and batteries of their own accord
    district_wind_frac: float = 0.0  # turbines of the districts, rated output over the city's peak load
    scrap_collection_frac: float = 0.223  # [V] of retired equipment: world 2022, Global E-waste Monitor 2024
    synthetic_fuel_frac: float = 0.0  # works, share of the city's ordinary use of fuel
    bio_fuel_frac: float = 0.0  # likewise
    enhanced_oil_frac: float = 0.0  # oil that carbon dioxide drives out of an old field, likewise
    recovery_captured_frac: float = 0.0  # of that carbon dioxide, captured at stacks; the rest is natural
    exploration_targets_per_y: float = 0.0  # prospects that the city has drilled for metals
    exploration_years: float = 0.0  # for so long its programme has run before the first hour


@dataclass(frozen=True)
class Holding:
    """Who may operate a class of assets, and how many of the holders must agree.

    ``holders`` are principals; ``"municipality"`` stands for the one of the asset's district.
    ``authority``: ``any`` holder may act; ``both``: all must agree; ``local_restore``: any holder may
    act, and the municipality may undo a cut by hand.
    """

    holders: tuple[str, ...]
    authority: str = "any"


@dataclass(frozen=True)
class Control:
    """Who may operate what: the classes of assets of the control graph."""

    breakers: Holding = Holding(("power_control_room",))
    microgrid_ties: Holding = Holding(("municipality",))
    inlet_valves: Holding = Holding(("water_control_room",))
    trunk_valves: Holding = Holding(("water_control_room",))
    wells: Holding = Holding(("municipality",))
    road_closures: Holding = Holding(("traffic_control_room",))
    units: Holding = Holding(("power_control_room",))
    pumps: Holding = Holding(("water_control_room",))
    signals: Holding = Holding(("traffic_control_room",))  # adaptive ones, which hang on a centre
    detectors: Holding = Holding(("traffic_control_room",))  # whose reports adaptive signals follow
    automated_cars: Holding = Holding(("vehicle_cloud",))  # of all districts; exist with automated cars
    municipal_vendors: int = 1  # makers of the municipalities' systems: one maker's rooms fall together
    power_record: Holding = Holding(("power_control_room",))  # who publishes a district's figures
    water_record: Holding = Holding(("water_control_room",))
    roads_record: Holding = Holding(("traffic_control_room",))
    home_devices: Holding = Holding(("device_cloud",))  # chargers, heat pumps, inverters on one maker's cloud
    dosing: Holding = Holding(("water_control_room",))  # chemicals at the treatment works
    generators: Holding = Holding(("generation_company",))  # what the largest owner of units offers
    ledger: Holding = Holding(("record_platform",))  # takes in what meters report; exists with a log
    vote: Holding = Holding(("vote_platform",))  # counts; exists with a ballot
    recommender: Holding = Holding(("recommender_vendor",))  # proposes; exists with a recommender
    # valves and dosing that a leak finder's remote devices reach; exists with a leak finder
    leak_devices: Holding = Holding(("leak_detection_vendor",))
    # open a feeder's sections from afar; exist with remote switches
    section_switches: Holding = Holding(("power_control_room", "switching_platform"))
    max_reach_share: float = 1.0  # of a class's districts that one central operator may hold
    revocable_networks: tuple[str, ...] = ()  # whose captors the international monitor may turn out


@dataclass(frozen=True)
class Market:
    """Prices before the charges of policies."""

    power_fixed_jpy_per_month: float = 1200.0  # [A] standing charge of a home
    export_jpy_per_kwh: float = 16.0  # [M] mechanisms S3, feed-in
    water_jpy_per_m3: float = 187.0  # [A] set so that an ordinary bill is near 3,500 JPY a month
    bus_fare_jpy: float = 230.0  # [M] flat fare
    ride_start_jpy: float = 0.0  # of a shared ride, a person
    ride_jpy_per_km: float = 0.0
    max_supplier_share: float = 1.0  # of a good's orders that one supplier may fill
    p2p_rule: str = "none"  # none | mid_market | pay_as_clear: homes trade with homes of their district
    p2p_max_fee_frac: float = 1.0  # of the tariff, the most that the wires may take of a trade next door
    peak_price_ratio: float = 1.0  # price in peak hours over that in others, where meters read the hours


@dataclass(frozen=True)
class Allocation:
    """How a shortage is shared."""

    # relative value of serving critical, residential, commercial and bulk customers; the lifeline part of
    # a load comes before the rest
    shed_weight: tuple[float, ...] = (2.0, 1.0, 0.9, 0.6)  # [A]
    ballot: tuple[str, ...] = ()  # rules of rationing that citizens choose from; (): the operator decides
    recall: bool = False  # citizens may turn out whoever runs a network
    recommender: bool = False  # an AI proposes the rule to those who do not make up their own minds


@dataclass(frozen=True)
class Payoffs:
    """What abuse costs whoever commits it. An ordinary city has nobody from outside to look."""

    inspected_networks: tuple[str, ...] = ()  # by an international monitor
    inspections_per_month: float = 0.0
    independence: float = 0.0  # chance that an inspector writes down what was seen
    access_frac: float = 0.0  # chance that the host cannot turn an inspection away
    sanction: float = 0.0  # cost of a proven abuse to whoever committed it, in the bad actor's units
    enforcement: float = 0.0  # chance that a sanction is carried out

    def punish(self, network: str) -> bool:
        """Whether a proven abuse of *network* is sanctioned.

        Who sends inspectors punishes what they inspect and tampering with evidence; a law without inspectors
        punishes everything.
        """
        inspected = self.inspected_networks
        return self.sanction > 0.0 and (not inspected or network in (*inspected, "institutions"))


PAYERS = (
    "power_tariff",
    "water_tariff",
    "road_tax",
    "local_tax",
    "owners",
)  # owners: homes that buy it themselves


@dataclass(frozen=True, order=True)
class Charge:
    """What one piece of equipment or office costs, in JPY per unit of it.

    ``quantity`` names what it is multiplied with: a field of the installed equipment.
    """

    item: str  # counted once, whoever adopts it
    payer: str  # one of PAYERS
    quantity: str
    capital_jpy: float
    life_y: float
    running_jpy_per_y: float

    def __post_init__(self) -> None:
        if self.payer not in PAYERS:
            raise ValueError(f"{self.item!r}: payer {self.payer!r} is unknown; known: {', '.join(PAYERS)}")

    def yearly_jpy(self, interest: float) -> float:
        """Annuity of the capital plus running cost, per unit: C r(1+r)^n / ((1+r)^n - 1) + o [JPY/y].

        >>> round(Charge("x", "local_tax", "one", 1000.0, 10.0, 5.0).yearly_jpy(0.04), 1)
        128.3
        """
        growth = (1.0 + interest) ** self.life_y
        return self.capital_jpy * interest * growth / (growth - 1.0) + self.running_jpy_per_y


@dataclass(frozen=True)
class Charter:
    """What a policy may change, six kinds of things, and what it costs."""

    information: Information = field(default_factory=Information)
    stock: Stock = field(default_factory=Stock)
    control: Control = field(default_factory=Control)
    market: Market = field(default_factory=Market)
    allocation: Allocation = field(default_factory=Allocation)
    payoffs: Payoffs = field(default_factory=Payoffs)
    costs: tuple[Charge, ...] = ()

    def with_information(self, **values: Any) -> "Charter":
        """Information widened to at least *values*: two policies that want the same thing share it."""
        return replace(self, information=_widened(self.information, values))

    def with_stock(self, **amounts: float) -> "Charter":
        """Stock raised to at least *amounts*: two policies that want the same thing share it."""
        raised = {name: max(amount, getattr(self.stock, name)) for name, amount in amounts.items()}
        return replace(self, stock=replace(self.stock, **raised))

    def with_control(self, **holdings: Any) -> "Charter":
        return replace(self, control=replace(self.control, **holdings))

    def with_revocation(self, *networks: str) -> "Charter":
        """The international monitor may turn out captors of these *networks*, besides those it could."""
        return self.with_control(
            revocable_networks=tuple(sorted({*self.control.revocable_networks, *networks}))
        )

    def with_market(self, **values: Any) -> "Charter":
        return replace(self, market=replace(self.market, **values))

    def with_allocation(self, **values: Any) -> "Charter":
        return replace(self, allocation=replace(self.allocation, **values))

    def with_payoffs(self, **values: Any) -> "Charter":
        """Payoffs widened to at least *values*."""
        return replace(self, payoffs=_widened(self.payoffs, values))

    def charge(self, *charges: Charge) -> "Charter":
        """The bill grows by *charges*; an item that is there already is not counted again.

        Raises
        ------
        ValueError : an item is there already at another price
        """
        known = {charge.item: charge for charge in self.costs}
        for charge in charges:
            if known.setdefault(charge.item, charge) != charge:
                raise ValueError(f"{charge.item!r} is charged twice at different prices: give it one price")
        return replace(self, costs=tuple(sorted(known.values())))


def _widened(old: Any, values: Mapping[str, Any]) -> Any:
    """A copy with numbers raised to at least *values* and tuples joined, in alphabetical order."""
    wider = {}
    for name, value in values.items():
        have = getattr(old, name, value)  # an unknown name is refused below
        wider[name] = tuple(sorted({*have, *value})) if isinstance(value, tuple) else max(have, value)
    return replace(old, **wider)
