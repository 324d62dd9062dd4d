"""The supply of fuel, minerals and food: terminals, shipments in transit, depots.

Every hour people draw on the depots of their district. Once a day each depot orders up to a level, a
transportation problem shares the orders among the terminals, shipments leave, earlier ones arrive, and
the price of each good follows its availability over the weeks ahead.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnreadableSupply
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import SupplyService
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import total
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.supply.parameters import SupplyParameters
from agentsim.networks.supply.scarcity import availability, scarcity_ratio
from agentsim.networks.supply.shipments import Shipments
from agentsim.networks.supply.sourcing import Sourcing
from agentsim.networks.supply.supplier_cap import SupplierCap
from agentsim.place.cases import GOODS, SupplyCase
from agentsim.place.readers.supply_file import read_supply

__all__ = ["SupplyDay", "SupplyNetwork", "SupplyParameters", "UnreadableSupply"]
ALL_ON, USUAL = Mechanisms(), SupplyParameters()


@dataclass(frozen=True, slots=True)
class SupplyDay:
    """One day of a network that stands alone."""

    delivered_t: np.ndarray  # (depots,)
    short_t: np.ndarray  # (depots,) asked and not handed out
    stock_t: np.ndarray  # (depots,) at the end of the day
    price: np.ndarray  # (goods,) JPY/t
    shadow_price: np.ndarray  # (depots,) JPY/t, cost of one tonne more ordered there
    imported_t: np.ndarray  # (terminals,)


class SupplyNetwork:
    """Depots under an order-up-to rule, fed by terminals through a transportation problem.

    Parameters
    ----------
    case : terminals and depots, quantities in t and t/d
    parameters, mechanisms : ``roads_to_deliveries`` off opens every road; ``scarcity_price`` off holds prices
    max_supplier_share : of a good's orders, above which a supplier sells only what the others cannot;
        ``mechanisms.diversification`` off is 1

    Notes
    -----
    Each day, in this order: every depot orders what its stock and the goods in transit lack of

        target = expected demand x (lead + review + cover days) x hoarding,

    orders are shared at least cost (terminal price and haul) under the terminals' capacities, shipments
    take the terminal's lead days, those due arrive if a road is open and the depot can store them, else they
    wait. Unserved demand is lost, not kept for later. The network begins in its steady state: depots at their
    target, the usual shipments in transit.
    """

    stock_t: np.ndarray  # (depots,) at the depots now
    expected_t_per_d: np.ndarray  # (depots,) expected demand
    hoarding: np.ndarray  # (depots,) factor on the target, 1 in ordinary times
    price_jpy_per_t: np.ndarray  # (goods,)
    scarcity_ratio: np.ndarray  # (goods,) price over that of the terminals that may sell
    _asked_t: np.ndarray  # (depots,) since the last review
    _short_t: np.ndarray
    _shipments: Shipments
    _begun: bool
    _may_sell_t: np.ndarray  # (terminals,) t/d that each may sell, as of the last review
    _base_price: np.ndarray  # (goods,) of the terminals that may sell

    def __init__(
        self,
        case: SupplyCase,
        parameters: SupplyParameters = USUAL,
        mechanisms: Mechanisms = ALL_ON,
        max_supplier_share: float = 1.0,
    ) -> None:
        self.case, self.parameters, self.mechanisms = case, parameters, mechanisms
        self._cap = SupplierCap(case, max_supplier_share if mechanisms.diversification else 1.0)
        self._ordinary_t = np.bincount(case.depot_good, case.depot_demand_t_per_d, len(GOODS))
        p, terminals, depots = parameters, len(case.terminal_good), len(case.depot_good)
        self.travel_h = np.zeros((terminals, depots))
        self._sourcing = Sourcing(case, p.haul_jpy_per_t_h, p.unfilled_ratio, p.unfilled_steps)
        self._cover_days = np.array(p.cover_days)[case.depot_good]
        self._horizon_days, self._most_ratio = np.array(p.price_horizon_days), np.array(p.price_most_ratio)
        self._elasticity_sum = p.elasticity_sum()
        self._no_terminal, self._no_depot = _frozen(np.zeros(terminals)), _frozen(np.zeros(depots))
        nothing = np.zeros(len(GOODS))
        capacity_t = self._cap.capacity_t(case.terminal_capacity_t_per_d, self._ordinary_t)
        self._ordinary_price = _frozen(self._sourcing.mean_price_jpy_per_t(capacity_t, nothing))
        self._clock = parameters.review_hour
        self._settle(self.travel_h, self._clock)

    @classmethod
    def from_toml(
        cls,
        path: str | Path,
        parameters: SupplyParameters = USUAL,
        mechanisms: Mechanisms = ALL_ON,
    ) -> "SupplyNetwork":
        """A network that stands alone, from ``[[terminal]]``, ``[[depot]]`` and ``[[route]]`` tables.

        Raises
        ------
        UnreadableSupply : with file, line, key and the rule that is broken
        """
        case, travel_h = read_supply(path)
        network = cls(case, parameters, mechanisms)
        network.travel_h = travel_h
        network._settle(travel_h, network._clock)
        return network

    def day(self, demand_t: np.ndarray | None = None, embargoed: Sequence[str] = ()) -> SupplyDay:
        """A day from review to review: *demand_t* (depots,) [t] drawn evenly, suppliers *embargoed*."""
        demand_t = self.case.depot_demand_t_per_d if demand_t is None else np.asarray(demand_t, float)
        hours = []
        for _ in range(HOURS_PER_DAY):
            asked_t = demand_t / HOURS_PER_DAY
            hours.append(self.serve(asked_t, self.travel_h, embargoed=embargoed, hour=self._clock))
            self._clock += 1
        return SupplyDay(
            delivered_t=np.sum([hour.delivered_t for hour in hours], axis=0),
            short_t=np.sum([hour.short_t for hour in hours], axis=0),
            stock_t=hours[-1].stock_t,
            price=hours[-1].price_jpy_per_t,
            shadow_price=self._shadow_price,
            imported_t=np.sum([hour.imported_t for hour in hours], axis=0),
        )

    def serve(
        self,
        asked_t: np.ndarray,
        skim_h: np.ndarray | None,
        closed: np.ndarray | None = None,
        embargoed: Sequence[str] | np.ndarray = (),
        allowed_frac: np.ndarray | float = 1.0,
        *,
        hour: int,
    ) -> SupplyService:
        """One hour at the depots; at the review hour also orders, shipments, arrivals and prices.

        All but *asked_t* and *hour* is read only where :meth:`reviews` says so.

        Parameters
        ----------
        asked_t : (depots,) [t] wanted this hour, 0 or more
        skim_h : (terminals, depots) [h] travel time, inf where no road leads
        closed : bool (depots,) road access cut by order
        embargoed : names of suppliers, or (terminals,) bool or the share of its offer that each withholds
        allowed_frac : (terminals,) share of its capacity that a terminal may sell
        hour : since the start; ``hour % 24`` is the clock

        Raises
        ------
        ValueError : *asked_t* holds a negative number or NaN; a supplier is unknown
        """
        if not np.minimum.reduce(asked_t) >= 0.0:
            raise ValueError(f"asked_t [t] must be 0 or more at every depot, found {asked_t.min()}")
        before_t = opening_t = self.stock_t
        received_t, imported_t, restricted_t = self._no_depot, self._no_terminal, self._no_depot
        if self.reviews(hour):
            assert skim_h is not None
            if not self._begun:
                self._settle(skim_h, hour)
                self._begun, before_t = True, self.stock_t
            if self._is_review(hour):
                received_t, imported_t, restricted_t = self._review(skim_h, closed, embargoed, allowed_frac)
            opening_t = before_t + received_t
        depots = len(asked_t)
        delivered_t, self.stock_t, short_t = np.empty(depots), np.empty(depots), np.empty(depots)
        held, used = hand_out(
            asked_t, opening_t, delivered_t, self.stock_t, short_t, self._asked_t, self._short_t
        )
        assert abs(held - used) <= 1e-9 * (1.0 + held), f"goods at the depots: {held} t became {used} t"
        return SupplyService(
            delivered_t=delivered_t,
            short_t=short_t,
            restricted_t=restricted_t,
            stock_t=self.stock_t,
            received_t=received_t,
            in_transit_t=self._shipments.total_t,
            imported_t=imported_t,
            price_jpy_per_t=self.price_jpy_per_t,
            scarcity_ratio=self.scarcity_ratio,
        )

    def reviews(self, hour: int) -> bool:
        """Whether orders and roads count this hour: at the review hour, and in the first hour of all."""
        return self._is_review(hour) or not self._begun

    def _is_review(self, hour: int) -> bool:
        return hour % HOURS_PER_DAY == self.parameters.review_hour

    def target_t(self) -> np.ndarray:
        """(depots,) [t] order-up-to level of stock and goods in transit."""
        days = self._lead_days + 1.0 + self._cover_days
        room_t = self.case.depot_capacity_t + self._lead_days * self.expected_t_per_d
        return np.minimum(self.expected_t_per_d * days * self.hoarding, room_t)

    def _settle(self, skim_h: np.ndarray, hour: int) -> None:
        """The steady state just before *hour*: what even demand and open roads would have left behind."""
        case, daily_t = self.case, np.asarray(self.case.depot_demand_t_per_d, float)
        self._begun = False
        self._ordinary_skim_h = self._open_skim_h = np.where(np.isfinite(skim_h), skim_h, 0.0)
        capacity_t = self._cap.capacity_t(case.terminal_capacity_t_per_d, self._ordinary_t)
        ordinary = self._sourcing.share(daily_t, capacity_t, self._open_skim_h)
        self._shadow_price = ordinary.shadow_price_jpy_per_t
        self._shipments = Shipments(np.asarray(case.terminal_lead_days, int), ordinary.sent_t)
        self._lead_days = self._sourcing.mean_lead_days(ordinary.sent_t, np.zeros(len(daily_t)))
        self._may_sell_t, self._base_price = case.terminal_capacity_t_per_d, self._ordinary_price

        self.expected_t_per_d, self.hoarding = daily_t.copy(), np.ones(len(daily_t))
        # even demand since the last review, which was 1 to 24 hours ago
        drawn_t = daily_t * ((hour - self.parameters.review_hour - 1) % HOURS_PER_DAY + 1) / HOURS_PER_DAY
        full_t = np.minimum(daily_t * (1.0 + self._cover_days), case.depot_capacity_t)
        self.stock_t = np.maximum(full_t - drawn_t, 0.0)
        self._asked_t, self._short_t = drawn_t, np.zeros(len(daily_t))
        self.price_jpy_per_t = self._base_price
        self.scarcity_ratio = _frozen(np.ones(len(GOODS)))

    def _review(
        self,
        skim_h: np.ndarray,
        closed: np.ndarray | None,
        embargoed: Sequence[str] | np.ndarray,
        allowed_frac: np.ndarray | float,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Orders, shipments, arrivals, prices; returns what was received, imported and restricted [t]."""
        self._learn()
        reached = np.isfinite(skim_h)
        self._open_skim_h = np.where(reached, skim_h, self._open_skim_h)
        closed = np.zeros(len(self.stock_t), bool) if closed is None else np.asarray(closed, bool)
        if not self.mechanisms.roads_to_deliveries:
            reached, closed = np.ones_like(reached), np.zeros_like(closed)
        is_open, withheld = reached & ~closed, self._withheld(embargoed)
        may_sell_t = self.case.terminal_capacity_t_per_d * allowed_frac
        capacity_t = may_sell_t * (1.0 - withheld)
        if (capacity_t != self._may_sell_t).any():
            self._adapt(capacity_t)

        order_t = np.maximum(self.target_t() - self.stock_t - self._shipments.to_depot_t, 0.0)
        ordered_t = np.bincount(self.case.depot_good, order_t, len(GOODS))
        capped_t = self._cap.capacity_t(capacity_t, ordered_t, is_open.any(axis=1))
        found = self._sourcing.share(order_t, capped_t, np.where(is_open, self._open_skim_h, np.inf))
        self._shadow_price, sent_t = found.shadow_price_jpy_per_t, found.sent_t
        restricted_t = self._no_depot
        if withheld.any() or closed.any():
            free_skim_h = np.where(reached | closed, self._open_skim_h, np.inf)
            reachable = np.asarray(np.isfinite(free_skim_h).any(axis=1))
            freely_t = self._cap.capacity_t(may_sell_t, ordered_t, reachable)
            freely = self._sourcing.share(order_t, freely_t, free_skim_h)
            # what failed yesterday is ordered again today: only what a day's need lacks counts
            lacking_t = self.expected_t_per_d - sent_t.sum(axis=0)
            restricted_t = np.clip(found.unfilled_t - freely.unfilled_t, 0.0, np.maximum(lacking_t, 0.0))
        room_t = np.maximum(self.case.depot_capacity_t - self.stock_t, 0.0)
        received_t = self._shipments.move(sent_t, is_open, room_t)
        if self.mechanisms.scarcity_price:
            held_t = self.stock_t + received_t + self._shipments.to_depot_t
            self.price_jpy_per_t = self._price(order_t, sent_t.sum(axis=0), held_t, is_open)
        return received_t, sent_t.sum(axis=1), restricted_t

    def _learn(self) -> None:
        """Update expected demand by the last day, and hoarding after a stock-out."""
        p = self.parameters
        self.expected_t_per_d += p.demand_learning * (self._asked_t - self.expected_t_per_d)
        ran_out = self._short_t > 1e-9 * self.expected_t_per_d
        relaxed = np.maximum(self.hoarding * p.hoarding_fall, 1.0)
        self.hoarding = np.where(
            ran_out, np.minimum(self.hoarding * p.hoarding_rise, p.hoarding_most), relaxed
        )
        self._asked_t, self._short_t = np.zeros(len(ran_out)), np.zeros(len(ran_out))

    def _adapt(self, capacity_t: np.ndarray) -> None:
        """Update ordinary lead times and prices, because other terminals may sell than before."""
        self._may_sell_t = capacity_t
        daily_t = np.asarray(self.case.depot_demand_t_per_d, float)
        capacity_t = self._cap.capacity_t(capacity_t, self._ordinary_t)
        ordinary = self._sourcing.share(daily_t, capacity_t, self._ordinary_skim_h)
        self._lead_days = self._sourcing.mean_lead_days(ordinary.sent_t, self._lead_days)
        # the loss of an expensive supplier must not lower the price
        price = self._sourcing.mean_price_jpy_per_t(capacity_t, self._ordinary_price)
        self._base_price = np.maximum(price, self._ordinary_price)

    def _price(
        self, order_t: np.ndarray, sent_t: np.ndarray, held_t: np.ndarray, is_open: np.ndarray
    ) -> np.ndarray:
        """(goods,) [JPY/t]: mean price of the terminals that may sell, times the ratio of scarcity."""
        # a shortage at a depot that no road reaches is not a shortage in the market
        reached = is_open.any(axis=0)
        counted = reached if reached.any() else np.ones_like(reached)
        daily_t, ordered_t, shipped_t, stock_t = (
            np.bincount(self.case.depot_good, values * counted, len(GOODS))
            for values in (self.expected_t_per_d, order_t, sent_t, held_t)
        )
        share = availability(daily_t, ordered_t, shipped_t, stock_t, self._horizon_days)
        ratio = scarcity_ratio(share, self._elasticity_sum, self._most_ratio)
        self.scarcity_ratio = _frozen(ratio)
        return _frozen(self._base_price * ratio)

    def _withheld(self, embargoed: Sequence[str] | np.ndarray) -> np.ndarray:
        """Share that each terminal withholds, (terminals,)."""
        if isinstance(embargoed, np.ndarray):
            return embargoed.astype(float) if embargoed.size else self._no_terminal
        known = self.case.terminal_supplier
        for name in embargoed:
            if name not in known:
                raise ValueError(f"supplier {name!r} is unknown; known: {', '.join(dict.fromkeys(known))}")
        return np.array([float(name in embargoed) for name in known])


@kernel
def hand_out(
    asked_t: np.ndarray,
    opening_t: np.ndarray,
    delivered_t: np.ndarray,
    stock_t: np.ndarray,
    short_t: np.ndarray,
    asked_so_far_t: np.ndarray,
    short_so_far_t: np.ndarray,
) -> tuple[float, float]:
    """What the depots hand out of *opening_t*, and what is left and lacking, arrays (depots,) [t].

    The last five are filled; of these, the last two are added to. Returns what was held before and what is
    left or handed out of it.
    """
    for depot in range(asked_t.size):
        delivered_t[depot] = min(asked_t[depot], opening_t[depot])
        stock_t[depot] = opening_t[depot] - delivered_t[depot]
        short_t[depot] = asked_t[depot] - delivered_t[depot]
        asked_so_far_t[depot] += asked_t[depot]
        short_so_far_t[depot] += short_t[depot]
    return total(opening_t), total(stock_t) + total(delivered_t)


def _frozen(values: np.ndarray) -> np.ndarray:
    values.flags.writeable = False
    return values
