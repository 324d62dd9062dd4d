"""95 % intervals for means, for paired differences and for a ratio of two means."""

import math
from collections.abc import Sequence
from functools import cache

import numpy as np

CONFIDENCE = 0.95


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


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Mean and its 95 % t-interval; the bounds are nan for a single value, all is nan for none.

    >>> [round(bound, 3) for bound in mean_interval([1.0, 2.0, 3.0])]
    [2.0, -0.484, 4.484]
    """
    sample = np.asarray(values, dtype=float)
    if sample.size == 0:
        return math.nan, math.nan, math.nan
    mean = float(sample.mean())
    if sample.size == 1:
        return mean, math.nan, math.nan
    half = t_quantile(sample.size - 1) * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return mean, mean - half, mean + half


def ratio_interval(top: Sequence[float], bottom: Sequence[float]) -> tuple[float, float, float]:
    """Ratio of the means of paired values and its 95 % interval by Fieller's theorem (1954).

    The interval is that of all ratios r for which mean(top - r bottom) is not clearly other than 0. All is
    nan unless *bottom* is clearly positive (its own interval above 0): a ratio to nothing means nothing.
    """
    above, below = np.asarray(top, dtype=float), np.asarray(bottom, dtype=float)
    nothing = (math.nan, math.nan, math.nan)
    if above.size == 0 or below.mean() <= 0.0:
        return nothing
    ratio = float(above.mean() / below.mean())
    if above.size == 1:
        return ratio, math.nan, math.nan
    squared_t = t_quantile(above.size - 1) ** 2 / above.size
    (aa, ab), (_, bb) = (np.cov(above, below) * squared_t).tolist()
    a, b, c = below.mean() ** 2 - bb, above.mean() * below.mean() - ab, above.mean() ** 2 - aa
    if a <= 0.0:
        return nothing
    root = math.sqrt(max(0.0, b * b - a * c))
    return ratio, float((b - root) / a), float((b + root) / a)
