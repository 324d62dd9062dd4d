"""Thirty groups in one room: how quick the answers are, how fair the waiting. ``python -m benchmarks.room``.

The server is the shipped one in a process of its own. The groups are protocol clients, which open the page's
own connection and send what a browser sends. They draw nothing, so that the server is measured. Each group
chooses a case whose run is recorded (the response; two clicks a second), then one of its own whose run
is computed (the wait), all at the same moment. The leader's view is open throughout. A fixed loop is timed
before and after.
"""

import argparse
import itertools
import json
import re
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from agentsim.policies import POLICIES
from benchmarks.page import memory_mb
from benchmarks.reference_loop import reference_loop_s
from tests.app.page_client import Browser, PageServer

SCENARIO = "replay_ukraine_2015"  # a week, so that thirty computed runs take minutes and not an hour
RAIL, BAR, LEADER, JOIN = ("kinds", "minds"), ("handed", "possible"), ("offers", "kinds"), ("code", "refused")
RECORDED = ("E-C2",)  # its run is shipped; no countermeasure is chosen at first
PATIENCE_S = 900.0
APART_S = (
    0.5  # between the clicks of groups on recorded cases; computed ones are asked for at the same moment
)


def own_choices(count: int) -> list[tuple[str, ...]]:
    """So many different sets of countermeasures, none of which is recorded."""
    pairs = itertools.combinations([id for id in POLICIES if id not in RECORDED], 2)
    return list(itertools.islice(pairs, count))


class Group:
    """A group of the room in a thread of its own."""

    def __init__(self, server: PageServer, code: str) -> None:
        self.browser = Browser(server, f"r={code}")
        self.browser.click(JOIN, "join", {"code": code})
        self.browser.until(lambda: "pin" in self.browser.texts())
        self.response_s = self.wait_s = float("nan")

    def until_right(self, state: str, chosen: tuple[str, ...]) -> None:
        """Wait until the right run of these countermeasures is in this state."""

        def so() -> bool:
            rails = [one for one in self.browser.states.values() if set(RAIL) <= set(one)]
            on = {row["id"] for row in rails[-1]["policies"] if row["on"]} if rails else set()
            return bool(rails) and on == set(chosen) and rails[-1]["runs"][1]["state"] == state

        self.browser.until(so, PATIENCE_S)

    def choose(self, before: tuple[str, ...], after: tuple[str, ...]) -> float:
        """Seconds from the clicks on a choice until its run is there."""
        begin = time.perf_counter()
        for id in sorted(set(before) ^ set(after)):
            self.browser.click(RAIL, "choose", {"toggle": id})
        self.until_right("done", after)
        return time.perf_counter() - begin

    def play(self, together: threading.Barrier, own: tuple[str, ...], after_s: float) -> None:
        """A recorded choice, then one of its own that is computed; the last one is handed in."""
        self.until_right("done", ())
        together.wait(PATIENCE_S)
        begin_s = time.monotonic() + after_s
        self.browser.until(lambda: time.monotonic() >= begin_s)
        self.response_s = self.choose((), RECORDED)
        together.wait(PATIENCE_S)
        if own:
            self.wait_s = self.choose(RECORDED, own)
        self.browser.click(BAR, "hand", 0)
        self.browser.until(lambda: bool(self.browser.widget(*BAR)[1]["handed"]), PATIENCE_S)


def measure(groups: int, workers: int, computed: bool = True) -> dict[str, Any]:
    """All figures of the room; those of the waits only where runs are *computed*."""
    loop_before_s = reference_loop_s()
    with tempfile.TemporaryDirectory() as folder:
        arguments = ("--room-file", str(Path(folder) / "room.sqlite"), "--workers", str(workers))
        with PageServer(Path(folder), *arguments) as server:
            told = server.log()
            code, secret = re.search(r"code (\w+)", told), re.search(r"leader=(\S+)", told)
            if code is None or secret is None:
                sys.exit(f"the server has told no code: {told}")
            figures = _played(server, code[1], secret[1], own_choices(groups) if computed else [()] * groups)
    return figures | {
        "workers": workers,
        "reference_loop_s": [round(one, 3) for one in (loop_before_s, reference_loop_s())],
    }


def _played(server: PageServer, code: str, secret: str, choices: list[tuple[str, ...]]) -> dict[str, Any]:
    count = len(choices)
    leader = Browser(server, f"leader={secret}")
    begin = time.perf_counter()
    groups = [Group(server, code) for _ in range(count)]
    joined_s = time.perf_counter() - begin
    fields = {"kind": "defend", "scenario": SCENARIO, "case": "", "minutes": 60, "limit": 0, "seed": 1}
    leader.click(LEADER, "begin", fields)
    together = threading.Barrier(count)
    threads = [
        threading.Thread(target=group.play, args=(together, own, k * APART_S))
        for k, (group, own) in enumerate(zip(groups, choices, strict=True))
    ]
    for thread in threads:
        thread.start()
    ended = threading.Event()
    listening = threading.Thread(target=leader.until, args=(ended.is_set, PATIENCE_S))
    listening.start()
    most_mb, alone_mb = 0.0, 0.0
    while any(thread.is_alive() for thread in threads):
        most_mb = max(most_mb, memory_mb(server.pid))
        alone_mb = max(alone_mb, memory_mb(server.pid, with_children=False))
        time.sleep(1.0)
    ended.set()
    listening.join()
    waits = sorted(group.wait_s for group in groups)
    responses = sorted(group.response_s for group in groups)
    return {
        "groups": count,
        "join_median_s": round(joined_s / count, 3),
        "response_median_s": round(statistics.median(responses), 3),
        "response_worst_s": round(responses[-1], 3),
        **(_waits(waits) if any(choices) else {}),
        "server_and_workers_mb": round(most_mb),
        "server_mb": round(alone_mb),
    }


def _waits(waits: list[float]) -> dict[str, float]:
    median_s = statistics.median(waits)
    return {
        "wait_median_s": round(median_s, 1),
        "wait_worst_s": round(waits[-1], 1),
        "wait_worst_over_median": round(waits[-1] / median_s, 2),
    }


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--groups", type=int, default=30)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--recorded-only", action="store_true", help="compute nothing: responses and memory")
    options = parser.parse_args()
    print(json.dumps(measure(options.groups, options.workers, computed=not options.recorded_only)))


if __name__ == "__main__":
    main()
