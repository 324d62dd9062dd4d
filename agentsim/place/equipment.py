"""What is installed in a city: the charter's shares turned into assets of a place, one row for each kind.

A new kind of asset is a new row of ``ASSETS``, besides its share in the charter's ``Stock``: how large it is
in a place, which network owns it, and what its cost is multiplied with. ``equipment.NAME`` is its size.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from agentsim.core.charter import Charge, Stock
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.place.cases import CRITICAL, FUEL, GOODS, Feeders, Place, RoadCase, Site, Stores
from agentsim.place.layout.substitutes import ordinary_t_per_d


@dataclass(frozen=True)
class EquipmentParameters:
    """Physics of what may be installed (mechanisms S5, S6); the order is li-ion, flow, solid state."""

    storage_efficiency: tuple[float, ...] = parameter(
        (0.85, 0.70, 0.90), "1", "li-ion and vanadium flow [M], solid state [A]", "M", 0.3, 1
    )
    storage_c_rate_per_h: tuple[float, ...] = parameter(
        (0.4, 0.25, 1.0), "1/h", "li-ion NREL ATB 2024 [V], flow [M], solid state [A]", "M", 0.01, 10
    )
    storage_cycle_life: tuple[float, ...] = parameter(
        (5000.0, 12000.0, 3000.0), "cycles", "full cycles (mechanisms S5); solid state [A]", "M", 1
    )
    storage_calendar_life_y: tuple[float, ...] = parameter(
        (15.0, 20.0, 15.0), "y", "life on the calendar (mechanisms S5); solid state [A]", "M", 0.1, 100
    )
    storage_end_loss_frac: float = parameter(
        0.2, "1", "energy lost at the end of the shorter of both lives (mechanisms S5)", "M", 0, 1
    )
    storage_age_y: float = parameter(0.0, "y", "age of all stores in the first hour", "A", 0, 100)
    storage_floor_frac: float = parameter(0.1, "1", "kept for emergencies", "A", 0, 1)
    microgrid_power_frac: float = parameter(
        1.5, "1", "inverter of a microgrid, times the district's critical load", "A", 0.1, 10
    )


TECHNOLOGIES = ("li_ion", "flow", "solid_state")


@dataclass(frozen=True)
class Needs:
    """What a place needs: the amounts of which the charter's stock is a share."""

    place: Place
    ordinary: Stock  # what an ordinary city has, and does not pay for
    peak_mw: float  # the city's load
    district_mw: np.ndarray  # (districts,) peak load
    critical_mw: np.ndarray  # (districts,) load of critical customers
    water_m3_per_h: np.ndarray  # (districts,) mean demand
    firms_m3_per_h: np.ndarray  # (junctions,) mean demand of bulk users of water
    goods_t_per_d: np.ndarray  # (goods,) ordinary use
    people: float
    sea_side: Site | None  # where a desalination plant could stand

    @classmethod
    def of(cls, place: Place, ordinary: Stock) -> "Needs":
        """The needs of a place."""
        feeders, water, districts = place.feeders, place.water, len(place.districts)
        critical = feeders.tier == CRITICAL
        return cls(
            place=place,
            ordinary=ordinary,
            peak_mw=feeders.peak_mw.sum(),
            district_mw=np.bincount(feeders.district, feeders.peak_mw, districts),
            critical_mw=np.bincount(feeders.district[critical], feeders.peak_mw[critical], districts),
            water_m3_per_h=np.bincount(water.junction_district, water.junction_demand_m3_per_h, districts),
            firms_m3_per_h=water.junction_demand_m3_per_h * water.junction_bulk_frac,
            goods_t_per_d=ordinary_t_per_d(place.supply),
            people=place.households * place.persons_per_household,
            sea_side=next((site for site in place.sites if site.kind == "sea_side"), None),
        )


@dataclass(frozen=True)
class Asset:
    """One kind of asset: how much of it a stock installs in a place.

    ``charged`` names the quantity that costs are multiplied with: the sum of the size times ``per_unit``;
    empty where nothing is charged by this size.
    """

    name: str  # with its unit
    owner: str  # power | water | roads | supply | homes: whose equipment it is
    size: Callable[[Stock, Needs], Any]
    charged: str = ""
    per_unit: float = 1.0


def _grid_storage(technology: str) -> Asset:
    """Storage at the buses, in hours of the city's peak load."""
    return Asset(
        f"{technology}_mwh",
        "power",
        lambda stock, needs: getattr(stock, f"{technology}_storage_h") * needs.peak_mw,
        charged=f"{technology}_kwh",
        per_unit=KW_PER_MW,
    )


def _substitute(good: int, name: str) -> Asset:
    """What the city makes of one good itself."""
    return Asset(
        f"substitute_{name}_t_per_d",
        "supply",
        lambda stock, needs: float(stock.substitute_frac * needs.goods_t_per_d[good]),
        charged=f"substitute_{name}_t_per_d",
    )


def _oil_works(name: str) -> Asset:
    """Works that make what else is pumped abroad, by their share of the city's use of fuel."""
    return Asset(
        f"{name}_t_per_d",
        "supply",
        lambda stock, needs: float(getattr(stock, f"{name}_frac") * needs.goods_t_per_d[FUEL]),
        charged=f"{name}_t_per_d",
    )


ASSETS: tuple[Asset, ...] = (
    *(_grid_storage(technology) for technology in TECHNOLOGIES),
    Asset(
        "microgrid_mwh", "power", lambda stock, needs: stock.microgrid_h * needs.critical_mw
    ),  # (districts,)
    Asset(
        "microgrid_kwh",  # of all districts together
        "power",
        lambda stock, needs: stock.microgrid_h * needs.critical_mw.sum() * KW_PER_MW,
        charged="microgrid_kwh",
    ),
    Asset(
        "sectioned_feeder",  # bool (feeders,): with section switches and a tie
        "power",
        lambda stock, needs: _largest_feeders(needs.place.feeders, stock.sectioned_feeder_frac),
        charged="sectioned_feeders",
    ),
    Asset(
        "remote_feeder",  # bool (feeders,): whose switches are operated from afar
        "power",
        lambda stock, needs: _largest_feeders(
            needs.place.feeders, stock.sectioned_feeder_frac * stock.remote_switch_frac
        ),
        charged="remote_feeders",
    ),
    Asset(
        "wind_mw",  # (districts,) rated output of turbines, by load
        "power",
        lambda stock, needs: stock.district_wind_frac * needs.district_mw,
        charged="wind_kw",
        per_unit=KW_PER_MW,
    ),
    Asset(
        "well_m3_per_h",  # (districts,)
        "water",
        lambda stock, needs: stock.well_demand_frac * needs.water_m3_per_h,
        charged="well_m3_per_d",
        per_unit=HOURS_PER_DAY,
    ),
    Asset(
        "well_tank_m3",  # (districts,)
        "water",
        lambda stock, needs: stock.well_tank_h * (stock.well_demand_frac * needs.water_m3_per_h),
        charged="well_tank_m3",
    ),
    Asset(
        "desalination_m3_per_h",
        "water",
        lambda stock, needs: (
            stock.desalination_demand_frac * float(needs.water_m3_per_h.sum()) if needs.sea_side else 0.0
        ),
        charged="desalination_m3_per_d",
        per_unit=HOURS_PER_DAY,
    ),
    Asset(
        "smart_water_meters",
        "water",
        lambda stock, needs: stock.smart_water_meter_frac * needs.place.households,
        charged="smart_water_meters",
    ),
    Asset(
        "rain_tanks",
        "homes",
        lambda stock, needs: stock.rain_tank_household_frac * needs.place.households,
        charged="rain_tanks",
    ),
    Asset(
        "recharge_m3_per_h",
        "water",
        lambda stock, needs: stock.recharge_demand_frac * float(needs.water_m3_per_h.sum()),
        charged="recharge_m3_per_d",
        per_unit=HOURS_PER_DAY,
    ),
    Asset(
        "private_well_m3_per_h",  # (junctions,)
        "water",
        lambda stock, needs: stock.private_well_demand_frac * needs.firms_m3_per_h,
        charged="private_well_m3_per_d",
        per_unit=HOURS_PER_DAY,
    ),
    Asset(
        "renewed_mains_m_per_y",
        "water",
        lambda stock, needs: (
            stock.mains_renewal_frac_per_y * float(needs.place.water.junction_pipe_km.sum()) * 1000.0
        ),
        charged="renewed_mains_m_per_y",
    ),
    Asset(
        "leak_loggers",
        "water",
        lambda stock, needs: stock.leak_loggers_per_district * len(needs.place.districts),
        charged="leak_loggers",
    ),
    Asset(
        "local_signal",  # bool (links,): signals with logic and battery of their own
        "roads",
        lambda stock, needs: _first_links(needs.place.roads, stock.local_signal_frac),
        charged="local_signals",
    ),
    Asset(
        "adaptive_signal",  # bool (links,): signals whose green follows the traffic
        "roads",
        lambda stock, needs: _adaptive(needs.place.roads, stock.adaptive_signal_frac),
        charged="adaptive_signals",
    ),
    Asset(
        "pressure_signal",  # bool (links,): of the adaptive ones, those that follow the queues of the hour
        "roads",
        lambda stock, needs: _adaptive(needs.place.roads, stock.pressure_signal_frac),
    ),
    Asset(
        "ride_vehicles",  # for hire
        "roads",
        lambda stock, needs: stock.ride_vehicles_per_1000_people * needs.people / 1000.0,
        charged="ride_vehicles",
    ),
    # at most one car a home; counted once homes are drawn
    Asset(
        "added_electric_cars",
        "homes",
        lambda stock, needs: _added(stock, needs, "electric_car_frac"),
        charged="added_electric_cars",
    ),
    Asset(
        "automated_cars",
        "homes",
        lambda stock, needs: stock.automated_car_frac * needs.place.households,
        charged="automated_cars",
    ),
    Asset(
        "controlled_cars",
        "homes",
        lambda stock, needs: stock.controlled_charging_frac * _added(stock, needs, "electric_car_frac"),
        charged="controlled_cars",
    ),
    Asset("substitute_t_per_d", "supply", lambda stock, needs: stock.substitute_frac * needs.goods_t_per_d),
    *(_substitute(good, name) for good, name in enumerate(GOODS)),
    *(_oil_works(share) for share in ("synthetic_fuel", "bio_fuel", "enhanced_oil")),
    Asset(
        "captured_oil_t_per_d",  # of the enhanced oil, what captured carbon dioxide drives out
        "supply",
        lambda stock, needs: float(
            stock.recovery_captured_frac * stock.enhanced_oil_frac * needs.goods_t_per_d[FUEL]
        ),
        charged="captured_oil_t_per_d",
    ),
    Asset(
        "scrap_people",  # whose retired equipment is collected beyond what is collected anyway
        "supply",
        lambda stock, needs: _added_share(stock, needs, "scrap_collection_frac") * needs.people,
        charged="scrap_people",
    ),
    Asset(
        "exploration_targets_per_y",
        "supply",
        lambda stock, needs: float(stock.exploration_targets_per_y),
        charged="exploration_targets_per_y",
    ),
    Asset(
        "extra_food_person_days",
        "homes",
        lambda stock, needs: (stock.home_food_days - needs.ordinary.home_food_days) * needs.people,
        charged="extra_food_person_days",
    ),
    Asset(
        "extra_home_water_l",
        "homes",
        lambda stock, needs: (
            (stock.home_water_l_per_person - needs.ordinary.home_water_l_per_person) * needs.people
        ),
        charged="extra_home_water_l",
    ),
    Asset(
        "bank_kwh",
        "homes",
        lambda stock, needs: stock.energy_bank_kwh_per_household * needs.place.households,
        charged="bank_kwh",
    ),
    Asset(
        "controllable_homes",
        "homes",
        lambda stock, needs: stock.controllable_load_frac * needs.place.households,
        charged="controllable_homes",
    ),
    # what homes are expected to own beyond those of an ordinary city; counted once they are drawn
    Asset(
        "added_pv_homes",
        "homes",
        lambda stock, needs: _added(stock, needs, "rooftop_pv_household_frac"),
        charged="added_pv_homes",
    ),
    Asset(
        "added_battery_homes",
        "homes",
        lambda stock, needs: _added(stock, needs, "home_battery_household_frac"),
        charged="added_battery_homes",
    ),
)


@dataclass(frozen=True)
class Equipment:
    """Installed assets. ``size`` holds that of each row of ``ASSETS``, also as an attribute of its name;
    ``quantity`` is what charges are multiplied with."""

    size: Mapping[str, Any]
    quantity: Mapping[str, float]
    stores: Stores  # (buses + districts,) grid storage, then microgrids
    sea_side: Site | None  # where the desalination plant stands

    def __getattr__(self, name: str) -> Any:
        if name == "size" or name not in self.size:
            raise AttributeError(f"no equipment is called {name!r}; see ASSETS")
        return self.size[name]

    def of(self, owner: str) -> dict[str, Any]:
        """Sizes of the equipment of one network, or of ``homes``, by name."""
        return {asset.name: self.size[asset.name] for asset in ASSETS if asset.owner == owner}

    @cached_property
    def has_microgrid(self) -> np.ndarray:
        """Districts with a grid-forming store, bool (districts,)."""
        return self.stores.power_mw[-len(self.size["well_m3_per_h"]) :] > 0.0

    def with_quantity(self, counted: Mapping[str, float]) -> "Equipment":
        """The same with other amounts in the place of those that were expected."""
        return replace(self, quantity={**self.quantity, **counted})

    def yearly_jpy(self, charges: tuple[Charge, ...], interest: float) -> dict[str, float]:
        """Annuities and running costs of all *charges* by payer [JPY/y]."""
        total: dict[str, float] = {}
        for charge in charges:
            cost = charge.yearly_jpy(interest) * self.quantity[charge.quantity]
            total[charge.payer] = total.get(charge.payer, 0.0) + cost
        return total


def install(
    stock: Stock, base: Stock, place: Place, parameters: EquipmentParameters | None = None
) -> Equipment:
    """The equipment of *place* under *stock*; *base* is what an ordinary city has, and is not charged."""
    p, needs = parameters or EquipmentParameters(), Needs.of(place, base)
    size = {asset.name: asset.size(stock, needs) for asset in ASSETS}
    quantity = {
        "city": 1.0,
        "households": float(place.households),
        "districts": float(len(place.districts)),
        **{one.charged: float(np.sum(size[one.name]) * one.per_unit) for one in ASSETS if one.charged},
    }
    energy_mwh = np.array([size[f"{technology}_mwh"] for technology in TECHNOLOGIES])
    stores = _stores(place, energy_mwh, size["microgrid_mwh"], needs.critical_mw, p)
    return Equipment(size, quantity, stores, needs.sea_side)


def _added(stock: Stock, needs: Needs, share: str) -> float:
    """Homes that own what is a *share* of all homes in a stock, beyond the ordinary share."""
    return _added_share(stock, needs, share) * needs.place.households


def _added_share(stock: Stock, needs: Needs, share: str) -> float:
    """A *share* of the stock beyond that of an ordinary city."""
    return float(getattr(stock, share) - getattr(needs.ordinary, share))


def _largest_feeders(feeders: Feeders, share: float) -> np.ndarray:
    """A share of all feeders, those with the highest load, bool (feeders,)."""
    chosen = np.zeros(len(feeders), dtype=bool)
    chosen[np.argsort(-feeders.peak_mw, kind="stable")[: round(share * len(feeders))]] = True
    return chosen


def _first_links(roads: RoadCase, share: float) -> np.ndarray:
    """A share of all links, the first of them, bool (links,)."""
    links = len(roads.link_from)
    return np.arange(links) < round(share * links)


def _adaptive(roads: RoadCase, share: float) -> np.ndarray:
    """Approaches of the junctions with adaptive signals, bool (links,): those with most approaches first."""
    approaches = np.bincount(roads.link_to, minlength=roads.nodes)
    crossings = np.argsort(-approaches, kind="stable")[: int((approaches > 2).sum())]
    chosen = np.zeros(len(approaches), dtype=bool)
    chosen[crossings[: round(share * len(crossings))]] = True
    return chosen[roads.link_to]


def _stores(
    place: Place,
    energy_mwh: np.ndarray,
    microgrid_mwh: np.ndarray,
    critical_mw: np.ndarray,
    p: EquipmentParameters,
) -> Stores:
    """Grid storage at the buses in proportion to their load, each technology by itself, then one
    li-ion store for each microgrid. Without storage there is li-ion of zero size.
    """
    at_bus = np.bincount(place.feeders.bus, place.feeders.peak_mw, len(place.grid.bus_id))
    share, districts = at_bus / at_bus.sum(), len(microgrid_mwh)
    kinds = np.flatnonzero(energy_mwh) if energy_mwh.any() else np.array([0])
    kind = np.concatenate([np.repeat(kinds, len(share)), np.zeros(districts, dtype=int)])
    at_buses_mwh = (energy_mwh[kinds][:, None] * share).ravel()
    rate = np.array(p.storage_c_rate_per_h)[kind[: len(at_buses_mwh)]]
    microgrid_mw = np.where(microgrid_mwh > 0, p.microgrid_power_frac * critical_mw, 0.0)
    floor_frac = np.full(len(at_buses_mwh), p.storage_floor_frac)
    return Stores(
        power_mw=np.concatenate([rate * at_buses_mwh, microgrid_mw]),
        energy_mwh=np.concatenate([at_buses_mwh, microgrid_mwh]),
        efficiency=np.array(p.storage_efficiency)[kind],
        floor_frac=np.concatenate([floor_frac, np.ones(districts)]),
        cycle_life=np.array(p.storage_cycle_life)[kind],
        calendar_life_y=np.array(p.storage_calendar_life_y)[kind],
        end_loss_frac=p.storage_end_loss_frac,
        age_y=p.storage_age_y,
    )
