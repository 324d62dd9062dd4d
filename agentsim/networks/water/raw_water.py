"""Raw water: the river and the dam behind the treatment works."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY


@dataclass(frozen=True)
class RawWaterParameters:
    """Size and first fill of the dam."""

    storage_days: float = parameter(
        60.0,
        "d",
        "capacity of the dams, days of a normal year's yield",
        "A",
        0,
        1000,
    )
    start_frac: float = parameter(0.8, "1", "fill of the dams at the first hour", "A", 0, 1)


class RawWater:
    """A dam in common for all sources: ``V' = min(V + yield x inflow - draw, capacity)``.

    Parameters
    ----------
    yield_m3_per_d : raw-water yield of each source in a normal year, array (sources,)
    """

    def __init__(self, yield_m3_per_d: np.ndarray, parameters: RawWaterParameters | None = None) -> None:
        p = parameters or RawWaterParameters()
        self.yield_m3_per_d = float(np.sum(yield_m3_per_d))
        self.capacity_m3 = p.storage_days * self.yield_m3_per_d
        self.volume_m3 = p.start_frac * self.capacity_m3

    def yield_frac(self) -> float:
        """What can be drawn today as a share of a normal year's daily yield, at most 1."""
        return min(self.volume_m3 / self.yield_m3_per_d, 1.0) if self.capacity_m3 > 0 else 1.0

    @property
    def fill_frac(self) -> float:
        """Water behind the dam as a share of its capacity; 1 without a dam."""
        return self.volume_m3 / self.capacity_m3 if self.capacity_m3 > 0 else 1.0

    def flow(self, inflow_frac: float, drawn_m3: float) -> None:
        """One hour of inflow, draw and spill.

        >>> dam = RawWater(np.array([2400.0]), RawWaterParameters(storage_days=10.0, start_frac=0.5))
        >>> dam.flow(inflow_frac=0.5, drawn_m3=150.0)
        >>> dam.volume_m3
        11900.0
        """
        inflow_m3 = self.yield_m3_per_d * inflow_frac / HOURS_PER_DAY
        self.volume_m3 = min(max(self.volume_m3 + inflow_m3 - drawn_m3, 0.0), self.capacity_m3)
