"""The p-value of a paired difference, by the same methods as its interval (``interval_methods.py``).

The p-value is below 0.05 where the 95 % interval excludes 0. Where the interval is the wider of two, the
p-value is the larger of two.
"""

import math

import numpy as np

from agentsim.experiments.statistics.interval_methods import means_of_subsets, t_of_resamples
from agentsim.experiments.statistics.intervals import FEW, MANY, VAST, Values, is_event


def p_of_difference(values: Values, before: Values, kind: str = "balance") -> float:
    """Two-sided p-value of the mean of ``values - before``, paired, against a mean of 0.

    It is 0 where all differences are equal and not 0: there is no chance in them. It is not a number with
    fewer than two pairs.

    >>> round(p_of_difference([1.0, 2.0, 3.0], [0.0, 0.0, 0.0]), 4)
    0.0742
    """
    ours, base = np.asarray(values, dtype=float), np.asarray(before, dtype=float)
    change = ours - base
    if change.size < 2:
        return math.nan
    if is_event(np.append(ours, base), kind):
        return mcnemar(int((change > 0.0).sum()), int((change < 0.0).sum()))
    if (change == change[0]).all():
        return float(change[0] == 0.0)
    if change.size < FEW:
        return student_t_p(change)
    symmetric = sign_flip_p(change) if change.size < MANY else student_t_p(change)
    return max(symmetric, bootstrap_t_p(change) if change.size < VAST else skew_t_p(change))


def student_t_p(sample: np.ndarray) -> float:
    """p-value of Student's t test of a mean of 0."""
    from scipy.special import stdtr  # not at the start: its import takes a fifth of a second

    t = abs(float(sample.mean())) * math.sqrt(sample.size) / float(sample.std(ddof=1))
    return float(2.0 * stdtr(sample.size - 1, -t))


def sign_flip_p(sample: np.ndarray) -> float:
    """p-value of the sign-flip (permutation) test of a mean of 0, at least 2 / 2^n for *n* values."""
    means = means_of_subsets(sample)
    fewer = min(int((means <= 0.0).sum()), int((means >= 0.0).sum()))
    return min(1.0, 2.0 * (fewer + 1) / 2**sample.size)


def bootstrap_t_p(sample: np.ndarray) -> float:
    """p-value by the bootstrap t, at least 2 / 4001."""
    reached = t_of_resamples(sample.tobytes())
    t = float(sample.mean()) / float(sample.std())
    beyond = min(int((reached >= t).sum()), int((reached <= t).sum()))
    return min(1.0, 2.0 * (beyond + 1) / (reached.size + 1))


def skew_t_p(sample: np.ndarray) -> float:
    """p-value by Student's t moved for skew, as in ``interval_methods.skew_t``.

    It is that of the t at which a bound of the interval reaches 0: t = c + a t^2.
    """
    from scipy.special import stdtr

    turned = sample * math.copysign(1.0, float(sample.mean()))
    n, mean, scale = sample.size, float(turned.mean()), float(turned.std())
    skewness = float(((turned - mean) ** 3).mean()) / scale**3
    a = skewness / (3.0 * math.sqrt(n))
    c = mean * math.sqrt(n - 1) / scale + skewness / (6.0 * math.sqrt(n))
    if c <= 0.0 or 1.0 - 4.0 * a * c < 0.0:
        return float(c <= 0.0)
    return float(2.0 * stdtr(n - 1, -2.0 * c / (1.0 + math.sqrt(1.0 - 4.0 * a * c))))


def mcnemar(gained: int, lost: int) -> float:
    """p-value of McNemar's exact test: pairs that have an event on the first side only, and on the second.

    >>> mcnemar(6, 0), mcnemar(1, 1)
    (0.03125, 1.0)
    """
    from scipy.special import bdtr

    return min(1.0, 2.0 * float(bdtr(min(gained, lost), gained + lost, 0.5))) if gained + lost else 1.0
