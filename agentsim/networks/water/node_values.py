"""Values of all nodes of an EPANET project, read into one array.

EPANET's own function fills a C array, which is the memory of a NumPy array here; a list of Python floats
takes several times as long. Where the library does not show that function, the list is read.
"""

import ctypes
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN

from agentsim.networks.water.epanet_file import must


class NodeValues:
    """Reads some properties of every node of a project.

    Parameters
    ----------
    project : EPANET's handle
    codes : EPANET's codes of the properties
    """

    def __init__(self, project: int, codes: Sequence[int]) -> None:
        self._project, self._codes = project, codes
        nodes = must(epanet.EN_getcount(project, EN.EN_NODECOUNT))  # so many values EPANET writes
        self._values = np.zeros((len(codes), nodes))
        self._read = _c_function()
        self._calls = [
            (ctypes.c_void_p(project), ctypes.c_int(code), ctypes.c_void_p(row.ctypes.data))
            for code, row in zip(codes, self._values, strict=True)
        ]

    def now(self) -> np.ndarray:
        """The properties at every node as they are now, a new array (properties, nodes)."""
        if self._read is None:
            return np.array([epanet.EN_getnodevalues(self._project, code)[1] for code in self._codes])
        for call in self._calls:
            self._read(*call)
        return self._values.copy()


@cache
def _c_function() -> Callable[..., Any] | None:
    """``EN_getnodevalues(project, code, double *values)``, or None if the library hides it."""
    try:
        return ctypes.CDLL(epanet.__file__).EN_getnodevalues
    except (AttributeError, OSError):
        return None
