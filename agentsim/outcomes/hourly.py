"""What one hour adds to the record: its totals by district, and for the whole city."""

import numpy as np

from agentsim.core.messages import Hour
from agentsim.place.cases import FOOD, FUEL, MINERALS, Place


class HourlyTotals:
    """The totals of an hour, as columns of :class:`~agentsim.outcomes.record.Record`."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._hydro = np.array(place.grid.unit_fuel) == "hydro"
        self._fuel = np.flatnonzero(place.supply.depot_good == FUEL)
        self._minerals = np.flatnonzero(place.supply.depot_good == MINERALS)
        self._districts = len(place.districts)
        self._none = np.zeros(self._districts)

    def by_district(self, now: Hour) -> dict[str, np.ndarray]:
        """The columns of ``BY_DISTRICT``, arrays (districts,)."""
        power, water, place = now.service.power, now.service.water, self.place
        feeder, junction, zone = place.feeders.district, place.water.junction_district, place.zone_district
        return {
            "power_asked_mwh": self._of(feeder, now.demand.power_asked_mw),
            "power_unserved_mwh": self._of(feeder, power.shed_mw + power.restricted_mw),
            "power_restricted_mwh": self._of(feeder, power.restricted_mw),
            "power_hidden_mwh": self._hidden(now, power.restricted_mw),
            "water_asked_m3": self._of(junction, now.demand.water_asked_m3_per_h),
            "water_unserved_m3": self._of(junction, water.short_m3_per_h + water.restricted_m3_per_h),
            "water_restricted_m3": self._of(junction, water.restricted_m3_per_h),
            "trips_wanted": self._of(zone, now.trips.wanted_persons.sum(axis=1)),
            "trips_made": self._of(zone, now.travelled.made_persons.sum(axis=1)),
            "contamination_person_h": self._none
            if water.contaminated_person_h is None
            else water.contaminated_person_h,
            "food_short_persons": now.living.food_short_persons,
            "deprivation_h": now.living.deprivation_h,
            "output_lost_jpy": now.living.output_usual_jpy - now.living.output_jpy,
            "output_usual_jpy": now.living.output_usual_jpy,
        }

    def _hidden(self, now: Hour, restricted_mw: np.ndarray) -> np.ndarray:
        """Power restricted in districts whose published figures are forged, (districts,)."""
        forged = now.permitted.forged.get("power")
        if forged is None or not forged.any():
            return self._none
        return self._of(self.place.feeders.district, restricted_mw) * forged

    def _of(self, district: np.ndarray, value: np.ndarray) -> np.ndarray:
        return np.bincount(district, value, self._districts)

    def of_city(self, now: Hour) -> dict[str, float]:
        """The columns of ``BY_CITY``."""
        return {
            "temperature_degc": now.weather.temperature_degc,
            **self._power(now),
            **self._water(now),
            **self._roads(now),
            **self._supply(now),
            "p2p_mwh": now.account.p2p_mwh,
            "protesters_frac": now.living.protesters_frac,
        }

    def _power(self, now: Hour) -> dict[str, float]:
        power = now.service.power
        return {
            "load_wanted_mw": now.demand.power_wanted_mw.sum(),
            "load_asked_mw": now.demand.power_asked_mw.sum(),
            "load_delivered_mw": power.delivered_mw.sum(),
            "generation_mw": power.generation_mw.sum(),
            "renewable_mw": power.generation_mw[self._hydro].sum(),
            "home_own_mw": now.living.own_mwh,
            "home_sold_mw": power.solar_used_mw.sum(),
            "curtailed_mw": power.curtailed_mw,
            "reserve_mw": power.reserve_mw,
            "reserve_short_mw": power.reserve_short_mw,
            "generation_jpy": power.cost_jpy,
            "power_co2_t": power.co2_t,
            "power_price_jpy_per_kwh": now.account.power_jpy_per_kwh,
            "water_price_jpy_per_m3": now.account.water_jpy_per_m3,
            "utility_margin_jpy": now.account.balance_jpy["power utility"],
        }

    def _water(self, now: Hour) -> dict[str, float]:
        water = now.service.water
        local_m3 = water.well_m3.sum()
        return {
            "water_input_m3": water.source_m3.sum() + local_m3 + water.desalinated_m3,
            "water_leakage_m3": water.leakage_m3,
            "water_local_m3": local_m3,
            "tank_volume_m3": water.tank_volume_m3.sum(),
        }

    def _roads(self, now: Hour) -> dict[str, float]:
        roads, trips = now.service.roads, now.trips
        closed = now.permitted.roads_cut_off[self.place.zone_district]
        restricted = roads.stranded_veh[closed[:, None] | closed].sum() if closed.any() else 0.0
        bus_persons = trips.bus_persons.sum()
        capacity = self.place.roads.link_capacity_veh_per_h
        return {
            "trips_asked_veh": trips.vehicles.sum(),
            "trips_stranded_veh": roads.stranded_veh.sum(),
            "trips_restricted_veh": restricted,
            "vehicle_km": roads.vehicle_km,
            "delay_veh_h": roads.delay_veh_h,
            "volume_capacity_frac": _weighted_mean(roads.flow_veh_per_h / capacity, roads.flow_veh_per_h),
            "road_fuel_t": now.sales.petrol_t,
            "transit_persons": bus_persons,
            "mode_persons": trips.car_persons.sum() + bus_persons + trips.foot_persons.sum(),
        }

    def _supply(self, now: Hour) -> dict[str, float]:
        supply = now.service.supply
        fuel, price = self._fuel, supply.price_jpy_per_t
        return {
            "fuel_unserved_t": supply.short_t[fuel].sum(),
            "fuel_restricted_t": supply.restricted_t[fuel].sum(),
            "minerals_unserved_t": supply.short_t[self._minerals].sum(),
            "fuel_stockouts": (supply.stock_t[fuel] <= 0.0).sum(),
            "fuel_jpy_per_t": price[FUEL],
            "minerals_jpy_per_t": price[MINERALS],
            "food_jpy_per_t": price[FOOD],
        }


def _weighted_mean(value: np.ndarray, weight: np.ndarray) -> float:
    """Mean over vehicles, not over links; 0 on empty roads."""
    total = weight.sum()
    return float(value @ weight / total) if total > 0 else 0.0
