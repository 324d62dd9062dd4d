"""Weather forecasts err more with every hour ahead; the weeks before the first hour have their weather."""

from datetime import date

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.place.past_weather import PastWeather
from agentsim.place.weather import WeatherGenerator, WeatherParameters
from agentsim.place.weather_forecast import WeatherForecastParameters, WeatherForecasts

NORMALS = {
    "mean_temperature_degc": np.full(12, 20.0),
    "precipitation_mm": np.full(12, 120.0),
    "sunshine_h": np.full(12, 160.0),
}
START = date(2030, 8, 5)


def past(seed: int = 1, **numbers) -> PastWeather:
    parameters, streams = WeatherParameters(**numbers), Streams(seed)
    lived = WeatherGenerator(NORMALS, 35.0, streams, parameters, START)
    return PastWeather(lived, NORMALS, 35.0, streams, parameters, START)


def steady(first_hour: int, hours: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(hours, 20.0), np.full(hours, 0.4)


def errors(**numbers) -> tuple[np.ndarray, np.ndarray]:
    """Errors of 400 issues by hours ahead, arrays (issues, 24)."""
    numbers = {"issued_every_h": 1} | numbers
    service = WeatherForecasts(
        steady, lambda hours: np.full(len(hours), 0.8), Streams(4), WeatherForecastParameters(**numbers)
    )
    said = [service.ahead(hour) for hour in range(400)]
    return np.array([t for t, _ in said]) - 20.0, np.array([s for _, s in said]) - 0.4


def test_the_error_a_day_ahead_is_the_stated_one_and_grows_with_the_root_of_time():
    temperature, sun = errors(temperature_sd_degc=2.0, sun_sd_frac=0.1)
    assert temperature[:, 23].std() == pytest.approx(2.0, rel=0.1)
    assert temperature[:, 5].std() == pytest.approx(2.0 * 0.25**0.5, rel=0.1)
    assert sun[:, 23].std() == pytest.approx(0.1 * 0.8, rel=0.1)
    assert np.corrcoef(temperature[:, 22], temperature[:, 23])[0, 1] > 0.9


def test_foreseen_sun_stays_between_night_and_a_clear_sky():
    _, sun = errors(sun_sd_frac=1.0)
    assert sun.min() >= -0.4
    assert sun.max() <= 0.4 + 1e-12


def test_between_issues_the_forecast_stays():
    service = WeatherForecasts(steady, lambda hours: np.ones(len(hours)), Streams(4))
    first = service.ahead(6)[0]
    assert (service.ahead(8)[0][:22] == first[2:]).all()
    assert (service.ahead(12)[0][:18] != first[6:]).any()


def test_the_weather_that_is_lived_does_not_depend_on_looking_back():
    weather, other = past(), past()
    before = weather.rows(-1400, 1400)[0]
    assert before.std() > 1.0
    assert (weather.rows(0, 72)[0] == other.rows(0, 72)[0]).all()
    lived = WeatherGenerator(NORMALS, 35.0, Streams(1), WeatherParameters(), START)
    assert weather.at(50) == lived.at(50)
    assert weather.at(-700) == lived.at(-700)  # in the warm-up, from which the lived weather goes on


def test_earlier_days_are_remembered_for_those_that_have_the_same_weather_only():
    first = past(1).rows(-1400, 48)[0]
    later = past(1)
    assert (later.rows(-1400, 48)[0] == first).all()
    assert [later.at(hour).temperature_degc for hour in range(-1400, -1352)] == first.tolist()
    for other in (past(2), past(1, anomaly_sd_degc=0.1), past(1, warm_up_days=40)):
        found = other.rows(-1400, 48)[0]
        assert found.tolist() == [other.at(hour).temperature_degc for hour in range(-1400, -1352)]
    assert (past(2).rows(-1400, 48)[0] != first).any()
    assert (past(1, anomaly_sd_degc=0.1).rows(-1400, 48)[0] != first).any()


def test_the_sky_of_hour_zero_is_that_of_the_first_midnight():
    clear = past().clear_sun_frac(np.arange(-24, 24))
    assert clear[:4].max() == clear[24:28].max() == 0.0
    assert clear[[-12, 12]] == pytest.approx(clear[36], rel=0.01)
    sun = past().rows(-24, 48)[1]
    assert (sun <= clear + 1e-9).all()
