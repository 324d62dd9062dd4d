"""The waterworks' own hydraulic model of a night hour, and how pressures answer to a leak."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.errors import HydraulicsFailed
from agentsim.networks.water.hydraulics import Hydraulics

PROBE_M3_PER_H = 6.0  # leak with which sensitivities are computed: that of a hidden burst


@dataclass
class NightModel:
    """A second EPANET project of the same network, run for one hour of a night.

    It starts from the tanks' levels and the open links of the real network, with the real demand and with
    background leakage only. What its user knows less exactly is added by :class:`LeakFinder`.

    Parameters
    ----------
    engine : of its own
    loggers : rows of the junctions with a pressure logger, in the file's order, array (loggers,)
    """

    engine: Hydraulics
    loggers: np.ndarray
    sensitivity: np.ndarray | None = None  # (loggers, junctions) change of pressure per leak [m per m3/h]

    def expect(
        self, real: Hydraulics, demand_m3_per_h: np.ndarray, emitter: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray] | None:
        """Leakage and pressure of the coming hour, arrays (junctions,); None where EPANET finds no solution.

        Sensitivities are computed the first time and kept.
        """
        try:
            flows = self._run(real, demand_m3_per_h, emitter)
            if self.sensitivity is None:
                self.sensitivity = self._sensitivity(real, demand_m3_per_h, emitter, flows[1])
        except HydraulicsFailed:
            return None
        return flows

    def _run(
        self, real: Hydraulics, demand_m3_per_h: np.ndarray, emitter: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        self.engine.mirror(real, emitter)
        self.engine.set_demand(demand_m3_per_h)
        flows = self.engine.hour()
        return flows.leaked_m3_per_h, flows.pressure_m

    def _sensitivity(
        self, real: Hydraulics, demand_m3_per_h: np.ndarray, emitter: np.ndarray, usual_m: np.ndarray
    ) -> np.ndarray:
        """Change of pressure at each logger by a leak at each junction, (loggers, junctions) [m per m3/h].

        A leak at *j* changes the pressure at *i* as one at *i* does at *j*: the Jacobian of the network's
        equations is symmetric (Todini & Pilati 1988). So one run for each logger is enough.
        """
        rows = []
        for row in self.loggers.tolist():
            demand = demand_m3_per_h.copy()
            demand[row] += PROBE_M3_PER_H
            rows.append((self._run(real, demand, emitter)[1] - usual_m) / PROBE_M3_PER_H)
        return np.array(rows).reshape(len(rows), len(usual_m))


def farthest_apart(x: np.ndarray, y: np.ndarray, count: int) -> np.ndarray:
    """Positions of so many of the points (x, y), each as far from the others as can be.

    >>> farthest_apart(np.array([0.0, 1.0, 5.0, 9.0]), np.zeros(4), 3).tolist()
    [3, 0, 2]
    """
    middle = np.hypot(x - x.mean(), y - y.mean())
    chosen = [int(middle.argmax())]
    while len(chosen) < min(count, len(x)):
        nearest = np.hypot(x[:, None] - x[chosen], y[:, None] - y[chosen]).min(axis=1)
        chosen.append(int(nearest.argmax()))
    return np.array(chosen[:count], dtype=int)


def logger_junctions(x: np.ndarray, y: np.ndarray, district: np.ndarray, per_district: int) -> np.ndarray:
    """Junctions with a pressure logger: in each district some that lie far apart, array (loggers,)."""
    chosen = []
    for d in range(int(district.max()) + 1 if per_district > 0 else 0):
        here = np.flatnonzero(district == d)
        chosen.append(here[farthest_apart(x[here], y[here], per_district)])
    return np.concatenate(chosen) if chosen else np.zeros(0, dtype=int)
