"""Who pays whom in a month of the slow clock, in JPY: double entry, so that all accounts sum to 0."""

from dataclasses import dataclass

from agentsim.core.units import MONTHS_PER_YEAR
from agentsim.society.years.investment import Investment
from agentsim.society.years.typical_days import YearFigures

# who collects what pays for equipment
COLLECTS = {
    "power_tariff": "power utility",
    "water_tariff": "water utility",
    "road_tax": "municipalities",
    "local_tax": "municipalities",
    "owners": "households",
}
ACCOUNTS = (
    "households",
    "firms",
    "power utility",
    "water utility",
    "municipalities",
    "generators",
    "wires and retail",
    "waterworks",
    "lenders",
    "makers",
)

Payment = tuple[str, str, float]  # payer, payee, JPY


@dataclass(frozen=True)
class Prices:
    """Prices of the first year that stay, and how those of firms follow from those of homes."""

    margin_jpy_per_kwh: float  # of homes' price of power over the cost of generation
    business_price_frac: float
    water_jpy_per_m3: float


@dataclass(frozen=True)
class PowerPrice:
    """Price of power of homes in a month [JPY/kWh]."""

    base_jpy_per_kwh: float  # generation, wires, retail
    charge_jpy_per_kwh: float  # for what policies installed

    @property
    def home_jpy_per_kwh(self) -> float:
        """What homes pay."""
        return self.base_jpy_per_kwh + self.charge_jpy_per_kwh


def monthly_balance_jpy(
    figures: YearFigures,
    prices: Prices,
    price: PowerPrice,
    other_jpy_per_y: float,
    investment: Investment,
    capital_jpy: float,
) -> dict[str, float]:
    """Change of every account in a month, by account [JPY].

    *other_jpy_per_y* is what the power utility pays for wires, stations and retail; *capital_jpy* what lenders
    pay for what is bought in the month.
    """
    yearly = [
        *_of_power(figures, prices, price, other_jpy_per_y),
        *_of_water(figures, prices, investment),
        *_of_equipment(investment),
    ]
    month = [(payer, payee, jpy / MONTHS_PER_YEAR) for payer, payee, jpy in yearly]
    change = dict.fromkeys(ACCOUNTS, 0.0)
    for payer, payee, jpy in [*month, ("lenders", "makers", capital_jpy)]:
        change[payer] -= jpy
        change[payee] += jpy
    return change


def _of_power(
    figures: YearFigures, prices: Prices, price: PowerPrice, other_jpy_per_y: float
) -> list[Payment]:
    power = figures.power
    firm_jpy = prices.business_price_frac * price.base_jpy_per_kwh + price.charge_jpy_per_kwh
    return [
        ("households", "power utility", power.home_kwh * price.home_jpy_per_kwh + power.charges_jpy),
        ("firms", "power utility", power.firm_kwh * firm_jpy),
        ("power utility", "households", power.bought_jpy),
        ("power utility", "generators", power.generation_jpy),
        ("power utility", "wires and retail", other_jpy_per_y),
    ]


def _of_water(figures: YearFigures, prices: Prices, investment: Investment) -> list[Payment]:
    """Water at its ordinary price and what policies installed, spread over what is sold."""
    sold_m3 = figures.home_m3 + figures.firm_m3
    installed_jpy = investment.yearly_jpy().get("water_tariff", 0.0)
    jpy_per_m3 = prices.water_jpy_per_m3 + installed_jpy / sold_m3
    return [
        ("households", "water utility", figures.home_m3 * jpy_per_m3),
        ("firms", "water utility", figures.firm_m3 * jpy_per_m3),
        ("water utility", "waterworks", sold_m3 * prices.water_jpy_per_m3),
    ]


def _of_equipment(investment: Investment) -> list[Payment]:
    """Instalments to lenders, upkeep to makers, and the taxes that pay for the part of municipalities."""
    paid: list[Payment] = []
    for payee, costs in (("lenders", investment.annuities_jpy()), ("makers", investment.running_jpy())):
        for payer, jpy in costs.items():
            if COLLECTS[payer] == "municipalities":
                paid.append(("households", "municipalities", jpy))
            paid.append((COLLECTS[payer], payee, jpy))
    return paid
