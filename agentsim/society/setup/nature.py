"""Builders of weather, water mains and failures."""

from agentsim.core.units import HOURS_PER_DAY
from agentsim.place.detectors import Detectors
from agentsim.place.failures import Failures
from agentsim.place.mains import Mains
from agentsim.place.past_weather import PastWeather
from agentsim.place.weather import WeatherGenerator
from agentsim.place.weather_forecast import WeatherForecasts
from agentsim.society.setup.ground import Ground


def weather(ground: Ground) -> WeatherGenerator:
    """Hourly weather of the place from its monthly normals, one object for all societies on the ground."""
    place, numbers, start = ground.place, ground.parameters.weather, ground.scenario.start
    return ground.once(
        "weather",
        lambda: WeatherGenerator(place.normals, place.latitude_deg, ground.streams, numbers, start),
    )


def mains(ground: Ground) -> Mains:
    """Water mains, with their ages: those of the place, and after the years before it those that remain."""
    place, numbers, lived = ground.place, ground.parameters, ground.lived
    return Mains(
        place.water.junction_pipe_km,
        ground.streams,
        numbers.failures.main_bursts_per_km_year,
        numbers.mains,
        ground.mechanisms,
        district=place.water.junction_district,
        district_age_y=place.pipe_age_y,
        age_y=None if lived is None else lived.mains_age_y,
    )


def past_weather(ground: Ground) -> PastWeather:
    """The weather with that of the year before the first hour, one object for all societies on the ground."""
    place, numbers, start = ground.place, ground.parameters.weather, ground.scenario.start
    lived, streams = weather(ground), ground.streams
    return ground.once(
        "past weather",
        lambda: PastWeather(lived, place.normals, place.latitude_deg, streams, numbers, start),
    )


def weather_forecasts(ground: Ground) -> WeatherForecasts:
    """What the weather service foresees."""
    weather, numbers = past_weather(ground), ground.parameters.weather_forecast
    return WeatherForecasts(weather.rows, weather.clear_sun_frac, ground.streams, numbers, weather.wind_frac)


def detectors(ground: Ground) -> Detectors | None:
    """Detectors of adaptive signals that fail by themselves; None where none can."""
    equipped, numbers = ground.equipment.adaptive_signal, ground.parameters.detectors
    live = ground.mechanisms.failures and ground.mechanisms.adaptive_signals
    if not live or numbers.failures_per_y <= 0 or not equipped.any():
        return None
    return ground.once("detectors", lambda: Detectors(equipped, ground.streams, numbers))


def failures(ground: Ground, mains: Mains, start_hour: int = 0) -> Failures:
    """Units, lines, feeders and mains that fail by themselves.

    A typical day of the years before begins without the days of the year before it.
    """
    place = ground.place
    return Failures(
        place.grid,
        place.feeders,
        place.water.junction_pipe_km,
        ground.streams,
        ground.parameters.failures,
        ground.mechanisms,
        mains,
        first_day=start_hour // HOURS_PER_DAY if ground.is_typical_year else 0,
    )
