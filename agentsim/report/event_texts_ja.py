"""Events and orders in Japanese: the model tells them in English, phrase by phrase."""

import re
from collections.abc import Mapping

# What the model says, as patterns, and the same in Japanese. The longer phrase comes first.
PHRASES: tuple[tuple[str, str], ...] = (
    (r"power cut off by order", "指令により送電停止"),
    (r"water shut off by order", "指令により断水"),
    (r"trunk mains shut by order", "指令により幹線閉止"),
    (r"roads closed by order", "指令により道路封鎖"),
    (r", which the published figures deny", "(公表値では隠されている)"),
    (r", (\d+) % of it", r"(\1 %)"),
    (r", by hand of its own staff,", "(地区職員が手動で)"),
    (r"home devices told to switch on together", "家庭の機器に一斉起動の指令"),
    (r"home devices left alone", "家庭の機器への指令終了"),
    (r"signals held at red by order", "指令により信号を赤に固定"),
    (r"signals run again", "信号再開"),
    (r"lives on its own wells", "自前の井戸で給水"),
    (r"wells rest", "井戸停止"),
    (r"sells nothing", "販売を停止"),
    (r"withholds (\d+) % of what it could sell", r"販売可能量の\1 %を売り惜しみ"),
    (r"sells again", "販売再開"),
    (r"(\d+) % of the generation company's units are not offered", r"発電会社が設備の\1 %を出さない"),
    (r"all units are offered again", "全設備が再び供出"),
    (
        r"chemicals at the waterworks set to ([\d.e+]+) times the right dose",
        r"浄水場の薬品を適量の\1倍に設定",
    ),
    (r"the right dose again", "適量に復帰"),
    (r"in wrong hands, turned against (.+)", r"不正な者の手に落ち、\1に向けられる"),
    (r"free again", "解放"),
    (r"water at taps is unsafe to drink", "水道水は飲用に適さない"),
    (r"water is safe to drink again", "水道水は再び飲用可"),
    (r"bad water is noticed at taps", "蛇口で異常な水に気づく"),
    (r"staff see the wrong dose", "職員が投入量の異常に気づく"),
    (r": dosed by hand from now on, clear wells run to waste", ":以後は手動投入、浄水池の水は廃棄"),
    (r", people warned", "、住民に警告"),
    (r"power back on", "送電再開"),
    (r"water valves open", "給水弁開放"),
    (r"trunk mains open", "幹線開放"),
    (r"roads open", "道路開放"),
    (r"runs on its own microgrid", "自営マイクログリッドで運転"),
    (r"back on the grid", "系統に復帰"),
    (r"([\d.,]+) MW of load shed", r"\1 MW を遮断"),
    (r"load is served again", "供給回復"),
    (r"tripped on overload", "過負荷で遮断"),
    (r"taps lack pressure", "水圧不足"),
    (r"pressure is back", "水圧回復"),
    (r"out of (fuel|minerals|food)", r"\1切れ"),
    (r"(fuel|minerals|food) in stock again", r"\1の在庫回復"),
    (r"after ((?:\d+ [dh](?![a-z]) ?)+)", r"(\1後)"),
    (r"holds out against capture", "乗っ取りを防いだ"),
    (r"notices an intruder \((\w+)\) and throws it out", r"侵入を検知し排除(\1)"),
    (r"the (.+?) goes for (.+)", r"\1が攻撃開始:\2"),
    (r"the (.+?) was behind it, and loses its hold of (\w+)", r"背後の\1が\2の操作権を失う"),
    (r"the (.+?) has what it wanted, and rests", r"\1は目的を達し休止"),
    (r"gives in: (\d+) weighted hours without, a head, are too many", r"1人あたり重み付き欠乏\1時間で屈服"),
    (r"the (.+?) comes back", r"\1が再び現れる"),
    (r"the (.+?) declines: it would not pay", r"\1は割に合わず見送る"),
    (r"the (.+?) gives up: sanctions are too certain", r"\1は制裁が確実なため断念"),
    (r"the (.+?) gives up: its budget is spent", r"\1は予算が尽きて断念"),
    (r"the (.+?) gives up: it costs more than a concession is worth", r"\1は費用が見合わず断念"),
    (r"the (.+?) gives up: nothing is left to strike with", r"\1は手段を失い断念"),
    (r"the (.+?) gives up: (.+)", r"\1は断念(\2)"),
    (r"meters show less than the operator says", "計器の値が事業者の公表値を下回る"),
    (r"a cut that no rule allows", "規則にない遮断"),
    (r"an audit finds something", "監査で異常を発見"),
    (r"inspectors have seen something", "査察官が異常を確認"),
    (r"the log is not the one whose heads were kept", "記録が保管された要約値と一致しない"),
    (r"an intruder was noticed", "侵入者を検知"),
    (r"; an investigation begins", "。調査を開始"),
    (r"no abuse of (\w+): a false alarm", r"\1に濫用なし:誤報"),
    (r"abuse of (\w+) proven, by (.+)", r"\1の濫用を立証:\2"),
    (r"no monitor may turn anybody out of (\w+)", r"\1から排除する権限をもつ監視機関がない"),
    (r"the monitor might turn them out of (\w+), and does not", r"監視機関は\1から排除できるが動かない"),
    (r"turned out of (\w+) by the monitor", r"監視機関により\1から排除"),
    (r"a sanction is asked for, and not carried out", "制裁は請求されたが執行されず"),
    (r"the (.+?) pays ([\d.]+) units", r"\1が制裁\2単位を支払う"),
    (
        r"figures of (.+?) and reports of ([\d.]+) % of homes' meters go to a public log",
        r"\1の値と家庭の\2 %の計器の報告を公開記録へ",
    ),
    (r"figures of (.+?) go to a public log", r"\1の値を公開記録へ"),
    (r"inspectors are turned away", "査察官は入れなかった"),
    (r"inspectors report abuse after looking at (.+)", r"査察官が\1で濫用を報告"),
    (r"inspectors report nothing after looking at (.+)", r"査察官は\1で異常なしと報告"),
    (r"([\d,]+) people take to the streets", r"\1人が街頭で抗議"),
    (r"the streets are quiet again", "抗議は収まる"),
    (r"([\d,]+) households have left the city so far", r"これまでに\1世帯が市を離れた"),
    (r"a petition to turn it out of (\w+) begins", r"\1からの解任請求が始まる"),
    (r"citizens turn it out of (\w+)", r"市民が\1から解任"),
    (r"it keeps (\w+): the recall fails", r"\1の解任は不成立"),
    (r"shared by rule: (.+)", r"規則により配分:\1"),
    (r"how to share the shortage: (.+?) \(turnout (\d+) %(.*)\)", r"不足の分け方の投票:\1(投票率\2 %\3)"),
    (r"^municipality of (.+)$", r"自治体:\1"),
    (r"captured by the (\w+(?: seeker)?)", r"\1に乗っ取られた"),
    (r"captured", "乗っ取られた"),
)
WORDS = {
    "coercer": "強要者",
    "rent seeker": "利権追求者",
    "rent_seeker": "利権追求者",
    "saboteur": "破壊者",
    "cartel": "カルテル",
    "hidden power": "隠れた停電",
    "hidden water": "隠れた断水",
    "hidden supply": "隠れた売り惜しみ",
    "home devices": "家庭の機器",
    "drinking water": "飲料水",
    "generation": "発電",
    "power": "電力",
    "water": "水",
    "roads": "道路",
    "supply": "供給",
    "fuel": "燃料",
    "minerals": "鉱物",
    "food": "食料",
    "reconnaissance": "偵察",
    "foothold": "足場",
    "privilege": "権限",
    "institutions": "制度",
    "the power control room": "電力中央制御室",
    "the water control room": "水道中央制御室",
    "the traffic control room": "交通中央制御室",
    "power control room": "電力中央制御室",
    "water control room": "水道中央制御室",
    "traffic control room": "交通中央制御室",
    "the municipality of": "自治体:",
    "municipality of": "自治体:",
    "generation company": "発電会社",
    "device cloud": "機器メーカーのクラウド",
    "waterworks": "水道",
    "the public log": "公開記録",
    "the count of votes": "票の集計",
    "the AI that advises voters": "投票助言AI",
    "the city": "市全体",
    "power_control_room": "電力中央制御室",
    "water_control_room": "水道中央制御室",
    "traffic_control_room": "交通中央制御室",
    "municipality": "自治体",
    "supplier": "供給者",
    "city": "市全体",
    "line": "送電線",
}
ASSETS = {
    "breakers": "遮断器",
    "inlet_valves": "流入弁",
    "trunk_valves": "幹線弁",
    "road_closures": "道路",
    "signals": "信号機",
    "terminals": "受入基地",
    "generators": "発電機",
    "dosing": "薬品注入",
    "home_devices": "家庭の機器",
    "power_record": "電力の記録",
    "water_record": "水の記録",
    "roads_record": "道路の記録",
    "supply_record": "供給の記録",
    "ledger": "公開記録",
    "vote": "投票",
    "recommender": "推薦システム",
}
VERBS = {
    "restrict": ("cuts off", "を遮断"),
    "withhold": ("withholds", "を売り惜しみ"),
    "forge": ("forges", "を偽装"),
    "dose": ("overdoses", "を過剰投入"),
    "switch": ("switches on", "を一斉操作"),
    "seize": ("seizes", "を掌握"),
    "restore": ("restores by hand", "を手動復旧"),
}
_KANA = re.compile(r"[぀-ヿ一-鿿]")
_WORD = re.compile(r"(?<![A-Za-z_])(" + "|".join(sorted(WORDS, key=len, reverse=True)) + r")(?![A-Za-z_])")


def told_ja(text: str, names: Mapping[str, str] | None = None) -> str:
    """A sentence of the model in Japanese; what is not known stays as it is.

    Parameters
    ----------
    names : districts, by their English names

    >>> told_ja("power back on after 1 d 2 h")
    '送電再開(1日2時間後)'
    """
    text = WORDS.get(text, text)
    for pattern, told in PHRASES:
        text = re.sub(pattern, told, text)
    if not _KANA.search(text):
        return text
    for name, name_ja in (names or {}).items():
        text = re.sub(rf"(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])", name_ja, text)
    text = _WORD.sub(lambda found: WORDS[found.group(1)], text)
    text = re.sub(r"(\d+) d(?![a-z]) ?", r"\1日", text)
    return re.sub(r"(\d+) h(?![a-z])", r"\1時間", text).replace(" (", "(").replace(", ", "、")


def order_text(order: Mapping[str, object], names: Mapping[str, str] | None = None) -> tuple[str, str]:
    """An order in both languages: who does what with which asset.

    >>> order_text({"principal": "device_cloud", "asset": "breakers:Harbour", "action": "restrict"})[0]
    'device cloud cuts off breakers (Harbour)'
    """
    kind, _, where = str(order["asset"]).partition(":")
    who, _, town = str(order["principal"]).partition(":")
    verb, verb_ja = VERBS.get(str(order["action"]), (str(order["action"]), str(order["action"])))
    at, of = (f" ({part})" if part else "" for part in (where, town))
    english = f"{who.replace('_', ' ')}{of} {verb} {kind.replace('_', ' ')}{at}"
    known = names or {}
    at, of = (f"({known.get(part, part)})" if part else "" for part in (where, town))
    japanese = f"{WORDS.get(who, who)}{of}が{ASSETS.get(kind, kind)}{at}{verb_ja}"
    return english, japanese
