"""The slow clock: the years before the first hour, month by month.

Once a year the typical days are lived with what stands by then: they say what power costs, how much of it is
sold and how often it fails. The tariff follows. Each month homes buy what pays for them, offices build,
whatever is bought is paid by annuities, and water mains grow older and are renewed.
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
from agentsim.society.years.city import (
    AS_BATTERIES,
    AS_PANELS,
    BATTERIES,
    PANELS,
    STORAGE,
    TANKS,
    TURBINES,
    City,
)
from agentsim.society.years.lived import Lived
from agentsim.society.years.table import MonthRow, row_of
from agentsim.society.years.typical_days import Rehearse, YearFigures


class Clock:
    """Lives the years of a *city*; *rehearse* tells what a year brings with what stands in it."""

    def __init__(self, city: City, rehearse: Rehearse) -> None:
        self.city, self._rehearse = city, rehearse
        self.built_frac = self.mineral_built_frac = 0.0  # of what offices build, and of that with minerals
        self.recovery_jpy_per_kwh = 0.0  # what a kWh has to bring in besides, see ``CostRecovery``
        self.turbines_built_frac = 0.0
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
        city = self.city
        return Lived(
            panels=city.adoption.panels,
            battery=city.adoption.battery,
            rain_tank=city.tanks.owns,
            mains_age_y=city.mains.age_y,
            built_frac=self.built_frac,
            mineral_built_frac=self.mineral_built_frac,
            turbines_built_frac=self.turbines_built_frac,
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
        city, minerals = self.city, self.city.minerals.month(month)
        self._tell_embargo(month, minerals)
        treasury = self._treasury(figures)
        delayed = self.delayed_months + 1 <= self.delay_months
        self.delayed_months += delayed
        capital = city.investment.replace_worn(month, lambda charge: _price_frac(charge, minerals))
        if city.adopts:
            capital += self._adopt(month, treasury.power_jpy_per_kwh, figures, minerals, delayed)
        capital += self._build(month, minerals, delayed)
        city.mains.age(1.0 / MONTHS_PER_YEAR, city.renewal_frac_per_y)
        self.rows.append(
            row_of(
                month,
                city,
                figures,
                minerals,
                power_jpy_per_kwh=treasury.power_jpy_per_kwh,
                built_frac=self.built_frac,
                delayed_months=self.delayed_months,
                capital_jpy=capital,
                balance_jpy=monthly_balance_jpy(treasury, figures, capital),
            )
        )

    def _adopt(
        self,
        month: int,
        retail_jpy_per_kwh: float,
        figures: YearFigures,
        minerals: MineralMonth,
        delayed: bool,
    ) -> float:
        """Homes buy, and take rain tanks; returns the capital that this takes [JPY].

        While the utility *delays* it, nobody trades next door and nobody gets a subsidy.
        """
        city = self.city
        tanks = city.tanks.month(city.streams.uniform("adoption/rain_tank", month, city.households))
        capital = self._pay(month, city.bought.get(TANKS, ()), tanks, minerals)
        if not city.buys_energy:
            return capital
        panels, battery = city.adoption.month(
            self._draws("adoption", month),
            _dearer((city.ordinary_terms if delayed else city.terms)(retail_jpy_per_kwh), minerals),
            city.everyday_outage_h_per_y + figures.short_h[city.district],
            self._delivered(month, minerals),
        )
        charges = city.ordinary_bought if delayed else city.bought
        for what, who in ((PANELS, panels), (BATTERIES, battery)):
            capital += self._pay(month, charges.get(what, ()), who, minerals)
        return capital

    def _draws(self, name: str, month: int) -> np.ndarray:
        """Chance of panels and batteries in a month, (2, households)."""
        streams, rows = self.city.streams, self.city.households
        return np.stack([streams.uniform(f"{name}/{what}", month, rows) for what in ("panels", "battery")])

    def _delivered(self, month: int, minerals: MineralMonth) -> np.ndarray | None:
        """Which homes would get what they order, bool (2, households); None: all."""
        if minerals.delivered_frac >= 1.0:
            return None
        return self._draws("delivery", month) < minerals.delivered_frac

    def _pay(self, month: int, charges: tuple[Charge, ...], who: np.ndarray, minerals: MineralMonth) -> float:
        """Capital of what homes came to own in a month, whoever pays for it [JPY]; *who* is bool."""
        rows = np.flatnonzero(who)
        amount, capital = len(rows) * self.city.weight, 0.0
        for charge in charges:
            owners = rows if charge.payer == "owners" else None
            price = _price_frac(charge, minerals)
            capital += self.city.investment.buy(charge, month, amount, price, owners)
        return capital

    def _build(self, month: int, minerals: MineralMonth, delayed: bool) -> float:
        """Offices build a month's part of their programmes; returns the capital [JPY].

        While the utility *delays* them no turbines are built, which sell in its place.
        """
        city, part = self.city, 1.0 / (self.city.years * MONTHS_PER_YEAR)
        of_minerals = part * minerals.delivered_frac
        of_turbines = 0.0 if delayed else of_minerals
        capital = 0.0
        for one in city.programmes:
            share = of_minerals if one.of_minerals else part
            if one.charge.quantity == TURBINES:
                share = of_turbines
            if one.charge.capital_jpy <= 0.0:  # a running cost alone
                share = 1.0 if month == 0 else 0.0
            price = _price_frac(one.charge, minerals)
            capital += city.investment.buy(one.charge, month, one.aim * share, price)
        self.built_frac = _grown(self.built_frac, part)
        self.mineral_built_frac = _grown(self.mineral_built_frac, of_minerals)
        self.turbines_built_frac = _grown(self.turbines_built_frac, of_turbines)
        return capital

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


def _grown(frac: float, part: float) -> float:
    """What is built of a programme after one more part; complete where only an error of rounding is left."""
    return 1.0 if frac + part > 1.0 - 1e-9 else frac + part


def _price_frac(charge: Charge, minerals: MineralMonth) -> float:
    """Price of equipment in a month over its ordinary one."""
    if charge.quantity in AS_PANELS:
        return minerals.panel_price_frac
    return minerals.battery_price_frac if charge.quantity in AS_BATTERIES else 1.0


def _dearer(terms: Terms, minerals: MineralMonth) -> Terms:
    """What homes reckon with at this month's price of minerals."""
    battery = terms.capital_factor if terms.battery_capital_factor is None else terms.battery_capital_factor
    return replace(
        terms,
        capital_factor=terms.capital_factor * minerals.panel_price_frac,
        battery_capital_factor=battery * minerals.battery_price_frac,
    )


def monthly_balance_jpy(treasury: Treasury, figures: YearFigures, capital_jpy: float) -> dict[str, float]:
    """Change of every account in a month of mean hours; their sum is 0 [JPY].

    Lenders pay makers *capital_jpy* for what is bought in the month, and get it back in instalments.
    """
    hour = treasury.settle(figures.sales).balance_jpy
    month = {account: jpy * HOURS_PER_MONTH for account, jpy in hour.items()}
    month[REPAYMENT] = month.get(REPAYMENT, 0.0) - capital_jpy
    month[MAKERS] = month.get(MAKERS, 0.0) + capital_jpy
    return month
