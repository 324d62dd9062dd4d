"""Bus lines of a place: unbroken ways there and back, arterials preferred, the busiest line first."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from roads_texts import write_tntp

from agentsim.core.errors import UnbuildablePlace
from agentsim.networks.roads.transit import BusNetwork
from agentsim.place.build import build
from agentsim.place.cases import BusLines, Place
from agentsim.place.layout.bus_lines import BusLinesParameters, with_bus_lines
from agentsim.place.spec import SHIPPED, spec_of_files


def laid(place: Place, lines: int = 6, **numbers: float) -> BusLines:
    found = with_bus_lines(place, BusLinesParameters(lines=lines, **numbers)).bus_lines  # type: ignore[arg-type]
    assert found is not None
    return found


def served(place: Place, lines: BusLines, line: int) -> float:
    """Trips of the peak hour between stops of a line."""
    stops = lines.stops(line)
    return float(place.roads.od_veh_per_h[np.ix_(stops, stops)].sum())


def unbroken(place: Place, lines: BusLines) -> None:
    """Each segment is a chain of links from the stop to the next one, and another one back."""
    roads = place.roads
    for line in range(len(lines)):
        for row in range(lines.first_stop[line], lines.first_stop[line + 1] - 1):
            here, there = lines.stop_zone[row], lines.stop_zone[row + 1]
            for way, (start, end) in enumerate(((here, there), (there, here))):
                links = lines.links(way, row)
                assert roads.link_from[links[0]] == start
                assert roads.link_to[links[-1]] == end
                assert (roads.link_to[links[:-1]] == roads.link_from[links[1:]]).all()
        assert not len(lines.links(0, lines.first_stop[line + 1] - 1)), "the last stop has no segment"


def test_lines_are_unbroken_and_stop_once_in_each_zone(bay_city: Place) -> None:
    lines = laid(bay_city)
    assert len(lines) == 6
    unbroken(bay_city, lines)
    for line in range(len(lines)):
        stops = lines.stops(line)
        assert len(np.unique(stops)) == len(stops) >= 2


def test_the_first_line_serves_most_trips_and_more_lines_reach_more_people(bay_city: Place) -> None:
    lines = laid(bay_city, 8)
    of_lines = [served(bay_city, lines, line) for line in range(len(lines))]
    assert max(of_lines) == of_lines[0]
    people = bay_city.zone_people
    reached = [people[np.unique(laid(bay_city, count).stop_zone)].sum() for count in (1, 3, 8)]
    assert reached == sorted(reached)
    assert reached[-1] > 0.95 * people.sum()
    few = laid(bay_city, 3)
    np.testing.assert_array_equal(few.stop_zone, lines.stop_zone[: len(few.stop_zone)])


def test_no_line_takes_longer_than_it_may(bay_city: Place) -> None:
    for most_h in (0.1, 0.25):
        lines = laid(bay_city, line_most_h=most_h)
        for line in range(len(lines)):
            rows = range(lines.first_stop[line], lines.first_stop[line + 1] - 1)
            time_h = sum(bay_city.roads.link_free_time_h[lines.links(0, row)].sum() for row in rows)
            assert time_h <= most_h + 1e-9


def test_lines_keep_to_arterials_where_side_streets_are_slow_for_buses(bay_city: Place) -> None:
    def arterial_frac(side_street_frac: float) -> float:
        lines = laid(bay_city, side_street_frac=side_street_frac)
        return float(bay_city.roads.link_arterial[lines.link[0][lines.link[0] >= 0]].mean())

    assert arterial_frac(4.0) > arterial_frac(1.0)


def test_one_way_streets_lead_the_bus_back_another_way(bay_city: Place) -> None:
    lines = laid(bay_city, 1)
    gone = int(lines.links(1, 0)[0])  # the first link of the way back
    kept = np.arange(len(bay_city.roads.link_from)) != gone
    columns = ("from", "to", "length_km", "free_time_h", "capacity_veh_per_h", "arterial", "district")
    fewer = {f"link_{name}": getattr(bay_city.roads, f"link_{name}")[kept] for name in columns}
    place = replace(bay_city, roads=replace(bay_city.roads, **fewer))
    unbroken(place, laid(place, 6))


def test_roads_from_a_file_take_their_widest_for_arterials(bay_city: Place) -> None:
    place = replace(bay_city, roads=replace(bay_city.roads, link_arterial=None))
    unbroken(place, laid(place))


def test_without_lines_a_place_is_as_it_was(bay_city: Place) -> None:
    assert with_bus_lines(bay_city, BusLinesParameters()) is bay_city


def test_more_lines_than_trips_need_are_not_laid(bay_city: Place) -> None:
    pair = np.zeros_like(bay_city.roads.od_veh_per_h)
    pair[3, 7] = 100.0
    place = replace(bay_city, roads=replace(bay_city.roads, od_veh_per_h=pair))
    lines = laid(place, 20, terminals_most=36)
    assert len(lines) == 1
    assert {3, 7} <= set(lines.stops(0).tolist())


@pytest.mark.parametrize("lines", [1, 5])
def test_the_garage_is_in_the_largest_district(bay_city: Place, lines: int) -> None:
    assert laid(bay_city, lines).garage_district == int(np.argmax(bay_city.districts.people))


@pytest.mark.parametrize("first_through", [1, 9])
def test_lines_run_over_a_users_own_roads(tmp_path: Path, first_through: int) -> None:
    """Plain nodes belong to the zone that reaches them soonest; a centroid may be passed or not."""
    files = write_tntp(tmp_path)
    text = files["net"].read_text(encoding="utf-8")
    files["net"].write_text(text.replace("<FIRST THRU NODE> 1", f"<FIRST THRU NODE> {first_through}"))
    spec = spec_of_files(SHIPPED / "bay_city" / "Net3.inp", roads=files["net"], trips=files["trips"])
    place = with_bus_lines(build(spec, 4).place, BusLinesParameters(lines=4))
    lines, roads = place.bus_lines, place.roads
    assert lines is not None
    for line in range(len(lines)):
        for row in range(lines.first_stop[line], lines.first_stop[line + 1] - 1):
            for way in range(2):
                links = lines.links(way, row)
                assert len(links)
                assert (roads.link_to[links[:-1]] == roads.link_from[links[1:]]).all()
    hour = BusNetwork(place).serve(8, 0.05 * roads.od_veh_per_h, roads.link_free_time_h)
    assert hour.carried == pytest.approx(hour.asked)
    assert hour.asked > 0.0


def test_a_line_that_may_be_no_longer_than_nothing_is_refused(bay_city: Place) -> None:
    with pytest.raises(UnbuildablePlace, match=r"line_most_h: .* within 0.001 h by road; raise it"):
        laid(bay_city, line_most_h=0.001)
