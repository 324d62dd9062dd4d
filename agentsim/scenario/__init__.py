"""Scenarios: one TOML file each, checked once and handed over as objects."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentsim.scenario.file import Scenario, load, schema

__all__ = ["Scenario", "load", "schema"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("agentsim.scenario.file"), name)
