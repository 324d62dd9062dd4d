"""What the years before the first hour leave behind."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from agentsim.core.charter import Stock
from agentsim.core.messages import Event
from agentsim.institutions.ledger import YearlyParts

# shares that homes reach by adoption, and what is a yearly budget rather than a thing that is built
NOT_BUILT = (
    "rooftop_pv_household_frac",
    "home_battery_household_frac",
    "rain_tank_household_frac",
    "adoption_years",
    "mains_renewal_frac_per_y",
)
# programmes that wait for minerals, as turbines do: batteries and electric cars
OF_MINERALS = (
    "li_ion_storage_h",
    "flow_storage_h",
    "solid_state_storage_h",
    "microgrid_h",
    "energy_bank_kwh_per_household",
    "electric_car_frac",
    "automated_car_frac",
)
TURBINES = "district_wind_frac"  # wait for minerals, and for a utility that delays them


@dataclass(frozen=True)
class Lived:
    """A city after some years. Arrays are (households,) unless they say otherwise."""

    panels: np.ndarray  # bool
    battery: np.ndarray  # bool
    rain_tank: np.ndarray  # bool
    mains_age_y: np.ndarray  # (junctions,)
    built_frac: float = 0.0  # of what offices build over the years
    mineral_built_frac: float = 0.0  # of what they build of minerals
    turbines_built_frac: float = 0.0  # of the districts' turbines
    metals_built_frac: float = 1.0  # of both and of electric cars, by tonnes of metals
    storage_age_y: float = 0.0  # mean age of storage in the grid
    parts: Mapping[str, YearlyParts] = field(default_factory=dict)  # what was bought costs a year, by payer
    owner_jpy_per_y: np.ndarray | None = None  # what each home pays for what it bought itself
    recovery_jpy_per_kwh: float = 0.0  # what a kWh has to bring in besides, see ``CostRecovery``
    months: tuple[Mapping[str, Any], ...] = ()  # the table of the years, one row a month
    events: tuple[Event, ...] = ()

    def of_first(self, households: int) -> "Lived":
        """The same for a city that is drawn with fewer households: the first of them."""
        owned = {name: getattr(self, name)[:households] for name in ("panels", "battery", "rain_tank")}
        paid = None if self.owner_jpy_per_y is None else self.owner_jpy_per_y[:households]
        return replace(self, **owned, owner_jpy_per_y=paid)

    def stock(self, wanted: Stock, ordinary: Stock) -> Stock:
        """What stands of a *wanted* stock: programmes as far as they are built, homes' as far as bought."""
        stands: dict[str, Any] = {"rain_tank_household_frac": float(self.rain_tank.mean())}
        for item in fields(Stock):
            aim, before = getattr(wanted, item.name), getattr(ordinary, item.name)
            frac = self._built_frac(item.name)
            if isinstance(aim, float) and item.name not in NOT_BUILT and aim != before and frac < 1.0:
                stands[item.name] = before + frac * (aim - before)
        return replace(wanted, **stands)

    def _built_frac(self, share: str) -> float:
        if share == TURBINES:
            return self.turbines_built_frac
        return self.mineral_built_frac if share in OF_MINERALS else self.built_frac
