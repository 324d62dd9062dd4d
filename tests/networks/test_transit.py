"""Bus lines: half a headway of waiting, common lines, changes, room, closed roads, empty tanks."""

from dataclasses import replace
from itertools import combinations, pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from agentsim.core.messages import BusService
from agentsim.networks.roads.transit import BusNetwork, TransitParameters
from agentsim.place.cases import BusLines

LINK_H, KM, HEADWAY_H = 0.1, 4.0, 1.0 / 3.0
ROW = TransitParameters(layover_frac=0.0, timetable=(1.0,) * 24, first_headway_h=HEADWAY_H)
SEGMENT_H = LINK_H + ROW.stop_h_per_km * KM
NIGHT, PEAK = 2, 8


def corridor(lines: list[list[int]], zones: int = 4, apart_km: float = KM) -> Any:
    """Zones in a row, joined by links both ways: link 2k leads from zone k to k + 1, 2k + 1 back."""
    first_stop, stop_zone = [0], list[int]()
    links: tuple[list[list[int]], list[list[int]]] = ([], [])
    for stops in lines:
        stop_zone += stops
        first_stop.append(len(stop_zone))
        for a, b in pairwise(stops):
            step = 1 if b > a else -1
            between = [(k if step > 0 else k - 1) for k in range(a, b, step)]
            out, back = ([2 * k for k in between], [2 * k + 1 for k in between[::-1]])
            links[0].append(out if step > 0 else [k + 1 for k in out])
            links[1].append(back if step > 0 else [k - 1 for k in back])
        for way in links:
            way.append([])
    first_link = np.array([np.cumsum([0, *map(len, way)]) for way in links])
    case = BusLines(
        name=tuple(str(k) for k in range(len(lines))),
        first_stop=np.array(first_stop),
        stop_zone=np.array(stop_zone),
        first_link=first_link,
        link=np.array([[one for row in way for one in row] for way in links]),
    )
    count = 2 * (zones - 1)
    roads = SimpleNamespace(
        link_length_km=np.full(count, KM), link_free_time_h=np.full(count, LINK_H), link_from=np.arange(count)
    )
    return SimpleNamespace(
        bus_lines=case, roads=roads, zone_x_km=apart_km * np.arange(zones), zone_y_km=np.zeros(zones)
    )


def network(*lines: list[int], numbers: TransitParameters = ROW, **more: Any) -> BusNetwork:
    return BusNetwork(corridor(list(lines), **more), numbers)


def free_h(zones: int = 4) -> np.ndarray:
    return np.full(2 * (zones - 1), LINK_H)


def people(zones: int = 4, **pairs: float) -> np.ndarray:
    """``people(z02=100.0)``: a hundred from zone 0 to zone 2."""
    persons = np.zeros((zones, zones))
    for pair, count in pairs.items():
        persons[int(pair[1]), int(pair[2])] = count
    return persons


def balanced(hour: BusService) -> None:
    assert hour.asked == pytest.approx(hour.carried + hour.left + hour.cut)
    assert hour.carried == pytest.approx(hour.carried_persons.sum())
    assert hour.buses_fleet == pytest.approx(hour.buses_out + hour.buses_stopped + hour.buses_garage)


def test_a_trip_is_half_a_headway_of_waiting_and_the_ride() -> None:
    trip_h = network([0, 1, 2, 3]).offer(PEAK, free_h()).trip_h
    assert trip_h[0, 3] == pytest.approx(HEADWAY_H / 2 + 3 * SEGMENT_H)
    assert trip_h[2, 1] == pytest.approx(HEADWAY_H / 2 + SEGMENT_H)
    assert np.isinf(np.diag(trip_h)).all()


def test_two_lines_on_the_same_road_halve_the_wait() -> None:
    one, two = (network(*lines).offer(PEAK, free_h()).trip_h for lines in ([[0, 1, 2]], [[0, 1, 2]] * 2))
    assert one[0, 2] - two[0, 2] == pytest.approx(HEADWAY_H / 4)


def test_a_slow_line_is_not_worth_waiting_less() -> None:
    """A detour of 30 minutes beside a wait of 10: who lets the slow bus pass is there sooner."""
    quick = network([0, 1, 2]).offer(PEAK, free_h()).trip_h
    place = corridor([[0, 1, 2], [0, 3, 2]])  # the second line goes round by zone 3
    both = BusNetwork(place, ROW).offer(PEAK, np.full(6, LINK_H)).trip_h
    assert both[0, 2] <= quick[0, 2]
    assert both[0, 2] > quick[0, 2] - HEADWAY_H / 4


def test_a_change_costs_another_wait_and_its_trouble() -> None:
    lines = network([0, 1], [1, 2], [2, 3])
    trip_h = lines.offer(PEAK, free_h()).trip_h
    one_line = HEADWAY_H / 2 + SEGMENT_H
    for end, rides in ((1, 1), (2, 2), (3, 3)):
        assert trip_h[0, end] == pytest.approx(rides * one_line + (rides - 1) * ROW.change_h)
    four = network([0, 1], [1, 2], [2, 3], [3, 4], zones=5)
    assert np.isinf(four.offer(PEAK, free_h(5)).trip_h[0, 4]), "nobody changes three times"


def test_passengers_are_conserved_and_their_kilometres_add_up() -> None:
    lines = network([0, 1], [1, 2, 3])
    hour = lines.serve(PEAK, people(z03=20.0, z12=10.0, z31=5.0), free_h())
    balanced(hour)
    assert hour.carried == 35.0
    assert hour.person_km == pytest.approx((20 * 3 + 10 + 5 * 2) * KM)
    assert hour.boardings.tolist() == pytest.approx([20.0, 35.0])


def test_a_full_bus_leaves_people_behind() -> None:
    lines = network([0, 1, 2, 3])
    room = 3 * ROW.places  # three buses an hour
    hour = lines.serve(PEAK, people(z03=2 * room, z23=room), free_h())
    balanced(hour)
    assert hour.left == pytest.approx(2 * room)
    assert hour.carried_persons[0, 3] == pytest.approx(2 / 3 * room), "a third of the riders of the last part"
    assert hour.crowding_frac <= 1.0 + 1e-12


def test_riders_learn_from_day_to_day_when_and_where_buses_are_crowded() -> None:
    lines = network([0, 1, 2, 3])
    before = lines.offer(PEAK, free_h()).trip_h[0, 3]
    for _ in range(2):
        lines.serve(PEAK, people(z03=3 * ROW.places), free_h())
    assert lines.offer(PEAK, free_h()).trip_h[0, 3] > before
    assert lines.offer(PEAK + 1, free_h()).trip_h[0, 3] == before, "other hours are known to be empty"
    assert lines.offer(PEAK, free_h()).trip_h[3, 0] == before, "and so is the other way"
    for _ in range(60):
        lines.serve(PEAK, people(z03=3 * ROW.places), free_h())
    full = lines.offer(PEAK, free_h(), crowding=True).trip_h[0, 3]
    assert full - before == pytest.approx(3 * SEGMENT_H * (ROW.crowded_time_frac - 1.0), rel=1e-6)
    assert lines.offer(PEAK, free_h(), crowding=False).trip_h[0, 3] == before


def test_a_bus_with_free_seats_is_not_crowded() -> None:
    lines = network([0, 1, 2, 3])
    before = lines.offer(PEAK, free_h()).trip_h
    lines.serve(PEAK, people(z03=3 * ROW.seats), free_h())
    np.testing.assert_array_equal(lines.offer(PEAK, free_h()).trip_h, before)


def test_each_line_tells_its_own_crowding() -> None:
    """Line 0 runs from zone 0 to 1 and line 1 from zone 2 to 3; a hundred ride on one, fifty on the other."""
    lines = network([0, 1], [2, 3])
    hour = lines.serve(PEAK, people(z01=100.0, z23=50.0), free_h())
    first, second = hour.line_crowding_frac
    places = ROW.places * hour.per_h
    assert first == pytest.approx(100.0 / places[0])
    assert second == pytest.approx(50.0 / places[1])
    assert hour.crowding_frac == pytest.approx((100.0 * first + 50.0 * second) / 150.0)
    assert lines.serve(NIGHT, people(), free_h()).line_crowding_frac.tolist() == [0.0, 0.0]


def test_a_closed_road_cuts_the_line_there_and_nowhere_else() -> None:
    lines, closed = network([0, 1, 2, 3]), free_h()
    closed[2:4] = np.inf  # between zones 1 and 2
    hour = lines.serve(PEAK, people(z03=20.0, z01=10.0, z32=5.0), closed)
    balanced(hour)
    assert (hour.carried, hour.cut, hour.left) == (15.0, 20.0, 0.0)


def test_slow_traffic_lengthens_the_headway_of_the_same_buses() -> None:
    lines = network([0, 1, 2, 3])
    free, slow = (lines.serve(PEAK, people(z03=1.0), hours) for hours in (free_h(), 3 * free_h()))
    assert free.buses_out == slow.buses_out
    assert free.per_h[0] == pytest.approx(1 / HEADWAY_H)
    slow_round_h = 6 * (3 * LINK_H + ROW.stop_h_per_km * KM)
    assert slow.per_h[0] == pytest.approx(slow.buses_out / slow_round_h)


def test_without_fuel_no_bus_runs_and_drivers_are_paid() -> None:
    lines = network([0, 1, 2, 3])
    hour = lines.serve(PEAK, people(z03=20.0), free_h(), fuel_frac=0.0)
    balanced(hour)
    assert (hour.carried, hour.cut, hour.buses_out, hour.fuel_t) == (0.0, 20.0, 0.0, 0.0)
    assert hour.bus_h == hour.buses_stopped > 0.0
    half = lines.serve(PEAK, people(z03=20.0), free_h(), fuel_frac=0.5)
    assert half.per_h[0] == pytest.approx(0.5 / HEADWAY_H)


def test_no_bus_at_night() -> None:
    lines = network([0, 1, 2, 3], numbers=TransitParameters())
    hour = lines.serve(NIGHT, people(z03=20.0), free_h())
    balanced(hour)
    assert (hour.carried, hour.cut, hour.bus_h) == (0.0, 20.0, 0.0)


def test_people_walk_to_a_stop_next_door_and_no_further() -> None:
    near = network([0, 1, 2], apart_km=1.0).offer(PEAK, free_h()).trip_h
    walk_h = 1.3 * 1.0 / ROW.walk_km_per_h
    assert near[3, 0] == pytest.approx(near[2, 0] + walk_h)
    assert np.isinf(near[2, 3]), "there is no bus from a stop to itself"
    far = network([0, 1, 2]).offer(PEAK, free_h()).trip_h
    assert np.isinf(far[3]).all()
    assert np.isinf(far[:, 3]).all()


def test_a_fleet_is_conserved_under_any_timetable() -> None:
    lines = network([0, 1, 2], [2, 3])
    lines.set_timetable(np.array([0.7, 0.0]))
    hour = lines.serve(PEAK, people(z02=5.0, z23=3.0), free_h())
    balanced(hour)
    assert hour.per_h[1] == 0.0
    assert hour.cut == 3.0


def test_electric_buses_drive_on_their_batteries_until_these_are_empty() -> None:
    lines = network([0, 1, 2, 3], numbers=replace(ROW, electric_frac=1.0, battery_kwh=60.0))
    full = lines.stored_kwh
    assert full == pytest.approx(lines.fleet * 60.0)
    assert lines.charge_asked_mw(PEAK) > 0.0, "what it is about to drive is charged again"
    hours = [lines.serve(PEAK, people(z03=5.0), free_h(), fuel_frac=0.0) for _ in range(6)]
    assert hours[0].buses_stopped == 0.0, "they need no fuel"
    assert hours[-1].carried == 0.0
    assert hours[-1].buses_out == 0.0
    assert hours[0].fuel_t == 0.0
    assert full - sum(hour.driven_kwh for hour in hours) == pytest.approx(hours[-1].stored_kwh, abs=1e-9)


def test_the_garage_charges_no_more_than_there_is_room_for() -> None:
    lines = network(
        [0, 1, 2, 3], numbers=replace(ROW, electric_frac=0.5, timetable=(0.0,) * 12 + (1.0,) * 12)
    )
    full = lines.stored_kwh
    assert lines.charge_asked_mw(0) == 0.0, "full, and no bus leaves"
    hour = lines.serve(12, people(z03=5.0), free_h())
    assert hour.driven_kwh == pytest.approx(hour.bus_km * 0.5 * ROW.kwh_per_km, rel=0.01)
    asked_kwh = 1000.0 * lines.charge_asked_mw(0)
    chargers_kw = lines.fleet * 0.5 * ROW.charger_kw
    assert asked_kwh == pytest.approx(min(full - lines.stored_kwh, chargers_kw))
    assert lines.charge(hour, asked_kwh).stored_kwh == pytest.approx(hour.stored_kwh + asked_kwh)
    assert lines.stored_kwh <= full + 1e-9


def test_the_lines_waited_for_are_the_set_with_the_least_expected_time() -> None:
    """Against all sets of lines, for parallel lines with headways and riding times by chance."""
    rng = np.random.default_rng(7)
    for _ in range(30):
        count = 4
        place = corridor([[0, 1]] * count, zones=2)
        # each line has a road of its own from zone 0 to zone 1
        hours, runs = rng.uniform(0.05, 1.0, count), rng.uniform(0.5, 8.0, count)
        lines = replace(place.bus_lines, link=np.array([2 * np.arange(count), 2 * np.arange(count) + 1]))
        roads = SimpleNamespace(link_length_km=np.zeros(2 * count), link_free_time_h=np.repeat(hours, 2))
        own = SimpleNamespace(bus_lines=lines, roads=roads, zone_x_km=place.zone_x_km, zone_y_km=np.zeros(2))
        buses = BusNetwork(own, ROW)
        buses.set_timetable(runs * buses.round_trip_h)
        got = buses.offer(PEAK, roads.link_free_time_h).trip_h[0, 1]
        sets = [list(one) for size in range(1, count + 1) for one in combinations(range(count), size)]
        best = min((0.5 + (runs[one] * hours[one]).sum()) / runs[one].sum() for one in sets)
        assert got == pytest.approx(best)
