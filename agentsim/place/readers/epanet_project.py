"""Opens an EPANET input file in the EPANET library, in SI units, whatever its encoding and flow units."""

import os
import re
import tempfile
from pathlib import Path

import epanet
from epanet_plus import EpanetConstants as EN

from agentsim.core.errors import UnbuildablePlace
from agentsim.core.text_files import decoded, file_bytes

FIRST_ERROR = 100  # smaller codes are warnings
KW_PER_HORSEPOWER = 0.7457  # EPANET's own factor
_END = re.compile(r"^\s*\[END", re.IGNORECASE)
LONGEST_LINE, LONGEST_WORD = (
    1000,
    150,
)  # EPANET's own limits are 1,024 bytes, and 255 for a message with a word
FALLBACK = "latin-1"  # names alone can be other than ASCII: any reading that keeps them apart will do


def inp_text(path: Path) -> str:
    """The text of an EPANET file in any encoding."""
    return decoded(file_bytes(path), FALLBACK)


def lines_of(text: str) -> list[str]:
    """The lines of an EPANET file up to [END], after which EPANET reads nothing."""
    lines = text.split("\n")
    end = next((row for row, line in enumerate(lines) if _END.match(line)), len(lines))
    return lines[:end]


def open_in_library(project: int, path: Path, report: str = os.devnull) -> int:
    """EPANET's code after opening *path*; the library gets a copy in UTF-8 where the file is none.

    An id that is not UTF-8 ends the process in EN_getnodeid, and a long word in EN_open, which copies it into
    a message of fixed length.

    Raises
    ------
    UnbuildablePlace : a line or a word is longer than EPANET can hold
    """
    plain = "\n".join(_shortened(path, inp_text(path).split("\n"))).encode()
    if plain == path.read_bytes().replace(b"\r\n", b"\n"):
        return epanet.EN_open(project, str(path), report, "")[0]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        copy = Path(folder) / "network.inp"
        copy.write_bytes(plain)
        return epanet.EN_open(project, str(copy), report, "")[0]


def close_project(project: int) -> None:
    """Free a project. EN_close alone leaves the memory of solvers behind that are still open."""
    epanet.EN_closeQ(project)
    epanet.EN_closeH(project)
    epanet.EN_close(project)
    epanet.EN_deleteproject(project)


def _shortened(path: Path, lines: list[str]) -> list[str]:
    """The lines, those that are too long without their comments."""
    found = []
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_WORD:
            line = line if len(line.encode()) <= LONGEST_LINE else line.partition(";")[0]
            words = line.partition(";")[0].split()
            if len(line.encode()) > LONGEST_LINE or max(map(len, words), default=0) > LONGEST_WORD:
                rule = f"a line of {len(line):,} characters, or a word in it, is longer than EPANET can hold"
                raise UnbuildablePlace(f"{path}:{number}", rule, "break it into several lines")
        found.append(line)
    return found


def set_si_units(project: int) -> list[tuple]:
    """EPANET's answers to the change to m3/h, metres and kW.

    EPANET keeps the power of a constant-power pump in horsepower after reading the file, but takes it for
    the unit in use when the hydraulics open: under SI units the pump would run with 1.34 times its power.
    """
    answers = [
        # metres before anything else: a pressure set under psi would stay in psi
        epanet.EN_setoption(project, EN.EN_PRESS_UNITS, EN.EN_METERS),
        epanet.EN_setflowunits(project, EN.EN_CMH),
    ]
    for link in range(1, epanet.EN_getcount(project, EN.EN_LINKCOUNT)[1] + 1):
        if epanet.EN_getlinktype(project, link)[1] != EN.EN_PUMP:
            continue
        if epanet.EN_getpumptype(project, link)[1] == EN.EN_CONST_HP:
            horsepower = epanet.EN_getlinkvalue(project, link, EN.EN_PUMP_POWER)[1]
            kw = horsepower * KW_PER_HORSEPOWER
            answers.append(epanet.EN_setlinkvalue(project, link, EN.EN_PUMP_POWER, kw))
    return answers
