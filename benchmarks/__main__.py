"""``python -m benchmarks``: every measurement in a process of its own, into one file.

python -m benchmarks                       all of it (some minutes)
python -m benchmarks town rule             only these; other entries of the file stay
python -m benchmarks town --hours 24       quicker
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

HERE = Path(__file__).parent
SIZES = {"town": (3_000, 5), "city": (30_000, 3), "metropolis": (1_000_000, 1)}  # households, repeats
OTHERS = {
    "rule": ("household_rule", "benchmarks.household_rule"),
    "sweep": ("sweep", "benchmarks.sweep_rate"),
    "institutions": ("institutions", "benchmarks.institutions"),
    "page": ("page", "benchmarks.page"),
}
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
        elif name == "page" and (missing := why_no_page()):
            print(f"left out: {missing}", file=sys.stderr, flush=True)
        else:
            entry, module = OTHERS[name]
            results[entry] = fresh_process(module)
    return results


def rounded(value: Any) -> Any:
    """Four significant digits: more is noise."""
    if isinstance(value, dict):
        return {key: rounded(one) for key, one in value.items()}
    return float(f"{value:.4g}") if isinstance(value, float) else value


def main() -> None:
    """Measures, prints, writes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.split("\n")[0])
    names = [*SIZES, *OTHERS]
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{' '.join(names)}; none: all")
    parser.add_argument("--hours", type=int, default=168, help="of a run (default a week)")
    parser.add_argument("--repeats", type=int, help="runs of which the quickest counts (default 5, 3, 1)")
    parser.add_argument("--out", type=Path, default=HERE / "results.json")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in names]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}; known: {', '.join(names)}")
    kept = json.loads(options.out.read_text(encoding="utf-8")) if options.out.exists() else {}
    kept |= {"machine": machine()} | rounded(measure(options.names or names, options.hours, options.repeats))
    order = [*SIZES, *(entry for entry, _ in OTHERS.values()), "machine"]
    text = json.dumps({name: kept[name] for name in order if name in kept}, indent=2) + "\n"
    options.out.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
