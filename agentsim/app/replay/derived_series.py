"""Hourly values of the city that follow from what a recording has: stocks by good, and trips not made."""

import numpy as np

from agentsim.app.replay.frame_recorder import FULL, NOTHING
from agentsim.app.replay.recording import Recording
from agentsim.place.cases import GOODS


def all_series(recording: Recording) -> dict[str, np.ndarray]:
    """What was recorded, and besides ``GOOD_stock_t`` of every good and ``trips_lost`` [persons/h], (hours,).

    A stock is read from the frame ``depot_fill``, so it is known within 0.2 % of the depots' capacity.
    """
    depots = recording.city_map["depots"]
    good = np.array([row["good"] for row in depots])
    capacity_t = np.array([row["capacity_t"] for row in depots])
    code = recording.frames["depot_fill"]
    stock_t = np.where(code == NOTHING, 0.0, code / FULL) * capacity_t
    wanted, made = (recording.by_district[f"trips_{name}"].sum(axis=1) for name in ("wanted", "made"))
    stocks = {f"{name}_stock_t": stock_t[:, good == name].sum(axis=1) for name in GOODS}
    return {**stocks, "trips_lost": np.maximum(wanted - made, 0.0), **recording.series}
