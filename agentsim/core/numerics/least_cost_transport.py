"""The transportation problem: the cheapest way to carry supplies to needs."""

import highspy
import numpy as np


def cheapest_shipment(supply: np.ndarray, need: np.ndarray, cost: np.ndarray) -> np.ndarray:
    """Flows f >= 0 with the least sum(cost x f) that meet every need, array (supplies, needs).

    sum_j f_ij <= supply_i and sum_i f_ij = need_j; a basic solution, so at most supplies + needs flows
    are above zero (Hitchcock 1941).

    Raises
    ------
    ValueError : supplies do not reach the needs

    >>> cheapest_shipment(np.array([2.0, 1.0]), np.array([1.0, 2.0]), np.array([[0.0, 1.0], [5.0, 1.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    rows, columns = cost.shape
    if supply.sum() < need.sum() * (1.0 - 1e-9):
        raise ValueError(f"supplies of {supply.sum():g} do not reach needs of {need.sum():g}")
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = rows * columns, rows + columns
    model.col_cost_ = cost.ravel()
    model.col_lower_ = np.zeros(rows * columns)
    model.col_upper_ = np.full(rows * columns, np.inf)
    slack = 1e-9 * need.sum()  # rounding must not make equal totals infeasible
    model.row_lower_ = np.concatenate([np.full(rows, -np.inf), need])
    model.row_upper_ = np.concatenate([supply + slack, need])
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = np.arange(0, 2 * rows * columns + 1, 2, dtype=np.int32)
    index = np.stack([np.repeat(np.arange(rows), columns), rows + np.tile(np.arange(columns), rows)], axis=1)
    model.a_matrix_.index_ = index.ravel().astype(np.int32)
    model.a_matrix_.value_ = np.ones(2 * rows * columns)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.passModel(model)
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise ValueError(f"no shipment found: {solver.modelStatusToString(solver.getModelStatus())}")
    flow = np.array(solver.getSolution().col_value).reshape(rows, columns)
    return np.where(flow > slack, flow, 0.0)
