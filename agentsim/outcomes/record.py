"""The record of a run: what happened, hour by hour and district by district.

The model writes numbers here and never reads them back. Outcomes are functions of a record.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING

import numpy as np

from agentsim.core.units import HOURS_PER_YEAR

if TYPE_CHECKING:
    import pandas as pd

# hour x district
BY_DISTRICT = (
    "power_asked_mwh",
    "power_unserved_mwh",
    "power_restricted_mwh",
    "power_hidden_mwh",
    "water_asked_m3",
    "water_unserved_m3",
    "water_restricted_m3",
    "contamination_person_h",
    "trips_wanted",
    "trips_made",
    "food_short_persons",
    "deprivation_h",
    "output_lost_jpy",
    "output_usual_jpy",
)
# one number an hour for the city, by what it is about
OF_POWER = (
    "temperature_degc",
    "load_wanted_mw",
    "load_asked_mw",
    "load_delivered_mw",
    "generation_mw",
    "renewable_mw",
    "home_own_mw",
    "home_sold_mw",
    "curtailed_mw",
    "grid_load_mw",
    "foreseen_hour_ahead_mw",
    "foreseen_day_ahead_mw",
    "reserve_mw",
    "reserve_short_mw",
    "generation_jpy",
    "cheapest_jpy",
    "power_co2_t",
)
OF_ACCOUNTS = (
    "power_price_jpy_per_kwh",
    "water_price_jpy_per_m3",
    "utility_margin_jpy",
    "utility_profit_jpy",
    "utility_profit_lost_jpy",
    "lobbying_jpy",
    "replaced_mwh",
)
OF_WATERWORKS = ("water_input_m3", "water_leakage_m3", "water_local_m3")
OF_OWN_WATER = ("rain_used_m3", "private_well_m3", "recharged_m3", "water_table_m")
OF_MAINS = ("tank_volume_m3", "water_residual_m3", "hydraulics_unsolved_h", "bursts_open")
OF_ROADS = (
    "road_works_links",
    "trips_asked_veh",
    "trips_stranded_veh",
    "trips_restricted_veh",
    "vehicle_km",
    "delay_veh_h",
    "volume_capacity_frac",
)
OF_FLEETS = (
    "automated_km",
    "empty_km",
    "ride_km",
    "ride_empty_km",
    "ride_persons",
    "rides_left",
    "trips_stopped_veh",
)
OF_CRASHES = ("crashes_expected", "crashes_automated", "crashes_happened", "crashes_open")
OF_TRAVEL = ("road_fuel_t", "transit_persons", "mode_persons")
OF_BUSES = (
    "transit_person_km",
    "transit_crowded_km",
    "transit_left_persons",
    "transit_bus_h",
    "transit_cost_jpy",
    "transit_subsidy_jpy",
)
OF_GOODS = (
    "fuel_unserved_t",
    "fuel_restricted_t",
    "minerals_unserved_t",
    "fuel_stockouts",
    "minerals_stockouts",
)
OF_BOUGHT = (
    "resources_bought_t",
    "resources_cost_jpy",
    "old_suppliers_cost_jpy",
    "old_suppliers_sales_jpy",
    "old_suppliers_lost_jpy",
    "fuel_bought_t",
    "fuel_without_oil_t",
)
OF_PLANTS = ("oil_produced_t", "plants_mwh", "plants_co2_t", "plants_waste_t")
OF_PRICES = ("fuel_jpy_per_t", "minerals_jpy_per_t", "food_jpy_per_t")
OF_PEOPLE = ("p2p_mwh", "protesters_frac")
CITY_GROUPS = (
    *(OF_POWER, OF_ACCOUNTS, OF_WATERWORKS, OF_OWN_WATER, OF_MAINS, OF_ROADS, OF_FLEETS, OF_CRASHES),
    *(OF_TRAVEL, OF_BUSES, OF_GOODS, OF_BOUGHT, OF_PLANTS, OF_PRICES, OF_PEOPLE),
)
BY_CITY = tuple(name for group in CITY_GROUPS for name in group)
_IN_ORDER = itemgetter(*BY_CITY)


@dataclass(frozen=True)
class ResourcesClosing:
    """What measures on resources left, and what it is compared with."""

    reserves_t: float = 0.0
    land_ha: float = 0.0
    built_frac: float = 1.0  # of equipment with metals that was to be built before the first hour
    retired_t_per_h: float = 0.0  # equipment that is thrown away and not recovered
    yearly_jpy: float = 0.0  # annuities and running costs of plants, mines' programme and substitutes
    usual_sales_jpy_per_h: float = 0.0  # of suppliers outside, in ordinary times
    running_frac: float = 0.0  # of their sales at ordinary prices
    fixed_frac: float = 0.0
    assets_y: float = 0.0  # their assets over a year's ordinary sales
    jobs_per_billion_jpy: float = 0.0  # a year of sales at ordinary prices


@dataclass
class Closing:
    """The state at the end of a run that outcomes need, rows as in the population."""

    households: float  # of the city, not simulated rows
    people_weight: np.ndarray  # (households,) people each row stands for
    district: np.ndarray
    decile: np.ndarray
    deprivation_h: np.ndarray
    dark_h: np.ndarray  # hours without power, partial hours as parts
    interruptions: np.ndarray
    momentary: np.ndarray  # interruptions of some minutes, which are no part of the others
    bill_jpy: np.ndarray
    trust: np.ndarray
    income_jpy_per_month: np.ndarray
    capital_jpy_per_household_y: float
    supplier_t: np.ndarray  # (suppliers,) sold to the city
    target: int | None  # the attacked district
    attacked: bool  # there is a coercer, whether it attacks or not
    attacks_begun: int
    smallest_capture_set: dict[str, float]  # by network, and "all": mean over districts
    reach_hhi: float
    # of the attack, its discovery and what people did; hours are nan where it did not happen
    abuse_hour: float = float("nan")  # first hour in which control was used against people
    known_hour: float = float("nan")  # first admitted abuse or true alarm
    proof_hour: float = float("nan")  # first verdict against who committed it
    revoked_hour: float = float("nan")  # somebody who had abused it
    false_alarms: int = 0
    wrongly_charged: int = 0
    attack_payoff: float = 0.0
    # of concessions: hours are nan where nobody may concede, or nobody did
    concessions: int = 0
    waiting_from_hour: float = float("nan")  # first hour in which a coercer may act who waits for one
    conceded_hour: float = float("nan")  # of the first concession
    concession_loss_jpy: float = 0.0
    deprivation_jpy_per_h: float = 0.0  # worth of a weighted deprivation-hour of one person
    runs_per_year: float = 1.0
    households_moved: float = 0.0
    autonomy_h: float = 0.0
    single_captors_water: float = 1.0  # principals, mean over districts
    casualties_per_crash: float = 0.0
    driving_jobs: float = 0.0  # of buses, taxis and deliveries, in an ordinary city
    water_control_edges: int = 0
    # of what homes own
    pv_homes_frac: float = 0.0
    battery_homes_frac: float = 0.0
    rain_tank_homes_frac: float = 0.0
    adoption_morans_i: float = float("nan")
    # of the water mains
    bursts: int = 0
    leaks_not_found: int = 0
    leak_awareness_h: float = float("nan")
    leak_location_h: float = float("nan")
    false_leak_alarms: int = 0
    leak_inspections: int = 0
    pipe_age_y: float = 0.0
    mains_overdue_frac: float = 0.0
    # of public transport
    bus_frequency_per_h: float = float("nan")
    bus_drivers: float = 0.0
    carless_jobs_frac: float = float("nan")
    carless_jobs_poorest_frac: float = float("nan")
    sector_lost_frac: dict[str, float] = field(default_factory=dict)
    # of money and work
    prosumes: np.ndarray = field(default_factory=lambda: np.zeros(0, dtype=bool))  # (households,)
    lobbying_months: float = 0.0
    stranded_jpy: float = 0.0
    jobs_brought: dict[str, float] = field(default_factory=dict)  # by branch, full-time
    jobs_displaced_by: dict[str, float] = field(default_factory=dict)  # by branch
    without_work: float = 0.0  # of those displaced, at the end
    wages_lost_jpy: float = 0.0
    water_price_parts: dict[str, float] = field(default_factory=dict)  # by what was installed [JPY/m3]
    # of carbon dioxide
    embodied_kg_per_y: float = 0.0
    upstream_power_frac: float = 0.0  # of what stations emit, from winning their fuels
    upstream_petrol_frac: float = 0.0
    # of resources
    resources: ResourcesClosing = field(default_factory=ResourcesClosing)


@dataclass
class Record:
    """Arrays that fill hour by hour: ``at["name"]`` is (hours, districts), ``city["name"]`` (hours,).

    They hold at most a year at first, and grow as hours come.
    ``closing`` is set when the run is measured.
    """

    districts: tuple[str, ...]
    hours: int
    lived: int = 0
    at: dict[str, np.ndarray] = field(init=False)
    city: dict[str, np.ndarray] = field(init=False)
    closing: Closing = field(init=False)

    def __post_init__(self) -> None:
        districts = len(self.districts)
        self.hours = min(self.hours, HOURS_PER_YEAR)
        self._keep(np.zeros((len(BY_DISTRICT), self.hours, districts)), np.zeros((len(BY_CITY), self.hours)))

    def _keep(self, at: np.ndarray, city: np.ndarray) -> None:
        """The columns are parts of two arrays, (columns, hours, districts) and (columns, hours)."""
        self._at, self._city = at, city
        self.at = dict(zip(BY_DISTRICT, at, strict=True))
        self.city = dict(zip(BY_CITY, city, strict=True))

    def add(self, at: dict[str, np.ndarray] | np.ndarray, city: dict[str, float] | tuple[float, ...]) -> None:
        """Write the next hour; a name that is missing is an error.

        Parameters
        ----------
        at : array (districts,) by name, or an array (columns, districts) in the order of ``BY_DISTRICT``
        city : number by name, or numbers in the order of ``BY_CITY``
        """
        if self.lived == self.hours:
            self._grow()
        self._at[:, self.lived] = [at[name] for name in BY_DISTRICT] if isinstance(at, dict) else at
        self._city[:, self.lived] = _IN_ORDER(city) if isinstance(city, dict) else city
        self.lived += 1

    def _grow(self) -> None:
        more = max(self.hours, 24 - self.hours)
        self.hours += more
        self._keep(
            np.pad(self._at, ((0, 0), (0, more), (0, 0))),
            np.pad(self._city, ((0, 0), (0, more))),
        )

    def total(self, name: str) -> float:
        """Sum of a column over the hours lived."""
        source = self.at if name in self.at else self.city
        return float(source[name][: self.lived].sum())

    def mean(self, name: str) -> float:
        """Mean of a city column over the hours lived."""
        return self.total(name) / max(self.lived, 1)

    def totals_by_district(self) -> dict[str, list[float]]:
        """Sums over the hours lived, one for each district, by column."""
        return {name: column[: self.lived].sum(axis=0).tolist() for name, column in self.at.items()}

    def by_district(self) -> "pd.DataFrame":
        """One row an hour and district, for ``hours.csv``."""
        import pandas as pd  # here, because a run does not need it

        index = pd.MultiIndex.from_product([range(self.lived), self.districts], names=["hour", "district"])
        columns = {name: column[: self.lived].ravel() for name, column in self.at.items()}
        return pd.DataFrame(columns, index=index).reset_index()

    def by_hour(self) -> "pd.DataFrame":
        """One row an hour for the city, for ``city.csv``."""
        import pandas as pd

        columns = {name: series[: self.lived] for name, series in self.city.items()}
        return pd.DataFrame(columns).rename_axis("hour").reset_index()


# What a kind of outcome can be. A delay begins with an event; it is undefined where that never happened.
KINDS = {
    "amount": (0.0, math.inf),
    "count": (0.0, math.inf),
    "share": (0.0, 1.0),
    "delay": (0.0, math.inf),
    "balance": (-math.inf, math.inf),
}


@dataclass(frozen=True)
class Outcome:
    """A number by which runs are compared. ``better``: -1 lower is better, +1 higher, 0 neither; ``kind``: of
    ``KINDS``, which intervals depend on.
    """

    name: str
    unit: str
    title: str
    title_ja: str
    better: int
    statement: str
    measure: Callable[[Record], float]
    kind: str = "amount"


OUTCOMES: dict[str, Outcome] = {}


def outcome(unit: str, title: str, title_ja: str, better: int = -1, kind: str = "amount") -> Callable:
    """Register a function of a record as an outcome of its own name; its docstring is the definition."""

    def register(measure: Callable[[Record], float]) -> Callable[[Record], float]:
        statement = " ".join((measure.__doc__ or "").split())
        OUTCOMES[measure.__name__] = Outcome(
            name=measure.__name__,
            unit=unit,
            title=title,
            title_ja=title_ja,
            better=better,
            statement=statement,
            measure=measure,
            kind=kind,
        )
        return measure

    return register


def share(part: float, whole: float, empty: float = 0.0) -> float:
    """part / whole, and *empty* where there is no whole."""
    return part / whole if whole else empty
