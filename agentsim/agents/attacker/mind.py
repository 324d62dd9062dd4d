"""Minds of an attacker: how it chooses its captures and strikes.

A plan says which principals to try to capture, with how much effort, and which strikes to carry out day by
day while the budget lasts. ``random`` draws its strikes each day; ``best_response`` carries
out a plan that was searched before (:mod:`agentsim.agents.attacker.search`), ``scripted`` one that a
person wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from agentsim.agents.attacker.actions import ACTIONS, Strike, parse_strike, without_clashes
from agentsim.agents.attacker.chances import ROAMS, Chances
from agentsim.core.streams import Streams

PLACE_DRAWS = 64  # until one is within reach


@dataclass(frozen=True, order=True)
class Plan:
    """The captures and strikes that an attacker intends.

    ``efforts`` are spent on captures at its first hour; then, while the budget pays, it strikes for
    ``on_days`` and rests for ``rest_days``, over and over. In a rehearsal of what remains when captures fail,
    ``wasted`` is effort that was spent without effect, and ``late_days`` are days that were lost.
    ``most_units`` is the most that it spends of a larger budget; 0: all of it.
    """

    strikes: tuple[Strike, ...] = ()
    efforts: tuple[tuple[str, float], ...] = ()
    on_days: int = 1
    rest_days: int = 0
    wasted: float = 0.0
    late_days: int = 0
    most_units: float = 0.0

    def strikes_on(self, day: int) -> tuple[Strike, ...]:
        """The strikes of a day, counted from the first hour."""
        return self.strikes if day % (self.on_days + self.rest_days) < self.on_days else ()

    def within(self, budget: float) -> float:
        """What it spends at most of a budget [units]."""
        return min(budget, self.most_units) if self.most_units else budget

    @property
    def effort(self) -> float:
        """All effort spent on captures, wasted effort included [units]."""
        return self.wasted + sum(effort for _, effort in self.efforts)

    @property
    def main_place(self) -> str:
        """Where most of the strikes fall, the first of equals."""
        places = [strike.where for strike in self.strikes]
        return max(dict.fromkeys(places), key=places.count) if places else ""


def script(strikes: Sequence[str], efforts: Sequence[str], on_days: int, rest_days: int) -> Plan:
    """The plan that a scenario writes down: strikes, and captures with their effort.

    Raises
    ------
    ValueError : a line cannot be read

    >>> script(["A1 Harbour"], ["municipality:Old Town 12"], 3, 1).efforts
    (('municipality:Old Town', 12.0),)
    """
    bought = []
    for text in efforts:
        who, _, effort = text.rpartition(" ")
        if not who or not effort.replace(".", "", 1).isdigit():
            raise ValueError(
                f"{text!r} is no capture; write a principal and an effort, as in 'municipality:X 12'"
            )
        bought.append((who, float(effort)))
    return Plan(tuple(parse_strike(text) for text in strikes), tuple(bought), on_days, rest_days)


def networks_of(strikes: Sequence[Strike]) -> tuple[str, ...]:
    """Networks that *strikes* abuse, each once.

    >>> networks_of([Strike("A1", "Harbour"), Strike("A2 power", "Harbour"), Strike("A4", "Harbour")])
    ('power', 'water')
    """
    return tuple(dict.fromkeys(network for strike in strikes for network in strike.networks))


def drawn_place(streams: Streams, number: int, places: Sequence[str], reach: frozenset[str]) -> str:
    """One of the *places* within *reach*, each with the same chance; an empty text where there is none.

    Places are drawn from all until one is within reach, so that the same place is chosen under another policy
    wherever it is within reach there too.
    """
    if not reach:
        return ""
    for stream, draws in (("attack", 1), ("another place", PLACE_DRAWS)):
        for draw in streams.uniform(stream, number, draws).tolist():
            if places[int(draw * len(places))] in reach:
                return places[int(draw * len(places))]
    return min(reach)


class RandomMind:
    """Chooses at random: its place once (kinds in ``ROAMS``: each day), and its strikes each day.

    It chooses among the places that it can reach with the fewest captures (:meth:`Chances.within_reach`).
    """

    wasted = 0.0

    def __init__(
        self, streams: Streams, kind: str, chances: Chances, target: str, action_chance: float
    ) -> None:
        self.streams, self.kind, self.chances = streams, kind, chances
        self.action_chance = action_chance
        self._reach = frozenset(chances.within_reach())
        given = target if target in chances.places else ""  # a cartel's places are suppliers
        self.target = "" if kind in ROAMS else given or self._place(0)

    def _place(self, number: int) -> str:
        return drawn_place(self.streams, number, self.chances.places, self._reach)

    def efforts(self) -> dict[str, float]:
        """It tries to capture nobody."""
        return {}

    def cheapest_day(self) -> float:
        """Cost of the cheapest strike that it could carry out, inf where there is none [units/d]."""
        return min((o.cost_per_day for o in self.chances.options if not o.captures), default=float("inf"))

    def networks(self) -> tuple[str, ...]:
        """Networks that it might abuse."""
        return networks_of([o.strike for o in self.chances.options if not o.captures])

    def strikes_on(self, day: int) -> tuple[Strike, ...]:
        """Strikes of the day: each with ``action_chance``, each action with a draw of its own."""
        draw = dict(zip(ACTIONS, self.streams.uniform("attack", 1 + day, len(ACTIONS)), strict=True))
        places = self.chances.places
        where = self.target or self._place(10_000 + day)
        drawn = tuple(
            option.strike
            for option in self.chances.options
            if not option.captures
            and option.usual
            and (option.strike.where == where or option.strike.where not in places)
            and draw[option.strike.action] < self.action_chance
        )
        return without_clashes(drawn)


class PlannedMind:
    """Carries out a given plan. Its target is where most strikes fall, or the *given* district."""

    def __init__(self, plan: Plan, chances: Chances | None = None, given: str = "") -> None:
        self.plan, self.wasted = plan, plan.wasted
        self._cost = {o.strike: o.cost_per_day for o in chances.options} if chances else {}
        districts = chances.places if chances else None
        known = [s for s in plan.strikes if districts is None or s.where in districts]
        self.target = Plan(tuple(known)).main_place or given

    def efforts(self) -> dict[str, float]:
        return dict(self.plan.efforts)

    def cheapest_day(self) -> float:
        """Cost of the cheapest strike of the plan, inf where it has none [units/d]."""
        return min((self._cost.get(strike, 0.0) for strike in self.plan.strikes), default=float("inf"))

    def networks(self) -> tuple[str, ...]:
        """Networks that its plan abuses."""
        return networks_of(self.plan.strikes)

    def strikes_on(self, day: int) -> tuple[Strike, ...]:
        return self.plan.strikes_on(day)
