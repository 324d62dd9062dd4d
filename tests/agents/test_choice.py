"""The logit of travel: shares of one, dearer petrol fewer cars, and no bus where no road leads."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentsim.agents.households.choice import BUS, CAR, FOOT, STAY, ChoiceParameters, ModeChoice

NUMBERS = ChoiceParameters()
PAIRS = st.lists(
    st.tuples(st.floats(0.0, 5.0) | st.just(np.inf), st.floats(0.1, 60.0), st.floats(0.0, 30.0)),
    min_size=1,
    max_size=20,
)


def mode_shares(time_h, length_km, walk_km, fuel, fare, numbers):
    """Shares of people with a car and of people without, two arrays (pairs, 4)."""
    choice, origin = ModeChoice(walk_km, fare, numbers), np.zeros(len(time_h), dtype=int)
    return [choice.shares(time_h, length_km, fuel, origin, np.array([own])).T for own in (1.0, 0.0)]


def shares(time_h, length_km=5.0, walk_km=3.0, fuel=170.0, fare=230.0, numbers=NUMBERS):
    time, length, walk = np.broadcast_arrays(np.atleast_1d(time_h), length_km, walk_km)
    return mode_shares(time.astype(float), length.astype(float), walk.astype(float), fuel, fare, numbers)


@settings(deadline=None)  # the first example may compile
@given(PAIRS, st.floats(0.0, 2000.0), st.floats(0.0, 2000.0))
def test_shares_add_up_to_one(pairs: list[tuple[float, float, float]], fuel: float, fare: float) -> None:
    time, length, walk = (np.array(column) for column in zip(*pairs, strict=True))
    for group in mode_shares(time, np.where(np.isfinite(time), length, np.inf), walk, fuel, fare, NUMBERS):
        np.testing.assert_allclose(group.sum(axis=1), 1.0, atol=1e-12)
        assert (group >= 0.0).all()


def test_the_odds_of_two_modes_follow_the_difference_of_their_utilities() -> None:
    """ln(P_car / P_bus) = mu (U_car - U_bus), U = -(t + c / v) + a; nothing else matters (IIA)."""
    with_car, _ = shares(time_h=0.4, length_km=8.0)
    p = NUMBERS
    money_h = 8.0 * (p.car_cost_jpy_per_km + p.car_l_per_km * 170.0) / p.value_of_time_jpy_per_h
    car = -0.4 - money_h
    bus = (
        -0.4 - 8.0 * p.bus_stop_h_per_km - p.bus_wait_h - 230.0 / p.value_of_time_jpy_per_h + p.bus_constant_h
    )
    assert np.log(with_car[0, CAR] / with_car[0, BUS]) == pytest.approx(p.taste_per_h * (car - bus))
    stay = p.stay_constant_h
    assert np.log(with_car[0, CAR] / with_car[0, STAY]) == pytest.approx(p.taste_per_h * (car - stay))
    walk = p.foot_constant_h - 3.0 / p.walk_km_per_h
    assert np.log(with_car[0, FOOT] / with_car[0, BUS]) == pytest.approx(p.taste_per_h * (walk - bus))


def test_without_a_car_the_others_keep_their_proportions() -> None:
    with_car, without = shares(time_h=0.4)
    assert without[0, CAR] == 0.0
    others = with_car[0, 1:] / with_car[0, 1:].sum()
    assert without[0, 1:] == pytest.approx(others)


def test_dearer_petrol_lowers_the_share_of_cars() -> None:
    car = [shares(0.4, fuel=price)[0][0, CAR] for price in (0.0, 170.0, 340.0, 1000.0)]
    bus = [shares(0.4, fuel=price)[0][0, BUS] for price in (0.0, 170.0, 340.0, 1000.0)]
    assert car == sorted(car, reverse=True)
    assert car[0] > 1.1 * car[-1]
    assert bus == sorted(bus)
    cheap, dear = shares(0.4, fuel=170.0)[1], shares(0.4, fuel=1000.0)[1]
    assert (cheap == dear).all(), "people without a car pay for no petrol"


def test_a_fare_lowers_the_share_of_buses() -> None:
    assert shares(0.4, fare=0.0)[1][0, BUS] > shares(0.4, fare=500.0)[1][0, BUS]


def test_congestion_lowers_the_share_of_buses_more_than_that_of_cars() -> None:
    free, jam = shares(0.2)[0][0], shares(1.0)[0][0]
    assert jam[CAR] < free[CAR]
    assert jam[BUS] / free[BUS] < jam[CAR] / free[CAR]
    assert jam[STAY] > free[STAY]


def test_without_a_road_there_is_no_car_and_no_bus() -> None:
    for group in shares(np.inf, length_km=np.inf):
        assert group[0, CAR] == group[0, BUS] == 0.0
        assert group[0, FOOT] > 0.0
    alone = shares(np.inf, length_km=np.inf, walk_km=100.0)
    assert alone[0][0].tolist() == alone[1][0].tolist() == [0.0, 0.0, 0.0, 1.0]


def test_nobody_walks_beyond_the_limit() -> None:
    limit_km = NUMBERS.walk_limit_h * NUMBERS.walk_km_per_h
    near, far = shares(0.4, walk_km=limit_km - 1e-6)[0], shares(0.4, walk_km=limit_km + 1e-6)[0]
    assert near[0, FOOT] > 0.0
    assert far[0, FOOT] == 0.0


def test_a_stronger_taste_sharpens_the_choice() -> None:
    mild, sharp = (shares(0.2, numbers=replace(NUMBERS, taste_per_h=mu))[0][0] for mu in (1.0, 20.0))
    assert sharp.max() > mild.max()
    equal = shares(0.2, numbers=replace(NUMBERS, taste_per_h=0.0))[0][0]
    assert equal == pytest.approx(np.full(4, 0.25))
