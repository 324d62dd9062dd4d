"""Figures: what each policy changes, with intervals; how a run went, district by district."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from agentsim.core.units import HOURS_PER_DAY
from agentsim.report.labels import against
from agentsim.report.tables import HEADLINES, HIGHER, LOWER, UNCLEAR, number, pairs_of, verdict

# Okabe and Ito (2008): told apart by colour-blind readers too.
BETTER, WORSE, NEITHER = "#0072B2", "#D55E00", "#7F7F7F"
DISTRICT_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#999933")
# Columns of the hour x district record that a run's figure shows, and how they are called on it.
RUN_PANELS = (
    ("deprivation_h", "deprivation\nadded [h a head]"),
    ("power_unserved_mwh", "power not\nserved [MWh]"),
    ("water_unserved_m3", "water not\nserved [m³]"),
    ("trips_made", "trips made\n[persons]"),
)
MATERIAL_FRAC = 1e-4  # an outcome that no policy moves by more has no panel of its own
COLUMNS = 4  # panels beside one another
MARKS = ("o", "o", "s", "D", "^", "v")  # one for each attacker; the first is drawn hollow
DASHES = ("-", "--", ":", "-.")


def comparison_figure(
    table: pd.DataFrame, better: Mapping[str, int] | None = None, outcomes: Sequence[str] | None = None
) -> Figure:
    """Paired differences to no policy with 95 % intervals: a panel an outcome, a mark an attacker.

    Parameters
    ----------
    table : what :func:`agentsim.compare` returns
    better : for each outcome -1 if lower is better, +1 if higher, 0 if neither; None: as registered
    outcomes : which to draw; None: the headline outcomes that have a difference
    """
    if better is None:
        better = registered_better()
    heads = {name: head.replace("-\n", "-").replace("\n", " ") for name, head in HEADLINES}
    chosen = list(outcomes or [name for name in heads if _differs(table, name)])
    attackers = list(dict.fromkeys(table["attacker"]))
    policies = [name for name in dict.fromkeys(table["policy"]) if name != "none"]
    if not chosen or not policies:
        raise ValueError("there is no difference to draw: the table has no policy with a changed outcome")
    lines = math.ceil(len(chosen) / COLUMNS)
    size = (1.4 + 2.6 * min(len(chosen), COLUMNS), 1.4 + lines * (0.9 + 0.34 * len(policies)))
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(lines, min(len(chosen), COLUMNS), squeeze=False, sharey=True).ravel()
    for axes, name in zip(grid, chosen, strict=False):
        unit = table.loc[table["outcome"] == name, "unit"].iloc[0]
        mine = table[table["outcome"] == name]
        _differences(axes, mine, attackers, policies, better.get(name, 0))
        axes.set_title(heads.get(name, name), fontsize=9)
        plain = mine[mine["policy"] == "none"].set_index("attacker")["mean"]
        without = " / ".join(number(plain.get(name)) for name in attackers)
        change = f"change [{unit}]" if unit != "1" else "change"
        axes.set_xlabel(f"{change}\nwithout policy {without}", fontsize=8)
    for axes in grid[len(chosen) :]:
        axes.set_visible(False)
    drawn = table[table["outcome"].isin(chosen) & table["difference"].notna()]
    seeds = pairs_of(drawn.to_dict("records"))
    scenario = table.attrs.get("scenario", "")
    few = "\nfewer than 6 seeds: intervals are right for normally distributed differences only"
    few *= "t_few" in set(drawn.get("method", ()))
    figure.suptitle(f"{scenario}: what each policy changes, mean of {seeds} paired seeds, 95 % interval{few}")
    figure.legend(
        handles=_key(attackers, table.attrs.get("mind", "")),
        loc="outside lower center",
        ncols=6,
        fontsize=8,
        frameon=False,
    )
    return figure


def _key(attackers: Sequence[str], mind: str) -> list[Line2D]:
    """What the marks and the colours say."""
    marks = [
        Line2D([], [], color=NEITHER, marker=MARKS[k % len(MARKS)], mfc=_fill(k, NEITHER), lw=0, label=called)
        for k, called in enumerate(against(name, mind) for name in attackers)
    ]
    colours = ((BETTER, "better"), (WORSE, "worse"), (NEITHER, UNCLEAR))
    return marks + [Line2D([], [], color=colour, lw=3, label=says) for colour, says in colours]


def _fill(attacker: int, colour: str) -> str:
    return "white" if attacker == 0 else colour


def registered_better() -> dict[str, int]:
    """Which way of each registered outcome is the better one."""
    from agentsim.outcomes import OUTCOMES

    return {name: outcome.better for name, outcome in OUTCOMES.items()}


def _differs(table: pd.DataFrame, name: str) -> bool:
    mine = table[table["outcome"] == name]
    return bool((mine["difference"].abs() > MATERIAL_FRAC * mine["mean"].abs()).any())


def _differences(
    axes: Axes, mine: pd.DataFrame, attackers: Sequence[str], policies: Sequence[str], better: int
) -> None:
    axes.axvline(0.0, color="black", linewidth=0.8)
    for row in mine.to_dict("records"):
        if row["policy"] not in policies or math.isnan(row["difference"]):
            continue
        attacker = attackers.index(row["attacker"])
        height = policies.index(row["policy"]) + 0.32 * (attacker - (len(attackers) - 1) / 2)
        colour = _colour(row, better)
        if not math.isnan(row["difference_low"]):
            axes.plot([row["difference_low"], row["difference_high"]], [height, height], color=colour, lw=2)
        mark, fill = MARKS[attacker % len(MARKS)], _fill(attacker, colour)
        axes.plot([row["difference"]], [height], mark, color=colour, mfc=fill, markersize=5)
    axes.set_yticks(range(len(policies)), policies)
    axes.set_ylim(len(policies) - 0.5, -0.5)
    axes.margins(x=0.08)
    axes.grid(axis="x", linewidth=0.4, alpha=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    axes.locator_params(axis="x", nbins=4)
    axes.tick_params(axis="x", labelsize=8)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.10g}".replace("-", "−"))


def _colour(row: Mapping[Any, Any], better: int) -> str:
    says = verdict(row)
    if not better or says not in (LOWER, HIGHER):
        return NEITHER
    return BETTER if (says == HIGHER) == (better > 0) else WORSE


def run_figure(hours: pd.DataFrame, title: str, panels: Sequence[tuple[str, str]]) -> Figure:
    """How a run went: one panel for each of *panels* (column, label), one line for each district.

    *hours* is the long table hour x district of the record.
    """
    figure = Figure(figsize=(9.0, 1.0 + 1.9 * len(panels)), layout="constrained")
    grid = figure.subplots(len(panels), 1, squeeze=False, sharex=True)[:, 0]
    for axes, (column, label) in zip(grid, panels, strict=True):
        wide = hours.pivot(index="hour", columns="district", values=column)
        for index, district in enumerate(dict.fromkeys(hours["district"])):
            colour = DISTRICT_COLOURS[index % len(DISTRICT_COLOURS)]
            dash = DASHES[index // len(DISTRICT_COLOURS) % len(DASHES)]
            days = np.asarray(wide.index) / HOURS_PER_DAY
            axes.plot(days, wide[district], color=colour, linestyle=dash, linewidth=1.0, label=str(district))
        axes.set_ylabel(label, fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(linewidth=0.4, alpha=0.6)
    grid[-1].set_xlabel("days since the start")
    lines, labels = grid[0].get_legend_handles_labels()
    figure.legend(lines, labels, loc="outside right upper", fontsize=8, frameon=False)
    figure.suptitle(title, fontsize=10)
    return figure
