"""Outcomes of money: bills, prices, and what the measures cost."""

from agentsim.outcomes.bills import monthly_bill_jpy
from agentsim.outcomes.record import Record, outcome


@outcome("JPY/month", "Household bill", "光熱・水道代(月額)", kind="balance")
def bill_jpy_per_household_month(record: Record) -> float:
    """Electricity, water, the taxes that pay for the measures and what a district hands over to a coercer,
    less what homes earn with their own power, per household and month; mean over homes.
    """
    return float(monthly_bill_jpy(record).mean())


@outcome("1", "Bill burden of the poorest tenth", "光熱・水道代の負担率(所得下位10 %)", kind="balance")
def bill_burden_lowest_decile(record: Record) -> float:
    """Monthly bill (see bill_jpy_per_household_month) as a share of monthly income, mean over the tenth
    of households with the lowest incomes.
    """
    closing = record.closing
    lowest = closing.decile == 0
    if not lowest.any():
        return float("nan")
    return float((monthly_bill_jpy(record) / closing.income_jpy_per_month)[lowest].mean())


@outcome("JPY/kWh", "Price of electricity", "電気料金の単価")
def power_price_jpy_per_kwh(record: Record) -> float:
    """Electricity tariff of homes per kWh, without the standing charge; mean over the hours of the run."""
    return record.mean("power_price_jpy_per_kwh")


@outcome("JPY/m3", "Price of water", "水道料金の単価")
def water_price_jpy_per_m3(record: Record) -> float:
    """Water tariff per cubic metre; mean over the hours of the run."""
    return record.mean("water_price_jpy_per_m3")


@outcome("JPY/m3", "Price of water for renewal", "水道料金のうち管路更新分")
def water_price_renewal_jpy_per_m3(record: Record) -> float:
    """The part of the water tariff that pays for mains that a policy renews. What the city renews anyway is
    in the ordinary price.
    """
    return record.closing.water_price_parts.get("renewal of mains", 0.0)


@outcome("JPY/m3", "Price of water for desalination", "水道料金のうち海水淡水化分")
def water_price_desalination_jpy_per_m3(record: Record) -> float:
    """The part of the water tariff that pays for the desalination plant and what it runs on."""
    return record.closing.water_price_parts.get("desalination plant", 0.0)


@outcome("JPY/y", "Cost of the measures per household", "対策費用(1世帯・1年あたり)")
def capital_jpy_per_household_year(record: Record) -> float:
    """Annuities and running costs of everything that the policies installed, per household of the city and
    year.
    """
    return record.closing.capital_jpy_per_household_y


@outcome("JPY", "Margin of the power utility", "既存電力会社の収支", better=0, kind="balance")
def incumbent_margin_jpy(record: Record) -> float:
    """What the power utility received over the run, less what it paid for generation, for homes' surplus
    power and for what the power tariff finances. Its fixed costs, levy and tax are not counted (see
    incumbent_profit_jpy).
    """
    return record.total("utility_margin_jpy")
