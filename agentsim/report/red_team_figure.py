"""The transfer matrix as a heat map: what each plan brings against each policy."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from agentsim.report.red_team import policy_label

COLOURS = "cividis"  # told apart by colour-blind readers, and in grey


def matrix_figure(matrix: pd.DataFrame, title: str) -> Figure:
    """The matrix: a row for the policy that a plan was made against, a column for the one it was tried on.

    The highest payoff of each column has a frame: the worst plan known against that policy.
    """
    values, labels = matrix.to_numpy(dtype=float), [policy_label(label) for label in matrix.columns]
    size = 2.4 + 0.75 * len(labels)
    figure = Figure(figsize=(size + 1.2, size), layout="constrained")
    axes = figure.subplots()
    shown = np.ma.masked_invalid(np.maximum(values, 0.0))
    image = axes.imshow(shown, cmap=COLOURS, vmin=0.0)
    middle = 0.5 * float(shown.max()) if shown.count() else 0.0
    for (row, column), value in np.ndenumerate(values):
        text = f"{value:,.0f}".replace("-", "−") if np.isfinite(value) else "–"
        colour = "black" if value > middle else "white"
        axes.text(column, row, text, ha="center", va="center", fontsize=9, color=colour)
    for column in range(len(labels)):
        best = np.where(np.isfinite(values[:, column]), values[:, column], -np.inf)
        if best.max() > 0.0:
            corner = column - 0.5, int(best.argmax()) - 0.5
            axes.add_patch(_frame(corner))
    axes.set_xticks(range(len(labels)), labels, rotation=35, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("plan tried against")
    axes.set_ylabel("plan made against")
    axes.spines[:].set_visible(False)
    figure.colorbar(image, ax=axes, shrink=0.8, label="payoff of the attacker [units]; below 0 as 0")
    figure.suptitle(f"{title}: what each attack plan brings; framed: the worst known", fontsize=10)
    return figure


def _frame(corner: tuple[float, float]) -> Rectangle:
    return Rectangle(corner, 1.0, 1.0, fill=False, edgecolor="#D55E00", linewidth=2.0)
