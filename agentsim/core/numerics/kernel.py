"""How a pure function over arrays becomes machine code: compiled once, kept on disk for the next process."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from numba import njit
from numba.core.caching import FunctionCache

PATIENCE_S = 3.0
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}


class _Store(FunctionCache):
    """Machine code on disk. A kernel found there does not wait for what numba needs to compile one.

    Numba first loads its table of all that it can compile, which takes longer than a day of the model.
    Code that counts no references needs nothing from it, and numba loads it by itself when it compiles. A
    numba whose inner names are others loads kernels in its own, slower way.
    """

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        if not all(hasattr(self, name) for name in ("_guard_against_spurious_io_errors", "_load_overload")):
            return super().load_overload(sig, target_context)
        with self._guard_against_spurious_io_errors():
            return self._load_overload(sig, target_context)


def kernel(function: Callable) -> Any:
    """*function* compiled by numba at its first call, the result kept on disk.

    Numba keeps it in ``NUMBA_CACHE_DIR``, else beside the source, else in the user's cache folder. Where
    none of them can be written the function is compiled anew in every process. No fast-math and no
    threads: the same inputs give the same bytes. Numba notices an edit of the file of the function only,
    so kernels that call each other live in one file.

    A kernel fills arrays that it is given and makes none: numba's reference counting is off, because
    counting a reference at each look into a named tuple made the loops seven times slower (measured).
    """
    compiled = njit(**_OPTIONS)(function)
    with suppress(RuntimeError):  # no folder can be written
        compiled._cache = _Store(function)
    return compiled


def inlined(function: Callable) -> Any:
    """*function* compiled into every kernel that calls it, so that a call costs nothing."""
    return njit(forceinline=True, **_OPTIONS)(function)


@contextmanager
def patience(what: str) -> Iterator[None]:
    """Tell the reader on stderr why it takes long, if it does: nothing is said where a cache is found."""

    def say() -> None:
        print(f"agentsim: compiling {what} (once, about 10 s) ...", file=sys.stderr, flush=True)

    timer = Timer(PATIENCE_S, say)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
