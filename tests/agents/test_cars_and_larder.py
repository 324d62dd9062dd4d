"""Cars and larder on their own: charging, driving, petrol; bottled water, shopping and meals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_town import all_served, ask, people_of

from agentsim.agents.households.cars import Cars
from agentsim.agents.households.homes import Homes
from agentsim.agents.households.larder import Larder
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.core.charter import Stock
from agentsim.core.streams import Streams

NUMBERS = HouseholdsParameters()
ROWS = 300
AT_NIGHT = Stock(electric_car_frac=0.5, controlled_charging_frac=1.0)


@pytest.fixture
def homes(bay_city) -> Homes:
    return Homes(bay_city, ROWS, Streams(1), NUMBERS)


@pytest.fixture
def cars(homes: Homes) -> Cars:
    return Cars(homes, AT_NIGHT, NUMBERS)


@pytest.fixture
def larder(homes: Homes) -> Larder:
    return Larder(homes, Stock(), NUMBERS, stocks=True)


# ---- cars -------------------------------------------------------------------------------------------


def test_electric_cars_are_owned_and_begin_charged(cars: Cars) -> None:
    assert cars.electric.any()
    assert cars.owned[cars.electric].all()
    assert cars.electric.sum() / cars.owned.sum() == pytest.approx(0.5, abs=0.1)
    np.testing.assert_array_equal(cars.ev_kwh, np.where(cars.electric, NUMBERS.ev_battery_kwh, 0.0))


def test_a_night_of_charging_restores_what_a_day_used(bay_city) -> None:
    people = people_of(bay_city, 300, AT_NIGHT)
    cars, full_kwh = people.cars, people.cars.ev_kwh.copy()
    cars.end_day()
    used_kwh = np.where(cars.electric, NUMBERS.ev_kwh_per_day, 0.0)
    np.testing.assert_allclose(full_kwh - cars.ev_kwh, used_kwh)
    ask(people, 12)
    assert not people.power.charging_kw.any()
    for clock in (*range(NUMBERS.ev_first_hour, 24), *range(6)):
        ask(people, clock)
        assert (people.power.charging_kw <= NUMBERS.ev_charger_kw).all()
        people.live(all_served(people))
    np.testing.assert_allclose(cars.ev_kwh, full_kwh, atol=1e-9)


def test_cars_that_are_plugged_in_at_home_charge_in_the_evening_and_controlled_ones_at_night(bay_city):
    load_kw = {}
    for controlled in (0.0, 1.0):
        stock = Stock(electric_car_frac=0.5, controlled_charging_frac=controlled)
        people = people_of(bay_city, 300, stock)
        km = 20.0 * people.cars.electric.sum() * people.weight  # 20 km a car, driven at noon
        people.cars.drive(12, km)
        for clock in range(12, 24):
            ask(people, clock)
            load_kw[controlled, clock] = float(people.power.charging_kw.sum())
            people.live(all_served(people))
        people.cars.end_day()
        ask(people, 0)
        load_kw[controlled, 0] = float(people.power.charging_kw.sum())
    first = NUMBERS.ev_first_hour
    brought = people.cars.added["added_electric_cars"].sum()
    assert load_kw[0.0, first] == pytest.approx(brought * NUMBERS.ev_charger_kw)
    assert load_kw[0.0, first] + load_kw[0.0, first + 1] == pytest.approx(
        brought * 20.0 * NUMBERS.ev_kwh_per_km
    )
    assert load_kw[1.0, first] == 0.0
    assert load_kw[1.0, 0] > load_kw[0.0, 0]


def test_automated_cars_are_some_of_the_electric_ones(homes: Homes) -> None:
    cars = Cars(homes, Stock(electric_car_frac=0.2, automated_car_frac=0.4), NUMBERS)
    assert (cars.automated <= cars.electric).all()
    assert cars.automated.sum() / cars.owned.sum() == pytest.approx(0.4, abs=0.1)
    ordinary = Cars(homes, Stock(), NUMBERS)
    assert not ordinary.automated.any()
    assert not ordinary.added
    assert (ordinary.electric <= cars.electric).all(), "who has one has one under every policy"


def test_driving_never_leaves_less_than_nothing(cars: Cars) -> None:
    for _ in range(20):
        cars.end_day()
    assert not cars.ev_kwh.any()


def test_petrol_cars_run_on_petrol_and_electric_cars_on_charge(homes: Homes, cars: Cars, bay_city) -> None:
    count = len(bay_city.districts)
    both, electric = (cars.running_frac_by_zone(np.full(count, fuel)) for fuel in (1.0, 0.0))
    owners = np.bincount(homes.zone, homes.persons * cars.owned, len(both)) / homes.persons_in_zone
    np.testing.assert_allclose(both, owners)
    cars.ev_kwh[:] = 0.0
    petrol = cars.running_frac_by_zone(np.ones(count))
    np.testing.assert_allclose(petrol + electric, both)


def test_cars_of_homes_that_leave_are_counted_out(homes: Homes, cars: Cars, bay_city) -> None:
    owned = cars.vehicles
    goes = homes.district == 2
    homes.leave(0.5 * goes)
    cars.count()
    assert cars.left_vehicles == pytest.approx(0.5 * cars.owned[goes].sum() * homes.weight)
    homes.leave(goes)
    cars.count()
    assert cars.vehicles == pytest.approx(cars.owned[~goes].sum() * homes.weight)
    assert cars.vehicles + cars.left_vehicles == pytest.approx(owned)
    zones = np.unique(homes.zone[goes])
    assert not cars.running_frac_by_zone(np.ones(len(bay_city.districts)))[zones].any()
    assert homes.people == homes.persons.sum() * homes.weight


# ---- larder -----------------------------------------------------------------------------------------


def test_without_stocks_there_is_a_days_food_and_no_water(homes: Homes) -> None:
    bare = Larder(homes, Stock(home_food_days=9.0, home_water_l_per_person=30.0), NUMBERS, stocks=False)
    assert np.average(bare.food_days, weights=homes.persons) == pytest.approx(1.0, rel=0.05)
    assert not bare.home_water_l.any()


def test_a_water_price_lowers_use_only_where_it_is_answered(larder: Larder) -> None:
    larder.ask_water(8, 2.0, answers_price=False)
    np.testing.assert_array_equal(larder.water_asked_l, larder.water_wanted_l)
    larder.ask_water(8, 2.0, answers_price=True)
    np.testing.assert_allclose(larder.water_asked_l / larder.water_wanted_l, 2.0**NUMBERS.water_elasticity)


def test_where_tap_water_is_undrinkable_bottles_are_used(homes: Homes, larder: Larder, bay_city) -> None:
    junctions = len(bay_city.water.junction_id)
    warned = np.zeros(junctions, dtype=bool)
    warned[homes.junction[:100]] = True
    here, before_l = warned[homes.junction], larder.home_water_l.copy()
    larder.ask_water(8, 1.0, answers_price=True)
    larder.use_water(np.ones(junctions), warned)
    ration_l = homes.persons * NUMBERS.home_water_ration_l_per_person_day / 24.0
    np.testing.assert_allclose((before_l - larder.home_water_l)[here], ration_l[here])
    np.testing.assert_array_equal(larder.home_water_l[~here], before_l[~here])
    np.testing.assert_allclose(larder.tap_l, larder.water_asked_l)  # the tap still runs
    assert (larder.water_gap > 0.0).tolist() == here.tolist()


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)), min_size=1, max_size=60))
def test_stores_at_home_balance_in_every_hour(bay_city, supply: list[tuple[float, float]]) -> None:
    """Food: before + bought = after + eaten. Water: no store is negative or above its target."""
    homes = Homes(bay_city, 40, Streams(1), NUMBERS)
    larder = Larder(homes, Stock(), NUMBERS, stocks=True)
    day_kg = homes.persons * NUMBERS.food_kg_per_person_day
    for hour, (tap_frac, food_frac) in enumerate(supply):
        larder.ask_water(hour, 1.0, answers_price=True)
        larder.ask_food(hour)
        before_days = larder.food_days.copy()
        larder.use_water(np.full(len(bay_city.water.junction_id), tap_frac))
        larder.eat(np.full(len(bay_city.districts), food_frac))
        eaten_days = before_days + larder.food_asked_kg * food_frac / day_kg - larder.food_days
        np.testing.assert_allclose(eaten_days, (1.0 - larder.food_gap) / 24.0, atol=1e-7)
        assert (larder.food_days >= -1e-12).all()
        assert (larder.home_water_l >= -1e-9).all()
        assert (larder.home_water_l <= larder.home_water_target_l + 1e-9).all()


def test_the_emptiest_shelves_of_the_day_are_kept(larder: Larder, bay_city) -> None:
    count = len(bay_city.districts)
    for hour, sold in enumerate((1.0, 0.3, 0.8)):
        larder.ask_food(hour)
        larder.eat(np.full(count, sold))
    np.testing.assert_allclose(larder.empty_shelf_frac, 0.7)
