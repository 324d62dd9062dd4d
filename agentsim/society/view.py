"""What one may look at in a society: outcomes, events, sizes, and everybody in it as Mesa agents."""

import mesa
import pandas as pd

from agentsim.agents.attacker.bad_actor import BadActor
from agentsim.agents.households.household import Household, Prosumer, household_agents
from agentsim.agents.households.population import Population
from agentsim.agents.officers.municipality import Municipality
from agentsim.core.messages import Event, EventLog, Hour, Service
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.coupling import Coupling
from agentsim.outcomes import Record, measure
from agentsim.place.cases import Place
from agentsim.society.closing import closing


class Visible(mesa.Model):
    """The outside of a society: it is read here and changed nowhere."""

    place: Place
    population: Population
    coupling: Coupling
    record: Record
    event_log: EventLog
    bad_actors_now: list[BadActor]
    hour: int
    last: Hour | None
    _first_weekday: int
    _faces: list[Household] | None

    @property
    def service(self) -> Service | None:
        """What the networks delivered in the last hour."""
        return self.last.service if self.last else None

    @property
    def weekday(self) -> int:
        """0 Monday to 6 Sunday."""
        return (self._first_weekday + self.hour // HOURS_PER_DAY) % 7

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
        return self.event_log.events

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

    def _meet(self) -> None:
        """Make the households' faces, once somebody looks."""
        if self._faces is None:
            self._faces = household_agents(self, self.population)

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
