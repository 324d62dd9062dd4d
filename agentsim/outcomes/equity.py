"""Outcomes of people: deprivation and how unevenly it is spread, trust, protest, output lost."""

import numpy as np

from agentsim.outcomes.record import Record, outcome, share


def _by_district(record: Record) -> np.ndarray:
    """Deprivation-hours per person in each district."""
    return record.at["deprivation_h"][: record.lived].sum(axis=0)


@outcome("weighted h", "Deprivation, mean", "生活の不自由さ(平均)")
def deprivation_mean(record: Record) -> float:
    """Weighted deprivation-hours per person over the run, mean over all people. An hour without power, water,
    food or mobility counts weight x (exp(b tau) - 1). Here tau is the time that the need has gone unmet, at
    most 48 h. Each further hour therefore counts more (Holguin-Veras et al. 2013). The first whole day
    without water adds 18 weighted hours, the second day 90 more. With attacker.persistence =
    "until_concession" it does not compare harm, because a siege ends at what a district can bear. People who
    left the city count on with the mean of those who stayed in their district: fleeing is no relief.
    """
    closing = record.closing
    return float(np.average(closing.deprivation_h, weights=closing.people_weight))


@outcome("weighted h", "Deprivation, target district", "生活の不自由さ(標的地区)")
def deprivation_target_district(record: Record) -> float:
    """Weighted deprivation-hours per person (see deprivation_mean) in the district that the attacker has
    chosen. The value is 0 if a coercer has chosen none yet. It is undefined without an attacker that
    chooses a district.
    """
    target = record.closing.target
    if target is None:
        return 0.0 if record.closing.attacked else float("nan")
    return float(_by_district(record)[target])


@outcome("weighted h", "Deprivation, worst district", "生活の不自由さ(最も深刻な地区)")
def deprivation_worst_district(record: Record) -> float:
    """Weighted deprivation-hours per person (see deprivation_mean) in the district where they are
    highest.
    """
    return float(_by_district(record).max())


@outcome("1", "Inequality of deprivation (Gini)", "生活の不自由さの格差(ジニ係数)", kind="share")
def deprivation_gini(record: Record) -> float:
    """Gini coefficient of weighted deprivation-hours over people: 0 if all suffer the same, near 1 if one
    person suffers all of it. It is 0 if nobody is deprived.
    """
    closing = record.closing
    order = np.argsort(closing.deprivation_h, kind="stable")
    value, weight = closing.deprivation_h[order], closing.people_weight[order]
    total = float((value * weight).sum())
    if total <= 0:
        return 0.0
    below = np.cumsum(weight) - weight / 2.0
    return float(2.0 * (value * weight * below).sum() / (total * weight.sum()) - 1.0)


@outcome("weighted h", "Deprivation, worst twentieth of people", "生活の不自由さ(最も深刻な5 %の人、CVaR95)")
def cvar95_deprivation(record: Record) -> float:
    """Weighted deprivation-hours per person, mean over the 5 % of people who suffer most (CVaR95)."""
    closing = record.closing
    order = np.argsort(-closing.deprivation_h, kind="stable")
    value, weight = closing.deprivation_h[order], closing.people_weight[order]
    tail = 0.05 * weight.sum()
    taken = np.clip(tail - (np.cumsum(weight) - weight), 0.0, weight)
    return float((value * taken).sum() / tail)


@outcome("1", "Output lost", "生産損失率", kind="share")
def output_lost_frac(record: Record) -> float:
    """Value added that firms lost for lack of power, water or staff, as a share of the usual value added."""
    return share(record.total("output_lost_jpy"), record.total("output_usual_jpy"))


def _lost_in(sector: str, title: str, title_ja: str) -> None:
    """Register what one sector lost, as an outcome of its own."""

    def lost(record: Record) -> float:
        return record.closing.sector_lost_frac.get(sector, 0.0)

    lost.__name__ = f"output_lost_frac_{sector}"
    lost.__doc__ = f"Output lost as in output_lost_frac, in {title.lower()} alone."
    outcome("1", f"Output lost, {title.lower()}", f"生産損失率({title_ja})", kind="share")(lost)


for _sector, _title, _title_ja in (
    ("manufacturing", "Manufacturing", "製造業"),
    ("retail", "Retail", "小売業"),
    ("health", "Health", "医療"),
    ("lodging_and_food", "Lodging and food", "宿泊・飲食"),
    ("information", "Information", "情報通信"),
    ("construction_and_transport", "Construction and transport", "建設・運輸"),
):
    _lost_in(_sector, _title, _title_ja)


@outcome("1", "Trust at the end", "制度への信頼度(終了時)", better=1, kind="share")
def trust_end(record: Record) -> float:
    """Trust of people in their institutions at the end of the run, from 0 to 1, mean over all people."""
    closing = record.closing
    return float(np.average(closing.trust, weights=closing.people_weight))


@outcome("1", "Protest at its peak", "抗議参加率(最大)", better=0, kind="share")
def protest_peak_frac(record: Record) -> float:
    """Largest share of all people of the city who protested in the streets on the same day."""
    return float(record.city["protesters_frac"][: record.lived].max(initial=0.0))


@outcome("households", "Households that moved away", "転出世帯数")
def households_moved(record: Record) -> float:
    """Households that left the city for good during the run."""
    return record.closing.households_moved


@outcome("h", "Autonomy", "自立可能時間", better=1)
def autonomy_h(record: Record) -> float:
    """Hours that a district could live on its own stocks and local supply if everything were cut off at the
    start. For power, water and food this is stock / (need - local supply). The shortest of the three counts,
    mean over districts.
    """
    return record.closing.autonomy_h
