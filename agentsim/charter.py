"""The charter: the rules and the equipment of a society, frozen.

A policy is a function from charter to charter. It may write to the fields below and to nothing else,
so a benefit can only emerge. The charter holds rules and shares, never instances: with the place at
hand they become equipment, a control graph and tariffs.
"""

from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Information:
    """What can be known."""

    forecast_skill: float = 0.0  # share of the forecast error that is taken away


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
    substitute_frac: float = 0.0  # biofuel, recycled metal, food grown in the city; share of ordinary demand


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
    municipal_vendors: int = 1  # makers of the municipalities' systems: one maker's rooms fall together


@dataclass(frozen=True)
class Market:
    """Prices before the charges of policies."""

    power_fixed_jpy_per_month: float = 1200.0  # [A] standing charge of a home
    power_margin_jpy_per_kwh: float = 16.0  # [A] wires, retail and levies on top of generation
    export_jpy_per_kwh: float = 16.0  # [M] mechanisms S3, feed-in
    water_jpy_per_m3: float = 187.0  # [A] set so that an ordinary bill is near 3,500 JPY a month
    bus_fare_jpy: float = 230.0  # [M] flat fare
    max_supplier_share: float = 1.0  # of a good's orders that one supplier may fill


@dataclass(frozen=True)
class Allocation:
    """How a shortage is shared."""

    # relative value of serving critical, residential, commercial and bulk customers; the lifeline part of
    # a load comes before the rest
    shed_weight: tuple[float, ...] = (2.0, 1.0, 0.9, 0.6)  # [A]


PAYERS = ("power_tariff", "water_tariff", "road_tax", "local_tax")


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
    """What a policy may change, five kinds of things, and what it costs."""

    information: Information = field(default_factory=Information)
    stock: Stock = field(default_factory=Stock)
    control: Control = field(default_factory=Control)
    market: Market = field(default_factory=Market)
    allocation: Allocation = field(default_factory=Allocation)
    costs: tuple[Charge, ...] = ()

    def with_information(self, **values: Any) -> "Charter":
        return replace(self, information=replace(self.information, **values))

    def with_stock(self, **amounts: float) -> "Charter":
        """Stock raised to at least *amounts*: two policies that want the same thing share it."""
        raised = {name: max(amount, getattr(self.stock, name)) for name, amount in amounts.items()}
        return replace(self, stock=replace(self.stock, **raised))

    def with_control(self, **holdings: Any) -> "Charter":
        return replace(self, control=replace(self.control, **holdings))

    def with_market(self, **values: Any) -> "Charter":
        return replace(self, market=replace(self.market, **values))

    def with_allocation(self, **values: Any) -> "Charter":
        return replace(self, allocation=replace(self.allocation, **values))

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
