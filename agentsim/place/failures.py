"""Everyday failures of generating units, lines, feeders and water mains."""

from dataclasses import dataclass
from functools import cache
from math import exp, log
from statistics import NormalDist

import numpy as np

from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import Damage
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR
from agentsim.place.cases import RESIDENTIAL, Feeders, GridCase
from agentsim.place.mains import Mains

ALL_ON = Mechanisms()


@dataclass(frozen=True)
class FailuresParameters:
    """Rates of everyday failure. Those of units and lines come with the grid case."""

    everyday_saidi_h_per_year: float = parameter(
        0.3,
        "h/customer/y",
        "Japanese utilities, a year without a great typhoon or earthquake",
        "M",
        0.0,
        100.0,
    )
    feeder_repair_median_h: float = parameter(3.0, "h", "mechanisms S6", "A", 0.1, 100.0)
    feeder_repair_sigma: float = parameter(
        0.7, "1", "spread of the logarithm of the repair time", "A", 0.0, 2.0
    )
    unit_failure_factor: float = parameter(
        1.0, "1", "how often units fail, over the grid case's rates; old plant above 1", "A", 0.01, 20.0
    )
    main_bursts_per_km_year: float = parameter(
        0.15,
        "1/(km y)",
        "mean of Japanese distribution mains, order 0.1-0.2; see mains.burst_rate_age_y",
        "M",
        0.0,
        10.0,
    )


def two_state_chain(mttf_h: np.ndarray, mttr_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities (up to down, down to up) of a two-state Markov process seen once an hour.

    With rates a = 1/MTTF and b = 1/MTTR the process sampled every hour moves from up to down with
    a/(a+b) (1 - exp(-(a+b))) and back with b/(a+b) (1 - exp(-(a+b))), so that its unavailability is
    MTTR/(MTTF+MTTR) exactly (Billinton & Allan, Reliability Evaluation of Engineering Systems, 1992).
    ``mttf_h = inf`` never fails. An outage that begins and ends between two full hours is not seen.

    >>> down, up = two_state_chain(np.array([450.0]), np.array([50.0]))
    >>> round(float((down / (down + up))[0]), 12)
    0.1
    """
    fail, mend = 1.0 / np.asarray(mttf_h, float), 1.0 / np.asarray(mttr_h, float)
    moved = -np.expm1(-(fail + mend)) / (fail + mend)
    return fail * moved, mend * moved


class Failures:
    """What is out of order by itself, hour by hour: the same under every policy and attacker.

    Each day's damage is built once, in order, from its own uniform draws; asking twice, in leaps or
    backwards gives the same answer.

    Parameters
    ----------
    grid : unit MTTF and MTTR, line failures a year and repair time; a missing field never fails
    feeders : their length sets how often they fail
    junction_pipe_km : (junctions,) length of main that belongs to each junction
    streams : the seed's random streams
    mains : at each junction, of ages that may change from day to day; None: made of *junction_pipe_km*
    first_day : nothing earlier is asked for; units and lines then are in one of the states of the long run

    Notes
    -----
    A feeder of length l fails with rate r l, and all its customers are dark for the repair time D:
    SAIDI = r E[D] sum(w l) / sum(w), with weights w (peak load of the residential feeders, where nearly
    all customers are). The rate r is the one that gives ``everyday_saidi_h_per_year``; it is kept as
    ``feeder_faults_per_km_year``.
    """

    def __init__(
        self,
        grid: GridCase,
        feeders: Feeders,
        junction_pipe_km: np.ndarray,
        streams: Streams,
        parameters: FailuresParameters = FailuresParameters(),
        mechanisms: Mechanisms = ALL_ON,
        mains: Mains | None = None,
        first_day: int = 0,
    ) -> None:
        rate = parameters.main_bursts_per_km_year
        self.mains = mains or Mains(junction_pipe_km, streams, rate, mechanisms=mechanisms)
        self.parameters, self.streams, self.alive = parameters, streams, mechanisms.failures
        units, lines = len(grid.unit_bus), len(grid.line_from)
        unit_mttf_h = _or(grid.unit_mttf_h, units, np.inf) / parameters.unit_failure_factor
        mttf_h = np.concatenate([unit_mttf_h, _line_mttf_h(grid)])
        mttr_h = np.concatenate([_or(grid.unit_mttr_h, units, 1.0), _or(grid.line_repair_h, lines, 1.0)])
        self._units, self._fail_frac, self._mend_frac = units, *two_state_chain(mttf_h, mttr_h)
        median_h, sigma = parameters.feeder_repair_median_h, parameters.feeder_repair_sigma
        self._repair_h = _repair_quantiles_h(median_h, sigma)
        self.feeder_faults_per_km_year = self._calibrated_rate(feeders)
        self._fault_frac = -np.expm1(-self.feeder_faults_per_km_year * feeders.length_km / HOURS_PER_YEAR)

        unavailable = self._fail_frac / (self._fail_frac + self._mend_frac)
        self._out = streams.uniform("failures_start", 0, len(unavailable)) < unavailable
        self._feeder_back_hour = np.zeros(len(feeders), int)
        self._first_day = first_day
        self._days: list[list[Damage]] = []
        self._feeders_out: list[np.ndarray] = []  # (24, feeders) of each day, which a delay changes

    def at(self, hour: int) -> Damage:
        """What is out in *hour* [h since the start, 0 or more]."""
        day, clock = divmod(hour - self._first_day * HOURS_PER_DAY, HOURS_PER_DAY)
        while day >= len(self._days):
            self._add_day()
        return self._days[day][clock]

    def fault_draws(self, hour: int) -> np.ndarray:
        """Chance of faults that begin in *hour*, (2, feeders) in [0, 1): places, and crews' times."""
        rows = len(self._fault_frac)
        return np.stack([self.streams.uniform(name, hour, rows) for name in ("fault_places", "fault_crews")])

    def delay(self, hour: int, feeders: np.ndarray) -> None:
        """Outages of *feeders* [bool] in *hour* last one hour longer: no repair crew reached them."""
        for feeder in np.flatnonzero(feeders & self.at(hour).feeders_out):
            end = hour + 1
            while self.at(end).feeders_out[feeder]:
                end += 1
            self._feeders_out[end // HOURS_PER_DAY - self._first_day][end % HOURS_PER_DAY, feeder] = True

    def _add_day(self) -> None:
        first = (self._first_day + len(self._days)) * HOURS_PER_DAY
        machines = np.zeros((HOURS_PER_DAY, len(self._out)), bool)
        feeders = np.zeros((HOURS_PER_DAY, len(self._fault_frac)), bool)
        mains = self._burst_mains(first)
        if self.alive:
            self._run_machines(first, machines)
            self._run_feeders(first, feeders)
        tables = machines[:, : self._units], machines[:, self._units :], feeders[:], *mains
        for table in tables:
            table.flags.writeable = False
        units, lines, *others = tables
        columns = [_told_once(units), _told_once(lines), *others]
        self._days.append([Damage(*rows) for rows in zip(*columns, strict=True)])
        self._feeders_out.append(feeders)

    def _burst_mains(self, first: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Mains that burst on a day, their size and whether it stays hidden, arrays (24, junctions)."""
        rows = len(self.mains.km)
        bursts, size_frac = np.zeros((HOURS_PER_DAY, rows), bool), np.zeros((HOURS_PER_DAY, rows))
        hidden = np.zeros((HOURS_PER_DAY, rows), bool)
        if self.alive:
            chance = -np.expm1(-self.mains.bursts_per_year / HOURS_PER_YEAR)
            bursts = self._draw("failures_mains", first, rows) < chance
            if bursts.any():
                size_frac[bursts] = self.mains.size_frac(self._draw("burst_size", first, rows)[bursts])
                seen = self._draw("burst_seen", first, rows)[bursts]
                hidden[bursts] = self.mains.hidden(size_frac[bursts], seen)
        return bursts, size_frac, hidden

    def _draw(self, name: str, first: int, rows: int) -> np.ndarray:
        """A day's uniform draws, (24, rows); row *i* keeps its draws whatever the number of rows."""
        return self.streams.uniform(name, first, rows * HOURS_PER_DAY).reshape(rows, HOURS_PER_DAY).T

    def _run_machines(self, first: int, table: np.ndarray) -> None:
        draws = np.hstack(
            [
                self._draw("failures_units", first, self._units),
                self._draw("failures_lines", first, len(self._out) - self._units),
            ]
        )
        falls, rises = draws < self._fail_frac, draws < self._mend_frac
        # the state drawn at the start is that of the first hour
        clock = 1 if first == self._first_day * HOURS_PER_DAY else 0
        table[:] = self._out
        while (moves := np.where(self._out, rises[clock:], falls[clock:])).any():
            clock += int(moves.any(axis=1).argmax())
            self._out = np.where(self._out, ~rises[clock], falls[clock])
            table[clock:] = self._out
            clock += 1

    def _run_feeders(self, first: int, table: np.ndarray) -> None:
        faults = self._draw("failures_feeders", first, len(self._fault_frac)) < self._fault_frac
        for feeder in np.flatnonzero(self._feeder_back_hour > first):
            table[: self._feeder_back_hour[feeder] - first, feeder] = True
        if not faults.any():
            return
        repairs = self._draw("failures_repairs", first, len(self._fault_frac))
        for clock, feeder in np.argwhere(faults):
            quantile = int(repairs[clock, feeder] * len(self._repair_h))
            back = first + clock + int(self._repair_h[quantile])
            self._feeder_back_hour[feeder] = max(self._feeder_back_hour[feeder], back)
            table[clock : back - first, feeder] = True

    def _calibrated_rate(self, feeders: Feeders) -> float:
        weight = np.where(feeders.tier == RESIDENTIAL, feeders.peak_mw, 0.0)
        if not weight.any():
            weight = feeders.peak_mw
        if not (weight * feeders.length_km).any():
            return 0.0
        length_km = float(weight @ feeders.length_km / weight.sum())
        return self.parameters.everyday_saidi_h_per_year / (length_km * float(self._repair_h.mean()))


def _told_once(table: np.ndarray) -> list[np.ndarray]:
    """The rows of a table; one that is as the row before is the same array, which is quickly compared."""
    rows = [table[0]]
    for hour, changed in enumerate((table[1:] != table[:-1]).any(axis=1).tolist(), start=1):
        rows.append(table[hour] if changed else rows[-1])
    return rows


@cache
def _repair_quantiles_h(median_h: float, sigma: float, points: int = 4096) -> np.ndarray:
    """Repair times in whole hours (at least one), lognormal, at equally likely points."""
    normal = NormalDist()
    hours = [exp(log(median_h) + sigma * normal.inv_cdf((i + 0.5) / points)) for i in range(points)]
    return np.maximum(1, np.rint(hours)).astype(int)


def _or(values: np.ndarray | None, rows: int, default: float) -> np.ndarray:
    return np.full(rows, default) if values is None else np.asarray(values, float)


def _line_mttf_h(grid: GridCase) -> np.ndarray:
    per_year = _or(grid.line_failures_per_year, len(grid.line_from), 0.0)
    return np.divide(HOURS_PER_YEAR, per_year, out=np.full(len(per_year), np.inf), where=per_year > 0)
