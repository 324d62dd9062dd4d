"""Hourly weather from monthly normals, or from a file of the user's.

The generator is small on purpose: a wet-day chain, sunshine that goes with it, temperature with a
memory of days, wind with a memory of hours and a river that drains the rain. Its long-run monthly means
are the normals'. It is no forecast, and has no heat waves, typhoons or droughts but those that chance brings.
"""

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from math import gamma, isfinite, pi
from pathlib import Path

import numpy as np

from agentsim.core.calendar import days_into_year
from agentsim.core.errors import UnreadableWeather
from agentsim.core.messages import Weather
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.text_files import UnreadableText, csv_rows, file_bytes
from agentsim.core.units import DAYS_PER_YEAR, HOURS_PER_DAY

COLUMNS = tuple(item.name for item in fields(Weather))
RANGES = ((-90.0, 65.0), (0.0, 1.5), (0.0, 1.0), (0.0, 400.0), (0.0, 1000.0))
_MONTH_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_MONTH_OF_DAY = np.repeat(np.arange(12), _MONTH_DAYS)
_CHUNK_DAYS = 28
_CHUNK_HOURS = _CHUNK_DAYS * HOURS_PER_DAY
_DAY_DRAWS = 5
_HOUR_DRAWS = 4


@dataclass(frozen=True)
class WeatherParameters:
    """Numbers of the weather that monthly normals do not give."""

    anomaly_sd_degc: float = parameter(
        2.5, "degC", "day-to-day scatter of daily means, temperate coast", "M", 0, 15
    )
    anomaly_memory: float = parameter(0.7, "1", "lag-1 correlation of daily means", "M", 0, 0.99)
    diurnal_overcast_degc: float = parameter(2.0, "degC", "half the daily range without sun", "A", 0, 15)
    diurnal_clear_degc: float = parameter(5.0, "degC", "half the daily range of a clear day", "A", 0, 20)
    warmest_hour: float = parameter(14.0, "h", "clock hour of the daily maximum", "M", 10, 18)
    wet_day_mm: float = parameter(
        14.0, "mm", "mean rain of a wet day; sets how many days are wet", "A", 1, 60
    )
    wet_days_most_frac: float = parameter(0.7, "1", "wet days are no commoner than this", "A", 0.1, 1)
    wet_memory: float = parameter(
        0.25, "1", "P(wet|wet) - P(wet|dry); Geng, Penning de Vries & Supit 1986", "M", 0, 0.95
    )
    rain_shape: float = parameter(
        0.75, "1", "Weibull shape of the rain of a wet day: below 1 is heavy-tailed", "A", 0.3, 2
    )
    rain_hours_frac: float = parameter(0.35, "1", "share of the hours of a wet day with rain", "A", 0.05, 1)
    wet_day_sun_frac: float = parameter(0.35, "1", "sunshine of a wet day over that of a dry day", "A", 0, 1)
    overcast_frac: float = parameter(
        1 / 3,
        "1",
        "overcast over clear irradiance: 0.25/(0.25+0.50), Angstrom in FAO-56 (1998)",
        "M",
        0.05,
        1,
    )
    wind_scale_m_per_s: float = parameter(7.0, "m/s", "Weibull scale at hub height", "A", 1, 20)
    wind_shape: float = parameter(2.0, "1", "Weibull shape; 2 is a Rayleigh wind", "M", 1, 4)
    wind_memory: float = parameter(0.95, "1", "lag-1 correlation of the hourly wind vector", "A", 0, 0.999)
    wind_cut_in_m_per_s: float = parameter(3.0, "m/s", "typical turbine", "M", 0, 10)
    wind_rated_m_per_s: float = parameter(12.0, "m/s", "typical turbine", "M", 5, 25)
    wind_cut_out_m_per_s: float = parameter(25.0, "m/s", "typical turbine", "M", 10, 50)
    rain_factor: float = parameter(
        1.0, "1", "rain over an ordinary year's; a drought below 1, and the river follows", "A", 0, 5
    )
    river_memory_days: float = parameter(30.0, "d", "residence time of the catchment", "A", 1, 1000)
    warm_up_days: int = parameter(30, "d", "days of weather simulated before the first hour", "A", 0, 3650)


def solar_elevation_sin(latitude_deg: float, day_of_year: np.ndarray, solar_hour: np.ndarray) -> np.ndarray:
    """Sine of the sun's elevation, below 0 at night (Cooper 1969 for the declination).

    >>> bool(abs(solar_elevation_sin(0.0, np.array(80.0), np.array(12.0)) - 1) < 1e-3)
    True
    """
    declination = np.deg2rad(23.45) * np.sin(2 * pi * (284 + day_of_year) / DAYS_PER_YEAR)
    latitude, angle = np.deg2rad(latitude_deg), np.deg2rad(15.0) * (solar_hour - 12.0)
    across = np.cos(latitude) * np.cos(declination) * np.cos(angle)
    return np.sin(latitude) * np.sin(declination) + across


def clear_sky_frac(elevation_sin: np.ndarray) -> np.ndarray:
    """Clear-sky irradiance on the level over 1000 W/m2: 1.098 s exp(-0.057/s), s the sine of the elevation.

    Haurwitz, J. Meteorology 2, 1945 [M].
    """
    height = np.maximum(elevation_sin, 1e-3)
    return np.where(elevation_sin > 0, 1.098 * height * np.exp(-0.057 / height), 0.0)


def day_length_h(latitude_deg: float, day_of_year: np.ndarray) -> np.ndarray:
    """Hours between sunrise and sunset, 0 to 24."""
    declination = np.deg2rad(23.45) * np.sin(2 * pi * (284 + day_of_year) / DAYS_PER_YEAR)
    cosine = np.clip(-np.tan(np.deg2rad(latitude_deg)) * np.tan(declination), -1.0, 1.0)
    return 24.0 / pi * np.arccos(cosine)


def wind_power_frac(
    speed_m_per_s: np.ndarray, parameters: WeatherParameters = WeatherParameters()
) -> np.ndarray:
    """Output of a turbine over its rated output: cubic from cut-in to rated speed, 0 from cut-out on."""
    low, rated = parameters.wind_cut_in_m_per_s, parameters.wind_rated_m_per_s
    cubic = np.clip((speed_m_per_s**3 - low**3) / (rated**3 - low**3), 0.0, 1.0)
    return np.where(speed_m_per_s < parameters.wind_cut_out_m_per_s, cubic, 0.0)


def _mean_preserving_year(monthly: np.ndarray) -> np.ndarray:
    """(365,) daily values, linear between mid-months, whose monthly means are *monthly* exactly."""
    middle = np.cumsum(_MONTH_DAYS) - _MONTH_DAYS / 2
    days = np.arange(DAYS_PER_YEAR) + 0.5
    basis = np.column_stack([np.interp(days, middle, row, period=DAYS_PER_YEAR) for row in np.eye(12)])
    means = np.vstack([basis[month == _MONTH_OF_DAY].mean(axis=0) for month in range(12)])
    return basis @ np.linalg.solve(means, monthly)


def _gaussian_pair(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Complex standard normals (variance 1 in each part) from two uniforms (Box & Muller 1958)."""
    return np.sqrt(-2.0 * np.log1p(-u)) * np.exp(2j * pi * v)


class WeatherGenerator:
    """Stochastic hourly weather fitted to monthly normals.

    Parameters
    ----------
    normals : arrays (12,) ``mean_temperature_degc precipitation_mm sunshine_h``, January first
    latitude_deg : of the place, north positive
    streams : the seed's random streams
    start : the moment of hour 0; the clock is taken for solar time
    stream : name of its stream of chance

    Notes
    -----
    Days are drawn in order from ``warm_up_days`` before the start, a fixed number of uniforms each, and
    kept, so that the order in which hours are asked for changes nothing. ``sun_frac`` is irradiance on the
    level over 1000 W/m2, without the losses of a panel or its inverter.

    >>> tokyo_august = {"mean_temperature_degc": np.full(12, 26.9), "precipitation_mm": np.full(12, 154.7),
    ...                 "sunshine_h": np.full(12, 174.2)}
    >>> weather = WeatherGenerator(tokyo_august, 35.7, Streams(1), start=datetime(2030, 8, 5))
    >>> weather.at(2).sun_frac, weather.at(12).sun_frac > 0.2
    (0.0, True)
    """

    def __init__(
        self,
        normals: dict[str, np.ndarray],
        latitude_deg: float,
        streams: Streams,
        parameters: WeatherParameters = WeatherParameters(),
        start: date = datetime(2030, 1, 1),
        stream: str = "weather",
    ) -> None:
        self.parameters, self.latitude_deg, self.streams = parameters, latitude_deg, streams
        self._stream, self._before_h = stream, parameters.warm_up_days * HOURS_PER_DAY
        self._hour_0 = getattr(start, "hour", 0)
        self._first_day = date(start.year, start.month, start.day) - timedelta(days=parameters.warm_up_days)
        self._made: list[np.ndarray] = []  # (hours, COLUMNS), each of 28 days
        self._fit(normals)
        # what one day hands to the next: anomaly [sd], wind vector, river flow, rain yesterday
        self._anomaly, self._wind, self._flow_frac = 0.0, 0j, 1.0
        self._wet, self._wet_normal = 0.0, 0.0

    def at(self, hour: int) -> Weather:
        """The weather of *hour* [h since the start]; the days of the warm-up have negative hours."""
        chunk, row = divmod(self._index(hour, 1), _CHUNK_HOURS)
        return Weather(*self._made[chunk][row].tolist())

    def rows(self, hour: int, hours: int) -> np.ndarray:
        """The weather of so many hours from *hour* on, array (hours, COLUMNS)."""
        begin = self._index(hour, hours)
        chunk, row = divmod(begin, _CHUNK_HOURS)
        made = np.concatenate(self._made[chunk : (begin + hours - 1) // _CHUNK_HOURS + 1])
        return made[row : row + hours]

    def _index(self, hour: int, hours: int) -> int:
        """Place of *hour* among all that are made; they are made as far as asked for."""
        index = hour + self._hour_0 + self._before_h
        if index < 0:
            raise ValueError(f"weather of hour {hour}: it begins at hour {-self._hour_0 - self._before_h}")
        while index + hours > len(self._made) * _CHUNK_HOURS:
            self._extend()
        return index

    def _fit(self, normals: dict[str, np.ndarray]) -> None:
        """Daily (365,) temperature, rain and sunshine that an ordinary year brings."""
        p = self.parameters
        rain_mm = np.asarray(normals["precipitation_mm"], float) / _MONTH_DAYS
        wet = np.minimum(rain_mm / p.wet_day_mm, p.wet_days_most_frac)
        possible_h = np.bincount(_MONTH_OF_DAY, day_length_h(self.latitude_deg, np.arange(1.0, 366.0)), 12)
        sunny = np.clip(np.asarray(normals["sunshine_h"], float) / np.maximum(possible_h, 1e-9), 0.01, 0.98)
        # sunny = wet share x dry-day sunshine x ratio + dry share x dry-day sunshine
        dry_sun = np.minimum(sunny / (1.0 - wet * (1.0 - p.wet_day_sun_frac)), 0.98)
        self._mean_degc = _mean_preserving_year(np.asarray(normals["mean_temperature_degc"], float))
        self._wet_frac, self._dry_sun = wet[_MONTH_OF_DAY], dry_sun[_MONTH_OF_DAY]
        wet_day_mm = np.divide(rain_mm, wet, out=np.zeros(12), where=wet > 0)
        self._rain_scale_mm = wet_day_mm[_MONTH_OF_DAY] / gamma(1.0 + 1.0 / p.rain_shape)
        self._normal_mm = rain_mm[_MONTH_OF_DAY]

    def _extend(self) -> None:
        """Twenty-eight more days."""
        first = len(self._made) * _CHUNK_DAYS
        days = range(first, first + _CHUNK_DAYS)
        width = _DAY_DRAWS + _HOUR_DRAWS * HOURS_PER_DAY
        draws = np.vstack([self.streams.uniform(self._stream, day * HOURS_PER_DAY, width) for day in days])
        daily = draws[:, :_DAY_DRAWS].T
        cloud, rain, wind_u, wind_v = draws[:, _DAY_DRAWS:].reshape(len(days), _HOUR_DRAWS, -1).swapaxes(0, 1)
        dates = [self._first_day + timedelta(days=day) for day in days]
        year_day = np.array([days_into_year(one) for one in dates]) + 1

        wet = self._wet_days(daily[0], self._wet_frac[year_day - 1])
        rain_mm = self._rain(wet, daily[1], rain, year_day)
        sunny = self._sunny_share(wet, daily[2], year_day)
        columns = (
            self._temperature(_gaussian_pair(daily[3], daily[4]).real, sunny, year_day),
            self._sun(sunny, cloud, year_day),
            self._wind_frac(_gaussian_pair(wind_u, wind_v)),
            rain_mm,
            self._inflow(rain_mm.sum(axis=1), year_day),
        )
        self._made.append(np.stack([column.ravel() for column in columns], axis=1))

    def _wet_days(self, draws: np.ndarray, normal: np.ndarray) -> np.ndarray:
        """Two-state chain, wet in a share *normal* of days: P = w + memory (wet - w) of yesterday."""
        wet = np.zeros(len(draws), bool)
        for day, (draw, share) in enumerate(zip(draws.tolist(), normal.tolist(), strict=True)):
            wet[day] = draw < share + self.parameters.wet_memory * (self._wet - self._wet_normal)
            self._wet, self._wet_normal = float(wet[day]), share
        return wet

    def _rain(
        self, wet: np.ndarray, amount: np.ndarray, spread: np.ndarray, year_day: np.ndarray
    ) -> np.ndarray:
        """(days, 24) mm: a Weibull amount on a wet day, spread unevenly over some of its hours."""
        shape, share = self.parameters.rain_shape, self.parameters.rain_hours_frac
        total = wet * self._rain_scale_mm[year_day - 1] * (-np.log1p(-amount)) ** (1.0 / shape)
        total *= self.parameters.rain_factor
        weight = np.log(np.maximum(share / (spread + 1e-12), 1.0))
        weight[weight.sum(axis=1) == 0.0, 15] = 1.0
        return total[:, None] * weight / weight.sum(axis=1, keepdims=True)

    def _sunny_share(self, wet: np.ndarray, draws: np.ndarray, year_day: np.ndarray) -> np.ndarray:
        """(days,) sunshine over day length: a power law on 0 to 1, its mean that of a wet or a dry day."""
        mean = self._dry_sun[year_day - 1] * np.where(wet, self.parameters.wet_day_sun_frac, 1.0)
        return draws ** ((1.0 - mean) / np.maximum(mean, 1e-3))

    def _sun(self, sunny: np.ndarray, cloud: np.ndarray, year_day: np.ndarray) -> np.ndarray:
        share = sunny[:, None] + (2.0 * cloud - 1.0) * np.minimum(sunny, 1.0 - sunny)[:, None]
        hour = np.arange(HOURS_PER_DAY) + 0.5
        clear = clear_sky_frac(solar_elevation_sin(self.latitude_deg, year_day[:, None], hour))
        dark = self.parameters.overcast_frac
        return clear * (dark + (1.0 - dark) * share)

    def _temperature(self, normal: np.ndarray, sunny: np.ndarray, year_day: np.ndarray) -> np.ndarray:
        p = self.parameters
        fresh = (1.0 - p.anomaly_memory**2) ** 0.5
        anomaly = np.empty(len(normal))
        for day, value in enumerate(normal.tolist()):
            anomaly[day] = self._anomaly = p.anomaly_memory * self._anomaly + fresh * value
        half_range = p.diurnal_overcast_degc + (p.diurnal_clear_degc - p.diurnal_overcast_degc) * sunny
        cycle = np.cos(2 * pi * (np.arange(HOURS_PER_DAY) - p.warmest_hour) / HOURS_PER_DAY)
        mean = self._mean_degc[year_day - 1] + p.anomaly_sd_degc * anomaly
        return mean[:, None] + half_range[:, None] * cycle

    def _wind_frac(self, normal: np.ndarray) -> np.ndarray:
        """AR(1) wind vector: half its squared length is exponential, so a power of it is Weibull."""
        p = self.parameters
        fresh = (1.0 - p.wind_memory**2) ** 0.5
        vector = np.empty(normal.size, complex)
        for hour, value in enumerate(normal.ravel().tolist()):
            vector[hour] = self._wind = p.wind_memory * self._wind + fresh * value
        speed = p.wind_scale_m_per_s * (np.abs(vector) ** 2 / 2.0) ** (1.0 / p.wind_shape)
        return wind_power_frac(speed, p).reshape(normal.shape)

    def _inflow(self, rain_mm: np.ndarray, year_day: np.ndarray) -> np.ndarray:
        """Linear reservoir of rain over its normal, constant through the day: q' = (rain/normal - q)/T."""
        normal = self._normal_mm[year_day - 1]
        relative = np.divide(rain_mm, normal, out=np.ones(len(normal)), where=normal > 0)
        drained = -np.expm1(-1.0 / self.parameters.river_memory_days)
        flow = np.empty(len(normal))
        for day, value in enumerate(relative.tolist()):
            flow[day] = self._flow_frac
            self._flow_frac += drained * (value - self._flow_frac)
        return np.repeat(flow[:, None], HOURS_PER_DAY, axis=1)


class WeatherSeries:
    """Hourly weather as a file gives it; hour 0 is the first row."""

    def __init__(self, hours: list[Weather], source: str = "weather") -> None:
        self._hours, self._source = hours, source

    def __len__(self) -> int:
        return len(self._hours)

    def at(self, hour: int) -> Weather:
        """The weather of *hour*; ``UnreadableWeather`` past the last row."""
        if not 0 <= hour < len(self._hours):
            raise UnreadableWeather(
                f"{self._source}: hour {hour} was asked for and the file has {len(self)} hours; "
                "give a longer file or run fewer hours"
            )
        return self._hours[hour]

    @classmethod
    def from_csv(cls, path: str | Path) -> "WeatherSeries":
        """Hourly rows of ``temperature_degc,sun_frac,wind_frac,rain_mm,inflow_frac``; others are ignored.

        Raises
        ------
        UnreadableWeather : with file, line, column and the rule that is broken
        """
        try:
            columns, rows = csv_rows(file_bytes(path))
        except UnreadableText as error:
            raise UnreadableWeather(f"{error.where(path)}: {error.rule}; {error.remedy}") from error
        except OSError as error:
            raise UnreadableWeather(f"{path}: cannot be read: {error.strerror}") from error
        missing = [name for name in COLUMNS if name not in columns]
        if missing:
            raise UnreadableWeather(f"{path}:1: column {missing[0]!r} is missing; give {','.join(COLUMNS)}")
        hours = [_weather(path, line, row) for line, row in rows]
        if not hours:
            raise UnreadableWeather(f"{path}:2: no rows; give one row for each hour")
        return cls(hours, str(path))


def _weather(path: str | Path, line: int, row: dict[str, str | None]) -> Weather:
    values = {}
    for name, (low, high) in zip(COLUMNS, RANGES, strict=True):
        text = row[name] or ""
        try:
            value = float(text)
        except ValueError:
            raise UnreadableWeather(f"{path}:{line}: {name}: {text!r} is not a number") from None
        if not (isfinite(value) and low <= value <= high):
            raise UnreadableWeather(f"{path}:{line}: {name}: {text} lies outside {low:g} to {high:g}")
        values[name] = value
    return Weather(**values)
