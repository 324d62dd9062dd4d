"""The most memory that this process has held since a moment, as far as the system tells."""

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
