"""Reader of MATPOWER case files (version 2, ``.m``) into a :class:`GridCase`."""

from pathlib import Path

import numpy as np

from agentsim.place.cases import GridCase
from agentsim.place.readers.matpower_costs import costs_of
from agentsim.place.readers.matpower_file import (
    BRANCH_STATUS,
    BUS_NUMBER,
    BUS_TYPE,
    DC_FROM,
    DC_MAX,
    DC_MIN,
    DC_STATUS,
    DC_TO,
    FROM,
    ISOLATED,
    LOAD_MW,
    NEEDED,
    P_MAX,
    P_MIN,
    R_PU,
    RATE_A,
    SHIFT,
    SHUNT_MW,
    TAP,
    TO,
    UNIT_BUS,
    UNIT_STATUS,
    X_PU,
    CaseFile,
    Table,
)


def read_matpower(path: str | Path) -> GridCase:
    """The transmission grid of a MATPOWER case file.

    Equipment whose status is 0 and isolated buses (type 4) are left out; a ``rateA`` of 0 means no
    limit and a ratio of 0 no transformer, as in MATPOWER. Costs are polynomials up to order 2, or
    piecewise linear with slopes that rise; without ``mpc.gencost`` every unit costs nothing. DC lines carry
    what is cheapest between Pmin and Pmax, without losses. ``mpc.genfuel``
    gives ``unit_fuel`` where it is there. The usual statements that convert units are carried out
    (:mod:`agentsim.place.readers.matlab_statements`).

    Raises
    ------
    UnreadableCase : the file is missing or incomplete, refers to buses it does not have, computes its
        data with other statements, or has costs that are not convex
    """
    case = CaseFile(Path(path))
    base_mva = case.base_mva()
    buses, bus_index = _buses(case)
    lines = _rows_in_service(case, "branch", BRANCH_STATUS, (FROM, TO), bus_index)
    units = _rows_in_service(case, "gen", UNIT_STATUS, (UNIT_BUS,), bus_index)
    branch = case.table("branch").array(NEEDED["branch"])[lines]
    gen = case.table("gen").array(NEEDED["gen"])[units]
    _check_branches(case, branch, lines)
    _check_outputs(case, gen, units)
    fuels = case.words.get("genfuel", [])
    cost, slopes = costs_of(case, units, gen[:, P_MIN], gen[:, P_MAX])
    return GridCase(
        base_mva=base_mva,
        bus_id=tuple(str(int(number)) for number in buses[:, BUS_NUMBER]),
        bus_load_mw=buses[:, LOAD_MW],
        bus_shunt_mw=buses[:, SHUNT_MW],
        line_from=_indices(branch[:, FROM], bus_index),
        line_to=_indices(branch[:, TO], bus_index),
        line_r_pu=branch[:, R_PU],
        line_x_pu=branch[:, X_PU],
        line_tap=np.where(branch[:, TAP] == 0, 1.0, branch[:, TAP]),
        line_shift_deg=branch[:, SHIFT],
        line_limit_mw=np.where(branch[:, RATE_A] == 0, np.inf, branch[:, RATE_A]),
        unit_bus=_indices(gen[:, UNIT_BUS], bus_index),
        unit_max_mw=gen[:, P_MAX],
        unit_min_mw=gen[:, P_MIN],
        unit_cost=cost,
        unit_slopes=slopes,
        unit_fuel=tuple(fuels[unit] for unit in units) if len(fuels) == len(case.table("gen").rows) else (),
        **_dc_lines(case, bus_index),
    )


def _indices(numbers: np.ndarray, bus_index: dict[int, int]) -> np.ndarray:
    return np.array([bus_index[int(number)] for number in numbers], dtype=np.int64)


def bus_lines(path: str | Path) -> dict[str, int]:
    """The line of the file on which each bus stands, by its number."""
    table = CaseFile(Path(path)).table("bus")
    return {str(int(row[BUS_NUMBER])): line for row, line in zip(table.rows, table.lines, strict=True)}


def _buses(case: CaseFile) -> tuple[np.ndarray, dict[int, int]]:
    """Rows of the buses that are not isolated, and where each bus number stands (-1: isolated)."""
    table = case.table("bus")
    bus_index: dict[int, int] = {}
    kept: list[list[float]] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        number = int(row[BUS_NUMBER])
        if number in bus_index:
            raise case.fault(line, f"bus {number} appears twice", "give every bus a number of its own")
        isolated = int(row[BUS_TYPE]) == ISOLATED
        bus_index[number] = -1 if isolated else len(kept)
        if not isolated:
            kept.append(row[: NEEDED["bus"]])
    if not kept:
        raise case.fault(table.line, "mpc.bus has no bus in service", "a grid needs at least one")
    return np.array(kept, dtype=float), bus_index


def _rows_in_service(
    case: CaseFile, name: str, status: int, ends: tuple[int, ...], bus_index: dict[int, int]
) -> list[int]:
    """Rows of a table whose status is on and whose buses are not isolated."""
    table = case.table(name)
    kept = []
    for row_number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        for end in ends:
            if int(row[end]) not in bus_index:
                raise case.fault(
                    line,
                    f"mpc.{name} names bus {int(row[end])}, which mpc.bus does not have",
                    "add or fix it",
                )
        if row[status] > 0 and all(bus_index[int(row[end])] >= 0 for end in ends):
            kept.append(row_number)
    return kept


def _check_branches(case: CaseFile, branch: np.ndarray, lines: list[int]) -> None:
    wrong = np.flatnonzero(branch[:, X_PU] == 0)
    if len(wrong):
        line = case.table("branch").lines[lines[wrong[0]]]
        raise case.fault(
            line, "a branch has reactance 0", "DC power flow needs x; merge the two buses or give a small x"
        )
    negative = np.flatnonzero(branch[:, RATE_A] < 0)
    if len(negative):
        line = case.table("branch").lines[lines[negative[0]]]
        raise case.fault(line, "a branch has a rating (rateA) below 0", "give MW, or 0 for no limit")


def _check_outputs(case: CaseFile, gen: np.ndarray, units: list[int]) -> None:
    wrong = np.flatnonzero(gen[:, P_MIN] > gen[:, P_MAX])
    if len(wrong):
        line = case.table("gen").lines[units[wrong[0]]]
        least, most = gen[wrong[0], [P_MIN, P_MAX]]
        rule = f"a unit's least output Pmin ({least:g} MW) is above its capacity Pmax ({most:g} MW)"
        raise case.fault(line, rule, "correct column 9 (Pmax) or 10 (Pmin)")


def _dc_lines(case: CaseFile, bus_index: dict[int, int]) -> dict[str, np.ndarray]:
    """Ends and limits of the DC lines in service; empty where there are none."""
    found = case.tables.get("dcline", Table([], [], 1))
    on = [k for k, row in enumerate(found.rows) if len(row) <= DC_STATUS or row[DC_STATUS] > 0]
    if not on:
        return {}
    case.tables["dcline"] = Table([found.rows[k] for k in on], [found.lines[k] for k in on], found.line)
    rows = _rows_in_service(case, "dcline", DC_STATUS, (DC_FROM, DC_TO), bus_index)
    if not rows:
        return {}
    table = case.table("dcline")
    lines = table.array(NEEDED["dcline"])[rows]
    wrong = np.flatnonzero(lines[:, DC_MIN] > lines[:, DC_MAX])
    if len(wrong):
        rule = "a DC line's least flow Pmin is above its largest Pmax"
        raise case.fault(table.lines[rows[wrong[0]]], rule, "correct column 10 (Pmin) or 11 (Pmax)")
    return {
        "dc_from": _indices(lines[:, DC_FROM], bus_index),
        "dc_to": _indices(lines[:, DC_TO], bus_index),
        "dc_min_mw": lines[:, DC_MIN],
        "dc_max_mw": lines[:, DC_MAX],
    }
