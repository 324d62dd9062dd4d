"""Optimal DC dispatch in pandapower: ``rundcopp``, once for each hour's load."""

import warnings
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
from exchange import Answer, solve_with
from pandapower import rundcopp
from pandapower.converter.pypower.from_ppc import from_ppc


def case(given: SimpleNamespace) -> dict:
    """The case in the columns of MATPOWER."""
    buses, units, lines = len(given.bus_load_mw), len(given.unit_bus), len(given.line_from)
    bus = np.zeros((buses, 13))
    bus[:, 0], bus[:, 1] = np.arange(buses), 1
    bus[given.unit_bus, 1] = 2
    bus[given.unit_bus[0], 1] = 3
    bus[:, 2], bus[:, 6], bus[:, 7], bus[:, 9], bus[:, 10] = given.bus_load_mw, 1, 1, 138, 1
    bus[:, 11], bus[:, 12] = 1.1, 0.9
    gen = np.zeros((units, 21))
    gen[:, 0], gen[:, 5], gen[:, 6], gen[:, 7] = given.unit_bus, 1, given.base_mva, 1
    gen[:, 1] = gen[:, 9] = given.unit_min_mw
    gen[:, 8] = given.unit_max_mw
    branch = np.zeros((lines, 13))
    branch[:, 0], branch[:, 1] = given.line_from, given.line_to
    branch[:, 2], branch[:, 3], branch[:, 8] = given.line_r_pu, given.line_x_pu, given.line_tap
    branch[:, 5] = branch[:, 6] = branch[:, 7] = given.line_limit_mw
    branch[:, 10], branch[:, 11], branch[:, 12] = 1, -360, 360
    cost = np.column_stack([np.tile([2.0, 0.0, 0.0, 3.0], (units, 1)), given.unit_cost])
    tables = {"bus": bus, "gen": gen, "branch": branch, "gencost": cost}
    return {"version": "2", "baseMVA": float(given.base_mva), **tables}


def make(given: SimpleNamespace) -> Callable[[], Answer]:
    warnings.simplefilter("ignore")
    net = from_ppc(case(given), f_hz=60, validate_conversion=False)
    loads = net.load.bus.to_numpy()

    def solve() -> Answer:
        costs = []
        for load_mw in given.hourly_load_mw:
            net.load["p_mw"] = load_mw[loads]
            rundcopp(net)
            costs.append(net.res_cost)
        return {"cost": np.array(costs)}

    return solve


if __name__ == "__main__":
    solve_with(make, repeats=2)
