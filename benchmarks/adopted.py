"""What adopted measures cost: an hour with none, with all of power and water, with all of transport, in turn.

CPU time of a week without attack in a town and a city, in one process, as ratios over the hour with none.
"""

import argparse
import json
import time
from statistics import median
from typing import Any

from agentsim import load
from agentsim.society.society import Society
from benchmarks.week import SCENARIO

SIZES = {"town": 3_000, "city": 30_000}  # households
MEASURES = {
    "power_and_water": ("E-S1", "E-S2", "E-S3", "E-S4", "W-S1", "W-S2", "W-S3"),
    "transport": ("T-S1", "T-S2", "T-S3"),
}
HOURS, ROUNDS, SEED = 168, 5, 1


def cpu_s(households: int, policies: tuple[str, ...], hours: int) -> float:
    """CPU time of one run, without setting it up [s]."""
    scenario = load(SCENARIO).with_changes({"place.households": households, "hours": hours})
    society = Society(scenario, policies=policies, attacker="none", seed=SEED)
    begin = time.process_time()
    society.run()
    return time.process_time() - begin


def measure(households: int, hours: int = HOURS, rounds: int = ROUNDS) -> dict[str, Any]:
    """Medians by set of measures, and of the ratios of runs that followed each other."""
    sets = {"none": (), **MEASURES}
    for policies in sets.values():
        cpu_s(households, policies, 24)  # compiled, and warm
    found: dict[str, list[float]] = {name: [] for name in sets}
    for _ in range(rounds):
        for name, policies in sets.items():
            found[name].append(cpu_s(households, policies, hours))
    bare = found["none"]
    return {"households": households, "none_ms_per_hour": 1e3 * median(bare) / hours} | {
        name: {
            "ms_per_hour": 1e3 * median(found[name]) / hours,
            "ratio": median(one / other for one, other in zip(found[name], bare, strict=True)),
        }
        for name in MEASURES
    }


def main() -> None:
    """Prints all sizes as one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    found: dict[str, Any] = {"hours": HOURS, "rounds": rounds, "measures": MEASURES}
    print(json.dumps(found | {name: measure(rows, rounds=rounds) for name, rows in SIZES.items()}))


if __name__ == "__main__":
    main()
