"""Outcomes of the four networks: what was not delivered and for how long, and what it took to deliver."""

import math

import numpy as np

from agentsim.core.units import HOURS_PER_DAY
from agentsim.outcomes.record import Record, outcome, share

RAMP_H = 3  # over which operators state the ramp of net load (California ISO)
EVENING = np.arange(17, 23)

# ---- power ------------------------------------------------------------------------------------------


@outcome("MWh", "Energy not supplied", "供給支障電力量")
def ens_mwh(record: Record) -> float:
    """Electricity that customers asked for and did not get, for lack of power or by order (energy not
    supplied, IEEE 762). With attacker.persistence = "until_concession" it does not measure harm, because a
    district that does not give in is cut off for longer.
    """
    return record.total("power_unserved_mwh")


@outcome("h", "Hours without power per household (SAIDI)", "1世帯あたり停電時間(SAIDI)")
def saidi_h(record: Record) -> float:
    """Hours without power per household over the run; an hour in which a part of the load is not served
    counts as that part (SAIDI, IEEE 1366, homes only).
    """
    return float(np.mean(record.closing.dark_h))


@outcome("1", "Interruptions per household (SAIFI)", "1世帯あたり停電回数(SAIFI)")
def saifi(record: Record) -> float:
    """Power interruptions per household over the run. An interruption begins in an hour with load not
    served, after an hour in which all load was served (SAIFI, IEEE 1366, homes only).
    """
    return float(np.mean(record.closing.interruptions))


@outcome("1", "Momentary interruptions per household (MAIFI)", "1世帯あたり瞬時停電回数(MAIFI)")
def maifi(record: Record) -> float:
    """Power interruptions per household of at most some minutes, while a fault is isolated from afar and the
    rest of the feeder is restored (MAIFI, IEEE 1366, homes only). They are no part of saidi_h, saifi,
    ens_mwh.
    """
    return float(np.mean(record.closing.momentary))


@outcome("MWh", "Energy withheld by order", "意図的な電力制限量")
def power_restricted_mwh(record: Record) -> float:
    """The part of the energy not supplied that was cut by an order to open breakers."""
    return record.total("power_restricted_mwh")


@outcome("MWh", "Generation curtailed", "出力抑制量")
def curtailed_mwh(record: Record) -> float:
    """Generation that nobody used. It is surplus of homes' panels and of districts' turbines on a grid that
    works, and minimum output of units that must run.
    """
    return record.total("curtailed_mw")


@outcome("1", "Renewable share", "再エネ比率", better=1, kind="share")
def renewable_share(record: Record) -> float:
    """Hydropower and electricity from homes (solar power, partly through batteries) and from turbines of the
    districts, as a share of all electricity used.
    """
    return share(record.total("renewable_mw") + _home_made(record), _used(record))


@outcome("1", "Local share of electricity", "地域電源比率", better=1, kind="share")
def local_share(record: Record) -> float:
    """Electricity from homes (solar power and batteries), used at home or by others on the grid, and from
    turbines of the districts, as a share of all electricity used.
    """
    return share(_home_made(record), _used(record))


def _home_made(record: Record) -> float:
    return record.total("home_own_mw") + record.total("home_sold_mw")


def _used(record: Record) -> float:
    """All electricity used: what meters counted, and what homes used of their own."""
    return record.total("load_delivered_mw") + record.total("home_own_mw")


@outcome("MWh", "Reserve held", "予備力")
def reserve_mwh(record: Record) -> float:
    """Spinning reserve that was held, summed over the hours of the run."""
    return record.total("reserve_mw")


@outcome("JPY", "Cost of readiness", "予備力の費用", kind="balance")
def reserve_cost_jpy(record: Record) -> float:
    """What generation cost above the merit order of all units: units that were started early or kept on line
    for reserve, and more expensive ones in the place of those out of order or behind a full line.
    """
    return record.total("generation_jpy") - record.total("cheapest_jpy")


@outcome("1", "Error of the load forecast, a day ahead", "前日の需要予測誤差", kind="share")
def forecast_error_frac(record: Record) -> float:
    """Mean absolute error of the load forecast made 23 hours before (on the first day, at its beginning), as
    a share of the load that the grid had to serve.
    """
    return _missed_frac(record, "foreseen_day_ahead_mw")


@outcome("1", "Error of the load forecast, an hour ahead", "1時間前の需要予測誤差", kind="share")
def forecast_error_hour_ahead_frac(record: Record) -> float:
    """Mean absolute error of the load forecast made at the beginning of the hour, as a share of the load that
    the grid had to serve.
    """
    return _missed_frac(record, "foreseen_hour_ahead_mw")


def _missed_frac(record: Record, foreseen: str) -> float:
    load_mw = record.city["grid_load_mw"][: record.lived]
    missed_mw = np.abs(record.city[foreseen][: record.lived] - load_mw)
    return min(share(float(missed_mw.sum()), float(load_mw.sum())), 1.0)


@outcome("MW", "Peak load", "最大需要", better=0)
def peak_mw(record: Record) -> float:
    """Largest load that customers asked of the grid in one hour."""
    return float(record.city["load_asked_mw"][: record.lived].max(initial=0.0))


@outcome("MW", "Evening rise of net load", "純負荷の夕方の上昇幅")
def evening_ramp_mw(record: Record) -> float:
    """Largest rise within three hours, ending between 17 and 23 o'clock, of the load that customers ask of
    the grid less what homes and districts sell into it; mean over the whole days of the run. It is the neck
    of the duck curve, which deepens with solar power.
    """
    days = record.lived // HOURS_PER_DAY
    if not days:
        return 0.0
    net_mw = (record.city["load_asked_mw"] - record.city["home_sold_mw"])[: days * HOURS_PER_DAY]
    net_mw = net_mw.reshape(days, HOURS_PER_DAY)
    rise_mw = net_mw[:, EVENING] - net_mw[:, EVENING - RAMP_H]
    return float(np.maximum(rise_mw.max(axis=1), 0.0).mean())


# ---- water ------------------------------------------------------------------------------------------


@outcome("m3", "Water not supplied", "給水不足量")
def water_unserved_m3(record: Record) -> float:
    """Water that customers asked for and did not get, for lack of water or pressure, by a rationing rule, or
    by order.
    """
    return record.total("water_unserved_m3")


@outcome("m3", "Water withheld by order", "意図的な給水制限量")
def water_restricted_m3(record: Record) -> float:
    """The part of the water not supplied that was cut by an order to shut inlet valves. Water missing behind
    a shut trunk main is not counted here.
    """
    return record.total("water_restricted_m3")


@outcome("1", "Water service availability", "給水充足率", better=1, kind="share")
def water_service_availability(record: Record) -> float:
    """Water delivered as a share of water asked for, by volume (water service availability as in WNTR)."""
    asked = record.total("water_asked_m3")
    return share(asked - record.total("water_unserved_m3"), asked, empty=1.0)


@outcome("1", "Leakage", "漏水率", kind="share")
def leakage_share(record: Record) -> float:
    """Leakage as a share of all water put into the network (real losses over system input volume, IWA)."""
    return share(record.total("water_leakage_m3"), record.total("water_input_m3"))


@outcome("1", "Local share of water", "地域水源比率", better=1, kind="share")
def local_water_share(record: Record) -> float:
    """Water from municipal wells, private wells and rain tanks, as a share of it and all other water that is
    put into the network.
    """
    own = record.total("rain_used_m3") + record.total("private_well_m3")
    return share(record.total("water_local_m3") + own, record.total("water_input_m3") + own)


@outcome("m3", "Rain water used", "雨水利用量", better=1)
def rain_used_m3(record: Record) -> float:
    """Water that homes used from their rain tanks in the place of tap water."""
    return record.total("rain_used_m3")


@outcome("m", "Depth of the water table", "地下水位の深さ")
def water_table_m(record: Record) -> float:
    """Depth of the water table under the ground at the end of the run. It is undefined without an aquifer."""
    return float(record.city["water_table_m"][record.lived - 1]) if record.lived else math.nan


@outcome("h", "Hours that EPANET could not solve", "EPANETで解けなかった時間")
def hydraulics_unsolved_h(record: Record) -> float:
    """Hours of the run in which EPANET found no solution of the water network, parts of hours added up. A
    balance of volumes over the pipes that were open took its place: it knows no pressure.
    """
    return record.total("hydraulics_unsolved_h")


@outcome("m3", "Water unaccounted for by the hydraulics", "水理計算の収支誤差")
def water_residual_m3(record: Record) -> float:
    """Water that the hydraulics gained or lost by calculation, sum over the hours of the run without its
    sign. An hour in which it is more than 1 % of the water moved or asked for ends the run.
    """
    return record.total("water_residual_m3")


# ---- roads ------------------------------------------------------------------------------------------


@outcome("veh", "Vehicle trips stranded", "到達できなかった車両トリップ")
def trips_stranded(record: Record) -> float:
    """Vehicle trips that could not be made, because no open route existed or every route took longer than the
    time limit of a trip.
    """
    return record.total("trips_stranded_veh") + record.total("trips_stopped_veh")


@outcome("veh", "Vehicle trips stranded by order", "意図的な通行止めで到達できなかった車両トリップ")
def trips_restricted(record: Record) -> float:
    """The part of the stranded vehicle trips that began or ended in a district closed by order. Most are
    counted in the first hour of a closure; afterwards people know of it and do not set out, which
    accessibility_frac shows.
    """
    return record.total("trips_restricted_veh")


@outcome("1", "Accessibility", "移動達成率", better=1, kind="share")
def accessibility_frac(record: Record) -> float:
    """Person trips made, by any mode, as a share of person trips wanted."""
    return share(record.total("trips_made"), record.total("trips_wanted"), empty=1.0)


@outcome("h", "Delay per vehicle trip", "1台あたり遅れ時間")
def delay_h_per_trip(record: Record) -> float:
    """Time spent in traffic above that on empty roads, queues included, per vehicle trip asked. A stranded
    trip has no delay, so read it together with accessibility_frac.
    """
    return share(record.total("delay_veh_h"), record.total("trips_asked_veh"))


@outcome("km", "Vehicle-kilometres", "走行台キロ", better=0)
def vehicle_km(record: Record) -> float:
    """Distance driven by all vehicles."""
    return record.total("vehicle_km")


@outcome("t", "Road fuel", "自動車燃料の消費量")
def road_fuel_t(record: Record) -> float:
    """Petrol burnt by cars, and diesel by buses."""
    return record.total("road_fuel_t")


@outcome("1", "Share of trips by bus", "公共交通分担率", better=1, kind="share")
def transit_mode_share(record: Record) -> float:
    """Person trips begun by bus as a share of person trips begun by car, by bus or on foot."""
    return share(record.total("transit_persons"), record.total("mode_persons"))


# ---- supply -----------------------------------------------------------------------------------------


@outcome("t", "Fuel not supplied", "燃料不足量")
def fuel_unserved_t(record: Record) -> float:
    """Fuel asked for at depots and not handed out."""
    return record.total("fuel_unserved_t")


@outcome("t", "Fuel withheld", "意図的な燃料供給制限量")
def fuel_restricted_t(record: Record) -> float:
    """Fuel that depots ordered and did not get because a supplier withheld it or a road was closed by order;
    at most a day's expected demand per depot and day.
    """
    return record.total("fuel_restricted_t")


@outcome("d", "Fuel stock-outs", "燃料在庫切れ日数")
def fuel_stockout_days(record: Record) -> float:
    """Hours that fuel depots ended without stock, summed over depots and expressed in days."""
    return record.total("fuel_stockouts") / HOURS_PER_DAY


@outcome("t", "Minerals not supplied", "鉱物不足量")
def minerals_unserved_t(record: Record) -> float:
    """Minerals (spare parts and metals) asked for at depots and not handed out."""
    return record.total("minerals_unserved_t")


@outcome("d", "Household-days without food", "食料不足の延べ世帯日数")
def food_short_household_days(record: Record) -> float:
    """Food that was due and missing, expressed as days without any food for a household of mean size."""
    persons_per_household = record.closing.people_weight.sum() / record.closing.households
    return record.total("food_short_persons") / HOURS_PER_DAY / persons_per_household


@outcome("1", "Concentration of suppliers (HHI)", "供給事業者の集中度(HHI)", kind="share")
def supplier_hhi(record: Record) -> float:
    """Herfindahl-Hirschman index of suppliers, by tonnes sold to the city: 1 if one supplier sells
    everything.
    """
    sold = record.closing.supplier_t
    return float(((sold / sold.sum()) ** 2).sum()) if sold.sum() > 0 else 0.0


@outcome("JPY/L", "Price of petrol", "ガソリン価格")
def fuel_price_jpy_per_l(record: Record) -> float:
    """Price of petrol at the depots per litre, without tax (0.74 kg/L); mean over the hours of the run."""
    return record.mean("fuel_jpy_per_t") * 0.74 / 1000.0


@outcome("1", "Price of minerals, index", "鉱物価格指数")
def minerals_price_index(record: Record) -> float:
    """Mean price of minerals over the run, relative to the first hour."""
    return _over_start(record, "minerals_jpy_per_t")


@outcome("1", "Price of food, index", "食料価格指数")
def food_price_index(record: Record) -> float:
    """Mean price of food over the run, relative to the first hour."""
    return _over_start(record, "food_jpy_per_t")


def _over_start(record: Record, name: str) -> float:
    return share(record.mean(name), float(record.city[name][0]), empty=1.0)


@outcome("person h", "Contaminated water at the tap", "汚染された水道水への曝露")
def contamination_person_h(record: Record) -> float:
    """People times hours with water at their taps whose chemical dose is too high or too low to be safe,
    while no warning was given.
    """
    return record.total("contamination_person_h")
