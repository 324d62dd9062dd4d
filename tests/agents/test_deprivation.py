"""Deprivation: a second day without water costs five times the first; supply lets the clock fall."""

from itertools import pairwise
from math import exp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.agents.households.deprivation import (
    FOOD_NEED,
    MOBILITY,
    NEEDS,
    POWER,
    WATER,
    DeprivationParameters,
    deprivation_h,
    gap_frac,
    run_clock,
)

NUMBERS = DeprivationParameters()


def suffered_h(gaps: list[float], need: int, numbers: DeprivationParameters = NUMBERS) -> list[float]:
    """Deprivation-hours added by each hour with these gaps."""
    clock, added = np.zeros(1), []
    for gap in gaps:
        clock = run_clock(clock, np.array([gap]), numbers.clock_cap_h, numbers.relief_frac_per_h)
        cost = deprivation_h(np.array([gap]), clock, numbers.weight[need], numbers.growth_per_h[need])
        added.append(float(cost[0]))
    return added


def without_water_h(hours: float) -> float:
    """Integral of exp(t / 24) - 1: what so many hours without water cost."""
    return 24.0 * (exp(hours / 24.0) - 1.0) - hours


def test_a_first_day_without_water_costs_17_and_a_second_88() -> None:
    hourly = suffered_h([1.0] * 48, WATER)
    first, second = sum(hourly[:24]), sum(hourly[24:])
    assert without_water_h(24) == pytest.approx(17.2, abs=0.05)
    assert without_water_h(48) - without_water_h(24) == pytest.approx(88.1, abs=0.1)
    # the model sums the hours' ends: more than the integral, by at most half of the last hour's rise
    assert without_water_h(24) < first < without_water_h(24) + 0.52 * (exp(1.0) - 1.0)
    rise = exp(2.0) - exp(1.0)
    assert without_water_h(48) - without_water_h(24) < second < 88.1 + 0.52 * rise


def test_deprivation_adds_up_as_a_geometric_series() -> None:
    ratio = exp(1.0 / 24.0)
    by_hand = ratio * (ratio**24 - 1.0) / (ratio - 1.0) - 24.0
    assert sum(suffered_h([1.0] * 24, WATER)) == pytest.approx(by_hand, rel=1e-12)


def test_after_two_days_the_cost_of_an_hour_is_constant() -> None:
    hourly = suffered_h([1.0] * 100, WATER)
    assert all(later > earlier for earlier, later in pairwise(hourly[:48]))
    assert hourly[48:] == [hourly[47]] * 52
    assert hourly[47] == pytest.approx(exp(2.0) - 1.0)


def test_a_day_costs_most_without_water_then_power_food_and_mobility() -> None:
    day = [sum(suffered_h([1.0] * 24, need)) for need in (WATER, POWER, FOOD_NEED, MOBILITY)]
    assert day == sorted(day, reverse=True)
    assert day[2] == pytest.approx(2 * day[3])  # the same clock, half the weight
    assert NEEDS == ("power", "water", "food", "mobility")


def test_half_a_need_advances_and_relieves_the_clock_by_halves() -> None:
    clock = np.zeros(2)
    for _ in range(10):
        clock = run_clock(clock, np.array([1.0, 0.5]), 48.0, 0.25)
    # tau' = tau (1 - r / 2) + 1 / 2 approaches 1 / r = 4 h
    assert clock.tolist() == pytest.approx([10.0, 4.0 * (1.0 - 0.875**10)])


@pytest.mark.parametrize("clock_h", [0.0, 1.0, 20.0, 48.0])
def test_the_clock_has_no_step_in_the_gap(clock_h: float) -> None:
    """A gap of 1e-5 held the clock at its cap, and a gap of 0 took a quarter of it away."""
    gap = np.linspace(0.0, 1.0, 10_001)
    after = run_clock(np.full(len(gap), clock_h), gap, 48.0, 0.25)
    assert after[0] == pytest.approx(0.75 * clock_h)
    assert after[-1] == pytest.approx(min(clock_h + 1.0, 48.0))
    steps = np.diff(after)
    assert (steps >= 0.0).all(), "a larger gap never relieves more"
    assert steps.max() <= (1.0 + 0.25 * clock_h) / 10_000 + 1e-12


def test_clocks_fall_when_the_need_is_met() -> None:
    clock = np.array([12.0, 12.0])
    for _ in range(10):
        clock = run_clock(clock, np.array([0.0, 1.0]), 48.0, 0.25)
    assert clock.tolist() == pytest.approx([12.0 * 0.75**10, 22.0])
    # an hour of water every now and then spares more than the hour itself
    broken = sum(suffered_h(([1.0] * 5 + [0.0]) * 4, WATER))
    assert broken < 0.7 * sum(suffered_h([1.0] * 20, WATER))


def test_needs_met_up_to_rounding_start_no_clock() -> None:
    assert gap_frac(np.array([5.0, 1.0, 1.0 - 1e-9]), np.ones(3)).tolist() == [0.0, 0.0, 0.0]
    assert suffered_h([0.0] * 24, WATER) == [0.0] * 24


def test_without_a_need_there_is_no_gap() -> None:
    assert gap_frac(np.array([0.0]), np.array([0.0])).tolist() == [0.0]


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=60), st.integers(0, 3))
def test_a_wider_gap_never_costs_less(gaps: list[float], need: int) -> None:
    """Whatever the hours before, a wider gap in the last hour adds no less."""
    worse = gaps[:-1] + [min(gaps[-1] + 0.1, 1.0)]
    assert suffered_h(worse, need)[-1] >= suffered_h(gaps, need)[-1] >= 0.0


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=120))
def test_a_clock_stays_between_zero_and_its_cap(gaps: list[float]) -> None:
    clock = np.zeros(1)
    for gap in gaps:
        clock = run_clock(clock, np.array([gap]), NUMBERS.clock_cap_h, NUMBERS.relief_frac_per_h)
        assert 0.0 <= clock[0] <= NUMBERS.clock_cap_h
