"""Minds of a bad actor: how it chooses what to do with what it holds.

A plan says which principals to try to capture, with how much effort, and which strikes to carry out day by
day while the budget lasts. ``random`` draws its strikes each day and is a floor; ``best_response`` searches
plans with a payoff that it is handed, and knows nothing of how the payoff comes about.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from agentsim.institutions.capture import capture_probability
from agentsim.parameters import parameter
from agentsim.streams import Streams

Payoff = Callable[["Plan", int], float]  # plan, hours of rollout -> payoff over the whole run

# action of the kill chain -> the classes of assets that carry it, the sharpest first (docs/mechanisms.md)
ACTIONS: dict[str, tuple[str, ...]] = {
    "A1": ("breakers",),
    "A4": ("inlet_valves", "trunk_valves"),
    "A6": ("road_closures",),
    "A7": ("terminals",),
}


@dataclass(frozen=True, order=True)
class Strike:
    """One action against one place (a district; for A7 a supplier), at a strength between 0 and 1."""

    action: str
    where: str
    value: float = 1.0


@dataclass(frozen=True, order=True)
class Plan:
    """What a bad actor sets out to do.

    ``efforts`` are spent on captures at its first hour; then, while the budget pays, it strikes for
    ``on_days`` and rests for ``rest_days``, over and over.
    """

    strikes: tuple[Strike, ...] = ()
    efforts: tuple[tuple[str, float], ...] = ()
    on_days: int = 1
    rest_days: int = 0

    def strikes_on(self, day: int) -> tuple[Strike, ...]:
        """The strikes of a day, counted from the first hour."""
        return self.strikes if day % (self.on_days + self.rest_days) < self.on_days else ()

    def calendar_days(self, struck_days: int) -> int:
        """Days from the first to the last when *struck_days* of them are struck.

        >>> Plan(on_days=3, rest_days=1).calendar_days(7)
        9
        """
        rounds, rest = divmod(struck_days, self.on_days)
        last_rest = self.rest_days if rounds and not rest else 0
        return rounds * (self.on_days + self.rest_days) + rest - last_rest


@dataclass(frozen=True)
class Option:
    """A strike that edges would allow, once the principals in ``captures`` are taken; () if it holds them."""

    strike: Strike
    captures: tuple[str, ...] = ()


@dataclass(frozen=True)
class Chances:
    """What lies before a bad actor: what it could do, and whom it could capture."""

    places: tuple[str, ...]  # districts, or suppliers for a cartel
    options: tuple[Option, ...]
    security: dict[str, float]  # of every principal that it does not hold
    helpful: dict[str, tuple[str, ...]]  # place -> principals with any edge there, not held

    def only(self, place: str) -> "Chances":
        """The chances at one place."""
        there = tuple(option for option in self.options if option.strike.where == place)
        return replace(self, places=(place,), options=there)


@dataclass(frozen=True)
class Parameters:
    """How hard the mind of ``best_response`` searches."""

    rollouts: int = parameter(60, "1", "rollouts that a plan may cost", "A", 1, 10000)
    horizons_h: tuple[int, ...] = parameter((24, 96, 240), "h", "successive halving", "A", 1, 8760)
    efforts: tuple[float, ...] = parameter((12.0, 4.0), "effort", "tried for each capture", "A", 0.1, 1000)


class RandomMind:
    """Chooses by lot: a place once (a saboteur each day), and each day which strikes to carry out."""

    def __init__(
        self, streams: Streams, kind: str, chances: Chances, target: str, action_chance: float
    ) -> None:
        self.streams, self.kind, self.chances = streams, kind, chances
        self.action_chance = action_chance
        # a saboteur has no target: it strikes now here, now there
        self.target = "" if kind == "saboteur" else target or self._place(0)

    def _place(self, number: int) -> str:
        if not self.chances.places:
            return ""
        draw = float(self.streams.uniform("attack", number, 1)[0])
        return self.chances.places[int(draw * len(self.chances.places))]

    def efforts(self) -> dict[str, float]:
        """It tries to capture nobody."""
        return {}

    def strikes_on(self, day: int) -> tuple[Strike, ...]:
        """Strikes of the day: each with ``action_chance``, each action with a draw of its own."""
        draw = dict(zip(ACTIONS, self.streams.uniform("attack", 1 + day, len(ACTIONS)), strict=True))
        where = self.target or self._place(10_000 + day)
        return tuple(
            option.strike
            for option in self.chances.options
            if not option.captures
            and option.strike.where == where
            and option.strike.value == 1.0
            and draw[option.strike.action] < self.action_chance
        )


class PlannedMind:
    """Carries out a plan that was made before."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.target = _main_place(plan)

    def efforts(self) -> dict[str, float]:
        return dict(self.plan.efforts)

    def strikes_on(self, day: int) -> tuple[Strike, ...]:
        return self.plan.strikes_on(day)


def _main_place(plan: Plan) -> str:
    """Where most of the strikes fall, the first of equals."""
    places = [strike.where for strike in plan.strikes]
    return max(dict.fromkeys(places), key=places.count) if places else ""


class Search:
    """Best response: greedy with swaps over strikes, captures and rhythm, successive halving over horizons.

    Parameters
    ----------
    chances : what could be done, and whom it could capture
    payoff : value of a plan by a rollout of so many hours, extended to the end of the run; the rollout takes
        the plan's captures for done
    one_place : all strikes fall on one place (a coercer's); else anywhere (a saboteur's)
    parameters : how hard to search

    Notes
    -----
    A plan that needs captures is worth ``V(held) + q (V(all) - V(held))`` with *q* the product of its
    capture probabilities: an attempt that fails in part is taken to have failed.
    """

    def __init__(
        self, chances: Chances, payoff: Payoff, one_place: bool, parameters: Parameters | None = None
    ) -> None:
        self.chances, self.payoff, self.one_place = chances, payoff, one_place
        self.parameters = parameters or Parameters()
        self.used = 0  # rollouts
        self._needs = {option.strike: option.captures for option in chances.options}
        self._known: dict[tuple[Plan, int], float] = {}

    def best(self) -> Plan:
        """The best plan found; an empty one if nothing can be done or nothing pays."""
        if not self.chances.options:
            return Plan()
        starts = self._halve(self._sets_of_strikes(self._places()), first=-2)
        found = max([self._improve(start) for start in starts[:2]], key=self.worth)
        return found if self.worth(found) > self.worth(Plan()) else Plan()

    def exhaustive(self) -> Plan:
        """The best of all plans at the longest horizon, however many rollouts it takes: small cases only."""
        self.used = -(10**9)
        return max(self.every_plan(), key=self.worth)

    def every_plan(self) -> list[Plan]:
        """Every set of strikes on one place in every variant, the empty plan first."""
        sets = self._sets_of_strikes(list(self.chances.places))
        return [Plan(), *sets, *(variant for chosen in sets for variant in self._variants(chosen))]

    def worth(self, plan: Plan, horizon_h: int | None = None) -> float:
        """Expected payoff over the whole run, by rollouts of *horizon_h* (the longest by default)."""
        horizon_h = horizon_h or self.parameters.horizons_h[-1]
        whole = self._rolled(plan, horizon_h)
        if not plan.efforts:
            return whole
        held = tuple(strike for strike in plan.strikes if not self._needs[strike])
        without = self._rolled(replace(plan, strikes=held, efforts=()), horizon_h)
        if float("-inf") in (whole, without):  # beyond the allowed rollouts, and never tried
            return float("-inf")
        return without + self._chance(plan) * (whole - without)

    # ---- the search ---------------------------------------------------------------------------------

    def _places(self) -> list[str]:
        """The two places that suffer most in a short rollout in which everything possible is done there."""
        at = {place: self._strikes_at(place) for place in self.chances.places}
        plans = {place: self._plan(strikes) for place, strikes in at.items() if strikes}
        value = {place: self.worth(plan, self.parameters.horizons_h[0]) for place, plan in plans.items()}
        return sorted(value, key=value.__getitem__, reverse=True)[:2]

    def _strikes_at(self, place: str) -> tuple[Strike, ...]:
        """One strike of each action, the strongest."""
        there = [option.strike for option in self.chances.options if option.strike.where == place]
        return tuple({strike.action: strike for strike in sorted(there)}.values())

    def _sets_of_strikes(self, places: list[str]) -> list[Plan]:
        """Every set of strikes at each place, with the captures that it needs and with those that help."""
        plans = []
        for place in places:
            own = [option.strike for option in self.chances.options if option.strike.where == place]
            for bits in range(1, 2 ** len(own)):
                plan = self._plan(tuple(strike for k, strike in enumerate(own) if bits >> k & 1))
                plans.append(plan)
                if self.chances.helpful.get(place):
                    helped = dict.fromkeys(self.chances.helpful[place], self.parameters.efforts[0])
                    efforts = tuple(sorted((helped | dict(plan.efforts)).items()))
                    plans.append(replace(plan, efforts=efforts))
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
        place = _main_place(plan)
        for strike in self._needs:
            if strike not in plan.strikes and (strike.where == place or not self.one_place):
                yield self._plan((*plan.strikes, strike), plan)
        for strike in plan.strikes if len(plan.strikes) > 1 else ():
            yield self._plan(tuple(other for other in plan.strikes if other != strike), plan)
        for principal in self.chances.helpful.get(place, ()):
            if principal not in dict(plan.efforts):
                yield replace(plan, efforts=(*plan.efforts, (principal, self.parameters.efforts[0])))
        yield from self._variants(plan)

    def _variants(self, plan: Plan) -> list[Plan]:
        """The same strikes with other efforts or another rhythm."""
        found = [replace(plan, on_days=on, rest_days=rest) for on, rest in ((1, 0), (1, 1), (3, 1))]
        for effort in self.parameters.efforts if plan.efforts else ():
            found.append(replace(plan, efforts=tuple((who, effort) for who, _ in plan.efforts)))
        return [variant for variant in found if variant != plan]

    def _plan(self, strikes: tuple[Strike, ...], like: Plan = Plan()) -> Plan:
        """A plan of these strikes, with the captures that they need and the rhythm of *like*."""
        needed = dict.fromkeys(principal for strike in strikes for principal in self._needs[strike])
        efforts = dict.fromkeys(needed, self.parameters.efforts[0]) | dict(like.efforts)
        return replace(like, strikes=tuple(sorted(strikes)), efforts=tuple(sorted(efforts.items())))

    def _chance(self, plan: Plan) -> float:
        chance = 1.0
        for principal, effort in plan.efforts:
            chance *= capture_probability(effort, self.chances.security[principal])
        return chance

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
