"""A society: people on four networks under rules, lived hour by hour."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import agentsim.core.light_mesa  # noqa: F401  before any of its parts imports Mesa

if TYPE_CHECKING:
    from agentsim.society.society import Society

__all__ = ["Society"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module("agentsim.society.society"), name)
