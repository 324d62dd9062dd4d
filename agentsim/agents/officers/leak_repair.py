"""Leak repair: bursts of water mains from their first hour until a crew has mended them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from agentsim.core.messages import BurstChange


@dataclass(eq=False)
class Burst:
    """A burst main. Hours are None until it comes to that."""

    junction: int
    size_frac: float = 1.0  # flow over that of a reported burst
    hidden: bool = False  # nobody sees it
    began: int | None = None  # hour; None: before the run
    known: float | None = None  # hour from which the waterworks know that there is a leak
    found: float | None = None  # hour from which they know where it is
    mended: float | None = None

    def notice(self, hour: float) -> None:
        """The waterworks know from *hour* on, if they did not before."""
        self.known = hour if self.known is None else min(self.known, hour)


@dataclass(eq=False)
class Alarm:
    """A leak that is suspected somewhere in a district, and where to look for it, in order."""

    hour: int
    district: int
    places: list[int]  # junctions that are left to be looked at, the likeliest first
    false: bool  # no unknown burst was there
    searched: int = 0  # places that have been looked at


@dataclass(eq=False)
class Job:
    """What a crew is sent out for: to mend a burst, or to look for one at a junction."""

    ready: float  # hour from which a crew may start
    junction: int
    burst: Burst | None = None
    alarm: Alarm | None = None


@dataclass
class LeakRepair:
    """Open bursts, and the crews that look for them and mend them.

    A seen burst runs for awareness + location + travel + repair [h]. A hidden one runs until a survey finds
    it, or an alarm sends a crew to its place. Jobs are done in the order in which they came.

    Parameters
    ----------
    awareness_h : hours until a seen burst is known
    location_h : hours more until it is found
    crews : how many there are
    """

    awareness_h: float
    location_h: float
    crews: int
    open: list[Burst] = field(default_factory=list)
    mended: list[Burst] = field(default_factory=list)
    alarms: list[Alarm] = field(default_factory=list)  # that are still looked into
    false_alarms: int = 0
    inspections: int = 0
    # alarms that ended since somebody last asked: the hour, and whether a leak was found
    ended: list[tuple[int, Alarm, bool]] = field(default_factory=list)
    waiting: list[Job] = field(default_factory=list)
    under_way: list[tuple[float, Job]] = field(default_factory=list)  # (hour at which it is done, job)

    @property
    def idle(self) -> bool:
        """Whether no job waits or is under way."""
        return not (self.waiting or self.under_way)

    @property
    def unknown(self) -> list[Burst]:
        """Open bursts that have not been found."""
        return [burst for burst in self.open if burst.found is None]

    def begin(self, hour: int, burst: Burst) -> None:
        """A main bursts in *hour*."""
        self.open.append(burst)
        if not burst.hidden:
            self.waiting.append(Job(hour + (self.awareness_h + self.location_h), burst.junction, burst))

    def report(self, hour: int) -> None:
        """Bursts that people see become known after the awareness time."""
        for burst in self.open:
            if not burst.hidden and burst.began is not None and hour >= burst.began + self.awareness_h:
                burst.notice(burst.began + self.awareness_h)

    def survey(self, hour: int, found: Iterable[Burst]) -> None:
        """A survey finds bursts, which wait for a crew from now on."""
        for burst in found:
            self._found(hour, burst)
            self._leave_queue(burst)
            self.waiting.append(Job(hour, burst.junction, burst))

    def suspect(self, hour: int, district: int, places: list[int], junction_district: np.ndarray) -> None:
        """An alarm: crews look for a leak in the district, at *places* in this order."""
        here = [burst for burst in self.unknown if junction_district[burst.junction] == district]
        for burst in here:
            burst.notice(hour)
        alarm = Alarm(hour, district, list(places), not here)
        self.false_alarms += alarm.false
        self.alarms.append(alarm)
        self._look_further(hour, alarm)

    def suspected(self, junction_district: np.ndarray) -> set[int]:
        """Districts in which a leak is found or reported and not mended, or an alarm is being looked into."""
        told = [
            one for one in self.open if one.found is not None or (one.known is not None and not one.hidden)
        ]
        return {int(junction_district[one.junction]) for one in told} | {one.district for one in self.alarms}

    def work(
        self,
        hour: int,
        travel_h: Callable[[int], float],
        repair_h: float,
        inspection_h: float,
    ) -> list[Burst]:
        """Bursts that are mended this hour.

        Parameters
        ----------
        travel_h : hours a crew travels to a junction, inf where no road leads there
        repair_h : hours of work on a burst that begins now
        inspection_h : hours of looking for a leak at a junction
        """
        mended = []
        for done in [job for job in self.under_way if job[0] <= hour]:
            self.under_way.remove(done)
            if done[1].burst is not None:
                mended.append(self._mend(hour, done[1].burst))
            else:
                self._end_inspection(hour, done[1], repair_h)
        for job in [job for job in self.waiting if job.ready <= hour]:
            if len(self.under_way) >= self.crews:
                break
            way_h = travel_h(job.junction)
            if np.isfinite(way_h):
                self.waiting.remove(job)
                work_h = inspection_h if job.burst is None else repair_h
                if job.burst is not None:
                    self._found(hour, job.burst)
                self.under_way.append((hour + way_h + work_h, job))
        return mended

    def drop(self, burst: Burst) -> None:
        """The main of an open burst is replaced."""
        self._leave_queue(burst)
        self.under_way = [one for one in self.under_way if one[1].burst is not burst]
        self.open.remove(burst)

    def _leave_queue(self, burst: Burst) -> None:
        """The burst is seen to otherwise than by the job that waits for it, if one does."""
        self.waiting = [job for job in self.waiting if job.burst is not burst]

    def _mend(self, hour: int, burst: Burst) -> Burst:
        burst.mended = hour
        self.open.remove(burst)
        self.mended.append(burst)
        return burst

    def _found(self, hour: float, burst: Burst) -> None:
        burst.notice(hour)
        burst.found = hour if burst.found is None else burst.found

    def _end_inspection(self, hour: int, job: Job, repair_h: float) -> None:
        """The crew mends what it has found; where there is nothing, the next place is looked at."""
        self.inspections += 1
        assert job.alarm is not None
        job.alarm.searched += 1
        here = [burst for burst in self.unknown if burst.junction == job.junction]
        if not here:
            self._look_further(hour, job.alarm)
            return
        self.alarms.remove(job.alarm)
        self.ended.append((hour, job.alarm, True))
        for burst in here:
            self._found(hour, burst)
            self._leave_queue(burst)
        first, *others = here
        self.under_way.append((hour + repair_h, Job(hour, job.junction, first)))
        self.waiting += [Job(hour, job.junction, burst) for burst in others]

    def _look_further(self, hour: int, alarm: Alarm) -> None:
        """Send a crew to the next place, or give up."""
        if alarm.places:
            self.waiting.append(Job(hour, alarm.places.pop(0), alarm=alarm))
        else:
            self.alarms.remove(alarm)
            self.ended.append((hour, alarm, False))


def change(junctions: int, new: Iterable[Burst], mended: Iterable[Burst]) -> BurstChange:
    """What the water network has to know of bursts that began and that were mended in an hour."""
    table = np.zeros((4, junctions))
    for row, bursts in ((0, new), (2, mended)):
        for burst in bursts:
            table[row, burst.junction] += 1.0
            table[row + 1, burst.junction] += burst.size_frac
    return BurstChange(*table)
