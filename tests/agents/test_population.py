"""Households: where they live, what they own, and what they ask each hour."""

from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_town import MILD, PROSUMERS, SUMMER_NIGHT, all_served, ask, people_of

from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.agents.households.population import Population
from agentsim.core.charter import Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.place.cases import RESIDENTIAL, Place

NUMBERS = HouseholdsParameters()
HOMES = ("junction", "zone", "district", "feeder", "persons", "decile", "roof", "sector")
DRAWN = (*(f"homes.{name}" for name in HOMES), "cars.owned")
EQUIPMENT = (
    *("power.pv_kw", "power.battery_kwh", "cars.electric"),
    *("larder.food_target_days", "larder.home_water_target_l"),
)


def column(people: Population, name: str) -> np.ndarray:
    """A column by the name of its part and its own, array (households,)."""
    return attrgetter(name)(people)


# ---- homes and equipment ----------------------------------------------------------------------------


def test_fewer_households_are_a_prefix_of_the_same_rows(bay_city: Place) -> None:
    many, few = people_of(bay_city, 300), people_of(bay_city, 40)
    for name in DRAWN + EQUIPMENT:
        np.testing.assert_array_equal(column(many, name)[:40], column(few, name), err_msg=name)
    ask(many, 19)
    ask(few, 19)
    np.testing.assert_array_equal(many.power.asked_kw[:40], few.power.asked_kw)
    assert few.weight == pytest.approx(7.5 * many.weight)


def test_another_seed_is_another_town(bay_city: Place) -> None:
    one, same, other = (people_of(bay_city, seed=seed) for seed in (1, 1, 2))
    assert all((column(one, name) == column(same, name)).all() for name in DRAWN)
    assert (one.homes.decile != other.homes.decile).any()
    assert (one.homes.junction != other.homes.junction).any()


def test_a_policy_adds_equipment_and_leaves_homes_as_drawn(bay_city: Place) -> None:
    before = people_of(bay_city)
    after = people_of(bay_city, stock=Stock(rooftop_pv_household_frac=0.4, home_battery_household_frac=0.3))
    for name in DRAWN:
        np.testing.assert_array_equal(column(before, name), column(after, name), err_msg=name)
    assert (after.power.pv_kw >= before.power.pv_kw).all(), "homes with panels keep them"
    assert after.power.prosumes.sum() > 1.5 * before.power.prosumes.sum()
    assert not (after.power.pv_kw[~after.homes.roof] > 0).any(), "no panels without a roof"


def test_a_sample_of_three_thousand_has_the_citys_totals(bay_city: Place) -> None:
    people = people_of(bay_city, 3000)
    districts = bay_city.districts
    persons = people.homes.persons.sum() * people.weight
    assert persons == pytest.approx(districts.people.sum(), rel=0.03)
    by_district = people.homes.by_district(people.homes.persons)
    np.testing.assert_allclose(by_district.sum(), persons)
    assert np.corrcoef(by_district, districts.people)[0, 1] > 0.99
    np.testing.assert_allclose(by_district, districts.people, rtol=0.12)
    water = bay_city.water
    of_homes_m3 = (water.junction_demand_m3_per_h * (1.0 - water.junction_bulk_frac)).sum()
    use_m3 = persons * NUMBERS.water_l_per_person_day / 24.0 / 1000.0
    assert use_m3 == pytest.approx(of_homes_m3, rel=0.05)
    jobs = districts.jobs.sum(axis=0)
    sectors = np.bincount(people.homes.sector, minlength=len(jobs)) / len(people)
    np.testing.assert_allclose(sectors, jobs / jobs.sum(), atol=0.03)


def test_homes_load_their_feeders_to_the_peak_on_a_hot_evening(bay_city: Place) -> None:
    people = people_of(bay_city, 3000, Stock(0.0, 0.0, 0.0))
    people.ask_power(20, replace(SUMMER_NIGHT, temperature_degc=NUMBERS.peak_temperature_degc), 1.0)
    homes = bay_city.feeders.tier == RESIDENTIAL
    load_mw = people.homes.by_feeder(people.power.asked_kw) / 1000.0
    assert load_mw.sum() == pytest.approx(bay_city.feeders.peak_mw[homes].sum(), rel=0.03)
    assert not load_mw[~homes].any()


def test_homes_are_connected_to_feeders_and_pipes_of_their_own_district(bay_city: Place) -> None:
    people, feeders = people_of(bay_city, 500), bay_city.feeders
    np.testing.assert_array_equal(feeders.district[people.homes.feeder], people.homes.district)
    assert (feeders.tier[people.homes.feeder] == RESIDENTIAL).all()
    np.testing.assert_array_equal(
        bay_city.water.junction_district[people.homes.junction], people.homes.district
    )
    np.testing.assert_array_equal(bay_city.water.junction_zone[people.homes.junction], people.homes.zone)


def test_richer_homes_store_more_and_own_more(bay_city: Place) -> None:
    people = people_of(bay_city, 3000)
    deciles = range(10)
    family = people.homes.persons > 1
    days = people.larder.food_target_days
    food = [days[family & (people.homes.decile == d)].mean() for d in deciles]
    alone = days[~family & (people.homes.decile == 4)].mean()
    assert alone == pytest.approx(NUMBERS.stock_single_frac * food[4])
    water = [
        (people.larder.home_water_target_l / people.homes.persons)[people.homes.decile == d].mean()
        for d in deciles
    ]
    cars = [people.cars.owned[people.homes.decile == d].mean() for d in deciles]
    assert food == sorted(food)
    assert water == sorted(water)
    middle = (food[4] + food[5]) / 2.0
    assert food[9] - food[0] == pytest.approx(9 * NUMBERS.stock_income_slope * middle)
    mean = np.average(days, weights=people.homes.persons)
    assert mean == pytest.approx(Stock().home_food_days, rel=0.02), "the mean over people is the charter's"
    assert cars[9] > cars[0] + 0.25
    rich = people.homes.decile >= 7
    assert people.power.prosumes[rich].mean() > 1.3 * people.power.prosumes[people.homes.decile <= 2].mean()


def test_without_household_stocks_a_home_has_food_for_one_day(bay_city: Place) -> None:
    stock = Stock(home_food_days=7.0, home_water_l_per_person=21.0, energy_bank_kwh_per_household=2.0)
    bare = people_of(bay_city, stock=stock, mechanisms=Mechanisms(household_stocks=False))
    assert not bare.larder.home_water_l.any()
    assert not bare.power.bank_kwh.any()
    mean = np.average(bare.larder.food_days, weights=bare.homes.persons)
    assert mean == pytest.approx(1.0, rel=0.1)


# ---- demand -----------------------------------------------------------------------------------------


def by_hour(people: Population, name: str) -> np.ndarray:
    """Total of a column in each hour of a mild day, array (24,)."""
    day = []
    for hour in range(24):
        ask(people, hour, MILD)
        day.append(column(people, name).sum())
    return np.array(day)


def test_load_peaks_in_the_evening_and_is_lowest_before_dawn(bay_city: Place) -> None:
    load = by_hour(people_of(bay_city, 500), "power.wanted_kw")
    assert 18 <= load.argmax() <= 21
    assert 2 <= load.argmin() <= 5
    assert load.min() < 0.4 * load.max()


def test_water_has_two_peaks_a_day(bay_city: Place) -> None:
    people = people_of(bay_city, 50)
    use = by_hour(people, "larder.water_asked_l")
    peaks = [h for h in range(1, 23) if use[h] > use[h - 1] and use[h] > use[h + 1]]
    assert len(peaks) == 2
    assert 7 <= peaks[0] <= 9
    assert 18 <= peaks[1] <= 21
    assert use.min() < 0.25 * use.mean()
    assert use.sum() == pytest.approx(284.0 * people.homes.persons.sum()), (
        "mechanisms S7: 284 L a head and day"
    )


def test_load_rises_with_heat_and_with_cold(bay_city: Place) -> None:
    people = people_of(bay_city)
    load = {degc: float(people.power.temperature_frac(degc)) for degc in (-5, 10, 16, 20, 24, 30, 38)}
    assert load[16] == load[20] == load[24]
    assert load[30] == pytest.approx(1.0)
    assert load[38] > load[30] > load[20] < load[10] < load[-5]


def test_demand_answers_a_price_rise_of_ten_percent_by_its_elasticity(bay_city: Place) -> None:
    """Power -0.13 (Labandeira et al. 2017), water -0.4 (Dalhuisen et al. 2003)."""
    people = people_of(bay_city, stock=Stock(0.0, 0.0, 0.0))
    ask(people, 20)
    power_kw, water_l = people.power.asked_kw.copy(), people.larder.water_asked_l.copy()
    ask(people, 20, price_frac=1.1)
    np.testing.assert_allclose(people.power.asked_kw / power_kw, 1.1**-0.13)
    np.testing.assert_allclose(people.larder.water_asked_l / water_l, 1.1**-0.4)
    assert (people.power.wanted_kw > people.power.asked_kw).all()
    np.testing.assert_allclose(people.larder.water_wanted_l, water_l)


def test_no_price_lowers_water_use_below_fifty_litres(bay_city: Place) -> None:
    people = people_of(bay_city, 50)
    day_l = np.zeros(50)
    for hour in range(24):
        people.ask_water(hour, 1e6)
        day_l += people.larder.water_asked_l
    np.testing.assert_allclose(day_l, 50.0 * people.homes.persons)


def test_households_with_more_trust_answer_prices_more(bay_city: Place) -> None:
    people = people_of(bay_city, stock=Stock(0.0, 0.0, 0.0))
    people.trust[:100], people.trust[100:] = 0.9, 0.0
    ask(people, 20, price_frac=2.0)
    answer = people.power.asked_kw / people.power.wanted_kw
    np.testing.assert_allclose(answer[:100], 2.0 ** (-0.13 * 1.5))
    np.testing.assert_allclose(answer[100:], 1.0)


def test_demand_ignores_prices_when_demand_response_is_off(bay_city: Place) -> None:
    people = people_of(bay_city, stock=Stock(0.0, 0.0, 0.0), mechanisms=Mechanisms(demand_response=False))
    ask(people, 20, price_frac=3.0)
    np.testing.assert_array_equal(people.power.asked_kw, people.power.wanted_kw)
    np.testing.assert_array_equal(people.larder.water_asked_l, people.larder.water_wanted_l)


def test_food_is_bought_during_opening_hours_only(bay_city: Place) -> None:
    people = people_of(bay_city)
    people.larder.food_days = people.larder.food_target_days - 1.0
    asked = np.array(
        [(people.larder.ask_food(hour), people.larder.food_asked_kg.sum())[1] for hour in range(24)]
    )
    assert np.flatnonzero(asked).tolist() == list(range(9, 21))
    people.larder.food_days = people.larder.food_target_days + 1.0
    people.larder.ask_food(12)
    assert not people.larder.food_asked_kg.any()


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32),
    st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(-5.0, 40.0), st.booleans()), min_size=1, max_size=30),
)
def test_energy_balances_behind_every_meter(bay_city: Place, seed: int, days: list) -> None:
    """sun = used + stored + offered; use = sun + battery + meter; no store runs over or below empty."""
    people = people_of(bay_city, 60, PROSUMERS, seed % 1000)
    power = people.power
    for hour, (sun_frac, degc, dark) in enumerate(days):
        ask(people, hour, replace(MILD, temperature_degc=degc, sun_frac=sun_frac))
        sun_kw = power.pv_kw * NUMBERS.pv_performance * sun_frac
        np.testing.assert_allclose(power.own_sun_kw + power.charge_kw + power.offered_kw, sun_kw, atol=1e-9)
        use_kw = power.home_kw + power.charging_kw + power.recharge_kw + power.refill_kw
        inside_kw = power.own_sun_kw + power.discharge_kw
        np.testing.assert_allclose(inside_kw + power.asked_kw, use_kw, atol=1e-9)
        assert (power.asked_kw >= 0).all()
        assert (power.offered_kw >= -1e-12).all()
        people.live(all_served(people, unserved_kw=power.asked_kw * dark))
        assert (power.soc_kwh >= -1e-9).all()
        assert (power.soc_kwh <= power.battery_kwh + 1e-9).all()
        assert (people.cars.ev_kwh <= NUMBERS.ev_battery_kwh + 1e-9).all()
