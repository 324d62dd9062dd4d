"""What happened, in order: the events of a run told in short lines."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agentsim.core.messages import Event
from agentsim.core.units import HOURS_PER_DAY

MERGE_WITHIN_H = 24  # the same thing again within a day is one line
# within an hour: who attacks, what is cut, then what others notice and do
FIRST = ("published", "attack", "restriction")
RUNNING = "so far"  # ends a text that carries a running total: the newest is told


@dataclass
class Passage:
    """A line of the story: one thing that happened, maybe in several places, maybe again and again."""

    kind: str
    text: str
    first: int
    last: int
    places: list[str] = field(default_factory=list)
    times: int = 1
    alike: bool = True  # each time in the same words, numbers included

    def line(self) -> str:
        until = f" to {clock(self.last)}" if self.last > self.first else ""
        again = f" ({self.times} times)" if self.alike else f" (and {self.times - 1} more like it)"
        again = again if self.times > 1 else ""
        return f"{clock(self.first)}{until}  {self.kind}: {', '.join(self.places)}: {self.text}{again}"


def clock(hour: int) -> str:
    """Day and hour of a run; the first day is day 1.

    >>> clock(77)
    'day 4 05:00'
    """
    return f"day {hour // HOURS_PER_DAY + 1} {hour % HOURS_PER_DAY:02d}:00"


def passages(events: Iterable[Event]) -> list[Passage]:
    """Events merged: the same thing in several places at one hour, and repeated within a day."""
    found: list[Passage] = []
    newest: dict[tuple[str, str], Passage] = {}
    for event in sorted(events, key=_order):
        kind = event.kind.split("/")[0]  # what follows a slash tells states apart, not kinds
        alike = (kind, re.sub(r"\d[\d.,]*", "#", event.text.replace(event.where, "@")))
        one = newest.get(alike)
        if one is None or event.hour - one.last > MERGE_WITHIN_H:
            one = newest[alike] = Passage(kind, event.text, event.hour, event.hour, [event.where])
            found.append(one)
            continue
        if event.text.endswith(RUNNING):
            one.text, one.last = event.text, event.hour
            continue
        one.times += 1
        one.alike &= event.text == one.text
        one.last = event.hour
        if event.where not in one.places:
            one.places.append(event.where)
    return found


def _order(event: Event) -> tuple[int, int]:
    kind = event.kind.split("/")[0]
    return event.hour, FIRST.index(kind) if kind in FIRST else len(FIRST)


def unnoticed(events: Iterable[Event]) -> list[str]:
    """Cuts that figures denied and no alarm about that network and district told of, in a line each."""
    hidden: dict[tuple[str, str], None] = {}
    for event in events:
        kind, _, network = event.kind.partition("/")
        if kind == "restriction" and "figures deny" in event.text:
            hidden[event.where, network] = None
        elif kind == "alarm":
            for key in [key for key in hidden if key[0] == event.where and f"({key[1]})" in event.text]:
                del hidden[key]
    return [f"To the end nobody found out that {network} was cut in {where}." for where, network in hidden]


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
        texts.append(f"... and more that is not told here ({more}); --out keeps every event")
    return texts + unnoticed(sorted(events, key=_order)) or ["Nothing out of the ordinary happened."]
