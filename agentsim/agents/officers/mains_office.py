"""The office of the water mains: it surveys, tests, renews, and sends crews to bursts."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from agentsim.agents.officers.leak_finder import LeakFinder
from agentsim.agents.officers.leak_repair import Burst, LeakRepair, change
from agentsim.agents.officers.renewal import Renewal
from agentsim.core.messages import BurstChange, Damage, Service
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY

SURVEY_CLOCK = 8  # hour of the day at which a survey begins


@dataclass(frozen=True)
class UtilitiesParameters:
    """How the waterworks repair."""

    awareness_h: float = parameter(36.0, "h", "until a burst is known, reported bursts", "M", 0, 2000)
    location_h: float = parameter(12.0, "h", "until it is found", "M", 0, 2000)
    repair_h: float = parameter(24.0, "h", "until it is mended once a crew is there", "M", 0, 2000)
    inspection_h: float = parameter(
        6.0, "h", "a crew listens and digs at one suspected place before it gives up", "A", 0, 240
    )
    without_parts: float = parameter(2.0, "1", "repairs take so much longer without spare parts", "A", 1, 20)
    crews: int = parameter(3, "crews", "repair crews of the waterworks", "A", 1, 1000)
    dose_seen_per_h: float = parameter(
        0.05, "1/h", "chance that staff at the works see a wrong dose; Oldsmar 2021: in minutes", "A", 0, 1
    )
    dose_sensed_per_h: float = parameter(
        0.3, "1/h", "chance that sensors or complaints tell of unsafe water at taps", "A", 0, 1
    )
    dosing_by_hand_h: float = parameter(
        720.0, "h", "that the works doses by hand after a wrong dose was found", "A", 0, 10000
    )


class MainsOffice:
    """The part of the waterworks that looks after the mains.

    Parameters
    ----------
    model : the society, for its clock, its mains, what it lived last, and its log
    leak_finder : None where the charter brings none
    renewal : works out of a yearly budget
    """

    def __init__(
        self, model: Any, parameters: UtilitiesParameters, leak_finder: LeakFinder | None, renewal: Renewal
    ) -> None:
        self.model, self.parameters = model, parameters
        self.leak_finder, self.renewal = leak_finder, renewal
        self.leak_repair = LeakRepair(parameters.awareness_h, parameters.location_h, parameters.crews)
        self._district = model.place.water.junction_district
        self._no_change = change(len(self._district), (), ())
        self._survey_day = model.mains.survey_day(len(model.place.districts))
        self._is_first = True  # no hour has been lived yet

    def step(self, hour: int, damage: Damage, service: Service | None) -> BurstChange:
        """Mains that burst and that are mended this hour.

        A crew has to get there by road (edge roads_to_crews), and without spare parts the work takes longer
        (edge minerals_to_repairs).
        """
        new = self._new_bursts(hour, damage)
        if hour % HOURS_PER_DAY == SURVEY_CLOCK and self.leak_repair.open:
            self._survey(hour)
        if self.leak_finder is not None:
            self._test_night_flow(hour, self.leak_finder)
        replaced = self._renew(hour) if self.renewal.exists else []
        if self.leak_repair.idle and not (new or replaced):
            return self._no_change

        def travel_h(junction: int) -> float:
            return self._travel_h(junction, service)

        for burst in new:
            self.leak_repair.begin(hour, burst)
        self.leak_repair.report(hour)
        p = self.parameters
        repair_h = p.repair_h * self._slowness(service)
        mended = self.leak_repair.work(hour, travel_h, repair_h, p.inspection_h)
        self._log_searches()
        return change(len(self._district), new, [*mended, *replaced])

    def _renew(self, hour: int) -> list[Burst]:
        """Works on mains go on; returns the bursts on mains that are new from now on."""
        begun, ended = self.renewal.step(hour)
        log, gone = self.model.event_log, []
        for site in begun:
            where, m = self._name(self._district[site.junction]), 1000.0 * site.km
            log.add(hour, "works", where, "works_on_mains_begin", renewed_m=m, links=len(site.links))
        for site in ended:
            share = self.model.mains.renew(site.junction, site.km)
            here = [burst for burst in self.leak_repair.open if burst.junction == site.junction]
            draw = self.model.streams.uniform("renewed", hour, len(here))
            gone += [burst for burst, one in zip(here, draw, strict=True) if one < share]
            log.add(hour, "works", self._name(self._district[site.junction]), "works_on_mains_end")
        for burst in gone:
            self.leak_repair.drop(burst)
        return gone

    def _new_bursts(self, hour: int, damage: Damage) -> list[Burst]:
        """Bursts of this hour; in the first one also the hidden ones that run already."""
        new = []
        if self._is_first:
            self._is_first = False
            if self.model.mechanisms.leakage and self.model.mechanisms.failures:
                running = self.model.mains.running(self._district)
                new = [Burst(one.junction, one.size_frac, hidden=True) for one in running]
        if np.count_nonzero(damage.new_bursts):
            size, hidden, count = damage.burst_size_frac, damage.burst_hidden, damage.new_bursts
            for j in np.repeat(np.arange(len(count)), count.astype(int)).tolist():
                new.append(Burst(j, float(size[j]), bool(hidden[j]), hour))
        return new

    def _survey(self, hour: int) -> None:
        """Once a survey interval each district is listened through, and most hidden bursts are found."""
        p, day = self.model.mains.parameters, hour // HOURS_PER_DAY
        for district in np.flatnonzero((day - np.floor(self._survey_day)) % round(p.survey_interval_d) == 0):
            draw = self.model.streams.uniform("survey_finds", hour, len(self._district))
            here = [one for one in self.leak_repair.unknown if self._district[one.junction] == district]
            found = [one for one in here if draw[one.junction] < p.survey_finds_frac]
            if found:
                name = self._name(int(district))
                self.model.event_log.add(hour, "leak", name, "survey_finds_leaks", leaks=len(found))
            self.leak_repair.survey(hour, found)

    def _test_night_flow(self, hour: int, leak_finder: LeakFinder) -> None:
        """After the night hour the leak finder tests what was measured in it."""
        last = self.model.last
        if last is None or last.service.water.night is None:
            return
        water, demand = last.service.water, last.demand
        alarms = leak_finder.night(
            hour,
            water.night,
            delivered_m3=water.delivered_m3_per_h,
            home_m3=np.minimum(water.delivered_m3_per_h, demand.home_water_asked_m3_per_h),
            sensitivity=self.model.coupling.water.sensitivity_m_per_m3_h,
            bursts_per_year=self.model.mains.bursts_per_year,
            known=self.leak_repair.suspected(self._district),
            forged=last.permitted.forged.get("water"),  # whoever keeps the record keeps the readings too
        )
        for district, places in alarms:
            self.model.event_log.add(hour, "leak", self._name(district), "leak_suspected")
            self.leak_repair.suspect(hour, district, places, self._district)

    def _name(self, district: int) -> str:
        return self.model.place.districts.name[district]

    def _log_searches(self) -> None:
        """Log how the searches ended that an alarm began."""
        for hour, alarm, found in self.leak_repair.ended:
            fields = {"hours": hour - alarm.hour} | ({} if found else {"places": alarm.searched})
            what = "leak_found" if found else "leak_not_found"
            self.model.event_log.add(hour, "leak", self._name(alarm.district), what, **fields)
        self.leak_repair.ended.clear()

    def _travel_h(self, junction: int, service: Service | None) -> float:
        if service is None or not self.model.mechanisms.roads_to_crews:
            return 0.0
        zone = self.model.place.water.junction_zone[junction]
        return float(service.roads.skim_h[self.model.depots.crew_zone, zone])

    def _slowness(self, service: Service | None) -> float:
        if service is None or not self.model.mechanisms.minerals_to_repairs:
            return 1.0
        short = service.supply.short_t[self.model.depots.minerals].any()
        return self.parameters.without_parts if short else 1.0
