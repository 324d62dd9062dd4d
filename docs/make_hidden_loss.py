"""Power withheld unseen before an alarm, by number of reporting homes: figure and table, from full runs."""

import os
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

import agentsim as sim
from agentsim.experiments.hidden_loss import best_cuts, hidden_losses, scaling
from agentsim.experiments.statistics.intervals import mean_interval
from agentsim.report.archive import write_figure, write_text

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "figures"
SCENARIO = "scenarios/ordinary_fortnight.toml"
CHANGES = {"hours": 672, "place.households": 200}
DISTRICT = "Southshore"
REPORTING = (0.004, 0.016, 0.063, 0.25, 1.0)
CUTS = tuple(1e-4 * 2.0 ** (step / 2.0) for step in range(18))  # 0.01 % to 3.6 %
SHARED = (0.0, 0.01)
SEEDS = range(1, 5)
MANY = 100  # reporters, beyond which a shared error of 1 % outweighs noise of 10 % a meter


def main() -> None:
    """Makes the table and the figure from about 400 runs of up to four weeks; takes about 15 minutes."""
    os.chdir(ROOT)
    tables = []
    for shared in SHARED:
        setting = sim.load(SCENARIO).with_changes({**CHANGES, "meters.shared_error": shared})
        losses = hidden_losses(setting, REPORTING, CUTS, SEEDS, DISTRICT)
        tables.append(losses.assign(shared_error=shared))
        best, fit = best_cuts(losses), scaling(losses)
        print(f"shared error {shared}: slope {fit.slope:.3f} [{fit.low:.3f}, {fit.high:.3f}]")
        print(best.round(5).to_string(index=False), flush=True)
        many = scaling(losses, MANY)
        print(f"  from {MANY} reporters: {many.slope:.3f} [{many.low:.3f}, {many.high:.3f}]", flush=True)
    table = pd.concat(tables, ignore_index=True)
    write_text(FOLDER / "hidden-loss.csv", table.to_csv(index=False, float_format="%.6g"))
    write_figure(FOLDER, "hidden-loss", drawn(table))


def drawn(table: pd.DataFrame) -> Figure:
    """Largest hidden loss over reporting homes, one line for each shared error, and the slope of -1/2."""
    figure, axes = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
    first = None
    for shared, losses in table.groupby("shared_error"):
        best = best_cuts(losses)
        low, high = _interval(losses, best)
        name = "independent noise only" if shared == 0 else f"with an error of {shared:.1%} that all share"
        (line,) = axes.plot(best["reporters"], best["hidden_h"], marker="o", label=name)
        axes.fill_between(best["reporters"], low, high, color=line.get_color(), alpha=0.15, linewidth=0)
        first = best if first is None else first
    if first is not None:
        n, start = first["reporters"].to_numpy(), float(first["hidden_h"].iloc[0])
        axes.plot(n, start * np.sqrt(n[0] / n), color="0.4", linestyle=":", label="slope -1/2")
    axes.set(xscale="log", yscale="log")
    axes.set_xlabel("homes of the district whose meters report")
    axes.set_ylabel("withheld before an alarm\n[hours of the district's load]")
    axes.set_title("The most that can be withheld unseen in four weeks", loc="left")
    axes.legend(frameon=False)
    axes.grid(which="both", alpha=0.2)
    return figure


def _interval(losses: pd.DataFrame, best: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """95 % intervals of the mean loss at the best cuts, over seeds."""
    at_best = losses.merge(best[["reporting_frac", "cut_frac"]], on=["reporting_frac", "cut_frac"])
    bounds = [
        mean_interval(one["hidden_h"].tolist(), "amount")[1:3] for _, one in at_best.groupby("reporting_frac")
    ]
    low, high = np.array(bounds).T
    return np.maximum(low, 1e-3), high


if __name__ == "__main__":
    sys.exit(main())
