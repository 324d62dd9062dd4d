"""What the page shows at first, the runs of a choice, and how one click of a visitor changes the choice."""

import os
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from agentsim.agents.attacker.bad_actor import KINDS, MINDS, full_name, parse_attacker
from agentsim.agents.attacker.mind import Plan
from agentsim.app.page import expert
from agentsim.app.page.link import MOST_NUMBERS, Choice, from_query, to_query
from agentsim.app.replay import policy_prices, presets, scenario_list
from agentsim.app.replay.recording import Request
from agentsim.policies import POLICIES, expand
from agentsim.scenario.file import Scenario

OWN, SCRIPTED = "own", "scripted"  # minds: the visitor's own plan; the attacks written in the scenario


def usual_choice() -> Choice:
    """What a visitor without a link sees: the first scenario with its default attacker."""
    name = os.environ.get("AGENTSIM_APP_SCENARIO", "")
    return choice_of(name if name in scenario_list.names() else _first_scenario())


def _first_scenario() -> str:
    names = scenario_list.names()
    return "hostile_operator" if "hostile_operator" in names else names[0]


def choice_of(name: str, lang: str = "en") -> Choice:
    """What the page shows of a scenario at first: its default attacker, and a policy that it compares."""
    scenario = scenario_list.scenario_named(name)
    usual = presets.request_for(name)
    attacker = presets.default_attacker(scenario)
    kind, _ = parse_attacker(attacker)
    compared = [id for id in scenario.compare.policies if id in POLICIES]
    policies = [id for id in ("W-C1",) if id in compared] or compared[:1]
    hour = 0 if kind == "none" else scenario.attacker.first_hour + 12
    at = min(hour, usual.hours - 1)
    return Choice(
        scenario=name,
        policies=expand(policies),
        attacker=attacker,
        seed=usual.seed,
        hours=usual.hours,
        lang=lang,
        hour=at,
    )


def requests(choice: Choice) -> tuple[Request, Request]:
    """The runs of a choice: without policies and with them."""
    changes: list[tuple[str, Any]] = []
    if choice.attacker != "none":
        changes += [("attacker.budget", choice.budget)] if choice.budget is not None else []
        changes += [("attacker.first_hour", choice.first_hour)] if choice.first_hour is not None else []
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


def changed(choice: Choice, change: dict[str, Any]) -> Choice:
    """The choice after one action of the visitor; unknown keys and values are ignored."""
    for key, value in change.items():
        if key == "toggle" and value in POLICIES:
            after = set(choice.policies) ^ {value}
            choice = choice.having(policies=expand([id for id in POLICIES if id in after]))
        elif key == "package":
            packages = policy_prices.packages()
            policies = () if value == "none" else packages.get(value, choice.policies)
            choice = choice.having(policies=policies)
        elif key == "scenario" and value in scenario_list.names():
            tab, layer = choice.tab, choice.layer
            choice = choice_of(value, choice.lang).having(tab=tab, layer=layer)
        elif key == "kind" and value in KINDS:
            choice = choice.having(
                attacker=value if value == "none" else full_name(value, MINDS[0]), own=None
            )
        elif (
            key == "mind"
            and choice.attacker != "none"
            and value in minds_of(scenario_list.scenario_named(choice.scenario))
        ):
            kind, _ = parse_attacker(choice.attacker)
            choice = choice.having(attacker=f"{kind}:{value}", own=None)
        elif key == OWN and isinstance(value, Plan):
            choice = choice.having(own=value)
        elif key == "number" and isinstance(value, dict):
            number, text = str(value.get("key", "")), str(value.get("text", ""))
            scenario = scenario_list.scenario_named(choice.scenario)
            numbers = expert.with_change(scenario, choice.numbers, number, text)
            choice = choice.having(numbers=numbers[:MOST_NUMBERS])
        elif key == "numbers" and value == "usual":
            choice = choice.having(numbers=())
        else:
            choice = from_query(to_query(choice) + _as_query(key, value), choice, scenario_list.names())
    return choice


_KEYS = {"seed": "n", "hours": "h", "lang": "l", "tab": "t", "layer": "m", "hour": "at", "budget": "b"} | {
    "first_hour": "f"
}


def _as_query(key: str, value: Any) -> str:
    """A change as the end of a link, so that it passes the same checks; the last value of a key counts."""
    return f"&{_KEYS[key]}={quote(str(value))}" if key in _KEYS else ""
