"""Trips: how many people want to travel between zones each hour, by which mode, and which trips are made.

Person trips follow the place's peak-hour matrix, transposed in the afternoon, and an hourly profile. Modes
are chosen on the skims of the last hour; this hour's roads decide which trips are made.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.households import modes
from agentsim.agents.households.choice import BUS, CAR, FOOT, STAY, ChoiceParameters, ModeChoice
from agentsim.core.calendar import SATURDAY
from agentsim.core.messages import BusOffer, BusService, Outlook, RoadService, Travelled, Trips
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY, KG_PER_T, PETROL_KG_PER_L
from agentsim.place.cases import Place

KM_PER_KM_STRAIGHT = 1.3  # walking distance over the straight line [M], Newman grids 1.2-1.4


@dataclass(frozen=True)
class TravelParameters:
    """Trips by hour and day."""

    profile: tuple[float, ...] = parameter(
        (0.04, 0.02, 0.02, 0.02, 0.05, 0.15, 0.45, 0.90, 1.00, 0.70, 0.50, 0.50)
        + (0.52, 0.52, 0.55, 0.62, 0.75, 0.92, 0.95, 0.72, 0.48, 0.34, 0.22, 0.10),
        "1",
        "person trips by hour, share of the peak hour; order of Japanese person-trip surveys",
        "A",
        0,
        1,
    )
    weekend_frac: float = parameter(0.75, "1", "trips of a day at the weekend", "A", 0, 2)
    return_hour: int = parameter(13, "h", "from this hour on trips lead home", "A", 0, 24)
    job_reach_h: float = parameter(
        0.75, "h", "a job is in reach within this time, the way to the stop apart", "A", 0.05, 5
    )


class Travel:
    """Trips between the zones of a place, and their modes.

    Parameters
    ----------
    place : the city
    free_skim_h, free_skim_km : skims of the empty road network, arrays (zones, zones)
    peak_skim_h : travel times of an ordinary peak hour; they give the share that stays at home as usual
    car_frac : share of each zone's people who have a car, array (zones,)
    fuel_jpy_per_l, fare_jpy : ordinary prices, at which the place's matrix was counted
    electric_car_frac : share of cars that use no petrol
    electric_apart : electric cars are a mode of their own, which costs less a km
    """

    def __init__(
        self,
        place: Place,
        *,
        free_skim_h: np.ndarray,
        free_skim_km: np.ndarray,
        peak_skim_h: np.ndarray,
        car_frac: np.ndarray,
        fuel_jpy_per_l: float,
        fare_jpy: float,
        electric_car_frac: float = 0.0,
        electric_apart: bool = False,
        parameters: TravelParameters | None = None,
        choice: ChoiceParameters | None = None,
    ) -> None:
        self.parameters = parameters or TravelParameters()
        self.choice = choice or ChoiceParameters()
        self._electric_car_frac, self._electric_apart = electric_car_frac, electric_apart
        self._zones = zones = len(place.zone_x_km)
        self._always = np.zeros((zones, zones))  # a finite time, where buses have been counted already
        self._origin = np.repeat(np.arange(zones), zones)
        dx = place.zone_x_km[:, None] - place.zone_x_km
        dy = place.zone_y_km[:, None] - place.zone_y_km
        walk_km = KM_PER_KM_STRAIGHT * np.hypot(dx, dy)
        self.walk_h = walk_km / self.choice.walk_km_per_h  # (zones, zones)
        self._mode_choice = ModeChoice(walk_km.ravel(), fare_jpy, self.choice)
        self._nested_choice = modes.NestedChoice(walk_km.ravel(), fare_jpy, self.choice)
        # copies, because numba loads a kernel once more for arrays that must not be written into
        free_skim_h, free_skim_km = np.array(free_skim_h), np.array(free_skim_km)
        peak = np.asarray(place.roads.od_veh_per_h, dtype=float)
        free = self._shares(free_skim_h, free_skim_km, car_frac, fuel_jpy_per_l)
        apart = ~np.eye(zones, dtype=bool)  # nobody drives within a zone
        by_car = np.average(free[CAR][apart], weights=np.maximum(peak[apart], 1e-12))
        self._peak_persons = self._first_persons = peak * self.choice.persons_per_car / by_car
        busy = self._shares(peak_skim_h, free_skim_km, car_frac, fuel_jpy_per_l)
        stay = np.where(apart, busy[STAY] * self._peak_persons, 0.0)
        # share of the trips to each zone that are not begun in an ordinary peak hour, array (zones,)
        self.usual_stay_frac = stay.sum(axis=0) / np.maximum(self._peak_persons.sum(axis=0), 1e-12)
        # of the trips that a zone's people want out and home, those made in an ordinary peak hour, (2, zones)
        out = np.maximum(self._peak_persons.sum(axis=1), 1e-12)
        home = np.where(apart, busy[STAY] * self._peak_persons.T, 0.0)
        self._usual_made_frac = 1.0 - np.array([stay.sum(axis=1), home.sum(axis=0)]) / out

    def depopulate(self, left_frac: np.ndarray) -> None:
        """Reduce trips to the share of each zone's first people who still live there, array (zones,)."""
        self._peak_persons = self._first_persons * left_frac[:, None]

    def commuters(self, zone_district: np.ndarray, districts: int) -> np.ndarray:
        """People who go to work in the peak hour, by district of home and of work, array (home, work)."""
        by_home = np.zeros((districts, self._zones))
        np.add.at(by_home, zone_district, self._first_persons)
        by_work = np.zeros((districts, districts))
        np.add.at(by_work.T, zone_district, by_home.T)
        return by_work

    def wanted_persons(self, hour: int, weekday: int) -> np.ndarray:
        """Person trips wanted this hour, (zones, zones)."""
        outward = self._outward_persons(hour, weekday)
        return outward.T if self._is_homeward(hour) else outward

    def _outward_persons(self, hour: int, weekday: int) -> np.ndarray:
        """The same from home, whichever way people travel at this hour, (zones of homes, zones)."""
        level = self.parameters.profile[hour % HOURS_PER_DAY]
        if weekday >= SATURDAY:
            level *= self.parameters.weekend_frac
        return self._peak_persons * level

    def _is_homeward(self, hour: int) -> bool:
        return hour % HOURS_PER_DAY >= self.parameters.return_hour

    def _shares(
        self, skim_h: np.ndarray, skim_km: np.ndarray, car_frac: np.ndarray, fuel_jpy_per_l: float
    ) -> np.ndarray:
        """Mode shares of each pair of zones, array (4, zones, zones), over people with a car and without."""
        share = self._mode_choice.shares(
            skim_h.ravel(), skim_km.ravel(), fuel_jpy_per_l, self._origin, car_frac
        )
        return share.reshape(4, self._zones, self._zones)

    def bus_persons(
        self,
        clock: int,
        *,
        skim_h: np.ndarray,
        skim_km: np.ndarray,
        fuel_jpy_per_l: float,
        car_frac: np.ndarray,
        buses: BusOffer,
    ) -> np.ndarray:
        """Trips by bus lines on an ordinary weekday, when everybody drives a car or none, (zones, zones)."""
        share = self._nested_choice.shares(
            skim_h=skim_h,
            skim_km=skim_km,
            fuel_jpy_per_l=fuel_jpy_per_l,
            owners=np.stack([car_frac, np.zeros(self._zones), np.zeros(self._zones)]),
            buses=buses,
        )
        begun = share[modes.BUS] * self.wanted_persons(clock, weekday=0)
        np.fill_diagonal(begun, 0.0)
        return begun

    def tells_modes_apart(self, outlook: Outlook) -> bool:
        """Whether people choose among more than car, bus, foot and staying at home."""
        return self._electric_apart or outlook.buses is not None or outlook.rides is not None

    def ask(
        self,
        hour: int,
        weekday: int,
        outlook: Outlook,
        car_frac: np.ndarray | None,
        owners: np.ndarray | None = None,
    ) -> Trips:
        """Trips that people begin, by mode.

        Parameters
        ----------
        car_frac : share of each zone's people who have a car that runs this hour, array (zones,)
        owners : the same by kind of car, array (3, zones), instead of it where all modes are told apart
        """
        if owners is not None:
            return self._ask_all_modes(hour, weekday, outlook, owners)
        assert car_frac is not None
        wanted, homeward = self._outward_persons(hour, weekday), self._is_homeward(hour)
        share = self._shares(outlook.skim_h, outlook.skim_km, car_frac, outlook.fuel_jpy_per_l)
        begun, vehicles = share[:STAY], np.empty((self._zones, self._zones))
        begin(wanted, homeward, float(self.choice.persons_per_car), begun, vehicles)
        return Trips(wanted.T if homeward else wanted, begun[CAR], begun[BUS], begun[FOOT], vehicles)

    def _ask_all_modes(self, hour: int, weekday: int, outlook: Outlook, owners: np.ndarray) -> Trips:
        """Trips by seven modes; electric cars count as cars unless they are told apart."""
        if not self._electric_apart:
            owners = np.stack([owners[modes.CAR] + owners[modes.ELECTRIC], np.zeros(self._zones), owners[2]])
        wanted, homeward = self._outward_persons(hour, weekday), self._is_homeward(hour)
        share = self._nested_choice.shares(
            skim_h=outlook.skim_h,
            skim_km=outlook.skim_km,
            fuel_jpy_per_l=outlook.fuel_jpy_per_l,
            owners=owners,
            buses=outlook.buses,
            rides=outlook.rides,
        )
        begun, vehicles = share[: modes.STAY], np.empty((self._zones, self._zones))
        begin(wanted, homeward, float(self.choice.persons_per_car), begun, vehicles)
        own = begun[: len(modes.OWN)].sum(axis=0)  # these come first
        return Trips(
            wanted.T if homeward else wanted,
            car_persons=own,
            bus_persons=begun[modes.BUS],
            foot_persons=begun[modes.FOOT],
            vehicles=own / self.choice.persons_per_car,
            electric_persons=begun[modes.ELECTRIC] if self._electric_apart else None,
            automated_persons=begun[modes.AUTOMATED] if owners[modes.AUTOMATED].any() else None,
            ride_persons=None if outlook.rides is None else begun[modes.RIDE],
        )

    def petrol_t(self, vehicle_km: np.ndarray | float) -> np.ndarray | float:
        """Petrol for a distance, less what electric cars drive [t], as *vehicle_km*."""
        litres = vehicle_km * self.choice.car_l_per_km * (1.0 - self._electric_car_frac)
        return litres * (PETROL_KG_PER_L / KG_PER_T)

    def arrive(
        self,
        trips: Trips,
        roads: RoadService,
        hour: int,
        buses: BusService | None = None,
        stranded_veh: np.ndarray | None = None,
    ) -> Travelled:
        """Trips made: by cars that were not stranded, by bus and on foot.

        Buses carry whom their lines carried (*buses*); without lines, everybody to whom a road leads. Where
        other vehicles are stranded too, *stranded_veh* (zones, zones) are the cars with people.
        """
        made, bus = np.empty((self._zones, self._zones)), np.empty(self._zones**2)
        homeward, made_frac = self._is_homeward(hour), np.empty(self._zones)
        wanted = trips.wanted_persons.T if homeward else trips.wanted_persons
        by_bus = complete(
            trips.car_persons,
            trips.bus_persons if buses is None else buses.carried_persons,
            trips.foot_persons,
            roads.stranded_veh if stranded_veh is None else stranded_veh,
            roads.skim_h if buses is None else self._always,
            float(self.choice.persons_per_car),
            np.ascontiguousarray(wanted),
            homeward,
            self._usual_made_frac[int(homeward)],
            made,
            bus,
            made_frac,
        )
        return Travelled(made, made_frac, by_bus)


@kernel
def complete(
    car: np.ndarray,
    bus: np.ndarray,
    foot: np.ndarray,
    stranded_veh: np.ndarray,
    skim_h: np.ndarray,
    persons_per_car: float,
    outward: np.ndarray,
    homeward: bool,
    usual_made_frac: np.ndarray,
    made: np.ndarray,
    by_bus: np.ndarray,
    made_frac: np.ndarray,
) -> float:
    """Trips made (zones, zones), and by bus (zones x zones,), from trips begun by mode; all trips by bus.

    ``made_frac`` (zones,) is the share of the trips of each zone's residents that were made, of those made
    in an ordinary hour (*usual_made_frac* of the wanted ones), at most 1; 1 of none. They leave their zone in
    the morning and come back to it in the afternoon, *homeward*; *outward* are the trips wanted from their
    zone, (zones, zones).
    """
    zones = made_frac.size
    for i in range(zones):
        for j in range(zones):
            stranded = min(stranded_veh[i, j] * persons_per_car, car[i, j])
            pair = i * zones + j
            by_bus[pair] = bus[i, j] if np.isfinite(skim_h[i, j]) else 0.0
            made[i, j] = car[i, j] - stranded + by_bus[pair] + foot[i, j]
    for home in range(zones):
        done = 0.0
        if homeward:
            for zone in range(zones):
                done += made[zone, home]
        else:
            done = pairwise_sum(made[home], 0, zones)
        usual = pairwise_sum(outward[home], 0, zones) * usual_made_frac[home]
        made_frac[home] = min(done / usual, 1.0) if usual > 0.0 else 1.0
    return pairwise_sum(by_bus, 0, by_bus.size)


@kernel
def begin(
    outward: np.ndarray, homeward: bool, persons_per_car: float, share: np.ndarray, vehicles: np.ndarray
) -> None:
    """Trips begun by mode [persons], in the place of the *share* (3, zones, zones) of each, and their cars.

    *outward* are the trips wanted from zones of homes to others, array (zones, zones), which lead the other
    way where people travel *homeward*; *vehicles* (zones, zones) is filled. Nobody drives within a zone.
    """
    modes, zones, _ = share.shape
    for mode in range(modes):
        for i in range(zones):
            for j in range(zones):
                share[mode, i, j] *= outward[j, i] if homeward else outward[i, j]
            share[mode, i, i] = 0.0
    for i in range(zones):
        for j in range(zones):
            vehicles[i, j] = share[CAR, i, j] / persons_per_car
