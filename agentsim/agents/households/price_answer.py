"""How households answer the price of power: with less load, the more so the more they trust (S5, S15)."""

import numpy as np

from agentsim.agents.households.parameters import HouseholdsParameters

_NONE = np.zeros(0)


class PriceAnswer:
    """Share of the load left at a price, ``(p / p0) ** elasticity``, in proportion to trust.

    Prices and trust change from day to day, so the column of the hour before mostly still holds.
    """

    def __init__(self, rows: int, parameters: HouseholdsParameters) -> None:
        self._elasticity, self._trust_start = parameters.power_elasticity, parameters.trust_start
        self._state = 1.0, b""  # price and trust for which the answer holds
        self._answer = np.ones(rows)

    def at(self, price_frac: float, trust: np.ndarray | None) -> np.ndarray:
        """Share of the load left at *price_frac*, array (households,).

        *trust* (households,) strengthens the answer; None: all answer alike.
        """
        if price_frac == 1.0 or trust is None:
            trust = _NONE
        state = price_frac, trust.tobytes()
        if state != self._state:
            strength = trust / self._trust_start if trust.size else 1.0
            self._answer[:] = price_frac ** (self._elasticity * strength)
            self._state = state
        return self._answer
