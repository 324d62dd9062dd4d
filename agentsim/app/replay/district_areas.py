"""Areas of districts on the map: each point belongs to the district of the nearest zone."""

from dataclasses import dataclass

import numpy as np

Point = tuple[float, float]
FRAME = -1  # the neighbour beyond the edge of the city
DIGITS = 1  # corners of neighbouring cells meet to this many decimals


@dataclass(frozen=True)
class Cell:
    """A convex area: its corners in order, and for the side after each corner the number of the next cell."""

    points: list[list[float]]
    beyond: list[int]


def hull(points: np.ndarray, margin: float) -> np.ndarray:
    """Convex hull of points (n, 2), pushed out by *margin* (Andrew's monotone chain), counter-clockwise.

    >>> hull(np.array([[0, 0], [2, 0], [1, 1], [2, 2], [0, 2.0]]), 0.0).tolist()
    [[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]]
    """
    around = [
        (x + margin * dx, y + margin * dy)
        for x, y in points.tolist()
        for dx, dy in (_RING if margin else ((0.0, 0.0),))
    ]
    ordered = sorted(set(around))
    chains: list[list[Point]] = []
    for way in (ordered, ordered[::-1]):
        chain: list[Point] = []
        for point in way:
            while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
                chain.pop()
            chain.append(point)
        chains.append(chain[:-1])
    return np.array(chains[0] + chains[1])


_RING = [(float(np.cos(a)), float(np.sin(a))) for a in np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)]


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def cells(seeds: np.ndarray, frame: np.ndarray) -> list[Cell]:
    """The part of *frame* nearest to each seed (Voronoi cells).

    Parameters
    ----------
    seeds : array (seeds, 2); of two at one place the first has the cell, the second has none
    frame : convex polygon (corners, 2)
    """
    found = []
    for own, seed in enumerate(seeds):
        corners, beyond = [tuple(corner) for corner in frame.tolist()], [FRAME] * len(frame)
        for other in np.argsort(((seeds - seed) ** 2).sum(axis=1), kind="stable").tolist():
            if other != own and (seeds[other] != seed).any():
                corners, beyond = _cut(corners, beyond, seed, seeds[other], other)
            elif other < own:
                corners, beyond = [], []
        rounded = [[round(x, DIGITS), round(y, DIGITS)] for x, y in corners]
        keep = [k for k, point in enumerate(rounded) if point != rounded[(k + 1) % len(rounded)]]
        found.append(Cell([rounded[k] for k in keep], [beyond[k] for k in keep]))
    return found


def _cut(
    corners: list[Point], beyond: list[int], seed: np.ndarray, other: np.ndarray, name: int
) -> tuple[list[Point], list[int]]:
    """What of a convex polygon is nearer to *seed* than to *other*; the new side has *name* beyond it."""
    normal, middle = other - seed, (other + seed) / 2.0
    side = [float((x - middle[0]) * normal[0] + (y - middle[1]) * normal[1]) for x, y in corners]
    if all(s <= 0 for s in side):
        return corners, beyond
    points: list[Point] = []
    names: list[int] = []
    for k, (x, y) in enumerate(corners):
        after = (k + 1) % len(corners)
        if side[k] <= 0:
            points.append((x, y))
            names.append(beyond[k])
        if (side[k] <= 0) != (side[after] <= 0):
            part = side[k] / (side[k] - side[after])
            to = corners[after]
            points.append((x + part * (to[0] - x), y + part * (to[1] - y)))
            names.append(name if side[k] <= 0 else beyond[k])
    return points, names


def outlines(areas: list[Cell], district: np.ndarray, districts: int) -> list[list[list[list[float]]]]:
    """Outer lines of each district: closed rings of corners, the sides between its own cells left out."""
    return [_rings(_outer_sides(areas, district, d)) for d in range(districts)]


def _outer_sides(areas: list[Cell], district: np.ndarray, own: int) -> dict[Point, list[Point]]:
    sides: dict[Point, list[Point]] = {}
    for zone in np.flatnonzero(district == own).tolist():
        cell = areas[zone]
        for k, name in enumerate(cell.beyond):
            if name == FRAME or district[name] != own:
                begin, end = cell.points[k], cell.points[(k + 1) % len(cell.points)]
                sides.setdefault((begin[0], begin[1]), []).append((end[0], end[1]))
    return sides


def _rings(sides: dict[Point, list[Point]]) -> list[list[list[float]]]:
    """Chain the sides to rings; after a corner that rounding has moved, continue at the nearest open end."""
    rings = []
    while sides:
        start = next(iter(sides))
        ring, here = [list(start)], _walk(sides, start)
        while here != start:
            if here not in sides:
                near = min([*sides, start], key=lambda p: (p[0] - here[0]) ** 2 + (p[1] - here[1]) ** 2)
                if near == start:
                    break
                here = near
            ring.append(list(here))
            here = _walk(sides, here)
        if len(ring) > 2:
            rings.append(ring)
    return rings


def _walk(sides: dict[Point, list[Point]], here: Point) -> Point:
    ends = sides[here]
    end = ends.pop()
    if not ends:
        del sides[here]
    return end
