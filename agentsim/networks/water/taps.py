"""The hour at the taps: what is asked, what arrives, and what is missing for want of water or by order."""

from functools import cache

import numpy as np

from agentsim.core.message import message
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.shares import share
from agentsim.networks.water.wells import WellDraw, WellsAtJunctions


@message
class TapDemand:
    """Demand of one hour at the junctions, arrays (junctions,)."""

    asked: np.ndarray  # m3/h
    by_order_frac: np.ndarray  # share behind inlet valves that are shut by order
    shut_frac: np.ndarray  # share behind inlet valves that are shut by order or by a rule of rationing
    rationed: bool
    shut: np.ndarray  # m3/h behind shut inlet valves
    open: np.ndarray  # m3/h behind open inlet valves

    @classmethod
    def of(
        cls,
        asked_m3_per_h: np.ndarray,
        district: np.ndarray,
        cut_off_frac: np.ndarray,
        rationed_frac: np.ndarray | None,
    ) -> "TapDemand":
        """Demand behind open and shut valves; both shares are (districts,)."""
        asked = np.ascontiguousarray(asked_m3_per_h, dtype=float)
        rationed = rationed_frac is not None and bool(np.count_nonzero(rationed_frac))
        if not rationed and not np.count_nonzero(cut_off_frac):
            none = _none(len(asked))
            return cls(asked, none, none, rationed=False, shut=none, open=asked)
        by_order = shut_frac = cut_off_frac[district]
        if rationed_frac is not None and rationed:
            shut_frac = by_order + (1.0 - by_order) * rationed_frac[district]
        shut = asked * shut_frac
        return cls(asked, by_order, shut_frac, rationed, shut, asked - shut)


@cache
def _none(junctions: int) -> np.ndarray:
    """No share at any junction, and no water, (junctions,); read only, because many hours share it."""
    none = np.zeros(junctions)
    none.setflags(write=False)
    return none


@message
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
        lacking = restricted + short
        given, well = wells.given_frac(draw, lacking), draw.pumped_m3
        with_wells = np.empty(len(delivered))
        add_wells(delivered, demand.open, mains, lacking, given, with_wells, short)
        delivered, restricted = with_wells, restricted * (1.0 - given)
    if demand.rationed:
        ordered = restricted * share(demand.asked * demand.by_order_frac, demand.shut)
        restricted, short = ordered, short + (restricted - ordered)
    return TapService(delivered, short, restricted, well)


@kernel
def add_wells(
    delivered: np.ndarray,
    open_m3: np.ndarray,
    mains: np.ndarray,
    lacking: np.ndarray,
    given_frac: np.ndarray,
    with_wells: np.ndarray,
    short: np.ndarray,
) -> None:
    """What wells add to what mains *delivered*, into *with_wells*; they lower *short*. All (junctions,)."""
    for j in range(short.size):
        with_wells[j] = delivered[j] + (open_m3[j] - mains[j]) + given_frac[j] * lacking[j]
        short[j] *= 1.0 - given_frac[j]
