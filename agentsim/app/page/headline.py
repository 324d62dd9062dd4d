"""The headline: what happened, what the countermeasures change, their price, and how certain that is."""

import math
from collections.abc import Mapping
from typing import Any

from agentsim.app.page.tab_rows import CERTAIN, UNCERTAIN, certainty, title, unit
from agentsim.app.page.words import words
from agentsim.app.replay.recording import Recording
from agentsim.outcomes import OUTCOMES
from agentsim.report.tables import number
from agentsim.report.wording.names import district_name

# what happened without countermeasures and with them; {a} and {b} are the two values
_SAID: dict[str, tuple[str, str]] = {
    "deprivation_target_district": (
        "{place} went without for {a} hours a head (weighted)",
        "{place}では、生活の不自由さが1人あたり{a}時間(重み付き)",
    ),
    "deprivation_mean": (
        "People went without for {a} hours a head (weighted, city mean)",
        "生活の不自由さは、市の平均で1人あたり{a}時間(重み付き)",
    ),
    "ens_mwh": ("The city lacked {a} MWh of power", "市全体で{a} MWhの電気が不足"),
    "water_unserved_m3": ("The city lacked {a} m³ of water", "市全体で{a} m³の水が不足"),
    "fuel_unserved_t": ("The city lacked {a} t of fuel", "市全体で{a} tの燃料が不足"),
    "fuel_price_jpy_per_l": ("A litre of fuel cost {a} yen", "燃料は1リットル{a}円"),
    "minerals_price_index": ("Minerals cost {a} times the usual", "鉱物の価格は平常時の{a}倍"),
    "contamination_person_h": (
        "People had unsafe tap water for {a} person-hours",
        "危険な水道水にさらされた時間は{a}人・時間",
    ),
    "bill_jpy_per_household_month": (
        "A household paid {a} yen a month for power and water",
        "光熱・水道代は1世帯で月{a}円",
    ),
    "time_to_concession_h": ("{place} gave in after {a} hours", "{place}は{a}時間で屈服"),
}
_NEVER = ("{place} did not give in", "{place}は屈服せず")


def outcome_of(wanted: str, left: Recording, until_concession: bool) -> str:
    """The outcome that the headline tells: time to a concession where districts may give in.

    Where the wanted one has no value, as deprivation in a target without an attack, it is the city's mean.
    """
    if until_concession and not math.isnan(left.outcomes.get("time_to_concession_h", math.nan)):
        return "time_to_concession_h"
    return wanted if not math.isnan(left.outcomes.get(wanted, math.nan)) else "deprivation_mean"


def headline(
    left: Recording,
    right: Recording | None,
    outcome: str,
    spread: Mapping[str, Any] | None,
    lang: str,
) -> str:
    """One sentence; without the second part where *right* is None because its result is hidden."""
    labels = words(lang)
    told = _value_told(left, outcome, lang)
    if right is None:
        return told + labels["stop"]
    policies = right.about["policies"]
    if not policies:
        return told + labels["stop"] + labels["head_choose"]
    parts = [
        told,
        labels["head_with"].format(_short(policies, labels), _again(right, outcome, lang)),
        labels["head_price"].format(number(round(right.outcomes["capital_jpy_per_household_year"]))),
        _certain(left, right, outcome, spread, labels),
    ]
    return labels["semicolon"].join(parts) + labels["stop"]


def _short(policies: list[str], labels: Mapping[str, str]) -> str:
    return "+".join(policies) if len(policies) <= 3 else labels["head_many"].format(len(policies))


def _value_told(recording: Recording, outcome: str, lang: str) -> str:
    ja = lang == "ja"
    value, place = recording.outcomes.get(outcome, math.nan), _place(recording, lang)
    if outcome in recording.about.get("never", ()):
        return _NEVER[ja].format(place=place)
    if outcome in _SAID:
        return _SAID[outcome][ja].format(a=number(value), place=place)
    return f"{title(outcome, lang)}: {number(value)} {unit(OUTCOMES[outcome].unit, lang)}".rstrip()


def _again(recording: Recording, outcome: str, lang: str) -> str:
    """The same outcome of the other run, as short as possible."""
    if outcome in recording.about.get("never", ()):
        return words(lang)["never"]
    return number(recording.outcomes.get(outcome, math.nan))


def _place(recording: Recording, lang: str) -> str:
    target, rows = recording.about["target"], recording.city_map["districts"]
    if target < 0:
        return words(lang)["the_city"]
    names = {row["name"]: row["name_ja"] for row in rows}
    return district_name(rows[target]["name"], lang, names)


def _certain(
    left: Recording,
    right: Recording,
    outcome: str,
    spread: Mapping[str, Any] | None,
    labels: Mapping[str, str],
) -> str:
    known = (spread or {}).get(outcome)
    if known is not None and known["low"] == known["high"] == 0:
        return labels["head_same"]
    found = certainty(known)
    if found == CERTAIN:
        return labels["head_certain"].format(known["n"])  # type: ignore[index]
    if found == UNCERTAIN:
        return labels["head_uncertain"].format(known["n"])  # type: ignore[index]
    same = left.outcomes.get(outcome) == right.outcomes.get(outcome)
    return labels["head_same" if same else "head_once"]
