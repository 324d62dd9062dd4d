"""Shared rides: nobody is carried twice, detours and waits have limits, empty trips follow from demand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentsim.networks.roads.rides import (
    RideFleet,
    Rides,
    RidesParameters,
    on_the_way,
    pooled_veh,
    share_trips,
)

# four zones on a line, a tenth of an hour and 3 km apart
LINE_H = 0.1 * np.abs(np.arange(4)[:, None] - np.arange(4)[None, :]).astype(float)
LINE_KM = 30.0 * LINE_H
AREA = np.ones(4)


def riders(**pairs: float) -> np.ndarray:
    """Trips by pair, ``riders(z0_2=5.0)``, array (4, 4)."""
    table = np.zeros((4, 4))
    for name, amount in pairs.items():
        table[int(name[1]), int(name[3])] = amount
    return table


def shared(asked: np.ndarray, seats: np.ndarray, limit: float = 0.25) -> tuple[np.ndarray, float]:
    left, free, carried = asked.copy(), seats.copy(), np.empty_like(asked)
    detour_km = share_trips(on_the_way(LINE_H, LINE_KM, limit), left, free, carried)
    assert left + carried == pytest.approx(asked)
    assert free.sum() + carried.sum() == pytest.approx(seats.sum())
    assert min(left.min(), free.min(), carried.min()) >= 0.0
    return carried, detour_km


# ---- drivers on trips of their own


def test_a_rider_gets_out_on_the_drivers_way_without_a_detour():
    carried, detour_km = shared(riders(z0_2=2.0), riders(z0_3=5.0))
    assert carried[0, 2] == 2.0
    assert detour_km == pytest.approx(0.0)


def test_a_driver_does_not_go_farther_than_the_limit_allows():
    # to drop at 3 and come back to 2 takes 4 tenths of an hour and not 2
    assert shared(riders(z0_3=2.0), riders(z0_2=5.0), limit=0.25)[0].sum() == 0.0
    carried, detour_km = shared(riders(z0_3=2.0), riders(z0_2=5.0), limit=1.0)
    assert carried[0, 3] == 2.0
    assert detour_km == pytest.approx(2.0 * 6.0)


def test_who_has_the_same_way_comes_before_who_is_on_the_way():
    carried, _ = shared(riders(z0_1=3.0, z0_3=3.0), riders(z0_3=4.0))
    assert carried[0, 3] == 3.0
    assert carried[0, 1] == 1.0


TABLE = st.lists(st.floats(0.0, 20.0), min_size=16, max_size=16).map(lambda v: np.array(v).reshape(4, 4))


@given(TABLE, TABLE)
@settings(deadline=None, max_examples=50)
def test_no_rider_and_no_seat_is_counted_twice(asked, seats):
    for table in (asked, seats):
        np.fill_diagonal(table, 0.0)
    shared(asked, seats)


# ---- riders who share a vehicle


def test_riders_meet_only_where_there_are_many():
    p = RidesParameters(pooling_frac=1.0)
    few, many = (float(pooled_veh(np.array([[n]]), p)[0, 0]) / n for n in (0.1, 1000.0))
    assert few == pytest.approx(1.0, abs=0.01)
    assert many == pytest.approx(0.5)
    assert (pooled_veh(np.array([[50.0]]), RidesParameters(pooling_frac=0.0)) == 50.0).all()


# ---- vehicles for hire


def fleet(*vehicles: float, **numbers: float) -> RideFleet:
    return RideFleet(np.array(vehicles), AREA, LINE_H, RidesParameters(**numbers))


def test_vehicles_are_neither_made_nor_lost():
    rng, city = np.random.default_rng(1), fleet(20.0, 0.0, 5.0, 1.0)
    for _ in range(30):
        wanted = rng.uniform(0.0, 40.0, (4, 4))
        np.fill_diagonal(wanted, 0.0)
        share, loaded, empty, empty_km, loaded_km = city.fetch(wanted, LINE_H, LINE_KM)
        assert loaded == pytest.approx(wanted * share[:, None])
        assert city.vehicles.sum() == pytest.approx(26.0)
        assert city.vehicles.min() >= -1e-9
        assert ((share >= 0.0) & (share <= 1.0)).all()
        assert loaded_km == pytest.approx(float((wanted * share[:, None] * LINE_KM).sum()))
        assert empty_km >= float((empty * LINE_KM).sum())


def test_a_vehicle_stands_where_its_last_riders_got_out():
    city = fleet(10.0, 0.0, 0.0, 0.0)
    for _ in range(20):
        city.fetch(riders(z0_1=30.0), LINE_H, LINE_KM)
    assert city.vehicles[1] > 5.0, "nobody wants to leave from there"


def test_trips_one_way_are_driven_back_empty():
    # all go from 0 to 1: in the long run every vehicle comes back without a rider. Between 0 and 1 in equal
    # numbers nearly none does.
    one_way, both_ways = fleet(10.0, 0.0, 0.0, 0.0), fleet(10.0, 10.0, 0.0, 0.0)
    for _ in range(20):
        back = one_way.fetch(riders(z0_1=20.0), LINE_H, LINE_KM)
        even = both_ways.fetch(riders(z0_1=20.0, z1_0=20.0), LINE_H, LINE_KM)
    assert back.empty_km / (back.empty_km + back.loaded_km) > 0.3
    assert even.empty_km / (even.empty_km + even.loaded_km) < 0.2


def test_nobody_is_fetched_from_farther_than_the_limit():
    near, far = fleet(0.0, 10.0, 0.0, 0.0, wait_limit_h=0.25), fleet(0.0, 0.0, 0.0, 10.0, wait_limit_h=0.25)
    assert near.fetch(riders(z0_1=5.0), LINE_H, LINE_KM)[0][0] == 1.0
    assert far.fetch(riders(z0_1=5.0), LINE_H, LINE_KM)[0][0] == 0.0
    assert far.approach_h[0] == np.inf
    assert np.isfinite(near.approach_h[0])


def test_more_riders_wait_longer():
    wait = []
    for riders_per_h in (5.0, 40.0, 200.0):
        service = Rides(0.0, fleet(5.0, 5.0, 5.0, 5.0), LINE_H, LINE_KM)
        asked = riders(z0_2=riders_per_h, z2_0=riders_per_h)
        for _ in range(12):
            service.serve(asked, np.zeros((4, 4)), LINE_H, LINE_KM)
        wait.append(service.wait_h[0])
    assert wait[0] < wait[1] < wait[2]


def test_where_no_road_leads_nobody_is_fetched():
    closed_h = np.where(np.eye(4, dtype=bool), 0.0, np.inf)
    found = fleet(0.0, 10.0, 0.0, 0.0).fetch(riders(z0_1=5.0), closed_h, closed_h)
    assert found.share[0] == 0.0
    assert found.empty_veh.sum() == 0.0


# ---- both


@given(TABLE, TABLE, st.floats(0.0, 1.0))
@settings(deadline=None, max_examples=50)
def test_every_rider_is_carried_or_left(asked, cars, own_trip_frac):
    for table in (asked, cars):
        np.fill_diagonal(table, 0.0)
    service = Rides(own_trip_frac, fleet(3.0, 0.0, 2.0, 1.0), LINE_H, LINE_KM)
    for _ in range(3):
        hour = service.serve(asked, cars, LINE_H, LINE_KM)
        parts = hour.on_own_trips + hour.hired + hour.left
        assert parts == pytest.approx(asked)
        assert min(hour.hired.min(), hour.left.min()) >= -1e-9
        assert hour.vehicles.sum() == pytest.approx(6.0)
    assert np.isfinite(service.wait_h).all()


def test_drivers_who_take_riders_spare_vehicles():
    asked, cars = riders(z0_3=10.0), riders(z0_3=50.0)
    shares, hires = (Rides(own, fleet(20.0, 0.0, 0.0, 0.0), LINE_H, LINE_KM) for own in (0.5, 0.0))
    assert shares.serve(asked, cars, LINE_H, LINE_KM).loaded_veh.sum() == 0.0
    assert hires.serve(asked, cars, LINE_H, LINE_KM).loaded_veh.sum() > 8.0
