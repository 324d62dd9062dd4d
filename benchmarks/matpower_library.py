"""Whether MATPOWER case files are read, and whether their DC costs are those of PYPOWER.

    python -m benchmarks.matpower_library FOLDER_OR_FILE... [--buses 3000] [--seconds 120]

Each ``.m`` file with a case is read and dispatched once with the susceptance of textbooks, 1 / (x tap), and
``PIECES`` segments of each quadratic cost; PYPOWER (``rundcopf``) solves the same tables. Costs agree within
0.05 %. Files with more buses than given are read only. PYPOWER has no DC lines and fails where a limit is
infeasible; such rows say so and do not count. The exit status is 1 if a file is not read or costs differ.
"""

import argparse
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from agentsim.core.errors import AgentsimError, UnreadableCase
from agentsim.networks.power.cascade import susceptance_pu
from agentsim.networks.power.dispatch import BusDispatch
from agentsim.place.cases import GridCase
from agentsim.place.readers.matpower import read_matpower

PIECES = 200
AGREE_FRAC = 5e-4
VOLL_PER_MWH = 1e6  # so dear that nothing is shed for money
UNLIMITED = 0.0  # MATPOWER's rating of a branch without limit


class TooLong(Exception):
    """The other program took more than its time."""


def our_cost(case: GridCase) -> tuple[float, float]:
    """Cost an hour, and what was not served [MW]."""
    program = BusDispatch(case, susceptance_pu(case, "textbook"), PIECES, VOLL_PER_MWH)
    hour = program.dispatch(case.bus_load_mw, np.zeros(len(case.line_from), dtype=bool))
    return hour.cost, float(hour.shed_mw.sum())


def their_cost(case: GridCase, seconds: int) -> float | None:
    """PYPOWER's cost an hour; None where it finds none.

    Raises
    ------
    TooLong : it has not ended after *seconds*
    """
    from pypower.ppoption import ppoption
    from pypower.rundcopf import rundcopf

    def stop(*_: Any) -> None:
        raise TooLong

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        found = rundcopf(tables_of(case), ppoption(VERBOSE=0, OUT_ALL=0))
    except (ArithmeticError, ValueError, np.linalg.LinAlgError, RuntimeError):
        return None
    finally:
        signal.alarm(0)
    return float(found["f"]) if found["success"] else None


def tables_of(case: GridCase) -> dict[str, Any]:
    """The case in the columns of MATPOWER, as PYPOWER takes it."""
    buses, lines, units = len(case.bus_id), len(case.line_from), len(case.unit_bus)
    bus = np.zeros((buses, 13))
    bus[:, 0], bus[:, 1] = np.arange(buses), 1
    bus[case.unit_bus, 1] = 2
    bus[_references(case), 1] = 3
    bus[:, 2], bus[:, 4] = case.bus_load_mw, case.bus_shunt_mw
    bus[:, 6], bus[:, 7], bus[:, 10], bus[:, 11], bus[:, 12] = 1, 1, 1, 1.1, 0.9
    gen = np.zeros((units, 21))
    gen[:, 0], gen[:, 5], gen[:, 6], gen[:, 7] = case.unit_bus, 1, case.base_mva, 1
    gen[:, 8], gen[:, 9] = case.unit_max_mw, case.unit_min_mw
    branch = np.zeros((lines, 13))
    branch[:, 0], branch[:, 1] = case.line_from, case.line_to
    branch[:, 2], branch[:, 3] = case.line_r_pu, case.line_x_pu
    branch[:, 5] = np.where(np.isinf(case.line_limit_mw), UNLIMITED, case.line_limit_mw)
    branch[:, 8], branch[:, 9] = case.line_tap, case.line_shift_deg
    branch[:, 10], branch[:, 11], branch[:, 12] = 1, -360, 360
    cost = np.column_stack([np.tile([2.0, 0.0, 0.0, 3.0], (units, 1)), case.unit_cost])
    tables = {"bus": bus, "gen": gen, "branch": branch, "gencost": cost}
    return {"version": "2", "baseMVA": case.base_mva, **tables}


def _references(case: GridCase) -> list[int]:
    """The bus of the first unit of each island."""
    ones, buses = np.ones(len(case.line_from)), len(case.bus_id)
    _, island = connected_components(coo_array((ones, (case.line_from, case.line_to)), (buses, buses)))
    return list({island[bus]: int(bus) for bus in case.unit_bus[::-1]}.values())


def compared(case: GridCase, seconds: int) -> tuple[str, str]:
    """What is said of the costs of a case, and ``agrees``, ``differs`` or ``not compared``."""
    if case.unit_slopes is not None or case.dc_from is not None:
        return "several slopes or DC lines: not in PYPOWER's tables here", "not compared"
    ours, shed_mw = our_cost(case)
    try:
        theirs = their_cost(case, seconds)
    except TooLong:
        return f"PYPOWER takes longer than {seconds} s", "not compared"
    if theirs is None or shed_mw > 1e-3:
        return (
            f"PYPOWER finds {'none' if theirs is None else f'{theirs:.6g}'}, {shed_mw:.3g} MW shed",
            "not compared",
        )
    off = abs(ours / theirs - 1.0) if theirs else abs(ours)
    return f"{ours:.8g}  {theirs:.8g}  {off:.1e}", "agrees" if off <= AGREE_FRAC else "differs"


def main() -> int:
    """Prints a line for each file."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("files", nargs="+", metavar="FOLDER")
    options.add_argument("--buses", type=int, default=3000)
    options.add_argument("--seconds", type=int, default=120)
    asked = options.parse_args()
    warnings.simplefilter("ignore")
    count: dict[str, int] = {}
    for path in map(Path, asked.files):
        for file in sorted(path.rglob("*.m")) if path.is_dir() else [path]:
            try:
                case = read_matpower(file)
                large = len(case.bus_id) > asked.buses
                said, verdict = ("", "read only") if large else compared(case, asked.seconds)
            except UnreadableCase as error:
                said, verdict = str(error).replace(str(file), file.name), "not read"
            except AgentsimError as error:
                said, verdict = str(error).splitlines()[0], "not solved"
            count[verdict] = count.get(verdict, 0) + 1
            print(f"{file.name[:32]:<33}{verdict:<14}{said}"[:200], flush=True)
    print(", ".join(f"{n} {verdict}" for verdict, n in count.items()))
    return int(any(verdict in count for verdict in ("not read", "not solved", "differs")))


if __name__ == "__main__":
    sys.exit(main())
