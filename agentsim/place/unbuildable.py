"""The one thing that is said of a place that cannot be built."""

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
