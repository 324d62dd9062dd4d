"""Outcomes of people: deprivation, how unevenly it falls, trust, and what is no longer produced."""

import numpy as np

from agentsim.outcomes.record import Record, outcome, share


def _by_district(record: Record) -> np.ndarray:
    """Deprivation-hours a head in each district."""
    return record.at["deprivation_h"][: record.lived].sum(axis=0)


@outcome("weighted h", "Deprivation, mean", "欠乏の大きさ(平均)")
def deprivation_mean(record: Record) -> float:
    """Weighted deprivation-hours a head over the run: each hour without power, water, food or mobility
    counts exp(b tau) - 1, more the longer it lasts (Holguin-Veras 2013). A first
    day without water is 17, a second one 90."""
    closing = record.closing
    return float(np.average(closing.deprivation_h, weights=closing.people_weight))


@outcome("weighted h", "Deprivation, target district", "欠乏の大きさ(標的地区)")
def deprivation_target_district(record: Record) -> float:
    """Weighted deprivation-hours a head in the district that the attacker chose; 0 where it chose none, and
    undefined without an attacker."""
    target = record.closing.target
    if target is None:
        return 0.0 if record.closing.attacked else float("nan")
    return float(_by_district(record)[target])


@outcome("weighted h", "Deprivation, worst district", "欠乏の大きさ(最悪の地区)")
def deprivation_worst_district(record: Record) -> float:
    """Weighted deprivation-hours a head in the district that suffers most."""
    return float(_by_district(record).max())


@outcome("1", "Inequality of deprivation (Gini)", "欠乏の不平等(ジニ係数)")
def deprivation_gini(record: Record) -> float:
    """Gini coefficient of weighted deprivation-hours over people; 0 where nobody suffers."""
    closing = record.closing
    order = np.argsort(closing.deprivation_h, kind="stable")
    value, weight = closing.deprivation_h[order], closing.people_weight[order]
    total = float((value * weight).sum())
    if total <= 0:
        return 0.0
    below = np.cumsum(weight) - weight / 2.0
    return float(2.0 * (value * weight * below).sum() / (total * weight.sum()) - 1.0)


@outcome("weighted h", "Deprivation, worst twentieth of people", "欠乏の大きさ(最も苦しい5 %の人、CVaR95)")
def cvar95_deprivation(record: Record) -> float:
    """Mean weighted deprivation-hours of the 5 % of people who suffer most (CVaR95 over households)."""
    closing = record.closing
    order = np.argsort(-closing.deprivation_h, kind="stable")
    value, weight = closing.deprivation_h[order], closing.people_weight[order]
    tail = 0.05 * weight.sum()
    taken = np.clip(tail - (np.cumsum(weight) - weight), 0.0, weight)
    return float((value * taken).sum() / tail)


@outcome("1", "Output lost", "生産損失率")
def output_lost_frac(record: Record) -> float:
    """Value added that firms could not produce for want of power, water and staff, over the ordinary."""
    return share(record.total("output_lost_jpy"), record.total("output_usual_jpy"))


def _lost_in(sector: str, title: str, title_ja: str) -> None:
    """Register what one sector lost, as an outcome of its own."""

    def lost(record: Record) -> float:
        return record.closing.sector_lost_frac.get(sector, 0.0)

    lost.__name__ = f"output_lost_frac_{sector}"
    lost.__doc__ = f"As ``output_lost_frac``, of {title.lower()} alone."
    outcome("1", f"Output lost, {title.lower()}", f"生産損失率({title_ja})")(lost)


for _sector, _title, _title_ja in (
    ("manufacturing", "Manufacturing", "製造"),
    ("retail", "Retail", "小売"),
    ("health", "Health", "医療"),
    ("lodging_and_food", "Lodging and food", "宿泊・飲食"),
    ("information", "Information", "情報"),
    ("construction_and_transport", "Construction and transport", "建設・運輸"),
):
    _lost_in(_sector, _title, _title_ja)


@outcome("1", "Trust at the end", "信頼度(終了時)", better=1)
def trust_end(record: Record) -> float:
    """Mean trust of people in their institutions at the end, 0 to 1."""
    closing = record.closing
    return float(np.average(closing.trust, weights=closing.people_weight))


@outcome("1", "Protest, at its peak", "抗議参加率(最大)", better=0)
def protest_peak_frac(record: Record) -> float:
    """Largest share of people in the streets on one day."""
    return float(record.city["protesters_frac"][: record.lived].max(initial=0.0))


@outcome("households", "Households that moved away", "転出世帯数")
def households_moved(record: Record) -> float:
    """Households that left their district for good."""
    return record.closing.households_moved


@outcome("h", "Autonomy", "自立可能時間", better=1)
def autonomy_h(record: Record) -> float:
    """How long a district lives on its own stock when everything is cut off at once, tau = stock / (need -
    local supply), mean over districts, at the start."""
    return record.closing.autonomy_h
