"""Load that cannot be served because branches limit the flow, by DC power flow."""

import numpy as np

from agentsim.core.numerics.linear import INF, ONCE, Assembly
from agentsim.place.cases import GridCase

FAST_CREDIT = 0.5  # of quick units' capacity that a priority list counts on, as in networks.commitment
LOAD_FRACS = tuple(k / 20 for k in range(8, 21))  # of the peak, from the least load at night


def unserved_frac(case: GridCase, on: np.ndarray, load_frac: float, limit_frac: float) -> float:
    """Least share of the load at *load_frac* of the peak that stays unserved.

    Units *on* (bool, (units,)) give anything up to their capacity, branches carry *limit_frac* of their
    ratings: minimise the sum of shedding s subject to, at every bus, generation - load + s = net flow out,
    flow = b (theta_i - theta_j) with b = x / (r^2 + x^2) per unit.

    >>> import numpy as np
    >>> two = GridCase(1.0, ("a", "b"), np.array([0.0, 10.0]), np.zeros(2), np.array([0]), np.array([1]),
    ...     np.zeros(1), np.ones(1), np.ones(1), np.zeros(1), np.array([8.0]), np.array([0]),
    ...     np.array([20.0]), np.zeros(1), np.zeros((1, 3)))
    >>> round(unserved_frac(two, np.array([True]), 1.0, 1.0), 6)
    0.2
    """
    buses, load, lines = len(case.bus_id), case.bus_load_mw * load_frac, len(case.line_from)
    limit = np.where(np.isfinite(case.line_limit_mw), case.line_limit_mw * limit_frac, INF)
    assembly = Assembly()
    balance = assembly.rows(buses, load, load).start + np.arange(buses)
    law = assembly.rows(lines, 0.0, 0.0).start
    angle = assembly.columns(buses, -INF, INF, 0.0).start
    flow = assembly.columns(lines, -limit, limit, 0.0).start
    _add_flows(assembly, case, (balance[0], law), (angle, flow))
    assembly.columns(int(on.sum()), 0.0, case.unit_max_mw[on], 0.0, (balance[case.unit_bus[on]], 1.0))
    shed = assembly.columns(buses, 0.0, load, 1.0, (balance, 1.0))
    assembly.columns(buses, 0.0, INF, 1e-3, (balance, -1.0))  # surplus beyond all load
    return float(assembly.program(ONCE).solve()[shed].sum() / load.sum())


def _add_flows(assembly: Assembly, case: GridCase, rows: tuple[int, int], columns: tuple[int, int]) -> None:
    """Flows leave and enter the balances of buses, and follow the angles of both ends.

    Parameters
    ----------
    rows : first row of the buses' balances and of the lines' laws
    columns : first column of the angles and of the flows
    """
    susceptance = case.base_mva * case.line_x_pu / (case.line_r_pu**2 + case.line_x_pu**2)
    line = np.flatnonzero(case.line_from != case.line_to)
    here, there, b = case.line_from[line], case.line_to[line], susceptance[line]
    balance, law, angle, flow = rows[0], rows[1] + line, columns[0], columns[1] + line
    assembly.entries(balance + here, flow, -1.0)
    assembly.entries(balance + there, flow, 1.0)
    assembly.entries(law, flow, 1.0)
    assembly.entries(law, angle + here, -b)
    assembly.entries(law, angle + there, b)


def listed(case: GridCase, load_frac: float) -> np.ndarray:
    """Units on line by a priority list, the cheapest at full load first, branches left out; bool (units,)."""
    size = np.maximum(case.unit_max_mw, 1e-9)
    slow = np.zeros(len(size), dtype=bool) if case.unit_slow is None else case.unit_slow
    average = case.unit_cost[:, 0] * size + case.unit_cost[:, 1] + case.unit_cost[:, 2] / size
    order = np.argsort(average, kind="stable")
    queue = np.where(slow, size, 0.0)[order]
    need = load_frac * case.bus_load_mw.sum() - FAST_CREDIT * size[~slow].sum()
    on = ~slow
    on[order] |= (np.cumsum(queue) - queue < need) & slow[order]
    return on


def list_serves(case: GridCase, limit_frac: float, tolerance: float = 1e-3) -> bool:
    """Whether the units of the priority list serve the load wherever all units together would."""
    every = np.ones(len(case.unit_bus), dtype=bool)
    for share in LOAD_FRACS:
        by_list = unserved_frac(case, listed(case, share), share, limit_frac)
        if by_list > tolerance and by_list > unserved_frac(case, every, share, limit_frac) + tolerance:
            return False
    return True
