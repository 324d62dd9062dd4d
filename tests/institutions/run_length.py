"""Theory of the test on meters: mean run length of a CUSUM, and the largest loss that it lets pass."""

from math import erf, sqrt

import numpy as np

from agentsim.institutions.detection import DetectionParameters
from agentsim.institutions.meters import MetersParameters, noise_sd


def run_length(shift: float, slack: float = 0.5, alarm_level: float = 5.0, cells: int = 120) -> float:
    """Mean number of steps to an alarm when z has mean *shift* and standard deviation 1 (ARL).

    The level as a Markov chain on *cells* cells (Brook & Evans 1972, Biometrika 59).
    """
    width = 2.0 * alarm_level / (2.0 * cells - 1.0)
    centre = width * np.arange(cells)
    edge = centre + width / 2.0
    below = _phi(edge[None, :] - centre[:, None] - shift + slack)  # chance to end below each cell's edge
    move = np.diff(below, axis=1, prepend=0.0)
    return float(np.linalg.solve(np.eye(cells) - move, np.ones(cells))[0])


def _phi(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1.0 + np.vectorize(erf)(x / sqrt(2.0)))


def largest_loss(
    slack: float = 0.5, alarm_level: float = 5.0, horizon_h: float = np.inf
) -> tuple[float, float]:
    """What the cleverest thief takes before the alarm, max over delta of delta ARL(delta), and that delta.

    Both in standard deviations of a district's mean report; the first times hours. The thief has no longer
    than *horizon_h*.
    """
    shifts = np.arange(0.02, 1.0, 0.01)
    steps = [min(run_length(shift, slack, alarm_level, 60), horizon_h) for shift in shifts.tolist()]
    loss = shifts * np.array(steps)
    best = int(loss.argmax())
    return float(loss[best]), float(shifts[best])


def hidden_loss_cap_h(
    reporters: float,
    horizon_h: float = np.inf,
    meters: MetersParameters | None = None,
    numbers: DetectionParameters | None = None,
) -> float:
    """Share of a district's need, times hours, that the cleverest thief can hide before an alarm [h]."""
    meters, numbers = meters or MetersParameters(), numbers or DetectionParameters()
    sd = float(noise_sd(meters.meter_sigma, np.array([reporters]), meters.shared_error)[0])
    honest_frac = max(1.0 - meters.compromised_frac, 1e-9)
    return largest_loss(numbers.slack, numbers.alarm_level, horizon_h)[0] * sd / honest_frac
