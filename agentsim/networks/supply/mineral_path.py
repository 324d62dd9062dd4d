"""The price of minerals over the years before the first hour, as the scenario states it, and an embargo.

A market of minerals can take the place of the path: whatever has a ``month`` that returns a
:class:`MineralMonth` can be handed to the years (:class:`MineralPrices`).
"""

from dataclasses import dataclass
from typing import Protocol

from agentsim.core.message import message
from agentsim.core.parameters import parameter
from agentsim.core.units import MONTHS_PER_YEAR


@dataclass(frozen=True)
class MineralPathParameters:
    """What minerals cost in each year before the first hour, and what that does to equipment."""

    year: tuple[int, ...] = parameter(
        (),
        "year",
        "years before the first hour with a stated price: each of 1, 2, ...; none: factor 1",
        "A",
        1,
    )
    price_factor: tuple[float, ...] = parameter(
        (), "1", "price of minerals in these years over that at which equipment is priced", "A", 0.01, 100
    )
    embargo_year: int = parameter(0, "year", "in which an embargo begins; 0: there is none", "A", 0, 40)
    embargo_month: int = parameter(1, "month", "of that year, counted from its first", "A", 1, 12)
    embargo_months: int = parameter(12, "months", "that it lasts", "A", 1, 480)
    embargo_price_factor: float = parameter(
        3.0,
        "1",
        "price during the embargo over that of the year; rare earths 2010-11 rose more",
        "A",
        0.01,
        100,
    )
    embargo_delivered_frac: float = parameter(
        0.3, "1", "of the panels, turbines and batteries ordered that are delivered meanwhile", "A", 0, 1
    )
    panel_mineral_frac: float = parameter(
        0.1, "1", "minerals (silver, copper, rare earths) in the price of panels and turbines", "A", 0, 1
    )
    battery_mineral_frac: float = parameter(
        0.25,
        "1",
        "minerals (lithium, nickel, cobalt, graphite) in the price of a battery, installed",
        "A",
        0,
        1,
    )


@message
class MineralMonth:
    """What minerals do to equipment in one month."""

    panel_price_frac: float  # price of panels and turbines over their ordinary one
    battery_price_frac: float
    delivered_frac: float  # of what is ordered
    embargoed: bool = False


ORDINARY = MineralMonth(panel_price_frac=1.0, battery_price_frac=1.0, delivered_frac=1.0)


class MineralPrices(Protocol):
    """Who says what minerals do to equipment: the path of a scenario, or a market."""

    def month(self, month: int) -> MineralMonth:
        """*month* counts from 0, the first of the years."""


class MineralPath:
    """The path that a scenario states.

    Equipment costs 1 - s + s f of its ordinary price, with s the share of minerals in it and f the price of
    minerals over that at which equipment is priced.

    >>> path = MineralPath(MineralPathParameters(year=(1, 2), price_factor=(1.0, 3.0)))
    >>> [path.month(month).battery_price_frac for month in (0, 12)]
    [1.0, 1.5]
    """

    def __init__(self, parameters: MineralPathParameters) -> None:
        self.parameters = parameters
        self._factor = dict(zip(parameters.year, parameters.price_factor, strict=True))
        self._first = (parameters.embargo_year - 1) * MONTHS_PER_YEAR + parameters.embargo_month - 1

    def month(self, month: int) -> MineralMonth:
        """What minerals do to equipment in a month, counted from 0."""
        p, factor = self.parameters, self._factor.get(month // MONTHS_PER_YEAR + 1, 1.0)
        embargoed = p.embargo_year > 0 and self._first <= month < self._first + p.embargo_months
        if embargoed:
            factor *= p.embargo_price_factor
        return MineralMonth(
            panel_price_frac=1.0 + p.panel_mineral_frac * (factor - 1.0),
            battery_price_frac=1.0 + p.battery_mineral_frac * (factor - 1.0),
            delivered_frac=p.embargo_delivered_frac if embargoed else 1.0,
            embargoed=embargoed,
        )


class SteadyMinerals:
    """Minerals whose price stays (mechanism ``minerals_to_equipment`` off)."""

    def month(self, month: int) -> MineralMonth:
        """An ordinary month."""
        return ORDINARY
