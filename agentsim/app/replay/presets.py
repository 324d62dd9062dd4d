"""Presets of the page: the runs that are recorded beforehand, so that the page shows them at once."""

from agentsim.agents.attacker.bad_actor import full_name
from agentsim.app.replay import policy_prices, scenario_list
from agentsim.app.replay.recording import Request
from agentsim.app.replay.stories import story_of
from agentsim.policies import PACKAGES, expand
from agentsim.scenario.file import Scenario

HOUSEHOLDS, SEED = Request.households, Request.seed  # the page opens with the request's own defaults
MAIN_SCENARIO = "hostile_operator"  # shown first; recorded with more policies and with a planning attacker
SEEDS = 3  # replications of each preset
PLANNED = 5  # policies of the main scenario against which its attacker plans: each takes a minute


def request_for(
    scenario: str, policies: tuple[str, ...] = (), attacker: str | None = None, seed: int = SEED
) -> Request:
    """The request of a preset, or of the same scenario with other policies, attacker or seed; at full length.

    Parameters
    ----------
    attacker : None: the scenario's own
    """
    setting = scenario_list.scenario_named(scenario)
    return Request(
        scenario,
        policies=expand(policies),
        attacker=own_attacker(setting) if attacker is None else full_name(attacker, setting.attacker.mind),
        seed=seed,
        hours=setting.hours,
        households=HOUSEHOLDS,
    )


def own_attacker(setting: Scenario) -> str:
    """The full name of a scenario's attacker."""
    return full_name(setting.attacker.kind, setting.attacker.mind)


def default_attacker(setting: Scenario) -> str:
    """The attacker that the page shows first: the scenario's own, or the random one if its own would plan.

    A planning attacker would make the visitor wait for a minute.
    """
    return own_attacker(setting).replace(":best_response", ":random")


def presets() -> list[Request]:
    """Everything that is recorded, the main scenario first.

    Each scenario is recorded without policies, with those of its story and with those it compares, without an
    attacker and with its default attacker; one with years before only with those of its story, because every
    set of policies lives these years by itself. The main scenario is also recorded with every policy that is
    shown first, with every package, and with an attacker that plans against the first few.
    """
    names = sorted(scenario_list.names(), key=lambda name: name != MAIN_SCENARIO)
    return list(dict.fromkeys(one for name in names for one in _of_scenario(name)))


def _of_scenario(name: str) -> list[Request]:
    setting = scenario_list.scenario_named(name)
    compared = [tuple(text.split("+")) for text in setting.compare.policies if text != "each"]
    chosen = [(), story_of(name, setting).policies]
    chosen = list(dict.fromkeys(chosen if setting.years_before else [*chosen, *compared]))
    attackers = dict.fromkeys(["none", default_attacker(setting)])
    found = [request_for(name, policies, one) for one in attackers for policies in chosen]
    if name == MAIN_SCENARIO:
        more = [*((id,) for id in policy_prices.shown_first(setting)), *((package,) for package in PACKAGES)]
        found += [request_for(name, policies, default_attacker(setting)) for policies in more]
        found += [request_for(name, policies) for policies in chosen[: 1 + PLANNED]]
    return found
