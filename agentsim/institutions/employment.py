"""Jobs: how many a sum of wages pays for, and what becomes of those whose job goes (mechanisms S8, S10).

    jobs = wages / wage of a year                     wages are shares of what is paid for works and upkeep
    still looking after m months = lost (1 - h)^m     h the hazard of finding another job, 0.12 a month

Who finds another job earns 15 % less there. Branches are those that are paid, not those where people live.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from agentsim.core.parameters import parameter

BRANCHES = ("power", "water", "transport", "public", "construction")
# who runs what a payer of the charter pays for
RUN_BY = {
    "power_tariff": "power",
    "owners": "power",
    "water_tariff": "water",
    "road_tax": "transport",
    "local_tax": "public",
}


@dataclass(frozen=True)
class EmploymentParameters:
    """Wages, their share of what is paid, and how people find another job."""

    wage_jpy_per_y: float = parameter(
        4.6e6, "JPY/y", "mean of a year, Japan, National Tax Agency, order of 2023", "M", 1.0, 1e9
    )
    running_wage_frac: float = parameter(0.5, "1", "wages over running costs", "A", 0, 1)
    capital_wage_frac: float = parameter(
        0.25, "1", "wages of those who install it over the capital; the rest goes to makers", "A", 0, 1
    )
    wires_wage_frac: float = parameter(0.3, "1", "wages over the cost of wires", "A", 0, 1)
    stations_wage_frac: float = parameter(0.2, "1", "wages over the fixed cost of power stations", "A", 0, 1)
    retail_wage_frac: float = parameter(0.6, "1", "wages over the cost of selling power", "A", 0, 1)
    waterworks_wage_frac: float = parameter(0.15, "1", "wages over the income of waterworks", "A", 0, 1)
    trade_wage_frac: float = parameter(0.1, "1", "wages over what petrol and food cost", "A", 0, 1)
    found_per_month: float = parameter(
        0.12, "1/month", "hazard of finding another job (mechanisms S8)", "A", 0, 1
    )
    wage_loss_frac: float = parameter(0.15, "1", "less wage in the other job (mechanisms S8)", "A", 0, 1)


def jobs(wages_jpy_per_y: float, parameters: EmploymentParameters) -> float:
    """Jobs of a year that wages pay for.

    >>> jobs(46e6, EmploymentParameters())
    10.0
    """
    return wages_jpy_per_y / parameters.wage_jpy_per_y


def wages_of(
    capital_jpy_per_y: float, running_jpy_per_y: float, p: EmploymentParameters
) -> tuple[float, float]:
    """Wages in what equipment costs: of those who install it, and of those who run it [JPY/y].

    *capital_jpy_per_y* is the capital over its life, without interest.
    """
    return p.capital_wage_frac * capital_jpy_per_y, p.running_wage_frac * running_jpy_per_y


def jobs_by_branch(
    capital_jpy_per_y: Mapping[str, float], running_jpy_per_y: Mapping[str, float], p: EmploymentParameters
) -> dict[str, float]:
    """Jobs that measures bring, by branch, from what they cost by payer (``PAYERS``) without interest."""
    brought = dict.fromkeys(BRANCHES, 0.0)
    for payer, branch in RUN_BY.items():
        builds, runs = wages_of(capital_jpy_per_y.get(payer, 0.0), running_jpy_per_y.get(payer, 0.0), p)
        brought["construction"] += jobs(builds, p)
        brought[branch] += jobs(runs, p)
    return brought


def displaced(jobs_before: float, output_frac: float) -> float:
    """Jobs lost where a branch makes only this share of what it made before.

    >>> displaced(200.0, 0.75), displaced(200.0, 1.2)
    (50.0, 0.0)
    """
    return jobs_before * min(max(1.0 - output_frac, 0.0), 1.0)


def still_looking(lost: float, months: float, parameters: EmploymentParameters) -> float:
    """Of those who lost their job, how many have found none after so many *months*.

    >>> round(still_looking(100.0, 12.0, EmploymentParameters()))
    22
    """
    return lost * (1.0 - parameters.found_per_month) ** months


def wages_lost_jpy(lost: float, months: float, p: EmploymentParameters, step_months: float = 0.1) -> float:
    """Wages that people who lost their job miss within so many *months*: all of it, then a part [JPY]."""
    steps = max(round(months / step_months), 1)
    length, wage = months / steps, p.wage_jpy_per_y / 12.0
    looking = [still_looking(lost, (step + 0.5) * length, p) for step in range(steps)]
    return sum((one + p.wage_loss_frac * (lost - one)) * wage * length for one in looking)
