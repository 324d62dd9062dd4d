"""What happened, in order: the events of a run told in short lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentsim.core.messages import Event
from agentsim.core.units import HOURS_PER_DAY
from agentsim.report.wording.events import RUNNING_TOTALS, event_text, place_name
from agentsim.report.wording.names import NETWORKS

MERGE_WITHIN_H = 24  # the same thing again within a day is one line
# within an hour: who attacks, what is cut, then what others notice and do
FIRST = ("published", "attack", "restriction")


@dataclass
class Passage:
    """A line of the story: one thing that happened, maybe in several places, maybe again and again."""

    kind: str
    event: Event  # whose sentence is told
    first: int
    last: int
    places: list[str] = field(default_factory=list)
    times: int = 1
    alike: bool = True  # each time in the same words, numbers included

    def line(self) -> str:
        until = f" to {clock(self.last)}" if self.last > self.first else ""
        again = f" ({self.times} times)" if self.alike else f" (and {self.times - 1} more like it)"
        again = again if self.times > 1 else ""
        places, text = ", ".join(self.places), event_text(self.event, "en")
        return f"{clock(self.first)}{until}  {self.kind}: {places}: {text}{again}"


def clock(hour: int) -> str:
    """Day and hour of a run; the first day is day 1.

    >>> clock(77)
    'day 4 05:00'
    """
    return f"day {hour // HOURS_PER_DAY + 1} {hour % HOURS_PER_DAY:02d}:00"


def passages(events: Iterable[Event]) -> list[Passage]:
    """Events merged: the same thing in several places at one hour, and repeated within a day."""
    found: list[Passage] = []
    newest: dict[Any, Passage] = {}
    for event in sorted(events, key=_order):
        kind = event.kind.split("/")[0]  # what follows a slash tells states apart, not kinds
        alike, place = (kind, event.what, _alike(event.fields, event.where)), place_name(event.where, "en")
        one = newest.get(alike)
        if one is None or event.hour - one.last > MERGE_WITHIN_H:
            one = newest[alike] = Passage(kind, event, event.hour, event.hour, [place])
            found.append(one)
            continue
        one.last = event.hour
        if event.what in RUNNING_TOTALS:
            one.event = event
            continue
        one.times += 1
        one.alike &= event_text(event, "en") == event_text(one.event, "en")
        if place not in one.places:
            one.places.append(place)
    return found


def _alike(value: Any, where: str) -> Any:
    """What has to be the same in two events of one passage: all but numbers and the place itself.

    >>> _alike({"culprits": ["municipality:Hill"], "hours": 3, "by_hand": True}, "Hill")
    (('culprits', ('municipality:@',)), ('hours', None), ('by_hand', True))
    """
    if isinstance(value, dict):
        return tuple((name, _alike(each, where)) for name, each in value.items())
    if isinstance(value, list):
        return tuple(_alike(each, where) for each in value)
    if isinstance(value, str):
        return value.replace(where, "@")
    return value if isinstance(value, bool) else None


def _order(event: Event) -> tuple[int, int]:
    kind = event.kind.split("/")[0]
    return event.hour, FIRST.index(kind) if kind in FIRST else len(FIRST)


def unnoticed(events: Iterable[Event]) -> list[str]:
    """Cuts that figures denied and no alarm about that network and district told of, in a line each."""
    hidden: dict[tuple[str, str], None] = {}
    for event in events:
        kind, _, network = event.kind.partition("/")
        if kind == "restriction" and event.fields.get("denied"):
            hidden[event.where, network] = None
        elif kind == "alarm":
            hidden.pop((event.where, event.fields.get("network", "")), None)
    return [
        f"Until the end no alarm reported the hidden cut of {NETWORKS[network][0]} in "
        f"{place_name(where, 'en')}."
        for where, network in hidden
    ]


def story(events: Sequence[Event], lines: int = 40) -> list[str]:
    """The events of a run as at most *lines* lines in order; the commonest kinds give way first."""
    told = passages(events)
    hidden: dict[str, int] = {}
    while len(told) > lines:
        count: dict[str, int] = {}
        for one in told:
            count[one.kind] = count.get(one.kind, 0) + 1
        commonest = max(count, key=lambda kind: (count[kind], kind))
        keep = max(0, lines - (len(told) - count[commonest]))
        mine = [one for one in told if one.kind == commonest]
        drop = mine[keep:]
        told = [one for one in told if one not in drop]
        hidden[commonest] = hidden.get(commonest, 0) + sum(one.times for one in drop)
    texts = [one.line() for one in told]
    if hidden:
        more = ", ".join(f"{count:,} of kind {kind}" for kind, count in sorted(hidden.items()))
        texts.append(f"... and more events that are not shown here ({more}); --out saves every event")
    return texts + unnoticed(sorted(events, key=_order)) or ["No unusual event happened."]
