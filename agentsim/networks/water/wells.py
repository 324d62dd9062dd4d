"""Municipal wells with a tank in each district, hour by hour."""

import numpy as np

from agentsim.core.message import message
from agentsim.core.numerics.kernel import inlined, kernel
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
        self.pump_m3_per_h = np.ascontiguousarray(pump_m3_per_h, dtype=float)
        self.tank_m3 = np.ascontiguousarray(tank_m3, dtype=float)
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
        count = len(self.tank_m3)
        to_open, to_restricted, refill = np.empty(count), np.empty(count), np.empty(count)
        share_out(
            self.pump_m3_per_h,
            self.tank_m3,
            self.stored_m3,
            open_m3,
            restricted_m3,
            on,
            float(output_frac),
            to_open,
            to_restricted,
            refill,
        )
        return WellDraw(to_open, to_restricted, refill)

    def give(self, draw: WellDraw, lacking_m3: np.ndarray) -> np.ndarray:
        """Water given to the *lacking_m3* of each district (restricted or short), (districts,) in m3.

        Fills the tanks as planned and draws on them for what the pumps alone do not cover.
        """
        left, given = np.empty(len(self.tank_m3)), np.empty(len(self.tank_m3))
        give_out(self.stored_m3, draw.refill_m3, draw.to_restricted_m3, lacking_m3, left, given)
        self.stored_m3 = left
        return given


class WellsAtJunctions:
    """The same wells seen from the junctions of a network.

    Parameters
    ----------
    wells : one a district
    district : district of each junction, array (junctions,)
    bulk_frac : share of bulk users in each junction's demand, array (junctions,)
    """

    def __init__(self, wells: Wells, district: np.ndarray, bulk_frac: np.ndarray) -> None:
        self.wells, self.districts = wells, len(wells.tank_m3)
        self._district = np.ascontiguousarray(district, dtype=np.int64)
        self._bulk_frac = np.ascontiguousarray(bulk_frac, dtype=float)
        self._work = np.empty(self.districts), np.empty(self.districts)

    def plan(
        self, open_m3: np.ndarray, shut_m3: np.ndarray, on: np.ndarray | None, output_frac: float = 1.0
    ) -> WellDraw:
        """Share out the pumps' output, given demand before and behind shut inlet valves, (junctions,)."""
        running = np.ones(self.districts, dtype=bool) if on is None else on
        of_open, of_shut = self._work
        add_by_district(self._district, open_m3, shut_m3, of_open, of_shut)
        return self.wells.plan(of_open, of_shut, running, output_frac)

    def left_to_mains_frac(self, draw: WellDraw, open_m3: np.ndarray) -> np.ndarray:
        """Share of the open demand that the wells leave to the mains, (junctions,)."""
        asked = np.bincount(self._district, open_m3, self.districts)
        return (1.0 - share(draw.to_open_m3, asked))[self._district]

    def given_frac(self, draw: WellDraw, lacking_m3: np.ndarray) -> np.ndarray:
        """Share of what is lacking at each junction that the wells give: homes first, bulk users after."""
        left, given_frac = np.empty(self.districts), np.empty(len(self._district))
        give_at_junctions(
            self._district,
            self._bulk_frac,
            lacking_m3,
            self.wells.stored_m3,
            draw.refill_m3,
            draw.to_restricted_m3,
            *self._work,
            left,
            given_frac,
        )
        self.wells.stored_m3 = left
        return given_frac


@kernel
def share_out(
    pump_m3: np.ndarray,
    tank_m3: np.ndarray,
    stored_m3: np.ndarray,
    open_m3: np.ndarray,
    restricted_m3: np.ndarray,
    on: np.ndarray,
    output_frac: float,
    to_open: np.ndarray,
    to_restricted: np.ndarray,
    refill: np.ndarray,
) -> None:
    """The pumps' output of an hour: to restricted customers, then to tanks, then to open ones."""
    for d in range(pump_m3.size):
        pump = pump_m3[d] * output_frac if on[d] else 0.0
        to_restricted[d] = min(pump, restricted_m3[d])
        refill[d] = min(pump - to_restricted[d], tank_m3[d] - stored_m3[d])
        to_open[d] = min(pump - to_restricted[d] - refill[d], open_m3[d])


@inlined
def _from_tank(full_m3: float, lacking_m3: float, by_pump_m3: float) -> float:
    """What a tank gives of what is lacking and does not come from the pump."""
    return min(max(lacking_m3 - by_pump_m3, 0.0), full_m3)


@kernel
def give_out(
    stored_m3: np.ndarray,
    refill_m3: np.ndarray,
    by_pump_m3: np.ndarray,
    lacking_m3: np.ndarray,
    left: np.ndarray,
    given: np.ndarray,
) -> None:
    """What pumps and tanks give of what is *lacking*, and what is *left* in the tanks, (districts,)."""
    for d in range(left.size):
        full = stored_m3[d] + refill_m3[d]
        from_tank = _from_tank(full, lacking_m3[d], by_pump_m3[d])
        left[d] = full - from_tank
        given[d] = by_pump_m3[d] + from_tank


@kernel
def add_by_district(
    district: np.ndarray, one: np.ndarray, other: np.ndarray, of_one: np.ndarray, of_other: np.ndarray
) -> None:
    """Sums of two arrays (junctions,) in each district, into *of_one* and *of_other* (districts,)."""
    of_one[:] = 0.0
    of_other[:] = 0.0
    for junction in range(district.size):
        of_one[district[junction]] += one[junction]
        of_other[district[junction]] += other[junction]


@kernel
def give_at_junctions(
    district: np.ndarray,
    bulk_frac: np.ndarray,
    lacking_m3: np.ndarray,
    stored_m3: np.ndarray,
    refill_m3: np.ndarray,
    by_pump_m3: np.ndarray,
    homes: np.ndarray,
    bulk: np.ndarray,
    left: np.ndarray,
    given_frac: np.ndarray,
) -> None:
    """The same as :func:`give_out`, with what is lacking and what is given at each junction.

    *lacking_m3* and *given_frac*, the share of it, are (junctions,). Homes come first, bulk users after;
    *homes* and *bulk* are work space, (districts,).
    """
    homes[:] = 0.0
    bulk[:] = 0.0
    for junction in range(district.size):
        homes[district[junction]] += lacking_m3[junction] * (1.0 - bulk_frac[junction])
        bulk[district[junction]] += lacking_m3[junction] * bulk_frac[junction]
    for d in range(left.size):
        full = stored_m3[d] + refill_m3[d]
        from_tank = _from_tank(full, homes[d] + bulk[d], by_pump_m3[d])
        left[d] = full - from_tank
        given = by_pump_m3[d] + from_tank
        to_homes = min(given, homes[d])
        homes[d] = to_homes / homes[d] if homes[d] > 0.0 else 0.0
        bulk[d] = (given - to_homes) / bulk[d] if bulk[d] > 0.0 else 0.0
    for junction in range(district.size):
        d, of_bulk = district[junction], bulk_frac[junction]
        given = (1.0 - of_bulk) * homes[d] + of_bulk * bulk[d]
        given_frac[junction] = min(given, 1.0)  # rounding must not give more than is lacking
