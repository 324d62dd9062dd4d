"""User equilibrium in pytraf."""

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytraf
from exchange import Answer, solve_with


def make(given: SimpleNamespace) -> Callable[[], Answer]:
    nodes = int(given.nodes)
    origin, destination = np.nonzero(given.od_veh_per_h)
    demand = pytraf.Demand(nodes, origin, destination, given.od_veh_per_h[origin, destination])
    network = pytraf.Network(
        nodes,
        given.link_from,
        given.link_to,
        given.free_time,
        given.capacity,
        b=given.alpha,
        power=given.beta,
    )
    return lambda: {"flow": np.array(network.assign(demand, gap=float(given.gap)).links.flow)}


if __name__ == "__main__":
    solve_with(make)
