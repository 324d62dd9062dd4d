"""The front as a figure: cost against harm, each point with the measures that it stands for."""

import textwrap

import pandas as pd
from matplotlib.figure import Figure

from agentsim.report.figures import BETTER, NEITHER, WORSE
from agentsim.report.red_team import policy_label

LABEL_WIDTH = 48  # characters a line of a point's name


def front_figure(front: pd.DataFrame, title: str, best: str) -> Figure:
    """The front on fresh seeds with 95 % intervals; sets that were judged and are not on it in grey.

    Hollow marks are what the search found; the distance to the full mark is what the choice made look better
    than it is. The points are numbered, and the names stand in the margin.
    """
    figure = Figure(figsize=(11.0, 6.0), layout="constrained")
    axes, margin = figure.subplots(1, 2, width_ratios=(1.7, 1.0))
    scale = 1e3  # thousand JPY
    points = front[front["on_front"]].reset_index(drop=True)
    others = front[~front["on_front"]]
    axes.plot(
        others["cost"] / scale, others["fresh_harm"] / scale, "o", color=NEITHER, ms=4, label="off the front"
    )
    axes.plot(
        points["cost"] / scale, points["fresh_harm"] / scale, color=BETTER, lw=1.0, drawstyle="steps-post"
    )
    for number, row in enumerate(points.to_dict("records"), start=1):
        x, colour = row["cost"] / scale, WORSE if row["measures"] == best else BETTER
        axes.plot([x, x], [row["fresh_low"] / scale, row["fresh_high"] / scale], color=colour, lw=1.5)
        axes.plot(x, row["fresh_harm"] / scale, "o", color=colour, ms=7)
        axes.plot(x, row["harm"] / scale, "o", color=colour, ms=7, mfc="none")
        axes.annotate(
            str(number), (x, row["fresh_harm"] / scale), xytext=(6, 5), textcoords="offset points", fontsize=9
        )
    axes.plot([], [], "o", color=BETTER, label="fresh seeds, 95 % interval")
    axes.plot([], [], "o", color=BETTER, mfc="none", label="as it was chosen")
    axes.plot([], [], "o", color=WORSE, label="least harm for the budget")
    axes.set_xlabel("cost of the measures [thousand JPY a household and year]")
    axes.set_ylabel("harm in the worst future [thousand JPY a household and year]")
    axes.set_ylim(bottom=0.0)
    axes.grid(linewidth=0.4, alpha=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(fontsize=8, frameon=False)
    margin.set_axis_off()
    margin.text(0.0, 1.0, _names(points), va="top", fontsize=7.5, transform=margin.transAxes)
    figure.suptitle(title, fontsize=10)
    return figure


def _names(points: pd.DataFrame) -> str:
    """The measures of each numbered point, in lines of the margin's width."""
    lines = []
    for number, label in enumerate(points["measures"], start=1):
        first, *rest = textwrap.wrap(policy_label(label).replace("+", " + "), LABEL_WIDTH)
        lines += [f"{number:>2}  {first}", *(f"      {more}" for more in rest)]
    return "\n".join(lines)
