"""Two checkouts side by side, measured in turn in fresh processes, so that the machine's speed cancels out.

    python benchmarks/compare_checkouts.py OLD NEW [--rounds 5] [--demo] [--million] [--only town city ...]

Every round measures the old checkout, then the new one; the quickest round of each counts. For town (3,000
households) and city (30,000) a week is taken apart by each checkout's own ``benchmarks/week.py`` into the
bare time of its engines, the household rules, and the rest:

    glue = wall - engine floor - household rules

A day from start to end, ``agentsim --help`` and the plan of one attack are timed as whole processes. A loop
of five million additions in plain Python is timed beside them, so that machines can be compared.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

SIZES = {"town": 3_000, "city": 30_000}
MILLION = 1_000_000
ORDINARY, HOSTILE = "scenarios/ordinary_fortnight.toml", "scenarios/hostile_operator.toml"
PLAN = (
    "import sys, agentsim; agentsim.Society(agentsim.load(sys.argv[1]), policies=['E-C2'], "
    "attacker='coercer:best_response', seed=1)"
)
Figures = dict[str, float]  # name with unit -> value; the smaller the better


def reference_loop_s() -> float:
    """CPU time of five million additions in plain Python [s]."""
    begin, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number
    return time.process_time() - begin


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments, on the package of *checkout* and on one thread."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # else all modules of a checkout are compiled each time
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{checkout}: {' '.join(arguments)} failed:\n{done.stderr}")
    return done


def whole_process(checkout: Path, *arguments: str) -> tuple[float, float]:
    """(wall, CPU) seconds of a process and of all that it starts."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    run(checkout, *arguments)
    wall_s, after = time.perf_counter() - begin, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall_s, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def parts(week: dict[str, float]) -> Figures:
    """An hour taken apart, from an entry of ``benchmarks/week.py``.

    >>> week = {"hours": 10, "wall_s": 0.5, "cpu_s": 0.5, "engine_floor_s": 0.125, "household_rules_s": 0.25}
    >>> parts(week)["glue ms/h"]
    12.5
    """
    per_hour = 1e3 / week["hours"]
    floor_s, rules_s = week["engine_floor_s"], week["household_rules_s"]
    return {
        "wall ms/h": week["wall_s"] * per_hour,
        "CPU ms/h": week["cpu_s"] * per_hour,
        "engine floor ms/h": floor_s * per_hour,
        "household rules ms/h": rules_s * per_hour,
        "glue ms/h": (week["wall_s"] - floor_s - rules_s) * per_hour,
        "overhead_ratio": week["wall_s"] / (floor_s + rules_s),
    }


def week_of(households: int, hours: int, repeats: int = 2) -> Callable[[Path], Figures]:
    """Measures a week of this size."""
    size = (str(households), "--hours", str(hours), "--repeats", str(repeats))

    def measure(checkout: Path) -> Figures:
        found = json.loads(run(checkout, "-m", "benchmarks.week", *size).stdout.splitlines()[-1])
        return parts(found)

    return measure


def command(*arguments: str) -> Callable[[Path], Figures]:
    """Measures a command of agentsim from start to end."""
    return process("-m", "agentsim", *arguments)


def process(*arguments: str) -> Callable[[Path], Figures]:
    """Measures a process from start to end."""

    def measure(checkout: Path) -> Figures:
        wall_s, cpu_s = whole_process(checkout, *arguments)
        return {"wall s": wall_s, "CPU s": cpu_s}

    return measure


def subjects(hours: int) -> dict[str, Callable[[Path], Figures]]:
    """What can be measured, by name; the last two take minutes."""
    return {
        **{name: week_of(households, hours) for name, households in SIZES.items()},
        "agentsim run of a day": command("run", ORDINARY, "--hours", "24"),
        "agentsim --help": command("--help"),
        "plan of one attack": process("-c", PLAN, HOSTILE),
        "a million households": week_of(MILLION, hours, repeats=1),
        "make demo": command("compare", HOSTILE),
    }


def best(rounds: list[Figures]) -> Figures:
    """The quickest round as a whole: its parts belong together."""
    return min(rounds, key=lambda found: next(iter(found.values())))


def compared(
    measure: Callable[[Path], Figures], old: Path, new: Path, rounds: int
) -> tuple[Figures, Figures]:
    """The quickest rounds of both checkouts, measured in turn."""
    found: tuple[list[Figures], list[Figures]] = ([], [])
    for _ in range(rounds):
        for times, checkout in zip(found, (old, new), strict=True):
            times.append(measure(checkout))
    return best(found[0]), best(found[1])


def table(subject: str, old: Figures, new: Figures) -> str:
    """Both and their ratio, a line for each figure."""
    lines = [f"{subject:32}{'old':>11}{'new':>11}{'new/old':>10}"]
    lines += [
        f"  {name:30}{old[name]:>11.3f}{new[name]:>11.3f}{new[name] / old[name]:>10.3f}" for name in old
    ]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Measures two checkouts in turn and prints the ratios of their quickest rounds."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hours", type=int, default=168, help="of a run (default a week)")
    parser.add_argument("--demo", action="store_true", help="also make demo's job (minutes)")
    parser.add_argument("--million", action="store_true", help="also a million households (minutes)")
    parser.add_argument("--only", nargs="+", metavar="SUBJECT", help="of: " + ", ".join(subjects(0)))
    options = parser.parse_args()
    known = subjects(options.hours)
    usual = [*list(known)[:-2], *(["a million households"] if options.million else [])]
    wanted = options.only or [*usual, *(["make demo"] if options.demo else [])]
    if unknown := [name for name in wanted if name not in known]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    old, new = options.old.resolve(), options.new.resolve()
    loops = [reference_loop_s()]
    for name in wanted:
        rounds = 1 if name in ("a million households", "make demo") else options.rounds
        print(table(name, *compared(known[name], old, new, rounds)), flush=True)
        loops.append(reference_loop_s())
    print(f"reference loop {min(loops):.3f} s (slowest {max(loops):.3f} s); {options.rounds} rounds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
