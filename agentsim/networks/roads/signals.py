"""Traffic signals: how the green of a junction is shared among its approaches."""

import numpy as np

from agentsim.core.numerics.kernel import kernel
from agentsim.networks.roads.pressure import idle, pressure_green, roads_ahead
from agentsim.place.cases import RoadCase

NONE_OUT = np.zeros(0, dtype=bool)  # in the place of detectors that are out of order


def phases(case: RoadCase, least_deg: float) -> np.ndarray:
    """Number of the phase of each link, array (links,): opposite approaches have green at the same time.

    At every node the two approaches with the widest angle between them make a phase if the angle is
    *least_deg* or more, then the next two; any other approach has a phase of its own. So has every approach
    whose direction is not known: a node that is no zone has no coordinates.
    """
    zones, head = len(case.zone_x_km), np.asarray(case.link_to)
    x = np.append(case.zone_x_km, np.nan)[np.minimum(np.stack([case.link_from, head]), zones)]
    y = np.append(case.zone_y_km, np.nan)[np.minimum(np.stack([case.link_from, head]), zones)]
    bearing_deg = np.degrees(np.arctan2(y[1] - y[0], x[1] - x[0]))
    moves = np.hypot(x[1] - x[0], y[1] - y[0]) > 0.0
    phase, count = np.full(len(head), -1), 0
    for node in np.unique(head).tolist():
        links = np.flatnonzero(head == node)
        turn = np.abs(bearing_deg[links, None] - bearing_deg[links])
        angle = np.where(moves[links, None] & moves[links], np.minimum(turn, 360.0 - turn), 0.0)
        pairs = np.argwhere(np.triu(angle >= least_deg, 1))
        order = np.argsort([-angle[a, b] for a, b in pairs], kind="stable")
        for a, b in pairs[order].tolist():
            if phase[links[a]] < 0 and phase[links[b]] < 0:
                phase[links[a]] = phase[links[b]] = count
                count += 1
        for link in links[phase[links] < 0].tolist():
            phase[link], count = count, count + 1
    return phase


def green_share(
    flow_ratio: np.ndarray, phase: np.ndarray, node: np.ndarray, even_green_frac: float
) -> np.ndarray:
    """Share of its junction's green that each approach gets, array (links,).

    A part e is shared evenly among the n phases of a junction, so that every phase has some green. The rest
    goes by the critical ratio y of flow to capacity, the largest among the approaches of a phase (Webster
    1958):

        g = e / n + (1 - e) y / sum(y)

    A junction without traffic shares evenly.

    Parameters
    ----------
    flow_ratio : flow over the capacity that a link has under its ordinary green, array (links,)
    phase : number of each link's phase, array (links,)
    node : node to which each phase belongs, array (phases,)
    even_green_frac : e

    North and south have green together, and the busier of them counts; east has the rest:

    >>> green_share(np.array([0.6, 0.1, 0.2]), np.array([0, 0, 1]), np.array([0, 0]), 0.2).round(3).tolist()
    [0.7, 0.7, 0.3]
    """
    green = np.empty(len(phase))
    work = np.empty((3, max(len(node), int(node.max(initial=-1)) + 1)))
    share_green(flow_ratio, phase, node, float(even_green_frac), work, green)
    return green


@kernel
def share_green(
    flow_ratio: np.ndarray,
    phase: np.ndarray,
    node: np.ndarray,
    even_green_frac: float,
    work: np.ndarray,
    green: np.ndarray,
) -> None:
    """What :func:`green_share` gives, into *green* (links,); *work* (3, phases or nodes) is work space."""
    critical, traffic, rivals = work[0], work[1], work[2]
    work[:] = 0.0
    for link in range(phase.size):
        critical[phase[link]] = max(critical[phase[link]], flow_ratio[link])
    for one in range(node.size):
        traffic[node[one]] += critical[one]
        rivals[node[one]] += 1.0
    for link in range(phase.size):
        one = phase[link]
        all_traffic, phases_here = traffic[node[one]], rivals[node[one]]
        by_flow = critical[one] / all_traffic if all_traffic > 0.0 else 1.0 / phases_here
        green[link] = even_green_frac / phases_here + (1.0 - even_green_frac) * by_flow


@kernel
def over_fixed_plan(
    green: np.ndarray,
    fixed_green: np.ndarray,
    adaptive: np.ndarray,
    flow_veh_per_h: np.ndarray,
    out: np.ndarray,
    node: np.ndarray,
    came: np.ndarray,
    frac: np.ndarray,
) -> None:
    """Green over that of the fixed plan, into *frac* (links,), 1 where a junction keeps to this plan.

    That is where nobody came to its *node* (links,), or a detector is *out* of order; *out* is empty where
    none is. *came* (nodes,) is work space.
    """
    came[:] = 0.0
    for link in range(node.size):
        came[node[link]] += flow_veh_per_h[link]
    for link in range(out.size):
        if out[link]:
            came[node[link]] = 0.0
    for link in range(node.size):
        answers = adaptive[link] and came[node[link]] > 0.0
        frac[link] = green[link] / fixed_green[link] if answers else 1.0


class Signals:
    """Green by a fixed plan, or where a junction is adaptive by the traffic that its detectors measure.

    The fixed plan is sized for ordinary flows, and a link's capacity is what it has under it, so that a
    junction under the fixed plan changes nothing. An adaptive junction shares green by flow
    (:func:`green_share`), or where it goes by pressure by the queues that build up
    (:func:`~agentsim.networks.roads.pressure.pressure_green`). A junction with a detector out of order keeps
    to its fixed plan.

    Parameters
    ----------
    case : roads; capacities are those under the fixed plan
    ordinary_veh_per_h : (links,) flows for which the fixed plan was made
    adaptive : bool (links,), alike for all approaches of a junction
    even_green_frac : part of the green that is shared evenly, in both
    facing_deg : least angle between approaches of one phase, see :func:`phases`
    by_pressure : bool (links,), of the adaptive ones; None: none
    slots_per_h : how often a junction that goes by pressure chooses anew
    """

    def __init__(
        self,
        case: RoadCase,
        ordinary_veh_per_h: np.ndarray,
        adaptive: np.ndarray,
        even_green_frac: float,
        facing_deg: float,
        by_pressure: np.ndarray | None = None,
        slots_per_h: int = 60,
    ) -> None:
        self.capacity_veh_per_h = np.asarray(case.link_capacity_veh_per_h, dtype=float)
        self.adaptive, self.even_green_frac = adaptive, even_green_frac
        self.by_pressure = adaptive & (np.zeros(len(adaptive), bool) if by_pressure is None else by_pressure)
        self.phase = phases(case, facing_deg)
        self._node = np.zeros(int(self.phase.max(initial=-1)) + 1, dtype=int)
        self._node[self.phase] = case.link_to
        self._rivals = np.bincount(self._node)[self._node]
        self._at = self._node[self.phase]  # junction of each link
        self._came = np.empty(int(self._at.max(initial=-1)) + 1)
        self.fixed_green = self._green(ordinary_veh_per_h)
        self._slots, self._served = slots_per_h, np.zeros(len(self._node))
        self._saturation = self.capacity_veh_per_h / self.fixed_green
        self._ahead = roads_ahead(np.asarray(case.link_from), np.asarray(case.link_to))
        self._controllers = idle(len(self.phase), self._node)

    @property
    def within_the_hour(self) -> bool:
        """Whether any junction answers the traffic of the hour itself, and not that of the last."""
        return bool(np.count_nonzero(self.by_pressure))

    def _green(self, flow_veh_per_h: np.ndarray) -> np.ndarray:
        ratio = flow_veh_per_h / self.capacity_veh_per_h
        return green_share(ratio, self.phase, self._node, self.even_green_frac)

    def _green_by_pressure(self, flow_veh_per_h: np.ndarray) -> np.ndarray:
        """Green under max pressure, of which the same part is shared evenly, array (links,)."""
        even = self.even_green_frac
        pressure_green(
            flow_veh_per_h,
            self._saturation,
            self.phase,
            self._node,
            *self._ahead,
            slots=self._slots,
            state=self._controllers,
            green=self._served,
        )
        return (even / self._rivals + (1.0 - even) * self._served)[self.phase]

    def measured(self, flow_veh_per_h: np.ndarray, spoofed_frac: np.ndarray | None) -> np.ndarray:
        """What detectors report of the flows, array (links,).

        Where they are spoofed, (links,), the share *spoofed_frac* of the report is turned round among the
        approaches of a junction: the busiest reports what the emptiest has, and the other way round.
        """
        if spoofed_frac is None:
            return flow_veh_per_h
        at = self._at
        most, least = np.zeros(at.max(initial=-1) + 1), np.full(at.max(initial=-1) + 1, np.inf)
        np.maximum.at(most, at, flow_veh_per_h)
        np.minimum.at(least, at, flow_veh_per_h)
        turned = most[at] + least[at] - flow_veh_per_h
        return (1.0 - spoofed_frac) * flow_veh_per_h + spoofed_frac * turned

    def capacity_frac(
        self,
        flow_veh_per_h: np.ndarray,
        out: np.ndarray | None = None,
        spoofed_frac: np.ndarray | None = None,
    ) -> np.ndarray:
        """Capacity of each link over that under the fixed plan, for these flows, array (links,).

        A junction without traffic keeps to the fixed plan, and so does one with a detector *out* of order,
        bool (links,).
        """
        reported = self.measured(flow_veh_per_h, spoofed_frac)
        green = self._green(reported)
        if self.within_the_hour:
            green = np.where(self.by_pressure, self._green_by_pressure(reported), green)
        out, frac = NONE_OUT if out is None else out, np.empty(len(green))
        over_fixed_plan(
            green, self.fixed_green, self.adaptive, flow_veh_per_h, out, self._at, self._came, frac
        )
        return frac
