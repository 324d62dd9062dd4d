"""The dispatch program of a city: transmission, feeders, microgrids, stores and reserve."""

from dataclasses import dataclass

import numpy as np

from agentsim.core.numerics.linear import INF, Assembly
from agentsim.core.numerics.shares import ratio
from agentsim.networks.power.dispatch import TIE, VOLL_IN_PROGRAM, Transmission
from agentsim.networks.power.stores import StoreLimits
from agentsim.place.cases import TIERS, Feeders, GridCase


@dataclass(frozen=True)
class Values:
    """Prices inside the dispatch [currency per MWh]: must-run < charging < reserve < emergency."""

    voll: float
    must_run: float  # paid by a must-run unit to stay on line
    charging: float
    reserve: float
    emergency: float


class CityDispatch:
    """Transmission, and what is connected to its buses, as columns and rows of a linear program.

    A feeder is a leaf bus behind one breaker. It is *joined* to its transmission bus, or *tied* to the
    microgrid of its district, or neither; as it never has both connections at once, its balance is
    part of its node's. A *node* is a bus or, behind the buses, a microgrid. At each node the feeders of one
    tier are served through two columns, basic part and rest, so that shedding goes by value, and share
    what there is in proportion; their solar surplus is a third. A microgrid's main tie leads from a
    transmission bus, and its store charges through it. Reserve columns share each unit's headroom with
    its output.

    With *feeders* every feeder has columns of its own at both of its possible nodes, so that each may have
    its own value; otherwise the feeders of one tier at a node share theirs, which is several times smaller.

    All columns exist in every run, some at zero size: an hour changes bounds, never the program's shape.
    """

    def __init__(
        self,
        case: GridCase,
        susceptance_pu: np.ndarray,
        limit_mw: np.ndarray,
        main_bus: np.ndarray,
        pieces: int,
        values: Values,
        feeders: Feeders | None = None,
    ) -> None:
        assembly = Assembly()
        self.nodes = len(case.bus_id) + len(main_bus)
        self.scale = VOLL_IN_PROGRAM / values.voll
        must_run = values.must_run * self.scale
        self.grid = Transmission(
            assembly,
            case,
            susceptance_pu=susceptance_pu,
            limit_mw=limit_mw,
            pieces=pieces,
            scale=self.scale,
            must_run_value=must_run,
        )
        bus_row, buses = self.grid.bus_rows.start, len(case.bus_id)
        micro = assembly.rows(len(main_bus), 0.0, 0.0).start + np.arange(len(main_bus))
        node_row = np.concatenate([bus_row + np.arange(buses), micro])
        self._feeders = 0 if feeders is None else len(feeders)
        if feeders is None:
            row = np.repeat(node_row, len(TIERS))
            self._rank_of = np.repeat(np.arange(self.nodes), len(TIERS))
        else:
            row = np.concatenate([node_row[feeders.bus], node_row[buses + feeders.district]])
            self._rank_of = np.tile(np.arange(len(feeders)), 2)
        self._groups = len(row)
        self.basic = assembly.columns(self._groups, 0.0, 0.0, 0.0, (row, -1.0))
        self.rest = assembly.columns(self._groups, 0.0, 0.0, 0.0, (row, -1.0))
        # slightly below 0, so that solar surplus is used before other free power
        self.solar = assembly.columns(len(node_row), 0.0, 0.0, -0.1 * TIE * VOLL_IN_PROGRAM, (node_row, 1.0))
        self.main = assembly.columns(len(micro), 0.0, 0.0, 0.0, (bus_row + main_bus, -1.0), (micro, 1.0))
        self._stores(assembly, node_row, np.arange(self.nodes) >= buses, values)
        self._reserves(assembly, case, values.reserve * self.scale)
        self.program = assembly.program()

    def _stores(self, assembly: Assembly, node: np.ndarray, in_microgrid: np.ndarray, values: Values) -> None:
        """A microgrid's discharge costs more than charging earns, so that it never does both at once."""
        count = len(node)
        rank = TIE * np.arange(count) / count
        reward, emergency = values.charging * self.scale, values.emergency * self.scale
        given = np.where(in_microgrid, 2.0 * reward, 0.0) + rank
        self.charge = assembly.columns(count, 0.0, 0.0, -reward * (1.0 - rank), (node, -1.0))
        self.discharge = assembly.columns(count, 0.0, 0.0, given, (node, 1.0))
        self.emergency = assembly.columns(count, 0.0, 0.0, emergency * (1.0 + rank), (node, 1.0))

    def _reserves(self, assembly: Assembly, case: GridCase, penalty: float) -> None:
        units = len(case.unit_bus)
        self._headroom_rows = assembly.rows(units, -INF, case.unit_max_mw)
        headroom = self._headroom_rows.start + np.arange(units)
        self.grid.entries_of_units(assembly, headroom)
        self._reserve_row = assembly.rows(1, 0.0, 0.0)
        everyone = np.full(units, self._reserve_row.start)
        self._reserve = assembly.columns(units, 0.0, 0.0, 0.0, (headroom, 1.0), (everyone, 1.0))
        self.reserve_missing = assembly.columns(1, 0.0, INF, penalty, (self._reserve_row.start, 1.0))

    def group_of(self, node: np.ndarray, tier: np.ndarray) -> np.ndarray:
        """Which pair of columns serves each feeder, array (feeders,)."""
        if not self._feeders:
            return node * len(TIERS) + tier
        tied = node >= self.nodes - (self.main.stop - self.main.start)
        return np.arange(self._feeders) + self._feeders * tied

    def write_values(self, basic: np.ndarray, rest: np.ndarray, turn: int) -> None:
        """Value of serving, times VOLL, of the basic part and the rest, arrays (tiers,), or (feeders,) where
        each has its own.

        Among nodes of equal value one must be served first; *turn* changes which, round the city and every
        second time backwards, so that of any two nodes each comes first half of the time.
        """
        count = self._feeders or self.nodes
        rank = (np.arange(count) + turn // 2) % count
        rank = rank if turn % 2 == 0 else count - 1 - rank
        trace = (VOLL_IN_PROGRAM * TIE * rank / count)[self._rank_of]
        times = self._groups // len(basic)
        self.program.cost[self.basic] = trace - VOLL_IN_PROGRAM * np.tile(basic, times)
        self.program.cost[self.rest] = trace - VOLL_IN_PROGRAM * np.tile(rest, times)

    def write_load(
        self,
        node: np.ndarray,
        tier: np.ndarray,
        basic_mw: np.ndarray,
        most_mw: np.ndarray,
        solar_mw: np.ndarray,
    ) -> None:
        """Load that can be reached (basic part, all) and solar surplus of each feeder, summed at nodes."""
        group, groups, upper = self.group_of(node, tier), self._groups, self.program.upper
        basic, most = np.bincount(group, basic_mw, groups), np.bincount(group, most_mw, groups)
        upper[self.basic], upper[self.rest] = basic, np.maximum(most - basic, 0.0)
        upper[self.solar] = np.bincount(node, solar_mw, self.nodes)

    def delivered_mw(
        self, x: np.ndarray, node: np.ndarray, tier: np.ndarray, basic_mw: np.ndarray, most_mw: np.ndarray
    ) -> np.ndarray:
        """Power delivered to each feeder: those of one tier at a node share a shortage in proportion."""
        group = self.group_of(node, tier)
        basic_short = 1.0 - self._share(x, self.basic)[group]
        rest_short = 1.0 - self._share(x, self.rest)[group]
        return most_mw - basic_mw * basic_short - (most_mw - basic_mw) * rest_short

    def solar_used_mw(self, x: np.ndarray, node: np.ndarray, solar_mw: np.ndarray) -> np.ndarray:
        """Solar surplus that was used, array (feeders,)."""
        return solar_mw * self._share(x, self.solar)[node]

    def _share(self, x: np.ndarray, columns: slice) -> np.ndarray:
        """Each column over its upper bound, within 0 and 1; 1 where there is nothing."""
        return np.minimum(np.maximum(ratio(x[columns], self.program.upper[columns]), 0.0), 1.0)

    def write_units(
        self, capability_mw: np.ndarray, must_run: np.ndarray, reserve_limit_mw: np.ndarray, reserve_mw: float
    ) -> None:
        """What units can give, hold as reserve and must run [arrays (units,)], and the reserve required."""
        program = self.program
        self.grid.write_units(program, capability_mw, must_run)
        program.row_upper[self._headroom_rows] = capability_mw
        program.upper[self._reserve] = np.minimum(reserve_limit_mw, capability_mw)
        program.row_lower[self._reserve_row] = program.row_upper[self._reserve_row] = reserve_mw

    def write_stores(self, limits: StoreLimits, main_mw: np.ndarray) -> None:
        """Limits of the stores, and of the microgrids' main ties, array (districts,)."""
        upper = self.program.upper
        upper[self.charge], upper[self.discharge] = limits.charge_mw, limits.discharge_mw
        upper[self.emergency], upper[self.main] = limits.emergency_mw, main_mw
