"""A recording as the browser draws it: the geometry of the city, and all frames in one packed message.

With all frames in memory the browser plays a run without asking the server.
"""

import base64
import zlib
from functools import lru_cache
from typing import Any

import numpy as np

from agentsim.app.replay.recording import Recording
from agentsim.core.messages import Event
from agentsim.place.cases import GOODS
from agentsim.report.wording.events import event_text, place_name

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
    "depot_fill",
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

    depots = [[row["x"], row["y"], GOODS.index(row["good"])] for row in city_map["depots"]]
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
        "depots": _side_by_side(depots),
    }


def _side_by_side(rows: list[list[Any]], step: float = 26.0) -> list[list[Any]]:
    """Depots of one zone moved apart, so that one does not hide the other."""
    count: dict[tuple[float, float], int] = {}
    for row in rows:
        spot = (row[0], row[1])
        row[0] += step * (count.get(spot, 0) - 1)
        count[spot] = count.get(spot, 0) + 1
    return rows


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
        for name, column in recording.series.items()
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
    districts = [row["name_ja" if lang == "ja" else "name"] for row in recording.city_map["districts"]]
    by_name = {
        row["name"]: name for row, name in zip(recording.city_map["districts"], districts, strict=True)
    }
    holders = [principal(holder, lang, by_name) for holder in asset["holders"]]
    kind = _KINDS.get(asset["kind"])
    label = kind[lang == "ja"] if kind else asset["kind"].replace("_", " ")
    same = {key: asset[key] for key in ("name", "network", "district", "authority")}
    return same | {"holders": holders, "label": label}


# kinds of assets and principals; one that is missing here is shown by its own name
_KINDS = {
    "breakers": ("breakers", "遮断器"),
    "microgrid_ties": ("microgrid connection", "マイクログリッド連系点"),
    "inlet_valves": ("inlet valves", "給水弁"),
    "trunk_valves": ("trunk valves", "幹線弁"),
    "wells": ("wells", "井戸"),
    "road_closures": ("road barriers", "道路の封鎖設備"),
    "units": ("power plants", "発電機"),
    "pumps": ("pumps", "ポンプ"),
    "signals": ("signals", "信号機"),
    "terminals": ("supply terminals", "物資の受入基地"),
    "power_record": ("published power data", "電力の公表データ"),
    "water_record": ("published water data", "水道の公表データ"),
    "roads_record": ("published road data", "道路の公表データ"),
    "supply_record": ("published supply data", "供給の公表データ"),
    "home_devices": ("home devices", "家庭の機器"),
    "dosing": ("chemical dosing", "薬品の注入設備"),
    "generators": ("offers of generating units", "発電の入札"),
    "ledger": ("public log", "公開記録"),
    "vote": ("vote count", "投票の集計"),
    "recommender": ("recommender", "推薦システム"),
}
_PRINCIPALS = {
    "power_control_room": ("power control room", "電力中央制御室"),
    "water_control_room": ("water control room", "水道中央制御室"),
    "traffic_control_room": ("traffic control room", "交通中央制御室"),
    "municipality": ("municipality", "自治体"),
    "supplier": ("supplier", "供給事業者"),
    "device_cloud": ("device maker's cloud", "機器メーカーのクラウド"),
    "generation_company": ("generation company", "発電会社"),
    "record_platform": ("record platform", "公開記録の運用者"),
    "vote_platform": ("voting platform", "投票システムの運用者"),
    "recommender_vendor": ("vendor of the recommender", "推薦システムの事業者"),
}


def principal(name: str, lang: str, districts: dict[str, str]) -> str:
    """The name of a principal: ``municipality:Harbour`` is the municipality of Harbour."""
    kind, _, where = name.partition(":")
    pair = _PRINCIPALS.get(kind)
    text = pair[lang == "ja"] if pair else kind.replace("_", " ")
    return f"{text} ({districts.get(where, where)})" if where else text
