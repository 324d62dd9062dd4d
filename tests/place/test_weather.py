"""The generated weather keeps the normals, the night and its word."""

from datetime import date, datetime

import numpy as np
import pytest

from agentsim.core.errors import UnreadableWeather
from agentsim.core.messages import Weather
from agentsim.core.streams import Streams
from agentsim.place.weather import (
    WeatherGenerator,
    WeatherParameters,
    WeatherSeries,
    clear_sky_frac,
    day_length_h,
    solar_elevation_sin,
    wind_power_frac,
)

# Tokyo 1991-2020, Japan Meteorological Agency [M]
TOKYO = {
    "mean_temperature_degc": np.array([5.4, 6.1, 9.4, 14.3, 18.8, 21.9, 25.7, 26.9, 23.3, 18.0, 12.5, 7.7]),
    "precipitation_mm": np.array(
        [59.7, 56.5, 116.0, 133.7, 139.7, 167.8, 156.2, 154.7, 224.9, 234.8, 96.3, 57.9]
    ),
    "sunshine_h": np.array(
        [192.6, 170.4, 175.3, 178.8, 179.6, 124.2, 151.4, 174.2, 126.7, 129.4, 149.8, 174.4]
    ),
}
LATITUDE_DEG = 35.7


def tokyo(seed: int = 1, start: date = datetime(2030, 1, 1), **changed: float) -> WeatherGenerator:
    return WeatherGenerator(TOKYO, LATITUDE_DEG, Streams(seed), WeatherParameters(**changed), start)


def rows(weather: WeatherGenerator, first: int, hours: int) -> np.ndarray:
    made = [weather.at(hour) for hour in range(first, first + hours)]
    return np.array([[getattr(one, name) for name in Weather.__slots__] for one in made])


@pytest.fixture(scope="module")
def many_months() -> dict[int, np.ndarray]:
    """(200, 744, 5) of simulated Januaries and Augusts, each under its own seed."""
    return {
        month: np.stack([rows(tokyo(seed, date(2030, month, 1)), 0, 744) for seed in range(200)])
        for month in (1, 8)
    }


@pytest.mark.parametrize("month", [1, 8])
def test_monthly_means_are_the_normals(many_months, month):
    temperature, _, _, rain, inflow = np.moveaxis(many_months[month], -1, 0)
    cases = [
        (temperature.mean(axis=1), TOKYO["mean_temperature_degc"][month - 1]),
        (rain.sum(axis=1), TOKYO["precipitation_mm"][month - 1]),
        (inflow.mean(axis=1), 1.0),
    ]
    for simulated, normal in cases:
        error = simulated.std(ddof=1) / np.sqrt(len(simulated))
        assert abs(simulated.mean() - normal) < 3.5 * error


@pytest.mark.parametrize("month", [1, 8])
def test_sunshine_gives_the_irradiance_of_the_angstrom_line(many_months, month):
    day = np.arange(1, 32)[:, None] + (0 if month == 1 else 212)
    clear = clear_sky_frac(solar_elevation_sin(LATITUDE_DEG, day, np.arange(24) + 0.5)).sum()
    sunny = TOKYO["sunshine_h"][month - 1] / day_length_h(LATITUDE_DEG, day).sum()
    simulated = many_months[month][:, :, 1].sum(axis=1)
    error = simulated.std(ddof=1) / np.sqrt(len(simulated))
    assert abs(simulated.mean() - clear * (1 / 3 + 2 / 3 * sunny)) < 3.5 * error


def test_every_hour_is_in_range_and_the_night_is_dark(many_months):
    for month, made in many_months.items():
        temperature, sun, wind, rain, inflow = np.moveaxis(made, -1, 0)
        assert temperature.min() > -15
        assert temperature.max() < 45
        assert sun.min() == 0
        assert sun.max() < 1.05
        assert wind.min() == 0
        assert 0.9 < wind.max() <= 1
        assert rain.min() == 0
        assert 20 < rain.max() < 300
        assert inflow.min() > 0
        clock = np.arange(744) % 24
        night = (clock < 4) | (clock > 19)
        assert not sun[:, night].any()
        assert (sun[:, clock == 12] > 0).all(), f"noon in month {month}"


def test_wet_days_are_dull_cool_at_noon_and_as_common_as_their_rain_says(many_months):
    daily = many_months[8].reshape(-1, 24, 5)
    wet = daily[:, :, 3].sum(axis=1) > 0
    assert wet.mean() == pytest.approx(154.7 / 31 / WeatherParameters().wet_day_mm, abs=0.02)
    assert daily[wet, 12, 1].mean() < 0.75 * daily[~wet, 12, 1].mean()
    noon_rise = daily[:, 14, 0] - daily[:, 2, 0]
    assert noon_rise[wet].mean() < noon_rise[~wet].mean() - 1.0
    wettest = daily[:, :, 3].reshape(200, 31, 24).sum(axis=2) > 0
    after_wet, after_dry = wettest[:, 1:][wettest[:, :-1]].mean(), wettest[:, 1:][~wettest[:, :-1]].mean()
    assert after_wet - after_dry == pytest.approx(WeatherParameters().wet_memory, abs=0.05)


def test_the_day_peaks_at_two_and_heat_lasts_for_days():
    daily = rows(tokyo(), 0, 24 * 2000)[:, 0].reshape(-1, 24)
    assert np.argmax(daily.mean(axis=0)) == 14
    season = 365.0 * np.arange(2000) // 365
    wave = np.column_stack(
        [np.ones(2000)] + [f(2 * np.pi * k * season / 365) for k in (1, 2, 3) for f in (np.sin, np.cos)]
    )
    mean = daily.mean(axis=1)
    anomaly = mean - wave @ np.linalg.lstsq(wave, mean, rcond=None)[0]
    assert np.corrcoef(anomaly[1:], anomaly[:-1])[0, 1] == pytest.approx(0.7, abs=0.06)
    assert anomaly.std() == pytest.approx(2.5, abs=0.25)


def test_wind_speed_is_weibull():
    """At the median speed c (ln 2)^(1/k) a turbine is below its output there half of the time."""
    parameters = WeatherParameters()
    wind = rows(tokyo(5), 0, 24 * 1500)[:, 2]
    median = parameters.wind_scale_m_per_s * np.log(2) ** (1 / parameters.wind_shape)
    assert (wind < wind_power_frac(np.array(median))).mean() == pytest.approx(0.5, abs=0.03)
    still = 1 - np.exp(-((parameters.wind_cut_in_m_per_s / parameters.wind_scale_m_per_s) ** 2))
    assert (wind == 0).mean() == pytest.approx(still, abs=0.03)


def test_turbine_stands_still_in_a_storm():
    assert wind_power_frac(np.array([2.0, 3.0, 12.0, 20.0, 25.0])).tolist() == [0.0, 0.0, 1.0, 1.0, 0.0]


def test_the_order_of_asking_changes_nothing():
    forwards, leaping = tokyo(), tokyo()
    leaping.at(1500)
    for hour in (1499, 3, 700, 3):
        assert leaping.at(hour) == forwards.at(hour)


def test_seeds_differ_and_a_policy_does_not():
    assert rows(tokyo(1), 0, 48).tobytes() == rows(tokyo(1), 0, 48).tobytes()
    assert rows(tokyo(1), 0, 48).tobytes() != rows(tokyo(2), 0, 48).tobytes()


def test_no_normal_rain_means_no_rain_and_a_normal_river():
    desert = {**TOKYO, "precipitation_mm": np.zeros(12)}
    weather = rows(WeatherGenerator(desert, LATITUDE_DEG, Streams(1)), 0, 2000)
    assert not weather[:, 3].any()
    assert (weather[:, 4] == 1).all()


def test_clear_noon_at_the_equator_and_polar_night():
    noon = solar_elevation_sin(0.0, np.array(80.5), np.array(12.0))
    assert clear_sky_frac(noon) == pytest.approx(1.098 * np.exp(-0.057), rel=1e-3)
    assert day_length_h(80.0, np.array([355.0]))[0] == 0
    assert day_length_h(0.0, np.array([10.0]))[0] == pytest.approx(12)


def test_a_start_in_the_afternoon_begins_in_the_afternoon():
    midnight = tokyo(start=datetime(2030, 8, 5))
    assert tokyo(start=datetime(2030, 8, 5, 15)).at(0) == midnight.at(15)
    assert tokyo(start=date(2030, 8, 5)).at(15) == midnight.at(15)


def test_a_leap_day_is_like_the_day_before():
    assert tokyo(start=date(2032, 2, 28)).at(36).temperature_degc < 25
    leap, plain = tokyo(start=date(2032, 2, 29)), tokyo(start=date(2031, 2, 28))
    assert leap.at(12) == plain.at(12)


def test_a_series_reads_what_a_file_says(tmp_path):
    path = tmp_path / "w.csv"
    path.write_text(
        "time,temperature_degc,sun_frac,wind_frac,rain_mm,inflow_frac\n0,20.5,0.1,0.2,0,1\n1,21,0,1,3.5,0.9\n"
    )
    series = WeatherSeries.from_csv(path)
    assert len(series) == 2
    assert series.at(1) == Weather(21.0, 0.0, 1.0, 3.5, 0.9)
    with pytest.raises(UnreadableWeather, match="hour 2 was asked for and the file has 2 hours"):
        series.at(2)


HEAD = "temperature_degc,sun_frac,wind_frac,rain_mm,inflow_frac\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "20,0,0,0,1\n20,0,1.2,0,1\n", r"w\.csv:3: wind_frac: 1\.2 lies outside 0 to 1"),
        (HEAD + "20,0,0,wet,1\n", r"w\.csv:2: rain_mm: 'wet' is not a number"),
        (HEAD + "20,0,0\n", r"w\.csv:2: rain_mm: '' is not a number"),
        (HEAD + "nan,0,0,0,1\n", r"w\.csv:2: temperature_degc: nan lies outside"),
        ("temperature_degc,sun_frac\n20,0\n", r"w\.csv:1: column 'wind_frac' is missing"),
        (HEAD, r"w\.csv:2: no rows"),
        ("", r"w\.csv:1: column 'temperature_degc' is missing"),
    ],
)
def test_an_unreadable_file_is_told_by_line_and_column(tmp_path, text, message):
    path = tmp_path / "w.csv"
    path.write_text(text)
    with pytest.raises(UnreadableWeather, match=message):
        WeatherSeries.from_csv(path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(UnreadableWeather, match="cannot be read"):
        WeatherSeries.from_csv(tmp_path / "none.csv")
