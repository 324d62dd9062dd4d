"""What a red team found, in a terminal and as plain data: matrix, worth of each policy, plans, story."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pandas as pd
from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from agentsim.report.labels import against, capital, with_name
from agentsim.report.story import story
from agentsim.report.tables import failures_table, number, verdict
from agentsim.report.wording.names import Districts
from agentsim.report.wording.plans import plan_text

if TYPE_CHECKING:
    from agentsim.experiments.attacks.red_team import RedTeam

FOUND_BY = {
    "plan": ("plan", "計画"),
    "combination": ("two plans combined", "二つの計画の組み合わせ"),
    "timing": ("begun later", "開始時刻の変更"),
}
WORST, COST = "deprivation_worst_district", "capital_jpy_per_household_year"
STORY_LINES = 12
ID_WIDTH = 10  # characters of the column of policies


def policy_label(label: str) -> str:
    """A policy's id; no policy in words."""
    return "no policy" if label == "none" else label


def red_team_blocks(red: "RedTeam") -> Iterable[RenderableType]:
    """What is printed: the matrix, the worth of each policy, and the worst attack on each in words."""
    about = red.about
    seeds = about["seeds"]
    who = capital(against(about["attacker"])).replace("Against the", "The")
    yield Text(f"{about['scenario']}: {who}, budget {about['budget']:g} units", style="bold")
    yield Text("\nWhat each plan brings the attacker [units]: made against (rows), tried against (columns)")
    yield matrix_table(red.matrix)
    yield Text(
        f"Under the worst known attack: mean of {len(seeds)} seeds that no plan was made on; deprivation of "
        "the worst district [weighted h]"
    )
    yield worth_table(red.worth)
    for sentence in promises(red.worth):
        yield Text(sentence)
    for row in red.worth.to_dict("records"):
        yield Text(f"\n{with_name(row['policy'])}", style="bold")
        if row["plan"].strikes:
            yield Text(_origin(row))
        yield Text(plan_text(row["plan"], int(row["first_hour"]))[0])
        for line in story(red.events.get(row["policy"], ()), STORY_LINES):
            yield Text(f"  {line}", style="dim")
    for label in about["unplanned"]:
        yield Text(f"\n{policy_label(label)}: no plan could be made; agentsim run shows why.", style="red")
    yield Text(
        "\nWorst known is not worst possible: the search tries a limited number of plans. "
        "docs/redteam.md says how far it is from the optimum where all plans can be tried.",
        style="dim",
    )


def matrix_table(matrix: pd.DataFrame) -> Table:
    """The transfer matrix; the highest payoff of each column in bold."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("made against", overflow="fold")
    for label in map(str, matrix.columns):
        table.add_column(policy_label(label), justify="right", overflow="fold")
    values, top = matrix.to_numpy(dtype=float), matrix.max().to_numpy(dtype=float)
    for made, row in zip(matrix.index, values.tolist(), strict=True):
        cells = []
        for value, highest in zip(row, top.tolist(), strict=True):
            text = f"{value:,.0f}".replace("-", "−") if math.isfinite(value) else "–"
            cells.append(f"[bold]{text}[/]" if value == highest and value > 0 else text)
        table.add_row(escape(policy_label(str(made))), *cells)
    return table


def worth_table(worth: pd.DataFrame) -> Table:
    """Each policy: what the worst attack promised and paid, what people suffer, the change, and the cost."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("policy", min_width=ID_WIDTH, overflow="fold")
    heads = ("promised\nunits", "paid\nunits", "worst\ndistrict", "change", "cost\nJPY a year")
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", min_width=len("no difference"), overflow="fold")
    base = _base(worth, WORST)
    for row in worth.to_dict("records"):
        change, says = _change(row, WORST, base)
        table.add_row(
            policy_label(row["policy"]),
            number(round(row["promised"], 1)),
            number(round(row["paid"], 1)),
            number(row[WORST]),
            change,
            number(row[COST]),
            says,
        )
    return table


def _base(worth: pd.DataFrame, outcome: str) -> float:
    found = worth.loc[worth["policy"] == "none", outcome]
    return float(found.iloc[0]) if len(found) else math.nan


def _change(row: Mapping[Any, Any], outcome: str, base: float) -> tuple[str, str]:
    """The change against no policy in percent of it, and what its interval says."""
    if row["policy"] == "none" or not base > 0.0 or math.isnan(row[f"{outcome}_difference"]):
        return "", ""
    parts = ("difference", "difference_low", "difference_high")
    cell = {part: row[f"{outcome}_{part}"] for part in parts} | {"mean": row[outcome], "n": row["n"]}
    percent = f"{100 * row[f'{outcome}_difference'] / base:+.0f} %".replace("-", "−")
    return percent, verdict(cell)


def promises(worth: pd.DataFrame) -> list[str]:
    """Policies where the payoff in the runs is other than what the plan promised, beyond its interval."""
    told = []
    for row in worth.to_dict("records"):
        if row["paid_low"] < row["paid_high"] and not row["paid_low"] <= row["promised"] <= row["paid_high"]:
            told.append(
                f"{policy_label(row['policy'])} {row['promised']:.0f} promised, {row['paid']:.0f} paid "
                f"({row['paid_low']:.0f} to {row['paid_high']:.0f})"
            )
    return [f"Payoffs other than planned [units]: {'; '.join(told)}.".replace("-", "−")] if told else []


def _origin(row: Mapping[Any, Any]) -> str:
    """Where the worst attack comes from."""
    sources = " and ".join(policy_label(label) for label in row["made_against"])
    how = {"plan": "", "combination": ", combined", "timing": ", begun later"}[row["found_by"]]
    return f"Worst attack: from the plan made against {sources}{how}."


def red_team_data(red: "RedTeam", names: Districts = None) -> dict[str, Any]:
    """The findings as plain data; what is not a number is None. Plans are told in English and Japanese."""
    worth = []
    for row in red.worth.to_dict("records"):
        english, japanese = plan_text(row["plan"], int(row["first_hour"]), names)
        told = {"says": english, "says_ja": japanese, "found_by_ja": FOUND_BY[row["found_by"]][1]}
        lines = story(red.events.get(str(row["policy"]), ()), STORY_LINES)
        worth.append({str(key): _plain(value) for key, value in row.items()} | told | {"story": lines})
    return {
        **red.about,
        "matrix": {
            "labels": list(red.matrix.columns),
            "payoffs": [[_plain(value) for value in row] for row in red.matrix.to_numpy().tolist()],
        },
        "worth": worth,
        "attacks": red.attacks.to_dict("records"),
    }


def _plain(value: Any) -> Any:
    if hasattr(value, "strikes"):
        return asdict(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def failed_blocks(about: Mapping[str, Any]) -> Iterable[RenderableType]:
    """The runs that failed, as a table; nothing where none did."""
    if about["failures"]:
        rows = [{**row, "traceback": row.get("frames", [])} for row in about["failures"]]
        yield failures_table(rows)


# ---- the small case ---------------------------------------------------------------------------------


def gap_lines(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """How far the search is from the best of all plans, against each policy of a small case."""
    lines = ["Three districts, ten days, open cuts only: every plan was tried to the end of the run."]
    for label, table in tables.items():
        found, best = table.attrs["found"], table.attrs["best"]
        rollouts = table.attrs["rollouts"]
        lines.append(
            f"{capital(policy_label(label))}: best of {len(table)} plans {best:.1f} units; the search found "
            f"{found:.1f} with {rollouts['search']} of {rollouts['enumeration']} rollouts: "
            f"{100 * table.attrs['gap']:.1f} % missed."
        )
    return lines


def gap_data(tables: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """The same as plain data, without the plans."""
    return {
        label: {**{k: v for k, v in table.attrs.items() if k != "wall_s"}, "plans": len(table)}
        for label, table in tables.items()
    }
