"""A loop in plain Python by whose time figures of different machines are divided."""

import time

ADDITIONS = 5_000_000


def reference_loop_s(repeats: int = 3) -> float:
    """CPU time of five million additions [s], the quickest of some loops."""
    return min(_loop_s() for _ in range(repeats))


def _loop_s() -> float:
    begin, total = time.process_time(), 0
    for number in range(ADDITIONS):
        total += number
    return time.process_time() - begin
