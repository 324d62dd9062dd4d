"""The expert drawer: numbers of adopted policies, switches of mechanisms, and the attacker's numbers."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any

from agentsim.app.replay.recording import Value
from agentsim.app.server.request_checks import changeable
from agentsim.core.mechanisms import Mechanisms
from agentsim.policies import POLICIES
from agentsim.report.catalogue import catalogue
from agentsim.scenario.file import Scenario
from agentsim.scenario.tables import policy_classes, room_classes

Row = dict[str, Any]
Changes = tuple[tuple[str, Value], ...]

# The numbers of the attacker and of those who hunt it (model, section 5), by room.
FOE_ROOMS = ("bad_actor", "capture", "deprivation", "civics", "detection", "deterrence", "monitor", "recall")
_ROOMS_TITLED = {
    "bad_actor": ("What the attacker does and wants", "攻撃者の行動と目的"),
    "capture": ("How rooms are captured", "制御室の掌握"),
    "deprivation": ("What going without means", "欠乏の重み"),
    "civics": ("What citizens bear", "市民が耐える限度"),
    "detection": ("How abuse is found", "不正の検知"),
    "deterrence": ("Inspections and sanctions", "査察と制裁"),
    "monitor": ("The monitor", "監視機関"),
    "recall": ("Recall", "リコール"),
}
_SWITCHES_JA = {
    "power_to_water": "電力が止まるとポンプ・井戸・浄水場も止まる",
    "water_to_power": "冷却水が減ると火力の出力が下がる",
    "power_to_roads": "停電した信号は交通容量を失う",
    "fuel_to_power": "石油火力は製油所の在庫を燃やす",
    "fuel_to_vehicles": "燃料が切れた地区は車に乗らない",
    "roads_to_deliveries": "道路が届かない基地には荷が届かない",
    "roads_to_crews": "修理班も同じ道路を使う",
    "roads_to_work": "移動できなければ仕事を失う",
    "minerals_to_repairs": "部品不足は修理を長引かせる",
    "control_graph": "S1: 命令は権限の辺を通ってのみ効く",
    "kill_chain": "S1: 掌握には日数がかかり、気づかれうる",
    "forecast": "S2: 予測は外れ、予備力が従う",
    "market_power": "S2: 出し渋りは価格を上げる",
    "p2p": "S3: 家庭どうしの電力取引",
    "storage": "S5: 系統蓄電池の充放電",
    "demand_response": "S5: 需要は価格に応える",
    "islanding": "S6: マイクログリッドの自立運転",
    "leakage": "S7: 配水管の漏水と破裂",
    "local_wells": "S7: 自治体の井戸",
    "desalination": "S7: 海水淡水化",
    "contamination": "S7: 汚染は水とともに流れる",
    "residual_queues": "S8: 容量を超えた車は次の時間に並ぶ",
    "local_signals": "S8: 自律信号は停電でも点く",
    "adaptive_signals": "S8: 信号は交通量に合わせる",
    "scarcity_price": "S9: 不足は価格を上げる",
    "diversification": "S9: 供給者の上限と代替品",
    "hoarding": "S9: 空の棚を見た家庭は買いだめする",
    "home_devices": "家庭機器は遠隔で一斉に動かされうる",
    "public_record": "S11: 数字の公開と検針",
    "detection": "S11: 公開された数字の検定と警報",
    "revocation": "S11: 証明された不正は権限を失わせる",
    "deterrence": "S12: 査察と制裁、攻撃者の学習",
    "rationing": "S13: 不足を定めた規則で分ける",
    "voting": "S13: 市民がその規則を選ぶ",
    "recall": "S13: 信頼を失った者を解職する",
    "household_stocks": "S14: 家庭の備蓄で暮らす",
    "attrition": "S14: 地区の屈服と強要者の断念",
    "trust": "S15: 信頼は日々変わる",
    "protest": "S15: 抗議と欠勤",
    "migration": "S15: 転出",
    "cascade": "過負荷の線が連鎖的に落ちる",
    "failures": "設備の自然故障",
    "charges": "S10: 対策の費用を料金と税で払う",
}


def groups(scenario: Scenario, policies: Sequence[str], changes: Changes, lang: str) -> list[Row]:
    """Everything an expert may set, in groups that fold.

    Returns
    -------
    list of dict
        ``name, title, rows``; a row has ``key, label, note, unit, tag, low, high, usual, value, kind`` with
        kind ``number``, ``list`` (numbers separated by blanks) or ``switch``
    """
    ja, said = lang == "ja", dict(changes)
    found = []
    for id in policies:
        entry, numbers = POLICIES[id], _measure(scenario, id)
        title = f"{id} {entry.name_ja if ja else entry.name}"
        rows = _numbers(f"policy.{id}", policy_classes()[id], numbers, said)
        found.append({"name": f"policy.{id}", "title": title, "rows": rows})
    found.append({"name": "mechanisms", "title": _MECHANISMS[ja], "rows": _switches(scenario, said, ja)})
    for room in FOE_ROOMS:
        if room in room_classes():
            rows = _numbers(room, room_classes()[room], getattr(scenario.parameters, room), said)
            title = _ROOMS_TITLED.get(room, (room, room))[ja]
            found.append({"name": room, "title": title, "rows": rows})
    return [group for group in found if group["rows"]]


_MECHANISMS = ("Mechanisms: what is alive in the model", "仕組みのスイッチ")


def _numbers(table: str, cls: type, numbers: Any, said: Mapping[str, Value]) -> list[Row]:
    rows = []
    for item in fields(cls):
        key, told = f"{table}.{item.name}", item.metadata
        if key not in changeable():
            continue
        usual = getattr(numbers, item.name)
        low, high = changeable()[key]
        rows.append(
            {
                "key": key,
                "label": item.name.replace("_", " "),
                "note": told["source"],
                "unit": "" if told["unit"] == "1" else told["unit"],
                "tag": told["tag"],
                "low": low,
                "high": high,
                "usual": _shown(usual),
                "value": _shown(said.get(key, usual)),
                "kind": "list" if isinstance(usual, tuple) else "number",
            }
        )
    return rows


def _switches(scenario: Scenario, said: Mapping[str, Value], ja: bool) -> list[Row]:
    return [
        {
            "key": f"mechanisms.{name}",
            "label": (_SWITCHES_JA.get(name) if ja else None) or name.replace("_", " "),
            "note": _notes().get(name, ""),
            "usual": bool(getattr(scenario.mechanisms, name)),
            "value": bool(said.get(f"mechanisms.{name}", getattr(scenario.mechanisms, name))),
            "kind": "switch",
        }
        for name in Mechanisms.names()
    ]


@cache
def _notes() -> dict[str, str]:
    return {row["mechanism"]: row["what it does"] for row in catalogue("mechanisms")}


def _shown(value: Any) -> str:
    """A number as it is typed; several with blanks between."""
    return " ".join(map(_shown, value)) if isinstance(value, tuple) else f"{value:g}"


def read(key: str, text: str) -> Value | None:
    """The value that a visitor typed for a key; None where it is no number. The gate checks its bounds.

    >>> read("policy.E-C2.microgrid_h", "12"), read("capture.step_days", "1 1 1"), read("attacker.x", "3")
    (12, (1, 1, 1), None)
    >>> read("mechanisms.islanding", "0"), read("capture.common_mode", "much")
    (False, None)
    """
    if key not in changeable():
        return None
    if key.startswith("mechanisms."):
        return {"0": False, "1": True}.get(text)
    try:
        values = [float(part) for part in text[:200].split()]
        plain = tuple(int(value) if value.is_integer() else value for value in values)
    except (ValueError, OverflowError):
        return None
    if isinstance(default_of(key), tuple):
        return plain if len(plain) == len(default_of(key)) else None
    return plain[0] if len(plain) == 1 else None


@cache
def default_of(key: str) -> Any:
    """What the model takes for a number of a policy or room if nobody says anything."""
    table, _, name = key.rpartition(".")
    known = room_classes() | {f"policy.{id}": cls for id, cls in policy_classes().items()}
    return next((item.default for item in fields(known[table]) if item.name == name), None)


def text_of(value: Value) -> str:
    """A value as :func:`read` takes it."""
    return str(int(value)) if isinstance(value, bool) else _shown(value) if not isinstance(value, str) else ""


def with_change(scenario: Scenario, changes: Changes, key: str, text: str) -> Changes:
    """The changes after a visitor set one number; back at the scenario's own it is no change."""
    value, kept = read(key, text), dict(changes)
    if value is None:
        return changes
    kept.pop(key, None)
    if text_of(value) != text_of(_own(scenario, key)):
        kept[key] = value
    return tuple(sorted(kept.items()))


def _measure(scenario: Scenario, id: str) -> Any:
    return scenario.measures[id]


def _own(scenario: Scenario, key: str) -> Any:
    table, _, name = key.rpartition(".")
    if table == "mechanisms":
        return getattr(scenario.mechanisms, name)
    if table.startswith("policy."):
        return getattr(_measure(scenario, table.removeprefix("policy.")), name)
    return getattr(getattr(scenario.parameters, table), name)
