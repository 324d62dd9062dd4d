"""Who is paid in the end: what operators take in goes on to lenders, workers, makers, owners and the state.

    instalment of what was installed = interest + repayment + wages + materials
    income of the power utility      = energy + levy and tax + fixed costs + instalments + profit
    fixed costs                      = wages + interest + repayment + materials

Prices of fuel, petrol and food are paid to suppliers outside the city, but for the wages of those who hand
them out. Fares stay with the operator of the buses. A level annuity repays the capital C over n years, C/n a
year on the mean; the rest of it is interest.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentsim.core.charter import Charge
from agentsim.core.messages import Sales
from agentsim.core.units import HOURS_PER_YEAR, KW_PER_MW
from agentsim.institutions.employment import EmploymentParameters
from agentsim.institutions.tariffs import TariffsParameters

Payment = tuple[str, str, float]  # payer, payee, JPY

# accounts of those who are paid in the end
WORKERS, MAKERS, STATE = "workers", "makers", "state"
FUEL_SUPPLIERS, AGENCIES = "fuel suppliers", "agencies"  # agencies: lobbying
INTEREST, REPAYMENT = "lenders, interest", "lenders, repayment"


@dataclass(frozen=True)
class YearlyParts:
    """What equipment costs in a year, by what it is paid for [JPY/y]."""

    interest: float = 0.0
    repayment: float = 0.0
    running: float = 0.0

    @property
    def total(self) -> float:
        """The instalments of a year [JPY/y]."""
        return self.interest + self.repayment + self.running

    def plus(self, other: "YearlyParts") -> "YearlyParts":
        return YearlyParts(
            self.interest + other.interest, self.repayment + other.repayment, self.running + other.running
        )


def parts_of(charge: Charge, units: float, interest_per_y: float) -> YearlyParts:
    """What *units* of one charge cost in a year, by what it is paid for.

    >>> parts = parts_of(Charge("x", "local_tax", "city", 1000.0, 10.0, 5.0), 2.0, 0.04)
    >>> round(parts.interest, 1), parts.repayment, parts.running
    (46.6, 200.0, 10.0)
    """
    repayment = charge.capital_jpy / charge.life_y
    interest = charge.yearly_jpy(interest_per_y) - charge.running_jpy_per_y - repayment
    return YearlyParts(units * interest, units * repayment, units * charge.running_jpy_per_y)


def parts_by_payer(
    charges: Iterable[Charge], quantity: Mapping[str, float], interest_per_y: float
) -> dict[str, YearlyParts]:
    """Yearly cost of all *charges* by payer; *quantity* is what they are multiplied with."""
    found: dict[str, YearlyParts] = {}
    for charge in charges:
        one = parts_of(charge, quantity[charge.quantity], interest_per_y)
        found[charge.payer] = found.get(charge.payer, YearlyParts()).plus(one)
    return found


@dataclass(frozen=True)
class OrdinaryYear:
    """What a power utility sells in a year without any measure, and at which prices."""

    home_kwh: float
    firm_kwh: float
    standing_jpy: float
    margin_jpy_per_kwh: float  # on top of the cost of generation
    generation_jpy_per_kwh: float
    business_price_frac: float  # of the price of homes, paid by firms


class UtilityCosts:
    """What the power utility has to pay besides energy and instalments: fixed costs, levy and tax.

    The fixed costs are those that ordinary sales recover, less an ordinary profit:

        fixed = (1 - profit share) x (income - energy - levy and tax), all in an ordinary year
    """

    def __init__(self, usual: OrdinaryYear, tariffs: TariffsParameters, wages: EmploymentParameters) -> None:
        margin, firms = usual.margin_jpy_per_kwh, usual.business_price_frac
        self.levy_jpy_per_kwh = (1.0 - tariffs.fixed_frac) * margin  # in the price of homes
        self.firm_levy_jpy_per_kwh = firms * self.levy_jpy_per_kwh
        self.fixed_jpy_per_kwh = margin - self.levy_jpy_per_kwh  # that a kWh of homes pays for
        energy = usual.generation_jpy_per_kwh
        a_firm = firms * (margin + energy) - energy - self.firm_levy_jpy_per_kwh
        left = usual.home_kwh * self.fixed_jpy_per_kwh + usual.firm_kwh * a_firm + usual.standing_jpy
        self.usual_profit_jpy_per_h = tariffs.profit_frac * left / HOURS_PER_YEAR
        self.fixed_jpy_per_h = (1.0 - tariffs.profit_frac) * left / HOURS_PER_YEAR
        self._fixed = tuple(
            ("power utility", who, share * self.fixed_jpy_per_h)
            for who, share in _shares_of_fixed_costs(tariffs, wages).items()
        )
        self.stations_wages_jpy_per_y = (
            self.fixed_jpy_per_h * HOURS_PER_YEAR * tariffs.stations_frac * wages.stations_wage_frac
        )

    def payments(self, sales: Sales) -> tuple[Payment, ...]:
        """What the utility passes on in an hour with such sales [JPY]."""
        levy = sales.home_mwh * self.levy_jpy_per_kwh + sales.firm_mwh * self.firm_levy_jpy_per_kwh
        return (("power utility", STATE, levy * KW_PER_MW), *self._fixed)


def _shares_of_fixed_costs(p: TariffsParameters, wages: EmploymentParameters) -> dict[str, float]:
    """Who gets which share of a power utility's fixed costs; they add up to 1."""
    retail = max(1.0 - p.wires_frac - p.stations_frac, 0.0)
    paid = (
        p.wires_frac * wages.wires_wage_frac
        + p.stations_frac * wages.stations_wage_frac
        + retail * wages.retail_wage_frac
    )
    rest = 1.0 - paid
    interest, repayment = p.interest_frac * rest, p.repayment_frac * rest
    return {WORKERS: paid, INTEREST: interest, REPAYMENT: repayment, MAKERS: rest - interest - repayment}


class Ledger:
    """What those who are paid by households and firms pass on, hour by hour.

    Parameters
    ----------
    costs : of the power utility
    parts : yearly cost of what the charter installed, by payer
    water_jpy_per_h : income of the waterworks from ordinary use
    """

    def __init__(
        self,
        costs: UtilityCosts,
        parts: Mapping[str, YearlyParts],
        water_jpy_per_h: float,
        tariffs: TariffsParameters,
        wages: EmploymentParameters,
    ) -> None:
        self.costs, self.parts, self._trade_wage_frac = costs, parts, wages.trade_wage_frac
        installed = YearlyParts()
        for one in parts.values():
            installed = installed.plus(one)
        running_wages = wages.running_wage_frac * installed.running
        by_makers = (
            (INTEREST, installed.interest),
            (REPAYMENT, installed.repayment),
            (WORKERS, running_wages),
        )
        self._hourly = (
            *((MAKERS, who, jpy / HOURS_PER_YEAR) for who, jpy in by_makers),
            *_of_waterworks(water_jpy_per_h, tariffs, wages),
        )

    def passed_on(self, sales: Sales) -> tuple[Payment, ...]:
        """Payments of an hour among those who were paid by households and firms [JPY]."""
        sold_jpy = sales.petrol_t * sales.petrol_jpy_per_t + sales.food_t * sales.food_jpy_per_t
        return (
            ("generators", FUEL_SUPPLIERS, sales.generation_jpy),
            ("suppliers", WORKERS, self._trade_wage_frac * sold_jpy),
            *self._hourly,
            *self.costs.payments(sales),
        )


def _of_waterworks(
    income_jpy_per_h: float, p: TariffsParameters, wages: EmploymentParameters
) -> list[Payment]:
    """What the waterworks pass on each hour, shares of their ordinary income; the rest is their surplus."""
    rows = (
        (WORKERS, wages.waterworks_wage_frac),
        (INTEREST, p.water_interest_frac),
        (REPAYMENT, p.water_repayment_frac),
        (MAKERS, p.water_materials_frac),
    )
    return [("water utility", who, share * income_jpy_per_h) for who, share in rows]
