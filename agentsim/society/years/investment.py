"""Investment over the years: what is bought in a month is paid by an annuity from then on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from agentsim.core.charter import Charge
from agentsim.core.units import MONTHS_PER_YEAR

PriceFrac = Callable[[Charge], float]  # price of equipment this month over its ordinary one


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

    def annuity_jpy_per_y(self, interest: float) -> float:
        """Instalments on the capital [JPY/y]."""
        if self.charge.capital_jpy <= 0.0:
            return 0.0
        whole = self.charge.yearly_jpy(interest) - self.charge.running_jpy_per_y
        return whole * self.price_frac * self.amount

    @property
    def running_jpy_per_y(self) -> float:
        """Upkeep [JPY/y]."""
        return self.charge.running_jpy_per_y * self.amount

    def is_worn(self, month: int) -> bool:
        """Whether its life ends in a *month*."""
        return month - self.month >= round(self.charge.life_y * MONTHS_PER_YEAR)


class Investment:
    """All that was bought and still stands.

    >>> pipe = Charge("pipe", "water_tariff", "m", capital_jpy=1000.0, life_y=1.0, running_jpy_per_y=5.0)
    >>> books = Investment(interest=0.04)
    >>> books.buy(pipe, month=0, amount=2.0, price_frac=1.0)
    2000.0
    >>> round(books.yearly_jpy()["water_tariff"], 1)
    2090.0
    >>> books.replace_worn(12, lambda charge: 1.5), round(books.yearly_jpy()["water_tariff"], 1)
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

    def replace_worn(self, month: int, price_frac: PriceFrac) -> float:
        """Buy anew what is worn out, at the price of the *month*; returns the capital [JPY]."""
        worn = [one for one in self.cohorts if one.is_worn(month)]
        if not worn:
            return 0.0
        self.cohorts = [one for one in self.cohorts if not one.is_worn(month)]
        return sum(self.buy(one.charge, month, one.amount, price_frac(one.charge), one.rows) for one in worn)

    def annuities_jpy(self) -> dict[str, float]:
        """Instalments by payer [JPY/y]."""
        return self._by_payer(lambda one: one.annuity_jpy_per_y(self.interest))

    def running_jpy(self) -> dict[str, float]:
        """Upkeep by payer [JPY/y]."""
        return self._by_payer(lambda one: one.running_jpy_per_y)

    def yearly_jpy(self) -> dict[str, float]:
        """Instalments and upkeep by payer [JPY/y]."""
        total = self.running_jpy()
        for payer, jpy in self.annuities_jpy().items():
            total[payer] = total.get(payer, 0.0) + jpy
        return total

    def owner_jpy_per_y(self, households: int, weight: float) -> np.ndarray:
        """What each home pays for what it bought itself, array (households,) [JPY/y].

        Each row of homes stands for *weight* real ones.
        """
        paid = np.zeros(households)
        for one in self.cohorts:
            if one.rows is not None:
                yearly = one.annuity_jpy_per_y(self.interest) + one.running_jpy_per_y
                paid[one.rows] += yearly / (len(one.rows) * weight)
        return paid

    def _by_payer(self, jpy: Callable[[Cohort], float]) -> dict[str, float]:
        total: dict[str, float] = {}
        for one in self.cohorts:
            total[one.charge.payer] = total.get(one.charge.payer, 0.0) + jpy(one)
        return total
