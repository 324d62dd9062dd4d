"""Shortages: which ones can be foreseen, and by which rule they are shared (mechanisms S13)."""

import numpy as np

from agentsim.agents.households.civics import Civics
from agentsim.core.charter import Allocation
from agentsim.core.messages import Damage, Hour, Outlook
from agentsim.core.units import HOURS_PER_DAY
from agentsim.institutions.rationing import (
    Rationing,
    RationingParameters,
    power_cut_frac,
    shed_weights,
    water_cut_frac,
)
from agentsim.networks.coupling import Coupling
from agentsim.place.cases import Place


class Shortages:
    """Foresees shortages of water and power hour by hour, where the charter has a rule to share them.

    ``inflow_frac`` is the river's flow over the last days, as a share of its normal; ``shed_frac`` the
    largest share of the load that was shed of late.
    """

    def __init__(
        self,
        place: Place,
        *,
        water: Rationing,
        power: Rationing,
        coupling: Coupling,
        civics: Civics,
        allocation: Allocation,
        leakage_frac: float,
        parameters: RationingParameters,
    ) -> None:
        self.water, self.power = water, power
        self._place, self._coupling, self._civics = place, coupling, civics
        self._allocation, self._leakage_frac, self._parameters = allocation, leakage_frac, parameters
        self.shed_frac = 0.0
        self.inflow_frac = 1.0

    def step(self, hour: int, last: Hour | None, outlook: Outlook, damage: Damage) -> None:
        """Foresee this hour's shortages and settle by which rule they are shared."""
        if not self.water.exists or last is None:
            return
        electorate = self._civics.electorate
        seized, seized_for = last.permitted.seized, last.permitted.seized_for
        self.water.step(hour, self._water_cut_frac(last), electorate, seized, seized_for)
        self.power.step(hour, self._power_cut_frac(last, outlook, damage), electorate, seized, seized_for)

    def _water_cut_frac(self, last: Hour) -> float:
        """Share of the water asked that will be missing."""
        dam, mains = self._coupling.raw_water, last.service.water
        self.inflow_frac += (last.weather.inflow_frac - self.inflow_frac) / (2 * HOURS_PER_DAY)
        made_m3_per_d = HOURS_PER_DAY * (float(mains.well_m3.sum()) + mains.desalinated_m3)
        asked_m3_per_h = float(self.water.claims.asked.sum())
        return water_cut_frac(
            dam.volume_m3,
            self.inflow_frac * dam.yield_m3_per_d + made_m3_per_d,
            HOURS_PER_DAY * asked_m3_per_h / (1.0 - self._leakage_frac),
            self._coupling.water.tank_fill_frac,
            self._parameters,
        )

    def _power_cut_frac(self, last: Hour, outlook: Outlook, damage: Damage) -> float:
        """Share of the load that will be missing."""
        able_mw = float(self._place.grid.unit_max_mw @ ~damage.units_out)
        grid = last.service.power
        self.shed_frac = max(
            self.shed_frac * (1.0 - 1.0 / HOURS_PER_DAY),
            float(grid.shed_mw.sum() / max(grid.shed_mw.sum() + grid.delivered_mw.sum(), 1e-9)),
        )
        return power_cut_frac(float(outlook.load_mw.max()), able_mw, self.shed_frac, self._parameters)

    def shed_weight(self) -> tuple[float, ...] | np.ndarray:
        """By what weights feeders are shed: the rule in force, else the charter's, (tiers,) or (feeders,)."""
        feeders = self._place.feeders
        return shed_weights(self.power, feeders.district, feeders.tier, self._allocation.shed_weight)
