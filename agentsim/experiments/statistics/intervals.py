"""95 % intervals of means, of paired differences and of a ratio of two means: which method is used when.

The rule, in this order:

=====================================================  ===========  ==========================================
data                                                   ``method``   interval
=====================================================  ===========  ==========================================
fewer than 2 values                                    none         no bounds (nan)
a count that is 0 or 1 in every run: an event          exact        Clopper-Pearson; for a paired difference
                                                                    Fay and Lumbard (2021)
all values or differences equal                        equal        no width
2 to 5                                                 t_few        Student's t
6 to 11                                                flip         the wider of an inverted sign-flip
                                                                    (permutation) test and the bootstrap t
12 to 199                                              t            the wider of Student's t and the
                                                                    bootstrap t
200 or more                                            t_many       the wider of Student's t and the same
                                                                    moved for skew
a ratio of two means                                   fieller      Fieller's, by Student's t
=====================================================  ===========  ==========================================

An interval should contain the true mean in 95 of 100 cases. ``NOT_COVERED`` lists where it does so clearly
less or more often. No bound lies where a value cannot lie: the kind of an outcome says what it can be
(``outcomes.record.KINDS``).
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agentsim.experiments.statistics.interval_methods import (
    Bounds,
    bootstrap_t,
    clopper_pearson,
    paired_events,
    sign_flip,
    skew_t,
    student_t,
    t_quantile,
    wider,
)
from agentsim.outcomes.record import KINDS, OUTCOMES

FEW, MANY = (
    6,
    12,
)  # from how many values the sign-flip test can reject at all, and from which Student's t is used
VAST = 200  # from how many values the bootstrap t is no better than its limit, which is computed at once
NONE, EXACT, EQUAL, T_FEW = "none", "exact", "equal", "t_few"
FLIP, T, T_MANY, FIELLER = "flip", "t", "t_many", "fieller"

# Percent of 95 % intervals that contain the true mean difference, by data and number of pairs, where it is
# not clearly between 92 and 98 (measured, 2000 repetitions). Skewed: lognormal. Rare: amounts that are 0 in
# nine runs of ten. Event: happens in one run of ten. Below 6 pairs only normal and other symmetric data are
# covered.
NOT_COVERED = {
    ("skewed", 5): 81,
    ("skewed", 12): 91,
    ("rare", 5): 37,
    ("rare", 12): 61,
    ("rare", 30): 83,
    ("rare", 200): 93,
    ("event", 5): 100,
    ("event", 12): 100,
    ("event", 30): 99,
}

Values = Sequence[float] | np.ndarray


class Interval(NamedTuple):
    """A mean with the bounds of its 95 % interval and the method that gave them; nan where there is none."""

    mean: float
    low: float
    high: float
    method: str


def kind_of(outcome: str) -> str:
    """The kind of an outcome by name; one that is not registered may be any number (``balance``)."""
    return OUTCOMES[outcome].kind if outcome in OUTCOMES else "balance"


def mean_interval(values: Values, kind: str = "balance") -> Interval:
    """Mean of *values* of a *kind* of ``KINDS``, with its 95 % interval.

    >>> [round(number, 3) for number in mean_interval([1.0, 2.0, 3.0])[:3]]
    [2.0, -0.484, 4.484]
    """
    sample = np.asarray(values, dtype=float)
    if sample.size == 0:
        return Interval(math.nan, math.nan, math.nan, NONE)
    if sample.size > 1 and is_event(sample, kind):
        count = int(sample.sum())
        return Interval(count / sample.size, *clopper_pearson(count, sample.size), EXACT)
    return _within(_by_number(sample), KINDS[kind])


def difference_interval(values: Values, before: Values, kind: str = "balance") -> Interval:
    """Mean of ``values - before``, paired, with its 95 % interval.

    It is not below what would take away all that there was *before*, at the upper bound of that mean.
    """
    ours, base = np.asarray(values, dtype=float), np.asarray(before, dtype=float)
    change = ours - base
    if change.size > 1 and is_event(np.append(ours, base), kind):
        gained, lost = int((change > 0.0).sum()), int((change < 0.0).sum())
        bounds = paired_events(gained, lost, change.size)
        return Interval((gained - lost) / change.size, *bounds, EXACT)
    found, (least, most) = _by_number(change), KINDS[kind]
    if found.method in (NONE, EQUAL) or kind == "balance":
        return found
    _, low, high, _ = mean_interval(before, kind)
    return _within(found, (least - high, most - low))


def ratio_interval(top: Values, bottom: Values) -> Interval:
    """Ratio of the means of paired values and its 95 % interval by Fieller's theorem (1954).

    The interval is that of all ratios r for which mean(top - r bottom) is not clearly other than 0. All is
    nan unless *bottom* is clearly positive (its own interval above 0): a ratio to nothing means nothing.
    """
    above, below = np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)
    nothing = Interval(math.nan, math.nan, math.nan, NONE)
    if above.size == 0 or below.mean() <= 0.0:
        return nothing
    ratio = float(above.mean() / below.mean())
    if above.size == 1:
        return Interval(ratio, math.nan, math.nan, NONE)
    squared_t = t_quantile(above.size - 1) ** 2 / above.size
    (aa, ab), (_, bb) = (np.cov(above, below) * squared_t).tolist()
    a, b, c = below.mean() ** 2 - bb, above.mean() * below.mean() - ab, above.mean() ** 2 - aa
    if a <= 0.0 or mean_interval(bottom).low <= 0.0:
        return nothing
    root = math.sqrt(max(0.0, b * b - a * c))
    return Interval(ratio, float((b - root) / a), float((b + root) / a), FIELLER)


def is_event(sample: np.ndarray, kind: str) -> bool:
    """Whether the values are a count that is 0 or 1 in every run."""
    return kind == "count" and bool(np.isin(sample, (0.0, 1.0)).all())


def _by_number(sample: np.ndarray) -> Interval:
    """The interval of a mean by the number of values alone."""
    mean = float(sample.mean()) if sample.size else math.nan
    if sample.size < 2:
        return Interval(mean, math.nan, math.nan, NONE)
    if (sample == sample[0]).all():
        return Interval(float(sample[0]), float(sample[0]), float(sample[0]), EQUAL)
    if sample.size < FEW:
        return Interval(mean, *student_t(sample), T_FEW)
    if sample.size >= VAST:
        return Interval(mean, *wider(student_t(sample), skew_t(sample)), T_MANY)
    symmetric = sign_flip(sample) if sample.size < MANY else student_t(sample)
    method = FLIP if sample.size < MANY else T
    return Interval(mean, *wider(symmetric, bootstrap_t(sample)), method)


def _within(found: Interval, possible: Bounds) -> Interval:
    """Bounds that lie where a mean can lie; they still enclose the mean that was found."""
    mean, low, high, method = found
    least, most = possible
    return Interval(mean, max(low, min(least, mean)), min(high, max(most, mean)), method)
