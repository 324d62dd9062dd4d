"""Events of what begins and ends: each is logged once, its end with how long it lasted."""

from types import SimpleNamespace

import numpy as np
import pytest

from agentsim.core.messages import EventLog, Order
from agentsim.place.cases import FOOD, FUEL
from agentsim.report.wording.events import event_text, place_name
from agentsim.society.state_events import BLACKOUT_FRAC, SHORT_FRAC, StateEvents


@pytest.fixture
def states(bay_city):
    return StateEvents(bay_city, EventLog())


def calm(number: int, place, **changes) -> SimpleNamespace:
    """An hour in which nothing happens, with the fields that are read; *changes* replace some."""
    districts, junctions = len(place.districts), len(place.water.junction_id)
    words = {
        "power_cut_off_frac": np.zeros(districts),
        "water_cut_off_frac": np.zeros(districts),
        "trunk_mains_shut": np.zeros(districts, bool),
        "roads_cut_off": np.zeros(districts, bool),
        "islanded": np.zeros(districts, bool),
        "signals_red_frac": None,
        "detectors_spoofed_frac": None,
        "cars_stopped_frac": 0.0,
        "devices_seized_frac": None,
        "withheld_frac": np.zeros(len(place.supply.terminal_good)),
        "dose_frac": 1.0,
        "generators_withheld_frac": 0.0,
        "seized": (),
        "seized_for": -1,
        "ordinary": False,
        "forged": {},
        "applied": (),
        "well_m3": np.zeros(districts),
        "unsafe": None,
        "delivered_mw": np.full(10, 10.0),
        "shed_mw": np.zeros(10),
        "tripped": (),
        "delivered_m3_per_h": np.full(junctions, 10.0),
        "short_m3_per_h": np.zeros(junctions),
        "unsolved_h": 0.0,
        "restricted_m3_per_h": np.zeros(junctions),
        "short_t": np.zeros(len(place.supply.depot_good)),
    } | changes
    said = SimpleNamespace(**words)
    service = SimpleNamespace(
        power=said, water=said, supply=said, plants=changes.get("plants"), buses=words.get("buses")
    )
    return SimpleNamespace(number=number, permitted=said, service=service)


def live(states: StateEvents, hours: range, **changes):
    for number in hours:
        states.take(calm(number, states.place, **changes))
    return [(event.hour, event.kind, event.where) for event in states.log.events]


def one(place, index: int, value: float = 1.0) -> np.ndarray:
    row = np.zeros(len(place.districts))
    row[index] = value
    return row


def test_calm_days_have_no_events(states):
    assert live(states, range(48)) == []


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("power_cut_off_frac", "restriction/power"),
        ("water_cut_off_frac", "restriction/water"),
        ("trunk_mains_shut", "restriction/mains"),
        ("roads_cut_off", "restriction/roads"),
        ("islanded", "island"),
    ],
)
def test_a_restriction_is_logged_when_it_begins_and_when_it_ends(states, bay_city, word, kind):
    order = (
        one(bay_city, 3).astype(bool) if word not in kind and "frac" not in word else one(bay_city, 3, 0.5)
    )
    live(states, range(5))
    live(states, range(5, 31), **{word: order})
    told = live(states, range(31, 40))
    where = bay_city.districts.name[3]
    assert told == [(5, kind, where), (31, "recovery", where)]
    assert states.log.events[1].fields["hours"] == 26


def test_a_cut_gives_its_size_whether_it_is_hidden_and_how_it_ended(states, bay_city):
    name, truth = bay_city.districts.name[3], one(bay_city, 3, 0.2)
    live(states, range(0, 4), power_cut_off_frac=truth, forged={"power": one(bay_city, 3).astype(bool)})
    live(
        states,
        range(4, 5),
        applied=(Order(f"municipality:{name}", f"breakers:{name}", "restore", 0.0),),
    )
    told = [event_text(event, "en") for event in states.log.events]
    assert told == [
        "power cut off by order, 20 % of it (the published figures deny it)",
        "power back on after 4 h, by its own staff by hand",
    ]


def test_withheld_goods_wrong_doses_and_seized_devices_are_logged(states, bay_city):
    supply = bay_city.supply
    first = supply.terminal_supplier[0]
    held = np.array([0.5 * (name == first) for name in supply.terminal_supplier])
    junctions = np.zeros(len(bay_city.water.junction_id), bool)
    junctions[bay_city.water.junction_district == 2] = True
    live(
        states,
        range(0, 2),
        withheld_frac=held,
        dose_frac=100.0,
        generators_withheld_frac=0.5,
        seized=("vote",),
        seized_for=1,
        unsafe=junctions,
    )
    told = {(place_name(event.where, "en"), event_text(event, "en")) for event in states.log.events}
    assert told == {
        (first, "withholds 50 % of what it could sell"),
        ("city", "chemicals at the waterworks set to 100 times the right dose"),
        ("city", "50 % of the generation company's units are not offered"),
        ("the count of votes", f"seized, and turned against {bay_city.districts.name[1]}"),
        (bay_city.districts.name[2], "water at taps is unsafe to drink"),
    }
    live(states, range(2, 3))
    assert [event.kind for event in states.log.events[5:]] == ["recovery"] * 5


def test_each_district_has_its_own_events(states, bay_city):
    both = one(bay_city, 0) + one(bay_city, 1)
    live(states, range(0, 2), power_cut_off_frac=both)
    live(states, range(2, 4), power_cut_off_frac=one(bay_city, 0))
    told = live(states, range(4, 5))
    first, second = bay_city.districts.name[:2]
    assert told[2:] == [(2, "recovery", second), (4, "recovery", first)]


def test_a_blackout_is_more_than_a_hundredth_of_the_load(states):
    little, much = np.zeros(10), np.zeros(10)
    little[0], much[0] = 100.0 * BLACKOUT_FRAC * 0.9, 100.0 * BLACKOUT_FRAC * 1.1
    assert live(states, range(0, 1), shed_mw=little) == []
    assert live(states, range(1, 2), shed_mw=much) == [(1, "blackout", "city")]
    assert event_text(states.log.events[0], "en") == "1.1 MW of load shed"


def test_dry_taps_are_logged_by_district(states, bay_city):
    rows = bay_city.water.junction_district == 4
    share = SHORT_FRAC * 1.2
    told = live(
        states,
        range(3, 4),
        short_m3_per_h=np.where(rows, 10.0 * share, 0.0),
        delivered_m3_per_h=np.where(rows, 10.0 * (1 - share), 10.0),
    )
    assert told == [(3, "shortage/water", bay_city.districts.name[4])]
    assert live(states, range(4, 5))[-1][1] == "recovery"


def test_an_empty_depot_is_logged_with_its_good(states, bay_city):
    good = bay_city.supply.depot_good
    fuel, food = np.flatnonzero(good == FUEL)[0], np.flatnonzero(good == FOOD)[0]
    short = np.zeros(len(good))
    short[[fuel, food]] = 1.0
    live(states, range(0, 1), short_t=short)
    assert [event.fields["good"] for event in states.log.events] == ["fuel", "food"]


def test_a_tripped_line_is_named_by_its_buses(states, bay_city):
    live(states, range(7, 8), tripped=(2,))
    grid = bay_city.grid
    ends = f"{grid.bus_id[grid.line_from[2]]}-{grid.bus_id[grid.line_to[2]]}"
    assert [(e.hour, e.kind, e.where) for e in states.log.events] == [(7, "cascade", f"line:{ends}")]


def test_buses_without_fuel_are_told_once(states):
    running, standing = (SimpleNamespace(bus_h=18.0, buses_stopped=stopped) for stopped in (0.5, 9.0))
    live(states, range(5), buses=running)
    live(states, range(5, 8), buses=standing)
    events = live(states, range(8, 10), buses=running)
    assert events == [(5, "shortage/buses", "bus_operator"), (8, "recovery", "bus_operator")]
    texts = [event_text(event, "en") for event in states.log.events]
    assert texts[0].startswith("50 % of the buses stand still")
    assert texts[1] == "all buses run again after 3 h"


def test_the_events_of_a_run_are_in_order(hamlet):
    society = hamlet(
        [],
        "coercer",
        1,
        60,
        {"attacker.first_hour": 24, "attacker.target": "Harbour", "bad_actor.action_chance": 1.0},
    )
    hours = [event.hour for event in society.events]
    assert hours == sorted(hours)
    begun = {event.kind for event in society.events if event.hour == 24 and event.where == "Harbour"}
    assert begun >= {"restriction/power", "restriction/water", "restriction/roads"}


@pytest.mark.parametrize("islanding", [True, False])
def test_an_island_is_logged_unless_microgrids_are_switched_off(hamlet, islanding):
    changes = {"attacker.first_hour": 2, "bad_actor.action_chance": 1.0, "mechanisms.islanding": islanding}
    # orders of the control centre are applied, so that the district loses power under E-C2 too
    society = hamlet(["E-C2"], "coercer", 1, 12, changes | {"mechanisms.control_graph": False})
    kinds = {event.kind for event in society.events}
    assert "restriction/power" in kinds
    assert ("island" in kinds) == islanding


def test_a_plant_without_power_is_told_when_it_stops_and_when_it_runs_again(bay_city):
    plants = SimpleNamespace(planned_t=np.ones(1), made_t=np.zeros(1))
    running = SimpleNamespace(planned_t=np.ones(1), made_t=np.ones(1))
    states = StateEvents(bay_city, EventLog())
    live(states, range(2), plants=running)
    live(states, range(2, 5), plants=plants)
    last = bay_city.supply.terminal_supplier[-1]
    told = live(states, range(5, 7), plants=running)
    assert told == [(2, "plants", f"supplier:{last}"), (5, "recovery", f"supplier:{last}")]
