"""How a tariff follows what is sold: fixed costs are spread over fewer or more kWh (mechanisms S10)."""

from dataclasses import dataclass

from agentsim.core.parameters import parameter


@dataclass(frozen=True)
class CostRecoveryParameters:
    """What of a power utility's other costs does not change with what it sells."""

    fixed_cost_frac: float = parameter(
        0.75,
        "1",
        "wires, stations' capital and staff, retail: 20 of the 26.4 JPY/kWh of market.power_margin_jpy_per_kwh",
        "A",
        0,
        1,
    )


@dataclass(frozen=True)
class PowerYear:
    """What a power utility sells and pays in a year."""

    home_kwh: float
    firm_kwh: float
    generation_jpy: float
    bought_jpy: float  # for what homes and districts sell to it
    charges_jpy: float  # that it receives besides the price of a kWh: standing charges, fees of local trade

    @property
    def sold_kwh(self) -> float:
        """To homes and firms [kWh]."""
        return self.home_kwh + self.firm_kwh

    def paid_kwh(self, business_price_frac: float) -> float:
        """kWh of homes, and of firms in proportion to their price."""
        return self.home_kwh + business_price_frac * self.firm_kwh


class CostRecovery:
    """The price that recovers cost, p = (fixed + variable) / kWh sold.

    In the *first* year the stated price recovers what is paid, which tells all other costs. Of these a share
    stays as it is, the rest is in proportion to what is sold. Where homes make their own power, the same
    fixed cost falls on fewer kWh.

    Parameters
    ----------
    margin_jpy_per_kwh : of homes' price over the cost of generation in the first year
    business_price_frac : price of firms over that of homes
    """

    def __init__(
        self,
        first: PowerYear,
        margin_jpy_per_kwh: float,
        business_price_frac: float,
        parameters: CostRecoveryParameters,
    ) -> None:
        self._first, self._margin, self._business = first, margin_jpy_per_kwh, business_price_frac
        self.parameters = parameters
        price = margin_jpy_per_kwh + first.generation_jpy / first.sold_kwh
        income = price * first.paid_kwh(business_price_frac) + first.charges_jpy
        self._other_jpy = income - first.generation_jpy - first.bought_jpy

    def other_jpy(self, year: PowerYear) -> float:
        """Wires, stations, retail and levies in a *year* [JPY/y]."""
        fixed = self.parameters.fixed_cost_frac
        return self._other_jpy * (fixed + (1.0 - fixed) * year.sold_kwh / self._first.sold_kwh)

    def price_jpy_per_kwh(self, year: PowerYear) -> float:
        """Price of homes, without charges for policies, that recovers the cost of a *year*."""
        cost = year.generation_jpy + year.bought_jpy + self.other_jpy(year)
        return (cost - year.charges_jpy) / year.paid_kwh(self._business)

    def rise_jpy_per_kwh(self, year: PowerYear) -> float:
        """What the price has risen by since the first year, apart from the cost of generation."""
        return self.price_jpy_per_kwh(year) - self._margin - year.generation_jpy / year.sold_kwh
