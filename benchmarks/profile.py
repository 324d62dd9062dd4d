"""``python -m benchmarks.profile``: where an hour goes, by folder of the package, for town and city.

python -m benchmarks.profile                                     town and city of the ordinary fortnight
python -m benchmarks.profile --households 500 --policy X-C1      one size, under a policy
python -m benchmarks.profile --checkout ../old --name before     another checkout, measured in the same way

Writes into ``benchmarks/profile/`` a table, and a flame graph of each size that any browser opens. Time of
a library is charged to the folder that called it; the solvers are rows of their own. How it is measured
stands in ``sampling.py``.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.flame_graph import svg

HERE = Path(__file__).parent
SIZES = {"town": 3_000, "city": 30_000}
HOURS = 336


def sampled(checkout: Path, arguments: list[str]) -> dict[str, Any]:
    """What ``sampling.py`` finds in a fresh process of *checkout*, on one thread."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
    # -P: the folder of the script, which has a module named profile, stays off the path
    command = [sys.executable, "-P", str(HERE / "sampling.py"), *arguments]
    done = subprocess.run(command, cwd=checkout, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def us_an_hour(found: dict[str, Any]) -> float:
    """CPU time of an hour that nothing interrupts [us]; of a set-up where that was sampled."""
    return 1e6 * found["unsampled_s"] / found["hours"]


def table(title: str, found: dict[str, Any]) -> str:
    """Rooms by time: microseconds an hour, share, calls."""
    whole, total = us_an_hour(found), sum(found["rooms"].values())
    slower = found["sampled_s"] / found["unsampled_s"] - 1.0
    lines = [
        f"{title}: {whole:,.0f} us, from {found['samples']:,} samples in {found['runs']} runs "
        f"(sampled runs are {100 * slower:.0f} % slower)",
        f"{'':34}{'us':>9}{'share':>9}{'own calls':>11}{'library calls':>15}",
    ]
    for room, seconds in sorted(found["rooms"].items(), key=lambda item: -item[1]):
        own, library = found["calls"].get(room, (None, None))
        counts = "" if own is None else f"{own:>11,.1f}{library:>15,.1f}"
        lines.append(f"{room:34}{whole * seconds / total:>9,.1f}{100 * seconds / total:>8.1f}%{counts}")
    engines = sum(seconds for room, seconds in found["rooms"].items() if room.startswith("engine"))
    lines.append(f"{'all engines':34}{whole * engines / total:>9,.1f}{100 * engines / total:>8.1f}%")
    return "\n".join(lines) + "\n"


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    """The options; those that :mod:`sampling` has as well are handed on."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.profile", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--scenario", default="scenarios/ordinary_fortnight.toml", help="a scenario file")
    parser.add_argument("--households", type=int, action="append", help="sizes (default 3,000 and 30,000)")
    parser.add_argument("--hours", type=int, default=HOURS, help="of a run (default a fortnight)")
    parser.add_argument("--policy", action="append", default=[], help="an id; may be given again")
    parser.add_argument("--attacker", default="none", help="kind or kind:mind (default none)")
    parser.add_argument("--seconds", type=float, default=5.0, help="CPU time to be sampled (default 5)")
    parser.add_argument("--set-up", action="store_true", help="of the making of the society, not of an hour")
    parser.add_argument("--checkout", type=Path, default=HERE.parent, help="whose package is measured")
    parser.add_argument(
        "--out", type=Path, default=HERE / "profile", help="folder (default benchmarks/profile)"
    )
    parser.add_argument("--name", default="after", help="of the files (default after)")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> None:
    """Samples every size, prints the tables, writes them and the flame graphs."""
    options = parsed(arguments)
    sizes = {f"{rows:,} households": rows for rows in options.households or ()} or SIZES
    checkout, given = options.checkout.resolve(), Path(options.scenario)
    # a file of one's own is meant from here, a shipped scenario from the checkout that is measured
    scenario = str(given.resolve()) if not (checkout / given).exists() else str(given)
    handed = ["--scenario", scenario, "--hours", str(options.hours), "--attacker", options.attacker]
    handed += ["--seconds", str(options.seconds), *(["--set-up"] if options.set_up else [])]
    for policy in options.policy:
        handed += ["--policy", policy]
    options.out.mkdir(parents=True, exist_ok=True)
    tables = []
    for size, rows in sizes.items():
        found = sampled(checkout, [*handed, "--households", str(rows)])
        what = "set-up" if options.set_up else "an hour"
        title = f"{size}, {Path(options.scenario).stem}, {'+'.join(options.policy) or 'no policy'}, "
        title += f"attacker {options.attacker}: {what}"
        tables.append(table(title, found))
        print(tables[-1], flush=True)
        name = f"{options.name}-{size.replace(' ', '_').replace(',', '')}.svg"
        scale = us_an_hour(found) / sum(found["stacks"].values())
        (options.out / name).write_text(svg(found["stacks"], title, scale), encoding="utf-8")
    text = "\n".join(tables)
    (options.out / f"{options.name}.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
