"""Sentences of events, in English and Japanese side by side."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from agentsim.core.messages import Event
from agentsim.core.units import HOURS_PER_DAY
from agentsim.report.wording.names import (
    ATTACKERS,
    GOODS,
    NETWORKS,
    PLACES,
    RULES,
    STEPS,
    Districts,
    Pair,
    action_name,
    district_name,
    in_language,
    principal_name,
    with_article,
)


class Sentence(NamedTuple):
    """A template in each language; what stands in braces is worded by :data:`WORDED`."""

    en: str
    ja: str


SENTENCES: dict[str, Sentence] = {
    # ---- orders in force
    "power_cut_off": Sentence(
        "power cut off by order{cut_frac}{denied}",
        "指令により送電停止{cut_frac}{denied}",
    ),
    "power_restored": Sentence("power back on after {hours}{by_hand}", "{hours}後に送電再開{by_hand}"),
    "water_shut_off": Sentence(
        "water shut off by order{cut_frac}{denied}",
        "指令により給水停止{cut_frac}{denied}",
    ),
    "water_restored": Sentence("water back on after {hours}{by_hand}", "{hours}後に給水再開{by_hand}"),
    "trunk_mains_shut": Sentence(
        "trunk mains shut by order{cut_frac}{denied}",
        "指令により幹線弁を閉止{cut_frac}{denied}",
    ),
    "trunk_mains_opened": Sentence(
        "trunk mains open again after {hours}{by_hand}",
        "{hours}後に幹線弁を再び開ける{by_hand}",
    ),
    "roads_closed": Sentence(
        "roads closed by order{cut_frac}{denied}",
        "指令により道路を封鎖{cut_frac}{denied}",
    ),
    "roads_opened": Sentence(
        "roads open again after {hours}{by_hand}", "{hours}後に道路の封鎖を解除{by_hand}"
    ),
    "signals_held_at_red": Sentence("signals held at red by order", "指令により信号機を赤に固定"),
    "signals_run_again": Sentence("signals run again after {hours}", "{hours}後に信号機が通常運転に復帰"),
    "detectors_report_false": Sentence(
        "traffic detectors report what is not there", "交通量感知器が虚偽の値を報告"
    ),
    "detectors_report_true": Sentence(
        "traffic detectors report what is there again after {hours}",
        "{hours}後に交通量感知器が正しい値の報告に復帰",
    ),
    "crash_blocks_a_road": Sentence(
        "a crash with injuries blocks a road until a crew has cleared it",
        "人身事故が発生し、処理が終わるまで道路の一部が通行できない",
    ),
    "automated_cars_stopped": Sentence(
        "all automated cars are stopped through their maker's cloud",
        "メーカーのクラウドを通じて自動運転車が一斉に停止",
    ),
    "automated_cars_drive_again": Sentence(
        "automated cars drive again after {hours}", "{hours}後に自動運転車の走行が再開"
    ),
    "home_devices_seized": Sentence(
        "home devices told to switch on together",
        "家庭の機器を一斉に起動させる指令",
    ),
    "home_devices_released": Sentence(
        "home devices run as usual again after {hours}",
        "{hours}後に家庭の機器が通常運転に復帰",
    ),
    "supplier_sells_nothing": Sentence("sells nothing", "販売を停止"),
    "supplier_withholds": Sentence(
        "withholds {withheld_frac} of what it could sell",
        "販売できる量の{withheld_frac}を出し渋り",
    ),
    "supplier_sells_again": Sentence("sells again after {hours}", "{hours}後に通常の販売を再開"),
    "plant_stands_still": Sentence(
        "stands still for want of power or water", "電力または水の不足で操業を停止"
    ),
    "plant_runs_again": Sentence("runs again after {hours}", "{hours}後に操業を再開"),
    "generation_withheld": Sentence(
        "{withheld_frac} of the generation company's units are not offered",
        "発電会社が発電機の{withheld_frac}を市場に入札しない",
    ),
    "generation_offered_again": Sentence(
        "all units are offered again after {hours}",
        "{hours}後に全発電機の入札を再開",
    ),
    "dose_wrong": Sentence(
        "chemicals at the waterworks set to {dose_frac} times the right dose",
        "浄水場の薬品注入量を適正量の{dose_frac}倍に設定",
    ),
    "dose_right_again": Sentence("the right dose again after {hours}", "{hours}後に薬品注入量が適正量に復帰"),
    "platform_seized": Sentence(
        "seized, and turned against {against}",
        "乗っ取られ、{against}に不利に操作される",
    ),
    "platform_released": Sentence(
        "under its own operator again after {hours}", "{hours}後に正規の運用に復帰"
    ),
    # ---- the years before the first hour
    "years_lived": Sentence(
        "over the {years} before, homes with solar panels went from {pv_before_frac} to {pv_frac}, "
        "homes with a battery from {battery_before_frac} to {battery_frac}",
        "開始までの{years}に、太陽光パネルのある家庭は{pv_before_frac}から{pv_frac}に、"
        "蓄電池のある家庭は{battery_before_frac}から{battery_frac}に変化",
    ),
    "years_of_mains": Sentence(
        "at the end of these years {overdue_frac} of the water mains are past their service life",
        "開始時点で、配水管の{overdue_frac}が法定耐用年数を超過",
    ),
    "years_embargo_begins": Sentence(
        "in year {year} of the years before, an embargo on minerals began: panels and batteries "
        "became dearer and many were not delivered",
        "開始までの期間の{year}年目に鉱物の禁輸が始まり、太陽光パネルと蓄電池が値上がりし、多くが納入されず",
    ),
    "years_lobbying": Sentence(
        "in year {year} of the years before, the power utility lost profit and delayed the roll-out of "
        "local power by {months}",
        "開始までの期間の{year}年目に、利益を失った電力会社が地域電源の導入を{months}遅らせる",
    ),
    "years_embargo_ends": Sentence(
        "in year {year} of the years before, the embargo on minerals ended",
        "開始までの期間の{year}年目に鉱物の禁輸が終了",
    ),
    # ---- the networks
    "load_shed": Sentence("{shed_mw} MW of load shed", "{shed_mw} MWの負荷遮断"),
    "load_served_again": Sentence("load is served again after {hours}", "{hours}後に停電解消"),
    "line_tripped": Sentence("tripped on overload", "過負荷により遮断"),
    "taps_lack_pressure": Sentence("taps lack pressure", "蛇口の水圧不足"),
    "tap_pressure_restored": Sentence("pressure is back after {hours}", "{hours}後に水圧回復"),
    "hydraulics_unsolved": Sentence(
        "EPANET finds no solution: water is shared out by volume, without pressures",
        "EPANETの解が得られず、水圧を考えない水量収支で配水を計算",
    ),
    "hydraulics_solved_again": Sentence("EPANET solves again after {hours}", "{hours}後にEPANETの計算が再開"),
    "leak_suspected": Sentence(
        "the night flow points to a leak; crews look for it", "夜間流量から漏水の疑い、調査班を派遣"
    ),
    "leak_found": Sentence("a leak is found {hours} after the alarm", "警報の{hours}後に漏水箇所を特定"),
    "leak_not_found": Sentence(
        "no leak is found at {places} places; the search ends after {hours}",
        "{places}か所を調べたが漏水は見つからず、{hours}で調査を終了",
    ),
    "survey_finds_leaks": Sentence(
        "the leak survey finds {leaks} hidden leaks", "漏水調査で未発見の漏水を{leaks}か所発見"
    ),
    "works_on_mains_begin": Sentence(
        "{renewed_m} m of water main are replaced{links}", "配水管{renewed_m} mの更新工事を開始{links}"
    ),
    "works_on_mains_end": Sentence("the new water main is in use", "新しい配水管の使用を開始"),
    "tap_water_unsafe": Sentence("water at taps is unsafe to drink", "水道水が飲用に適さない状態"),
    "tap_water_safe_again": Sentence(
        "water is safe to drink again after {hours}",
        "{hours}後に水道水が再び飲用可能",
    ),
    "good_runs_out": Sentence("out of {good}", "{good}の在庫切れ"),
    "good_in_stock_again": Sentence("{good} in stock again after {hours}", "{hours}後に{good}の在庫回復"),
    # ---- buses
    "bus_service_cut": Sentence(
        "runs {bus_h} bus-hours a day instead of {was_bus_h}: fares and subsidy no longer pay for them",
        "運賃収入と補助金の不足により減便:1日の延べ運行時間を{was_bus_h}時間から{bus_h}時間に変更",
    ),
    "bus_service_added": Sentence(
        "runs {bus_h} bus-hours a day instead of {was_bus_h}",
        "増便:1日の延べ運行時間を{was_bus_h}時間から{bus_h}時間に変更",
    ),
    "bus_line_closed": Sentence("closes line {line}", "{line}系統を廃止"),
    "buses_lack_fuel": Sentence(
        "{stopped_frac} of the buses stand still for want of fuel or charge",
        "燃料または充電の不足によりバスの{stopped_frac}が運休",
    ),
    "buses_have_fuel_again": Sentence(
        "all buses run again after {hours}", "{hours}後にすべてのバスが運行を再開"
    ),
    "microgrid_island_begins": Sentence("runs on its own microgrid", "マイクログリッドで自立運転を開始"),
    "microgrid_island_ends": Sentence("back on the grid after {hours}", "{hours}後に系統に再び連系"),
    "own_wells_supply": Sentence("is supplied by its own wells", "地区の井戸からの給水を開始"),
    "own_wells_stop": Sentence("its own wells stop after {hours}", "{hours}後に井戸からの給水を終了"),
    "wrong_dose_noticed_at_works": Sentence(
        "staff see the wrong dose: from now on dosed by hand, and the water in the clear wells is discarded",
        "職員が薬品注入量の異常に気づく:以後は薬品を手動で注入し、浄水池の水を排水",
    ),
    "bad_water_noticed_at_taps": Sentence(
        "bad water is noticed at taps: from now on dosed by hand; the water in the clear wells is discarded; "
        "people are warned",
        "利用者が水道水の異常に気づく:以後は薬品を手動で注入し、浄水池の水を排水、住民に飲用中止を呼びかけ",
    ),
    "wrong_dose_noticed_at_wells": Sentence(
        "a wrong dose is noticed at municipal wells: from now on they are dosed by hand",
        "自治体の井戸で薬品注入量の異常に気づく:以後は薬品を手動で注入",
    ),
    # ---- the attacker
    "attack_begins": Sentence("the {attacker} attacks: {actions}", "{attacker}が攻撃を開始:{actions}"),
    "attack_declined": Sentence(
        "the {attacker} does not attack: the cost is higher than the gain",
        "{attacker}は割に合わないため攻撃を見送る",
    ),
    "attacker_returns": Sentence("the {attacker} comes back", "{attacker}が再び現れる"),
    "attacker_gives_up": Sentence("the {attacker} gives up: {reason}", "{attacker}が攻撃を断念:{reason}"),
    "attacker_has_won": Sentence(
        "the {attacker} has reached its aim, and rests",
        "{attacker}は目的を達し、攻撃を休止",
    ),
    "attacker_loses_control": Sentence(
        "the {attacker} was behind it, and loses control of {network}",
        "背後にいた{attacker}が{network}の操作権を失う",
    ),
    "principal_captured": Sentence("captured by the {attacker}", "{attacker}に乗っ取られる"),
    "capture_fails": Sentence("holds out against capture", "乗っ取りを防ぐ"),
    "intruder_thrown_out": Sentence(
        "notices an intruder ({step}) and removes it",
        "侵入者を発見し、排除({step}の段階)",
    ),
    # ---- monitoring and sanctions
    "figures_published": Sentence(
        "figures of {networks} and reports of {reporting_frac} of homes' meters go to a public log",
        "{networks}の公表値と、家庭の{reporting_frac}のメーターの計測値を公開記録に掲載",
    ),
    "investigation_begins": Sentence(
        "{evidence} ({network}); an investigation begins",
        "{evidence}({network})。調査を開始",
    ),
    "abuse_not_proven": Sentence(
        "the investigation ends: no abuse of {network} is proven",
        "調査が終了:{network}に関する権限濫用は立証されない",
    ),
    "cleared_on_appeal": Sentence(
        "is cleared on appeal: it had not abused {network}",
        "不服申し立てが認められ、{network}に関する権限濫用の認定は取り消される",
    ),
    "abuse_proven": Sentence(
        "abuse of {network} proven, by {culprits}",
        "{network}に関する権限濫用を立証:{culprits}",
    ),
    "nobody_may_revoke": Sentence(
        "no monitor has the power to revoke control of {network}",
        "{network}の操作権を剥奪できる監視機関がない",
    ),
    "monitor_does_not_revoke": Sentence(
        "the monitor has the power to revoke control of {network}, and does not use it",
        "監視機関は{network}の操作権を剥奪できるが、行使しない",
    ),
    "revoked_by_monitor": Sentence(
        "the monitor revokes its control of {network}",
        "監視機関が{network}の操作権を剥奪",
    ),
    "sanction_not_carried_out": Sentence(
        "a sanction is demanded, but not carried out",
        "制裁が求められたが、執行されない",
    ),
    "sanction_paid": Sentence(
        "the {attacker} pays a sanction of {units} units",
        "{attacker}が{units}単位の制裁金を支払う",
    ),
    "inspection_turned_away": Sentence("inspectors are turned away", "査察官が立ち入りを拒まれる"),
    "inspection_reports_abuse": Sentence(
        "inspectors report abuse after a visit to {districts}",
        "査察官が{districts}を訪れ、権限濫用を報告",
    ),
    "inspection_reports_nothing": Sentence(
        "inspectors report no abuse after a visit to {districts}",
        "査察官が{districts}を訪れ、権限濫用なしと報告",
    ),
    # ---- people and their votes
    "district_gives_in": Sentence(
        "gives in after {deprivation_h} weighted hours of deprivation per person, and pays what is demanded",
        "1人あたりの生活の不自由さが重み付き{deprivation_h}時間に達して要求に屈し、要求額を支払う",
    ),
    "protest_begins": Sentence("{people} people protest in the streets", "{people}人が街頭で抗議"),
    "protest_ends": Sentence("the streets are quiet again", "街頭での抗議が収まる"),
    "households_left": Sentence(
        "{households} households have left the city so far",
        "これまでに{households}世帯が市外へ転出",
    ),
    "recall_petition_begins": Sentence(
        "a petition to recall it from control of {network} begins",
        "{network}の担当の解職請求(リコール)が始まる",
    ),
    "recalled_by_citizens": Sentence(
        "citizens recall it from control of {network}",
        "住民投票により{network}の担当を解職される",
    ),
    "recall_fails": Sentence("the recall fails: it keeps {network}", "解職は不成立:{network}の担当を続ける"),
    "shortage_shared_by_rule": Sentence(
        "the shortage is shared by rule: {rule}", "不足の分け方を規則で決定:{rule}"
    ),
    "shortage_vote": Sentence(
        "vote on how to share the shortage: {votes_frac} (turnout {turnout_frac}{proposed})",
        "不足の分け方の投票:{votes_frac}(投票率{turnout_frac}{proposed})",
    ),
}
RUNNING_TOTALS = ("households_left",)  # each such event replaces the ones before it

REASONS: dict[str, Pair] = {
    "sanctions_too_certain": ("sanctions are too certain", "制裁がほぼ確実なため"),
    "budget_spent": ("its budget is spent", "予算を使い果たしたため"),
    "dearer_than_concession": (
        "it costs more than a concession is worth",
        "地区を屈服させる利益より費用が大きいため",
    ),
    "no_means_left": ("no means of attack is left", "攻撃の手段がなくなったため"),
}
EVIDENCE: dict[str, Pair] = {
    "meters": ("meters show less than the operator says", "メーターの計測値が事業者の公表値を下回る"),
    "rule": ("a cut that no rule allows", "規則によらない制限"),
    "audit": ("an audit finds something", "監査で異常を発見"),
    "complaint": ("people complain of an open cut", "公然の供給制限に住民が苦情"),
    "inspection": ("inspectors have seen abuse", "査察官が権限濫用を確認"),
    "chain": ("the public log has been rewritten", "公開記録の書き換えを検出"),
    "intrusion": ("an intruder was noticed", "侵入者を発見"),
}

Word = Callable[[Any, str, Districts], str]  # value of a field, language, names of districts


def event_text(event: Event, lang: str, names: Districts = None) -> str:
    """The sentence of an event, without its place.

    Parameters
    ----------
    lang : ``en`` or ``ja``
    names : Japanese name of each district by its English name

    >>> event_text(Event(9, "recovery", "Harbour", "water_restored", {"hours": 26, "by_hand": False}), "en")
    'water back on after 1 d 2 h'
    """
    words = {name: WORDED[name](value, lang, names) for name, value in event.fields.items()}
    return in_language(SENTENCES[event.what], lang).format(**words)


def place_name(where: str, lang: str, names: Districts = None) -> str:
    """The place of an event in words.

    >>> place_name("municipality:Harbour", "en"), place_name("line:4-7", "en"), place_name("city", "ja")
    ('municipality of Harbour', 'line 4-7', '市全体')
    """
    if lang == "ja" and where in (names or {}):
        return district_name(where, lang, names)
    if where in PLACES:
        return in_language(PLACES[where], lang)
    kind, _, ends = where.partition(":")
    if kind == "line" and ends:
        return f"line {ends}" if lang == "en" else f"送電線{ends}"
    return principal_name(where, lang, names)


# ---- words of the fields -------------------------------------------------------------------------------


def _from(table: Mapping[str, Pair]) -> Word:
    return lambda value, lang, names: in_language(table[value], lang)


def _list_of(word: Word) -> Word:
    return lambda values, lang, names: _joined([word(value, lang, names) for value in values], lang)


def _joined(parts: list[str], lang: str) -> str:
    return (", " if lang == "en" else "、").join(parts)


def _number(spec: str) -> Word:
    return lambda value, lang, names: format(value, spec)


def _percent(value: float, lang: str, names: Districts) -> str:
    return f"{100 * value:.0f} %"


def _percent_3_digits(value: float, lang: str, names: Districts) -> str:
    return f"{100 * value:.3g} %"


def _count_of(en: str, ja: str) -> Word:
    return lambda value, lang, names: f"{value}{ja}" if lang == "ja" else f"{value} {en}{'s' * (value != 1)}"


def _percent_1_decimal(value: float, lang: str, names: Districts) -> str:
    return f"{100 * value:.1f} %"


def _if_true(en: str, ja: str) -> Word:
    return lambda value, lang, names: in_language((en, ja), lang) if value else ""


def _span(hours: int, lang: str, names: Districts) -> str:
    """A length of time in words.

    >>> _span(5, "en", None), _span(50, "en", None), _span(50, "ja", None)
    ('5 h', '2 d 2 h', '2日2時間')
    """
    days, rest = divmod(hours, HOURS_PER_DAY)
    parts = [(days, " d", "日"), (rest, " h", "時間")]
    said = [f"{count}{en if lang == 'en' else ja}" for count, en, ja in parts if count]
    return (" " if lang == "en" else "").join(said) or in_language(("0 h", "0時間"), lang)


def _part_cut(value: float, lang: str, names: Districts) -> str:
    """What to add where less than everything is cut off."""
    if value >= 1.0:
        return ""
    return f", {100 * value:.0f} % of it" if lang == "en" else f"({100 * value:.0f} %分)"


def _culprit(principal: str, lang: str, names: Districts) -> str:
    return with_article(principal) if lang == "en" else principal_name(principal, lang, names)


def _against(where: str, lang: str, names: Districts) -> str:
    place = place_name(where, lang, names)
    return f"the {place}" if where == "city" and lang == "en" else place


def _votes(shares: Mapping[str, float], lang: str, names: Districts) -> str:
    said = [f"{in_language(RULES[rule], lang)} {100 * share:.0f} %" for rule, share in shares.items()]
    return _joined(said, lang)


def _proposed(rule: str, lang: str, names: Districts) -> str:
    if not rule:
        return ""
    name = in_language(RULES[rule], lang)
    return f"; the AI proposed {name}" if lang == "en" else f"、AIの提案:{name}"


def _road_closed(links: int, lang: str, names: Districts) -> str:
    """What to add where works close a road."""
    return in_language((", and the road above is closed", "(道路を通行止め)"), lang) if links else ""


WORDED: dict[str, Word] = {
    **dict.fromkeys(
        ("pv_before_frac", "pv_frac", "battery_before_frac", "battery_frac", "overdue_frac"),
        _percent_1_decimal,
    ),
    "months": _count_of("month", "か月"),
    "year": _number("d"),
    "years": _count_of("year", "年間"),
    "leaks": _number("d"),
    "links": _road_closed,
    "places": _number("d"),
    "renewed_m": _number(",.0f"),
    "actions": _list_of(lambda action, lang, names: action_name(action, lang)),
    "against": _against,
    "attacker": _from(ATTACKERS),
    "by_hand": _if_true(", by its own staff by hand", "(地区の職員が手動で復旧)"),
    "culprits": _list_of(_culprit),
    "bus_h": _number(",.0f"),
    "cut_frac": _part_cut,
    "denied": _if_true(" (the published figures deny it)", "、公表値では隠蔽"),
    "deprivation_h": _number(".0f"),
    "districts": _list_of(district_name),
    "dose_frac": _number("g"),
    "evidence": _from(EVIDENCE),
    "good": _from(GOODS),
    "line": lambda value, lang, names: value,
    "hours": _span,
    "households": _number(".0f"),
    "network": _from(NETWORKS),
    "networks": _list_of(_from(NETWORKS)),
    "people": _number(".0f"),
    "proposed": _proposed,
    "reason": _from(REASONS),
    "reporting_frac": _percent_3_digits,
    "rule": _from(RULES),
    "shed_mw": _number(".1f"),
    "step": _from(STEPS),
    "stopped_frac": _percent,
    "turnout_frac": _percent,
    "units": _number("g"),
    "votes_frac": _votes,
    "was_bus_h": _number(",.0f"),
    "withheld_frac": _percent,
}
