"""Ways by bus through lines and changes, and the passengers on each part of a line.

Stops are zones. Between two stops of a line the rider waits for the first bus of any line worth taking: lines
are added in the order of their riding time as long as that lowers the expected time (common lines, Chriqui &
Robillard 1975), with a wait of half the joint headway. A trip has at most two changes, each where it makes
the trip quickest. Passengers of several lines board each in proportion to its buses.
"""

from typing import NamedTuple

import numpy as np

from agentsim.core.numerics.kernel import inlined, kernel


class Lines(NamedTuple):
    """Lines as arrays; *row* counts zones with a stop."""

    first_stop: np.ndarray  # (lines + 1,)
    row: np.ndarray  # (stops,) row of the stop's zone
    stop_at: np.ndarray  # (lines, rows) stop of a line in a row, -1: none
    km: np.ndarray  # (2, stops) of each segment, by way


class Paths(NamedTuple):
    """Quickest ways between rows, arrays (rows, rows) [h]; inf where none leads."""

    ride_h: np.ndarray  # with one line or several common ones, waiting included
    per_h: np.ndarray  # buses an hour of the lines worth taking
    worth_h: np.ndarray  # a line is worth taking if it rides for less
    change_h: np.ndarray  # with at most one change
    change_at: np.ndarray  # row of the change, -1: none
    trip_h: np.ndarray  # with at most two
    second_at: np.ndarray  # row of the last change of a trip with two, -1: as with one


class Load(NamedTuple):
    """Passengers of an hour."""

    persons: np.ndarray  # (2, stops) on each segment, by way
    boardings: np.ndarray  # (lines,)


def empty_paths(rows: int) -> Paths:
    """Arrays for :func:`find_paths` to fill."""
    table = [np.full((rows, rows), np.inf) for _ in range(5)]
    row = [np.full((rows, rows), -1, dtype=np.int64) for _ in range(2)]
    return Paths(table[0], table[1], table[2], table[3], row[0], table[4], row[1])


@inlined
def _add_common(
    lines: Lines, line: int, segment_h: np.ndarray, per_h: float, paths: Paths, sum_h: np.ndarray
) -> None:
    """Add one line wherever it is worth taking, to ``paths.per_h`` and to the sum of buses x riding time."""
    start, end = lines.first_stop[line], lines.first_stop[line + 1]
    for a in range(start, end):
        out_h, back_h = 0.0, 0.0
        for b in range(a + 1, end):
            out_h += segment_h[0, b - 1]
            back_h += segment_h[1, b - 1]
            i, j = lines.row[a], lines.row[b]
            if out_h < paths.worth_h[i, j]:
                paths.per_h[i, j] += per_h
                sum_h[i, j] += per_h * out_h
            if back_h < paths.worth_h[j, i]:
                paths.per_h[j, i] += per_h
                sum_h[j, i] += per_h * back_h


@inlined
def _change_once_more(
    first_h: np.ndarray, then_h: np.ndarray, change_h: float, best_h: np.ndarray, at: np.ndarray
) -> None:
    """Fills *best_h* with *first_h*, or where quicker with a way by it, a change *at* a row, and *then_h*."""
    rows = best_h.shape[0]
    for i in range(rows):
        for j in range(rows):
            best_h[i, j], at[i, j] = first_h[i, j], -1
        for k in range(rows):
            before_h = first_h[i, k] + change_h
            if before_h < np.inf:
                for j in range(rows):
                    if before_h + then_h[k, j] < best_h[i, j] and i != j:
                        best_h[i, j], at[i, j] = before_h + then_h[k, j], k


@inlined
def _sooner(paths: Paths, sum_h: np.ndarray) -> bool:
    """Fills the expected times of the lines worth taking; whether any is lower than with those before."""
    rows, sooner = paths.ride_h.shape[0], False
    for i in range(rows):
        for j in range(rows):
            known = paths.per_h[i, j] > 0.0
            ride_h = (0.5 + sum_h[i, j]) / paths.per_h[i, j] if known else np.inf
            paths.ride_h[i, j] = ride_h
            sooner = sooner or ride_h < paths.worth_h[i, j]
    if sooner:
        for i in range(rows):
            for j in range(rows):
                paths.worth_h[i, j] = paths.ride_h[i, j]
    return sooner


@kernel
def find_paths(
    lines: Lines, segment_h: np.ndarray, per_h: np.ndarray, change_h: float, sum_h: np.ndarray, paths: Paths
) -> None:
    """Fill *paths* with the quickest ways.

    Parameters
    ----------
    segment_h : riding time of each segment, array (2, stops); inf where it is closed
    per_h : buses an hour and way, array (lines,)
    change_h : trouble of a change, besides waiting
    sum_h : work space (rows, rows)
    """
    paths.worth_h[:] = np.inf
    for _ in range(per_h.size + 1):  # each time lines fall away that are slower than waiting for the others
        paths.per_h[:] = 0.0
        sum_h[:] = 0.0
        for line in range(per_h.size):
            if per_h[line] > 0.0:
                _add_common(lines, line, segment_h, per_h[line], paths, sum_h)
        if not _sooner(paths, sum_h):
            break
    _change_once_more(paths.ride_h, paths.ride_h, change_h, paths.change_h, paths.change_at)
    _change_once_more(paths.change_h, paths.ride_h, change_h, paths.trip_h, paths.second_at)


@inlined
def _ride(
    lines: Lines,
    segment_h: np.ndarray,
    per_h: np.ndarray,
    paths: Paths,
    load: Load,
    room: np.ndarray,
    i: int,
    j: int,
    persons: float,
) -> float:
    """Put *persons* on the lines from row i to row j; the share of them that has room all the way."""
    carried = 0.0
    for line in range(per_h.size):
        a, b = lines.stop_at[line, i], lines.stop_at[line, j]
        if a >= 0 and b >= 0 and per_h[line] > 0.0:
            way = 0 if a < b else 1
            ride_h = 0.0
            for s in range(min(a, b), max(a, b)):
                ride_h += segment_h[way, s]
            if ride_h < paths.worth_h[i, j]:
                share, least = per_h[line] / paths.per_h[i, j], 1.0
                for s in range(min(a, b), max(a, b)):
                    load.persons[way, s] += share * persons
                    least = min(least, room[way, s])
                load.boardings[line] += share * persons
                carried += share * least
    return carried


@kernel
def put_on(
    lines: Lines,
    segment_h: np.ndarray,
    per_h: np.ndarray,
    paths: Paths,
    room: np.ndarray,
    persons: np.ndarray,
    carried_frac: np.ndarray,
    load: Load,
) -> None:
    """Put passengers on the lines of their ways: fills *load*, and who has room all the way.

    Parameters
    ----------
    room : share of its passengers for whom each segment has room, array (2, stops)
    persons : between rows, array (rows, rows)
    carried_frac : array (rows, rows), filled: the narrowest part of the way counts; 0 where no way leads
    """
    rows = persons.shape[0]
    load.persons[:] = 0.0
    load.boardings[:] = 0.0
    for i in range(rows):
        for j in range(rows):
            carried_frac[i, j] = 0.0
            if persons[i, j] > 0.0 and paths.trip_h[i, j] < np.inf and i != j:
                least, end = 1.0, j
                if paths.second_at[i, j] >= 0:
                    end = paths.second_at[i, j]
                    least = _ride(lines, segment_h, per_h, paths, load, room, end, j, persons[i, j])
                middle = paths.change_at[i, end]
                if middle >= 0:
                    part = _ride(lines, segment_h, per_h, paths, load, room, middle, end, persons[i, j])
                    least, end = min(least, part), middle
                part = _ride(lines, segment_h, per_h, paths, load, room, i, end, persons[i, j])
                carried_frac[i, j] = min(least, part)
