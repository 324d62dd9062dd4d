"""Water mains: how old they are, how often they burst, how large a burst is and whether anybody sees it."""

from dataclasses import dataclass, replace
from functools import cache
from math import exp, log
from statistics import NormalDist

import numpy as np

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import DAYS_PER_YEAR

ALL_ON = Mechanisms()
GOLDEN = 0.6180339887498949  # ages spread evenly over the mains, however many there are
MOST_RUNNING = 8  # hidden bursts at one junction when a run begins, at most
POINTS = 2048  # equally likely sizes of a burst
_NORMAL = NormalDist()


@dataclass(frozen=True)
class MainsParameters:
    """Age, bursts and renewal of water mains (mechanisms S7)."""

    age_scale_y: float = parameter(
        28.9,
        "y",
        "scale of the Weibull distribution of ages; with shape 2 it makes 14.8 % of the mains older than 40 "
        "years, as in Japan in 2016",
        "V2",
        0.1,
        200,
    )
    age_shape: float = parameter(2.0, "1", "its shape", "A", 0.5, 10)
    burst_growth_per_y: float = parameter(
        0.05, "1/y", "A of rate = rate_0 exp(A age), Shamir & Howard 1979: 0.05-0.15", "M", 0, 0.3
    )
    burst_rate_age_y: float = parameter(
        30.75,
        "y",
        "age at which failures.main_bursts_per_km_year holds; the mean over Japan's ages is then that rate",
        "A",
        0,
        200,
    )
    size_median_frac: float = parameter(
        0.646, "1", "median size of a burst over water.burst_m3_per_h; see seen_size_frac", "A", 0.01, 10
    )
    size_sigma: float = parameter(0.7, "1", "spread of the logarithm of the size of bursts", "A", 0, 2)
    seen_size_frac: float = parameter(
        0.583,
        "1",
        "of this size over water.burst_m3_per_h, 63 % of bursts are seen; of size q, 1 - exp(-q/it); "
        "with median and spread, seen bursts have 12 m3/h on the mean and hidden ones 6 (BABE)",
        "A",
        1e-3,
        100,
    )
    survey_interval_d: float = parameter(
        365.0, "d", "between two acoustic surveys of a district", "M", 7, 36500
    )
    survey_finds_frac: float = parameter(0.9, "1", "hidden bursts that a survey finds", "A", 0.05, 1)
    service_life_y: float = parameter(40.0, "y", "statutory service life of mains in Japan", "V2", 1, 200)
    renewal_frac_per_y: float = parameter(
        0.0, "1/y", "share of the mains renewed in a year, oldest first; Japan about 0.007", "A", 0, 1
    )
    works_site_km: float = parameter(0.2, "km", "length of one site of renewal", "A", 0.01, 10)
    works_m_per_day: float = parameter(20.0, "m/d", "progress of a site that closes its road", "A", 0.1, 1000)


@dataclass(frozen=True)
class RunningBurst:
    """A hidden burst that runs already when a run begins."""

    junction: int
    size_frac: float  # flow over that of a reported burst


class Mains:
    """Length and age of the mains at each junction, and the bursts that follow from both.

    A main of age *a* bursts with rate lambda exp(A (a - a_ref)) a kilometre and year (Shamir & Howard 1979,
    J. AWWA 71). The size of a burst is lognormal; it is seen with 1 - exp(-q / q_seen), and runs hidden
    otherwise. With the mechanism ``pipe_ageing`` off all mains burst alike; with ``hidden_bursts`` off every
    burst has the size of a reported one and is seen.

    Parameters
    ----------
    km : length of main that belongs to each junction, array (junctions,)
    streams : the seed's random streams
    bursts_per_km_year : rate of mains of ``burst_rate_age_y``
    district_age_y : mean age of each district's mains if it is known, array (districts,), with *district* of
        each junction, array (junctions,)
    years : lived before, with renewal at ``renewal_frac_per_y``
    age_y : ages of the mains in the place of drawn ones, array (junctions,)
    """

    def __init__(
        self,
        km: np.ndarray,
        streams: Streams,
        bursts_per_km_year: float,
        parameters: MainsParameters = MainsParameters(),
        mechanisms: Mechanisms = ALL_ON,
        *,
        district: np.ndarray | None = None,
        district_age_y: np.ndarray | None = None,
        years: float = 0.0,
        age_y: np.ndarray | None = None,
    ) -> None:
        self.km, self.parameters, self._streams = np.asarray(km, float), parameters, streams
        self._per_km_year, self._mechanisms = bursts_per_km_year, mechanisms
        self._saved_km = 0.0  # renewal that is paid for and not begun
        self.age_y = self._drawn_age_y() if age_y is None else np.asarray(age_y, float)
        if age_y is None and district is not None and district_age_y is not None:
            self.age_y = self.age_y * _to_mean(self.age_y, self.km, district, district_age_y)
        self.age(years)

    def _drawn_age_y(self) -> np.ndarray:
        """Ages by the Weibull distribution, spread evenly over its quantiles, array (junctions,)."""
        p, rows = self.parameters, np.arange(len(self.km))
        quantile = (self._streams.uniform("pipe_age", 0, 1) + GOLDEN * rows) % 1.0
        return p.age_scale_y * (-np.log1p(-quantile)) ** (1.0 / p.age_shape)

    def age(self, years: float, more_frac_per_y: float = 0.0) -> None:
        """Live so many years: all mains grow older, and the oldest are renewed out of each year's budget.

        *more_frac_per_y* is renewed besides what the city renews anyway. The budget is saved until it pays
        for the whole main of a junction.
        """
        renewed_frac_per_y = self.parameters.renewal_frac_per_y + more_frac_per_y
        while years > 0.0:
            step = min(years, 1.0)
            self.age_y = self.age_y + step
            self._saved_km += renewed_frac_per_y * step * float(self.km.sum())
            self._renew_whole_mains()
            years -= step

    def _renew_whole_mains(self) -> None:
        """Renew the oldest mains, each as a whole, while the budget pays for the next of them."""
        while self.km.sum() > 0:
            junction = self.oldest()
            if self.age_y[junction] <= 0.0 or self.km[junction] > self._saved_km:
                return
            self._saved_km -= float(self.km[junction])
            self.renew(junction, float(self.km[junction]))

    def oldest(self) -> int:
        """Junction of the main that bursts most often a kilometre."""
        return int(np.argmax(np.where(self.km > 0, self.age_y, -1.0)))

    def renew(self, junction: int, km: float) -> float:
        """Replace so many kilometres at a junction; returns the share of its main that is new."""
        share = min(km / float(self.km[junction]), 1.0)
        self.age_y = self.age_y.copy()
        self.age_y[junction] *= 1.0 - share
        return share

    @property
    def bursts_per_year(self) -> np.ndarray:
        """Expected bursts at each junction, array (junctions,) [1/y]."""
        rate = self._per_km_year * self.km
        if not self._mechanisms.pipe_ageing:
            return rate
        p = self.parameters
        return rate * np.exp(p.burst_growth_per_y * (self.age_y - p.burst_rate_age_y))

    @property
    def mean_age_y(self) -> float:
        """Mean age by length."""
        return float(self.age_y @ self.km / max(self.km.sum(), 1e-12))

    @property
    def overdue_frac(self) -> float:
        """Share of all mains that are older than their service life."""
        old = self.age_y > self.parameters.service_life_y
        return float(self.km[old].sum() / max(self.km.sum(), 1e-12))

    # ---- sizes of bursts

    def size_frac(self, draw: np.ndarray) -> np.ndarray:
        """Sizes of bursts over that of a reported one, from uniform draws."""
        if not self._mechanisms.hidden_bursts:
            return np.ones(len(draw))
        p = self.parameters
        return _sizes(p.size_median_frac, p.size_sigma)[(draw * POINTS).astype(int)]

    def hidden(self, size_frac: np.ndarray, draw: np.ndarray) -> np.ndarray:
        """Which bursts of these sizes nobody sees, bool, from uniform draws."""
        if not self._mechanisms.hidden_bursts:
            return np.zeros(len(draw), dtype=bool)
        return draw < np.exp(-size_frac / self.parameters.seen_size_frac)

    # ---- hidden bursts that run when a run begins

    def survey_more_often(self, hidden_frac: float) -> None:
        """Shorten the time between surveys until only this share of the expected hidden bursts runs.

        A utility whose mains burst often for what it sells holds its leakage by looking for leaks more often.
        """
        p = self.parameters
        self.parameters = replace(p, survey_interval_d=max(p.survey_interval_d * hidden_frac, 1.0))

    def survey_day(self, districts: int) -> np.ndarray:
        """Day of the next survey of each district, array (districts,): one after the other, evenly."""
        first = float(self._streams.uniform("survey", 0, 1)[0])
        turn = (first + np.arange(districts) / max(districts, 1)) % 1.0
        return turn * self.parameters.survey_interval_d

    def running(self, district: np.ndarray) -> tuple[RunningBurst, ...]:
        """Hidden bursts that began since the last survey of their district, or were missed by it.

        *district* is that of each junction, array (junctions,). Numbers are Poisson. Mains of today's age are
        assumed for all of that time.
        """
        if not self._mechanisms.hidden_bursts or not len(self.km):
            return ()
        p, rows = self.parameters, len(self.km)
        since_d = p.survey_interval_d - self.survey_day(int(district.max()) + 1)
        years = (since_d + self._missed_d) / DAYS_PER_YEAR
        expected = self.bursts_per_year * self.hidden_frac * years[district]
        number = _poisson(self._streams.uniform("running_bursts", 0, rows), expected)
        draw = self._streams.uniform("running_bursts_size", 0, rows * MOST_RUNNING).reshape(rows, -1)
        size = self._hidden_sizes[(draw * POINTS).astype(int)]
        found = np.argwhere(np.arange(MOST_RUNNING) < number[:, None])
        return tuple(RunningBurst(int(j), float(size[j, k])) for j, k in found)

    @property
    def _missed_d(self) -> float:
        """Days that the bursts which earlier surveys missed have been running, as if of the last interval."""
        found = self.parameters.survey_finds_frac
        return self.parameters.survey_interval_d * (1.0 - found) / found

    @property
    def hidden_frac(self) -> float:
        """Share of bursts that nobody sees."""
        p = self.parameters
        return float(np.exp(-_sizes(p.size_median_frac, p.size_sigma) / p.seen_size_frac).mean())

    @property
    def _hidden_sizes(self) -> np.ndarray:
        """Equally likely sizes of hidden bursts, array (POINTS,)."""
        p = self.parameters
        size = _sizes(p.size_median_frac, p.size_sigma)
        weight = np.cumsum(np.exp(-size / p.seen_size_frac))
        middle = (np.arange(POINTS) + 0.5) / POINTS * weight[-1]
        return size[np.searchsorted(weight, middle)]

    @property
    def hidden_size(self) -> float:
        """Expected flow of all hidden bursts at any time, over that of one reported burst.

        The same for every seed: it is that of the distribution of ages, not of the ages drawn.
        """
        p, ages = self.parameters, self.parameters.age_scale_y
        older = 1.0
        if self._mechanisms.pipe_ageing:
            quantile = (np.arange(POINTS) + 0.5) / POINTS
            age_y = ages * (-np.log1p(-quantile)) ** (1.0 / p.age_shape)
            older = float(np.exp(p.burst_growth_per_y * (age_y - p.burst_rate_age_y)).mean())
        a_year = self._per_km_year * float(self.km.sum()) * older * self.hidden_frac
        days = p.survey_interval_d / 2.0 + self._missed_d
        return a_year * days / DAYS_PER_YEAR * float(self._hidden_sizes.mean())


@cache
def _sizes(median: float, sigma: float) -> np.ndarray:
    """Equally likely sizes of a lognormal distribution, array (POINTS,), ascending."""
    return np.array([exp(log(median) + sigma * _NORMAL.inv_cdf((i + 0.5) / POINTS)) for i in range(POINTS)])


def _poisson(draw: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """Poisson numbers by inversion, at most ``MOST_RUNNING``, array (rows,).

    >>> _poisson(np.array([0.3, 0.5, 0.95]), np.array([1.0, 1.0, 1.0])).tolist()
    [0, 1, 3]
    """
    chance, below, number = np.exp(-expected), np.zeros(len(draw)), np.zeros(len(draw), dtype=int)
    for count in range(1, MOST_RUNNING + 1):
        below = below + chance
        number = np.where(draw >= below, count, number)
        chance = chance * expected / count
    return number


def _to_mean(age_y: np.ndarray, km: np.ndarray, district: np.ndarray, wanted_y: np.ndarray) -> np.ndarray:
    """Factor by which each main's age meets the known mean of its district, array (junctions,)."""
    count = len(wanted_y)
    length = np.maximum(np.bincount(district, km, count), 1e-12)
    mean = np.maximum(np.bincount(district, km * age_y, count) / length, 1e-12)
    return (np.asarray(wanted_y, float) / mean)[district]
