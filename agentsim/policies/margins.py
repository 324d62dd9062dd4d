"""The largest change of each outcome that counts as none in a verdict on a claim, and why."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Margin:
    """The largest change of an outcome that counts as none, and why.

    ``size`` is in the unit of the outcome, or with ``of_base`` a share of its mean without the measures.
    """

    size: float
    reason: str
    reason_ja: str
    of_base: bool = True


MARGINS: dict[str, Margin] = {
    "ens_mwh": Margin(
        0.05,
        "the adequacy of the model itself agrees with theory to 5 to 7 % (docs/validation.md)",
        "モデル自体の供給信頼度の計算誤差が5～7 %である(docs/validation.md)",
    ),
    "co2_t": Margin(
        0.01,
        "Japan's target for 2030 asks for more than twice as much in every single year",
        "日本の2030年目標は毎年この2倍を超える削減を求めている",
    ),
    "power_price_jpy_per_kwh": Margin(
        0.01, "0.3 JPY per kWh, about 110 JPY of a home's month", "1 kWhあたり0.3円、1世帯で月110円ほど"
    ),
    "water_price_jpy_per_m3": Margin(0.01, "some ten JPY of a home's month", "1世帯で月数十円"),
    "bill_jpy_per_household_month": Margin(0.01, "about 130 JPY a month", "月130円ほど"),
    "transit_cost_jpy_per_pkm": Margin(0.01, "as for the other prices", "他の価格と同じ"),
    "extraction_cost_jpy_per_t": Margin(0.01, "as for the other prices", "他の価格と同じ"),
    "capital_jpy_per_household_year": Margin(
        1_500.0,
        "about 1 % of what a household pays for power and water in a year",
        "1世帯が電気と水道に払う年額の約1 %",
        of_base=False,
    ),
    "largest_outage_mwh": Margin(
        0.1,
        "the largest of a few outages is known less well than their sum",
        "最大の停電は停電全体の合計よりも不確かである",
    ),
    "incumbent_profit_jpy": Margin(
        0.05,
        "no firm changes its business for a twentieth of its profit",
        "利益の20分の1では事業の転換は起きない",
    ),
    "stranded_assets_jpy": Margin(
        100e6,
        "about 1 % of what the city's power stations are worth in the books",
        "市の発電所の帳簿価額の約1 %",
        of_base=False,
    ),
    "water_unserved_m3": Margin(
        0.05, "in four weeks of drought about a day and a half", "4週間の渇水で1日半ほど"
    ),
    "contamination_person_h": Margin(
        0.05, "what a dose does to people is known far less well", "健康影響の不確かさのほうがはるかに大きい"
    ),
    "smallest_capture_set_water": Margin(
        0.1,
        "less than one capture more or fewer in one district of eight",
        "8地区のうち1地区で乗っ取り先が1つ増減するより小さい",
        of_base=False,
    ),
    "delay_h_per_trip": Margin(
        0.02, "surveys of travel time do not show less", "旅行時間調査で検出できない大きさである"
    ),
    "delay_h_per_person_trip": Margin(0.02, "as for the delay of a vehicle", "車両1台あたりの遅れ時間と同じ"),
    "casualties": Margin(0.02, "as for crashes", "事故件数と同じ"),
    "driving_jobs_displaced_share": Margin(
        0.02,
        "a fiftieth of all drivers retires in any year",
        "運転職の50分の1は毎年退職する",
        of_base=False,
    ),
    "jobs_not_found": Margin(10.0, "as for the jobs that go", "失われた雇用と同じ", of_base=False),
    "wages_lost_jpy": Margin(
        2e6,
        "what ten people earn in a fortnight",
        "10人が2週間で得る賃金",
        of_base=False,
    ),
    "crashes": Margin(
        0.02,
        "a thousand crashes a year differ by 3 % from year to year by chance alone",
        "年1,000件の事故は偶然だけで年ごとに3 %変動する",
    ),
    "transit_mode_share": Margin(
        0.005,
        "half a percentage point: a tenth of the trips that go by bus",
        "0.5ポイント。バス利用の10分の1",
        of_base=False,
    ),
    "transit_bus_h_per_day": Margin(0.02, "one bus in fifty", "バス50台に1台"),
    "jobs_displaced": Margin(
        10.0,
        "in a city of 66,000 people fewer than change hands in a month",
        "人口66,000人の都市で1か月の転職者数より少ない",
        of_base=False,
    ),
    "fuel_stockout_days": Margin(0.05, "as for the fuel that is not supplied", "燃料不足量と同じ"),
    "waste_t": Margin(
        0.02,
        "what a city throws away is weighed no better from year to year",
        "都市の廃棄物量は年ごとにこれより正確には計量されない",
    ),
    "land_ha": Margin(
        10.0,
        "a thousandth of the land that a city of this size covers",
        "この規模の都市の面積の1000分の1",
        of_base=False,
    ),
    "extraction_margin_jpy": Margin(
        0.05,
        "no firm changes its business for a twentieth of its margin",
        "利益の20分の1では事業の転換は起きない",
    ),
    "extraction_stranded_jpy": Margin(
        80e6,
        "about 1 % of the assets that serve the city",
        "この都市に供給する資産の約1 %",
        of_base=False,
    ),
    "extraction_jobs": Margin(0.05, "as for the margin of those firms", "企業の収支と同じ"),
    "fuel_unserved_t": Margin(
        0.05, "in four weeks of embargo about a day and a half", "4週間の禁輸で1日半ほど"
    ),
    "deprivation_worst_district": Margin(
        0.05, "in six weeks of attack about two days", "6週間の攻撃で2日ほど"
    ),
    "deprivation_gini": Margin(
        0.01,
        "Gini coefficients are published to two decimals",
        "ジニ係数は小数第2位まで公表される",
        of_base=False,
    ),
}
