"""Calls of a kernel whose arguments have the same types every time."""

from collections.abc import Callable
from typing import Any


class DirectCall:
    """A kernel that looks at the types of its arguments at the first call only.

    Numba looks at all of them at each call, to find the code that was compiled for them. For the forty arrays
    of some named tuples this takes 5 us, ten times as long as the call itself (measured). Here whatever comes
    later is taken for what came first, without a check: use it only where all arrays come from one place,
    which always makes them of the same type and order.

    A numba whose inner names are others, or a kernel with code for several types, looks every time.

    Parameters
    ----------
    kernel : see :func:`agentsim.core.numerics.kernel.kernel`
    """

    def __init__(self, kernel: Callable) -> None:
        self._kernel = kernel
        self._call: Callable = self._first

    def __call__(self, *arguments: Any) -> Any:
        return self._call(*arguments)

    def _first(self, *arguments: Any) -> Any:
        given = self._kernel(*arguments)
        compiled = list(getattr(self._kernel, "overloads", {}).values())
        self._call = getattr(compiled[0], "entry_point", self._kernel) if len(compiled) == 1 else self._kernel
        return given
