"""Links that open and shut at levels of tanks: when the next of them acts within an hour, and which do."""

from math import ceil, inf

import numpy as np

from agentsim.networks.water.hydraulics import Hydraulics
from agentsim.networks.water.pumping import MEAN_FILL, SwitchRules, pumps_wanted


class LevelSwitches:
    """The rules that look at the level of one tank, seen between the steps of an hour.

    Parameters
    ----------
    engine : the hydraulics, not started yet: the volumes at the levels of the rules are read from it
    rules : of all links; those on the mean fill of all tanks are left out
    """

    def __init__(self, engine: Hydraulics, rules: SwitchRules) -> None:
        self._engine, tanks = engine, rules.tank.tolist()
        self._rows = [row for row, tank in enumerate(tanks) if tank != MEAN_FILL]
        self._rules = rules.rows(self._rows)
        self._at_m3 = []  # (row, tank, position of its node, volume at which it opens, and shuts)
        for row in self._rows:
            tank = tanks[row]
            volumes = [_volume(engine, tank, level) for level in (rules.open_at[row], rules.shut_at[row])]
            self._at_m3.append((row, tank, engine.file.tank_node[tank] - 1, *volumes))

    def within_s(self, outflow_m3_per_h: np.ndarray, is_open: np.ndarray) -> float:
        """Seconds until the first link acts; infinite if none will at these flows.

        Parameters
        ----------
        outflow_m3_per_h : what leaves the mains at each node of the file, array (nodes,)
        is_open : bool (links of the rules,), as the rules had it last
        """
        first, volume = inf, self._engine.tank_volume_m3
        for row, tank, node, open_m3, shut_m3 in self._at_m3:
            inflow = outflow_m3_per_h.item(node)
            way = (shut_m3 if is_open.item(row) else open_m3) - volume[tank]
            if way * inflow > 0.0:
                first = min(first, 3600.0 * way / inflow)
        return first if first == inf else ceil(first + 1e-6)  # the level is surely past it then

    def wanted(self, level_m: np.ndarray, was_open: np.ndarray) -> np.ndarray:
        """Which links are to be open at these levels, bool like *was_open*; others stay as they were."""
        now = was_open.copy()
        if self._rows:
            now[self._rows] = pumps_wanted(level_m, was_open[self._rows], self._rules)
        return now


def _volume(engine: Hydraulics, tank: int, level_m: float) -> float:
    """Volume at a level; infinite beyond the tank's range, which it never reaches."""
    low, high = engine.file.tank_range_m[tank]
    if low <= level_m <= high:
        return engine.volume_at(tank, level_m)
    return inf if level_m > high else -inf
