"""The slow clock: the years before the first hour, month by month.

Once a year the typical days are lived with what stands by then: they say what power costs, how much of it is
sold and how often it fails. The tariff follows. Each month homes order what pays for them, offices build,
metals for it come or do not, whatever is bought is paid by annuities, and water mains grow older.
"""

from dataclasses import replace

import numpy as np

from agentsim.agents.households.adoption import Terms
from agentsim.core.charter import Charge
from agentsim.core.units import HOURS_PER_MONTH, MONTHS_PER_YEAR
from agentsim.institutions.ledger import MAKERS, REPAYMENT
from agentsim.institutions.lobbying import delay_months, lost_profit_frac
from agentsim.institutions.market import Treasury
from agentsim.networks.supply.mineral_path import MineralMonth
from agentsim.society.years.city import BATTERIES, PANELS, STORAGE, TANKS, City
from agentsim.society.years.lived import Lived
from agentsim.society.years.orders import MetalNeed, met
from agentsim.society.years.programmes import Programmes
from agentsim.society.years.table import MonthRow, row_of
from agentsim.society.years.typical_days import Rehearse, YearFigures


class Clock:
    """Lives the years of a *city*; *rehearse* tells what a year brings with what stands in it."""

    def __init__(self, city: City, rehearse: Rehearse) -> None:
        self.city, self._rehearse = city, rehearse
        self.programmes = Programmes(city)
        self.recovery_jpy_per_kwh = 0.0  # what a kWh has to bring in besides, see ``CostRecovery``
        self.delay_months = 0.0  # by which a utility that loses profit delays the roll-out, so far
        self.delayed_months = 0  # of which have passed
        self.rows: list[MonthRow] = []
        self._embargoed = False

    def live(self) -> Lived:
        """All years, and what they leave."""
        first = self._owned_frac()
        for year in range(self.city.years):
            figures = self._begin_year()
            for month in range(year * MONTHS_PER_YEAR, (year + 1) * MONTHS_PER_YEAR):
                self._month(month, figures)
        self._begin_year()  # the tariff of the first hour
        self._tell_end(first)
        return self.lived()

    def lived(self) -> Lived:
        """What stands now."""
        city, built = self.city, self.programmes
        return Lived(
            panels=city.adoption.panels,
            battery=city.adoption.battery,
            rain_tank=city.tanks.owns,
            mains_age_y=city.mains.age_y,
            built_frac=built.built_frac,
            mineral_built_frac=built.of_minerals.built_frac,
            turbines_built_frac=built.turbines.built_frac,
            metals_built_frac=built.metals_built_frac,
            storage_age_y=city.investment.mean_age_y(STORAGE, len(self.rows)),
            parts=city.investment.parts(),
            owner_jpy_per_y=city.investment.owner_jpy_per_y(city.households, city.weight),
            recovery_jpy_per_kwh=self.recovery_jpy_per_kwh,
            months=tuple(self.rows),
            events=tuple(city.log.events),
        )

    # ---- a year ---------------------------------------------------------------------------------------

    def _begin_year(self) -> YearFigures:
        """Live the typical days with what stands, and set what the tariff has to recover besides."""
        figures = self._rehearse(self.lived())
        treasury = self._treasury(figures)
        account = treasury.settle(figures.sales)
        if treasury.recovery is not None:
            self.recovery_jpy_per_kwh = treasury.recovery.jpy_per_kwh
        if treasury.lobbying is not None and treasury.ledger is not None:
            usual = treasury.ledger.costs.usual_profit_jpy_per_h
            lost_frac = lost_profit_frac(usual, usual - account.profit_lost_jpy)
            self._lobby(delay_months(lost_frac, treasury.lobbying))
        return figures

    def _lobby(self, months: float) -> None:
        """The utility delays what takes its profit, *months* in all; what was gained is not given back."""
        more = months - self.delay_months
        if more <= 0.0:
            return
        self.delay_months = months
        year = len(self.rows) // MONTHS_PER_YEAR + 1
        if more >= 1.0 and year <= self.city.years:
            self.city.log.add(0, "years", "power", "years_lobbying", year=year, months=round(more))

    def _treasury(self, figures: YearFigures) -> Treasury:
        """Tariffs and accounts with what stands now."""
        parts, city = self.city.investment.parts(), self.city
        return city.treasury(parts, figures.generation_jpy_per_kwh, self.recovery_jpy_per_kwh)

    # ---- a month --------------------------------------------------------------------------------------

    def _month(self, month: int, figures: YearFigures) -> None:
        """Homes and offices order, the metals come or do not, and what is delivered is paid."""
        city, metals = self.city, self.city.metals
        treasury = self._treasury(figures)
        delayed = self.delayed_months + 1 <= self.delay_months
        self.delayed_months += delayed
        orders = self._order(month, treasury.power_jpy_per_kwh, figures, delayed)
        need = self._need(month, orders, delayed)
        own_t = metals.own_t(month, self.programmes.built_frac)
        minerals = metals.prices.month(month, need.total_t, own_t)
        self._tell_embargo(month, minerals)
        got = self._delivered(month, orders, need, minerals)
        capital = city.investment.replace_worn(
            month,
            lambda charge: metals.price_frac(charge, minerals),
            lambda charge: minerals.delivered_frac if charge.quantity in metals.equipment.unit_t else 1.0,
        )
        if city.adopts:
            capital += self._adopt(month, got, minerals, delayed)
        capital += self.programmes.build(month, minerals, delayed)
        city.mains.age(1.0 / MONTHS_PER_YEAR, city.renewal_frac_per_y)
        installed_t = (need.worn_t + need.offices_t) * minerals.delivered_frac + self._ordered_t(got)
        metals.prices.install(minerals.own_t + minerals.bought_t, installed_t)
        self.rows.append(
            row_of(
                month,
                city,
                figures,
                minerals,
                installed_t=installed_t,
                power_jpy_per_kwh=treasury.power_jpy_per_kwh,
                built_frac=self.programmes.built_frac,
                delayed_months=self.delayed_months,
                capital_jpy=capital,
                balance_jpy=monthly_balance_jpy(treasury, figures, capital),
            )
        )

    def _order(
        self, month: int, retail_jpy_per_kwh: float, figures: YearFigures, delayed: bool
    ) -> np.ndarray:
        """Who orders panels, and a battery, at the prices of the month before, bool (2, households).

        While the utility *delays* it, nobody trades next door and nobody gets a subsidy.
        """
        city = self.city
        if not (city.adopts and city.buys_energy):
            return np.zeros((2, city.households), dtype=bool)
        terms = (city.ordinary_terms if delayed else city.terms)(retail_jpy_per_kwh)
        ordered = city.adoption.order(
            self._draws("adoption", month),
            self._dearer(terms),
            city.everyday_outage_h_per_y + figures.short_h[city.district],
        )
        return np.stack(ordered)

    def _need(self, month: int, orders: np.ndarray, delayed: bool) -> MetalNeed:
        """Metals in what is on order, and in what has to be replaced."""
        metals = self.city.metals
        return MetalNeed(
            worn_t=metals.in_amounts_t(self.city.investment.worn(month)),
            homes_t=self._ordered_t(orders),
            offices_t=self.programmes.needed_t(delayed),
        )

    def _draws(self, name: str, month: int) -> np.ndarray:
        """Chance of panels and batteries in a month, (2, households)."""
        streams, rows = self.city.streams, self.city.households
        return np.stack([streams.uniform(f"{name}/{what}", month, rows) for what in ("panels", "battery")])

    def _each_t(self) -> np.ndarray:
        """Metals in panels and in a battery of the homes that one row stands for, (2,) [t]."""
        unit_t = self.city.metals.equipment.unit_t
        return self.city.weight * np.array([unit_t[PANELS], unit_t[BATTERIES]])

    def _ordered_t(self, orders: np.ndarray) -> float:
        """Metals in panels and batteries of homes, from bool (2, households) [t]."""
        return float(np.count_nonzero(orders, axis=1) @ self._each_t())

    def _delivered(
        self, month: int, orders: np.ndarray, need: MetalNeed, minerals: MineralMonth
    ) -> np.ndarray:
        """Who gets what is ordered, bool (2, households): whole orders, with what is in store."""
        if minerals.delivered_frac >= 1.0:
            return orders
        metal_t = self.city.metals.prices.store_t + need.homes_t * minerals.delivered_frac
        return met(orders, self._draws("delivery", month), self._each_t(), metal_t)

    def _adopt(self, month: int, got: np.ndarray, minerals: MineralMonth, delayed: bool) -> float:
        """Homes get what they ordered, and take rain tanks; returns the capital that this takes [JPY]."""
        city = self.city
        tanks = city.tanks.month(city.streams.uniform("adoption/rain_tank", month, city.households))
        capital = self._pay(month, city.bought.get(TANKS, ()), tanks, minerals)
        city.adoption.get(*got)
        charges = city.ordinary_bought if delayed else city.bought
        for what, who in zip((PANELS, BATTERIES), got, strict=True):
            capital += self._pay(month, charges.get(what, ()), who, minerals)
        return capital

    def _pay(self, month: int, charges: tuple[Charge, ...], who: np.ndarray, minerals: MineralMonth) -> float:
        """Capital of what homes came to own in a month, whoever pays for it [JPY]; *who* is bool."""
        rows = np.flatnonzero(who)
        amount, capital = len(rows) * self.city.weight, 0.0
        for charge in charges:
            owners = rows if charge.payer == "owners" else None
            price = self.city.metals.price_frac(charge, minerals)
            capital += self.city.investment.buy(charge, month, amount, price, owners)
        return capital

    def _dearer(self, terms: Terms) -> Terms:
        """What homes reckon with at the metals' price of the month before."""
        metals = self.city.metals
        panels, battery = (
            metals.equipment.price_frac(what, metals.prices.price_ratio) for what in (PANELS, BATTERIES)
        )
        ordinary = terms.battery_capital_factor
        return replace(
            terms,
            capital_factor=terms.capital_factor * panels,
            battery_capital_factor=(terms.capital_factor if ordinary is None else ordinary) * battery,
        )

    # ---- events ---------------------------------------------------------------------------------------

    def _owned_frac(self) -> tuple[float, float]:
        adoption = self.city.adoption
        return float(adoption.panels.mean()), float(adoption.battery.mean())

    def _tell_embargo(self, month: int, minerals: MineralMonth) -> None:
        if minerals.embargoed == self._embargoed:
            return
        self._embargoed = minerals.embargoed
        what = "years_embargo_begins" if minerals.embargoed else "years_embargo_ends"
        self.city.log.add(0, "years", "city", what, year=month // MONTHS_PER_YEAR + 1)

    def _tell_end(self, first: tuple[float, float]) -> None:
        city, (panels, battery) = self.city, self._owned_frac()
        city.log.add(
            0,
            "years",
            "city",
            "years_lived",
            years=city.years,
            pv_before_frac=first[0],
            pv_frac=panels,
            battery_before_frac=first[1],
            battery_frac=battery,
        )
        city.log.add(0, "years", "water", "years_of_mains", overdue_frac=city.mains.overdue_frac)


def monthly_balance_jpy(treasury: Treasury, figures: YearFigures, capital_jpy: float) -> dict[str, float]:
    """Change of every account in a month of mean hours; their sum is 0 [JPY].

    Lenders pay makers *capital_jpy* for what is bought in the month, and get it back in instalments.
    """
    hour = treasury.settle(figures.sales).balance_jpy
    month = {account: jpy * HOURS_PER_MONTH for account, jpy in hour.items()}
    month[REPAYMENT] = month.get(REPAYMENT, 0.0) - capital_jpy
    month[MAKERS] = month.get(MAKERS, 0.0) + capital_jpy
    return month
