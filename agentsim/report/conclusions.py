"""What follows from a comparison, in two or three sentences."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentsim.report.labels import against, capital
from agentsim.report.tables import (
    HIGHER,
    LOWER,
    SAME,
    TO_CONCESSION,
    headline_rows,
    number,
    pairs_of,
    verdict,
)

if TYPE_CHECKING:
    import pandas as pd

TARGET, WORST = "deprivation_target_district", "deprivation_worst_district"
FEW_POLICIES = 8  # with more of them, those that changed nothing are told by their ids alone
COST_PER_HOUR = "jpy_per_avoided_deprivation_hour"
WHAT = {
    TARGET: "deprivation in the target district",
    WORST: "deprivation in the worst district",
    TO_CONCESSION: "the time to a concession",
}


def conclusions(table: "pd.DataFrame", names: Mapping[str, str]) -> list[str]:
    """Two or three sentences: which policies helped, which did little, and what they cost.

    They are read off the 95 % intervals: *lowered* and *raised* only where the interval excludes 0.
    """
    attackers = list(dict.fromkeys(table["attacker"]))
    told, by_deprivation = [], []
    for attacker in sorted(attackers, key=lambda name: name == "none"):
        rows = headline_rows(table, attacker)
        measure = judged_by(rows)
        if measure != TO_CONCESSION:
            by_deprivation.append(attacker)
        base = rows.get("none", {}).get(measure, {}).get("mean", math.nan)
        cells = {policy: row[measure] for policy, row in rows.items() if policy != "none" and measure in row}
        if cells:
            begin = capital(against(attacker, table.attrs.get("mind", "")))
            sentence = _sentence(measure, base, cells, names, len(table.attrs["seeds"]))
            told.append(f"{begin}, {sentence}")
    if cost := _cheapest(table[table["attacker"].isin(by_deprivation)], table.attrs.get("mind", ""), names):
        told.append(cost)
    return told


def judged_by(rows: Mapping[str, Mapping[str, Any]]) -> str:
    """The outcome that policies are judged by: deprivation in the attacked district, else in the worst; where
    districts may give in, the time to a concession.
    """
    return next((name for name in (TO_CONCESSION, TARGET) if any(name in c for c in rows.values())), WORST)


def _sentence(
    measure: str, base: float, cells: Mapping[str, Mapping[str, Any]], names: Mapping[str, str], seeds: int
) -> str:
    if seeds == 1:
        return "one seed shows no interval: run more seeds before saying which policy helps."
    what, unit = WHAT[measure], "hours" if measure == TO_CONCESSION else "weighted hours per person"
    by_verdict: dict[str, list[str]] = {LOWER: [], HIGHER: [], "": []}
    for policy in sorted(cells, key=lambda policy: cells[policy]["difference"]):
        says = verdict(cells[policy])
        by_verdict[says if says in (LOWER, HIGHER) else ""].append(policy)
    if all(verdict(cell) == SAME for cell in cells.values()):
        return f"no policy changed {what}: it stayed at {number(base)} {unit}."
    parts = []
    for says, verb in ((LOWER, "lowered"), (HIGHER, "raised")):
        if policies := by_verdict[says]:
            changes = [abs(cells[policy]["difference"]) for policy in policies] if base > 0 else []
            by = f"{',' * (len(changes) > 1)} by {_and([percent(one / base) for one in changes])}"
            parts.append(
                f"{_and([_label(policy, names) for policy in policies])} {verb} {what}{by * bool(changes)}"
            )
            what = "it"
    if little := by_verdict[""]:
        to = "" if parts else f" to {what}"
        labels = little if len(cells) > FEW_POLICIES else [_label(policy, names) for policy in little]
        shown_by = pairs_of(cells[policy] for policy in little)
        parts.append(f"{_and(labels)} made no difference{to} that {shown_by} seeds can show")
    return f"{'; '.join(parts)}."


def _label(policy: str, names: Mapping[str, str]) -> str:
    return f"{policy} ({names[policy]})" if policy in names else policy


def _cheapest(table: "pd.DataFrame", mind: str, names: Mapping[str, str]) -> str:
    price = table[(table["outcome"] == COST_PER_HOUR) & table["mean"].notna()]
    price = price[price["attacker"] != "none"].sort_values("mean", kind="stable")
    if price.empty:
        return ""
    best = price.iloc[0]
    begin = capital(against(best["attacker"], mind))
    label = _label(best["policy"], names)
    if best["mean"] <= 0:
        return f"{begin}, {label} avoided deprivation and cost nothing on balance."
    return (
        f"{begin}, the policy that cost least for each weighted hour of deprivation avoided was {label}: "
        f"{number(best['mean'])} JPY."
    )


def percent(share: float, little: str = "less than 1 %") -> str:
    """A share in percent; *little* stands for the smallest ones."""
    return f"{100 * share:.0f} %" if share >= 0.01 else little


def _and(items: Sequence[str]) -> str:
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
