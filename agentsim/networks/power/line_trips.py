"""Lines out of service: those that failed, and those that an overload tripped until they are restored."""

import numpy as np

from agentsim.core.messages import PowerService
from agentsim.core.numerics.graphs import islands
from agentsim.networks.power.cascade import cascade
from agentsim.place.cases import GridCase


class LineTrips:
    """Which lines are out, hour by hour, and the islands that the others form.

    Parameters
    ----------
    case : the grid
    susceptance_pu, limit_mw : arrays (lines,), for the DC power flow and the ratings in use
    trip_frac : load over limit at which a line trips
    restoration_h : hours after which a tripped line is back
    reserve_limit_mw : array (units,), by how much each can raise its output in minutes
    cascades : whether an outage may trip other lines; if not, only failed lines are out
    """

    def __init__(
        self,
        case: GridCase,
        susceptance_pu: np.ndarray,
        limit_mw: np.ndarray,
        *,
        trip_frac: float,
        restoration_h: int,
        reserve_limit_mw: np.ndarray,
        cascades: bool,
    ) -> None:
        self.case, self._limit_mw = case, limit_mw
        self._susceptance_mw = susceptance_pu * case.base_mva
        self._trip_frac, self._restoration_h, self._cascades = trip_frac, restoration_h, cascades
        self._reserve_limit_mw = reserve_limit_mw
        lines = len(case.line_from)
        self._tripped_left_h = np.zeros(lines, dtype=np.int64)  # until a tripped line is back
        self.out = np.zeros(lines, dtype=bool)
        self._units_out = np.zeros(len(case.unit_bus), dtype=bool)
        self._known: tuple[np.ndarray | None, np.ndarray | None] = None, None  # out by damage last hour
        self._waiting = False  # whether a tripped line is to come back
        self.island = self._islands(~self.out)

    def begin_hour(
        self,
        failed: np.ndarray | None,
        units_out: np.ndarray | None,
        last: PowerService | None,
        offered_mw: np.ndarray,
    ) -> tuple[int, ...]:
        """Lines that trip because other lines, or units, have just gone; updates what is out.

        ``out`` and ``island`` stay the same arrays until a line goes or comes back.

        Parameters
        ----------
        failed, units_out : bool (lines,), bool (units,), out by damage this hour; None: none
        last : the last hour, whose flows the outage meets; None before the first hour
        offered_mw : array (units,), what each unit could give in the last hour
        """
        known_failed, known_units_out = self._known
        is_known = _is_the_same(failed, known_failed) and _is_the_same(units_out, known_units_out)
        if is_known and not self._waiting:
            return ()
        self._known = failed, units_out
        failed = np.zeros_like(self.out) if failed is None else failed
        units_out = np.zeros_like(self._units_out) if units_out is None else units_out
        self._tripped_left_h = np.maximum(self._tripped_left_h - 1, 0)
        out = failed | (self._tripped_left_h > 0)
        tripped: tuple[int, ...] = ()
        is_new = bool((out & ~self.out).any() or (units_out & ~self._units_out).any())
        if is_new and self._cascades and last is not None:
            reach_mw = np.minimum(offered_mw, last.generation_mw + self._reserve_limit_mw)
            tripped, in_service = self._cascade(out, units_out, last, reach_mw)
            self._tripped_left_h[list(tripped)] = self._restoration_h
            out = ~in_service
        if (out != self.out).any():
            self.island = self._islands(~out)
            self.out = out
        self._units_out = units_out.copy()
        self._waiting = bool(self._tripped_left_h.any())
        return tripped

    def _islands(self, in_service: np.ndarray) -> np.ndarray:
        case = self.case
        label = islands(len(case.bus_id), case.line_from[in_service], case.line_to[in_service])
        return np.ascontiguousarray(label, dtype=np.int64)

    def _cascade(
        self, out: np.ndarray, units_out: np.ndarray, last: PowerService, reach_mw: np.ndarray
    ) -> tuple[tuple[int, ...], np.ndarray]:
        """Lines that the outage trips, and the lines in service after it, bool (lines,)."""
        case, buses = self.case, len(self.case.bus_id)
        outflow_mw = np.bincount(case.line_from, last.flow_mw, buses)
        outflow_mw -= np.bincount(case.line_to, last.flow_mw, buses)
        end = cascade(
            load_mw=np.bincount(case.unit_bus, last.generation_mw, buses) - outflow_mw,
            generation_mw=np.bincount(case.unit_bus, last.generation_mw * ~units_out, buses),
            capability_mw=np.bincount(case.unit_bus, reach_mw * ~units_out, buses),
            line_from=case.line_from,
            line_to=case.line_to,
            susceptance_mw=self._susceptance_mw,
            limit_mw=self._limit_mw,
            in_service=~out,
            trip_frac=self._trip_frac,
            shift_rad=np.deg2rad(case.line_shift_deg),
        )
        return end.tripped, end.in_service


def _is_the_same(one: np.ndarray | None, other: np.ndarray | None) -> bool:
    """Whether two tell the same to be out; None: nothing."""
    if one is other:
        return True
    if one is None or other is None:
        return not np.any(one if other is None else other)
    return one.tobytes() == other.tobytes()
