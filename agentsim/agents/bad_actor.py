"""The bad actor: whoever holds or captures a principal and uses it against people (E-R1, W-R1, T-R1, R-R1).

*Kind* is what it wants. A ``coercer`` wants one district to suffer until it gives in; a ``saboteur`` harm
anywhere; a ``cartel`` of suppliers a dearer market. *Mind* is how it chooses (:mod:`agentsim.agents.mind`).
"""

from dataclasses import dataclass

import mesa
import numpy as np

from agentsim.agents.mind import ACTIONS, Chances, Option, Plan, PlannedMind, RandomMind, Strike
from agentsim.exchange import Hour, Order
from agentsim.institutions.capture import Contest
from agentsim.institutions.control_graph import Asset, ControlGraph
from agentsim.parameters import parameter
from agentsim.units import HOURS_PER_DAY

KINDS = ("none", "coercer", "saboteur", "cartel")
MINDS = ("random", "best_response")
MAY = {"coercer": ("A1", "A4", "A6"), "saboteur": ("A1", "A4", "A6"), "cartel": ("A7",)}
VERBS = {"A7": "withhold"}
TELLS = {"A1": "power (A1)", "A4": "water (A4)", "A6": "roads (A6)", "A7": "supply (A7)"}


@dataclass(frozen=True)
class Parameters:
    """Running cost of the actions, the random mind's habit, and what each kind wants."""

    cost_per_day: tuple[float, ...] = parameter(
        (2.0, 2.0, 2.0, 4.0),
        "units/d",
        "curtailment A1, valves A4, closure A6, embargo and hoarding A7",
        "A",
        0,
        1000,
    )
    action_chance: float = parameter(0.5, "1", "random mind: each action each day", "A", 0, 1)
    hoarding_frac: float = parameter(0.5, "1", "share of capacity that hoarding withholds", "A", 0, 1)
    output_weight: float = parameter(
        1.0, "1", "saboteur: an hour of the city's whole output lost, in deprivation-hours", "A", 0, 1000
    )


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


def chances_of(
    kind: str, control: ControlGraph, foothold: tuple[str, ...], contest: Contest, parameters: Parameters
) -> Chances:
    """What a bad actor of this kind could do with its foothold, and after which captures."""
    hands = set(foothold)
    suppliers = [name.partition(":")[2] for name in foothold if name.startswith("supplier:")]
    places = tuple(suppliers) if kind == "cartel" else control.districts
    strengths = (1.0, parameters.hoarding_frac) if kind == "cartel" else (1.0,)
    options = []
    for where in places:
        for action in MAY[kind]:
            assets = control.sharpest(ACTIONS[action], where)
            ways = [_missing(asset, hands, contest) for asset in assets]
            missing = min((way for way in ways if way is not None), key=len, default=None)
            if assets and not control.needs_edge:
                missing = ()
            if missing is not None:
                options += [Option(Strike(action, where, value), missing) for value in strengths]
    helpful = {
        where: tuple(name for name in control.holders_at(where) if name not in hands) for where in places
    }
    security = {name: contest.security(name) for name in control.principals if name not in hands}
    return Chances(places, tuple(options), security, helpful)


def _missing(asset: Asset, hands: set[str], contest: Contest) -> tuple[str, ...] | None:
    """Whom one would still have to capture to operate the asset: all of its holders, or the weakest.

    None where nobody may operate it.
    """
    holders = asset.holding.holders
    if not holders:
        return None
    if asset.holding.authority == "both":
        return tuple(holder for holder in holders if holder not in hands)
    return () if hands & set(holders) else (min(holders, key=contest.security),)


class BadActor(mesa.Agent):
    """A hand on principals that are not its own. It pays for each day of each strike.

    Parameters
    ----------
    foothold : principals that it holds from the start
    rehearsal : what its plan would capture is taken for captured
    """

    def __init__(
        self,
        model: mesa.Model,
        kind: str,
        mind: RandomMind | PlannedMind,
        contest: Contest,
        foothold: tuple[str, ...],
        budget: float,
        first_hour: int,
        parameters: Parameters,
        rehearsal: bool = False,
    ) -> None:
        super().__init__(model)
        self.kind, self.mind, self.contest, self.parameters = kind, mind, contest, parameters
        self.captured, self.budget, self.first_hour = foothold, budget, first_hour
        self.rehearsal = rehearsal
        self.spent = 0.0
        self.attacks_begun = 0
        self.strikes: tuple[Strike, ...] = ()
        self.orders: list[Order] = []

    def step(self) -> None:
        self.orders = self.decide(self.model.hour, self.model.control)

    def decide(self, hour: int, control: ControlGraph) -> list[Order]:
        """Orders of the hour: captures first, then the day's strikes that an edge and the budget allow."""
        since = hour - self.first_hour
        if since < 0:
            return []
        if since == 0:
            self._capture()
        if since % HOURS_PER_DAY == 0:
            self._plan_day(since // HOURS_PER_DAY, control)
        return [order for strike in self.strikes for order in self._orders(strike, control)]

    def _capture(self) -> None:
        efforts = {}
        for principal, effort in self.mind.efforts().items():
            if self.spent + effort <= self.budget:
                efforts[principal] = effort
                self.spent += effort
        draw = self.model.streams.uniform("capture", 0, self.contest.draws)
        fallen = tuple(efforts) if self.rehearsal else self.contest.fallen(efforts, draw)
        self.captured = tuple(dict.fromkeys((*self.captured, *fallen)))
        for principal in efforts:
            says = "captured" if principal in self.captured else "holds out against capture"
            self.model.chronicle.tell(self.first_hour, "capture", principal, says)

    def _plan_day(self, day: int, control: ControlGraph) -> None:
        cost = dict(zip(ACTIONS, self.parameters.cost_per_day, strict=True))
        chosen: list[Strike] = []
        for strike in self.mind.strikes_on(day):
            if self._orders(strike, control) and self.spent + cost[strike.action] <= self.budget:
                self.spent += cost[strike.action]
                chosen.append(strike)
        if chosen and not self.strikes:
            self.attacks_begun += 1
            self._tell_attack(day, chosen)
        self.strikes = tuple(chosen)

    def _tell_attack(self, day: int, chosen: list[Strike]) -> None:
        hour = self.first_hour + day * HOURS_PER_DAY
        for where in dict.fromkeys(strike.where for strike in chosen):
            actions = ", ".join(TELLS[strike.action] for strike in chosen if strike.where == where)
            self.model.chronicle.tell(hour, "attack", where, f"the {self.kind} goes for {actions}")

    def _orders(self, strike: Strike, control: ControlGraph) -> list[Order]:
        """Orders that carry out a strike with the sharpest asset it can operate; none without an edge."""
        verb = VERBS.get(strike.action, "restrict")
        for asset in control.sharpest(ACTIONS[strike.action], strike.where):
            if not control.needs_edge or _missing(asset, set(self.captured), self.contest) == ():
                hands = [who for who in asset.holding.holders if who in self.captured]
                return [Order(who, asset.name, verb, strike.value) for who in hands or self.captured[:1]]
        return []

    @property
    def silenced(self) -> frozenset[str]:
        """Captured municipalities whose own officers cannot act, because their district is being struck."""
        struck = {f"municipality:{strike.where}" for strike in self.strikes}
        return frozenset(struck & set(self.captured))


@dataclass(frozen=True)
class Stake:
    """What a bad actor looks at when it counts its gains."""

    district: int  # of a coercer, -1: none
    people: np.ndarray  # (districts,)
    terminals: np.ndarray  # of a cartel, indices
    goods: np.ndarray  # what these terminals sell, indices of goods


def gain(kind: str, now: Hour, stake: Stake, numbers: Parameters) -> float:
    """What one hour is worth to a bad actor.

    coercer: weighted deprivation-hours a head in its district. saboteur: their mean over the city, and the
    share of the city's output that is lost. cartel: sales of its terminals [million JPY].
    """
    if kind == "cartel":
        supply = now.service.supply
        return float(supply.imported_t[stake.terminals] @ supply.price_jpy_per_t[stake.goods]) / 1e6
    if kind == "coercer":
        return float(now.living.deprivation_h[stake.district]) if stake.district >= 0 else 0.0
    usual = float(now.living.output_usual_jpy.sum())
    lost = 1.0 - float(now.living.output_jpy.sum()) / usual if usual > 0 else 0.0
    mean_h = float(now.living.deprivation_h @ stake.people / stake.people.sum())
    return mean_h + numbers.output_weight * lost


def whole_gain(
    gains: np.ndarray, plan: Plan, budget: float, hours_left: int, numbers: Parameters, rest: float
) -> float:
    """Gains of a rollout, extended to the end of the run.

    Beyond the rollout the plan goes on at the mean gain of its last two days as long as the budget pays;
    after that each hour is worth *rest*, the gain of an ordinary hour.

    Parameters
    ----------
    gains : array (hours,) of the rollout from the first hour on
    hours_left : from the first hour to the end of the run, at least the rollout's
    """
    cost = dict(zip(ACTIONS, numbers.cost_per_day, strict=True))
    a_day = sum(cost[strike.action] for strike in plan.strikes)
    purse = budget - sum(effort for _, effort in plan.efforts)
    days = int(purse / a_day) if a_day > 0 and purse > 0 else 0
    struck_h = min(HOURS_PER_DAY * plan.calendar_days(days), hours_left)
    beyond_h = max(struck_h - len(gains), 0)
    quiet_h = hours_left - len(gains) - beyond_h
    pace = float(gains[-2 * HOURS_PER_DAY :].mean())
    return float(gains.sum()) + beyond_h * pace + quiet_h * rest
