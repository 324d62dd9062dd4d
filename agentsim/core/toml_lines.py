"""Reads TOML and remembers where each key of the file stands: its line, for messages.

``tomllib`` reads a file but forgets the lines. This reader walks over a text that ``tomllib`` has already
accepted, so it may trust the syntax and only keeps count.
"""

import re
import tomllib
from bisect import bisect_left
from typing import Any

from agentsim.core.errors import InvalidInput

Path = tuple[str | int, ...]

_QUOTES = ('"""', "'''", '"', "'")


class BrokenToml(InvalidInput):
    """A text that is no TOML: line, column and what is wrong."""

    code = "broken_toml"

    def __init__(self, line: int, column: int, said: str) -> None:
        super().__init__(f"line {line}: this is no TOML: {said} (column {column})")
        self.line, self.column, self.said = line, column, said

    def __reduce__(self) -> tuple:
        return BrokenToml, (self.line, self.column, self.said)

    def told(self, path: object) -> str:
        """The whole message, with the file."""
        return f"{path}:{self.line}: this is no TOML: {self.said} (column {self.column})"


def read_toml(text: str) -> tuple[dict[str, Any], dict[Path, int]]:
    """The content of a TOML text, and the line of every key as :func:`key_lines` gives them.

    Raises
    ------
    BrokenToml : with line and column

    >>> read_toml("hours = 3")
    ({'hours': 3}, {('hours',): 1})
    """
    try:
        return tomllib.loads(text), key_lines(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r" \(at line (\d+), column (\d+)\)", str(error))
        line, column = place.groups() if place else (text.count("\n") + 1, 1)
        said = re.sub(r" \(at .*\)$", "", str(error)).lower()
        raise BrokenToml(int(line), int(column), said) from None
    except RecursionError:
        deep = max(re.finditer(r"[\[{]+", text), key=lambda found: len(found[0]), default=None)
        line = text.count("\n", 0, deep.start()) + 1 if deep else 1
        raise BrokenToml(line, 1, "brackets are nested too deeply") from None
    except ValueError:  # Python's limit of digits of a whole number
        far = max(re.finditer(r"\d+", text), key=lambda found: len(found[0]))
        raise BrokenToml(text.count("\n", 0, far.start()) + 1, 1, "a number has too many digits") from None


def key_lines(text: str) -> dict[Path, int]:
    """The line of every table, key and array entry, by its path.

    >>> key_lines('hours = 3\\n[[shock]]\\nday = [\\n  1,\\n  2]')[("shock", 0, "day", 1)]
    5
    >>> key_lines('[place]\\nsite.name = "x"')[("place", "site")]
    2
    """
    return _Reader(text).lines


class _Reader:
    """One pass over the text; ``at`` is the place of the eye."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")
        self.at = 0
        self.ends = [found.start() for found in re.finditer("\n", self.text)]  # of the lines
        self.lines: dict[Path, int] = {}
        self.entries: dict[Path, int] = {}  # arrays of tables: entries so far
        table: Path = ()
        self._blank()
        while self.at < len(self.text):
            if self._peek() == "[":
                table = self._header()
            else:
                self._pair(table)
            self._blank()

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _blank(self, stops: str = "") -> None:
        """Skips white space, comments and the characters of *stops*."""
        while self.at < len(self.text):
            if self._peek() == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif self._peek().isspace() or self._peek() in stops:
                self.at += 1
            else:
                return

    def _mark(self, path: Path) -> None:
        line = bisect_left(self.ends, self.at) + 1
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def _key(self) -> tuple[str, ...]:
        """A key, dotted or not, up to its ``=`` or ``]``."""
        parts = []
        while self._peek() not in ("=", "]"):
            if self._peek() in "\"'":
                parts.append(self._string())
            else:
                start = self.at
                while self._peek() not in "=.] \t":
                    self.at += 1
                parts.append(self.text[start : self.at])
            while self._peek() in " \t.":
                self.at += 1
        return tuple(parts)

    def _string(self) -> str:
        quote = next(mark for mark in _QUOTES if self.text.startswith(mark, self.at))
        start = self.at = self.at + len(quote)
        while not self.text.startswith(quote, self.at):
            self.at += 2 if quote[0] == '"' and self._peek() == "\\" else 1
        value = self.text[start : self.at]
        self.at += len(quote)
        while len(quote) == 3 and self._peek() == quote[0]:  # a text may end in quotes of its own
            self.at += 1
        return value

    def _resolve(self, keys: tuple[str, ...]) -> Path:
        """The path of a header's keys: an array of tables means its newest entry."""
        path: Path = ()
        for key in keys:
            path += (key,)
            if path in self.entries:
                path += (self.entries[path] - 1,)
        return path

    def _header(self) -> Path:
        double = self.text.startswith("[[", self.at)
        begin = self.at
        self.at += 2 if double else 1
        self._blank()
        keys = self._key()
        after = self.at + (2 if double else 1)
        if double:
            path = (*self._resolve(keys[:-1]), keys[-1])
            self.entries[path] = self.entries.get(path, 0) + 1
        path = self._resolve(keys)
        self.at = begin
        self._mark(path)
        self.at = after
        return path

    def _pair(self, table: Path) -> None:
        begin = self.at
        path = table + self._key()
        after, self.at = self.at + 1, begin
        self._mark(path)
        self.at = after
        self._blank()
        self._value(path)

    def _value(self, path: Path) -> None:
        first = self._peek()
        if first in "\"'":
            self._string()
        elif first == "[":
            self._array(path)
        elif first == "{":
            self._inline_table(path)
        else:
            while self._peek() and self._peek() not in ",]}#\n":
                self.at += 1

    def _array(self, path: Path) -> None:
        self.at += 1
        self._blank(",")
        entry = 0
        while self._peek() != "]":
            self._mark((*path, entry))
            self._value((*path, entry))
            self._blank(",")
            entry += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        self._blank(",")
        while self._peek() != "}":
            self._pair(path)
            self._blank(",")
        self.at += 1
