"""A visitor's own attack: actions against places for some days, made into a plan, priced and checked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from agentsim.agents.attacker.actions import (
    ACTIONS,
    CITY,
    DISTRICT,
    BadActorParameters,
    Strike,
    cost_per_day,
    strengths,
    without_clashes,
)
from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.agents.attacker.mind import Plan
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.power.offers import largest_owner
from agentsim.place.cases import Place
from agentsim.scenario.file import Scenario
from agentsim.scenario.names import principals

MOST_STRIKES = 24
LONGEST_RHYTHM_DAYS = 60


class UnfitPlan(ValueError):
    """A plan that the attacker could not carry out or pay for; the text says why."""


@dataclass(frozen=True)
class Choice:
    """An action that a kind of attacker has a use for: where it falls, how strong it is, its price."""

    action: str
    code: str  # A1 to A9
    at: str  # district | supplier | city
    strengths: tuple[float, ...]  # the usual one first
    units_per_day: float  # at the usual strength


def choices(scenario: Scenario, kind: str) -> list[Choice]:
    """All actions of this kind of attacker, in the order of the model."""
    numbers, price = scenario.parameters.bad_actor, prices(scenario)
    return [
        Choice(name, name[:2], row.at, strengths(name, numbers), price[name])
        for name, row in ACTIONS.items()
        if kind in row.kinds
    ]


def places(scenario: Scenario, kind: str, action: str) -> tuple[str, ...]:
    """Where an action of this kind of attacker may fall: districts, suppliers, or the city."""
    place = _ground(scenario)
    if ACTIONS[action].at == CITY:
        return (CITY,)
    if ACTIONS[action].at == DISTRICT:
        return place.districts.name
    owners = tuple(dict.fromkeys(place.supply.terminal_supplier))
    own = tuple(name for name in owners if f"supplier:{name}" in scenario.attacker.foothold)
    return own if kind == "cartel" and own else owners


def prices(scenario: Scenario) -> dict[str, float]:
    """What a day of each action costs at its usual strength [units/d]."""
    numbers = scenario.parameters.bad_actor
    owned = _units_owned(scenario)
    return {
        name: cost_per_day(Strike(name, CITY, strengths(name, numbers)[0]), numbers, owned)
        for name in ACTIONS
    }


def missing(
    assets: Iterable[Mapping[str, Any]], foothold: Iterable[str], action: str, where: str
) -> tuple[str, ...] | None:
    """Whom one would still have to capture for an action; (): nobody; None: nobody could do it.

    Parameters
    ----------
    assets : of a recording's stage: who may operate what under its policies
    """
    hands, by_name = set(foothold), {row["name"]: row for row in assets}
    wanted: dict[str, None] = {}
    for _, classes in ACTIONS[action].needs:
        found = [by_name.get(f"{kind}:{where}", by_name.get(kind)) for kind in classes]
        ways = [_way(row, hands) for row in found if row is not None and row["holders"]]
        if not ways:
            return None
        nearest: tuple[str, ...] = min(ways, key=len)
        wanted |= dict.fromkeys(nearest)
    return tuple(wanted)


def _way(asset: Mapping[str, Any], hands: set[str]) -> tuple[str, ...]:
    if asset["authority"] == "both":
        return tuple(who for who in asset["holders"] if who not in hands)
    return () if hands & set(asset["holders"]) else (asset["holders"][0],)


def plan_of(
    chosen: Sequence[tuple[str, str]],
    on_days: int = 1,
    rest_days: int = 0,
    efforts: Mapping[str, float] | None = None,
    scenario: Scenario | None = None,
) -> Plan:
    """A plan from what a visitor clicked.

    Parameters
    ----------
    chosen : (action, place); of two that take hold of one asset the first counts
    on_days, rest_days : it strikes for so many days and rests for so many, over and over
    efforts : units spent on capturing each principal
    scenario : gives each action its usual strength; None: the model's defaults

    >>> plan_of([("A4", "Harbour"), ("A1", "Harbour")], on_days=3, rest_days=1).strikes
    (Strike(action='A1', where='Harbour', value=1.0), Strike(action='A4', where='Harbour', value=1.0))
    """
    numbers = scenario.parameters.bad_actor if scenario else BadActorParameters()
    known = [(action, where) for action, where in chosen if action in ACTIONS]
    strikes = {Strike(action, where, strengths(action, numbers)[0]): None for action, where in known}
    spent = tuple(sorted((who, float(effort)) for who, effort in (efforts or {}).items() if effort))
    return Plan(tuple(sorted(without_clashes(tuple(strikes)))), spent, int(on_days), int(rest_days))


def bill(plan: Plan, scenario: Scenario) -> dict[str, Any]:
    """What a plan costs, and how far the budget goes if nothing else stops it.

    Returns
    -------
    dict
        ``captures_units``, ``units_per_day``, ``days`` that are struck before the budget or the run ends,
        ``last_hour`` of the last of them (None: no day), ``left_units``
    """
    numbers, left = scenario.parameters.bad_actor, scenario.attacker.budget - plan.effort
    owned = _units_owned(scenario)
    a_day = sum(cost_per_day(strike, numbers, owned) for strike in plan.strikes)
    first, struck, last = scenario.attacker.first_hour, 0, None
    for day in range(-(-(scenario.hours - first) // HOURS_PER_DAY)):
        if not plan.strikes_on(day):
            continue
        if left + 1e-9 < a_day:
            break
        left, struck = left - a_day, struck + 1
        last = min(first + HOURS_PER_DAY * (day + 1), scenario.hours) - 1
    return {
        "captures_units": plan.effort,
        "units_per_day": a_day,
        "days": struck,
        "last_hour": last,
        "left_units": left,
    }


def check_plan(plan: Plan, attacker: str, scenario: Scenario) -> None:
    """Whether an attacker of this kind could set out on the plan.

    Raises
    ------
    UnfitPlan : an action that is not of this kind, a place or principal that does not exist, a rhythm or
        strength out of bounds, or captures and a first day that the budget does not pay
    """
    kind, _ = parse_attacker(attacker)
    if kind == "none":
        raise UnfitPlan("a plan needs an attacker")
    _check_strikes(plan, kind, scenario)
    if not 1 <= plan.on_days <= LONGEST_RHYTHM_DAYS or not 0 <= plan.rest_days <= LONGEST_RHYTHM_DAYS:
        raise UnfitPlan(
            f"days of striking are 1 to {LONGEST_RHYTHM_DAYS}, of rest 0 to {LONGEST_RHYTHM_DAYS}"
        )
    if plan.wasted != 0.0:
        raise UnfitPlan("effort in vain is for rehearsals")
    for who, effort in plan.efforts:
        if not _is_principal(who, scenario):
            raise UnfitPlan(f"there is no {who!r} to capture")
        if not 0 < effort <= scenario.attacker.budget:
            raise UnfitPlan(f"an effort of {effort:g} is not above 0 and within the budget")
    costs = bill(plan, scenario)
    first_day = costs["captures_units"] + costs["units_per_day"]
    if first_day > scenario.attacker.budget + 1e-9:
        raise UnfitPlan(
            f"captures and the first day cost {first_day:g} units; the budget is {scenario.attacker.budget:g}"
        )


def _check_strikes(plan: Plan, kind: str, scenario: Scenario) -> None:
    if not plan.strikes:
        raise UnfitPlan("the plan has no action")
    if len(plan.strikes) > MOST_STRIKES:
        raise UnfitPlan(f"{len(plan.strikes)} actions are more than {MOST_STRIKES}")
    able = {choice.action: choice for choice in choices(scenario, kind)}
    for strike in plan.strikes:
        if strike.action not in able:
            raise UnfitPlan(f"a {kind} does not do {strike.action!r}; it may do {', '.join(able)}")
        known = places(scenario, kind, strike.action)
        if strike.where not in known:
            raise UnfitPlan(f"there is no {strike.where!r}; known: {', '.join(known)}")
        if not 0 < strike.value <= max(able[strike.action].strengths):
            raise UnfitPlan(f"a strength of {strike.value:g} is not one of {able[strike.action].strengths}")
    if len(without_clashes(plan.strikes)) < len(plan.strikes):
        raise UnfitPlan("two actions take hold of the same asset; leave one out")


def _is_principal(who: str, scenario: Scenario) -> bool:
    """Whether somebody of this name may hold anything, under whatever policies."""
    place = _ground(scenario)
    kind, colon, name = who.partition(":")
    if colon:
        return name in {"municipality": place.districts.name, "supplier": place.supply.terminal_supplier}.get(
            kind, ()
        )
    return re.sub(r"_\d+$", "", who) in principals()


@lru_cache(maxsize=16)
def _ground(scenario: Scenario) -> Place:
    return scenario.build_place()


@lru_cache(maxsize=16)
def _units_owned(scenario: Scenario) -> int:
    """Generating units of the company that may withhold them."""
    grid = _ground(scenario).grid
    marginal = grid.unit_cost[:, 1] + 2.0 * grid.unit_cost[:, 0] * grid.unit_max_mw
    share = scenario.parameters.coupling.largest_owner_frac
    return int(largest_owner(marginal, grid.unit_max_mw, share).sum())
