"""A cap on the share of a good that one supplier may fill."""

import numpy as np

from agentsim.place.cases import GOODS, SupplyCase


def share_that_fills(size_frac: np.ndarray, most_frac: float) -> float:
    """The smallest share x, at least *most_frac*, such that capped sellers fill what they could uncapped.

    Sellers of sizes a_i, in units of the orders, fill min(1, sum a_i) together; under a cap x they fill
    sum min(a_i, x). So a cap changes who sells, never how much is sold.

    >>> share_that_fills(np.array([0.9, 0.6]), 0.5)
    0.5
    >>> round(share_that_fills(np.array([1.35, 0.15, 0.2]), 0.5), 3)
    0.65
    """
    fill = min(1.0, float(size_frac.sum()))
    if np.minimum(size_frac, most_frac).sum() >= fill:
        return most_frac
    smallest_first = np.sort(size_frac)
    sold = 0.0
    for rank, size in enumerate(smallest_first.tolist()):
        even = (fill - sold) / (len(smallest_first) - rank)
        if even <= size:
            return even
        sold += size
    return float(smallest_first[-1])


class SupplierCap:
    """What terminals may sell when no supplier is to fill more than a share of a good's orders.

    Parameters
    ----------
    case : terminals and who owns them; a supplier's terminals of one good share its cap by capacity
    most_frac : the share; 1 or more is no cap
    """

    def __init__(self, case: SupplyCase, most_frac: float) -> None:
        self.most_frac = most_frac
        names = {name: row for row, name in enumerate(dict.fromkeys(case.terminal_supplier))}
        owner = np.array([names[name] for name in case.terminal_supplier], dtype=int)
        self._owner, self._owners = owner, len(names)
        self._rows = [np.flatnonzero(case.terminal_good == good) for good in range(len(GOODS))]

    def capacity_t(
        self, capacity_t: np.ndarray, ordered_t: np.ndarray, reached: np.ndarray | None = None
    ) -> np.ndarray:
        """Capacity under the cap, (terminals,) [t/d].

        Parameters
        ----------
        capacity_t : without the cap, (terminals,)
        ordered_t : the day's orders by good, (goods,)
        reached : bool (terminals,), a road leads from there; the others sell nothing
        """
        if self.most_frac >= 1.0:
            return capacity_t
        capped_t = capacity_t * (1.0 if reached is None else reached)
        capacity_t = capped_t.copy()
        for rows, orders_t in zip(self._rows, ordered_t.tolist(), strict=True):
            if orders_t <= 0.0:
                continue
            owned_t = np.bincount(self._owner[rows], capacity_t[rows], self._owners)
            # slightly more, so that rounding leaves nothing unsold
            most_t = share_that_fills(owned_t / orders_t, self.most_frac) * orders_t * (1.0 + 1e-9)
            cut = np.divide(most_t, owned_t, out=np.ones(self._owners), where=owned_t > most_t)
            capped_t[rows] *= cut[self._owner[rows]]
        return capped_t
