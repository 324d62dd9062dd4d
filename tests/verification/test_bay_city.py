"""Bay City before any policy: what must be true of an ordinary city, and of one under siege.

Tolerances are wide, because the city is invented; what lies outside them is a fault of the model. Six weeks
of August and September at 3,000 simulated households. The siege is by lot: all three
networks are cut.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from agentsim import Society, load

SCENARIO = Path(__file__).parents[2] / "scenarios" / "hostile_operator.toml"
HOURS = 1008
EACH_SEED = (1, 2, pytest.param(3, marks=pytest.mark.slow))


@cache
def six_weeks(attacker: str, seed: int) -> Society:
    return Society(load(SCENARIO), policies=(), attacker=attacker, seed=seed).run(HOURS)


@pytest.fixture(scope="module")
def calm() -> Society:
    """Six weeks in which nobody attacks; things fail by themselves."""
    return six_weeks("none", 1)


def days(society: Society, column: str) -> np.ndarray:
    """A column of the record by day and hour, array (days, 24)."""
    record = society.record
    if column in record.city:
        return record.city[column][:HOURS].reshape(-1, 24)
    return record.at[column][:HOURS].sum(axis=1).reshape(-1, 24)


def peaks(profile: np.ndarray) -> list[int]:
    """Hours of a round day at which the profile is above both neighbours."""
    before, after = np.roll(profile, 1), np.roll(profile, -1)
    return np.flatnonzero((profile > before) & (profile > after)).tolist()


# ---- an ordinary city -------------------------------------------------------------------------------


def test_water_comes_out_of_the_tap(calm):
    assert calm.outcomes["water_service_availability"] > 0.99


def test_hardly_anybody_goes_without(calm):
    # a single hour without power adds 0.02
    assert calm.outcomes["deprivation_mean"] < 0.05
    assert six_weeks("none", 2).outcomes["deprivation_mean"] < 0.05


def test_the_load_peaks_in_the_evening(calm):
    at = days(calm, "load_asked_mw").argmax(axis=1)
    assert np.isin(at, (17, 18, 19, 20, 21)).mean() > 0.8


def test_the_city_is_as_large_as_its_grid_expects(calm):
    # 129 MW with all homes at their evening peak on a hot day, pumps and works on top, panels on some roofs
    assert 116.0 < calm.outcomes["peak_mw"] < 136.0


def test_water_has_two_peaks_a_day_and_a_night_minimum(calm):
    asked = days(calm, "water_asked_m3").mean(axis=0)
    morning, evening = peaks(asked)
    assert 7 <= morning <= 9
    assert 18 <= evening <= 21
    assert 1 <= asked.argmin() <= 4
    assert asked.min() < 0.45 * asked.mean()


def test_at_night_a_larger_share_of_the_water_leaks(calm):
    share = days(calm, "water_leakage_m3").sum(axis=0) / days(calm, "water_input_m3").sum(axis=0)
    assert share[2:5].mean() > 1.5 * share[8:20].mean()
    # Japanese waterworks lose about 7 %
    assert 0.04 < calm.outcomes["leakage_share"] < 0.10


def test_roads_are_used_to_about_three_fifths_at_the_peak():
    society = Society(load(SCENARIO), policies=(), attacker="none", seed=1)
    used, trips = [], []
    for hour in range(24):
        society.step()
        assert society.hour == hour + 1
        roads, case = society.service.roads, society.place.roads
        flow = roads.flow_veh_per_h
        used.append(float((flow * flow / case.link_capacity_veh_per_h).sum() / flow.sum()))
        trips.append(society.last.trips.vehicles.sum())
    busiest = int(np.argmax(trips))
    assert 7 <= busiest <= 9 or 17 <= busiest <= 19
    assert 0.5 < used[busiest] < 0.7


@pytest.mark.parametrize("seed", [1, 2])
def test_bills_are_of_japanese_size(seed):
    # electricity of about 12,000 JPY and water of 3,500 JPY a month, in a summer a little more
    assert 13_900 < six_weeks("none", seed).outcomes["bill_jpy_per_household_month"] < 16_900


def test_the_water_part_of_the_bill_is_of_japanese_size(calm):
    people, p = calm.place.persons_per_household, calm.population.parameters
    monthly_m3 = people * p.water_l_per_person_day * 365 / 12 / 1000.0
    assert 3_200 < monthly_m3 * calm.outcomes["water_price_jpy_per_m3"] < 3_900


def test_homes_use_as_much_electricity_as_japanese_homes_in_summer(calm):
    # means of Japanese surveys: 4,000-4,300 kWh a year; August and half of September, by weather
    home_kwh = calm.population.bill_jpy.mean() * 730.0 / HOURS
    home_kwh -= calm.outcomes["water_price_jpy_per_m3"] * 0.284 * 2.2 * 365 / 12 + 1200.0
    assert 310.0 < home_kwh / calm.outcomes["power_price_jpy_per_kwh"] < 378.0


def test_people_can_get_about(calm):
    assert calm.outcomes["accessibility_frac"] > 0.9
    assert calm.outcomes["delay_h_per_trip"] < 0.1
    assert 0.045 < calm.outcomes["transit_mode_share"] < 0.055


def test_depots_do_not_run_dry(calm):
    assert calm.outcomes["fuel_stockout_days"] == 0.0
    assert calm.outcomes["food_short_household_days"] == 0.0
    assert calm.outcomes["food_price_index"] == pytest.approx(1.0, abs=0.05)


# ---- a city under siege -----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", EACH_SEED)
def test_the_district_under_siege_suffers_at_least_five_times_as_much(seed):
    society = six_weeks("coercer:random", seed)
    outcomes = society.outcomes
    target = society.record.closing.target
    suffered = society.record.at["deprivation_h"][:HOURS].sum(axis=0)
    others = np.arange(len(suffered)) != target
    people = society.place.districts.people[others]
    assert outcomes["deprivation_target_district"] == pytest.approx(suffered[target])
    assert suffered[target] >= 5.0 * np.average(suffered[others], weights=people)
    # a district gives in at about 36 h (25 to 60 in most draws), and may be besieged again after a rest
    assert suffered[target] > 25.0
    assert outcomes["deprivation_gini"] > 0.7


@pytest.mark.parametrize("seed", EACH_SEED)
def test_the_siege_is_told_and_paid_for(seed):
    society = six_weeks("coercer:random", seed)
    assert society.outcomes["attacks_begun"] >= 1.0
    (actor,) = society.bad_actors
    assert 0.0 < actor.spent <= actor.budget
    kinds = {event.kind for event in society.events}
    assert kinds & {"restriction/power", "restriction/water", "restriction/roads"}


def test_a_siege_hurts_trust_and_output():
    besieged, calm = six_weeks("coercer:random", 1).outcomes, six_weeks("none", 1).outcomes
    assert besieged["trust_end"] < calm["trust_end"]
    assert besieged["output_lost_frac"] > calm["output_lost_frac"]


def test_a_closed_district_is_hard_to_reach():
    society = six_weeks("coercer:random", 1)
    record, target = society.record, society.record.closing.target
    closed = record.at["trips_made"][:HOURS, target] / record.at["trips_wanted"][:HOURS, target]
    open_ = record.at["trips_made"][:72, target].sum() / record.at["trips_wanted"][:72, target].sum()
    # 2 to 9 links carry all that enters and leaves it; those on foot still come
    assert closed[72:].min() < 0.6 * open_
