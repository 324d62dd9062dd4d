"""Figures show every policy under every attacker with units, and are the same bytes each time."""

import pandas as pd
import pytest
from matplotlib.colors import to_hex
from test_tables import table  # noqa: F401 - the fixture

from agentsim.report.archive import write_figure, write_json
from agentsim.report.figures import BETTER, NEITHER, WORSE, comparison_figure, run_figure


def test_one_panel_an_outcome_with_its_unit_one_mark_an_attacker(table):  # noqa: F811
    figure = comparison_figure(table, {"ens_mwh": -1}, outcomes=["ens_mwh", "deprivation_mean"])
    assert [axes.get_title() for axes in figure.axes] == ["power not served", "deprivation, whole city"]
    assert figure.axes[0].get_xlabel() == "change [h]\nwithout policy 20 / 200"
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["E-C2", "W-C1", "X-C5"]
    said = [text.get_text() for text in figure.legends[0].get_texts()]
    assert said == ["without an attack", "against the coercer", "better", "worse", "no difference shown"]


def test_colours_say_better_worse_or_neither(table):  # noqa: F811
    def colours(better):
        axes = comparison_figure(table, {"ens_mwh": better}, outcomes=["ens_mwh"]).axes[0]
        return [to_hex(line.get_color()).upper() for line in axes.lines if line.get_marker() == "o"]

    assert colours(-1) == [BETTER, NEITHER, NEITHER] * 2
    assert colours(+1) == [WORSE, NEITHER, NEITHER] * 2
    assert colours(0) == [NEITHER] * 6


def test_intervals_are_drawn_where_they_are(table):  # noqa: F811
    axes = comparison_figure(table, {}, outcomes=["ens_mwh"]).axes[0]
    drawn = [tuple(line.get_xdata()) for line in axes.lines if line.get_marker() != "o"][1:]
    assert drawn[3:] == [(-90.0, -70.0), (-10.0, 30.0), (0.0, 0.0)]
    heights = [line.get_ydata()[0] for line in axes.lines if line.get_marker() == "o"]
    assert heights[0] < 0 < heights[3]  # the first attacker above, the second below the policy's line


def test_a_table_without_differences_has_no_figure(table):  # noqa: F811
    with pytest.raises(ValueError, match="no difference to draw"):
        comparison_figure(table[table["policy"] == "none"], {})


def test_a_figure_is_the_same_bytes_each_time(table, tmp_path):  # noqa: F811
    for name in ("a", "b"):
        write_figure(tmp_path, name, comparison_figure(table, {}))
    for ending in ("png", "svg"):
        assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_a_run_is_drawn_district_by_district():
    hours = pd.DataFrame({"hour": [0, 0, 24, 24], "district": ["A", "B"] * 2, "x": [1.0, 2.0, 3.0, 4.0]})
    figure = run_figure(hours, "Title", [("x", "something [m]")])
    lines = figure.axes[0].lines
    assert [line.get_label() for line in lines] == ["A", "B"]
    assert list(lines[1].get_xdata()) == [0.0, 1.0]
    assert list(lines[1].get_ydata()) == [2.0, 4.0]


def test_json_is_written_whole_or_not_at_all(tmp_path):
    file = tmp_path / "x.json"
    write_json(file, {"a": 1})
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(file, {"a": float("nan")})
    assert file.read_text() == '{\n "a": 1\n}\n'
