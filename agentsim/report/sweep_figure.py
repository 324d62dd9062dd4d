"""The figure of a sweep: an outcome over a number, a line a policy, with 95 % intervals."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.experiments.sweeps.sweep_table import differences
from agentsim.report.figures import DISTRICT_COLOURS, NEITHER
from agentsim.report.labels import against

MOST_PANELS = 12  # with more values of the other numbers, all points are drawn in one panel
COLUMNS = 4  # panels beside one another
ASIDE = 0.012  # of the axis, by which the marks of two policies stand beside one another


def plot_over(table: pd.DataFrame, parameter: str, outcome: str, *, difference: bool = False) -> Figure:
    """An outcome over a number of a sweep: a line a policy, bars are 95 % intervals over seeds.

    There is a panel for each attacker and each combination of what else differs between the points. Where
    those are more than ``MOST_PANELS``, as in a Latin hypercube, every point is a mark in one panel.

    Parameters
    ----------
    table : a frame of :func:`agentsim.read_sweep`
    parameter : one of the keys that vary
    outcome : one of its outcomes
    difference : draw the difference to no policy, paired by seed, in place of the outcome itself

    Raises
    ------
    InvalidScenario : the table has no such parameter or outcome
    """
    varied = table.attrs["varied"]
    if parameter not in varied:
        raise InvalidScenario([unknown(parameter, varied, "parameter of this sweep")])
    found = differences(table, outcome)
    if difference:
        found = found[found["policy"] != "none"]
    panels = _panels(found, parameter)
    figure = Figure(figsize=_size(len(panels)), layout="constrained")
    across = min(len(panels), COLUMNS)
    grid = figure.subplots(math.ceil(len(panels) / across), across, squeeze=False, sharex=True, sharey=True)
    for axes, (title, rows) in zip(grid.ravel(), panels, strict=False):
        _panel(axes, rows, parameter, "difference" if difference else "mean")
        axes.set_title(title, fontsize=8)
    for axes in grid.ravel()[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel(parameter, fontsize=8)
    unit = "" if found.attrs["unit"] == "1" else f" [{found.attrs['unit']}]"
    what = f"change of {outcome}{unit}" if difference else f"{outcome}{unit}"
    figure.supylabel(what, fontsize=9)
    figure.suptitle(f"{table.attrs['title']}: {_seeds_text(found)}", fontsize=10)
    lines, labels = grid[0, 0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside lower center", ncols=6, fontsize=8, frameon=False)
    return figure


def _size(panels: int) -> tuple[float, float]:
    across = min(panels, COLUMNS)
    return max(5.0, 0.8 + 2.6 * across), 1.3 + 2.3 * math.ceil(panels / across)


def _panels(found: pd.DataFrame, parameter: str) -> list[tuple[str, pd.DataFrame]]:
    """The title and the rows of each panel: one for each attacker and combination of what else differs."""
    others = ["attacker", *(key for key in ("scenario", "place") if found[key].nunique() > 1)]
    keys = [key for key in found.attrs["varied"] if key != parameter]
    grouped = list(found.groupby([*others, *keys], sort=False, dropna=False))
    if len(grouped) > MOST_PANELS:
        grouped = list(found.groupby(others, sort=False, dropna=False))
        keys = []
    return [(_title(dict(zip([*others, *keys], values, strict=True))), rows) for values, rows in grouped]


def _title(values: dict[str, Any]) -> str:
    foe = against(values.pop("attacker"))
    return "\n".join([foe, *(f"{key} = {value}" for key, value in values.items())])


def _panel(axes: Axes, rows: pd.DataFrame, parameter: str, what: str) -> None:
    numeric = pd.api.types.is_numeric_dtype(rows[parameter]) and rows[parameter].dtype != bool
    names = list(dict.fromkeys(map(str, rows[parameter])))
    span = float(np.ptp(rows[parameter])) if numeric else max(len(names) - 1.0, 1.0)
    policies = list(dict.fromkeys(rows["policy"]))
    for number, policy in enumerate(policies):
        mine = rows[rows["policy"] == policy].sort_values(parameter, kind="stable")
        x = mine[parameter].to_numpy(dtype=float) if numeric else _places(mine[parameter], names)
        once = len(np.unique(x)) == len(x)
        x = x + ASIDE * span * (number - (len(policies) - 1) / 2)
        mean, low, high = (mine[name].to_numpy(dtype=float) for name in _columns(what))
        bars = np.nan_to_num([mean - low, high - mean]).clip(min=0.0)
        is_none = policy == "none"
        axes.errorbar(
            x,
            mean,
            yerr=bars,
            label="no policy" if is_none else policy,
            color=NEITHER if is_none else DISTRICT_COLOURS[number % len(DISTRICT_COLOURS)],
            linestyle="-" if once and numeric else "none",
            marker="o",
            markersize=3.5,
            linewidth=1.0,
            elinewidth=1.0,
            capsize=2.0,
        )
    if not numeric:
        axes.set_xticks(range(len(names)), names)
    if what == "difference":
        axes.axhline(0.0, color="black", linewidth=0.8)
    axes.grid(linewidth=0.4, alpha=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(labelsize=8)


def _columns(what: str) -> tuple[str, str, str]:
    return ("mean", "low", "high") if what == "mean" else (what, f"{what}_low", f"{what}_high")


def _places(values: pd.Series, names: Sequence[str]) -> np.ndarray:
    return np.array([names.index(str(value)) for value in values], dtype=float)


def _seeds_text(found: pd.DataFrame) -> str:
    least, most = int(found["n"].min()), int(found["n"].max())
    if most == 1:
        return "one seed, without intervals"
    return f"{most} seeds, 95 % intervals" if least == most else f"{least} to {most} seeds, 95 % intervals"
