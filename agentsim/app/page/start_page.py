"""What the page shows at first, the runs of a choice, and how one click of a visitor changes the choice."""

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from agentsim.agents.attacker.bad_actor import KINDS, MINDS, full_name, parse_attacker
from agentsim.agents.attacker.mind import Plan
from agentsim.app.page import expert
from agentsim.app.page.link import MOST_NUMBERS, Choice, from_query, to_query
from agentsim.app.replay import policy_prices, presets, scenario_list
from agentsim.app.replay.recording import Request
from agentsim.app.replay.stories import story_of
from agentsim.policies import POLICIES, expand
from agentsim.scenario.file import Scenario
from agentsim.scenario.names import persistences

COERCER = "coercer"  # the only kind to which a district may give in
OWN, SCRIPTED = "own", "scripted"  # minds: the visitor's own plan; the attacks written in the scenario


def usual_choice() -> Choice:
    """What a visitor without a link sees: the first scenario with its default attacker."""
    name = os.environ.get("AGENTSIM_APP_SCENARIO", "")
    return choice_of(name if name in scenario_list.names() else _first_scenario())


def _first_scenario() -> str:
    names = scenario_list.names()
    return "hostile_operator" if "hostile_operator" in names else names[0]


def choice_of(name: str, lang: str = "en") -> Choice:
    """What the page shows of a scenario at first: its story, at full length, with its default attacker."""
    scenario = scenario_list.scenario_named(name)
    usual, story = presets.request_for(name), story_of(name, scenario)
    return Choice(
        scenario=name,
        policies=expand(story.policies),
        attacker=presets.default_attacker(scenario),
        seed=usual.seed,
        hours=usual.hours,
        lang=lang,
        layer=story.layer,
        measure=story.measure,
        hour=min(story.hour, usual.hours - 1),
    )


def choice_of_link(query: str | None) -> Choice:
    """The choice of a link; what it leaves out is as its scenario opens."""
    usual, listed = usual_choice(), scenario_list.names()
    named = from_query(query, usual, listed)
    if named.scenario != usual.scenario:
        usual = choice_of(named.scenario)
    return from_query(query, usual, listed)


def requests(choice: Choice) -> tuple[Request, Request]:
    """The runs of a choice: without policies and with them."""
    changes: list[tuple[str, Any]] = []
    if choice.attacker != "none":
        changes += [("attacker.budget", choice.budget)] if choice.budget is not None else []
        changes += [("attacker.first_hour", choice.first_hour)] if choice.first_hour is not None else []
        if choice.persistence is not None and parse_attacker(choice.attacker)[0] == COERCER:
            changes += [("attacker.persistence", choice.persistence)]
    own = choice.own if choice.attacker != "none" else None
    changes += _in_force(choice)
    attacker = f"{parse_attacker(choice.attacker)[0]}:best_response" if own else choice.attacker
    with_policies = Request(
        scenario=choice.scenario,
        policies=choice.policies,
        attacker=attacker,
        seed=choice.seed,
        hours=choice.hours,
        households=presets.HOUSEHOLDS,
        plan=own,
        changes=tuple(changes),
    )
    others = tuple((key, value) for key, value in changes if not key.startswith("policy."))
    return replace(with_policies.without_policies(), changes=others), with_policies


def _in_force(choice: Choice) -> list[tuple[str, Any]]:
    """Numbers that an expert has set, without those of policies that are not adopted."""
    kept = []
    for key, value in choice.numbers:
        id = key.split(".")[1] if key.startswith("policy.") else ""
        if not id or id in choice.policies:
            kept.append((key, value))
    return kept


def minds_of(scenario: Scenario) -> tuple[str, ...]:
    """Minds that an attacker may have: a scripted one only if the scenario has written its attacks."""
    return tuple(mind for mind in MINDS if mind != SCRIPTED or scenario.attacker.strikes)


def until_concession(choice: Choice) -> bool:
    """True if the attacker of this choice waits until the district gives in."""
    own = scenario_list.scenario_named(choice.scenario).attacker.persistence
    return parse_attacker(choice.attacker)[0] == COERCER and (choice.persistence or own) != persistences()[0]


def changed(choice: Choice, change: dict[str, Any]) -> Choice:
    """The choice after one action of the visitor; unknown keys and values are ignored."""
    for key, value in change.items():
        if key in _CHANGES:
            choice = _CHANGES[key](choice, value)
        else:
            choice = from_query(to_query(choice) + _as_query(key, value), choice, scenario_list.names())
    return choice


def _with_toggled(choice: Choice, id: Any) -> Choice:
    if id not in POLICIES:
        return choice
    after = set(choice.policies) ^ {id}
    return choice.having(policies=expand([id for id in POLICIES if id in after]))


def _with_package(choice: Choice, name: Any) -> Choice:
    policies = () if name == "none" else policy_prices.packages().get(name, choice.policies)
    return choice.having(policies=policies)


def _with_scenario(choice: Choice, name: Any) -> Choice:
    if name not in scenario_list.names():
        return choice
    return choice_of(name, choice.lang).having(view=choice.view)


def _with_kind(choice: Choice, kind: Any) -> Choice:
    if kind not in KINDS:
        return choice
    return choice.having(attacker=kind if kind == "none" else full_name(kind, MINDS[0]), own=None)


def _with_calm(choice: Choice, calm: Any) -> Choice:
    """The same weeks without an attack, or with the scenario's usual one."""
    usual = presets.default_attacker(scenario_list.scenario_named(choice.scenario))
    return choice.having(attacker="none" if calm else usual, own=None)


def _with_mind(choice: Choice, mind: Any) -> Choice:
    minds = minds_of(scenario_list.scenario_named(choice.scenario))
    if choice.attacker == "none" or mind not in minds:
        return choice
    return choice.having(attacker=f"{parse_attacker(choice.attacker)[0]}:{mind}", own=None)


def _with_persistence(choice: Choice, name: Any) -> Choice:
    if name not in persistences():
        return choice
    own = scenario_list.scenario_named(choice.scenario).attacker.persistence
    return choice.having(persistence=None if name == own else name)


def _with_own(choice: Choice, plan: Any) -> Choice:
    return choice.having(own=plan) if isinstance(plan, Plan) else choice


def _with_number(choice: Choice, sent: Any) -> Choice:
    if not isinstance(sent, dict):
        return choice
    scenario = scenario_list.scenario_named(choice.scenario)
    key, text = str(sent.get("key", "")), str(sent.get("text", ""))
    return choice.having(numbers=expert.with_change(scenario, choice.numbers, key, text)[:MOST_NUMBERS])


def _with_numbers(choice: Choice, which: Any) -> Choice:
    return choice.having(numbers=()) if which == "usual" else choice


def _with_link(choice: Choice, query: Any) -> Choice:
    """An earlier choice, as Back and Forward of the browser ask for it."""
    return choice_of_link(str(query)[:LONGEST_LINK])


_CHANGES: dict[str, Callable[[Choice, Any], Choice]] = {
    "toggle": _with_toggled,
    "package": _with_package,
    "scenario": _with_scenario,
    "kind": _with_kind,
    "calm": _with_calm,
    "mind": _with_mind,
    "persistence": _with_persistence,
    OWN: _with_own,
    "number": _with_number,
    "numbers": _with_numbers,
    "link": _with_link,
}
LONGEST_LINK = 8000
_KEYS = {"seed": "n", "hours": "h", "lang": "l", "tab": "t", "layer": "m", "hour": "at", "budget": "b"} | {
    "first_hour": "f",
    "measure": "q",
    "view": "v",
}


def _as_query(key: str, value: Any) -> str:
    """A change as the end of a link, so that it passes the same checks; the last value of a key counts."""
    return f"&{_KEYS[key]}={quote(str(value))}" if key in _KEYS else ""
