"""The utilities: they commit units by the forecast, switch pumps and watch the dosing."""

from dataclasses import replace

import mesa
import numpy as np

from agentsim.agents.officers.dose_watch import DoseWatch, unsafe_taps, wrong_at_works
from agentsim.agents.officers.mains_office import MainsOffice, UtilitiesParameters
from agentsim.core.agent import Agent
from agentsim.core.messages import BurstChange, Damage, Order, Outlook, Permitted, Service
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.power.commitment import CommitmentParameters, commit, priority, reserve_requirement_mw
from agentsim.networks.power.hour import MW_TOLERANCE
from agentsim.networks.power.storage_plan import StoragePlanner, StoragePlanParameters


class PowerUtility(Agent):
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
        self.parameters, stores = parameters, model.equipment.stores
        self._planner = StoragePlanner(stores, len(stores.power_mw) - len(model.place.districts), storage)
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
        self._plan_mw = np.zeros((HOURS_PER_DAY, len(stores.power_mw)))
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
        self._plan_mw = self._planner.plan(
            load_mw=outlook.load_mw,
            unit_cost=model.place.grid.unit_cost,
            capability_mw=self._available_mw * self.committed,
            energy_mwh=model.coupling.power.stores.energy_mwh,
        )


class WaterUtility(Agent):
    """The water control room: pumps on tank levels, and crews for bursts."""

    principal = "water_control_room"

    def __init__(self, model: mesa.Model, parameters: UtilitiesParameters, mains_office: MainsOffice) -> None:
        super().__init__(model)
        self.parameters, self.mains_office = parameters, mains_office
        self.pumps_on = np.zeros(len(model.place.water.pump_id), dtype=bool)
        self._runs = Order(self.principal, "pumps", "run", self.pumps_on)  # for as long as it holds
        self._works_watch = DoseWatch(parameters, model.streams, "dosing")
        self._wells_watch = DoseWatch(parameters, model.streams, "dosing at wells")
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
        """Mains that burst and that are mended this hour."""
        return self.mains_office.step(hour, damage, service)

    def watch_dosing(self, hour: int, permitted: Permitted) -> Permitted:
        """The orders as they are carried out: a wrong dose that is noticed is set right by hand."""
        if permitted.well_dose_frac is not None:
            permitted = self._watch_wells(hour, permitted)
        return self._watch_works(hour, permitted)

    def _watch_works(self, hour: int, permitted: Permitted) -> Permitted:
        """Once a wrong dose is noticed, at the works or at taps, people are warned until all water is safe
        again, and the water that is still at the works is run to waste.
        """
        water, wrong = self.model.coupling.water, wrong_at_works(permitted)
        if not wrong and water.mains_safe:
            self._warning = False
            return permitted
        at_taps, _ = unsafe_taps(self.model.service)
        if self._works_watch.notices(hour, wrong, at_taps):
            if self._works_watch.dose_by_hand(hour):
                what = "bad_water_noticed_at_taps" if at_taps else "wrong_dose_noticed_at_works"
                self.model.event_log.add(hour, "alarm", "waterworks", what)
            water.works.scrap()
            self._warning = not water.mains_safe
        if hour >= self.by_hand_until:
            return permitted
        return replace(permitted, dose_frac=1.0, plant_dose_frac=1.0)

    def _watch_wells(self, hour: int, permitted: Permitted) -> Permitted:
        """Municipal wells have no water that waits: once dosed by hand they are safe."""
        watch, (_, at_taps) = self._wells_watch, unsafe_taps(self.model.service)
        if watch.notices(hour, True, at_taps) and watch.dose_by_hand(hour):
            self.model.event_log.add(hour, "alarm", "waterworks", "wrong_dose_noticed_at_wells")
        return replace(permitted, well_dose_frac=None) if hour < watch.by_hand_until else permitted

    @property
    def by_hand_until(self) -> float:
        """Hour until which no order from afar reaches the dosing of the works."""
        return self._works_watch.by_hand_until
