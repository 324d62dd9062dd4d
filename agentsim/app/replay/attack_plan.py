"""A visitor's own attack: a plan made from chosen actions and places, with its cost and its checks."""

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
from agentsim.app.replay.bilingual import Bilingual, BilingualError
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.power.offers import largest_owner
from agentsim.place.cases import Place
from agentsim.report.wording.names import PLACES, action_name, in_language
from agentsim.scenario.file import Scenario
from agentsim.scenario.names import principals

MOST_STRIKES = 24
LONGEST_RHYTHM_DAYS = 60


class ImpossiblePlan(BilingualError):
    """A plan that the attacker could not carry out or pay for; the text says why."""

    code = "impossible_plan"


@dataclass(frozen=True)
class AvailableAction:
    """An action of a kind of attacker: its target, its strengths and its price."""

    action: str
    code: str  # A1 to A9
    at: str  # district | supplier | city
    strengths: tuple[float, ...]  # the usual one first
    units_per_day: float  # at the usual strength


def available_actions(scenario: Scenario, kind: str) -> list[AvailableAction]:
    """All actions of this kind of attacker, in the order of the model."""
    numbers, price = scenario.parameters.bad_actor, prices(scenario)
    return [
        AvailableAction(
            action=name,
            code=name[:2],
            at=row.at,
            strengths=strengths(name, numbers),
            units_per_day=price[name],
        )
        for name, row in ACTIONS.items()
        if kind in row.kinds
    ]


def places(scenario: Scenario, kind: str, action: str) -> tuple[str, ...]:
    """Possible targets of an action of this kind of attacker: districts, suppliers, or the city."""
    place = _place(scenario)
    if ACTIONS[action].at == CITY:
        return (CITY,)
    if ACTIONS[action].at == DISTRICT:
        return place.districts.name
    owners = tuple(dict.fromkeys(place.supply.terminal_supplier))
    own = tuple(name for name in owners if f"supplier:{name}" in scenario.attacker.foothold)
    return own if kind == "cartel" and own else owners


def prices(scenario: Scenario) -> dict[str, float]:
    """Cost of a day of each action at its usual strength [units/d]."""
    numbers = scenario.parameters.bad_actor
    owned = _units_owned(scenario)
    return {
        name: cost_per_day(Strike(name, CITY, strengths(name, numbers)[0]), numbers, owned)
        for name in ACTIONS
    }


def captures_needed(
    assets: Iterable[Mapping[str, Any]], foothold: Iterable[str], action: str, where: str
) -> tuple[str, ...] | None:
    """Principals that must still be captured for an action; (): none; None: the action is not possible.

    Parameters
    ----------
    assets : of a recording's city map: who may operate what under its policies
    foothold : principals that the attacker controls already
    """
    held, by_name = set(foothold), {row["name"]: row for row in assets}
    wanted: dict[str, None] = {}
    for _, classes in ACTIONS[action].needs:
        found = [by_name.get(f"{kind}:{where}", by_name.get(kind)) for kind in classes]
        ways = [_captures_for(row, held) for row in found if row is not None and row["holders"]]
        if not ways:
            return None
        fewest: tuple[str, ...] = min(ways, key=len)
        wanted |= dict.fromkeys(fewest)
    return tuple(wanted)


def _captures_for(asset: Mapping[str, Any], held: set[str]) -> tuple[str, ...]:
    if asset["authority"] == "both":
        return tuple(who for who in asset["holders"] if who not in held)
    return () if held & set(asset["holders"]) else (asset["holders"][0],)


def plan_of(
    chosen: Sequence[tuple[str, str]],
    on_days: int = 1,
    rest_days: int = 0,
    efforts: Mapping[str, float] | None = None,
    scenario: Scenario | None = None,
) -> Plan:
    """The plan that a visitor has put together.

    Parameters
    ----------
    chosen : (action, place); of two that use the same asset the first counts
    on_days, rest_days : days of attack and days without, repeated
    efforts : units spent on capturing each principal
    scenario : has the usual strength of each action; None: the model's defaults

    >>> plan_of([("A4", "Harbour"), ("A1", "Harbour")], on_days=3, rest_days=1).strikes
    (Strike(action='A1', where='Harbour', value=1.0), Strike(action='A4', where='Harbour', value=1.0))
    """
    numbers = scenario.parameters.bad_actor if scenario else BadActorParameters()
    known = [(action, where) for action, where in chosen if action in ACTIONS]
    strikes = {Strike(action, where, strengths(action, numbers)[0]): None for action, where in known}
    spent = tuple(sorted((who, float(effort)) for who, effort in (efforts or {}).items() if effort))
    return Plan(tuple(sorted(without_clashes(tuple(strikes)))), spent, int(on_days), int(rest_days))


def plan_cost(plan: Plan, scenario: Scenario) -> dict[str, Any]:
    """Cost of a plan, and the days of attack that the budget pays if nothing else ends them.

    Returns
    -------
    dict
        ``captures_units``, ``units_per_day``, ``days`` of attack before the budget or the run ends,
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
    """Check that an attacker of this kind could carry out the plan.

    Raises
    ------
    ImpossiblePlan : an action that is not of this kind, a place or principal that does not exist, a rhythm or
        strength out of bounds, or captures and a first day that the budget does not pay
    """
    kind, _ = parse_attacker(attacker)
    if kind == "none":
        raise _impossible("a plan needs an attacker", "攻撃者の種類を選んでください")
    _check_strikes(plan, kind, scenario)
    if not 1 <= plan.on_days <= LONGEST_RHYTHM_DAYS or not 0 <= plan.rest_days <= LONGEST_RHYTHM_DAYS:
        raise _impossible(
            f"days of attack are 1 to {LONGEST_RHYTHM_DAYS}, days without 0 to {LONGEST_RHYTHM_DAYS}",
            f"攻撃する日数は1〜{LONGEST_RHYTHM_DAYS}日、休む日数は0〜{LONGEST_RHYTHM_DAYS}日にしてください",
        )
    if plan.wasted != 0.0:
        raise _impossible(
            "wasted effort is for rehearsals only", "無駄になる労力は、攻撃の試行にしか使えません"
        )
    _check_efforts(plan, scenario)
    costs, budget = plan_cost(plan, scenario), scenario.attacker.budget
    first_day = costs["captures_units"] + costs["units_per_day"]
    if first_day > budget + 1e-9:
        raise _impossible(
            f"captures and the first day cost {first_day:g} units; the budget is {budget:g}",
            f"乗っ取りと初日の費用は{first_day:g}単位で、予算の{budget:g}単位を超えています",
        )


def _impossible(en: str, ja: str) -> ImpossiblePlan:
    return ImpossiblePlan(Bilingual(en, ja))


def _check_efforts(plan: Plan, scenario: Scenario) -> None:
    for who, effort in plan.efforts:
        if not _is_principal(who, scenario):
            raise _impossible(f"there is no {who!r} to capture", f"乗っ取る相手 {who!r} はありません")
        if not 0 < effort <= scenario.attacker.budget:
            raise _impossible(
                f"an effort of {effort:g} is not above 0 and within the budget",
                f"労力は、0より大きく予算以下にしてください({effort:g})",
            )


def _check_strikes(plan: Plan, kind: str, scenario: Scenario) -> None:
    if not plan.strikes:
        raise _impossible("the plan has no action", "計画に行動がありません")
    if len(plan.strikes) > MOST_STRIKES:
        raise _impossible(
            f"{len(plan.strikes)} actions are more than {MOST_STRIKES}",
            f"行動が{len(plan.strikes)}件あり、上限の{MOST_STRIKES}件を超えています",
        )
    able = {one.action: one for one in available_actions(scenario, kind)}
    for strike in plan.strikes:
        if strike.action not in able:
            able_ja = "、".join(action_name(one, "ja") for one in able)
            raise _impossible(
                f"this kind of attacker does not do {strike.action!r}; it may do {', '.join(able)}",
                f"この種類の攻撃者は「{_action_ja(strike.action)}」を行いません。可能な行動:{able_ja}",
            )
        known = places(scenario, kind, strike.action)
        if strike.where not in known:
            names = names_ja(scenario)
            known_ja = "、".join(names.get(where, where) for where in known)
            raise _impossible(
                f"there is no {strike.where!r}; known: {', '.join(known)}",
                f"{strike.where!r} という場所はありません。候補:{known_ja}",
            )
        if not 0 < strike.value <= max(able[strike.action].strengths):
            strengths_ja = "、".join(f"{one:g}" for one in able[strike.action].strengths)
            raise _impossible(
                f"a strength of {strike.value:g} is not one of {able[strike.action].strengths}",
                f"強さ {strike.value:g} は使えません。候補:{strengths_ja}",
            )
    if len(without_clashes(plan.strikes)) < len(plan.strikes):
        raise _impossible(
            "two actions use the same asset; leave one out",
            "二つの行動が同じ設備を使います。一方を外してください",
        )


def _action_ja(action: str) -> str:
    return action_name(action, "ja") if action in ACTIONS else action


def names_ja(scenario: Scenario) -> dict[str, str]:
    """Japanese names of the places of attacks by their English ones."""
    districts = _place(scenario).districts
    return {CITY: in_language(PLACES[CITY], "ja")} | dict(zip(districts.name, districts.name_ja, strict=True))


def _is_principal(who: str, scenario: Scenario) -> bool:
    """True if this principal can control at least one asset under some policy."""
    place = _place(scenario)
    kind, colon, name = who.partition(":")
    if colon:
        return name in {"municipality": place.districts.name, "supplier": place.supply.terminal_supplier}.get(
            kind, ()
        )
    return re.sub(r"_\d+$", "", who) in principals()


@lru_cache(maxsize=16)
def _place(scenario: Scenario) -> Place:
    return scenario.build_place()


@lru_cache(maxsize=16)
def _units_owned(scenario: Scenario) -> int:
    """Number of generating units of the company that may withhold them."""
    grid = _place(scenario).grid
    marginal = grid.unit_cost[:, 1] + 2.0 * grid.unit_cost[:, 0] * grid.unit_max_mw
    share = scenario.parameters.coupling.largest_owner_frac
    return int(largest_owner(marginal, grid.unit_max_mw, share).sum())
