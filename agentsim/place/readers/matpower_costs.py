"""Costs of a MATPOWER case: quadratics, and curves of several slopes as segments."""

import numpy as np

from agentsim.place.readers.matpower_file import CaseFile

COST_MODEL, COST_COUNT, COST_FIRST = 0, 3, 4  # columns of mpc.gencost
PIECEWISE, POLYNOMIAL = 1, 2


def costs_of(
    case: CaseFile, units: list[int], least_mw: np.ndarray, most_mw: np.ndarray
) -> tuple[np.ndarray, np.ndarray | None]:
    """c2, c1, c0 of every unit in service, array (units, 3), and segments of curves with several slopes.

    Zeros where the case has no costs at all. For a curve of several slopes c2, c1, c0 is a convex quadratic
    through it, and the segments are rows of unit, width and slope, array (segments, 3).
    """
    if "gencost" not in case.tables:
        return np.zeros((len(units), 3)), None
    table = case.table("gencost")
    if len(table.rows) < len(case.table("gen").rows):
        raise case.fault(table.line, "mpc.gencost has fewer rows than mpc.gen", "give one row to each unit")
    costs, segments = [], list[tuple[float, float, float]]()
    for k, unit in enumerate(units):
        cost = _cost(case, table.rows[unit], table.lines[unit])
        if isinstance(cost, np.ndarray):
            parts = _between(cost, float(least_mw[k]), float(most_mw[k]))
            segments += [(float(k), width, slope) for width, slope in parts]
            cost = _through(cost, parts, float(least_mw[k]), float(most_mw[k]))
        costs.append(cost)
    array = np.array(costs, dtype=float).reshape(len(units), 3)
    return array, np.array(segments) if segments else None


def _between(points: np.ndarray, least_mw: float, most_mw: float) -> list[tuple[float, float]]:
    """Width and slope of the segments of a curve between two outputs; its ends go on as they are."""
    slopes = np.diff(points[:, 1]) / np.diff(points[:, 0])
    inner = points[1:-1, 0]
    ends = np.concatenate([[least_mw], inner[(inner > least_mw) & (inner < most_mw)], [most_mw]])
    middle = (ends[:-1] + ends[1:]) / 2
    at = np.searchsorted(inner, middle)
    return [(float(width), float(slopes[k])) for width, k in zip(np.diff(ends), at, strict=True)]


def _through(
    points: np.ndarray, parts: list[tuple[float, float]], least_mw: float, most_mw: float
) -> list[float]:
    """c2, c1, c0 of the quadratic with the curve's slopes at both ends, and its cost at full output."""
    first, last, width = parts[0][1], parts[-1][1], max(most_mw - least_mw, 1e-9)
    second = (last - first) / (2.0 * width)
    linear = first - 2.0 * second * least_mw
    slopes = np.diff(points[:, 1]) / np.diff(points[:, 0])
    at = min(int(np.searchsorted(points[1:-1, 0], most_mw)), len(slopes) - 1)
    full = points[at, 1] + slopes[at] * (most_mw - points[at, 0])
    return [second, linear, float(full - (second * most_mw + linear) * most_mw)]


def _cost(case: CaseFile, row: list[float], line: int) -> list[float] | np.ndarray:
    """c2, c1, c0; or the points of a curve with several slopes, array (points, 2)."""
    if len(row) <= COST_COUNT or row[COST_MODEL] not in (PIECEWISE, POLYNOMIAL):
        raise case.fault(
            line, "mpc.gencost rows start with model (1 or 2), startup, shutdown, n", "complete the row"
        )
    if not (row[COST_COUNT] >= 0 and row[COST_COUNT].is_integer()):
        raise case.fault(line, f"mpc.gencost: n is {row[COST_COUNT]:g}", "write how many numbers follow")
    model, count = int(row[COST_MODEL]), int(row[COST_COUNT])
    length = count * (2 if model == PIECEWISE else 1)
    numbers = row[COST_FIRST : COST_FIRST + length]
    if len(numbers) < length:
        raise case.fault(
            line, f"mpc.gencost promises {length} numbers after n and has {len(numbers)}", "complete the row"
        )
    if not np.isfinite(numbers).all():
        raise case.fault(line, "mpc.gencost: a number is NaN or infinite", "write plain numbers")
    if model == PIECEWISE:
        return _curve(case, np.array(numbers).reshape(count, 2), line)
    padded = [0.0] * max(0, 3 - count) + numbers
    if any(padded[:-3]):
        raise case.fault(line, "a cost polynomial is of order above 2", "fit it by a quadratic")
    if padded[-3] < 0:
        raise case.fault(
            line, "a cost curve is concave (c2 < 0)", "dispatch needs convex costs: make c2 0 or positive"
        )
    return padded[-3:]


def _curve(case: CaseFile, points: np.ndarray, line: int) -> list[float] | np.ndarray:
    """c2, c1, c0 of a piecewise linear cost whose points lie on one line; else its points."""
    steps = np.diff(points, axis=0)
    if len(points) < 2 or (steps[:, 0] <= 0).any():
        raise case.fault(
            line, "a piecewise linear cost needs two or more points of growing power", "sort or complete them"
        )
    slopes = steps[:, 1] / steps[:, 0]
    if (np.diff(slopes) < -1e-9 * np.abs(slopes).max()).any():
        raise case.fault(
            line,
            "a piecewise linear cost has slopes that fall",
            "dispatch needs convex costs: sort the slopes",
        )
    if not np.allclose(slopes, slopes[0], rtol=1e-9):
        return points
    return [0.0, float(slopes[0]), float(points[0, 1] - slopes[0] * points[0, 0])]
