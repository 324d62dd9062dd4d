"""Crashes with injuries: how many are expected of the kilometres driven, which happen, and what they block.

    expected on a link = vehicle-km x rate, summed over the kinds of driver          [crashes/h]

A person at the wheel has the rate of Japanese roads. An automated car has a share of it, the ratio that was
found where both drive on the same streets (Kusano et al. 2024). Rates do not depend on speed or traffic here.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.core.messages import CrashHour, RoadService
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.parameters import parameter

KM_PER_MILLION = 1e6
_NOWHERE = np.zeros(0, dtype=np.int64)  # no link


@dataclass(frozen=True)
class CrashesParameters:
    """Crashes by kind of driver, and what a crash does to the road."""

    human_per_million_km: float = parameter(
        0.43,
        "1/(10^6 km)",
        "crashes with injuries on Japanese roads: 300,839 in 2022 (National Police Agency) on about 700 "
        "thousand million vehicle-km",
        "M",
        0,
        100,
    )
    automated_ratio: float = parameter(
        0.6 / 2.80,
        "1",
        "automated over human, any injury: 0.6 and 2.80 per million miles (Kusano et al. 2024; the maker's "
        "own authors, three cities)",
        "V",
        0,
        10,
    )
    casualties_per_crash: float = parameter(
        1.19, "persons", "killed and injured per crash with injuries, Japan 2022", "M", 1, 10
    )
    blocked_capacity_frac: float = parameter(
        0.0,
        "1",
        "capacity of the link that is lost while the crash is there; 0.65 where it blocks one of two lanes "
        "(Highway Capacity Manual 2000) [M]; 0: crashes are counted and block nothing",
        "A",
        0,
        1,
    )
    crews: int = parameter(2, "crews", "that clear crashes, in the city", "A", 1, 1000)
    clearing_h: float = parameter(0.7, "h", "from the arrival of the crew until the road is free", "A", 0, 24)


class Crashes:
    """Crashes of a city from hour to hour, and the crews that clear them.

    Parameters
    ----------
    length_km : (links,)
    head : (links,) zone at the end of each link, where the crew comes
    base : zone from which crews set out
    """

    def __init__(
        self, length_km: np.ndarray, head: np.ndarray, base: int, parameters: CrashesParameters
    ) -> None:
        self.parameters = parameters
        self._km, self._head, self._base = np.array(length_km, dtype=float), head, base
        self._expected, self._automated = np.empty(len(length_km)), np.empty(len(length_km))  # work space
        self._crew_free = np.zeros(parameters.crews)  # hour at which each crew is free
        self._waiting: list[int] = []  # links with a crash to which nobody has set out
        self._cleared: list[tuple[int, float]] = []  # link, and hour at which it will be free

    def happen(self, hour: int, roads: RoadService, automated_frac: float, draw: np.ndarray) -> CrashHour:
        """The crashes of *hour*, and where crews set out to at its end.

        Parameters
        ----------
        automated_frac : share of the vehicle-km that automated cars drive
        draw : uniform draws, array (links,): a crash happens where the draw is below 1 - exp(-expected)
        """
        p = self.parameters
        expected_sum, automated_sum, likely = expect(
            roads.flow_veh_per_h,
            self._km,
            p.human_per_million_km / KM_PER_MILLION,
            float(automated_frac),
            automated_frac * p.automated_ratio,
            draw,
            self._expected,
            self._automated,
        )
        happened = np.flatnonzero(draw < -np.expm1(-self._expected)) if likely else _NOWHERE
        if p.blocked_capacity_frac > 0.0:
            self._waiting += happened.tolist()
            self._send_crews(hour + 1.0, roads.skim_h[self._base])
        return CrashHour(
            expected=expected_sum,
            expected_automated=automated_sum,
            happened=happened,
            open=len(self._waiting) + len(self._cleared),
            waiting=len(self._waiting),
        )

    def _send_crews(self, now: float, away_h: np.ndarray) -> None:
        """Crews that are free within the coming hour set out to crashes, the oldest first.

        *away_h* (zones,) is their travel time, inf where no road leads: such a crash waits.
        """
        p = self.parameters
        self._cleared = [(link, until) for link, until in self._cleared if until > now]
        for link in list(self._waiting):
            crew = int(np.argmin(self._crew_free))
            travel_h = away_h[self._head[link]]
            if self._crew_free[crew] >= now + 1.0 or not np.isfinite(travel_h):
                continue
            until = max(self._crew_free[crew], now) + travel_h + p.clearing_h
            self._crew_free[crew] = until
            self._waiting.remove(link)
            self._cleared.append((link, float(until)))

    def blocked_frac(self, hour: int) -> np.ndarray | None:
        """Share of each link's capacity of *hour* that earlier crashes take, (links,); None: none."""
        if not self._waiting and not self._cleared:
            return None
        left = np.ones(len(self._km))
        for link, until in [*((link, hour + 1.0) for link in self._waiting), *self._cleared]:
            part = min(max(until - hour, 0.0), 1.0)
            left[link] *= 1.0 - self.parameters.blocked_capacity_frac * part
        return 1.0 - left


@kernel
def expect(
    flow_veh: np.ndarray,
    km: np.ndarray,
    human_per_km: float,
    automated_frac: float,
    automated_times: float,
    draw: np.ndarray,
    expected: np.ndarray,
    automated: np.ndarray,
) -> tuple[float, float, bool]:
    """Crashes expected on each link, into *expected* and, of automated cars, *automated*; arrays (links,).

    Returns the sums of both, and whether a *draw* lies below any of them: 1 - exp(-x) is no more than x.
    """
    likely = False
    for link in range(km.size):
        human = flow_veh[link] * km[link] * human_per_km
        automated[link] = human * automated_times
        expected[link] = human * (1.0 - automated_frac) + automated[link]
        likely = likely or draw[link] <= expected[link]
    return pairwise_sum(expected, 0, km.size), pairwise_sum(automated, 0, km.size), likely
