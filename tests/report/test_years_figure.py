"""The figure of the years: a panel for each subject, and minerals only where they do anything."""

import numpy as np
import pandas as pd

from agentsim.report.years_figure import MINERALS, PANELS, years_figure


def years(months: int = 24, **columns) -> pd.DataFrame:
    named = [name for panel in (*PANELS, MINERALS) for name in panel.columns.values()]
    return pd.DataFrame({name: np.ones(months) for name in named} | columns)


def test_the_years_are_drawn_month_by_month():
    figure = years_figure(years(pv_homes_frac=np.linspace(0.1, 0.3, 24)), "Title")
    assert len(figure.axes) == len(PANELS)
    panels = figure.axes[0].lines[0]
    assert panels.get_label() == "solar panels"
    assert list(panels.get_xdata()[[0, -1]]) == [1 / 12, 2.0]
    assert list(panels.get_ydata()[[0, -1]]) == [10.0, 30.0]


def test_an_embargo_has_a_panel_of_its_own():
    figure = years_figure(years(delivered_frac=np.repeat([1.0, 0.3], 12)), "Title")
    assert [text.get_text() for text in figure.axes[-1].get_legend().get_texts()] == list(MINERALS.columns)
