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
        cascades: bool,
    ) -> None:
        self.case, self._limit_mw = case, limit_mw
        self._susceptance_mw = susceptance_pu * case.base_mva
        self._trip_frac, self._restoration_h, self._cascades = trip_frac, restoration_h, cascades
        lines = len(case.line_from)
        self._tripped_left_h = np.zeros(lines, dtype=np.int64)  # until a tripped line is back
        self.out = np.zeros(lines, dtype=bool)
        self._units_out = np.zeros(len(case.unit_bus), dtype=bool)
        self.island = islands(len(case.bus_id), case.line_from, case.line_to)

    def begin_hour(
        self,
        failed: np.ndarray | None,
        units_out: np.ndarray | None,
        last: PowerService | None,
        reach_mw: np.ndarray,
    ) -> tuple[int, ...]:
        """Lines that trip because other lines, or units, have just gone; updates what is out.

        Parameters
        ----------
        failed, units_out : bool (lines,), bool (units,), out by damage this hour; None: none
        last : the last hour, whose flows the outage meets; None before the first hour
        reach_mw : array (units,), output that each unit could reach in minutes in the last hour
        """
        failed = np.zeros_like(self.out) if failed is None else failed
        units_out = np.zeros_like(self._units_out) if units_out is None else units_out
        self._tripped_left_h = np.maximum(self._tripped_left_h - 1, 0)
        out = failed | (self._tripped_left_h > 0)
        tripped: tuple[int, ...] = ()
        is_new = bool((out & ~self.out).any() or (units_out & ~self._units_out).any())
        if is_new and self._cascades and last is not None:
            tripped, in_service = self._cascade(out, units_out, last, reach_mw)
            self._tripped_left_h[list(tripped)] = self._restoration_h
            out = ~in_service
        if (out != self.out).any():
            self.island = islands(len(self.case.bus_id), self.case.line_from[~out], self.case.line_to[~out])
        self.out, self._units_out = out, units_out.copy()
        return tripped

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
