"""Outcomes as tables in a terminal: of one run by subject, of a comparison every one with its interval."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from agentsim.institutions.employment import BRANCHES
from agentsim.place.cases import SECTORS
from agentsim.report.labels import against, capital, with_name

if TYPE_CHECKING:
    import pandas as pd

SUBJECTS: dict[str, tuple[str, ...]] = {
    "people": (
        *("deprivation_mean", "deprivation_target_district", "deprivation_worst_district"),
        *("deprivation_gini", "cvar95_deprivation", "output_lost_frac", "trust_end"),
        *("households_moved", "protest_peak_frac", "autonomy_h", "food_short_household_days"),
        *(f"output_lost_frac_{sector}" for sector in SECTORS),
    ),
    "power": (
        *("ens_mwh", "saidi_h", "saifi", "maifi", "power_restricted_mwh", "curtailed_mwh"),
        *("renewable_share", "local_share", "reserve_mwh", "reserve_cost_jpy", "peak_mw", "evening_ramp_mw"),
        *("forecast_error_frac", "forecast_error_hour_ahead_frac"),
        *("outages", "largest_outage_mwh", "ens_largest_tenth_frac", "caidi_h"),
        *("pv_homes_frac", "battery_homes_frac", "adoption_morans_i"),
    ),
    "water": (
        *("water_unserved_m3", "water_restricted_m3", "water_service_availability", "leakage_share"),
        *("contamination_person_h", "local_water_share", "rain_used_m3", "water_table_m"),
        *("rain_tank_homes_frac",),
        *("bursts", "bursts_open", "leaks_not_found", "leak_awareness_h", "leak_location_h"),
        *("false_leak_alarms", "leak_inspections", "pipe_age_y", "mains_overdue_frac", "road_works_h"),
    ),
    "roads": (
        *("trips_stranded", "trips_restricted", "accessibility_frac", "delay_h_per_trip", "crashes"),
        *("delay_h_per_person_trip", "empty_km_share", "automated_km_share", "ride_mode_share"),
        *("ride_empty_km_share", "rides_left_share", "driving_jobs_displaced_share"),
        *("casualties", "crashes_happened", "crashes_per_million_km", "crashes_blocked_h"),
        *("vehicle_km", "road_fuel_t", "transit_mode_share", "transit_cost_jpy_per_pkm"),
        *("transit_crowding_frac", "transit_left_persons", "transit_bus_h_per_day"),
        *("transit_frequency_per_h", "transit_subsidy_jpy_per_household_year", "bus_drivers"),
        *("carless_jobs_reached_frac", "carless_jobs_reached_frac_poorest"),
    ),
    "supply": (
        *("fuel_unserved_t", "fuel_restricted_t", "fuel_stockout_days", "minerals_unserved_t"),
        "minerals_stockout_days",
        *("resource_import_share", "oil_share", "oil_produced_t", "reserves_t", "supplier_hhi"),
        *("fuel_price_jpy_per_l", "minerals_price_index", "food_price_index", "extraction_cost_jpy_per_t"),
        *("extraction_margin_jpy", "extraction_stranded_jpy", "extraction_jobs"),
        "equipment_built_frac",
    ),
    "money": (
        *("bill_jpy_per_household_month", "bill_burden_lowest_decile", "power_price_jpy_per_kwh"),
        *("water_price_jpy_per_m3", "water_price_renewal_jpy_per_m3", "water_price_desalination_jpy_per_m3"),
        *("bill_lowest_decile_jpy_per_month", "bill_highest_decile_jpy_per_month"),
        *("bill_adopters_jpy_per_month", "bill_others_jpy_per_month", "capital_jpy_per_household_year"),
        *("loss_jpy_per_household", "social_cost_jpy_per_household_year"),
    ),
    "work and industry": (
        *("jobs_displaced", "jobs_not_found", "wages_lost_jpy", *(f"jobs_{branch}" for branch in BRANCHES)),
        *("incumbent_margin_jpy", "incumbent_profit_jpy", "incumbent_lost_jpy", "stranded_assets_jpy"),
        *("lobbying_months", "lobbying_jpy"),
    ),
    "environment": (*("co2_t", "co2_embodied_t", "co2_exported_t", "resource_co2_t", "waste_t", "land_ha"),),
    "engine": ("hydraulics_unsolved_h", "water_residual_m3"),
    "attack": (
        *("attacks_begun", "attack_payoff", "conceded", "concession_chance", "time_to_concession_h"),
        *("concession_loss_jpy", "hidden_loss_mwh", "false_alarms", "wrongly_charged"),
        *("time_to_detection_h", "time_to_proof_h", "time_to_revocation_h", "smallest_capture_set"),
        *("smallest_capture_set_power", "smallest_capture_set_water", "smallest_capture_set_roads"),
        *("single_captors_water", "water_control_edges", "reach_hhi"),
    ),
}

# What a stranger is shown first of a comparison, with a short heading and a heading unit.
HEADLINES = (
    ("deprivation_target_district", "deprivation,\ntarget district"),
    ("deprivation_worst_district", "deprivation,\nworst district"),
    ("deprivation_mean", "deprivation,\nwhole city"),
    ("concession_chance", "chance of a\nconcession"),
    ("time_to_concession_h", "time to a\nconcession"),
    ("ens_mwh", "power not\nserved"),
    ("water_unserved_m3", "water not\nserved"),
    ("accessibility_frac", "trips made,\nof those wanted"),
    ("bill_jpy_per_household_month", "household\nbill"),
    ("capital_jpy_per_household_year", "cost of the\nmeasures"),
)

# Where districts may give in, a siege ends at what they can bear: deprivation is then no measure of harm.
HARM = ("deprivation_target_district", "deprivation_worst_district", "deprivation_mean")
TO_CONCESSION = "time_to_concession_h"

ROUNDING = 1e-5  # relative; a smaller difference is told as none

WIDTH = 80  # of a page of text
GAPS = 10  # characters between the columns of a table

Cells = dict[str, dict[Any, Any]]  # outcome -> row
Rows = dict[str, Cells]  # policy -> outcome -> row

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


# What a reader must know of the intervals of each method (``experiments/statistics/intervals.py``).
METHODS = {
    "t_few": "Fewer than 6 pairs: the interval (Student's t) is right for normally distributed differences. "
    "For skewed differences, and for effects that appear in few runs, it is too narrow.",
    "flip": "6 to 11 pairs: the wider of a sign-flip and a bootstrap interval.",
    "t": "12 pairs or more: the wider of Student's t and a bootstrap interval.",
    "t_many": "200 pairs or more: the wider of Student's t and the same moved for skew.",
    "exact": "What happens once in a run or not at all has an exact interval.",
}
BREAK_EVEN = "break_even_attacks_per_year"
DELAYS = (
    "Times until an abuse is known, proven and ended by a revocation are hours within the run (restricted "
    "means): the end of the run counts where it did not happen, and 0 where there was no abuse."
)
TIMES = ("time_to_detection_h", "time_to_proof_h", "time_to_revocation_h")


def verdict(row: Mapping[Any, Any]) -> str:
    """What a difference says, by its interval: lower, higher, no difference shown, same, or one seed."""
    low, high = row["difference_low"], row["difference_high"]
    nothing = ROUNDING * abs(row["mean"])
    unchanged = 0 < row.get("same", 0) == row["n"]
    if unchanged or (abs(row["difference"]) <= nothing and not high - low > nothing):
        return SAME
    if math.isnan(low):
        return ONE_SEED
    return HIGHER if low > 0 else LOWER if high < 0 else UNCLEAR


LEVEL = 0.05  # of the corrected p-values of a comparison
BY_CHANCE = "*"  # beside a difference that the correction does not keep


def may_be_chance(row: Mapping[Any, Any]) -> bool:
    """Whether the interval of a difference excludes 0 only because so many were looked at together."""
    return verdict(row) in (LOWER, HIGHER) and row.get("p_adjusted", 0.0) > LEVEL


def correction_notes(table: "pd.DataFrame", said: Collection[str]) -> list[str]:
    """How many differences the correction is for, and what the mark means; nothing where none was told.

    *said* are the words and marks that a reader sees.
    """
    if "p_value" not in table or not {LOWER, HIGHER} & set(said):
        return []
    tests = int(table["p_value"].notna().sum())
    begin = f"{tests} differences were looked at. Where there is none, one interval in twenty excludes 0"
    if BY_CHANCE in said:
        return [f"{begin}: {BY_CHANCE} may be one (p corrected by Benjamini and Hochberg, above {LEVEL})."]
    return [f"{begin}. What is told here stays after a correction for that (Benjamini and Hochberg)."]


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
            cells = [f"  {title}", value, shown_units[name], name]
            table.add_row(*cells[: len(table.columns)])
        if names:
            table.add_section()
    return table


def rows_of(table: "pd.DataFrame", attacker: str) -> Rows:
    """The rows of one attacker: policy -> outcome -> row; only outcomes that have a value."""
    found: Rows = {}
    for row in table[table["attacker"] == attacker].to_dict("records"):
        if not math.isnan(row["mean"]):
            found.setdefault(row["policy"], {})[row["outcome"]] = row
    return found


def headline_rows(table: "pd.DataFrame", attacker: str) -> Rows:
    """The rows of one attacker, of the headline outcomes; without harm where districts may give in."""
    rows = rows_of(table[table["outcome"].isin([name for name, _ in HEADLINES])], attacker)
    if not any(TO_CONCESSION in cells for cells in rows.values()):
        return rows
    return {policy: {k: cell for k, cell in cells.items() if k not in HARM} for policy, cells in rows.items()}


def comparison_blocks(
    table: "pd.DataFrame", better: Mapping[str, int], names: Mapping[str, str], titles: Mapping[str, str]
) -> Iterable[RenderableType]:
    """Every outcome that a policy changes, with its interval: a table for each attacker and policy."""
    seeds = len(table.attrs["seeds"])
    for attacker in dict.fromkeys(table["attacker"]):
        rows = rows_of(table, attacker)
        base = rows.get("none", {})
        begin = capital(against(attacker, table.attrs.get("mind", "")))
        yield Text(f"\n{begin}: change against no policy, {seeds} seed{'s' * (seeds != 1)}", style="bold")
        for policy, cells in rows.items():
            if policy != "none":
                yield Text(f"\n{policy} {names.get(policy, '')}", style="bold")
                yield _changes(cells, base, better, titles)
    yield Text(
        "Change and its 95 % interval: mean difference, paired by seed.\n"
        "lower, higher: the interval does not contain 0; else no difference that these seeds can show.\n"
        "≈ 0: too little to show. Outcomes that are the same in every seed are left out.",
        style="dim",
    )
    marks = {LOWER} | {BY_CHANCE for row in table.to_dict("records") if may_be_chance(row)}
    for note in [*correction_notes(table, marks), *notes_on(table)]:
        yield Text(note, style="dim")


def notes_on(table: "pd.DataFrame") -> list[str]:
    """What a reader must know of the intervals and delays of a comparison; only what occurs in it."""
    changed = table[table["difference"].notna()]
    used = set(changed.get("method", ()))
    notes = [note for method, note in METHODS.items() if method in used]
    notes += [DELAYS] * bool(set(changed["outcome"]) & set(TIMES))
    return notes + _never_even(table)


def _never_even(table: "pd.DataFrame") -> list[str]:
    """Which measures avoid no loss that these seeds can show, so that no number of attacks makes them pay."""
    rates = table[(table["outcome"] == BREAK_EVEN) & table["mean"].isna()]
    return [
        f"No break-even attack rate {against(attacker, table.attrs.get('mind', ''))} for "
        f"{', '.join(rates[rates['attacker'] == attacker]['policy'])}: no avoided loss can be shown."
        for attacker in dict.fromkeys(rates["attacker"])
    ]


def pairs_of(rows: Iterable[Mapping[Any, Any]]) -> str:
    """The number of pairs of each of *rows*: one number if it is the same, else the fewest and the most.

    >>> pairs_of([{"n": 5}, {"n": 5}]), pairs_of([{"n": 5}, {"n": 2}])
    ('5', '2 to 5')
    """
    counts = sorted({int(row["n"]) for row in rows})
    return str(counts[0]) if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"


def _changes(cells: Cells, base: Cells, better: Mapping[str, int], titles: Mapping[str, str]) -> Table:
    """One policy: outcome, its value without the policy, the change, its interval, the verdict."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("outcome", overflow="fold")
    for head in ("no policy", "change", "95 % interval"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    order = [name for names in SUBJECTS.values() for name in names]
    most = max(row["n"] for row in cells.values())
    for name in dict.fromkeys((*(name for name in order if name in cells), *cells)):
        row = cells[name]
        says = verdict(row)
        if says == SAME or math.isnan(row["difference"]):
            continue
        without = base[name]["mean"] if name in base else math.nan
        scale = max(abs(without), abs(row["difference"])) if without else 0.0
        change = _to_the_base(row["difference"], scale)
        if change == "0":
            says, change = UNCLEAR, "≈ 0"
        table.add_row(
            _outcome_text(row, titles.get(name, name), most),
            number(without),
            change if change[0] in "−≈–" else f"+{change}",
            _interval_text(row["difference_low"], row["difference_high"], scale),
            Text(_told(row, says), style=style_of(says, better.get(name, 0))),
        )
    return table


def _told(row: Mapping[Any, Any], says: str) -> str:
    return f"{says}{BY_CHANCE * may_be_chance(row)}" if says in (LOWER, HIGHER) else ""


def _outcome_text(row: Mapping[Any, Any], title: str, most: int) -> str:
    """An outcome with its unit; how many runs had no value, and how many pairs, where they are fewer."""
    unit = f" [{row['unit']}]" if row["unit"] != "1" else ""
    lacking = f", no value in {row['undefined']} of the runs" if row.get("undefined") else ""
    fewer = f", {row['n']} of {most} pairs" if row["n"] < most else ""
    return f"{title}{escape(unit)}{lacking}{fewer}"


def _interval_text(low: float, high: float, scale: float) -> str:
    if math.isnan(low):
        return "–"
    return f"{_to_the_base(low, scale)} to {_to_the_base(high, scale)}"


def style_of(says: str, better: int) -> str:
    """The colour of a verdict: green for the better, red for the worse."""
    if says not in (LOWER, HIGHER) or not better:
        return "dim"
    return "green" if (says == HIGHER) == (better > 0) else "red"


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
