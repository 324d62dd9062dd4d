"""The road network: traffic equilibrium, queues and stranded trips, hour by hour."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from agentsim.core.errors import UnusableRoads
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import RoadService
from agentsim.core.numerics.kernel import patience
from agentsim.core.parameters import parameter
from agentsim.networks.roads import assignment
from agentsim.networks.roads import queues as road_queues
from agentsim.networks.roads.path_set import (
    Links,
    empty_demand,
    empty_paths,
    empty_trees,
    enlarged,
    links_of,
    retime,
)
from agentsim.networks.roads.queues import empty_end
from agentsim.networks.roads.signals import Signals
from agentsim.place.cases import RoadCase
from agentsim.place.readers.gmns import read_gmns
from agentsim.place.readers.tntp import MINUTE_H, read_tntp

MOST_ITERATIONS = 2000  # of a standalone assignment; an hour in the city is bounded by its RoadsParameters


@dataclass(frozen=True)
class RoadsParameters:
    """Numbers of the road network."""

    informed_frac: float = parameter(
        0.5,
        "1",
        "share of travellers who know this hour's times; the rest take last hour's path",
        "A",
        0.0,
        1.0,
    )
    even_green_frac: float = parameter(
        0.3, "1", "part of a junction's green time that all phases share evenly", "A", 0.01, 1.0
    )
    facing_deg: float = parameter(
        120.0, "deg", "approaches at this angle or more have green at the same time", "A", 90.0, 180.0
    )
    signal_slots_per_h: int = parameter(
        60, "1/h", "how often a signal that goes by pressure chooses its phase", "A", 1, 3600
    )
    time_budget_h: float = parameter(2.0, "h", "longest trip that anybody begins inside the city", "A", 0.1)
    forgotten_share_frac: float = parameter(
        0.01, "1", "a path that a smaller share of travellers took is forgotten", "A", 0.0, 0.2
    )
    hourly_gap: float = parameter(
        1e-3, "1", "relative gap at which an hour's equilibrium is accepted (numerical)", "A", 1e-12, 1e-1
    )
    hourly_iterations: int = parameter(
        60, "1", "most iterations of an hour (numerical); the gap reached is reported", "A", 1
    )


@dataclass(frozen=True)
class Assignment:
    """Static user equilibrium of one demand."""

    flow_veh_per_h: np.ndarray  # (links,)
    time_h: np.ndarray  # (links,) inf where closed
    skim_h: np.ndarray  # (zones, zones) on the quickest path, inf where there is no path
    objective: float  # Beckmann's sum of integrals, vehicles x the network's time unit
    gap: float  # relative
    stranded: np.ndarray  # (zones, zones) veh/h without a path
    iterations: int


class _Traffic:
    """Links, trees, demand and path sets of one network, carried from solve to solve."""

    def __init__(self, case: RoadCase) -> None:
        self.links = links_of(case)
        zones, nodes = len(case.zone_x_km), len(self.links.through)
        pairs = int(np.count_nonzero(case.od_veh_per_h))
        self.trees = empty_trees(zones, nodes)
        self.demand = empty_demand(zones)
        self.paths = empty_paths(zones * zones, len(self.links.tail), 2 * pairs + 256, 16 * pairs + 4096)
        free = np.zeros(zones * zones)
        self._solved(free, self.links.capacity, 1.0, np.inf, gap=1.0, iterations=0, loaded=True)  # trees

    def solve(
        self,
        trips: np.ndarray,
        capacity_veh_per_h: np.ndarray,
        informed_frac: float,
        budget_h: float,
        gap: float,
        iterations: int,
    ) -> tuple[float, int]:
        """Equilibrium of *trips* (pairs,); the gap reached and the iterations it took."""
        return self._solved(trips, capacity_veh_per_h, informed_frac, budget_h, gap, iterations, loaded=False)

    def solve_again(
        self,
        capacity_veh_per_h: np.ndarray,
        informed_frac: float,
        budget_h: float,
        gap: float,
        iterations: int,
    ) -> float:
        """Equilibrium of the trips on the roads after capacities have changed; the gap reached."""
        retime(self.links, capacity_veh_per_h)
        trips = self.demand.trips
        return self._solved(trips, capacity_veh_per_h, informed_frac, budget_h, gap, iterations, loaded=True)[
            0
        ]

    def _solved(
        self,
        trips: np.ndarray,
        capacity_veh_per_h: np.ndarray,
        informed_frac: float,
        budget_h: float,
        gap: float,
        iterations: int,
        loaded: bool,
    ) -> tuple[float, int]:
        taken = 0
        while True:
            reached, done, loaded, complete = assignment.equilibrium(
                tuple(self.links),
                tuple(self.trees),
                tuple(self.paths),
                tuple(self.demand),
                trips,
                capacity_veh_per_h,
                float(informed_frac),
                float(budget_h),
                float(gap),
                iterations - taken,
                loaded,
            )
            taken += done
            if complete:
                return reached, taken
            self.paths = enlarged(self.paths)

    def skim_h(self) -> np.ndarray:
        """Time of the quickest paths, inf where there is none, array (zones, zones)."""
        dist_h, zones = self.trees.dist_h, len(self.trees.dist_h)
        return dist_h.copy() if dist_h.shape[1] == zones else dist_h[:, :zones].copy()


class RoadNetwork:
    """Roads between zones under user equilibrium.

    Alone: :meth:`assign` gives the static equilibrium of a demand, a pure function of its arguments.
    In a city: :meth:`serve` takes one hour after another, each from the paths and queues of the last.
    *adaptive_signal*, bool (links,), are the approaches whose green follows traffic: :meth:`signal_frac`;
    *pressure_signal*, bool (links,), those of them whose green follows the pressure of the hour itself.

    Time on a link follows t = t0 (1 + alpha (v/c)^beta), the Bureau of Public Roads' function (1964).

    Raises
    ------
    UnusableRoads
        if the case's arrays disagree, or a time, capacity or exponent is out of range

    Examples
    --------
    Two roads join two zones; 3600 vehicles spread until both take the same time:

    >>> import numpy as np
    >>> case = RoadCase(
    ...     zone_x_km=np.zeros(2), zone_y_km=np.zeros(2),
    ...     link_from=np.array([0, 0]), link_to=np.array([1, 1]), link_length_km=np.array([10.0, 12.0]),
    ...     link_free_time_h=np.array([0.2, 0.3]), link_capacity_veh_per_h=np.array([1000.0, 2000.0]),
    ...     link_bpr_alpha=np.array([1.0, 1.0]), link_bpr_beta=np.array([1.0, 1.0]),
    ...     od_veh_per_h=np.array([[0.0, 3600.0], [0.0, 0.0]]))
    >>> equilibrium = RoadNetwork(case).assign(gap=1e-9)
    >>> equilibrium.flow_veh_per_h.round(3), equilibrium.time_h.round(6)
    (array([1828.571, 1771.429]), array([0.565714, 0.565714]))
    """

    def __init__(
        self,
        case: RoadCase,
        parameters: RoadsParameters | None = None,
        mechanisms: Mechanisms | None = None,
        time_unit_h: float = 1.0,
        adaptive_signal: np.ndarray | None = None,
        pressure_signal: np.ndarray | None = None,
    ) -> None:
        _check(case)
        warm_up()
        self.case = case
        self.parameters = parameters or RoadsParameters()
        self.mechanisms = mechanisms or Mechanisms()
        self.time_unit_h = time_unit_h
        self._zones = len(case.zone_x_km)
        self._capacity = np.array(case.link_capacity_veh_per_h, dtype=np.float64)
        self._traffic = traffic = _Traffic(case)
        self._all_open = self._capacity > 0.0
        self._none_closed = np.zeros(len(self._capacity), dtype=bool)
        for links in (self._all_open, self._none_closed):
            links.setflags(write=False)
        self._free_rise_h = traffic.links.free_time_h * traffic.links.alpha
        self._end = empty_end(len(self._capacity), self._zones**2)
        self._carried_veh = 0.0  # that wait for the coming hour
        self.free_skim_h, self.free_skim_km = traffic.skim_h(), traffic.trees.zone_km.copy()
        for skim in (self.free_skim_h, self.free_skim_km):
            skim.setflags(write=False)
        self.signals = self._signals(adaptive_signal, pressure_signal)

    @classmethod
    def from_tntp(cls, net_file: str | Path, trips_file: str | Path, **options: float) -> "RoadNetwork":
        """Roads and demand from two TNTP files; options as :func:`agentsim.place.readers.tntp.read_tntp`.

        ``assign().objective`` is in vehicles x the file's own time unit, as published values are.
        """
        case = read_tntp(net_file, trips_file, **options)
        return cls(case, time_unit_h=options.get("time_unit_h", MINUTE_H))

    @classmethod
    def from_gmns(cls, folder: str | Path, **options: Any) -> "RoadNetwork":
        """Roads and demand from a GMNS folder; options as :func:`agentsim.place.readers.gmns.read_gmns`."""
        return cls(read_gmns(folder, **options))

    def _signals(self, adaptive: np.ndarray | None, by_pressure: np.ndarray | None) -> Signals | None:
        """Adaptive signals; the fixed plan is made for the mean of morning and evening peak."""
        if adaptive is None or not adaptive.any() or not self.mechanisms.adaptive_signals:
            return None
        morning, evening = self.case.od_veh_per_h, self.case.od_veh_per_h.T
        flows = [self.assign(1e-4, trips).flow_veh_per_h for trips in (morning, evening)]
        return Signals(
            self.case,
            ordinary_veh_per_h=np.mean(flows, axis=0),
            adaptive=adaptive,
            even_green_frac=self.parameters.even_green_frac,
            facing_deg=self.parameters.facing_deg,
            by_pressure=by_pressure,
            slots_per_h=self.parameters.signal_slots_per_h,
        )

    def signal_frac(
        self, out: np.ndarray | None = None, spoofed_frac: np.ndarray | None = None
    ) -> np.ndarray | None:
        """Capacity that adaptive signals give each link, over that of the fixed plan, for the flows of the
        last solution, array (links,); None where all signals are fixed.

        *out*, bool (links,), and *spoofed_frac* (links,) are detectors that fail or lie.
        """
        if self.signals is None:
            return None
        return self.signals.capacity_frac(self._traffic.links.flow, out, spoofed_frac)

    @property
    def queued_veh(self) -> np.ndarray:
        """Vehicles that wait at their origin for the next hour, array (zones, zones)."""
        return self._end.queued.reshape(self._zones, self._zones)

    def assign(
        self,
        gap: float = 1e-6,
        od_veh_per_h: np.ndarray | None = None,
        closed_links: Sequence[int] | np.ndarray = (),
    ) -> Assignment:
        """Static user equilibrium of a demand (the case's own by default), everybody informed, no queues.

        Parameters
        ----------
        gap : relative gap, (travel time - travel time on the quickest paths) / travel time
        od_veh_per_h : array (zones, zones); the diagonal is ignored
        closed_links : indices of links, or a bool array (links,)
        """
        asked = self.case.od_veh_per_h if od_veh_per_h is None else od_veh_per_h
        trips = self._trips(asked, np.zeros(self._zones**2))
        closed = np.asarray(closed_links)
        capacity = self._capacity.copy()
        capacity[closed if closed.dtype == np.bool_ else closed.astype(np.int64)] = 0.0
        traffic = _Traffic(self.case)
        reached, iterations = traffic.solve(trips, capacity, 1.0, np.inf, gap, MOST_ITERATIONS)
        return Assignment(
            flow_veh_per_h=traffic.links.flow,
            time_h=traffic.links.time_h,
            skim_h=traffic.skim_h(),
            objective=beckmann_veh_h(traffic.links) / self.time_unit_h,
            gap=reached,
            stranded=traffic.demand.unreachable.reshape(self._zones, self._zones),
            iterations=iterations,
        )

    def serve(
        self,
        od_veh_per_h: np.ndarray,
        closed_links: np.ndarray | None = None,
        capacity_frac: np.ndarray | None = None,
        answer: Callable[[], np.ndarray | None] | None = None,
    ) -> RoadService:
        """One hour of traffic.

        The hour's demand is what is asked and what waited. A share ``informed_frac`` chooses the quickest
        path at this hour's times, the others keep to their last path, or any other that is open if theirs
        is closed. Nobody sets out on a trip longer than ``time_budget_h``: trips stay until the rest take
        no longer. Trips without an open path, and trips that stay, are stranded.

        With ``residual_queues`` a path lets through the share min(1, capacity / flow) of its narrowest
        link; the rest waits at the origin and asks again the next hour, whatever is closed by then. So no
        link passes more than its capacity, and for every pair

            asked + carried in = arrived + stranded + queued.

        Delay is time above free flow at the flow that passed, plus the queue's mean over the hour,
        (carried in + queued) / 2 [veh h] (trapezoid; vertical queue), so that waiting is counted once.

        Parameters
        ----------
        od_veh_per_h : array (zones, zones) of vehicles asked; the diagonal is ignored
        closed_links : bool array (links,)
        capacity_frac : array (links,), what is left of each link's capacity; 0 closes it
        answer : where signals answer the traffic of the hour itself: gives *capacity_frac* anew once traffic
            has found its ways, which then change with it

        Returns
        -------
        RoadService
            ``flow_veh_per_h`` is what passed; ``time_h`` and the skims are at the flow that wanted to pass,
            the times on which travellers decide.
        """
        capacity = self._open_capacity(closed_links, capacity_frac)
        numbers = self.parameters
        gap, _ = self._traffic.solve(
            self._trips(od_veh_per_h, self._end.queued),
            capacity,
            numbers.informed_frac,
            numbers.time_budget_h,
            numbers.hourly_gap,
            numbers.hourly_iterations,
        )
        if answer is not None:
            capacity = self._open_capacity(closed_links, answer())
            gap = self._traffic.solve_again(
                capacity,
                numbers.informed_frac,
                numbers.time_budget_h,
                numbers.hourly_gap,
                numbers.hourly_iterations,
            )
        return self._close_hour(capacity, gap)

    def _open_capacity(self, closed_links: np.ndarray | None, capacity_frac: np.ndarray | None) -> np.ndarray:
        """Capacity of each link this hour, 0 where it is closed, array (links,)."""
        capacity = self._capacity if capacity_frac is None else self._capacity * capacity_frac
        if closed_links is None or not np.count_nonzero(closed_links):
            return capacity
        return np.where(closed_links, 0.0, capacity)

    def _close_hour(self, capacity: np.ndarray, gap: float) -> RoadService:
        """The hour's service, given the equilibrium; the queue is kept for the next hour."""
        traffic, end, carried_in = self._traffic, self._end, self._carried_veh
        links = traffic.links
        arrived, some_wait = road_queues.settle(
            tuple(links),
            tuple(traffic.paths),
            tuple(traffic.demand),
            self.mechanisms.residual_queues,
            self.parameters.forgotten_share_frac,
            tuple(end),
        )
        self._carried_veh = queued = float(end.queued.sum()) if some_wait else 0.0
        passed = end.passed.copy()
        delay = float((self._free_rise_h * end.ratio**links.beta) @ passed)
        return RoadService(
            flow_veh_per_h=passed,
            time_h=links.time_h.copy(),
            skim_h=traffic.skim_h(),
            skim_km=traffic.trees.zone_km.copy(),
            stranded_veh=end.stranded.copy().reshape(self._zones, self._zones),
            queued_veh=queued,
            arrived_veh=arrived,
            carried_in_veh=carried_in,
            vehicle_km=float(passed @ links.length_km),
            delay_veh_h=delay + 0.5 * (carried_in + queued),
            free_skim_h=self.free_skim_h,
            open_links=self._all_open if capacity is self._capacity else capacity > 0.0,
            gap=gap,
        )

    def links_cut_by(self, districts_cut_off: np.ndarray) -> np.ndarray:
        """Links that leave or enter a closed district, bool array (links,)."""
        districts_cut_off = np.asarray(districts_cut_off, dtype=bool)
        if not np.count_nonzero(districts_cut_off):
            return self._none_closed
        if self.case.link_district is None:
            raise UnusableRoads("the roads have no districts: RoadCase.link_district is None")
        ends = np.asarray(self.case.link_district)
        closed = districts_cut_off[ends]
        return (ends[:, 0] != ends[:, 1]) & closed.any(axis=1)

    def _trips(self, od_veh_per_h: np.ndarray, queued_veh: np.ndarray) -> np.ndarray:
        """What is asked and what waited, array (pairs,)."""
        asked = np.ascontiguousarray(od_veh_per_h, dtype=np.float64).ravel()
        if asked.size != queued_veh.size:
            raise UnusableRoads(f"demand has {asked.size} entries, {self._zones} zones need {self._zones**2}")
        trips = np.empty(asked.size)
        if not road_queues.set_out(asked, queued_veh, trips):
            raise UnusableRoads("demand is negative or not a number")
        return trips


def beckmann_veh_h(links: Links) -> float:
    """Sum over links of the integral of time by flow, t0 v (1 + alpha (v/c)^beta / (beta + 1)) [veh h]."""
    free_veh_h = float(links.free_time_h @ links.flow)
    return free_veh_h + float((_rise(links, links.flow) / (links.beta + 1.0)) @ links.flow)


def delay_veh_h(links: Links, flow_veh_per_h: np.ndarray) -> float:
    """Time above free flow of *flow_veh_per_h* (links,), sum of v t0 alpha (v/c)^beta [veh h]."""
    return float(_rise(links, flow_veh_per_h) @ flow_veh_per_h)


def _rise(links: Links, flow_veh_per_h: np.ndarray) -> np.ndarray:
    """Link time above free flow [h], 0 on links without traffic."""
    ratio = np.divide(
        flow_veh_per_h, links.capacity, out=np.zeros_like(flow_veh_per_h), where=flow_veh_per_h > 0.0
    )
    return links.free_time_h * links.alpha * ratio**links.beta


def _check(case: RoadCase) -> None:
    count, zones = len(case.link_from), len(case.zone_x_km)
    nodes = max(case.nodes, zones)
    columns = ("to", "length_km", "free_time_h", "capacity_veh_per_h", "bpr_alpha", "bpr_beta")
    for name in columns:
        if len(getattr(case, f"link_{name}")) != count:
            raise UnusableRoads(f"link_{name} has not one entry for each of the {count} links")
    if np.shape(case.od_veh_per_h) != (zones, zones):
        raise UnusableRoads(f"od_veh_per_h must be ({zones}, {zones}), is {np.shape(case.od_veh_per_h)}")
    rules = (
        ("ends at a node that is not there", _outside(case.link_from, nodes) | _outside(case.link_to, nodes)),
        ("needs a capacity above 0 veh/h", ~(np.asarray(case.link_capacity_veh_per_h) > 0.0)),
        ("needs a finite free-flow time of 0 h or more", ~_finite(case.link_free_time_h)),
        ("needs a finite length of 0 km or more", ~_finite(case.link_length_km)),
        ("needs a finite BPR alpha of 0 or more", ~_finite(case.link_bpr_alpha)),
        ("needs a BPR beta of 0, or 1 and more", ~_is_power(case.link_bpr_beta)),
    )
    for rule, broken in rules:
        if broken.any():
            raise UnusableRoads(f"link {int(np.argmax(broken))} {rule}")


def _outside(node: np.ndarray, nodes: int) -> np.ndarray:
    return (np.asarray(node) < 0) | (np.asarray(node) >= nodes)


def _finite(value: np.ndarray) -> np.ndarray:
    return np.isfinite(value) & (np.asarray(value) >= 0.0)


def _is_power(beta: np.ndarray) -> np.ndarray:
    return np.isfinite(beta) & ((np.asarray(beta) == 0.0) | (np.asarray(beta) >= 1.0))


@cache
def warm_up() -> None:
    """Compile the kernels, or fetch them from the cache; says so on stderr if it has to compile.

    Called by the first :class:`RoadNetwork`; a command line calls it to compile ahead. Afterwards each
    kernel has exactly one specialisation and refuses arrays of another type.
    """
    two = np.ones(2)
    case = RoadCase(
        zone_x_km=two,
        zone_y_km=two,
        link_from=np.array([0, 1]),
        link_to=np.array([1, 0]),
        link_length_km=two,
        link_free_time_h=two,
        link_capacity_veh_per_h=two,
        link_bpr_alpha=two,
        link_bpr_beta=two,
        od_veh_per_h=np.ones((2, 2)),
    )
    with patience("the traffic kernels"):
        traffic = _Traffic(case)
        road_queues.set_out(np.ones(4), np.ones(4), np.ones(4))
        traffic.solve(np.ones(4), np.ones(2), 0.5, 2.0, 1e-3, 1)
        roads = tuple(traffic.links), tuple(traffic.paths), tuple(traffic.demand)
        road_queues.settle(*roads, True, 0.01, tuple(empty_end(2, 4)))
    for entry in (assignment.equilibrium, road_queues.set_out, road_queues.settle):
        entry.disable_compile()
