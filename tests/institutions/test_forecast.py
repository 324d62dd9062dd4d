"""The forecast: an error of known size on what is foreseen, and a level that follows what is published."""

import numpy as np
import pytest

from agentsim.core.streams import Streams
from agentsim.institutions.forecast import AHEAD_H, Forecast, ForecastParameters

HOURS = 20_000
FLAT_MW = np.full(HOURS + AHEAD_H, 100.0)


def errors(
    skill: float = 0.0, seed: int = 1, parameters: ForecastParameters | None = None, live: bool = True
):
    """Relative error of the forecast for each hour, made in that hour."""
    forecast = Forecast(FLAT_MW, Streams(seed), skill, parameters, live)
    return np.array([forecast.load_mw(hour)[0] for hour in range(HOURS)]) / 100.0 - 1.0


def test_the_error_has_the_stated_size():
    error = errors()
    # 20,000 hours with this autocorrelation tell the spread to 1 % and the mean to 0.06 % of the load
    assert error.std() == pytest.approx(0.03, rel=0.04)
    assert abs(error.mean()) < 0.002


def test_the_error_lingers_as_stated():
    error = errors()
    assert np.corrcoef(error[:-1], error[1:])[0, 1] == pytest.approx(0.8, abs=0.02)
    fresh = errors(parameters=ForecastParameters(autocorrelation=0.0))
    assert abs(np.corrcoef(fresh[:-1], fresh[1:])[0, 1]) < 0.03


def test_the_error_is_normal_in_its_tails():
    error = errors(parameters=ForecastParameters(autocorrelation=0.0)) / 0.03
    # the share beyond z = 2.33 is what the reserve counts on: 1 in 100
    assert (error > 2.33).mean() == pytest.approx(0.0099, abs=0.0025)


def test_skill_takes_its_share_of_the_same_error():
    plain, skilled = errors(), errors(skill=0.4)
    assert skilled == pytest.approx(0.6 * plain, abs=1e-12)


def test_perfect_skill_and_a_stilled_mechanism_are_exact():
    assert errors(skill=1.0) == pytest.approx(np.zeros(HOURS), abs=1e-15)
    assert errors(live=False) == pytest.approx(np.zeros(HOURS), abs=1e-15)
    assert Forecast(FLAT_MW, Streams(1), live=False).sigma_mw(0) == 0.0


def test_another_seed_is_another_error():
    assert abs(np.corrcoef(errors(seed=1), errors(seed=2))[0, 1]) < 0.06


def test_a_longer_horizon_leaves_the_forecast_of_today_alone():
    short = Forecast(FLAT_MW[:72], Streams(1))
    long = Forecast(FLAT_MW[:500], Streams(1))
    assert (short.load_mw(20) == long.load_mw(20)).all()


def test_the_forecaster_knows_the_size_of_its_error():
    assert Forecast(FLAT_MW, Streams(1)).sigma_mw(7) == pytest.approx(3.0)
    assert Forecast(FLAT_MW, Streams(1), skill=0.5).sigma_mw(7) == pytest.approx(1.5)


def test_false_publication_moves_the_level():
    forecast, honest = Forecast(FLAT_MW, Streams(1)), Forecast(FLAT_MW, Streams(1))
    for hour in range(24):
        forecast.learn(hour, published_mw=80.0)
        honest.learn(hour, published_mw=100.0)
    assert honest.level == pytest.approx(1.0)
    assert forecast.level == pytest.approx(0.8 + 0.2 * 0.96**24)
    assert forecast.load_mw(24) == pytest.approx(honest.load_mw(24) * forecast.level)


def test_the_truth_brings_the_level_back():
    forecast = Forecast(FLAT_MW, Streams(1))
    forecast.level = 0.8
    for hour in range(240):
        forecast.learn(hour, published_mw=100.0)
    assert forecast.level == pytest.approx(1.0, abs=1e-4)


def test_a_day_ahead_is_seen():
    shape = 100.0 + 20.0 * np.sin(np.arange(100) * 2.0 * np.pi / 24.0)
    exact = Forecast(shape, Streams(1), live=False)
    assert exact.load_mw(30) == pytest.approx(shape[30:54])
