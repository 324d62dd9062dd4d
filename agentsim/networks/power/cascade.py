"""DC power flow, islands, and the cascade of overloaded lines after an outage (pure functions)."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.graphs import islands
from agentsim.core.numerics.shares import share
from agentsim.place.cases import GridCase

SUSCEPTANCES = ("series", "textbook")


def susceptance_pu(case: GridCase, convention: str = "series") -> np.ndarray:
    """Susceptance of every line for DC power flow [per unit], array (lines,).

    ``"series"``: b = x / (r^2 + x^2), no tap ratio (PowerModels.jl, whose results the PGLib-OPF
    baseline table lists; Babaeinejadsarookolaee et al. 2019). ``"textbook"``: b = 1 / (x tap)
    (MATPOWER, pandapower; Wood, Wollenberg & Sheble 2013).
    """
    if convention == "series":
        return case.line_x_pu / (case.line_r_pu**2 + case.line_x_pu**2)
    if convention == "textbook":
        return 1.0 / (case.line_x_pu * case.line_tap)
    raise ValueError(f"susceptance {convention!r} is unknown; known: {', '.join(SUSCEPTANCES)}")


def dc_flow_mw(
    injection_mw: np.ndarray,
    line_from: np.ndarray,
    line_to: np.ndarray,
    susceptance_mw: np.ndarray,
    in_service: np.ndarray,
    shift_rad: np.ndarray | None = None,
    island: np.ndarray | None = None,
) -> np.ndarray:
    """Flow from ``line_from`` to ``line_to`` on every line [MW], array (lines,).

    f = b (theta_from - theta_to - shift), with the angles that balance every bus.

    Parameters
    ----------
    injection_mw : array (buses,), generation minus load; must sum to 0 in every island
    susceptance_mw : array (lines,), per-unit susceptance times the base power [MW/rad]
    in_service : bool array (lines,)
    island : array (buses,), the lowest bus of each one's island, as from
        :func:`agentsim.core.numerics.graphs.islands`; None: looked for

    >>> start, end, b_mw, on = np.zeros(2, int), np.ones(2, int), np.array([10.0, 20.0]), np.ones(2, bool)
    >>> dc_flow_mw(np.array([90.0, -90.0]), start, end, b_mw, on).tolist()
    [30.0, 60.0]
    """
    buses = len(injection_mw)
    b = np.where(in_service, susceptance_mw, 0.0)
    shift_mw = np.zeros(len(b)) if shift_rad is None else b * shift_rad
    if island is None:
        island = islands(buses, line_from[in_service], line_to[in_service])
    rows = np.concatenate([line_from, line_to, line_from, line_to])
    columns = np.concatenate([line_from, line_to, line_to, line_from])
    entries = np.concatenate([b, b, -b, -b])
    # without lines NumPy gives whole numbers
    summed = np.bincount(rows * buses + columns, entries, buses * buses).astype(float, copy=False)
    laplacian = summed.reshape(buses, buses)
    # one reference bus an island: grounding it makes the matrix regular and draws nothing
    reference = np.flatnonzero(island == np.arange(buses))
    laplacian[reference, reference] += 1.0
    pushed = np.bincount(line_from, shift_mw, buses) - np.bincount(line_to, shift_mw, buses)
    theta = np.linalg.solve(laplacian, injection_mw + pushed)
    return b * (theta[line_from] - theta[line_to]) - shift_mw


def balanced_injection_mw(
    load_mw: np.ndarray, generation_mw: np.ndarray, capability_mw: np.ndarray, island: np.ndarray
) -> np.ndarray:
    """Net injection of every bus after governors and frequency relays have balanced each island [MW].

    Surplus: all generation of the island falls in proportion. Deficit: generation rises in proportion to
    its headroom; what is still missing is taken from all load of the island in proportion. An island
    whose load is not positive carries nothing.

    Parameters
    ----------
    load_mw, generation_mw : arrays (buses,)
    capability_mw : array (buses,), what generation can reach in minutes
    island : array (buses,) of labels, as from :func:`agentsim.core.numerics.graphs.islands`
    """
    buses = len(load_mw)
    load = np.bincount(island, load_mw, buses)
    generation = np.bincount(island, generation_mw, buses)
    headroom_mw = np.maximum(capability_mw - generation_mw, 0.0)
    headroom = np.bincount(island, headroom_mw, buses)
    missing = np.clip(load - generation, 0.0, headroom)
    lowered = np.divide(
        np.maximum(load, 0.0), generation, out=np.ones(buses), where=generation > np.maximum(load, 0.0)
    )
    raised = share(missing, headroom)
    served = np.divide(generation + missing, load, out=np.ones(buses), where=load > generation + missing)
    alive = (load > 0.0)[island]
    supply = generation_mw * lowered[island] + headroom_mw * raised[island]
    return np.where(alive, supply - load_mw * served[island], 0.0)


@dataclass(frozen=True)
class Cascade:
    """How a cascade ended."""

    tripped: tuple[int, ...]  # lines, in the order of their rounds
    in_service: np.ndarray  # bool (lines,)
    flow_mw: np.ndarray  # (lines,) after the last trip


def cascade(
    load_mw: np.ndarray,
    generation_mw: np.ndarray,
    capability_mw: np.ndarray,
    line_from: np.ndarray,
    line_to: np.ndarray,
    susceptance_mw: np.ndarray,
    limit_mw: np.ndarray,
    in_service: np.ndarray,
    trip_frac: float = 1.2,
    shift_rad: np.ndarray | None = None,
) -> Cascade:
    """Lines that trip after an outage, before anybody redispatches.

    Round by round: islands are balanced, flows follow DC power flow, and every line above
    ``trip_frac`` x its limit trips at once, until none is left above (a common simplification of the
    overload cascade; Carreras et al. 2002, Chaos 12). ``in_service`` already has the outage in it.
    """
    in_service = in_service.copy()
    tripped: list[int] = []
    while True:
        island = islands(len(load_mw), line_from[in_service], line_to[in_service])
        injection = balanced_injection_mw(load_mw, generation_mw, capability_mw, island)
        flow = dc_flow_mw(injection, line_from, line_to, susceptance_mw, in_service, shift_rad, island)
        over = in_service & (np.abs(flow) > trip_frac * limit_mw)
        if not over.any():
            return Cascade(tuple(tripped), in_service, flow)
        tripped.extend(np.flatnonzero(over).tolist())
        in_service[over] = False
