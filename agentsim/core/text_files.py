"""Reads text files that people bring: their encoding, byte-order mark, line ends and column separator.

UTF-8 is the rule. UTF-16 and UTF-32 are recognised by their byte-order mark, Shift-JIS (code page 932) by
its Japanese letters. Everything else is refused with the first byte that is not UTF-8.
"""

import codecs
import csv
import errno
import io
import os
import stat
from collections.abc import Callable
from pathlib import Path

from agentsim.core.errors import InvalidInput, UnbuildablePlace

CsvRow = tuple[int, dict[str, str | None]]  # line of the file, entries by column; None: the row is too short

_MARKS = (  # UTF-32 before UTF-16, whose mark is the beginning of the other
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAVE = "save the file as UTF-8"
MOST_BYTES = 200_000_000  # the largest network known to us has 60 MB
# Two-byte letters of Shift-JIS up to this lead byte: kana, signs and the kanji of daily use. In the code
# pages of western languages bytes from 0x81 to 0x98 hardly occur.
_LAST_COMMON_LEAD = 0x98


class UnreadableText(InvalidInput):
    """Bytes that are no text in a known encoding, or a table that is no csv: line (0: all), rule, remedy."""

    code = "unreadable_text"

    def __init__(self, line: int, rule: str, remedy: str = _SAVE) -> None:
        super().__init__(f"line {line}: {rule}; {remedy}" if line else f"{rule}; {remedy}")
        self.line, self.rule, self.remedy = line, rule, remedy

    def __reduce__(self) -> tuple:
        return UnreadableText, (self.line, self.rule, self.remedy)

    def where(self, path: Path | str) -> str:
        """The file with the line, as messages name it."""
        return f"{path}:{self.line}" if self.line else f"{path}"


def file_bytes(path: Path | str) -> bytes:
    """The content of somebody's file: everything that comes in from outside is read here.

    Raises
    ------
    UnreadableText : it is a pipe or a device, larger than ``MOST_BYTES``, or has an impossible name
    OSError : it cannot be read
    """
    try:
        kind = os.stat(path)
    except ValueError:  # a NUL in the name
        raise UnreadableText(0, "its name holds a character that no file name has", "correct it") from None
    if stat.S_ISDIR(kind.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(kind.st_mode):
        raise UnreadableText(0, "is a pipe or a device", "give an ordinary file")
    if kind.st_size > MOST_BYTES:
        rule = f"has {kind.st_size / 1e6:,.0f} MB; at most {MOST_BYTES / 1e6:,.0f} MB are read"
        raise UnreadableText(0, rule, "leave out what is not needed")
    return Path(path).read_bytes()


def decoded(content: bytes, fallback: str = "") -> str:
    r"""The text of a file's bytes, without byte-order mark, every line end as ``\n``.

    Parameters
    ----------
    fallback : encoding of text that is not recognised, for formats whose data are plain ASCII, so that
        only names and comments can be affected; without it such text is refused

    Raises
    ------
    UnreadableText : with the line and the byte

    >>> decoded("\ufeffa\r\nb\rc".encode())
    'a\nb\nc'
    >>> decoded("名前".encode("cp932"))
    '名前'
    """
    text = _text(content, fallback).lstrip("\ufeff")  # some programs write the mark twice
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _text(content: bytes, fallback: str) -> str:
    encoding = next((name for mark, name in _MARKS if content.startswith(mark)), "utf-8")
    if encoding.startswith("utf-8") and b"\0" in content:
        raise UnreadableText(0, "is no text file", "save it as plain text in UTF-8")
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding == "utf-8" and _is_shift_jis(content):
            return content.decode("cp932")
        if encoding == "utf-8" and fallback:
            return content.decode(fallback)
        before = content[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1 if encoding.startswith("utf-8") else 0
        name = encoding.removesuffix("-sig").upper()
        rule = f"is no text in {name} (byte {error.start + 1} of the file, 0x{content[error.start]:02x})"
        raise UnreadableText(line, rule) from None


def _is_shift_jis(content: bytes) -> bool:
    """Whether the bytes are Japanese text in code page 932, and not an accented western text."""
    try:
        letters = [char for char in content.decode("cp932") if not char.isascii()]
    except UnicodeDecodeError:
        return False
    common = sum(char.encode("cp932")[0] in range(0x81, _LAST_COMMON_LEAD + 1) for char in letters)
    return 2 * common > len(letters)


def text_of(
    path: Path,
    remedy: str,
    fault: Callable[[Path | str, str, str], Exception] = UnbuildablePlace,
    fallback: str = "",
) -> str:
    """The text of somebody's file; *fault* (where, rule, remedy) if it is missing, empty or not text.

    Parameters
    ----------
    remedy : what to do where the file is missing, empty or binary
    fallback : as in :func:`decoded`
    """
    try:
        content = file_bytes(path)
    except UnreadableText as error:
        raise fault(path, error.rule, error.remedy) from None
    except OSError as error:
        raise fault(path, f"cannot be read ({error.strerror})", remedy) from None
    if not content.strip():
        raise fault(path, "the file is empty", remedy)
    try:
        return decoded(content, fallback)
    except UnreadableText as error:
        raise fault(error.where(path), error.rule, error.remedy if error.line else remedy) from None


def csv_rows(content: bytes) -> tuple[list[str], list[CsvRow]]:
    r"""Column names and rows of a csv file; rows without any entry are passed over.

    The separator is the comma, semicolon or tab: the one that the header has most of. Entries beyond the
    last column are left out.

    Raises
    ------
    UnreadableText : no text in a known encoding, or quotation marks that do not match

    >>> csv_rows(b"name;x\nNorth;1,5\n;\n")
    (['name', 'x'], [(2, {'name': 'North', 'x': '1,5'})])
    """
    text = decoded(content)
    reader = csv.reader(io.StringIO(text), delimiter=_separator(text.partition("\n")[0]), strict=True)
    try:
        columns = [name.strip() for name in next(reader, [])]
        rows: list[CsvRow] = []
        for entries in reader:
            if any(entry.strip() for entry in entries):
                padded: list[str | None] = [*entries, *[None] * (len(columns) - len(entries))]
                rows.append((reader.line_num, dict(zip(columns, padded, strict=False))))
    except csv.Error as error:
        raise UnreadableText(reader.line_num, f"is no csv ({error})", "correct the line") from None
    return columns, rows


def _separator(header: str) -> str:
    return max(",;\t", key=header.count)
