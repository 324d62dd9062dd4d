"""One size of town for a week: how long, how much memory, and for what.

Run in a process of its own (``python -m benchmarks.week 30000``), because the peak of memory belongs to a
process and the first run in it compiles.
"""

import argparse
import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from agentsim import load
from agentsim.society.society import Society
from benchmarks.engine_replay import ENGINES, recording, replay
from benchmarks.reference_loop import reference_loop_s

SCENARIO = Path(__file__).parent.parent / "scenarios" / "ordinary_fortnight.toml"
SEED = 1
RULES = ("ask_power", "ask_water", "rotate", "live", "end_day")
MB = 1024.0 if sys.platform != "darwin" else 1024.0**2  # ru_maxrss counts kB, on macOS bytes


def town(households: int, hours: int) -> Society:
    """An ordinary week without attack or policy.

    Bay City has 30,000 real households. A simulated one stands for ten of them in the town, for one in the
    city; in the metropolis it stands for 0.03: the networks serve the same city, drawn more finely.
    """
    scenario = load(SCENARIO).with_changes({"place.households": households, "hours": hours})
    return Society(scenario, policies=(), attacker="none", seed=SEED)


class Stopwatch:
    """Seconds spent in methods of a society's parts, by heading."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    def clock(self, owner: Any, method: str, heading: str) -> None:
        """From now on calls of this method count under *heading*."""
        timed: Callable = getattr(owner, method)
        self.seconds.setdefault(heading, 0.0)

        def clocked(*arguments: Any, **named: Any) -> Any:
            begin = perf_counter()
            try:
                return timed(*arguments, **named)
            finally:
                self.seconds[heading] += perf_counter() - begin

        setattr(owner, method, clocked)


def live_once(households: int, hours: int) -> dict[str, Any]:
    """One run, clocked: a dozen readings of the clock an hour, which cost microseconds."""
    begin = perf_counter()
    society, watch = town(households, hours), Stopwatch()
    set_up_s = perf_counter() - begin
    for rule in RULES:
        watch.clock(society.population, rule, "households")
    watch.clock(society.population.larder, "ask_food", "households")
    for network in ENGINES:
        watch.clock(getattr(society.coupling, network), "serve", network)
    begin, begin_cpu = perf_counter(), process_time()
    society.run(hours)
    wall_s, cpu_s = perf_counter() - begin, process_time() - begin_cpu
    found = {"wall_s": wall_s, "cpu_s": cpu_s, "set_up_s": set_up_s, "weight": society.population.weight}
    return found | {"digest": digest(society), **watch.seconds}


def digest(society: Society) -> list[float]:
    """Sums of everything in the record: two runs that agree in it did the same work."""
    record = society.record
    return [float(np.sum(column)) for table in (record.at, record.city) for column in table.values()]


def engine_floor_s(households: int, hours: int, expected: list[float], repeats: int) -> dict[str, float]:
    """Bare seconds by engine for the inputs of the run, the quickest of some replays."""
    society = town(households, hours)
    with recording(society) as tapes:
        society.run(hours)
    assert digest(society) == expected, "the recorded run differs from the timed one"
    played = [replay(tapes, town(households, hours), society) for _ in range(repeats)]
    return {engine: min(one[engine] for one in played) for engine in ENGINES}


def measure(households: int, hours: int = 168, repeats: int = 3) -> dict[str, Any]:
    """One entry of ``results.json``.

    Of several runs the quickest counts: other work on the machine only adds. Where ``cpu_s`` is still well
    below ``wall_s`` the machine was busy, and the entry says little. ``peak_mb`` is read after
    the timed runs and before the recorded one, whose tapes take memory of their own.
    """
    town(200, 24).run(24)  # whatever compiles, or is read once, has been before the clock starts
    loop_s = reference_loop_s()
    runs = [live_once(households, hours) for _ in range(repeats)]
    loop_s = min(loop_s, reference_loop_s())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    best = min(runs, key=lambda run: run["wall_s"])
    rules_s = best["households"]
    floor = engine_floor_s(households, hours, best["digest"], repeats)
    floor_s = sum(floor.values())
    share = {name: best[name] / best["wall_s"] for name in ("households", *ENGINES)}
    share["rest"] = 1.0 - sum(share.values())
    return {
        "households": households,
        "weight": best["weight"],
        "hours": hours,
        "wall_s": best["wall_s"],
        "cpu_s": best["cpu_s"],
        "ms_per_hour": 1000.0 * best["wall_s"] / hours,
        "set_up_s": best["set_up_s"],
        "peak_mb": peak_mb,
        "engine_floor_s": floor_s,
        "engine_floor_s_by_network": floor,
        "household_rules_s": rules_s,
        "overhead_ratio": best["wall_s"] / (floor_s + rules_s),
        "share": share,
        "repeats": repeats,
        "reference_loop_s": loop_s,
    }


def main() -> None:
    """Prints the entry as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("households", type=int)
    parser.add_argument("--hours", type=int, default=168)
    parser.add_argument("--repeats", type=int, default=3)
    print(json.dumps(measure(**vars(parser.parse_args()))))


if __name__ == "__main__":
    main()
