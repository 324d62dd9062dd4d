"""What a search for the best measures found, in a terminal and as plain data."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from agentsim.policies import POLICIES
from agentsim.report.red_team import policy_label
from agentsim.report.tables import failures_table, number, signed

if TYPE_CHECKING:
    from agentsim.experiments.portfolio.portfolio import Portfolio

MEANING = (
    "harm: what a year with one such run takes from a household in its worst future [JPY]; found: on the "
    "seeds of the search, fresh: on seeds that it never saw. 1 JPY buys: harm that one more yen avoids, "
    "against the set above. Break-even: attacks a year at which the measures pay for themselves."
)
LITTLE_FRAC = 0.01  # of the harm without measures: too little to compare in percent
PARTS = ("difference", "difference_low", "difference_high")


def portfolio_blocks(found: "Portfolio") -> Iterable[RenderableType]:
    """What is printed: the answer, the front, the answer in every future, the packages, how sure it is."""
    about = found.about
    yield Text(" / ".join(about["scenarios"]), style="bold")
    for line in answer(found):
        yield Text(line)
    yield Text("\nThe front: each set is better than every cheaper one on it", style="bold")
    yield front_table(found.front)
    for line in numbered(found.front):
        yield Text(line)
    yield Text(MEANING, style="dim")
    if len(about["scenarios"]) > 1:
        yield Text(f"\n{found.best} in every future, fresh seeds", style="bold")
        yield future_table(found)
    if len(found.packages):
        yield Text(
            "\nThe paper's packages, and the best set that costs no more (harm on fresh seeds)", style="bold"
        )
        yield package_table(found.packages)
    yield Text("")
    for line in [*how_sure(found), *how_searched(found)]:
        yield Text(line, style="dim")
    if about["failures"]:
        yield failures_table(about["failures"])


def row_of(frame: pd.DataFrame, label: str) -> Mapping[Any, Any]:
    """The row of a set by its label."""
    found: Mapping[Any, Any] = frame[frame["measures"] == label].iloc[0].to_dict()
    return found


def answer(found: "Portfolio") -> list[str]:
    """With so much money, what to do: measures by name with their sizes, cost, and harm with and without."""
    best, none = row_of(found.front, found.best), row_of(found.front, "none")
    budget = number(float(found.about["budget"]))
    if found.best == "none":
        return [f"With {budget} JPY a household and year: no measure helps in the worst of these futures."]
    lines = [f"With {budget} JPY a household and year:"]
    for id in best["adopts"]:
        sizes = [f"{k.rpartition('.')[2]} {v:g}" for k, v in best["sizes"].items() if f".{id}." in k]
        told = f" ({', '.join(sizes)})" if sizes else ""
        lines.append(f"  {id} {POLICIES[id].name}{told}")
    lines.append(
        f"It costs {number(round(best['cost']))} JPY. A year with one run of the worst future "
        f"({best['worst_future']}) then takes {_harm(best)} from a household, in place of {_harm(none)}."
    )
    total = found.front.assign(total=found.front["cost"] + found.front["fresh_harm"])
    cheapest = total.loc[total["on_front"]].sort_values("total", kind="stable").iloc[0]
    if cheapest["measures"] != found.best:
        lines.append(
            f"Cost and harm together are lowest with {policy_label(cheapest['measures'])}: "
            f"{number(round(cheapest['total']))} JPY, against "
            f"{number(round(best['cost'] + best['fresh_harm']))} JPY."
        )
    return lines


def _harm(row: Mapping[Any, Any]) -> str:
    low, high = number(round(row["fresh_low"])), number(round(row["fresh_high"]))
    return f"{number(round(row['fresh_harm']))} JPY ({low} to {high})"


def front_table(front: pd.DataFrame) -> Table:
    """The sets on the front, the cheapest first."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("set", justify="right")
    for head in (
        "cost\nJPY",
        "harm\nfound",
        "harm\nfresh",
        "1 JPY\nbuys",
        "break-\neven",
        "inequality\nweighted h",
        "CO2\nt",
    ):
        table.add_column(head, justify="right", no_wrap=True)
    for place, row in enumerate(front[front["on_front"]].to_dict("records"), start=1):
        table.add_row(
            str(place),
            number(round(row["cost"])),
            number(round(row["harm"])),
            number(round(row["fresh_harm"])),
            number(row["less_harm_per_jpy"]),
            number(row["break_even_attacks_per_year"]),
            number(row["inequality"]),
            number(row["co2"]),
        )
    return table


def numbered(front: pd.DataFrame) -> list[str]:
    """The measures of each set on the front, with its number in the table and on the figure."""
    labels = front.loc[front["on_front"], "measures"]
    return [f"{place:>3}  {policy_label(label).replace('+', ' + ')}" for place, label in enumerate(labels, 1)]


def future_table(found: "Portfolio") -> Table:
    """The best set in every future: harm, and its change against no measure."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("future", overflow="fold")
    table.add_column("attacker", overflow="fold")
    for head in ("harm JPY", "change", "95 % interval"):
        table.add_column(head, justify="right", no_wrap=True)
    for row in found.futures[found.futures["measures"] == found.best].to_dict("records"):
        change, low, high = (signed(round(row[part])) for part in PARTS)
        table.add_row(row["future"], row["attacker"], number(round(row["harm"])), change, f"{low} to {high}")
    return table


def package_table(packages: pd.DataFrame) -> Table:
    """Each package beside the set that was found for the same money."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("package", overflow="fold")
    for head in ("cost", "harm"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("found", overflow="fold", max_width=24)
    for head in ("cost", "harm"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("the found set is", overflow="fold", max_width=12)
    for row in packages.to_dict("records"):
        table.add_row(
            row["package"],
            number(round(row["package_cost"])),
            number(round(row["package_harm"])),
            policy_label(row["found"]).replace("+", " + "),
            number(round(row["found_cost"])),
            number(round(row["found_harm"])),
            row["says"],
        )
    return table


def how_sure(found: "Portfolio") -> list[str]:
    """The winner's curse, and how often the best set is the best when seeds are drawn again."""
    best, seeds = row_of(found.front, found.best), len(found.about["fresh_seeds"])
    judged = len(found.front)
    lines = [
        f"How sure: on {seeds} fresh seeds the best set has the least harm of the {judged} that were judged "
        f"in {100 * best['chance_best']:.0f} % of resamples; sets with equal harm share."
    ]
    little = LITTLE_FRAC * row_of(found.front, "none")["harm"]
    if max(best["harm"], best["fresh_harm"]) <= little:
        lines.append("Winner's curse: next to none; hardly any harm is left, also on fresh seeds.")
    else:
        share = 100.0 * best["curse"] / best["harm"]
        worse = f"{abs(share):.0f} % {'more' if share > 0 else 'less'} harm than it was chosen by"
        lines.append(
            f"Winner's curse: {number(round(best['harm']))} JPY when it was chosen, "
            f"{number(round(best['fresh_harm']))} JPY on fresh seeds: {worse}."
        )
    return lines


def how_searched(found: "Portfolio") -> list[str]:
    """How much was tried, what a race may get wrong, and which attackers stood in for others."""
    about, tried = found.about, found.tried
    lines = [
        f"{len(tried)} sets were run, {int(tried['beaten'].sum())} of them stopped early; {about['runs']} "
        f"runs. A race throws out a set for a rival that is no better with a chance of at most "
        f"{100 * about['error']:g} % (normally distributed differences). Differences below "
        f"{100 * about['tolerance_frac']:g} % of the value without measures count as none."
    ]
    lines += [
        f"{title}: its attacker plans, which takes too long for a search. The search met one that acts at "
        "random and one that does what is planned against no measure; the sets above were judged with a plan "
        "made against each of them, or a worse one made against another."
        for title in about["screened"]
    ]
    return lines


def portfolio_data(found: "Portfolio") -> dict[str, Any]:
    """The findings as plain data; what is not a number is None."""
    frames = {
        name: [_plain_row(row) for row in getattr(found, name).to_dict("records")]
        for name in ("front", "futures", "packages", "tried")
    }
    best = row_of(found.front, found.best)
    named = {
        "best": found.best,
        "best_names": [POLICIES[id].name for id in best["adopts"]],
        "best_names_ja": [POLICIES[id].name_ja for id in best["adopts"]],
    }
    return {**found.about, **named, "units": found.front.attrs["units"], **frames}


def _plain_row(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        str(key): None if isinstance(value, float) and not math.isfinite(value) else value
        for key, value in row.items()
    }
