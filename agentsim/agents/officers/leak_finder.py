"""The leak finder: a balance of each district's night flow raises the alarm, pressures say where to look."""

from dataclasses import dataclass
from math import exp

import numpy as np

from agentsim.core.messages import NightFlow
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import DAYS_PER_YEAR
from agentsim.institutions.detection import cusum
from agentsim.institutions.meters import normal

NIGHTS_PER_MONTH = DAYS_PER_YEAR / 12


@dataclass(frozen=True)
class LeakFinderParameters:
    """How exactly a leak finder measures, and how it tests."""

    inflow_sigma: float = parameter(
        0.01, "1", "error of a district's inflow in an hour, share of it", "A", 0, 0.5
    )
    home_sigma: float = parameter(
        2.0, "1", "spread of a home's use in a night hour, over its mean", "A", 0, 20
    )
    pressure_sigma_m: float = parameter(0.03, "m", "error of a logger's mean of an hour", "A", 1e-4, 10)
    training_nights: int = parameter(
        56, "nights", "measured after a survey, from which the ordinary night flow is known", "A", 3, 1000
    )
    slack: float = parameter(0.5, "1", "k of the CUSUM, in standard deviations of a night", "A", 0.05, 5)
    places_per_alarm: int = parameter(8, "1", "looked at before an alarm is given up", "A", 1, 1000)


def alarm_level(nights: float, slack: float) -> float:
    """h of a CUSUM that raises a false alarm once in so many *nights*, by Siegmund's formula (1985).

    ARL = (exp(2 k b) - 2 k b - 1) / (2 k^2), b = h + 1.166.

    >>> round(alarm_level(930.0, 0.5), 1)
    5.0
    """
    low, high = 0.0, 100.0
    while high - low > 1e-9:
        middle = (low + high) / 2.0
        kb = 2.0 * slack * (middle + 1.166)
        is_rarer = kb > 700.0 or (exp(kb) - kb - 1.0) / (2.0 * slack**2) > nights
        low, high = (low, middle) if is_rarer else (middle, high)
    return low


def misfit(
    residual_m: np.ndarray,
    sensitivity: np.ndarray,
    diffuse: np.ndarray,
    excess_m3: float,
    excess_sd: float,
    residual_sd: float,
) -> np.ndarray:
    """How badly a leak at each place explains what was measured, array (places,) in squared deviations.

    The excess x is the leak and an error e of what homes used. Pressures answer to a leak at a place by s,
    and to homes, who live everywhere, by S: r = (x - e) s + e S. The error is fitted at each place,
    ``min_e (e / sd_x)^2 + |r - x s - e (S - s)|^2 / sd_r^2``.

    Parameters
    ----------
    residual_m : r, at the loggers, array (loggers,)
    sensitivity : s, (loggers, places) [m per m3/h]
    diffuse : S, array (loggers,)
    excess_m3, excess_sd : x [m3/h], and its standard deviation

    >>> near_one = np.array([[-0.5, 0.0], [0.0, -0.5]])
    >>> misfit(np.array([-1.0, 0.0]), near_one, np.array([-0.25, -0.25]), 2.0, 0.1, 0.1).round().tolist()
    [0.0, 178.0]
    """
    moved = diffuse[:, None] - sensitivity
    miss = residual_m[:, None] - excess_m3 * sensitivity
    weight = 1.0 / excess_sd**2 + (moved**2).sum(axis=0) / residual_sd**2
    error_m3 = (miss * moved).sum(axis=0) / residual_sd**2 / weight
    miss = miss - error_m3 * moved
    return (error_m3 / excess_sd) ** 2 + (miss**2).sum(axis=0) / residual_sd**2


def of_others(diffuse: np.ndarray, excess_m3: np.ndarray) -> np.ndarray:
    """Change of pressure at the loggers by the excess of all other districts, (districts, loggers) [m].

    >>> of_others(np.array([[-0.1, -0.2]]), np.array([10.0, 5.0])).tolist()
    [[-1.0], [-1.0]]
    """
    by_each = diffuse * excess_m3
    return (by_each.sum(axis=1)[:, None] - by_each).T


class LeakFinder:
    """Tests the night flow of every district for a new leak, and ranks the places where it may be.

    The balance of a district is its inflow less what is used there. Homes with a meter that is read every
    hour are a sample of all homes; firms are metered. Its error has the standard deviation
    ``sqrt((e F)^2 + c^2 (1 - s) / (s n) D^2)``, with inflow F, use of homes D, n homes, a share s of them
    metered, error e of the inflow meter and spread c of homes. What exceeds background leakage, in standard
    deviations, is summed up as ``S = max(0, S + z - k)`` (Page 1954); the alarm rings at ``S >= h``. The
    ordinary level and the standard deviation come from the nights of training and have their errors too.

    Places are ranked by how likely the mean pressure residuals since the change are if the leak is there,
    times how often the main there bursts.

    Parameters
    ----------
    homes : real homes of each district, array (districts,)
    metered_frac : s
    district : of each junction, array (junctions,)
    loggers : junctions with a pressure logger, array (loggers,)
    false_alarms_per_month : of all districts together, that the alarm level is set to
    """

    def __init__(
        self,
        homes: np.ndarray,
        metered_frac: float,
        district: np.ndarray,
        loggers: np.ndarray,
        false_alarms_per_month: float,
        streams: Streams,
        parameters: LeakFinderParameters = LeakFinderParameters(),
    ) -> None:
        self.homes, self.metered_frac, self.district, self.loggers = homes, metered_frac, district, loggers
        self.parameters, self._streams = parameters, streams
        districts, nights = len(homes), parameters.training_nights
        per_district = NIGHTS_PER_MONTH * districts / false_alarms_per_month
        self.alarm_level = alarm_level(per_district, parameters.slack)
        learnt = normal(streams.uniform("leak_training", 0, 2 * districts))
        self._level_error = learnt[:districts] / np.sqrt(nights)  # in standard deviations
        self._sd_factor = np.maximum(1.0 + learnt[districts:] / np.sqrt(2.0 * (nights - 1)), 0.1)
        self.level = np.zeros(districts)
        self._nights, self._excess_m3 = np.zeros((2, districts))  # since the level was last 0
        self._residual_m = np.zeros((districts, len(loggers)))
        # of the last night: standard deviation of the balance, answer of pressures to use
        self._sd_m3, self._diffuse = np.ones(districts), np.zeros((len(loggers), districts))

    def error_sd_m3(self, inflow_m3: np.ndarray, home_m3: np.ndarray) -> np.ndarray:
        """Standard deviation of the balance of an hour, array (districts,) [m3]."""
        p, s = self.parameters, self.metered_frac
        sampled = p.home_sigma**2 * (1.0 - s) / (s * np.maximum(self.homes, 1.0))
        return np.maximum(np.sqrt((p.inflow_sigma * inflow_m3) ** 2 + sampled * home_m3**2), 1e-6)

    def night(
        self,
        hour: int,
        flow: NightFlow,
        delivered_m3: np.ndarray,
        home_m3: np.ndarray,
        sensitivity: np.ndarray,
        bursts_per_year: np.ndarray,
        known: set[int],
        forged: np.ndarray | None = None,
    ) -> list[tuple[int, list[int]]]:
        """Alarms after a night hour: district, and where to look, the likeliest place first.

        Parameters
        ----------
        delivered_m3, home_m3 : what all customers and homes used, arrays (junctions,)
        sensitivity : (loggers, junctions) change of pressure per leak [m per m3/h]
        bursts_per_year : expected at each junction, array (junctions,)
        known : districts with a leak that is known or looked for: their test begins anew
        forged : bool (districts,), whose readings show an ordinary night, whatever leaks; None: nobody's
        """
        count = len(self.homes)
        use_m3, homes_m3, leaked_m3, usual_m3 = (
            np.bincount(self.district, values, count)
            for values in (delivered_m3, home_m3, flow.leaked_m3_per_h, flow.expected_leaked_m3_per_h)
        )
        sd = self.error_sd_m3(use_m3 + leaked_m3, homes_m3)
        draw = normal(self._streams.uniform("leak_meters", hour, count + len(self.loggers)))
        self._sd_m3 = sd
        error_m3, noise_m = draw[:count] * sd, draw[count:] * self.parameters.pressure_sigma_m
        shown_m3, change_m = leaked_m3 - usual_m3, (flow.pressure_m - flow.expected_pressure_m)[self.loggers]
        if forged is not None:
            shown_m3 = np.where(forged, 0.0, shown_m3)
            change_m = np.where(forged[self.district[self.loggers]], 0.0, change_m)
        excess_m3 = shown_m3 + error_m3 + self._level_error * sd
        residual_m = change_m + noise_m
        self._diffuse = self._answer_to_use(sensitivity, home_m3, homes_m3)
        residual_m += self._diffuse @ error_m3
        self._sum_up(excess_m3 / (sd * self._sd_factor), excess_m3, residual_m, known)
        alarms = np.flatnonzero(self.level >= self.alarm_level).tolist()
        found = [(d, self._places(d, sensitivity, bursts_per_year)) for d in alarms]
        self._begin_anew(alarms)
        return found

    def _answer_to_use(
        self, sensitivity: np.ndarray, home_m3: np.ndarray, homes_m3: np.ndarray
    ) -> np.ndarray:
        """Change of pressure at the loggers per m3/h used more in a district, (loggers, districts)."""
        answer = np.zeros((len(self.loggers), len(self.homes)))
        share = home_m3 / np.maximum(homes_m3, 1e-12)[self.district]
        np.add.at(answer.T, self.district, (sensitivity * share).T)
        return answer

    def _sum_up(self, z: np.ndarray, excess_m3: np.ndarray, residual_m: np.ndarray, known: set[int]) -> None:
        self.level = cusum(self.level, z, self.parameters.slack)
        self._nights += 1
        self._excess_m3 += excess_m3
        # what other districts leak by their own balance explains a part, wherever in them it leaks
        self._residual_m += residual_m - of_others(self._diffuse, excess_m3)
        self._begin_anew([*np.flatnonzero(self.level == 0.0).tolist(), *sorted(known)])

    def _begin_anew(self, districts: list[int]) -> None:
        self.level[districts] = self._nights[districts] = self._excess_m3[districts] = 0.0
        self._residual_m[districts] = 0.0

    def _places(self, district: int, sensitivity: np.ndarray, bursts_per_year: np.ndarray) -> list[int]:
        """Junctions of the district, the likeliest first, by the loggers in it."""
        here = np.flatnonzero(self.district == district)
        near = self.district[self.loggers] == district
        nights = self._nights[district]
        fit = misfit(
            self._residual_m[district][near] / nights,
            sensitivity[near][:, here],
            self._diffuse[near, district],
            self._excess_m3[district] / nights,
            self._sd_m3[district] / float(np.sqrt(nights)),
            self.parameters.pressure_sigma_m / float(np.sqrt(nights)),
        )
        # where even the best place explains little, as with several leaks, pressures count less (Birge ratio)
        fit = fit / max(1.0, float(fit.min()) / max(int(near.sum()), 1))
        likely = np.log(np.maximum(bursts_per_year[here], 1e-12)) - fit / 2.0
        return here[np.argsort(-likely, kind="stable")][: self.parameters.places_per_alarm].tolist()
