"""Sentences of orders, in English and Japanese: who does what with which asset."""

from collections.abc import Mapping

from agentsim.report.wording.names import Districts, Pair, district_name, principal_name, with_article

# (action, class of assets) -> what the principal does; {place} is the asset's district or supplier
DEEDS: dict[tuple[str, str], Pair] = {
    ("restrict", "breakers"): (
        "opens the breakers of {place} and cuts off its power",
        "{place}の遮断器を開いて送電を止める",
    ),
    ("restrict", "section_switches"): (
        "opens the section switches of {place} and cuts off its power",
        "{place}の区分開閉器を開いて送電を止める",
    ),
    ("restrict", "inlet_valves"): ("closes the inlet valves of {place}", "{place}の給水弁を閉める"),
    ("restrict", "trunk_valves"): ("closes the trunk valves of {place}", "{place}の幹線弁を閉める"),
    ("restrict", "road_closures"): ("closes the roads of {place}", "{place}の道路を封鎖する"),
    ("restrict", "signals"): ("holds the signals of {place} at red", "{place}の信号機を赤に固定する"),
    ("restrict", "automated_cars"): ("stops all automated cars", "自動運転車をすべて停止させる"),
    ("spoof", "detectors"): (
        "makes the traffic detectors of {place} report what is not there",
        "{place}の交通量感知器に虚偽の値を報告させる",
    ),
    ("withhold", "terminals"): (
        "withholds what the terminals of {place} could sell",
        "{place}の受入基地からの販売を出し渋る",
    ),
    ("withhold", "generators"): (
        "withholds generating units from the market",
        "発電機を市場に入札せず、発電を出し渋る",
    ),
    ("forge", "power_record"): (
        "falsifies the published power figures of {place}",
        "{place}の電力の公表値を偽る",
    ),
    ("forge", "water_record"): (
        "falsifies the published water figures of {place}",
        "{place}の水道の公表値を偽る",
    ),
    ("forge", "roads_record"): (
        "falsifies the published road figures of {place}",
        "{place}の道路の公表値を偽る",
    ),
    ("forge", "supply_record"): (
        "falsifies the published supply figures of {place}",
        "{place}の供給の公表値を偽る",
    ),
    ("dose", "dosing"): ("overdoses the chemicals at the waterworks", "浄水場で薬品を過剰に注入する"),
    ("dose", "well_dosing"): (
        "overdoses the chemicals at municipal wells",
        "自治体の井戸で薬品を過剰に注入する",
    ),
    ("dose", "plant_dosing"): (
        "overdoses the chemicals at the desalination plant",
        "淡水化施設で薬品を過剰に注入する",
    ),
    ("switch", "home_devices"): (
        "switches on the home devices of {place} all at once",
        "{place}の家庭の機器を一斉に起動する",
    ),
    ("seize", "ledger"): ("seizes the public log", "公開記録を乗っ取る"),
    ("seize", "vote"): ("seizes the count of votes", "票の集計を乗っ取る"),
    ("seize", "recommender"): ("seizes the AI that advises voters", "投票助言AIを乗っ取る"),
    ("restore", "breakers"): (
        "closes the breakers of {place} by hand and restores its power",
        "{place}の遮断器を手動で投入し、送電を再開する",
    ),
    ("restore", "section_switches"): (
        "closes the section switches of {place} by hand and restores its power",
        "{place}の区分開閉器を手動で投入し、送電を再開する",
    ),
    ("restore", "inlet_valves"): (
        "opens the inlet valves of {place} by hand",
        "{place}の給水弁を手動で開ける",
    ),
    ("restore", "trunk_valves"): (
        "opens the trunk valves of {place} by hand",
        "{place}の幹線弁を手動で開ける",
    ),
    ("restore", "road_closures"): (
        "opens the roads of {place} by hand",
        "{place}の道路の封鎖を手作業で解除する",
    ),
}


def order_text(order: Mapping[str, object], names: Districts = None) -> tuple[str, str]:
    """An order that turns an asset against people, or undoes that, in English and Japanese.

    Parameters
    ----------
    order : with ``principal``, ``asset`` and ``action``
    names : Japanese name of each district by its English name

    >>> order = {"principal": "traffic_control_room", "asset": "road_closures:Harbour", "action": "restrict"}
    >>> order_text(order, {"Harbour": "港"})
    ('The traffic control room closes the roads of Harbour', '交通中央制御室が港の道路を封鎖する')
    >>> order_text({"principal": "supplier:Ore Ltd", "asset": "terminals:Ore Ltd", "action": "withhold"})[1]
    'Ore Ltdが自社の受入基地からの販売を出し渋る'
    """
    principal = str(order["principal"])
    kind, _, place = str(order["asset"]).partition(":")
    deed, deed_ja = DEEDS[str(order["action"]), kind]
    who = with_article(principal)
    english = f"{who[0].upper()}{who[1:]} {deed.format(place=place)}"
    own = principal == f"supplier:{place}"
    japanese = deed_ja.format(place="自社" if own else district_name(place, "ja", names))
    return english, f"{principal_name(principal, 'ja', names)}が{japanese}"
