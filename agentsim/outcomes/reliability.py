"""Outcomes of the four networks: what was not delivered, to whom, and for how long."""

import numpy as np

from agentsim.core.units import HOURS_PER_DAY
from agentsim.outcomes.record import Record, outcome, share

# ---- power ------------------------------------------------------------------------------------------


@outcome("MWh", "Energy not supplied", "供給支障電力量")
def ens_mwh(record: Record) -> float:
    """Energy that customers asked for and did not get, for want of power or by order (IEEE 762).

    Under a coercer it is no measure of harm: who holds out longer goes without for longer.
    """
    return record.total("power_unserved_mwh")


@outcome("h", "Interruption per household (SAIDI)", "停電時間(SAIDI)")
def saidi_h(record: Record) -> float:
    """Hours without power a household over the run; part of an hour's load unserved counts as that part
    (IEEE 1366 SAIDI, of homes)."""
    return float(np.mean(record.closing.dark_h))


@outcome("1", "Interruptions per household (SAIFI)", "停電回数(SAIFI)")
def saifi(record: Record) -> float:
    """Times that a household went from lit to dark over the run (IEEE 1366 SAIFI, of homes)."""
    return float(np.mean(record.closing.interruptions))


@outcome("MWh", "Energy withheld by order", "意図的な電力制限量")
def power_restricted_mwh(record: Record) -> float:
    """The part of the energy not supplied that was cut by an order to a breaker."""
    return record.total("power_restricted_mwh")


@outcome("MWh", "Generation thrown away", "出力抑制量")
def curtailed_mwh(record: Record) -> float:
    """Solar, wind and must-run output that could have been produced and was not used."""
    return record.total("curtailed_mw")


@outcome("1", "Renewable share", "再エネ比率", better=1)
def renewable_share(record: Record) -> float:
    """Hydro and solar output, homes' own use included, over all electricity used."""
    return share(record.total("renewable_mw") + _home_made(record), _used(record))


@outcome("1", "Local share of electricity", "地域電源比率", better=1)
def local_share(record: Record) -> float:
    """Electricity made on roofs and used at home or on the same grid, over all electricity used."""
    return share(_home_made(record), _used(record))


def _home_made(record: Record) -> float:
    return record.total("home_own_mw") + record.total("home_sold_mw")


def _used(record: Record) -> float:
    """All electricity used: what meters saw, and what homes used of their own."""
    return record.total("load_delivered_mw") + record.total("home_own_mw")


@outcome("MWh", "Reserve held", "予備力")
def reserve_mwh(record: Record) -> float:
    """Spinning reserve held over the run."""
    return record.total("reserve_mw")


@outcome("MW", "Peak of load", "最大需要", better=0)
def peak_mw(record: Record) -> float:
    """Largest hourly load asked of the grid."""
    return float(record.city["load_asked_mw"][: record.lived].max(initial=0.0))


# ---- water ------------------------------------------------------------------------------------------


@outcome("m3", "Water not supplied", "給水不足量")
def water_unserved_m3(record: Record) -> float:
    """Water that customers asked for and did not get, for want of pressure or by order."""
    return record.total("water_unserved_m3")


@outcome("m3", "Water withheld by order", "意図的な給水制限量")
def water_restricted_m3(record: Record) -> float:
    """The part of the water not supplied that was cut by an order to an inlet valve."""
    return record.total("water_restricted_m3")


@outcome("1", "Water service availability", "給水サービス率", better=1)
def water_service_availability(record: Record) -> float:
    """Water delivered over water asked (WNTR's water service availability, by volume)."""
    asked = record.total("water_asked_m3")
    return share(asked - record.total("water_unserved_m3"), asked, empty=1.0)


@outcome("1", "Leakage", "漏水率")
def leakage_share(record: Record) -> float:
    """Leakage over all water put into the mains (real losses over system input, IWA)."""
    return share(record.total("water_leakage_m3"), record.total("water_input_m3"))


@outcome("1", "Local share of water", "地域水源比率", better=1)
def local_water_share(record: Record) -> float:
    """Water from municipal wells over all water put in."""
    return share(record.total("water_local_m3"), record.total("water_input_m3"))


# ---- roads ------------------------------------------------------------------------------------------


@outcome("veh", "Vehicle trips stranded", "立ち往生した車両")
def trips_stranded(record: Record) -> float:
    """Vehicles that set out and found no way, or none within the time budget."""
    return record.total("trips_stranded_veh")


@outcome("veh", "Vehicle trips stranded by order", "意図的な通行止めによる車両")
def trips_restricted(record: Record) -> float:
    """The part of the stranded vehicles that wanted to enter or leave a district closed by order. Most strand
    in the first hour of a closure; afterwards people know, and stay or walk: see ``accessibility_frac``."""
    return record.total("trips_restricted_veh")


@outcome("1", "Accessibility", "移動達成率", better=1)
def accessibility_frac(record: Record) -> float:
    """Person trips made, by any mode, over person trips wanted."""
    return share(record.total("trips_made"), record.total("trips_wanted"), empty=1.0)


@outcome("h", "Delay per vehicle trip", "1台あたり遅れ時間")
def delay_h_per_trip(record: Record) -> float:
    """Time above the empty road's over vehicle trips; to be read with accessibility, since a stranded
    trip has no delay."""
    return share(record.total("delay_veh_h"), record.total("trips_asked_veh"))


@outcome("km", "Vehicle-kilometres", "走行台キロ", better=0)
def vehicle_km(record: Record) -> float:
    """Distance driven by all vehicles."""
    return record.total("vehicle_km")


@outcome("t", "Road fuel", "自動車燃料")
def road_fuel_t(record: Record) -> float:
    """Petrol burnt by cars."""
    return record.total("road_fuel_t")


@outcome("1", "Share of trips by bus", "公共交通分担率", better=1)
def transit_mode_share(record: Record) -> float:
    """Person trips that set out by bus over person trips that set out at all."""
    return share(record.total("transit_persons"), record.total("mode_persons"))


# ---- supply -----------------------------------------------------------------------------------------


@outcome("t", "Fuel not supplied", "燃料不足量")
def fuel_unserved_t(record: Record) -> float:
    """Fuel asked at depots and not handed out."""
    return record.total("fuel_unserved_t")


@outcome("t", "Fuel withheld", "意図的な燃料制限量")
def fuel_restricted_t(record: Record) -> float:
    """Fuel that depots could not order because a supplier or a road was closed to them by order."""
    return record.total("fuel_restricted_t")


@outcome("d", "Fuel stock-outs", "燃料在庫切れ日数")
def fuel_stockout_days(record: Record) -> float:
    """Depot-days on which a fuel depot was empty."""
    return record.total("fuel_stockouts") / HOURS_PER_DAY


@outcome("t", "Minerals not supplied", "鉱物不足量")
def minerals_unserved_t(record: Record) -> float:
    """Spare parts and metals asked at depots and not handed out."""
    return record.total("minerals_unserved_t")


@outcome("d", "Household-days without food", "食料不足世帯日")
def food_short_household_days(record: Record) -> float:
    """Person-hours without a meal that was due, in household-days of the mean household."""
    persons_per_household = record.closing.people_weight.sum() / record.closing.households
    return record.total("food_short_persons") / HOURS_PER_DAY / persons_per_household


@outcome("1", "Concentration of suppliers (HHI)", "供給事業者の集中度(HHI)")
def supplier_hhi(record: Record) -> float:
    """Herfindahl-Hirschman index of suppliers by tonnes sold to the city."""
    sold = record.closing.supplier_t
    return float(((sold / sold.sum()) ** 2).sum()) if sold.sum() > 0 else 0.0


@outcome("JPY/L", "Price of petrol", "ガソリン価格")
def fuel_price_jpy_per_l(record: Record) -> float:
    """Mean price of petrol at the depots, density 0.74 kg/L, without tax."""
    return record.mean("fuel_jpy_per_t") * 0.74 / 1000.0


@outcome("1", "Price of minerals", "鉱物価格指数")
def minerals_price_index(record: Record) -> float:
    """Mean price of minerals over that of the first hour."""
    return _over_start(record, "minerals_jpy_per_t")


@outcome("1", "Price of food", "食料価格指数")
def food_price_index(record: Record) -> float:
    """Mean price of food over that of the first hour."""
    return _over_start(record, "food_jpy_per_t")


def _over_start(record: Record, name: str) -> float:
    return share(record.mean(name), float(record.city[name][0]), empty=1.0)


@outcome("person h", "Contaminated water at the tap", "汚染水への曝露")
def contamination_person_h(record: Record) -> float:
    """People times hours with water at their tap whose dose is above the limit, and no warning given."""
    return record.total("contamination_person_h")
