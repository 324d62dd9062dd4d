"""The household rules, as columns and as plain Mesa agents: nanoseconds for one household's hour.

Both live the same ordinary hours with the same weather, prices and services; that they agree number for
number is what ``tests/agents/test_plain_mesa.py`` shows.
"""

import json
import sys
from pathlib import Path
from time import process_time

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent / "tests" / "agents"))

from plain_households import Given, PlainTown

from agentsim.agents.households.population import HomeSupply, Population
from agentsim.core.charter import Stock
from agentsim.core.messages import Weather
from agentsim.core.streams import Streams
from agentsim.place.build import load_place
from agentsim.place.cases import Place
from benchmarks.reference_loop import reference_loop_s

COLUMN_ROWS, PLAIN_ROWS = 30_000, 1_000
HOURS = 24


def hours_given(place: Place) -> list[Given]:
    """A summer's day on which everything asked is delivered but for one feeder's evening cut."""
    feeders, day = len(place.feeders), []
    for hour in range(HOURS):
        cut = np.zeros(feeders)
        if 18 <= hour < 20:
            cut[-1] = 0.5 * place.feeders.peak_mw[-1]
        day.append(
            Given(
                hour=hour,
                temperature_degc=27.0 + 4.0 * np.sin((hour - 9) * np.pi / 12.0),
                sun_frac=max(np.sin((hour - 6) * np.pi / 12.0), 0.0),
                power_price_frac=1.1,
                water_price_frac=1.0,
                unserved_mw=cut,
                tap_frac=np.ones(len(place.water.junction_id)),
                food_frac=np.ones(len(place.districts)),
                trips_made_frac=np.ones(len(place.zone_x_km)),
            )
        )
    return day


def live_day(people: Population, day: list[Given]) -> float:
    """Seconds that these hours take the columns."""
    begin = process_time()
    for given in day:
        weather = Weather(given.temperature_degc, given.sun_frac, 0.0, 0.0, 1.0)
        people.ask_power(given.hour, weather, given.power_price_frac)
        people.ask_water(given.hour, given.water_price_frac)
        people.larder.ask_food(given.hour)
        unserved_kw = people.rotate(given.hour, given.unserved_mw)
        people.live(HomeSupply(unserved_kw, given.tap_frac, given.food_frac, given.trips_made_frac))
    people.end_day()
    return process_time() - begin


def columns_ns(place: Place, day: list[Given], repeats: int = 5) -> float:
    """Nanoseconds an agent-step of the columns, the quickest of some days."""
    towns = (Population(place, COLUMN_ROWS, Stock(), Streams(1)) for _ in range(repeats))
    return 1e9 * min(live_day(people, day) for people in towns) / (COLUMN_ROWS * len(day))


def plain_mesa_ns(place: Place, day: list[Given], repeats: int = 2) -> float:
    """The same of ordinary Mesa agents with an ordinary ``step``."""
    best = np.inf
    for _ in range(repeats):
        people = PlainTown(place, PLAIN_ROWS, Stock(), Streams(1))
        begin = process_time()
        for given in day:
            people.live_hour(given)
        best = min(best, process_time() - begin)
    return 1e9 * best / (PLAIN_ROWS * len(day))


def measure() -> dict[str, float]:
    """The entry ``household_rule`` of ``results.json``."""
    place = load_place("bay_city", 8)
    day = hours_given(place)
    ours, plain = columns_ns(place, day), plain_mesa_ns(place, day)
    return {
        "ns_per_agent_step": ours,
        "plain_mesa_ns_per_agent_step": plain,
        "ratio": plain / ours,
        "reference_loop_s": reference_loop_s(),
    }


if __name__ == "__main__":
    print(json.dumps(measure()))
