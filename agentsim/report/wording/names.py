"""Names of principals, assets, networks, goods, attackers and actions, in English and Japanese."""

from collections.abc import Mapping

LANGUAGES = ("en", "ja")
Pair = tuple[str, str]  # the same in each of LANGUAGES
Districts = Mapping[str, str] | None  # English name of a district -> its Japanese name

PRINCIPALS: dict[str, Pair] = {
    "power_control_room": ("power control room", "電力中央制御室"),
    "water_control_room": ("water control room", "水道中央制御室"),
    "traffic_control_room": ("traffic control room", "交通中央制御室"),
    "municipality": ("municipality", "自治体"),
    "supplier": ("supplier", "供給事業者"),
    "device_cloud": ("device cloud", "機器メーカーのクラウド"),
    "generation_company": ("generation company", "発電会社"),
    "record_platform": ("record platform", "公開記録の運営者"),
    "vote_platform": ("vote platform", "投票システムの運営者"),
    "recommender_vendor": ("recommender vendor", "投票助言AIの事業者"),
    "leak_detection_vendor": ("vendor of the leak detection", "漏水検知システムの事業者"),
    "switching_platform": ("switching platform", "開閉器制御システムの運営者"),
    "vehicle_cloud": ("cloud of the car maker", "自動車メーカーのクラウド"),
    "households": ("households", "家庭"),
}
ASSETS: dict[str, Pair] = {
    "breakers": ("breakers", "遮断器"),
    "inlet_valves": ("inlet valves", "給水弁"),
    "trunk_valves": ("trunk valves", "幹線弁"),
    "road_closures": ("road barriers", "道路の封鎖設備"),
    "microgrid_ties": ("microgrid connection", "マイクログリッド連系点"),
    "wells": ("wells", "井戸"),
    "signals": ("signals", "信号機"),
    "detectors": ("traffic detectors", "交通量感知器"),
    "automated_cars": ("automated cars", "自動運転車"),
    "units": ("power plants", "発電機"),
    "pumps": ("pumps", "ポンプ"),
    "dosing": ("chemical dosing", "薬品注入設備"),
    "well_dosing": ("chemical dosing at wells", "井戸の薬品注入設備"),
    "plant_dosing": ("chemical dosing at the desalination plant", "淡水化施設の薬品注入設備"),
    "generators": ("offers of generating units", "発電機の入札"),
    "home_devices": ("home devices", "家庭の機器"),
    "terminals": ("supply terminals", "物資の受入基地"),
    "power_record": ("published power data", "電力の公表データ"),
    "water_record": ("published water data", "水道の公表データ"),
    "roads_record": ("published road data", "道路の公表データ"),
    "supply_record": ("published supply data", "供給の公表データ"),
    "ledger": ("public log", "公開記録"),
    "vote": ("count of votes", "票の集計"),
    "recommender": ("AI that advises voters", "投票助言AI"),
    "section_switches": ("section switches", "区分開閉器"),
}
NETWORKS: dict[str, Pair] = {
    "power": ("power", "電力"),
    "water": ("water", "水道"),
    "roads": ("roads", "道路"),
    "supply": ("supply", "供給"),
    "institutions": ("institutions", "制度"),
}
GOODS: dict[str, Pair] = {
    "fuel": ("fuel", "燃料"),
    "minerals": ("minerals", "鉱物"),
    "food": ("food", "食料"),
}
ATTACKERS: dict[str, Pair] = {
    "coercer": ("coercer", "強要者"),
    "rent_seeker": ("rent seeker", "利権追求者"),
    "saboteur": ("saboteur", "破壊者"),
    "cartel": ("cartel", "カルテル"),
}
ACTIONS: dict[str, Pair] = {
    "A1": ("power cut", "送電停止"),
    "A2 power": ("hidden power cut", "隠れた送電停止"),
    "A2 water": ("hidden water cut", "隠れた給水停止"),
    "A3": ("generation withheld", "発電の出し渋り"),
    "A4": ("water cut", "給水停止"),
    "A5": ("chemical overdose in drinking water", "飲料水への薬品の過剰注入"),
    "A5 wells": ("chemical overdose at municipal wells", "自治体の井戸への薬品の過剰注入"),
    "A5 plant": ("chemical overdose at the desalination plant", "淡水化施設での薬品の過剰注入"),
    "A6": ("road closure", "道路封鎖"),
    "A7": ("supply withheld", "供給の出し渋り"),
    "A6 fleet": ("automated cars stopped", "自動運転車の一斉停止"),
    "A6 spoof": ("traffic detectors spoofed", "交通量感知器の偽装"),
    "A7 hidden": ("supply withheld and hidden", "隠れた供給の出し渋り"),
    "A8": ("home devices switched on together", "家庭の機器の一斉起動"),
    "A9 ledger": ("public log seized", "公開記録の乗っ取り"),
    "A9 vote": ("count of votes seized", "票の集計の乗っ取り"),
    "A9 recommender": ("AI that advises voters seized", "投票助言AIの乗っ取り"),
}
STEPS: dict[str, Pair] = {  # of a capture
    "reconnaissance": ("reconnaissance", "偵察"),
    "foothold": ("foothold", "侵入"),
    "privilege": ("privilege", "権限の奪取"),
}
RULES: dict[str, Pair] = {  # by which a shortage is shared
    "proportional": ("proportional", "一律に配分"),
    "lifeline_first": ("lifeline first", "生活必需分を優先"),
    "majority": ("majority", "一部の地区に集中"),
}
OWN_SUPPLIERS: dict[str, Pair] = {  # makers in the city, and its mines
    "Biofuel works": ("Biofuel works", "市内のバイオ燃料工場"),
    "Metal recyclers": ("Metal recyclers", "市内の金属再資源化業者"),
    "City growers": ("City growers", "市内の農産物生産者"),
    "Biofuel plant": ("Biofuel plant", "バイオ燃料工場"),
    "Synthetic fuel plant": ("Synthetic fuel plant", "合成燃料工場"),
    "Old oil field": ("Old oil field", "CO2圧入油田"),
    "Urban mine": ("Urban mine", "都市鉱山の製錬所"),
    "New mines": ("New mines", "新鉱山"),
}
PLACES: dict[str, Pair] = {
    "city": ("city", "市全体"),
    "waterworks": ("waterworks", "浄水場"),
    "bus_operator": ("bus operator", "バス事業者"),
    "ledger": ("the public log", "公開記録"),
    "vote": ("the count of votes", "票の集計"),
    "recommender": ("the AI that advises voters", "投票助言AI"),
    **NETWORKS,
}


def in_language(pair: Pair, lang: str) -> str:
    """One of a pair: ``en`` or ``ja``."""
    return pair[LANGUAGES.index(lang)]


def action_name(action: str, lang: str) -> str:
    """An action of an attacker with its code in the paper, A1 to A9.

    >>> action_name("A2 water", "en"), action_name("A2 water", "ja")
    ('hidden water cut (A2)', '隠れた給水停止(A2)')
    """
    name, code = in_language(ACTIONS[action], lang), action[:2]
    return f"{name} ({code})" if lang == "en" else f"{name}({code})"


def district_name(district: str, lang: str, names: Districts = None) -> str:
    """A district; it keeps its English name where no Japanese one is known."""
    return (names or {}).get(district, district) if lang == "ja" else district


def principal_name(principal: str, lang: str, names: Districts = None) -> str:
    """A principal in words.

    >>> principal_name("municipality:Harbour", "en"), principal_name("supplier:Gulf Petroleum", "en")
    ('municipality of Harbour', 'Gulf Petroleum')
    >>> principal_name("municipality:Harbour", "ja", {"Harbour": "港"}), principal_name("device_cloud", "ja")
    ('港の自治体', '機器メーカーのクラウド')
    """
    kind, _, name = principal.partition(":")
    if kind == "supplier":
        return in_language(OWN_SUPPLIERS.get(name, (name, name)), lang)
    base, _, number = kind.rpartition("_")  # one of several owners: ``power_control_room_2``
    known = PRINCIPALS.get(base if number.isdigit() else kind)
    said = in_language(known, lang) if known else kind.replace("_", " ")
    if known and number.isdigit():
        said += f" {number}" if lang == "en" else number
    if not name:
        return said
    return f"{said} of {name}" if lang == "en" else f"{district_name(name, lang, names)}の{said}"


def with_article(principal: str) -> str:
    """A principal inside an English sentence.

    >>> with_article("power_control_room"), with_article("supplier:Gulf Petroleum")
    ('the power control room', 'Gulf Petroleum')
    """
    name = principal_name(principal, "en")
    return name if principal.startswith("supplier:") or principal == "households" else f"the {name}"
