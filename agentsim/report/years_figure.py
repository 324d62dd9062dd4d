"""Figure of the years before the first hour: who bought what, what power cost, and how old mains are."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agentsim.core.units import MONTHS_PER_YEAR
from agentsim.report.figures import DISTRICT_COLOURS


class Panel(NamedTuple):
    """One panel: its label, the factor that columns are shown with, and columns by what they are called."""

    label: str
    factor: float
    columns: dict[str, str]


PANELS = (
    Panel(
        "homes with one [%]",
        100.0,
        {
            "solar panels": "pv_homes_frac",
            "battery": "battery_homes_frac",
            "rain tank": "rain_tank_homes_frac",
        },
    ),
    Panel(
        "price over ordinary [1]",
        1.0,
        {"panels": "panel_price_frac", "batteries": "battery_price_frac", "delivered": "delivered_frac"},
    ),
    Panel(
        "power [JPY/kWh]",
        1.0,
        {"price of homes": "power_price_jpy_per_kwh", "paid for sold power": "export_price_jpy_per_kwh"},
    ),
    Panel("grid load [MW]", 1.0, {"noon, less sun sold": "noon_load_mw", "evening ramp": "evening_ramp_mw"}),
    Panel("water mains [%]", 100.0, {"past service life": "mains_overdue_frac"}),
    Panel("bought in a month [M JPY]", 1e-6, {"panels, batteries, works": "capital_jpy"}),
)


def years_figure(years: pd.DataFrame, title: str) -> Figure:
    """One panel below the other; *years* is ``society.years``, one row a month."""
    figure = Figure(figsize=(8.0, 1.0 + 1.5 * len(PANELS)), layout="constrained")
    lived = (np.arange(len(years)) + 1) / MONTHS_PER_YEAR
    grid = figure.subplots(len(PANELS), 1, sharex=True)
    for axes, panel in zip(grid, PANELS, strict=True):
        _draw(axes, years, lived, panel)
    grid[-1].set_xlabel("years lived before the first hour")
    figure.suptitle(title, fontsize=10)
    return figure


def _draw(axes: Axes, years: pd.DataFrame, lived: np.ndarray, panel: Panel) -> None:
    for colour, (name, column) in zip(DISTRICT_COLOURS, panel.columns.items(), strict=False):
        axes.plot(lived, panel.factor * years[column], color=colour, linewidth=1.2, label=name)
    axes.set_ylabel(panel.label, fontsize=8)
    axes.legend(fontsize=7, frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(linewidth=0.4, alpha=0.6)
    low, high = axes.get_ylim()
    axes.set_ylim(min(low, 0.0), high)
