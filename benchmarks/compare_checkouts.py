"""CPU time of an hour in two checkouts, lived in turn so that the machine's speed cancels out.

    python benchmarks/compare_checkouts.py OLD NEW [--rounds 10] [--households 3000]

Each round lives the ordinary fortnight in a fresh process of each checkout, without an attacker, and takes
the CPU time of the hours after the first day. Printed are the best of all rounds, milliseconds an hour, and
the ratio of the two. A loop of five million additions is timed beside them, so that machines can be compared.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

SCENARIO = "scenarios/ordinary_fortnight.toml"


def lived_ms_per_h(households: int, hours: int) -> float:
    """CPU time of an hour in this process's checkout [ms]."""
    import agentsim

    changes = {"place.households": (households, "benchmark"), "hours": (24 + hours, "benchmark")}
    society = agentsim.Society(agentsim.load(SCENARIO, changes), attacker="none", seed=1)
    society.run(24)
    begin = time.process_time()
    society.run(hours)
    return 1e3 * (time.process_time() - begin) / hours


def measured(checkout: Path, households: int, hours: int) -> float:
    """As :func:`lived_ms_per_h`, in a fresh process of *checkout*."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, os.path.abspath(__file__), "--live", str(households), str(hours)]
    done = subprocess.run(command, cwd=checkout, env=environment, check=True, capture_output=True, text=True)
    return float(done.stdout.splitlines()[-1])


def reference_loop_s() -> float:
    """CPU time of five million additions in plain Python [s]."""
    begin, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number
    return time.process_time() - begin


def main() -> int:
    """Measures two checkouts in turn and prints the ratio of their best rounds."""
    if sys.argv[1:2] == ["--live"]:
        print(lived_ms_per_h(int(sys.argv[2]), int(sys.argv[3])))
        return 0
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--households", type=int, default=3000)
    parser.add_argument("--hours", type=int, default=168)
    options = parser.parse_args()
    size = (options.households, options.hours)
    found: list[list[float]] = [[], []]
    for _ in range(options.rounds):
        for times, checkout in zip(found, (options.old, options.new), strict=True):
            times.append(measured(checkout.resolve(), *size))
    old, new = (min(times) for times in found)
    print(
        f"reference loop {reference_loop_s():.2f} s; {options.rounds} rounds, {options.households} households"
    )
    print(f"old {old:.3f} ms/h, new {new:.3f} ms/h, ratio {new / old:.3f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
