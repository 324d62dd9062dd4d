"""Attack rate over certainty and severity of sanctions: figure and table, from full runs."""

import os
import sys
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import agentsim as sim
from agentsim.agents.attacker.actions import BadActorParameters
from agentsim.agents.attacker.belief import felt_sanction
from agentsim.core.units import HOURS_PER_DAY
from agentsim.report.archive import write_figure, write_text

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "figures"
SCENARIO = "scenarios/ordinary_fortnight.toml"
POLICIES = ("X-C2", "X-C4")
ATTACKER = "rent_seeker:scripted"  # an attack is worth 60 units to it, as to a coercer
# only sanctions end the attack: the budget lasts, and nobody revokes
CHANGES = {
    "hours": 1008,
    "place.households": 100,
    "attacker.foothold": ["power_control_room"],
    "attacker.strikes": ["A1 Southshore"],
    "attacker.first_hour": 24,
    "attacker.budget": 1e6,
    "mechanisms.revocation": False,
}
ENFORCED = (0.1, 0.34, 0.67, 1.0)
SANCTION = (40.0, 80.0, 160.0, 400.0)
SEEDS = range(1, 5)


def main() -> None:
    """Makes the table and the figure from 64 runs of six weeks; takes about three minutes on two cores."""
    os.chdir(ROOT)
    cells = list(product(ENFORCED, SANCTION, SEEDS))
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        rates = list(pool.map(attack_rate, cells))
    rows = [(*cell, rate) for cell, rate in zip(cells, rates, strict=True)]
    table = pd.DataFrame(rows, columns=["enforced", "sanction_units", "seed", "attack_rate"])
    write_text(FOLDER / "deterrence.csv", table.to_csv(index=False, float_format="%.6g"))
    write_figure(FOLDER, "deterrence", drawn(table))


def attack_rate(cell: tuple[float, float, int]) -> float:
    """Share of the days on which the attacker strikes, from its first hour on."""
    enforced, sanction, seed = cell
    law = {"policy.X-C4.enforcement": enforced, "policy.X-C4.sanction": sanction}
    setting = sim.load(SCENARIO).with_changes({**CHANGES, **law})
    society = sim.Society(setting, POLICIES, ATTACKER, seed).run(setting.hours)
    (actor,) = society.attackers
    return actor.days_struck / ((setting.hours - setting.attacker.first_hour) / HOURS_PER_DAY)


def drawn(table: pd.DataFrame) -> Figure:
    """Mean attack rate by cell, with the bounds that follow from what the attacker believes."""
    mean = table.pivot_table(index="sanction_units", columns="enforced", values="attack_rate")
    figure, axes = plt.subplots(figsize=(7.2, 4.8), layout="constrained")
    image = axes.pcolormesh(mean.to_numpy(), cmap="YlOrRd", vmin=0.0, vmax=1.0, edgecolors="white")
    for (row, column), rate in np.ndenumerate(mean.to_numpy()):
        shade = "white" if rate > 0.7 else "black"
        axes.text(column + 0.5, row + 0.5, f"{rate:.0%}", ha="center", va="center", color=shade)
    axes.set_xticks(np.arange(len(mean.columns)) + 0.5, [f"{one:g}" for one in mean.columns])
    axes.set_yticks(np.arange(len(mean.index)) + 0.5, [f"{one:g}" for one in mean.index])
    _bounds(axes, mean)
    axes.set_xlabel("certainty: share of sanctions that are carried out")
    axes.set_ylabel("severity: size of a sanction [units]")
    axes.set_title("Days with an attack, of six weeks", loc="left")
    figure.legend(loc="outside lower center", ncols=2, frameon=False)
    figure.colorbar(image, ax=axes, label="attack rate")
    return figure


def _bounds(axes: Axes, mean: pd.DataFrame) -> None:
    """Lines above which an attack does not pay by the prior belief, and if every episode is proven."""
    p = BadActorParameters()
    gain = p.prize_of("rent_seeker") - p.cost_per_day[0] * p.episode_days
    x, y = mean.columns.to_numpy(), mean.index.to_numpy()
    enforced = np.linspace(x[0], x[-1], 100)
    prior = p.prior_proven / (p.prior_proven + p.prior_unproven)
    for proven, style, label in (
        (prior, "--", "by the first belief"),
        (1.0, "-", "once learnt, if all is proven"),
    ):
        size = gain / felt_sanction(1.0, 1.0, p.loss_aversion, p.value_exponent)
        bound = size * (proven * enforced) ** (-1.0 / p.value_exponent)
        shown = (bound >= y[0]) & (bound <= y[-1])
        places = np.arange(len(x)) + 0.5, np.arange(len(y)) + 0.5
        across, up = np.interp(enforced, x, places[0]), np.interp(bound, y, places[1])
        axes.plot(across[shown], up[shown], color="tab:blue", lw=2, ls=style, label=f"deters above, {label}")


if __name__ == "__main__":
    sys.exit(main())
