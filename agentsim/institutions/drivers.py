"""People who drive for a living, and how many of their jobs automated fleets and matched rides take.

    jobs that go = jobs of buses, taxis and deliveries x share driven without a driver
                   + jobs in the kilometres that matched rides take from taxis

Whoever loses one looks for another as in :mod:`~agentsim.institutions.employment`.
"""

from dataclasses import dataclass

from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_YEAR

PEOPLE = 1000.0


@dataclass(frozen=True)
class DriversParameters:
    """Driving jobs of an ordinary Japanese city."""

    bus_per_1000_people: float = parameter(
        0.9,
        "1/1000",
        "drivers of buses, about 110,000 in Japan; where lines are simulated, theirs",
        "M",
        0,
        100,
    )
    taxi_per_1000_people: float = parameter(
        1.8, "1/1000", "drivers of taxis, about 230,000 in Japan", "M", 0, 100
    )
    delivery_per_1000_people: float = parameter(
        6.9, "1/1000", "drivers of lorries, about 860,000 in Japan", "M", 0, 100
    )
    km_per_job_y: float = parameter(
        40_000.0,
        "km/y",
        "that a driver of a taxi drives in a year, with and without passengers",
        "A",
        1000,
        1e6,
    )


@dataclass(frozen=True)
class DrivingJobs:
    """Driving jobs of a city, and what becomes of them."""

    ordinary: float
    displaced: float
    brought: float  # of drivers of vehicles for hire, in jobs of a taxi driver's kilometres


def driving_jobs(
    people: float,
    bus_drivers: float | None,
    driverless_frac: float,
    ride_km: float,
    hours: int,
    parameters: DriversParameters,
) -> DrivingJobs:
    """Driving jobs where this share of the professional kilometres needs no driver.

    Parameters
    ----------
    bus_drivers : of the simulated lines; None: as in an ordinary city
    ride_km : what vehicles for hire drove within *hours*

    Matched rides take the kilometres of taxis first; taxis that drive themselves have no job to lose.

    >>> found = driving_jobs(100_000, None, 0.5, 0.0, 168, DriversParameters())
    >>> round(found.ordinary), round(found.displaced), found.brought
    (960, 480, 0.0)
    """
    p, thousands = parameters, people / PEOPLE
    taxis = p.taxi_per_1000_people * thousands
    buses = p.bus_per_1000_people * thousands if bus_drivers is None else bus_drivers
    ordinary = buses + taxis + p.delivery_per_1000_people * thousands
    rides = ride_km * HOURS_PER_YEAR / hours / p.km_per_job_y if hours else 0.0
    taken = min(rides, taxis * (1.0 - driverless_frac))
    return DrivingJobs(ordinary, driverless_frac * ordinary + taken, rides)
