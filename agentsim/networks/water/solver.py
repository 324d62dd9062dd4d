"""One solution of EPANET, tried again with more trials, from a new start and with damping until it holds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import epanet
import numpy as np
from epanet_plus import EpanetConstants as EN

from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.networks.water.epanet_file import EpanetFile, must
from agentsim.networks.water.node_values import NodeValues

UNBALANCED, UNSTABLE, FIRST_ERROR = 1, 2, 100  # EPANET's codes; those in between are warnings
KW_PER_M3_PER_H_AND_M = 9.80665 / 3600  # rho g Q h of water
SHUT_BORE_FRAC = 1e-4  # a check valve has no status: while shut, its bore is this share of itself
FULL_WITHIN_M = 0.001  # a tank is full; EPANET takes it for full from 0.15 mm below its top
# a solution is kept if nodes lose or gain at most this share of what flows, or of the least flow
BALANCED_FRAC, LEAST_FLOW_M3_PER_H = 5e-4, 10.0
STILL_M3_PER_H = 0.01  # a full or empty tank may take or give so much
DRY_M3_PER_H = 0.1  # a city in which no more flows stands dry
# EPANET rounds to seconds and overlooks a tank that is full or empty in less than half of one
AT_LIMIT_S = 0.6
AT_LIMIT_FRAC = 1e-3  # of its usable volume: a tank so near to full or empty is taken for it
MOST_ROUNDS = 4  # of closing links at tanks


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how carefully EPANET iterates; the fields are its options."""

    trials: float
    accuracy: float  # change of flow in the last iteration as a share of all flow
    damp_limit: float = 0.0  # accuracy from which on flows change by 60 % of the step only
    check_freq: float = 2.0  # iterations between checks of what is open
    max_check: float = 10.0  # iterations after which nothing is checked any more

    def put(self, project: int) -> None:
        """Set the options."""
        for code, value in (
            (EN.EN_TRIALS, self.trials),
            (EN.EN_ACCURACY, self.accuracy),
            (EN.EN_DAMPLIMIT, self.damp_limit),
            (EN.EN_CHECKFREQ, self.check_freq),
            (EN.EN_MAXCHECK, self.max_check),
        ):
            must(epanet.EN_setoption(project, code, value))


@dataclass(frozen=True, slots=True)
class Attempt:
    """One way to try again."""

    effort: Effort
    anew: bool = True  # from flows as at a start
    cut_off: bool = False  # without tanks that are full or empty, and constant-power pumps that press in vain


class StepSolver:
    """Solves the network of an open project as it stands at the moment.

    A solution holds if EPANET converged, water balances over all nodes, every constant-power pump gives its
    power, and no empty tank gives and no full one takes. At such tanks, which EPANET overlooks now and then
    (half of an hour's supply came from nothing), links are closed until the step ends. Otherwise EPANET goes
    on with more trials and a finer target, then begins anew, then begins anew with damping and rarer checks
    of status.

    Parameters
    ----------
    project, file : EPANET's handle, and what its file says
    values : reads outflow first of its properties
    trials, accuracy : of an ordinary solution; the file's own where they are stricter
    """

    def __init__(
        self, project: int, file: EpanetFile, values: NodeValues, trials: int, accuracy: float
    ) -> None:
        self._p, self._file, self._values = project, file, values
        self._work = np.empty(must(epanet.EN_getcount(project, EN.EN_NODECOUNT)))
        self.unbalanced = 0  # times that EPANET's first solution did not hold
        self._closed: dict[int, tuple[int, float]] = {}  # links closed for the step: what opens them again
        limits = zip(file.tank_node, file.tank_range_m3, file.tank_overflows, strict=True)
        self._tanks = [(node - 1, *ends, spills) for node, ends, spills in limits]
        self._constant_kw = [
            (link, must(epanet.EN_getlinkvalue(project, link, EN.EN_PUMP_POWER)))
            for link in file.pump_link
            if must(epanet.EN_getpumptype(project, link)) == EN.EN_CONST_HP
        ]
        own = [
            must(epanet.EN_getoption(project, code))
            for code in (EN.EN_TRIALS, EN.EN_ACCURACY, EN.EN_DAMPLIMIT, EN.EN_CHECKFREQ, EN.EN_MAXCHECK)
        ]
        self._usual = Effort(max(own[0], trials), min(own[1], accuracy), *own[2:])
        self._usual.put(project)
        finer = replace(self._usual, trials=200.0, accuracy=1e-5)
        damped = Effort(trials=500.0, accuracy=self._usual.accuracy, damp_limit=1.0, check_freq=5.0)
        # not converged, junctions may lose or gain as much water as is supplied; going on cured all such
        # hours of Net6 and half of ky10's under random outages, a new start most of the rest, and cutting off
        # tanks the cities whose tanks are empty
        self._attempts = (
            Attempt(finer, anew=False),
            Attempt(self._usual),
            Attempt(finer),
            Attempt(damped),
            Attempt(self._usual, cut_off=True),
            Attempt(damped, cut_off=True),
        )
        self._worked = self._attempts[0]  # is tried first the next time

    def solve(self, start_anew: Callable[[], None], volume_m3: Sequence[float]) -> np.ndarray | None:
        """Values at the nodes of a solution that holds, array (properties, nodes); None if there is none.

        Parameters
        ----------
        start_anew : puts the flows back to those of a start; levels, clock and what is open stay
        volume_m3 : in the tanks now, (tanks,)
        """
        found = self._within_limits(volume_m3)
        if found is not None:
            return found
        self.unbalanced += 1
        for attempt in dict.fromkeys((self._worked, *self._attempts)):
            found = self._try(attempt, start_anew, volume_m3)
            if found is not None:
                self._worked = attempt
                break
        self._usual.put(self._p)
        return found

    def _try(
        self, attempt: Attempt, start_anew: Callable[[], None], volume_m3: Sequence[float]
    ) -> np.ndarray | None:
        if attempt.anew:
            start_anew()
            self._close(list(self._closed))
        attempt.effort.put(self._p)
        if attempt.cut_off:
            self._cut_off_tanks(volume_m3)
        found = self._within_limits(volume_m3)
        if found is None and attempt.cut_off and self._constant_kw:
            self._close(self._stuck())
            found = self._within_limits(volume_m3)
        return found

    @property
    def closes(self) -> bool:
        """Whether links are closed for the step."""
        return bool(self._closed)

    def open_closed(self) -> None:
        """Open the links again that were closed for the step."""
        for link, (code, value) in self._closed.items():
            epanet.EN_setlinkvalue(self._p, link, code, value)
        self._closed.clear()

    def _within_limits(self, volume_m3: Sequence[float]) -> np.ndarray | None:
        for _ in range(MOST_ROUNDS):
            code = epanet.EN_runH(self._p)[0]
            if code in (UNBALANCED, UNSTABLE) and self._stop_pumps_into_full_tanks():
                code = epanet.EN_runH(self._p)[0]
            found = self._held(code)
            if found is None or not self._close_at_tanks(found[0], volume_m3):
                return found
        return None

    def _close_at_tanks(self, outflow: np.ndarray, volume_m3: Sequence[float]) -> bool:
        """Close links through which an empty tank gives or a full one takes; whether there are any."""
        past = []
        for (row, empty, full, spills), volume in zip(self._tanks, volume_m3, strict=True):
            inflow = outflow.item(row)
            left = full - volume if inflow > 0.0 else volume - empty
            past_limit = left * 3600.0 < abs(inflow) * AT_LIMIT_S and abs(inflow) > STILL_M3_PER_H
            if past_limit and not (spills and inflow > 0.0):
                past += self._links_with_flow(row + 1, inflow > 0.0)
        self._close(past)
        return bool(past)

    def _cut_off_tanks(self, volume_m3: Sequence[float]) -> None:
        """Close all links at tanks that are full or empty, which EPANET opens and shuts without an end."""
        for (row, empty, full, _), volume in zip(self._tanks, volume_m3, strict=True):
            if min(volume - empty, full - volume) <= AT_LIMIT_FRAC * (full - empty):
                self._close(self._file.links_at(row + 1))

    def _links_with_flow(self, node: int, inward: bool) -> list[int]:
        """Links through which water enters (or leaves) a node."""
        found = []
        for link in self._file.links_at(node):
            flow = epanet.EN_getlinkvalue(self._p, link, EN.EN_FLOW)[1]
            enters = flow if self._file.link_nodes[link][1] == node else -flow
            if (enters if inward else -enters) > 0.0:
                found.append(link)
        return found

    def _close(self, links: Sequence[int]) -> None:
        """Close links until the step ends."""
        for link in links:
            kind, bore = self._file.link_type[link], self._file.link_diameter[link]
            setting = epanet.EN_getlinkvalue(self._p, link, EN.EN_SETTING)[1]
            if kind == EN.EN_CVPIPE:
                self._closed[link] = EN.EN_DIAMETER, bore
                epanet.EN_setlinkvalue(self._p, link, EN.EN_DIAMETER, bore * SHUT_BORE_FRAC)
                continue
            if link not in self._closed:
                has_setting = kind >= EN.EN_PUMP and setting > 0.0
                self._closed[link] = (EN.EN_SETTING, setting) if has_setting else (EN.EN_STATUS, 1.0)
            epanet.EN_setlinkvalue(self._p, link, EN.EN_STATUS, 0.0)

    def _held(self, code: int) -> np.ndarray | None:
        """The values at the nodes if the solution holds."""
        if code >= FIRST_ERROR or (self._constant_kw and self._stuck()):
            return None
        values = self._values.now()
        error, flow = _sums(values[0], self._work)
        # EPANET compares changes of flow with the flow, which says nothing of a city that stands dry
        holds = flow < DRY_M3_PER_H if code == UNBALANCED else _balanced(error, flow)
        return values if holds else None

    def _stuck(self) -> list[int]:
        """Constant-power pumps that turn without giving their power to the water.

        From no flow, as after a standstill, EPANET's iteration does not find the way back to their power.
        """
        stuck = []
        for link, kw in self._constant_kw:
            status, flow, loss = (
                epanet.EN_getlinkvalue(self._p, link, code)[1]
                for code in (EN.EN_STATUS, EN.EN_FLOW, EN.EN_HEADLOSS)
            )
            if status > 0 and abs(flow * loss) * KW_PER_M3_PER_H_AND_M < 0.01 * kw:
                stuck.append(link)
        return stuck

    def _stop_pumps_into_full_tanks(self) -> bool:
        """Stop running pumps whose outlet is a full tank; whether there are any.

        EPANET finds no solution with them, or an unstable one, and gives a flow that no pump could.
        """
        tanks = zip(self._file.tank_node, self._file.tank_range_m, strict=True)
        full = {node for node, (_, most) in tanks if self._level_m(node) >= most - FULL_WITHIN_M}
        filling = [
            link
            for link in self._file.pump_link
            if self._file.link_nodes[link][1] in full
            and epanet.EN_getlinkvalue(self._p, link, EN.EN_STATUS)[1] > 0
        ]
        self._close(filling)
        return bool(filling)

    def _level_m(self, node: int) -> float:
        return epanet.EN_getnodevalue(self._p, node, EN.EN_PRESSURE)[1]


def balanced(outflow_m3_per_h: np.ndarray) -> bool:
    """Whether what leaves the network at all nodes, (nodes,), sums to nothing but a rounding error.

    >>> balanced(np.array([-100.0, 60.0, 40.0])), balanced(np.array([-100.0, 60.0, 41.0]))
    (True, False)
    >>> balanced(np.array([np.nan, 1.0]))
    False
    """
    return _balanced(*_sums(outflow_m3_per_h, np.empty(len(outflow_m3_per_h))))


def _balanced(error_m3_per_h: float, flow_m3_per_h: float) -> bool:
    return abs(error_m3_per_h) <= BALANCED_FRAC * max(flow_m3_per_h, LEAST_FLOW_M3_PER_H)


@kernel
def _sums(outflow: np.ndarray, work: np.ndarray) -> tuple[float, float]:
    """Outflow summed over all nodes, (nodes,), and all that enters the network, which is all that leaves it.

    *work* (nodes,) is work space.
    """
    for node in range(outflow.size):
        work[node] = abs(outflow[node])
    return pairwise_sum(outflow, 0, outflow.size), pairwise_sum(work, 0, work.size) / 2.0
