"""The cost of a load in merit order."""

from dataclasses import replace

import numpy as np

from agentsim.place.merit_order import MeritOrder
from tests.place.test_failures import grid


def test_one_load_costs_what_it_costs_among_many():
    draw, case = np.random.default_rng(1), grid()
    units = len(case.unit_bus)
    capacity_mw = np.where(draw.uniform(size=units) < 0.2, 0.0, draw.uniform(10.0, 400.0, units))
    case = replace(case, unit_cost=draw.uniform(1.0, 9.0, (units, 3)), unit_max_mw=capacity_mw)
    order, whole_mw = MeritOrder(case), capacity_mw.sum()
    at_corners = np.cumsum(capacity_mw[np.argsort(draw.uniform(size=units))])
    loads = np.concatenate([at_corners, draw.uniform(-5.0, 1.1 * whole_mw, 500), [0.0, whole_mw]])
    one_by_one = [order.cost_of_jpy(load) for load in loads.tolist()]
    assert one_by_one == order.cost_jpy(loads).tolist()
    assert len(set(one_by_one)) > 400
