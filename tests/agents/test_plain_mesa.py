"""The columns against plain Mesa agents: the same town, the same days, hour by hour."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from plain_households import Given, PlainHousehold, PlainTown

from agentsim.agents.households.deprivation import DeprivationParameters
from agentsim.agents.households.parameters import HouseholdsParameters
from agentsim.agents.households.population import HomeSupply, Population
from agentsim.core.charter import Charter, Stock
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.messages import Weather
from agentsim.core.streams import Streams

TOLERANCE = 1e-9
SEED = 3
WELL_STOCKED = Stock(
    rooftop_pv_household_frac=0.35,
    home_battery_household_frac=0.4,
    electric_car_frac=0.4,
    energy_bank_kwh_per_household=1.0,
)
SETTLED = ("junction", "zone", "district", "feeder", "persons", "decile", "sector", "car", "electric_car")
ENDOWED = ("pv_kw", "battery_kwh", "battery_kw", "food_target_days", "bank_target_kwh")
POWER = ("wanted_kw", "asked_kw", "offered_kw", "charge_kw", "discharge_kw", "metered_kw")
WATER_AND_FOOD = ("water_wanted_l", "water_asked_l", "tap_l", "food_asked_kg")
STORES = ("soc_kwh", "bank_kwh", "ev_kwh", "food_days", "home_water_l", "deprivation_h", "trust")
STATE = POWER + WATER_AND_FOOD + STORES


RENAMED = {"car": "owned", "electric_car": "electric"}


def column(people: Population, name: str) -> np.ndarray:
    """A column by its name, whichever part of the population holds it."""
    name = RENAMED.get(name, name)
    parts = (people, people.homes, people.cars, people.power, people.larder, people.hardship)
    return next(getattr(part, name) for part in parts if hasattr(part, name))


def columns_of(people: Population) -> dict[str, np.ndarray]:
    """The state of the columns, copied."""
    state = {name: np.array(column(people, name), dtype=float) for name in STATE}
    state |= {f"clock_h {need}": people.hardship.clock_h[need].copy() for need in range(4)}
    return state | {f"gap {need}": np.array(people.hardship.gap[need]) for need in range(4)}


def columns_from(homes: list[PlainHousehold]) -> dict[str, np.ndarray]:
    """The same from the plain agents."""
    state = {name: np.array([getattr(home, name) for home in homes]) for name in STATE}
    state |= {f"clock_h {need}": np.array([home.clock_h[need] for home in homes]) for need in range(4)}
    return state | {f"gap {need}": np.array([home.gap[need] for home in homes]) for need in range(4)}


def assert_same(hour: int, columns: dict[str, np.ndarray], agents: dict[str, np.ndarray]) -> None:
    for name, column in columns.items():
        off = np.abs(column - agents[name])
        row = int(off.argmax())
        where = f"hour {hour}, {name}, household {row}"
        assert off[row] <= TOLERANCE, f"{where}: columns {column[row]!r}, agent {agents[name][row]!r}"


# ---- a society under attack -------------------------------------------------------------------------


@dataclass
class Siege:
    """Three days of a society: the inputs of each hour, and the state of the columns after it."""

    society: object
    given: list[Given]
    states: list[dict[str, np.ndarray]]


def record(society: object, hours: int) -> Siege:
    """Run *hours* hours and record the inputs of the population."""
    people, told, siege = society.population, {}, Siege(society, [], [])
    ask_power, ask_water, rotate, live = people.ask_power, people.ask_water, people.rotate, people.live

    def power(
        hour: int, weather: Weather, price_frac: float, switch: None, busy_frac: float, called: bool
    ) -> None:
        assert busy_frac == 1.0, "the plain agents know no common behaviour"
        told.update(hour=hour, temperature_degc=weather.temperature_degc, sun_frac=weather.sun_frac)
        told.update(power_price_frac=price_frac, brought_car_kwh=people.cars.brought_kwh_per_day)
        ask_power(hour, weather, price_frac)

    def water(hour: int, price_frac: float, thirsty_frac: float) -> None:
        assert thirsty_frac == 1.0, "the plain agents know no common behaviour"
        told.update(water_price_frac=price_frac)
        ask_water(hour, price_frac)

    def turns(hour: int, unserved_mw: np.ndarray, outage: object = None) -> np.ndarray:
        assert outage is None, "the plain agents know no sections of feeders"
        told.update(unserved_mw=unserved_mw.copy())
        return rotate(hour, unserved_mw)

    def life(supply: HomeSupply) -> np.ndarray:
        told.update(tap_frac=supply.tap_frac.copy(), food_frac=supply.food_frac.copy())
        told.update(trips_made_frac=supply.trips_made_frac.copy())
        return live(supply)

    people.ask_power, people.ask_water, people.rotate, people.live = power, water, turns, life
    for _ in range(hours):
        society.step()
        siege.given.append(Given(**told))
        siege.states.append(columns_of(people))
    return siege


def lose_units(society: object, hours: range, share: float) -> None:
    """Take *share* of the generation out in *hours*, so that the grid has to shed load."""
    nature, size = society.failures.at, society.place.grid.unit_max_mw
    out = np.cumsum(size) > (1.0 - share) * size.sum()

    def at(hour: int):
        damage = nature(hour)
        return replace(damage, units_out=damage.units_out | out) if hour in hours else damage

    society.failures.at = at


@pytest.fixture(scope="module")
def siege(hamlet) -> Siege:
    """Three days: a district cut off from power, water and roads, and a city short of power one evening."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("agentsim.society.setup.ground.enact", lambda *_: Charter(stock=WELL_STOCKED))
        changes = {"hours": 72, "attacker.first_hour": 20, "attacker.target": "Riverside"}
        changes["mechanisms.migration"] = False  # plain homes have no share of theirs that leaves
        society = hamlet(attacker="coercer:random", seed=SEED, changes=changes)
    lose_units(society, range(41, 47), share=0.8)
    return record(society, 72)


@pytest.fixture(scope="module")
def town(siege: Siege) -> PlainTown:
    society = siege.society
    return PlainTown(
        society.place,
        len(society.population),
        society.charter.stock,
        Streams(SEED),
        society.setting.parameters.households,
        society.setting.parameters.deprivation,
        society.mechanisms,
    )


def test_the_siege_exercises_every_rule(siege: Siege) -> None:
    """Otherwise the agreement below would prove little."""
    states, given = siege.states, siege.given
    dark = np.array([state["asked_kw"] - state["metered_kw"] for state in states])
    asked = np.array([state["asked_kw"] for state in states])
    assert ((dark > 0.01 * asked) & (dark < 0.99 * asked)).any(), "a turn ends within a home"
    fully_dark = (dark > 0.999 * asked).sum(axis=0)
    assert fully_dark.max() > 24
    feeder_lost = np.array([g.unserved_mw for g in given])
    assert (np.count_nonzero(feeder_lost > 0, axis=1) > 24).any(), "the whole city shed"
    assert min(g.tap_frac.min() for g in given) < 0.01
    assert min(g.trips_made_frac.min() for g in given) < 0.3
    assert {g.power_price_frac for g in given} != {1.0}
    for name in ("soc_kwh", "bank_kwh", "ev_kwh", "food_days", "home_water_l", "trust", "deprivation_h"):
        assert np.ptp([state[name] for state in states], axis=0).max() > 0, f"{name} never moved"
    for need in range(4):
        if need != 2:  # food at home outlasts three days
            assert max(state[f"gap {need}"].max() for state in states) > 0.5


def test_the_same_people_live_there(siege: Siege, town: PlainTown) -> None:
    for name in SETTLED + ENDOWED:
        columns = np.array(column(siege.society.population, name), dtype=float)
        agents = np.array([getattr(home, name) for home in town.homes], dtype=float)
        np.testing.assert_allclose(columns, agents, rtol=0, atol=TOLERANCE, err_msg=name)


def test_each_hour_of_the_siege_agrees(siege: Siege, town: PlainTown) -> None:
    for given, columns in zip(siege.given, siege.states, strict=True):
        town.live_hour(given)
        assert_same(given.hour, columns, columns_from(town.homes))


# ---- any inputs, any switches -----------------------------------------------------------------------


def random_inputs(rng: np.random.Generator, hour: int, people: Population, place) -> Given:
    """Random inputs of an hour: any temperature and price, cuts of every size."""

    def cuts(size: int) -> np.ndarray:
        kind, part = rng.random(size), rng.random(size)
        return np.where(kind < 0.4, 1.0, np.where(kind < 0.6, 0.0, part))

    asked_mw = people.homes.by_feeder(people.power.asked_kw) / 1000.0 if hour else np.ones(len(place.feeders))
    return Given(
        hour=hour,
        temperature_degc=float(rng.uniform(-5.0, 40.0)),
        sun_frac=float(max(rng.uniform(-0.5, 1.0), 0.0)),
        power_price_frac=float(rng.uniform(0.7, 3.0)),
        water_price_frac=float(rng.uniform(0.7, 3.0)),
        # last hour's load, so that some feeders lose more than they ask
        unserved_mw=asked_mw * (1.0 - cuts(len(place.feeders))),
        tap_frac=cuts(len(place.water.junction_id)),
        food_frac=cuts(len(place.districts)),
        trips_made_frac=cuts(len(place.zone_people)),
    )


def run_random_hours(people: Population, town: PlainTown, place, hours: int = 50) -> None:
    """Run both through the same random hours; they must agree after each."""
    rng = np.random.default_rng(11)
    for hour in range(hours):
        given = random_inputs(rng, hour, people, place)
        town.live_hour(given)
        weather = Weather(given.temperature_degc, given.sun_frac, 0.0, 0.0, 1.0)
        people.ask_power(hour, weather, given.power_price_frac)
        people.ask_water(hour, given.water_price_frac)
        people.larder.ask_food(hour)
        unserved_kw = people.rotate(hour, given.unserved_mw)
        people.live(HomeSupply(unserved_kw, given.tap_frac, given.food_frac, given.trips_made_frac))
        if hour % 24 == 23:
            people.end_day()
        assert_same(hour, columns_of(people), columns_from(town.homes))


@pytest.mark.parametrize("off", ["", "demand_response", "trust", "household_stocks"])
def test_random_hours_agree_under_every_mechanism_switched_off(off: str, bay_city) -> None:
    alive = Mechanisms(**{off: False} if off else {})
    people = Population(bay_city, 120, WELL_STOCKED, Streams(7), mechanisms=alive)
    town = PlainTown(bay_city, 120, WELL_STOCKED, Streams(7), mechanisms=alive)
    run_random_hours(people, town, bay_city)


def test_other_parameters_agree_too(bay_city) -> None:
    """No rule depends on a default."""
    numbers = HouseholdsParameters(
        load_spread=0.6,
        battery_efficiency=0.7,
        battery_floor_frac=0.6,
        stock_income_slope=0.15,
        rotation_h=3,
        trust_loss_per_day=0.4,
        ev_first_hour=22,
        need_mobility_frac=0.9,
    )
    suffering = DeprivationParameters(
        weight=(2.0, 0.5, 3.0, 0.1),
        clock_cap_h=12.0,
        growth_per_h=(0.1, 0.05, 0.02, 0.01),
        relief_frac_per_h=0.6,
    )
    stock = replace(WELL_STOCKED, home_water_l_per_person=1.0, home_food_days=0.3)
    people = Population(bay_city, 120, stock, Streams(8), numbers, suffering)
    town = PlainTown(bay_city, 120, stock, Streams(8), numbers, suffering)
    run_random_hours(people, town, bay_city)
