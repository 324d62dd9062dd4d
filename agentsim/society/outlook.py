"""The outlook: what can be known at the start of an hour, from forecasts and from the hour before."""

from collections.abc import Callable
from typing import Any

import numpy as np

from agentsim.agents.firms import Firms
from agentsim.agents.households.population import Population
from agentsim.core.calendar import Calendar
from agentsim.core.messages import Hour, Outlook
from agentsim.core.units import HOURS_PER_WEEK, HOURS_PER_YEAR, KG_PER_T, PETROL_KG_PER_L
from agentsim.institutions.forecast import AHEAD_H, Forecast
from agentsim.institutions.market import Treasury
from agentsim.networks.roads.network import RoadNetwork
from agentsim.place.cases import FUEL, Place, SupplyCase
from agentsim.place.weather import WeatherGenerator


class OutlookMaker:
    """Makes the outlook of each hour. ``forecast`` is the load forecast that it hands on.

    Parameters
    ----------
    forecast_of : makes a forecast from the expected load of so many hours, array (hours,) [MW]
    hours : of the run, for at most a year of which load is expected at first; more are added as they come
    wind_mw : rated output of the districts' turbines
    once : keeps what it is given to make for other societies of the same people, place and seed
    """

    def __init__(
        self,
        place: Place,
        *,
        weather: WeatherGenerator,
        population: Population,
        firms: Firms,
        calendar: Calendar,
        roads: RoadNetwork,
        forecast_of: Callable[[np.ndarray], Forecast],
        hours: int,
        once: Callable[[str, Callable], Any] = lambda name, make: make(),
        wind_mw: float = 0.0,
    ) -> None:
        self._place, self._weather, self._population, self._firms = place, weather, population, firms
        self._calendar, self._roads, self._forecast_of = calendar, roads, forecast_of
        self._wind_mw = wind_mw
        self._horizon = min(max(hours, HOURS_PER_WEEK), HOURS_PER_YEAR)
        self._peak_mw = np.bincount(place.feeders.district, place.feeders.peak_mw, len(place.districts))
        self._none_cut = np.zeros(len(place.districts)) / self._peak_mw
        self._first_fuel_jpy_per_l = first_fuel_jpy_per_l(place.supply)
        load_mw, self._solar_mw = once(f"load expected of {hours} hours", self._expected_mw)
        self.forecast = forecast_of(load_mw)

    def _expected_mw(self) -> tuple[np.ndarray, np.ndarray]:
        """Load and surplus of homes' sun that calendar and weather make one expect, arrays (hours,) [MW]."""
        hours = np.arange(self._horizon + AHEAD_H)
        weather = [self._weather.at(hour) for hour in range(len(hours))]
        temperature = np.array([one.temperature_degc for one in weather])
        sun = np.array([one.sun_frac for one in weather])
        homes, surplus = self._population.power.expected_mw(hours, temperature, sun)
        firms = [self._firms.power_mw(hour, self._calendar).sum() for hour in range(len(hours))]
        wind = np.array([one.wind_frac for one in weather])
        return homes + np.array(firms), surplus + self._wind_mw * wind

    def make(self, hour: int, last: Hour | None, market: Treasury) -> Outlook:
        """The outlook of *hour*; *last* is the hour before, None in the first."""
        if hour >= self._horizon:
            self._extend()
        roads = self._roads
        if last is None:
            skim_h, skim_km = roads.free_skim_h.copy(), roads.free_skim_km.copy()
        else:
            skim_h, skim_km = last.service.roads.skim_h, last.service.roads.skim_km
        return Outlook(
            load_mw=self.forecast.load_mw(hour),
            load_sigma_mw=self.forecast.sigma_mw(hour),
            solar_mw=self._solar_mw[hour : hour + AHEAD_H],
            power_price_frac=market.power_price_frac,
            water_price_frac=market.water_price_frac,
            fuel_jpy_per_l=self._fuel_jpy_per_l(last),
            skim_h=skim_h,
            skim_km=skim_km,
            power_cut_frac=self._power_cut_frac(last),
        )

    def _extend(self) -> None:
        """Expect the load of twice as many hours, at the level that the forecast has learnt."""
        self._horizon *= 2
        load_mw, self._solar_mw = self._expected_mw()
        level = self.forecast.level
        self.forecast = self._forecast_of(load_mw)
        self.forecast.level = level

    def _power_cut_frac(self, last: Hour | None) -> np.ndarray:
        """Share of each district's load that no live wire reaches from outside, array (districts,)."""
        feeders, count = self._place.feeders, len(self._place.districts)
        if last is None:
            return np.zeros(count)
        cut_off_frac, alive = last.permitted.power_cut_off_frac, last.service.power.energised_to_breaker
        if last.permitted.ordinary and np.count_nonzero(alive) == len(alive):
            return self._none_cut
        reached = alive * (1.0 - cut_off_frac[feeders.district])
        return np.bincount(feeders.district, feeders.peak_mw * (1.0 - reached), count) / self._peak_mw

    def _fuel_jpy_per_l(self, last: Hour | None) -> float:
        if last is None:
            return self._first_fuel_jpy_per_l
        return float(last.service.supply.price_jpy_per_t[FUEL]) * PETROL_KG_PER_L / KG_PER_T


def first_fuel_jpy_per_l(case: SupplyCase) -> float:
    """Petrol before the first delivery, at the cheapest terminal's price [JPY/L]."""
    cheapest = case.terminal_price_jpy_per_t[case.terminal_good == FUEL].min()
    return float(cheapest) * PETROL_KG_PER_L / KG_PER_T
