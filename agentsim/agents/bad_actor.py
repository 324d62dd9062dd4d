"""The bad actor: whoever holds a control room and uses it against a district (E-R1, W-R1, T-R1).

*Kind* is what it wants, *mind* how it chooses. The coercer wants a district to suffer; the random mind
takes, each day, each action that its edges allow with probability one half, as long as the budget pays.
It is a floor for any attacker that plans.
"""

from dataclasses import dataclass

import mesa
import numpy as np

from agentsim.exchange import Order, Outlook
from agentsim.institutions.control_graph import ControlGraph
from agentsim.parameters import parameter
from agentsim.streams import Streams
from agentsim.units import HOURS_PER_DAY

KINDS = ("none", "coercer")
MINDS = ("random",)

# action of the kill chain -> the classes of assets that carry it, the sharpest first
ACTIONS = {
    "A1": ("breakers",),
    "A4": ("inlet_valves", "trunk_valves"),
    "A6": ("road_closures",),
}


@dataclass(frozen=True)
class Parameters:
    """Running cost of the actions and the random mind's habit."""

    cost_per_day: tuple[float, ...] = parameter(
        (2.0, 2.0, 2.0), "budget units/d", "open curtailment A1, valve cut A4, closure A6", "A", 0, 1000
    )
    action_chance: float = parameter(0.5, "1", "random mind: each action each day", "A", 0, 1)


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


class RandomMind:
    """Chooses by lot: a target once, and each day which actions to take."""

    def __init__(self, streams: Streams, parameters: Parameters) -> None:
        self.streams = streams
        self.parameters = parameters

    def target(self, people: np.ndarray) -> int:
        """A district, drawn in equal parts."""
        return int(self.streams.uniform("attack", 0, 1)[0] * len(people))

    def actions(self, day: int) -> tuple[str, ...]:
        """Actions of the day: each with ``action_chance``."""
        taken = self.streams.uniform("attack", 1 + day, len(ACTIONS)) < self.parameters.action_chance
        return tuple(action for action, yes in zip(ACTIONS, taken, strict=True) if yes)


class BadActor(mesa.Agent):
    """A principal's hand misused. It holds what it has captured, and pays for each day of each action."""

    def __init__(
        self,
        model: mesa.Model,
        kind: str,
        mind: RandomMind,
        foothold: tuple[str, ...],
        target: int | None,
        budget: float,
        first_hour: int,
        parameters: Parameters,
    ) -> None:
        super().__init__(model)
        self.kind, self.mind, self.captured = kind, mind, foothold
        self.target = mind.target(model.place.districts.people) if target is None else target
        self.budget, self.first_hour, self.parameters = budget, first_hour, parameters
        self.spent = 0.0
        self.attacks_begun = 0
        self.actions: tuple[str, ...] = ()
        self.orders: list[Order] = []

    def step(self) -> None:
        self.orders = self.decide(self.model.hour, self.model.control, self.model.outlook)

    def decide(self, hour: int, control: ControlGraph, outlook: Outlook) -> list[Order]:
        """Orders of the hour: those of the day's plan that an edge and the budget allow."""
        if hour < self.first_hour:
            return []
        since = hour - self.first_hour
        if since % HOURS_PER_DAY == 0:
            self._plan_day(since // HOURS_PER_DAY, control)
        return [order for action in self.actions for order in self._orders(action, control)]

    def _plan_day(self, day: int, control: ControlGraph) -> None:
        able = [a for a in self.mind.actions(day) if self._orders(a, control)]
        costs = dict(zip(ACTIONS, self.parameters.cost_per_day, strict=True))
        chosen: list[str] = []
        for action in able:
            if self.spent + costs[action] <= self.budget:
                self.spent += costs[action]
                chosen.append(action)
        if chosen and not self.actions:
            self.attacks_begun += 1
        self.actions = tuple(chosen)

    def _orders(self, action: str, control: ControlGraph) -> list[Order]:
        """The orders that carry out *action* with the sharpest asset it holds; none without an edge."""
        district = control.districts[self.target]
        for kind in ACTIONS[action]:
            asset = f"{kind}:{district}"
            hands = [p for p in self.captured if control.holds(p, asset)]
            if hands:
                return [Order(principal, asset, "restrict", 1.0) for principal in hands]
        return []
