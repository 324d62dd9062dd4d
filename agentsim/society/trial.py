"""A plan in a small society: lived as far as it was asked for, gone on with, or told from lived hours."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np

from agentsim.agents.attacker.actions import BadActorParameters
from agentsim.agents.attacker.bad_actor import BadActor
from agentsim.agents.attacker.stake import Rollout, Stake, gain, harm_h
from agentsim.core.messages import EventLog, Hour

IsOver = Callable[["Account", BadActor], bool]  # whether what is left of a trial is ordinary
Ordinary = Callable[[int, Stake], float]  # gain of an hour in which nobody attacks [units]


class OrdinaryHours:
    """The hours of a society that nobody attacks, lived as far as they are asked for.

    Parameters
    ----------
    make : makes the society, when the first hour is asked for
    """

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._society: Any = None
        self._start = 0
        self._counted: list[Any] = []

    def at(self, hour: int) -> Any:
        """What gains are counted by in an hour that is not before the society's first one."""
        if self._society is None:
            self._society = self._make()
            self._start = self._society.hour
        while self._start + len(self._counted) <= hour:
            self._counted.append(counted(self._society.live_hour()))
        return self._counted[hour - self._start]


class Account:
    """Gains, harm and costs of one attacker, hour by hour from its first hour on.

    Parameters
    ----------
    ordinary : what the same hour would bring if nobody attacked
    is_over : asked after each hour
    """

    def __init__(
        self, actor: BadActor, first: int, ordinary: Ordinary, numbers: BadActorParameters, is_over: IsOver
    ) -> None:
        self.kind, self.stake, self.wins = actor.kind, actor.stake, actor.won_hours
        self.first, self.ordinary, self.numbers = first, ordinary, numbers
        self.over = False  # nothing more comes: all later hours bring nothing
        self._is_over = is_over
        self._gains: list[float] = []  # over those of ordinary hours
        self._harms: list[float] = []
        self._spent: list[float] = []
        self._sanctions: list[float] = []

    @property
    def hours(self) -> int:
        """Hours entered so far."""
        return len(self._gains)

    def last_gains(self, hours: int) -> list[float]:
        """Gains of the last hours [units]."""
        return self._gains[-hours:]

    def enter(self, actor: BadActor, now: Any) -> None:
        """Enter an hour, of which :func:`gain` and :func:`harm_h` are reckoned, and its costs."""
        worth = gain(self.kind, now, self.stake, self.numbers)
        self._gains.append(worth - self.ordinary(now.number, self.stake))
        self._harms.append(harm_h(self.kind, now, self.stake))
        self._spent.append(actor.spent)
        self._sanctions.append(actor.sanctions_paid)
        self.over = self._is_over(self, actor)

    def rollout(self, hours: int) -> Rollout:
        """What the plan brought in its first hours, as many as were entered unless it is over."""
        gains, harms = np.zeros(hours), np.zeros(hours)
        lived = min(hours, self.hours)
        gains[:lived] = self._gains[:lived]
        harms[:lived] = self._harms[:lived]
        wins = tuple(won - self.first for won in self.wins if won - self.first < hours)
        return Rollout(gains, harms, self._spent[lived - 1], self._sanctions[lived - 1], wins)


class Trial:
    """A society in which one plan is lived. It pauses, goes on later, and remembers what others need to know.

    Parameters
    ----------
    society : about to live the first hour of the attack
    actor : its attacker
    account : of this attacker
    before : what gains are counted by in the hour before; None if there was none
    """

    def __init__(self, society: Any, actor: BadActor, account: Account, before: Any) -> None:
        self.society, self.account, self._before = society, account, before
        self._actor: BadActor | None = actor
        self.start = society.hour
        self._shown: list[tuple] = []  # what the attacker showed in each hour
        self._silenced: list[frozenset[str]] = []  # municipalities whose staff could not act
        self._spoke: list[frozenset[str]] = []  # those that gave orders
        self._counted: list[Any] = []  # what gains are counted by in each hour
        self._touched = False

    def covers(self, hours: int) -> bool:
        """Whether these hours are known."""
        return self.account.over or self.account.hours >= hours

    def live(self, hours: int) -> None:
        """Live on to so many hours from the first one, unless it is over before."""
        while self._actor is not None and not self.covers(hours):
            self._live_hour(self._actor)

    def _live_hour(self, actor: BadActor) -> None:
        now = self.society.live_hour()
        self._remember(actor, now)
        self.account.enter(actor, now)
        if self.account.over:
            self.end()

    def end(self) -> None:
        """Give up the society: the trial will not go on."""
        self.society = self._actor = None

    def _remember(self, actor: BadActor, now: Hour) -> None:
        """Keep the hour for others, until the society turns on the attacker: that depends on who it is."""
        self._touched |= bool(self.society.control.revoked or actor.sanctions_paid)
        if not self._touched:
            towns = self.society.offices.municipalities
            self._shown.append(actor.shown)
            self._silenced.append(actor.silenced)
            self._spoke.append(frozenset(town.principal for town in towns if town.orders))
            self._counted.append(counted(now))

    def tells(self, actor: BadActor, other: Account, playback: "Playback", hours: int) -> bool:
        """Enter into the account of another attacker the hours of this trial, if they are its hours as well.

        A society sees nothing of an attacker but what it shows and whom it silences. Where another one shows
        the same in every hour, it lives the same hours; what it decides, spends and gains is reckoned anew.
        This trial goes on if the other one needs hours that are not lived yet.
        """
        if actor.stake.district != self.account.stake.district:
            return False  # who would have given in to it is not known
        row = 0
        while not other.over and other.hours < hours:
            playback.hour = self.start + row
            playback.last = self._counted[row - 1] if row else self._before
            actor.step()
            if not (self._knows(row) and self._is_the_same(actor, row)):
                return False
            if playback.hour in self.account.wins:
                actor.won(playback.hour, actor.stake.district)
            other.enter(actor, self._counted[row])
            row += 1
        return True

    def _knows(self, row: int) -> bool:
        """Whether an hour is known to others, lived now if it is the next one."""
        if row == len(self._shown) and self._actor is not None and not self._touched:
            self._live_hour(self._actor)
        return row < len(self._shown)

    def _is_the_same(self, actor: BadActor, row: int) -> bool:
        """Whether the society sees the same of *actor* as it saw of its own attacker in this hour.

        It makes no difference that *actor* silences a municipality that had nothing to say. What one that was
        silenced would have said is not known.
        """
        if actor.shown != self._shown[row]:
            return False
        before, now = self._silenced[row], actor.silenced
        return before <= now and not (now - before) & self._spoke[row]


class Playback:
    """Stands in for a society in which an attacker meets hours that were lived before."""

    def __init__(self, calm: Any) -> None:
        self.control, self.charter, self.mechanisms = calm.control, calm.charter, calm.mechanisms
        self.event_log = EventLog()
        self.hour = 0
        self.last: Any = None

    def register_agent(self, agent: mesa.Agent) -> None:
        """Nobody asks for agents here."""

    def live(self, actor: BadActor, hours: list[Any]) -> None:
        """Let *actor* meet hours that were lived before, from the present one on."""
        for now in hours:
            actor.step()
            self.hour, self.last = self.hour + 1, now


def counted(now: Hour) -> Any:
    """Copies of those parts of an hour by which attackers count their gains."""
    living, service = now.living, now.service
    supply = service.supply
    return SimpleNamespace(
        number=now.number,
        living=SimpleNamespace(
            deprivation_h=living.deprivation_h.copy(),
            output_jpy=living.output_jpy.copy(),
            output_usual_jpy=living.output_usual_jpy.copy(),
        ),
        service=SimpleNamespace(
            supply=SimpleNamespace(
                imported_t=supply.imported_t.copy(), price_jpy_per_t=supply.price_jpy_per_t.copy()
            ),
            power=SimpleNamespace(generation_mw=service.power.generation_mw.copy()),
            markup_jpy_per_mwh=service.markup_jpy_per_mwh,
        ),
    )
