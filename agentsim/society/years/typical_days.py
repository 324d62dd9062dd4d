"""A year told by four typical days of the same hourly model, one of each season."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.core.calendar import SATURDAY, Calendar
from agentsim.core.messages import BusCosts, Hour, Sales
from agentsim.core.units import DAYS_PER_YEAR, HOURS_PER_DAY, HOURS_PER_YEAR, KW_PER_MW
from agentsim.outcomes.reliability import EVENING, RAMP_H
from agentsim.place.weather import WeatherGenerator
from agentsim.scenario.file import Scenario
from agentsim.society.setup import nature
from agentsim.society.setup.ground import lay_ground
from agentsim.society.years.lived import Lived

MIDDLE_MONTHS = (1, 4, 7, 10)  # of the seasons
MOST_HOUSEHOLDS = 1000  # simulated; each stands for several real ones

MakeSociety = Callable[..., Any]  # the class Society, which is not imported here


@dataclass(frozen=True)
class YearFigures:
    """What a year of the hourly model brings, all days like the typical ones."""

    sales: Sales  # of the mean hour
    short_h: np.ndarray  # (districts,) hours without power a home and year, faults of feeders apart
    evening_ramp_mw: float  # as the outcome of that name, mean of the days
    noon_load_mw: float  # that customers ask of the grid from 11 to 13 h less what is sold into it, likewise

    @property
    def sold_mwh_per_y(self) -> float:
        """Energy that the utility sells to homes and firms."""
        return (self.sales.home_mwh + self.sales.firm_mwh) * HOURS_PER_YEAR

    @property
    def generation_jpy_per_kwh(self) -> float:
        """Cost of generation over what is sold."""
        return self.sales.generation_jpy * HOURS_PER_YEAR / (self.sold_mwh_per_y * KW_PER_MW)


Rehearse = Callable[[Lived], YearFigures]


class TypicalDays:
    """Lives four days of a year in a small society with what stands in it.

    The days, their weather and the failures of units and lines are the same in every year, so that years
    differ by what has been bought. Faults of feeders are left out: four days cannot tell their rate.
    """

    def __init__(
        self, scenario: Scenario, policies: Sequence[str], seed: int, make_society: MakeSociety
    ) -> None:
        few = min(scenario.place.households, MOST_HOUSEHOLDS)
        self.scenario = _ordinary_year(scenario, few)
        self.policies, self.seed, self._make_society = tuple(policies), seed, make_society
        ground = lay_ground(self.scenario, self.policies, seed)
        self.days = typical_days(nature.weather(ground), self.scenario.start)

    def rehearse(self, lived: Lived) -> YearFigures:
        """The figures of a year in which stands what was *lived* so far."""
        stands = lived.of_first(self.scenario.place.households)
        first: Any = None
        days, dark_h = [], []
        for day in self.days:
            society = self._make_society(
                self.scenario,
                self.policies,
                "none",
                self.seed,
                start_hour=day * HOURS_PER_DAY,
                rehearsal=True,
                **({"lived": stands} if first is None else {"like": first}),
            )
            first = first or society
            days.append([_Told.of(society.live_hour()) for _ in range(HOURS_PER_DAY)])
            dark_h.append(dark_h_a_home(society.population))
        return _figures(days, dark_h)


@dataclass(frozen=True)
class _Told:
    """What is kept of an hour."""

    sales: Sales
    net_load_mw: float

    @classmethod
    def of(cls, now: Hour) -> "_Told":
        return cls(now.sales, net_load_mw(now))


def _ordinary_year(scenario: Scenario, households: int) -> Scenario:
    """The scenario in the year before its first hour, without an attacker and faults of feeders."""
    start = scenario.start
    day = min(start.day, 28) if start.month == 2 else start.day  # 29 February
    plain = scenario.without("mineral_path")
    return plain.with_changes(
        {
            "years_before": 0,
            "start": date(start.year - 1, start.month, day),
            "hours": DAYS_PER_YEAR * HOURS_PER_DAY,
            "place.households": max(households, scenario.place.districts),
            "attacker.kind": "none",
            "failures.everyday_saidi_h_per_year": 0.0,
        },
        facing=(),
    )


def typical_days(weather: WeatherGenerator, start: date) -> tuple[int, ...]:
    """For the middle month of each season, the working day nearest to its mean, in days since *start*.

    Distances are of the day's mean temperature and sun, each over its standard deviation in the month.
    """
    calendar, months = Calendar(start), [(start + timedelta(days=d)).month for d in range(DAYS_PER_YEAR)]
    chosen = []
    for month in MIDDLE_MONTHS:
        days = [day for day, one in enumerate(months) if one == month]
        told = np.array([_day_means(weather, day) for day in days])
        spread = np.maximum(told.std(axis=0), 1e-9)
        far = (((told - told.mean(axis=0)) / spread) ** 2).sum(axis=1)
        works = [calendar.weekday(day * HOURS_PER_DAY) < SATURDAY for day in days]
        chosen.append(days[int(np.argmin(np.where(works, far, np.inf)))])
    return tuple(sorted(chosen))


def _day_means(weather: WeatherGenerator, day: int) -> tuple[float, float]:
    hours = [weather.at(day * HOURS_PER_DAY + clock) for clock in range(HOURS_PER_DAY)]
    return (
        float(np.mean([one.temperature_degc for one in hours])),
        float(np.mean([one.sun_frac for one in hours])),
    )


def _figures(days: Sequence[Sequence[_Told]], dark_h: Sequence[np.ndarray]) -> YearFigures:
    """The year of so many *days*; *dark_h* are the hours without power of each, (districts,)."""
    loads_mw = np.array([[now.net_load_mw for now in day] for day in days])
    return YearFigures(
        sales=mean_sales([now.sales for day in days for now in day]),
        short_h=np.mean(dark_h, axis=0) * DAYS_PER_YEAR,
        evening_ramp_mw=float((loads_mw[:, EVENING] - loads_mw[:, EVENING - RAMP_H]).max(axis=1).mean()),
        noon_load_mw=float(loads_mw[:, 11:13].mean()),
    )


def dark_h_a_home(people: Population) -> np.ndarray:
    """Hours without power of the mean home of each district so far, array (districts,)."""
    homes = people.homes
    in_district = np.maximum(homes.by_district(np.ones(len(homes))), 1e-9)
    return homes.by_district(people.power.dark_h) / in_district


def mean_sales(hours: Sequence[Sales]) -> Sales:
    """The mean of so many hours, prices included."""
    costs = [now.buses for now in hours if now.buses is not None]
    buses = BusCosts(**_means(costs)) if costs else None
    return Sales(**_means([replace(now, buses=None) for now in hours]) | {"buses": buses})


def _means(hours: Sequence[Any]) -> dict[str, Any]:
    """The mean of each number of these messages, by its name."""
    rows = [{one.name: getattr(now, one.name) for one in fields(now)} for now in hours]
    return {
        name: float(np.mean([row[name] for row in rows])) for name in rows[0] if rows[0][name] is not None
    }


def net_load_mw(now: Hour) -> float:
    """What customers ask of the grid less what homes and districts sell into it [MW]."""
    return float(now.demand.power_asked_mw.sum() - now.service.power.solar_used_mw.sum())
