"""How long runs take on this machine: an estimate at first, then what the last runs took."""

import statistics
from collections import deque

from agentsim.app.replay.recording import Request
from agentsim.experiments.runs.estimate import HOUR_MS, HOUSEHOLD_HOUR_US

KEPT = 20  # of the last runs
SLOWER = 2.0  # a recorded run against the estimate of a bare one
PLANNING_RUNS = 15.0  # a planning attacker's trials cost about as much as so many runs


class RunTimes:
    """Seconds of a run, by its hours."""

    def __init__(self) -> None:
        self._s_per_hour: deque[float] = deque(maxlen=KEPT)

    def note(self, request: Request, seeds: int, spent_s: float) -> None:
        """A run, or a table of so many replications, has taken so long; planning ones are not counted."""
        if not is_planned(request):
            self._s_per_hour.append(spent_s / (request.hours * _runs(request, seeds)))

    def about_s(self, request: Request, seeds: int = 0) -> float:
        """Seconds that a run will take once it begins [s]."""
        if self._s_per_hour:
            one_s = statistics.median(self._s_per_hour) * request.hours
        else:
            hour_s = HOUR_MS / 1e3 + request.households * HOUSEHOLD_HOUR_US / 1e6
            one_s = SLOWER * hour_s * request.hours
        return one_s * (_runs(request, seeds) + (PLANNING_RUNS if is_planned(request) else 0.0))


def is_planned(request: Request) -> bool:
    """True if an attacker plans before the run."""
    return request.plan is None and request.attacker.endswith(":best_response")


def _runs(request: Request, seeds: int) -> int:
    sides = 2 if request.policies else 1
    return sides * seeds if seeds else 1


def told_s(seconds: float) -> int:
    """Seconds as they are told: a round number.

    >>> told_s(0.4), told_s(7.2), told_s(34.0), told_s(190.0)
    (1, 7, 30, 190)
    """
    return max(1, round(seconds)) if seconds < 20 else 10 * round(seconds / 10)
