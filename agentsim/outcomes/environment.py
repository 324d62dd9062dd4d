"""Outcomes of the environment: carbon dioxide in three parts that do not overlap.

* direct: burnt in the city, or by the generation that serves it (``co2_t``)
* embodied: from making what the policies installed, spread over its life (``co2_embodied_t``)
* exported: from winning and carrying the fuels that are burnt, outside the city (``co2_exported_t``)

Food, water chemicals, and what an ordinary city already has, are in none of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentsim.core.charter import Charge
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_YEAR, KG_PER_T
from agentsim.outcomes.record import Record, outcome

# 2.32 kg/L over 0.74 kg/L, Japan's Ministry of the Environment [M]; of diesel the same, 2.58 over 0.83 kg/L
PETROL_CO2_T_PER_T = 3.1


@dataclass(frozen=True)
class CarbonParameters:
    """Carbon dioxide outside the city: from making equipment, and from winning fuels."""

    pv_kg_per_kw: float = parameter(
        1500.0, "kg/kW", "home solar with inverter; near 45 g/kWh over 30 years at 1,100 kWh/kW", "M", 0, 1e5
    )
    li_ion_kg_per_kwh: float = parameter(
        100.0, "kg/kWh", "lithium-ion battery; 60 to 150 in life-cycle studies", "M", 0, 1e4
    )
    flow_kg_per_kwh: float = parameter(80.0, "kg/kWh", "vanadium flow battery", "A", 0, 1e4)
    solid_state_kg_per_kwh: float = parameter(120.0, "kg/kWh", "solid-state battery", "A", 0, 1e4)
    wind_kg_per_kw: float = parameter(
        700.0, "kg/kW", "turbine on land with tower; near 12 g/kWh over 25 years", "M", 0, 1e5
    )
    other_kg_per_jpy: float = parameter(
        0.0025,
        "kg/JPY",
        "all other equipment, by its price; capital goods in Japan's input-output tables, 2 to 3 t a million",
        "M",
        0,
        1,
    )
    upstream_power_frac: float = parameter(
        0.12, "1", "winning and carrying fuels of stations, over what they emit", "M", 0, 2
    )
    upstream_petrol_frac: float = parameter(
        0.2, "1", "winning, refining and carrying petrol, over what it emits", "M", 0, 2
    )


def embodied_kg_per_y(
    charges: Iterable[Charge],
    quantity: Mapping[str, float],
    unit_size: Mapping[str, float],
    parameters: CarbonParameters,
) -> float:
    """Carbon dioxide from making what *charges* are for, over its life [kg/y].

    Parameters
    ----------
    quantity : units of each kind of equipment that is installed
    unit_size : kW or kWh of one unit, where its factor is stated by these; 1 by default
    """
    p = parameters
    by_size = {
        "added_pv_homes": p.pv_kg_per_kw,
        "wind_kw": p.wind_kg_per_kw,
        "flow_kwh": p.flow_kg_per_kwh,
        "solid_state_kwh": p.solid_state_kg_per_kwh,
        **dict.fromkeys(
            ("added_battery_homes", "li_ion_kwh", "microgrid_kwh", "bank_kwh"), p.li_ion_kg_per_kwh
        ),
    }
    return sum(
        quantity[one.quantity]
        * by_size.get(one.quantity, p.other_kg_per_jpy * one.capital_jpy)
        * (unit_size.get(one.quantity, 1.0) if one.quantity in by_size else 1.0)
        / one.life_y
        for one in charges
    )


@outcome("t", "CO2", "CO2排出量")
def co2_t(record: Record) -> float:
    """Carbon dioxide from the generation that serves the city and from what its cars and buses burn.
    Emissions from making equipment (co2_embodied_t) and from winning fuels (co2_exported_t) are left out.
    What the city's own plants of fuel add or spare (see resource_co2_t) is counted.
    """
    burnt_t = record.total("power_co2_t") + PETROL_CO2_T_PER_T * record.total("road_fuel_t")
    return burnt_t + record.total("plants_co2_t")


@outcome("t", "CO2 from making equipment", "設備製造に伴うCO2排出量")
def co2_embodied_t(record: Record) -> float:
    """Carbon dioxide from making what the policies installed, spread evenly over its life; the part of the
    hours of the run. Panels, batteries and turbines count by size, everything else by its price. It is
    emitted where they are made, and is no part of co2_t.
    """
    return record.closing.embodied_kg_per_y / KG_PER_T * record.lived / HOURS_PER_YEAR


@outcome("t", "CO2 from winning fuels elsewhere", "燃料の採掘・輸送に伴う域外CO2排出量")
def co2_exported_t(record: Record) -> float:
    """Carbon dioxide from winning, refining and carrying the fuels that are burnt for the city, emitted
    outside it, as a share of what they emit when burnt. It is no part of co2_t.
    """
    closing, petrol_t = record.closing, PETROL_CO2_T_PER_T * record.total("road_fuel_t")
    return closing.upstream_power_frac * record.total("power_co2_t") + closing.upstream_petrol_frac * petrol_t
