"""Clustering in space: Moran's I."""

import numpy as np


def morans_i(values: np.ndarray, nearness: np.ndarray) -> float:
    """Moran's I of *values* (places,): above its expectation -1/(n - 1) where near places are alike.

    I = n / sum(w) x sum_ij w_ij z_i z_j / sum_i z_i^2, z the distances from the mean (Moran 1950,
    Biometrika 37). *nearness* is (places, places) without a diagonal; nan where all values are equal.

    >>> line = np.eye(4, k=1) + np.eye(4, k=-1)
    >>> [round(morans_i(np.array(v), line), 3) for v in ([1.0, 1.0, 0.0, 0.0], [1.0, 0.0, 1.0, 0.0])]
    [0.333, -1.0]
    """
    z = values - values.mean()
    spread = float(z @ z)
    return float(len(z) / nearness.sum() * (z @ nearness @ z) / spread) if spread > 0.0 else float("nan")
