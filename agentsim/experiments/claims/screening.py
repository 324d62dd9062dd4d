"""Settings of assumed numbers: Morris screening of all, then a Latin hypercube over those that matter.

Morris (1991) changes one number after the other along trajectories through the whole space. mu* (Campolongo
and others 2007) is the mean size of the effect that a number has, sigma how much it differs from place to
place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from agentsim.core.errors import MissingPackages
from agentsim.experiments.claims.assumptions import Assumption

LEVELS = 4  # of the grid on which trajectories run
SCREENED = 8  # so many numbers that matter most are looked at further
SETTINGS_PER_TRAJECTORY = 25  # of the Latin hypercube
SEED = 1991  # of the design itself; not one of a run


@dataclass(frozen=True)
class Influence:
    """How much a number moves the answer: the mean size of its effect (mu*) and its spread (sigma)."""

    key: str
    mu_star: float
    sigma: float


def salib() -> tuple[Any, Any]:
    """SALib's sampling and analysis by Morris.

    Raises
    ------
    MissingPackages : the extra ``[analysis]`` is not installed
    """
    try:
        from SALib.analyze import morris as analysis
        from SALib.sample import morris as sampling
    except ImportError:
        raise MissingPackages("--design", "analysis") from None
    return sampling, analysis


def problem_of(tried: Sequence[Assumption]) -> dict[str, Any]:
    """The ranges as SALib takes them."""
    return {
        "num_vars": len(tried),
        "names": [one.key for one in tried],
        "bounds": [[one.low, one.high] for one in tried],
    }


def trajectories(tried: Sequence[Assumption], number: int) -> np.ndarray:
    """(number (k + 1), k) settings: *number* trajectories, each changes every one of k numbers once."""
    return salib()[0].sample(problem_of(tried), number, num_levels=LEVELS, seed=SEED)


def influences(tried: Sequence[Assumption], settings: np.ndarray, answers: np.ndarray) -> list[Influence]:
    """Influence of each number, the largest first; trajectories with an answer that is none are left out."""
    length = len(tried) + 1
    whole = np.isfinite(answers).reshape(-1, length).all(axis=1)
    if whole.sum() < 2:
        return []
    kept = np.repeat(whole, length)
    found = salib()[1].analyze(
        problem_of(tried), settings[kept], answers[kept], num_levels=LEVELS, seed=SEED, scaled=False
    )
    names, sizes, spreads = found["names"], found["mu_star"], found["sigma"]
    rows = [Influence(*row) for row in zip(names, map(float, sizes), map(float, spreads), strict=True)]
    return sorted(rows, key=lambda one: -one.mu_star)


def latin_hypercube(tried: Sequence[Assumption], number: int) -> np.ndarray:
    """(number, k) settings that fill the ranges evenly in each of k numbers."""
    from scipy.stats.qmc import LatinHypercube, scale

    drawn = LatinHypercube(len(tried), rng=np.random.default_rng(SEED)).random(number)
    return scale(drawn, [one.low for one in tried], [one.high for one in tried])
