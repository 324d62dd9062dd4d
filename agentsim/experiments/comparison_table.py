"""The table of a comparison: means, paired differences and their intervals, from a frame of runs.

A frame of runs has the columns ``policy`` (a label; ``none`` is no policy), ``attacker``, ``seed``,
``persons_per_household`` and one for each outcome, whose units are in ``attrs["units"]``. The runs are laid
out once as an array (policies, seeds, outcomes) for each attacker; pairs are found in it without a search.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from agentsim.core.units import HOURS_PER_YEAR
from agentsim.experiments.runs.replications import NO_POLICY
from agentsim.experiments.statistics.decision_measures import worst_of
from agentsim.experiments.statistics.intervals import (
    Interval,
    difference_interval,
    kind_of,
    mean_interval,
    ratio_interval,
)
from agentsim.experiments.statistics.multiple_testing import benjamini_hochberg
from agentsim.experiments.statistics.p_values import p_of_difference
from agentsim.outcomes import OUTCOMES

COLUMNS = (
    *("policy", "attacker", "outcome", "unit", "mean", "low", "high"),
    *("difference", "difference_low", "difference_high", "n", "method", "same", "undefined"),
    *("cvar95", "worst", "regret", "p_value", "p_adjusted"),
)
_MEASURED = COLUMNS[2:-5]
COST_PER_AVOIDED_HOUR = "jpy_per_avoided_deprivation_hour"
BREAK_EVEN = "break_even_attacks_per_year"
CAPITAL = "capital_jpy_per_household_year"
DEPRIVATION, LOSS = "deprivation_mean", "loss_jpy_per_household"


@dataclass(frozen=True)
class Layout:
    """Runs under one attacker, laid out by policy, seed and outcome.

    ``values`` is (policies, seeds, outcomes), nan where undefined; ``ran`` is (policies, seeds), true where
    there is a run; ``persons`` is (policies,), persons a household.
    """

    labels: tuple[str, ...]
    units: Mapping[str, str]
    values: np.ndarray
    ran: np.ndarray
    persons: np.ndarray

    def of(self, label: str, outcome: str) -> np.ndarray:
        """(seeds,) values of an outcome under a policy; nan where there is no run or no value."""
        if outcome not in self.units or label not in self.labels:
            return np.full(self.values.shape[1], math.nan)
        return self.values[self.labels.index(label), :, list(self.units).index(outcome)]

    def compared(self, label: str, outcome: str) -> np.ndarray:
        """(seeds,) values that enter a comparison: a delay that did not begin here but did elsewhere is 0 h.

        See ``pairing.py``.
        """
        found = self.of(label, outcome)
        if kind_of(outcome) != "delay" or label not in self.labels:
            return found
        at = list(self.units).index(outcome)
        if not np.isfinite(self.values[:, :, at]).any():
            return found
        here = self.ran[self.labels.index(label)]
        return np.where(here & np.isnan(found), 0.0, found)


def layouts(
    runs: pd.DataFrame, labels: Sequence[str], foes: Sequence[str], seeds: Sequence[int]
) -> dict[str, Layout]:
    """The runs by attacker; those of other policies or seeds are left out."""
    units = runs.attrs["units"]
    at_label = pd.Index(labels).get_indexer(pd.Index(runs["policy"]))
    at_seed = pd.Index(seeds).get_indexer(pd.Index(runs["seed"]))
    of_foe, values = runs["attacker"].to_numpy(), runs[list(units)].to_numpy(dtype=float)
    persons = runs["persons_per_household"].to_numpy(dtype=float)
    found = {}
    for foe in foes:
        mine = (of_foe == foe) & (at_label >= 0) & (at_seed >= 0)
        table = np.full((len(labels), len(seeds), len(units)), math.nan)
        ran, people = np.zeros(table.shape[:2], bool), np.full(len(labels), math.nan)
        table[at_label[mine], at_seed[mine]] = values[mine]
        ran[at_label[mine], at_seed[mine]] = True
        people[at_label[mine]] = persons[mine]
        found[foe] = Layout(tuple(labels), units, table, ran, people)
    return found


def comparison_table(
    runs: pd.DataFrame, labels: Sequence[str], foes: Sequence[str], seeds: Sequence[int], hours: int
) -> pd.DataFrame:
    """One row for each policy, attacker and outcome with the columns ``COLUMNS``.

    Parameters
    ----------
    runs : a frame of runs
    labels : policies in the order of the table
    foes : attackers in the order of the table
    seeds : the seeds that are paired
    hours : of a run
    """
    rows: list[dict[str, Any]] = []
    for foe, layout in layouts(runs, labels, foes, seeds).items():
        for label in labels:
            if layout.ran[labels.index(label)].any():
                rows += [{"policy": label, "attacker": foe} | line for line in _lines(layout, label)]
                if label != NO_POLICY:
                    rows.append({"policy": label, "attacker": foe} | _avoided_hour(layout, label, hours))
                if label != NO_POLICY and foe != "none":
                    rows.append({"policy": label, "attacker": foe} | _break_even(layout, label))
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    table["regret"] = _regrets(table)
    table["p_adjusted"] = benjamini_hochberg(table["p_value"].to_numpy(dtype=float))
    return table


def _regrets(table: pd.DataFrame) -> pd.Series:
    """How much the mean of each row is worse than that of the best policy under the same attacker.

    Not a number where the outcome has no better side.
    """
    losses = -table["outcome"].map(better_of) * table["mean"]
    least = losses.groupby([table["attacker"], table["outcome"]]).transform("min")
    return (losses - least).where(table["outcome"].map(better_of) != 0)


def better_of(outcome: str) -> int:
    """Which way of an outcome is the better one: -1 lower, +1 higher, 0 neither or not registered."""
    return OUTCOMES[outcome].better if outcome in OUTCOMES else 0


def _lines(layout: Layout, label: str) -> Iterable[dict[str, Any]]:
    """One line for each outcome: the mean over seeds, and the mean paired difference to no policy."""
    ran = layout.ran[layout.labels.index(label)]
    for name, unit in layout.units.items():
        values, kind = layout.compared(label, name), kind_of(name)
        before = layout.compared(NO_POLICY, name) if label != NO_POLICY else np.full(ran.size, math.nan)
        known = np.isfinite(values)
        pairs = known & np.isfinite(before)
        ours = values[pairs] if pairs.any() else values[known]
        theirs = before[pairs]
        mean = mean_interval(ours, kind)
        difference = difference_interval(ours[: theirs.size], theirs, kind)
        same = int((ours[: theirs.size] == theirs).sum())
        undefined = int((ran & np.isnan(layout.of(label, name))).sum())
        line = _line(name, unit, mean, difference, ours.size, same, undefined)
        cvar95, worst = worst_of(ours, better_of(name))
        p_value = p_of_difference(ours[: theirs.size], theirs, kind)
        yield line | {"cvar95": cvar95, "worst": worst, "p_value": p_value}


def _line(
    name: str, unit: str, mean: Interval, difference: Interval, n: int, same: int = 0, undefined: int = 0
) -> dict[str, Any]:
    method = mean.method if math.isnan(difference.mean) else difference.method
    numbers = (name, unit, *mean[:3], *difference[:3], n, method, same, undefined)
    return dict(zip(_MEASURED, numbers, strict=True))


def paired(layout: Layout, label: str, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Differences to no policy of several outcomes over the seeds in which all of them are known."""
    changes = [layout.of(label, name) - layout.of(NO_POLICY, name) for name in names]
    known = np.isfinite(changes).all(axis=0)
    return {name: change[known] for name, change in zip(names, changes, strict=True)}


def _avoided_hour(layout: Layout, label: str, hours: int) -> dict[str, Any]:
    """Cost of the measures over the run's hours per deprivation-hour that they avoid.

    JPY/h = (d capital_jpy_per_household_year hours/8760) / (-d deprivation_mean persons), both a household:
    annuities and running costs, of all payers. The bill is not added, because the households' part of these
    costs is in it. Not a number unless the 95 % interval of the deprivation difference lies below 0 (with a
    single seed: unless deprivation falls).
    """
    change = paired(layout, label, (CAPITAL, DEPRIVATION))
    avoided = -change[DEPRIVATION] * layout.persons[layout.labels.index(label)]
    price = ratio_interval(change[CAPITAL] * hours / HOURS_PER_YEAR, avoided)
    return _line(COST_PER_AVOIDED_HOUR, "JPY/h", price, price, avoided.size)


def _break_even(layout: Layout, label: str) -> dict[str, Any]:
    """How many attacks like the run's a year make the measures worth their cost.

    1/y = d capital_jpy_per_household_year / (-d loss_jpy_per_household): the measures' yearly cost over the
    loss that they avoid in one campaign. Not a number unless the 95 % interval of the avoided loss lies
    above 0 (with a single seed: unless the loss falls): where nothing is avoided no number is enough.
    """
    change = paired(layout, label, (CAPITAL, LOSS))
    rate = ratio_interval(change[CAPITAL], -change[LOSS])
    return _line(BREAK_EVEN, "1/y", rate, rate, change[LOSS].size)
