"""What one hour adds to the record: its totals by district, and for the whole city."""

from typing import NamedTuple

import numpy as np

from agentsim.core.messages import Foreseen, Hour
from agentsim.core.numerics.kernel import inlined, kernel
from agentsim.core.numerics.sums import pairwise_sum
from agentsim.outcomes.bought_resources import BoughtResources, of_plants
from agentsim.outcomes.record import BY_DISTRICT
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


@inlined
def _sum(values: np.ndarray) -> float:
    return pairwise_sum(values, 0, values.size) if values.size else 0.0


@inlined
def _sum_of(values: np.ndarray, rows: np.ndarray, picked: np.ndarray) -> float:
    """Sum of some *rows* of *values*; *picked* (at least so many) is work space."""
    for i in range(rows.size):
        picked[i] = values[rows[i]]
    return pairwise_sum(picked, 0, rows.size) if rows.size else 0.0


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
    picked : work space, at least (units,) and (depots,)
    at : (BY_DISTRICT, districts); rows of power, water and trips are filled, the others are 0
    """
    at[:] = 0.0
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
    stockouts = 0.0
    for i in range(fuel.size):
        stockouts += stock_t[fuel[i]] <= 0.0
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
        stockouts,
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

    def of(self, now: Hour) -> tuple[np.ndarray, dict[str, float]]:
        """The columns of ``BY_DISTRICT``, rows of an array (columns, districts), and those of ``BY_CITY``."""
        at = np.empty((len(BY_DISTRICT), len(self.place.districts)))
        city = self._of_city(now, CityTotals(*self._add_up(now, at)))
        forged, bad_dose = now.permitted.forged.get("power"), now.service.water.contaminated_person_h
        if forged is not None and not now.permitted.ordinary:
            # restricted in districts whose published figures are forged
            at[_POWER_HIDDEN] = at[_POWER_RESTRICTED] * forged
        if bad_dose is not None:
            at[_CONTAMINATION] = bad_dose
        living = now.living
        at[_FOOD_SHORT], at[_DEPRIVATION] = living.food_short_persons, living.deprivation_h
        at[_OUTPUT_LOST] = living.output_usual_jpy - living.output_jpy
        at[_OUTPUT_USUAL] = living.output_usual_jpy
        return at, city

    def by_district(self, now: Hour) -> dict[str, np.ndarray]:
        """The columns of ``BY_DISTRICT``, arrays (districts,)."""
        return dict(zip(BY_DISTRICT, self.of(now)[0], strict=True))

    def of_city(self, now: Hour) -> dict[str, float]:
        """The columns of ``BY_CITY``."""
        return self.of(now)[1]

    def _add_up(self, now: Hour, at: np.ndarray) -> tuple[float, ...]:
        demand, trips, service = now.demand, now.trips, now.service
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
            self._picked,
            at,
        )

    def _of_city(self, now: Hour, city: CityTotals) -> dict[str, float]:
        power, water, roads = now.service.power, now.service.water, now.service.roads
        supply, buses = now.service.supply, now.service.buses
        foreseen = now.foreseen or NOT_FORESEEN
        goods_jpy_per_t = supply.price_jpy_per_t.tolist()
        return {
            "temperature_degc": now.weather.temperature_degc,
            "load_wanted_mw": city.power_wanted_mw,
            "load_asked_mw": city.power_asked_mw,
            "load_delivered_mw": city.power_delivered_mw,
            "generation_mw": city.generation_mw,
            "renewable_mw": city.hydro_mw,
            "home_own_mw": now.living.own_mwh,
            "home_sold_mw": city.solar_used_mw,
            "curtailed_mw": power.curtailed_mw,
            "grid_load_mw": foreseen.load_mw,
            "foreseen_hour_ahead_mw": foreseen.hour_ahead_mw,
            "foreseen_day_ahead_mw": foreseen.day_ahead_mw,
            "reserve_mw": power.reserve_mw,
            "reserve_short_mw": power.reserve_short_mw,
            "generation_jpy": power.cost_jpy,
            "cheapest_jpy": self._merit_order.cost_of_jpy(city.generation_mw),
            "power_co2_t": power.co2_t,
            "power_price_jpy_per_kwh": now.account.power_jpy_per_kwh,
            "water_price_jpy_per_m3": now.account.water_jpy_per_m3,
            "utility_margin_jpy": now.account.utility_margin_jpy,
            "utility_profit_jpy": now.account.utility_profit_jpy,
            "utility_profit_lost_jpy": now.account.profit_lost_jpy,
            "lobbying_jpy": now.account.lobbying_jpy,
            "replaced_mwh": now.account.replaced_mwh,
            "water_input_m3": city.source_m3 + city.well_m3 + water.desalinated_m3,
            "water_leakage_m3": water.leakage_m3,
            "water_local_m3": city.well_m3,
            **_own_water(now),
            "tank_volume_m3": city.tank_volume_m3,
            "water_residual_m3": abs(water.residual_m3),
            "hydraulics_unsolved_h": water.unsolved_h,
            "bursts_open": water.bursts_open,
            "road_works_links": roads.works_links,
            "trips_asked_veh": city.vehicles,
            "trips_stranded_veh": city.stranded_veh,
            "trips_restricted_veh": self._restricted_veh(now),
            "vehicle_km": roads.vehicle_km,
            "delay_veh_h": roads.delay_veh_h,
            "volume_capacity_frac": self._volume_capacity_frac(roads.flow_veh_per_h, city.flow_veh_per_h),
            **_fleets(now),
            **_crashes(now),
            "road_fuel_t": now.sales.petrol_t + (0.0 if buses is None else buses.fuel_t),
            "transit_persons": city.bus_persons,
            "mode_persons": city.car_persons + city.bus_persons + city.foot_persons + _riders(now),
            **_of_buses(now),
            "fuel_unserved_t": city.fuel_short_t,
            "fuel_restricted_t": self._fuel_restricted_t(supply.restricted_t),
            "minerals_unserved_t": city.minerals_short_t,
            "fuel_stockouts": city.fuel_stockouts,
            "minerals_stockouts": float(np.count_nonzero(supply.stock_t[self._minerals] <= 0.0)),
            **self._bought.of(supply),
            **of_plants(now.service.plants),
            "fuel_jpy_per_t": goods_jpy_per_t[FUEL],
            "minerals_jpy_per_t": goods_jpy_per_t[MINERALS],
            "food_jpy_per_t": goods_jpy_per_t[FOOD],
            "p2p_mwh": now.account.p2p_mwh,
            "protesters_frac": now.living.protesters_frac,
        }

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
        return float(frac @ flow_veh_per_h / total)

    def _fuel_restricted_t(self, restricted_t: np.ndarray) -> float:
        return restricted_t[self._fuel].sum() if np.count_nonzero(restricted_t) else 0.0


NO_FLEETS = dict.fromkeys(
    (
        *("automated_km", "empty_km", "ride_km", "ride_empty_km", "ride_persons", "rides_left"),
        "trips_stopped_veh",
    ),
    0.0,
)


def _riders(now: Hour) -> float:
    """People who asked for a shared ride."""
    return 0.0 if now.trips.rides is None else now.trips.rides.asked


def _fleets(now: Hour) -> dict[str, float]:
    """What fleets drive, by the distances of the hour; 0 where there are none.

    Cars on their way home without anybody, and vehicles for hire on their way to riders, are driven empty.
    """
    trips, roads = now.trips, now.service.roads
    if trips.own_veh is None:
        return NO_FLEETS
    km = np.where(np.isfinite(roads.skim_km), roads.skim_km, 0.0)
    sent_home_km = 0.0 if trips.empty_veh is None else float((trips.empty_veh * km).sum())
    rides = trips.rides
    return {
        "automated_km": 0.0 if trips.automated_veh is None else float((trips.automated_veh * km).sum()),
        "empty_km": sent_home_km + (0.0 if rides is None else rides.empty_km),
        "ride_km": 0.0 if rides is None else rides.empty_km + rides.loaded_km,
        "ride_empty_km": 0.0 if rides is None else rides.empty_km,
        "ride_persons": _riders(now),
        "rides_left": 0.0 if rides is None else float(rides.left.sum()),
        "trips_stopped_veh": trips.stopped_veh,
    }


def _crashes(now: Hour) -> dict[str, float]:
    """Crashes with injuries; nan where they are not counted."""
    found = now.crashes
    if found is None:
        names = ("crashes_expected", "crashes_automated", "crashes_happened", "crashes_open")
        return dict.fromkeys(names, float("nan"))
    return {
        "crashes_expected": found.expected,
        "crashes_automated": found.expected_automated,
        "crashes_happened": float(len(found.happened)),
        "crashes_open": float(found.open),
    }


_NO_BUSES = dict.fromkeys(
    (
        *("transit_person_km", "transit_crowded_km", "transit_left_persons", "transit_bus_h"),
        *("transit_cost_jpy", "transit_subsidy_jpy"),
    ),
    0.0,
)


def _of_buses(now: Hour) -> dict[str, float]:
    """Service and cost of bus lines; 0 where there are none."""
    buses, costs = now.service.buses, now.sales.buses
    if buses is None or costs is None:
        return _NO_BUSES
    return {
        "transit_person_km": buses.person_km,
        "transit_crowded_km": buses.crowding_frac * buses.person_km,
        "transit_left_persons": buses.left + buses.cut,
        "transit_bus_h": buses.bus_h,
        "transit_cost_jpy": costs.wages_jpy + costs.fuel_jpy + costs.power_jpy + costs.upkeep_jpy,
        "transit_subsidy_jpy": costs.subsidy_jpy,
    }


def _own_water(now: Hour) -> dict[str, float]:
    """Rain and groundwater that do not come from the mains, and the water table (nan without an aquifer)."""
    rain, private, ground = now.demand.rain, now.demand.private_well_m3_per_h, now.service.groundwater
    return {
        "rain_used_m3": 0.0 if rain is None else rain.used_m3,
        "private_well_m3": 0.0 if private is None else float(private.sum()),
        "recharged_m3": 0.0 if ground is None else ground.managed_m3,
        "water_table_m": float("nan") if ground is None else ground.depth_m,
    }
