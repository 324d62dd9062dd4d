"""A society: people on four networks under rules, one hour after the other."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np

from agentsim.agents.attacker.bad_actor import full_name
from agentsim.agents.attacker.mind import Plan, script
from agentsim.agents.firms import Firms
from agentsim.agents.households.autonomy import autonomy_h, shortest_h
from agentsim.agents.households.civics import Civics
from agentsim.agents.households.hoarding import Hoarding
from agentsim.agents.households.home_devices import HomeDevices
from agentsim.agents.households.household import Household
from agentsim.agents.households.population import Population
from agentsim.agents.officers.municipality import Municipality, besieged
from agentsim.agents.officers.utility import PowerUtility, WaterUtility
from agentsim.core.charter import Charter
from agentsim.core.messages import Demand, EventLog, Hour, Order, Permitted, Published, Service, Trips
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY, HOURS_PER_WEEK
from agentsim.institutions.control_graph import ControlGraph
from agentsim.institutions.public_record import PublicRecord
from agentsim.institutions.rationing import power_cut_frac, shed_weights, water_cut_frac
from agentsim.institutions.recall import Recall
from agentsim.networks.coupling import Operation
from agentsim.outcomes import HourlyTotals, Record
from agentsim.place.equipment import install
from agentsim.place.failures import Failures
from agentsim.place.weather import WeatherGenerator
from agentsim.policies import enact, expand
from agentsim.scenario.file import Scenario
from agentsim.society.balances import check
from agentsim.society.everyday import Everyday
from agentsim.society.rehearsal import plan_attack
from agentsim.society.setup import founding
from agentsim.society.state_events import StateEvents


class Society(Everyday):
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
        self.event_log = EventLog()
        # rules, and what they install in the place
        self.charter = enact(self.policies, scenario.measures)
        self.place = place = scenario.build_place()
        self.equipment = install(self.charter.stock, Charter().stock, place, rooms.equipment)
        self.place = place = founding.furnish(place, self.equipment, scenario)
        self._set_calendar(scenario.start)
        # nature
        self.weather = WeatherGenerator(
            place.normals, place.latitude_deg, self.streams, rooms.weather, scenario.start
        )
        failing = (place.grid, place.feeders, place.water.junction_pipe_km)
        self.failures = Failures(*failing, self.streams, rooms.failures, self.mechanisms)
        # people on four networks
        self.population = Population(
            place,
            scenario.place.households,
            self.charter.stock,
            self.streams,
            rooms.households,
            rooms.deprivation,
            mechanisms=self.mechanisms,
        )
        self.devices = HomeDevices(self.population.homes.district, self.streams, rooms.home_devices)
        self.firms = Firms(place, rooms.firms)
        self.coupling = founding.couple(place, self.equipment, self.charter, scenario)
        self.travel = founding.travellers(place, self.coupling.roads, self.population, self.charter, scenario)
        self.depots = founding.Depots.of(place.supply, len(place.districts))
        # public life
        commuters = self.travel.commuters(place.zone_district, len(place.districts))
        public = (commuters, self.streams, place.districts.name, rooms.civics, self.event_log)
        self.civics = Civics(self.population, *public)
        self.hoarding = Hoarding(self.population, rooms.hoarding)
        self.autonomy_h = shortest_h(autonomy_h(self.population, self.equipment, rooms.autonomy))
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
            place, self.population, self.charter, scenario, self.streams, self.event_log
        )
        self.recall = Recall(self.control, rooms.recall, self.event_log)
        self.forecast = self._foresee(scenario.hours)
        # the first week's load, whatever the length of the run
        usual_mw = self.forecast.expected_mw[:HOURS_PER_WEEK]
        self.market = founding.treasury(place, self.equipment, self.charter, scenario, usual_mw)
        self.local_market = founding.local_market(self, place, self.population, self.charter, scenario)
        # the few: utilities, municipalities, suppliers, whoever attacks
        self.power_utility = PowerUtility(self, rooms.commitment, rooms.storage_plan)
        self.water_utility = WaterUtility(self, rooms.utilities)
        numbers = rooms.municipalities
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
        self._books = HourlyTotals(place)
        self.record = Record(names, scenario.hours)
        self._state_events = StateEvents(place, self.event_log)
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

    def _officers(self) -> list[Any]:
        return [self.power_utility, self.water_utility, *self._municipalities, *self.bad_actors_now]

    def orders(self) -> list[Order]:
        """Everything that was ordered this hour, by whoever gave it."""
        return [order for officer in self._officers() for order in officer.orders]

    def _sizes(self) -> tuple[int, int]:
        return len(self.place.grid.unit_bus), len(self.place.water.pump_id)

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
            closed = self.last.permitted.roads_cut_off[self.place.feeders.district]
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
        numbers = self.setting.parameters.rationing
        seized = (last.permitted.seized, last.permitted.seized_for)
        dam, mains = self.coupling.raw_water, last.service.water
        self._inflow_frac += (last.weather.inflow_frac - self._inflow_frac) / (2 * HOURS_PER_DAY)
        made_m3 = HOURS_PER_DAY * (float(mains.well_m3.sum()) + mains.desalinated_m3)
        coming_m3_per_d = self._inflow_frac * dam.yield_m3_per_d + made_m3
        leaking = self.setting.parameters.water.leakage_frac
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

    def publish(
        self, demand: Demand, trips: Trips, service: Service, permitted: Permitted
    ) -> Published | None:
        """The operators' figures, from which the next forecast is made; alarms go to the monitor."""
        self.forecast.learn(self.hour, float(demand.power_asked_mw.sum()))
        self.monitor.witness(self.hour, permitted)
        if self.publisher is None or self.public_record is None:
            return None
        said = (demand, trips, service, permitted, self.population.meters(), self._home_water_m3)
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
        self._state_events.take(now)
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
            persons = people.homes.persons * people.weight
            out = self.recall.end_day(self.hour, people.trust, persons, people.homes.district, seized)
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
                self.event_log.add(
                    now.number,
                    "concession",
                    municipality.name,
                    "district_gives_in",
                    deprivation_h=municipality.suffered_h,
                )
                for actor in coercers:
                    actor.won(now.number, municipality.district)

    @property
    def _may_recall(self) -> bool:
        return self.charter.allocation.recall and self.mechanisms.recall

    def run(self, hours: int | None = None, progress: Callable[[int], None] | None = None) -> "Society":
        """Live *hours* hours (the scenario's by default); *progress* is told the hour after each."""
        for _ in range(self.setting.hours - self.hour if hours is None else hours):
            self.step()
            if progress is not None:
                progress(self.hour)
        return self
