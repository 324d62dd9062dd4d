"""User equilibrium in AequilibraE: bi-conjugate Frank-Wolfe, on one core."""

import logging
import os
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass
from exchange import Answer, solve_with


def graph_of(given: SimpleNamespace) -> Graph:
    """The network, nodes numbered from 1."""
    links = len(given.link_from)
    graph = Graph()
    graph.network = pd.DataFrame(
        {
            "link_id": np.arange(links) + 1,
            "a_node": given.link_from + 1,
            "b_node": given.link_to + 1,
            "direction": np.ones(links, dtype=np.int8),
            "capacity": given.capacity,
            "free_time": given.free_time,
            "alpha": given.alpha,
            "beta": given.beta,
        }
    )
    graph.prepare_graph(np.arange(len(given.od_veh_per_h)) + 1)
    graph.set_graph("free_time")
    graph.set_skimming(["free_time"])
    graph.set_blocked_centroid_flows(False)
    return graph


def make(given: SimpleNamespace) -> Callable[[], Answer]:
    logging.disable(logging.CRITICAL)
    os.environ["AEQ_SHOW_PROGRESS"] = "FALSE"
    zones = len(given.od_veh_per_h)
    demand = AequilibraeMatrix()
    demand.create_empty(zones=zones, matrix_names=["cars"], memory_only=True)
    demand.index[:] = np.arange(zones) + 1
    demand.matrix["cars"][:, :] = given.od_veh_per_h
    demand.computational_view(["cars"])
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("cars", graph_of(given), demand)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "alpha", "beta": "beta"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_time")
    assignment.set_cores(1)  # before the algorithm, which remembers it
    assignment.set_algorithm("bfw")
    assignment.max_iter, assignment.rgap_target = 2000, float(given.gap)

    def solve() -> Answer:
        assignment.execute(log_specification=False)
        return {"flow": assignment.results()["PCE_AB"].to_numpy()}

    return solve


if __name__ == "__main__":
    solve_with(make)
