"""A figure of the changes that claims are judged by: each in margins, towards what the paper says."""

import math
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agentsim.experiments.claims.verdicts import NOT_SUPPORTED, REVERSED, SUPPORTED
from agentsim.report.figures import BETTER, NEITHER, WORSE

COLOURS = {SUPPORTED: BETTER, REVERSED: WORSE, NOT_SUPPORTED: "#000000"}
MOST = 1000.0  # margins; what is larger is drawn there


def claims_figure(parts: Sequence[Mapping[str, Any]]) -> Figure:
    """One line for each claim and outcome, with the interval of each set of seeds.

    *parts* are rows of ``attrs["parts"]`` of :func:`agentsim.claims`. Those without runs are left out.
    """
    names = [_name(part) for part in parts]
    drawn = [part for part in parts if math.isfinite(part["low"]) and part["margin"] > 0.0]
    labels = [name for name in dict.fromkeys(names) if name in {_name(part) for part in drawn}]
    figure = Figure(figsize=(8.0, 1.2 + 0.3 * max(len(labels), 1)), layout="constrained")
    axes = figure.subplots()
    axes.axvspan(-1.0, 1.0, color="#eeeeee")
    axes.axvline(0.0, color="black", linewidth=0.8)
    for part in drawn:
        _interval(axes, part, labels.index(_name(part)))
    axes.set_xscale("symlog", linthresh=1.0)
    axes.set_xlim(-MOST, MOST)
    axes.set_yticks(range(len(labels)), labels, fontsize=8)
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_xlabel("margins", fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.grid(axis="x", linewidth=0.4, alpha=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def as_svg(figure: Figure) -> str:
    """The figure as SVG, the same bytes for the same figure."""
    same: Any = {"svg.hashsalt": "agentsim", "svg.fonttype": "path"}
    with rc_context(same):
        text = StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _name(part: Mapping[str, Any]) -> str:
    return f"{part['id']}  {part['outcome']}"


def _interval(axes: Axes, part: Mapping[str, Any], line: int) -> None:
    colour = COLOURS.get(part["verdict"], NEITHER)
    ends = [part["claimed_sign"] * part[name] / part["margin"] for name in ("low", "difference", "high")]
    low, middle, high = sorted(min(max(end, -MOST), MOST) for end in ends)
    height = line + 0.22 * (part["set"] - 1)
    axes.plot([low, high], [height, height], color=colour, lw=2, solid_capstyle="butt")
    fill = colour if part["set"] == 1 else "white"
    axes.plot([middle], [height], "o", color=colour, mfc=fill, markersize=5)
