"""Presets of the page: the requests that are recorded beforehand, so that they answer at once."""

from agentsim.agents.attacker.bad_actor import full_name
from agentsim.app.replay import policy_prices as levers
from agentsim.app.replay import scenario_list as scenes
from agentsim.app.replay.recording import Request
from agentsim.policies import PACKAGES, expand
from agentsim.scenario.file import Scenario

# The page opens with the request's own defaults: ten days of a thousand simulated households.
HOURS, HOUSEHOLDS, SEED = Request.hours, Request.households, Request.seed
FLAGSHIP = "hostile_operator"  # shown first, with every lever of the rail, and with an attacker that plans
SEEDS = 3  # replications of each preset
PLANNED = 5  # policies against which the flagship's attacker plans beforehand: each takes a minute


def request_for(
    scenario: str, policies: tuple[str, ...] = (), attacker: str | None = None, seed: int = SEED
) -> Request:
    """The request of a preset, or of its neighbour with other policies, attacker or seed.

    Parameters
    ----------
    attacker : None: the scenario's own
    """
    setting = scenes.scene(scenario)
    foe = own_attacker(setting) if attacker is None else full_name(attacker, setting.attacker.mind)
    hours = min(HOURS, setting.hours)
    return Request(scenario, expand(policies), foe, seed, hours, HOUSEHOLDS)


def own_attacker(setting: Scenario) -> str:
    """The full name of a scenario's attacker."""
    return full_name(setting.attacker.kind, setting.attacker.mind)


def opening_attacker(setting: Scenario) -> str:
    """The attacker with which a scenario opens: its own, by lot where its own would plan for a minute."""
    return own_attacker(setting).replace(":best_response", ":random")


def presets() -> list[Request]:
    """Everything that is recorded, the flagship first.

    Each scenario against no policy and what it compares, with no attacker and with the one it opens with;
    the flagship with every lever of its rail and every package besides, and with an attacker that plans
    against the first few.
    """
    names = sorted(scenes.names(), key=lambda name: name != FLAGSHIP)
    return list(dict.fromkeys(one for name in names for one in _of_scenario(name)))


def _of_scenario(name: str) -> list[Request]:
    setting = scenes.scene(name)
    compared = [tuple(text.split("+")) for text in setting.compare.policies if text != "each"]
    chosen = list(dict.fromkeys([(), *compared]))
    foes = dict.fromkeys(["none", opening_attacker(setting)])
    found = [request_for(name, policies, one) for one in foes for policies in chosen]
    if name == FLAGSHIP:
        more = [*((id,) for id in levers.rail(setting)), *((package,) for package in PACKAGES)]
        found += [request_for(name, policies, opening_attacker(setting)) for policies in more]
        found += [request_for(name, policies) for policies in chosen[: 1 + PLANNED]]
    return found
