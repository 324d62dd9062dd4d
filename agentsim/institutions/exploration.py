"""Exploration for ore: targets are drilled each year, and mines open years after a find (S9)."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.institutions.prospects import Geology, ProspectsParameters, learn, ranked


@dataclass(frozen=True)
class ExplorationParameters:
    """From a find to a mine."""

    lag_y: tuple[float, float] = parameter(
        (10.0, 16.0), "y", "from a find to the first metal, shortest and longest (S9)", "M", 0, 100
    )
    grade_sigma: float = parameter(0.5, "1", "standard deviation of the log of the grade", "A", 0, 3)
    mine_use_frac: float = parameter(
        0.1, "1", "output of a mine of median grade, share of the city's ordinary use", "A", 0, 10
    )
    mine_life_y: float = parameter(20.0, "y", "until it is worked out", "A", 1, 200)
    price_ratio: float = parameter(
        0.9,
        "1",
        "full cost of metal at the median grade, over the price at the cheapest ore berth",
        "A",
        0,
        20,
    )
    grade_exponent: float = parameter(
        0.7, "1", "cost falls with the grade to this power: poorer ore means more rock", "A", 0, 3
    )
    most_price_ratio: float = parameter(
        1.5, "1", "a find whose metal costs more than this is left alone", "A", 0, 100
    )

    def cost_ratio(self, grade: np.ndarray) -> np.ndarray:
        """Cost of metal over the price at the cheapest ore berth, by the grade over the median one [1]."""
        return self.price_ratio * np.asarray(grade) ** -self.grade_exponent


@dataclass(frozen=True, slots=True)
class Portfolio:
    """Finds of a programme, arrays (finds,) in the order of the years in which they were made."""

    drilled: int
    found_y: np.ndarray  # years since the programme began
    opens_y: np.ndarray  # first metal
    grade: np.ndarray  # over the median one
    worth_mining: np.ndarray  # bool

    def producing(self, year: float, life_y: float) -> np.ndarray:
        """Finds that are mines in a year, bool (finds,)."""
        return self.worth_mining & (self.opens_y <= year) & (year < self.opens_y + life_y)

    def known(self, year: float, life_y: float) -> np.ndarray:
        """Finds that are worth mining and not worked out, mined or not yet, bool (finds,)."""
        return self.worth_mining & (self.found_y <= year) & (year < self.opens_y + life_y)


def explore(
    years: int,
    targets_per_y: int,
    learned: bool,
    streams: Streams,
    prospects: ProspectsParameters,
    parameters: ExplorationParameters,
) -> Portfolio:
    """A programme that drills so many targets in each of so many whole years.

    With *learned* they are those that a regression, taught by all known results, ranks first among the
    candidates of the year; else they are drilled in the order in which they were proposed. The candidates
    of a year, and what is under them, are the same either way.
    """
    geology = Geology(streams, prospects)
    measured, found = geology.prospects(-1, prospects.known_results)
    finds: list[np.ndarray] = []
    for year in range(years):
        candidates, metal = geology.prospects(year, targets_per_y * prospects.candidates_per_target)
        order = np.arange(len(candidates))
        if learned and found.any() and not found.all():
            order = ranked(candidates, learn(measured, found, prospects.ridge))
        chosen = order[:targets_per_y]
        measured, found = np.vstack([measured, candidates[chosen]]), np.append(found, metal[chosen])
        finds.append(_deposits(year, np.sort(chosen[metal[chosen]]), len(candidates), streams, parameters))
    rows = np.concatenate(finds) if finds else np.empty((0, 3))
    grade = rows[:, 2]
    worth = parameters.cost_ratio(grade) <= parameters.most_price_ratio
    return Portfolio(years * targets_per_y, rows[:, 0], rows[:, 1], grade, worth)


def _deposits(
    year: int, rows: np.ndarray, candidates: int, streams: Streams, p: ExplorationParameters
) -> np.ndarray:
    """Year of the find, year of the first metal and grade of the deposits under some *rows*, (rows, 3)."""
    shortest, longest = p.lag_y
    lag_y = shortest + (longest - shortest) * streams.uniform("exploration/lag", year, candidates)[rows]
    grade = np.exp(p.grade_sigma * streams.normal("exploration/grade", year, candidates)[rows])
    found_y = np.full(len(rows), float(year))
    return np.column_stack([found_y, found_y + lag_y, grade])
