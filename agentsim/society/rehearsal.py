"""How a planning attacker rehearses: each plan that its search asks for is lived in a small society."""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from agentsim.agents.attacker.bad_actor import BadActor, parse_attacker
from agentsim.agents.attacker.chances import Chances
from agentsim.agents.attacker.mind import Plan, networks_of
from agentsim.agents.attacker.search import Search
from agentsim.agents.attacker.stake import Prospect, Rollout, gain, harm_h, whole_gain
from agentsim.core.units import HOURS_PER_DAY
from agentsim.scenario.file import Scenario
from agentsim.society.setup.attacker import opportunities

PLANNING_SEED = 1_000_000_007  # far from the seeds of replications
PLANNING_HOUSEHOLDS = 3000  # rank attacks as more do
LEAD_IN_H = 6
QUIET_H = 12  # of ordinary hours after a victory: nothing more is coming
SMALL = 1e-3  # gain of an hour that counts as ordinary [units]

MakeSociety = Callable[..., Any]  # the class Society, which is not imported here


@cache
def plan_attack(
    scenario: Scenario, policies: tuple[str, ...], attacker: str, make_society: MakeSociety
) -> Plan:
    """The best response of an attacker to these policies, made once and remembered in this process.

    It plans white-box, on a seed of its own and at most 3,000 weighted households over the same networks,
    because it does not foresee chance.
    """
    kind, _ = parse_attacker(attacker)
    rehearsal = Rehearsal(scenario, policies, kind, make_society)
    chances = rehearsal.chances()
    target = scenario.attacker.target
    if target and kind != "cartel":
        chances = chances.only(target)
    return Search(chances, rehearsal.payoff, kind == "coercer", scenario.parameters.mind).best()


class Rehearsal:
    """Small societies in which an attacker tries its plans. Each starts 6 h before its first hour."""

    def __init__(
        self, scenario: Scenario, policies: tuple[str, ...], kind: str, make_society: MakeSociety
    ) -> None:
        self.scenario, self.policies, self.kind = scenario, policies, kind
        self.make_society = make_society
        self.first, self.numbers = scenario.attacker.first_hour, scenario.parameters.bad_actor
        few = min(scenario.place.households, PLANNING_HOUSEHOLDS)
        longest = min(self.first + max(scenario.parameters.mind.horizons_h), scenario.hours)
        self.rehearsed = scenario.with_changes({"place.households": few, "hours": longest})
        self.calm = calm = make_society(self.rehearsed, policies, "none", PLANNING_SEED)
        self.offered = opportunities(calm.ground, calm.control, calm.forecast.expected_mw)
        self.usual = self._usual()

    def chances(self) -> Chances:
        """What could be done in this society."""
        return self.offered.chances(self.kind)

    def payoff(self, plan: Plan, hours: int) -> float:
        """Value of a plan over the whole run, by a rollout of so many hours [units]."""
        return whole_gain(plan, self.rollout(plan, hours), self._prospect(plan), self.numbers)

    def rollout(self, plan: Plan, hours: int) -> Rollout:
        """What a plan brings in its first hours; its captures are taken for done."""
        hours = min(hours, self._hours_left - HOURS_PER_DAY * self._delay_days(plan))
        # the run is over before its captures are done, or all hung on captures that failed
        if hours <= 0 or (plan.wasted and not plan.strikes):
            return Rollout(np.zeros(0), np.zeros(0), plan.effort)
        start = max(self.first - LEAD_IN_H, 0)
        society = self.make_society(
            self.rehearsed,
            self.policies,
            self.kind,
            PLANNING_SEED,
            plan=plan,
            start_hour=start,
            rehearsal=True,
        )
        (actor,) = society.attackers
        for _ in range(start, self.first):
            society.live_hour()
        gains, harms = np.zeros(hours), np.zeros(hours)
        for hour in range(hours):
            now = society.live_hour()
            gains[hour] = gain(self.kind, now, actor.stake, self.numbers) - self.usual
            harms[hour] = harm_h(self.kind, now, actor.stake)
            if self._is_over(actor, gains[: hour + 1]):
                break
        return Rollout(
            gains,
            harms,
            actor.spent,
            actor.sanctions_paid,
            tuple(hour - self.first for hour in actor.won_hours),
        )

    def _is_over(self, actor: BadActor, gains: np.ndarray) -> bool:
        """Whether what is left of a rollout is ordinary: it has won, rests, and all is mended.

        A rest is longer than a rollout, and who may be fined for what was done is watched to the end.
        """
        long_rest = HOURS_PER_DAY * self.numbers.return_days >= max(self.scenario.parameters.mind.horizons_h)
        if actor.fighting or not actor.won_hours or not long_rest or self.calm.charter.payoffs.sanction > 0:
            return False
        quiet = gains[-QUIET_H:]
        return len(gains) >= actor.won_hours[-1] - self.first + QUIET_H and float(np.abs(quiet).max()) < SMALL

    @property
    def _hours_left(self) -> int:
        return self.scenario.hours - self.first

    def _delay_days(self, plan: Plan) -> int:
        return self.offered.chain.days if plan.efforts else 0

    def _usual(self) -> float:
        """Gain of an ordinary hour, the mean of a day in which nothing is done."""
        self.usual = 0.0
        return float(self.rollout(Plan(), HOURS_PER_DAY).gains.mean())

    def _prospect(self, plan: Plan) -> Prospect:
        charter, live, numbers = self.calm.charter, self.scenario.mechanisms, self.numbers
        cost = {option.strike: option.cost_per_day for option in self.chances().options}
        p_hat = numbers.prior_sanctioned / (numbers.prior_sanctioned + numbers.prior_unsanctioned)
        abused = networks_of(plan.strikes)
        revocable = any(network in charter.control.revocable_networks for network in abused)
        revoked = p_hat if live.revocation and revocable else 0.0
        recalled = numbers.recall_belief if live.recall and charter.allocation.recall else 0.0
        payoffs = charter.payoffs
        feared = live.deterrence and any(payoffs.punish(network) for network in abused)
        return Prospect(
            budget=self.scenario.attacker.budget,
            hours_left=self._hours_left,
            day_cost=sum(cost[strike] for strike in plan.strikes),
            expected_sanction=p_hat * payoffs.sanction * payoffs.enforcement if feared else 0.0,
            removal=1.0 - (1.0 - revoked) * (1.0 - recalled),
            attrition=live.attrition and self.kind == "coercer",
            delay_days=self._delay_days(plan),
        )
