"""Prospects of ore: what geologists measure of them, what is there, and what past ones teach (S9).

Each prospect has indicators x (geology, geophysics, geochemistry), standard normal. Metal is there with the
chance 1 / (1 + exp(-(a + b u.x))), where u is nature's own direction, unknown to all. What is measured is
x + noise. A logistic regression (ridge, by maximum likelihood) learns from prospects whose result is known,
and ranks the others. How much it helps is up to signal, noise and the number of known results.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams

_QUADRATURE = 40  # nodes at which the mean chance is taken


@dataclass(frozen=True)
class ProspectsParameters:
    """Geology, as far as it can be seen from outside."""

    success_frac: float = parameter(
        0.05, "1", "of targets that are drilled without learning (S9)", "A", 0.001, 0.9
    )
    indicators: int = parameter(6, "1", "measurements of a prospect", "A", 1, 100)
    signal: float = parameter(
        1.0,
        "1",
        "b: how much the log-odds of metal vary with the geology, in standard deviations",
        "A",
        0,
        10,
    )
    noise: float = parameter(
        1.0, "1", "error of a measurement over the variation of what it measures", "A", 0, 1e6
    )
    known_results: int = parameter(
        200, "1", "prospects drilled in the past, with public results", "A", 0, 10**5
    )
    ridge: float = parameter(
        10.0, "1", "penalty on the weights, that little data do not mislead", "A", 0, 1e6
    )
    candidates_per_target: int = parameter(
        4, "1", "prospects out of which each target is chosen", "A", 1, 1000
    )


class Geology:
    """Nature's side of prospects; draws of year *y* belong to that year, and row *i* to its prospect *i*."""

    def __init__(self, streams: Streams, parameters: ProspectsParameters) -> None:
        self.streams, self.parameters = streams, parameters
        direction = streams.normal("prospects/direction", 0, parameters.indicators)
        self._direction = direction / np.linalg.norm(direction)
        self._level = level(parameters.success_frac, parameters.signal)

    def prospects(self, year: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
        """What is measured, (rows, indicators), and where metal is, bool (rows,); year -1 is the past."""
        p, hour = self.parameters, year + 1
        size = rows * p.indicators
        true = self.streams.normal("prospects/geology", hour, size).reshape(rows, p.indicators)
        error = self.streams.normal("prospects/noise", hour, size).reshape(rows, p.indicators)
        chance = _chance(self._level + p.signal * (true @ self._direction))
        return true + p.noise * error, self.streams.uniform("prospects/metal", hour, rows) < chance


def _chance(log_odds: np.ndarray) -> np.ndarray:
    """Chance by the logarithm of its odds, without overflow."""
    return np.exp(-np.logaddexp(0.0, -log_odds))


def level(success_frac: float, signal: float) -> float:
    """The level a at which the mean chance over all prospects is *success_frac*.

    >>> round(level(0.05, 0.0), 3)
    -2.944
    """
    from scipy.optimize import brentq  # here, because most runs have no prospects

    nodes, weights = np.polynomial.hermite_e.hermegauss(_QUADRATURE)
    weights = weights / weights.sum()

    def excess(a: float) -> float:
        return float(weights @ _chance(a + signal * nodes)) - success_frac

    return float(brentq(excess, -100.0, 100.0))


def learn(measured: np.ndarray, found: np.ndarray, ridge: float) -> np.ndarray:
    """Weights of a logistic regression with intercept, (1 + indicators,), by penalised maximum likelihood.

    Parameters
    ----------
    measured : (rows, indicators) of prospects with a known result
    found : bool (rows,)
    ridge : half of it times the squared weights, without the intercept, is added to the log loss
    """
    from scipy.optimize import minimize

    design = np.column_stack([np.ones(len(measured)), measured])
    penalty = np.r_[0.0, np.full(measured.shape[1], ridge)]

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        score = design @ weights
        value = np.logaddexp(0.0, score).sum() - score[found].sum() + 0.5 * penalty @ weights**2
        return float(value), design.T @ (_chance(score) - found) + penalty * weights

    start = np.zeros(design.shape[1])
    return np.asarray(minimize(loss, start, jac=True, method="BFGS").x)


def ranked(measured: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Rows of *measured*, the most promising first; ties in their own order."""
    return np.argsort(-(measured @ weights[1:]), kind="stable")
