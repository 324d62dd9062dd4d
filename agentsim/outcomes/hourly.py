"""What one hour adds to the record: the hour by district, and for the whole city."""

import numpy as np

from agentsim.exchange import Hour
from agentsim.place.cases import FOOD, FUEL, MINERALS, Place


def by_district(now: Hour, place: Place) -> dict[str, np.ndarray]:
    """The hour's columns of :data:`~agentsim.outcomes.record.BY_DISTRICT`, arrays (districts,)."""
    power, water = now.service.power, now.service.water
    count = len(place.districts)

    def of(rows: np.ndarray, value: np.ndarray) -> np.ndarray:
        return np.bincount(rows, value, count)

    feeder, junction, zone = place.feeders.district, place.water.junction_district, place.zone_district
    return {
        "power_asked_mwh": of(feeder, now.demand.power_asked_mw),
        "power_unserved_mwh": of(feeder, power.shed_mw + power.restricted_mw),
        "power_restricted_mwh": of(feeder, power.restricted_mw),
        "water_asked_m3": of(junction, now.demand.water_asked_m3_per_h),
        "water_unserved_m3": of(junction, water.short_m3_per_h + water.restricted_m3_per_h),
        "water_restricted_m3": of(junction, water.restricted_m3_per_h),
        "trips_wanted": of(zone, now.trips.wanted_persons.sum(axis=1)),
        "trips_made": of(zone, now.travelled.made_persons.sum(axis=1)),
        "food_short_persons": now.living.food_short_persons,
        "deprivation_h": now.living.deprivation_h,
        "output_lost_jpy": now.living.output_usual_jpy - now.living.output_jpy,
        "output_usual_jpy": now.living.output_usual_jpy,
    }


def of_city(now: Hour, place: Place) -> dict[str, float]:
    """The hour's columns of :data:`~agentsim.outcomes.record.BY_CITY`."""
    return {
        "temperature_degc": now.weather.temperature_degc,
        **_power(now, place),
        **_water(now),
        **_roads(now, place),
        **_supply(now, place),
    }


def _power(now: Hour, place: Place) -> dict[str, float]:
    power = now.service.power
    hydro = np.array(place.grid.unit_fuel) == "hydro"
    return {
        "load_wanted_mw": now.demand.power_wanted_mw.sum(),
        "load_asked_mw": now.demand.power_asked_mw.sum(),
        "load_delivered_mw": power.delivered_mw.sum(),
        "generation_mw": power.generation_mw.sum(),
        "renewable_mw": power.generation_mw[hydro].sum(),
        "home_solar_mw": now.living.own_mwh + power.solar_used_mw.sum(),
        "curtailed_mw": power.curtailed_mw,
        "reserve_mw": power.reserve_mw,
        "reserve_short_mw": power.reserve_short_mw,
        "generation_jpy": power.cost_jpy,
        "power_co2_t": power.co2_t,
        "power_price_jpy_per_kwh": now.account.power_jpy_per_kwh,
        "water_price_jpy_per_m3": now.account.water_jpy_per_m3,
        "utility_margin_jpy": now.account.balance_jpy["power utility"],
    }


def _water(now: Hour) -> dict[str, float]:
    water = now.service.water
    return {
        "water_input_m3": water.source_m3.sum() + water.well_m3.sum(),
        "water_leakage_m3": water.leakage_m3,
        "water_local_m3": water.well_m3.sum(),
        "tank_volume_m3": water.tank_volume_m3.sum(),
    }


def _roads(now: Hour, place: Place) -> dict[str, float]:
    roads, trips = now.service.roads, now.trips
    closed = now.permitted.roads_closed[place.zone_district]
    cut = closed[:, None] | closed
    modes = trips.car_persons.sum() + trips.bus_persons.sum() + trips.foot_persons.sum()
    return {
        "trips_asked_veh": trips.vehicles.sum(),
        "trips_stranded_veh": roads.stranded_veh.sum(),
        "trips_restricted_veh": roads.stranded_veh[cut].sum() if closed.any() else 0.0,
        "vehicle_km": roads.vehicle_km,
        "delay_veh_h": roads.delay_veh_h,
        "volume_capacity_frac": (roads.flow_veh_per_h / place.roads.link_capacity_veh_per_h).mean(),
        "road_fuel_t": now.sales.petrol_t,
        "transit_persons": trips.bus_persons.sum(),
        "mode_persons": modes,
    }


def _supply(now: Hour, place: Place) -> dict[str, float]:
    supply, good = now.service.supply, place.supply.depot_good
    fuel, price = good == FUEL, supply.price_jpy_per_t
    return {
        "fuel_unserved_t": supply.short_t[fuel].sum(),
        "fuel_restricted_t": supply.restricted_t[fuel].sum(),
        "minerals_unserved_t": supply.short_t[good == MINERALS].sum(),
        "fuel_stockouts": (supply.stock_t[fuel] <= 0.0).sum(),
        "fuel_jpy_per_t": price[FUEL],
        "minerals_jpy_per_t": price[MINERALS],
        "food_jpy_per_t": price[FOOD],
    }
