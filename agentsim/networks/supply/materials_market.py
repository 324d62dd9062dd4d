"""The market of a mined material, month by month: it clears supply, use and what buyers store (S9).

Producers sell what they offer at the price of the month, users need less of what is dear, and buyers keep a
stock that they raise when they have seen a shortage. Producers elsewhere open more capacity where the price
stays high, which takes years. All amounts are in tonnes, prices are over the ordinary price.
"""

import math
from dataclasses import dataclass

from agentsim.core.message import message
from agentsim.core.parameters import parameter
from agentsim.core.units import MONTHS_PER_YEAR


@dataclass(frozen=True)
class MaterialsParameters:
    """How buyers store and hoard a material, and how capacity answers its price."""

    stock_months: float = parameter(1.5, "months", "of use in buyers' stores, 45 d (S9)", "A", 0, 60)
    stock_closing_months: float = parameter(
        2.0, "months", "in which buyers close the gap to the stock that they want", "A", 0.5, 60
    )
    panic: float = parameter(
        1.0, "1", "chi: wanted stock is 1 + chi x the shortage that buyers have seen (S9)", "A", 0, 10
    )
    shortage_memory_per_month: float = parameter(
        0.5, "1/month", "weight of the last month in the shortage that buyers reckon with", "A", 0.01, 1
    )
    price_most_ratio: float = parameter(
        100.0, "1", "largest price over the ordinary one; above it the material is rationed", "A", 1, 1e4
    )
    expansion_per_y: float = parameter(
        0.1, "1/y", "capacity that is begun in a year, for each doubling of the price", "A", 0, 5
    )
    expansion_lag_months: int = parameter(
        24, "months", "until it produces: closed mines are opened again sooner than new ones", "A", 0, 600
    )
    closing_per_y: float = parameter(
        0.2, "1/y", "capacity that closes in a year, for each halving of the price", "A", 0, 5
    )
    withheld_frac: float = parameter(
        0.9, "1", "of mines' sales, by an embargo; nine tenths came from one country in 2010", "V2", 0, 1
    )
    followers_frac: float = parameter(
        0.1,
        "1",
        "of the market's users, those who build up likewise at the same time",
        "A",
        0.001,
        1,
    )

    def offered_frac(self, embargoed: bool) -> float:
        """Share of their capacity that mines offer in a month [1]."""
        return 1.0 - self.withheld_frac if embargoed else 1.0


@dataclass(frozen=True, slots=True)
class MaterialsMonth:
    """One month: stock before + sold + secondary = used + stock now [t]."""

    price_ratio: float  # over the ordinary price
    sold_t: float  # by mines
    secondary_t: float  # by recyclers
    used_t: float  # by everybody
    extra_used_t: float  # of it, what was asked beyond ordinary use
    delivered_frac: float  # of what is wanted at this price; below 1 where the material is rationed
    stock_t: float  # in buyers' stores at the end
    capacity_ratio: float  # of mines, over the ordinary one
    shortage: float  # that buyers reckon with, share of ordinary sales


class MaterialsMarket:
    """A market with *use_t* of ordinary use a month; one call of :meth:`month` a month.

    Parameters
    ----------
    use_t : ordinary use [t/month], above 0
    elasticities : of supply and of demand, both taken positive (``SupplyParameters.elasticities``)

    Notes
    -----
    The price p of a month solves, with offered share a, capacity K, stock s and ordinary use n,

        a K n p^e_s + secondary = (n + extra) p^-e_d + (T p^-e_d - s) / tau,

    where T = n T_0 (1 + chi h) is the stock that buyers want, and h the shortage that they have seen. Buyers
    sell no more than they hold. Without a shock p = 1 and s = n T_0 for ever.
    """

    def __init__(
        self,
        use_t: float,
        elasticities: tuple[float, float],
        parameters: MaterialsParameters = MaterialsParameters(),
    ) -> None:
        self.use_t, self.parameters = use_t, parameters
        self._supply_elasticity, self._demand_elasticity = elasticities
        self.stock_t = use_t * parameters.stock_months
        self.shortage, self.capacity_ratio, self.price_ratio = 0.0, 1.0, 1.0
        self._begun = [0.0] * parameters.expansion_lag_months  # capacity that opens in the months to come

    def month(
        self, *, offered_frac: float = 1.0, secondary_t: float = 0.0, extra_t: float = 0.0
    ) -> MaterialsMonth:
        """One month in which producers offer a share of their capacity.

        Parameters
        ----------
        offered_frac : 1 without an embargo, 0 if nobody sells
        secondary_t : what recyclers sell, whatever the price [t]
        extra_t : use at the ordinary price beyond the ordinary one, as for new panels and batteries [t]
        """
        from scipy.optimize import brentq  # here, because a run without a build-up does not need it

        p = self.parameters
        log_most = math.log(p.price_most_ratio)
        short = (offered_frac, secondary_t, extra_t)
        if self._lacking_t(log_most, *short) > 0.0:
            log_price = log_most
        elif self._lacking_t(-log_most, *short) < 0.0:
            log_price = -log_most
        else:
            log_price = float(brentq(self._lacking_t, -log_most, log_most, args=short, xtol=1e-12))
        before_t, sold_t = self.stock_t, self._sold_t(log_price, offered_frac)
        wanted_t = self._used_t(log_price, extra_t)
        used_t = min(wanted_t, before_t + sold_t + secondary_t)
        self.stock_t = before_t + sold_t + secondary_t - used_t
        self.price_ratio = math.exp(log_price)
        self._learn(sold_t + secondary_t)
        return MaterialsMonth(
            price_ratio=self.price_ratio,
            sold_t=sold_t,
            secondary_t=secondary_t,
            used_t=used_t,
            extra_used_t=used_t * extra_t / (self.use_t + extra_t),
            delivered_frac=used_t / wanted_t,
            stock_t=self.stock_t,
            capacity_ratio=self.capacity_ratio,
            shortage=self.shortage,
        )

    def _sold_t(self, log_price: float, offered_frac: float) -> float:
        """What mines sell at a price [t]."""
        return offered_frac * self.capacity_ratio * self.use_t * math.exp(self._supply_elasticity * log_price)

    def _used_t(self, log_price: float, extra_t: float) -> float:
        """What is used at a price [t]."""
        return (self.use_t + extra_t) * math.exp(-self._demand_elasticity * log_price)

    def _lacking_t(self, log_price: float, offered_frac: float, secondary_t: float, extra_t: float) -> float:
        """Use and storing less what is sold, falls with the price [t]."""
        p = self.parameters
        wanted_stock_t = self.use_t * p.stock_months * (1.0 + p.panic * self.shortage)
        gap_t = wanted_stock_t * math.exp(-self._demand_elasticity * log_price) - self.stock_t
        stored_t = max(gap_t / p.stock_closing_months, -self.stock_t)
        sold_t = self._sold_t(log_price, offered_frac) + secondary_t
        return self._used_t(log_price, extra_t) + stored_t - sold_t

    def _learn(self, came_t: float) -> None:
        """Buyers remember the month's shortage; producers begin to build, or close, by its price."""
        p, doublings = self.parameters, math.log2(self.price_ratio) / MONTHS_PER_YEAR
        missing = max(0.0, 1.0 - came_t / self.use_t)
        self.shortage += p.shortage_memory_per_month * (missing - self.shortage)
        self._begun.append(p.expansion_per_y * max(doublings, 0.0) * self.capacity_ratio)
        self.capacity_ratio *= math.exp(p.closing_per_y * min(doublings, 0.0))
        self.capacity_ratio += self._begun.pop(0)


@message
class MetalPurchase:
    """Metals for a month's equipment: of what is *needed*, what the city has itself and what it buys."""

    needed_t: float
    own_t: float  # recovered and mined by the city itself
    bought_t: float  # of the market
    price_ratio: float  # of the market, over the ordinary price

    @property
    def got_t(self) -> float:
        """All of it [t]."""
        return self.own_t + self.bought_t

    @property
    def delivered_frac(self) -> float:
        """Share of what is needed; 1 where nothing is [1]."""
        return self.got_t / self.needed_t if self.needed_t > 0.0 else 1.0

    @property
    def mean_price_ratio(self) -> float:
        """Price of all of it: the city's own metals cost the ordinary price [1]."""
        paid_t = self.own_t + self.bought_t * self.price_ratio
        return paid_t / self.got_t if self.got_t > 0.0 else self.price_ratio


def buy_metals(
    market: MaterialsMarket, needed_t: float, own_t: float = 0.0, embargoed: bool = False
) -> MetalPurchase:
    """Get what a city needs for its equipment in one month of a *market*.

    Metals that the city recovers and mines itself, *own_t*, are used first. Of the market's less is bought
    the dearer it is. *market* is that of all its users, scaled to the ordinary use of this city.
    """
    p, used_own_t = market.parameters, min(needed_t, own_t)
    asked_t = needed_t - used_own_t
    now = market.month(offered_frac=p.offered_frac(embargoed), extra_t=asked_t * p.followers_frac)
    bought_t = min(now.extra_used_t / p.followers_frac, asked_t)
    return MetalPurchase(needed_t, used_own_t, bought_t, now.price_ratio)
