"""Outcomes of money: bills, prices, and what the measures cost."""

import numpy as np

from agentsim.core.units import HOURS_PER_MONTH
from agentsim.outcomes.record import Record, outcome


def _monthly_bill_jpy(record: Record) -> np.ndarray:
    return record.closing.bill_jpy * (HOURS_PER_MONTH / max(record.lived, 1))


@outcome("JPY/month", "Household bill", "光熱・水道代(月額)")
def bill_jpy_per_household_month(record: Record) -> float:
    """Electricity, water and the taxes that pay for what was installed, a household and month."""
    return float(_monthly_bill_jpy(record).mean())


@outcome("1", "Bill burden of the poorest tenth", "最低所得層の光熱・水道代の割合")
def bill_burden_lowest_decile(record: Record) -> float:
    """Mean monthly bill of the lowest income decile over its income."""
    closing = record.closing
    lowest = closing.decile == 0
    if not lowest.any():
        return float("nan")
    return float((_monthly_bill_jpy(record) / closing.income_jpy_per_month)[lowest].mean())


@outcome("JPY/kWh", "Price of electricity", "電力単価")
def power_price_jpy_per_kwh(record: Record) -> float:
    """Mean tariff of homes without the standing charge."""
    return record.mean("power_price_jpy_per_kwh")


@outcome("JPY/m3", "Price of water", "水道単価")
def water_price_jpy_per_m3(record: Record) -> float:
    """Mean water tariff."""
    return record.mean("water_price_jpy_per_m3")


@outcome("JPY/y", "Cost of the measures per household", "対策費用(世帯・年)")
def capital_jpy_per_household_year(record: Record) -> float:
    """Annuities and running costs of everything that the policies installed, a household and year."""
    return record.closing.capital_jpy_per_household_y


@outcome("JPY", "Margin of the power utility", "既存電力会社の収支", better=0)
def incumbent_margin_jpy(record: Record) -> float:
    """Receipts of the power utility less generation, feed-in and yearly costs, over the run."""
    return record.total("utility_margin_jpy")
