"""What runs will cost in memory and time, to refuse what no machine can finish before it is begun."""

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentsim.core.errors import InvalidScenario
from agentsim.scenario.file import Scenario

# Measured on one core of 2025 (``make bench``): a process without households, and what each adds.
PROCESS_MB, HOUSEHOLD_KB = 150.0, 0.7
HOUR_MS, HOUSEHOLD_HOUR_US = 1.3, 0.09
YEAR_S = 0.8  # of those before the first hour: its typical days
RECORD_KB_PER_H = 1.5  # hours x (districts + city) x columns
ROW_KB = 6.0  # a finished run: its outcomes
MOST_DAYS = 30.0  # of computing
MOST_MEMORY_FRAC = 0.9  # of the machine's


@dataclass(frozen=True)
class Estimate:
    """Memory of all worker processes together, and time until the last one has ended."""

    memory_gb: float
    days: float


def estimate(scenario: Scenario, runs: int = 1, workers: int = 1) -> Estimate:
    """Rough cost of *runs* runs of a scenario on so many *workers*; right within a factor of some."""
    households, hours = scenario.place.households, scenario.hours
    one_mb = PROCESS_MB + (households * HOUSEHOLD_KB + hours * RECORD_KB_PER_H) / 1e3
    memory_gb = (one_mb * min(workers, runs) + runs * ROW_KB / 1e3) / 1e3
    run_s = hours * (HOUR_MS / 1e3 + households * HOUSEHOLD_HOUR_US / 1e6) + scenario.years_before * YEAR_S
    return Estimate(memory_gb, run_s * runs / max(workers, 1) / 86_400.0)


def machine_gb() -> float:
    """Memory of this machine; unlimited where the system does not tell."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9
    except (AttributeError, ValueError, OSError):
        return float("inf")


def refuse_absurd(scenario: Scenario, runs: int = 1, workers: int = 1, anyway: bool = False) -> None:
    """``InvalidScenario`` with the estimate where memory or time is out of reach, unless *anyway*."""
    refuse_absurd_sum([(scenario, runs)], workers, anyway)


def refuse_absurd_sum(
    cases: Sequence[tuple[Scenario, int]], workers: int = 1, anyway: bool = False, here: bool = True
) -> None:
    """As :func:`refuse_absurd`, for so many runs of each of several scenarios.

    *here*: the workers are on this machine, whose memory they share.
    """
    if anyway or not cases:
        return
    costs = [estimate(scenario, runs, workers) for scenario, runs in cases]
    cost = Estimate(max(one.memory_gb for one in costs), sum(one.days for one in costs))
    runs, has_gb, said = sum(runs for _, runs in cases), machine_gb() if here else math.inf, list[str]()
    scenario = max(cases, key=lambda case: case[0].place.households)[0]
    if cost.memory_gb > MOST_MEMORY_FRAC * has_gb:
        said.append(f"about {cost.memory_gb:,.0f} GB of memory (this machine has {has_gb:,.0f} GB)")
    if cost.days > MOST_DAYS:
        said.append(f"about {cost.days:,.0f} days")
    if said:
        raise InvalidScenario(
            [
                f"{runs:,} runs of {scenario.hours:,} hours with {scenario.place.households:,} households "
                f"need {' and '.join(said)}; take fewer households, hours or seeds, or say --anyway"
            ]
        )


def checked_seeds(seeds: int | Iterable[int]) -> Sequence[int]:
    """The seeds themselves, each once: *seeds* is their number or a list of them.

    >>> list(checked_seeds(3)), checked_seeds([4, 4, 7])
    ([1, 2, 3], [4, 7])
    """
    if isinstance(seeds, int):
        if seeds < 1:
            raise InvalidScenario([f"seeds: {seeds} is too small; at least 1 is needed"])
        return range(1, seeds + 1)
    try:
        given = list(seeds)
    except TypeError:
        raise InvalidScenario([f"seeds: {seeds!r} is neither a whole number nor a list of some"]) from None
    wrong = [seed for seed in given if not hasattr(seed, "__index__") or isinstance(seed, bool) or seed < 0]
    if wrong:
        raise InvalidScenario([f"seeds: {wrong[0]!r} is no seed; give whole numbers of 0 or more"])
    if not given:
        raise InvalidScenario(["seeds: the list is empty; give at least one seed"])
    return list(dict.fromkeys(int(seed) for seed in given))
