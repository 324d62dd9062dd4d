"""What a run costs the city's people: deprivation in money, lost output, concessions and the measures.

Deprivation-hours are already convex in the time gone without (mechanisms S15); one number turns them into
money. It is chosen so that a cut of power of a given length costs what the value of lost load says:

    JPY per weighted hour = VoLL x load a person x T / sum_{t=1..T} kappa (exp(b min(t, cap)) - 1)

(value of lost load: Matsubara et al. 2025, Energies; convex deprivation cost: Holguin-Veras et al. 2013,
J. Operations Management 31).
"""

import math
from dataclasses import dataclass

from agentsim.core.parameters import parameter
from agentsim.outcomes.record import Record, outcome


@dataclass(frozen=True)
class SocialCostParameters:
    """What a weighted deprivation-hour is worth, and how often a year the run happens."""

    voll_jpy_per_kwh: float = parameter(
        560.0, "JPY/kWh", "homes, sudden cut of 2 h in summer, Matsubara et al. 2025, Energies", "V", 0, 1e6
    )
    anchor_kw_per_person: float = parameter(
        0.23, "kW", "mean load at home a person: 375 kWh a home and month, 2.2 persons", "M", 0.01, 10
    )
    anchor_outage_h: int = parameter(
        24,
        "h",
        "cut over which the value of lost load is taken for right; with 2 all is worth ten times more",
        "A",
        1,
        720,
    )
    runs_per_year: float = parameter(1.0, "1/y", "how often a year the run's losses occur", "A", 0, 8760)


def deprivation_jpy_per_h(
    numbers: SocialCostParameters, weight: float, growth_per_h: float, cap_h: float
) -> float:
    """Worth of a weighted deprivation-hour of one person [JPY], from the weight and clock of power.

    >>> round(deprivation_jpy_per_h(SocialCostParameters(), 1.0, 1 / 48, 48.0))
    414
    """
    hours = range(1, numbers.anchor_outage_h + 1)
    suffered_h = sum(weight * math.expm1(growth_per_h * min(hour, cap_h)) for hour in hours)
    lost_kwh = numbers.anchor_kw_per_person * numbers.anchor_outage_h
    return numbers.voll_jpy_per_kwh * lost_kwh / suffered_h if suffered_h > 0 else 0.0


@outcome("JPY", "Loss per household", "損失額(1世帯あたり)")
def loss_jpy_per_household(record: Record) -> float:
    """What the run took from people, per household of the city: deprivation valued in money, output that
    firms lost, and what districts handed over to a coercer. A weighted deprivation-hour is worth what makes a
    day without power cost its value of lost load; see the parameters [social_cost]. Measures are not counted.
    """
    closing = record.closing
    deprived_h = float(closing.deprivation_h @ closing.people_weight)
    lost = deprived_h * closing.deprivation_jpy_per_h + record.total("output_lost_jpy")
    return (lost + closing.concession_loss_jpy) / closing.households


@outcome("JPY/y", "Cost to society per household", "社会的費用(1世帯・1年あたり)")
def social_cost_jpy_per_household_year(record: Record) -> float:
    """The losses of the run (see loss_jpy_per_household) times the number of such runs in a year, one by
    default, and a year of annuities and running costs of the measures. The rest of the year is counted as
    without losses.
    """
    closing = record.closing
    losses = closing.runs_per_year * loss_jpy_per_household(record)
    return losses + closing.capital_jpy_per_household_y
