"""Zones and districts: junctions cluster into zones, neighbouring zones into municipalities."""

from collections.abc import Iterator, Sequence

import numpy as np

from agentsim.core.numerics.graphs import is_connected
from agentsim.core.numerics.transportation import cheapest_shipment
from agentsim.place.parameters import DistrictName


def cluster(x_km: np.ndarray, y_km: np.ndarray, weight: np.ndarray, clusters: int) -> np.ndarray:
    """Cluster index of each point by weighted k-means, array (points,).

    Lloyd's algorithm from centres that lie far apart: the first is the point nearest to the weighted mean,
    each next the point with the largest weight x squared distance to those before. Nothing is random.

    >>> cluster(np.array([0.0, 0.1, 5.0]), np.zeros(3), np.ones(3), 2).tolist()
    [0, 0, 1]
    """
    points = np.column_stack([x_km, y_km])
    mean = np.average(points, axis=0, weights=weight)
    chosen = [int(np.argmin(((points - mean) ** 2).sum(axis=1)))]
    nearest = np.full(len(points), np.inf)
    while len(chosen) < clusters:
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
        chosen.append(int(np.argmax(nearest * weight)))
    centres = points[chosen]
    label = np.full(len(points), -1)
    for _ in range(200):
        squared = ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2)
        new = np.argmin(squared, axis=1)
        if (new == label).all():
            break
        label = new
        for k in range(clusters):
            mine = label == k
            if mine.any():
                centres[k] = np.average(points[mine], axis=0, weights=weight[mine])
    # every cluster keeps at least its first point, also where points coincide
    for k in range(clusters):
        if not (label == k).any():
            label[chosen[k]] = k
    return label


def districts_of_zones(
    x_km: np.ndarray,
    y_km: np.ndarray,
    people: np.ndarray,
    near: list[list[int]],
    districts: int,
    compactness: float,
) -> np.ndarray:
    """District index of each zone, array (zones,): contiguous, of like population, compact.

    Minimises the sum over districts of ((P_d - mean P) / mean P)^2 + *compactness* x (mean squared radius
    of the districts / that of the city). Regions grow from far-apart seeds, one start for each zone; border
    zones change sides while that lowers the sum; in the best starts also pairs of zones do.

    Raises
    ------
    ValueError : the zones are not connected
    """
    if not is_connected(range(len(people)), near):
        raise ValueError("zones are not connected")
    division = _Division(x_km, y_km, people, near, districts, compactness)
    first = range(0, len(people), -(-len(people) // MOST_STARTS))
    starts = [_grow(x_km, y_km, people, near, _seeds(x_km, y_km, districts, k)) for k in first]
    single = sorted((division.refine(district, pairs=False), k) for k, district in enumerate(starts))
    pairs = len(people) <= MOST_ZONES_FOR_PAIRS
    finished = sorted((division.refine(starts[k], pairs=pairs), k) for _, k in single[:BEST_STARTS])
    return np.array(starts[finished[0][1]])


BEST_STARTS = 3  # for so many starts pairs of zones are tried too, which takes long
MOST_STARTS = 40  # one for each zone of an ordinary city; of a larger road file, evenly chosen zones
MOST_ZONES_FOR_PAIRS = 60


def _seeds(x_km: np.ndarray, y_km: np.ndarray, districts: int, first: int) -> list[int]:
    chosen = [first]
    nearest = np.full(len(x_km), np.inf)
    while len(chosen) < districts:
        k = chosen[-1]
        nearest = np.minimum(nearest, (x_km - x_km[k]) ** 2 + (y_km - y_km[k]) ** 2)
        chosen.append(int(np.argmax(nearest)))
    return chosen


def _grow(
    x_km: np.ndarray, y_km: np.ndarray, people: np.ndarray, near: list[list[int]], seeds: list[int]
) -> list[int]:
    """District of each zone: the least populated one that can grow gets the free zone nearest to its seed."""
    district = [-1] * len(people)
    held = [0.0] * len(seeds)
    members: list[list[int]] = [[] for _ in seeds]
    for k, seed in enumerate(seeds):
        district[seed], held[k] = k, float(people[seed])
        members[k].append(seed)
    for _ in range(len(people) - len(seeds)):
        for k in sorted(range(len(seeds)), key=lambda k: (held[k], k)):
            free = sorted({z for m in members[k] for z in near[m] if district[z] < 0})
            if free:
                s = seeds[k]
                zone = min(free, key=lambda z: ((x_km[z] - x_km[s]) ** 2 + (y_km[z] - y_km[s]) ** 2, z))
                district[zone], held[k] = k, held[k] + float(people[zone])
                members[k].append(zone)
                break
    return district


Sums = tuple[int, float, float, float, float]  # number of zones; people, x, y, x^2 + y^2 over them
Moves = tuple[tuple[int, int], ...]  # each a zone and the district that it goes to


class _Division:
    """The cost of a division into districts, and moves that lower it."""

    def __init__(
        self,
        x_km: np.ndarray,
        y_km: np.ndarray,
        people: np.ndarray,
        near: list[list[int]],
        districts: int,
        compactness: float,
    ) -> None:
        spread = float(np.mean((x_km - x_km.mean()) ** 2 + (y_km - y_km.mean()) ** 2)) or 1.0
        self.x, self.y, self.people, self.near = x_km.tolist(), y_km.tolist(), people.tolist(), near
        self.mean = float(people.sum()) / districts or 1.0
        self.districts = districts
        self.factor = compactness * districts / (spread * len(people))

    def part(self, sums: Sums) -> float:
        """Cost of one district."""
        zones, people, x, y, square = sums
        if zones < 1:
            return np.inf
        return (people / self.mean - 1.0) ** 2 + self.factor * (square - (x * x + y * y) / zones)

    def sums(self, district: list[int]) -> list[Sums]:
        """Sums over the zones of each district."""
        found = [(0, 0.0, 0.0, 0.0, 0.0)] * self.districts
        for zone, k in enumerate(district):
            found[k] = self._with(found[k], zone, 1)
        return found

    def _with(self, sums: Sums, zone: int, times: int) -> Sums:
        """*sums* with one zone more (*times* 1) or less (-1)."""
        zones, people, x, y, square = sums
        here_x, here_y = self.x[zone], self.y[zone]
        square += times * (here_x * here_x + here_y * here_y)
        return (
            zones + times,
            people + times * self.people[zone],
            x + times * here_x,
            y + times * here_y,
            square,
        )

    def _gain(self, sums: list[Sums], district: list[int], moves: Moves) -> float:
        """Change of the cost when zones go to other districts."""
        after: dict[int, Sums] = {}
        for zone, to in moves:
            for k, times in ((district[zone], -1), (to, 1)):
                after[k] = self._with(after.get(k, sums[k]), zone, times)
        return sum(map(self.part, after.values())) - sum(self.part(sums[k]) for k in after)

    def moves(self, district: list[int]) -> list[tuple[int, int]]:
        """(zone, district beside it) for every zone on a border."""
        beside = [
            (z, sorted({district[n] for n in self.near[z]} - {district[z]})) for z in range(len(district))
        ]
        return [(z, b) for z, around in beside for b in around]

    def legal(self, district: list[int], moves: Moves) -> bool:
        """Whether all districts stay in one piece."""
        after = district.copy()
        for zone, to in moves:
            after[zone] = to
        touched = {k for zone, to in moves for k in (district[zone], to)}
        return all(is_connected([z for z, k in enumerate(after) if k == t], self.near) for t in touched)

    def refine(self, district: list[int], pairs: bool) -> float:
        """Make the best move, or pair of moves, while one lowers the cost; changes *district*."""
        for _ in range(20 * len(district)):
            sums, best = self.sums(district), -1e-9
            chosen: Moves = ()
            for moves in self._trials(district, pairs):
                gain = self._gain(sums, district, moves)
                if gain < best and self.legal(district, moves):
                    best, chosen = gain, moves
            if not chosen:
                break
            for zone, to in chosen:
                district[zone] = to
        return sum(map(self.part, self.sums(district)))

    def _trials(self, district: list[int], pairs: bool) -> Iterator[Moves]:
        for zone, b in self.moves(district):
            yield ((zone, b),)
            if pairs:
                first = district.copy()
                first[zone] = b
                for other, c in self.moves(first):
                    if b == first[other] != c and other != zone:
                        yield (zone, b), (other, c)


COMPASS = (
    ("East", "東部"),
    ("North-east", "北東部"),
    ("North", "北部"),
    ("North-west", "北西部"),
    ("West", "西部"),
    ("South-west", "南西部"),
    ("South", "南部"),
    ("South-east", "南東部"),
)


def names_of_districts(
    x_km: np.ndarray, y_km: np.ndarray, given: Sequence[DistrictName]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """English and Japanese names: the given ones where they fit best, else by compass.

    >>> names_of_districts(np.array([-1.0, 1.0, 0.0]), np.zeros(3), ())[0]
    ('West', 'East', 'Centre')
    """
    half_x = max(float(np.ptp(x_km)) / 2, 1e-9)
    half_y = max(float(np.ptp(y_km)) / 2, 1e-9)
    u = (x_km - (x_km.max() + x_km.min()) / 2) / half_x
    v = (y_km - (y_km.max() + y_km.min()) / 2) / half_y
    if len(given) >= len(x_km):
        at = np.array([[name.x, name.y] for name in given])
        cost = (u[:, None] - at[None, :, 0]) ** 2 + (v[:, None] - at[None, :, 1]) ** 2
        chosen = np.argmax(cheapest_shipment(np.ones(len(given)), np.ones(len(u)), cost.T).T, axis=1)
        return tuple(given[k].name for k in chosen), tuple(given[k].name_ja for k in chosen)
    names: list[str] = []
    names_ja: list[str] = []
    for a, b in zip(u, v, strict=True):
        sector = round(float(np.arctan2(b, a)) / (np.pi / 4)) % 8
        name, name_ja = ("Centre", "中心部") if np.hypot(a, b) < 0.35 else COMPASS[sector]
        again = sum(other.split(" ")[0] == name for other in names)
        names.append(f"{name} {again + 1}" if again else name)
        names_ja.append(f"{name_ja}{again + 1}" if again else name_ja)
    return tuple(names), tuple(names_ja)
