"""Sections of feeders: after a fault only the faulted section waits for its repair, the others are restored.

A feeder with sections has switches between them, and at its far end a tie to a neighbour. A fault opens the
breaker at its head. The sections before the fault are fed from the head again once the fault is isolated;
those behind it are fed back through the tie, the nearest to it first, as far as the neighbour has headroom.
From afar this takes minutes if the telecommunication of the district and the control room have power; else
a crew does it by hand within 60 to 90 minutes (mechanisms S6).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.messages import SectionOutage
from agentsim.core.parameters import parameter
from agentsim.place.cases import CRITICAL, Feeders

MINUTES_PER_HOUR = 60.0


@dataclass(frozen=True)
class SectionsParameters:
    """How feeders are divided, and how long it takes to restore their sections."""

    sections: int = parameter(
        3, "1", "of a feeder; Japanese 6.6 kV feeders have three and a tie or more", "M", 1, 20
    )
    isolation_min: float = parameter(
        5.0, "min", "from afar, at most (mechanisms S6); longer counts as an interruption", "A", 0, 60
    )
    by_hand_min: tuple[float, ...] = parameter(
        (60.0, 90.0), "min", "a crew drives there and switches, from and to (mechanisms S6)", "A", 0, 600
    )
    momentary_min: float = parameter(
        5.0, "min", "a shorter interruption is momentary and no part of SAIDI (IEEE 1366)", "M", 0, 60
    )
    rating_frac: float = parameter(
        1.5, "1", "what a feeder's wires carry over its peak load; varied 1-2", "A", 0.5, 5
    )
    backup_h: float = parameter(
        3.0, "h", "batteries of switches and telecommunication in a district; varied 0-24", "M", 0, 1000
    )
    centre_backup_h: float = parameter(72.0, "h", "diesel set of the control room", "A", 0, 10_000)


@dataclass
class Fault:
    """An outage of a feeder that is under way."""

    section: int  # that is faulted, 0 at the head
    restored_h: float  # from the first hour on, until the sound sections can be restored
    age_h: int = 0


class FeederSections:
    """Which sections of faulted feeders are dark, hour by hour.

    Parameters
    ----------
    sectioned, remote : feeders with sections, and those of them that are switched from afar, bool (feeders,)
    centre_district : where the power control room stands
    draws : of an hour, array (2, feeders) in [0, 1): where along each feeder a fault would lie that begins
        then, and how long a crew would take to switch
    """

    def __init__(
        self,
        feeders: Feeders,
        *,
        sectioned: np.ndarray,
        remote: np.ndarray,
        districts: int,
        centre_district: int,
        draws: Callable[[int], np.ndarray],
        parameters: SectionsParameters | None = None,
    ) -> None:
        self.parameters = p = parameters or SectionsParameters()
        self.feeders, self.sectioned, self.remote, self._draws = feeders, sectioned, remote, draws
        self._centre, self._critical = centre_district, feeders.tier == CRITICAL
        self.neighbour = neighbours(feeders)
        self._rating_mw = feeders.peak_mw * p.rating_frac
        self._dark_h = np.zeros(districts)  # since the district's telecommunication lost its supply
        self._usually_live = self._live(np.ones(len(feeders), dtype=bool))
        self._faults: dict[int, Fault] = {}

    def hear(self, energised: np.ndarray | None) -> None:
        """Take note of the last hour: feeders with power, bool (feeders,), None before the first hour."""
        if energised is None:
            return
        all_live = np.count_nonzero(energised) == len(energised)
        live = self._usually_live if all_live else self._live(energised)
        self._dark_h += 1.0
        self._dark_h[live] = 0.0

    def _live(self, energised: np.ndarray) -> np.ndarray:
        """Districts where a feeder of critical customers has power, bool (districts,)."""
        return np.bincount(self.feeders.district, energised & self._critical, len(self._dark_h)) > 0

    def connected(self) -> np.ndarray:
        """Districts that the control room reaches, bool (districts,): both ends have power or batteries."""
        centre = self._dark_h[self._centre] <= self.parameters.centre_backup_h
        return (self._dark_h <= self.parameters.backup_h) & centre

    def outage(
        self, hour: int, feeders_out: np.ndarray, asked_mw: np.ndarray, section_frac: np.ndarray | None = None
    ) -> SectionOutage | None:
        """What is dark this hour; None while no feeder is out.

        Parameters
        ----------
        feeders_out : bool (feeders,)
        asked_mw : array (feeders,)
        section_frac : array (feeders, sections), share of the load on each section; None: equal shares
        """
        if not np.count_nonzero(feeders_out):
            self._faults = {}
            return None
        out = np.flatnonzero(feeders_out)
        self._faults = {
            f: replace(fault, age_h=fault.age_h + 1) for f, fault in self._faults.items() if f in out
        }
        for feeder in out:
            if feeder not in self._faults:
                self._faults[int(feeder)] = self._begun(hour, int(feeder))
        sections = self.parameters.sections
        equal = np.full((len(self.feeders), sections), 1.0 / sections)
        return self._dark(feeders_out, asked_mw, equal if section_frac is None else section_frac)

    def _begun(self, hour: int, feeder: int) -> Fault:
        """A new fault: where it lies, and when the sound sections of its feeder are back."""
        p = self.parameters
        if not self.sectioned[feeder]:
            return Fault(section=0, restored_h=np.inf)
        where, crew = self._draws(hour)[:, feeder]
        from_afar = self.remote[feeder] and self.connected()[self.feeders.district[feeder]]
        first_min, last_min = p.by_hand_min
        minutes = p.isolation_min if from_afar else first_min + crew * (last_min - first_min)
        return Fault(int(where * p.sections), minutes / MINUTES_PER_HOUR)

    def _dark(self, feeders_out: np.ndarray, asked_mw: np.ndarray, share: np.ndarray) -> SectionOutage:
        """Dark share of the hour of every section, and sections whose interruption is momentary."""
        dark_frac, momentary = np.zeros(share.shape), np.zeros(share.shape, dtype=bool)
        headroom_mw = self._rating_mw - asked_mw
        for feeder, fault in self._faults.items():
            sound = np.zeros(share.shape[1], dtype=bool)
            if self.sectioned[feeder]:
                spare_mw = self._headroom(feeder, headroom_mw, feeders_out)
                sound = sound_sections(fault.section, asked_mw[feeder] * share[feeder], spare_mw)
            neighbour = self.neighbour[feeder]
            if neighbour >= 0:
                fed_back = sound & (np.arange(len(sound)) > fault.section)
                headroom_mw[neighbour] -= asked_mw[feeder] * share[feeder][fed_back].sum()
            away_frac = min(max(fault.restored_h - fault.age_h, 0.0), 1.0)
            brief = fault.restored_h * MINUTES_PER_HOUR <= self.parameters.momentary_min
            dark_frac[feeder] = np.where(sound, 0.0 if brief else away_frac, 1.0)
            momentary[feeder] = sound & brief & (fault.age_h == 0)
        sound_frac = 1.0 - (share * dark_frac).sum(axis=1)
        sound_frac[dark_frac.min(axis=1) >= 1.0] = 0.0  # without a remainder of rounding
        return SectionOutage(dark_frac, momentary, sound_frac)

    def _headroom(self, feeder: int, headroom_mw: np.ndarray, feeders_out: np.ndarray) -> float:
        neighbour = self.neighbour[feeder]
        if neighbour < 0 or feeders_out[neighbour]:
            return 0.0
        return float(headroom_mw[neighbour])


def neighbours(feeders: Feeders) -> np.ndarray:
    """The feeder at the other end of each feeder's tie, array (feeders,); -1 where there is none.

    It is the largest other feeder of the same bus and district, which has most to spare.
    """
    place = feeders.bus * (feeders.district.max(initial=0) + 1) + feeders.district
    tie = np.full(len(feeders), -1)
    for feeder in range(len(feeders)):
        others = np.flatnonzero((place == place[feeder]) & (np.arange(len(feeders)) != feeder))
        if others.size:
            tie[feeder] = others[feeders.peak_mw[others].argmax()]
    return tie


def sound_sections(faulted: int, load_mw: np.ndarray, headroom_mw: float) -> np.ndarray:
    """Sections that get power while another is *faulted*, bool (sections,).

    Those before it are fed from the head; those behind it through the tie at the end of the feeder, the last
    one first, as long as their *load_mw* (sections,) is within *headroom_mw*.

    >>> load = np.array([1.0, 1.0, 1.0])
    >>> [sound_sections(0, load, headroom_mw=mw).tolist() for mw in (0.0, 1.5, 2.0)]
    [[False, False, False], [False, False, True], [False, True, True]]
    >>> sound_sections(2, load, headroom_mw=0.0).tolist()
    [True, True, False]
    """
    sound = np.arange(len(load_mw)) < faulted
    behind = np.cumsum(load_mw[:faulted:-1])[::-1]  # load of each section and of those towards the tie
    sound[faulted + 1 :] = behind <= headroom_mw + 1e-12
    return sound
