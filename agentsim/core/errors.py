"""Every error that agentsim raises on purpose: one family, each with a code and what is known of it.

``except AgentsimError`` catches them all. ``error.code`` is a short stable name for programs, ``str(error)``
the sentence for people, and ``error.fields`` the parts of that sentence as data.

>>> try:
...     raise UnbuildablePlace("town.inp:7", "'x' is no number", "correct the line")
... except AgentsimError as error:
...     print(error.code, error.fields["where"])
unbuildable_place town.inp:7
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any


class AgentsimError(Exception):
    """Something that agentsim refuses or cannot do; subclasses say what."""

    code = "error"

    @property
    def fields(self) -> dict[str, Any]:
        """What is known of the error, as data."""
        return {"message": str(self)}


# ---- the input is wrong: the command line ends with exit status 2 -------------------------------------


class InvalidInput(AgentsimError, ValueError):
    """What somebody gave cannot be used; the message names file, line, rule and what to do."""

    code = "invalid_input"


class InvalidScenario(InvalidInput):
    """What is wrong with a scenario, a name or an option: one message for each fault."""

    code = "invalid_scenario"

    def __init__(self, messages: Sequence[str]) -> None:
        super().__init__("\n".join(messages))
        self.messages = list(messages)

    def __reduce__(self) -> tuple:
        return InvalidScenario, (self.messages,)

    @property
    def fields(self) -> dict[str, Any]:
        return {"messages": self.messages}


class MissingPackages(InvalidInput):
    """Something asked for needs packages that are installed on request only.

    >>> str(MissingPackages("--design", "analysis"))
    "--design: needs more packages; install them with  pip install 'agentsim[analysis]'"
    """

    code = "missing_packages"

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(what, extra)

    def __str__(self) -> str:
        what, extra = self.args
        return f"{what}: needs more packages; install them with  pip install 'agentsim[{extra}]'"

    @property
    def fields(self) -> dict[str, Any]:
        what, extra = self.args
        return {"what": what, "extra": extra}


class UnbuildablePlace(InvalidInput):
    """A place that cannot be built: which file and line, which rule, and what to do.

    >>> str(UnbuildablePlace("town.inp:7", "'x' is no number", "correct the line"))
    "town.inp:7: 'x' is no number; correct the line"
    """

    code = "unbuildable_place"

    def __init__(self, where: Path | str, rule: str, remedy: str) -> None:
        super().__init__(where, rule, remedy)

    def __str__(self) -> str:
        where, rule, remedy = self.args
        return f"{where}: {rule}; {remedy}"

    @property
    def fields(self) -> dict[str, Any]:
        where, rule, remedy = self.args
        return {"where": str(where), "rule": rule, "remedy": remedy}


class UnreadableCase(UnbuildablePlace):
    """A MATPOWER file that cannot be used: file, line, rule and what to do."""

    code = "unreadable_case"


class UnreadableRoads(UnbuildablePlace):
    """A road file that cannot be used: file, line (0: the whole file), rule and what to do."""

    code = "unreadable_roads"

    def __init__(self, file: Path | str, line: int, rule: str, remedy: str) -> None:
        super().__init__(f"{file}:{line}" if line else f"{file}", rule, remedy)
        self.file, self.line, self.rule, self.remedy = str(file), line, rule, remedy

    def __reduce__(self) -> tuple:
        return UnreadableRoads, (self.file, self.line, self.rule, self.remedy)


class UnreadableNetwork(InvalidInput):
    """An EPANET file that cannot be used; the message names file, line, rule and what to do."""

    code = "unreadable_network"


class UnreadableSupply(InvalidInput):
    """A supply file that cannot be used: file, line, key and rule."""

    code = "unreadable_supply"


class UnreadableWeather(InvalidInput):
    """A weather file that cannot be used: file, line, column and rule."""

    code = "unreadable_weather"


class UnusableRoads(InvalidInput):
    """A road case, or a demand for it, that no assignment can be made from."""

    code = "unusable_roads"


# ---- the machine or the physics failed: exit status 1 -------------------------------------------------


class NotSolved(AgentsimError, RuntimeError):
    """An engine found no solution."""

    code = "not_solved"


class SolverFailed(NotSolved):
    """HiGHS found no optimum, warm or cold."""

    code = "solver_failed"


class HydraulicsFailed(NotSolved):
    """EPANET refused a call or found no solution."""

    code = "hydraulics_failed"


class NotConserved(AgentsimError, AssertionError):
    """A balance did not close: a fault of the model, never a state of the world."""

    code = "not_conserved"


# ---- sentences that several rooms say -----------------------------------------------------------------


LONGEST_WORD = 200  # of somebody's that a message repeats


def unknown(word: str, known: Iterable[str], what: str = "") -> str:
    """What to say of a word that is not known, with the nearest known ones.

    >>> unknown("corecer", ["none", "coercer"])
    "'corecer' is unknown; did you mean 'coercer'? Known: none, coercer"
    """
    names = list(known)
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    hint = f"; did you mean '{by_lower[near[0]]}'?" if near else "."
    label = f"{what} " if what else ""
    word = word if len(word) <= LONGEST_WORD else word[:LONGEST_WORD] + "..."
    return f"{label}'{word}' is unknown{hint} Known: {', '.join(names)}"
