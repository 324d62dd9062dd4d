"""How households answer the price of power: with less load, the more so the more they trust (S5, S15)."""

import numpy as np

from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.numerics.kernel import kernel

_NONE = np.zeros(0)


class PriceAnswer:
    """Share of the load left at a price, ``(p / p0) ** elasticity``, in proportion to trust.

    Prices and trust change from day to day, so the column of the hour before mostly still holds.
    """

    def __init__(self, rows: int, parameters: HouseholdsParameters) -> None:
        self._elasticity, self._trust_start = parameters.power_elasticity, parameters.trust_start
        self._price_frac, self._trust = 1.0, _NONE  # for which the answer holds
        self._answer = np.ones(rows)

    def at(self, price_frac: float, trust: np.ndarray | None) -> np.ndarray:
        """Share of the load left at *price_frac*, array (households,).

        *trust* (households,) strengthens the answer; None: all answer alike.
        """
        if price_frac == 1.0 or trust is None:
            trust = _NONE
        if price_frac != self._price_frac or not equal(trust, self._trust):
            strength = trust / self._trust_start if trust.size else 1.0
            self._answer[:] = price_frac ** (self._elasticity * strength)
            self._price_frac, self._trust = price_frac, trust.copy()
        return self._answer


@kernel
def equal(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two columns (n,) hold the same numbers."""
    differ = one.size != other.size
    if not differ:
        for i in range(one.size):
            differ |= one[i] != other[i]
    return not differ
