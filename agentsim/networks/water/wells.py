"""Municipal wells with a tank in each district, hour by hour."""

import numpy as np

from agentsim.core.message import message
from agentsim.core.numerics.shares import share


@message
class WellDraw:
    """How the pumps' output of an hour is shared out, arrays (districts,) [m3]."""

    to_open_m3: np.ndarray  # to customers whose inlet valve is open, who then need less of the mains
    to_restricted_m3: np.ndarray  # pumped straight to customers behind shut inlet valves
    refill_m3: np.ndarray  # into the tank

    @property
    def pumped_m3(self) -> np.ndarray:
        """All that the pumps gave."""
        return self.to_open_m3 + self.to_restricted_m3 + self.refill_m3


class Wells:
    """A well and a tank in every district, V' = V + pumped - drawn.

    The well feeds the inside of its district, behind the inlet valves: none of its water enters
    the mains or leaves the district. In an hour the pump serves customers whose inlet is shut,
    then fills the tank, then relieves the mains; the tank is drawn on only for what would else be
    lacking. Tanks start full.

    Parameters
    ----------
    pump_m3_per_h, tank_m3 : arrays (districts,)
    """

    def __init__(self, pump_m3_per_h: np.ndarray, tank_m3: np.ndarray) -> None:
        self.pump_m3_per_h = np.asarray(pump_m3_per_h, dtype=float)
        self.tank_m3 = np.asarray(tank_m3, dtype=float)
        self.exist = bool((self.pump_m3_per_h > 0).any() or (self.tank_m3 > 0).any())
        self.reset()

    def reset(self) -> None:
        """Fill the tanks."""
        self.stored_m3 = self.tank_m3.copy()

    def plan(
        self, open_m3: np.ndarray, restricted_m3: np.ndarray, on: np.ndarray, output_frac: float = 1.0
    ) -> WellDraw:
        """Share out the pumps' output of the hour; *open_m3*, *restricted_m3* asked, (districts,).

        *output_frac* is the share of their capacity that the water table lets them give.
        """
        pump = np.where(on, self.pump_m3_per_h * output_frac, 0.0)
        to_restricted = np.minimum(pump, restricted_m3)
        refill = np.minimum(pump - to_restricted, self.tank_m3 - self.stored_m3)
        to_open = np.minimum(pump - to_restricted - refill, open_m3)
        return WellDraw(to_open, to_restricted, refill)

    def give(self, draw: WellDraw, lacking_m3: np.ndarray) -> np.ndarray:
        """Water given to the *lacking_m3* of each district (restricted or short), (districts,) in m3.

        Fills the tanks as planned and draws on them for what the pumps alone do not cover.
        """
        full = self.stored_m3 + draw.refill_m3
        from_tank = np.clip(lacking_m3 - draw.to_restricted_m3, 0.0, full)
        self.stored_m3 = full - from_tank
        return draw.to_restricted_m3 + from_tank


class WellsAtJunctions:
    """The same wells seen from the junctions of a network.

    Parameters
    ----------
    wells : one a district
    district : district of each junction, array (junctions,)
    bulk_frac : share of bulk users in each junction's demand, array (junctions,)
    """

    def __init__(self, wells: Wells, district: np.ndarray, bulk_frac: np.ndarray) -> None:
        self.wells, self._district, self._bulk_frac = wells, district, bulk_frac
        self.districts = len(wells.tank_m3)

    def plan(
        self, open_m3: np.ndarray, shut_m3: np.ndarray, on: np.ndarray | None, output_frac: float = 1.0
    ) -> WellDraw:
        """Share out the pumps' output, given demand before and behind shut inlet valves, (junctions,)."""
        running = np.ones(self.districts, dtype=bool) if on is None else on
        return self.wells.plan(self._by_district(open_m3), self._by_district(shut_m3), running, output_frac)

    def left_to_mains_frac(self, draw: WellDraw, open_m3: np.ndarray) -> np.ndarray:
        """Share of the open demand that the wells leave to the mains, (junctions,)."""
        return (1.0 - share(draw.to_open_m3, self._by_district(open_m3)))[self._district]

    def given_frac(self, draw: WellDraw, lacking_m3: np.ndarray) -> np.ndarray:
        """Share of what is lacking at each junction that the wells give: homes first, bulk users after."""
        bulk = self._bulk_frac
        of_homes = self._by_district(lacking_m3 * (1.0 - bulk))
        of_bulk = self._by_district(lacking_m3 * bulk)
        given = self.wells.give(draw, of_homes + of_bulk)
        to_homes = np.minimum(given, of_homes)
        homes, rest = share(to_homes, of_homes), share(given - to_homes, of_bulk)
        given_frac = (1.0 - bulk) * homes[self._district] + bulk * rest[self._district]
        return np.minimum(given_frac, 1.0)  # rounding must not give more than is lacking

    def _by_district(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self._district, values, self.districts)
