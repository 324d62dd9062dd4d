"""Places: a city's map and its networks, built from the files of its utilities."""

from typing import Any

__all__ = ["Place", "UnbuildablePlace", "load_place", "shipped_places"]


def __getattr__(name: str) -> Any:
    """Imports a public name of this package when it is first used."""
    if name == "load_place":
        from agentsim.place.load import load_place

        return load_place
    if name == "Place":
        from agentsim.place.cases import Place

        return Place
    if name in ("UnbuildablePlace", "shipped_places"):
        from agentsim.place import spec

        return getattr(spec, name)
    raise AttributeError(f"module 'agentsim.place' has no attribute {name!r}")
