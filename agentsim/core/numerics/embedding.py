"""A map for a network that has none: nodes placed by the lengths of the links between them."""

import numpy as np

from agentsim.core.numerics.graphs import distances_from, links_both_ways

PIVOTS = 60  # nodes from which distances are measured; more change the picture little


def classical_scaling(distance: np.ndarray) -> np.ndarray:
    """Points in the plane whose distances resemble *distance*, array (points, 2) (Torgerson 1952).

    >>> line = np.array([[0.0, 1.0, 2.0], [1.0, 0.0, 1.0], [2.0, 1.0, 0.0]])
    >>> np.abs(classical_scaling(line)[:, 0]).round(6).tolist()
    [1.0, 0.0, 1.0]
    """
    n = len(distance)
    centre = np.eye(n) - 1.0 / n
    values, vectors = np.linalg.eigh(-0.5 * centre @ (distance**2) @ centre)
    values, vectors = values[::-1][:2], vectors[:, ::-1][:, :2]
    # the sign of an eigenvector is free: make its largest entry positive, on every machine
    sign = np.sign(vectors[np.argmax(np.abs(vectors), axis=0), [0, 1]])
    return vectors * sign * np.sqrt(np.maximum(values, 0.0))


def place_by_distance(
    nodes: int, link_from: np.ndarray, link_to: np.ndarray, length_m: np.ndarray, detour: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Points in the plane whose distances resemble those along the links [m], arrays (nodes,).

    Pivot multidimensional scaling (Brandes and Pich 2007): distances to some far-apart nodes, squared,
    doubly centred, and projected on their two main axes. Parts that no link joins to the rest are put
    beyond the farthest distance found; the scale makes ways along the links *detour* times as long as the
    straight line.

    >>> x, _ = place_by_distance(3, np.array([0, 1]), np.array([1, 2]), np.array([100.0, 100.0]))
    >>> (np.abs(np.diff(x)).round(6)).tolist()
    [100.0, 100.0]
    """
    links = links_both_ways(nodes, link_from, link_to, np.maximum(length_m, 1.0))
    chosen, rows, pivots = 0, [], []
    nearest = np.full(nodes, np.inf)
    for _ in range(min(nodes, PIVOTS)):
        row = distances_from(chosen, links)
        rows.append(row)
        pivots.append(chosen)
        nearest = np.minimum(nearest, row)
        chosen = int(np.argmax(nearest))
    far = np.array(rows).T
    finite = np.isfinite(far)
    squared = np.where(finite, far, 1.5 * far[finite].max(initial=1.0)) ** 2
    mean = squared.mean(axis=0), squared.mean(axis=1)[:, None], squared.mean()
    centred = -0.5 * (squared - mean[0] - mean[1] + mean[2])
    _, vectors = np.linalg.eigh(centred.T @ centred)
    vectors = vectors[:, ::-1][:, :2]
    vectors = vectors * np.sign(vectors[np.argmax(np.abs(vectors), axis=0), np.arange(vectors.shape[1])])
    flat = centred @ vectors
    flat /= np.sqrt(np.maximum(np.linalg.norm(flat, axis=0), 1e-12))
    if flat.shape[1] < 2:
        flat = np.column_stack([flat, np.zeros(nodes)])
    drawn = np.hypot(flat[:, None, 0] - flat[None, pivots, 0], flat[:, None, 1] - flat[None, pivots, 1])
    long = (drawn > 0) & finite & (far > 0)
    scale = float(np.median(far[long] / drawn[long])) / detour if long.any() else 1.0
    return flat[:, 0] * scale, flat[:, 1] * scale


def fill_gaps(
    x: np.ndarray, y: np.ndarray, link_from: np.ndarray, link_to: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Nodes without a place (nan) go to the mean of their neighbours that have one, round by round.

    A node that no link joins to a placed one goes to the middle of the map.
    """
    x, y = x.copy(), y.copy()
    while True:
        open_ends = np.isnan(x)
        known = np.zeros(len(x)), np.zeros(len(x)), np.zeros(len(x))
        for a, b in ((link_from, link_to), (link_to, link_from)):
            use = open_ends[a] & ~open_ends[b]
            for total, value in zip(known, (np.ones(len(x)), x, y), strict=True):
                np.add.at(total, a[use], value[b[use]])
        placed = known[0] > 0
        if not placed.any():
            x[open_ends], y[open_ends] = np.nanmean(x), np.nanmean(y)
            return x, y
        x[placed], y[placed] = known[1][placed] / known[0][placed], known[2][placed] / known[0][placed]
