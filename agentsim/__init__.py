"""agentsim: people on shared power, water, road and supply networks, and who may cut them off.

>>> import agentsim as sim
>>> scenario = sim.load("scenarios/hostile_operator.toml")        # doctest: +SKIP
>>> table = sim.compare(scenario, policies=["E-C2"], seeds=5)     # doctest: +SKIP

Names are imported when they are first used: ``from agentsim.networks import PowerGrid`` loads no Mesa.
"""

from importlib import import_module
from typing import Any

__version__ = "0.2.0"

_HOME = {
    "Scenario": "agentsim.scenario.file:Scenario",
    "AgentsimError": "agentsim.core.errors:AgentsimError",
    "InvalidScenario": "agentsim.core.errors:InvalidScenario",
    "UnbuildablePlace": "agentsim.core.errors:UnbuildablePlace",
    "load": "agentsim.scenario.file:load",
    "Society": "agentsim.society.society:Society",
    "compare": "agentsim.experiments.compare:compare",
    "choice": "agentsim.experiments.policy_choice:choice",
    "claims": "agentsim.experiments.claims.claims:claims",
    "sweep": "agentsim.experiments.sweeps.sweep:sweep",
    "read_sweep": "agentsim.experiments.sweeps.sweep:read_sweep",
    "differences": "agentsim.experiments.sweeps.sweep_table:differences",
    "plot_over": "agentsim.report.sweep_figure:plot_over",
    "redteam": "agentsim.experiments.attacks.red_team:redteam",
    "planning_gap": "agentsim.experiments.attacks.planning_gap:planning_gap",
    "portfolio": "agentsim.experiments.portfolio.portfolio:portfolio",
    "plot": "agentsim.report.figures:comparison_figure",
    "POLICIES": "agentsim.policies:POLICIES",
    "PACKAGES": "agentsim.policies:PACKAGES",
    "OUTCOMES": "agentsim.outcomes:OUTCOMES",
}

__all__ = [*_HOME, "__version__"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'agentsim' has no attribute {name!r}")
    module, attribute = _HOME[name].split(":")
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
