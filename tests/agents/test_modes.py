"""The nested logit of seven modes: the plain logit as its limit, and from whom a shared ride takes riders."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from agentsim.agents.households.choice import ChoiceParameters, ModeChoice
from agentsim.agents.households.modes import (
    AUTOMATED,
    BUS,
    CAR,
    ELECTRIC,
    FOOT,
    RIDE,
    STAY,
    NestedChoice,
    even_bus_h,
)
from agentsim.core.messages import BusOffer, RideOffer

NUMBERS = ChoiceParameters()
TIME_H = np.array([[0.05, 0.2, 0.4], [0.25, 0.05, np.inf], [0.4, 0.3, 0.05]])
KM = np.array([[1.0, 5.0, 12.0], [5.0, 1.0, np.inf], [12.0, 8.0, 1.0]])
WALK_KM = np.array([[1.0, 4.0, 11.0], [4.0, 1.0, 7.0], [11.0, 7.0, 1.0]])
HALF = np.array([[0.5, 0.6, 0.7], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]])  # own a petrol car
RIDES = RideOffer(wait_h=np.full(3, 0.1), detour_frac=0.2, start_jpy=200.0, jpy_per_km=50.0)


def shares(numbers: ChoiceParameters = NUMBERS, fuel: float = 170.0, **offered: Any) -> np.ndarray:
    choice = NestedChoice(WALK_KM.ravel(), 230.0, numbers)
    known = {"owners": HALF} | offered
    return choice.shares(skim_h=TIME_H, skim_km=KM, fuel_jpy_per_l=fuel, **known)


@pytest.mark.parametrize("nest", [0.3, 1.0])
def test_with_cars_buses_and_feet_alone_it_is_the_plain_logit(nest: float) -> None:
    """A nest with one alternative is none, whatever its coefficient."""
    plain = ModeChoice(WALK_KM.ravel(), 230.0, NUMBERS).shares(
        TIME_H.ravel(), KM.ravel(), 170.0, np.repeat(np.arange(3), 3), HALF[0]
    )
    nested = shares(replace(NUMBERS, shared_nest=nest))[[CAR, BUS, FOOT, STAY]]
    np.testing.assert_allclose(nested, plain.reshape(4, 3, 3), rtol=1e-12, atol=1e-15)


def test_shares_add_up_to_one_with_everything_offered() -> None:
    owners = np.array([[0.3] * 3, [0.2] * 3, [0.1] * 3])
    share = shares(owners=owners, rides=RIDES)
    np.testing.assert_allclose(share.sum(axis=0), 1.0, atol=1e-12)
    assert (share >= 0.0).all()
    assert share[RIDE][np.isfinite(TIME_H)].all()


def test_without_a_nest_a_ride_takes_from_all_alike() -> None:
    """Independence of irrelevant alternatives: proportions of the others stay, for people without a car."""
    before = shares(replace(NUMBERS, shared_nest=1.0), owners=0.0 * HALF)
    after = shares(replace(NUMBERS, shared_nest=1.0), owners=0.0 * HALF, rides=RIDES)
    near = np.isfinite(TIME_H)
    lost = (after / np.where(before > 0, before, 1.0))[:, near]
    np.testing.assert_allclose(lost[BUS], lost[STAY])


def test_in_a_nest_a_ride_takes_more_from_the_bus_than_from_other_modes() -> None:
    before, after = shares(), shares(rides=RIDES)
    kept = {mode: (after[mode].sum() / before[mode].sum()) for mode in (CAR, BUS, FOOT, STAY)}
    assert kept[BUS] < min(kept[CAR], kept[FOOT], kept[STAY]) < 1.0


def test_two_equal_shared_modes_in_a_tight_nest_count_as_one() -> None:
    """Red bus, blue bus: in the limit of a coefficient of 0 the pair has the weight of one of them."""
    alone = shares(owners=0.0 * HALF)
    twin = RideOffer(np.full(3, NUMBERS.bus_wait_h), 0.0, start_jpy=230.0, jpy_per_km=0.0)
    same = replace(NUMBERS, shared_nest=0.05, bus_stop_h_per_km=0.0, ride_constant_h=NUMBERS.bus_constant_h)
    pair = shares(same, owners=0.0 * HALF, rides=twin)
    one = shares(same, owners=0.0 * HALF)
    near = np.isfinite(TIME_H)
    np.testing.assert_allclose((pair[BUS] + pair[RIDE])[near], one[BUS][near], rtol=0.15)
    np.testing.assert_allclose(pair[BUS], pair[RIDE])
    assert alone[RIDE].max() == 0.0


def test_an_electric_car_is_driven_more_where_petrol_is_dear() -> None:
    everybody = np.ones(3)
    petrol = shares(fuel=400.0, owners=np.array([everybody, 0 * everybody, 0 * everybody]))
    electric = shares(fuel=400.0, owners=np.array([0 * everybody, everybody, 0 * everybody]))
    near = np.isfinite(TIME_H)
    assert (electric[ELECTRIC] > petrol[CAR])[near].all()
    assert petrol[ELECTRIC].max() == electric[CAR].max() == 0.0


def test_time_in_an_automated_vehicle_counts_less_and_people_stay_at_home_less() -> None:
    everybody = np.ones(3)
    electric = shares(owners=np.array([0 * everybody, everybody, 0 * everybody]))
    automated = shares(owners=np.array([0 * everybody, 0 * everybody, everybody]))
    near = np.isfinite(TIME_H)
    assert (automated[AUTOMATED] > electric[ELECTRIC])[near].all()
    assert (automated[STAY] < electric[STAY])[near].all()


def test_lines_as_quick_as_the_bus_everywhere_give_its_shares() -> None:
    lines = BusOffer(even_bus_h(TIME_H, KM, NUMBERS))
    np.testing.assert_array_equal(shares(buses=lines), shares())


def test_where_no_line_leads_nobody_takes_the_bus() -> None:
    none = np.full((3, 3), np.inf)
    share = shares(buses=BusOffer(none))
    assert share[BUS].max() == 0.0
    np.testing.assert_allclose(share.sum(axis=0), 1.0, atol=1e-12)
