"""Asking: the trips that people set out on, and what they and firms ask of the networks in an hour."""

import numpy as np

from agentsim.agents.behaviour import Behaviour
from agentsim.agents.firms import Firms
from agentsim.agents.households.home_devices import HomeDevices
from agentsim.agents.households.modes import AUTOMATED
from agentsim.agents.households.population import Population
from agentsim.agents.households.power_rules import ASKED, BASIC, SPARE, WANTED
from agentsim.agents.households.travel import Travel
from agentsim.core.calendar import Calendar
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import Demand, Hour, Outlook, Permitted, Trips, Weather
from agentsim.core.numerics.kernel import kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.core.units import HOURS_PER_DAY, KW_PER_MW
from agentsim.networks.roads.transit import BusNetwork
from agentsim.networks.supply.city_plants import CityPlants
from agentsim.place.cases import CRITICAL, Place
from agentsim.society.depots import Depots, handed_frac
from agentsim.society.fleets import Fleets, automated_frac
from agentsim.society.own_water import OwnWater


class Asking:
    """What people and firms want and ask each hour.

    Parameters
    ----------
    lends_to_neighbours : districts whose homes' batteries serve neighbours when the district runs by itself,
        bool (districts,): where peers may trade and there is a microgrid (mechanisms S3, S6)
    sections : of a feeder, 0 where feeders have none
    wind_mw : array (feeders,), rated output of the districts' turbines; None: there are none
    buses : bus lines, which draw fuel in the district of their garage; None: there are none
    garage_feeder : on which electric buses charge
    plants : of fuel and metals, which need water; None: there are none
    """

    def __init__(
        self,
        place: Place,
        *,
        population: Population,
        firms: Firms,
        devices: HomeDevices,
        travel: Travel,
        depots: Depots,
        calendar: Calendar,
        behaviour: Behaviour,
        lends_to_neighbours: np.ndarray,
        mechanisms: Mechanisms,
        own_water: OwnWater,
        fleets: Fleets,
        sections: int = 0,
        wind_mw: np.ndarray | None = None,
        buses: BusNetwork | None = None,
        garage_feeder: int = -1,
        plants: CityPlants | None = None,
    ) -> None:
        self._place, self._population, self._firms, self._devices = place, population, firms, devices
        self._travel, self._depots, self._calendar, self._fleets = travel, depots, calendar, fleets
        self._behaviour, self._own_water = behaviour, own_water
        self._lends = lends_to_neighbours if lends_to_neighbours.any() else None
        self._mechanisms = mechanisms
        self._sections, self._wind_mw, self._plants = sections, wind_mw, plants
        self._buses, self._garage_feeder = buses, garage_feeder
        self._critical = place.feeders.tier == CRITICAL
        case, trips = place.supply, len(place.zone_x_km) ** 2
        self._pair_km, self._driven_km = np.empty(trips), np.empty(len(place.districts))  # of one hour
        self._parts_t = np.zeros(len(case.depot_good))  # drawn from each depot in every hour
        self._parts_t[depots.minerals] = case.depot_demand_t_per_d[depots.minerals] / HOURS_PER_DAY

    def set_out(self, hour: int, outlook: Outlook, last: Hour | None, permitted: Permitted) -> Trips:
        """Trips of the hour, by those who have a car that runs, and the vehicles that they bring on the road.

        Who heard in the last hour that automated cars are stopped chooses another way; the others find out.
        """
        if last is not None and self._mechanisms.fuel_to_vehicles:
            fuel_frac = handed_frac(self._depots.fuel, last.service.supply)
        else:
            fuel_frac = np.ones(len(self._place.districts))
        cars, owners = self._population.cars, None
        if self._travel.tells_modes_apart(outlook) or cars.has_automated:
            owners = cars.running_frac_by_kind(fuel_frac)
            if last is not None and last.permitted.cars_stopped_frac > 0.0:
                owners[AUTOMATED] *= 1.0 - last.permitted.cars_stopped_frac
        car_frac = cars.running_frac_by_zone(fuel_frac) if owners is None else None
        trips = self._travel.ask(hour, self._calendar.weekday(hour), outlook, car_frac, owners)
        trips = self._fleets.send(trips, outlook, permitted.cars_stopped_frac)
        cars.drive(hour % HOURS_PER_DAY, self._fleets.electric_km(trips, outlook))
        return trips

    def ask(
        self,
        hour: int,
        weather: Weather,
        outlook: Outlook,
        permitted: Permitted,
        trips: Trips,
        feeders_out: np.ndarray,
        called: bool = False,
    ) -> Demand:
        """What people and firms want and ask of the networks.

        *feeders_out*, bool (feeders,), have a fault; *called*: the utility asks controllable load to wait.
        """
        people, firms = self._population, self._firms
        homes, larder = people.homes, people.larder
        switch, seized = None, permitted.devices_seized_frac
        if self._mechanisms.home_devices and seized is not None and np.count_nonzero(seized):
            switch = self._devices.told(seized)
        busy_frac, thirsty_frac = self._behaviour.load_frac(hour), self._behaviour.water_frac(hour)
        people.ask_power(hour, weather, outlook.power_price_frac, switch, busy_frac, called)
        people.ask_water(hour, outlook.water_price_frac, thirsty_frac)
        larder.ask_food(hour)
        firms_mw, firms_m3 = firms.power_mw(hour, self._calendar), firms.water_m3_per_h(hour)
        if busy_frac != 1.0:
            firms_mw = busy_frac * firms_mw
        if thirsty_frac != 1.0:
            firms_m3 = thirsty_frac * firms_m3
        wanted_m3 = firms_m3 + homes.water_m3(larder.water_wanted_l_per_person)
        home_water_m3 = homes.water_m3(larder.water_asked_l_per_person)
        rain = self._own_water.rain(weather.rain_mm, larder.water_asked_l_per_person)
        if rain is not None:
            home_water_m3 = np.maximum(home_water_m3 - rain.by_junction_m3, 0.0)
        pumped_m3 = self._own_water.pumped_m3_per_h(firms_m3)
        if pumped_m3 is not None:
            firms_m3 = firms_m3 - pumped_m3
            firms_mw = firms_mw + self._own_water.pump_mw(pumped_m3, len(firms_mw))
        if self._plants is not None:
            firms_m3 = firms_m3 + self._plants.water_m3_per_h(len(firms_m3))
        power_mw = np.empty((4, len(firms_mw)))
        join_loads(people.power.total_kw, homes.weight, firms_mw, self._critical, power_mw)
        wind_mw = None
        if self._wind_mw is not None:
            wind_mw = self._wind_mw * weather.wind_frac
            power_mw[SPARE] += wind_mw
        bus_charge_mw = self._charge_buses(hour, power_mw)
        faulted = self._sections and np.count_nonzero(feeders_out)
        return Demand(
            power_wanted_mw=power_mw[WANTED],
            power_asked_mw=power_mw[ASKED],
            power_basic_mw=power_mw[BASIC],
            solar_mw=power_mw[SPARE],
            water_wanted_m3_per_h=wanted_m3,
            water_asked_m3_per_h=firms_m3 + home_water_m3,
            trips_asked_veh_per_h=trips.vehicles,
            goods_asked_t=self._goods_t(hour, trips, outlook),
            stored_mw=self._stored_mw(permitted),
            home_water_asked_m3_per_h=home_water_m3,
            rain=rain,
            private_well_m3_per_h=pumped_m3,
            section_frac=people.section_frac(self._sections) if faulted else None,
            wind_mw=wind_mw,
            automated_frac=automated_frac(trips),
            bus_persons=None if self._buses is None else trips.bus_persons,
            bus_charge_mw=bus_charge_mw,
        )

    def _charge_buses(self, hour: int, power_mw: np.ndarray) -> float:
        """Load of electric buses in their garage, added to its feeder in *power_mw* (4, feeders) [MW]."""
        if self._buses is None:
            return 0.0
        charge_mw = self._buses.charge_asked_mw(hour)
        power_mw[[WANTED, ASKED], self._garage_feeder] += charge_mw
        return charge_mw

    def _stored_mw(self, permitted: Permitted) -> np.ndarray | None:
        """What homes' batteries offer to neighbours in districts that run by themselves, (feeders,) [MW]."""
        if self._lends is None:
            return None
        alone = permitted.islanded & self._lends
        return self._population.power.offer_stored(alone) if np.count_nonzero(alone) else None

    def _goods_t(self, hour: int, trips: Trips, outlook: Outlook) -> np.ndarray:
        """What is drawn from each depot this hour [t], array (depots,): petrol, food and spare parts."""
        depots, goods = self._depots, np.empty(len(self._parts_t))
        driven_km(trips.vehicles, outlook.skim_km, self._place.zone_district, self._pair_km, self._driven_km)
        petrol_t = np.asarray(self._travel.petrol_t(self._driven_km))
        food_t = self._population.larder.food_asked_t()
        draw_goods(self._parts_t, depots.fuel, petrol_t, depots.food, food_t, goods)
        if self._buses is not None:
            goods[depots.fuel[self._buses.case.garage_district]] += self._buses.planned_fuel_t(hour)
        return goods


@kernel
def join_loads(
    homes_kw: np.ndarray, weight: float, firms_mw: np.ndarray, critical: np.ndarray, power_mw: np.ndarray
) -> None:
    """Load of homes and firms together, array (4, feeders) in the order of the totals of homes [MW].

    Parameters
    ----------
    homes_kw : array (4, feeders), of simulated homes, each of which stands for *weight* real ones
    firms_mw : array (feeders,); all of a *critical* feeder, bool (feeders,), is basic
    power_mw : array (4, feeders), filled
    """
    for f in range(firms_mw.size):
        power_mw[WANTED, f] = firms_mw[f] + homes_kw[WANTED, f] * weight / KW_PER_MW
        power_mw[ASKED, f] = firms_mw[f] + homes_kw[ASKED, f] * weight / KW_PER_MW
        power_mw[BASIC, f] = (firms_mw[f] if critical[f] else 0.0) + homes_kw[BASIC, f] * weight / KW_PER_MW
        power_mw[SPARE, f] = homes_kw[SPARE, f] * weight / KW_PER_MW


@kernel
def draw_goods(
    parts_t: np.ndarray,
    fuel: np.ndarray,
    petrol_t: np.ndarray,
    food: np.ndarray,
    food_t: np.ndarray,
    goods_t: np.ndarray,
) -> None:
    """Spare parts (depots,), and what each district draws from its depots of *fuel* and *food* [t].

    Arrays of districts are (districts,); *goods_t* (depots,) is filled.
    """
    for depot in range(goods_t.size):
        goods_t[depot] = parts_t[depot]
    for district in range(fuel.size):
        goods_t[fuel[district]] += petrol_t[district]
        goods_t[food[district]] += food_t[district]


@kernel
def driven_km(
    vehicles: np.ndarray,
    skim_km: np.ndarray,
    district: np.ndarray,
    pair_km: np.ndarray,
    by_district: np.ndarray,
) -> None:
    """Distance driven by those who set out in each district, array (districts,), filled [km].

    *vehicles* and *skim_km* (inf where no road leads) are (zones, zones), *district* is each zone's;
    *pair_km* (zones x zones,) is work space.
    """
    by_district[:] = 0.0
    zones = district.size
    for i in range(zones):
        for j in range(zones):
            km = skim_km[i, j] if np.isfinite(skim_km[i, j]) else 0.0
            pair_km[i * zones + j] = vehicles[i, j] * km
        by_district[district[i]] += pairwise_sum(pair_km, i * zones, zones)
