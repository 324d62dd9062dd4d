"""Memory of this process: its peak since a moment, and freeing what nobody uses."""

import gc
import sys
from contextlib import suppress


def forget_peak() -> None:
    """Begin anew: later peaks are measured from now on (Linux; elsewhere from the start of the process)."""
    with suppress(OSError), open("/proc/self/clear_refs", "w") as file:
        file.write("5")


def peak_mb() -> float:
    """Most resident memory since :func:`forget_peak` [MB]; nan where the system does not tell (Windows)."""
    with suppress(OSError), open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024 / 1e6
    try:
        import resource
    except ImportError:
        return float("nan")
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


GROWN_MB = 50.0  # societies of some runs
_after_collection_mb = 0.0


def collect_if_grown() -> None:
    """Free what nobody uses, if the process has grown since the last time.

    A society is large and full of cycles, so it waits for the garbage collector, which does not know the size
    of arrays. A collection looks at every object of the process, which is too dear after each run.
    """
    global _after_collection_mb
    if _held_mb() <= _after_collection_mb + GROWN_MB:  # never so where the system does not tell
        return
    gc.collect()
    _after_collection_mb = _held_mb()


def _held_mb() -> float:
    """Resident memory now [MB]; nan where the system does not tell (other than Linux)."""
    with suppress(OSError), open("/proc/self/status") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
    return float("nan")
