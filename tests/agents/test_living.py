"""Homes in a cut: fair turns, batteries, bottled water, food at home, and trust."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_town import PROSUMERS, SUMMER_NIGHT, SUMMER_NOON, all_served, ask, people_of

from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.agents.households.population import Population
from agentsim.core.charter import Stock
from agentsim.place.cases import Place

NUMBERS = HouseholdsParameters()


# ---- turns ------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.floats(0.0, 1.3), min_size=1, max_size=12))
def test_homes_lose_exactly_what_their_feeder_loses(bay_city: Place, seed: int, cuts: list[float]) -> None:
    people = people_of(bay_city, 80, PROSUMERS, seed)
    which = np.random.default_rng(seed)
    for hour, cut in enumerate(cuts):
        ask(people, hour, SUMMER_NOON if hour % 3 else SUMMER_NIGHT)
        asked_mw = people.homes.by_feeder(people.power.asked_kw) / 1000.0
        unserved_mw = asked_mw * cut * which.random(len(asked_mw))
        lost_kw = people.turns.unserved_kw(hour, unserved_mw, people.power.asked_kw)
        expected_mw = np.minimum(unserved_mw, asked_mw)
        np.testing.assert_allclose(people.homes.by_feeder(lost_kw) / 1000.0, expected_mw, atol=1e-9)
        assert (lost_kw >= 0).all()
        assert (lost_kw <= people.power.asked_kw).all()


def lost_hours(people: Population, cut_frac: np.ndarray) -> np.ndarray:
    """Hours of its load that each home loses when its feeder loses *cut_frac* (hours,) of its own."""
    people.power.asked_kw = 0.5 + people.homes.size_frac  # steady, and different from home to home
    asked_mw = people.homes.by_feeder(people.power.asked_kw) / 1000.0
    turns, asked_kw = people.turns, people.power.asked_kw
    return sum(turns.unserved_kw(h, cut * asked_mw, asked_kw) / asked_kw for h, cut in enumerate(cut_frac))


@pytest.mark.parametrize("cut", [0.05, 0.3, 0.5, 0.9])
def test_rotation_is_fair(bay_city: Place, cut: float) -> None:
    """Over many turns nobody is ahead by more than one turn of two hours."""
    people = people_of(bay_city, 300)
    lost_h = lost_hours(people, np.full(240, cut))
    assert lost_h.mean() == pytest.approx(240 * cut)
    assert np.ptp(lost_h) <= NUMBERS.rotation_h + 1e-9


def test_a_turn_lasts_two_hours(bay_city: Place) -> None:
    people = people_of(bay_city, 300)
    people.power.asked_kw = 0.5 + people.homes.size_frac
    asked_mw = people.homes.by_feeder(people.power.asked_kw) / 1000.0
    hours = [people.rotate(hour, 0.2 * asked_mw) for hour in range(4)]
    np.testing.assert_array_equal(hours[0], hours[1])
    np.testing.assert_array_equal(hours[2], hours[3])
    both = (hours[1] > 1e-9) & (hours[2] > 1e-9)
    assert both.sum() <= len(np.unique(people.homes.feeder)), "only the home between two turns loses in both"


def test_rotation_is_fair_when_one_hour_a_day_is_short(bay_city: Place) -> None:
    people = people_of(bay_city, 300)
    lost_h = lost_hours(people, np.where(np.arange(40 * 24) % 24 == 20, 0.2, 0.0))
    assert np.ptp(lost_h) <= NUMBERS.rotation_h + 1e-9


def test_a_cut_of_a_whole_feeder_takes_all_its_homes_and_no_other(bay_city: Place) -> None:
    people = people_of(bay_city, 300)
    ask(people, 20)
    asked_mw = people.homes.by_feeder(people.power.asked_kw) / 1000.0
    one = np.zeros(len(asked_mw))
    one[people.homes.feeder[0]] = asked_mw[people.homes.feeder[0]]
    lost_kw = people.rotate(20, one)
    hit = people.homes.feeder == people.homes.feeder[0]
    np.testing.assert_allclose(lost_kw[hit], people.power.asked_kw[hit])
    assert not lost_kw[~hit].any()


def test_interruptions_count_beginnings_and_hours(bay_city: Place) -> None:
    people = people_of(bay_city, 20)
    for hour, dark in enumerate([0, 1, 1, 0, 0, 1, 0]):
        ask(people, hour)
        people.live(all_served(people, unserved_kw=people.power.asked_kw * dark))
    np.testing.assert_allclose(people.power.dark_h, 3.0)
    np.testing.assert_array_equal(people.power.interruptions, 2)


# ---- supply in a cut --------------------------------------------------------------------------------


def four_homes(place: Place) -> Population:
    """Row 0 has a battery, row 1 panels, row 2 both, row 3 neither; batteries are at their floor."""
    people = people_of(place, 4, Stock(0.0, 0.0, 0.0, energy_bank_kwh_per_household=0.0))
    people.power.pv_kw = np.array([0.0, 4.5, 4.5, 0.0])
    people.power.battery_kwh = np.array([12.5, 0.0, 12.5, 0.0])
    people.power.battery_kw = np.array([5.0, 0.0, 5.0, 0.0])
    people.power.soc_kwh = NUMBERS.battery_floor_frac * people.power.battery_kwh
    people.homes.persons[:] = 2
    people.homes.size_frac[:] = 1.0
    return people


def test_a_battery_supplies_a_home_in_a_cut_and_panels_alone_do_not(bay_city: Place) -> None:
    """A solar inverter without a battery stops with the grid."""
    people = four_homes(bay_city)
    ask(people, 12, SUMMER_NOON)
    people.live(all_served(people, unserved_kw=people.power.asked_kw))
    assert people.power.gap_frac[[0, 2]].tolist() == [0.0, 0.0]
    assert people.power.asked_kw[1] == 0.0, (
        "at noon panels serve the whole home, and nothing is cut at its meter"
    )
    ask(people, 20, SUMMER_NIGHT)
    people.live(all_served(people, unserved_kw=people.power.asked_kw))
    assert people.power.gap_frac.tolist() == [0.0, 1.0, 0.0, 1.0]


def test_panels_without_a_battery_stop_when_the_grid_stops(bay_city: Place) -> None:
    people = four_homes(bay_city)
    ask(people, 8, replace(SUMMER_NOON, sun_frac=0.05))
    assert people.power.own_sun_kw[1] > 0.1
    people.live(all_served(people, unserved_kw=people.power.asked_kw))
    assert people.power.used_kw[1] == 0.0
    assert people.power.gap_frac[1] == 1.0
    assert people.power.used_kw[2] == pytest.approx(people.power.home_kw[2])


def test_a_battery_lasts_as_long_as_its_energy(bay_city: Place) -> None:
    people = four_homes(bay_city)
    people.power.soc_kwh[0] = people.power.battery_kwh[0]
    used_kwh = 0.0
    for hour in range(48):
        ask(people, hour)
        people.live(all_served(people, unserved_kw=people.power.asked_kw))
        used_kwh += people.power.used_kw[0]
    assert used_kwh == pytest.approx(12.5 * np.sqrt(NUMBERS.battery_efficiency))
    assert people.power.soc_kwh[0] == pytest.approx(0.0, abs=1e-9)
    assert people.power.gap_frac[0] == 1.0


def test_without_a_cut_the_battery_keeps_its_floor(bay_city: Place) -> None:
    people = four_homes(bay_city)
    people.power.soc_kwh = people.power.battery_kwh.copy()
    for hour in range(48):
        ask(people, hour)
        people.live(all_served(people))
    floor_kwh = NUMBERS.battery_floor_frac * 12.5
    np.testing.assert_allclose(people.power.soc_kwh, [floor_kwh, 0.0, floor_kwh, 0.0])


def test_a_round_trip_through_the_battery_loses_its_inefficiency(bay_city: Place) -> None:
    people = four_homes(bay_city)
    stored = given_back = 0.0
    for hour in [*range(9, 15), *range(18, 42)]:
        ask(people, hour, SUMMER_NOON if hour < 15 else SUMMER_NIGHT)
        people.live(all_served(people))
        stored, given_back = stored + people.power.charge_kw[2], given_back + people.power.discharge_kw[2]
    assert stored > 5.0
    assert given_back == pytest.approx(NUMBERS.battery_efficiency * stored)


def test_the_energy_bank_supplies_its_units_and_is_refilled(bay_city: Place) -> None:
    people = people_of(bay_city, 30, Stock(0.0, 0.0, 0.0, energy_bank_kwh_per_household=0.6))
    for hour in range(18, 24):  # in the evening every home can use a whole unit
        ask(people, hour)
        people.live(all_served(people, unserved_kw=people.power.asked_kw))
        lent = NUMBERS.bank_kw if hour < 22 else 0.0
        np.testing.assert_allclose(people.power.used_kw, np.minimum(lent, people.power.asked_kw), atol=1e-9)
    np.testing.assert_allclose(people.power.bank_kwh, 0.0, atol=1e-9)
    for hour in range(24, 29):
        ask(people, hour)
        people.live(all_served(people))
    np.testing.assert_allclose(people.power.bank_kwh, 0.6)


def test_rounding_in_the_turns_is_no_cut(bay_city: Place) -> None:
    people = four_homes(bay_city)
    people.cars.electric[:] = True
    people.cars.ev_kwh[:] = 20.0
    ask(people, 20)
    people.live(all_served(people, unserved_kw=1e-14 * people.power.asked_kw))
    np.testing.assert_allclose(people.cars.ev_kwh, 23.0)


def test_energy_from_the_battery_in_a_cut_serves_home_and_car(bay_city: Place) -> None:
    people = four_homes(bay_city)
    people.cars.electric = people.power.battery_kwh > 0
    people.cars.ev_kwh = np.where(people.cars.electric, 20.0, 0.0)
    before_kwh, ev_before_kwh = people.power.soc_kwh.copy(), people.cars.ev_kwh.copy()
    ask(people, 20)
    people.live(all_served(people, unserved_kw=people.power.asked_kw))
    gone_kwh = (before_kwh - people.power.soc_kwh)[0] * np.sqrt(NUMBERS.battery_efficiency)
    assert gone_kwh == pytest.approx(people.power.home_kw[0] + (people.cars.ev_kwh - ev_before_kwh)[0])


def test_bottles_last_as_many_days_as_they_hold_rations(bay_city: Place) -> None:
    """Sphere: 15 L a person and day are needed, 7.5 L the minimum; bottles are used at the minimum."""
    people = people_of(bay_city, stock=Stock(home_water_l_per_person=21.0))
    days = people.larder.home_water_l / people.homes.persons / NUMBERS.home_water_ration_l_per_person_day
    assert days.min() > 1.2
    empty_h = np.full(len(people), np.inf)
    for hour in range(120):
        ask(people, hour)
        people.live(all_served(people, tap_frac=np.zeros(people.homes.junction.max() + 1)))
        expected = np.where(hour + 1 <= days * 24 + 1e-6, 0.5, 1.0)
        whole = np.abs(days * 24 - hour - 0.5) > 0.5 + 1e-6  # the hour in which they run dry lies between
        np.testing.assert_allclose(people.larder.water_gap[whole], expected[whole])
        empty_h = np.where((people.larder.home_water_l < 1e-9) & np.isinf(empty_h), hour + 1, empty_h)
    np.testing.assert_array_equal(empty_h, np.ceil(days * 24 - 1e-6))


def test_bottles_are_refilled_once_the_tap_runs(bay_city: Place) -> None:
    people = people_of(bay_city)
    people.larder.home_water_l[:] = 0.0
    for hour in range(24):
        ask(people, hour)
        people.live(all_served(people))
        assert not people.larder.water_gap.any(), "refilling leaves no need for water unmet"
    np.testing.assert_allclose(people.larder.home_water_l, people.larder.home_water_target_l)


def test_bottles_are_not_filled_while_water_is_short(bay_city: Place) -> None:
    people = people_of(bay_city, 50)
    people.larder.home_water_l[:] = 0.0
    ask(people, 12)
    need_l = people.homes.persons * NUMBERS.need_water_l_per_person_day / 24.0
    tap = np.zeros(people.homes.junction.max() + 1)
    tap[people.homes.junction] = 0.5 * need_l / people.larder.water_asked_l  # half of the need
    people.live(all_served(people, tap_frac=tap))
    np.testing.assert_allclose(people.larder.water_gap, 0.5)


def test_food_at_home_lasts_as_many_days_as_are_stored(bay_city: Place) -> None:
    people = people_of(bay_city)
    hungry_h = np.full(len(people), np.inf)
    for hour in range(150):
        ask(people, hour)
        people.live(all_served(people, food_frac=np.zeros(people.homes.district.max() + 1)))
        hungry_h = np.where((people.larder.food_gap > 0.999) & np.isinf(hungry_h), hour, hungry_h)
    np.testing.assert_array_equal(hungry_h, np.ceil(people.larder.food_target_days * 24 - 1e-6))


def test_the_need_for_mobility_is_a_share_of_ordinary_trips(bay_city: Place) -> None:
    people = people_of(bay_city, 50)
    enough = NUMBERS.need_mobility_frac
    for made, gap in ((1.0, 0.0), (enough, 0.0), (enough / 2, 0.5), (0.0, 1.0)):
        ask(people, 10)
        people.live(all_served(people, trips_made_frac=np.full(people.homes.zone.max() + 1, made)))
        np.testing.assert_allclose(people.hardship.gap[3], gap)


def test_there_is_no_deprivation_when_everything_is_served(calm_hamlet) -> None:
    """Two days of the whole society in which nothing breaks."""
    people = calm_hamlet.population
    assert calm_hamlet.hour == 48
    assert not people.hardship.deprivation_h.any()
    assert not people.power.dark_h.any()
    np.testing.assert_allclose(people.trust, NUMBERS.trust_start + 2 * NUMBERS.trust_gain_per_day)


def test_trust_falls_three_times_as_fast_as_it_rises(bay_city: Place) -> None:
    people = people_of(bay_city, 30, Stock(0.0, 0.0, 0.0))
    for day, dark in enumerate((1, 0, 0, 0)):
        ask(people, 24 * day)
        people.live(all_served(people, unserved_kw=people.power.asked_kw * dark))
        people.end_day()
    np.testing.assert_allclose(people.trust, NUMBERS.trust_start)
    for _ in range(100):
        people.end_day()
    np.testing.assert_allclose(people.trust, 1.0)


def test_electric_cars_charge_at_night_and_stay_home_when_empty(bay_city: Place) -> None:
    people = people_of(bay_city, 200, replace(PROSUMERS, electric_car_frac=1.0))
    people.end_day()
    charging = []
    for hour in range(24):
        ask(people, hour)
        charging.append(people.power.charging_kw.sum() > 0)
        people.live(all_served(people))
    assert charging[12:19] == [False] * 7
    np.testing.assert_allclose(people.cars.ev_kwh[people.cars.electric], NUMBERS.ev_battery_kwh)
    pumps = np.zeros(people.homes.district.max() + 1)
    full = people.cars.running_frac_by_zone(pumps)
    assert full.sum() > 0, "no petrol, but charged"
    people.cars.ev_kwh[:] = 0.0
    assert not people.cars.running_frac_by_zone(pumps).any()


def test_half_of_the_petrol_runs_half_of_the_cars(bay_city: Place) -> None:
    people = people_of(bay_city, 400, Stock(electric_car_frac=0.0))
    zones, districts = people.homes.zone.max() + 1, people.homes.district.max() + 1
    full = people.cars.running_frac_by_zone(np.ones(districts))
    np.testing.assert_allclose(people.cars.running_frac_by_zone(np.full(districts, 0.5)), 0.5 * full)
    assert 0.4 < np.average(full, weights=np.bincount(people.homes.zone, people.homes.persons, zones)) < 0.9
