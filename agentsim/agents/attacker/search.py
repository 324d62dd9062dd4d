"""The mind of ``best_response``: a search over plans by a payoff function.

The payoff function is given: a society rehearses plans in small copies of itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from agentsim.agents.attacker.actions import ACTIONS, Strike, without_clashes
from agentsim.agents.attacker.chances import Chances
from agentsim.agents.attacker.mind import Plan
from agentsim.agents.attacker.worth import Payoff, expected_payoff
from agentsim.core.parameters import parameter

NOTHING = Plan()
PLAIN = ("A1", "A4", "A6", "A7", "A3", "A5")  # actions of a first plan; the others are tried as swaps


@dataclass(frozen=True)
class MindParameters:
    """How long the mind of ``best_response`` searches."""

    rollouts: int = parameter(60, "1", "rollouts that a plan may cost", "A", 1, 10000)
    horizons_h: tuple[int, ...] = parameter((24, 96, 240), "h", "successive halving", "A", 1, 8760)
    efforts: tuple[float, ...] = parameter((12.0, 4.0), "effort", "tried for each capture", "A", 0.1, 1000)
    finalists: int = parameter(3, "plans", "of a search, tried on the other planning seeds", "A", 1, 100)
    delays_h: tuple[int, ...] = parameter(
        (6, 12, 24, 72, 168), "h", "later beginnings of its best plan that a red team tries", "A", 0, 8760
    )
    combined: int = parameter(3, "plans", "best plans that a red team combines in pairs", "A", 1, 20)


class Search:
    """Best response: greedy with swaps over strikes, captures and rhythm, successive halving over horizons.

    Parameters
    ----------
    chances : possible strikes and captures
    payoff : value of a plan by a rollout of so many hours, extended to the end of the run; in the
        rollout the plan's captures succeed at once
    one_place : all strikes fall on one place (a coercer's); else anywhere (a saboteur's)
    parameters : how long to search
    """

    def __init__(
        self, chances: Chances, payoff: Payoff, one_place: bool, parameters: MindParameters | None = None
    ) -> None:
        self.chances, self.payoff, self.one_place = chances, payoff, one_place
        self.parameters = parameters or MindParameters()
        self.used = 0  # rollouts
        self._needs = {option.strike: option.captures for option in chances.options}
        self._usual = {option.strike for option in chances.options if option.usual}
        wheres = (option.strike.where for option in chances.options)
        self._wheres = tuple(dict.fromkeys((*chances.places, *wheres)))
        self._known: dict[tuple[Plan, int], float] = {}
        self._worths: dict[Plan, float] = {}  # by the longest rollouts

    def best(self) -> Plan:
        """The best plan found; an empty one, which brings 0, if nothing can be done or nothing pays."""
        if not self.chances.options:
            return Plan()
        starts = self._halve(self._sets_of_strikes(self._places(), PLAIN), first=-2)
        found = max([self._improve(start) for start in starts[:2]], key=self.worth)
        return found if self.worth(found) > 0.0 else Plan()

    def finalists(self) -> list[Plan]:
        """The best plans that were found and are worth more than 0, best first, as many as are wanted."""
        paying = [plan for plan, worth in self._worths.items() if worth > 0.0 and plan.strikes]
        ranked = sorted(paying, key=self._worths.__getitem__, reverse=True)
        return ranked[: self.parameters.finalists]

    def exhaustive(self) -> Plan:
        """The best of all plans at the longest horizon, however many rollouts it takes: small cases only."""
        self.used = -(10**9)
        return max(self.every_plan(), key=self.worth)

    def every_plan(self) -> list[Plan]:
        """Every set of strikes on one place in every variant, the empty plan first."""
        sets = self._sets_of_strikes(list(self._wheres), tuple(ACTIONS))
        return [Plan(), *sets, *(variant for chosen in sets for variant in self._variants(chosen))]

    def worth(self, plan: Plan, horizon_h: int | None = None) -> float:
        """Expected payoff over the whole run, by rollouts of *horizon_h* (the longest by default)."""
        longest = self.parameters.horizons_h[-1]
        value = expected_payoff(plan, horizon_h or longest, self.chances, self._rolled)
        if (horizon_h or longest) == longest:
            self._worths[plan] = value
        return value

    def with_captures(self, strikes: tuple[Strike, ...], like: Plan = NOTHING) -> Plan:
        """A plan of these strikes, with the captures that they need and the rhythm of *like*."""
        needed = dict.fromkeys(principal for strike in strikes for principal in self._needs[strike])
        place = Plan(strikes).main_place
        kept = {
            who: e for who, e in like.efforts if who in needed or who in self.chances.helpful.get(place, ())
        }
        efforts = dict.fromkeys(needed, self.parameters.efforts[0]) | kept
        return replace(like, strikes=tuple(sorted(strikes)), efforts=tuple(sorted(efforts.items())))

    # ---- the search ---------------------------------------------------------------------------------

    def _places(self) -> list[str]:
        """The two places with the highest payoff in a short rollout with all possible strikes there."""
        at = {place: self._strikes_at(place) for place in self._wheres}
        plans = {place: self.with_captures(strikes) for place, strikes in at.items() if strikes}
        value = {place: self.worth(plan, self.parameters.horizons_h[0]) for place, plan in plans.items()}
        return sorted(value, key=value.__getitem__, reverse=True)[:2]

    def _strikes_at(self, place: str, actions: tuple[str, ...] = PLAIN) -> tuple[Strike, ...]:
        """One strike of each action, at its usual strength."""
        there = [option.strike for option in self.chances.options if option.strike.where == place]
        plain = tuple(s for s in there if s in self._usual and s.action in actions)
        return plain or tuple({strike.action: strike for strike in there[::-1]}.values())

    def _sets_of_strikes(self, places: list[str], actions: tuple[str, ...]) -> list[Plan]:
        """Every set of strikes at each place, with the captures that it needs."""
        plans = []
        for place in places:
            own = self._strikes_at(place, actions)
            if actions != PLAIN:
                own = tuple(option.strike for option in self.chances.options if option.strike.where == place)
            for bits in range(1, 2 ** len(own)):
                chosen = tuple(strike for k, strike in enumerate(own) if bits >> k & 1)
                if chosen == without_clashes(chosen):
                    plans.append(self.with_captures(chosen))
        return list(dict.fromkeys(plans))

    def _halve(self, plans: list[Plan], first: int = 0) -> list[Plan]:
        """Rank by a short rollout, keep the better fifth, and rank these by a longer one."""
        for horizon_h in self.parameters.horizons_h[first:]:
            value = {plan: self.worth(plan, horizon_h) for plan in plans}
            plans = sorted(value, key=value.__getitem__, reverse=True)[: max(2, len(plans) // 5)]
        return plans

    def _improve(self, plan: Plan) -> Plan:
        """Add, swap or drop a strike, or change captures, efforts or rhythm, as long as one of these pays."""
        while True:
            near = list(dict.fromkeys(self._neighbours(plan)))
            better = self._halve(near, first=-2)[0] if near else plan
            if not self.worth(better) > self.worth(plan):
                return plan
            plan = better

    def _neighbours(self, plan: Plan) -> Iterable[Plan]:
        """Plans one change away, the likelier ones first: rollouts may run out."""
        place = plan.main_place
        for strike in plan.strikes if len(plan.strikes) > 1 else ():
            yield self.with_captures(tuple(other for other in plan.strikes if other != strike), plan)
        yield from self._variants(plan)
        within = [s for s in self._needs if s not in plan.strikes and self._may_join(s, plan)]
        for strike in sorted(within, key=lambda s: s not in self._usual):
            # it takes the place of a strike on the same asset
            yield self.with_captures(without_clashes((strike, *plan.strikes)), plan)
        for principal in self.chances.helpful.get(place, ()):
            if principal not in dict(plan.efforts):
                yield replace(plan, efforts=(*plan.efforts, (principal, self.parameters.efforts[0])))

    def _may_join(self, strike: Strike, plan: Plan) -> bool:
        """In reach of the plan; at an unusual strength only in the place of the same action."""
        place = plan.main_place
        near = not self.one_place or strike.where == place or strike.where not in self.chances.places
        like = any((strike.code, strike.where) == (other.code, other.where) for other in plan.strikes)
        return near and (strike in self._usual or like)

    def _variants(self, plan: Plan) -> list[Plan]:
        """The same strikes with other efforts or another rhythm."""
        found = [replace(plan, on_days=on, rest_days=rest) for on, rest in ((1, 0), (1, 1), (3, 1))]
        for effort in self.parameters.efforts if plan.efforts else ():
            found.append(replace(plan, efforts=tuple((who, effort) for who, _ in plan.efforts)))
        return [variant for variant in found if variant != plan]

    # ---- rollouts -----------------------------------------------------------------------------------

    def _rolled(self, plan: Plan, horizon_h: int) -> float:
        """Payoff of a rollout; beyond the allowed number of rollouts, what the longest one so far said."""
        if (plan, horizon_h) not in self._known:
            if self.used >= self.parameters.rollouts:
                return self._longest_known(plan)
            self.used += 1
            self._known[plan, horizon_h] = self.payoff(plan, horizon_h)
        return self._known[plan, horizon_h]

    def _longest_known(self, plan: Plan) -> float:
        tried = [(hours, value) for (known, hours), value in self._known.items() if known == plan]
        return max(tried)[1] if tried else float("-inf")
