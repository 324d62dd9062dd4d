"""What is driven where roads get wider, and what matched rides add, beside published figures (reported)."""

from dataclasses import replace

import numpy as np
import pytest

from agentsim.networks.roads.network import RoadNetwork

MORNING = 8  # h


def settled(society, capacity_factor: float) -> tuple[float, float]:
    """Vehicle-km of a morning hour, and mean travel time, where people and roads have come to rest."""
    case = society.place.roads
    case = replace(case, link_capacity_veh_per_h=case.link_capacity_veh_per_h * capacity_factor)
    cars = society.population.cars.running_frac_by_zone(np.ones(len(society.place.districts)))
    network = RoadNetwork(case)
    skim_h, skim_km = network.free_skim_h.copy(), network.free_skim_km.copy()
    for _ in range(8):
        outlook = replace(society.outlook, skim_h=skim_h, skim_km=skim_km)
        trips = society.travel.ask(MORNING, 1, outlook, cars)
        hour = network.serve(trips.vehicles)
        skim_h, skim_km = 0.5 * (skim_h + hour.skim_h), hour.skim_km
    return hour.vehicle_km, float((trips.vehicles * hour.skim_h).sum() / trips.vehicles.sum())


def test_wider_roads_are_used_more_but_far_less_than_in_proportion(calm_hamlet):
    # Duranton & Turner 2011: about 1 in the long run, in which homes and jobs move. Here they do not.
    (km, time_h), (more_km, less_h) = (settled(calm_hamlet, factor) for factor in (1.0, 1.1))
    by_capacity = np.log(more_km / km) / np.log(1.1)
    by_time = np.log(more_km / km) / np.log(less_h / time_h)
    assert 0.05 < by_capacity < 0.5
    assert -0.5 < by_time < -0.02


@pytest.mark.slow
def test_rides_take_most_of_their_riders_from_bus_and_foot_and_add_vehicles(hamlet):
    # Erhardt et al. 2019: about two thirds of the trips by ride-hailing in San Francisco added cars
    free = {"mechanisms.charges": False}
    plain, rides = (hamlet(policies, hours=0, changes=free) for policies in ((), ("T-S3",)))
    begun = np.zeros((2, 3))
    for _ in range(48):
        for row, society in enumerate((plain, rides)):
            trips = society.live_hour().trips
            begun[row] += [one.sum() for one in (trips.car_persons, trips.bus_persons, trips.foot_persons)]
    lost = begun[0] - begun[1]
    from_car = lost[0] / lost.sum()
    assert 0.15 < from_car < 0.6
    ride_km, km = rides.record.total("ride_km"), [s.record.total("vehicle_km") for s in (plain, rides)]
    assert 0.25 < (km[1] - km[0]) / ride_km < 0.9
    delay = [s.record.total("delay_veh_h") for s in (plain, rides)]
    assert delay[1] > 1.05 * delay[0]
