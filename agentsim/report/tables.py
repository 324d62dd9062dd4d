"""Outcomes as tables in a terminal: of one run by subject, of a comparison every one with its interval."""

import math
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console, RenderableType
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from agentsim.place.cases import SECTORS
from agentsim.report.labels import against, capital, with_name

SUBJECTS: dict[str, tuple[str, ...]] = {
    "people": (
        *("deprivation_mean", "deprivation_target_district", "deprivation_worst_district"),
        *("deprivation_gini", "cvar95_deprivation", "output_lost_frac", "trust_end", "jobs_displaced"),
        *("households_moved", "protest_peak_frac", "autonomy_h", "food_short_household_days"),
        *(f"output_lost_frac_{sector}" for sector in SECTORS),
    ),
    "power": (
        *("ens_mwh", "saidi_h", "saifi", "power_restricted_mwh", "curtailed_mwh", "renewable_share"),
        *("local_share", "reserve_mwh", "reserve_cost_jpy", "peak_mw"),
    ),
    "water": (
        *("water_unserved_m3", "water_restricted_m3", "water_service_availability", "leakage_share"),
        *("contamination_person_h", "local_water_share", "pipe_age_y"),
    ),
    "roads": (
        *("trips_stranded", "trips_restricted", "accessibility_frac", "delay_h_per_trip", "crashes"),
        *("vehicle_km", "road_fuel_t", "transit_mode_share", "transit_cost_jpy_per_pkm"),
    ),
    "supply": (
        *("fuel_unserved_t", "fuel_restricted_t", "fuel_stockout_days", "minerals_unserved_t"),
        *("resource_import_share", "oil_share", "oil_produced_t", "reserves_t", "supplier_hhi"),
        *("fuel_price_jpy_per_l", "minerals_price_index", "food_price_index", "extraction_cost_jpy_per_t"),
    ),
    "money": (
        *("bill_jpy_per_household_month", "bill_burden_lowest_decile", "power_price_jpy_per_kwh"),
        *("water_price_jpy_per_m3", "capital_jpy_per_household_year", "incumbent_margin_jpy"),
    ),
    "environment": ("co2_t", "co2_embodied_t", "co2_exported_t", "waste_t"),
    "attack": (
        *("attacks_begun", "attack_payoff", "conceded", "hidden_loss_mwh", "false_alarms"),
        *("time_to_detection_h", "time_to_revocation_h", "smallest_capture_set"),
        *("smallest_capture_set_power", "smallest_capture_set_water", "smallest_capture_set_roads"),
        "reach_hhi",
    ),
}

# What a stranger is shown first of a comparison, with a short heading and a heading unit.
HEADLINES = (
    ("deprivation_target_district", "deprivation,\ntarget district"),
    ("deprivation_worst_district", "deprivation,\nworst district"),
    ("deprivation_mean", "deprivation,\nwhole city"),
    ("ens_mwh", "power not\nserved"),
    ("water_unserved_m3", "water not\nserved"),
    ("accessibility_frac", "trips made,\nof those wanted"),
    ("bill_jpy_per_household_month", "household\nbill"),
    ("capital_jpy_per_household_year", "cost of the\nmeasures"),
)

FEW_POLICIES = 8  # with more of them a comparison has one short line for each
ROUNDING = 1e-5  # relative; a smaller difference is told as none

WIDTH = 80  # of a page of text
HEADING_WIDTH = 16  # characters of a heading, which is broken into lines
NAME_WIDTH = 22  # characters of a policy's name in a row, likewise
GAPS = 10  # characters between the columns of a table

Column = tuple[str, str]
Rows = dict[str, dict[str, dict[Any, Any]]]

LOWER, HIGHER, UNCLEAR, SAME, ONE_SEED = "lower", "higher", "no difference shown", "same", "one seed"


def number(value: float | None) -> str:
    """A number to three figures, a whole one in full, with thousands separators.

    >>> number(1234567.8), number(12.345), number(0.01234), number(float("nan"))
    ('1,234,568', '12.3', '0.0123', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    if value == int(value):
        return f"{int(value):,}".replace("-", "−")
    digits = 2 - math.floor(math.log10(abs(value)))
    if digits > 6:
        return f"{value:.2e}".replace("-", "−")
    rounded = round(value, digits) if digits > 0 else value
    return f"{rounded:,.{max(0, digits)}f}".replace("-", "−")


def signed(value: float) -> str:
    """A difference with its sign."""
    text = number(value)
    return text if text in ("–", "0") or text.startswith("−") else f"+{text}"


def verdict(row: Mapping[Any, Any]) -> str:
    """What a difference says, read off its interval: lower, higher, no difference shown, same, or one seed."""
    low, high = row["difference_low"], row["difference_high"]
    nothing = ROUNDING * abs(row["mean"])
    if abs(row["difference"]) <= nothing and not high - low > nothing:
        return SAME
    if math.isnan(low):
        return ONE_SEED
    return HIGHER if low > 0 else LOWER if high < 0 else UNCLEAR


def subject_of(name: str) -> str:
    """The subject under which an outcome is listed."""
    return next((subject for subject, names in SUBJECTS.items() if name in names), "other")


def outcome_table(
    outcomes: Mapping[str, float], units: Mapping[str, str], titles: Mapping[str, str], width: int = WIDTH
) -> Table:
    """The outcomes of one run by subject: what it is, value, unit, and its name where there is room."""
    shown = {name: (titles.get(name, name), number(value)) for name, value in outcomes.items()}
    shown_units = {name: "" if units.get(name) == "1" else units.get(name, "") for name in outcomes}
    sizes = [(len(title) + 2, len(value)) for title, value in shown.values()]
    room = sum(map(max, zip(*sizes, strict=True))) + max(map(len, shown_units.values())) + GAPS
    named = room + max(map(len, outcomes)) <= width
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("outcome")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    if named:
        table.add_column("name in files", no_wrap=True, style="dim")
    for subject in (*SUBJECTS, "other"):
        names = [name for name in outcomes if subject_of(name) == subject]
        order = SUBJECTS.get(subject, tuple(names))
        if names:
            table.add_row(Text(subject, style="bold"))
        for name in sorted(names, key=order.index):
            title, value = shown[name]
            table.add_row(f"  {title}", value, shown_units[name], *([name] * named))
        if names:
            table.add_section()
    return table


def rows_of(table: pd.DataFrame, attacker: str) -> Rows:
    """The rows of one attacker: policy -> outcome -> row; only outcomes that have a value."""
    found: Rows = {}
    for row in table[table["attacker"] == attacker].to_dict("records"):
        if not math.isnan(row["mean"]):
            found.setdefault(row["policy"], {})[row["outcome"]] = row
    return found


def headline_rows(table: pd.DataFrame, attacker: str) -> Rows:
    """The rows of one attacker, of the headline outcomes."""
    return rows_of(table[table["outcome"].isin([name for name, _ in HEADLINES])], attacker)


def comparison_blocks(
    table: pd.DataFrame,
    better: Mapping[str, int],
    names: Mapping[str, str],
    titles: Mapping[str, str],
    width: int = WIDTH,
) -> Iterable[RenderableType]:
    """Every outcome with its interval: for each attacker a row for each policy, outcomes beside one another.

    Cells hold the mean paired difference to no policy, half its 95 % interval, and what that says; the
    first row holds the means without any policy. Columns that do not fit *width* go into a further table,
    and outcomes that no policy changes are named once. With many policies an arrow stands for what the
    interval says, and their names come once, at the end.
    """
    seeds = len(table.attrs["seeds"])
    policies = [name for name in dict.fromkeys(table["policy"]) if name != "none"]
    many = len(policies) > FEW_POLICIES
    for attacker in dict.fromkeys(table["attacker"]):
        rows = rows_of(table, attacker)
        found = [name for name, _ in _headings(titles) if any(name in cells for cells in rows.values())]
        still = [name for name in found if not _changed(name, rows)]
        columns = [column for column in _headings(titles) if column[0] in found and column[0] not in still]
        begin = capital(against(attacker, table.attrs.get("mind", "")))
        some = ", of which some failed (below)" if table.attrs["failures"] else ""
        title = f"{begin}: change against no policy, {seeds} seed{'s' * (seeds != 1)}{some}"
        yield Text(title, style="bold")
        draw = partial(_block, rows=rows, better=better, names=names, brief=many)
        yield from map(draw, _parts(columns, partial(_fits, draw=draw, width=width)))
        if still:
            what = "; ".join(titles.get(name, name) for name in still)
            yield Text(f"Not changed by any of these policies: {what}.\n")
    if many:
        yield Text(
            "↓ lower, ↑ higher; no arrow: no difference that these seeds can show; ≈ 0: too little to show",
            style="dim",
        )
        yield Text(
            "; ".join(f"{name} {names[name]}" for name in policies if name in names) + "\n", style="dim"
        )


def _headings(titles: Mapping[str, str]) -> list[Column]:
    """Every outcome with a heading of two or three lines, the headlines first."""
    first = dict(HEADLINES)
    order = [name for names in SUBJECTS.values() for name in names]
    others = [name for name in dict.fromkeys((*order, *titles)) if name in titles and name not in first]
    return [*HEADLINES, *((name, textwrap.fill(titles[name], HEADING_WIDTH)) for name in others)]


def _changed(name: str, rows: Rows) -> bool:
    """Whether some policy changes an outcome."""
    return any(policy != "none" and name in c and verdict(c[name]) != SAME for policy, c in rows.items())


def _parts(columns: Sequence[Column], fits: Callable[[Sequence[Column]], bool]) -> list[Sequence[Column]]:
    """The columns in as few parts as fit, of about the same size."""
    for count in range(1, len(columns) + 1):
        bounds = [round(part * len(columns) / count) for part in range(count + 1)]
        parts = [columns[low:high] for low, high in pairwise(bounds)]
        if count == len(columns) or all(map(fits, parts)):
            return parts
    return []


def _fits(columns: Sequence[Column], draw: Callable[[Sequence[Column]], Table], width: int) -> bool:
    wide = Console(width=1000)
    return Measurement.get(wide, wide.options, draw(columns)).maximum <= width


def _block(
    columns: Sequence[Column],
    rows: Rows,
    better: Mapping[str, int],
    names: Mapping[str, str],
    brief: bool = False,
) -> Table:
    block = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_lines=False, padding=(0, 1))
    lines = max((head.count("\n") for _, head in columns), default=0) + 1
    block.add_column("\n" * lines + "policy", no_wrap=True)
    for name, head in columns:
        unit = next((cells[name]["unit"] for cells in rows.values() if name in cells), "")
        above = "\n" * (lines - 1 - head.count("\n"))
        block.add_column(f"{above}{head}\n{'' if unit == '1' else unit}", justify="right", no_wrap=True)
    base = {name: cell["mean"] for name, cell in rows.get("none", {}).items()}
    for policy, cells in rows.items():
        first = Text(policy if policy != "none" else "no policy")
        if policy in names and not brief:
            first.append("\n" + textwrap.fill(names[policy], NAME_WIDTH), style="dim")
        shown = [
            _cell(cells.get(name), policy, better.get(name, 0), base.get(name, 0.0), brief)
            for name, _ in columns
        ]
        block.add_row(first, *shown)
    return block


def _to_the_base(value: float, base: float) -> str:
    """A value without the digits that would be lost in three figures of what it is a change of.

    >>> _to_the_base(-0.0927, 22.7), _to_the_base(14.9, 15220.0), _to_the_base(-8.0, 20.0)
    ('−0.1', '15', '−8')
    >>> _to_the_base(0.001, 22.7), _to_the_base(0.321, 0.0)
    ('0', '0.321')
    """
    if not base or not math.isfinite(base) or value == int(value):
        return number(value)
    places = max(0, 2 - math.floor(math.log10(abs(base))))
    rounded = round(value, places)
    return f"{rounded:,.{places}f}".replace("-", "−") if rounded else "0"


def _cell(row: dict[Any, Any] | None, policy: str, better: int, base: float, brief: bool) -> Text:
    if row is None:
        return Text("–")
    if policy == "none":
        return Text(number(row["mean"]), style="bold")
    says = verdict(row)
    if says == SAME:
        return Text("same", style="dim")
    good = {LOWER: better < 0, HIGHER: better > 0}.get(says)
    style = "dim" if good is None or not better else "green" if good else "red"
    base = max(abs(base), abs(row["difference"])) if base else base
    change = _to_the_base(row["difference"], base)
    change = "≈ 0" if change == "0" else change if change.startswith("−") else f"+{change}"
    if says == ONE_SEED:
        return Text(change, style=style)
    spread = 0.5 * (row["difference_high"] - row["difference_low"])
    half = "0" if spread <= ROUNDING * abs(row["difference"]) else _to_the_base(spread, base)
    if change == "≈ 0" and half == "0":
        return Text(change, style="dim")
    cell = Text(change, style=style)
    if half != "0" or not brief:
        cell.append(f" ± {half}", style="dim")
    if brief:
        return cell.append({LOWER: " ↓", HIGHER: " ↑"}.get(says, "  "), style=style)
    return cell.append(f"\n{says}", style=style)


def failures_table(failures: Sequence[Mapping[str, Any]]) -> Table:
    """Runs that failed, by error: how many, where, and one of them to look into."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title="Runs that failed", title_justify="left")
    for column in ("runs", "error", "where", "one of them"):
        table.add_column(column, overflow="fold")
    by_error: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in failures:
        where = row["traceback"][-1] if row["traceback"] else ""
        by_error.setdefault((row["error"], where), []).append(row)
    for (error, where), rows in by_error.items():
        one = f"{with_name(rows[0]['policy'])}, {against(rows[0]['attacker'])}, seed {rows[0]['seed']}"
        table.add_row(str(len(rows)), error, where, one)
    return table
