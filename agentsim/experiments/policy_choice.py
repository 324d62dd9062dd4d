"""Which policy to choose where it is not known what comes: regret and ranks over attackers and scenarios.

Every attacker of every comparison is a world. All policies are judged by one outcome, whose runs a comparison
keeps in ``attrs["judged"]``.
"""

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from agentsim.core.errors import InvalidScenario, unknown
from agentsim.experiments.comparison_table import Layout, better_of
from agentsim.experiments.statistics.decision_measures import decision_table, minimax_regret
from agentsim.experiments.statistics.ranks import ranks_by_world, ranks_over_worlds
from agentsim.outcomes import OUTCOMES
from agentsim.scenario.file import Scenario

HARM, TO_CONCESSION = "deprivation_worst_district", "time_to_concession_h"


def judged_by(scenario: Scenario, outcome: str = "") -> str:
    """The outcome that policies are judged by: what is asked for, else what the scenario is about.

    Raises
    ------
    InvalidScenario : no such outcome, or one of which neither more nor less is better
    """
    if not outcome:
        return TO_CONCESSION if scenario.attacker.until_concession else HARM
    if outcome not in OUTCOMES:
        raise InvalidScenario([unknown(outcome, OUTCOMES, "outcome")])
    if not better_of(outcome):
        raise InvalidScenario([f"{outcome}: neither more nor less of it is better; choose another outcome"])
    return outcome


def judged_runs(layouts: Mapping[str, Layout], outcome: str) -> dict[str, Any]:
    """The values of one outcome by attacker, policy and seed, as plain data; None where there is none."""
    units = [layout.units.get(outcome, "") for layout in layouts.values()]
    values = {
        foe: {
            label: [float(one) if math.isfinite(one) else None for one in layout.compared(label, outcome)]
            for label in layout.labels
        }
        for foe, layout in layouts.items()
    }
    return {"outcome": outcome, "unit": units[0] if units else "", "values": values}


def choice(comparisons: pd.DataFrame | Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """What speaks for each policy over all worlds, the least largest regret first.

    Parameters
    ----------
    comparisons : what ``compare`` returns, or several of them by name, of the same outcome. Policies that
        all have are compared, over the seeds in which all of them have a run

    Returns
    -------
    pandas.DataFrame
        one row for each policy: ``policy``; ``mean``, ``cvar95`` and ``worst`` of the outcome over all runs,
        ``worst_in`` (a world); ``regret``, the largest over worlds, and ``regret_in``; ``mean_rank`` with its
        interval ``mean_rank_low`` and ``mean_rank_high``, ``best_rank`` and ``worst_rank`` over worlds;
        ``minimax_frac``, the share of resamples of the seeds in which its largest regret is the least.
        ``attrs`` holds ``outcome``, ``unit``, ``worlds``, ``seeds`` (their number), ``minimax_regret`` (a
        policy) and ``by_world`` (rows of ``ranks_by_world``). Empty where nothing can be compared

    Raises
    ------
    ValueError : the comparisons were judged by different outcomes
    """
    tables = {"": comparisons} if isinstance(comparisons, pd.DataFrame) else dict(comparisons)
    judged = {name: table.attrs["judged"] for name, table in tables.items()}
    outcomes = {one["outcome"] for one in judged.values()}
    if len(outcomes) > 1:
        raise ValueError(f"judged by different outcomes: {', '.join(sorted(outcomes))}")
    losses, about = _losses(tables), next(iter(judged.values()))
    head: dict[Any, Any] = {"outcome": about["outcome"], "unit": about["unit"]}
    if losses.empty:
        table = pd.DataFrame(columns=["policy"])
        table.attrs = head | {"worlds": [], "seeds": 0, "minimax_regret": "", "by_world": []}
        return table
    sign = -better_of(about["outcome"])
    table = decision_table(losses).join(ranks_over_worlds(losses)).rename_axis("policy").reset_index()
    by_world = ranks_by_world(losses)
    table[["mean", "cvar95", "worst"]] *= sign
    by_world["mean"] *= sign
    table = table.sort_values(["regret", "mean_rank"], kind="stable", ignore_index=True)
    worlds = list(dict.fromkeys(losses.index.get_level_values("world")))
    table.attrs = head | {
        "worlds": worlds,
        "seeds": int(losses.groupby(level="world").size().min()),
        "minimax_regret": minimax_regret(losses)[0],
        "by_world": by_world.to_dict("records"),
    }
    return table


def _losses(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Losses by (world, seed) and policy, as ``decision_measures`` takes them."""
    frames = {}
    for name, table in tables.items():
        judged = table.attrs["judged"]
        for foe, by_policy in judged["values"].items():
            frame = pd.DataFrame(by_policy, index=table.attrs["seeds"], dtype=float)
            frame = -better_of(judged["outcome"]) * frame.dropna(axis=1, how="all")
            if not frame.empty:
                frames[f"{name}, {foe}" if name else foe] = frame
    if not frames:
        return pd.DataFrame()
    first, *others = frames.values()
    common = [policy for policy in first if all(policy in other for other in others)]
    found = {world: one[common].dropna() for world, one in frames.items()}
    return pd.concat(found, names=["world", "seed"]) if common else pd.DataFrame()


def as_json(table: pd.DataFrame) -> dict[str, Any]:
    """The choice as plain data."""
    about = {str(name): value for name, value in table.attrs.items()}
    return about | {"policies": table.to_dict("records")}
