"""Investment over the years: what is bought in a month is paid by an annuity from then on."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from agentsim.core.charter import Charge
from agentsim.core.units import MONTHS_PER_YEAR
from agentsim.institutions.ledger import YearlyParts, parts_of

PriceFrac = Callable[[Charge], float]  # of equipment this month: its price over the ordinary one, or a share


@dataclass(frozen=True)
class Cohort:
    """Equipment of one kind that was bought in one month."""

    charge: Charge
    month: int
    amount: float  # of the charge's quantity
    price_frac: float  # paid over the ordinary price
    rows: np.ndarray | None = None  # homes that bought it themselves

    @property
    def capital_jpy(self) -> float:
        """What it cost [JPY]."""
        return self.charge.capital_jpy * self.price_frac * self.amount

    def parts(self, interest_per_y: float) -> YearlyParts:
        """What it costs in a year: interest and repayment of what was paid for it, and upkeep."""
        whole = parts_of(self.charge, self.amount, interest_per_y)
        return YearlyParts(whole.interest * self.price_frac, whole.repayment * self.price_frac, whole.running)

    def is_worn(self, month: int) -> bool:
        """Whether its life ends in a *month*."""
        return month - self.month >= round(self.charge.life_y * MONTHS_PER_YEAR)


class Investment:
    """All that was bought and still stands.

    >>> pipe = Charge("pipe", "water_tariff", "m", capital_jpy=1000.0, life_y=1.0, running_jpy_per_y=5.0)
    >>> books = Investment(interest=0.04)
    >>> books.buy(pipe, month=0, amount=2.0, price_frac=1.0)
    2000.0
    >>> round(books.parts()["water_tariff"].total, 1)
    2090.0
    >>> books.replace_worn(12, lambda charge: 1.5), round(books.parts()["water_tariff"].total, 1)
    (3000.0, 3130.0)
    """

    def __init__(self, interest: float) -> None:
        self.interest = interest
        self.cohorts: list[Cohort] = []

    def buy(
        self, charge: Charge, month: int, amount: float, price_frac: float, rows: np.ndarray | None = None
    ) -> float:
        """Buy an *amount* of what is charged; returns the capital that it takes [JPY]."""
        if amount <= 0.0:
            return 0.0
        bought = Cohort(charge, month, amount, price_frac, rows)
        self.cohorts.append(bought)
        return bought.capital_jpy

    def worn(self, month: int) -> dict[str, float]:
        """What is worn out in a *month*, by quantity; what several pay for counts once."""
        found: dict[tuple[str, int], float] = {}
        for one in self.cohorts:
            if one.is_worn(month):
                key = one.charge.quantity, one.month
                found[key] = max(found.get(key, 0.0), one.amount)
        amount: dict[str, float] = {}
        for (quantity, _), each in found.items():
            amount[quantity] = amount.get(quantity, 0.0) + each
        return amount

    def replace_worn(
        self, month: int, price_frac: PriceFrac, delivered_frac: PriceFrac = lambda charge: 1.0
    ) -> float:
        """Buy anew what is worn out, at the price of the *month*; returns the capital [JPY].

        What is not delivered stays in use, paid off, and is asked for again in the next month.
        """
        worn = [one for one in self.cohorts if one.is_worn(month)]
        if not worn:
            return 0.0
        self.cohorts = [one for one in self.cohorts if not one.is_worn(month)]
        capital = 0.0
        for one in worn:
            comes = delivered_frac(one.charge)
            capital += self.buy(one.charge, month, one.amount * comes, price_frac(one.charge), one.rows)
            if comes < 1.0:
                self.cohorts.append(replace(one, amount=one.amount * (1.0 - comes), price_frac=0.0))
        return capital

    def parts(self) -> dict[str, YearlyParts]:
        """Yearly cost of all that stands, by payer."""
        found: dict[str, YearlyParts] = {}
        for one in self.cohorts:
            payer = one.charge.payer
            found[payer] = found.get(payer, YearlyParts()).plus(one.parts(self.interest))
        return found

    def mean_age_y(self, quantities: tuple[str, ...], month: int) -> float:
        """Mean age in a *month* of what is counted in these *quantities*, by amount; 0 without any."""
        bought = [one for one in self.cohorts if one.charge.quantity in quantities]
        whole = sum(one.amount for one in bought)
        months = sum(one.amount * (month - one.month) for one in bought)
        return months / whole / MONTHS_PER_YEAR if whole > 0.0 else 0.0

    def owner_jpy_per_y(self, households: int, weight: float) -> np.ndarray:
        """What each home pays for what it bought itself, array (households,) [JPY/y].

        Each row of homes stands for *weight* real ones.
        """
        paid = np.zeros(households)
        for one in self.cohorts:
            if one.rows is not None:
                paid[one.rows] += one.parts(self.interest).total / (len(one.rows) * weight)
        return paid
