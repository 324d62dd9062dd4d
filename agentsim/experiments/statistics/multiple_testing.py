"""p-values corrected for how many differences are tested at once: Holm, and Benjamini and Hochberg.

Holm (1979) keeps the chance of even one false finding at the level; it serves statements that are published
one by one. Benjamini and Hochberg (1995) keep the expected share of false ones among the findings at the
level; it serves a table that is looked through. Values that are not a number are no test and stay so.
"""

import numpy as np

Values = np.ndarray


def holm(p_values: Values) -> Values:
    """Adjusted p-values by Holm: the k-th smallest of m is multiplied by m - k + 1, and none is below an
    earlier one.

    >>> holm(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.06, 0.06]
    """
    adjusted, order = _sorted(p_values)
    tests = order.size
    adjusted[order] = np.maximum.accumulate(adjusted[order] * (tests - np.arange(tests)))
    return np.minimum(adjusted, 1.0)


def benjamini_hochberg(p_values: Values) -> Values:
    """Adjusted p-values by Benjamini and Hochberg: the k-th smallest of m is multiplied by m / k, and none is
    above a later one.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03])).round(3).tolist()
    [0.03, 0.04, 0.04]
    """
    adjusted, order = _sorted(p_values)
    tests = order.size
    scaled = adjusted[order] * tests / np.arange(1, tests + 1)
    adjusted[order] = np.minimum.accumulate(scaled[::-1])[::-1]
    return np.minimum(adjusted, 1.0)


def _sorted(p_values: Values) -> tuple[Values, Values]:
    """A copy of the values, and the places of the tests among them from the smallest on."""
    values = np.array(p_values, dtype=float)
    tests = np.flatnonzero(~np.isnan(values))
    return values, tests[np.argsort(values[tests], kind="stable")]
