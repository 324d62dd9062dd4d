"""A recording as the browser draws it: plain geometry once, and all frames of a run in one packed message.

With every frame at hand the browser plays, steps and scrubs without asking the server.
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

# frames that are drawn, in the order of the stage's rows
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
KEPT = 32  # packed runs that the server remembers


def geometry(stage: dict[str, Any]) -> dict[str, Any]:
    """What stands still, in short rows: a point is ``[x, y, ...]``, a way ``[x1, y1, x2, y2]``."""

    def ways(name: str) -> list[list[float]]:
        return [[row["x1"], row["y1"], row["x2"], row["y2"]] for row in stage[name]]

    def dots(name: str, *more: str) -> list[list[Any]]:
        return [[row["x"], row["y"], *(row[key] for key in more)] for row in stage[name]]

    depots = [[row["x"], row["y"], GOODS.index(row["good"])] for row in stage["depots"]]
    return {
        "height": stage["height"],
        "districts": [
            {
                "name": row["name"],
                "name_ja": row["name_ja"],
                "c": [row["x"], row["y"]],
                "rings": row["border"],
                "people": row["people"],
            }
            for row in stage["districts"]
        ],
        "buses": dots("buses"),
        "lines": ways("lines"),
        "pipes": ways("pipes"),
        "junctions": dots("junctions"),
        "tanks": dots("tanks"),
        "sources": dots("sources"),
        "links": ways("links"),
        "depots": _apart(depots),
    }


def _apart(rows: list[list[Any]], step: float = 26.0) -> list[list[Any]]:
    """Depots of one zone stand side by side, so that one does not hide the other."""
    alike: dict[tuple[float, float], int] = {}
    for row in rows:
        spot = (row[0], row[1])
        row[0] += step * (alike.get(spot, 0) - 1)
        alike[spot] = alike.get(spot, 0) + 1
    return rows


def ids(stage: dict[str, Any]) -> dict[str, list[str]]:
    """The names by which the field's files know buses, pipes, junctions and so on."""
    named = {key: [str(row.get("id", "")) for row in stage[key]] for key in ("buses", "pipes", "junctions")}
    named |= {key: [str(row.get("id", "")) for row in stage[key]] for key in ("tanks", "sources")}
    buses, zones = named["buses"], len(stage["zones"])
    named["lines"] = [f"{buses[row['from']]}–{buses[row['to']]}" for row in stage["lines"]]
    named["links"] = [f"{row['from'] + 1}–{row['to'] + 1}" if zones else "" for row in stage["links"]]
    return named


def pack(recording: Recording, lang: str) -> dict[str, Any]:
    """All that is drawn of a run. The message is some tens of kilobytes for six weeks."""
    fields, series, data = _packed(recording.key, recording)
    return {
        "key": recording.key,
        "hours": recording.hours,
        "fields": fields,
        "series": series,
        "data": data,
        "events": [_event(event, recording, lang) for event in recording.events],
        "assets": [_asset(asset, recording, lang) for asset in recording.stage["assets"]],
    }


def target(recording: Recording) -> int:
    """Number of the attacked district, -1 for none."""
    found = recording.about.get("target", -1)
    return -1 if found is None else int(found)


class _Kept:
    """A recording that is told apart by its key alone, so that ``lru_cache`` can hold its packed form."""

    def __init__(self, key: str, recording: Recording) -> None:
        self.key, self.recording = key, recording

    def __hash__(self) -> int:
        return int(self.key[:15], 16)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Kept) and other.key == self.key


@lru_cache(maxsize=KEPT)
def _pack_once(kept: _Kept) -> tuple[dict[str, list[int]], dict[str, str], str]:
    recording, at = kept.recording, 0
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
    kept.recording = None  # type: ignore[assignment]  # only the packed form is remembered
    return fields, series, base64.b64encode(zlib.compress(b"".join(parts), 6)).decode()


def _packed(key: str, recording: Recording) -> tuple[dict[str, list[int]], dict[str, str], str]:
    return _pack_once(_Kept(key, recording))


def _event(event: dict[str, Any], recording: Recording, lang: str) -> dict[str, Any]:
    """One event with its place, in one language."""
    kind = event["kind"].split("/")[0]
    css = "attack" if kind in ATTACK else "recovery" if kind in RECOVERY else "other"
    names = {row["name"]: row["name_ja"] for row in recording.stage["districts"]}
    text, where = event_text(Event(**event), lang, names), place_name(event["where"], lang, names)
    before = "" if where in text else f"{where}: "
    return {"hour": event["hour"], "css": css, "text": before + text}


def _asset(asset: dict[str, Any], recording: Recording, lang: str) -> dict[str, Any]:
    districts = [row["name_ja" if lang == "ja" else "name"] for row in recording.stage["districts"]]
    by_name = {row["name"]: name for row, name in zip(recording.stage["districts"], districts, strict=True)}
    holders = [principal(holder, lang, by_name) for holder in asset["holders"]]
    kind = _KINDS.get(asset["kind"])
    label = kind[lang == "ja"] if kind else asset["kind"].replace("_", " ")
    keep = {key: asset[key] for key in ("name", "network", "district", "authority")}
    return keep | {"holders": holders, "label": label}


# classes of assets and principals of the charter; one that is new is shown by its own name
_KINDS = {
    "breakers": ("breakers", "遮断器"),
    "microgrid_ties": ("microgrid tie", "マイクログリッド連系"),
    "inlet_valves": ("inlet valves", "流入弁"),
    "trunk_valves": ("trunk valves", "幹線弁"),
    "wells": ("wells", "井戸"),
    "road_closures": ("road closures", "通行止め"),
    "units": ("power plants", "発電機"),
    "pumps": ("pumps", "ポンプ"),
    "signals": ("signals", "信号機"),
    "terminals": ("terminals", "受入基地"),
    "power_record": ("power figures", "電力の記録"),
    "water_record": ("water figures", "水の記録"),
    "roads_record": ("road figures", "道路の記録"),
    "home_devices": ("home devices", "家庭の機器"),
    "dosing": ("dosing", "薬品注入"),
    "generators": ("generators' offers", "発電の入札"),
    "ledger": ("public log", "公開記録"),
    "vote": ("vote count", "投票の集計"),
    "recommender": ("recommender", "推薦システム"),
}
_PRINCIPALS = {
    "power_control_room": ("power control room", "電力中央制御室"),
    "water_control_room": ("water control room", "水道中央制御室"),
    "traffic_control_room": ("traffic control room", "交通中央制御室"),
    "municipality": ("municipality", "自治体"),
    "supplier": ("supplier", "供給者"),
    "device_cloud": ("device maker's cloud", "機器メーカーのクラウド"),
    "generation_company": ("generation company", "発電会社"),
    "record_platform": ("record platform", "記録基盤"),
    "vote_platform": ("vote platform", "投票基盤"),
    "recommender_vendor": ("recommender's vendor", "推薦システムの業者"),
}


def principal(name: str, lang: str, districts: dict[str, str]) -> str:
    """A principal in words: ``municipality:Harbour`` is the municipality of Harbour."""
    kind, _, where = name.partition(":")
    pair = _PRINCIPALS.get(kind)
    told = pair[lang == "ja"] if pair else kind.replace("_", " ")
    return f"{told} ({districts.get(where, where)})" if where else told
