"""Reader of MATPOWER case files (version 2, ``.m``) into a :class:`GridCase`."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnreadableCase
from agentsim.core.text_files import text_of
from agentsim.place.cases import GridCase
from agentsim.place.readers.matlab_statements import NotUnderstood, Statements, number_of

_ASSIGNMENT = re.compile(r"^\s*mpc\.(\w+)\s*=\s*(.*)$")
_COMPUTED = re.compile(r"\bmpc\b|^(if|for|while|switch|eval|run)\b")
_NO_STATEMENT = re.compile(r"^((function|return|endfunction)\b|mpc\s*=\s*struct\(\s*\)$)")
_COMMENT = re.compile(r"%|\.\.\.")
_WORD = re.compile(r"'[^']*'$|\"[^\"]*\"$|[\w.+-]+$")  # a text, a name or a number
_QUOTED = re.compile(r"'((?:[^']|'')*)'")

# Columns of the MATPOWER format (Zimmerman & Murillo-Sanchez, MATPOWER User's Manual, appendix B).
_BUS_NUMBER, _BUS_TYPE, _LOAD_MW, _SHUNT_MW = 0, 1, 2, 4
_FROM, _TO, _R, _X, _RATE_A, _TAP, _SHIFT, _BRANCH_STATUS = 0, 1, 2, 3, 5, 8, 9, 10
_UNIT_BUS, _UNIT_STATUS, _P_MAX, _P_MIN = 0, 7, 8, 9
_COST_MODEL, _COST_COUNT, _COST_FIRST = 0, 3, 4
_DC_FROM, _DC_TO, _DC_STATUS, _DC_MIN, _DC_MAX = 0, 1, 2, 9, 10
_ISOLATED, _PIECEWISE, _POLYNOMIAL = 4, 1, 2
_NEEDED = {"bus": 13, "gen": 10, "branch": 11, "dcline": 11}
_FINITE = {  # columns that are used; a rating may be infinite, which means no limit
    "bus": (_BUS_NUMBER, _BUS_TYPE, _LOAD_MW, _SHUNT_MW),
    "gen": (_UNIT_BUS, _UNIT_STATUS, _P_MAX, _P_MIN),
    "branch": (_FROM, _TO, _R, _X, _TAP, _SHIFT, _BRANCH_STATUS),
    "dcline": (_DC_FROM, _DC_TO, _DC_STATUS, _DC_MIN, _DC_MAX),
}


@dataclass(frozen=True)
class _Table:
    """One ``mpc.name = [...]`` block: its rows, and the line of the file where each stands."""

    rows: list[list[float]]
    lines: list[int]
    line: int

    def array(self, columns: int) -> np.ndarray:
        """The first *columns* columns; rows may be longer than needed."""
        return np.array([row[:columns] for row in self.rows], dtype=float).reshape(len(self.rows), columns)


class _CaseFile:
    """The text of one case file, taken apart into scalars, tables and lists of words."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scalars: dict[str, tuple[str, int]] = {}
        self.tables: dict[str, _Table] = {}
        self.words: dict[str, list[str]] = {}
        self._statements = Statements({}, {})
        text = text_of(path, "name a MATPOWER case file (.m)", UnreadableCase, fallback="latin-1")
        self._read(text.split("\n"))

    def fault(self, line: int, rule: str, remedy: str) -> UnreadableCase:
        return UnreadableCase(f"{self.path}:{line}", rule, remedy)

    def _read(self, lines: list[str]) -> None:
        """Takes one statement after the other; several may stand in a line."""
        code = self._code_lines(lines)[::-1]  # what is still to be read, the next line last
        while code:
            text, line = code.pop()
            text = text.lstrip(" \t;,")
            found = _ASSIGNMENT.match(text)
            if found and found[2][:1] in ("[", "{"):
                code.append((found[2], line))
                code.append(self._block(found[1], code))
            elif text:
                cut = _end_of_statement(text)
                code.append((text[cut:], line))
                self._statement(text[:cut].strip(), line)

    def _statement(self, text: str, line: int) -> None:
        """A scalar of the case, or a conversion of what has been read; others leave the data alone."""
        found = _ASSIGNMENT.match(text)
        value = found[2].strip() if found else ""
        if found and found[1] not in self.tables and _WORD.match(value):
            self.scalars[found[1]] = (value, line)
            if _is_number(value):
                self._statements.scalars[found[1]] = float(value)
        elif text and not _NO_STATEMENT.match(text):
            self._convert(text, line)
            if found and found[1] in self._statements.scalars:
                self.scalars[found[1]] = (repr(self._statements.scalars[found[1]]), line)

    def _convert(self, text: str, line: int) -> None:
        try:
            self._statements.run(text)
        except NotUnderstood as error:
            if _COMPUTED.search(_outside_quotes(text)):
                rule = f"the case computes its data with a statement that is not understood: {text[:60]}"
                raise self.fault(line, rule, "save it with MATPOWER's savecase first") from error
            self._statements.names.pop(text.partition("=")[0].strip(), None)

    def _block(self, name: str, code: list[tuple[str, int]]) -> tuple[str, int]:
        """Reads the block that begins in the last entry of *code*; what follows it in its last line."""
        first, opened = code.pop()
        closing, body = "]" if first[0] == "[" else "}", [(first[1:], opened)]
        while closing not in _outside_quotes(body[-1][0]):
            if not code:
                rule = f"mpc.{name} is never closed"
                raise self.fault(opened, rule, f"add '{closing};' after its last row")
            body.append(code.pop())
        last, line = body[-1]
        cut = _outside_quotes(last).index(closing)
        body[-1], after = (last[:cut], line), last[cut + 1 :].strip()
        if after and after[0] not in ";,":
            rule = f"{after[:20]!r} follows the {closing} of mpc.{name}"
            raise self.fault(line, rule, f"end it with '{closing};': nothing is computed here")
        if closing == "]":
            self.tables[name] = table = self._table(name, body, opened)
            self._statements.tables[name] = table.rows
        else:
            self.words[name] = [word for part, _ in body for word in _QUOTED.findall(part)]
        return after, line

    def _code_lines(self, lines: list[str]) -> list[tuple[str, int]]:
        """Lines without comments, with their numbers; a line that ``...`` continues is joined to the next."""
        code: list[tuple[str, int]] = []
        blocks: list[int] = []  # lines where the block comments begin that are still open
        continued = False
        for number, line in enumerate(lines, start=1):
            if line.strip() == "%{":
                blocks.append(number)
            elif blocks:
                blocks = blocks[:-1] if line.strip() == "%}" else blocks
            else:
                end = _COMMENT.search(_outside_quotes(line))
                text = line[: end.start()] if end else line
                if continued:
                    code[-1] = (f"{code[-1][0]} {text}", code[-1][1])
                else:
                    code.append((text, number))
                continued = end is not None and end[0] == "..."
        if blocks:
            raise self.fault(blocks[-1], "the comment %{ is never closed", "end it with a line '%}'")
        return code

    def _table(self, name: str, body: list[tuple[str, int]], opened: int) -> _Table:
        rows: list[list[float]] = []
        at: list[int] = []
        for text, line in body:
            for row in text.split(";"):
                cells = row.replace(",", " ").split()
                if not cells:
                    continue
                rows.append([self._number(name, cell, line) for cell in cells])
                at.append(line)
        return _Table(rows, at, opened)

    def _number(self, name: str, cell: str, line: int) -> float:
        if _is_number(cell):
            return float(cell)
        try:
            return number_of(cell)
        except NotUnderstood as error:
            rule = f"mpc.{name}: {cell!r} is not a number"
            raise self.fault(line, rule, "write plain numbers, one row a line") from error

    def table(self, name: str) -> _Table:
        """A block that every case needs, its rows long enough and finite where they are used."""
        if name not in self.tables:
            raise self.fault(
                1, f"mpc.{name} is missing", "give a MATPOWER version 2 case with bus, gen, branch, gencost"
            )
        table = self.tables[name]
        for row, line in zip(table.rows, table.lines, strict=True):
            if len(row) < _NEEDED.get(name, 0):
                raise self.fault(
                    line, f"mpc.{name} needs {_NEEDED[name]} columns, this row has {len(row)}", "complete it"
                )
            if any(cell != cell for cell in row[: _NEEDED.get(name, 0)]):
                raise self.fault(line, f"mpc.{name}: a number is NaN", "write plain numbers")
            infinite = [column + 1 for column in _FINITE.get(name, ()) if math.isinf(row[column])]
            if infinite:
                rule = f"mpc.{name}: column {infinite[0]} is infinite"
                raise self.fault(line, rule, "write a finite number, for a unit its capacity in MW")
        return table

    def base_mva(self) -> float:
        text, line = self.scalars.get("baseMVA", ("", 1))
        if not _is_number(text) or not 0 < float(text) < math.inf:
            raise self.fault(line, "mpc.baseMVA must be a positive number", "write 'mpc.baseMVA = 100;'")
        return float(text)


def _outside_quotes(text: str) -> str:
    """The text with quoted words blanked, so that brackets and percent signs inside them do not count."""
    return _QUOTED.sub(lambda found: "_" * len(found.group()), text)


def _end_of_statement(text: str) -> int:
    """Where the first statement of a line ends: at a semicolon or comma outside brackets."""
    depth = 0
    for at, sign in enumerate(_outside_quotes(text)):
        depth += (sign in "([{") - (sign in ")]}")
        if sign in ";," and depth <= 0:
            return at
    return len(text)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def read_matpower(path: str | Path) -> GridCase:
    """The transmission grid of a MATPOWER case file.

    Equipment whose status is 0 and isolated buses (type 4) are left out; a ``rateA`` of 0 means no
    limit and a ratio of 0 no transformer, as in MATPOWER. Costs are polynomials up to order 2, or
    piecewise linear with slopes that rise; without ``mpc.gencost`` every unit costs nothing. DC lines carry
    what is cheapest between Pmin and Pmax, without losses. ``mpc.genfuel``
    gives ``unit_fuel`` where it is there. The usual statements that convert units are carried out
    (:mod:`agentsim.place.readers.matlab_statements`).

    Raises
    ------
    UnreadableCase : the file is missing or incomplete, refers to buses it does not have, computes its
        data with other statements, or has costs that are not convex
    """
    case = _CaseFile(Path(path))
    base_mva = case.base_mva()
    buses, bus_index = _buses(case)
    lines = _rows_in_service(case, "branch", _BRANCH_STATUS, (_FROM, _TO), bus_index)
    units = _rows_in_service(case, "gen", _UNIT_STATUS, (_UNIT_BUS,), bus_index)
    branch = case.table("branch").array(_NEEDED["branch"])[lines]
    gen = case.table("gen").array(_NEEDED["gen"])[units]
    _check_branches(case, branch, lines)
    _check_outputs(case, gen, units)
    fuels = case.words.get("genfuel", [])
    cost, slopes = _costs(case, units, gen[:, _P_MIN], gen[:, _P_MAX])
    return GridCase(
        base_mva=base_mva,
        bus_id=tuple(str(int(number)) for number in buses[:, _BUS_NUMBER]),
        bus_load_mw=buses[:, _LOAD_MW],
        bus_shunt_mw=buses[:, _SHUNT_MW],
        line_from=_indices(branch[:, _FROM], bus_index),
        line_to=_indices(branch[:, _TO], bus_index),
        line_r_pu=branch[:, _R],
        line_x_pu=branch[:, _X],
        line_tap=np.where(branch[:, _TAP] == 0, 1.0, branch[:, _TAP]),
        line_shift_deg=branch[:, _SHIFT],
        line_limit_mw=np.where(branch[:, _RATE_A] == 0, np.inf, branch[:, _RATE_A]),
        unit_bus=_indices(gen[:, _UNIT_BUS], bus_index),
        unit_max_mw=gen[:, _P_MAX],
        unit_min_mw=gen[:, _P_MIN],
        unit_cost=cost,
        unit_slopes=slopes,
        unit_fuel=tuple(fuels[unit] for unit in units) if len(fuels) == len(case.table("gen").rows) else (),
        **_dc_lines(case, bus_index),
    )


def _indices(numbers: np.ndarray, bus_index: dict[int, int]) -> np.ndarray:
    return np.array([bus_index[int(number)] for number in numbers], dtype=np.int64)


def bus_lines(path: str | Path) -> dict[str, int]:
    """The line of the file on which each bus stands, by its number."""
    table = _CaseFile(Path(path)).table("bus")
    return {str(int(row[_BUS_NUMBER])): line for row, line in zip(table.rows, table.lines, strict=True)}


def _buses(case: _CaseFile) -> tuple[np.ndarray, dict[int, int]]:
    """Rows of the buses that are not isolated, and where each bus number stands (-1: isolated)."""
    table = case.table("bus")
    bus_index: dict[int, int] = {}
    kept: list[list[float]] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        number = int(row[_BUS_NUMBER])
        if number in bus_index:
            raise case.fault(line, f"bus {number} appears twice", "give every bus a number of its own")
        isolated = int(row[_BUS_TYPE]) == _ISOLATED
        bus_index[number] = -1 if isolated else len(kept)
        if not isolated:
            kept.append(row[: _NEEDED["bus"]])
    if not kept:
        raise case.fault(table.line, "mpc.bus has no bus in service", "a grid needs at least one")
    return np.array(kept, dtype=float), bus_index


def _rows_in_service(
    case: _CaseFile, name: str, status: int, ends: tuple[int, ...], bus_index: dict[int, int]
) -> list[int]:
    """Rows of a table whose status is on and whose buses are not isolated."""
    table = case.table(name)
    kept = []
    for row_number, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        for end in ends:
            if int(row[end]) not in bus_index:
                raise case.fault(
                    line,
                    f"mpc.{name} names bus {int(row[end])}, which mpc.bus does not have",
                    "add or fix it",
                )
        if row[status] > 0 and all(bus_index[int(row[end])] >= 0 for end in ends):
            kept.append(row_number)
    return kept


def _check_branches(case: _CaseFile, branch: np.ndarray, lines: list[int]) -> None:
    wrong = np.flatnonzero(branch[:, _X] == 0)
    if len(wrong):
        line = case.table("branch").lines[lines[wrong[0]]]
        raise case.fault(
            line, "a branch has reactance 0", "DC power flow needs x; merge the two buses or give a small x"
        )
    negative = np.flatnonzero(branch[:, _RATE_A] < 0)
    if len(negative):
        line = case.table("branch").lines[lines[negative[0]]]
        raise case.fault(line, "a branch has a rating (rateA) below 0", "give MW, or 0 for no limit")


def _check_outputs(case: _CaseFile, gen: np.ndarray, units: list[int]) -> None:
    wrong = np.flatnonzero(gen[:, _P_MIN] > gen[:, _P_MAX])
    if len(wrong):
        line = case.table("gen").lines[units[wrong[0]]]
        least, most = gen[wrong[0], [_P_MIN, _P_MAX]]
        rule = f"a unit's least output Pmin ({least:g} MW) is above its capacity Pmax ({most:g} MW)"
        raise case.fault(line, rule, "correct column 9 (Pmax) or 10 (Pmin)")


def _dc_lines(case: _CaseFile, bus_index: dict[int, int]) -> dict[str, np.ndarray]:
    """Ends and limits of the DC lines in service; empty where there are none."""
    found = case.tables.get("dcline", _Table([], [], 1))
    on = [k for k, row in enumerate(found.rows) if len(row) <= _DC_STATUS or row[_DC_STATUS] > 0]
    if not on:
        return {}
    case.tables["dcline"] = _Table([found.rows[k] for k in on], [found.lines[k] for k in on], found.line)
    rows = _rows_in_service(case, "dcline", _DC_STATUS, (_DC_FROM, _DC_TO), bus_index)
    if not rows:
        return {}
    table = case.table("dcline")
    lines = table.array(_NEEDED["dcline"])[rows]
    wrong = np.flatnonzero(lines[:, _DC_MIN] > lines[:, _DC_MAX])
    if len(wrong):
        rule = "a DC line's least flow Pmin is above its largest Pmax"
        raise case.fault(table.lines[rows[wrong[0]]], rule, "correct column 10 (Pmin) or 11 (Pmax)")
    return {
        "dc_from": _indices(lines[:, _DC_FROM], bus_index),
        "dc_to": _indices(lines[:, _DC_TO], bus_index),
        "dc_min_mw": lines[:, _DC_MIN],
        "dc_max_mw": lines[:, _DC_MAX],
    }


def _costs(
    case: _CaseFile, units: list[int], least_mw: np.ndarray, most_mw: np.ndarray
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


def _cost(case: _CaseFile, row: list[float], line: int) -> list[float] | np.ndarray:
    """c2, c1, c0; or the points of a curve with several slopes, array (points, 2)."""
    if len(row) <= _COST_COUNT or row[_COST_MODEL] not in (_PIECEWISE, _POLYNOMIAL):
        raise case.fault(
            line, "mpc.gencost rows start with model (1 or 2), startup, shutdown, n", "complete the row"
        )
    if not (row[_COST_COUNT] >= 0 and row[_COST_COUNT].is_integer()):
        raise case.fault(line, f"mpc.gencost: n is {row[_COST_COUNT]:g}", "write how many numbers follow")
    model, count = int(row[_COST_MODEL]), int(row[_COST_COUNT])
    length = count * (2 if model == _PIECEWISE else 1)
    numbers = row[_COST_FIRST : _COST_FIRST + length]
    if len(numbers) < length:
        raise case.fault(
            line, f"mpc.gencost promises {length} numbers after n and has {len(numbers)}", "complete the row"
        )
    if not np.isfinite(numbers).all():
        raise case.fault(line, "mpc.gencost: a number is NaN or infinite", "write plain numbers")
    if model == _PIECEWISE:
        return _curve(case, np.array(numbers).reshape(count, 2), line)
    padded = [0.0] * max(0, 3 - count) + numbers
    if any(padded[:-3]):
        raise case.fault(line, "a cost polynomial is of order above 2", "fit it by a quadratic")
    if padded[-3] < 0:
        raise case.fault(
            line, "a cost curve is concave (c2 < 0)", "dispatch needs convex costs: make c2 0 or positive"
        )
    return padded[-3:]


def _curve(case: _CaseFile, points: np.ndarray, line: int) -> list[float] | np.ndarray:
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
