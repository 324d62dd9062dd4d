"""Why did this happen: from an outcome back to its hours, and to the orders and events behind them."""

from typing import Any

import numpy as np

from agentsim.app.replay.recording import Recording
from agentsim.core.messages import Event
from agentsim.core.units import HOURS_PER_DAY
from agentsim.outcomes import OUTCOMES
from agentsim.report.wording.events import event_text, place_name
from agentsim.report.wording.orders import order_text

HARM = ("deprivation", "unserved", "short", "lost", "stranded", "restricted", "delay", "stockouts", "hidden")
NETWORKS = {"power": "power", "water": "water", "trips": "roads", "delay": "roads", "fuel": "supply"}
PART_OF_PEAK = 0.1  # hours above this share of the worst one belong to a span
GAP_H = 6  # spans nearer to each other are one
LOOK_BACK_H = 24  # what began so long before a span may be behind it
MOST_CAUSES = 6
# kinds of events in which something ended or went well
GOOD = ("recovery", "revocation", "island", "quit")


def trail(recording: Recording, outcome: str, limit: int = 5) -> list[dict[str, Any]]:
    """The hours that made an outcome, worst first, and what was behind them.

    Parameters
    ----------
    recording : of the run
    outcome : name of an outcome
    limit : most spans of hours

    Returns
    -------
    list of dict
        ``first, last`` hours of the span; ``share`` of the whole; ``peak_hour``; ``district`` whose hours
        these are (-1: the city's); ``orders`` and ``events`` behind them with ``text`` and ``text_ja``, and
        events with ``place`` and ``place_ja``;
        ``text, text_ja`` of the span itself. Empty where the outcome is made of no hours, or none were bad.
    """
    hours, district = hourly(recording, outcome)
    total = float(hours.sum())
    if not total > 0.0:
        return []
    found = []
    for first, last in _spans(hours):
        part = hours[first : last + 1]
        found.append((float(part.sum()) / total, first, last, first + int(part.argmax())))
    network = _network(recording, outcome)
    return [
        _told(recording, share, (first, last), peak, district=district, network=network)
        for share, first, last, peak in sorted(found, key=lambda entry: (-entry[0], entry[1]))[:limit]
    ]


def hourly(recording: Recording, outcome: str) -> tuple[np.ndarray, int]:
    """What each hour adds to an outcome, array (hours,), and the district that it is measured in, -1: all."""
    columns = recording.about["drivers"].get(outcome, [])
    columns = [name for name in columns if name in recording.by_district or name in recording.series]
    if not columns:
        return np.zeros(recording.hours), -1
    harm = [name for name in columns if any(word in name for word in HARM)]
    name = (harm or columns)[0]
    if name in recording.by_district:
        values, district = _of_district(recording, name, recording.outcomes.get(outcome, float("nan")))
    else:
        values, district = recording.series[name].astype(float), -1
    if not harm and OUTCOMES[outcome].better > 0 and len(columns) > 1:
        whole = _city(recording, columns[1])
        return np.maximum(whole - values, 0.0), district
    return (values if harm else values - values.min(initial=np.inf)), district


def _of_district(recording: Recording, name: str, value: float) -> tuple[np.ndarray, int]:
    """The column of the district whose sum is the outcome, the attacked one first; else the city's."""
    table = recording.by_district[name].astype(float)
    sums, target = table.sum(axis=0), recording.about["target"]
    for d in dict.fromkeys([target, int(sums.argmax())]):
        if d >= 0 and value > 0 and abs(sums[d] - value) <= 1e-3 * value:
            return table[:, d], d
    return _city(recording, name), -1


def _city(recording: Recording, name: str) -> np.ndarray:
    """A column for the whole city: summed over districts, or the mean over people of what is a head."""
    if name in recording.series:
        return recording.series[name].astype(float)
    table = recording.by_district[name].astype(float)
    if name != "deprivation_h":
        return table.sum(axis=1)
    people = np.array([row["people"] for row in recording.city_map["districts"]], float)
    return table @ people / people.sum()


def _spans(hours: np.ndarray) -> list[tuple[int, int]]:
    """Runs of hours near the worst, with short gaps closed."""
    bad = np.flatnonzero(hours > PART_OF_PEAK * hours.max())
    breaks = np.flatnonzero(np.diff(bad) > GAP_H)
    starts = bad[np.concatenate([[0], breaks + 1])]
    ends = bad[np.concatenate([breaks, [len(bad) - 1]])]
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _network(recording: Recording, outcome: str) -> str:
    """The network whose orders and events matter; empty: any."""
    for column in recording.about["drivers"].get(outcome, [])[:1]:
        for begins, network in NETWORKS.items():
            if column.startswith(begins):
                return network
    return ""


def _told(
    recording: Recording, share: float, span_h: tuple[int, int], peak: int, *, district: int, network: str
) -> dict[str, Any]:
    first, last = span_h
    towns = recording.city_map["districts"]
    names = {row["name"]: row["name_ja"] for row in towns}
    where = towns[district] if district >= 0 else {"name": "the city", "name_ja": "市全体"}
    orders = _orders(recording, first, last, district, network, names)
    events = _events(recording, first, last, district, names)
    span, span_ja = _clock(first, last)
    percent = f"{100 * share:.0f} %"
    return {
        "first": first,
        "last": last,
        "share": share,
        "peak_hour": peak,
        "district": district,
        "orders": orders,
        "events": events,
        "text": f"{span}: {percent} of the whole, in {where['name']}",
        "text_ja": f"{span_ja}:全体の{percent}({where['name_ja']})",
    }


def _clock(first: int, last: int) -> tuple[str, str]:
    """A span of hours in both languages; the first day is day 1."""
    (d1, h1), (d2, h2) = divmod(first, HOURS_PER_DAY), divmod(last + 1, HOURS_PER_DAY)
    return (
        f"day {d1 + 1} {h1:02d}:00 to day {d2 + 1} {h2:02d}:00",
        f"{d1 + 1}日目{h1}時から{d2 + 1}日目{h2}時まで",
    )


def _orders(
    recording: Recording, first: int, last: int, district: int, network: str, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Orders in force during the span, the longest first."""
    assets = {row["name"]: row for row in recording.city_map["assets"]}
    found = []
    for order in recording.about["orders"]:
        asset = assets.get(order["asset"], {"district": -1, "network": ""})
        inside = min(order["last"], last) - max(order["first"], first) + 1
        here = district < 0 or asset["district"] in (-1, district)
        if inside > 0 and here and network in ("", asset["network"]) and order["action"] != "restore":
            text, text_ja = order_text(order, names)
            found.append((-inside, order["first"], order | {"text": text, "text_ja": text_ja}))
    return [order for _, _, order in sorted(found, key=lambda entry: entry[:2])[:MOST_CAUSES]]


def _events(
    recording: Recording, first: int, last: int, district: int, names: dict[str, str]
) -> list[dict[str, Any]]:
    """Events of the span and of the day before it, in order; those of other districts are left out."""
    own = list(names)[district] if district >= 0 else ""
    found = []
    for event in recording.events:
        if not first - LOOK_BACK_H <= event["hour"] <= last or event["kind"].split("/")[0] in GOOD:
            continue
        if own and event["where"] in names and event["where"] != own:
            continue
        found.append(event | _in_words(event, names))
    weight = {"attack": 0, "capture": 1, "concession": 2, "restriction": 3, "blackout": 4}
    ranked = sorted(found, key=lambda e: (weight.get(e["kind"].split("/")[0], 5), e["hour"]))[:MOST_CAUSES]
    return sorted(ranked, key=lambda event: event["hour"])


def _in_words(event: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """Sentence and place of an event in both languages."""
    one = Event(**event)
    return {
        "text": event_text(one, "en"),
        "text_ja": event_text(one, "ja", names),
        "place": place_name(one.where, "en"),
        "place_ja": place_name(one.where, "ja", names),
    }
