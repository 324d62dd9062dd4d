"""Whether two checkouts give the same results, bit for bit: all scenarios, policies and kinds of attackers.

    python benchmarks/same_results.py OLD_CHECKOUT NEW_CHECKOUT [--workers 2] [--hours 60] [--some 1]

Each case is lived with 500 simulated households in both checkouts, and what comes out is compared bit for
bit: all outcomes, every hourly column, the hour, kind and place of each event, and every number that the old
event texts told. ``RENAMED`` holds the names that differ on purpose. Exit status 1 when anything differs.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

HOUSEHOLDS = 500
KINDS = ("none", "coercer:random", "rent_seeker:random", "saboteur:random", "cartel:random")
RENAMED: dict[str, str] = {}  # outcome, column or kind of event: old name -> new name
LATE_COLUMNS: tuple[str, ...] = (  # columns and outcomes that only the new checkout has
    *("hydraulics_unsolved_h", "water_residual_m3"),
    *("grid_load_mw", "foreseen_hour_ahead_mw", "foreseen_day_ahead_mw", "cheapest_jpy"),
    *("reserve_cost_jpy", "forecast_error_frac", "forecast_error_hour_ahead_frac"),
)


def cases(some: int) -> list[tuple[str, str, str]]:
    """(scenario file, policy, attacker) of every case; the scenario's own attacker is ``""``."""
    import agentsim

    scenarios = sorted(str(file) for file in Path("scenarios").glob("*.toml"))
    policies = ["none", *agentsim.POLICIES, *agentsim.PACKAGES]
    found = [(s, p, a) for s in scenarios for p in policies for a in KINDS]
    found += [(s, p, "") for s in scenarios for p in ("none", "X-C1")]
    return found[::some]


def live(case: tuple[str, str, str], hours: int) -> dict[str, Any]:
    """What comes out of one case."""
    import agentsim

    file, policy, attacker = case
    changes = {"place.households": (HOUSEHOLDS, "same results"), "hours": (hours, "same results")}
    changes["attacker.first_hour"] = (12, "same results")
    own = {} if attacker else {"mind.rollouts": (6, "same results")}
    scenario = agentsim.load(file, changes | own)
    adopted = [] if policy == "none" else [policy]
    society = agentsim.Society(scenario, policies=adopted, attacker=attacker or None, seed=3)
    society.run(hours=hours)
    record, lived = society.record, society.record.lived
    columns = {
        name: hashlib.blake2b(values[:lived].tobytes(), digest_size=8).hexdigest()
        for table in (record.at, record.city)
        for name, values in table.items()
    }
    outcomes = {name: repr(float(value)) for name, value in society.outcomes.items()}
    return {"outcomes": outcomes, "columns": columns, "events": [told(event) for event in society.events]}


def told(event: Any) -> list[Any]:
    """Hour, kind, place in words and the numbers of an event's English text."""
    if hasattr(event, "text"):
        where, text = event.where, event.text
    else:
        from agentsim.report.wording.events import event_text, place_name

        where, text = place_name(event.where, "en"), event_text(event, "en")
    return [event.hour, event.kind, where, sorted(re.findall(r"\d+(?:[.,]\d+)*", text))]


def live_all(out: str, hours: int, some: int, part: int, parts: int) -> None:
    """Lives every *parts*-th case and writes a line for each."""
    with open(out, "w", encoding="utf-8") as file:
        for case in cases(some)[part::parts]:
            try:
                row = live(case, hours)
            except Exception as error:
                row = {"error": f"{type(error).__name__}: {str(error)[:200]}"}
            file.write(json.dumps([case, row]) + "\n")
            file.flush()


def rows(checkout: Path, workers: int, hours: int, some: int) -> dict[tuple, dict[str, Any]]:
    """All cases as lived by one checkout."""
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(workers) as pool:
        outs = [f"{folder}/{part}.jsonl" for part in range(workers)]

        def start(part: int) -> None:
            words = [outs[part], str(hours), str(some), str(part), str(workers)]
            environment = os.environ | {"PYTHONPATH": str(checkout), "OMP_NUM_THREADS": "1"}
            command = [sys.executable, os.path.abspath(__file__), "--live", *words]
            subprocess.run(command, cwd=checkout, env=environment, check=True)

        list(pool.map(start, range(workers)))
        lines = [json.loads(line) for out in outs for line in Path(out).read_text("utf-8").splitlines()]
    return {tuple(case): row for case, row in lines}


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What differs between two results of one case."""
    if "error" in old or "error" in new:
        return [f"error: {old.get('error', '-')} | {new.get('error', '-')}"] if old != new else []
    found = []
    for table in ("outcomes", "columns"):
        before = {RENAMED.get(name, name): value for name, value in old[table].items()}
        after = {name: value for name, value in new[table].items() if name not in LATE_COLUMNS}
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                found.append(f"{table}.{name}: {before.get(name)} | {after.get(name)}")
    before = [[hour, RENAMED.get(kind, kind), where] for hour, kind, where, _ in old["events"]]
    if before != [event[:3] for event in new["events"]]:
        found.append("events differ in hour, kind or place")
    for one, other in zip(old["events"], new["events"], strict=False):
        if not set(one[3]) <= set(other[3]):
            found.append(f"event {one[:3]}: numbers {one[3]} | {other[3]}")
    return found


def main() -> int:
    """Compares two checkouts; prints what differs."""
    if sys.argv[1:2] == ["--live"]:
        out, *numbers = sys.argv[2:]
        live_all(out, *map(int, numbers))
        return 0
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--hours", type=int, default=60)
    parser.add_argument("--some", type=int, default=1, metavar="N", help="only every N-th case")
    parser.add_argument(
        "--keep", type=Path, help="file that keeps the old checkout's results for the next time"
    )
    options = parser.parse_args()
    size = (options.workers, options.hours, options.some)
    if options.keep and options.keep.exists():
        old = {tuple(case): row for case, row in json.loads(options.keep.read_text("utf-8"))}
    else:
        old = rows(options.old.resolve(), *size)
        if options.keep:
            options.keep.write_text(json.dumps(list(old.items())), "utf-8")
    new = rows(options.new.resolve(), *size)
    wrong = 0
    for case, row in new.items():
        found = differences(old[case], row) if case in old else ["not in the old checkout"]
        wrong += bool(found)
        for line in found[:8]:
            print(" ".join(case), "-", line)
    events = sum(len(row.get("events", ())) for row in new.values())
    print(f"{len(new)} cases, {events} events: {wrong} cases differ")
    missing = len(old) - len(new) if options.some == 1 else 0
    return 1 if wrong or missing else 0


if __name__ == "__main__":
    sys.exit(main())
