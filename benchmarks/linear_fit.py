"""What an hour costs as the town grows: a straight line through CPU times of 1,000 to 1,000,000 households.

Every size lives the same days after a first one; the quickest of some runs counts. The line is fitted to
relative errors (weights 1/time), so that a small town counts as much as a large one. ``worst_residual_frac``
is how far the worst size lies from the line: a size with slow hours shows there, and in R2.
"""

import argparse
import json
import time
from typing import Any

import numpy as np

from benchmarks.reference_loop import reference_loop_s
from benchmarks.week import town

SIZES = {1_000: (96, 5), 10_000: (72, 4), 100_000: (48, 2), 1_000_000: (24, 1)}  # households: hours, runs
WARM_UP_H = 24


def us_per_hour(households: int, hours: int, runs: int) -> float:
    """CPU time of an hour of this size [us], the quickest run."""
    found = []
    for _ in range(runs):
        society = town(households, WARM_UP_H + hours).run(WARM_UP_H)
        begin = time.process_time()
        society.run(hours)
        found.append(time.process_time() - begin)
    return 1e6 * min(found) / hours


def line(households: np.ndarray, us: np.ndarray) -> dict[str, float]:
    """The straight line of least relative squares through the times, and how well it fits.

    >>> fit = line(np.array([1e3, 1e4, 1e5]), np.array([1100.0, 2000.0, 11000.0]))
    >>> round(fit["slope_ns_per_household_hour"], 6), round(fit["intercept_us"], 6), round(fit["r2"], 6)
    (100.0, 1000.0, 1.0)
    """
    terms = np.column_stack([households, np.ones(len(us))])
    (slope, intercept), *_ = np.linalg.lstsq(terms / us[:, None], np.ones(len(us)), rcond=None)
    off_frac = (slope * households + intercept) / us - 1.0
    spread = ((us - us.mean()) ** 2).sum()
    return {
        "slope_ns_per_household_hour": 1e3 * float(slope),
        "intercept_us": float(intercept),
        "r2": 1.0 - float(((off_frac * us) ** 2).sum() / spread),
        "worst_residual_frac": float(np.abs(off_frac).max()),
    }


def measure(sizes: dict[int, tuple[int, int]]) -> dict[str, Any]:
    """The entry ``linear_fit`` of ``results.json``."""
    town(200, 24).run(24)  # compiled, and files read once
    loop_s = reference_loop_s()
    us = {households: us_per_hour(households, *plan) for households, plan in sizes.items()}
    fit = line(np.array(list(us), dtype=float), np.array(list(us.values())))
    return fit | {
        "us_per_hour": {str(households): value for households, value in us.items()},
        "reference_loop_s": min(loop_s, reference_loop_s()),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    options = parser.parse_args()
    print(json.dumps(measure({rows: SIZES.get(rows, (24, 1)) for rows in options.sizes})))
