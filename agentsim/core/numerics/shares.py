"""Shares of a whole, element by element, where some wholes are nothing.

Two answers are usual where there is no whole, so there are two functions: nothing was lost of nothing
(:func:`share`, 0), and all of nothing was served (:func:`ratio`, 1). Neither is held within 0 and 1.
"""

import numpy as np

from agentsim.core.numerics.kernel import kernel

_FLOAT = np.dtype(np.float64)


def share(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 0 where there is no whole.

    >>> share(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, 0.0]
    """
    return _divide(part, whole, 0.0)


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 1 where there is no whole.

    >>> ratio(np.array([1.0, 0.0]), np.array([4.0, 0.0])).tolist()
    [0.25, 1.0]
    """
    return _divide(part, whole, 1.0)


def _divide(part: np.ndarray, whole: np.ndarray, of_nothing: float) -> np.ndarray:
    """part / whole, *of_nothing* where there is no whole; both are broadcast to one shape."""
    if _plain(part) and _plain(whole) and part.size == whole.size:
        quotient = np.empty(part.size)
        divide(part, whole, of_nothing, quotient)
        return quotient
    part, whole = np.broadcast_arrays(np.asarray(part, dtype=float), np.asarray(whole, dtype=float))
    quotient = np.empty(part.size)
    divide(part.ravel(), whole.ravel(), of_nothing, quotient)
    return quotient.reshape(part.shape)


def _plain(values: np.ndarray) -> bool:
    """Whether an argument is a contiguous array of one dimension, as kernels take them."""
    if type(values) is not np.ndarray or values.dtype is not _FLOAT:
        return False
    return values.ndim == 1 and values.flags.c_contiguous


@kernel
def divide(part: np.ndarray, whole: np.ndarray, of_nothing: float, quotient: np.ndarray) -> None:
    """part / whole into *quotient*, *of_nothing* where the whole is not above 0, arrays (n,)."""
    for i in range(part.size):
        quotient[i] = part[i] / whole[i] if whole[i] > 0.0 else of_nothing
