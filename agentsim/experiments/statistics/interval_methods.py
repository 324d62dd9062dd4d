"""Bounds of 95 % intervals by several methods: pure functions of a sample; which one is used when is a rule
of ``intervals.py``.

Every method gives the bounds ``(low, high)`` of a mean. ``docs/statistics.md`` says why each is there.
"""

import math
from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

CONFIDENCE = 0.95
TAIL = 0.5 * (1.0 - CONFIDENCE)
RESAMPLES = 4000  # of the bootstrap
LEAST_SPREAD = 0.3  # chosen by coverage: with less the intervals are wider and cover skewed data no better
STEPS = 1000  # of the integral over one of two beta distributions

Bounds = tuple[float, float]


@cache
def t_quantile(degrees: int, confidence: float = CONFIDENCE) -> float:
    """The t with P(|T| <= t) = *confidence* for Student's t with *degrees* degrees of freedom.

    >>> round(t_quantile(4), 4)
    2.7764
    """
    from scipy.special import stdtrit  # not at the start: its import takes a fifth of a second

    if degrees < 1 or not 0.0 < confidence < 1.0:
        raise ValueError(f"no t quantile for {degrees} degrees of freedom at confidence {confidence}")
    return float(stdtrit(degrees, 0.5 * (1.0 + confidence)))


def student_t(sample: np.ndarray) -> Bounds:
    """Student's t: exact for normal data, good for symmetric ones."""
    mean = float(sample.mean())
    half = t_quantile(sample.size - 1) * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return mean - half, mean + half


@cache
def _subsets(n: int) -> np.ndarray:
    """(2^n - 1, n) which values each subset but the empty one has, as 0 and 1."""
    return (np.arange(1, 2**n)[:, None] >> np.arange(n) & 1).astype(float)


def means_of_subsets(sample: np.ndarray) -> np.ndarray:
    """(2^n - 1,) the mean of every subset of *n* values but the empty one."""
    subsets = _subsets(sample.size)
    return subsets @ sample / subsets.sum(axis=1)


def sign_flip(sample: np.ndarray) -> Bounds:
    """All centres that the sign-flip (permutation) test of the mean does not reject, for 6 to 12 values.

    Exact for every symmetric distribution, whatever its tails. The test flips the signs of all subsets of
    ``sample - centre``. It rejects where the means of too few subsets lie on one side of the centre, so the
    bounds are order statistics of the means of all subsets (Hartigan 1969).
    """
    means = np.sort(means_of_subsets(sample))
    left_out = int(TAIL * 2**sample.size)
    return float(means[left_out - 1]), float(means[-left_out])


@lru_cache(maxsize=4)
def resampled_shares(n: int) -> np.ndarray:
    """(RESAMPLES, n) the share that each value has in a resample, always the same for the same *n*."""
    equal = np.full(n, 1.0 / n)
    return np.random.default_rng(n).multinomial(n, equal, RESAMPLES) / n


def bootstrap_t(sample: np.ndarray) -> Bounds:
    """The bootstrap t (Efron 1979; Hall 1988): like Student's t, with the quantiles of t over resamples.

    It follows the skew of the data. The standard deviation of a resample counts as at least ``LEAST_SPREAD``
    of that of the sample, because a resample of nearly equal values would have a t without any bound.
    """
    mean, scale = float(sample.mean()), float(sample.std())
    low, high = np.quantile(t_of_resamples(sample.tobytes()), (TAIL, 1.0 - TAIL))
    return mean - float(high) * scale, mean - float(low) * scale


@lru_cache(maxsize=1)  # the interval and the p-value of a sample are asked for one after the other
def t_of_resamples(sample: bytes) -> np.ndarray:
    """(RESAMPLES,) how far the mean of each resample of the numbers lies from theirs, in its own spread."""
    values = np.frombuffer(sample)
    gaps, shares = values - values.mean(), resampled_shares(values.size)
    shift = shares @ gaps
    variance = np.maximum(shares @ gaps**2 - shift**2, (LEAST_SPREAD * float(values.std())) ** 2)
    return shift / np.sqrt(variance)


def skew_t(sample: np.ndarray) -> Bounds:
    """Student's t moved for skew (Johnson 1978; Hall 1992): what the bootstrap t tends to in large samples.

    The quantiles of t move by ``-g (2 t^2 + 1) / (6 sqrt(n))``, with the skewness *g* of the sample. Nothing
    is drawn, so that its cost grows with *n* alone.
    """
    n, mean, scale = sample.size, float(sample.mean()), float(sample.std())
    t = t_quantile(n - 1)
    skewness = float(((sample - mean) ** 3).mean()) / scale**3
    shift = skewness * (2.0 * t * t + 1.0) / (6.0 * math.sqrt(n))
    half = scale / math.sqrt(n - 1)
    return mean + (shift - t) * half, mean + (shift + t) * half


def wider(one: Bounds, other: Bounds) -> Bounds:
    """The lower of the lower bounds and the higher of the higher ones."""
    return min(one[0], other[0]), max(one[1], other[1])


def clopper_pearson(count: int, n: int) -> Bounds:
    """Exact bounds of a probability after *count* events in *n* runs (Clopper and Pearson 1934).

    >>> [round(bound, 4) for bound in clopper_pearson(0, 5)]
    [0.0, 0.5218]
    """
    from scipy.special import betaincinv

    low = float(betaincinv(count, n - count + 1, TAIL)) if count else 0.0
    high = float(betaincinv(count + 1, n - count, 1.0 - TAIL)) if count < n else 1.0
    return low, high


def paired_events(gained: int, lost: int, n: int) -> Bounds:
    """Bounds of the difference of two probabilities from *n* pairs (Fay and Lumbard 2021).

    *gained* pairs have the event on the first side only, *lost* pairs on the second side only. The interval
    excludes 0 if and only if the exact test of McNemar rejects.

    >>> [round(bound, 4) for bound in paired_events(0, 0, 5)]
    [-0.5218, 0.5218]
    """
    return _lower(gained, lost, n), -_lower(lost, gained, n)


@cache
def _lower(gained: int, lost: int, n: int) -> float:
    """The 2.5 % quantile of ``s q``, the lower of the two bounds of a melded interval.

    q is the probability that a pair differs, and s = 2 p - 1, with p the probability that a differing pair
    gains. p has the beta distribution of its lower Clopper-Pearson bound; q has that of its lower bound where
    s > 0, of its upper bound where s < 0.
    """
    from scipy.special import betainc, betaincinv

    differ = gained + lost
    ranks = (np.arange(STEPS) + 0.5) / STEPS
    s = 2.0 * betaincinv(gained, lost + 1, ranks) - 1.0 if gained else np.array([-1.0])
    down, up = s[s < 0.0], s[s > 0.0]

    def share_below(value: float) -> float:
        if value < 0.0:
            reach = np.minimum(value / down, 1.0)
            above = 1.0 - betainc(differ + 1, n - differ, reach) if differ < n else (reach < 1.0) * 1.0
            return float(above.sum()) / s.size
        below = betainc(differ, n - differ + 1, np.minimum(value / up, 1.0))
        return (s.size - up.size + float(below.sum())) / s.size

    return _root(lambda value: share_below(value) - TAIL, -1.0, 1.0)


def _root(rising: Callable[[float], float], low: float, high: float) -> float:
    """Where a function that rises from below 0 to above 0 is 0, by bisection."""
    for _ in range(50):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if rising(middle) > 0.0 else (middle, high)
    return round(0.5 * (low + high), 12)
