"""What each feeder is connected to this hour: breakers, faults, islands of the grid, microgrids (pure)."""

from dataclasses import dataclass

import numpy as np

from agentsim.place.cases import Feeders


@dataclass(frozen=True, slots=True)
class Wiring:
    """Connections of one hour. A *node* is a bus or, numbered after the buses, a microgrid."""

    reach_frac: np.ndarray  # (feeders,) share of the feeder's customers that a wire reaches
    cut_off_frac: np.ndarray  # (feeders,) share that is cut off by order
    tied: np.ndarray  # bool (feeders,): connected to its microgrid
    node: np.ndarray  # (feeders,) the bus, or buses + district
    in_island: np.ndarray  # bool (districts,): the microgrid runs by itself
    tie_live: np.ndarray  # bool (districts,): the microgrid is connected to a live bus
    energised_to_breaker: np.ndarray  # bool (feeders,): without fault and live up to the breaker


def live_buses(
    island: np.ndarray, unit_bus: np.ndarray, capability_mw: np.ndarray, store_mw: np.ndarray
) -> np.ndarray:
    """Buses whose island has a unit on line or a charged store, bool (buses,).

    Parameters
    ----------
    island : array (buses,) of labels, as from :func:`agentsim.core.numerics.graphs.islands`
    unit_bus, capability_mw : arrays (units,)
    store_mw : array (buses,), what stores at buses could give
    """
    buses = len(island)
    source = np.bincount(unit_bus, capability_mw, buses) + store_mw
    return np.bincount(island, source, buses)[island] > 0.0


def wire(
    feeders: Feeders,
    main_bus: np.ndarray,
    live: np.ndarray,
    faulted: np.ndarray,
    power_cut_off_frac: np.ndarray,
    islanded: np.ndarray,
    has_microgrid: np.ndarray,
    islanding: bool,
) -> Wiring:
    """The wiring of the hour.

    A feeder without fault on a live bus reaches its customers except those behind opened breakers. In a
    district that is islanded, with a microgrid, it reaches all of them from there: the centre's breakers have
    no effect behind the municipality's own switch. An islanded district without a microgrid has no power.
    With ``islanding`` off a microgrid stays connected to the grid.

    Parameters
    ----------
    main_bus : array (districts,), where each microgrid's main tie ends
    live, faulted : bool (buses,), bool (feeders,)
    power_cut_off_frac, islanded, has_microgrid : arrays (districts,)
    """
    in_island = islanded & has_microgrid & islanding
    away = in_island | (islanded & ~has_microgrid)
    tied = ~faulted & in_island[feeders.district]
    joined = ~faulted & live[feeders.bus] & ~away[feeders.district]
    cut_off_frac = power_cut_off_frac[feeders.district]
    return Wiring(
        reach_frac=joined * (1.0 - cut_off_frac) + tied,
        cut_off_frac=cut_off_frac,
        tied=tied,
        node=np.where(tied, len(live) + feeders.district, feeders.bus),
        in_island=in_island,
        tie_live=live[main_bus] & ~away,
        energised_to_breaker=~faulted & live[feeders.bus],
    )
