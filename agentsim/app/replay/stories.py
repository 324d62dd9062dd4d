"""How each shipped scenario opens: its story in two sentences, where its effect shows, three things to do."""

from dataclasses import dataclass
from typing import Any

from agentsim.agents.attacker.bad_actor import parse_attacker
from agentsim.app.replay.bilingual import Bilingual
from agentsim.policies import POLICIES
from agentsim.scenario.file import Scenario

Task = tuple[Bilingual, dict[str, Any]]  # what to do, and the change of the page that begins it


@dataclass(frozen=True)
class Story:
    """The first view of a scenario.

    Attributes
    ----------
    text : what happens, and what the countermeasure may change
    policies : adopted on the right map
    layer, measure, hour : what the maps show at first
    outcome : that the headline tells
    tasks : three things to do, in order
    """

    text: Bilingual
    policies: tuple[str, ...]
    layer: str
    measure: str
    hour: int
    outcome: str
    tasks: tuple[Task, ...]


def _task(en: str, ja: str, **change: Any) -> Task:
    return Bilingual(en, ja), change


_PREDICT = _task(
    "Predict what the measure changes, then look.", "対策の効果を予想してから見る", tab="predict"
)
_WHY = _task("Ask why the worst hours happened.", "最も困った時間帯の原因を調べる", tab="why")
_CALM = _task("See the same weeks without an attack.", "攻撃のない同じ期間を見る", calm=True)
_RANK = _task("Compare all listed countermeasures.", "一覧の対策をまとめて比べる", tab="rank")


def _watch(hour: int, en: str, ja: str, **change: Any) -> Task:
    return _task(en, ja, hour=hour, play=True, **change)


STORIES: dict[str, Story] = {
    "hostile_operator": Story(
        Bilingual(
            "Somebody has captured the central control rooms of Bay City and cuts one district off from"
            " power,"
            " water and roads, day by day. With W-C1 the district's own municipality operates its water"
            " valves and"
            " wells.",
            "何者かがベイシティの中央制御室を乗っ取り、一つの地区への電気・水・道路を日ごとに断ちます。"
            "W-C1では、"
            "その地区の自治体が自ら給水弁と井戸を操作します。",
        ),
        policies=("W-C1",),
        layer="districts",
        measure="water",
        hour=216,
        outcome="deprivation_target_district",
        tasks=(
            _watch(
                60,
                "Play the attack and watch the district marked ◎.",
                "攻撃を再生し、◎の地区を見る",
            ),
            _PREDICT,
            _CALM,
        ),
    ),
    "river_town": Story(
        Bilingual(
            "The same attack in a valley with one trunk main, one road and pumped water. Do the"
            " municipality's own valves"
            " and wells (W-C1), which help in Bay City, help here too?",
            "同じ攻撃を、幹線水道管と道路が1本ずつしかなく、水をポンプで送る谷の町で行います。"
            "ベイシティで役立つ自治体の給水弁と井戸"
            "(W-C1)は、ここでも役立つでしょうか。",
        ),
        policies=("W-C1",),
        layer="districts",
        measure="water",
        hour=487,
        outcome="deprivation_target_district",
        tasks=(
            _watch(
                60,
                "Play the attack and watch the district marked ◎.",
                "攻撃を再生し、◎の地区を見る",
            ),
            _PREDICT,
            _RANK,
        ),
    ),
    "drought": Story(
        Bilingual(
            "It hardly rains for weeks, and in the third week the dam runs dry. Desalination (W-S1)"
            " makes a fifth of"
            " the city's water from the sea.",
            "雨がほとんど降らず、3週目にダムが空になります。海水淡水化(W-S1)は、"
            "市の水の5分の1を海水からつくります。",
        ),
        policies=("W-S1",),
        layer="districts",
        measure="water",
        hour=427,
        outcome="water_unserved_m3",
        tasks=(
            _watch(
                312,
                "Play from day 14 and watch the taps run dry.",
                "14日目から再生し、断水が広がる様子を見る",
            ),
            _PREDICT,
            _RANK,
        ),
    ),
    "embargo_in_the_build_up": Story(
        Bilingual(
            "The city built grid storage (E-S4) for a year with too few power stations, but during the second"
            " year of building the supplier of nine tenths of the metals sold nothing. A part is missing this"
            " August, and the rest was dear.",
            "発電所が足りなくなる年に備えて系統用蓄電池(E-S4)を整備していましたが、2年目に、"
            "金属の9割を供給する事業者が販売を止めました。この8月、蓄電池の一部は間に合わず、"
            "できた分も高くつきました。",
        ),
        policies=("E-S4",),
        layer="districts",
        measure="power",
        hour=259,
        outcome="ens_mwh",
        tasks=(
            _watch(
                228,
                "Play from day 10 and watch the evenings.",
                "10日目から再生し、夕方の停電を見る",
            ),
            _PREDICT,
            _RANK,
        ),
    ),
    "fuel_embargo": Story(
        Bilingual(
            "The larger of two oil suppliers stops selling on day 6, the city has fuel for two days,"
            " and the power"
            " stations' depot runs dry. With R-C2 no supplier may have more than half of the orders,"
            " and local works make"
            " biofuel.",
            "在庫が2日分しかない都市で、二つの石油供給事業者のうち大きいほうが6日目に販売を止め、"
            "発電所の燃料が底をつきます。R-C2では、"
            "1社からの調達を半分までとし、地元でバイオ燃料をつくります。",
        ),
        policies=("R-C2",),
        layer="supply",
        measure="power",
        hour=260,
        outcome="ens_mwh",
        tasks=(
            _watch(
                108,
                "Play from day 5 and watch the fuel depots (●).",
                "5日目から再生し、燃料の備蓄(●)を見る",
            ),
            _PREDICT,
            _CALM,
        ),
    ),
    "ordinary_fortnight": Story(
        Bilingual(
            "Two ordinary weeks of August: nobody attacks, and things fail by themselves. A"
            " countermeasure costs its"
            " price here and has little to do.",
            "攻撃のない8月の平常な二週間で、起きるのは設備の自然故障だけです。対策は、ここでは費用がかかり、"
            "出番はほとんどありません。",
        ),
        policies=("X-C5",),
        layer="districts",
        measure="power",
        hour=18,
        outcome="bill_jpy_per_household_month",
        tasks=(
            _watch(0, "Play the two weeks: does anything go wrong?", "二週間を再生し、何か起きるかを見る"),
            _task(
                "Add a countermeasure on the left and read its price.",
                "左で対策を一つ加え、その費用を読む",
                toggle="W-C1",
            ),
            _WHY,
        ),
    ),
    "replay_oldsmar_2021": Story(
        Bilingual(
            "An intruder sets the chemicals of the waterworks to 111 times the right dose, as in"
            " Florida in 2021."
            " The staff see it within the hour, so no bad water leaves the works, with or without a"
            " countermeasure.",
            "2021年のフロリダの事件のように、侵入者が浄水場の薬品の注入量を適正量の111倍にします。"
            "職員が1時間以内に気づくため、"
            "対策の有無にかかわらず、危険な水は市内に流れません。",
        ),
        policies=("W-C2",),
        layer="districts",
        measure="water",
        hour=33,
        outcome="contamination_person_h",
        tasks=(
            _watch(
                24, "Play day 2 and read the events below the clock.", "2日目を再生し、時計の下の出来事を読む"
            ),
            _WHY,
            _task(
                "In Numbers, change what you doubt, and look again.",
                "「数値」で、疑わしい仮定を変えて見直す",
                tab="expert",
            ),
        ),
    ),
    "replay_rare_earths_2010": Story(
        Bilingual(
            "The supplier of nine tenths of the minerals sells nothing for sixty days, as with rare"
            " earths in 2010."
            " With R-C2 no supplier may have more than half of the orders, and works recycle minerals.",
            "2010年のレアアースの輸出制限のように、鉱物の9割を供給する事業者が60日間販売を止めます。"
            "R-C2では、"
            "1社からの調達を半分までとし、鉱物を再資源化します。",
        ),
        policies=("R-C2",),
        layer="supply",
        measure="power",
        hour=1850,
        outcome="minerals_price_index",
        tasks=(
            _watch(
                108,
                "Play from day 5 and watch the minerals (■).",
                "5日目から再生し、鉱物の備蓄(■)を見る",
            ),
            _PREDICT,
            _CALM,
        ),
    ),
    "replay_ukraine_2015": Story(
        Bilingual(
            "Intruders open the breakers of three districts on a December afternoon, as in Ukraine in"
            " 2015. With E-C2"
            " municipalities may undo by hand what the control room orders.",
            "2015年のウクライナの停電のように、12月の午後に侵入者が三つの地区の遮断器を開きます。E-C2では、"
            "自治体が制御室の指令を手動で取り消せます。",
        ),
        policies=("E-C2",),
        layer="districts",
        measure="power",
        hour=94,
        outcome="ens_mwh",
        tasks=(
            _watch(
                84, "Play day 4 from noon: how long is it dark?", "4日目の正午から再生し、停電の長さを見る"
            ),
            _PREDICT,
            _WHY,
        ),
    ),
    "tight_year": Story(
        Bilingual(
            "A hot August in a year with too few power stations: on some evenings not everybody can be"
            " served. Grid"
            " storage (E-S4) moves energy from noon to the evening.",
            "発電所が足りない年の暑い8月で、夕方に電気が足りない日があります。系統用蓄電池(E-S4)は、"
            "昼の電気を夕方に回します。",
        ),
        policies=("E-S4",),
        layer="districts",
        measure="power",
        hour=259,
        outcome="ens_mwh",
        tasks=(
            _watch(0, "Play the four weeks and watch the evenings.", "四週間を再生し、夕方を見る"),
            _PREDICT,
            _RANK,
        ),
    ),
    "cloudy_week": Story(
        Bilingual(
            "Two weeks of the rainy season: clouds come and go, and nobody knows how much power the city will"
            " want. With E-S1 the control room learns from the published load of eight weeks.",
            "梅雨の二週間で、雲の出方も電気の使われ方も読めません。E-S1では、"
            "中央給電指令所が公表された8週間の需要から予測を学びます。",
        ),
        policies=("E-S1",),
        layer="grid",
        measure="power",
        hour=18,
        outcome="reserve_cost_jpy",
        tasks=(
            _watch(0, "Play the two weeks: is power ever short?", "二週間を再生し、電気が足りるかを見る"),
            _PREDICT,
            _RANK,
        ),
    ),
    "ten_years_on": Story(
        Bilingual(
            "Ten years go by in which homes buy solar panels if that pays, and water mains grow old. Then a"
            " captured control room cuts off one district, which E-C2 and E-S2 supply with what these years"
            " have left.",
            "家庭が採算に応じて太陽光パネルを買い、水道管が古くなっていく十年が過ぎます。その後、"
            "乗っ取られた中央制御室が一つの地区を切り離し、E-C2とE-S2は十年間に備わった設備で電気を届けます。",
        ),
        policies=("E-C2", "E-S2"),
        layer="districts",
        measure="power",
        hour=80,
        outcome="power_restricted_mwh",
        tasks=(
            _watch(
                0, "Read the first events: what did the years change?", "最初の出来事から、年月の変化を読む"
            ),
            _PREDICT,
            _RANK,
        ),
    ),
    "rush_hour": Story(
        Bilingual(
            "Everybody travels at the same hours, and queues last from one hour to the next. T-S1 gives green"
            " to where traffic is.",
            "人々の移動が同じ時間帯に集中し、渋滞が次の時間まで残ります。"
            "T-S1では、信号が交通量に合わせて青の時間を配分します。",
        ),
        policies=("T-S1",),
        layer="roads",
        measure="roads",
        hour=32,
        outcome="delay_h_per_trip",
        tasks=(
            _watch(0, "Play a day: when do roads fill up?", "一日を再生し、道路が混む時間を見る"),
            _PREDICT,
            _task(
                "Let buses run on eight lines: how full do they get?",
                "バスを8路線で運行し、混む時間を見る",
                number={"key": "bus_lines.lines", "text": "8"},
                hour=32,
                layer="roads",
            ),
        ),
    ),
    "after_the_drivers": Story(
        Bilingual(
            "Three in five cars drive themselves and hang on the cloud of their maker. Three times in four"
            " weeks a saboteur who holds it stops them all.",
            "自動車の5台に3台が自動運転で、メーカーのクラウドに接続しています。"
            "クラウドを乗っ取った攻撃者が、数日間ずつ全車を停止させます。",
        ),
        policies=("T-S2",),
        layer="roads",
        measure="roads",
        hour=176,
        outcome="accessibility_frac",
        tasks=(
            _watch(
                168,
                "Play the second week: who no longer gets anywhere?",
                "2週目を再生し、移動できない人を見る",
            ),
            _PREDICT,
            _CALM,
        ),
    ),
    "leaky_old_town": Story(
        Bilingual(
            "A third of the water is lost in old mains, half of it through bursts that nobody sees. With W-S2"
            " the flow at night is measured and crews dig where pressures point to.",
            "古い水道管で水の3割が失われ、その半分は誰も気づかない破損によるものです。W-S2では、"
            "夜間の流量を測り、水圧が示す場所を作業班が掘ります。",
        ),
        policies=("W-S2",),
        layer="water",
        measure="water",
        hour=1005,
        outcome="leakage_share",
        tasks=(
            _watch(0, "Play the six weeks and read the events.", "六週間を再生し、出来事を読む"),
            _PREDICT,
            _RANK,
        ),
    ),
}
# the outcome by which an attacker of a kind is judged
JUDGED_BY = {"coercer": "deprivation_target_district", "cartel": "fuel_price_jpy_per_l"} | {
    "rent_seeker": "power_price_jpy_per_kwh"
}
_ATTACKS = {
    "coercer": ("cuts off one district", "一つの地区への供給を断ちます"),
    "saboteur": ("causes damage wherever it can", "場所を選ばず被害を与えます"),
    "cartel": ("withholds imports to raise their price", "輸入品を出し渋り、価格をつり上げます"),
    "rent_seeker": ("profits from shortage", "不足から利益を得ます"),
}


def story_of(name: str, scenario: Scenario) -> Story:
    """The first view of a scenario; one of a visitor's own is told from its numbers."""
    if name in STORIES:
        return STORIES[name]
    kind, _ = parse_attacker(scenario.attacker.kind)
    named = [id for id in scenario.compare.policies if id in POLICIES]
    attacked = kind != "none"
    hour = min(scenario.attacker.first_hour + 12, scenario.hours - 1) if attacked else 0
    return Story(
        _told(scenario, kind),
        policies=tuple(named[:1]),
        layer="districts",
        measure="deprivation",
        hour=hour,
        outcome=JUDGED_BY.get(kind, "deprivation_mean"),
        tasks=(
            _watch(
                max(0, hour - 24),
                "Play and watch where people go without.",
                "再生し、どの地区が困るかを見る",
            ),
            _PREDICT,
            _CALM if attacked else _RANK,
        ),
    )


def _told(scenario: Scenario, kind: str) -> Bilingual:
    """Two sentences on a scenario that has no story of its own."""
    days = round(scenario.hours / 24)
    if kind == "none":
        return Bilingual(
            f"{scenario.title or 'A city'}, for {days} days: nobody attacks. The right map shows the"
            f" same days with the"
            " countermeasures that are ticked.",
            f"{scenario.title_ja or 'ある都市'}の{days}日間で、攻撃はありません。右の地図は、"
            f"選んだ対策がある場合の同じ期間です。",
        )
    first = scenario.attacker.first_hour // 24 + 1
    does = _ATTACKS[kind]
    return Bilingual(
        f"{scenario.title or 'A city'}, for {days} days: from day {first} on an attacker {does[0]}. The"
        f" right map shows"
        " the same days with the countermeasures that are ticked.",
        f"{scenario.title_ja or 'ある都市'}の{days}日間で、{first}日目から攻撃者が{does[1]}。"
        f"右の地図は、選んだ対策がある場合の同じ期間です。",
    )
