"""Two checkouts, other programs and a large place: the tools run, and their figures are as defined."""

import doctest
import sys
from pathlib import Path

import numpy as np
import pytest

from benchmarks import compare_checkouts, flame_graph, large_place, limits, linear_fit, side_by_side

ROOT = Path(compare_checkouts.__file__).parent.parent


def test_glue_is_what_engines_and_household_rules_leave():
    week = {"hours": 100, "wall_s": 0.5, "cpu_s": 0.4, "engine_floor_s": 0.05, "household_rules_s": 0.2}
    parts = compare_checkouts.parts(week)
    assert parts["glue ms/h"] == pytest.approx(2.5)
    assert parts["overhead_ratio"] == pytest.approx(2.0)
    shares = parts["engine floor ms/h"] + parts["household rules ms/h"] + parts["glue ms/h"]
    assert shares == pytest.approx(parts["wall ms/h"])


def test_the_quickest_round_counts_as_a_whole():
    rounds = iter(
        [{"wall": 3.0, "CPU": 1.0}, {"wall": 5.0, "CPU": 5.0}, {"wall": 2.0, "CPU": 2.0}, {"wall": 6.0}]
    )
    old, new = compare_checkouts.compared(lambda _: next(rounds), Path("old"), Path("new"), 2)
    assert (old, new) == ({"wall": 2.0, "CPU": 2.0}, {"wall": 5.0, "CPU": 5.0})


def test_a_week_of_a_checkout_is_taken_apart():
    found = compare_checkouts.week_of(200, 3, repeats=1)(ROOT)
    assert found["glue ms/h"] > 0.0
    assert found["overhead_ratio"] > 1.0


def test_a_checkout_is_compared_with_itself(monkeypatch, capsys):
    words = ["compare", str(ROOT), str(ROOT), "--rounds", "1", "--only", "agentsim --help"]
    monkeypatch.setattr("sys.argv", words)
    assert compare_checkouts.main() == 0
    told = capsys.readouterr().out
    assert "agentsim --help" in told
    assert "reference loop" in told


def test_a_line_through_sizes_finds_a_size_that_is_slower():
    rows = np.array([1e3, 1e4, 1e5, 1e6])
    us = 700.0 + 0.09 * rows
    fit = linear_fit.line(rows, us)
    assert fit["slope_ns_per_household_hour"] == pytest.approx(90.0)
    assert fit["intercept_us"] == pytest.approx(700.0)
    slow = linear_fit.line(rows, us * np.array([1.0, 1.0, 1.5, 1.0]))
    assert slow["worst_residual_frac"] > 0.15 > fit["worst_residual_frac"]


def test_what_cannot_be_imported_is_left_out_with_the_reason(capsys):
    found = side_by_side.against(1.0, "traffic_pytraf", "no_such_module", {}, [sys.executable], lambda _: 0.0)
    assert "no_such_module" in found["left_out"]
    assert "left out" in capsys.readouterr().err


def test_answers_that_differ_are_no_comparison():
    with pytest.raises(side_by_side.LeftOut, match="costs differ"):
        side_by_side.agree("costs", np.array([1.0, 2.0]), np.array([1.0, 2.1]), 0.01)


def test_traffic_agrees_with_pytraf():
    pytest.importorskip("pytraf")
    row = side_by_side.traffic([sys.executable], 0, None)["pytraf"]
    assert row["difference_frac"] < 1e-3
    assert row["ratio"] > 0.0


def test_the_household_rules_as_polars_expressions_agree():
    """With the framework that is installed, if any: the expressions are the same for all."""
    for name in ("mesa_frames", "ambr"):
        pytest.importorskip(name)
        row = side_by_side.households([sys.executable], 500, None)[name]
        assert row["difference_frac"] < 1e-9


def test_a_place_of_ones_own_is_lived(tmp_path):
    data = ROOT / "agentsim" / "place" / "data"
    water, grid = data / "bay_city" / "Net3.inp", data / "river_town" / "river_town.m"
    scenario = large_place.scenario_file(tmp_path, water, grid, 300, 3)
    found = large_place.lived(scenario, 3)
    assert (found["households"], found["hours"]) == (300, 3)
    assert found["peak_mb"] > 0.0
    assert found["ms_per_hour"] == pytest.approx(1e3 * found["wall_s"] / 3)


def test_files_of_a_package_that_is_missing_are_named():
    with pytest.raises(FileNotFoundError, match="no_such_package"):
        large_place.shipped("no_such_package", "x.inp")


@pytest.mark.parametrize("module", [compare_checkouts, flame_graph, limits, linear_fit])
def test_examples_in_docstrings_are_true(module):
    found = doctest.testmod(module)
    assert found.attempted > 0
    assert found.failed == 0
