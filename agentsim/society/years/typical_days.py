"""A year told by four typical days of the same hourly model, one of each season."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from agentsim.core.calendar import SATURDAY, Calendar
from agentsim.core.messages import Hour
from agentsim.core.units import DAYS_PER_YEAR, HOURS_PER_DAY, HOURS_PER_YEAR, KW_PER_MW
from agentsim.institutions.cost_recovery import PowerYear
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

    power: PowerYear
    exported_kwh: float  # by homes and districts
    home_m3: float
    firm_m3: float
    short_h: np.ndarray  # (districts,) hours without power a home and year, faults of feeders apart
    evening_ramp_mw: float  # as the outcome of that name, mean of the days
    noon_load_mw: float  # load of the grid from 11 to 13 h, mean of the days


Rehearse = Callable[[Lived], YearFigures]


class TypicalDays:
    """Lives four days of a year in a small society with what stands in it.

    The days and their weather and failures of units and lines are the same in every year, so that years differ
    by what has been bought. Faults of feeders are left out: four days cannot tell how often they occur.
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
        societies: list[Any] = []
        days = []
        for day in self.days:
            like = {"like": societies[0]} if societies else {"lived": stands}
            society = self._make_society(
                self.scenario,
                self.policies,
                "none",
                self.seed,
                start_hour=day * HOURS_PER_DAY,
                rehearsal=True,
                **like,
            )
            societies.append(society)
            days.append([society.live_hour() for _ in range(HOURS_PER_DAY)])
        return _figures(days, societies)


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


def _figures(days: Sequence[Sequence[Hour]], societies: Sequence[Any]) -> YearFigures:
    per_year = DAYS_PER_YEAR / len(days)
    sales = [now.sales for day in days for now in day]
    market = societies[0].market

    def year(name: str) -> float:
        return per_year * float(sum(getattr(one, name) for one in sales))

    exported_kwh = (year("exported_mwh") + year("wind_mwh") - year("peer_mwh")) * KW_PER_MW
    standing_jpy = market.standing_jpy_per_h * market.households * HOURS_PER_YEAR
    loads_mw = np.array([[grid_load_mw(now) for now in day] for day in days])
    short_h = np.mean(
        [one.population.homes.by_district(one.population.power.dark_h) for one in societies], axis=0
    )
    homes = societies[0].population.homes
    return YearFigures(
        power=PowerYear(
            home_kwh=(year("home_mwh") - year("peer_mwh")) * KW_PER_MW,
            firm_kwh=year("firm_mwh") * KW_PER_MW,
            generation_jpy=year("generation_jpy"),
            bought_jpy=exported_kwh * market.market.export_jpy_per_kwh,
            charges_jpy=standing_jpy + year("peer_fee_jpy") + year("time_of_use_jpy"),
        ),
        exported_kwh=exported_kwh,
        home_m3=year("home_m3"),
        firm_m3=year("firm_m3"),
        short_h=short_h / np.maximum(homes.by_district(np.ones(len(homes))), 1e-9) * DAYS_PER_YEAR,
        evening_ramp_mw=float((loads_mw[:, EVENING] - loads_mw[:, EVENING - RAMP_H]).max(axis=1).mean()),
        noon_load_mw=float(loads_mw[:, 11:13].mean()),
    )


def grid_load_mw(now: Hour) -> float:
    """What the grid's units and stores serve: what is delivered less what homes sell [MW]."""
    power = now.service.power
    return float(power.delivered_mw.sum() - power.solar_used_mw.sum())
