"""What a comparison says of the plans that its policies were attacked by."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentsim.report.labels import against, capital

if TYPE_CHECKING:
    import pandas as pd

PlanRow = Mapping[str, Any]  # an entry of a table's attrs["plans"]


def plan_notes(table: "pd.DataFrame") -> list[str]:
    """For each attacker that plans: planning seeds, spread, plans from elsewhere, promises that failed."""
    rows: list[PlanRow] = table.attrs.get("plans", [])
    mind = table.attrs.get("mind", "")
    notes = []
    for foe in dict.fromkeys(row["attacker"] for row in rows):
        own = [row for row in rows if row["attacker"] == foe]
        parts = [_seeds(own), _borrowed(own), _declined(own), _kept_promises(table, foe, own)]
        notes.append(f"{capital(against(foe, mind))}: " + " ".join(filter(None, parts)))
    return notes


def _seeds(rows: Sequence[PlanRow]) -> str:
    """How many planning seeds, and how far a plan's payoff differs between them."""
    count = max(len(row["payoffs"]) for row in rows)
    text = f"plans from {count} planning seed{'s' if count > 1 else ''}"
    paying = [row["payoffs"] for row in rows if max(row["payoffs"], default=0.0) > 0.0]
    if count > 1 and paying:
        spread = max((max(one) - min(one)) / (sum(one) / len(one)) for one in paying)
        agree = sum(row["agree"] for row in rows)
        text += f"; a plan's payoff differs between them by up to {100 * spread:.0f} % of its mean"
        text += f"; the same plan is best on {agree} of {count * len(rows)} planning seeds"
    return f"{text}."


def _borrowed(rows: Sequence[PlanRow]) -> str:
    """Policies that are attacked by a plan made against another one."""
    other = {row["policy"]: row["made_against"] for row in rows if row["made_against"] != row["policy"]}
    told = [f"{policy} by that made against {_name(made)}" for policy, made in other.items()]
    return f"The best plan known is used: {', '.join(told)}." if told else ""


def _declined(rows: Sequence[PlanRow]) -> str:
    """Policies against which no plan pays."""
    quiet = dict.fromkeys(_name(row["policy"]) for row in rows if not row["plan"]["strikes"])
    return f"No plan pays against {', '.join(quiet)}: nobody attacks there." if quiet else ""


def _kept_promises(table: "pd.DataFrame", foe: str, rows: Sequence[PlanRow]) -> str:
    """Policies where the payoff in the runs differs from the promised one by more than its interval, and by
    more than planning seeds differ from one another."""
    paid = table[(table["attacker"] == foe) & (table["outcome"] == "attack_payoff")].set_index("policy")
    told = []
    for policy in dict.fromkeys(row["policy"] for row in rows):
        own = [row for row in rows if row["policy"] == policy and row["payoffs"]]
        if policy not in paid.index or not own:
            continue
        runs = sum(len(row["seeds"]) for row in own)
        promised = sum(len(row["seeds"]) * sum(row["payoffs"]) / len(row["payoffs"]) for row in own) / runs
        mean, low, high = (float(paid.loc[policy, name]) for name in ("mean", "low", "high"))
        seen = [payoff for row in own for payoff in row["payoffs"]]
        if low < high and not low <= promised <= high and not min(seen) <= mean <= max(seen):
            told.append(f"{_name(policy)} {promised:.0f} promised, {mean:.0f} paid ({low:.0f} to {high:.0f})")
    if not told:
        return ""
    return (
        f"Payoffs differ from what was planned [units]: {'; '.join(told)}. A plan knows the chance that "
        "captures succeed and the sanction that is expected, not how they turn out."
    )


def _name(policy: str) -> str:
    return "no policy" if policy == "none" else policy
