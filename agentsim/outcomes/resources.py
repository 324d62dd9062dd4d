"""Outcomes of resources: whence fuel and minerals come, what they cost, what becomes of the old trade."""

from dataclasses import dataclass

from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_YEAR
from agentsim.outcomes.record import Record, outcome, share

JPY_PER_BILLION = 1e9


@dataclass(frozen=True)
class ExtractionParameters:
    """Those who pump, dig and ship what the city buys from outside."""

    running_frac: float = parameter(0.6, "1", "running cost, share of sales at ordinary prices", "A", 0, 1)
    fixed_frac: float = parameter(
        0.25, "1", "staff and depreciation whatever is sold, share of ordinary sales", "A", 0, 1
    )
    assets_y: float = parameter(2.0, "y", "fields, mines and ships, over a year's ordinary sales", "A", 0, 50)
    jobs_per_billion_jpy: float = parameter(
        10.0, "1/(10^9 JPY/y)", "jobs by a year's sales at ordinary prices", "A", 0, 1000
    )


@outcome("d", "Days without minerals in store", "鉱物の在庫切れ日数")
def minerals_stockout_days(record: Record) -> float:
    """Hours that minerals depots ended without stock, summed over depots and expressed in days."""
    return record.total("minerals_stockouts") / HOURS_PER_DAY


@outcome("1", "Fuel and minerals from outside", "燃料・鉱物の域外依存率", kind="share")
def resource_import_share(record: Record) -> float:
    """Fuel and minerals that the city bought of suppliers outside, share of the cost of all that it bought,
    at the sellers' ordinary prices. Its own plants, mines and makers of substitutes are not outside.
    """
    return share(record.total("old_suppliers_cost_jpy"), record.total("resources_cost_jpy"), empty=1.0)


@outcome("1", "Share of oil in fuel", "燃料に占める石油の割合", kind="share")
def oil_share(record: Record) -> float:
    """Fuel made of pumped oil, share of all fuel that was bought, in tonnes."""
    bought_t = record.total("fuel_bought_t")
    return share(bought_t - record.total("fuel_without_oil_t"), bought_t, empty=1.0)


@outcome("t", "Oil produced in the old field", "増産した石油量", better=0)
def oil_produced_t(record: Record) -> float:
    """Oil that carbon dioxide drove out of the city's old field."""
    return record.total("oil_produced_t")


@outcome("t", "Known reserves of metal", "把握済みの鉱物埋蔵量", better=1)
def reserves_t(record: Record) -> float:
    """Metal that is left in deposits which the city's programme of exploration found and which are worth
    mining, at the end of the run.
    """
    return record.closing.resources.reserves_t


@outcome("1", "Equipment built in time", "間に合った設備の割合", better=1, kind="share")
def equipment_built_frac(record: Record) -> float:
    """Panels, turbines and batteries of the measures that stand in the first hour, share of what was to be
    built by then: 1 where metals were not scarce, or where all stands at once. After years that were lived
    what homes bought themselves is not counted, and turbines that a utility delayed are missing as well.
    """
    return record.closing.resources.built_frac


@outcome("JPY/t", "Cost of fuel and minerals", "燃料・鉱物の調達原価")
def extraction_cost_jpy_per_t(record: Record) -> float:
    """Cost of the fuel and minerals that the city bought, per tonne: at the sellers' ordinary prices, without
    what scarcity adds, and with the annuities and running costs of measures on resources.
    """
    yearly_jpy = record.closing.resources.yearly_jpy
    cost_jpy = record.total("resources_cost_jpy") + yearly_jpy * record.lived / HOURS_PER_YEAR
    return share(cost_jpy, record.total("resources_bought_t"))


@outcome("t", "Net CO2 of the city's own plants", "市内資源設備の正味CO2排出量", better=-1, kind="balance")
def resource_co2_t(record: Record) -> float:
    """Carbon dioxide that the city's plants of fuel and metals add to the air, besides that of the
    electricity they use: the oil of the old field that is burnt besides that of others, less captured gas
    that stays in it; less what new fuels spare where they are burnt, more what their farms emit. It may be
    below 0.
    """
    return record.total("plants_co2_t")


@outcome("t", "Waste", "廃棄物量")
def waste_t(record: Record) -> float:
    """Electrical and electronic equipment that is thrown away and not recovered, and what is left over by the
    city's plants of fuel and metals.
    """
    retired_t = record.closing.resources.retired_t_per_h * record.lived
    return retired_t + record.total("plants_waste_t")


@outcome("ha", "Land for biofuel", "バイオ燃料用の土地面積")
def land_ha(record: Record) -> float:
    """Fields on which the raw material of the city's biofuel grows."""
    return record.closing.resources.land_ha


@outcome("JPY", "Margin of the old extraction industry", "既存資源産業の収支", better=0, kind="balance")
def extraction_margin_jpy(record: Record) -> float:
    """Sales of suppliers outside the city of fuel and minerals, at the market's prices, less their running
    costs and less costs that stay whatever they sell.
    """
    old = record.closing.resources
    running_jpy = old.running_frac * record.total("old_suppliers_cost_jpy")
    fixed_jpy = old.fixed_frac * old.usual_sales_jpy_per_h * record.lived
    return record.total("old_suppliers_sales_jpy") - running_jpy - fixed_jpy


@outcome("JPY", "Stranded assets of the old extraction industry", "既存資源産業の座礁資産", better=0)
def extraction_stranded_jpy(record: Record) -> float:
    """Assets of suppliers outside the city of fuel and minerals that stand idle, because the city makes,
    mines or recovers itself what it would have bought of them.
    """
    lost_jpy_per_y = record.mean("old_suppliers_lost_jpy") * HOURS_PER_YEAR
    return record.closing.resources.assets_y * lost_jpy_per_y


@outcome("1", "Jobs in the old extraction industry", "既存資源産業の雇用者数", better=0)
def extraction_jobs(record: Record) -> float:
    """Jobs that the city's purchases of fuel and minerals give to suppliers outside."""
    sold_jpy_per_y = record.mean("old_suppliers_cost_jpy") * HOURS_PER_YEAR
    return record.closing.resources.jobs_per_billion_jpy * sold_jpy_per_y / JPY_PER_BILLION
