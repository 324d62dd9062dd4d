"""What the measures changed: who holds which equipment, which orders came, and what served instead."""

from collections import Counter
from typing import Any

import numpy as np

from agentsim.app.page.words import words
from agentsim.app.replay.recording import Recording
from agentsim.core.messages import Event
from agentsim.core.units import HOURS_PER_DAY
from agentsim.report.tables import number
from agentsim.report.wording.events import event_text, place_name
from agentsim.report.wording.names import ASSETS, district_name, in_language, principal_name
from agentsim.report.wording.orders import order_text

Row = dict[str, Any]
MOST = 6  # lines of each part
LEAST_HOURS = 1  # a smaller difference of an order's hours is not told
# events that tell of help or of resistance, by the name of their sentence
HELP = (
    "own_wells_supply",
    "microgrid_island_begins",
    "capture_fails",
    "intruder_thrown_out",
    "revoked_by_monitor",
    "recalled_by_citizens",
    "attack_declined",
    "attacker_gives_up",
    "attacker_loses_control",
    "wrong_dose_noticed_at_works",
    "wrong_dose_noticed_at_wells",
    "shortage_shared_by_rule",
)
# what the city made or moved by itself: column of the series, word of the page, unit
LOCAL = (
    ("water_local_m3", "served_wells", "m³"),
    ("home_own_mw", "served_homes", "MWh"),
    ("p2p_mwh", "served_p2p", "MWh"),
)
LEAST_SHARE = 0.01  # of the larger side; a smaller difference is not told


def what_changed(left: Recording, right: Recording, lang: str) -> list[Row]:
    """What differs between both runs, in three parts with lines in words.

    Returns
    -------
    list of dict
        ``title`` and ``lines``: who may operate what; orders that came less often or more often; what
        served or resisted instead. A part without lines says so.
    """
    labels = words(lang)
    parts = (
        ("changed_holders", _holders(left, right, lang)),
        ("changed_orders", _orders(left, right, lang)),
        ("changed_served", [*_served(left, right, lang), *_helped(left, right, lang)]),
    )
    return [
        {"title": labels[key], "lines": lines[:MOST] or [labels["changed_nothing"]]} for key, lines in parts
    ]


def _names(recording: Recording) -> dict[str, str]:
    return {row["name"]: row["name_ja"] for row in recording.city_map["districts"]}


def _holders(left: Recording, right: Recording, lang: str) -> list[str]:
    """Who may operate equipment of a kind, before and with the measures; the attacked district first."""
    names, target = _names(left), left.about["target"]
    before = {row["name"]: row for row in left.city_map["assets"]}
    found: dict[tuple, list[Row]] = {}
    for row in right.city_map["assets"]:
        old = before.get(row["name"], {"holders": [], "authority": ""})
        if (old["holders"], old["authority"]) != (row["holders"], row["authority"]):
            kinds = (row["kind"], _kinds(old["holders"]), _kinds(row["holders"]), row["authority"])
            found.setdefault(kinds, []).append(row | {"old": old["holders"]})
    lines = []
    for rows in found.values():
        row = next((one for one in rows if one["district"] == target), rows[0])
        lines.append(_handed(row, len(rows), names, lang))
    return lines


def _kinds(holders: list[str]) -> tuple[str, ...]:
    return tuple(holder.partition(":")[0] for holder in holders)


def _handed(row: Row, count: int, names: dict[str, str], lang: str) -> str:
    labels = words(lang)

    def told(holders: list[str]) -> str:
        return labels["comma"].join(principal_name(one, lang, names) for one in holders) or labels["nobody"]

    district = row["name"].partition(":")[2]
    what = in_language(ASSETS[row["kind"]], lang) if row["kind"] in ASSETS else row["kind"]
    place = district_name(district, lang, names) if district else labels["the_city"]
    rule = labels.get(f"authority_{row['authority']}", "")
    more = labels["changed_more"].format(count - 1) if count > 1 else ""
    text = labels["changed_hands"].format(what, place, told(row["old"]), told(row["holders"]))
    return text + (f" ({rule})" if rule else "") + more


def _orders(left: Recording, right: Recording, lang: str) -> list[str]:
    """Orders by the hours that they were in force in both runs; those that came less stand first."""
    names, labels = _names(left), words(lang)
    before, after = _hours(left), _hours(right)
    lines = []
    for order in sorted({*before, *after}, key=lambda one: (after[one] - before[one], one)):
        if abs(after[order] - before[order]) < LEAST_HOURS:
            continue
        principal, asset, action = order
        both = order_text({"principal": principal, "asset": asset, "action": action}, names)
        text = both[lang == "ja"]
        lines.append(labels["changed_order"].format(text, before[order], after[order]))
    return lines


def _hours(recording: Recording) -> Counter:
    """Hours that each order was in force, by principal, asset and action."""
    total: Counter = Counter()
    for one in recording.about["orders"]:
        total[one["principal"], one["asset"], one["action"]] += one["last"] - one["first"] + 1
    return total


def _served(left: Recording, right: Recording, lang: str) -> list[str]:
    labels, lines = words(lang), []
    for column, key, unit in LOCAL:
        if column in left.series and column in right.series:
            a, b = (float(np.sum(one.series[column], dtype=float)) for one in (left, right))
            if abs(b - a) > LEAST_SHARE * max(abs(a), abs(b)):
                lines.append(labels[key].format(f"{number(round(a))} → {number(round(b))} {unit}"))
    return lines


def _helped(left: Recording, right: Recording, lang: str) -> list[str]:
    """Events of help or resistance that came more often with the measures: the first, and how often."""
    names, labels = _names(right), words(lang)
    before = Counter((event["what"], event["where"]) for event in left.events)
    after = Counter((event["what"], event["where"]) for event in right.events)
    lines, seen = [], set()
    for event in right.events:
        key = (event["what"], event["where"])
        if event["what"] not in HELP or key in seen or after[key] <= before[key]:
            continue
        seen.add(key)
        place = place_name(event["where"], lang, names)
        text = event_text(Event(**event), lang, names)
        day = labels["day"].format(event["hour"] // HOURS_PER_DAY + 1)
        times = labels["times"].format(before[key], after[key])
        lines.append(f"{day}: {place if place not in text else ''} {text} ({times})".replace("  ", " "))
    return lines
