"""Minerals in the years before the first hour: a market that clears every month, and an embargo.

The world price is that of the scenario, year by year, and what the market starts from. What the city's homes
and offices buy, and an embargo, move the market's price over it (:class:`MineralMarket`).
"""

from dataclasses import dataclass
from typing import Protocol

from agentsim.core.message import message
from agentsim.core.parameters import parameter
from agentsim.core.units import MONTHS_PER_YEAR
from agentsim.networks.supply.materials_market import MaterialsMarket, MetalPurchase, buy_metals


@dataclass(frozen=True)
class MineralPathParameters:
    """World price of minerals in each year before the first hour, and when an embargo begins."""

    year: tuple[int, ...] = parameter(
        (),
        "year",
        "years before the first hour with a stated price: each of 1, 2, ...; none: factor 1",
        "A",
        1,
    )
    price_factor: tuple[float, ...] = parameter(
        (),
        "1",
        "world price of minerals in them, over that at which equipment is priced",
        "A",
        0.01,
        100,
    )
    embargo_year: int = parameter(0, "year", "in which an embargo begins; 0: there is none", "A", 0, 40)
    embargo_month: int = parameter(1, "month", "of that year, counted from its first", "A", 1, 12)
    embargo_months: int = parameter(12, "months", "that it lasts", "A", 1, 480)

    def world_price_ratio(self, month: int) -> float:
        """World price over that at which equipment is priced, in a month counted from 0 [1].

        >>> path = MineralPathParameters(year=(1, 2), price_factor=(1.0, 3.0))
        >>> [path.world_price_ratio(month) for month in (0, 12)]
        [1.0, 3.0]
        """
        year = month // MONTHS_PER_YEAR + 1
        return dict(zip(self.year, self.price_factor, strict=True)).get(year, 1.0)

    def embargoed(self, month: int) -> bool:
        """Whether there is an embargo in a month, counted from 0."""
        first = (self.embargo_year - 1) * MONTHS_PER_YEAR + self.embargo_month - 1
        return self.embargo_year > 0 and 0 <= month - first < self.embargo_months


@message
class MineralMonth:
    """What minerals do to equipment in one month: own + bought = installed + what the store has gained."""

    price_ratio: float = 1.0  # of the month's metals, over that at which equipment is priced
    delivered_frac: float = 1.0  # of the metals that equipment on order needs
    own_t: float = 0.0  # recovered and mined by the city itself
    bought_t: float = 0.0  # of the market
    embargoed: bool = False


class MineralPrices(Protocol):
    """What minerals cost and how much of them comes, month after month."""

    price_ratio: float  # of the last month, with which homes reckon before they order
    store_t: float  # in installers' store

    def month(self, month: int, needed_t: float, own_t: float) -> MineralMonth:
        """Buy the metals of equipment on order in a *month*, counted from 0; *own_t* is the city's own."""

    def install(self, got_t: float, installed_t: float) -> None:
        """Of what came, so much is installed; the rest is stored."""


class MineralMarket:
    """The market of metals over the years; installers begin with *store_t* of them."""

    def __init__(self, path: MineralPathParameters, market: MaterialsMarket, store_t: float = 0.0) -> None:
        self._path, self._market = path, market
        self.price_ratio, self.store_t = path.world_price_ratio(0), store_t

    def month(self, month: int, needed_t: float, own_t: float) -> MineralMonth:
        """One month of the market."""
        embargoed = self._path.embargoed(month)
        bought: MetalPurchase = buy_metals(self._market, needed_t, own_t, embargoed)
        self.price_ratio = self._path.world_price_ratio(month) * bought.mean_price_ratio
        return MineralMonth(
            self.price_ratio, bought.delivered_frac, bought.own_t, bought.bought_t, embargoed=embargoed
        )

    def install(self, got_t: float, installed_t: float) -> None:
        """Of what came, so much is installed; the rest is stored until an order can be met in full."""
        self.store_t += got_t - installed_t
        assert self.store_t >= -1e-9 * (1.0 + got_t), f"{installed_t} t installed, {self.store_t} t in store"


class SteadyMinerals:
    """Minerals whose price stays, and of which there is enough (mechanism ``minerals_to_equipment`` off)."""

    price_ratio, store_t = 1.0, 0.0

    def month(self, month: int, needed_t: float, own_t: float) -> MineralMonth:
        """An ordinary month."""
        return MineralMonth()

    def install(self, got_t: float, installed_t: float) -> None:
        """Nothing is counted."""
