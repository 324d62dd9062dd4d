"""Homes sell power to homes of their district: contracts between peers, settled hour by hour.

A contract is not a wire. What flows is settled by the grid; peers only change who pays whom. Physically they
matter in one place, an energised island, where home batteries may serve neighbours.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.shares import share
from agentsim.core.numerics.totals import total_by
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import KW_PER_MW
from agentsim.place.cases import Feeders

RULES = ("mid_market", "pay_as_clear")


@dataclass(frozen=True)
class P2pParameters:
    """Numbers of local trade."""

    grid_fee_frac: float = parameter(
        0.29,
        "1",
        "of the tariff, for the wires, paid to the utility by the buyer: 9 of 31 JPY (S3)",
        "M",
        0,
        1,
    )
    headroom_frac: float = parameter(
        1.0, "1", "sales out of a feeder, at most this share of its peak load", "A", 0, 5
    )
    price_steps: int = parameter(
        100, "1", "steps of a district's curves, as PowerMatcher's auctioneer has", "C", 2, 10000
    )


@dataclass(frozen=True, slots=True)
class Trades:
    """What was traded in one hour."""

    traded_kwh: np.ndarray  # (districts,) of the real city
    price_jpy_per_kwh: np.ndarray  # (districts,) that sellers get; nan where nobody traded
    bill_jpy: np.ndarray  # (households,) change of each simulated home's bill, until the next trade
    fee_jpy: float  # of the real city, to the utility
    saving_jpy: float  # of the real city, what all bills together fall by


class LocalMarket:
    """One market in every district.

    ``mid_market`` (Long et al. 2017): everything that both sides have is traded at the middle of the band,
    and the longer side shares in proportion; the rest is settled with the utility as ever.
    ``pay_as_clear``: each home draws its limit within the band (zero intelligence); curves of 100 steps are
    added up, and all pay the price at which most is traded, that of the dearest accepted offer.

    The band reaches from what the utility pays for surplus to what it charges less the fee for its wires. If
    that is empty, nobody trades.

    Parameters
    ----------
    rule : one of ``RULES``
    district, feeder : where each simulated home is, arrays (households,)
    weight : real homes that a simulated one stands for
    """

    def __init__(
        self,
        rule: str,
        district: np.ndarray,
        feeder: np.ndarray,
        feeders: Feeders,
        districts: int,
        weight: float,
        streams: Streams,
        parameters: P2pParameters | None = None,
    ) -> None:
        if rule not in RULES:
            raise ValueError(f"p2p_rule {rule!r} is unknown; known: none, {', '.join(RULES)}")
        self.rule, self.parameters, self.streams = rule, parameters or P2pParameters(), streams
        self._district, self._feeder, self._districts, self._weight = district, feeder, districts, weight
        self._bill_jpy = np.empty(len(district))
        self._rating_kw = feeders.peak_mw * (KW_PER_MW * self.parameters.headroom_frac / weight)

    def trade(
        self,
        hour: int,
        sold_kwh: np.ndarray,
        bought_kwh: np.ndarray,
        retail_jpy_per_kwh: float,
        feed_in_jpy_per_kwh: float,
    ) -> Trades | None:
        """Trades of one hour among homes that delivered and drew this; None when there are none.

        Parameters
        ----------
        sold_kwh, bought_kwh : what each home's meter saw go out and come in, arrays (households,)
        retail_jpy_per_kwh, feed_in_jpy_per_kwh : the utility's prices, p_ret and p_fit
        """
        fee = self.parameters.grid_fee_frac * retail_jpy_per_kwh
        floor, ceiling = feed_in_jpy_per_kwh, retail_jpy_per_kwh - fee
        if ceiling <= floor or not np.count_nonzero(sold_kwh):
            return None
        offered = self._within_headroom(sold_kwh)
        if self.rule == "mid_market":
            price = np.full(self._districts, 0.5 * (floor + ceiling))
            sellers, buyers = offered, bought_kwh
        else:
            price, sellers, buyers = self._clear(hour, offered, bought_kwh, floor, ceiling)
        supply, demand = (total_by(self._district, kwh, self._districts) for kwh in (sellers, buyers))
        traded = np.minimum(supply, demand)
        bill = self._bill_jpy
        pay_peers(
            self._district,
            sellers,
            buyers,
            share(traded, supply),
            share(traded, demand),
            price + fee - retail_jpy_per_kwh,
            price - floor,
            bill,
        )
        total = float(traded.sum()) * self._weight
        return Trades(
            traded_kwh=traded * self._weight,
            price_jpy_per_kwh=np.where(traded > 0.0, price, np.nan),
            bill_jpy=bill,
            fee_jpy=total * fee,
            saving_jpy=total * (ceiling - floor),
        )

    def _within_headroom(self, sold_kwh: np.ndarray) -> np.ndarray:
        """What may be sold, each feeder's sales held to what its wires carry."""
        on_feeder = total_by(self._feeder, sold_kwh, len(self._rating_kw))
        over = on_feeder > self._rating_kw
        if not over.any():
            return sold_kwh
        carried_frac = np.where(over, self._rating_kw / np.maximum(on_feeder, 1e-12), 1.0)
        return sold_kwh * carried_frac[self._feeder]

    def _clear(
        self, hour: int, sold: np.ndarray, bought: np.ndarray, floor: float, ceiling: float
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Price of each district, and what sellers and buyers who accept it bring."""
        steps = self.parameters.price_steps
        step = (self.streams.uniform("p2p_limit", hour, len(sold)) * steps).astype(int)
        group, size = self._district * steps + step, (self._districts, steps)
        offers = np.bincount(group, sold, self._districts * steps).reshape(size)
        bids = np.bincount(group, bought, self._districts * steps).reshape(size)
        supply = np.cumsum(offers, axis=1)
        demand = np.cumsum(bids[:, ::-1], axis=1)[:, ::-1]
        at = np.minimum(supply, demand).argmax(axis=1)
        mine = at[self._district]
        price = floor + (ceiling - floor) * (at + 0.5) / steps
        return price, np.where(step <= mine, sold, 0.0), np.where(step >= mine, bought, 0.0)


@kernel
def pay_peers(
    district: np.ndarray,
    sold_kwh: np.ndarray,
    bought_kwh: np.ndarray,
    sold_frac: np.ndarray,
    bought_frac: np.ndarray,
    saved_jpy_per_kwh: np.ndarray,
    gained_jpy_per_kwh: np.ndarray,
    bill_jpy: np.ndarray,
) -> None:
    """Change of each home's bill by trade, array (households,), filled [JPY].

    By district are the shares that are traded of what is sold and bought, and what a kWh costs a buyer above
    the tariff and brings a seller above the feed-in price.
    """
    for row in range(bill_jpy.size):
        d = district[row]
        into, out = bought_kwh[row] * bought_frac[d], sold_kwh[row] * sold_frac[d]
        bill_jpy[row] = into * saved_jpy_per_kwh[d] - out * gained_jpy_per_kwh[d]
