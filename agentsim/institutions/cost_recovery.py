"""What a kWh has to bring in besides, because homes and districts make power of their own (mechanisms S10).

Panels, batteries and turbines that a policy brings take kWh from the utility and sell it others:

    lost = (fixed part of the price) x used at home + feed-in price x (sold to the utility)
    r    = m r + (1 - m) lost / sold       each hour, m the memory of the generation cost

r is on the price of each kWh from the next day on, for homes and firms alike: the fewer kWh are left, the
more each has to pay. The ordinary city's own panels are in the tariff already.
"""

from agentsim.core.messages import Sales
from agentsim.core.units import KW_PER_MW


class CostRecovery:
    """The part of the tariff that recovers what new power of homes and districts takes from the utility.

    Parameters
    ----------
    memory : weight of the past, an hour
    trade_frac : share of what trade between homes costs the utility that all pay
    jpy_per_kwh : what is recovered in the first hour
    """

    def __init__(self, memory: float, trade_frac: float, jpy_per_kwh: float = 0.0) -> None:
        self.memory, self.trade_frac, self.jpy_per_kwh = memory, trade_frac, jpy_per_kwh

    def learn(self, sales: Sales, lost_jpy: float) -> None:
        """Take in an hour in which the utility lost so much [JPY]."""
        sold_kwh = (sales.home_mwh + sales.firm_mwh) * KW_PER_MW
        if sold_kwh > 0.0:
            self.jpy_per_kwh = self.memory * self.jpy_per_kwh + (1.0 - self.memory) * lost_jpy / sold_kwh


def lost_to_new_power_jpy(sales: Sales, fixed_jpy_per_kwh: float, export_jpy_per_kwh: float) -> float:
    """What new panels, batteries and turbines take from the utility in an hour [JPY].

    *fixed_jpy_per_kwh* is what a kWh of homes pays beyond its energy, levy and tax.
    """
    used_jpy = sales.new_own_mwh * fixed_jpy_per_kwh
    bought_jpy = (sales.new_sold_mwh + sales.wind_mwh) * export_jpy_per_kwh
    return (used_jpy + bought_jpy) * KW_PER_MW


def lost_to_trade_jpy(sales: Sales, power_jpy_per_kwh: float, export_jpy_per_kwh: float) -> float:
    """What trade between homes takes from the utility in an hour: the price less feed-in and fee [JPY]."""
    return sales.peer_mwh * KW_PER_MW * (power_jpy_per_kwh - export_jpy_per_kwh) - sales.peer_fee_jpy
