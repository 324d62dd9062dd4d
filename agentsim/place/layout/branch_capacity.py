"""What the branches of a grid can carry: load that no dispatch of some units can serve, by DC power flow."""

import highspy
import numpy as np

from agentsim.place.cases import GridCase

FAST_CREDIT = 0.5  # of quick units' capacity that a priority list counts on, as in networks.commitment
LOAD_FRACS = tuple(k / 20 for k in range(8, 21))  # of the peak, from the deepest night


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
    buses, load = len(case.bus_id), case.bus_load_mw * load_frac
    most = case.unit_max_mw[on]
    limit = np.where(np.isfinite(case.line_limit_mw), case.line_limit_mw * limit_frac, highspy.kHighsInf)
    lines, free = len(limit), np.full(buses, highspy.kHighsInf)
    # columns: angles, flows, generation, shedding, dumping; rows: balance at buses, law of each line
    shed_at = buses + lines + len(most)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = shed_at + 2 * buses, buses + lines
    model.col_cost_ = np.concatenate([np.zeros(shed_at), np.ones(buses), np.full(buses, 1e-3)])
    model.col_lower_ = np.concatenate([-free, -limit, np.zeros(len(most) + 2 * buses)])
    model.col_upper_ = np.concatenate([free, limit, most, load, free])
    model.row_lower_ = model.row_upper_ = np.concatenate([load, np.zeros(lines)])
    row, column, value = _entries(case, case.unit_bus[on])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.searchsorted(column, np.arange(model.num_col_ + 1)).astype(np.int32)
    model.a_matrix_.index_, model.a_matrix_.value_ = row.astype(np.int32), value
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ValueError(f"no flow found: {solver.modelStatusToString(solver.getModelStatus())}")
    shed = np.array(solver.getSolution().col_value)[shed_at : shed_at + buses]
    return float(shed.sum() / load.sum())


def _entries(case: GridCase, unit_bus: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows, columns and values of the constraints, by columns."""
    buses, lines, units = len(case.bus_id), len(case.line_from), len(unit_bus)
    susceptance = case.base_mva * case.line_x_pu / (case.line_r_pu**2 + case.line_x_pu**2)
    at, line = np.arange(buses), np.flatnonzero(case.line_from != case.line_to)
    here, there, b = case.line_from[line], case.line_to[line], susceptance[line]
    flow, law, shed = buses + line, buses + line, buses + lines + units + at
    one = np.ones(len(line))
    blocks = (
        (here, flow, -one),
        (there, flow, one),
        (law, flow, one),
        (law, here, -b),
        (law, there, b),
        (unit_bus, buses + lines + np.arange(units), np.ones(units)),
        (at, shed, np.ones(buses)),
        (at, shed + buses, -np.ones(buses)),
    )
    row, column, value = (np.concatenate(part) for part in zip(*blocks, strict=True))
    order = np.lexsort((row, column))
    return row[order], column[order], value[order]


def listed(case: GridCase, load_frac: float) -> np.ndarray:
    """Units on line by a priority list that knows no branches, bool (units,): cheapest at full load first."""
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
