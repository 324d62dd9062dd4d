"""Public life: which households report, vote, protest and move away, day by day.

*Protest* follows Epstein's model of civil violence (PNAS 99, 2002): a person protests when

    hardship (1 - legitimacy) - risk aversion (1 - exp(-k C / A)) > threshold,

with C officers and A protesters in the district: the risk of arrest falls as the crowd grows.
*Moving away* is a logit of hardship less the cost of moving; it gives the share of homes that leave.
"""

from dataclasses import dataclass

import numpy as np

from agentsim.agents.households.population import Population
from agentsim.core.messages import EventLog
from agentsim.core.numerics.shares import share
from agentsim.core.parameters import parameter
from agentsim.core.streams import Streams
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.voting import Electorate

# an event is logged when the share of a district's homes that have left passes one of these
LEFT_STEPS_FRAC = (0.001, 0.01, 0.05, 0.1, 0.25, 0.5)


@dataclass(frozen=True)
class CivicsParameters:
    """Reporting, voting, protest, arrest and moving away."""

    reporting_trust: float = parameter(
        0.3, "1", "trust at which half of the homes let their meters report; none do without any", "A", 0, 1
    )
    turnout_low: float = parameter(0.3, "1", "turnout without trust and income, mechanisms S13", "A", 0, 1)
    turnout_high: float = parameter(
        0.6, "1", "turnout with full trust in the highest decile, mechanisms S13", "A", 0, 1
    )
    proven_loss: float = parameter(
        0.15, "1", "trust lost in a district where abuse is proven, mechanisms S15", "A", 0, 1
    )
    memory_frac_per_day: float = parameter(
        0.8, "1/d", "share of yesterday's hardship that is still felt", "A", 0, 0.99
    )
    hardship_half_h: float = parameter(
        24.0, "weighted h", "remembered deprivation-hours at which hardship is a half", "A", 0.1, 1000
    )
    arrest_k: float = parameter(2.3, "1", "Epstein 2002: one officer to one protester, risk 0.9", "M", 0, 100)
    protest_threshold: float = parameter(0.1, "1", "Epstein 2002", "M", 0, 1)
    officers_per_1000: float = parameter(
        0.6, "1", "officers for demonstrations, of about 2 per 1000 people in Japan", "A", 0, 50
    )
    arrests_per_officer_day: float = parameter(0.2, "1/d", "arrests of one officer a day", "A", 0, 10)
    custody_days: float = parameter(3.0, "d", "from arrest to release", "A", 0, 60)
    arrest_trust_loss: float = parameter(0.1, "1", "trust lost by the home of a person arrested", "A", 0, 1)
    moving_least_h: float = parameter(
        24.0, "weighted h", "remembered deprivation below which no home moves", "A", 0, 1000
    )
    moving_weight: float = parameter(6.0, "1", "weight of full hardship in the logit", "A", 0, 100)
    moving_cost: float = parameter(
        8.0, "1", "of a tenant: in full hardship one home in eight leaves a day", "A", 0, 100
    )
    owner_cost: float = parameter(1.5, "1", "added for homes with a roof of their own", "A", 0, 100)


def protesters(
    hardship: np.ndarray,
    legitimacy: np.ndarray,
    risk_aversion: np.ndarray,
    officers_per_protester: np.ndarray,
    k: float,
    threshold: float,
) -> np.ndarray:
    """Who protests, bool (households,): grievance less the risk of arrest above a threshold (Epstein 2002).

    All arrays are (households,); the first three lie between 0 and 1.

    >>> one = np.ones(1)
    >>> protesters(0.8 * one, 0.0 * one, 0.9 * one, 1.0 * one, 2.3, 0.1)[0]  # one protester to one officer
    np.False_
    >>> protesters(0.8 * one, 0.0 * one, 0.9 * one, 0.01 * one, 2.3, 0.1)[0]  # a hundred to one
    np.True_
    """
    arrest = 1.0 - np.exp(-k * officers_per_protester)
    return hardship * (1.0 - legitimacy) - risk_aversion * arrest > threshold


class Civics:
    """Reporting, voting, protest and moving away of a population's households.

    Parameters
    ----------
    people : the population; writes its ``reports`` and ``trust``, and lets homes leave
    commuters : people who work, by district of home and of work, array (districts, districts)
    streams : random streams of the seed
    names : names of the districts
    log : log that events are added to
    """

    def __init__(
        self,
        people: Population,
        commuters: np.ndarray,
        streams: Streams,
        names: tuple[str, ...],
        parameters: CivicsParameters | None = None,
        log: EventLog | None = None,
    ) -> None:
        self.people, self.streams, self.names = people, streams, names
        self.parameters = parameters or CivicsParameters()
        self.log = log or EventLog()
        rows, draw = len(people), self._draw
        self._report_trust = 2.0 * self.parameters.reporting_trust * draw(0, rows)
        self._sensitivity, self._risk_aversion = draw(1, rows), draw(2, rows)
        self._vote_draw = draw(3, rows)
        self._before_h = people.hardship.stayed_h.copy()
        self.remembered_h = np.zeros(rows)  # deprivation-hours, of which a share is forgotten each day
        self.protesting = np.zeros(rows, dtype=bool)
        self.custody_left_d = np.zeros(rows)  # still to be spent in custody
        self.households_moved = 0.0  # real ones
        self.protesters_frac = self.protest_peak_frac = 0.0  # of all people of the city
        arriving = commuters.sum(axis=0)
        home = np.eye(len(names))
        self._from_home = np.where(arriving > 0, commuters / np.maximum(arriving, 1e-12), home)
        self._first_homes = np.maximum(np.bincount(people.homes.district, minlength=len(names)), 1)
        self.at_work_frac = np.ones(len(names))  # of the staff of each district, array (districts,)
        self.settle_reporting()

    def _draw(self, attribute: int, rows: int) -> np.ndarray:
        return self.streams.uniform("civics", attribute, rows)

    # ---- effects of trust ---------------------------------------------------------------------------

    @property
    def legitimacy(self) -> np.ndarray:
        """Legitimacy of the government in each home's eyes, 0 to 1, array (households,): its trust.

        Without the mechanism ``trust`` it stays at the start value.
        """
        people = self.people
        fixed = np.full(len(people), people.parameters.trust_start)
        return people.trust if people.mechanisms.trust else fixed

    def settle_reporting(self) -> None:
        """Let the meters of homes report whose trust exceeds the home's own threshold."""
        people = self.people
        people.reports = (self.legitimacy > self._report_trust) & (people.homes.stay_frac > 0.0)

    def reporting_frac(self) -> np.ndarray:
        """Share of each district's homes whose meters may report, array (districts,)."""
        homes, count = self.people.homes, len(self.names)
        return np.bincount(homes.district, self.people.reports * homes.stay_frac, count) / self._first_homes

    def turnout_chance(self) -> np.ndarray:
        """Chance that a home votes, array (households,): rises alike with trust and income."""
        p = self.parameters
        homes = self.people.homes
        standing = 0.5 * (self.legitimacy + homes.decile / 9.0)
        return (p.turnout_low + (p.turnout_high - p.turnout_low) * standing) * (homes.stay_frac > 0.0)

    def electorate(self) -> Electorate:
        """The voters of today, with their stocks at home."""
        people, homes, power, p = self.people, self.people.homes, self.people.power, self.people.parameters
        ration_l_per_day = homes.persons * p.home_water_ration_l_per_person_day
        return Electorate(
            persons=homes.persons * people.weight,
            district=homes.district,
            decile=homes.decile,
            votes=self._vote_draw < self.turnout_chance(),
            water_stock_h=share(people.larder.home_water_l, ration_l_per_day) * HOURS_PER_DAY,
            power_stock_h=share(power.bank_kwh + power.soc_kwh, p.need_power_kw * homes.size_frac),
        )

    def abuse_proven(self, districts: np.ndarray) -> None:
        """Lower trust in *districts*, bool (districts,), where abuse was proven."""
        if not self.people.mechanisms.trust:
            return
        hit = districts[self.people.homes.district]
        self.people.trust = np.maximum(self.people.trust - self.parameters.proven_loss * hit, 0.0)

    # ---- the day ------------------------------------------------------------------------------------

    def end_day(self, hour: int) -> None:
        """Update hardship, reporting, moves, protest and attendance; once a day, after trust has changed."""
        people, p = self.people, self.parameters
        today_h = people.hardship.stayed_h - self._before_h
        self._before_h = people.hardship.stayed_h.copy()
        self.remembered_h = p.memory_frac_per_day * self.remembered_h + today_h
        self.settle_reporting()
        if people.mechanisms.migration:
            self._move(hour)
        if people.mechanisms.protest:
            self._protest(hour)
        self._go_to_work()

    def hardship(self) -> np.ndarray:
        """Hardship of each home, 0 to 1, array (households,): its sensitivity times felt deprivation."""
        return self._sensitivity * self._felt()

    def _felt(self) -> np.ndarray:
        """Remembered deprivation on a scale from 0 to 1, D / (D + half), array (households,)."""
        return self.remembered_h / (self.remembered_h + self.parameters.hardship_half_h)

    def _protest(self, hour: int) -> None:
        people, p, count = self.people, self.parameters, len(self.names)
        free = (self.custody_left_d <= 0.0) & (people.homes.stay_frac > 0.0)
        self.custody_left_d = np.maximum(self.custody_left_d - 1.0, 0.0)
        hardship = self.hardship()
        if not self.protesting.any() and hardship.max() <= p.protest_threshold:
            return
        out = self._protesters(count)
        officers = p.officers_per_1000 / 1000.0 * people.homes.persons_in_district
        officers_per_protester = officers / (1.0 + out)  # a person who thinks of protest counts as one more
        was = np.bincount(people.homes.district, self.protesting, count) > 0
        self.protesting = free & protesters(
            hardship=hardship,
            legitimacy=self.legitimacy,
            risk_aversion=self._risk_aversion,
            officers_per_protester=officers_per_protester[people.homes.district],
            k=p.arrest_k,
            threshold=p.protest_threshold,
        )
        self._arrest(hour, officers)
        self._report_protest(hour, was)

    def _protesters(self, count: int) -> np.ndarray:
        """Real people in the streets of each district, one of each home, array (districts,)."""
        homes = self.people.homes
        return np.bincount(homes.district, self.protesting * homes.stay_frac, count) * homes.weight

    def _arrest(self, hour: int, officers: np.ndarray) -> None:
        """Arrest some protesters: they spend days in custody, and their homes lose trust."""
        people, p, count = self.people, self.parameters, len(self.names)
        if not self.protesting.any():
            return
        out = self._protesters(count)
        chance = np.minimum(p.arrests_per_officer_day * officers / np.maximum(out, 1e-9), 1.0)
        draw = self.streams.uniform("arrest", hour, len(people))
        taken = self.protesting & (draw < chance[people.homes.district])
        self.custody_left_d[taken] = p.custody_days
        if people.mechanisms.trust:
            people.trust = np.maximum(people.trust - p.arrest_trust_loss * taken, 0.0)

    def _report_protest(self, hour: int, was: np.ndarray) -> None:
        people, count = self.people, len(self.names)
        out = self._protesters(count)
        everybody = max(float(people.homes.persons_in_district.sum()), 1e-9)
        self.protesters_frac = float(out.sum()) / everybody
        self.protest_peak_frac = max(self.protest_peak_frac, self.protesters_frac)
        for d in np.flatnonzero((out > 0) & ~was):
            self.log.add(hour, "protest", self.names[d], "protest_begins", people=float(out[d]))
        for d in np.flatnonzero((out == 0) & was):
            self.log.add(hour, "protest", self.names[d], "protest_ends")

    def _move(self, hour: int) -> None:
        """Let homes leave the city, a share 1 / (1 + exp(cost - w H)) of each row's a day.

        H is the felt deprivation D / (D + half), D the remembered deprivation-hours. A row stands for many
        homes, so its share leaves: how many do depends neither on chance nor on the number of rows.
        """
        people, homes, p = self.people, self.people.homes, self.parameters
        considers = (self.remembered_h > p.moving_least_h) & (homes.stay_frac > 0.0)
        if not considers.any():
            return
        cost = p.moving_cost + p.owner_cost * homes.roof
        goes_frac = considers / (1.0 + np.exp(cost - p.moving_weight * self._felt()))
        before = self._left_frac()
        people.leave(goes_frac)
        after = self._left_frac()
        self.households_moved = float((1.0 - homes.stay_frac).sum()) * people.weight
        was, now = np.searchsorted(LEFT_STEPS_FRAC, np.stack([before, after]), "right")
        for d in np.flatnonzero(now > was):
            left = float(after[d] * self._first_homes[d] * people.weight)
            self.log.add(hour, "moved", self.names[d], "households_left", households=left)

    def _left_frac(self) -> np.ndarray:
        """Share of each district's homes that have left, array (districts,)."""
        homes = self.people.homes
        return np.bincount(homes.district, 1.0 - homes.stay_frac, len(self.names)) / self._first_homes

    def _go_to_work(self) -> None:
        """Share of each district's staff at work tomorrow; staff comes from all districts."""
        homes = self.people.homes
        away = self.protesting | (self.custody_left_d > 0.0)
        if not away.any() and not homes.left_people:
            self.at_work_frac = np.ones(len(self.names))
            return
        missing = 1.0 - homes.stay_frac * ~away
        at_home = np.bincount(homes.district, missing, len(self.names)) / self._first_homes
        self.at_work_frac = 1.0 - at_home @ self._from_home

    def stay_frac_by_zone(self, zones: int) -> np.ndarray:
        """Share of each zone's first people who still live there, array (zones,)."""
        people = self.people
        first = np.bincount(people.homes.zone, people.homes.first_persons, zones)
        now = np.bincount(people.homes.zone, people.homes.persons, zones)
        return np.where(first > 0, now / np.maximum(first, 1e-9), 1.0)
