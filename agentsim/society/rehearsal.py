"""How a planning attacker rehearses: each plan that its search asks for is lived in a small society."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from agentsim.agents.attacker.actions import BadActorParameters
from agentsim.agents.attacker.bad_actor import BadActor
from agentsim.agents.attacker.belief import Belief, felt_sanction
from agentsim.agents.attacker.chances import Chances
from agentsim.agents.attacker.mind import Plan, networks_of
from agentsim.agents.attacker.stake import Prospect, Rollout, Stake, gain, whole_gain
from agentsim.core.charter import Payoffs
from agentsim.core.units import HOURS_PER_DAY
from agentsim.scenario.file import Scenario
from agentsim.society.setup.attacker import attackers, opportunities
from agentsim.society.snapshot import Snapshot
from agentsim.society.trial import Account, OrdinaryHours, Playback, Trial, counted

PLANNING_SEED = 1_000_000_007  # far from the seeds of replications
PLANNING_HOUSEHOLDS = 3000  # rank attacks as more do
LEAD_IN_H = 6
QUIET_H = 12  # of ordinary hours after a victory: nothing more is coming
PAUSED = 12  # trials that wait to go on, of a few MB each
SMALL = 1e-3  # gain of an hour that counts as ordinary [units]

MakeSociety = Callable[..., Any]  # the class Society, which is not imported here
OnRollout = Callable[[int], None]


class Rehearsal:
    """Small societies in which an attacker tries its plans. Each starts 6 h before its first hour.

    These hours are the same for all plans and lived once. So is every other hour: a trial that is asked for
    more hours goes on from where it stopped, and a plan that shows the same as a lived one in every hour is
    told from it. What a plan brings is counted over the same hours of a society that nobody attacks.
    """

    def __init__(
        self,
        scenario: Scenario,
        policies: tuple[str, ...],
        kind: str,
        make_society: MakeSociety,
        seed: int = PLANNING_SEED,
        on_rollout: Callable[[], None] = lambda: None,
    ) -> None:
        self.scenario, self.policies, self.kind = scenario, policies, kind
        self.make_society, self.seed, self._on_rollout = make_society, seed, on_rollout
        self.first, self.numbers = scenario.attacker.first_hour, scenario.parameters.bad_actor
        few = min(scenario.place.households, PLANNING_HOUSEHOLDS)
        self.rehearsed = scenario.with_changes({"place.households": few})
        self.calm = calm = make_society(self.rehearsed, policies, "none", seed)
        self.offered = opportunities(calm.ground, calm.control, calm.usual_load_mw)
        self._chances = self.offered.chances(kind)
        self._playback = Playback(calm)
        self._eve: Snapshot | None = None  # the society about to live the first hour of an attack
        self._lead_in: list[Any] = []  # what gains are counted by in the hours before
        self._trials: dict[Plan, Trial] = {}
        self._values: dict[Plan, float] = {}  # by the longest rollout so far [units]
        self._calm_hours = OrdinaryHours(
            lambda: make_society(
                self.rehearsed,
                policies,
                "none",
                seed,
                start_hour=self._start,
                rehearsal=True,
                like=calm,
            )
        )

    def chances(self) -> Chances:
        """What could be done in this society."""
        return self._chances

    def payoff(self, plan: Plan, hours: int) -> float:
        """Value of a plan over the whole run, by a rollout of so many hours [units]."""
        value = whole_gain(plan, self.rollout(plan, hours), self._prospect(plan), self.numbers)
        self._values[plan] = value
        self._keep_the_best()
        self._on_rollout()
        return value

    def least_payoff(self, plan: Plan, hours: int) -> float:
        """What a plan brings at least over the whole run, by a rollout of so many hours [units].

        No hour of a coercer's siege takes away what it gained before; what it may lose is what it can still
        spend. Nothing can be said of other kinds and of those who may be fined, and minus infinity is given.
        """
        _, of_output, of_profit = self.numbers.of(self.kind)
        if self._may_win or self.kind != "coercer" or of_output or of_profit or self._may_be_fined:
            return float("-inf")
        most_spent = plan.within(self.scenario.attacker.budget) + plan.effort
        return float(self.rollout(plan, hours).gains.sum()) - most_spent

    @property
    def whole_h(self) -> int:
        """Hours of a rollout to the end of the run; shorter where campaigns that are won come again."""
        longest = max(self.scenario.parameters.mind.horizons_h)
        return min(longest, self._hours_left) if self._may_win else self._hours_left

    def rollout(self, plan: Plan, hours: int) -> Rollout:
        """What a plan brings in its first hours; its captures are taken for done."""
        hours = min(hours, self._hours_left - HOURS_PER_DAY * self._delay_days(plan))
        # the run is over before its captures are done, or nothing is done at all
        if hours <= 0 or not (plan.strikes or plan.efforts):
            return Rollout(np.zeros(0), np.zeros(0), plan.effort)
        return self._account(replace(plan, late_days=0), hours).rollout(hours)

    def end(self) -> None:
        """Give up all societies."""
        for trial in self._trials.values():
            trial.end()

    # ---- trials -------------------------------------------------------------------------------------

    def _account(self, plan: Plan, hours: int) -> Account:
        """The account of a plan over so many hours: known, gone on with, told from others, or lived."""
        trial = self._trials.get(plan)
        if trial is not None and trial.covers(hours):
            return trial.account
        if trial is None or trial.society is None:
            told = self._told(plan, hours)
            if told is not None:
                return told
            trial = self._trials[plan] = self._begun(plan)
        trial.live(hours)
        return trial.account

    def _begun(self, plan: Plan) -> Trial:
        """A trial of a plan, in a society that stands before the first hour of the attack."""
        self._eve = self._eve or self._lived_to_the_eve()
        society, actor = self._eve.society(), self._actor(plan)
        society.face(actor, plan)
        return Trial(society, actor, self._opened(actor), self._last_before)

    def _lived_to_the_eve(self) -> Snapshot:
        """A society before the first hour of an attack: up to there, all plans live the same."""
        society = self.make_society(
            self.rehearsed,
            self.policies,
            self.kind,
            self.seed,
            plan=Plan(),
            start_hour=self._start,
            rehearsal=True,
            like=self.calm,
        )
        self._lead_in = [counted(society.live_hour()) for _ in range(self._start, self.first)]
        return Snapshot(society)

    @property
    def _last_before(self) -> Any:
        return self._lead_in[-1] if self._lead_in else None

    def _actor(self, plan: Plan) -> BadActor:
        """An attacker with this plan that has met the hours before its first one."""
        (actor,) = attackers(self._playback, self.kind, self.offered, plan, rehearsal=True)
        self._playback.hour, self._playback.last = self._start, None
        self._playback.live(actor, self._lead_in)
        return actor

    def _told(self, plan: Plan, hours: int) -> Account | None:
        """The account of a plan from a trial of another one that shows the same; None if there is none."""
        for other, trial in self._trials.items():
            if _could_show_the_same(plan, other):
                actor = self._actor(plan)
                account = self._opened(actor)
                if trial.tells(actor, account, self._playback, hours):
                    return account
        return None

    def _opened(self, actor: BadActor) -> Account:
        return Account(actor, self.first, self._ordinary_gain, self.numbers, self._is_over)

    def _ordinary_gain(self, hour: int, stake: Stake) -> float:
        """What an hour would bring if nobody attacked; a coercer's district hardly suffers then [units]."""
        if self.kind == "coercer":
            return 0.0
        return gain(self.kind, self._calm_hours.at(hour), stake, self.numbers)

    def _keep_the_best(self) -> None:
        """End trials while too many pause, the least valuable first: the search goes on with the best."""
        paused = [plan for plan, trial in self._trials.items() if trial.society is not None]
        for plan in sorted(paused, key=lambda plan: self._values.get(plan, 0.0))[: -PAUSED or None]:
            self._trials[plan].end()

    def _is_over(self, account: Account, actor: BadActor) -> bool:
        """Whether what is left of a rollout is ordinary: it can do no more, or has won and rests, and all is
        mended.

        Who may be fined for what was done is watched to the end.
        """
        if actor.fighting or self._may_be_fined:
            return False
        long_rest = HOURS_PER_DAY * self.numbers.return_days >= self.whole_h
        spent = actor.spent > 0 and actor.spent + actor.mind.cheapest_day() > actor.budget
        ended = max([*actor.quit_hours[-1:], *actor.won_hours[-1:]], default=0)
        if not (spent or (actor.won_hours and long_rest)) or account.hours < ended - self.first + QUIET_H:
            return False
        return max(abs(gain) for gain in account.last_gains(QUIET_H)) < SMALL

    # ---- what a plan costs and may expect ---------------------------------------------------------------

    @property
    def _hours_left(self) -> int:
        return self.scenario.hours - self.first

    @property
    def _start(self) -> int:
        return max(self.first - LEAD_IN_H, 0)

    @property
    def _may_win(self) -> bool:
        return self.kind == "coercer" and self.scenario.attacker.until_concession

    @property
    def _may_be_fined(self) -> bool:
        return bool(self.calm.charter.payoffs.sanction > 0)

    def _delay_days(self, plan: Plan) -> int:
        return plan.late_days + (self.offered.chain.days if plan.efforts else 0)

    def _prospect(self, plan: Plan) -> Prospect:
        charter, live, numbers = self.calm.charter, self.scenario.mechanisms, self.numbers
        cost = {option.strike: option.cost_per_day for option in self.chances().options}
        abused = networks_of(plan.strikes)
        revocable = any(network in charter.control.revocable_networks for network in abused)
        revoked = numbers.revocation_belief if live.revocation and revocable else 0.0
        recalled = numbers.recall_belief if live.recall and charter.allocation.recall else 0.0
        payoffs = charter.payoffs
        feared = live.deterrence and any(payoffs.punish(network) for network in abused)
        return Prospect(
            budget=plan.within(self.scenario.attacker.budget),
            hours_left=self._hours_left,
            day_cost=sum(cost[strike] for strike in plan.strikes),
            expected_sanction=_felt(payoffs, numbers) if feared else 0.0,
            removal=1.0 - (1.0 - revoked) * (1.0 - recalled),
            until_concession=self._may_win,
            delay_days=self._delay_days(plan),
        )


def _felt(payoffs: Payoffs, numbers: BadActorParameters) -> float:
    """How heavily it weighs the sanction of an episode before it has any experience [units]."""
    p_hat = Belief(numbers.prior_proven, numbers.prior_unproven).p_hat(payoffs.enforcement)
    return felt_sanction(p_hat, payoffs.sanction, numbers.loss_aversion, numbers.value_exponent)


def _could_show_the_same(plan: Plan, other: Plan) -> bool:
    """Whether two plans strike alike, the first with all captures of the other; costs and rhythm are free."""
    return plan.strikes == other.strikes and dict(plan.efforts).keys() >= dict(other.efforts).keys()
