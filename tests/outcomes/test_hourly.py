"""The bookkeeper: what an hour adds to the record is what the rooms said in it."""

import numpy as np
import pytest

from agentsim.outcomes.hourly import HourlyTotals
from agentsim.outcomes.record import BY_CITY, BY_DISTRICT
from agentsim.place.cases import FOOD, FUEL, MINERALS

LOCAL = ["W-C1", "E-S4"]
ALWAYS_FRESH = {"coupling.dam_low_frac": 1.1, "mechanisms.failures": False}


@pytest.fixture(scope="module")
def noon(hamlet):
    """A society at one o'clock, when roofs sell, and wells and the plant at the sea side run."""
    return hamlet([*LOCAL, "W-S1"], "none", 1, 14, ALWAYS_FRESH)


@pytest.fixture(scope="module")
def city(noon):
    return HourlyTotals(noon.place).of_city(noon.last)


def test_an_hour_fills_every_column_and_no_other(noon, city):
    assert set(city) == set(BY_CITY)
    assert set(HourlyTotals(noon.place).by_district(noon.last)) == set(BY_DISTRICT)


def test_every_column_holds_what_its_name_says(noon, city):
    hour = noon.last
    power, water, roads, supply = (getattr(hour.service, n) for n in ("power", "water", "roads", "supply"))
    told = {
        "temperature_degc": hour.weather.temperature_degc,
        "home_own_mw": hour.living.own_mwh,
        "curtailed_mw": power.curtailed_mw,
        "grid_load_mw": hour.foreseen.load_mw,
        "foreseen_hour_ahead_mw": hour.foreseen.hour_ahead_mw,
        "foreseen_day_ahead_mw": hour.foreseen.day_ahead_mw,
        "reserve_mw": power.reserve_mw,
        "reserve_short_mw": power.reserve_short_mw,
        "generation_jpy": power.cost_jpy,
        "power_co2_t": power.co2_t,
        "power_price_jpy_per_kwh": hour.account.power_jpy_per_kwh,
        "water_price_jpy_per_m3": hour.account.water_jpy_per_m3,
        "utility_margin_jpy": hour.account.utility_margin_jpy,
        "utility_profit_jpy": hour.account.utility_profit_jpy,
        "utility_profit_lost_jpy": hour.account.profit_lost_jpy,
        "lobbying_jpy": hour.account.lobbying_jpy,
        "replaced_mwh": hour.account.replaced_mwh,
        "water_leakage_m3": water.leakage_m3,
        "water_residual_m3": abs(water.residual_m3),
        "hydraulics_unsolved_h": water.unsolved_h,
        "bursts_open": water.bursts_open,
        "road_works_links": roads.works_links,
        "vehicle_km": roads.vehicle_km,
        "delay_veh_h": roads.delay_veh_h,
        "crashes_expected": hour.crashes.expected,
        "crashes_automated": hour.crashes.expected_automated,
        "crashes_happened": len(hour.crashes.happened),
        "crashes_open": hour.crashes.open,
        "road_fuel_t": hour.sales.petrol_t,
        "fuel_jpy_per_t": supply.price_jpy_per_t[FUEL],
        "minerals_jpy_per_t": supply.price_jpy_per_t[MINERALS],
        "food_jpy_per_t": supply.price_jpy_per_t[FOOD],
        "p2p_mwh": hour.account.p2p_mwh,
        "protesters_frac": hour.living.protesters_frac,
    }
    for name, value in told.items():
        assert city[name] == value, name


@pytest.mark.parametrize(
    ("column", "whole"),
    [
        ("power_asked_mwh", lambda hour: hour.demand.power_asked_mw.sum()),
        ("water_asked_m3", lambda hour: hour.demand.water_asked_m3_per_h.sum()),
        ("trips_wanted", lambda hour: hour.trips.wanted_persons.sum()),
        ("trips_made", lambda hour: hour.travelled.made_persons.sum()),
    ],
)
def test_districts_sum_to_the_city(noon, column, whole):
    told = HourlyTotals(noon.place).by_district(noon.last)[column]
    assert told.shape == (8,)
    assert told.sum() == pytest.approx(whole(noon.last))
    assert (told > 0.0).all()


def test_every_total_is_numpys_to_the_last_bit(noon, city):
    hour, place = noon.last, noon.place
    power, water, supply = hour.service.power, hour.service.water, hour.service.supply
    at, count = HourlyTotals(place).by_district(hour), len(place.districts)
    of_feeder, of_junction = place.feeders.district, place.water.junction_district
    by_district = {
        "power_asked_mwh": np.bincount(of_feeder, hour.demand.power_asked_mw, count),
        "power_unserved_mwh": np.bincount(of_feeder, power.shed_mw + power.restricted_mw, count),
        "power_restricted_mwh": np.bincount(of_feeder, power.restricted_mw, count),
        "water_asked_m3": np.bincount(of_junction, hour.demand.water_asked_m3_per_h, count),
        "water_unserved_m3": np.bincount(
            of_junction, water.short_m3_per_h + water.restricted_m3_per_h, count
        ),
        "water_restricted_m3": np.bincount(of_junction, water.restricted_m3_per_h, count),
        "trips_wanted": np.bincount(place.zone_district, hour.trips.wanted_persons.sum(axis=1), count),
        "trips_made": np.bincount(place.zone_district, hour.travelled.made_persons.sum(axis=1), count),
    }
    for name, told in by_district.items():
        assert at[name].tobytes() == told.tobytes(), name
    hydro = np.array(place.grid.unit_fuel) == "hydro"
    fuel = place.supply.depot_good == FUEL
    assert city["load_wanted_mw"] == hour.demand.power_wanted_mw.sum()
    assert city["load_delivered_mw"] == power.delivered_mw.sum()
    assert city["renewable_mw"] == power.generation_mw[hydro].sum()
    assert city["water_local_m3"] == water.well_m3.sum()
    assert city["tank_volume_m3"] == water.tank_volume_m3.sum()
    assert city["trips_asked_veh"] == hour.trips.vehicles.sum()
    assert city["transit_persons"] == hour.trips.bus_persons.sum()
    assert city["fuel_unserved_t"] == supply.short_t[fuel].sum()
    assert city["fuel_stockouts"] == (supply.stock_t[fuel] <= 0.0).sum()


def test_what_roofs_make_is_used_at_home_or_sold(noon, city):
    people, used = noon.population, noon.last.service.power.solar_used_mw.sum()
    assert city["home_sold_mw"] == pytest.approx(used)
    assert used > 0.0
    own_kw = (people.power.own_sun_kw + people.power.discharge_kw).sum() * people.weight
    assert city["home_own_mw"] == pytest.approx(own_kw / 1e3)


def test_all_that_flows_into_the_mains_is_delivered_leaks_or_fills_tanks(noon, hamlet):
    # the same hour and the next: what was put in cannot be less than what came out
    later = hamlet([*LOCAL, "W-S1"], "none", 1, 15, ALWAYS_FRESH)
    water, record = later.last.service.water, later.record
    stored = [s.tank_volume_m3.sum() + s.well_stored_m3.sum() for s in (noon.last.service.water, water)]
    went = water.delivered_m3_per_h.sum() + water.leakage_m3 + stored[1] - stored[0]
    desalinated = water.desalinated_m3
    assert desalinated > 0.0
    assert record.city["water_input_m3"][14] == pytest.approx(went, rel=1e-3)


def test_desalinated_water_is_water_put_in(noon, city):
    water = noon.last.service.water
    assert water.desalinated_m3 > 0.0
    whole = water.source_m3.sum() + water.well_m3.sum() + water.desalinated_m3
    assert city["water_input_m3"] == pytest.approx(whole)


def test_vehicles_that_a_closed_district_strands_are_counted_apart(hamlet):
    siege = {"attacker.first_hour": 7, "attacker.target": "Harbour", "bad_actor.action_chance": 1.0}
    society = hamlet([], "coercer:random", 1, 8, siege)  # later on people know, and stay
    record = society.record
    stranded = society.last.service.roads.stranded_veh
    closed = society.place.zone_district == society.place.districts.name.index("Harbour")
    by_order = stranded[closed].sum() + stranded[:, closed].sum() - stranded[np.ix_(closed, closed)].sum()
    assert record.city["trips_restricted_veh"][7] == pytest.approx(by_order)
    assert 0.0 < by_order <= record.city["trips_stranded_veh"][7]
    assert record.city["trips_restricted_veh"][:7].sum() == 0.0
