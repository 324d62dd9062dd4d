"""Offices: utilities, municipalities, suppliers, the monitor and the attacker, and what they order."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agentsim.agents.attacker.bad_actor import BadActor
from agentsim.agents.officers.bus_operator import BusOperator
from agentsim.agents.officers.monitor import Monitor
from agentsim.agents.officers.municipality import Municipality
from agentsim.agents.officers.supplier import Supplier
from agentsim.agents.officers.utility import PowerUtility, WaterUtility
from agentsim.core.messages import Damage, Hour, Order
from agentsim.networks.coupling import Operation
from agentsim.place.cases import Place
from agentsim.place.failures import Failures


@dataclass(frozen=True)
class Offices:
    """Everybody who holds an office, and whoever attacks."""

    place: Place
    failures: Failures
    power_utility: PowerUtility
    water_utility: WaterUtility
    municipalities: list[Municipality]
    suppliers: list[Supplier]
    attackers: list[BadActor]
    monitor: Monitor
    roads_to_crews: bool  # mechanism of that name
    bus_operator: BusOperator | None = None  # None: there are no bus lines
    _all_offered: np.ndarray = field(init=False, repr=False)  # (terminals,) ones

    def __post_init__(self) -> None:
        object.__setattr__(self, "_all_offered", np.ones(len(self.place.supply.terminal_good)))

    @property
    def _officers(self) -> list[Any]:
        """Those who give orders, in the order in which they decide."""
        return [self.power_utility, self.water_utility, *self.municipalities, *self.attackers]

    @property
    def orders(self) -> list[Order]:
        """Everything that was ordered this hour."""
        return [order for officer in self._officers for order in officer.orders]

    def decide(
        self, hour: int, last: Hour | None, damage: Damage, shed_weight: tuple[float, ...] | np.ndarray
    ) -> Operation:
        """Everybody decides, crews go out; what the control rooms set for the hour."""
        for officer in self._officers:
            officer.step()
        self.monitor.step()
        if self.bus_operator is not None:
            self.bus_operator.step()
        self._silence_captured()
        allowed_frac = self._offers(last)
        if last is not None and self.roads_to_crews and not last.permitted.ordinary:
            closed = last.permitted.roads_cut_off
            if np.count_nonzero(closed):
                self.failures.delay(hour, closed[self.place.feeders.district])
        service = last.service if last else None
        bursts = self.water_utility.repair(hour, damage, service)
        return Operation(
            store_plan_mw=self.power_utility.store_plan_mw(hour),
            reserve_mw=self.power_utility.reserve_mw,
            bursts=bursts,
            allowed_frac=allowed_frac,
            shed_weight=shed_weight,
            warned=self.water_utility.warned,
            works_links=self.water_utility.mains_office.renewal.closed_links(),
            bus_timetable=None if self.bus_operator is None else self.bus_operator.buses,
        )

    def _silence_captured(self) -> None:
        """A captured municipality gives no orders in the hour in which its district is struck."""
        silenced = {principal for attacker in self.attackers for principal in attacker.silenced}
        if not silenced:
            return
        for municipality in self.municipalities:
            if municipality.principal in silenced:
                municipality.orders = []

    def _offers(self, last: Hour | None) -> np.ndarray:
        """Share of its capacity that each terminal's owner is willing to sell, array (terminals,)."""
        if last is not None and np.count_nonzero(last.service.supply.imported_t):
            for supplier in self.suppliers:
                supplier.step()
        reluctant = [supplier for supplier in self.suppliers if supplier.offer_frac != 1.0]
        if not reluctant:
            return self._all_offered
        allowed_frac = self._all_offered.copy()
        for supplier in reluctant:
            allowed_frac[supplier.terminals] = supplier.offer_frac
        return allowed_frac
