"""Equipment on order over the years: what it needs of metals, and which orders are met with what comes."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Progress:
    """How far offices have built something with metals in it; what is missing they catch up."""

    built_frac: float = 0.0
    behind_frac: float = 0.0  # planned so far and not built

    def due_frac(self, part: float, pace_most_ratio: float) -> float:
        """What they build this month if all of it is delivered; *part* is planned for a month."""
        return min(part + self.behind_frac, pace_most_ratio * part)

    def build(self, part: float, built_frac: float) -> None:
        """So much was built in a month for which *part* was planned."""
        self.behind_frac = max(self.behind_frac + part - built_frac, 0.0)
        self.built_frac = grown(self.built_frac, built_frac)


def grown(frac: float, part: float) -> float:
    """What is built of a programme after one more part; complete where only an error of rounding is left."""
    return 1.0 if frac + part > 1.0 - 1e-9 else frac + part


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
