"""Driving jobs: as many as in Japan, and those that go."""

import pytest

from agentsim.institutions.drivers import DriversParameters, driving_jobs

NUMBERS = DriversParameters()


def jobs(driverless_frac: float = 0.0, ride_km: float = 0.0, bus_drivers: float | None = None):
    return driving_jobs(100_000, bus_drivers, driverless_frac, ride_km, 8760, NUMBERS)


def test_one_person_in_a_hundred_drives_for_a_living():
    assert jobs().ordinary == pytest.approx(960.0)
    assert jobs().displaced == jobs().brought == 0.0


def test_all_driverless_is_no_driver():
    assert jobs(1.0).displaced == jobs(1.0).ordinary


def test_rides_take_from_taxis_no_more_than_taxis_have():
    assert jobs(ride_km=40_000.0).displaced == pytest.approx(1.0)
    assert jobs(ride_km=1e9).displaced == pytest.approx(180.0)
    assert jobs(ride_km=1e9).brought == pytest.approx(25_000.0)
    # a taxi without a driver has no job to lose a second time
    assert jobs(1.0, ride_km=1e9).displaced == jobs(1.0).displaced


def test_where_lines_are_simulated_their_drivers_count():
    assert jobs(bus_drivers=200.0).ordinary == pytest.approx(960.0 - 90.0 + 200.0)
