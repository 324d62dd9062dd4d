"""Several policies side by side: price, harm with its interval, rank, and the break-even attack rate."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agentsim.outcomes import OUTCOMES
from agentsim.report.tables import BREAK_EVEN

NONE = "none"


@dataclass(frozen=True)
class Ranked:
    """One case of a ranking.

    Attributes
    ----------
    label : ids joined by ``+``, or ``none``
    price : yearly cost [JPY/household/y]
    harm, low, high : mean over replications, and the interval of its difference laid around the mean without
        policies; nan where there are no replications
    places : best and worst place in the ranking that the intervals allow
    break_even, break_even_low, break_even_high : attacks a year [1/y]; nan where no avoided loss can be shown
    count : replications
    """

    label: str
    price: float
    harm: float = math.nan
    low: float = math.nan
    high: float = math.nan
    places: tuple[int, int] = (0, 0)
    break_even: float = math.nan
    break_even_low: float = math.nan
    break_even_high: float = math.nan
    count: int = 0

    @property
    def known(self) -> bool:
        return not math.isnan(self.harm)


def ranked(
    tables: Mapping[str, Mapping[str, Any] | None], prices: Mapping[str, float], outcome: str
) -> list[Ranked]:
    """Cases by harm, the best first; those without replications stand last.

    A place is a range: a case may be better than every one whose interval overlaps its own.

    Parameters
    ----------
    tables : by label the replications of each case, as :func:`agentsim.app.replay.record_run.replications`
        gives them; None where there are none
    prices : by label [JPY/household/y]
    outcome : that measures harm; where more is better, the most is first
    """
    cases = [_case(label, table, prices[label], outcome) for label, table in tables.items()]
    known = [one for one in cases if one.known]
    if known:
        known.append(_without(tables, outcome))
    more_is_better = OUTCOMES[outcome].better > 0
    order = sorted(known, key=lambda one: -one.harm if more_is_better else one.harm)
    placed = [_placed(one, order, more_is_better) for one in order]
    return [*placed, *(one for one in cases if not one.known)]


def _case(label: str, table: Mapping[str, Any] | None, price: float, outcome: str) -> Ranked:
    row = table["rows"].get(outcome) if table else None
    if not table or row is None or row["mean"] is None:
        return Ranked(label, price)
    base = row["mean_without"]
    known = row["low"] is not None and row["high"] is not None
    least = (
        -math.inf if OUTCOMES[outcome].kind == "balance" else 0.0
    )  # of an amount there is no less than none
    rate = table["rows"].get(BREAK_EVEN, {})
    return Ranked(
        label,
        price,
        harm=row["mean"],
        low=max(base + row["low"], least) if known else row["mean"],
        high=base + row["high"] if known else row["mean"],
        break_even=_number(rate.get("mean")),
        break_even_low=_number(rate.get("low")),
        break_even_high=_number(rate.get("high")),
        count=int(row["n"]),
    )


def _without(tables: Mapping[str, Mapping[str, Any] | None], outcome: str) -> Ranked:
    """The city without policies, from the table with the most replications; the differences are from it."""
    rows = [table["rows"][outcome] for table in tables.values() if table and outcome in table["rows"]]
    best = max((row for row in rows if row["mean_without"] is not None), key=lambda row: row["n"])
    harm = best["mean_without"]
    return Ranked(NONE, 0.0, harm, harm, harm, count=int(best["n"]))


def _placed(one: Ranked, all_of_them: Sequence[Ranked], more_is_better: bool) -> Ranked:
    others = [other for other in all_of_them if other is not one]
    below = sum(other.high < one.low for other in others)
    above = sum(other.low > one.high for other in others)
    better, worse = (above, below) if more_is_better else (below, above)
    places = (better + 1, len(all_of_them) - worse)
    return Ranked(**{**one.__dict__, "places": places})


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)
