"""Detection: telling abuse from chance in what is published (mechanisms S11).

Two tests run on each network and district. *Meters*: the operator's figure against the mean of n meters,
``z = (figure - metered) / sqrt(sigma^2 / n + s^2)``, summed up as ``S = max(0, S + z - k)`` with an alarm at
``S >= h`` (CUSUM, Page 1954). *Rule*: a cut that is admitted while nothing is short, or beyond what the
declared rule of rationing gives, for some hours on end. Where nothing is published there are audits.

Transparency does not end abuse, it limits it. An operator that hides a loss of delta standard deviations an
hour hides ``delta ARL(delta)`` of them before the alarm (ARL: mean run length), which has a maximum. The
standard deviation shrinks as 1 / sqrt(n) down to the error that all meters share.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from agentsim.core.messages import Finding, Published
from agentsim.core.parameters import parameter
from agentsim.institutions.meters import MetersParameters, noise_sd


@dataclass(frozen=True)
class DetectionParameters:
    """How sensitive the tests are.

    With k = 0.5 and h = 5 a series raises a false alarm every 930 steps (mechanisms S11): 26 in six weeks of
    three networks and eight districts. One in 50,000 steps, 0.5 in six weeks, takes h = 9 at k = 0.5 or
    h = 33.5 at k = 0.1. The smaller slack is chosen: an operator that knows the test and has six weeks then
    hides 104 standard deviations instead of 262, and a large cut is still found within hours.
    """

    slack: float = parameter(0.1, "1", "k of the CUSUM, in standard deviations of the mean", "A", 0, 5)
    alarm_level: float = parameter(33.5, "1", "h of the CUSUM", "A", 0.1, 1000)
    silence_h: float = parameter(
        72.0, "h", "no meter of a district reports while all is said to be well", "A", 1, 8760
    )
    claimed_frac: float = parameter(0.9, "1", "served, as claimed: all is said to be well", "A", 0, 1)
    rule_tolerance_frac: float = parameter(0.02, "1", "a cut beyond the rule that is let pass", "A", 0, 1)
    rule_h: float = parameter(6.0, "h", "that a cut beyond the rule may last", "A", 1, 8760)
    audits_per_day: float = parameter(
        0.07, "1/d", "domestic audits of a network in a district; dwell of 10-25 d, M-Trends 2024", "A", 0, 1
    )
    audit_coverage: float = parameter(0.5, "1", "of what there is to see, an audit looks at", "A", 0, 1)
    audit_hit: float = parameter(0.7, "1", "abuse that is looked at is seen, mechanisms S11", "A", 0, 1)
    audit_false: float = parameter(0.005, "1", "an audit sees abuse where there is none", "A", 0, 1)
    hidden_frac: float = parameter(
        0.6, "1", "of its sight an audit loses where the operator may rewrite its own books", "A", 0, 1
    )


# ---- the tests, on arrays -----------------------------------------------------------------------------


def score(figure: np.ndarray, metered: np.ndarray, sd: np.ndarray) -> np.ndarray:
    """How far the figure lies above the meters, in standard deviations; nan where no meter reported.

    >>> score(np.array([1.0, 1.0]), np.array([0.9, np.nan]), np.array([0.05, 0.05])).round(6).tolist()
    [2.0, nan]
    """
    return (figure - metered) / sd


def cusum(level: np.ndarray, z: np.ndarray, slack: float) -> np.ndarray:
    """The next level of a one-sided cumulative sum, max(0, S + z - k).

    >>> cusum(np.array([0.0, 1.0]), np.array([0.2, 2.0]), 0.5).tolist()
    [0.0, 2.5]
    """
    return np.maximum(level + z - slack, 0.0)


def audited(
    draw: np.ndarray, abused: np.ndarray, hidden: np.ndarray, numbers: DetectionParameters
) -> tuple[np.ndarray, np.ndarray]:
    """Where domestic auditors see abuse today, and where they audit at all, bool arrays (places,).

    Parameters
    ----------
    draw : (places,) uniform
    abused : bool (places,) whether there is anything to see
    hidden : bool (places,) whether records were falsified and no outside copy exists
    """
    looked = numbers.audits_per_day * numbers.audit_coverage
    sight = numbers.audit_hit * np.where(hidden, 1.0 - numbers.hidden_frac, 1.0)
    return draw < looked * np.where(abused, sight, numbers.audit_false), draw < looked


# ---- hour by hour -------------------------------------------------------------------------------------


class Detector:
    """Both tests on everything that is published, hour by hour.

    Parameters
    ----------
    suspects : network -> principal whose asset each row of its figures is
    meters : how exact meters are known to be
    """

    def __init__(
        self,
        suspects: Mapping[str, tuple[str, ...]],
        meters: MetersParameters | None = None,
        parameters: DetectionParameters | None = None,
    ) -> None:
        self.suspects = dict(suspects)
        meters, numbers = meters or MetersParameters(), parameters or DetectionParameters()
        by_district = tuple(network for network in self.suspects if network != "supply")
        by_supplier = tuple(network for network in self.suspects if network == "supply")
        self._series = [
            Series(networks, len(self.suspects[networks[0]]), sigma, meters.shared_error, numbers)
            for networks, sigma in ((by_district, meters.meter_sigma), (by_supplier, meters.balance_sigma))
            if networks
        ]

    def watch(self, published: Published) -> list[Finding]:
        """Alarms of the hour; a series that has raised one starts anew."""
        found = []
        for series in self._series:
            if series.networks[0] in published.figure:
                for kind, alarm in series.test(published):
                    for n, row in np.argwhere(alarm).tolist():
                        found.append(self._finding(published.hour, kind, series.networks[n], row))
        return found

    def _finding(self, hour: int, kind: str, network: str, row: int) -> Finding:
        district = -1 if network == "supply" else row
        return Finding(hour, kind, network, district, self.suspects[network][row])


class Series:
    """The state of the tests of networks that publish together; arrays are (networks, rows)."""

    def __init__(
        self,
        networks: tuple[str, ...],
        rows: int,
        sigma: float,
        shared: float,
        parameters: DetectionParameters,
    ) -> None:
        self.networks, self.sigma, self.shared, self.parameters = networks, sigma, shared, parameters
        self.level, self.silent_h, self.beyond_h = np.zeros((3, len(networks), rows))
        self._last_hour: int | None = None

    def test(self, published: Published) -> list[tuple[str, np.ndarray]]:
        """Where each kind of alarm goes off, bool (networks, rows)."""
        step_h = 1 if self._last_hour is None else published.hour - self._last_hour
        self._last_hour = published.hour
        alarms = (
            ("meters", self._against_meters(published, step_h)),
            ("rule", self._against_rule(published, step_h)),
        )
        return [(kind, alarm) for kind, alarm in alarms if alarm is not None and np.count_nonzero(alarm)]

    def _all(self, tables: Mapping[str, np.ndarray]) -> np.ndarray:
        return np.array([tables[network] for network in self.networks])

    def _against_meters(self, published: Published, step_h: int) -> np.ndarray:
        p, figure, reporters = self.parameters, self._all(published.figure), self._all(published.reporters)
        z = score(figure, self._all(published.metered), noise_sd(self.sigma, reporters, self.shared))
        level, heard = cusum(self.level, z, p.slack), reporters > 0
        all_heard = np.count_nonzero(heard) == heard.size
        if not all_heard:
            level = np.where(heard, level, self.level)
        alarm = level >= p.alarm_level
        enrolled = None if "supply" in self.networks else published.enrolled
        if enrolled is not None and (not all_heard or np.count_nonzero(self.silent_h)):
            alarm |= self._too_silent(heard, figure, enrolled, step_h)
        self.level = level
        if np.count_nonzero(alarm):
            self.level[alarm] = 0.0
        return alarm

    def _too_silent(
        self, heard: np.ndarray, figure: np.ndarray, enrolled: np.ndarray, step_h: int
    ) -> np.ndarray:
        """Where homes want to report and no report arrives for long, though figures claim full service."""
        well = figure >= self.parameters.claimed_frac
        if "power" in self.networks:
            well &= well[self.networks.index("power")]  # an admitted blackout explains silent meters
        claimed = ~heard & well & (enrolled > 0)
        self.silent_h = np.where(claimed, self.silent_h + step_h, 0.0)
        alarm = self.silent_h >= self.parameters.silence_h
        self.silent_h[alarm] = 0.0
        return alarm

    def _against_rule(self, published: Published, step_h: int) -> np.ndarray | None:
        declared = self._all(published.declared)
        if not np.count_nonzero(declared) and not np.count_nonzero(self.beyond_h):
            return None
        lawful = self._all(published.rationed) if published.rationed else np.zeros_like(declared)
        beyond = declared - lawful > self.parameters.rule_tolerance_frac
        for n, network in enumerate(self.networks):
            if published.shortage[network] and not lawful[n].any():
                beyond[n] = False  # without a rule, no cut in a shortage breaks one
        self.beyond_h = np.where(beyond, self.beyond_h + step_h, 0.0)
        alarm = self.beyond_h >= self.parameters.rule_h
        self.beyond_h[alarm] = 0.0
        return alarm
