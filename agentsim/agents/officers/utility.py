"""The utilities: they commit units by the forecast, switch pumps and watch the dosing."""

from dataclasses import replace

import mesa
import numpy as np

from agentsim.agents.officers.mains_office import MainsOffice, UtilitiesParameters
from agentsim.core.messages import BurstChange, Damage, Order, Outlook, Permitted, Service
from agentsim.core.units import HOURS_PER_DAY
from agentsim.networks.power.commitment import CommitmentParameters, commit, priority, reserve_requirement_mw
from agentsim.networks.power.storage_plan import StoragePlanParameters, plan_storage


class PowerUtility(mesa.Agent):
    """The power control room: commits units, holds reserve and plans the grid's storage."""

    principal = "power_control_room"

    def __init__(
        self, model: mesa.Model, parameters: CommitmentParameters, storage: StoragePlanParameters
    ) -> None:
        super().__init__(model)
        self.parameters, self._storage_numbers = parameters, storage
        grid = model.place.grid
        self._order = priority(grid.unit_cost, grid.unit_max_mw)
        self.committed = np.ones(len(grid.unit_bus), dtype=bool)
        self._commits = [Order(self.principal, "units", "commit", self.committed)]  # for as long as it holds
        self._coming = self.committed  # on line once the lead time is over
        self._switched = np.full(len(grid.unit_bus), model.hour - 1001.0)  # last hour in the other state
        self._state: tuple[bytes, bytes] | None = None  # which units are out and offered, by which is known:
        self._available_mw, self._largest_mw = grid.unit_max_mw, 0.0
        self.store_plan_mw = np.zeros((HOURS_PER_DAY, len(model.equipment.stores.power_mw)))
        self.reserve_mw = 0.0
        self.orders: list[Order] = []

    def step(self) -> None:
        self.orders = self.decide(self.model.hour, self.model.outlook, self.model.damage)

    def decide(self, hour: int, outlook: Outlook, damage: Damage) -> list[Order]:
        """Orders of the hour: units are committed block by block, storage at midnight, reserve every hour."""
        p, offered_frac = self.parameters, self.model.coupling.offered_frac  # as of the last hour
        state = damage.units_out.tobytes(), b"" if offered_frac is None else offered_frac.tobytes()
        new_block = hour % p.block_h == 0
        if new_block or state != self._state:
            self._state = state
            self._available_mw = self.model.place.grid.unit_max_mw * ~damage.units_out
            if offered_frac is not None:
                self._available_mw = self._available_mw * offered_frac
            if new_block:
                self._begin_block(hour, outlook)
            self._largest_mw = float((self._available_mw * self.committed).max())
        if hour % HOURS_PER_DAY == 0 and self.model.mechanisms.storage:
            self.store_plan_mw = self._plan_storage(outlook)
        self.reserve_mw = reserve_requirement_mw(
            p.z, outlook.load_sigma_mw, self._largest_mw, p.largest_unit_frac
        )
        return self._commits

    def _begin_block(self, hour: int, outlook: Outlook) -> None:
        """What was committed goes on line, and what comes after it is decided."""
        self._switched = np.where(self._coming == self.committed, self._switched, hour - 1.0)
        self.committed = self._coming
        self._commits = [Order(self.principal, "units", "commit", self.committed)]
        self._coming = self._commit(outlook, hour - self._switched)

    def _commit(self, outlook: Outlook, since_h: np.ndarray) -> np.ndarray:
        """Units to be on line in the next block; *since_h* (units,) they have been on, or off."""
        grid, p = self.model.place.grid, self.parameters
        return commit(
            forecast_mw=np.maximum(outlook.load_mw - outlook.solar_mw, 0.0),
            sigma_mw=outlook.load_sigma_mw,
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

    def _plan_storage(self, outlook: Outlook) -> np.ndarray:
        """What the grid's stores do in each hour of the day, (24, stores) [MW]."""
        model = self.model
        return plan_storage(
            load_mw=outlook.load_mw,
            solar_mw=outlook.solar_mw,
            unit_cost=model.place.grid.unit_cost,
            capability_mw=self._available_mw * self.committed,
            stores=model.equipment.stores,
            energy_mwh=model.coupling.power.stores.energy_mwh,
            buses=len(model.place.grid.bus_id),
            parameters=self._storage_numbers,
        )


class WaterUtility(mesa.Agent):
    """The water control room: pumps on tank levels, and crews for bursts."""

    principal = "water_control_room"

    def __init__(self, model: mesa.Model, parameters: UtilitiesParameters, mains_office: MainsOffice) -> None:
        super().__init__(model)
        self.parameters, self.mains_office = parameters, mains_office
        self.pumps_on = np.zeros(len(model.place.water.pump_id), dtype=bool)
        self._runs = Order(self.principal, "pumps", "run", self.pumps_on)  # for as long as it holds
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
        """Mains that burst and that are mended this hour."""
        return self.mains_office.step(hour, damage, service)

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
