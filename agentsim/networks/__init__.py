"""What is shared: power, water, roads and supply. Each network stands alone and loads only its own engine."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agentsim.networks.power.grid import PowerGrid
    from agentsim.networks.roads.network import RoadNetwork
    from agentsim.networks.supply.network import SupplyNetwork
    from agentsim.networks.water.network import WaterNetwork

__all__ = ["PowerGrid", "RoadNetwork", "SupplyNetwork", "WaterNetwork"]

_ROOM = {
    "PowerGrid": "power.grid",
    "RoadNetwork": "roads.network",
    "SupplyNetwork": "supply.network",
    "WaterNetwork": "water.network",
}


def __getattr__(name: str) -> Any:
    if name not in _ROOM:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_ROOM[name]}"), name)
