"""Fleets of the hour: what automated cars and matched rides add to people's trips, and who arrives."""

import numpy as np

from agentsim.core.messages import Outlook, RideOffer, RoadService, Trips
from agentsim.core.numerics.sums import total
from agentsim.networks.roads.automated import AutomatedCarsParameters, sent_home_veh
from agentsim.networks.roads.rides import Rides


class Fleets:
    """Turns the trips of people into vehicles on the road.

    Parameters
    ----------
    rides : the service that matches riders; None: there is none (mechanism ``ride_matching``)
    ride_start_jpy, ride_jpy_per_km : price of a ride, a person
    persons_per_car : mean occupancy
    """

    def __init__(
        self,
        rides: Rides | None,
        ride_start_jpy: float,
        ride_jpy_per_km: float,
        persons_per_car: float,
        parameters: AutomatedCarsParameters,
    ) -> None:
        self.rides, self.parameters = rides, parameters
        self._price = ride_start_jpy, ride_jpy_per_km
        self._persons_per_car = persons_per_car

    def offer(self) -> RideOffer | None:
        """What the service of shared rides offers at the start of the hour; None without one."""
        if self.rides is None:
            return None
        start_jpy, jpy_per_km = self._price
        return RideOffer(
            wait_h=self.rides.wait_h, detour_frac=0.0, start_jpy=start_jpy, jpy_per_km=jpy_per_km
        )

    def send(self, trips: Trips, outlook: Outlook, cars_stopped_frac: float) -> Trips:
        """Trips with the vehicles that fleets add, and without the automated cars that are stopped.

        *cars_stopped_frac* is what the cars' cloud is told to hold back. Vehicles on the road are cars with
        people in them, automated cars on their way home without anybody, vehicles for hire with riders, and
        those on their way to riders.
        """
        if trips.automated_persons is None and trips.ride_persons is None:
            return trips
        none = np.zeros_like(trips.car_persons)
        automated = none if trips.automated_persons is None else trips.automated_persons
        stopped = automated * (cars_stopped_frac * self.parameters.cloud_stops_frac)
        automated_veh = (automated - stopped) / self._persons_per_car
        own_veh = (trips.car_persons - stopped) / self._persons_per_car
        empty_veh = sent_home_veh(automated_veh, self.parameters)
        vehicles, rides = own_veh + empty_veh, None
        if self.rides is not None and trips.ride_persons is not None:
            at_the_wheel = own_veh - automated_veh
            rides = self.rides.serve(trips.ride_persons, at_the_wheel, outlook.skim_h, outlook.skim_km)
            vehicles = vehicles + rides.loaded_veh + rides.empty_veh
        return Trips(  # in an eighth of the time of ``dataclasses.replace``
            wanted_persons=trips.wanted_persons,
            car_persons=trips.car_persons,
            bus_persons=trips.bus_persons,
            foot_persons=trips.foot_persons,
            vehicles=vehicles,
            electric_persons=trips.electric_persons,
            automated_persons=trips.automated_persons,
            ride_persons=trips.ride_persons,
            own_veh=own_veh,
            automated_veh=automated_veh + empty_veh,
            empty_veh=empty_veh,
            stopped_persons=stopped,
            stopped_veh=total(stopped.reshape(-1)) / self._persons_per_car,
            rides=rides,
        )

    def electric_km(self, trips: Trips, outlook: Outlook) -> float:
        """Distance of the trips by electric cars, automated ones and their empty trips among them [km]."""
        if trips.electric_persons is None and trips.automated_veh is None:
            return 0.0
        vehicles = np.zeros_like(trips.vehicles)
        if trips.electric_persons is not None:
            vehicles += trips.electric_persons / self._persons_per_car
        if trips.automated_veh is not None:
            vehicles += trips.automated_veh
        driven = vehicles > 0.0
        return float(vehicles[driven] @ outlook.skim_km[driven])

    def arriving(self, trips: Trips, roads: RoadService) -> tuple[Trips, np.ndarray]:
        """What travel needs to tell who arrives: trips, and the cars with people that are stranded.

        Of the vehicles that a pair of zones strands, cars with people are as many as their share of all that
        asked. Riders arrive as those on foot do, unless they are left or their vehicle is stranded.
        """
        if trips.own_veh is None:
            return trips, roads.stranded_veh
        asked = np.maximum(trips.vehicles, 1e-12)
        stranded_frac = np.minimum(roads.stranded_veh / asked, 1.0)
        car = trips.car_persons
        if trips.stopped_persons is not None:
            car = car - trips.stopped_persons
        foot = trips.foot_persons
        if trips.rides is not None:
            foot = foot + (trips.rides.on_own_trips + trips.rides.hired) * (1.0 - stranded_frac)
        arriving = Trips(trips.wanted_persons, car, trips.bus_persons, foot, trips.vehicles)
        return arriving, stranded_frac * trips.own_veh


def automated_frac(trips: Trips) -> float:
    """Share of the vehicles on the road that drive themselves."""
    if trips.automated_veh is None:
        return 0.0
    whole = total(trips.vehicles.reshape(-1))
    return total(trips.automated_veh.reshape(-1)) / whole if whole > 0.0 else 0.0
