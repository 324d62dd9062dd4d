"""The box of assumed numbers in which a claim's answer flips, found by PRIM."""

import warnings
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.errors import MissingPackages

CHANCE = 0.05  # that any restriction is found where there is none
PEELED = 0.1  # share of the settings that one step takes away


@dataclass(frozen=True)
class Box:
    """Ranges of numbers in which answers flip: the share that flips there, and their share of all flips."""

    ranges: tuple[tuple[str, float, float], ...]
    density: float
    coverage: float


def flip_box(settings: pd.DataFrame, flipped: np.ndarray) -> Box | None:
    """The box in which answers flip, by PRIM (Friedman and Fisher 1999; Bryant and Lempert 2010).

    Of all boxes on the way from the whole space the one is taken whose density and coverage have the largest
    harmonic mean. Restrictions that may be chance (by their quasi-p) are dropped; None where none is left.

    Raises
    ------
    MissingPackages : the extra ``[analysis]`` is not installed
    """
    if not 0 < flipped.sum() < flipped.size:
        return None
    box = prim()(settings, flipped.astype(int), threshold=float(flipped.mean()), peel_alpha=PEELED).find_box()
    path = box.peeling_trajectory
    chance = CHANCE / (2 * settings.shape[1])  # each number may be restricted at two ends
    best = int((path["coverage"] * path["density"] / (path["coverage"] + path["density"])).idxmax())
    sure = [key for key, ends in box.qp[best].items() if any(0.0 <= p <= chance for p in ends)]
    ranges = tuple((key, *map(float, box.box_lims[best][key])) for key in sure)
    return _measured(ranges, settings, flipped) if ranges else None


def prim() -> Any:
    """EMA Workbench's PRIM; what it says of its parts that are not used here is not shown.

    Raises
    ------
    MissingPackages : the extra ``[analysis]`` is not installed
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return import_module("ema_workbench.analysis.prim").Prim
    except ImportError:
        raise MissingPackages("--design", "analysis") from None


def _measured(
    ranges: tuple[tuple[str, float, float], ...], settings: pd.DataFrame, flipped: np.ndarray
) -> Box:
    inside = np.all([settings[key].between(low, high) for key, low, high in ranges], axis=0)
    return Box(ranges, float(flipped[inside].mean()), float(flipped[inside].sum() / flipped.sum()))
