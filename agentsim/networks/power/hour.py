"""One hour of the city's feeders: whom a wire reaches, what they ask and offer, and what they get."""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.place.cases import TIERS

MW_TOLERANCE = 1e-6
_TIERS = len(TIERS)


@inlined
def _less(a: float, b: float) -> float:
    """The smaller one, or nan, as ``np.minimum``."""
    return a if a < b or a != a else b


@inlined
def _more(a: float, b: float) -> float:
    """The larger one, or nan, as ``np.maximum``."""
    return a if a > b or a != a else b


class LoadColumns(NamedTuple):
    """Where the load of the city stands among the columns of the dispatch program."""

    basic: int  # first column of the basic parts, one for each group
    rest: int  # of the rests
    solar: int  # of what homes give, one for each node
    groups: int
    nodes: int
    each_its_own: bool  # a group is one feeder at one of its two nodes, else a tier at a node


class Plant(NamedTuple):
    """What does not change from hour to hour."""

    bus: np.ndarray  # (feeders,) int
    district: np.ndarray  # (feeders,) int
    tier: np.ndarray  # (feeders,) int
    main_bus: np.ndarray  # (districts,) int, where each microgrid's main tie ends
    has_microgrid: np.ndarray  # bool (districts,)
    unit_bus: np.ndarray  # (units,) int


class Reached(NamedTuple):
    """Connections and load of one hour. A *node* is a bus or, numbered after the buses, a microgrid."""

    reach_frac: np.ndarray  # (feeders,) share of the feeder's customers that a wire reaches
    tied: np.ndarray  # bool (feeders,): connected to its microgrid
    node: np.ndarray  # (feeders,) int, the bus, or buses + district
    group: np.ndarray  # (feeders,) int, see LoadColumns
    asked_mw: np.ndarray  # (feeders,)
    reachable_mw: np.ndarray  # (feeders,) asked by customers whom a wire reaches
    basic_mw: np.ndarray  # (feeders,) the lifeline within it
    solar_mw: np.ndarray  # (feeders,) solar surplus of their homes
    stored_mw: np.ndarray  # (feeders,) homes' batteries that neighbours in an island may use
    offered_mw: np.ndarray  # (feeders,) both, by homes to others
    in_island: np.ndarray  # bool (districts,): the microgrid runs by itself
    tie_live: np.ndarray  # bool (districts,): the microgrid is connected to a live bus
    source_mw: np.ndarray  # (buses,) that units and stores could give
    live_mw: np.ndarray  # (buses,) the same of all buses of the island, at its lowest bus

    @classmethod
    def empty(cls, feeders: int, districts: int, buses: int) -> "Reached":
        """Arrays to be filled hour by hour."""
        reach, asked, reachable, basic, solar, stored, offered = np.empty((7, feeders))
        node, group = np.empty((2, feeders), dtype=np.int64)
        tied = np.empty(feeders, dtype=bool)
        in_island, tie_live = np.empty((2, districts), dtype=bool)
        source, live = np.empty((2, buses))
        return cls(
            reach, tied, node, group, asked, reachable, basic, solar, stored, offered,
            in_island, tie_live, source, live,
        )  # fmt: skip


@kernel
def reach(
    # plant
    bus: np.ndarray,
    district: np.ndarray,
    tier: np.ndarray,
    main_bus: np.ndarray,
    has_microgrid: np.ndarray,
    unit_bus: np.ndarray,
    # reached, filled
    reach_frac: np.ndarray,
    tied: np.ndarray,
    node: np.ndarray,
    group: np.ndarray,
    asked: np.ndarray,
    reachable: np.ndarray,
    basic: np.ndarray,
    solar: np.ndarray,
    stored: np.ndarray,
    offered: np.ndarray,
    in_island: np.ndarray,
    tie_live: np.ndarray,
    source_mw: np.ndarray,
    live_mw: np.ndarray,
    # the columns of the load
    basic_column: int,
    rest_column: int,
    solar_column: int,
    groups: int,
    nodes: int,
    each_its_own: bool,
    upper: np.ndarray,
    # the hour
    island: np.ndarray,
    unit_mw: np.ndarray,
    store_mw: np.ndarray,
    sound_frac: np.ndarray,
    cut_off_frac: np.ndarray,
    islanded: np.ndarray,
    islanding: bool,
    asked_mw: np.ndarray,
    basic_mw: np.ndarray,
    solar_mw: np.ndarray,
    stored_mw: np.ndarray,
    energised_to_breaker: np.ndarray,
) -> bool:
    """Connections and load of the hour, also as bounds of the program; whether batteries may be used.

    A bus is live if its island has a unit on line or a charged store. A feeder on a live bus reaches the
    customers whom its sound wires reach, except those behind opened breakers. In a district that is
    islanded, with a microgrid, it reaches all of them from there: the centre's breakers have no effect
    behind the municipality's own switch. An islanded district without a microgrid has no power. With
    *islanding* off a microgrid stays connected to the grid.

    Parameters
    ----------
    bus ... unit_bus : :class:`Plant`
    reach_frac ... live_mw : :class:`Reached`
    basic_column ... each_its_own : :class:`LoadColumns`
    upper : array (columns,), whose places of the load are written
    island : array (buses,) of labels, the lowest bus of each island
    unit_mw, store_mw : arrays (units,), (stores,) the first of them at buses: what each could give
    sound_frac : array (feeders,), share of its customers whom wires without fault reach
    energised_to_breaker : bool (feeders,), is filled
    cut_off_frac, islanded : arrays (districts,), what was ordered
    asked_mw, basic_mw, solar_mw, stored_mw : arrays (feeders,)
    """
    buses = island.size
    live_mw[:] = 0.0
    source_mw[:] = 0.0
    for u in range(unit_bus.size):
        source_mw[unit_bus[u]] += unit_mw[u]
    for b in range(buses):
        live_mw[island[b]] += source_mw[b] + store_mw[b]
    for d in range(islanded.size):
        in_island[d] = islanded[d] and has_microgrid[d] and islanding
        away = in_island[d] or (islanded[d] and not has_microgrid[d])
        tie_live[d] = live_mw[island[main_bus[d]]] > 0.0 and not away
    upper[basic_column : basic_column + groups] = 0.0
    upper[rest_column : rest_column + groups] = 0.0
    upper[solar_column : solar_column + nodes] = 0.0
    any_tied = False
    for f in range(bus.size):
        b, d = bus[f], district[f]
        energised_to_breaker[f] = sound_frac[f] > 0.0 and live_mw[island[b]] > 0.0
        tied[f] = sound_frac[f] > 0.0 and in_island[d]
        away = in_island[d] or (islanded[d] and not has_microgrid[d])
        if tied[f]:
            reach_frac[f], node[f], any_tied = sound_frac[f], buses + d, True
        else:
            reached = (1.0 - cut_off_frac[d]) * sound_frac[f]
            reach_frac[f] = reached if energised_to_breaker[f] and not away else 0.0
            node[f] = b
        asked[f] = _more(asked_mw[f], 0.0)
        reachable[f] = asked[f] * reach_frac[f]
        basic[f] = _less(basic_mw[f], asked[f]) * reach_frac[f]
        solar[f] = solar_mw[f] * reach_frac[f]
        stored[f] = stored_mw[f] if tied[f] else 0.0
        offered[f] = solar[f] + stored[f]
        group[f] = (f + bus.size * tied[f]) if each_its_own else node[f] * _TIERS + tier[f]
        upper[basic_column + group[f]] += basic[f]
        upper[rest_column + group[f]] += reachable[f]
        upper[solar_column + node[f]] += offered[f]
    for g in range(groups):
        upper[rest_column + g] = _more(upper[rest_column + g] - upper[basic_column + g], 0.0)
    return any_tied


@inlined
def _used_frac(x: np.ndarray, upper: np.ndarray, column: int) -> float:
    """A column over its upper bound, within 0 and 1; 1 where there is nothing."""
    used = x[column] / upper[column] if upper[column] > 0.0 else 1.0
    return _less(_more(used, 0.0), 1.0)


@kernel
def share_out(
    # reached
    reach_frac: np.ndarray,
    node: np.ndarray,
    group: np.ndarray,
    asked: np.ndarray,
    reachable: np.ndarray,
    basic: np.ndarray,
    solar: np.ndarray,
    offered: np.ndarray,
    district: np.ndarray,
    cut_off_frac: np.ndarray,
    # the columns of the load
    basic_column: int,
    rest_column: int,
    solar_column: int,
    upper: np.ndarray,
    x: np.ndarray,
    # filled
    delivered: np.ndarray,
    shed: np.ndarray,
    restricted: np.ndarray,
    from_homes: np.ndarray,
    energised: np.ndarray,
    work: np.ndarray,
) -> tuple[float, float, float, float]:
    """What each feeder gets of the optimum *x*: those of one tier at a node share a shortage in proportion.

    Parameters
    ----------
    reach_frac ... offered : as in :class:`Reached`; *district* is the feeder's
    cut_off_frac : array (districts,), share of customers behind opened breakers
    basic_column ... solar_column : :class:`LoadColumns`; *upper* and *x* are the program's
    delivered, shed, restricted, from_homes : arrays (feeders,) [MW]
    energised : bool (feeders,)
    work : array (feeders,) of no meaning

    Returns
    -------
    Sums over the feeders [MW]: delivered, from homes, reachable but not delivered, and solar surplus that
    was not used where there was power.
    """
    feeders = node.size
    for f in range(feeders):
        basic_short = 1.0 - _used_frac(x, upper, basic_column + group[f])
        rest_short = 1.0 - _used_frac(x, upper, rest_column + group[f])
        delivered[f] = reachable[f] - basic[f] * basic_short - (reachable[f] - basic[f]) * rest_short
        unmet = asked[f] - delivered[f]
        restricted[f] = _less(unmet, cut_off_frac[district[f]] * asked[f])
        shed[f] = unmet - restricted[f]
        serves = delivered[f] > MW_TOLERANCE or reachable[f] <= MW_TOLERANCE
        energised[f] = reach_frac[f] > 0.0 and serves
        from_homes[f] = offered[f] * _used_frac(x, upper, solar_column + node[f])
        work[f] = reachable[f] - delivered[f]
    missing = pairwise_sum(work, 0, feeders)
    for f in range(feeders):
        work[f] = (solar[f] - from_homes[f]) * energised[f]
    unused = pairwise_sum(work, 0, feeders)
    return pairwise_sum(delivered, 0, feeders), pairwise_sum(from_homes, 0, feeders), missing, unused


def solar_first(
    node: np.ndarray, solar_mw: np.ndarray, stored_mw: np.ndarray, used_mw: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """What homes gave, and the part of it from batteries, given what was *used_mw* of their offers.

    At each *node* solar surplus is used before batteries. All arrays (feeders,) [MW].

    >>> node, solar, stored = np.array([5, 5]), np.array([1.0, 0.0]), np.array([0.0, 4.0])
    >>> [part.tolist() for part in solar_first(node, solar, stored, used_mw=np.array([0.6, 2.4]))]
    [[1.0, 2.0], [0.0, 2.0]]
    """
    stored, solar, taken = (np.bincount(node, mw) for mw in (stored_mw, solar_mw, used_mw))
    of_store = np.maximum(taken - solar, 0.0) / np.maximum(stored, 1e-12)
    of_solar = np.minimum(taken, solar) / np.maximum(solar, 1e-12)
    from_batteries = stored_mw * np.minimum(of_store, 1.0)[node]
    return from_batteries + solar_mw * np.minimum(of_solar, 1.0)[node], from_batteries
