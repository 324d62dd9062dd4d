"""What an attacker can do: the strikes that edges allow, and which principals it must capture first."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from agentsim.agents.attacker.actions import (
    ACTIONS,
    CITY,
    DISTRICT,
    SUPPLIER,
    Arsenal,
    BadActorParameters,
    Strike,
    cost_per_day,
    strengths,
)
from agentsim.institutions.capture import joint_probability

ROAMS = ("rent_seeker", "saboteur")  # kinds that may choose another place each day


@dataclass(frozen=True)
class Option:
    """A strike that edges allow once ``captures`` are captured; () if nobody has to be."""

    strike: Strike
    captures: tuple[str, ...] = ()
    usual: bool = True  # at the action's usual strength
    cost_per_day: float = 0.0  # units


@dataclass(frozen=True)
class Chances:
    """What an attacker can do, and which principals it can capture."""

    places: tuple[str, ...]  # to choose a target from: districts, or suppliers for a cartel
    options: tuple[Option, ...]
    security: dict[str, float]  # of every principal that it does not hold
    helpful: Mapping[
        str, tuple[str, ...]
    ]  # place -> its municipality if not held; captured, it undoes no cut
    vendor: Mapping[str, str] = field(default_factory=dict)
    common_mode: float = 0.0
    unnoticed: float = 1.0  # chance that one capture's kill chain goes unnoticed to its end
    retry_days: int = 0  # after which it tries once more to capture whom it could not
    run_days: int = 0  # from its first hour to the end
    budget: float = float("inf")  # units

    def only(self, *places: str) -> "Chances":
        """The chances at some places, with those that fall on the whole city or on another kind of place."""
        there = tuple(
            o for o in self.options if o.strike.where in places or o.strike.where not in self.places
        )
        return replace(self, places=places, options=there)

    def within_reach(self) -> tuple[str, ...]:
        """The places that it can strike after the fewest captures; all places where it can strike none.

        With a foothold these are the places where it needs no capture at all.
        """
        fewest: dict[str, int] = {}
        for option in self.options:
            where, needed = option.strike.where, len(option.captures)
            if where in self.places:
                fewest[where] = min(needed, fewest.get(where, needed))
        least = min(fewest.values(), default=0)
        return tuple(where for where in self.places if fewest.get(where) == least) or self.places

    def tries(self, effort: float) -> int:
        """How often it can try captures of this effort in the run, if they fail each time."""
        in_time = 1 + max(self.run_days - 1, 0) // self.retry_days if self.retry_days else 1
        return max(int(min(in_time, self.budget / effort)), 1) if effort else 1

    def capture_chance(self, efforts: Mapping[str, float]) -> float:
        """Chance that all of *efforts* succeed."""
        joint = joint_probability(efforts, self.security, self.vendor, self.common_mode)
        return joint * self.unnoticed ** len(efforts)


def chances_of(
    kind: str,
    foothold: tuple[str, ...],
    arsenal: Arsenal,
    numbers: BadActorParameters,
    units_owned: int = 1,
    unnoticed: float = 1.0,
    **limits: Any,
) -> Chances:
    """What an attacker of this kind could do with its foothold, and after which captures.

    *limits* are ``retry_days``, ``run_days`` and ``budget`` of :class:`Chances`.
    """
    held, control, contest = frozenset(foothold), arsenal.control, arsenal.contest
    owners = tuple(dict.fromkeys(control.terminal_owner))
    own = tuple(name for name in owners if f"supplier:{name}" in held)
    wheres = {
        DISTRICT: control.districts,
        SUPPLIER: own if kind == "cartel" and own else owners,
        CITY: (CITY,),
    }
    options = []
    for name, action in ACTIONS.items():
        for where in wheres[action.at] if kind in action.kinds else ():
            for nth, value in enumerate(strengths(name, numbers)):
                strike = Strike(name, where, value)
                missing = arsenal.missing(strike, held)
                if missing is not None:
                    cost = cost_per_day(strike, numbers, units_owned)
                    options.append(Option(strike, missing, action.usual and nth == 0, cost))
    towns = {where: f"municipality:{where}" for where in control.districts}
    helpful = {
        where: (town,) for where, town in towns.items() if town in control.principals and town not in held
    }
    return Chances(
        places=wheres[SUPPLIER] if kind == "cartel" else control.districts,
        options=tuple(options),
        security={name: contest.security(name) for name in control.principals if name not in held},
        helpful=helpful,
        vendor=contest.vendor,
        common_mode=contest.parameters.common_mode,
        unnoticed=unnoticed,
        **limits,
    )
