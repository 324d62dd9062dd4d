"""The kill chain: reconnaissance, foothold, privilege. A capture takes days, and each step may be noticed.

A step that is noticed ends the attempt, its effort is lost, and the principal is more secure for a while.
With the mechanism ``kill_chain`` off a capture is decided in the hour in which it is begun.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.capture import Contest

STEPS = ("reconnaissance", "foothold", "privilege")


@dataclass(frozen=True)
class Progress:
    """Attempts that succeeded, that failed, and that were noticed in one hour, with the step."""

    fallen: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    noticed: tuple[tuple[str, str], ...] = ()


@dataclass
class KillChain:
    """Attempts to capture principals, begun together and carried on step by step.

    Parameters
    ----------
    open_data : principals of networks whose figures are public: they are cheaper to reconnoitre
    live : the mechanism; off, a capture takes no time and is noticed by nobody
    """

    contest: Contest
    streams: Streams
    open_data: Collection[str] = ()
    live: bool = True
    efforts: dict[str, float] = field(default_factory=dict)  # under way
    attempts: int = 0  # batches begun so far
    _begun: int = 0
    _steps_done: int = 0
    _alerted_until: dict[str, int] = field(default_factory=dict)

    @property
    def days(self) -> int:
        """Days from the first step to the last."""
        return sum(self.contest.parameters.step_days) if self.live else 0

    @property
    def unnoticed(self) -> float:
        """Chance that one attempt goes unnoticed to its end."""
        chance = 1.0
        for noticed in self.contest.parameters.notice_chance if self.live else ():
            chance *= 1.0 - noticed
        return chance

    def price(self, principal: str, effort: float) -> float:
        """Price of an effort, lower where public data save reconnaissance [units]."""
        p = self.contest.parameters
        spared = (
            p.recon_effort_frac * p.open_data_discount if self.live and principal in self.open_data else 0.0
        )
        return effort * (1.0 - spared)

    def begin(self, efforts: Mapping[str, float], hour: int) -> None:
        """Attempts on several principals at once."""
        self.efforts, self._begun, self._steps_done = dict(efforts), hour, 0
        self.attempts += 1

    def advance(self, hour: int) -> Progress:
        """Carry the attempts on to this hour."""
        noticed: list[tuple[str, str]] = []
        while self.efforts and hour >= self._next_end():
            noticed += self._notice(hour)
            self._steps_done += 1
            if self._steps_done == len(STEPS):
                return self._decide(hour, tuple(noticed))
        return Progress(noticed=tuple(noticed))

    def _next_end(self) -> int:
        days = self.contest.parameters.step_days[: self._steps_done + 1] if self.live else ()
        return self._begun + HOURS_PER_DAY * sum(days)

    def _notice(self, hour: int) -> list[tuple[str, str]]:
        if not self.live:
            return []
        p, names, step = self.contest.parameters, self.contest.principals, self._steps_done
        # three draws for each principal, so that principals which a policy adds do not shift the others'
        draw = self.streams.uniform("notice", self.attempts - 1, len(STEPS) * len(names))
        seen = [
            who for who in self.efforts if draw[len(STEPS) * names.index(who) + step] < p.notice_chance[step]
        ]
        for who in seen:
            del self.efforts[who]
            self._alerted_until[who] = hour + HOURS_PER_DAY * p.alert_days
        return [(who, STEPS[step]) for who in seen]

    def _decide(self, hour: int, noticed: tuple[tuple[str, str], ...]) -> Progress:
        tried, self.efforts = self.efforts, {}
        alerted = frozenset(who for who, until in self._alerted_until.items() if hour < until)
        draw = self.streams.uniform("capture", self.attempts - 1, self.contest.draws)
        fallen = self.contest.fallen(tried, draw, alerted)
        return Progress(fallen, tuple(who for who in tried if who not in fallen), noticed)
