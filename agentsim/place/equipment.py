"""What stands in the city: the charter's shares turned into installed assets of a place."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from agentsim.core.charter import Charge, Stock
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.place.cases import CRITICAL, GOODS, Place, RoadCase, Site, Stores
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
    storage_floor_frac: float = parameter(0.1, "1", "kept for emergencies", "A", 0, 1)
    microgrid_power_frac: float = parameter(
        1.5, "1", "inverter of a microgrid, times the district's critical load", "A", 0.1, 10
    )


TECHNOLOGIES = ("li_ion", "flow", "solid_state")


@dataclass(frozen=True)
class Equipment:
    """Installed assets; ``quantity`` is what charges are multiplied with."""

    stores: Stores  # (buses + districts,)
    well_m3_per_h: np.ndarray  # (districts,)
    well_tank_m3: np.ndarray  # (districts,)
    local_signal: np.ndarray  # bool (links,)
    quantity: dict[str, float]
    desalination_m3_per_h: float = 0.0
    sea_side: Site | None = None  # where the desalination plant stands
    adaptive_signal: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))  # (links,)
    substitute_t_per_d: np.ndarray = field(default_factory=lambda: np.zeros(len(GOODS)))  # (goods,)

    @cached_property
    def has_microgrid(self) -> np.ndarray:
        """Districts with a grid-forming store, bool (districts,)."""
        return self.stores.power_mw[-len(self.well_m3_per_h) :] > 0.0

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
    p = parameters or EquipmentParameters()
    feeders, districts = place.feeders, len(place.districts)
    peak_mw = feeders.peak_mw.sum()
    hours = np.array([getattr(stock, f"{name}_storage_h") for name in TECHNOLOGIES])
    energy_mwh = hours * peak_mw
    critical = feeders.tier == CRITICAL
    critical_mw = np.bincount(feeders.district[critical], feeders.peak_mw[critical], districts)
    stores = _stores(place, energy_mwh, stock.microgrid_h * critical_mw, critical_mw, p)
    demand = np.bincount(place.water.junction_district, place.water.junction_demand_m3_per_h, districts)
    well_m3_per_h = stock.well_demand_frac * demand
    well_tank_m3 = stock.well_tank_h * well_m3_per_h
    signals = len(place.roads.link_from)
    local_signal = np.arange(signals) < round(stock.local_signal_frac * signals)
    people = place.households * place.persons_per_household
    sea_side = next((site for site in place.sites if site.kind == "sea_side"), None)
    desalination_m3_per_h = stock.desalination_demand_frac * float(demand.sum()) if sea_side else 0.0
    adaptive_signal = _adaptive(place.roads, stock.adaptive_signal_frac)
    substitute_t_per_d = stock.substitute_frac * ordinary_t_per_d(place.supply)
    quantity = {
        "city": 1.0,
        "households": float(place.households),
        "districts": float(districts),
        **{f"{name}_kwh": float(energy_mwh[i] * KW_PER_MW) for i, name in enumerate(TECHNOLOGIES)},
        "microgrid_kwh": float(stock.microgrid_h * critical_mw.sum() * KW_PER_MW),
        "well_m3_per_d": float(well_m3_per_h.sum() * HOURS_PER_DAY),
        "well_tank_m3": float(well_tank_m3.sum()),
        "local_signals": float(local_signal.sum()),
        "extra_food_person_days": (stock.home_food_days - base.home_food_days) * people,
        "extra_home_water_l": (stock.home_water_l_per_person - base.home_water_l_per_person) * people,
        "bank_kwh": stock.energy_bank_kwh_per_household * place.households,
        "desalination_m3_per_d": desalination_m3_per_h * HOURS_PER_DAY,
        "adaptive_signals": float(adaptive_signal.sum()),
        **{f"substitute_{good}_t_per_d": float(substitute_t_per_d[i]) for i, good in enumerate(GOODS)},
    }
    return Equipment(
        stores,
        well_m3_per_h,
        well_tank_m3,
        local_signal,
        quantity,
        desalination_m3_per_h,
        sea_side,
        adaptive_signal,
        substitute_t_per_d,
    )


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
    """Grid storage at the buses in proportion to their load, then one store for each microgrid."""
    at_bus = np.bincount(place.feeders.bus, place.feeders.peak_mw, len(place.grid.bus_id))
    share = at_bus / at_bus.sum()
    total = energy_mwh.sum()
    mix = energy_mwh / total if total > 0 else np.array([1.0, 0.0, 0.0])
    efficiency = float(mix @ np.array(p.storage_efficiency))
    power_mw = float(energy_mwh @ np.array(p.storage_c_rate_per_h))
    microgrid_mw = np.where(microgrid_mwh > 0, p.microgrid_power_frac * critical_mw, 0.0)
    buses, districts = len(share), len(microgrid_mwh)
    return Stores(
        power_mw=np.concatenate([power_mw * share, microgrid_mw]),
        energy_mwh=np.concatenate([total * share, microgrid_mwh]),
        efficiency=np.concatenate([np.full(buses, efficiency), np.full(districts, p.storage_efficiency[0])]),
        floor_frac=np.concatenate([np.full(buses, p.storage_floor_frac), np.ones(districts)]),
    )
