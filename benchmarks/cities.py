"""``make cities FOLDER=...``: tries every network of a folder and prints what became of it.

python -m benchmarks.cities FOLDER                 every .inp file, and every .m file on Bay City's mains
python -m benchmarks.cities FOLDER --hours 24      a shorter life
python -m benchmarks.cities FILE... --json out.jsonl

A city is built of each file, and lived in for a week without and with an attack, each file in a process of
its own that may use ``MEMORY_GB`` and the seconds of :func:`limit_s`. The verdicts: *lived*, *doubted* (it
lived, and the builder had named a doubt), *refused* (with the reason), *short* (the builder had no doubt, and
water service is below ``ENOUGH``), *failed* (an error that is no refusal, or out of time or memory). The exit
status is 1 if a file failed or was short.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

MEMORY_GB = 4
ENOUGH = 0.95  # water service availability in an ordinary week where nothing was doubted
HOUSEHOLDS = 300
ATTACK = {"attacker.kind": "coercer", "attacker.mind": "random", "attacker.first_hour": 24}
FOOTHOLD = ("power_control_room", "water_control_room", "traffic_control_room")
BAD = ("failed", "short")


def limit_s(file: Path) -> float:
    """Seconds that a file may take in all: five minutes, and six for each MB."""
    return 300.0 + 360.0 * file.stat().st_size / 1e6


def build_limit_s(nodes: int) -> float:
    """Seconds of computing that a build with its ordinary day may take."""
    return 30.0 + 0.015 * nodes


def tried(file: Path, hours: int) -> dict[str, Any]:
    """What became of one file, in a process of its own."""
    begin = time.perf_counter()
    command = [sys.executable, "-m", "benchmarks.cities", str(file), "--hours", str(hours), "--alone"]
    row: dict[str, Any] = {"file": file.name, "verdict": "failed", "reason": ""}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=limit_s(file), check=False
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        said = done.stderr.strip().splitlines()
        row["reason"] = said[-1] if said else f"ended with status {done.returncode}"
        row |= json.loads(lines[-1]) if lines and not done.returncode else {}
    except subprocess.TimeoutExpired:
        row["reason"] = f"took longer than {limit_s(file):.0f} s"
    return row | {"seconds": round(time.perf_counter() - begin, 1)}


def lived(file: Path, hours: int) -> dict[str, Any]:
    """Builds a city of *file* and lives in it, here."""
    from agentsim.core.errors import InvalidInput

    try:
        return _lived(file, hours)
    except InvalidInput as error:
        return {"verdict": "refused", "reason": str(error).replace(f"{file.absolute()}", file.name)}


def _lived(file: Path, hours: int) -> dict[str, Any]:
    from agentsim import Society
    from agentsim.experiments.ordinary_day import all_doubts, live_a_day, scenario_of
    from agentsim.place.build import build
    from agentsim.place.spec import SHIPPED, spec_of_files

    place = {"water": str(file.absolute())}
    if file.suffix.lower() == ".m":
        place = {"water": str(SHIPPED / "bay_city" / "Net3.inp"), "grid": str(file.absolute())}
    begin = time.process_time()
    built = build(spec_of_files(**place))
    worries = all_doubts(built, live_a_day(place))
    row: dict[str, Any] = {
        "size": len(built.place.grid.bus_id) if "grid" in place else len(built.network.node_id),
        "build_s": round(time.process_time() - begin, 1),
        "verdict": "doubted" if worries else "lived",
        "reason": "; ".join(worries),
    }
    if row["build_s"] > build_limit_s(row["size"]):
        return row | {"verdict": "failed", "reason": f"the build took {row['build_s']:.0f} s of computing"}
    scenario = scenario_of(place, hours, HOUSEHOLDS)
    week = Society(scenario, attacker="none").run().measured
    row |= {"water": week["water_service_availability"], "ens_mwh": week["ens_mwh"]}
    hostile = scenario.with_changes(ATTACK | {"attacker.foothold": list(FOOTHOLD)}, facing=())
    row["water_attacked"] = Society(hostile).run().measured["water_service_availability"]
    if not worries and row["water"] < ENOUGH:
        row["verdict"] = "short"
    return row


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as text: one line a file, its reason under it."""
    head = f"{'file':<40}{'nodes':>7} {'verdict':<9}{'water':>7}{'attack':>8}{'build':>7}{'all s':>7}"
    lines = [head, "-" * len(head)]
    for row in rows:
        share = [f"{row[name]:.3f}" if name in row else "-" for name in ("water", "water_attacked")]
        build_s = f"{row['build_s']:.1f}" if "build_s" in row else "-"
        lines.append(
            f"{row['file'][:39]:<40}{row.get('size', '-'):>7} {row['verdict']:<9}{share[0]:>7}{share[1]:>8}"
            f"{build_s:>7}{row['seconds']:>7.0f}"
        )
        if row["reason"]:
            lines.append(f"    {row['reason'][:400]}")
    counts = {verdict: sum(row["verdict"] == verdict for row in rows) for verdict in _VERDICTS}
    return "\n".join([*lines, "", ", ".join(f"{n} {name}" for name, n in counts.items() if n)])


_VERDICTS = ("lived", "doubted", "refused", "short", "failed")


def _files(names: list[str]) -> list[Path]:
    found: list[Path] = []
    for path in map(Path, names):
        inside = sorted(path.rglob("*")) if path.is_dir() else [path]
        found += [file for file in inside if file.suffix.lower() in (".inp", ".m") or file == path]
    return found


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_GB * 2**30, MEMORY_GB * 2**30))


def main() -> int:
    """Tries the files that the command line names."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("files", nargs="+", metavar="FOLDER", help="folders or files")
    options.add_argument("--hours", type=int, default=168)
    options.add_argument("--json", help="keep each row in this file as soon as it is there")
    options.add_argument("--alone", action="store_true", help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.alone:
        _limit_memory()
        print(json.dumps(lived(Path(asked.files[0]), asked.hours)))
        return 0
    rows = []
    for file in _files(asked.files):
        rows.append(tried(file, asked.hours))
        print(
            f"{rows[-1]['verdict']:<9}{rows[-1]['seconds']:>6.0f} s  {file.name}", file=sys.stderr, flush=True
        )
        if asked.json:
            with open(asked.json, "a", encoding="utf-8") as kept:
                kept.write(json.dumps(rows[-1], ensure_ascii=False) + "\n")
    print(table(rows))
    return 1 if any(row["verdict"] in BAD for row in rows) else 0


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.exit(main())
