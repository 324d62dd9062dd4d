"""What changes in a city from month to month, and the rules by which it does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from agentsim.agents.households.adoption import Adoption, Terms
from agentsim.agents.households.tank_adoption import TankAdoption
from agentsim.core.charter import Charge
from agentsim.core.messages import EventLog
from agentsim.core.streams import Streams
from agentsim.institutions.ledger import YearlyParts
from agentsim.institutions.market import Treasury
from agentsim.networks.supply.metals import EquipmentMetals
from agentsim.networks.supply.mineral_path import MineralMonth, MineralPrices
from agentsim.place.mains import Mains
from agentsim.society.years.investment import Investment

# quantities of what homes come to own: panels, batteries, rain tanks
PANELS, BATTERIES, TANKS = OWNED = ("added_pv_homes", "added_battery_homes", "rain_tanks")
TURBINES = "wind_kw"
STORAGE = ("li_ion_kwh", "flow_kwh", "solid_state_kwh", "microgrid_kwh")  # of offices, in the grid
WITH_ELECTRIC_CARS = ("automated_cars", "controlled_cars")  # quantities that come with the cars themselves


@dataclass(frozen=True)
class Programme:
    """What offices build over the years, in equal parts each month; a running cost alone begins at once."""

    charge: Charge
    aim: float  # of the charge's quantity, when it is complete


@dataclass(frozen=True)
class CityMetals:
    """Metals in the equipment that a city orders over the years.

    Parameters
    ----------
    prices : the market
    equipment : metals and capital of one unit
    programmes_t : in all that offices build, by quantity [t]
    own_t : that the city recovers and mines itself in a month, from the month, counted from 0, and the share
        of offices' programmes that stands [t]
    pace_most_ratio : offices build at most so much faster than planned to catch up
    """

    prices: MineralPrices
    equipment: EquipmentMetals
    programmes_t: Mapping[str, float]
    own_t: Callable[[int, float], float]
    pace_most_ratio: float

    def in_programme(self, one: Programme) -> bool:
        """Whether a programme waits for metals."""
        return one.charge.quantity in self.equipment.unit_t or one.charge.quantity in WITH_ELECTRIC_CARS

    def price_frac(self, charge: Charge, minerals: MineralMonth) -> float:
        """Price of equipment in a month over its ordinary one."""
        return self.equipment.price_frac(charge.quantity, minerals.price_ratio)

    def in_amounts_t(self, amounts: Mapping[str, float]) -> float:
        """Metals in so much equipment of each quantity [t]."""
        unit_t = self.equipment.unit_t
        return sum(amount * unit_t.get(quantity, 0.0) for quantity, amount in amounts.items())


@dataclass
class City:
    """A city at the beginning of the years.

    Parameters
    ----------
    years : to be lived
    district : of each home, int (households,); each stands for *weight* real ones
    renewal_frac_per_y : mains that policies renew, besides what the city renews anyway
    bought : charges of what homes come to own, by quantity
    ordinary_bought : the same without any policy
    terms : what homes reckon with at a price of power [JPY/kWh], at ordinary prices of minerals
    ordinary_terms : the same without any policy
    treasury : tariffs and accounts, from what was installed costs a year by payer, the cost of generation
        [JPY/kWh] and what a kWh has to bring in besides [JPY/kWh]; its recovery forgets the past
    everyday_outage_h_per_y : by faults of feeders, which typical days leave out
    clustering : Moran's I of who owns something, from bool (households,)
    adopts, buys_energy : mechanisms ``adoption`` and ``distributed_energy``
    """

    years: int
    district: np.ndarray
    weight: float
    adoption: Adoption
    tanks: TankAdoption
    mains: Mains
    renewal_frac_per_y: float
    programmes: tuple[Programme, ...]
    bought: Mapping[str, tuple[Charge, ...]]
    ordinary_bought: Mapping[str, tuple[Charge, ...]]
    investment: Investment
    metals: CityMetals
    terms: Callable[[float], Terms]
    ordinary_terms: Callable[[float], Terms]
    treasury: Callable[[Mapping[str, YearlyParts], float, float], Treasury]
    everyday_outage_h_per_y: float
    clustering: Callable[[np.ndarray], float]
    streams: Streams
    log: EventLog
    adopts: bool = True
    buys_energy: bool = True

    @property
    def households(self) -> int:
        """Simulated ones."""
        return len(self.district)
