"""Fleets in a city: what they add to the road, who arrives, and what happens when their cloud is seized."""

import numpy as np
import pytest

from agentsim.society.fleets import automated_frac

FREE = {"mechanisms.charges": False}
SEIZED = {
    **FREE,
    "attacker.kind": "saboteur",
    "attacker.foothold": ["vehicle_cloud"],
    "attacker.strikes": ["A6 fleet city"],
    "attacker.first_hour": 32,
    "attacker.budget": 1000,
}
MORNING = 8  # h


def lived(hamlet, policies, hours=36, changes=FREE, attacker="none"):
    return hamlet(policies, attacker, 1, hours, changes)


def column(society, name: str) -> np.ndarray:
    return society.record.city[name][: society.record.lived]


# ---- automated cars


def test_vehicles_of_an_hour_are_cars_with_people_and_empty_ones(hamlet):
    society = lived(hamlet, ("T-S2",), MORNING + 1)
    trips = society.last.trips
    persons_per_car = society.travel.choice.persons_per_car
    assert trips.own_veh == pytest.approx(trips.car_persons / persons_per_car)
    sent_home = society.fleets.parameters.sent_home_frac * trips.automated_persons.T / persons_per_car
    assert trips.empty_veh == pytest.approx(sent_home)
    assert trips.vehicles == pytest.approx(trips.own_veh + trips.empty_veh)
    assert 0.2 < automated_frac(trips) < 0.5


def test_more_is_driven_with_fewer_crashes(hamlet):
    plain, fleets = (lived(hamlet, policies).outcomes for policies in ((), ("T-S2",)))
    assert fleets["vehicle_km"] > 1.02 * plain["vehicle_km"]
    assert fleets["crashes"] < 0.85 * plain["crashes"]
    assert fleets["crashes_per_million_km"] == pytest.approx(
        plain["crashes_per_million_km"] * (1 - fleets["automated_km_share"] * (1 - 0.6 / 2.8)), rel=0.02
    )
    assert fleets["driving_jobs_displaced_share"] == pytest.approx(0.5)
    assert plain["driving_jobs_displaced_share"] == 0.0


def test_cars_that_keep_more_distance_than_people_make_congestion_worse(hamlet):
    careful = {**FREE, "automated_cars.automated_headway_s": 2.0}
    plain, close, far = (
        lived(hamlet, policies, changes=changes).outcomes["delay_h_per_person_trip"]
        for policies, changes in (((), FREE), (("T-S2",), FREE), (("T-S2",), careful))
    )
    assert close < plain < far


def test_charging_meets_the_evening_peak_unless_it_is_controlled(hamlet):
    changes = [FREE, FREE, {**FREE, "policy.T-S2.controlled_frac": 1.0}]
    plain, evening, night = (
        column(lived(hamlet, policies, 48, change), "load_wanted_mw")
        for policies, change in zip(((), ("T-S2",), ("T-S2",)), changes, strict=True)
    )
    at_home, after_midnight = 24 + 19, 24
    assert evening[at_home] > plain[at_home] + 5.0
    assert night[at_home] == pytest.approx(plain[at_home], abs=0.5)
    assert night[after_midnight] > plain[after_midnight] + 5.0


def test_one_cloud_stops_all_automated_cars_and_their_people_stay_or_find_another_way(hamlet):
    free = lived(hamlet, ("T-S2",), 48)
    seized = lived(hamlet, ("T-S2",), 48, SEIZED, "saboteur:scripted")
    first = int(np.flatnonzero(column(seized, "trips_stopped_veh"))[0])
    assert first == 32
    assert column(seized, "automated_km")[first:].max() == 0.0
    assert seized.outcomes["trips_stranded"] > free.outcomes["trips_stranded"] + 100.0
    assert seized.outcomes["accessibility_frac"] < free.outcomes["accessibility_frac"] - 0.01
    kinds = {event.what for event in seized.events}
    assert "automated_cars_stopped" in kinds


def test_without_automated_cars_the_cloud_is_nobody(hamlet):
    control = hamlet(()).control
    assert "vehicle_cloud" not in control.principals
    assert "automated_cars" not in control.assets
    with_cars = hamlet(("T-S2",)).control
    assert with_cars.holds("vehicle_cloud", "automated_cars")
    assert not with_cars.holds("traffic_control_room", "automated_cars")


# ---- matched rides


def test_riders_come_from_bus_and_foot_and_add_vehicles(hamlet):
    plain, rides = (lived(hamlet, policies).outcomes for policies in ((), ("T-S3",)))
    assert 0.03 < rides["ride_mode_share"] < 0.3
    assert rides["transit_mode_share"] < plain["transit_mode_share"]
    assert rides["vehicle_km"] > plain["vehicle_km"]
    assert 0.02 < rides["ride_empty_km_share"] < 0.5


CARPOOL = {
    **FREE,
    "policy.T-S3.own_trip_frac": 0.5,
    "policy.T-S3.vehicles_per_1000_people": 0.01,
    "policy.T-S3.start_jpy": 50.0,
    "policy.T-S3.jpy_per_km": 10.0,
}


def test_drivers_who_take_riders_on_their_own_trips_spare_cars(hamlet):
    plain, shared = (lived(hamlet, p, changes=CARPOOL).outcomes for p in ((), ("T-S3",)))
    assert shared["vehicle_km"] < 0.95 * plain["vehicle_km"]
    assert shared["delay_h_per_person_trip"] < 0.8 * plain["delay_h_per_person_trip"]


def test_who_finds_no_vehicle_does_not_arrive(hamlet):
    none = {**FREE, "policy.T-S3.vehicles_per_1000_people": 0.01, "policy.T-S3.own_trip_frac": 0.0}
    society = lived(hamlet, ("T-S3",), MORNING + 1, none)
    trips, made = society.last.trips, society.last.travelled.made_persons
    begun = trips.car_persons + trips.bus_persons + trips.foot_persons + trips.rides.hired
    assert trips.rides.left.sum() > 0.0
    assert made == pytest.approx(begun)


def test_an_hour_that_loses_a_rider_is_not_accepted(hamlet):
    from dataclasses import replace

    from agentsim.core.errors import NotConserved
    from agentsim.society.balances import check

    society = lived(hamlet, ("T-S3",), MORNING)
    before = society.last
    hour = society.live_hour()
    check(hour, before)
    lost = replace(hour.trips.rides, left=hour.trips.rides.left + 0.01)
    with pytest.raises(NotConserved, match="riders"):
        check(replace(hour, trips=replace(hour.trips, rides=lost)), before)
    added = replace(hour.trips.rides, empty_veh=hour.trips.rides.empty_veh + 0.01)
    with pytest.raises(NotConserved, match="vehicles of fleets"):
        check(replace(hour, trips=replace(hour.trips, rides=added)), before)
