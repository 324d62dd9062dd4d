"""How a pure function over arrays becomes machine code: compiled once, kept on disk for the next process."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

import numba
from llvmlite import binding
from numba import njit
from numba.core.caching import CompileResultCacheImpl, FunctionCache

PATIENCE_S = 3.0
KNOWN_NUMBA = (0, 60), (0, 68)  # versions between which what is kept was tried
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}


class _MachineCode(CompileResultCacheImpl):
    """What is kept of a kernel that no other calls: its machine code, and only names of its bitcode.

    Bitcode serves to merge a kernel into those that call it. To read it takes longer than all the rest.
    """

    def reduce(self, cres: Any) -> Any:
        kept = super().reduce(cres)
        if not KNOWN_NUMBA[0] <= numba.version_info.short <= KNOWN_NUMBA[1]:
            return kept
        (name, kind, (machine_code, bitcode)), description, *rest = kept
        names = _names_only(bitcode, description.llvm_cpython_wrapper_name)
        return (name, kind, (machine_code, names)), description, *rest


def _names_only(bitcode: bytes, entry: str) -> bytes:
    """Bitcode that names what numba looks up in a kernel: its shared variables, and the *entry* for Python.

    The entry is said to be elsewhere, so that no code is made of it.
    """
    context = binding.create_context()
    variables = binding.parse_bitcode(bitcode, context).global_variables
    shared = [str(one) for one in variables if one.linkage == binding.Linkage.common]
    there = f'define available_externally void @"{entry}"() {{ ret void }}'
    named: bytes = binding.parse_assembly("\n".join([*shared, there]), context).as_bitcode()
    return named


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


class _EntryStore(_Store):
    """The same for kernels that only Python calls."""

    _impl_class: Any = _MachineCode


def kernel(function: Callable) -> Any:
    """*function* compiled by numba at its first call, the result kept on disk. Only Python may call it.

    Numba keeps it in ``NUMBA_CACHE_DIR``, else beside the source, else in the user's cache folder. Where
    none of them can be written the function is compiled anew in every process. No fast-math and no
    threads: the same inputs give the same bytes. Numba notices an edit of the file of the function only,
    so kernels that call each other live in one file.

    A kernel fills arrays that it is given and makes none: numba's reference counting is off, because
    counting a reference at each look into a named tuple made the loops seven times slower (measured).
    """
    return _kept(function, _EntryStore)


def called(function: Callable) -> Any:
    """A :func:`kernel` that other kernels may call too."""
    return _kept(function, _Store)


def _kept(function: Callable, store: type[FunctionCache]) -> Any:
    compiled = njit(**_OPTIONS)(function)
    with suppress(RuntimeError):  # no folder can be written
        compiled._cache = store(function)
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
