"""When a pump should run: level rules, read from the EPANET file where it has them."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.networks.water.epanet_file import EpanetFile

MEAN_FILL = -1  # instead of a tank: the mean fill of all tanks


@dataclass(frozen=True)
class SwitchRules:
    """One hysteresis for each link. Level and thresholds in metres, or in shares where ``tank`` is -1.

    A link opens (a pump starts) when the level passes ``open_at`` and shuts when it passes
    ``shut_at``; in between it stays as it was. ``open_at`` below ``shut_at`` is a filling pump, the
    other way round a bypass or an outlet. Both infinite: always open; both minus infinite: always shut.
    """

    link_id: tuple[str, ...]
    tank: np.ndarray  # (links,) position of the tank, or -1 for the mean fill of all
    open_at: np.ndarray  # (links,)
    shut_at: np.ndarray  # (links,)
    tank_low_m: np.ndarray  # (tanks,) level at which a tank is empty
    tank_high_m: np.ndarray  # (tanks,) level at which it is full
    tank_usable_m3: np.ndarray  # (tanks,) volume in between: the weight in the mean fill

    @cached_property
    def asks_mean_fill(self) -> bool:
        """Whether any of the links follows the mean fill of all tanks."""
        return bool((self.tank == MEAN_FILL).any())

    @cached_property
    def band(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Lower and upper threshold of each link, and whether it is open below the band, not above it."""
        low, high = np.minimum(self.open_at, self.shut_at), np.maximum(self.open_at, self.shut_at)
        return low, high, self.open_at <= self.shut_at

    @cached_property
    def tank_range_m(self) -> np.ndarray:
        """Height between empty and full, array (tanks,)."""
        return self.tank_high_m - self.tank_low_m

    @cached_property
    def usable_m3(self) -> float:
        """Usable volume of all tanks."""
        return float(self.tank_usable_m3.sum())

    def rows(self, chosen: list[int]) -> "SwitchRules":
        """The rules of some of the links."""
        names = tuple(self.link_id[row] for row in chosen)
        return replace(
            self,
            link_id=names,
            tank=self.tank[chosen],
            open_at=self.open_at[chosen],
            shut_at=self.shut_at[chosen],
        )


def mean_fill_frac(level_m: np.ndarray, rules: SwitchRules) -> float:
    """Mean fill of the tanks by level, weighted with their usable volume; 1 if there are none [1]."""
    if rules.usable_m3 <= 0:
        return 1.0
    fill = (level_m - rules.tank_low_m) / rules.tank_range_m
    fill = np.minimum(np.maximum(fill, 0.0), 1.0)
    return float(fill @ rules.tank_usable_m3 / rules.usable_m3)


def pumps_wanted(level_m: np.ndarray, was_on: np.ndarray, rules: SwitchRules) -> np.ndarray:
    """Which links should be open (pumps: run) in the coming hour, bool array (links,).

    Parameters
    ----------
    level_m : levels of the tanks now [m], array (tanks,)
    was_on : bool array (links,), what was wanted in the last hour
    rules : thresholds, see :class:`SwitchRules`

    Examples
    --------
    A pump that fills a tank of 10 m starts at 6 m and stops at 9 m:

    >>> one = SwitchRules(link_id=("p",), tank=np.array([0]), open_at=np.array([6.0]),
    ...                   shut_at=np.array([9.0]), tank_low_m=np.array([0.0]), tank_high_m=np.array([10.0]),
    ...                   tank_usable_m3=np.array([500.0]))
    >>> [bool(pumps_wanted(np.array([h]), np.array([was]), one)[0])
    ...  for h, was in ((5.0, False), (7.0, True), (7.0, False), (9.5, True))]
    [True, True, False, False]
    """
    wanted, (low, high, fills) = np.empty(len(was_on), dtype=bool), rules.band
    fill_frac = mean_fill_frac(level_m, rules) if rules.asks_mean_fill else 1.0
    switch(level_m, fill_frac, rules.tank, low, high, fills, was_on, wanted)
    return wanted


@kernel
def switch(
    level_m: np.ndarray,
    fill_frac: float,
    tank: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    fills: np.ndarray,
    was_on: np.ndarray,
    wanted: np.ndarray,
) -> None:
    """Which links should be open, into *wanted*, bool (links,), given the levels of the tanks (tanks,).

    The other arrays are (links,), see :meth:`SwitchRules.band`. Where ``tank`` is -1 the
    mean fill *fill_frac* counts.
    """
    for link in range(tank.size):
        level = fill_frac if tank[link] == MEAN_FILL else level_m[tank[link]]
        if level <= low[link]:
            wanted[link] = fills[link]
        elif level >= high[link]:
            wanted[link] = not fills[link]
        else:
            wanted[link] = was_on[link]


def rules_of(file: EpanetFile, links: list[int], fill_on_frac: float, fill_off_frac: float) -> SwitchRules:
    """The rules of the numbered *links*.

    A pair of level controls in the file is taken as it is. A link that the file switches in another
    way (by the clock, by rules, by a pressure) follows the mean fill of all tanks. A link that the
    file never switches keeps the status it has there.
    """
    number_of_tanks = len(file.tank_id)
    table: list[tuple[int, float, float]] = []
    for link in links:
        pair = level_pair(file, link)
        if pair is not None:
            table.append(pair)
        elif link in file.controlled and number_of_tanks:
            table.append((MEAN_FILL, fill_on_frac, fill_off_frac))
        else:
            always = np.inf if file.link_open[link] or link in file.controlled else -np.inf
            table.append((MEAN_FILL, always, always))
    ends_m = np.array(file.tank_range_m).reshape(-1, 2)
    ends_m3 = np.array(file.tank_range_m3).reshape(-1, 2)
    return SwitchRules(
        link_id=tuple(file.link_id[link - 1] for link in links),
        tank=np.array([row[0] for row in table], dtype=int),
        open_at=np.array([row[1] for row in table], dtype=float),
        shut_at=np.array([row[2] for row in table], dtype=float),
        tank_low_m=ends_m[:, 0],
        tank_high_m=ends_m[:, 1],
        tank_usable_m3=ends_m3[:, 1] - ends_m3[:, 0],
    )


def level_pair(file: EpanetFile, link: int) -> tuple[int, float, float] | None:
    """(tank, open at, shut at) of a link with exactly one opening and one shutting level."""
    controls = [control for control in file.level_controls if control.link == link]
    opens = [control for control in controls if control.opens]
    shuts = [control for control in controls if not control.opens]
    if len(opens) != 1 or len(shuts) != 1 or opens[0].tank != shuts[0].tank:
        return None
    if opens[0].below == shuts[0].below:
        return None
    return opens[0].tank, opens[0].level_m, shuts[0].level_m


def bypasses(rules: SwitchRules, pumps: int) -> list[tuple[int, int]]:
    """(link, pump) for each link behind the first *pumps* that opens exactly when that pump stops."""
    found = []
    for row in range(pumps, len(rules.link_id)):
        for pump in range(pumps):
            same = (rules.tank[row], rules.open_at[row], rules.shut_at[row])
            if same == (rules.tank[pump], rules.shut_at[pump], rules.open_at[pump]):
                found.append((row, pump))
                break
    return found
