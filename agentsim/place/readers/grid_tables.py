"""Reads the tables of a place's grid: buses, lines, generating units and their classes, from csv files."""

from pathlib import Path

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.shares import share
from agentsim.place.cases import GridCase
from agentsim.place.readers.csv_columns import column, read_table
from agentsim.place.spec import Spec

GJ_PER_MWH_OF_BTU_PER_KWH = 1.05505585262e-3  # international table Btu


def read_grid(spec: Spec) -> GridCase:
    """The grid of the place as its files give it, before it is scaled to the city.

    A unit takes reliability, ramp, times and fuel from the class of its capacity. Costs follow from the price
    of the fuel and the heat rate: marginal cost rises by ``marginal_rise_frac`` from zero to full output,
    and units alike differ by ``merit_step_frac``, so that the merit order is strict.

    Raises
    ------
    UnbuildablePlace : a missing column, an unknown bus, class or fuel
    """
    bus = read_table(spec.file("buses"), ("bus",))
    line = read_table(spec.file("lines"), ("from_bus", "to_bus"))
    unit = read_table(spec.file("units"), ("bus",))
    number = {name: i for i, name in enumerate(column(bus, spec.file("buses"), "bus").tolist())}
    if (column(line, spec.file("lines"), "x_pu") <= 0).any():
        raise UnbuildablePlace(spec.file("lines"), "a line has x_pu of 0 or less", "merge its two buses")
    index = _class_of_unit(spec, unit)
    kind = read_table(spec.file("unit_classes"), ("fuel",))
    of_unit = {name: values[index] for name, values in kind.items()}
    capacity = unit["capacity_mw"]
    slow = capacity >= spec.parameters.slow_unit_mw
    cost, tonnes, co2 = _fuel_columns(spec, of_unit, capacity)
    return GridCase(
        base_mva=spec.parameters.base_mva,
        bus_id=tuple(number),
        bus_load_mw=column(bus, spec.file("buses"), "load_mw"),
        bus_shunt_mw=column(bus, spec.file("buses"), "shunt_mw"),
        line_from=_numbers(spec.file("lines"), column(line, spec.file("lines"), "from_bus"), number),
        line_to=_numbers(spec.file("lines"), column(line, spec.file("lines"), "to_bus"), number),
        line_r_pu=column(line, spec.file("lines"), "r_pu"),
        line_x_pu=column(line, spec.file("lines"), "x_pu"),
        line_tap=column(line, spec.file("lines"), "tap"),
        line_shift_deg=np.zeros(len(line["from_bus"])),
        line_limit_mw=column(line, spec.file("lines"), "limit_mw"),
        unit_bus=_numbers(spec.file("units"), unit["bus"], number),
        unit_max_mw=capacity,
        # a quick unit starts and stops within the hour: its mean over an hour has no least value
        unit_min_mw=np.where(slow, unit["least_mw"], 0.0),
        unit_cost=cost,
        line_failures_per_year=column(line, spec.file("lines"), "permanent_outages_per_year"),
        line_repair_h=column(line, spec.file("lines"), "outage_duration_h"),
        unit_fuel=tuple(of_unit["fuel"].tolist()),
        unit_mttf_h=of_unit["mttf_h"],
        unit_mttr_h=of_unit["mttr_h"],
        unit_ramp_mw_per_min=of_unit["ramp_mw_per_min"],
        unit_min_up_h=of_unit["minimum_up_h"],
        unit_min_down_h=of_unit["minimum_down_h"],
        unit_slow=slow,
        unit_fuel_t_per_mwh=tonnes,
        unit_co2_t_per_mwh=co2,
    )


def _numbers(path: Path, names: np.ndarray, number: dict[str, int]) -> np.ndarray:
    for line, name in enumerate(names.tolist(), start=2):
        if name not in number:
            raise UnbuildablePlace(
                f"{path}:{line}", f"bus {name!r} is unknown", "add it to the table of buses"
            )
    return np.array([number[name] for name in names.tolist()], dtype=np.int64)


def _class_of_unit(spec: Spec, unit: dict[str, np.ndarray]) -> np.ndarray:
    """Row of the class table for each unit, by capacity."""
    classes = read_table(spec.file("unit_classes"), ("fuel",))
    rows = {
        capacity: i
        for i, capacity in enumerate(column(classes, spec.file("unit_classes"), "capacity_mw").tolist())
    }
    for line, capacity in enumerate(column(unit, spec.file("units"), "capacity_mw").tolist(), start=2):
        if capacity not in rows:
            raise UnbuildablePlace(
                f"{spec.file('units')}:{line}",
                f"no class of {capacity:g} MW",
                "add it to the table of unit classes",
            )
    return np.array([rows[capacity] for capacity in unit["capacity_mw"].tolist()])


def _fuel_columns(
    spec: Spec, of_unit: dict[str, np.ndarray], capacity_mw: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cost (c2, c1, c0), tonnes of fuel and of CO2 per MWh of each unit."""
    p = spec.parameters
    fuels = of_unit["fuel"].tolist()
    for fuel in fuels:
        if fuel not in p.fuel_name:
            raise UnbuildablePlace(
                spec.file("unit_classes"), f"fuel {fuel!r} is unknown", f"use one of {', '.join(p.fuel_name)}"
            )
    row = np.array([p.fuel_name.index(fuel) for fuel in fuels])
    heat = column(of_unit, spec.file("unit_classes"), "heat_rate_btu_per_kwh") * GJ_PER_MWH_OF_BTU_PER_KWH
    price = np.array(p.fuel_price_jpy_per_gj)[row]
    first = np.maximum(heat * price, p.fuel_cost_floor_jpy_per_mwh)
    alike = [fuels[:i].count(fuel) for i, fuel in enumerate(fuels)]
    first = first * (1.0 + p.merit_step_frac * np.array(alike))
    second = p.marginal_rise_frac * first / (2.0 * capacity_mw)
    content = np.array(p.fuel_gj_per_t)[row]
    tonnes = share(heat, content)
    cost = np.column_stack([second, first, np.zeros_like(first)])
    return cost, tonnes, heat * np.array(p.fuel_co2_t_per_gj)[row]
