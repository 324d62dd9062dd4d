"""The text of a MATPOWER case file (version 2, ``.m``), taken apart into tables, scalars and words."""

import math
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from agentsim.core.errors import UnreadableCase
from agentsim.core.text_files import text_of
from agentsim.place.readers.matlab_statements import NotUnderstood, Statements, number_of

_ASSIGNMENT = re.compile(r"^\s*mpc\.(\w+)\s*=\s*(.*)$")
_COMPUTED = re.compile(r"\bmpc\b|^(if|for|while|switch|eval|run)\b")
_NO_STATEMENT = re.compile(r"^((function|return|endfunction)\b|mpc\s*=\s*struct\(\s*\)$)")
_COMMENT = re.compile(r"%|\.\.\.")
_WORD = re.compile(r"'[^']*'$|\"[^\"]*\"$|[\w.+-]+$")  # a text, a name or a number
_QUOTED = re.compile(r"'((?:[^']|'')*)'")

# Columns of the MATPOWER format (Zimmerman & Murillo-Sanchez, MATPOWER User's Manual, appendix B).
BUS_NUMBER, BUS_TYPE, LOAD_MW, SHUNT_MW = 0, 1, 2, 4
FROM, TO, R_PU, X_PU, RATE_A, TAP, SHIFT, BRANCH_STATUS = 0, 1, 2, 3, 5, 8, 9, 10
UNIT_BUS, UNIT_STATUS, P_MAX, P_MIN = 0, 7, 8, 9
DC_FROM, DC_TO, DC_STATUS, DC_MIN, DC_MAX = 0, 1, 2, 9, 10
ISOLATED = 4  # type of a bus
NEEDED = {"bus": 13, "gen": 10, "branch": 11, "dcline": 11}
FINITE = {  # columns that are used; a rating may be infinite, which means no limit
    "bus": (BUS_NUMBER, BUS_TYPE, LOAD_MW, SHUNT_MW),
    "gen": (UNIT_BUS, UNIT_STATUS, P_MAX, P_MIN),
    "branch": (FROM, TO, R_PU, X_PU, TAP, SHIFT, BRANCH_STATUS),
    "dcline": (DC_FROM, DC_TO, DC_STATUS, DC_MIN, DC_MAX),
}


@dataclass(frozen=True)
class Table:
    """One ``mpc.name = [...]`` block: its rows, and the line of the file where each stands."""

    rows: list[list[float]]
    lines: list[int]
    line: int

    def array(self, columns: int) -> np.ndarray:
        """The first *columns* columns; rows may be longer than needed."""
        return np.array([row[:columns] for row in self.rows], dtype=float).reshape(len(self.rows), columns)


class CaseFile:
    """The text of one case file, taken apart into scalars, tables and lists of words."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scalars: dict[str, tuple[str, int]] = {}
        self.tables: dict[str, Table] = {}
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

    def _table(self, name: str, body: list[tuple[str, int]], opened: int) -> Table:
        rows: list[list[float]] = []
        at: list[int] = []
        for text, line in body:
            for row in text.split(";"):
                cells = row.replace(",", " ").split()
                if not cells:
                    continue
                rows.append([self._number(name, cell, line) for cell in cells])
                at.append(line)
        return Table(rows, at, opened)

    def _number(self, name: str, cell: str, line: int) -> float:
        if _is_number(cell):
            return float(cell)
        try:
            return number_of(cell)
        except NotUnderstood as error:
            rule = f"mpc.{name}: {cell!r} is not a number"
            raise self.fault(line, rule, "write plain numbers, one row a line") from error

    def table(self, name: str) -> Table:
        """A block that every case needs, its rows long enough and finite where they are used."""
        if name not in self.tables:
            raise self.fault(
                1, f"mpc.{name} is missing", "give a MATPOWER version 2 case with bus, gen, branch, gencost"
            )
        table = self.tables[name]
        for row, line in zip(table.rows, table.lines, strict=True):
            if len(row) < NEEDED.get(name, 0):
                raise self.fault(
                    line, f"mpc.{name} needs {NEEDED[name]} columns, this row has {len(row)}", "complete it"
                )
            if any(cell != cell for cell in row[: NEEDED.get(name, 0)]):
                raise self.fault(line, f"mpc.{name}: a number is NaN", "write plain numbers")
            infinite = [column + 1 for column in FINITE.get(name, ()) if math.isinf(row[column])]
            if infinite:
                rule = f"mpc.{name}: column {infinite[0]} is infinite"
                raise self.fault(line, rule, "write a finite number, for a unit its capacity in MW")
        return table

    def base_mva(self) -> float:
        if not self.scalars and not self.tables:
            raise self.fault(1, "this file sets no mpc.bus: it holds no case", "name a file with a case")
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
