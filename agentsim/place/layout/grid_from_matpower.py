"""A MATPOWER case as a city's grid: fuels, outage rates, ramps and costs that such a file lacks.

They come from classes of units (the IEEE RTS-79's), matched by rank, so that they fit a grid of any size.
"""

from dataclasses import replace

import numpy as np

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.numerics.graphs import islands
from agentsim.core.numerics.shares import share
from agentsim.place.cases import GridCase
from agentsim.place.layout.branch_capacity import list_serves
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.csv_columns import read_table
from agentsim.place.readers.matpower import bus_lines, read_matpower
from agentsim.place.spec import Spec

# What MATPOWER's genfuel calls them (caseformat of MATPOWER 7).
FUEL_WORDS = {"ng": "gas", "natgas": "gas", "lng": "gas", "dfo": "oil", "rfo": "oil", "hydropower": "hydro"}
FUEL_WORDS |= {"nuc": "nuclear", "uranium": "nuclear", "lignite": "coal", "wnd": "wind", "pv": "solar"}


def read_matpower_city(spec: Spec, p: PlaceParameters) -> tuple[GridCase, PlaceParameters]:
    """The grid before it is scaled, and the numbers with costs, fuels and starts of units derived.

    Loads below 0 become 0; units that can give nothing (condensers) are left out; DC lines become branches
    of their rating; costs of several slopes become quadratics.

    Raises
    ------
    UnbuildablePlace : the case cannot be read, has no load or too few MW, or has a loaded bus that no
        unit reaches
    """
    path = spec.file("grid")
    case = read_matpower(path)
    case = _with_branches_for_dc(replace(case, bus_load_mw=np.maximum(case.bus_load_mw, 0.0)))
    case = replace(case, unit_slopes=None)  # the quadratics through them
    _check(spec, case)
    classes = read_table(spec.file("unit_classes"), ("fuel",))
    alike = len(np.unique(np.round(_full_cost(case), 6))) <= 1
    costs = p.unit_costs or ("fuel" if alike or (case.unit_cost[:, 1:] <= 0).all() else "file")
    if costs not in ("file", "fuel"):
        raise UnbuildablePlace(spec.folder / "place.toml", f"unit_costs {costs!r}", "use 'file' or 'fuel'")
    fuels = p.unit_fuels or _fuels(spec, case, classes, costs == "file", p)
    if len(fuels) != len(case.unit_bus):
        raise UnbuildablePlace(
            path, f"{len(fuels)} unit_fuels for {len(case.unit_bus)} units", "one for each"
        )
    for fuel in fuels:
        if fuel not in p.fuel_name:
            raise UnbuildablePlace(path, f"fuel {fuel!r} is unknown", f"use one of {', '.join(p.fuel_name)}")
    grid = _completed(case, classes, fuels, costs, p)
    starts = p.unit_starts or ("ahead" if list_serves(grid, p.branch_use_frac) else "at_once")
    if starts not in ("ahead", "at_once"):
        where = spec.folder / "place.toml"
        raise UnbuildablePlace(where, f"unit_starts {starts!r} is unknown", "use 'ahead' or 'at_once'")
    if starts == "at_once":
        none = np.zeros(len(grid.unit_bus), dtype=bool)
        grid = replace(grid, unit_slow=none, unit_min_mw=np.zeros(len(none)))
    return grid, replace(p, unit_costs=costs, unit_fuels=tuple(fuels), unit_starts=starts)


def _with_branches_for_dc(case: GridCase) -> GridCase:
    """The grid with a branch in place of each DC line, of its rating and an ordinary reactance."""
    if case.dc_from is None or case.dc_to is None or case.dc_min_mw is None or case.dc_max_mw is None:
        return case
    more = len(case.dc_from)
    usual = float(np.median(np.abs(case.line_x_pu))) if len(case.line_x_pu) else 0.1
    rating = np.maximum(np.abs(case.dc_min_mw), np.abs(case.dc_max_mw))
    return replace(
        case,
        line_from=np.append(case.line_from, case.dc_from),
        line_to=np.append(case.line_to, case.dc_to),
        line_r_pu=np.append(case.line_r_pu, np.zeros(more)),
        line_x_pu=np.append(case.line_x_pu, np.full(more, usual)),
        line_tap=np.append(case.line_tap, np.ones(more)),
        line_shift_deg=np.append(case.line_shift_deg, np.zeros(more)),
        line_limit_mw=np.append(case.line_limit_mw, rating),
        dc_from=None,
        dc_to=None,
        dc_min_mw=None,
        dc_max_mw=None,
    )


def useful_units(case: GridCase) -> np.ndarray:
    """Units that can give something, indices."""
    return np.flatnonzero(case.unit_max_mw > 0)


def _check(spec: Spec, case: GridCase) -> None:
    path, load, most = spec.file("grid"), float(case.bus_load_mw.sum()), float(case.unit_max_mw.sum())
    if load <= 0:
        raise UnbuildablePlace(path, "no bus has a load", "give Pd in mpc.bus: a city is fed by it")
    if most <= 0:
        raise UnbuildablePlace(path, "no generation in service", "give units with Pmax above 0 in mpc.gen")
    if most < load:
        rule = f"units of {most:g} MW cannot carry a load of {load:g} MW"
        raise UnbuildablePlace(path, rule, "add units: the load in mpc.bus is taken as the year's peak")
    part = islands(len(case.bus_id), case.line_from, case.line_to)
    fed = np.unique(part[case.unit_bus[case.unit_max_mw > 0]])
    dark = np.flatnonzero(~np.isin(part, fed) & (case.bus_load_mw > 0))
    if len(dark):
        bus = case.bus_id[dark[0]]
        where = f"{path}:{bus_lines(path)[bus]}"
        rule = f"bus {bus} has a load, and no branch in service joins it to a unit"
        raise UnbuildablePlace(where, rule, "join it, or give it type 4 (isolated)")


def _full_cost(case: GridCase) -> np.ndarray:
    """Average cost at full output, array (units,)."""
    full = np.maximum(case.unit_max_mw, 1e-9)
    return case.unit_cost[:, 0] * full + case.unit_cost[:, 1] + case.unit_cost[:, 2] / full


def _order_of_merit(case: GridCase) -> np.ndarray:
    """Units that give something, the cheapest at full output first; the larger first of equals."""
    units = useful_units(case)
    return units[np.lexsort((units, -case.unit_max_mw[units], np.round(_full_cost(case)[units], 6)))]


def _by_size(case: GridCase) -> np.ndarray:
    """Units that give something, the largest first."""
    units = useful_units(case)
    return units[np.argsort(-case.unit_max_mw[units], kind="stable")]


def _rank(case: GridCase, order: np.ndarray) -> np.ndarray:
    """Share of capacity that stands before the middle of each unit in *order*, array (units,)."""
    size = case.unit_max_mw[order]
    rank = np.zeros(len(case.unit_max_mw))
    rank[order] = (np.cumsum(size) - 0.5 * size) / size.sum()
    return rank


def _class_shares(classes: dict[str, np.ndarray], order: np.ndarray) -> np.ndarray:
    """Share of capacity up to the end of each class in *order*, array (classes,)."""
    capacity = (classes["capacity_mw"] * classes["number"])[order]
    return np.cumsum(capacity) / capacity.sum()


def _fuels(
    spec: Spec, case: GridCase, classes: dict[str, np.ndarray], by_cost: bool, p: PlaceParameters
) -> tuple[str, ...]:
    """Fuel of each unit: the file's; else that of the class of the same rank by cost, or by size."""
    if case.unit_fuel:
        return tuple(FUEL_WORDS.get(word.lower(), word.lower()) for word in case.unit_fuel)
    name = list(p.fuel_name)
    for fuel in classes["fuel"].tolist():
        if fuel not in name:
            raise UnbuildablePlace(
                spec.file("unit_classes"), f"fuel {fuel!r} is unknown", f"use one of {', '.join(name)}"
            )
    row = np.array([name.index(fuel) for fuel in classes["fuel"].tolist()])
    heat = np.array(p.fuel_heat_gj_per_mwh)[row] * np.array(p.fuel_price_jpy_per_gj)[row]
    large = -classes["capacity_mw"]
    kinds = np.lexsort((large, heat if by_cost else large))
    order = _order_of_merit(case) if by_cost else _by_size(case)
    at = np.searchsorted(_class_shares(classes, kinds), _rank(case, order))
    kind = kinds[np.minimum(at, len(kinds) - 1)]
    return tuple(classes["fuel"][kind].tolist())


def _completed(
    case: GridCase, classes: dict[str, np.ndarray], fuels: tuple[str, ...], costs: str, p: PlaceParameters
) -> GridCase:
    """Reliability, ramps and times by the class of the same rank of size; fuel and CO2 by fuel."""
    units = useful_units(case)
    large = np.argsort(-classes["capacity_mw"], kind="stable")
    at = np.searchsorted(_class_shares(classes, large), _rank(case, _by_size(case))[units])
    kind = large[np.minimum(at, len(large) - 1)]
    size, own = case.unit_max_mw[units], classes["capacity_mw"][kind]
    slow = own >= p.slow_unit_mw
    row = np.array([p.fuel_name.index(fuels[unit]) for unit in units])
    heat = np.array(p.fuel_heat_gj_per_mwh)[row]
    content = np.array(p.fuel_gj_per_t)[row]
    transformer = case.line_tap != 1.0
    least = np.clip(case.unit_min_mw[units], 0.0, size)
    return replace(
        case,
        unit_bus=case.unit_bus[units],
        unit_max_mw=size,
        unit_min_mw=np.where(slow, least, 0.0),
        unit_cost=_costs(case, units, fuels, costs, heat * np.array(p.fuel_price_jpy_per_gj)[row], p),
        line_failures_per_year=np.where(
            transformer, p.transformer_failures_per_year, p.line_failures_per_year
        ),
        line_repair_h=np.where(transformer, p.transformer_repair_h, p.line_repair_h),
        unit_fuel=tuple(fuels[unit] for unit in units),
        unit_mttf_h=classes["mttf_h"][kind],
        unit_mttr_h=classes["mttr_h"][kind],
        unit_ramp_mw_per_min=classes["ramp_mw_per_min"][kind] * size / own,
        unit_min_up_h=classes["minimum_up_h"][kind],
        unit_min_down_h=classes["minimum_down_h"][kind],
        unit_slow=slow,
        unit_fuel_t_per_mwh=share(heat, content),
        unit_co2_t_per_mwh=heat * np.array(p.fuel_co2_t_per_gj)[row],
    )


def _costs(
    case: GridCase,
    units: np.ndarray,
    fuels: tuple[str, ...],
    costs: str,
    fuel_jpy_per_mwh: np.ndarray,
    p: PlaceParameters,
) -> np.ndarray:
    """c2, c1, c0 in JPY, array (units, 3); units alike differ by ``merit_step_frac``."""
    if costs == "file":
        cost = case.unit_cost[units] * p.jpy_per_usd
    else:
        second = p.marginal_rise_frac * fuel_jpy_per_mwh / (2.0 * case.unit_max_mw[units])
        cost = np.column_stack([second, fuel_jpy_per_mwh, np.zeros(len(units))])
    first = np.maximum(cost[:, 1], p.fuel_cost_floor_jpy_per_mwh)
    same = np.round(first, 6).tolist()
    alike = np.array([same[:i].count(value) for i, value in enumerate(same)])
    return np.column_stack([cost[:, 0], first * (1.0 + p.merit_step_frac * alike), cost[:, 2]])
