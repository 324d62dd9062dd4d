"""Time-of-use prices: dear and cheap hours, which cost an ordinary home together what one price would."""

import numpy as np

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

    def above_tariff_jpy_per_kwh(self, hour: int, tariff_jpy_per_kwh: float) -> float:
        """What a kWh costs beyond the tariff in this hour, below 0 in cheap ones."""
        above = float(self.price_frac[hour % HOURS_PER_DAY]) - 1.0
        return above * tariff_jpy_per_kwh
