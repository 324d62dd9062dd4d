"""The table of the years: one row a month, for people to read and to draw."""

from collections.abc import Mapping

from agentsim.core.units import MONTHS_PER_YEAR
from agentsim.networks.supply.mineral_path import MineralMonth
from agentsim.society.years.city import BATTERIES, PANELS, City
from agentsim.society.years.typical_days import YearFigures

MonthRow = Mapping[str, float]


def row_of(
    month: int,
    city: City,
    figures: YearFigures,
    minerals: MineralMonth,
    *,
    installed_t: float,
    power_jpy_per_kwh: float,
    built_frac: float,
    delayed_months: int,
    capital_jpy: float,
    balance_jpy: Mapping[str, float],
) -> MonthRow:
    """What stands at the end of a month, counted from 0, and what was bought and paid in it.

    Columns that begin with ``account_`` are the changes of balances; they sum to 0. *installed_t* are the
    metals in what was installed: own + bought + store before = installed + store.
    """
    metals = city.metals
    adoption, mains = city.adoption, city.mains
    accounts = {name.replace(",", "").replace(" ", "_"): jpy for name, jpy in sorted(balance_jpy.items())}
    return {
        "year": month // MONTHS_PER_YEAR + 1,
        "month": month % MONTHS_PER_YEAR + 1,
        "pv_homes_frac": float(adoption.panels.mean()),
        "battery_homes_frac": float(adoption.battery.mean()),
        "rain_tank_homes_frac": float(city.tanks.owns.mean()),
        "morans_i_pv": city.clustering(adoption.panels),
        "built_frac": built_frac,
        "delayed_months": delayed_months,
        "power_price_jpy_per_kwh": power_jpy_per_kwh,
        "export_price_jpy_per_kwh": city.terms(power_jpy_per_kwh).export_jpy_per_kwh,
        "metal_price_ratio": minerals.price_ratio,
        "panel_price_frac": metals.equipment.price_frac(PANELS, minerals.price_ratio),
        "battery_price_frac": metals.equipment.price_frac(BATTERIES, minerals.price_ratio),
        "delivered_frac": minerals.delivered_frac,
        "metal_own_t": minerals.own_t,
        "metal_bought_t": minerals.bought_t,
        "metal_installed_t": installed_t,
        "metal_store_t": metals.prices.store_t,
        "outage_h_per_y": city.everyday_outage_h_per_y + float(figures.short_h[city.district].mean()),
        "sold_mwh_per_y": figures.sold_mwh_per_y,
        "noon_load_mw": figures.noon_load_mw,
        "evening_ramp_mw": figures.evening_ramp_mw,
        "pipe_age_y": mains.mean_age_y,
        "mains_overdue_frac": mains.overdue_frac,
        "main_bursts_per_y": float(mains.bursts_per_year.sum()),
        "capital_jpy": capital_jpy,
        "yearly_cost_jpy": sum(one.total for one in city.investment.parts().values()),
        **{f"account_{name}_jpy": jpy for name, jpy in accounts.items()},
    }
