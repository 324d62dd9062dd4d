"""Adoption: which homes buy solar panels or a battery, month by month (mechanisms S4).

A home considers it with the hazard 1 - exp(-(p + q phi) dt), where phi is the share of its neighbours that
own one. It buys if it has a roof, can finance it, and the payback is short enough for it: each home draws
once how long it would wait, so that a share exp(-0.3 PB) of homes accepts a payback of PB years. Only the
hazard is that of Bass (1969); that adoption follows an S-curve and comes in clusters emerges.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.parameters import parameter
from agentsim.core.units import MONTHS_PER_YEAR


@dataclass(frozen=True)
class AdoptionParameters:
    """How homes come to buy, and what they reckon with."""

    innovation_per_y: float = parameter(
        0.003, "1/y", "p of Bass: homes that consider it of their own accord (S4)", "A", 0, 1
    )
    imitation_per_y: float = parameter(
        0.3, "1/y", "q of Bass: for each share of neighbours who own one (S4); India 0.122", "A", 0, 5
    )
    impatience_per_y: float = parameter(
        0.3, "1/y", "a payback of PB years is accepted by exp(-0.3 PB) of homes (S4)", "M", 0, 5
    )
    finance_months: float = parameter(
        6.0, "months", "of income that a home can pay or borrow for it; varied 2-24", "A", 0, 600
    )
    outage_memory_per_month: float = parameter(
        0.1, "1/month", "lambda: weight of the last month in the perceived risk of an outage (S4)", "A", 0, 1
    )
    outage_worth_jpy_per_kwh: float = parameter(
        560.0, "JPY/kWh", "Matsubara et al. 2025: residential, sudden, 2 h, summer", "V", 0, 1e5
    )
    outage_need_kw: float = parameter(0.4, "kW", "what a battery would serve in an outage (S6)", "A", 0, 50)
    retail_jpy_per_kwh: float = parameter(
        31.0, "JPY/kWh", "guide price of homes, Japan 2022; for stocks that stand at once", "M", 0, 1000
    )
    pv_jpy_per_kw: float = parameter(
        260e3, "JPY/kW", "home solar with installation, Japan, order of 2024", "M", 0, 1e7
    )
    battery_jpy_per_kwh: float = parameter(150e3, "JPY/kWh", "home battery (S5)", "M", 0, 1e7)
    pv_life_y: float = parameter(20.0, "y", "of home solar, until it is bought anew", "A", 1, 100)
    pv_jpy_per_y: float = parameter(15e3, "JPY/y", "upkeep of a home's panels", "A", 0, 1e7)
    battery_life_y: float = parameter(15.0, "y", "of a home battery (S5)", "M", 1, 100)
    pv_kwh_per_kw_y: float = parameter(1100.0, "kWh/kW/y", "yield of a roof in Japan", "M", 0, 3000)
    own_use_frac: float = parameter(0.3, "1", "of the yield, used at home without a battery", "M", 0, 1)
    own_use_battery_frac: float = parameter(0.6, "1", "and with one", "M", 0, 1)


def considers(
    neighbours_frac: np.ndarray, years: float, innovation_per_y: float, imitation_per_y: float
) -> np.ndarray:
    """Chance that a home considers buying within so many *years*, 1 - exp(-(p + q phi) dt).

    >>> considers(np.array([0.0, 1.0]), 1.0, 0.003, 0.3).round(3).tolist()
    [0.003, 0.261]
    """
    return -np.expm1(-(innovation_per_y + imitation_per_y * np.asarray(neighbours_frac, float)) * years)


def payback_y(capital_jpy: np.ndarray | float, saving_jpy_per_y: np.ndarray | float) -> np.ndarray:
    """Years until what is saved pays for what it cost; inf where nothing is saved.

    >>> payback_y(1.2e6, np.array([100e3, 0.0])).tolist()
    [12.0, inf]
    """
    saving = np.asarray(saving_jpy_per_y, dtype=float)
    capital = np.broadcast_to(np.asarray(capital_jpy, dtype=float), saving.shape)
    return np.divide(capital, saving, out=np.full(saving.shape, np.inf), where=saving > 0.0)


def perceived_outage_h(before_h: np.ndarray, lived_h: np.ndarray, memory_per_month: float) -> np.ndarray:
    """Hours without power a year that homes reckon with after one more month, (1 - l) pi + l x, arrays [h/y].

    *lived_h* is the last month's experience, stated as hours a year.
    """
    return (1.0 - memory_per_month) * before_h + memory_per_month * lived_h


@dataclass(frozen=True)
class Terms:
    """What homes reckon with when they consider buying."""

    retail_jpy_per_kwh: float
    export_jpy_per_kwh: float
    # price of equipment over the parameters', as minerals make it dearer and a subsidy cheaper
    capital_factor: float = 1.0
    battery_capital_factor: float | None = None  # None: that of panels


class Peers:
    """What homes see of each other: who owns something in their neighbourhood.

    Parameters
    ----------
    place : index of the neighbourhood of each home, int (households,)
    nearness : (places, places), how much a home of one place sees of another; rows need not sum to 1
    """

    def __init__(self, place: np.ndarray, nearness: np.ndarray) -> None:
        self._place = place
        homes = np.bincount(place, minlength=len(nearness))
        seen = nearness * homes  # homes of each place that one sees from each other place
        self._sees = seen / np.maximum(seen.sum(axis=1, keepdims=True), 1e-12)
        self._homes = np.maximum(homes, 1)

    def owned_frac(self, owns: np.ndarray) -> np.ndarray:
        """Share of the homes of each place that own one, array (places,)."""
        return np.bincount(self._place, owns, len(self._homes)) / self._homes

    def neighbours_frac(self, owns: np.ndarray) -> np.ndarray:
        """phi: share of the homes that each home sees which own one, array (households,)."""
        return (self._sees @ self.owned_frac(owns))[self._place]


class Adoption:
    """Homes that own panels or a battery, and how that spreads.

    Parameters
    ----------
    place : index of the neighbourhood of each home, int (households,)
    nearness : (places, places), how much a home of one place sees of another; rows need not sum to 1
    roof : bool (households,)
    income_jpy_per_month : array (households,)
    patience : draws in [0, 1), (2, households): for panels and for a battery, once and for all
    panels, battery : who owns one at first, bool (households,)
    pv_kw, battery_kwh : size of what a home buys
    """

    def __init__(
        self,
        *,
        place: np.ndarray,
        nearness: np.ndarray,
        roof: np.ndarray,
        income_jpy_per_month: np.ndarray,
        patience: np.ndarray,
        panels: np.ndarray,
        battery: np.ndarray,
        pv_kw: float,
        battery_kwh: float,
        parameters: AdoptionParameters | None = None,
    ) -> None:
        self.parameters = parameters or AdoptionParameters()
        self.panels, self.battery = panels.copy(), battery.copy()
        self.outage_h_per_y = np.zeros(len(roof))  # that each home reckons with
        self._roof, self._income, self._patience = roof, income_jpy_per_month, patience
        self.peers, self._pv_kw, self._battery_kwh = Peers(place, nearness), pv_kw, battery_kwh

    def month(
        self, draws: np.ndarray, terms: Terms, outage_h_per_y: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """One month: homes order and get it. Who bought panels, and a battery, bool arrays (households,)."""
        orders = self.order(draws, terms, outage_h_per_y)
        self.get(*orders)
        return orders

    def order(
        self, draws: np.ndarray, terms: Terms, outage_h_per_y: np.ndarray | float = 0.0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Homes consider. Who orders panels, and a battery, bool arrays (households,).

        Parameters
        ----------
        draws : (2, households) in [0, 1), draw *i* belongs to home *i*
        outage_h_per_y : what homes lived through in the month, stated as hours a year
        """
        p, years = self.parameters, 1.0 / MONTHS_PER_YEAR
        self.outage_h_per_y = perceived_outage_h(
            self.outage_h_per_y, np.asarray(outage_h_per_y), p.outage_memory_per_month
        )
        rows = zip((self.panels, self.battery), draws, self._ready(terms), strict=True)
        panels, battery = (
            ~owns
            & ready
            & (
                draw
                < considers(self.peers.neighbours_frac(owns), years, p.innovation_per_y, p.imitation_per_y)
            )
            for owns, draw, ready in rows
        )
        return panels, battery

    def get(self, panels: np.ndarray, battery: np.ndarray) -> None:
        """These homes get what they ordered. Who gets nothing is as free as before, and may order again."""
        self.panels, self.battery = self.panels | panels, self.battery | battery

    def _ready(self, terms: Terms) -> tuple[np.ndarray, np.ndarray]:
        """Homes that would buy panels, and a battery, if they considered it, bool (households,)."""
        p = self.parameters
        pv_jpy = p.pv_jpy_per_kw * self._pv_kw * terms.capital_factor
        factor = (
            terms.capital_factor if terms.battery_capital_factor is None else terms.battery_capital_factor
        )
        battery_jpy = p.battery_jpy_per_kwh * self._battery_kwh * factor
        panels = self._roof & self._accepts(0, pv_jpy, np.full(len(self._roof), self._pv_saving_jpy(terms)))
        return panels, self._accepts(1, battery_jpy, self._battery_saving_jpy(terms))

    def _pv_saving_jpy(self, terms: Terms) -> float:
        """What panels save and earn in a year [JPY/y]."""
        p, kwh = self.parameters, self.parameters.pv_kwh_per_kw_y * self._pv_kw
        own = p.own_use_frac
        return kwh * (own * terms.retail_jpy_per_kwh + (1.0 - own) * terms.export_jpy_per_kwh)

    def _battery_saving_jpy(self, terms: Terms) -> np.ndarray:
        """What a battery saves in a year: sun used at home instead of sold, and outages bridged [JPY/y]."""
        p = self.parameters
        kwh = p.pv_kwh_per_kw_y * self._pv_kw * (p.own_use_battery_frac - p.own_use_frac)
        moved = self.panels * kwh * max(terms.retail_jpy_per_kwh - terms.export_jpy_per_kwh, 0.0)
        return moved + p.outage_worth_jpy_per_kwh * p.outage_need_kw * self.outage_h_per_y

    def _accepts(self, what: int, capital_jpy: float, saving_jpy_per_y: np.ndarray) -> np.ndarray:
        """Homes that can finance it, and whose patience reaches as far as its payback, bool (households,)."""
        p = self.parameters
        accepted_frac = np.exp(-p.impatience_per_y * payback_y(capital_jpy, saving_jpy_per_y))
        return (self._patience[what] < accepted_frac) & (capital_jpy <= p.finance_months * self._income)
