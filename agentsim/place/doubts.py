"""Doubts: what of a place that was built speaks against living in it, each with what to do."""

import numpy as np

from agentsim.place.build import Built
from agentsim.place.doubt_limits import DoubtLimits
from agentsim.place.layout.hydraulic_survey import pressure_in_m
from agentsim.place.layout.roads import mean_vc
from agentsim.place.readers.district_file import DistrictTable

NO_PRESSURE_M = 1e4  # further below 0 than any pipe lies deep: what a solver gives where there is no solution


def doubts(built: Built) -> list[str]:
    """Reasons why this place may not work as an ordinary city does; empty when there are none."""
    place, p, limits, said = built.place, built.resolved.parameters, built.given.doubt_limits, []
    said += _of_pressure(built)
    grid = place.grid
    spare = float(grid.unit_max_mw.sum() - grid.unit_max_mw.max()) - float(grid.bus_load_mw.sum())
    if spare < 0:
        said.append(
            f"without its largest unit ({grid.unit_max_mw.max():.3g} MW) the grid cannot carry its peak: an "
            f"outage of it sheds up to {-spare:.3g} MW; add units, or lower numbers.peak_mw"
        )
    if p.unit_starts == "at_once":
        said.append(
            "branch ratings are tight: the wires decide which units run, and outages of lines may shed load "
            "more often than in the RTS-79"
        )
    if len(place.zone_x_km) > limits.many_zones:
        said.append(f"{len(place.zone_x_km)} zones: an hour of traffic takes tens of milliseconds or more")
    vc = mean_vc(place.roads)
    if vc > 1.0:
        said.append(f"mean v/c of {vc:.2f} at the peak: queues will grow; lower peak_trips_veh_per_h")
    if p.street_lanes is not None and max(p.street_lanes) > limits.many_lanes:
        said.append(
            f"a street needs {max(p.street_lanes)} lanes one way to carry the peak: the city is large for "
            "its map; give its roads with --roads, or check base demands and flow units"
        )
    return said + _of_people(built)


def _of_pressure(built: Built) -> list[str]:
    """Pressures with which no waterworks runs, as they came out of EPANET."""
    low, high, limits = built.lowest_pressure_m, built.median_pressure_m, built.given.doubt_limits
    if low < -NO_PRESSURE_M:
        return [
            f"EPANET finds no pressures on the file's own controls: one tap in twenty has {_metres(low)} m "
            "or less; junctions with customers are cut off from every source, or closed links leave no way; "
            "run the file in EPANET and mend what it warns of there"
        ]
    if low < limits.least_pressure_m:
        return [
            f"one tap in twenty has {_metres(low)} m of pressure or less on the file's own controls: water "
            "service will be poor; check the file's elevations, pumps and units"
        ]
    said = _short_at_peak(built)
    if high > limits.most_pressure_m:
        said.append(
            f"half of the taps have {_metres(high)} m of pressure or more: mains and taps would burst; check "
            "elevations, heads of reservoirs, pump curves and units"
        )
    return said


def _metres(pressure_m: float) -> str:
    """A pressure as it is, however large."""
    return f"{pressure_m:.0f}" if abs(pressure_m) < 1e4 else f"{pressure_m:.3g}"


def _of_people(built: Built) -> list[str]:
    """Numbers of households and incomes that look like a slip: a sum, thousands, a year."""
    table, p, limits = built.land.table, built.resolved.parameters, built.given.doubt_limits
    said: list[str] = []
    households = built.place.households
    if households < limits.few_households:
        said.append(
            f"the city has {households:,} households: too few for shares of people to mean much; check the "
            "demands and units of the water file, or whether the households are counted in thousands"
        )
    if table is None:
        return said
    counts = np.zeros(0) if table.households is None else table.households
    for row in np.flatnonzero(
        np.isclose(2 * counts, counts.sum(), rtol=limits.same_sum_frac) & (len(counts) > 2)
    ):
        said.append(
            f"{table.path.name}:{table.line[row]}: {table.name[row]} has as many households as all other "
            "districts together; if it is a row of sums, leave it out"
        )
    if table.median_income_jpy is not None:
        ratio = table.median_income_jpy / p.median_income_jpy_per_month
        said += _of_incomes(table, ratio, built.given.doubt_limits)
    return said


def _of_incomes(table: DistrictTable, ratio: np.ndarray, limits: DoubtLimits) -> list[str]:
    """Median incomes far from the country's, whose multiples are *ratio*, array (districts,)."""
    said = []
    for wrong, slip in (
        (ratio > limits.high_income_factor, "is it a year's income? Divide it by 12"),
        (ratio < limits.low_income_factor, "is it in thousands, or ten thousands, of yen? Write it in yen"),
    ):
        if wrong.any():
            row = int(wrong.argmax())
            more = f" (likewise {int(wrong.sum()) - 1} more)" if wrong.sum() > 1 else ""
            said.append(
                f"{table.path.name}:{table.line[row]}: the median income of {table.name[row]}{more} is "
                f"{ratio[row]:.2g} times the country's income of a month; {slip}"
            )
    return said


def _short_at_peak(built: Built) -> list[str]:
    """The doubt that the pipes carry the mean demand, but not that of the city's busiest hour."""
    network, customers, limits = built.network, built.land.customers, built.given.doubt_limits
    demand = limits.home_peak_factor * customers.domestic_m3_per_h + customers.bulk_m3_per_h
    taps = np.flatnonzero(demand > 0)
    pressure = pressure_in_m(network, demand)[taps]
    usual = float(np.quantile(pressure, 0.05))
    if usual >= limits.least_pressure_m:
        return []
    worst = int(np.argmin(pressure))
    return [
        f"in the busiest hour, when homes ask {limits.home_peak_factor} times their mean, one tap in twenty "
        f"would have {_metres(usual)} m of pressure or less ({_metres(pressure[worst])} m at junction "
        f"{network.junction_id[taps[worst]]}): water will be short there every day; check the diameters and "
        "base demands, or raise the source"
    ]
