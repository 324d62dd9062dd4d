"""Who pays whom: tariffs, bills and the accounts of everybody, in JPY.

Tariffs recover what things cost: power = margin + mean generation cost of the last week + the yearly
cost of what policies installed, spread over the energy sold, + what homes' new power takes from the utility;
water likewise. Road and local taxes are the same for every household. Capital becomes an annuity
(mechanisms S10). Who is paid in the end stands in ``ledger.py``.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agentsim.core.charter import Market
from agentsim.core.messages import Account, BusCosts, Sales
from agentsim.core.numerics.kernel import kernel
from agentsim.core.parameters import parameter
from agentsim.core.units import DAYS_PER_YEAR, HOURS_PER_MONTH, HOURS_PER_YEAR, KW_PER_MW, LITRES_PER_M3
from agentsim.institutions.cost_recovery import CostRecovery, lost_to_new_power_jpy, lost_to_trade_jpy
from agentsim.institutions.ledger import AGENCIES, MAKERS, Ledger, Payment
from agentsim.institutions.lobbying import LobbyingParameters, lobbying_jpy

if TYPE_CHECKING:
    import pandas as pd

_NOTHING = np.zeros(0)  # in the place of a column that is not needed


@dataclass(frozen=True)
class MarketParameters:
    """Interest and the prices to which ordinary use belongs."""

    interest_per_y: float = parameter(0.04, "1/y", "3-5 %, mechanisms S10", "A", 0.0001, 0.3)
    power_margin_jpy_per_kwh: float = parameter(
        26.4,
        "JPY/kWh",
        "on top of running costs of generation, so that homes pay about 31 (guide price of Japan's home "
        "appliances fair trade conference, 2022): wires 10, stations' capital and staff 8, retail 2, levy on "
        "renewables 3.6, consumption tax 2.8",
        "A",
        0,
        1000,
    )
    load_factor: float = parameter(0.6, "1", "mean load over peak, to spread yearly costs", "M", 0.1, 1)
    spot_frac: float = parameter(
        0.3, "1", "share of energy bought at the hour's price; its usual rent is in the margin", "A", 0, 1
    )
    memory: float = parameter(0.994, "1", "weight of the past in the generation cost", "A", 0, 1)
    business_price_frac: float = parameter(0.8, "1", "price of firms over price of homes", "A", 0.1, 2)


class Treasury:
    """Tariffs of the day and everybody's balance.

    Parameters
    ----------
    yearly_jpy : cost of what the charter installed by payer (:meth:`Equipment.yearly_jpy`)
    peak_mw, water_m3_per_d : size of the city, to spread yearly costs over what is sold
    households : real households
    generation_jpy_per_kwh : ordinary cost of generation, at which loads are stated
    bus_subsidy_jpy_per_h : of the city to its bus lines, out of a tax that is the same for every household
    ledger : what those who are paid pass on; None: they keep it
    recovery : of what homes' new power takes from the utility; None: the utility bears it
    lobbying : of a utility that loses profit; None: it does nothing
    """

    def __init__(
        self,
        market: Market,
        yearly_jpy: dict[str, float],
        peak_mw: float,
        water_m3_per_d: float,
        households: int,
        generation_jpy_per_kwh: float,
        parameters: MarketParameters | None = None,
        bus_subsidy_jpy_per_h: float = 0.0,
        *,
        ledger: Ledger | None = None,
        recovery: CostRecovery | None = None,
        lobbying: LobbyingParameters | None = None,
    ) -> None:
        self.market, self.ledger, self.recovery, self.lobbying = market, ledger, recovery, lobbying
        self.parameters = p = parameters or MarketParameters()
        self.yearly_jpy = yearly_jpy
        self.households = households
        sold_kwh = peak_mw * KW_PER_MW * p.load_factor * HOURS_PER_YEAR
        self._power_charge = yearly_jpy.get("power_tariff", 0.0) / sold_kwh
        self._water_charge = yearly_jpy.get("water_tariff", 0.0) / (water_m3_per_d * DAYS_PER_YEAR)
        taxes = yearly_jpy.get("road_tax", 0.0) + yearly_jpy.get("local_tax", 0.0)
        self.tax_jpy_per_household_h = taxes / households / HOURS_PER_YEAR
        self.tax_jpy_per_household_h += bus_subsidy_jpy_per_h / households
        self.standing_jpy_per_h = market.power_fixed_jpy_per_month / HOURS_PER_MONTH
        self._usual_jpy_per_kwh = self._generation_jpy_per_kwh = generation_jpy_per_kwh
        self._instalments = tuple(  # on what was installed, an hour
            (account, MAKERS, yearly_jpy.get(tariff, 0.0) / HOURS_PER_YEAR)
            for tariff, account in _COLLECTS.items()
        )
        self.balance_jpy: dict[str, float] = {}
        self.handed_over_jpy = 0.0  # by districts that conceded, so far
        self._hands_over: tuple[Payment, ...] = ()  # of them this hour
        self.set_tariffs()

    def set_tariffs(self) -> None:
        """Prices of the coming day from the costs of the days before."""
        m = self.market
        margin = self.parameters.power_margin_jpy_per_kwh
        base, cost = margin + self._usual_jpy_per_kwh, margin + self._generation_jpy_per_kwh
        self._recovery_jpy_per_kwh = self.recovery.jpy_per_kwh if self.recovery else 0.0
        charge = self._power_charge + self._recovery_jpy_per_kwh
        self.power_jpy_per_kwh = cost + charge
        # firms pay less for energy and wires, and the same charge
        self.firm_jpy_per_kwh = cost * self.parameters.business_price_frac + charge
        self.water_jpy_per_m3 = m.water_jpy_per_m3 + self._water_charge
        self.power_price_frac = self.power_jpy_per_kwh / base
        self.water_price_frac = self.water_jpy_per_m3 / m.water_jpy_per_m3

    def capital_jpy_per_household_y(self) -> float:
        """Yearly cost of everything the charter installed, a household [JPY/y]."""
        return sum(self.yearly_jpy.values()) / self.households

    def accounts(self) -> "pd.DataFrame":
        """Everybody's balance since the first hour, for ``accounts.csv``; the balances sum to 0."""
        import pandas as pd  # here, because a run does not need it

        return pd.DataFrame(
            {"account": list(self.balance_jpy), "balance_jpy": list(self.balance_jpy.values())}
        )

    def hand_over(self, jpy: float) -> None:
        """Households of a district that concedes pay this to the coercer, with the accounts of the hour."""
        self.handed_over_jpy += jpy
        self._hands_over += (("households", "coercers", jpy),)

    def settle(self, sales: Sales) -> Account:
        """Pay for one hour: changes of every account, double entry, so that they sum to 0 [JPY]."""
        change: defaultdict[str, float] = defaultdict(float)
        _enter(change, self._payments(sales))
        margin_jpy = change["power utility"]
        lost_jpy = self._lost_profit_jpy(sales)
        spent_jpy = 0.0 if self.lobbying is None else lobbying_jpy(lost_jpy, self.lobbying)
        if self.ledger is not None:
            _enter(change, self.ledger.passed_on(sales))
        _enter(change, (("power utility", AGENCIES, spent_jpy),))
        for account, jpy in change.items():
            self.balance_jpy[account] = self.balance_jpy.get(account, 0.0) + jpy
        self._learn_cost(sales)
        self._hands_over = ()
        return Account(
            dict(change),
            self.power_jpy_per_kwh,
            self.water_jpy_per_m3,
            sales.peer_mwh,
            utility_margin_jpy=margin_jpy,
            utility_profit_jpy=change["power utility"],
            profit_lost_jpy=lost_jpy,
            lobbying_jpy=spent_jpy,
            replaced_mwh=sales.new_own_mwh + sales.new_sold_mwh + sales.wind_mwh,
        )

    def _lost_profit_jpy(self, sales: Sales) -> float:
        """What new power of homes and districts took from the power utility, less what was recovered [JPY].

        The tariff of the coming days recovers it (mechanism ``cost_recovery``).
        """
        if self.ledger is None:
            return 0.0
        feed_in = self.market.export_jpy_per_kwh
        fixed = self.ledger.costs.fixed_jpy_per_kwh + self._power_charge
        to_power = lost_to_new_power_jpy(sales, fixed, feed_in)
        to_trade = lost_to_trade_jpy(sales, self.power_jpy_per_kwh, feed_in)
        if self.recovery is None:
            return to_power + to_trade
        recovered = self._recovery_jpy_per_kwh * (sales.home_mwh + sales.firm_mwh) * KW_PER_MW
        self.recovery.learn(sales, to_power + self.recovery.trade_frac * to_trade)
        return to_power + to_trade - recovered

    def _payments(self, sales: Sales) -> tuple[Payment, ...]:
        """Who pays whom how much for one hour [JPY]."""
        m = self.market
        home_jpy_per_mwh = self.power_jpy_per_kwh * KW_PER_MW
        return (
            ("households", "power utility", sales.home_mwh * home_jpy_per_mwh),
            ("households", "power utility", self.standing_jpy_per_h * self.households),
            ("firms", "power utility", sales.firm_mwh * self.firm_jpy_per_kwh * KW_PER_MW),
            ("power utility", "households", sales.exported_mwh * m.export_jpy_per_kwh * KW_PER_MW),
            ("power utility", "generators", self._generation_jpy(sales)),
            # what homes sell to homes they neither buy from the utility nor sell to it
            ("power utility", "households", sales.peer_mwh * home_jpy_per_mwh),
            ("households", "power utility", sales.peer_mwh * m.export_jpy_per_kwh * KW_PER_MW),
            ("households", "power utility", sales.peer_fee_jpy),
            # turbines of the districts, who give what they earn back to all homes
            ("power utility", "municipalities", sales.wind_mwh * m.export_jpy_per_kwh * KW_PER_MW),
            ("municipalities", "households", sales.wind_mwh * m.export_jpy_per_kwh * KW_PER_MW),
            ("households", "power utility", sales.time_of_use_jpy),
            ("households", "water utility", sales.home_m3 * self.water_jpy_per_m3),
            ("firms", "water utility", sales.firm_m3 * self.water_jpy_per_m3),
            ("households", "municipalities", self.tax_jpy_per_household_h * self.households),
            ("households", "transit", sales.fare_persons * m.bus_fare_jpy),
            ("households", "suppliers", sales.petrol_t * sales.petrol_jpy_per_t),
            ("households", "suppliers", sales.food_t * sales.food_jpy_per_t),
            *self._instalments,
            *self._hands_over,
            *bus_payments(sales.buses),
        )

    def _generation_jpy(self, sales: Sales) -> float:
        """Cost of generation, and what withheld units add to all that is bought at the hour's price."""
        bought_mwh = sales.home_mwh + sales.firm_mwh
        return sales.generation_jpy + self.parameters.spot_frac * sales.markup_jpy_per_mwh * bought_mwh

    def _learn_cost(self, sales: Sales) -> None:
        sold_kwh = (sales.home_mwh + sales.firm_mwh) * KW_PER_MW
        if sold_kwh > 0:
            cost, memory = self._generation_jpy(sales) / sold_kwh, self.parameters.memory
            self._generation_jpy_per_kwh = memory * self._generation_jpy_per_kwh + (1.0 - memory) * cost

    def charge(
        self, bill_jpy: np.ndarray, metered_kw: np.ndarray, sold_kw: np.ndarray | None, tap_l: np.ndarray
    ) -> None:
        """Add the hour to each home's bill: power, water and the taxes for what was installed [JPY].

        All are arrays (households,); *sold_kw* is None where no home sold any.
        """
        add_to_bills(
            metered_kw,
            _NOTHING if sold_kw is None else sold_kw,
            tap_l,
            float(self.power_jpy_per_kwh),
            float(self.market.export_jpy_per_kwh),
            self.water_jpy_per_m3 / LITRES_PER_M3,
            self.standing_jpy_per_h + self.tax_jpy_per_household_h,
            bill_jpy,
        )


def _enter(change: defaultdict[str, float], payments: Iterable[Payment]) -> None:
    """Add *payments* to the change of each account."""
    for payer, payee, jpy in payments:
        change[payer] -= jpy
        change[payee] += jpy


@kernel
def add_to_bills(
    metered_kw: np.ndarray,
    sold_kw: np.ndarray,
    tap_l: np.ndarray,
    power_jpy_per_kwh: float,
    export_jpy_per_kwh: float,
    water_jpy_per_l: float,
    standing_jpy: float,
    bill_jpy: np.ndarray,
) -> None:
    """Add an hour to each home's bill, arrays (households,); *sold_kw* is empty where no home sold any."""
    for row in range(bill_jpy.size):
        power_jpy = metered_kw[row] * power_jpy_per_kwh
        if sold_kw.size > 0:
            power_jpy -= sold_kw[row] * export_jpy_per_kwh
        bill_jpy[row] += power_jpy + tap_l[row] * water_jpy_per_l + standing_jpy


def bus_payments(costs: BusCosts | None) -> tuple[tuple[str, str, float], ...]:
    """What the bus operator pays and gets besides fares [JPY]; drivers live in the city."""
    if costs is None:
        return ()
    return (
        ("municipalities", "transit", costs.subsidy_jpy),
        ("transit", "households", costs.wages_jpy),
        ("transit", "suppliers", costs.fuel_jpy),
        ("transit", "firms", costs.power_jpy),  # whose meter is that of the garage's feeder
        ("transit", "lenders and makers", costs.upkeep_jpy),
    )


_COLLECTS = {
    "power_tariff": "power utility",
    "water_tariff": "water utility",
    "road_tax": "municipalities",
    "local_tax": "municipalities",
    "owners": "households",
}
