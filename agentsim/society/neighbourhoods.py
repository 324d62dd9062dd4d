"""Neighbourhoods: zones in which people see how others live, and whether alike homes are near each other."""

import numpy as np

from agentsim.core.numerics.clustering import morans_i
from agentsim.place.cases import Place


def near_zones(place: Place) -> np.ndarray:
    """1 where people see how others live, in their zone and those that a road joins to it, (zones, zones)."""
    zones = len(place.zone_x_km)
    near = np.eye(zones)
    inside = (place.roads.link_from < zones) & (place.roads.link_to < zones)
    near[place.roads.link_from[inside], place.roads.link_to[inside]] = 1.0
    return np.maximum(near, near.T)


def clustering(place: Place, zone: np.ndarray, owns: np.ndarray) -> float:
    """Moran's I of the share of homes of each zone that own something; zones without homes do not count.

    *zone* and *owns* [bool] are of each home, (households,); nan where no two zones are near.
    """
    near = near_zones(place)
    homes = np.bincount(zone, minlength=len(near))
    lived_in = homes > 0
    near = near[np.ix_(lived_in, lived_in)]
    np.fill_diagonal(near, 0.0)
    if not near.any():
        return float("nan")
    return morans_i((np.bincount(zone, owns, len(homes)) / np.maximum(homes, 1))[lived_in], near)
