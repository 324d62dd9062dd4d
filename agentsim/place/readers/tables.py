"""Reading the tables of a place: a grid, its reliability, load shapes and climate normals, from csv files."""

import csv
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.place.cases import GridCase
from agentsim.place.parameters import PlaceParameters
from agentsim.place.spec import Spec

GJ_PER_MWH_OF_BTU_PER_KWH = 1.05505585262e-3  # international table Btu
NORMALS = ("mean_temperature_degc", "precipitation_mm", "sunshine_h")


def read_table(path: Path, text: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """The columns of a csv file as arrays of floats; columns named in *text* stay strings.

    Raises
    ------
    UnbuildablePlace : an empty table, a short row, an entry that is no number
    """
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        raise UnbuildablePlace(path, "the table is empty", "give a header line and at least one row")
    columns: dict[str, np.ndarray] = {}
    for name in rows[0]:
        entries = [row[name] for row in rows]
        if name in text:
            columns[name] = np.array(entries)
            continue
        try:
            columns[name] = np.array([float(entry) for entry in entries])
        except (TypeError, ValueError):
            line, entry = next((i, e) for i, e in enumerate(entries, start=2) if not _is_real(e))
            raise UnbuildablePlace(
                f"{path}:{line}", f"{name} = {entry!r} is no number", "correct it"
            ) from None
    return columns


def _is_real(entry: str | None) -> bool:
    try:
        float(entry)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def column(table: dict[str, np.ndarray], path: Path, name: str) -> np.ndarray:
    """Column *name* of a table; ``UnbuildablePlace`` when the file lacks it."""
    if name not in table:
        raise UnbuildablePlace(path, f"column {name!r} is missing", f"columns found: {', '.join(table)}")
    return table[name]


def read_grid(spec: Spec) -> GridCase:
    """The grid of the place as its files give it, before it is scaled to the city.

    A unit takes reliability, ramp, times and fuel from the class of its capacity. Costs follow from the price
    of the fuel and the heat rate: marginal cost rises by ``marginal_rise_frac`` from zero to full output,
    and units alike differ by ``merit_step_frac``, so that the merit order is strict.

    Raises
    ------
    UnbuildablePlace : a missing column, an unknown bus, class or fuel
    """
    bus, line = (
        read_table(spec.file("buses"), ("bus",)),
        read_table(spec.file("lines"), ("from_bus", "to_bus")),
    )
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
    tonnes = np.divide(heat, content, out=np.zeros_like(heat), where=content > 0)
    cost = np.column_stack([second, first, np.zeros_like(first)])
    return cost, tonnes, heat * np.array(p.fuel_co2_t_per_gj)[row]


def yearly_shape(
    weekly: np.ndarray,
    daily: np.ndarray,
    hourly: np.ndarray,
    p: PlaceParameters,
) -> np.ndarray:
    """Hourly load of a year from 1 January as a share of its peak, array (8760,).

    Week x day x hour as in RTS Task Force (1979): the week's peak as a share of the year's, the day's as a
    share of the week's, the hour's as a share of the day's. The weeks are rotated by ``peak_week_shift`` so
    that the year's peak falls where the place has it; days follow the calendar and hours the season.

    Parameters
    ----------
    weekly : (52,) weeks from January
    daily : (7,) from Monday
    hourly : (24, 6) winter, summer, spring and autumn; a weekday and a weekend column each
    """
    day = np.arange(365)
    week = np.minimum(day // 7, 51)
    weekday = (day + p.first_weekday) % 7
    season = np.full(52, 2)
    season[_weeks(p.winter_weeks)] = 0
    season[_weeks(p.summer_weeks)] = 1
    of_day = weekly[(week + p.peak_week_shift) % 52] * daily[weekday]
    of_hour = hourly[:, 2 * season[week] + (weekday >= 5)]  # (24, 365)
    load = (of_day[None, :] * of_hour).T.ravel()
    return load / load.max()


def _weeks(span: tuple[int, int]) -> np.ndarray:
    """Indices of the weeks from the first to the last of *span*, counted from 1, across the new year too."""
    first, last = span
    return (np.arange((last - first) % 52 + 1) + first - 1) % 52


def read_load_shape(spec: Spec) -> np.ndarray:
    """The place's yearly load shape (:func:`yearly_shape`) from its three tables."""
    weekly = read_table(spec.file("weekly"))
    daily = read_table(spec.file("daily"), ("day",))
    hourly = read_table(spec.file("hourly"))
    seasons = [f"{s}_{d}" for s in ("winter", "summer", "spring_autumn") for d in ("weekday", "weekend")]
    table = np.column_stack([column(hourly, spec.file("hourly"), name) for name in seasons])
    shapes = {
        "weekly": (52, len(weekly["week"])),
        "daily": (7, len(daily["day"])),
        "hourly": (24, len(table)),
    }
    for role, (wanted, found) in shapes.items():
        if wanted != found:
            raise UnbuildablePlace(spec.file(role), f"{found} rows", f"give {wanted}")
    return yearly_shape(
        column(weekly, spec.file("weekly"), "percent_of_annual_peak"),
        column(daily, spec.file("daily"), "percent_of_weekly_peak"),
        table,
        spec.parameters,
    )


def read_normals(spec: Spec) -> dict[str, np.ndarray]:
    """Monthly normals, arrays (12,): mean temperature [degC], precipitation [mm], sunshine [h]."""
    table = read_table(spec.file("normals"))
    normals = {name: column(table, spec.file("normals"), name) for name in NORMALS}
    if len(normals[NORMALS[0]]) != 12:
        raise UnbuildablePlace(spec.file("normals"), "not twelve rows", "give one row for each month")
    return normals
