"""Shares of a whole, element by element, where some wholes are nothing.

Two answers are usual where there is no whole, so there are two functions: nothing was lost of nothing
(:func:`share`, 0), and all of nothing was served (:func:`ratio`, 1). Neither is held within 0 and 1.
"""

import numpy as np


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 0 where there is no whole.

    >>> share(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, 0.0]
    """
    return np.divide(part, whole, out=np.zeros(np.broadcast(part, whole).shape), where=whole > 0.0)


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 1 where there is no whole.

    >>> ratio(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, 1.0]
    """
    return np.divide(part, whole, out=np.ones(np.broadcast(part, whole).shape), where=whole > 0.0)
