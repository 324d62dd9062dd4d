"""Income and size of homes, and what depends on both: load, cars and stocks.

A home's income is its decile's. Larger homes are richer: a share ``size_income_link`` of homes has the size
of its income's rank, the others have a size by chance. So both distributions are those of the parameters.
"""

import numpy as np

from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.place.cases import Place

_RANKS = 1000  # income ranks over which a city's means are taken


def pick(draw: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Indices drawn in proportion to *weight* by inversion, array as *draw*."""
    edge = np.cumsum(weight) / np.sum(weight)
    return np.minimum(np.searchsorted(edge, draw, side="right"), len(weight) - 1)


def decile_of(rank: np.ndarray, decile_frac: np.ndarray | None, district: np.ndarray) -> np.ndarray:
    """Income decile of each household, array (households,): its rank in the mix of its district."""
    if decile_frac is None:
        return np.minimum((rank * 10).astype(int), 9)
    edge = np.cumsum(decile_frac, axis=1)[:, :-1]
    return (rank[:, None] >= edge[district]).sum(axis=1)


def income_frac(decile: np.ndarray, parameters: HouseholdsParameters) -> np.ndarray:
    """Income over the median household's, array as *decile*."""
    income = np.array(parameters.income_jpy_per_month)
    return income[decile] / np.sqrt(income[4] * income[5])


def load_frac(decile: np.ndarray, persons: np.ndarray, parameters: HouseholdsParameters) -> np.ndarray:
    """Load of a home over that of one person with the median income, array as *decile*.

    The load of homes of this size x (income / median) ** ``load_income_elasticity``.
    """
    by_size = np.array(parameters.load_by_persons)[persons - 1]
    return by_size * income_frac(decile, parameters) ** parameters.load_income_elasticity


def car_chance(decile: np.ndarray, persons: np.ndarray, parameters: HouseholdsParameters) -> np.ndarray:
    """Probability that a home owns a car, array as *decile*: a logit of size and log income."""
    p = parameters
    odds = np.where(persons > 1, p.car_frac_family, p.car_frac_single)
    odds = odds / (1.0 - odds) * income_frac(decile, p) ** p.car_income_weight
    return odds / (1.0 + odds)


def stock_frac(decile: np.ndarray, persons: np.ndarray, parameters: HouseholdsParameters) -> np.ndarray:
    """Stock a head over that of a family in the middle of the deciles, array as *decile*."""
    p = parameters
    richer = np.maximum(1.0 + p.stock_income_slope * (decile - 4.5), 0.1)
    return richer * np.where(persons > 1, 1.0, p.stock_single_frac)


class Mix:
    """Every income rank of every district once with the size of its rank and once with each size by chance.

    Means over it are those of an endless number of homes, so that they do not depend on how many are drawn.
    """

    def __init__(self, place: Place, parameters: HouseholdsParameters) -> None:
        p, sizes = parameters, np.array(parameters.persons_frac) / sum(parameters.persons_frac)
        count = len(place.districts)
        rank = np.tile((np.arange(_RANKS) + 0.5) / _RANKS, count)
        district = np.repeat(np.arange(count), _RANKS)
        decile = decile_of(rank, place.decile_frac, district)
        share = (place.districts.people / place.districts.people.sum())[district] / _RANKS
        linked, link = 1 + pick(rank, sizes), p.size_income_link
        self.decile = np.tile(decile, len(sizes) + 1)
        self.persons = np.concatenate([linked, np.repeat(1 + np.arange(len(sizes)), len(rank))])
        by_chance = np.repeat(sizes * (1.0 - link), len(rank)) * np.tile(share, len(sizes))
        self.weight = np.concatenate([link * share, by_chance])

    def mean(self, column: np.ndarray, weight: np.ndarray | float = 1.0) -> float:
        """Mean of a column of the mix over homes, or over what homes have so much *weight* of."""
        return float((column * self.weight * weight).sum() / (self.weight * weight).sum())
