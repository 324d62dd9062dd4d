"""What a search found, as frames: the front, every future, the packages, and all sets that were tried."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from agentsim.experiments.portfolio.evaluations import Evaluations
from agentsim.experiments.portfolio.front import front_of
from agentsim.experiments.portfolio.judging import Finalists, chance_to_be_best
from agentsim.experiments.portfolio.measure_sets import MeasureSet
from agentsim.experiments.portfolio.race import Standing, means
from agentsim.experiments.portfolio.search import Search
from agentsim.experiments.statistics.intervals import difference_interval, mean_interval, ratio_interval

UNITS = {
    "cost": "JPY/household/y",
    "harm": "JPY/household/y",
    "inequality": "weighted h",
    "co2": "t/household/y",
}


def usable(finalists: Finalists, *judged: Evaluations) -> list[MeasureSet]:
    """The finalists of which no run failed."""
    return [one for one in finalists.all if all(known.is_complete(one) for known in judged)]


def front_table(
    sets: Sequence[MeasureSet], found: Evaluations, fresh: Evaluations, tolerance_frac: float
) -> pd.DataFrame:
    """One row for each judged set, by cost.

    ``harm`` is what it was chosen by (in the worst future, on the seeds of the search), ``fresh_harm`` with
    its interval is the same on seeds that played no part in the choice. ``curse`` is the difference, what the
    choice made look better than it is. ``on_front`` is judged by the former. ``less_harm_per_jpy`` is what
    one more yen buys, against the next cheaper set on the front.
    """
    ordered = sorted(sets, key=found.cost)
    values = np.array([found.standing(one).objectives() for one in ordered])
    none = ordered.index(MeasureSet())
    front = front_of(values, values[none], tolerance_frac)
    values[:, 0] = [found.cost(one) for one in ordered]
    harm = np.array([fresh.standing(one).harm for one in ordered])
    rows = [_front_row(one, ordered, found, fresh) for one in ordered]
    table = pd.DataFrame(rows)
    table["on_front"] = [row in front for row in range(len(ordered))]
    table["chance_best"] = chance_to_be_best(harm)
    table["less_harm_per_jpy"] = _bought(front, values)
    table.attrs["units"] = UNITS
    return table


def _front_row(
    one: MeasureSet, ordered: Sequence[MeasureSet], found: Evaluations, fresh: Evaluations
) -> dict[str, Any]:
    now, later, none = found.standing(one), fresh.standing(one), fresh.standing(MeasureSet())
    cost, (harm, inequality, co2) = found.cost(one), now.objectives()[1:].tolist()
    fresh_harm = _worst_interval(later)
    rate = _break_even(cost, later, none, fresh)
    return {
        "measures": one.label,
        "cost": cost,
        "harm": harm,
        "inequality": inequality,
        "co2": co2,
        "worst_future": found.futures[now.worst_future()].title,
        "fresh_harm": fresh_harm[0],
        "fresh_low": fresh_harm[1],
        "fresh_high": fresh_harm[2],
        "curse": fresh_harm[0] - harm,
        "break_even_attacks_per_year": rate[0],
        "break_even_low": rate[1],
        "break_even_high": rate[2],
        "adopts": list(one.ids),
        "sizes": dict(one.sizes),
    }


def _worst_interval(standing: Standing) -> tuple[float, float, float]:
    """Mean harm in the worst future, with its interval."""
    found = mean_interval(standing.harm[standing.worst_future()], "amount")
    return found[:3]


def _break_even(cost: float, one: Standing, none: Standing, fresh: Evaluations) -> tuple[float, float, float]:
    """How many runs like that of the worst attack a year make the measures worth their cost: yearly cost over
    the loss that they avoid in one, in the future that does most harm without them of those with an attacker.
    """
    attacked = [k for k, future in enumerate(fresh.futures) if future.attacker != "none"]
    if not attacked or cost == 0.0:
        return (np.nan,) * 3
    worst = max(attacked, key=lambda k: float(means(none.harm)[k]))
    often = fresh.futures[worst].scenario.parameters.social_cost.runs_per_year
    if often == 0.0:
        return (np.nan,) * 3
    avoided = (none.harm[worst] - one.harm[worst]) / often
    return ratio_interval(np.full(avoided.shape, cost), avoided)[:3]


def _bought(front: Sequence[int], values: np.ndarray) -> list[float]:
    """Harm avoided for one more yen, of each set on the front against the next cheaper one on it."""
    bought = np.full(len(values), np.nan)
    for before, row in pairwise(front):
        more = values[row, 0] - values[before, 0]
        if more > 0.0:
            bought[row] = (values[before, 1] - values[row, 1]) / more
    return bought.tolist()


def future_table(sets: Sequence[MeasureSet], fresh: Evaluations) -> pd.DataFrame:
    """Harm, inequality and CO2 of each judged set in each future on fresh seeds, with the change against no
    measure, paired by seed."""
    none = fresh.standing(MeasureSet())
    rows = []
    for one in sets:
        own = fresh.standing(one)
        for number, future in enumerate(fresh.futures):
            mean = mean_interval(own.harm[number], "amount")
            change = difference_interval(own.harm[number], none.harm[number], "amount")
            rows.append(
                {
                    "measures": one.label,
                    "future": future.title,
                    "attacker": fresh.meets(one, future, future.scenario)[0],
                    "harm": mean.mean,
                    "low": mean.low,
                    "high": mean.high,
                    "difference": change.mean,
                    "difference_low": change.low,
                    "difference_high": change.high,
                    "inequality": float(own.inequality[number].mean()),
                    "co2": float(own.co2[number].mean()),
                    "n": own.harm.shape[1],
                }
            )
    return pd.DataFrame(rows)


def package_table(finalists: Finalists, found: Evaluations, fresh: Evaluations) -> pd.DataFrame:
    """Each package of the paper beside the best set of those judged that costs no more.

    The set is chosen by its harm on the search's seeds; the difference in harm, each in its worst future, is
    of fresh seeds, paired. ``says`` is better, worse, no difference shown,
    same harm, or same set.
    """
    rows = []
    complete = set(usable(finalists, found, fresh))
    for name, package in finalists.packages.items():
        if package not in complete:
            continue
        cheap = [one for one in finalists.all if one in complete]
        cheap = [one for one in cheap if found.cost(one) <= found.cost(package)]
        best = min(cheap, key=lambda one: float(found.standing(one).objectives()[1]))
        ours, theirs = fresh.standing(best), fresh.standing(package)
        own, other = (one.harm[one.worst_future()] for one in (ours, theirs))
        change = difference_interval(own, other, "amount")
        rows.append(
            {
                "package": name,
                "package_cost": found.cost(package),
                "package_harm": float(other.mean()),
                "found": best.label,
                "found_cost": found.cost(best),
                "found_harm": float(own.mean()),
                "difference": change.mean,
                "difference_low": change.low,
                "difference_high": change.high,
                "says": "same set" if best == package else _says(change.low, change.high),
            }
        )
    return pd.DataFrame(rows)


def _says(low: float, high: float) -> str:
    if low == high == 0.0:
        return "same harm"
    return "worse" if low > 0.0 else "better" if high < 0.0 else "no difference shown"


def tried_table(search: Search) -> pd.DataFrame:
    """Every set that the search ran, by harm: its objectives as far as it was run, and on how many runs."""
    known, front = search.evaluations, set(search.front())
    rows = []
    for one in known.sets:
        standing = known.standing(one)
        cost, (harm, inequality, co2) = known.cost(one), standing.objectives()[1:].tolist()
        runs = int((~np.isnan(standing.harm)).sum())
        named: Mapping[str, Any] = {"measures": one.label, "cost": cost, "harm": harm}
        rows.append(
            {
                **named,
                "inequality": inequality,
                "co2": co2,
                "runs": runs,
                "on_front": one in front,
                "beaten": not known.is_complete(one),
            }
        )
    return pd.DataFrame(rows).sort_values(["harm", "cost"], kind="stable", ignore_index=True)
