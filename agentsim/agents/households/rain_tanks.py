"""Rain tanks of homes: what falls on the roof is stored, and used where water need not be drinkable."""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.households.homes import Homes
from agentsim.core.messages import RainWater
from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.sums import total
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import LITRES_PER_M3


@dataclass(frozen=True)
class RainTanksParameters:
    """Size of a home's rain tank, and what it is used for (mechanisms S7)."""

    roof_m2: float = parameter(100.0, "m2", "roof that drains into the tank", "A", 1, 10000)
    runoff_frac: float = parameter(0.85, "1", "C: rain that runs off a roof", "V2", 0, 1)
    filter_frac: float = parameter(0.9, "1", "e: what filter and first flush let pass", "V2", 0, 1)
    tank_m3: float = parameter(3.0, "m3", "capacity of a home's tank", "A", 0.01, 100)
    use_frac: float = parameter(
        0.4, "1", "of a home's water: flushing, washing, garden; the rest must be drinkable", "A", 0, 1
    )
    start_frac: float = parameter(0.5, "1", "fill at the first hour", "A", 0, 1)


@inlined
def after_spillage(stored: float, caught: float, wanted: float, capacity: float) -> tuple[float, float]:
    """Use of the step, and what is stored at its end: yield after spillage.

    Y = min(D, S), S' = min(S + Q - Y, V - Y), with demand D, inflow Q, capacity V and store S (Jenkins et
    al. 1978; Fewkes & Butler 2000). What comes in is of use from the next step on, so that the yield is
    rather too small than too large.

    >>> after_spillage(1.0, 2.0, 2.0, 3.0), after_spillage(3.0, 2.0, 1.0, 3.0)
    ((1.0, 2.0), (1.0, 2.0))
    """
    used = min(wanted, stored)
    return used, min(stored + caught - used, capacity - used)


class RainTanks:
    """Homes with a rain tank as columns, arrays (tanks,).

    A tank needs a roof of one's own. Tap water of the same amount is not asked for.

    Parameters
    ----------
    frac : share of all homes with a tank, at most those with a roof
    owns : who has a tank, bool (households,), instead of a share; None: the share
    """

    def __init__(
        self,
        homes: Homes,
        frac: float,
        streams: Streams,
        parameters: RainTanksParameters,
        owns: np.ndarray | None = None,
    ) -> None:
        self.parameters, self._homes = parameters, homes
        roofed = float(homes.roof.mean())
        if owns is None:
            owns = streams.uniform("rain_tank", 0, len(homes)) < frac / max(roofed, 1e-12)
        self.rows = np.flatnonzero(homes.roof & owns)
        self.stored_l = np.full(len(self.rows), parameters.start_frac * parameters.tank_m3 * LITRES_PER_M3)
        self.used_l = np.zeros(len(self.rows))  # of the hour
        self._junction = homes.junction[self.rows]

    def use(self, rain_mm: float, asked_l_per_person: float) -> RainWater:
        """One hour in which so much rain falls and people ask for so much water [mm = L/m2]."""
        p, homes = self.parameters, self._homes
        before_l, caught_l = total(self.stored_l), float(p.roof_m2 * p.runoff_frac * p.filter_frac * rain_mm)
        by_junction_l = np.empty(homes.junctions)
        use_and_fill(
            self.rows,
            self._junction,
            homes.persons,
            asked_l_per_person * p.use_frac,
            caught_l,
            float(p.tank_m3 * LITRES_PER_M3),
            self.stored_l,
            self.used_l,
            by_junction_l,
        )
        to_m3, used_l, stored_l = homes.weight / LITRES_PER_M3, total(self.used_l), total(self.stored_l)
        all_caught_l = total(np.full(len(self.rows), caught_l)) if caught_l else 0.0
        return RainWater(
            by_junction_m3=by_junction_l * homes.weight / LITRES_PER_M3,
            caught_m3=all_caught_l * to_m3,
            used_m3=used_l * to_m3,
            spilt_m3=(before_l + all_caught_l - used_l - stored_l) * to_m3,
            stored_m3=stored_l * to_m3,
        )

    def spare(self, tap_l: np.ndarray, tap_frac: np.ndarray) -> None:
        """Take what its tank gave from each home's tap water, (households,); *tap_frac* is (junctions,)."""
        if len(self.rows):
            take_from_tap(self.rows, self._junction, self.used_l, tap_frac, tap_l)


@kernel
def use_and_fill(
    rows: np.ndarray,
    junction: np.ndarray,
    persons: np.ndarray,
    wanted_l_per_person: float,
    caught_l: float,
    capacity_l: float,
    stored_l: np.ndarray,
    used_l: np.ndarray,
    by_junction_l: np.ndarray,
) -> None:
    """One hour of the tanks of homes *rows*: what they use, and by junction, is filled in (tanks,)."""
    by_junction_l[:] = 0.0
    for tank in range(rows.size):
        wanted_l = persons[rows[tank]] * wanted_l_per_person
        used_l[tank], stored_l[tank] = after_spillage(stored_l[tank], caught_l, wanted_l, capacity_l)
        by_junction_l[junction[tank]] += used_l[tank]


@kernel
def take_from_tap(
    rows: np.ndarray, junction: np.ndarray, used_l: np.ndarray, tap_frac: np.ndarray, tap_l: np.ndarray
) -> None:
    """Take what tanks gave, *used_l* (tanks,), from the tap water of their homes *rows*, down to 0."""
    for tank in range(rows.size):
        left = tap_l[rows[tank]] - used_l[tank] * tap_frac[junction[tank]]
        tap_l[rows[tank]] = left if left > 0.0 else 0.0
