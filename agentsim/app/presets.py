"""Presets of the page: the requests that are recorded beforehand, so that they answer at once."""

from agentsim.agents.bad_actor import full_name
from agentsim.app import scenes
from agentsim.app.recording import Request
from agentsim.policies import PACKAGES, POLICIES, expand
from agentsim.scenario import Scenario

# The page opens with the request's own defaults: ten days of a thousand simulated households.
HOURS, HOUSEHOLDS, SEED = Request.hours, Request.households, Request.seed
FLAGSHIP = "hostile_operator"  # shown first, with every package, policy and attacker
SEEDS = 5  # replications of each preset


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


def presets() -> list[Request]:
    """Everything that is recorded, the flagship first.

    Each scenario against no policy and what it compares: with no attacker, with its own acting by lot, and
    with its own as it says. The flagship with every single policy and package besides.
    """
    names = sorted(scenes.names(), key=lambda name: name != FLAGSHIP)
    return list(dict.fromkeys(one for name in names for one in _of_scenario(name)))


def _of_scenario(name: str) -> list[Request]:
    setting = scenes.scene(name)
    foe = own_attacker(setting)
    compared = [tuple(text.split("+")) for text in setting.compare.policies if text != "each"]
    chosen = [(), *compared]
    by_lot = f"{setting.attacker.kind}:random" if foe != "none" else "none"
    if name != FLAGSHIP:
        foes = dict.fromkeys(["none", by_lot, foe])
        return [request_for(name, policies, one) for one in foes for policies in chosen]
    packages = [(package,) for package in PACKAGES]
    every = [*chosen, *((id,) for id in POLICIES), *packages]
    calm = [request_for(name, policies, "none") for policies in [*chosen, *packages]]
    foes = dict.fromkeys([by_lot, foe])
    return calm + [request_for(name, policies, one) for one in foes for policies in every]
