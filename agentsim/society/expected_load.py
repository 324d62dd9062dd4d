"""Load that calendar, weather and common behaviour make one expect, before anybody lives through the hours.

It leaves out what happens: prices, batteries, outages and orders, and the load of the waterworks (below 1 %).
"""

import numpy as np

from agentsim.agents.behaviour import Behaviour
from agentsim.agents.firms import Firms
from agentsim.agents.households.population import Population
from agentsim.core.calendar import Calendar
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.place.past_weather import PastWeather


class ExpectedLoad:
    """Expected load and surplus of homes' sun in each district, for any hours, also before the first.

    ``wind_mw`` is the rated output of the districts' turbines and ``plants_mw`` the load of the city's plants
    of fuel and metals, arrays (districts,); None: there are no plants.
    """

    def __init__(
        self,
        *,
        weather: PastWeather,
        population: Population,
        firms: Firms,
        calendar: Calendar,
        behaviour: Behaviour,
        feeder_district: np.ndarray,
        wind_mw: np.ndarray,
        plants_mw: np.ndarray | None = None,
    ) -> None:
        self._weather, self._population, self._firms = weather, population, firms
        self._calendar, self._behaviour, self._district = calendar, behaviour, feeder_district
        self._wind_mw, self._plants_mw = wind_mw, plants_mw

    def usual_mw(self, hours: int) -> np.ndarray:
        """Load of the city at its meters from hour 0 on, array (hours,), without common behaviour [MW]."""
        homes_mw, _ = self._homes_mw(0, hours)
        return (homes_mw + self._firms_mw(0, hours)).sum(axis=1)

    def net_mw(self, first_hour: int, hours: int) -> np.ndarray:
        """Load less the surplus of homes' sun and less wind, array (hours, districts) [MW]."""
        busy = self._behaviour.load_fracs(first_hour, hours)[:, None]
        homes_mw, surplus_mw = self._homes_mw(first_hour, hours, busy)
        firms_mw = busy * self._firms_mw(first_hour, hours)
        net_mw = homes_mw + self._cars_mw(first_hour, hours) + firms_mw - surplus_mw
        if self._wind_mw.any():
            net_mw = net_mw - self._wind_mw * self._weather.wind_frac(first_hour, hours)[:, None]
        if self._plants_mw is not None:
            net_mw = net_mw + self._plants_mw
        return net_mw

    def _homes_mw(
        self, first_hour: int, hours: int, busy: np.ndarray | float = 1.0
    ) -> tuple[np.ndarray, np.ndarray]:
        temperature, sun = self._weather.rows(first_hour, hours)
        return self._population.power.expected_mw(
            np.arange(first_hour, first_hour + hours), temperature, sun, busy
        )

    def _cars_mw(self, first_hour: int, hours: int) -> np.ndarray:
        homes, cars = self._population.homes, self._population.cars
        clock = np.arange(first_hour, first_hour + hours) % HOURS_PER_DAY
        load_kw = [
            each_kw[:, None] * homes.by_district(cars_of * homes.stay_frac)
            for cars_of, each_kw in cars.expected_charging(clock)
        ]
        return (sum(load_kw[1:], load_kw[0])) / KW_PER_MW

    def _firms_mw(self, first_hour: int, hours: int) -> np.ndarray:
        count = self._population.homes.districts
        return np.array(
            [
                np.bincount(self._district, self._firms.power_mw(hour, self._calendar), count)
                for hour in range(first_hour, first_hour + hours)
            ]
        )
