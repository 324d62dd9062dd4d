"""Trips: out in the morning, home in the afternoon, by car, bus or foot, and which are made."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.agents.households.choice import CAR, STAY
from agentsim.agents.households.travel import Travel
from agentsim.core.messages import Outlook, RoadService
from agentsim.core.numerics.shares import ratio

MONDAY, SUNDAY = 0, 6


@pytest.fixture(scope="module")
def travel(calm_hamlet) -> Travel:
    return calm_hamlet.travel


@pytest.fixture(scope="module")
def outlook(calm_hamlet) -> Outlook:
    """An ordinary hour: the empty roads' times and today's petrol."""
    free_h = calm_hamlet.service.roads.free_skim_h
    return replace(calm_hamlet.outlook, skim_h=free_h)


@pytest.fixture(scope="module")
def open_roads(calm_hamlet, outlook: Outlook) -> RoadService:
    zones = len(outlook.skim_h)
    return replace(
        calm_hamlet.service.roads,
        skim_h=outlook.skim_h,
        skim_km=outlook.skim_km,
        stranded_veh=np.zeros((zones, zones)),
    )


def all_with_car(outlook: Outlook, share: float = 1.0) -> np.ndarray:
    return np.full(len(outlook.skim_h), share)


def test_the_afternoons_matrix_is_the_mornings_transposed(travel: Travel) -> None:
    morning, evening = travel.wanted_persons(8, MONDAY), travel.wanted_persons(17, MONDAY)
    level = morning.sum() / evening.sum()
    np.testing.assert_allclose(morning, level * evening.T)
    assert not np.allclose(morning, level * evening), "the matrix is not symmetric"
    assert not np.diag(morning).any()


def test_the_day_peaks_at_eight_and_again_before_dinner(travel: Travel) -> None:
    day = np.array([travel.wanted_persons(hour, MONDAY).sum() for hour in range(24)])
    assert day.argmax() == 8
    assert 16 <= 12 + day[12:].argmax() <= 19
    assert day[3] < 0.05 * day[8]
    np.testing.assert_array_equal(travel.wanted_persons(24 + 8, MONDAY), travel.wanted_persons(8, MONDAY))


def test_sundays_are_quieter(travel: Travel) -> None:
    sunday, monday = travel.wanted_persons(8, SUNDAY), travel.wanted_persons(8, MONDAY)
    np.testing.assert_allclose(sunday, travel.parameters.weekend_frac * monday)


def test_an_ordinary_peak_hour_puts_the_counted_cars_on_the_road(calm_hamlet, outlook: Outlook) -> None:
    """The place's matrix was counted; people, cars and ordinary prices must reproduce it."""
    people, place = calm_hamlet.population, calm_hamlet.place
    cars = people.cars.running_frac_by_zone(np.ones(len(place.districts)))
    trips = calm_hamlet.travel.ask(8, MONDAY, outlook, cars)
    assert trips.vehicles.sum() == pytest.approx(place.roads.od_veh_per_h.sum(), rel=0.02)


def test_everybody_goes_by_one_mode_or_stays(travel: Travel, outlook: Outlook) -> None:
    trips = travel.ask(8, MONDAY, outlook, all_with_car(outlook, 0.6))
    out = trips.car_persons + trips.bus_persons + trips.foot_persons
    assert (out <= trips.wanted_persons + 1e-9).all()
    stay = 1.0 - out.sum() / trips.wanted_persons.sum()
    assert 0.0 < stay < 0.3
    for mode in (trips.car_persons, trips.bus_persons, trips.foot_persons):
        assert mode.sum() > 0.0
    np.testing.assert_allclose(trips.vehicles * travel.choice.persons_per_car, trips.car_persons)


def test_without_cars_people_take_the_bus_walk_or_stay(travel: Travel, outlook: Outlook) -> None:
    none, all_ = (travel.ask(8, MONDAY, outlook, all_with_car(outlook, share)) for share in (0.0, 1.0))
    assert not none.vehicles.any()
    assert none.bus_persons.sum() > all_.bus_persons.sum()
    assert none.foot_persons.sum() > all_.foot_persons.sum()


def test_dear_petrol_lowers_traffic(travel: Travel, outlook: Outlook) -> None:
    cars = all_with_car(outlook, 0.7)
    vehicles = [
        travel.ask(8, MONDAY, replace(outlook, fuel_jpy_per_l=price), cars).vehicles.sum()
        for price in (100.0, 200.0, 800.0)
    ]
    assert vehicles == sorted(vehicles, reverse=True)
    assert vehicles[2] < 0.97 * vehicles[0]


def cut_off(matrix: np.ndarray, zone: int, value: float) -> np.ndarray:
    """The skim with no road to or from *zone*."""
    cut = matrix.copy()
    cut[zone, :] = cut[:, zone] = value
    cut[zone, zone] = matrix[zone, zone]
    return cut


def test_no_car_or_bus_trip_begins_where_no_road_led_last_hour(travel: Travel, outlook: Outlook) -> None:
    closed = replace(
        outlook, skim_h=cut_off(outlook.skim_h, 4, np.inf), skim_km=cut_off(outlook.skim_km, 4, np.inf)
    )
    trips = travel.ask(8, MONDAY, closed, all_with_car(outlook, 0.7))
    for mode in (trips.car_persons, trips.bus_persons):
        assert not mode[4].any()
        assert not mode[:, 4].any()
        assert np.delete(mode, 4, axis=0).sum() > 0.0
    assert trips.foot_persons[4].sum() > 0.0


def test_on_open_roads_all_trips_begun_are_made(
    travel: Travel, outlook: Outlook, open_roads: RoadService
) -> None:
    trips = travel.ask(8, MONDAY, outlook, all_with_car(outlook, 0.7))
    done = travel.arrive(trips, open_roads, 8)
    np.testing.assert_allclose(
        done.made_persons, trips.car_persons + trips.bus_persons + trips.foot_persons, atol=1e-9
    )
    assert done.bus_persons == pytest.approx(trips.bus_persons.sum())


def test_stranded_cars_and_buses_without_a_road_do_not_arrive(
    travel: Travel, outlook: Outlook, open_roads: RoadService
) -> None:
    trips = travel.ask(8, MONDAY, outlook, all_with_car(outlook, 0.7))
    stranded = np.zeros_like(trips.vehicles)
    stranded[4], stranded[:, 4] = trips.vehicles[4], trips.vehicles[:, 4]
    roads = replace(
        open_roads,
        stranded_veh=stranded,
        skim_h=cut_off(open_roads.skim_h, 4, np.inf),
        skim_km=cut_off(open_roads.skim_km, 4, np.inf),
    )
    done = travel.arrive(trips, roads, 8)
    np.testing.assert_allclose(done.made_persons[4], trips.foot_persons[4], atol=1e-9)
    np.testing.assert_allclose(done.made_persons[:, 4], trips.foot_persons[:, 4], atol=1e-9)
    assert np.isfinite(done.bus_persons)


def test_made_trips_are_counted_at_home_in_the_morning_and_afternoon(
    travel: Travel, outlook: Outlook, open_roads: RoadService
) -> None:
    """Residents leave in the morning and return later: trips *from* a zone, then *to* it."""
    cars = all_with_car(outlook, 0.7)
    for hour, side in ((8, 0), (17, 1)):
        trips = travel.ask(hour, MONDAY, outlook, cars)
        stranded = np.zeros_like(trips.vehicles)
        resident = (4, slice(None)) if side == 0 else (slice(None), 4)
        stranded[resident] = trips.vehicles[resident]
        open_frac = travel.arrive(trips, open_roads, hour).made_frac_by_zone
        frac = travel.arrive(trips, replace(open_roads, stranded_veh=stranded), hour).made_frac_by_zone
        made = (trips.bus_persons + trips.foot_persons)[resident].sum()
        usual = travel._usual_made_frac[side, 4]  # not all trips are made on an ordinary day either
        assert 0.8 < usual < 1.0
        assert frac[4] == pytest.approx(made / (usual * trips.wanted_persons[resident].sum()))
        np.testing.assert_allclose(np.delete(frac, 4), np.delete(open_frac, 4))


def test_more_cars_stranded_than_set_out_strand_no_pedestrian(
    travel: Travel, outlook: Outlook, open_roads: RoadService
) -> None:
    """A queue carried over from the last hour may strand more than this hour's cars."""
    trips = travel.ask(8, MONDAY, outlook, all_with_car(outlook, 0.7))
    roads = replace(open_roads, stranded_veh=3.0 * trips.vehicles)
    done = travel.arrive(trips, roads, 8)
    np.testing.assert_allclose(done.made_persons, trips.bus_persons + trips.foot_persons, atol=1e-9)


@pytest.mark.parametrize("hour", [8, 17])
def test_trips_and_their_shares_are_those_of_array_algebra(
    travel: Travel, outlook: Outlook, open_roads: RoadService, hour: int
) -> None:
    trips = travel.ask(hour, MONDAY, outlook, all_with_car(outlook, 0.6))
    apart = ~np.eye(len(outlook.skim_h), dtype=bool)
    share = travel._shares(
        outlook.skim_h, outlook.skim_km, all_with_car(outlook, 0.6), outlook.fuel_jpy_per_l
    )
    begun = share[:STAY] * travel.wanted_persons(hour, MONDAY) * apart
    for mode, persons in enumerate((trips.car_persons, trips.bus_persons, trips.foot_persons)):
        np.testing.assert_array_equal(persons, begun[mode])
    np.testing.assert_array_equal(trips.vehicles, begun[CAR] / travel.choice.persons_per_car)
    stranded = replace(open_roads, stranded_veh=0.3 * trips.vehicles)
    travelled = travel.arrive(trips, stranded, hour)
    home = 1 if hour == 8 else 0  # axis of the other end of a resident's trips
    usual = trips.wanted_persons.sum(axis=home) * travel._usual_made_frac[1 - home]
    np.testing.assert_allclose(
        travelled.made_frac_by_zone,
        np.minimum(ratio(travelled.made_persons.sum(axis=home), usual), 1.0),
        rtol=1e-14,
    )
    assert travelled.bus_persons == trips.bus_persons.sum()
