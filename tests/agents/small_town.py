"""Small populations for tests, drawn from Bay City, and an hour in which everything is served."""

import numpy as np

from agentsim.agents.households.population import HomeSupply, Population
from agentsim.core.charter import Stock
from agentsim.core.messages import Weather
from agentsim.core.streams import Streams
from agentsim.place.cases import Place

SUMMER_NIGHT = Weather(temperature_degc=28.0, sun_frac=0.0, wind_frac=0.3, rain_mm=0.0, inflow_frac=1.0)
SUMMER_NOON = Weather(temperature_degc=32.0, sun_frac=0.9, wind_frac=0.3, rain_mm=0.0, inflow_frac=1.0)
MILD = Weather(temperature_degc=20.0, sun_frac=0.0, wind_frac=0.3, rain_mm=0.0, inflow_frac=1.0)
PROSUMERS = Stock(rooftop_pv_household_frac=0.5, home_battery_household_frac=0.6, electric_car_frac=0.6)


def people_of(place: Place, rows: int = 200, stock: Stock | None = None, seed: int = 1, **more) -> Population:
    """A population of so many rows; *more* are arguments of ``Population``."""
    return Population(place, rows, stock or Stock(), Streams(seed), **more)


def all_served(people: Population, **cuts: np.ndarray) -> HomeSupply:
    """Supply of all that was asked, except for the fields in *cuts*."""
    full = {
        "unserved_kw": np.zeros(len(people)),
        "tap_frac": np.ones(people.homes.junction.max() + 1),
        "food_frac": np.ones(people.homes.district.max() + 1),
        "trips_made_frac": np.ones(people.homes.zone.max() + 1),
    }
    return HomeSupply(**(full | cuts))


def ask(people: Population, hour: int, weather: Weather = SUMMER_NIGHT, price_frac: float = 1.0) -> None:
    """Let households ask for power, water and food in this hour."""
    people.ask_power(hour, weather, price_frac)
    people.ask_water(hour, price_frac)
    people.larder.ask_food(hour)
