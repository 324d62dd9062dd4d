"""Time-of-use prices: dear and cheap hours, which cost an ordinary home together what one price would."""

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.units import HOURS_PER_DAY


class TimeOfUse:
    """The price of each hour of the day over the tariff.

    Cheap hours cost 1 / (1 + (ratio - 1) s) of the tariff, dear ones *ratio* times as much, where s is the
    share of an ordinary home's energy in dear hours.

    Parameters
    ----------
    ratio : price of dear hours over that of cheap ones
    peak : bool (24,), the dear hours
    shape : array (24,), load of an ordinary home by hour of the day
    metered : homes that pay so, bool (households,)
    """

    def __init__(self, ratio: float, peak: np.ndarray, shape: np.ndarray, metered: np.ndarray) -> None:
        cheap = 1.0 / (1.0 + (ratio - 1.0) * shape[peak].sum() / shape.sum())
        self.price_frac = np.where(peak, ratio * cheap, cheap)
        self.metered = metered

    def charge(
        self, hour: int, metered_kw: np.ndarray, tariff_jpy_per_kwh: float, bill_jpy: np.ndarray
    ) -> float:
        """Add to bills what the hour costs beyond the tariff, less in cheap hours; the sum [JPY].

        *metered_kw* and *bill_jpy* are arrays (households,).
        """
        above = float(self.price_frac[hour % HOURS_PER_DAY]) - 1.0
        return add_priced(metered_kw, self.metered, above * tariff_jpy_per_kwh, bill_jpy)


@kernel
def add_priced(kwh: np.ndarray, who: np.ndarray, jpy_per_kwh: float, bill_jpy: np.ndarray) -> float:
    """Add the price of *kwh* to the bills of some homes, arrays (households,); the sum of it [JPY]."""
    total = 0.0
    for row in range(kwh.size):
        if who[row]:
            jpy = kwh[row] * jpy_per_kwh
            bill_jpy[row] += jpy
            total += jpy
    return total
