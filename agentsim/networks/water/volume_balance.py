"""A simple balance of volumes for when EPANET finds no solution: who still gets water, and from where."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.graphs import islands


@dataclass(frozen=True, slots=True)
class Pipework:
    """What is joined to what."""

    link_nodes: np.ndarray  # (links, 2) positions of the nodes
    source: np.ndarray  # (sources,) positions of the reservoirs
    tank: np.ndarray  # (tanks,) positions of the tanks


def volume_balance(
    pipework: Pipework,
    link_open: np.ndarray,
    wanted_m3_per_h: np.ndarray,
    last_outflow_m3_per_h: np.ndarray,
    to_empty_m3: np.ndarray,
    to_full_m3: np.ndarray,
    step_h: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Outflow at every node, array (nodes,) [m3/h], and the share of what is wanted that is met, (nodes,).

    Nodes that open links join form a part. A part with a source is given all that it wants, by its sources in
    the shares of the last solution, and its tanks rest. A part without one lives on its tanks until they are
    empty, each giving by what is in it; if more comes in than is wanted, it fills them until they are full. A
    part without either gets nothing. Pressure plays no role but in *wanted_m3_per_h*.

    Parameters
    ----------
    link_open : bool (links,)
    wanted_m3_per_h : (nodes,) what taps and leaks take at the pressures of the last solution
    last_outflow_m3_per_h : (nodes,) of the last solution, below 0 where a source gave
    to_empty_m3, to_full_m3 : (tanks,) what each tank can give and take
    step_h : length of the step
    """
    nodes = len(wanted_m3_per_h)
    part = islands(nodes, *pipework.link_nodes[link_open].T)
    need = np.bincount(part, wanted_m3_per_h, nodes)
    source, tank = pipework.source, pipework.tank
    sources_in = np.bincount(part[source], minlength=nodes)
    given = np.bincount(part[tank], to_empty_m3, nodes) / step_h
    taken = np.bincount(part[tank], to_full_m3, nodes) / step_h
    met = np.where(sources_in > 0, need, np.clip(need, -taken, given))  # m3/h of each part
    frac = np.divide(met, need, out=np.ones(nodes), where=need > 0)[part]
    outflow = np.where(wanted_m3_per_h > 0, wanted_m3_per_h * frac, wanted_m3_per_h)

    gave = np.maximum(-last_outflow_m3_per_h[source], 0.0)
    outflow[source] = -met[part[source]] * _shares(gave, part[source], nodes)
    fed = sources_in[part[tank]] > 0
    room = np.where(met[part[tank]] > 0, to_empty_m3, to_full_m3)
    outflow[tank] = np.where(fed, 0.0, -met[part[tank]] * _shares(room, part[tank], nodes))
    return outflow, frac


def _shares(weight: np.ndarray, part: np.ndarray, parts: int) -> np.ndarray:
    """Share of each in its part by *weight*, equal where all of the part weigh nothing."""
    whole = np.bincount(part, weight, parts)[part]
    equal = 1.0 / np.maximum(np.bincount(part, minlength=parts)[part], 1)
    return np.where(whole > 0, weight / np.where(whole > 0, whole, 1.0), equal)
