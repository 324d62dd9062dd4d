"""Consequences of an hour: concessions and blame at once; trust, protest, moving and recall day by day."""

import numpy as np

from agentsim.agents.attacker.bad_actor import BadActor
from agentsim.agents.households.civics import Civics
from agentsim.agents.households.hoarding import Hoarding
from agentsim.agents.households.population import Population
from agentsim.agents.households.travel import Travel
from agentsim.agents.officers.municipality import Municipality, besieged
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import EventLog, Hour, Living, Permitted
from agentsim.institutions.market import Treasury
from agentsim.institutions.recall import Recall


class Consequences:
    """What follows from an hour and from a day.

    Parameters
    ----------
    recall : None where the charter does not let citizens turn anybody out
    """

    def __init__(
        self,
        *,
        population: Population,
        civics: Civics,
        hoarding: Hoarding,
        travel: Travel,
        recall: Recall | None,
        market: Treasury,
        municipalities: list[Municipality],
        attackers: list[BadActor],
        zones: int,
        mechanisms: Mechanisms,
        log: EventLog,
    ) -> None:
        self._population, self._civics, self._hoarding, self._travel = population, civics, hoarding, travel
        self._recall, self._market, self._zones = recall, market, zones
        self._municipalities, self._attackers = municipalities, attackers
        self._mechanisms, self._log = mechanisms, log

    def end_day(self, hour: int, last: Hour | None) -> None:
        """What changes from day to day."""
        people, gone = self._population, self._civics.households_moved
        people.end_day()
        if self._mechanisms.hoarding:
            self._hoarding.end_day()
        self._civics.end_day(hour)
        if self._civics.households_moved > gone:
            self._travel.depopulate(self._civics.stay_frac_by_zone(self._zones))
        if self._recall is not None:
            self._vote_on_recall(hour, self._recall, last)
        self._market.set_tariffs()

    def _vote_on_recall(self, hour: int, recall: Recall, last: Hour | None) -> None:
        people = self._population
        turned_out = recall.end_day(
            hour,
            people.trust,
            people.homes.persons * people.weight,
            people.homes.district,
            last.permitted.seized if last else (),
        )
        for attacker in self._attackers:
            for principal, network in turned_out:
                if principal in attacker.captured:
                    attacker.lost(principal, network)

    def note_blame(self, hour: int, permitted: Permitted) -> None:
        """People remember whose orders cut them off."""
        if self._recall is not None:
            self._recall.note(hour, permitted)

    def concede(self, hour: int, permitted: Permitted, living: Living) -> None:
        """Districts that can bear no more give in, if a coercer waits for it, and pay (mechanisms S14)."""
        coercers = [attacker for attacker in self._attackers if attacker.stake.until_concession]
        if not coercers:
            return
        cut = besieged(permitted)
        for one in self._municipalities:
            d = one.district
            if not one.concedes(hour, float(living.deprivation_h[d]), bool(cut[d])):
                continue
            paid = {"deprivation_h": one.suffered_h, "handed_over_jpy": self._hand_over(one)}
            self._log.add(hour, "concession", one.name, "district_gives_in", **paid)
            for coercer in coercers:
                coercer.won(hour, d)

    def _hand_over(self, town: Municipality) -> float:
        """Its households pay what the coercer demands, and trust less for good; returns the sum [JPY]."""
        people, p = self._population, town.parameters
        here = people.homes.district == town.district
        levy_jpy = np.where(here, p.concession_jpy_per_person * people.homes.persons, 0.0)
        people.bill_jpy += levy_jpy
        total = float(levy_jpy.sum()) * people.weight
        self._market.hand_over(total)
        people.lose_trust_for_good(here, p.concession_trust_loss)
        return total
