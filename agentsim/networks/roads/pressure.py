"""Max-pressure signals: green goes where the most vehicles wait, less those that wait on the roads ahead."""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import kernel


class Controllers(NamedTuple):
    """The state of all junctions within the hour, work space of :func:`pressure_green`."""

    queue: np.ndarray  # (links,) vehicles at the stop line
    pressure: np.ndarray  # (phases,)
    served: np.ndarray  # (phases,) number of the slot in which the phase was served last
    chosen: np.ndarray  # int (nodes,) the phase that has green, -1 none


def idle(links: int, node: np.ndarray) -> Controllers:
    """Controllers before the first hour; *node* (phases,) is the junction of each phase."""
    phases, nodes = len(node), int(node.max(initial=-1)) + 1
    return Controllers(np.zeros(links), np.zeros(phases), np.zeros(phases), np.zeros(nodes, dtype=np.int64))


def roads_ahead(link_from: np.ndarray, link_to: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Links onto which vehicles leave each link, U-turns left out: where each list begins, and the lists.

    Arrays (links + 1,) and (turns,).

    >>> start, ahead = roads_ahead(np.array([0, 1, 1]), np.array([1, 0, 2]))
    >>> start.tolist(), ahead.tolist()
    ([0, 1, 1, 1], [2])
    """
    lists = [
        np.flatnonzero((link_from == head) & (link_to != tail))
        for tail, head in zip(link_from.tolist(), link_to.tolist(), strict=True)
    ]
    start = np.concatenate([[0], np.cumsum([len(one) for one in lists])])
    return start.astype(np.int64), np.concatenate([*lists, np.zeros(0, np.int64)]).astype(np.int64)


@kernel
def pressure_green(
    arrival_veh_per_h: np.ndarray,
    saturation_veh_per_h: np.ndarray,
    phase: np.ndarray,
    node: np.ndarray,
    ahead_start: np.ndarray,
    ahead: np.ndarray,
    slots: int,
    state: Controllers,
    green: np.ndarray,
) -> None:
    """Share of an hour in which phases have green under max pressure (Varaiya 2013), into *green* (phases,).

    The hour is cut into *slots*. In each, vehicles come to the stop lines, every junction gives green to the
    phase with the highest pressure, and the queues of its approaches l are served at the saturation flow s:

        pressure of a phase = sum over l of s_l max(x_l - sum over m of r_lm x_m, 0)

    x are the queues, and r_lm is the share of the vehicles on l that go on to the link m ahead, here by the
    measured arrivals there. The controller knows queues and turns as its detectors see them and nothing else
    of the network. Of equal phases the one that has waited longest is served.

    Parameters
    ----------
    arrival_veh_per_h : measured at each approach, (links,)
    saturation_veh_per_h : what an approach passes while it has green, (links,)
    phase, node : phase of each link, (links,); junction of each phase, (phases,)
    ahead_start, ahead : see :func:`roads_ahead`
    """
    queue, pressure, served, chosen = state
    queue[:] = 0.0
    served[:] = 0.0
    green[:] = 0.0
    for slot in range(slots):
        for link in range(phase.size):
            queue[link] += arrival_veh_per_h[link] / slots
        pressure[:] = 0.0
        for link in range(phase.size):
            onward, waiting = 0.0, 0.0
            for turn in range(ahead_start[link], ahead_start[link + 1]):
                onward += arrival_veh_per_h[ahead[turn]]
                waiting += arrival_veh_per_h[ahead[turn]] * queue[ahead[turn]]
            net = queue[link] - (waiting / onward if onward > 0.0 else 0.0)
            pressure[phase[link]] += saturation_veh_per_h[link] * max(net, 0.0)
        chosen[:] = -1
        for one in range(node.size):
            best = chosen[node[one]]
            longer = best >= 0 and pressure[one] == pressure[best] and served[one] < served[best]
            if best < 0 or pressure[one] > pressure[best] or longer:
                chosen[node[one]] = one
        for link in range(phase.size):
            if chosen[node[phase[link]]] == phase[link]:
                queue[link] = max(queue[link] - saturation_veh_per_h[link] / slots, 0.0)
        for at in range(chosen.size):
            if chosen[at] >= 0:
                green[chosen[at]] += 1.0 / slots
                served[chosen[at]] = slot + 1.0
