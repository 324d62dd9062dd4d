"""Everyday life in a society: setting out, asking, living and paying, each hour."""

from typing import Any

import numpy as np

from agentsim.agents.firms import Firms
from agentsim.agents.households.civics import Civics
from agentsim.agents.households.home_devices import HomeDevices
from agentsim.agents.households.population import HomeSupply
from agentsim.agents.households.travel import Travel
from agentsim.agents.officers.utility import WaterUtility
from agentsim.core.charter import Charter
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import (
    Demand,
    Living,
    Outlook,
    Permitted,
    Sales,
    Service,
    Travelled,
    Trips,
    Weather,
)
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK, KG_PER_T, KW_PER_MW, PETROL_KG_PER_L
from agentsim.institutions.forecast import AHEAD_H, Forecast
from agentsim.institutions.market import Treasury
from agentsim.institutions.p2p import LocalMarket
from agentsim.place.cases import CRITICAL, FOOD, FUEL, RESIDENTIAL
from agentsim.place.equipment import Equipment
from agentsim.place.weather import WeatherGenerator
from agentsim.scenario.file import Scenario
from agentsim.society.setup import founding
from agentsim.society.view import Visible


class Everyday(Visible):
    """What people and firms do in every hour, whoever rules."""

    setting: Scenario
    mechanisms: Mechanisms
    streams: Streams
    weather: WeatherGenerator
    charter: Charter
    equipment: Equipment
    devices: HomeDevices
    firms: Firms
    travel: Travel
    depots: founding.Depots
    civics: Civics
    market: Treasury
    local_market: LocalMarket | None
    water_utility: WaterUtility
    forecast: Forecast
    outlook: Outlook
    attendance: np.ndarray
    _commuters: np.ndarray
    _hour_of_year: int
    _horizon: int
    _solar_mw: np.ndarray
    _home_water_m3: np.ndarray

    def _foresee(self, hours: int, level: float = 1.0) -> Forecast:
        """A forecaster for so many hours, at a level that was learnt."""
        self._horizon = max(hours, HOURS_PER_WEEK)
        weather = [self.weather.at(hour) for hour in range(self._horizon + AHEAD_H)]
        load_mw, self._solar_mw = founding.expected_mw(
            weather, self.population, self.firms, self._hour_of_year
        )
        skill, numbers = self.charter.information.forecast_skill, self.setting.parameters.forecast
        forecast = Forecast(load_mw, self.streams, skill, numbers, self.mechanisms.forecast)
        forecast.level = level
        return forecast

    def look_ahead(self) -> Outlook:
        """What can be known at the start of the hour: the forecast, prices, and the roads as last seen."""
        if self.hour >= self._horizon:
            self.forecast = self._foresee(2 * self._horizon, self.forecast.level)
        ahead = slice(self.hour, self.hour + AHEAD_H)
        last, roads = self.service, self.coupling.roads
        free = (roads.free_skim_h, roads.free_skim_km)
        skims = free if last is None else (last.roads.skim_h, last.roads.skim_km)
        return Outlook(
            load_mw=self.forecast.load_mw(self.hour),
            load_sigma_mw=self.forecast.sigma_mw(self.hour),
            solar_mw=self._solar_mw[ahead],
            power_price_frac=self.market.power_price_frac,
            water_price_frac=self.market.water_price_frac,
            fuel_jpy_per_l=self._fuel_jpy_per_l(),
            skim_h=skims[0],
            skim_km=skims[1],
            power_cut_frac=self._power_cut_frac(),
        )

    def _power_cut_frac(self) -> np.ndarray:
        """Share of each district's load that no live wire reaches from outside, array (districts,)."""
        feeders, count = self.place.feeders, len(self.place.districts)
        if self.last is None:
            return np.zeros(count)
        closed = self.last.permitted.power_cut_off_frac[feeders.district]
        reached = self.last.service.power.energised_to_breaker * (1.0 - closed)
        lost = np.bincount(feeders.district, feeders.peak_mw * (1.0 - reached), count)
        return lost / np.bincount(feeders.district, feeders.peak_mw, count)

    def _fuel_jpy_per_l(self) -> float:
        if self.service is None:
            return founding.first_fuel_jpy_per_l(self.place.supply)
        return float(self.service.supply.price_jpy_per_t[FUEL]) * PETROL_KG_PER_L / KG_PER_T

    def set_out(self) -> Trips:
        """Trips of the hour, by those who have a car that runs."""
        fuel = np.ones(len(self.place.districts))
        if self.service is not None and self.mechanisms.fuel_to_vehicles:
            handed = self.service.supply.delivered_t[self.depots.fuel]
            fuel = _ratio(handed, handed + self.service.supply.short_t[self.depots.fuel])
        cars = self.population.cars.running_frac_by_zone(fuel)
        return self.travel.ask(self.hour, self.weekday, self.outlook, cars)

    def ask(self, weather: Weather, trips: Trips, permitted: Permitted) -> Demand:
        """What people and firms want and ask of the networks."""
        people, firms, seized = self.population, self.firms, permitted.devices_seized_frac
        switch = None
        if self.mechanisms.home_devices and seized is not None and seized.any():
            switch = self.devices.told(seized)
        people.ask_power(self.hour, weather, self.outlook.power_price_frac, switch)
        people.ask_water(self.hour, self.outlook.water_price_frac)
        people.larder.ask_food(self.hour)
        firms_mw = firms.power_mw(self._hour_of_year + self.hour)
        firms_m3 = firms.water_m3_per_h(self.hour)
        need_kw = np.minimum(people.power.asked_kw, people.parameters.need_power_kw * people.homes.size_frac)
        critical = np.where(self.place.feeders.tier == CRITICAL, firms_mw, 0.0)
        self._home_water_m3 = people.homes.water_m3(people.larder.water_asked_l_per_person)
        return Demand(
            power_wanted_mw=firms_mw + people.homes.by_feeder(people.power.wanted_kw) / KW_PER_MW,
            power_asked_mw=firms_mw + people.homes.by_feeder(people.power.asked_kw) / KW_PER_MW,
            power_basic_mw=critical + people.homes.by_feeder(need_kw) / KW_PER_MW,
            solar_mw=people.homes.by_feeder(people.power.offered_kw) / KW_PER_MW,
            water_wanted_m3_per_h=firms_m3 + people.homes.water_m3(people.larder.water_wanted_l_per_person),
            water_asked_m3_per_h=firms_m3 + self._home_water_m3,
            trips_asked_veh_per_h=trips.vehicles,
            goods_asked_t=self._goods(trips),
            stored_mw=self._stored_mw(permitted),
        )

    def _stored_mw(self, permitted: Permitted) -> np.ndarray | None:
        """Batteries that serve neighbours: where peers may trade and a district runs by itself (S3, S6)."""
        alone = permitted.islanded & self.equipment.has_microgrid
        if self.local_market is None or not alone.any():
            return None
        return self.population.power.offer_stored(alone)

    def _goods(self, trips: Trips) -> np.ndarray:
        """What is drawn from each depot this hour [t]: petrol, food, and spare parts."""
        case = self.place.supply
        goods = np.zeros(len(case.depot_good))
        goods[self.depots.minerals] = case.depot_demand_t_per_d[self.depots.minerals] / HOURS_PER_DAY
        km = np.where(np.isfinite(self.outlook.skim_km), self.outlook.skim_km, 0.0)
        by_zone_km = (trips.vehicles * km).sum(axis=1)
        by_district_km = np.bincount(self.place.zone_district, by_zone_km, len(self.place.districts))
        goods[self.depots.fuel] += self._petrol_t(by_district_km)
        goods[self.depots.food] += self.population.larder.food_asked_t()
        return goods

    def _petrol_t(self, vehicle_km: Any) -> Any:
        """Petrol for a distance, less what electric cars drive [t]."""
        litres = vehicle_km * self.travel.choice.car_l_per_km * (1.0 - self.charter.stock.electric_car_frac)
        return litres * (PETROL_KG_PER_L / KG_PER_T)

    def live(self, demand: Demand, trips: Trips, travelled: Travelled, service: Service) -> Living:
        """People and firms live through what was delivered."""
        people = self.population
        if service.power.peer_mw is not None and demand.stored_mw is not None:
            people.power.lend(_part(service.power.peer_mw, demand.stored_mw))
        added = people.live(self._home_supply(travelled, service))
        self._note_attendance(trips, travelled)
        output, usual = self._output_jpy(demand, service)
        return Living(
            deprivation_h=people.homes.by_district(added * people.homes.persons)
            / np.maximum(people.homes.persons_in_district, 1e-9),
            food_short_persons=people.homes.by_district(people.homes.persons * people.larder.food_gap),
            output_jpy=output,
            output_usual_jpy=usual,
            metered_mwh=float(people.power.metered_kw.sum()) * people.weight / KW_PER_MW,
            own_mwh=float((people.power.own_sun_kw + people.power.discharge_kw).sum())
            * people.weight
            / KW_PER_MW,
            people=float(people.homes.persons.sum() * people.weight),
            vehicles=float(people.cars.owned.sum() * people.weight),
            protesters_frac=self.civics.protesters_frac,
            left_people=people.homes.left_people,
            left_vehicles=people.cars.left_vehicles,
        )

    def _home_supply(self, travelled: Travelled, service: Service) -> HomeSupply:
        """What reaches homes; at a junction they drink before bulk users do."""
        power, supply = service.power, service.supply
        home_m3 = np.minimum(service.water.delivered_m3_per_h, self._home_water_m3)
        food = supply.delivered_t[self.depots.food]
        return HomeSupply(
            unserved_kw=self.population.rotate(self.hour, power.shed_mw + power.restricted_mw),
            tap_frac=_ratio(home_m3, self._home_water_m3),
            food_frac=_ratio(food, food + supply.short_t[self.depots.food]),
            trips_made_frac=travelled.made_frac_by_zone,
            undrinkable=service.water.unsafe if self.water_utility.warned else None,
        )

    def _note_attendance(self, trips: Trips, travelled: Travelled) -> None:
        """Who came to work this morning, by district (edge roads_to_work)."""
        clock = self.hour % HOURS_PER_DAY
        if not 6 <= clock < 10 or not self.mechanisms.roads_to_work:
            return
        if clock == 6:
            self._commuters[:] = 0.0
        count, zone = len(self.place.districts), self.place.zone_district
        self._commuters[0] += np.bincount(zone, travelled.made_persons.sum(axis=0), count)
        usual = trips.wanted_persons.sum(axis=0) * (1.0 - self.travel.usual_stay_frac)
        self._commuters[1] += np.bincount(zone, usual, count)
        self.attendance = np.minimum(self._commuters[0] / np.maximum(self._commuters[1], 1e-9), 1.0)

    def _output_jpy(self, demand: Demand, service: Service) -> tuple[np.ndarray, np.ndarray]:
        """Value added in each district this hour, and what it would be in an ordinary one [JPY]."""
        count = len(self.place.districts)
        if not self.firms.at_work(self.hour, self.weekday):
            return np.zeros(count), np.zeros(count)
        power, water, feeders = service.power, service.water, self.place.feeders
        firms = feeders.tier != RESIDENTIAL
        dark = np.bincount(feeders.district, (power.shed_mw + power.restricted_mw) * firms, count)
        asked = np.bincount(feeders.district, demand.power_asked_mw * firms, count)
        junction = self.place.water.junction_district
        dry = np.bincount(junction, water.short_m3_per_h + water.restricted_m3_per_h, count)
        wanted = np.bincount(junction, demand.water_asked_m3_per_h, count)
        present = self.attendance * self.civics.at_work_frac
        return self.firms.produce(_part(dark, asked), _part(dry, wanted), present)

    def sell(self, demand: Demand, travelled: Travelled, service: Service) -> Sales:
        """What was delivered, as the networks meter it; each home gets its bill."""
        power, water, supply = service.power, service.water, service.supply
        people, home = self.population, self.place.feeders.tier == RESIDENTIAL
        exported_kw: np.ndarray | float = people.power.lent_kw
        if demand.solar_mw.any():
            sun_mw = power.solar_used_mw if power.peer_mw is None else power.solar_used_mw - power.peer_mw
            exported_kw = (
                exported_kw + people.power.offered_kw * _ratio(sun_mw, demand.solar_mw)[people.homes.feeder]
            )
        peer_mwh, peer_fee_jpy, peer_saving_jpy = self._trade_locally(exported_kw)
        people.bill_jpy += self.market.bill_jpy(people.power.metered_kw, exported_kw, people.larder.tap_l)
        home_m3 = float(np.minimum(water.delivered_m3_per_h, self._home_water_m3).sum())
        return Sales(
            home_mwh=float(power.delivered_mw[home].sum()),
            firm_mwh=float(power.delivered_mw[~home].sum()),
            exported_mwh=float(power.solar_used_mw.sum()),
            home_m3=home_m3,
            firm_m3=float(water.delivered_m3_per_h.sum()) - home_m3,
            generation_jpy=power.cost_jpy,
            fare_persons=travelled.bus_persons,
            petrol_t=float(self._petrol_t(service.roads.vehicle_km)),
            petrol_jpy_per_t=float(supply.price_jpy_per_t[FUEL]),
            food_t=float(supply.delivered_t[self.depots.food].sum()),
            food_jpy_per_t=float(supply.price_jpy_per_t[FOOD]),
            peer_mwh=peer_mwh,
            peer_fee_jpy=peer_fee_jpy,
            peer_saving_jpy=peer_saving_jpy,
            markup_jpy_per_mwh=service.markup_jpy_per_mwh,
        )

    def _trade_locally(self, exported_kw: np.ndarray | float) -> tuple[float, float, float]:
        """Homes settle with homes: MWh traded, fees to the utility and what both sides save [JPY]."""
        if self.local_market is None or not np.any(exported_kw):
            return 0.0, 0.0, 0.0
        people, market = self.population, self.market
        prices = (market.power_jpy_per_kwh, market.market.export_jpy_per_kwh)
        trades = self.local_market.trade(self.hour, np.asarray(exported_kw), people.power.metered_kw, *prices)
        if trades is None:
            return 0.0, 0.0, 0.0
        people.bill_jpy += trades.bill_jpy
        return float(trades.traded_kwh.sum()) / KW_PER_MW, trades.fee_jpy, trades.saving_jpy


def _part(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 0 where there is no whole."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 1 where there is no whole."""
    return np.divide(part, whole, out=np.ones_like(part), where=whole > 0)
