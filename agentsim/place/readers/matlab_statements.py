"""The few MATLAB statements with which case files convert units, such as ohms to per unit and kW to MW.

Understood are numbers, names, ``mpc.baseMVA``, columns of tables as in ``mpc.bus(:, [PD, QD])``, single cells
as in ``mpc.bus(1, BASE_KV)``, the operators + - * / ^ and their elementwise forms, some functions, column
names from ``idx_bus``, ``idx_brch``, ``idx_gen`` and ``define_constants``, and ``if`` with a 0.
Anything else is refused: half-understood data would be wrong data.
"""

import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

# What MATPOWER's functions return, in their order, and the column of each (User's Manual, appendix B).
_BUS = """PQ 1 PV 2 REF 3 NONE 4 BUS_I 1 BUS_TYPE 2 PD 3 QD 4 GS 5 BS 6 BUS_AREA 7 VM 8 VA 9 BASE_KV 10
ZONE 11 VMAX 12 VMIN 13 LAM_P 14 LAM_Q 15 MU_VMAX 16 MU_VMIN 17"""
_BRANCH = """F_BUS 1 T_BUS 2 BR_R 3 BR_X 4 BR_B 5 RATE_A 6 RATE_B 7 RATE_C 8 TAP 9 SHIFT 10 BR_STATUS 11
PF 14 QF 15 PT 16 QT 17 MU_SF 18 MU_ST 19 ANGMIN 12 ANGMAX 13 MU_ANGMIN 20 MU_ANGMAX 21"""
_GEN = """GEN_BUS 1 PG 2 QG 3 QMAX 4 QMIN 5 VG 6 MBASE 7 GEN_STATUS 8 PMAX 9 PMIN 10 MU_PMAX 22 MU_PMIN 23
MU_QMAX 24 MU_QMIN 25 PC1 11 PC2 12 QC1MIN 13 QC1MAX 14 QC2MIN 15 QC2MAX 16 RAMP_AGC 17 RAMP_10 18 RAMP_30 19
RAMP_Q 20 APF 21"""


def _by_name(text: str) -> dict[str, float]:
    names, columns = text.split()[::2], text.split()[1::2]
    return dict(zip(names, map(float, columns), strict=True))


RETURNS = {"idx_bus": _by_name(_BUS), "idx_brch": _by_name(_BRANCH), "idx_gen": _by_name(_GEN)}
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    **{"sqrt": np.sqrt, "sin": np.sin, "cos": np.cos, "tan": np.tan, "abs": np.abs},
    **{"acos": np.arccos, "asin": np.arcsin, "atan": np.arctan, "exp": np.exp, "log": np.log},
}
_TOKEN = re.compile(r"\s*(\d+\.?\d*(?:[eEdD][+-]?\d+)?|\.\d+(?:[eEdD][+-]?\d+)?|[A-Za-z]\w*|\.[*/^]|\S)")
_INDEX_CALL = re.compile(r"\[([\w\s,]*)\]\s*=\s*(idx_\w+)\s*$")
_MPC = re.compile(r"\s*mpc\.(\w+)\s*")
_DEEPEST = 50  # brackets within brackets

Rows = list[list[float]]


class NotUnderstood(ValueError):
    """A statement that is none of the usual conversions."""


class Statements:
    """Carries out statements one after the other on the tables of a case.

    Parameters
    ----------
    tables : name -> rows, which statements change in place
    scalars : name -> value of ``mpc.name``
    """

    def __init__(self, tables: dict[str, Rows], scalars: dict[str, float]) -> None:
        self.tables, self.scalars = tables, scalars
        self.names: dict[str, Any] = {"pi": math.pi}
        self._skipping = 0  # open if-blocks whose condition is 0

    def run(self, statement: str) -> None:
        """Carries out one statement, without the semicolon at its end.

        Raises
        ------
        NotUnderstood : it is none of those described above
        """
        statement = statement.strip()
        first = re.match(r"[A-Za-z]\w*", statement)
        word = first[0] if first else ""
        if self._skipping:
            self._skipping += {"if": 1, "for": 1, "while": 1, "end": -1}.get(word, 0)
        elif word == "if":
            if np.any(_Expression(statement[2:], self).value()):
                raise NotUnderstood(statement)
            self._skipping = 1
        elif statement == "define_constants":
            for columns in RETURNS.values():
                self.names |= columns
        elif found := _INDEX_CALL.match(statement):
            self._name_columns(found[1].replace(",", " ").split(), found[2])
        elif "=" in statement:
            self._assign(*statement.split("=", 1))
        else:
            raise NotUnderstood(statement)

    def _name_columns(self, names: list[str], call: str) -> None:
        if call not in RETURNS or len(names) > len(RETURNS[call]):
            raise NotUnderstood(call)
        self.names |= dict(zip(names, RETURNS[call].values(), strict=False))

    def _assign(self, target: str, expression: str) -> None:
        value, found = _Expression(expression, self).value(), _MPC.match(target)
        if found and found.end() == len(target) and found[1] not in self.tables and not np.ndim(value):
            self.scalars[found[1]] = float(value)
        elif found:
            place = _Expression(target, self)
            rows, row, columns = place.cells()
            place.end()
            self._write(rows, row, columns, value)
        elif re.fullmatch(r"[A-Za-z]\w*", target.strip()):
            self.names[target.strip()] = value
        else:
            raise NotUnderstood(target)

    @staticmethod
    def _write(rows: Rows, row: slice, columns: list[int], value: Any) -> None:
        chosen = rows[row]
        try:
            block = np.broadcast_to(np.asarray(value, dtype=float), (len(chosen), len(columns)))
        except ValueError as error:
            raise NotUnderstood("sizes differ") from error
        for cells, numbers in zip(chosen, block.tolist(), strict=True):
            for column, number in zip(columns, numbers, strict=True):
                cells[column] = number


class _Expression:
    """A right-hand side, read from left to right: sums of products of powers of numbers and columns."""

    def __init__(self, text: str, statements: Statements) -> None:
        self.text, self.at, self.known, self.depth = text, 0, statements, 0

    def value(self) -> Any:
        found = self._sum()
        self.end()
        return found

    def end(self) -> None:
        if self.text[self.at :].strip():
            raise NotUnderstood(self.text)

    def _peek(self) -> str:
        found = _TOKEN.match(self.text, self.at)
        return found[1] if found else ""

    def _take(self, *wanted: str) -> str:
        """The next token if it is one of *wanted* (any, where none are named), else an empty string."""
        found = _TOKEN.match(self.text, self.at)
        if not found or (wanted and found[1] not in wanted):
            return ""
        self.at = found.end()
        return found[1]

    def _need(self, token: str) -> None:
        if not self._take(token):
            raise NotUnderstood(self.text)

    def _sum(self) -> Any:
        value = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            value = value + other if sign == "+" else value - other
        return value

    def _product(self) -> Any:
        value = self._power()
        while sign := self._take("*", "/", ".*", "./"):
            other = self._power()
            if not sign.startswith(".") and (np.ndim(other) and (sign == "/" or np.ndim(value))):
                raise NotUnderstood(self.text)  # a product or quotient of matrices
            with np.errstate(all="ignore"):
                value = value * other if sign.endswith("*") else np.divide(value, other)
        return value

    def _power(self) -> Any:
        if self._take("-"):
            return -self._power()
        base = self._atom()
        if sign := self._take("^", ".^"):
            if sign == "^" and np.ndim(base):
                raise NotUnderstood(self.text)
            return base ** self._power()
        return base

    def _atom(self) -> Any:
        if _MPC.match(self.text, self.at):
            return self._of_case()
        token = self._take()
        if token == "(":
            return self._bracket()
        if token[:1].isdigit() or (token[:1] == "." and len(token) > 1 and token[1].isdigit()):
            try:
                return float(token.lower().replace("d", "e"))
            except ValueError:  # a digit of another script
                raise NotUnderstood(self.text) from None
        if token in _FUNCTIONS and self._take("("):
            with np.errstate(all="ignore"):
                return _FUNCTIONS[token](self._bracket())
        if token in self.known.names:
            return self.known.names[token]
        raise NotUnderstood(self.text)

    def _bracket(self) -> Any:
        """The rest of an expression in brackets, the opening one being read."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotUnderstood("too many brackets")
        value = self._sum()
        self._need(")")
        self.depth -= 1
        return value

    def _of_case(self) -> Any:
        found = _MPC.match(self.text, self.at)
        if found and found[1] in self.known.scalars and self.text[found.end() : found.end() + 1] != "(":
            self.at = found.end()
            return self.known.scalars[found[1]]
        rows, row, columns = self.cells()
        block = np.array([[cells[column] for column in columns] for cells in rows[row]], dtype=float)
        return float(block[0, 0]) if block.shape == (1, 1) and row != slice(None) else block

    def cells(self) -> tuple[Rows, slice, list[int]]:
        """``mpc.table(row, columns)``: the table's rows, which of them, and which columns."""
        found = _MPC.match(self.text, self.at)
        if not found or found[1] not in self.known.tables:
            raise NotUnderstood(self.text)
        rows, self.at = self.known.tables[found[1]], found.end()
        self._need("(")
        row = slice(None) if self._take(":") else self._row(len(rows))
        self._need(",")
        columns = self._columns()
        self._need(")")
        if any(not 0 <= column < len(cells) for cells in rows for column in columns):
            raise NotUnderstood(self.text)
        return rows, row, columns

    def _row(self, count: int) -> slice:
        number = self._whole()
        if not 1 <= number <= count:
            raise NotUnderstood(self.text)
        return slice(number - 1, number)

    def _columns(self) -> list[int]:
        if not self._take("["):
            return [self._whole() - 1]
        columns = []
        while not self._take("]"):
            self._take(",")
            columns.append(self._whole() - 1)
        return columns

    def _whole(self) -> int:
        value = self._atom()
        if np.ndim(value) or not math.isfinite(value) or value != int(value):
            raise NotUnderstood(self.text)
        return int(value)


def number_of(text: str) -> float:
    """A number written as a sum or product of numbers, such as ``135/sqrt(3)``.

    Raises
    ------
    NotUnderstood : it is none

    >>> round(number_of("135/sqrt(3)"), 3)
    77.942
    """
    return float(_Expression(text, Statements({}, {})).value())
