"""The ground of a society: its scenario, its rules, its city with what is installed, and its chance."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from agentsim.core.charter import Charter, Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import EventLog
from agentsim.core.streams import Streams
from agentsim.institutions.exploration import Portfolio
from agentsim.networks.supply.build_up import BuiltUp
from agentsim.place.cases import Place
from agentsim.place.equipment import Equipment, install
from agentsim.place.layout.bus_lines import with_bus_lines
from agentsim.place.layout.city_plants import Plant
from agentsim.place.layout.substitutes import with_substitutes
from agentsim.policies import enact
from agentsim.scenario.file import Scenario
from agentsim.society.setup import resources
from agentsim.society.years.lived import Lived

T = TypeVar("T")


# what the mechanisms distributed_energy and vehicle_fleets bring
OWN_POWER = (
    *("rooftop_pv_household_frac", "home_battery_household_frac", "adoption_years", "district_wind_frac"),
)
FLEETS = (*("electric_car_frac", "automated_car_frac", "driverless_frac", "controlled_charging_frac"),)


@dataclass(frozen=True)
class Ground:
    """What every part of a society is built from.

    Several societies of one scenario, the same policies and one seed may stand on it (:meth:`again`).
    """

    scenario: Scenario
    charter: Charter
    place: Place
    equipment: Equipment
    streams: Streams
    log: EventLog
    lived: Lived | None = None  # what the years before the first hour left; None: there were none
    plants: tuple[Plant, ...] = ()  # of fuel and metals, behind the other terminals of the place
    mines: Portfolio | None = None  # what a programme of exploration found; None: there is none
    built: BuiltUp | None = None  # how far the build-up came; None: all stands at once
    shared: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)  # see :meth:`once`

    @property
    def mechanisms(self) -> Mechanisms:
        """Which parts of the model are switched on."""
        return self.scenario.mechanisms

    @property
    def parameters(self) -> Any:
        """The scenario's numbers, by table."""
        return self.scenario.parameters

    @property
    def is_typical_year(self) -> bool:
        """Whether it stands for a year of those before the first hour, of which a few days are lived."""
        return self.lived is not None and not self.scenario.years_before

    def once(self, name: str, make: Callable[[], T]) -> T:
        """What *make* gives: made for the first society on this ground and handed to the others.

        Only for what scenario, policies and seed decide and no society changes.
        """
        if name not in self.shared:
            self.shared[name] = make()
        return self.shared[name]

    def again(self) -> "Ground":
        """The same ground for one more society, with a log of its own."""
        return replace(self, log=EventLog())


def lay_ground(scenario: Scenario, policies: Sequence[str], seed: int, lived: Lived | None = None) -> Ground:
    """The rules after *policies*, and the city of *scenario* with what they install in it.

    With years that were *lived* before stands what was built and bought in them.
    """
    charter = enact(policies, scenario.measures)
    if not scenario.mechanisms.distributed_energy:
        charter = replace(charter, stock=_as_ordinary(charter.stock, OWN_POWER))
    if not scenario.mechanisms.vehicle_fleets:
        charter = replace(charter, stock=_as_ordinary(charter.stock, FLEETS))
    if lived is not None:
        charter = replace(charter, stock=lived.stock(charter.stock, Charter().stock))
    place = scenario.build_place()
    numbers, live, streams = scenario.parameters, scenario.mechanisms, Streams(seed)
    mines = resources.mines_found(charter, numbers, live, streams)
    charter, built = resources.built_up(charter, place, numbers, live, mines)
    sizes = numbers.equipment
    if lived is not None:
        sizes = replace(sizes, storage_age_y=sizes.storage_age_y + lived.storage_age_y)
    equipment = install(charter.stock, Charter().stock, place, sizes)
    if scenario.mechanisms.bus_lines:
        place = with_bus_lines(place, scenario.parameters.bus_lines)
    if scenario.mechanisms.diversification:
        place = _with_makers_of_substitutes(place, equipment, scenario)
    plants = resources.plants_of(charter, place.supply, equipment, numbers, live, mines)
    place = resources.place_with_plants(place, plants)
    return Ground(scenario, charter, place, equipment, streams, EventLog(), lived, plants, mines, built)


def _as_ordinary(stock: Stock, fields: tuple[str, ...]) -> Stock:
    """The stock with these *fields* as in an ordinary city."""
    ordinary = Stock()
    return replace(stock, **{name: getattr(ordinary, name) for name in fields})


def _with_makers_of_substitutes(place: Place, equipment: Equipment, scenario: Scenario) -> Place:
    """The place with makers of substitutes, if any, among its suppliers (mechanism diversification)."""
    numbers = scenario.parameters.supply
    supply = with_substitutes(
        place.supply,
        equipment.substitute_t_per_d,
        numbers.substitute_price_ratio,
        numbers.substitute_lead_days,
    )
    return replace(place, supply=supply)
