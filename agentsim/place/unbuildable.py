"""What is said of a file, or a place, from which no city can be built."""

from collections.abc import Callable
from pathlib import Path


class UnbuildablePlace(ValueError):
    """A place that cannot be built: which file and line, which rule, and what to do.

    >>> str(UnbuildablePlace("town.inp:7", "'x' is no number", "correct the line"))
    "town.inp:7: 'x' is no number; correct the line"
    """

    def __init__(self, where: Path | str, rule: str, remedy: str) -> None:
        super().__init__(where, rule, remedy)

    def __str__(self) -> str:
        where, rule, remedy = self.args
        return f"{where}: {rule}; {remedy}"


def text_of(path: Path, remedy: str, fault: Callable[[Path, str, str], Exception] = UnbuildablePlace) -> str:
    """The text of somebody's file; *fault* (path, rule, remedy) if it is missing, empty or binary."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise fault(path, f"cannot be read ({error.strerror})", remedy) from None
    if not content.strip():
        raise fault(path, "the file is empty", remedy)
    if b"\0" in content:
        raise fault(path, "is no text file", remedy)
    return content.decode("utf-8", errors="replace")
