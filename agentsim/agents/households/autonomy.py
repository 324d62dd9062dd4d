"""Autonomy: how long stocks and local supply last in each district when all networks are cut (S14)."""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KG_PER_T, KW_PER_MW, LITRES_PER_M3
from agentsim.place.cases import FOOD
from agentsim.place.equipment import Equipment

Balance = tuple[np.ndarray, np.ndarray, np.ndarray]  # stock, need an hour, supply an hour; (districts,)


@dataclass(frozen=True)
class AutonomyParameters:
    """Sun and the longest duration that are counted."""

    mean_sun_frac: float = parameter(
        0.15, "1", "output of a panel over day and night, share of its rating", "A", 0, 1
    )
    longest_h: float = parameter(8760.0, "h", "entered where local supply covers the need", "A", 1, 1_000_000)


def autonomy_h(
    people: Population, equipment: Equipment, parameters: AutonomyParameters | None = None
) -> np.ndarray:
    """Hours that power, water and food last, tau = stock / (need - local supply)+, array (3, districts) [h].

    Stock: home batteries, the energy bank and the microgrid's store; bottles at home and the wells' tanks;
    food at home. Local supply: roofs with a battery; wells; food grown in the city, shared by people.
    """
    p = parameters or AutonomyParameters()
    rows = (_power(people, equipment, p), _water(people, equipment), _food(people, equipment))
    stock, need, local = (np.array([row[i] for row in rows]) for i in range(3))
    short = np.maximum(need - local, 0.0)
    tau = np.divide(stock, short, out=np.full(stock.shape, p.longest_h), where=short > 0)
    return np.minimum(tau, p.longest_h)


def shortest_h(tau_h: np.ndarray) -> float:
    """Mean over districts of the shortest of the three durations of :func:`autonomy_h` [h]."""
    return float(tau_h.min(axis=0).mean())


def _power(people: Population, equipment: Equipment, parameters: AutonomyParameters) -> Balance:
    p, homes, power, count = people.parameters, people.homes, people.power, len(equipment.well_m3_per_h)
    microgrid_kwh = equipment.stores.energy_mwh[-count:] * KW_PER_MW
    stock = homes.by_district(power.soc_kwh + power.bank_kwh) + microgrid_kwh
    need = homes.by_district(p.need_power_kw * homes.size_frac)
    # without a battery an inverter stops with the grid
    sunny_kw = homes.by_district(power.pv_kw * (power.battery_kwh > 0)) * p.pv_performance
    return stock, need, sunny_kw * parameters.mean_sun_frac


def _water(people: Population, equipment: Equipment) -> Balance:
    p, homes = people.parameters, people.homes
    stock = homes.by_district(people.larder.home_water_l) + equipment.well_tank_m3 * LITRES_PER_M3
    need = homes.by_district(homes.persons * p.need_water_l_per_person_day / HOURS_PER_DAY)
    return stock, need, equipment.well_m3_per_h * LITRES_PER_M3


def _food(people: Population, equipment: Equipment) -> Balance:
    p, homes = people.parameters, people.homes
    need = homes.by_district(homes.persons * p.food_kg_per_person_day / HOURS_PER_DAY)
    stock = homes.by_district(people.larder.food_days * homes.persons * p.food_kg_per_person_day)
    grown = equipment.substitute_t_per_d[FOOD] * KG_PER_T / HOURS_PER_DAY
    return stock, need, grown * need / max(float(need.sum()), 1e-12)
