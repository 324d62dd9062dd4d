"""Shortest ways between all pairs of nodes, as a compiled loop (Floyd 1962, Warshall 1962)."""

import numpy as np

from agentsim.core.numerics.kernel import kernel


@kernel
def pass_through(time: np.ndarray, first: np.ndarray, first_through: int) -> None:
    """Shortens ways by letting them pass through one node after the other.

    Parameters
    ----------
    time : least time on ways so far, array (nodes, nodes); infinite where there is none, 0 on the diagonal
    first : first link on these ways, array (nodes, nodes)
    first_through : nodes before it are only ends of a way
    """
    nodes = len(time)
    for k in range(first_through, nodes):
        for i in range(nodes):
            to_k = time[i, k]
            if to_k == np.inf:
                continue
            for j in range(nodes):
                through = to_k + time[k, j]
                if through < time[i, j]:
                    time[i, j] = through
                    first[i, j] = first[i, k]
