"""What one hour adds to the record: its totals by district, and for the whole city."""

import math
from typing import NamedTuple

import numpy as np

from agentsim.core.messages import Account, CrashHour, Foreseen, Hour, SupplyService, WaterService
from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.outcomes.bought_resources import BoughtResources, of_plants
from agentsim.outcomes.record import BY_CITY, BY_DISTRICT, OF_BUSES, OF_CRASHES, OF_FLEETS
from agentsim.place.cases import FOOD, FUEL, MINERALS, Place
from agentsim.place.merit_order import MeritOrder

(
    _POWER_ASKED,
    _POWER_UNSERVED,
    _POWER_RESTRICTED,
    _POWER_HIDDEN,
    _WATER_ASKED,
    _WATER_UNSERVED,
    _WATER_RESTRICTED,
    _CONTAMINATION,
    _TRIPS_WANTED,
    _TRIPS_MADE,
    _FOOD_SHORT,
    _DEPRIVATION,
    _OUTPUT_LOST,
    _OUTPUT_USUAL,
) = range(len(BY_DISTRICT))


NOT_FORESEEN = Foreseen(load_mw=0.0, hour_ahead_mw=0.0, day_ahead_mw=0.0)  # nobody forecasts


class CityTotals(NamedTuple):
    """Sums over the city of what is kept in arrays."""

    power_wanted_mw: float
    power_asked_mw: float
    power_delivered_mw: float
    solar_used_mw: float
    generation_mw: float
    hydro_mw: float
    source_m3: float
    well_m3: float
    tank_volume_m3: float
    vehicles: float
    stranded_veh: float
    car_persons: float
    bus_persons: float
    foot_persons: float
    flow_veh_per_h: float
    fuel_short_t: float
    minerals_short_t: float
    fuel_stockouts: float
    minerals_stockouts: float


@inlined
def _sum(values: np.ndarray) -> float:
    return pairwise_sum(values, 0, values.size) if values.size else 0.0


@inlined
def _sum_of(values: np.ndarray, rows: np.ndarray, picked: np.ndarray) -> float:
    """Sum of some *rows* of *values*; *picked* (at least so many) is work space."""
    for i in range(rows.size):
        picked[i] = values[rows[i]]
    return pairwise_sum(picked, 0, rows.size) if rows.size else 0.0


@inlined
def _stockouts(stock_t: np.ndarray, depots: np.ndarray) -> float:
    """How many of these *depots* are empty."""
    count = 0.0
    for i in range(depots.size):
        count += stock_t[depots[i]] <= 0.0
    return count


@kernel
def add_up(
    of_feeder: np.ndarray,
    of_junction: np.ndarray,
    of_zone: np.ndarray,
    power_wanted_mw: np.ndarray,
    power_asked_mw: np.ndarray,
    power_delivered_mw: np.ndarray,
    shed_mw: np.ndarray,
    power_restricted_mw: np.ndarray,
    solar_used_mw: np.ndarray,
    generation_mw: np.ndarray,
    hydro: np.ndarray,
    water_asked_m3: np.ndarray,
    short_m3: np.ndarray,
    water_restricted_m3: np.ndarray,
    source_m3: np.ndarray,
    well_m3: np.ndarray,
    tank_volume_m3: np.ndarray,
    wanted_persons: np.ndarray,
    made_persons: np.ndarray,
    car_persons: np.ndarray,
    bus_persons: np.ndarray,
    foot_persons: np.ndarray,
    vehicles: np.ndarray,
    stranded_veh: np.ndarray,
    flow_veh_per_h: np.ndarray,
    short_t: np.ndarray,
    stock_t: np.ndarray,
    fuel: np.ndarray,
    minerals: np.ndarray,
    food_short_persons: np.ndarray,
    deprivation_h: np.ndarray,
    output_jpy: np.ndarray,
    output_usual_jpy: np.ndarray,
    picked: np.ndarray,
    at: np.ndarray,
) -> tuple[float, ...]:
    """Totals of an hour: those of the city as :class:`CityTotals`, and rows of *at*, those by district.

    All are added in NumPy's order: ``np.bincount`` by district, ``np.sum`` for the city.

    Parameters
    ----------
    of_feeder, of_junction, of_zone : the district of each
    hydro, fuel, minerals : rows of (units,), (depots,) and (depots,)
    wanted_persons : by zone of origin, (zones,)
    made_persons ... stranded_veh : (zones x zones,), one row after the other
    food_short_persons ... output_usual_jpy : (districts,)
    picked : work space, at least (units,) and (depots,)
    at : (BY_DISTRICT, districts), is filled, but rows of what only some hours have are 0
    """
    at[:] = 0.0
    for d in range(food_short_persons.size):
        at[_FOOD_SHORT, d] = food_short_persons[d]
        at[_DEPRIVATION, d] = deprivation_h[d]
        at[_OUTPUT_LOST, d] = output_usual_jpy[d] - output_jpy[d]
        at[_OUTPUT_USUAL, d] = output_usual_jpy[d]
    for row in range(of_feeder.size):
        d = of_feeder[row]
        at[_POWER_ASKED, d] += power_asked_mw[row]
        at[_POWER_UNSERVED, d] += shed_mw[row] + power_restricted_mw[row]
        at[_POWER_RESTRICTED, d] += power_restricted_mw[row]
    for row in range(of_junction.size):
        d = of_junction[row]
        at[_WATER_ASKED, d] += water_asked_m3[row]
        at[_WATER_UNSERVED, d] += short_m3[row] + water_restricted_m3[row]
        at[_WATER_RESTRICTED, d] += water_restricted_m3[row]
    zones = of_zone.size
    for row in range(zones):
        d = of_zone[row]
        at[_TRIPS_WANTED, d] += wanted_persons[row]
        at[_TRIPS_MADE, d] += pairwise_sum(made_persons, row * zones, zones)
    return (
        _sum(power_wanted_mw),
        _sum(power_asked_mw),
        _sum(power_delivered_mw),
        _sum(solar_used_mw),
        _sum(generation_mw),
        _sum_of(generation_mw, hydro, picked),
        _sum(source_m3),
        _sum(well_m3),
        _sum(tank_volume_m3),
        _sum(vehicles),
        _sum(stranded_veh),
        _sum(car_persons),
        _sum(bus_persons),
        _sum(foot_persons),
        _sum(flow_veh_per_h),
        _sum_of(short_t, fuel, picked),
        _sum_of(short_t, minerals, picked),
        _stockouts(stock_t, fuel),
        _stockouts(stock_t, minerals),
    )


class HourlyTotals:
    """The totals of an hour, as columns of :class:`~agentsim.outcomes.record.Record`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._hydro = np.flatnonzero(np.array(place.grid.unit_fuel) == "hydro")
        self._fuel = np.flatnonzero(place.supply.depot_good == FUEL)
        self._minerals = np.flatnonzero(place.supply.depot_good == MINERALS)
        self._district = (place.feeders.district, place.water.junction_district, place.zone_district)
        self._bought = BoughtResources(place.supply)
        self._merit_order = MeritOrder(place.grid)
        self._picked = np.empty(max(len(place.grid.unit_bus), len(place.supply.depot_good)))

    def of(self, now: Hour) -> tuple[np.ndarray, tuple[float, ...]]:
        """The columns of ``BY_DISTRICT``, rows of an array (columns, districts), and those of ``BY_CITY``."""
        at = np.empty((len(BY_DISTRICT), len(self.place.districts)))
        city = self._of_city(now, CityTotals(*self._add_up(now, at)))
        forged, bad_dose = now.permitted.forged.get("power"), now.service.water.contaminated_person_h
        if forged is not None and not now.permitted.ordinary:
            # restricted in districts whose published figures are forged
            at[_POWER_HIDDEN] = at[_POWER_RESTRICTED] * forged
        if bad_dose is not None:
            at[_CONTAMINATION] = bad_dose
        return at, city

    def by_district(self, now: Hour) -> dict[str, np.ndarray]:
        """The columns of ``BY_DISTRICT``, arrays (districts,)."""
        return dict(zip(BY_DISTRICT, self.of(now)[0], strict=True))

    def of_city(self, now: Hour) -> dict[str, float]:
        """The columns of ``BY_CITY``."""
        return dict(zip(BY_CITY, self.of(now)[1], strict=True))

    def _add_up(self, now: Hour, at: np.ndarray) -> tuple[float, ...]:
        demand, trips, service, living = now.demand, now.trips, now.service, now.living
        power, water, roads, supply = service.power, service.water, service.roads, service.supply
        return add_up(
            *self._district,
            demand.power_wanted_mw,
            demand.power_asked_mw,
            power.delivered_mw,
            power.shed_mw,
            power.restricted_mw,
            power.solar_used_mw,
            power.generation_mw,
            self._hydro,
            demand.water_asked_m3_per_h,
            water.short_m3_per_h,
            water.restricted_m3_per_h,
            water.source_m3,
            water.well_m3,
            water.tank_volume_m3,
            trips.wanted_persons.sum(axis=1),
            now.travelled.made_persons.reshape(-1),
            trips.car_persons.reshape(-1),
            trips.bus_persons.reshape(-1),
            trips.foot_persons.reshape(-1),
            trips.vehicles.reshape(-1),
            roads.stranded_veh.reshape(-1),
            roads.flow_veh_per_h,
            supply.short_t,
            supply.stock_t,
            self._fuel,
            self._minerals,
            living.food_short_persons,
            living.deprivation_h,
            living.output_jpy,
            living.output_usual_jpy,
            self._picked,
            at,
        )

    def _of_city(self, now: Hour, city: CityTotals) -> tuple[float, ...]:
        """The columns of ``BY_CITY``, group by group."""
        supply, account = now.service.supply, now.account
        return (
            *self._of_power(now, city),
            *_of_accounts(account),
            *_of_waterworks(now.service.water, city),
            *_of_own_water(now),
            *_of_mains(now.service.water, city),
            *self._of_roads(now, city),
            *_of_fleets(now),
            *_of_crashes(now.crashes),
            *_of_travel(now, city),
            *_of_buses(now),
            *self._of_goods(supply, city),
            *self._bought.of(supply),
            *of_plants(now.service.plants),
            *_of_prices(supply),
            account.p2p_mwh,
            now.living.protesters_frac,
        )

    def _of_power(self, now: Hour, city: CityTotals) -> tuple[float, ...]:
        """The columns of ``OF_POWER``."""
        power, foreseen = now.service.power, now.foreseen or NOT_FORESEEN
        return (
            now.weather.temperature_degc,
            city.power_wanted_mw,
            city.power_asked_mw,
            city.power_delivered_mw,
            city.generation_mw,
            city.hydro_mw,
            now.living.own_mwh,
            city.solar_used_mw,
            power.curtailed_mw,
            foreseen.load_mw,
            foreseen.hour_ahead_mw,
            foreseen.day_ahead_mw,
            power.reserve_mw,
            power.reserve_short_mw,
            power.cost_jpy,
            self._merit_order.cost_of_jpy(city.generation_mw),
            power.co2_t,
        )

    def _of_roads(self, now: Hour, city: CityTotals) -> tuple[float, ...]:
        """The columns of ``OF_ROADS``."""
        roads = now.service.roads
        return (
            roads.works_links,
            city.vehicles,
            city.stranded_veh,
            self._restricted_veh(now),
            roads.vehicle_km,
            roads.delay_veh_h,
            self._volume_capacity_frac(roads.flow_veh_per_h, city.flow_veh_per_h),
        )

    def _of_goods(self, supply: SupplyService, city: CityTotals) -> tuple[float, ...]:
        """The columns of ``OF_GOODS``."""
        return (
            city.fuel_short_t,
            self._fuel_restricted_t(supply.restricted_t),
            city.minerals_short_t,
            city.fuel_stockouts,
            city.minerals_stockouts,
        )

    def _restricted_veh(self, now: Hour) -> float:
        """Vehicles stranded on trips from or to districts whose roads somebody closed."""
        if now.permitted.ordinary or not now.permitted.roads_cut_off.any():
            return 0.0
        closed = now.permitted.roads_cut_off[self.place.zone_district]
        return now.service.roads.stranded_veh[closed[:, None] | closed].sum()

    def _volume_capacity_frac(self, flow_veh_per_h: np.ndarray, total: float) -> float:
        """Mean over vehicles, not over links; 0 on empty roads."""
        if total <= 0:
            return 0.0
        frac = flow_veh_per_h / self.place.roads.link_capacity_veh_per_h
        return float(np.dot(frac, flow_veh_per_h) / total)

    def _fuel_restricted_t(self, restricted_t: np.ndarray) -> float:
        return restricted_t[self._fuel].sum() if np.count_nonzero(restricted_t) else 0.0


def _of_accounts(account: Account) -> tuple[float, ...]:
    """The columns of ``OF_ACCOUNTS``."""
    return (
        account.power_jpy_per_kwh,
        account.water_jpy_per_m3,
        account.utility_margin_jpy,
        account.utility_profit_jpy,
        account.profit_lost_jpy,
        account.lobbying_jpy,
        account.replaced_mwh,
    )


def _of_waterworks(water: WaterService, city: CityTotals) -> tuple[float, float, float]:
    """The columns of ``OF_WATERWORKS``."""
    return city.source_m3 + city.well_m3 + water.desalinated_m3, water.leakage_m3, city.well_m3


def _of_mains(water: WaterService, city: CityTotals) -> tuple[float, ...]:
    """The columns of ``OF_MAINS``."""
    return city.tank_volume_m3, abs(water.residual_m3), water.unsolved_h, water.bursts_open


def _of_travel(now: Hour, city: CityTotals) -> tuple[float, float, float]:
    """The columns of ``OF_TRAVEL``."""
    buses = now.service.buses
    fuel_t = now.sales.petrol_t + (0.0 if buses is None else buses.fuel_t)
    everybody = city.car_persons + city.bus_persons + city.foot_persons + _riders(now)
    return fuel_t, city.bus_persons, everybody


def _of_prices(supply: SupplyService) -> tuple[float, float, float]:
    """The columns of ``OF_PRICES``."""
    jpy_per_t = supply.price_jpy_per_t.tolist()
    return jpy_per_t[FUEL], jpy_per_t[MINERALS], jpy_per_t[FOOD]


def _riders(now: Hour) -> float:
    """People who asked for a shared ride."""
    return 0.0 if now.trips.rides is None else now.trips.rides.asked


_NO_FLEETS = (0.0,) * len(OF_FLEETS)


def _of_fleets(now: Hour) -> tuple[float, ...]:
    """The columns of ``OF_FLEETS``, by the distances of the hour; 0 where there are no fleets.

    Cars on their way home without anybody, and vehicles for hire on their way to riders, are driven empty.
    """
    trips, roads = now.trips, now.service.roads
    if trips.own_veh is None:
        return _NO_FLEETS
    km = np.where(np.isfinite(roads.skim_km), roads.skim_km, 0.0)
    sent_home_km = 0.0 if trips.empty_veh is None else float((trips.empty_veh * km).sum())
    rides = trips.rides
    return (
        0.0 if trips.automated_veh is None else float((trips.automated_veh * km).sum()),
        sent_home_km + (0.0 if rides is None else rides.empty_km),
        0.0 if rides is None else rides.empty_km + rides.loaded_km,
        0.0 if rides is None else rides.empty_km,
        _riders(now),
        0.0 if rides is None else float(rides.left.sum()),
        trips.stopped_veh,
    )


_NO_CRASHES = (math.nan,) * len(OF_CRASHES)


def _of_crashes(found: CrashHour | None) -> tuple[float, ...]:
    """The columns of ``OF_CRASHES``; nan where crashes are not counted."""
    if found is None:
        return _NO_CRASHES
    return found.expected, found.expected_automated, float(len(found.happened)), float(found.open)


_NO_BUSES = (0.0,) * len(OF_BUSES)


def _of_buses(now: Hour) -> tuple[float, ...]:
    """The columns of ``OF_BUSES``; 0 where there are no bus lines."""
    buses, costs = now.service.buses, now.sales.buses
    if buses is None or costs is None:
        return _NO_BUSES
    return (
        buses.person_km,
        buses.crowding_frac * buses.person_km,
        buses.left + buses.cut,
        buses.bus_h,
        costs.wages_jpy + costs.fuel_jpy + costs.power_jpy + costs.upkeep_jpy,
        costs.subsidy_jpy,
    )


def _of_own_water(now: Hour) -> tuple[float, ...]:
    """The columns of ``OF_OWN_WATER``: water that does not come from the mains; no water table is nan."""
    rain, private, ground = now.demand.rain, now.demand.private_well_m3_per_h, now.service.groundwater
    return (
        0.0 if rain is None else rain.used_m3,
        0.0 if private is None else float(private.sum()),
        0.0 if ground is None else ground.managed_m3,
        math.nan if ground is None else ground.depth_m,
    )
