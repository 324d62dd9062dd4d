"""A comparison in one table of at most 80 columns for each attacker."""

import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES
from agentsim.report.conclusions import TARGET, TO_CONCESSION, WORST, judged_by, percent
from agentsim.report.labels import against, capital
from agentsim.report.tables import (
    BY_CHANCE,
    HIGHER,
    LOWER,
    METHODS,
    ONE_SEED,
    SAME,
    UNCLEAR,
    correction_notes,
    headline_rows,
    may_be_chance,
    rows_of,
    style_of,
    verdict,
)

if TYPE_CHECKING:
    import pandas as pd

WIDTH = 80
ID_WIDTH = 13  # of a policy's id; longer ones are broken at a +
# Outcomes from left to right, with four lines of heading; the first and last may reach over to the left.
HEADINGS = {
    "deprivation_target_district": ("", "target", "district", ""),
    "deprivation_worst_district": ("deprivation", "worst", "district", "weighted h"),
    "concession_chance": ("", "chance", "", ""),
    "time_to_concession_h": ("concession", "time", "to it", "h"),
    "ens_mwh": ("power", "not", "served", "MWh"),
    "water_unserved_m3": ("water", "not", "served", "m3"),
    "bill_jpy_per_household_month": ("", "bill", "JPY a", "month"),
    "capital_jpy_per_household_year": ("cost of", "measure", "JPY a", "year"),
}
# Outcomes that are left out first where there is little room, and what they are called then.
SPARED = {
    "bill_jpy_per_household_month": "bill",
    "deprivation_worst_district": "deprivation in the worst district",
}
JUDGEMENT = ("", "deprivation", "against", "no policy")  # heading of the last column
JUDGEMENT_OF_TIME = ("", "time", "against", "no policy")  # where districts may give in
MEANING = (
    "weighted h: hours per person without power, water, food or travel; an hour counts more, the longer "
    "the person has already gone without. Bill and cost are per household."
)
CENSORED = (
    "time to a concession: from the first hour of the attack; a run in which no district gives in counts all "
    "hours to its end. Deprivation is left out here, because a siege ends at what a district can bear."
)
LEAST_JUDGEMENT = len("no difference")  # characters of that column

Rows = Mapping[str, Mapping[str, Mapping[Any, Any]]]


@dataclass(frozen=True)
class Layout:
    """Where the columns of a block end, from left to right, and where the verdict begins."""

    outcomes: tuple[str, ...]
    ends: tuple[int, ...]
    verdict_at: int
    width: int

    def line(self, left: str, cells: Sequence[str], right: str = "") -> str:
        """One line: *cells* end where their columns end, *right* stands in the verdict's column.

        A cell may reach over empty ones on its left.
        """
        text = left
        for cell, end in zip(cells, self.ends, strict=True):
            text += cell.rjust(end - len(text)) if cell else ""
        return (text.ljust(self.verdict_at) + right).rstrip()


def summary(
    table: "pd.DataFrame", names: Mapping[str, str], better: Mapping[str, int], width: int = WIDTH
) -> Iterable[Text]:
    """The lines of a block for each attacker: what each policy brings, and what its interval says."""
    seeds, width = len(table.attrs["seeds"]), min(width, WIDTH)
    said: set[str] = set()
    for attacker in dict.fromkeys(table["attacker"]):
        rows = headline_rows(table, attacker)
        judged = judged_by(rows)
        verdicts = _verdicts(rows, judged, better.get(judged, 0))
        said.update(verdict(rows[policy][judged]) for policy in verdicts)
        said.update(BY_CHANCE for policy in verdicts if may_be_chance(rows[policy][judged]))
        begin = capital(against(attacker, table.attrs.get("mind", "")))
        yield Text(f"{begin}: mean of {seeds} seed{'s' * (seeds != 1)}", style="bold")
        yield from _block(rows, names, verdicts, width)
        yield from _fewer(rows, judged, seeds, width)
        every = rows_of(table, attacker)
        claimed = _claimed(every, better)
        said.update(says for _, _, says in claimed)
        said.update(BY_CHANCE for policy, outcome, _ in claimed if may_be_chance(every[policy][outcome]))
        yield from _aims(claimed, every, better, width)
        yield Text()
    few = "t_few" in set(table.get("method", ()))
    if table.attrs.get("persistence") == "until_concession":
        yield Text(textwrap.fill(CENSORED, width), style="dim")
    yield from _notes(said, seeds, few, width)
    yield from (Text(textwrap.fill(note, width), style="dim") for note in correction_notes(table, said))


def _claimed(rows: Rows, better: Mapping[str, int]) -> list[tuple[str, str, str]]:
    """(policy, outcome, verdict) of what the paper claims of policies, where the table does not show it."""
    found = []
    for policy, cells in rows.items():
        ids = [id for id in policy.split("+") if id in POLICIES]
        for outcome in dict.fromkeys(POLICIES[id].outcome for id in ids):
            shown = outcome in HEADINGS or outcome not in cells or outcome not in better
            if not shown and not math.isnan(cells[outcome]["difference"]):
                found.append((policy, outcome, verdict(cells[outcome])))
    return found


def _aims(
    claimed: Sequence[tuple[str, str, str]], rows: Rows, better: Mapping[str, int], width: int
) -> Iterable[Text]:
    """A line for each claim of the paper that the table above does not show."""
    if not claimed:
        return
    yield Text("\nWhat the paper claims of each policy, against no policy:", style="bold")
    for policy, outcome, says in claimed:
        cell, base = rows[policy][outcome], rows["none"][outcome]["mean"]
        share = abs(cell["difference"] / base) if base else 0.0
        by = f" by {percent(share, little='<1 %')}" if share and says in (LOWER, HIGHER) else ""
        mark = "*" * may_be_chance(cell)
        title = OUTCOMES[outcome].title
        left = f"{policy}: {title[:1].lower()}{title[1:]}  "
        line = Text(left if len(left) + len(says) < width else f"{left.rstrip()}\n  ")
        yield line.append(f"{says}{by}{mark}", style=style_of(says, better[outcome]))


def _fewer(rows: Rows, judged: str, seeds: int, width: int) -> Iterable[Text]:
    """Which policies have fewer pairs than there are seeds, because runs failed or are not finished."""
    counts = {policy: int(cells[judged]["n"]) for policy, cells in rows.items() if judged in cells}
    if fewer := [f"{policy} {n}" for policy, n in counts.items() if n < seeds]:
        note = f"Fewer than {seeds} seeds: {', '.join(fewer)}."
        yield Text(textwrap.fill(note, width), style="dim")


def _verdicts(rows: Rows, judged: str, better: int) -> dict[str, Text]:
    """What is said of each policy, with the share by which it changes the value without a policy."""
    base = rows["none"][judged]["mean"] if judged in rows.get("none", {}) else 0.0
    found = {}
    for policy, cells in rows.items():
        if policy != "none" and judged in cells:
            says = verdict(cells[judged])
            share = abs(cells[judged]["difference"]) / base if base > 0 else 0.0
            by = f" by {percent(share, little='<1 %')}" if share and says in (LOWER, HIGHER) else ""
            mark = "*" * may_be_chance(cells[judged])
            found[policy] = Text(f"{says}{by}{mark}", style_of(says, better))
    return found


def _block(rows: Rows, names: Mapping[str, str], verdicts: Mapping[str, Text], width: int) -> Iterable[Text]:
    means = {name: _aligned(rows, name) for name in HEADINGS if any(name in c for c in rows.values())}
    layout = _layout(means, [text.plain for text in verdicts.values()], width)
    yield from _head(layout)
    for policy in rows:
        cells = [means[name].get(policy, "–") for name in layout.outcomes]
        yield from _policy(layout, policy, names.get(policy, ""), cells, verdicts.get(policy, Text()))
    if left_out := [SPARED[name] for name in means if name not in layout.outcomes]:
        note = f"Left out for lack of room: {' and '.join(left_out)}."
        yield Text(textwrap.fill(note, width), style="dim")


def _aligned(rows: Rows, name: str) -> dict[str, str]:
    """The means of one outcome by policy, to three figures of the largest."""
    values = {policy: cells[name]["mean"] for policy, cells in rows.items() if name in cells}
    largest = max(map(abs, values.values()), default=0.0)
    places = 2 - math.floor(math.log10(largest)) if largest > 0 else 0
    shown = {policy: round(value, places) + 0.0 for policy, value in values.items()}
    return {
        policy: f"{value:,.{max(0, places)}f}".replace("-", "−") if value else "0"
        for policy, value in shown.items()
    }


def _layout(means: Mapping[str, Mapping[str, str]], says: Iterable[str], width: int) -> Layout:
    """The widest spacing that fits; with too little room the outcomes of ``SPARED`` are left out."""
    outcomes = list(means)
    longest = max(map(len, says), default=0)
    ids = {policy for column in means.values() for policy in column}
    first = min(ID_WIDTH, max(len("no policy"), *map(len, ids))) if ids else ID_WIDTH
    spared = [name for name in SPARED if name in outcomes and (name != WORST or TARGET in outcomes)]
    while True:
        sizes = [max(map(len, (*HEADINGS[name][1:3], *means[name].values()))) for name in outcomes]
        for gap, room in ((2, longest), (1, longest), (1, min(longest, LEAST_JUDGEMENT))):
            ends = tuple(first + sum(sizes[: k + 1]) + gap * (k + 1) for k in range(len(sizes)))
            start = first + sum(sizes) + gap * len(sizes) + 2
            if start + room <= width:
                return Layout(tuple(outcomes), ends, start, width)
        if not spared:
            return Layout(tuple(outcomes), ends, start, start + LEAST_JUDGEMENT)
        outcomes.remove(spared.pop(0))


def _head(layout: Layout) -> Iterable[Text]:
    headings = dict(HEADINGS)
    if WORST not in layout.outcomes:  # then the target district's heading says alone what it is
        headings[TARGET] = (HEADINGS[WORST][0], *HEADINGS[TARGET][1:3], HEADINGS[WORST][3])
    judgement = JUDGEMENT_OF_TIME if TO_CONCESSION in layout.outcomes else JUDGEMENT
    for line in range(len(judgement)):
        left = "policy" if line == len(judgement) - 1 else ""
        heads = [headings[name][line] for name in layout.outcomes]
        yield Text(layout.line(left, heads, judgement[line]), style="bold")
    yield Text("─" * layout.width, style="dim")


def _policy(layout: Layout, policy: str, name: str, cells: Sequence[str], told: Text) -> Iterable[Text]:
    """A policy's lines: its id with the numbers, its name below, the verdict on the right."""
    ids = _broken(policy if policy != "none" else "no policy")
    below = textwrap.wrap(name, layout.verdict_at - 4) if policy != "none" else []
    left = ids + [f"  {line}" for line in below]
    right = textwrap.wrap(told.plain, layout.width - layout.verdict_at)
    for k in range(max(len(left), len(right))):
        text = left[k] if k < len(left) else ""
        numbers = cells if k == 0 else [""] * len(cells)
        says = right[k] if k < len(right) else ""
        start = layout.line(text, numbers)
        line = Text(start.ljust(layout.verdict_at) if says else start, style="dim" if k >= len(ids) else "")
        yield line.append(says, style=told.style)


def _broken(label: str) -> list[str]:
    """A label in lines of at most ``ID_WIDTH`` characters, broken at a + only.

    >>> _broken("E-C2+W-C1+T-C1+X-C5")
    ['E-C2+W-C1+', 'T-C1+X-C5']
    """
    lines = [""]
    for part in label.replace("+", "+\n").split("\n"):
        if lines[-1] and len(lines[-1] + part) > ID_WIDTH:
            lines.append("")
        lines[-1] += part
    return lines


def _notes(said: set[str], seeds: int, few: bool, width: int) -> Iterable[Text]:
    """What the words of the tables mean, only those that were used; *few*: of fewer than 6 pairs."""
    notes = {
        LOWER: f"{LOWER}, {HIGHER}: the 95 % interval of the difference does not contain 0.",
        UNCLEAR: f"{UNCLEAR}: none that these {seeds} seeds can show (the 95 % interval contains 0).",
        SAME: f"{SAME}: the same in all runs, with the policy and without it.",
        ONE_SEED: f"{ONE_SEED}: no interval can be given; use --seeds 5 or more.",
    }
    used = {LOWER if word == HIGHER else word for word in said}
    spread = [METHODS["t_few"]] if few and used & {LOWER, UNCLEAR} else []
    for note in (MEANING, *(note for word, note in notes.items() if word in used), *spread):
        yield Text(textwrap.fill(note, width), style="dim")
