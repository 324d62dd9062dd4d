"""A map for a network that has none: nodes placed by the lengths of the links between them."""

import heapq

import numpy as np

PIVOTS = 60  # nodes from which distances are measured; more change the picture little


def distances_from(
    start: int, near: list[list[tuple[int, float]]], unreachable: float = np.inf
) -> np.ndarray:
    """Shortest way along links from a node to every other, array (nodes,) (Dijkstra 1959)."""
    best = np.full(len(near), unreachable)
    best[start] = 0.0
    queue = [(0.0, start)]
    while queue:
        far, node = heapq.heappop(queue)
        if far > best[node]:
            continue
        for other, length in near[node]:
            if far + length < best[other]:
                best[other] = far + length
                heapq.heappush(queue, (far + length, other))
    return best


def links_by_node(
    nodes: int, link_from: np.ndarray, link_to: np.ndarray, length: np.ndarray
) -> list[list[tuple[int, float]]]:
    """Both ways of every link: (other node, length) for each node."""
    near: list[list[tuple[int, float]]] = [[] for _ in range(nodes)]
    for a, b, far in zip(link_from.tolist(), link_to.tolist(), length.tolist(), strict=True):
        near[a].append((b, far))
        near[b].append((a, far))
    return near


def place_by_distance(
    nodes: int, link_from: np.ndarray, link_to: np.ndarray, length_m: np.ndarray, detour: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Points in the plane whose distances resemble those along the links [m], arrays (nodes,).

    Pivot multidimensional scaling (Brandes and Pich 2007): distances to some far-apart nodes, squared,
    doubly centred, and projected on their two main axes. Parts that hang on nothing stand beyond the
    farthest distance found; the scale makes ways along the links *detour* times as long as the straight line.

    >>> x, _ = place_by_distance(3, np.array([0, 1]), np.array([1, 2]), np.array([100.0, 100.0]))
    >>> (np.abs(np.diff(x)).round(6)).tolist()
    [100.0, 100.0]
    """
    near = links_by_node(nodes, link_from, link_to, np.maximum(length_m, 1.0))
    chosen, rows, pivots = 0, [], []
    nearest = np.full(nodes, np.inf)
    for _ in range(min(nodes, PIVOTS)):
        row = distances_from(chosen, near)
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
    drawn = np.hypot(*(flat[:, None, :] - flat[None, pivots, :]).transpose(2, 0, 1))
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
