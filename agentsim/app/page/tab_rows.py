"""What the tabs below the maps show, as plain rows."""

import math
import re
from collections.abc import Sequence
from typing import Any

from agentsim.app.page.words import WORDS
from agentsim.app.replay.recording import Recording
from agentsim.core.units import HOURS_PER_DAY
from agentsim.outcomes import OUTCOMES
from agentsim.policies import POLICIES
from agentsim.report.tables import HEADLINES, number, signed
from agentsim.report.wording.names import in_language

Row = dict[str, Any]
SAME = 1e-6  # a smaller relative difference counts as none
GUESSED = 3  # outcomes that a learner guesses


def title(name: str, lang: str) -> str:
    """An outcome's title in one language."""
    one = OUTCOMES[name]
    return one.title_ja if lang == "ja" else one.title


def unit(text: str, lang: str) -> str:
    """A unit as it is shown; a plain number has none.

    >>> unit("JPY/month", "ja"), unit("weighted h", "ja"), unit("1", "en")
    ('円/月', '重み付き時間', '')
    """
    if text == "1":
        return ""
    text = text.replace("m3", "m³")
    if lang != "ja":
        return text
    return _UNITS_JA.get(text) or re.sub(r"[A-Za-z]+", lambda found: _UNITS_JA.get(found[0], found[0]), text)


_UNITS_JA = {
    "weighted h": "重み付き時間",
    "weighted h/h": "重み付き時間/時",
    "m³/h": "m³/時",
    "veh h/h": "台・時間/時",
    "trips/h": "回/時",
    "persons/h": "人/時",
    "km/h": "km/時",
    "1/h": "1/時",
    "1/month": "回/月",
    "person h": "人・時間",
    "JPY": "円",
    "y": "年",
    "month": "月",
    "d": "日",
    "h": "時間",
    "min": "分",
    "customer": "需要家",
    "households": "世帯",
    "districts": "地区",
    "crews": "班",
    "plans": "案",
    "veh": "台",
    "units": "単位",
    "effort": "労力",
    "episodes": "回",
    "jobs": "人",
    "persons": "人",
    "months": "か月",
}


def statement(name: str, lang: str) -> str:
    """The definition of an outcome, in English only; other outcomes are named by their titles."""
    if lang == "ja":
        return ""
    return re.sub(r"``(\w+)``", lambda found: f'"{title(found[1], lang)}"', OUTCOMES[name].statement)


def policy_text(ids: Sequence[str], lang: str, none: str) -> str:
    """Ids with their names; ids alone if there are more than two."""
    names = [f"{id} {POLICIES[id].name_ja if lang == 'ja' else POLICIES[id].name}" for id in ids]
    return in_language(WORDS["comma"], lang).join(ids if len(ids) > 2 else names) or none


def headlines(policies: Sequence[str]) -> list[str]:
    """Outcomes that are shown first: those that the chosen policies should change, then the usual ones."""
    claimed = [POLICIES[id].outcome for id in policies]
    usual = [name for name, _ in HEADLINES] + [entry.outcome for entry in POLICIES.values()]
    return [name for name in dict.fromkeys([*claimed, *usual]) if name in OUTCOMES]


CERTAIN, UNCERTAIN, ONCE = "certain", "uncertain", "once"


def certainty(known: Row | None) -> str:
    """What replications say of a difference: certain if its interval leaves out 0; once if there are none."""
    if known is None or known["low"] is None or known["high"] is None:
        return ONCE
    return CERTAIN if known["low"] > 0 or known["high"] < 0 else UNCERTAIN


def outcome_rows(
    left: Recording | None,
    right: Recording | None,
    spread: Row | None,
    words: Row,
    lang: str,
    headline: str = "",
) -> list[Row]:
    """One row per outcome: both values, the difference, better or worse, and the interval over seeds.

    The outcome of the headline comes first, then the price.
    """
    policies = right.about["policies"] if right else ()
    known_both = left is not None and right is not None
    first = list(dict.fromkeys([*filter(None, [headline]), PRICE, *headlines(policies)]))
    rows = []
    for name in [*first, *(name for name in OUTCOMES if name not in first)]:
        one = OUTCOMES[name]
        a, b = value_of(left, name), value_of(right, name)
        gap = difference_of(a, b)
        known = (spread or {}).get(name)
        rows.append(
            {
                "name": name,
                "title": title(name, lang),
                "unit": unit(one.unit, lang),
                "statement": statement(name, lang),
                "left": _told(left, name, words),
                "right": _told(right, name, words),
                "difference": "–" if math.isnan(gap) or _never(left, right, name) else signed(gap),
                "way": "same" if name == PRICE else _way(gap, known, one.better),  # a price is no chance
                "interval": _interval(known, words) if policies and name != PRICE else "",
                "head": name in first and not (known_both and math.isnan(a) and math.isnan(b)),
            }
        )
    return rows


PRICE = "capital_jpy_per_household_year"


def value_of(recording: Recording | None, name: str) -> float:
    return math.nan if recording is None else recording.outcomes.get(name, math.nan)


def _never(left: Recording | None, right: Recording | None, name: str) -> bool:
    """True if what the outcome waits for did not happen in one of the runs."""
    return any(one is not None and name in one.about.get("never", ()) for one in (left, right))


def _told(recording: Recording | None, name: str, words: Row) -> str:
    return words["never"] if _never(recording, None, name) else number(value_of(recording, name))


def difference_of(a: float, b: float) -> float:
    """The difference b - a; 0 where only the last digits of a computation differ.

    >>> difference_of(1.0, 1.0 + 1e-9), difference_of(math.nan, 1.0)
    (0.0, nan)
    """
    gap = b - a
    return 0.0 if abs(gap) <= SAME * max(abs(a), abs(b), SAME) else gap


def _way(gap: float, known: Row | None, better: int) -> str:
    """Better or worse by the replications; ``once`` is added where only this run says it."""
    found = certainty(known)
    if found == UNCERTAIN:
        return "same" if known and not any(_noiseless(known, key) for key in ("low", "high")) else UNCERTAIN
    change = gap if found == ONCE or known is None else known["difference"]
    if math.isnan(change) or not better or change == 0:
        return "same"
    way = "better" if change * better > 0 else "worse"
    return way if found == CERTAIN else f"{way}_{ONCE}"


def _interval(known: Row | None, words: Row) -> str:
    if known is None or known["low"] is None or known["high"] is None:
        return words["one_seed"]
    difference, low, high = (_noiseless(known, key) for key in ("difference", "low", "high"))
    return f"{signed(difference)} [{signed(low)}, {signed(high)}]"


def _noiseless(known: Row, key: str) -> float:
    scale = max(abs(known.get("mean") or 0.0), abs(known.get("mean_without") or 0.0), SAME)
    return 0.0 if abs(known[key]) <= SAME * scale else known[key]


def guess_rows(
    left: Recording | None,
    right: Recording | None,
    policies: Sequence[str],
    spread: Row | None,
    lang: str,
) -> list[Row]:
    """Outcomes that a learner guesses: start and end of the slider, and the result."""
    if left is None:
        return []
    claimed = [POLICIES[id].outcome for id in policies]
    usual = ["deprivation_target_district", "deprivation_mean", "ens_mwh", "water_unserved_m3"]
    wanted = [name for name in dict.fromkeys([*claimed[:1], *usual, *claimed]) if name in OUTCOMES]
    names = [name for name in wanted if not math.isnan(value_of(left, name))][:GUESSED]
    rows = []
    for name in names:
        base, result = value_of(left, name), value_of(right, name)
        known = (spread or {}).get(name)
        rows.append(
            {
                "name": name,
                "title": title(name, lang),
                "unit": unit(OUTCOMES[name].unit, lang),
                "left": base,
                "right": None if math.isnan(result) else result,
                # the length of the slider does not depend on the result, so that it does not give it away
                "top": round_up(2.0 * abs(base)) or 1.0,
                "low": None if known is None or known["low"] is None else base + known["low"],
                "high": None if known is None or known["high"] is None else base + known["high"],
            }
        )
    return rows


def round_up(value: float) -> float:
    """Rounded up to one digit: 74 becomes 80."""
    if value <= 0:
        return 0.0
    scale = 10.0 ** math.floor(math.log10(value))
    return math.ceil(value / scale) * scale


# ---- the tab "why did this happen" --------------------------------------------------------------------


def when(hour: int, words: Row) -> str:
    """Day and hour of a run.

    >>> when(77, {"day": "Day {}"})
    'Day 4 05:00'
    """
    return f"{words['day'].format(hour // HOURS_PER_DAY + 1)} {hour % HOURS_PER_DAY:02d}:00"


def explained(left: Recording | None) -> list[str]:
    """Outcomes that are made up of hours, the usual ones first."""
    if left is None:
        return []
    made = {name for name, columns in left.about["drivers"].items() if columns}
    return [name for name in dict.fromkeys([*headlines(()), *OUTCOMES]) if name in made]


def trail_rows(spans: Sequence[Row], words: Row, lang: str) -> list[Row]:
    """Spans of hours as rows: when, the share of the total, the orders and events behind them."""
    own, where = ("text_ja", "place_ja") if lang == "ja" else ("text", "place")
    rows = []
    for span in spans:
        behind = [f"{when(one['first'], words)} {one[own]}" for one in span["orders"]]
        for event in span["events"]:
            text, place = event[own], event[where]
            before = "" if place in text else f"{place}: "
            behind.append(f"{when(event['hour'], words)} {before}{text}")
        last = when(span["last"] + 1, words)
        rows.append(
            {
                "hour": span["peak_hour"],
                "when": f"{when(span['first'], words)} – {last}",
                "share": round(100 * span["share"]),
                "behind": list(dict.fromkeys(behind)),
            }
        )
    return rows
