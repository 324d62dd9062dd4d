"""Gains of an attacker hour by hour, and what it expects beyond the end of a rehearsal."""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.attacker.actions import BadActorParameters
from agentsim.agents.attacker.mind import Plan
from agentsim.core.messages import Hour
from agentsim.core.units import HOURS_PER_DAY

JPY_PER_MILLION = 1e6


@dataclass(frozen=True)
class Stake:
    """The district, terminals and generating units by which an attacker's gains are counted."""

    district: int  # of a coercer, -1: none
    until_concession: bool  # it is a coercer to whom a district may concede: it counts concessions
    people: np.ndarray  # (districts,)
    terminals: np.ndarray  # whose sales are its own, indices
    goods: np.ndarray  # what these terminals sell, indices of goods
    units: np.ndarray  # generating units that are its own, indices
    unit_margin_jpy_per_mwh: np.ndarray  # (units,) of the price of an ordinary hour over their cost


def harm_h(kind: str, now: Hour, stake: Stake) -> float:
    """Weighted deprivation-hours a head of one hour: a coercer's district, else the city."""
    if kind == "coercer":
        return float(now.living.deprivation_h[stake.district]) if stake.district >= 0 else 0.0
    return float(now.living.deprivation_h @ stake.people / stake.people.sum())


def profit_jpy(now: Hour, stake: Stake) -> float:
    """Sales of its terminals, and what its units earn at an ordinary price and by the hour's markup [JPY]."""
    supply = now.service.supply
    sales = float(supply.imported_t[stake.terminals] @ supply.price_jpy_per_t[stake.goods])
    if not len(stake.units):
        return sales
    margin = stake.unit_margin_jpy_per_mwh + now.service.markup_jpy_per_mwh
    return sales + float(now.service.power.generation_mw[stake.units] @ margin)


def gain(kind: str, now: Hour, stake: Stake, numbers: BadActorParameters) -> float:
    """Gain of one hour to an attacker by the weights of its kind [units]."""
    of_harm, of_output, of_profit = numbers.of(kind, stake.until_concession)
    total = of_harm * harm_h(kind, now, stake) if of_harm else 0.0
    if of_profit:
        total += of_profit * profit_jpy(now, stake) / JPY_PER_MILLION
    if of_output:
        usual = float(now.living.output_usual_jpy.sum())
        total += of_output * (1.0 - float(now.living.output_jpy.sum()) / usual) if usual > 0 else 0.0
    return total


@dataclass(frozen=True)
class Rollout:
    """Results of a rehearsal of a plan, from its first hour on."""

    gains: np.ndarray  # (hours,) over those of ordinary hours [units]
    harm_h: np.ndarray  # (hours,) weighted deprivation-hours a head
    spent: float  # on captures and strikes
    sanctions: float = 0.0
    wins: tuple[int, ...] = ()  # hours in which the district gave in, from the first hour


@dataclass(frozen=True)
class Prospect:
    """What an attacker expects of the hours after the end of a rehearsal.

    ``removal`` is the chance that an episode ends in losing its edges; ``until_concession`` whether a
    district may concede.
    """

    budget: float
    hours_left: int  # from the first hour to the end of the run
    day_cost: float  # of a day of the plan's strikes
    expected_sanction: float = 0.0  # of an episode, as it weighs it
    removal: float = 0.0
    until_concession: bool = False
    delay_days: int = 0  # the kill chain, which a rehearsal leaves out


def whole_gain(plan: Plan, seen: Rollout, prospect: Prospect, numbers: BadActorParameters) -> float:
    """Payoff of a plan over the whole run: what a rollout showed, and what is expected after it [units].

    Beyond the rollout the plan goes on day by day at the mean gain of the rollout's last two days, pays for
    its strikes and expects its share of sanctions and of removal. Where a district may concede, a coercer
    gets its concession when the harm reaches what it believes a district can bear; then it rests.
    """
    value = float(seen.gains.sum()) - seen.spent - seen.sanctions + numbers.concession_value * len(seen.wins)
    lived = len(seen.gains)
    pace, harm_pace = (
        float(series[-2 * HOURS_PER_DAY :].mean()) * HOURS_PER_DAY if lived else 0.0
        for series in (seen.gains, seen.harm_h)
    )
    last_win = seen.wins[-1] if seen.wins else 0
    harm, rest = float(seen.harm_h[last_win:].sum()), 0
    if seen.wins:
        # a campaign that was won is repeated as it went, after a rest
        rest = numbers.return_days - (lived - last_win) // HOURS_PER_DAY
        begins = _last_campaign(seen, numbers)
        struck = max((last_win - begins) / HOURS_PER_DAY, 1.0)
        pace = float(seen.gains[begins:].sum()) / struck
        harm_pace, harm = float(seen.harm_h[begins : last_win + 1].sum()) / struck, 0.0
    spent, staying = seen.spent, 1.0
    for day in range(lived // HOURS_PER_DAY, prospect.hours_left // HOURS_PER_DAY - prospect.delay_days):
        if rest > 0:
            rest -= 1
            continue
        strikes = bool(plan.strikes_on(day))
        cost = prospect.day_cost * strikes
        if not plan.strikes or spent + cost > prospect.budget:
            break
        spent += cost
        sanction = prospect.expected_sanction / numbers.episode_days * strikes
        value += staying * (pace - sanction - cost)
        harm += harm_pace
        if prospect.until_concession and harm >= numbers.threshold_h:
            value += staying * numbers.concession_value
            harm, rest = 0.0, numbers.return_days
        staying *= (1.0 - prospect.removal) ** (strikes / numbers.episode_days)
    return value


def _last_campaign(seen: Rollout, numbers: BadActorParameters) -> int:
    """Hour in which the campaign began that was won last."""
    begins = seen.wins[-2] + HOURS_PER_DAY * numbers.return_days if len(seen.wins) > 1 else 0
    return min(begins, seen.wins[-1])
