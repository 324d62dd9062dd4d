"""The utilities: they commit units by the forecast, switch pumps and send repair crews."""

from dataclasses import dataclass, replace

import mesa
import numpy as np

from agentsim.agents.officers.leak_finder import LeakFinder
from agentsim.agents.officers.leak_repair import Burst, LeakRepair, change
from agentsim.agents.officers.renewal import Renewal
from agentsim.core.messages import BurstChange, Damage, Order, Outlook, Permitted, Service
from agentsim.core.parameters import parameter
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.power.commitment import CommitmentParameters, commit, priority, reserve_requirement_mw
from agentsim.networks.power.hour import MW_TOLERANCE
from agentsim.networks.power.storage_plan import StoragePlanParameters, plan_storage


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


SURVEY_CLOCK = 8  # hour of the day at which a survey begins


class PowerUtility(mesa.Agent):
    """The power control room: commits units, holds reserve and plans the grid's storage.

    Parameters
    ----------
    plans_per_day : how often storage is planned for the 24 hours ahead, from midnight on
    looks_ahead : plans are renewed when a unit fails, and commitment counts on what storage will give
    """

    principal = "power_control_room"

    def __init__(
        self,
        model: mesa.Model,
        parameters: CommitmentParameters,
        storage: StoragePlanParameters,
        *,
        plans_per_day: int = 1,
        looks_ahead: bool = False,
    ) -> None:
        super().__init__(model)
        self.parameters, self._storage_numbers = parameters, storage
        self._plan_every_h, self._looks_ahead = max(HOURS_PER_DAY // plans_per_day, 1), looks_ahead
        grid = model.place.grid
        self._order = priority(grid.unit_cost, grid.unit_max_mw)
        self.committed = np.ones(len(grid.unit_bus), dtype=bool)
        self._commits = [Order(self.principal, "units", "commit", self.committed)]  # for as long as it holds
        self._coming = self.committed  # on line once the lead time is over
        self._called: list[tuple[int, np.ndarray]] = []  # replacements: the hour they are on line, and which
        self._switched = np.full(len(grid.unit_bus), model.hour - 1001.0)  # last hour in the other state
        self._state: tuple[bytes, bytes] | None = None  # which units are out and offered, by which is known:
        self._available_mw, self._largest_mw = grid.unit_max_mw, 0.0
        self._failed = False  # a unit failed since the last hour
        self._planned_at = model.hour
        self._plan_mw = np.zeros((HOURS_PER_DAY, len(model.equipment.stores.power_mw)))
        self.reserve_mw = 0.0
        self.orders: list[Order] = []

    def step(self) -> None:
        self.orders = self.decide(self.model.hour, self.model.outlook, self.model.damage)

    def decide(self, hour: int, outlook: Outlook, damage: Damage) -> list[Order]:
        """Orders of the hour: units are committed block by block, storage at times, reserve every hour."""
        p = self.parameters
        changed, new_block = self._look_at_units(damage), hour % p.block_h == 0
        replans = self._failed and self._looks_ahead
        if new_block:
            self._go_on_line(hour, self._coming)
        if self._called and self._called[0][0] <= hour:
            self._go_on_line(hour, self.committed | self._called.pop(0)[1])
        if self.model.mechanisms.storage and (hour % self._plan_every_h == 0 or replans):
            self._plan_storage(hour, outlook)
        if new_block:
            self._coming = self._commit(hour, outlook)
        elif replans:
            self._call_replacements(hour, outlook)
        if changed or new_block:
            self._largest_mw = float((self._available_mw * self.committed).max())
        self.reserve_mw = reserve_requirement_mw(
            p.z, float(outlook.load_sigma_mw[0]), self._largest_mw, p.largest_unit_frac
        )
        return self._commits

    @property
    def calls_on_load(self) -> bool:
        """Whether controllable load is asked to wait this hour, because reserve was short in the last one."""
        service = self.model.service
        return service is not None and service.power.reserve_short_mw > MW_TOLERANCE

    def store_plan_mw(self, hour: int) -> np.ndarray:
        """What the grid's stores are planned to do in *hour*, array (stores,) [MW]; + is discharge."""
        return self._plan_mw[(hour - self._planned_at) % HOURS_PER_DAY]

    def _look_at_units(self, damage: Damage) -> bool:
        """See which units are out and what is offered; whether anything changed since the last look."""
        offered_frac = self.model.coupling.offered_frac  # as of the last hour
        state = damage.units_out.tobytes(), b"" if offered_frac is None else offered_frac.tobytes()
        if state == self._state:
            self._failed = False
            return False
        self._state, before_mw = state, self._available_mw
        self._available_mw = self.model.place.grid.unit_max_mw * ~damage.units_out
        self._failed = bool((damage.units_out & (before_mw > 0.0) & self.committed).any())
        if offered_frac is not None:
            self._available_mw = self._available_mw * offered_frac
        return True

    def _go_on_line(self, hour: int, units: np.ndarray) -> None:
        """From now on these *units*, bool (units,), are committed."""
        self._switched = np.where(units == self.committed, self._switched, hour - 1.0)
        self.committed = units
        self._commits = [Order(self.principal, "units", "commit", units)]

    def _call_replacements(self, hour: int, outlook: Outlook) -> None:
        """Start what is missing since a unit failed; it is on line after the lead time."""
        missing = self._commit(hour, outlook) & ~(self._coming | self.committed)
        if missing.any():
            self._coming = self._coming | missing
            self._called.append((hour + self.parameters.lead_h, missing))

    def _commit(self, hour: int, outlook: Outlook) -> np.ndarray:
        """Units to be on line in the next block, bool (units,)."""
        grid, p, since_h = self.model.place.grid, self.parameters, hour - self._switched
        load_mw = outlook.load_mw
        if self._looks_ahead:
            load_mw = load_mw - self._planned_from_stores_mw(hour)
        return commit(
            forecast_mw=np.maximum(load_mw, 0.0),
            sigma_mw=float(outlook.load_sigma_mw[min(p.lead_h + p.block_h, HOURS_PER_DAY) - 1]),
            capacity_mw=self._available_mw,
            slow=grid.unit_slow,
            on_h=np.where(self.committed, since_h, 0.0),
            off_h=np.where(self.committed, 0.0, since_h),
            min_up_h=grid.unit_min_up_h,
            min_down_h=grid.unit_min_down_h,
            order=self._order,
            z=p.z,
            lead_h=p.lead_h,
            block_h=p.block_h,
            fast_credit_frac=p.fast_credit_frac,
            largest_unit_frac=p.largest_unit_frac,
        )

    def _planned_from_stores_mw(self, hour: int) -> np.ndarray:
        """What stores are planned to give in the next 24 hours, 0 behind the plan's end, array (24,) [MW]."""
        given_mw, begun = np.zeros(HOURS_PER_DAY), hour - self._planned_at
        given_mw[: HOURS_PER_DAY - begun] = self._plan_mw[begun:].sum(axis=1)
        return given_mw

    def _plan_storage(self, hour: int, outlook: Outlook) -> None:
        """Plan what the grid's stores do in the next 24 hours."""
        model = self.model
        self._planned_at = hour
        self._plan_mw = plan_storage(
            load_mw=outlook.load_mw,
            unit_cost=model.place.grid.unit_cost,
            capability_mw=self._available_mw * self.committed,
            stores=model.equipment.stores,
            energy_mwh=model.coupling.power.stores.energy_mwh,
            at_buses=len(model.equipment.stores.power_mw) - len(model.place.districts),
            parameters=self._storage_numbers,
        )


class WaterUtility(mesa.Agent):
    """The water control room: pumps on tank levels, and crews for bursts."""

    principal = "water_control_room"

    def __init__(
        self,
        model: mesa.Model,
        parameters: UtilitiesParameters,
        leak_finder: LeakFinder | None,
        renewal: Renewal,
    ) -> None:
        super().__init__(model)
        self.parameters, self.leak_finder, self.renewal = parameters, leak_finder, renewal
        self.pumps_on = np.zeros(len(model.place.water.pump_id), dtype=bool)
        self._runs = Order(self.principal, "pumps", "run", self.pumps_on)  # for as long as it holds
        self.leak_repair = LeakRepair(parameters.awareness_h, parameters.location_h, parameters.crews)
        self._district = model.place.water.junction_district
        self._no_change = change(len(self._district), (), ())
        self._survey_day = model.mains.survey_day(len(model.place.districts))
        self._is_first = True  # no hour has been lived yet
        self.by_hand_until = 0.0  # hour until which no order from afar reaches the dosing
        self.warned = self._warning = False  # people know that they should not drink from the tap
        self.orders: list[Order] = []

    def step(self) -> None:
        self.warned = self._warning  # given in the hour before
        self.orders = self.decide()

    def decide(self) -> list[Order]:
        wanted = self.model.coupling.water.pumps_wanted
        if wanted.tobytes() != self.pumps_on.tobytes():
            self.pumps_on = wanted
            self._runs = Order(self.principal, "pumps", "run", wanted)
        return [self._runs, *self.model.shortages.water.orders(self.model.control)]

    def repair(self, hour: int, damage: Damage, service: Service | None) -> BurstChange:
        """Mains that burst and that are mended this hour.

        A crew has to get there by road (edge roads_to_crews), and without spare parts the work takes longer
        (edge minerals_to_repairs).
        """
        new = self._new_bursts(hour, damage)
        self._survey(hour)
        self._test_night_flow(hour)
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
        if hour % HOURS_PER_DAY != SURVEY_CLOCK or not self.leak_repair.open:
            return
        p, day = self.model.mains.parameters, hour // HOURS_PER_DAY
        for district in np.flatnonzero((day - np.floor(self._survey_day)) % round(p.survey_interval_d) == 0):
            draw = self.model.streams.uniform("survey_finds", hour, len(self._district))
            here = [one for one in self.leak_repair.unknown if self._district[one.junction] == district]
            found = [one for one in here if draw[one.junction] < p.survey_finds_frac]
            if found:
                name = self._name(int(district))
                self.model.event_log.add(hour, "leak", name, "survey_finds_leaks", leaks=len(found))
            self.leak_repair.survey(hour, found)

    def _test_night_flow(self, hour: int) -> None:
        """After the night hour the leak finder tests what was measured in it, if there is one."""
        last = self.model.last
        if self.leak_finder is None or last is None or last.service.water.night is None:
            return
        water, demand = last.service.water, last.demand
        alarms = self.leak_finder.night(
            hour,
            water.night,
            delivered_m3=water.delivered_m3_per_h,
            home_m3=np.minimum(water.delivered_m3_per_h, demand.home_water_asked_m3_per_h),
            sensitivity=self.model.coupling.water.sensitivity_m_per_m3_h,
            bursts_per_year=self.model.mains.bursts_per_year,
            known=self.leak_repair.suspected(self._district),
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

    def watch_dosing(self, hour: int, permitted: Permitted) -> Permitted:
        """The orders as the works carries them out: a wrong dose that is noticed is set right by hand.

        Once it is noticed, at the works or at taps, people are warned until all water is safe again, and the
        water that is still at the works is run to waste.
        """
        water, last = self.model.coupling.water, self.model.service
        if permitted.dose_frac == 1.0 and water.safe_to_drink:
            self._warning = False
            return permitted
        p, draw = self.parameters, self.model.streams.uniform("dosing", hour, 2)
        at_taps = last is not None and last.water.unsafe is not None and bool(last.water.unsafe.any())
        wrong = permitted.dose_frac != 1.0 and hour >= self.by_hand_until
        if (wrong and draw[0] < p.dose_seen_per_h) or (at_taps and draw[1] < p.dose_sensed_per_h):
            self._log_dose(hour, at_taps)
            self.by_hand_until = hour + p.dosing_by_hand_h
            water.works.clear_wells.scrap()
            self._warning = not water.safe_to_drink
        return replace(permitted, dose_frac=1.0) if hour < self.by_hand_until else permitted

    def _log_dose(self, hour: int, at_taps: bool) -> None:
        """Log once that the wrong dose was noticed, by whom, and what is done about it."""
        if hour >= self.by_hand_until:
            what = "bad_water_noticed_at_taps" if at_taps else "wrong_dose_noticed_at_works"
            self.model.event_log.add(hour, "alarm", "waterworks", what)
