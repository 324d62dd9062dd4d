"""Crashes: rates by kind of driver, and crews that clear them."""

from types import SimpleNamespace

import numpy as np
import pytest

from agentsim.networks.roads.crashes import Crashes, CrashesParameters

BLOCKS = CrashesParameters(blocked_capacity_frac=0.65, crews=1, clearing_h=0.5)
ALWAYS, NEVER = np.zeros(2), np.ones(2)


def hour_of(flow=(1000.0, 2000.0), away_h=(0.0, 0.25)) -> SimpleNamespace:
    return SimpleNamespace(flow_veh_per_h=np.array(flow), skim_h=np.array([away_h, away_h]))


def crashes(parameters: CrashesParameters | None = None) -> Crashes:
    return Crashes(np.array([1.0, 2.0]), np.array([0, 1]), 0, parameters or CrashesParameters())


def test_people_at_the_wheel_crash_as_often_as_in_japan():
    found = crashes().happen(0, hour_of(), 0.0, NEVER)
    assert found.expected == pytest.approx(5000.0 * 0.43e-6)
    assert found.expected_automated == 0.0


def test_automated_cars_have_a_fifth_of_the_crashes():
    # Kusano et al. 2024: 0.6 against 2.80 per million miles
    found = crashes().happen(0, hour_of(), 1.0, NEVER)
    assert found.expected == pytest.approx(5000.0 * 0.43e-6 * 0.6 / 2.80)
    assert found.expected_automated == found.expected
    half = crashes().happen(0, hour_of(), 0.5, NEVER)
    assert half.expected == pytest.approx(5000.0 * 0.43e-6 * (1.0 + 0.6 / 2.80) / 2.0)


def test_as_many_happen_as_are_expected_on_the_mean():
    often = CrashesParameters(human_per_million_km=50.0)
    city, rng, hours = crashes(often), np.random.default_rng(1), 4000
    found = [city.happen(hour, hour_of(), 0.0, rng.random(2)) for hour in range(hours)]
    expected, happened = sum(f.expected for f in found), sum(len(f.happened) for f in found)
    assert expected == pytest.approx(1000.0)
    assert happened == pytest.approx(expected * (1.0 - 0.1), abs=100)  # one a link and hour at most


def test_fewer_of_the_same_draws_are_crashes_where_cars_are_safer():
    often = CrashesParameters(human_per_million_km=50.0)
    rng = np.random.default_rng(2)
    for _ in range(200):
        draw = rng.random(2)
        human, automated = (set(crashes(often).happen(0, hour_of(), f, draw).happened) for f in (0.0, 1.0))
        assert automated <= human


def test_by_default_a_crash_blocks_nothing():
    city = crashes()
    assert city.happen(0, hour_of(), 0.0, ALWAYS).happened.tolist() == [0, 1]
    assert city.blocked_frac(1) is None


def test_a_crash_takes_capacity_until_a_crew_has_come_and_cleared_it():
    # one crew: it clears the first crash from 1.0 to 1.5, and reaches the second, 15 minutes away, at 1.75
    city = crashes(BLOCKS)
    city.happen(0, hour_of(), 0.0, ALWAYS)
    assert city.blocked_frac(1) == pytest.approx([0.65 * 0.5, 0.65])
    city.happen(1, hour_of(), 0.0, NEVER)
    assert city.blocked_frac(2) == pytest.approx([0.0, 0.65 * 0.25])
    assert city.happen(2, hour_of(), 0.0, NEVER).open == 0
    assert city.blocked_frac(3) is None


def test_a_second_crew_clears_the_second_crash_sooner():
    city = crashes(CrashesParameters(blocked_capacity_frac=0.65, crews=2, clearing_h=0.5))
    city.happen(0, hour_of(), 0.0, ALWAYS)
    assert city.blocked_frac(1) == pytest.approx([0.65 * 0.5, 0.65 * 0.75])


def test_where_no_road_leads_a_crash_waits():
    city = crashes(BLOCKS)
    found = city.happen(0, hour_of(away_h=(np.inf, np.inf)), 0.0, ALWAYS)
    assert found.waiting == found.open == 2
    assert city.blocked_frac(1) == pytest.approx([0.65, 0.65])
    assert city.happen(1, hour_of(), 0.0, NEVER).waiting == 0


def test_a_crash_happens_exactly_where_the_draw_is_below_its_chance():
    chance = -np.expm1(-np.array([1000.0, 4000.0]) * 0.43e-6)
    just_below, at_it = np.nextafter(chance, 0.0), chance
    assert crashes().happen(0, hour_of(), 0.0, just_below).happened.tolist() == [0, 1]
    assert crashes().happen(0, hour_of(), 0.0, at_it).happened.tolist() == []
