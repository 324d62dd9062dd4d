"""A recording as the browser draws it: the geometry of the city, and all frames in one packed message.

With all frames in memory the browser plays a run without asking the server.
"""

import base64
import zlib
from functools import lru_cache
from typing import Any

import numpy as np

from agentsim.app.replay.derived_series import all_series
from agentsim.app.replay.recording import Recording
from agentsim.core.messages import Event
from agentsim.place.cases import GOODS
from agentsim.report.wording.events import event_text, place_name
from agentsim.report.wording.names import ASSETS, in_language, principal_name

# frames that are drawn; their columns follow the rows of the city map
DRAWN = (
    "line_state",
    "bus_state",
    "pipe_state",
    "junction_served",
    "junction_pressure",
    "tank_fill",
    "link_load",
    "link_open",
    "bus_line_per_h",
    "bus_line_riders",
    "bus_line_crowding",
    "depot_fill",
    "terminal_withheld",
    "district_power",
    "district_water",
    "district_roads",
    "district_food",
    "district_deprivation",
    "district_order",
)
ATTACK, RECOVERY = ("attack", "strike", "capture"), ("recovery", "repair", "restored", "revocation")
PACKED_IN_MEMORY = 32


def geometry(city_map: dict[str, Any]) -> dict[str, Any]:
    """The map in short rows: a point is ``[x, y, ...]``, a line ``[x1, y1, x2, y2]``."""

    def lines(name: str) -> list[list[float]]:
        return [[row["x1"], row["y1"], row["x2"], row["y2"]] for row in city_map[name]]

    def points(name: str, *more: str) -> list[list[Any]]:
        return [[row["x"], row["y"], *(row[key] for key in more)] for row in city_map[name]]

    def stores(name: str, *more: str) -> list[list[Any]]:
        rows, beside = points(name, "good", *more), _beside(city_map[name])
        return [
            [x, y, GOODS.index(good), n, *rest] for n, (x, y, good, *rest) in zip(beside, rows, strict=True)
        ]

    return {
        "height": city_map["height"],
        "districts": [
            {
                "name": row["name"],
                "name_ja": row["name_ja"],
                "c": [row["x"], row["y"]],
                "rings": row["border"],
                "people": row["people"],
            }
            for row in city_map["districts"]
        ],
        "buses": points("buses"),
        "lines": lines("lines"),
        "pipes": lines("pipes"),
        "junctions": points("junctions"),
        "tanks": points("tanks"),
        "sources": points("sources"),
        "links": lines("links"),
        "bus_lines": [
            {
                "name": row["name"],
                "stops": row["stops"],
                "path": [at for point in row["path"] for at in point],
                "links": row["links"],
            }
            for row in city_map.get("bus_lines", [])  # recordings of before have none
        ],
        "depots": stores("depots", "capacity_t"),
        "terminals": stores("terminals"),
    }


def _beside(rows: list[dict[str, Any]]) -> list[int]:
    """How far each depot or terminal is drawn to the side, so that one of its zone does not hide another."""
    count: dict[tuple[float, float], int] = {}
    beside = []
    for row in rows:
        spot = (row["x"], row["y"])
        count[spot] = count.get(spot, -2) + 1
        beside.append(count[spot])
    return beside


def ids(city_map: dict[str, Any]) -> dict[str, list[str]]:
    """The names of buses, pipes, junctions and so on in the files of the place."""
    named = {
        key: [str(row.get("id", "")) for row in city_map[key]] for key in ("buses", "pipes", "junctions")
    }
    named |= {key: [str(row.get("id", "")) for row in city_map[key]] for key in ("tanks", "sources")}
    buses, zones = named["buses"], len(city_map["zones"])
    named["lines"] = [f"{buses[row['from']]}–{buses[row['to']]}" for row in city_map["lines"]]
    named["links"] = [f"{row['from'] + 1}–{row['to'] + 1}" if zones else "" for row in city_map["links"]]
    return named


def pack(recording: Recording, lang: str) -> dict[str, Any]:
    """Everything that is drawn of a run: some tens of kilobytes for six weeks."""
    fields, series, data = _packed(recording.key, recording)
    return {
        "key": recording.key,
        "hours": recording.hours,
        "fields": fields,
        "series": series,
        "data": data,
        "events": [_event(event, recording, lang) for event in recording.events],
        "assets": [_asset(asset, recording, lang) for asset in recording.city_map["assets"]],
    }


NO_RESULTS: dict[str, Any] = {
    "fields": {},
    "series": {},
    "events": [],
    "data": base64.b64encode(zlib.compress(b"")).decode(),
}  # in place of those of a run whose results a game hides: who may operate what remains


def target(recording: Recording) -> int:
    """Number of the attacked district, -1 for none."""
    found = recording.about.get("target", -1)
    return -1 if found is None else int(found)


class _ByKey:
    """A recording that is compared by its key, so that ``lru_cache`` can store its packed form."""

    def __init__(self, key: str, recording: Recording) -> None:
        self.key, self.recording = key, recording

    def __hash__(self) -> int:
        return int(self.key[:15], 16)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByKey) and other.key == self.key


@lru_cache(maxsize=PACKED_IN_MEMORY)
def _pack_once(entry: _ByKey) -> tuple[dict[str, list[int]], dict[str, str], str]:
    recording, at = entry.recording, 0
    fields, parts = {}, []
    for name in DRAWN:
        if name in recording.frames:
            frame = np.ascontiguousarray(recording.frames[name], np.uint8)
            fields[name] = [at, frame.shape[1]]
            parts.append(frame.tobytes())
            at += frame.size
    series = {
        name: base64.b64encode(np.asarray(column, "<f4").tobytes()).decode()
        for name, column in all_series(recording).items()
    }
    entry.recording = None  # type: ignore[assignment]  # only the packed form stays in memory
    return fields, series, base64.b64encode(zlib.compress(b"".join(parts), 6)).decode()


def _packed(key: str, recording: Recording) -> tuple[dict[str, list[int]], dict[str, str], str]:
    return _pack_once(_ByKey(key, recording))


def _event(event: dict[str, Any], recording: Recording, lang: str) -> dict[str, Any]:
    """One event with its place, in one language."""
    kind = event["kind"].split("/")[0]
    css = "attack" if kind in ATTACK else "recovery" if kind in RECOVERY else "other"
    names = {row["name"]: row["name_ja"] for row in recording.city_map["districts"]}
    text, where = event_text(Event(**event), lang, names), place_name(event["where"], lang, names)
    before = "" if where in text else f"{where}: "
    return {"hour": event["hour"], "css": css, "text": before + text}


def _asset(asset: dict[str, Any], recording: Recording, lang: str) -> dict[str, Any]:
    names = {row["name"]: row["name_ja"] for row in recording.city_map["districts"]}
    holders = [principal_name(holder, lang, names) for holder in asset["holders"]]
    label = in_language(ASSETS[asset["kind"]], lang)
    same = {key: asset[key] for key in ("name", "network", "district", "authority")}
    return same | {"holders": holders, "label": label}
