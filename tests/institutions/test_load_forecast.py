"""Load forecasts: the similar day, a regression that learns, and what forecasters know of their error."""

from datetime import date

import numpy as np
import pytest

from agentsim.core.calendar import Calendar
from agentsim.core.messages import Permitted
from agentsim.core.streams import Streams
from agentsim.institutions.learned_forecast import LearnedForecast
from agentsim.institutions.load_forecast import (
    Forecaster,
    ForecastParameters,
    PerfectForecast,
    SimilarDay,
)
from agentsim.institutions.load_record import LoadRecord, LoadRecordParameters, grid_load_mw
from agentsim.institutions.ridge import fit

MONDAY = Calendar(date(2030, 8, 5))
PAST_H = 9 * 168 + 24
SHAPE = 1.0 + 0.3 * np.sin(2.0 * np.pi * (np.arange(24) - 9) / 24)
EXACT = LoadRecordParameters(meter_noise_frac=0.0)


def weekly_mw(first_hour: int, hours: int, weekend: float = 0.8) -> np.ndarray:
    """Load of two districts with working days and weekends, array (hours, 2)."""
    when = np.arange(first_hour, first_hour + hours)
    quiet = np.array([MONDAY.weekday(hour) >= 5 for hour in when.tolist()])
    city = 100.0 * SHAPE[when % 24] * np.where(quiet, weekend, 1.0)
    return city[:, None] * np.array([0.7, 0.3])


def temperature(first_hour: int, hours: int) -> np.ndarray:
    """A slow wave of hot and mild days."""
    when = np.arange(first_hour, first_hour + hours)
    return 25.0 + 5.0 * np.sin(when / 70.0) + 2.0 * np.sin(2.0 * np.pi * when / 24.0)


def weather(first_hour: int, hours: int) -> tuple[np.ndarray, np.ndarray]:
    return temperature(first_hour, hours), np.zeros(hours)


def cooled_mw(first_hour: int, hours: int) -> np.ndarray:
    """The same load with 3 % more for each degree above 22."""
    cooling = np.maximum(temperature(first_hour, hours) - 22.0, 0.0)
    return weekly_mw(first_hour, hours) * (1.0 + 0.03 * cooling)[:, None]


def record_of(load, parameters=EXACT, seed: int = 1) -> LoadRecord:
    return LoadRecord(-PAST_H, load(-PAST_H, PAST_H), Streams(seed), parameters)


def learned(record: LoadRecord, **more) -> LearnedForecast:
    return LearnedForecast(record, MONDAY, seen=weather, foreseen=weather, history_h=8 * 168, **more)


def lived(method, record: LoadRecord, load_mw: np.ndarray, parameters: ForecastParameters | None = None):
    """Errors a day and an hour ahead, arrays (hours,) as shares of the load, and the forecaster."""
    forecaster = Forecaster(method, record, parameters or ForecastParameters())
    errors = np.empty((2, len(load_mw)))
    for hour, load in enumerate(load_mw):
        forecaster.ahead_mw(hour)
        said_mw = forecaster.said_of_mw(hour)[[min(hour, 23), 0]]
        errors[:, hour] = said_mw / load.sum() - 1.0
        forecaster.learn(hour, load)
    return errors[0], errors[1], forecaster


# ---- the similar day --------------------------------------------------------------------------------


def test_the_similar_day_is_exact_where_weeks_repeat():
    record = record_of(weekly_mw)
    day, hour, forecaster = lived(SimilarDay(record, MONDAY), record, weekly_mw(0, 336))
    assert np.abs(day).max() < 1e-12
    assert np.abs(hour).max() < 1e-12
    assert not forecaster.sigma_mw(335).any()


def test_on_monday_it_is_the_last_friday_and_at_the_weekend_a_week_ago():
    record = record_of(lambda first, hours: np.arange(first, first + hours, dtype=float)[:, None] + 1e6)
    said = SimilarDay(record, MONDAY).ahead_mw(0) - 1e6  # Monday
    assert said.tolist() == list(range(-72, -48))
    for _ in range(120):
        record.publish(np.array([1e6 + record.end_hour]))
    said = SimilarDay(record, MONDAY).ahead_mw(120) - 1e6  # Saturday
    assert said.tolist() == list(range(-48, -24))


def test_a_step_of_the_load_is_followed_from_the_next_similar_day_on():
    record = record_of(weekly_mw)
    day, _, _ = lived(SimilarDay(record, MONDAY), record, 0.8 * weekly_mw(0, 14 * 24))
    by_day = np.abs(day).reshape(-1, 24).mean(axis=1).round(6).tolist()
    # all of the first day and of the first weekend, and nothing else: that Monday looks at a new Friday
    assert by_day == [0.25, 0.0, 0.0, 0.0, 0.0, 0.25, 0.25] + [0.0] * 7


# ---- what a forecaster knows of its error -----------------------------------------------------------


def test_a_forecaster_finds_out_how_much_it_errs():
    noisy = LoadRecordParameters(meter_noise_frac=0.05)
    record = record_of(weekly_mw, noisy)
    _, _, forecaster = lived(SimilarDay(record, MONDAY), record, weekly_mw(0, 8 * 168))
    # today's meters and those of the similar day err independently; the larger district weighs more
    expected = 0.05 * np.hypot(0.7, 0.3) * 2**0.5
    said_mw = forecaster.ahead_mw(8 * 168)
    stated = forecaster.sigma_mw(8 * 168) / said_mw
    assert stated[[0, 23]] == pytest.approx(expected, rel=0.15)


def test_a_worse_time_makes_it_more_careful():
    record = record_of(weekly_mw)
    rng = np.random.default_rng(1)
    upset = weekly_mw(0, 336) * (1.0 + 0.2 * rng.standard_normal((336, 1)))
    _, _, forecaster = lived(SimilarDay(record, MONDAY), record, upset)
    assert forecaster.sigma_mw(335)[0] > 5.0


def test_a_perfect_forecast_states_no_error_and_follows_the_published_level():
    record = record_of(weekly_mw)
    forecaster = Forecaster(
        PerfectForecast(record, weekly_mw, level_memory=0.9), record, ForecastParameters(), errs=False
    )
    for hour in range(100):
        forecaster.ahead_mw(hour)
        forecaster.learn(hour, 1.1 * weekly_mw(hour, 1)[0])
    assert forecaster.ahead_mw(100)[0] == pytest.approx(1.1 * weekly_mw(100, 1).sum(), rel=1e-4)
    assert not forecaster.sigma_mw(100).any()


# ---- the regression ---------------------------------------------------------------------------------


def test_ridge_gives_what_least_squares_gives_when_there_is_no_penalty():
    rng = np.random.default_rng(2)
    inputs, lags = rng.random((200, 3)), 1.0 + rng.random((200, 2, 2))
    load = 10.0 + inputs @ np.array([1.0, -2.0, 0.5])[:, None] + lags[:, 0] * np.array([0.3, 0.6])
    found = fit(inputs, lags, load, ridge_frac=1e-10)
    assert found.load_of_mw(inputs, lags) == pytest.approx(load, rel=1e-6)
    for district in range(2):
        columns = np.column_stack([np.ones(200), inputs, lags[:, :, district]])
        by_hand = columns @ np.linalg.lstsq(columns, load[:, district], rcond=None)[0]
        assert found.load_of_mw(inputs, lags)[:, district] == pytest.approx(by_hand, rel=1e-6)


def test_one_regression_for_all_cannot_tell_districts_apart():
    rng = np.random.default_rng(3)
    inputs, lags = rng.random((400, 1)), np.ones((400, 1, 2))
    load = 10.0 + inputs * np.array([1.0, -1.0])
    own, shared = (fit(inputs, lags, load, 1e-9, one_for_all=one) for one in (False, True))
    assert np.abs(own.load_of_mw(inputs, lags) - load).max() < 1e-3
    assert np.abs(shared.load_of_mw(inputs, lags) - load).max() > 0.3
    assert (shared.weight[:, 0] == shared.weight[:, 1]).all()


def test_what_was_never_seen_is_not_extrapolated():
    inputs = np.linspace(0.0, 1.0, 50)[:, None]
    found = fit(inputs, np.ones((50, 1, 1)), 100.0 + 10.0 * inputs, ridge_frac=1e-9)
    hot = found.load_of_mw(np.array([[1.0], [50.0]]), np.ones((2, 1, 1)))
    assert hot[1] == pytest.approx(hot[0])


def test_it_learns_what_heat_does_where_the_similar_day_cannot():
    after = cooled_mw(0, 21 * 24)
    errors = {}
    for name in ("similar day", "learned"):
        record = record_of(cooled_mw)
        method = SimilarDay(record, MONDAY) if name == "similar day" else learned(record)
        day, hour, _ = lived(method, record, after)
        errors[name] = np.abs(day).mean(), np.abs(hour).mean()
    assert errors["learned"][0] < 0.5 * errors["similar day"][0]
    assert errors["learned"][1] < errors["learned"][0]


def test_its_first_estimate_of_the_error_is_of_weeks_that_it_has_not_learnt_from():
    noisy = LoadRecordParameters(meter_noise_frac=0.03)
    record = record_of(cooled_mw, noisy)
    method = learned(record)
    stated = method.first_error_frac()
    day, hour, _ = lived(method, record, cooled_mw(0, 14 * 24))
    meters = 0.03 * np.hypot(0.7, 0.3)  # it compares itself with what is published
    assert 0.7 < stated[0] / np.hypot(hour.std(), meters) < 1.5
    assert 0.7 < stated[23] / np.hypot(day.std(), meters) < 1.5


def test_it_sees_the_record_and_not_the_truth():
    record, forged = record_of(cooled_mw), record_of(lambda first, hours: 0.9 * cooled_mw(first, hours))
    ahead = learned(record).ahead_mw(0)
    assert learned(forged).ahead_mw(0) == pytest.approx(0.9 * ahead)


# ---- the record -------------------------------------------------------------------------------------


class Power:
    delivered_mw = np.array([5.0, 4.0, 8.0])
    shed_mw = np.array([1.0, 0.0, 0.0])
    restricted_mw = np.array([0.0, 4.0, 2.0])
    solar_used_mw = np.array([0.5, 0.0, 0.0])


def permitted(forged: tuple[bool, bool] | None) -> Permitted:
    """What a hidden cut of the second district looks like."""
    found = Permitted.__new__(Permitted)
    for name, value in {
        "islanded": np.zeros(2, dtype=bool),
        "ordinary": False,
        "forged": {} if forged is None else {"power": np.array(forged)},
    }.items():
        object.__setattr__(found, name, value)
    return found


def test_known_outages_are_cleaned_out_of_the_record_and_hidden_ones_are_not():
    district = np.array([0, 1, 1])
    true_mw, stated_mw = grid_load_mw(Power(), permitted(None), district)
    assert true_mw.tolist() == stated_mw.tolist() == [5.5, 18.0]
    true_mw, stated_mw = grid_load_mw(Power(), permitted((False, True)), district)
    assert true_mw.tolist() == [5.5, 18.0]
    assert stated_mw.tolist() == [5.5, 12.0]


def test_the_noise_of_an_hour_does_not_depend_on_where_the_record_begins():
    noisy = LoadRecordParameters(meter_noise_frac=0.02)
    long, short = (LoadRecord(-h, weekly_mw(-h, h), Streams(5), noisy) for h in (400, 200))
    hours = np.arange(-200, 0)
    assert (long.at(hours) == short.at(hours)).all()
    assert long.at(hours).std() > 0.0


def test_loads_before_are_those_of_the_hours_that_were_asked_for():
    record = LoadRecord(-400, weekly_mw(-400, 400), Streams(5), LoadRecordParameters(meter_noise_frac=0.02))
    lags_mw = record.lags_mw(np.array([-1, 5]), np.array([-2, 0]), np.array([48, 72]))
    for found, hour, known, back in zip(lags_mw, (-1, 5), (-2, 0), (48, 72), strict=True):
        similar = known - back
        means = [record.at(np.arange(end - 24, end)).mean(axis=0) for end in (known, similar)]
        expected = [*record.at(np.array([hour - back, hour - 168])), *means]
        assert found == pytest.approx(np.array(expected))


# ---- turbines ---------------------------------------------------------------------------------------


def gusts(first_hour: int, hours: int) -> np.ndarray:
    """Output of turbines that does not repeat from day to day or from week to week, array (hours,)."""
    when = np.arange(first_hour, first_hour + hours)
    return 0.5 + 0.5 * np.sin(when / 5.3) * np.cos(when / 31.0)


def windy_mw(first_hour: int, hours: int) -> np.ndarray:
    """The load less what turbines of 30 MW give, in the first district."""
    return weekly_mw(first_hour, hours) - 30.0 * gusts(first_hour, hours)[:, None] * np.array([1.0, 0.0])


def test_who_sees_the_wind_forecast_learns_what_turbines_take_off_the_load():
    calm = learned(record_of(windy_mw)).first_error_frac()
    aware = learned(record_of(windy_mw), wind=(gusts, gusts)).first_error_frac()
    assert aware[23] < 0.4 * calm[23]


def test_a_wind_forecast_that_errs_is_worth_less(hamlet):
    windy = {"policy.E-S2.wind_frac": 0.6, "mechanisms.behaviour": False}
    good, bad = (
        hamlet(["E-S1", "E-S2"], changes={**windy, "weather_forecast.wind_sd_frac": sd}) for sd in (0.0, 2.0)
    )
    errors = [society.forecaster.method.first_error_frac()[23] for society in (good, bad)]
    assert errors[0] < 0.8 * errors[1]


@pytest.mark.parametrize("districts", [1, 3, 8, 13, 140])
def test_the_load_of_the_city_is_the_sum_of_its_districts_to_the_last_bit(districts):
    past_mw = np.random.default_rng(districts).uniform(1.0, 90.0, (200, districts))
    record, hours = LoadRecord(-200, past_mw, Streams(1)), np.arange(-200, 0)
    assert record.city_mw(hours).tolist() == record.at(hours).sum(axis=1).tolist()
    assert record.city_mw_in(-7) == record.city_mw(np.array([-7]))[0]
