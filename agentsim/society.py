"""A society: people on four networks under rules, one hour after the other."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import mesa
import numpy as np
import pandas as pd

from agentsim import founding
from agentsim.agents.autonomy import autonomy_h, shortest_h
from agentsim.agents.bad_actor import BadActor, full_name
from agentsim.agents.civics import Civics
from agentsim.agents.firms import Firms
from agentsim.agents.hoarding import Hoarding
from agentsim.agents.home_devices import HomeDevices
from agentsim.agents.household import Household, Prosumer, faces
from agentsim.agents.mind import Plan, script
from agentsim.agents.municipality import Municipality, besieged
from agentsim.agents.population import HomeSupply, Population
from agentsim.agents.utility import PowerUtility, WaterUtility
from agentsim.charter import Charter
from agentsim.chronicle import Chronicle
from agentsim.closing import closing
from agentsim.conservation import check
from agentsim.equipment import install
from agentsim.exchange import (
    Demand,
    Event,
    Hour,
    Living,
    Order,
    Outlook,
    Permitted,
    Published,
    Sales,
    Service,
    Travelled,
    Trips,
    Weather,
)
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.forecast import AHEAD_H, Forecast
from agentsim.institutions.public_record import PublicRecord
from agentsim.institutions.rationing import power_cut_frac, shed_weights, water_cut_frac
from agentsim.institutions.recall import Recall
from agentsim.networks.coupling import Operation
from agentsim.outcomes import Bookkeeper, Record, measure
from agentsim.place.cases import CRITICAL, FOOD, FUEL, RESIDENTIAL
from agentsim.place.failures import Failures
from agentsim.place.weather import WeatherGenerator
from agentsim.planning import plan_attack
from agentsim.policies import enact, expand
from agentsim.scenario import Scenario
from agentsim.streams import Streams
from agentsim.units import HOURS_PER_DAY, HOURS_PER_WEEK, KG_PER_T, KW_PER_MW, PETROL_KG_PER_L


class Society(mesa.Model):
    """People (agents) on four shared networks under rules (institutions), from a scenario.

    Parameters
    ----------
    scenario : what :func:`agentsim.load` returns
    policies : ids or packages of the paper; None: what the scenario adopts
    attacker : ``none``, a kind, or ``kind:mind``; None: the scenario's
    seed : of all chance; weather and failures of a seed are the same under every policy and attacker
    plan : what a planning attacker carries out; None: it plans first, on seeds of its own
    start_hour : the first hour that is lived, on the scenario's clock
    rehearsal : a rollout: what the plan would capture is taken for captured
    """

    def __init__(
        self,
        scenario: Scenario,
        policies: Sequence[str] | None = None,
        attacker: str | None = None,
        seed: int = 1,
        *,
        plan: Plan | None = None,
        start_hour: int = 0,
        rehearsal: bool = False,
    ) -> None:
        super().__init__(rng=seed)
        self.setting, self.mechanisms, rooms = scenario, scenario.mechanisms, scenario.parameters
        self.policies = expand(scenario.policies.ids if policies is None else policies)
        usual = scenario.attacker
        self.attacker = full_name(usual.kind if attacker is None else attacker, usual.mind)
        self.streams = Streams(seed)
        self.hour, self.rehearsal = start_hour, rehearsal
        # rules, and what they install in the place
        self.charter = enact(self.policies, scenario.settings)
        self.place = place = scenario.build_place()
        self.equipment = install(self.charter.stock, Charter().stock, place, rooms["equipment"])
        self.place = place = founding.furnish(place, self.equipment, scenario)
        self._set_calendar(scenario.start)
        # nature
        self.weather = WeatherGenerator(
            place.normals, place.latitude_deg, self.streams, rooms["weather"], scenario.start
        )
        failing = (place.grid, place.feeders, place.water.junction_pipe_km)
        self.failures = Failures(*failing, self.streams, rooms["failures"], self.mechanisms)
        # people on four networks
        self.population = Population(
            place,
            scenario.place.households,
            self.charter.stock,
            self.streams,
            rooms["households"],
            rooms["deprivation"],
            self.mechanisms,
        )
        self.devices = HomeDevices(self.population.district, self.streams, rooms["home_devices"])
        self.firms = Firms(place, rooms["firms"])
        self.coupling = founding.couple(place, self.equipment, self.charter, scenario)
        self.travel = founding.travellers(place, self.coupling.roads, self.population, self.charter, scenario)
        self.depots = founding.Depots.of(place.supply, len(place.districts))
        # public life
        commuters = self.travel.commuters(place.zone_district, len(place.districts))
        public = (commuters, self.streams, place.districts.name, rooms["civics"], self._tell)
        self.civics = Civics(self.population, *public)
        self.hoarding = Hoarding(self.population, rooms["hoarding"])
        self.autonomy_h = shortest_h(autonomy_h(self.population, self.equipment, rooms["autonomy"]))
        # institutions
        names = place.districts.name
        owners = place.supply.terminal_supplier
        self.control = ControlGraph(
            self.charter.control,
            names,
            self.mechanisms.control_graph,
            owners,
            founding.platforms(self.charter, self.mechanisms),
        )
        self.rationing = founding.rationing(
            place, self.population, self.charter, scenario, self.streams, self._tell
        )
        self.recall = Recall(self.control, rooms["recall"], self._tell)
        self.forecast = self._foresee(scenario.hours)
        # the first week's load, whatever the length of the run
        usual_mw = self.forecast.expected_mw[:HOURS_PER_WEEK]
        self.market = founding.treasury(place, self.equipment, self.charter, scenario, usual_mw)
        self.local_market = founding.local_market(self, place, self.population, self.charter, scenario)
        # the few: utilities, municipalities, suppliers, whoever attacks
        self.power_utility = PowerUtility(self, rooms["commitment"], rooms["storage_plan"])
        self.water_utility = WaterUtility(self, rooms["utilities"])
        numbers = rooms["municipalities"]
        self._municipalities = [Municipality(self, d, name, numbers) for d, name in enumerate(names)]
        self._suppliers = founding.suppliers(self, place.supply)
        self.plan = self._plan_for(plan)
        self.bad_actors_now = founding.bad_actor(
            self, self.attacker, self.control, self.charter, scenario, self.plan, rehearsal
        )
        # whoever publishes, and whoever looks
        self.publisher, self.public_record, self.detector = founding.record_keepers(
            place, self.control, self.charter, scenario, self.streams
        )
        self.monitor = founding.monitor(self, place, self.charter, scenario)
        # the state of the last hour, and what is kept of all of them
        self.last: Hour | None = None
        self.attendance = np.ones(len(names))
        self._shed_frac = 0.0  # of the load, the most of late
        self._inflow_frac = 1.0  # of the river, over the last days
        self._commuters = np.zeros((2, len(names)))
        self._books = Bookkeeper(place)
        self.record = Record(names, scenario.hours)
        self.chronicle = Chronicle(place)
        self._faces: list[Household] | None = None

    def _plan_for(self, plan: Plan | None) -> Plan | None:
        """The plan that is carried out: the given one, the scenario's script, or a planning mind's own."""
        if plan is None and self.attacker.endswith(":scripted"):
            foe = self.setting.attacker
            return script(foe.strikes, foe.efforts, foe.on_days, foe.rest_days)
        if plan is None and self.attacker.endswith(":best_response"):
            return plan_attack(self.setting, self.policies, self.attacker, Society)
        return plan

    def _set_calendar(self, start: date) -> None:
        self._hour_of_year = (start - start.replace(month=1, day=1)).days * HOURS_PER_DAY
        self._first_weekday = start.weekday()

    def _foresee(self, hours: int, level: float = 1.0) -> Forecast:
        """A forecaster for so many hours, at a level that was learnt."""
        self._horizon = max(hours, HOURS_PER_WEEK)
        weather = [self.weather.at(hour) for hour in range(self._horizon + AHEAD_H)]
        load_mw, self._solar_mw = founding.expected_mw(
            weather, self.population, self.firms, self._hour_of_year
        )
        skill, numbers = self.charter.information.forecast_skill, self.setting.parameters["forecast"]
        forecast = Forecast(load_mw, self.streams, skill, numbers, self.mechanisms.forecast)
        forecast.level = level
        return forecast

    # ---- the hour -----------------------------------------------------------------------------------

    def step(self) -> None:
        """One hour. What a room sees of the others is one hour old unless it is passed on here."""
        # 1 what nature brings, and what breaks
        weather, self.damage = self.weather.at(self.hour), self.failures.at(self.hour)
        # 2 what can be known: the published record, not the truth
        self.outlook = self.look_ahead()
        # 3 utilities, suppliers, municipalities decide, and whoever holds an edge; control permits
        operation = self.operate()
        permitted = self.control.permit(self.orders(), *self._sizes())
        permitted = self.water_utility.watch_dosing(self.hour, permitted)
        # 4 people want, and ask
        trips = self.set_out()
        demand = self.ask(weather, trips, permitted)
        # 5 four networks, in order
        service = self.coupling.serve(self.hour, demand, permitted, self.damage, weather, operation)
        # 6 who arrives; need, deprivation, stocks
        travelled = self.travel.arrive(trips, service.roads, self.hour)
        living = self.live(demand, trips, travelled, service)
        # 7 who pays whom
        sales = self.sell(demand, travelled, service)
        account = self.market.settle(sales)
        # 8 what is published, and what is noticed in it
        published = self.publish(demand, trips, service, permitted)
        # 9 trust and tariffs change from day to day
        if self.hour % HOURS_PER_DAY == HOURS_PER_DAY - 1:
            self.end_day()
        said = (weather, permitted, demand, trips, service, travelled, living, sales, account)
        now = Hour(self.hour, *said, published)
        self.bear(now)
        self.keep(now)
        self.hour += 1

    def live_hour(self) -> Hour:
        """One step, and everything that was said in it."""
        self.step()
        assert self.last is not None
        return self.last

    @property
    def service(self) -> Service | None:
        """What the networks delivered in the last hour."""
        return self.last.service if self.last else None

    def _officers(self) -> list[Any]:
        return [self.power_utility, self.water_utility, *self._municipalities, *self.bad_actors_now]

    def orders(self) -> list[Order]:
        """Everything that was ordered this hour, by whoever gave it."""
        return [order for officer in self._officers() for order in officer.orders]

    def _sizes(self) -> tuple[int, int]:
        return len(self.place.grid.unit_bus), len(self.place.water.pump_id)

    @property
    def weekday(self) -> int:
        """0 Monday to 6 Sunday."""
        return (self._first_weekday + self.hour // HOURS_PER_DAY) % 7

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
        closed = self.last.permitted.breakers_closed_frac[feeders.district]
        reached = self.last.service.power.wire_live * (1.0 - closed)
        lost = np.bincount(feeders.district, feeders.peak_mw * (1.0 - reached), count)
        return lost / np.bincount(feeders.district, feeders.peak_mw, count)

    def _fuel_jpy_per_l(self) -> float:
        if self.service is None:
            return founding.first_fuel_jpy_per_l(self.place.supply)
        return float(self.service.supply.price_jpy_per_t[FUEL]) * PETROL_KG_PER_L / KG_PER_T

    def operate(self) -> Operation:
        """Everybody who holds an office decides; crews go out."""
        self.ration()
        for officer in self._officers():
            officer.step()
        self.monitor.step()
        # a captured municipality is silent in the hour in which its district is struck
        silenced = frozenset().union(*(actor.silenced for actor in self.bad_actors_now))
        for municipality in self._municipalities:
            if municipality.principal in silenced:
                municipality.orders = []
        allowed = np.ones(len(self.place.supply.terminal_good))
        sold = self.service is not None and self.service.supply.imported_t.any()
        for supplier in self._suppliers:
            if sold:
                supplier.step()
            allowed[supplier.terminals] = supplier.offer_frac
        if self.last is not None and self.mechanisms.roads_to_crews:
            closed = self.last.permitted.roads_closed[self.place.feeders.district]
            if closed.any():
                self.failures.delay(self.hour, closed)
        return Operation(
            store_plan_mw=self.power_utility.store_plan_mw[self.hour % HOURS_PER_DAY],
            reserve_mw=self.power_utility.reserve_mw,
            mended=self.water_utility.repair(self.hour, self.damage.new_bursts, self.service),
            allowed_frac=allowed,
            shed_weight=self._shed_weight(),
            warned=self.water_utility.warned,
        )

    def ration(self) -> None:
        """What shortages are foreseen, and by which rule they are shared, where one is declared."""
        water, power, last = self.rationing["water"], self.rationing["power"], self.last
        if not water.exists or last is None:
            return
        numbers = self.setting.parameters["rationing"]
        seized = (last.permitted.seized, last.permitted.seized_for)
        dam, mains = self.coupling.raw_water, last.service.water
        self._inflow_frac += (last.weather.inflow_frac - self._inflow_frac) / (2 * HOURS_PER_DAY)
        made_m3 = HOURS_PER_DAY * (float(mains.well_m3.sum()) + mains.desalinated_m3)
        coming_m3_per_d = self._inflow_frac * dam.yield_m3_per_d + made_m3
        leaking = self.setting.parameters["water"].leakage_frac
        asked_m3_per_d = HOURS_PER_DAY * float(water.claims.asked.sum()) / (1.0 - leaking)
        tanks = self.coupling.water.tank_fill_frac
        cut = water_cut_frac(dam.volume_m3, coming_m3_per_d, asked_m3_per_d, tanks, numbers)
        water.step(self.hour, cut, self.civics.electorate, *seized)
        net_mw = self.outlook.load_mw - self.outlook.solar_mw
        able_mw = float(self.place.grid.unit_max_mw @ ~self.damage.units_out)
        grid = last.service.power
        self._shed_frac = max(
            self._shed_frac * (1.0 - 1.0 / HOURS_PER_DAY),
            float(grid.shed_mw.sum() / max(grid.shed_mw.sum() + grid.delivered_mw.sum(), 1e-9)),
        )
        cut = power_cut_frac(float(net_mw.max()), able_mw, self._shed_frac, numbers)
        power.step(self.hour, cut, self.civics.electorate, *seized)

    def _shed_weight(self) -> Any:
        feeders, weights = self.place.feeders, self.charter.allocation.shed_weight
        return shed_weights(self.rationing["power"], feeders.district, feeders.tier, weights)

    def set_out(self) -> Trips:
        """Trips of the hour, by those who have a car that runs."""
        fuel = np.ones(len(self.place.districts))
        if self.service is not None and self.mechanisms.fuel_to_vehicles:
            handed = self.service.supply.delivered_t[self.depots.fuel]
            fuel = _ratio(handed, handed + self.service.supply.short_t[self.depots.fuel])
        cars = self.population.car_frac_by_zone(len(self.place.zone_x_km), fuel)
        return self.travel.ask(self.hour, self.weekday, self.outlook, cars)

    def ask(self, weather: Weather, trips: Trips, permitted: Permitted) -> Demand:
        """What people and firms want and ask of the networks."""
        people, firms, seized = self.population, self.firms, permitted.devices_seized_frac
        switch = None
        if self.mechanisms.home_devices and seized is not None and seized.any():
            switch = self.devices.told(seized)
        people.ask_power(self.hour, weather, self.outlook.power_price_frac, switch)
        people.ask_water(self.hour, self.outlook.water_price_frac)
        people.ask_food(self.hour)
        firms_mw = firms.power_mw(self._hour_of_year + self.hour)
        firms_m3 = firms.water_m3_per_h(self.hour)
        need_kw = np.minimum(people.asked_kw, people.parameters.need_power_kw * people.size_frac)
        critical = np.where(self.place.feeders.tier == CRITICAL, firms_mw, 0.0)
        self._home_water_m3 = people.water_m3(people.water_asked_l_per_person)
        return Demand(
            power_wanted_mw=firms_mw + people.by_feeder(people.wanted_kw) / KW_PER_MW,
            power_asked_mw=firms_mw + people.by_feeder(people.asked_kw) / KW_PER_MW,
            power_basic_mw=critical + people.by_feeder(need_kw) / KW_PER_MW,
            solar_mw=people.by_feeder(people.offered_kw) / KW_PER_MW,
            water_wanted_m3_per_h=firms_m3 + people.water_m3(people.water_wanted_l_per_person),
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
        return self.population.offer_stored(alone)

    def _goods(self, trips: Trips) -> np.ndarray:
        """What is drawn from each depot this hour [t]: petrol, food, and spare parts."""
        case = self.place.supply
        goods = np.zeros(len(case.depot_good))
        goods[self.depots.minerals] = case.depot_demand_t_per_d[self.depots.minerals] / HOURS_PER_DAY
        km = np.where(np.isfinite(self.outlook.skim_km), self.outlook.skim_km, 0.0)
        by_zone_km = (trips.vehicles * km).sum(axis=1)
        by_district_km = np.bincount(self.place.zone_district, by_zone_km, len(self.place.districts))
        goods[self.depots.fuel] += self._petrol_t(by_district_km)
        goods[self.depots.food] += self.population.food_asked_t()
        return goods

    def _petrol_t(self, vehicle_km: Any) -> Any:
        """Petrol for a distance, less what electric cars drive [t]."""
        litres = vehicle_km * self.travel.choice.car_l_per_km * (1.0 - self.charter.stock.electric_car_frac)
        return litres * (PETROL_KG_PER_L / KG_PER_T)

    def live(self, demand: Demand, trips: Trips, travelled: Travelled, service: Service) -> Living:
        """People and firms live through what was delivered."""
        people = self.population
        if service.power.peer_mw is not None and demand.stored_mw is not None:
            people.lend(_part(service.power.peer_mw, demand.stored_mw))
        added = people.live(self._home_supply(travelled, service))
        self._note_attendance(trips, travelled)
        output, usual = self._output_jpy(demand, service)
        return Living(
            deprivation_h=people.by_district(added * people.persons)
            / np.maximum(people.persons_in_district, 1e-9),
            food_short_persons=people.by_district(people.persons * people.food_gap),
            output_jpy=output,
            output_usual_jpy=usual,
            metered_mwh=float(people.metered_kw.sum()) * people.weight / KW_PER_MW,
            own_mwh=float((people.own_sun_kw + people.discharge_kw).sum()) * people.weight / KW_PER_MW,
            people=float(people.persons.sum() * people.weight),
            vehicles=float(people.car.sum() * people.weight),
            protesters_frac=self.civics.protesters_frac,
            left_people=people.left_people,
            left_vehicles=people.left_vehicles,
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
        exported_kw: np.ndarray | float = people.lent_kw
        if demand.solar_mw.any():
            sun_mw = power.solar_used_mw if power.peer_mw is None else power.solar_used_mw - power.peer_mw
            exported_kw = exported_kw + people.offered_kw * _ratio(sun_mw, demand.solar_mw)[people.feeder]
        peer_mwh, peer_fee_jpy, peer_saving_jpy = self._trade_locally(exported_kw)
        people.bill_jpy += self.market.bill_jpy(people.metered_kw, exported_kw, people.tap_l)
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
        trades = self.local_market.trade(self.hour, np.asarray(exported_kw), people.metered_kw, *prices)
        if trades is None:
            return 0.0, 0.0, 0.0
        people.bill_jpy += trades.bill_jpy
        return float(trades.traded_kwh.sum()) / KW_PER_MW, trades.fee_jpy, trades.saving_jpy

    def publish(
        self, demand: Demand, trips: Trips, service: Service, permitted: Permitted
    ) -> Published | None:
        """The operators' figures, from which the next forecast is made; alarms go to the monitor."""
        self.forecast.learn(self.hour, float(demand.power_asked_mw.sum()))
        self.monitor.witness(self.hour, permitted)
        if self.publisher is None or self.public_record is None:
            return None
        said = (demand, trips, service, permitted, self.population, self._home_water_m3)
        published = self.publisher.publish_hour(self.hour, *said)
        if not self.rehearsal:
            self.public_record.publish(published)
            self._whitewash(self.public_record, permitted)
        if self.detector is not None:
            self.monitor.take_up(self.detector.watch(published))
        return published

    def _whitewash(self, log: PublicRecord, permitted: Permitted) -> None:
        """A captor of the log rewrites the day, unless somebody holds old heads and would notice."""
        kept = self.charter.information.verifiers > 0
        if "ledger" in permitted.seized and not kept and self.hour % HOURS_PER_DAY == HOURS_PER_DAY - 1:
            log.whitewash(permitted.seized_for, HOURS_PER_DAY)

    def keep(self, now: Hour) -> None:
        """Check the balances, write the record, tell what happened; a rehearsal only remembers the hour."""
        if self.rehearsal:
            self.last = now
            return
        check(now, self.last)
        self.record.add(self._books.by_district(now), self._books.of_city(now))
        self.chronicle.watch(now)
        self.last = now

    def end_day(self) -> None:
        """What changes from day to day."""
        people, gone = self.population, self.civics.households_moved
        people.end_day()
        if self.mechanisms.hoarding:
            self.hoarding.end_day()
        self.civics.end_day(self.hour)
        if self.civics.households_moved > gone:
            self.travel.depopulate(self.civics.stay_frac_by_zone(len(self.place.zone_x_km)))
        if self._may_recall:
            seized = self.last.permitted.seized if self.last else ()
            persons = people.persons * people.weight
            out = self.recall.end_day(self.hour, people.trust, persons, people.district, seized)
            for actor in self.bad_actors_now:
                for principal, network in out:
                    if principal in actor.captured:
                        actor.lost(principal, network)
        self.market.set_tariffs()

    def bear(self, now: Hour) -> None:
        """Districts that can bear no more give in; people note whose orders cut them off."""
        if self._may_recall:
            self.recall.note(now.number, now.permitted)
        coercers = [actor for actor in self.bad_actors_now if actor.kind == "coercer"]
        if not coercers or not self.mechanisms.attrition:
            return
        cut = besieged(now.permitted)
        for municipality in self._municipalities:
            if municipality.concedes(now, bool(cut[municipality.district])):
                says = f"gives in: {municipality.suffered_h:.0f} weighted hours without, a head, are too many"
                self._tell(now.number, "concession", municipality.name, says)
                for actor in coercers:
                    actor.won(now.number, municipality.district)

    @property
    def _may_recall(self) -> bool:
        return self.charter.allocation.recall and self.mechanisms.recall

    def _tell(self, hour: int, kind: str, where: str, text: str) -> None:
        self.chronicle.tell(hour, kind, where, text)

    def run(self, hours: int | None = None, progress: Callable[[int], None] | None = None) -> "Society":
        """Live *hours* hours (the scenario's by default); *progress* is told the hour after each."""
        for _ in range(self.setting.hours - self.hour if hours is None else hours):
            self.step()
            if progress is not None:
                progress(self.hour)
        return self

    # ---- what one may look at -----------------------------------------------------------------------

    @property
    def outcomes(self) -> pd.Series:
        """Outcomes so far, units in ``attrs["units"]``."""
        self.record.closing = closing(self)
        return measure(self.record)

    @property
    def target(self) -> int | None:
        """The district that the bad actor has chosen; None without one."""
        chosen = [actor.mind.target for actor in self.bad_actors_now if actor.kind != "cartel"]
        return self.place.districts.name.index(chosen[0]) if chosen and chosen[0] else None

    @property
    def events(self) -> list[Event]:
        """What happened, in order."""
        return self.chronicle.events

    @property
    def counts(self) -> dict[str, int]:
        """How large the city is."""
        people, place = self.population, self.place
        return {
            "households": len(people),
            "prosumers": int(people.prosumes.sum()),
            "districts": len(place.districts),
            "buses": len(place.grid.bus_id),
            "lines": len(place.grid.line_from),
            "feeders": len(place.feeders),
            "junctions": len(place.water.junction_id),
            "pipes": len(self.coupling.water.file.link_id),
            "zones": len(place.zone_x_km),
            "links": len(place.roads.link_from),
            "depots": len(place.supply.depot_good),
        }

    def _meet(self) -> None:
        """Make the households' faces, once somebody looks."""
        if self._faces is None:
            self._faces = faces(self, self.population)

    @property
    def agents(self) -> mesa.agent.AgentSet:
        """Everybody, households included."""
        self._meet()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], mesa.agent.AgentSet]:
        """Everybody by class; ``Household`` leaves out prosumers, as in Mesa."""
        self._meet()
        return super().agents_by_type

    @property
    def households(self) -> mesa.agent.AgentSet:
        """All households, prosumers among them."""
        return self.agents.select(agent_type=Household)

    @property
    def prosumers(self) -> mesa.agent.AgentSet:
        return self.agents.select(agent_type=Prosumer)

    @property
    def municipalities(self) -> mesa.agent.AgentSet:
        return super().agents.select(agent_type=Municipality)

    @property
    def bad_actors(self) -> mesa.agent.AgentSet:
        return super().agents.select(agent_type=BadActor)


def _part(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 0 where there is no whole."""
    return np.divide(part, whole, out=np.zeros_like(part), where=whole > 0)


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """part / whole, 1 where there is no whole."""
    return np.divide(part, whole, out=np.ones_like(part), where=whole > 0)
