"""The attacker: it holds or captures principals and uses them against people (E-R1, W-R1, T-R1, R-R1).

*Kind* is what it wants. A ``coercer`` cuts off one district; a ``rent_seeker`` wants higher prices for what
it sells in the city; a ``saboteur`` harms anybody; a ``cartel`` of suppliers wants higher prices for what it
sells from outside. *Mind* is how it chooses (:mod:`agentsim.agents.attacker.mind`).

It acts in campaigns. One begins if it seems to pay and ends when the budget is spent, when no means of attack
is left or when sanctions have become too certain (S12). After a rest it may begin again. *Persistence* says
what else ends the campaign of a coercer: nothing (``campaign``: it counts its district's deprivation, and
nobody concedes), or a concession and the cost of waiting for it (``until_concession``: a war of attrition,
S14).
"""

from collections.abc import Callable
from typing import Any

import mesa

from agentsim.agents.attacker.actions import CITY, KINDS, Arsenal, BadActorParameters, Strike, cost_per_day
from agentsim.agents.attacker.belief import Belief, Episode, felt_sanction
from agentsim.agents.attacker.mind import PlannedMind, RandomMind
from agentsim.agents.attacker.stake import Stake, gain
from agentsim.core.agent import Agent
from agentsim.core.messages import Finding, Order
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.kill_chain import KillChain, Progress

MINDS = ("random", "best_response", "scripted")
PERSISTENCE = ("campaign", "until_concession")  # the usual one first


def parse_attacker(name: str) -> tuple[str, str]:
    """Kind and mind of an attacker's name: ``coercer`` or ``coercer:random``; no mind is an empty string.

    Raises
    ------
    ValueError : the kind or the mind is unknown

    >>> parse_attacker("coercer:random")
    ('coercer', 'random')
    """
    kind, _, mind = name.partition(":")
    if kind not in KINDS:
        raise ValueError(f"attacker {kind!r} is unknown; known: {', '.join(KINDS)}")
    if mind and mind not in MINDS:
        raise ValueError(f"mind {mind!r} is unknown; known: {', '.join(MINDS)}")
    return kind, mind


def full_name(attacker: str, usual_mind: str) -> str:
    """An attacker's name with its mind, the usual one where the name says none.

    >>> full_name("saboteur", "best_response"), full_name("none", "random")
    ('saboteur:best_response', 'none')
    """
    kind, mind = parse_attacker(attacker)
    return kind if kind == "none" else f"{kind}:{mind or usual_mind}"


class BadActor(Agent):
    """An attacker that gives orders in the name of principals it holds. Each strike costs it by the day.

    Parameters
    ----------
    foothold : principals that it holds from the start
    stake : what its gains are counted by
    absent : classes of assets of which the city has none
    units_owned : generating units of the company that may withhold them
    rehearsal : its captures succeed at once
    ordinary : gives an hour of the same society without it, by which gains are measured; None: the mean of
        the hours before its first one stands for that
    """

    def __init__(
        self,
        model: mesa.Model,
        kind: str,
        mind: RandomMind | PlannedMind,
        chain: KillChain,
        foothold: tuple[str, ...],
        budget: float,
        first_hour: int,
        parameters: BadActorParameters,
        stake: Stake,
        absent: frozenset[str] = frozenset(),
        units_owned: int = 1,
        rehearsal: bool = False,
        ordinary: Callable[[int], Any] | None = None,
    ) -> None:
        super().__init__(model)
        self.kind, self.mind, self.chain, self.parameters = kind, mind, chain, parameters
        self.captured, self.budget, self.first_hour = foothold, budget, first_hour
        self.stake, self.absent, self.units_owned, self.rehearsal = stake, absent, units_owned, rehearsal
        self.knows = Belief(parameters.prior_proven, parameters.prior_unproven)
        self.strikes: tuple[Strike, ...] = ()
        self.orders: list[Order] = []
        self.shown: tuple = ()  # all that the society can see of it in this hour, but whom it silences
        self._made: list[Order] = []  # orders of the strikes, kept until what they depend on changes
        self._depended_on: tuple = ()
        self.noticed: list[Finding] = []  # intrusions that somebody noticed this hour
        # the account of the whole run
        self.spent = self.sanctions_paid = self.gained = 0.0
        self.attacks_begun = self.days_struck = 0
        self.won_hours: list[int] = []
        self.quit_hours: list[int] = []
        self._ordinary = ordinary
        self._usual_gains: list[float] = []
        # the campaign under way
        self.fighting = False
        self._resumes_at = first_hour
        self._spent_before = self._gained_before = 0.0
        self._episode: Episode | None = None
        self._declined = False

    # ---- the hour -----------------------------------------------------------------------------------

    def step(self) -> None:
        self.orders = self.decide(self.model.hour, self.model.control)
        self.shown = (self.orders, self.strikes, self.fighting)

    def decide(self, hour: int, control: ControlGraph) -> list[Order]:
        """Orders of the hour: the day's strikes that an edge and the budget allow."""
        self._count(hour)
        self.noticed = []
        if hour < self._resumes_at:
            return []
        arsenal = Arsenal(control, self.chain.contest, self.absent)
        since = hour - self.first_hour
        if since % HOURS_PER_DAY == 0 and not self.fighting:
            self._begin_campaign(hour)
        if self.fighting:
            self._intrude(hour)
            if since % HOURS_PER_DAY == 0:
                self._plan_day(hour, arsenal)
        return self._orders(arsenal)

    def _orders(self, arsenal: Arsenal) -> list[Order]:
        """Orders of the day's strikes, made anew only when something on which they depend has changed."""
        depends_on = (arsenal.control, arsenal.control.changes, self.captured, self.strikes)
        if depends_on != self._depended_on:
            self._depended_on = depends_on
            self._made = [o for strike in self.strikes for o in arsenal.orders(strike, self.captured)]
        return self._made

    def _count(self, hour: int) -> None:
        """Add what the last hour brought it; who has spent nothing yet has changed nothing, and gains 0."""
        last = self.model.last
        if last is None or last.number != hour - 1:
            return
        worth = gain(self.kind, last, self.stake, self.parameters)
        if last.number < self.first_hour:
            self._usual_gains.append(worth)
        elif self.spent:
            self.gained += worth - self._usual_gain(last.number)

    def _usual_gain(self, hour: int) -> float:
        """What an hour would have brought without it [units]."""
        if self._ordinary is not None:
            return gain(self.kind, self._ordinary(hour), self.stake, self.parameters)
        return sum(self._usual_gains) / max(len(self._usual_gains), 1)

    # ---- campaigns ----------------------------------------------------------------------------------

    def _begin_campaign(self, hour: int) -> None:
        if self.spent + self.mind.cheapest_day() > self.budget:
            return
        if not self._pays():
            if not self._declined:
                self._log(hour, "quit", "attack_declined")
            self._declined = True
            self._rest(hour)
            return
        if self.quit_hours or self.won_hours:
            self._log(hour, "return", "attacker_returns")
        self.fighting = True
        self._spent_before, self._gained_before = self.spent, self.gained
        self.spent += self.mind.wasted
        efforts = {}
        for principal, effort in self.mind.efforts().items():
            price = self.chain.price(principal, effort)
            if principal not in self.captured and self.spent + price <= self.budget:
                efforts[principal] = effort
                self.spent += price
        if self.rehearsal:
            self.captured = tuple(dict.fromkeys((*self.captured, *efforts)))
        elif efforts:
            self.chain.begin(efforts, hour)

    def _pays(self) -> bool:
        """Whether the prize exceeds the cost of its cheapest strikes and the sanction as it weighs it."""
        p = self.parameters
        cost = self.mind.cheapest_day() * p.episode_days
        return p.prize_of(self.kind) > cost + self.felt_sanction

    @property
    def expected_sanction(self) -> float:
        """p-hat F: the sanction it expects to pay for an episode, by what it has learnt [units]."""
        return self._p_hat * self._threat

    @property
    def felt_sanction(self) -> float:
        """The gain that would outweigh the chance of a sanction to who is averse to losses [units]."""
        p = self.parameters
        return felt_sanction(self._p_hat, self._threat, p.loss_aversion, p.value_exponent)

    @property
    def _p_hat(self) -> float:
        return self.knows.p_hat(self.model.charter.payoffs.enforcement)

    @property
    def _threat(self) -> float:
        """Size of the sanction on what its strikes abuse; 0 where nobody sanctions that [units]."""
        payoffs = self.model.charter.payoffs
        live = self.model.mechanisms.deterrence
        punished = live and any(payoffs.punish(network) for network in self.mind.networks())
        return payoffs.sanction if punished else 0.0

    def _exhausted(self) -> bool:
        """Whether the campaign has cost more than a concession and the harm done are worth (S14)."""
        if not self.stake.until_concession:
            return False
        spent, gained = self.spent - self._spent_before, self.gained - self._gained_before
        return spent + self.felt_sanction >= self.parameters.concession_value + gained

    def _rest(self, hour: int) -> None:
        days = self.parameters.return_days
        self._end_episode()
        self.strikes, self.orders, self.fighting = (), [], False
        self._resumes_at = hour + HOURS_PER_DAY * days
        self.knows.fade(self.parameters.memory_per_day**days)

    def _quit(self, hour: int, reason: str) -> None:
        self._rest(hour)
        self.quit_hours.append(hour)
        self._log(hour, "quit", "attacker_gives_up", reason=reason)

    def _intrude(self, hour: int) -> None:
        """Captures that succeed, fail or are noticed this hour."""
        if not self.chain.efforts:
            return
        progress = self.chain.advance(hour)
        if progress == Progress():
            return
        self.captured = tuple(dict.fromkeys((*self.captured, *progress.fallen)))
        for principal, step in progress.noticed:
            self._log(hour, "intrusion", "intruder_thrown_out", principal, step=step)
            self.noticed.append(self._finding(hour, principal))
        for principal in progress.fallen:
            self._log(hour, "capture", "principal_captured", principal)
        for principal in progress.held_out:
            self._log(hour, "capture", "capture_fails", principal)

    def _finding(self, hour: int, principal: str) -> Finding:
        control = self.model.control
        network = next((asset.network for asset in control.edges([principal])), "")
        where = principal.partition(":")[2]
        district = control.districts.index(where) if where in control.districts else -1
        return Finding(hour, "intrusion", network, district, principal)

    def _plan_day(self, hour: int, arsenal: Arsenal) -> None:
        reason = self._reason_to_stop()
        if reason:
            self._quit(hour, reason)
            return
        wanted = self.mind.strikes_on((hour - self.first_hour) // HOURS_PER_DAY)
        able = [strike for strike in wanted if arsenal.orders(strike, self.captured)]
        chosen: list[Strike] = []
        for strike in able:
            cost = cost_per_day(strike, self.parameters, self.units_owned)
            if self.spent + cost <= self.budget:
                self.spent += cost
                chosen.append(strike)
        if chosen and not self.strikes:
            self.attacks_begun += 1
            self._log_attack(hour, chosen)
        self.strikes = tuple(chosen)
        self.days_struck += bool(chosen)
        self._count_day(hour, bool(chosen))
        if wanted and not able and not self.chain.efforts:
            self._quit(hour, "no_means_left")

    def _reason_to_stop(self) -> str:
        """Why the campaign ends today; empty: it goes on."""
        if self._episode is not None and self._episode.days >= self.parameters.episode_days:
            self._end_episode()
            if not self._pays():
                return "sanctions_too_certain"
        if self.spent + self.mind.cheapest_day() > self.budget and not self.chain.efforts:
            return "budget_spent"
        return "dearer_than_concession" if self._exhausted() else ""

    def _count_day(self, hour: int, struck: bool) -> None:
        """Count a day of striking, the first of an episode or one more."""
        if struck and self._episode is None:
            self._episode = self.knows.begin(hour)
        if struck and self._episode is not None:
            self._episode.days += 1
            self._episode.last_hour = hour + HOURS_PER_DAY - 1

    def _end_episode(self) -> None:
        """The episode is over, and counts in what it expects of the next one."""
        if self._episode is not None:
            self._episode.over, self._episode = True, None

    # ---- what others do to it -----------------------------------------------------------------------

    def pay_sanction(self, episode: Episode, size: float) -> None:
        """It pays *size* [units] for an episode, and remembers it."""
        self.sanctions_paid += size
        episode.sanctioned = True

    def reckon_with_sanction(self, episode: Episode, size: float, carried_out: bool) -> None:
        """In a rehearsal a verdict costs *size*, the mean of sanctions that are carried out or not [units].

        Which of them will be is not known beforehand. It learns from what happened in the rehearsal.
        """
        self.sanctions_paid += size
        episode.sanctioned = carried_out

    def lost(self, principal: str, network: str) -> None:
        """Its principal may only do its daily work on a network; strikes that need more end."""
        self._log(self.model.hour, "revocation", "attacker_loses_control", principal, network=network)

    def won(self, hour: int, district: int) -> None:
        """A district gave in: a coercer whose target it is ends its campaign."""
        if not self.stake.until_concession or district != self.stake.district or not self.fighting:
            return
        self.won_hours.append(hour)
        self._log(hour, "quit", "attacker_has_won")
        self._rest(hour)

    # ---- results ------------------------------------------------------------------------------------

    @property
    def concessions(self) -> int:
        return len(self.won_hours)

    @property
    def payoff(self) -> float:
        """Gains by its own weights, less costs and sanctions [units]."""
        won = self.parameters.concession_value * self.concessions
        return self.gained + won - self.spent - self.sanctions_paid

    @property
    def silenced(self) -> frozenset[str]:
        """Captured municipalities whose staff cannot act, because their district is being struck."""
        struck = (f"municipality:{strike.where}" for strike in self.strikes)
        return frozenset(principal for principal in struck if principal in self.captured)

    def _log(self, hour: int, kind: str, what: str, where: str = "", **fields: Any) -> None:
        """Log an event of its own; it falls on its target unless *where* says another place."""
        where = where or self.mind.target or CITY
        where = f"supplier:{where}" if where in self.model.control.terminal_owner else where
        self.model.event_log.add(hour, kind, where, what, attacker=self.kind, **fields)

    def _log_attack(self, hour: int, chosen: list[Strike]) -> None:
        for where in dict.fromkeys(strike.where for strike in chosen):
            actions = [strike.action for strike in chosen if strike.where == where]
            self._log(hour, "attack", "attack_begins", where, actions=actions)
