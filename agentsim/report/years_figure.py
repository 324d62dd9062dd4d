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
    Panel("price of power\n[JPY/kWh]", 1.0, {"of homes": "power_price_jpy_per_kwh"}),
    Panel("grid load less\nsun sold [MW]", 1.0, {"at noon": "noon_load_mw"}),
    Panel("rise in the\nevening [MW]", 1.0, {"in three hours": "evening_ramp_mw"}),
    Panel("water mains [%]", 100.0, {"past service life": "mains_overdue_frac"}),
    Panel("paid a year for\nequipment [M JPY]", 1e-6, {"instalments, upkeep": "yearly_cost_jpy"}),
)
MINERALS = Panel(
    "over ordinary [1]",
    1.0,
    {
        "price of panels": "panel_price_frac",
        "of batteries": "battery_price_frac",
        "delivered": "delivered_frac",
    },
)


def years_figure(years: pd.DataFrame, title: str) -> Figure:
    """One panel below the other; *years* is ``society.years``, one row a month.

    What minerals do to equipment is shown where it is a hundredth or more.
    """
    dear = ((years[list(MINERALS.columns.values())] - 1.0).abs() >= 0.01).any(axis=None)
    panels = (*PANELS, MINERALS) if dear else PANELS
    figure = Figure(figsize=(8.0, 1.0 + 1.4 * len(panels)), layout="constrained")
    lived = (np.arange(len(years)) + 1) / MONTHS_PER_YEAR
    grid = figure.subplots(len(panels), 1, sharex=True)
    for axes, panel in zip(grid, panels, strict=True):
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
    axes.ticklabel_format(axis="y", useOffset=False)
    axes.grid(linewidth=0.4, alpha=0.6)
    if panel.factor != 1.0:  # shares and money begin at nothing
        axes.set_ylim(bottom=0.0)
