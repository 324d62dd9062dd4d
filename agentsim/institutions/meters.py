"""Homes' meters: which of them report this hour, and how exactly.

The mean of *n* meters is drawn at once: ``y = (1 - phi) truth + phi figure + sqrt(sigma^2/n + s^2) N(0, 1)``
with independent noise sigma of a meter, an error *s* that all meters of a district share, and a share phi
that repeats the operator's figure (mechanisms S11).
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from agentsim.core.charter import Information
from agentsim.core.messages import HomeMeters, Permitted
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.shares import ratio
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY

METERED = ("power", "water", "roads")  # hour by hour; supply is weighed once a day
MOSTLY = 0.5  # a simulated home is dark when most of the real homes it represents are
_NORMAL = NormalDist()


@dataclass(frozen=True)
class MetersParameters:
    """How well meters and weighbridges show what was served."""

    meter_sigma: float = parameter(0.1, "1", "noise of one meter's share, mechanisms S11", "A", 1e-6, 2)
    shared_error: float = parameter(
        0.005, "1", "error that all meters of a district share in an hour", "A", 0, 0.5
    )
    compromised_frac: float = parameter(0.05, "1", "phi: meters that repeat the figure", "A", 0, 1)
    balance_sigma: float = parameter(0.1, "1", "noise of one depot's mass balance of a day", "A", 1e-6, 2)
    reporting_supplier_frac: float = parameter(
        0.7, "1", "chance that a supplier takes part; one that does not cannot be tested", "A", 0, 1
    )
    shortage_frac: float = parameter(
        0.02, "1", "of the city's demand short by itself: a shortage, in which cuts may be honest", "A", 0, 1
    )


def noise_sd(sigma: float, reporters: np.ndarray, shared: float) -> np.ndarray:
    """Standard deviation of the mean of so many meters, sqrt(sigma^2 / n + s^2).

    >>> noise_sd(0.1, np.array([100.0, 1e12]), 0.005).round(4).tolist()
    [0.0112, 0.005]
    """
    return np.sqrt(sigma**2 / np.maximum(reporters, 1.0) + shared**2)


class Meters:
    """The reporting meters of a city.

    Parameters
    ----------
    information : the charter's: who reports, and how long a meter works without power

    ``enrolled`` are the meters of homes that want to report today, whether or not they can, array
    (districts,).
    """

    def __init__(
        self,
        districts: int,
        information: Information,
        streams: Streams,
        parameters: MetersParameters | None = None,
    ) -> None:
        self.information, self.streams, self._districts = information, streams, districts
        self.parameters = parameters or MetersParameters()
        self._dark_h = np.zeros(0)  # hours that each home has been dark
        self.enrolled = np.zeros(0)
        self._silent: np.ndarray | None = None  # homes whose meters have failed, None: no home is dark
        self._day, self._noise = -1, np.zeros((0, len(METERED), districts))

    def reporting(self, hour: int, homes: HomeMeters, permitted: Permitted) -> np.ndarray:
        """Real meters whose reports reach the log this hour, array (districts,).

        They belong to homes that trust the log, and work ``meter_backup_h`` without power. An attacker that
        controls the log drops the reports of the district it is turned against (of all, if it names none).
        """
        if hour % HOURS_PER_DAY == 0 or not len(self.enrolled):
            self.enrolled = self._taking_part(self._count(homes, np.ones(len(homes.district), dtype=bool)))
        self._watch_the_dark(homes)
        heard = self.enrolled
        if self._silent is not None:
            heard = self._taking_part(self._count(homes, ~self._silent))
        if "ledger" in permitted.seized:
            heard = heard.copy()
            heard[permitted.seized_for if permitted.seized_for >= 0 else slice(None)] = 0.0
        return heard

    def _taking_part(self, homes: np.ndarray) -> np.ndarray:
        return np.floor(homes * self.information.reporting_household_frac)

    def _count(self, homes: HomeMeters, able: np.ndarray) -> np.ndarray:
        return np.bincount(homes.district, able & homes.reports, self._districts) * homes.weight

    def _watch_the_dark(self, homes: HomeMeters) -> None:
        # a simulated home represents many: in a small shortage few of them are dark, other ones each hour
        dark = np.empty(len(homes.metered_kw), dtype=bool)
        if not find_dark(homes.metered_kw, homes.asked_kw, dark):
            self._silent = None
            self._dark_h = np.zeros(0)
            return
        before = self._dark_h if len(self._dark_h) else np.zeros(len(dark))
        self._dark_h = np.where(dark, before + 1.0, 0.0)
        self._silent = self._dark_h > self.information.meter_backup_h

    def lit_share(self, homes: HomeMeters, truth: np.ndarray) -> np.ndarray:
        """Share of power served at homes whose meters work, array (districts,); *truth* if all work.

        Without a battery only homes that have power report, and they report that they have it.
        """
        if self._silent is None or not self._silent.any():
            return truth
        alive = ~self._silent
        asked = np.bincount(homes.district, homes.asked_kw * alive, self._districts)
        served = np.bincount(homes.district, homes.metered_kw * alive, self._districts)
        return ratio(served, asked)

    def errors(self, hour: int, reporters: np.ndarray) -> np.ndarray:
        """Error of the mean of so many meters, array (networks, districts); nan where none reports."""
        error = noise_sd(self.parameters.meter_sigma, reporters, self.parameters.shared_error)
        if np.count_nonzero(reporters) < len(reporters):
            error[reporters <= 0] = np.nan
        return error * self._normal(hour)

    def mean_report(self, truth: np.ndarray, figure: np.ndarray, error: np.ndarray) -> np.ndarray:
        """Mean share that the meters of each district report, array (districts,)."""
        if figure is truth:
            return truth + error
        return truth + self.parameters.compromised_frac * (figure - truth) + error

    def _normal(self, hour: int) -> np.ndarray:
        """Standard normal draws of the hour, array (networks, districts), a day at a time by inversion."""
        day, clock = divmod(hour, HOURS_PER_DAY)
        if day != self._day:
            self._day = day
            self._noise = normal(
                self.streams.uniform("meters", day, HOURS_PER_DAY * len(METERED) * self._districts)
            ).reshape(HOURS_PER_DAY, len(METERED), self._districts)
        return self._noise[clock]


@kernel
def find_dark(metered_kw: np.ndarray, asked_kw: np.ndarray, dark: np.ndarray) -> int:
    """Fill *dark* with homes that got less than ``MOSTLY`` of what they asked for; how many. All (homes,)."""
    count = 0
    for home in range(dark.size):
        dark[home] = metered_kw[home] < asked_kw[home] * MOSTLY
        count += dark[home]
    return count


def normal(draw: np.ndarray) -> np.ndarray:
    """Standard normal numbers by inversion of uniform ones.

    >>> normal(np.array([0.5, 0.975])).round(2).tolist()
    [0.0, 1.96]
    """
    return np.array([_NORMAL.inv_cdf(u or 1e-17) for u in draw.tolist()])
