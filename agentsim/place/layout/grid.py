"""Laying a grid over a city: where its buses stand, which district each one feeds, by which feeders.

A grid case has no map. Its lines tell which buses are near to each other; the city tells where load is.
"""

from dataclasses import replace

import numpy as np

from agentsim.core.numerics.embedding import classical_scaling
from agentsim.core.numerics.shares import share
from agentsim.core.numerics.transportation import cheapest_shipment
from agentsim.place.cases import Feeders, GridCase
from agentsim.place.parameters import PlaceParameters

PER_MW = ("base_mva", "bus_load_mw", "bus_shunt_mw", "line_limit_mw", "unit_max_mw", "unit_min_mw")


def scaled(grid: GridCase, peak_mw: float) -> GridCase:
    """The same grid for a city whose loads sum to *peak_mw*; per-unit impedances stay as they are.

    Powers, the MVA base and ramps are multiplied by the scale; the quadratic cost is divided by it, so that
    marginal cost at full output stays as it is.
    """
    scale = peak_mw / float(grid.bus_load_mw.sum())
    cost = grid.unit_cost * np.array([1.0 / scale, 1.0, scale])
    ramp = None if grid.unit_ramp_mw_per_min is None else grid.unit_ramp_mw_per_min * scale
    powers = {name: getattr(grid, name) * scale for name in PER_MW}
    return replace(grid, unit_cost=cost, unit_ramp_mw_per_min=ramp, **powers)


def resistance_distance(grid: GridCase) -> np.ndarray:
    """Effective reactance between every two buses, array (buses, buses), per unit.

    R_ij = L+_ii + L+_jj - 2 L+_ij with L+ the pseudo-inverse of the Laplacian of 1/x (Klein and Randic 1993).
    """
    n = len(grid.bus_id)
    laplacian = np.zeros((n, n))
    for a, b, x in zip(grid.line_from, grid.line_to, grid.line_x_pu, strict=True):
        laplacian[a, b] -= 1.0 / abs(x)  # a negative reactance, a series capacitor, counts by its size
        laplacian[b, a] -= 1.0 / abs(x)
    np.fill_diagonal(laplacian, -laplacian.sum(axis=1))
    inverse = np.linalg.pinv(laplacian, hermitian=True)
    diagonal = np.diag(inverse)
    return diagonal[:, None] + diagonal[None, :] - 2.0 * inverse


def lay_out(
    grid: GridCase,
    district_x_km: np.ndarray,
    district_y_km: np.ndarray,
    need_mw: np.ndarray,
    p: PlaceParameters,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Where the buses stand [km, km] and how much load of each district each bus feeds [MW].

    A map made of the lines alone (effective reactance, classical scaling) is brought to the size and centre
    of the city's load, in eight rotations, each also mirrored. For each, a transportation problem (squared
    distance, the buses' loads fixed) and a pull of every bus towards its load alternate ``layout_rounds``
    times. The cheapest layout counts in which every district has an admitted number of buses.

    Returns
    -------
    x_km, y_km : (buses,)
    flow_mw : (buses, districts), its rows sum to the buses' loads and its columns to *need_mw*
    """
    need_frac = need_mw / need_mw.sum()
    target = np.column_stack([district_x_km, district_y_km])
    centre = need_frac @ target
    radius = np.sqrt(need_frac @ ((target - centre) ** 2).sum(axis=1))
    flat = classical_scaling(np.sqrt(resistance_distance(grid)))
    weight = grid.bus_load_mw / grid.bus_load_mw.sum()
    flat = flat - weight @ flat
    flat *= radius / np.sqrt(weight @ (flat**2).sum(axis=1))
    tried = []
    for turn in range(16):
        angle, mirror = 2.0 * np.pi * (turn % 8) / 8.0, 1.0 if turn < 8 else -1.0
        rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        wires = centre + (flat * [1.0, mirror]) @ rotation.T
        point, flow, cost = _settle(grid, wires, target, need_mw, p)
        feeds = (flow > 0).sum(axis=0)
        low, high = p.buses_per_district
        outside = int(np.maximum(low - feeds, 0).sum() + np.maximum(feeds - high, 0).sum())
        tried.append((outside, cost, turn, point, flow))
    _, _, _, point, flow = min(tried, key=lambda row: row[:3])
    carried = flow.sum(axis=1)
    flow *= share(grid.bus_load_mw, carried)[:, None]
    return point[:, 0], point[:, 1], flow


def _settle(
    grid: GridCase, wires: np.ndarray, target: np.ndarray, need_mw: np.ndarray, p: PlaceParameters
) -> tuple[np.ndarray, np.ndarray, float]:
    """Alternate transportation problem and pull; (points, flows, cost in MW km2)."""
    loaded = np.flatnonzero(grid.bus_load_mw > 0)
    point = wires.copy()
    flow = np.zeros((len(wires), len(target)))
    squared = np.zeros_like(flow)
    need = need_mw * (grid.bus_load_mw.sum() / need_mw.sum())
    for _ in range(p.layout_rounds):
        squared = ((point[:, None, :] - target[None, :, :]) ** 2).sum(axis=2)
        flow[loaded] = cheapest_shipment(grid.bus_load_mw[loaded], need, squared[loaded])
        fed = flow[loaded] @ target / flow[loaded].sum(axis=1)[:, None]
        point[loaded] = (1.0 - p.bus_pull_frac) * wires[loaded] + p.bus_pull_frac * fed
        point = _beside_neighbours(grid, point, loaded)
    return point, flow, float((squared * flow).sum())


def _beside_neighbours(grid: GridCase, point: np.ndarray, fixed: np.ndarray) -> np.ndarray:
    """Buses without load go to the mean of their neighbours, weighted by 1/x (solved for all at once)."""
    n = len(point)
    weight = np.zeros((n, n))
    np.add.at(weight, (grid.line_from, grid.line_to), 1.0 / np.abs(grid.line_x_pu))
    weight = weight + weight.T
    free = np.setdiff1d(np.arange(n), fixed)
    if not len(free):
        return point
    laplacian = np.diag(weight.sum(axis=1)) - weight
    moved = point.copy()
    pull = weight[np.ix_(free, fixed)] @ point[fixed]
    moved[free] = np.linalg.lstsq(laplacian[np.ix_(free, free)], pull, rcond=None)[0]
    return moved


def feeders_of(
    flow_mw: np.ndarray, tier_mw: np.ndarray, distance_km: np.ndarray, p: PlaceParameters
) -> Feeders:
    """One feeder for each bus x district x tier with load, ordered by district, tier, bus.

    Parameters
    ----------
    flow_mw : (buses, districts) load of the district that the bus feeds
    tier_mw : (districts, tiers) load of the district by tier
    distance_km : (buses, districts) mean straight line from the bus to the people of the district
    """
    tier_frac = tier_mw / tier_mw.sum(axis=1, keepdims=True)
    peak = flow_mw.T[:, None, :] * tier_frac[:, :, None]  # (districts, tiers, buses)
    district, tier, bus = np.nonzero(peak > 0)
    return Feeders(
        bus=bus,
        district=district,
        tier=tier,
        peak_mw=peak[district, tier, bus],
        length_km=np.maximum(p.feeder_detour * distance_km[bus, district], p.feeder_least_km),
    )


def nearest_feeder(
    feeders: Feeders, grid: GridCase, district: int, x_km: float, y_km: float, tiers: tuple[int, ...]
) -> int:
    """Feeder of *district* with the bus nearest to a point, of the first of *tiers* it has; -1 if none."""
    assert grid.bus_x_km is not None
    assert grid.bus_y_km is not None
    for tier in tiers:
        mine = np.flatnonzero((feeders.district == district) & (feeders.tier == tier))
        if len(mine):
            bus = feeders.bus[mine]
            return int(mine[np.argmin((grid.bus_x_km[bus] - x_km) ** 2 + (grid.bus_y_km[bus] - y_km) ** 2)])
    return -1
