"""Incomes of districts where no table gives them: how unequal they are, and which districts are poor."""

from itertools import pairwise
from math import exp, log, sqrt
from statistics import NormalDist

import numpy as np

from agentsim.place.cases import SECTORS, Districts
from agentsim.place.parameters import PlaceParameters

_NORMAL = NormalDist()
_STEPS = 60  # of bisection


def sigma_of_gini(gini: float) -> float:
    """Spread of the logarithm of lognormal incomes with this Gini coefficient: sqrt(2) Phi^-1((1 + G) / 2).

    Aitchison and Brown, The Lognormal Distribution (1957), section 2.4.

    >>> round(sigma_of_gini(0.33), 3)
    0.603
    """
    return sqrt(2.0) * _NORMAL.inv_cdf((1.0 + gini) / 2.0)


def gini(value: np.ndarray, weight: np.ndarray) -> float:
    """Gini coefficient of *value* over holders of so much *weight*: 0 where all have the same.

    >>> gini(np.array([0.0, 1.0]), np.ones(2))
    0.5
    """
    apart = np.abs(value[:, None] - value) * weight[:, None] * weight
    return float(apart.sum() / (2.0 * weight.sum() * (value @ weight)))


def median_fracs(towns: Districts, p: PlaceParameters) -> np.ndarray:
    """Median income of each district over the city's, array (districts,).

    Incomes fall with the jobs in manufacturing a head: districts in this order have the scores of a normal
    distribution, spread so that the Gini coefficient between them is ``income_gini_between``.
    """
    factories = towns.jobs[:, SECTORS.index("manufacturing")] / np.maximum(towns.people, 1e-9)
    order = np.argsort(-factories, kind="stable")
    share = towns.people[order] / towns.people.sum()
    score = np.empty(len(order))
    score[order] = [_NORMAL.inv_cdf(min(max(rank, 1e-6), 1 - 1e-6)) for rank in np.cumsum(share) - share / 2]
    low, high = 0.0, 3.0
    for _ in range(_STEPS):
        spread = (low + high) / 2.0
        if gini(np.exp(spread * score), towns.people) < p.income_gini_between:
            low = spread
        else:
            high = spread
    fracs = np.exp(low * score)
    return fracs / np.exp(np.average(np.log(fracs), weights=towns.people))


def decile_fracs(median_frac: np.ndarray, people: np.ndarray, p: PlaceParameters) -> np.ndarray:
    """Share of each district's homes in the city's income deciles, array (districts, 10).

    Incomes of a district are lognormal around its median. A tenth of the city's homes is in each decile.
    """
    sigma, share = sigma_of_gini(p.income_gini_within), people / people.sum()
    edge = [_quantile(k / 10.0, median_frac, share, sigma) for k in range(1, 10)]
    below = [[_NORMAL.cdf((log(x) - log(m)) / sigma) for x in edge] for m in median_frac]
    return np.array([[high - low for low, high in pairwise([0.0, *row, 1.0])] for row in below])


def _quantile(rank: float, median_frac: np.ndarray, share: np.ndarray, sigma: float) -> float:
    """Income below which this share of the city's homes lies, over the city's median."""
    low, high = log(float(median_frac.min())) - 5.0 * sigma, log(float(median_frac.max())) + 5.0 * sigma
    for _ in range(_STEPS):
        middle = (low + high) / 2.0
        below = sum(
            s * _NORMAL.cdf((middle - log(m)) / sigma) for s, m in zip(share, median_frac, strict=True)
        )
        low, high = (middle, high) if below < rank else (low, middle)
    return exp(low)
