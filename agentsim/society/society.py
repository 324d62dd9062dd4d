"""A society: people on four networks under rules, one hour after the other."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import mesa

from agentsim.agents.attacker.bad_actor import BadActor, full_name
from agentsim.agents.attacker.mind import Plan, script
from agentsim.agents.households.access import JobAccess
from agentsim.agents.households.autonomy import autonomy_h, shortest_h
from agentsim.agents.households.household import Household, Prosumer, household_agents
from agentsim.agents.officers.monitor import Monitor
from agentsim.agents.officers.municipality import Municipality
from agentsim.agents.officers.utility import PowerUtility, WaterUtility
from agentsim.core.messages import Damage, Event, Hour, Order, Outlook, Service
from agentsim.institutions.load_forecast import Forecaster
from agentsim.institutions.public_record import PublicRecord
from agentsim.outcomes import Record, measure, measured
from agentsim.policies import expand
from agentsim.scenario.file import Scenario
from agentsim.society import setup
from agentsim.society.books import Books
from agentsim.society.closing import closing
from agentsim.society.planning import plan_attack
from agentsim.society.stages import STAGES, Draft, Stage
from agentsim.society.years.begin import years_before
from agentsim.society.years.lived import Lived

if TYPE_CHECKING:
    import pandas as pd


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
    stages : of the hour, in order; the model's own by default
    lived : what the years before the first hour left; None: they are lived first, if the scenario has any
    like : a society of the same scenario, policies and seed, whose city, weather and other things that
        neither changes are used again

    Raises
    ------
    ValueError : *like* is of another scenario, of other policies or of another seed
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
        stages: Sequence[Stage] = STAGES,
        lived: Lived | None = None,
        like: "Society | None" = None,
    ) -> None:
        super().__init__(rng=seed)
        scenario = scenario.for_seed(seed)
        self.policies = expand(scenario.policies.ids if policies is None else policies)
        usual = scenario.attacker
        self.attacker = full_name(usual.kind if attacker is None else attacker, usual.mind)
        self.setting, self.mechanisms = scenario, scenario.mechanisms
        self.stages, self.hour, self.rehearsal = tuple(stages), start_hour, rehearsal
        self.now = Draft(start_hour)  # the hour under way
        self.last: Hour | None = None  # the one before
        self._household_agents: list[Household] = []
        # rules, and the city with what they install in it
        self.ground = ground = self._new_ground(seed, lived) if like is None else self._ground_of(like, seed)
        self.charter, self.place, self.equipment = ground.charter, ground.place, ground.equipment
        self.streams, self.event_log = ground.streams, ground.log
        # nature; four networks; the people who live on them
        self.weather, self.mains = setup.weather(ground), setup.mains(ground)
        self.failures = setup.failures(ground, self.mains, start_hour)
        self.detectors = setup.detectors(ground)
        self.coupling = setup.coupling(ground, self.mains, self.failures)
        self.crashes = setup.road_safety(ground)
        self.fleets = setup.fleets(ground, self.coupling.roads)
        people = setup.people_of(ground, self.coupling.roads)
        self.population, self.firms, self.travel = people.population, people.firms, people.travel
        self.civics, self.calendar, self.depots = people.civics, people.calendar, people.depots
        self.access = JobAccess(self.place, self.population, self.travel)
        tau_h = autonomy_h(self.population, self.equipment, scenario.parameters.autonomy)
        self.autonomy_h = shortest_h(tau_h)
        # institutions
        self.control = setup.control_graph(ground)
        self.shortages = setup.shortages(ground, self.population, self.civics, self.coupling)
        self.recall = setup.recall(ground, self.control)
        self.publishing = setup.publishing(ground, self.control, rehearsal=rehearsal)
        expected = setup.expected_load(ground, people)
        self.usual_load_mw = setup.usual_load_mw(ground, expected)
        self.outlook_maker = setup.outlook_maker(ground, people, self.coupling.roads, expected, start_hour)
        self.bus_contract = setup.bus_contract(ground, people, self.coupling, self.usual_load_mw)
        subsidy = self.bus_contract.subsidy_jpy_per_h if self.bus_contract else 0.0
        self.market = setup.treasury(ground, self.usual_load_mw, self.population, subsidy)
        local_market = setup.local_market(ground, self.population)
        # what people do in an hour
        self.asking = setup.asking(ground, people, local_market, self.coupling, self.fleets)
        self.daily_life = setup.daily_life(ground, people)
        self.billing = setup.billing(ground, people, self.market, local_market, self.bus_contract)
        # offices, and whoever attacks
        self.plan = self._plan_for(plan)
        self.offices = setup.offices(
            self,
            ground,
            setup.opportunities(ground, self.control, self.usual_load_mw),
            self.failures,
            attacker=self.attacker,
            plan=self.plan,
            rehearsal=rehearsal,
        )
        self.consequences = setup.consequences(ground, people, self.recall, self.market, self.offices)
        # what is kept
        self.record = Record(self.place.districts.name, scenario.hours)
        self.books = Books(self.place, self.record, self.event_log, rehearsal=rehearsal)

    def _new_ground(self, seed: int, lived: Lived | None) -> setup.Ground:
        if lived is None:
            lived = years_before(self.setting, self.policies, seed, Society)
        ground = setup.lay_ground(self.setting, self.policies, seed, lived)
        if not self.rehearsal and lived is not None:
            ground.log.events.extend(lived.events)
        return ground

    def _ground_of(self, other: "Society", seed: int) -> setup.Ground:
        if (self.setting, self.policies, seed) != (other.setting, other.policies, other.streams.seed):
            raise ValueError("like: that society is of another scenario, of other policies or another seed")
        return other.ground.again()

    def _plan_for(self, plan: Plan | None) -> Plan | None:
        """The plan that is carried out: the given one, the scenario's script, or a planning mind's own."""
        if plan is None and self.attacker.endswith(":scripted"):
            foe = self.setting.attacker
            return script(foe.strikes, foe.efforts, foe.on_days, foe.rest_days)
        if plan is None and self.attacker.endswith(":best_response"):
            return plan_attack(self.setting, self.policies, self.attacker, Society)
        return plan

    # ---- living -------------------------------------------------------------------------------------

    def step(self) -> None:
        """One hour: its stages in order. What a stage sees of those that come after it is one hour old.

        1 nature; 2 outlook; 3 ration, decide, permit; 4 set_out, ask; 5 serve, crash; 6 arrive, live,
        give_in; 7 settle; 8 publish; 9 end_day, close; 10 record (:data:`~agentsim.society.stages.STAGES`).
        """
        self.now = now = Draft(self.hour)
        for stage in self.stages:
            stage.act(self, now)
        self.last = now.finished
        self.hour += 1

    def live_hour(self) -> Hour:
        """One step, and everything that was exchanged in it."""
        self.step()
        return self.now.finished

    def run(self, hours: int | None = None, progress: Callable[[int], None] | None = None) -> "Society":
        """Live *hours* hours (the scenario's by default); *progress* is called with the hour after each."""
        for _ in range(self.setting.hours - self.hour if hours is None else hours):
            self.step()
            if progress is not None:
                progress(self.hour)
        return self

    def face(self, attacker: BadActor, plan: Plan) -> None:
        """Put *attacker*, who carries out *plan*, in the place of the one there is."""
        (before,) = self.attackers
        before.remove()
        self.plan, attacker.model = plan, self
        self.register_agent(attacker)
        self.attackers[:] = [attacker]

    # ---- the hour, as officers and readers see it -----------------------------------------------------

    @property
    def outlook(self) -> Outlook:
        """What can be known at the start of the hour under way."""
        return self.now.outlook

    @property
    def damage(self) -> Damage:
        """What is out of order in the hour under way."""
        return self.now.damage

    def orders(self) -> list[Order]:
        """Everything that is ordered in the hour under way."""
        return self.offices.orders

    @property
    def service(self) -> Service | None:
        """What the networks delivered in the last hour."""
        return self.last.service if self.last else None

    @property
    def forecaster(self) -> Forecaster:
        """Who forecasts the load for the power control room."""
        return self.outlook_maker.forecaster

    @property
    def power_utility(self) -> PowerUtility:
        """The power control room."""
        return self.offices.power_utility

    @property
    def water_utility(self) -> WaterUtility:
        """The water control room."""
        return self.offices.water_utility

    @property
    def monitor(self) -> Monitor:
        """Auditors, inspectors and investigators."""
        return self.offices.monitor

    @property
    def attackers(self) -> list[BadActor]:
        """The attacker, if there is one."""
        return self.offices.attackers

    @property
    def public_record(self) -> PublicRecord | None:
        """The public log; None where the charter brings none."""
        return self.publishing.public_record

    # ---- results ------------------------------------------------------------------------------------

    @property
    def outcomes(self) -> "pd.Series":
        """Outcomes so far, units in ``attrs["units"]``."""
        self.record.closing = closing(self)
        return measure(self.record)

    @property
    def measured(self) -> dict[str, float]:
        """Outcomes so far as plain numbers, for whoever needs no pandas."""
        self.record.closing = closing(self)
        return measured(self.record)

    @property
    def events(self) -> list[Event]:
        """What happened, in order."""
        return self.event_log.events

    @property
    def years(self) -> "pd.DataFrame":
        """The years before the first hour, one row a month; empty where there were none."""
        import pandas as pd  # here, because a run does not need it

        return pd.DataFrame([] if self.ground.lived is None else list(self.ground.lived.months))

    @property
    def target(self) -> int | None:
        """The district that the attacker has chosen; None without one."""
        chosen = [actor.mind.target for actor in self.attackers if actor.kind != "cartel"]
        return self.place.districts.name.index(chosen[0]) if chosen and chosen[0] else None

    @property
    def counts(self) -> dict[str, int]:
        """How large the city is."""
        people, place = self.population, self.place
        return {
            "households": len(people),
            "prosumers": int(people.power.prosumes.sum()),
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

    # ---- everybody as Mesa agents -------------------------------------------------------------------

    def _make_household_agents(self) -> None:
        """Make the households' agents once somebody asks for them."""
        if not self._household_agents:
            self._household_agents = household_agents(self, self.population)

    @property
    def agents(self) -> mesa.agent.AgentSet:
        """Everybody, households included."""
        self._make_household_agents()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[mesa.Agent], mesa.agent.AgentSet]:
        """Everybody by class; ``Household`` leaves out prosumers, as in Mesa."""
        self._make_household_agents()
        return super().agents_by_type

    @property
    def households(self) -> mesa.agent.AgentSet:
        """All households, prosumers among them."""
        return self.agents.select(agent_type=Household)

    @property
    def prosumers(self) -> mesa.agent.AgentSet:
        """Households with panels or a battery."""
        return self.agents.select(agent_type=Prosumer)

    @property
    def municipalities(self) -> mesa.agent.AgentSet:
        """The governments of the districts."""
        return super().agents.select(agent_type=Municipality)

    @property
    def bad_actors(self) -> mesa.agent.AgentSet:
        """The attacker, if there is one, as a set of agents."""
        return super().agents.select(agent_type=BadActor)
