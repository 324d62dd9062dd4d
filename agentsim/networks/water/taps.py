"""The hour at the taps: what is asked, what arrives, and what is missing for want of water or by order."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.shares import share
from agentsim.networks.water.wells import WellDraw, WellsAtJunctions


@dataclass(frozen=True, slots=True)
class TapDemand:
    """Demand of one hour at the junctions, arrays (junctions,)."""

    asked: np.ndarray  # m3/h
    by_order_frac: np.ndarray  # share behind inlet valves that are shut by order
    shut_frac: np.ndarray  # share behind inlet valves that are shut by order or by a rule of rationing
    rationed: bool

    @classmethod
    def of(
        cls,
        asked_m3_per_h: np.ndarray,
        district: np.ndarray,
        cut_off_frac: np.ndarray,
        rationed_frac: np.ndarray | None,
    ) -> "TapDemand":
        """Demand behind open and shut valves; both shares are (districts,)."""
        by_order = shut = cut_off_frac[district]
        rationed = rationed_frac is not None and bool(rationed_frac.any())
        if rationed_frac is not None and rationed:
            shut = by_order + (1.0 - by_order) * rationed_frac[district]
        return cls(np.asarray(asked_m3_per_h, dtype=float), by_order, shut, rationed)

    @property
    def shut(self) -> np.ndarray:
        """Demand behind shut inlet valves [m3/h]."""
        return self.asked * self.shut_frac

    @property
    def open(self) -> np.ndarray:
        """Demand behind open inlet valves [m3/h]."""
        return self.asked - self.shut


@dataclass(frozen=True, slots=True)
class TapService:
    """What customers got and missed in one hour [m3]."""

    delivered: np.ndarray  # (junctions,)
    short: np.ndarray  # (junctions,) for want of water or pressure, or by a rule of rationing
    restricted: np.ndarray  # (junctions,) by order
    well: np.ndarray  # (districts,) pumped by municipal wells


def at_taps(
    demand: TapDemand,
    mains: np.ndarray,
    delivered: np.ndarray,
    wells: WellsAtJunctions,
    draw: WellDraw | None,
) -> TapService:
    """What customers get of the mains and the wells, and what they miss.

    Parameters
    ----------
    mains, delivered : arrays (junctions,), asked of the mains and delivered by them [m3/h]
    draw : what the wells' pumps do this hour; None without wells
    """
    short, restricted, well = mains - delivered, demand.shut, np.zeros(wells.districts)
    if draw is not None:
        given, well = wells.given_frac(draw, restricted + short), draw.pumped_m3
        delivered = delivered + (demand.open - mains) + given * (restricted + short)
        restricted, short = restricted * (1.0 - given), short * (1.0 - given)
    if demand.rationed:
        ordered = restricted * share(demand.asked * demand.by_order_frac, demand.shut)
        restricted, short = ordered, short + (restricted - ordered)
    return TapService(delivered, short, restricted, well)
