"""Equipment on order over the years: what it needs of metals, and which orders are met with what comes."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class MetalNeed:
    """Metals of the equipment that is on order in a month [t]."""

    worn_t: float  # in place of what is worn out
    homes_t: float
    offices_t: float

    @property
    def total_t(self) -> float:
        """All of it [t]."""
        return self.worn_t + self.homes_t + self.offices_t


def met(orders: np.ndarray, turn: np.ndarray, each_t: np.ndarray, metal_t: float) -> np.ndarray:
    """Orders that are met while *metal_t* lasts, bool (kinds, households).

    Parameters
    ----------
    orders : bool (kinds, households)
    turn : in which they are met, the lowest first, (kinds, households)
    each_t : metals in one order of each kind, (kinds,) [t]
    """
    kind, home = np.nonzero(orders)
    by_turn = np.argsort(turn[kind, home], kind="stable")
    kind, home = kind[by_turn], home[by_turn]
    enough = np.cumsum(each_t[kind]) <= metal_t + 1e-9
    found = np.zeros_like(orders)
    found[kind[enough], home[enough]] = True
    return found
