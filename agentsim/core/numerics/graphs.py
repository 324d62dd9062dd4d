"""Graphs given as arrays of link ends: shortest distances, connected parts, neighbours.

SciPy gives the answer wherever it is the same to the last bit. Its sparse graphs are imported at the
first call, because many commands need none.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np


def _matrix(nodes: int, start: np.ndarray, end: np.ndarray, length: np.ndarray | None = None) -> Any:
    """Sparse matrix of the links, (nodes, nodes); with lengths, of parallel links the shortest counts."""
    from scipy.sparse import csr_array

    if length is None:
        return csr_array((np.ones(len(start)), (start, end)), shape=(nodes, nodes))
    order = np.argsort(length, kind="stable")
    pair, first = np.unique(start[order] * nodes + end[order], return_index=True)
    return csr_array((length[order][first], (pair // nodes, pair % nodes)), shape=(nodes, nodes))


def links_both_ways(nodes: int, link_from: np.ndarray, link_to: np.ndarray, length: np.ndarray) -> Any:
    """Lengths of the links in both directions as a sparse matrix, for :func:`distances_from`; all above 0."""
    start, end = np.concatenate([link_from, link_to]), np.concatenate([link_to, link_from])
    return _matrix(nodes, start, end, np.concatenate([length, length]))


def distances_from(start: int, links: Any) -> np.ndarray:
    """Shortest distance along links from a node to every other, inf where none leads (Dijkstra 1959).

    >>> ends = np.array([0, 1]), np.array([1, 2])
    >>> distances_from(0, links_both_ways(4, *ends, np.array([2.0, 3.0]))).tolist()
    [0.0, 2.0, 5.0, inf]
    """
    from scipy.sparse.csgraph import dijkstra

    return dijkstra(links, indices=start)


def reached_from(nodes: int, start: int, link_from: np.ndarray, link_to: np.ndarray) -> np.ndarray:
    """Nodes to which directed links lead from *start*, itself among them, nearest first.

    >>> reached_from(4, 1, np.array([1, 2, 3]), np.array([2, 0, 2])).tolist()
    [1, 2, 0]
    """
    from scipy.sparse.csgraph import breadth_first_order

    links = _matrix(nodes, np.asarray(link_from), np.asarray(link_to))
    return breadth_first_order(links, start, return_predecessors=False)


def islands(nodes: int, link_from: np.ndarray, link_to: np.ndarray) -> np.ndarray:
    """Label of the connected part of every node, array (nodes,): the lowest node of that part.

    >>> islands(4, np.array([0, 2]), np.array([1, 3])).tolist()
    [0, 0, 2, 2]
    """
    label = np.arange(nodes)
    while True:
        a, b = label[link_from], label[link_to]
        if (a == b).all():
            return label
        np.minimum.at(label, np.maximum(a, b), np.minimum(a, b))  # each part takes a lower neighbour's label
        while (label[label] != label).any():
            label = label[label]


def joining_pairs(pairs: np.ndarray, distance: np.ndarray) -> np.ndarray:
    """The shortest pairs of nodes that join the parts of a graph to one, array (parts - 1, 2).

    Parameters
    ----------
    pairs : array (links, 2), the links of the graph
    distance : array (nodes, nodes), by which the shortest pair is chosen

    >>> joining_pairs(np.array([[0, 1]]), np.array([[0, 1, 5], [1, 0, 4], [5, 4, 0]])).tolist()
    [[1, 2]]
    """
    nodes, extra = len(distance), np.zeros((0, 2), dtype=np.int64)
    while True:
        links = np.vstack([pairs, extra])
        both_ways = np.vstack([links, links[:, ::-1]])
        reached = reached_from(nodes, 0, both_ways[:, 0], both_ways[:, 1])
        outside = np.setdiff1d(np.arange(nodes), reached)
        if not len(outside):
            return extra
        row, column = divmod(int(np.argmin(distance[np.ix_(reached, outside)])), len(outside))
        extra = np.vstack([extra, np.sort([[reached[row], outside[column]]], axis=1)])


def shortest_times(
    nodes: int, link_from: np.ndarray, link_to: np.ndarray, time_h: np.ndarray, first_through: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Shortest time between nodes [h] and the first link on the way (Floyd 1962, Warshall 1962).

    Nodes before *first_through* are only ends of a way: no way passes through them. SciPy's
    ``floyd_warshall`` is not used: its ways pass through every node, and a time of 0 counts as no link.
    """
    from agentsim.core.numerics.all_pairs import pass_through  # many commands need no compiled loop

    time = np.full((nodes, nodes), np.inf)
    first = np.full((nodes, nodes), -1)
    np.fill_diagonal(time, 0.0)
    for k in np.argsort(-time_h, kind="stable"):  # of parallel links the quickest is written last
        time[link_from[k], link_to[k]] = time_h[k]
        first[link_from[k], link_to[k]] = k
    pass_through(time, first, first_through)
    return time, first


def neighbours(edges: np.ndarray, nodes: int) -> list[list[int]]:
    """Sorted neighbours of each node of an undirected graph; *edges* is an array (edges, 2)."""
    near: list[list[int]] = [[] for _ in range(nodes)]
    for a, b in np.unique(np.sort(edges, axis=1), axis=0).tolist():
        if a != b:
            near[a].append(b)
            near[b].append(a)
    return [sorted(row) for row in near]


def is_connected(members: Sequence[int], near: list[list[int]]) -> bool:
    """Whether the nodes *members* are connected without leaving them; False for none.

    A search in lists: the layout calls it thousands of times for a few nodes, and building a sparse
    matrix at each call would take much longer.
    """
    inside = dict.fromkeys(members)
    if not inside:
        return False
    seen = {members[0]: None}
    queue = [members[0]]
    for node in queue:
        for other in near[node]:
            if other in inside and other not in seen:
                seen[other] = None
                queue.append(other)
    return len(seen) == len(inside)
