"""Bay City as it is built: whole, connected, balanced, and the same every time."""

import hashlib
import heapq
import os
import shutil
import subprocess
import sys
import time
from dataclasses import fields, is_dataclass, replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest

from agentsim.core.errors import UnbuildablePlace
from agentsim.place.build import _build, build, load_place, map_scale_m
from agentsim.place.cases import (
    BULK,
    COMMERCIAL,
    CRITICAL,
    FOOD,
    FUEL,
    MINERALS,
    RESIDENTIAL,
    Place,
    RoadCase,
)
from agentsim.place.layout.grid import resistance_distance
from agentsim.place.layout.people import bulk_users, settle
from agentsim.place.readers.inp import read_inp
from agentsim.place.spec import SHIPPED, Spec, read_spec


@pytest.fixture(scope="module")
def city() -> Place:
    return load_place("bay_city")


def street_graph(city: Place) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(range(len(city.zone_x_km)))
    graph.add_edges_from(zip(city.roads.link_from.tolist(), city.roads.link_to.tolist(), strict=True))
    return graph


# --- water and people


def test_base_demand_alone_is_28_percent_of_the_true_mean() -> None:
    network = read_inp(SHIPPED / "bay_city" / "Net3.inp")
    assert network.base_m3_per_h.sum() / network.demand_m3_per_h.sum() == pytest.approx(0.279, abs=0.001)


def test_homes_draw_64_percent_of_the_water(city: Place) -> None:
    demand = city.water.junction_demand_m3_per_h
    domestic = float((demand * (1.0 - city.water.junction_bulk_frac)).sum())
    assert domestic == pytest.approx(30000 * 2.2 * 0.284 / 24.0)
    assert domestic / demand.sum() == pytest.approx(0.64, abs=0.005)


def test_what_bay_city_states_is_what_its_files_would_give() -> None:
    """The map's scale, the bulk users and their factor are derivations that the shipped file only rounds."""
    network = read_inp(SHIPPED / "bay_city" / "Net3.inp")
    parameters = read_spec("bay_city").parameters
    assert map_scale_m(network) == pytest.approx(parameters.map_scale_m, rel=0.02)
    assert bulk_users(network) == parameters.bulk_junctions
    derived = settle(network, replace(parameters, bulk_junctions=None, bulk_factor=None))
    stated = settle(network, parameters)
    assert derived.bulk_m3_per_h.sum() == pytest.approx(stated.bulk_m3_per_h.sum(), rel=0.02)


def test_people_are_counted_once(city: Place) -> None:
    people = city.households * city.persons_per_household
    assert city.zone_people.sum() == pytest.approx(people)
    assert city.districts.people.sum() == pytest.approx(people)
    assert city.zone_jobs.sum() == pytest.approx(0.5 * people)
    assert city.districts.jobs.sum() == pytest.approx(0.5 * people)
    by_district = np.bincount(city.zone_district, city.zone_people, len(city.districts))
    np.testing.assert_allclose(by_district, city.districts.people)
    per_job_h = city.districts.value_added_jpy_per_h.sum() / city.districts.jobs.sum()
    assert 4500.0 < per_job_h < 5000.0


def test_a_junction_lies_in_the_district_of_its_zone(city: Place) -> None:
    np.testing.assert_array_equal(city.zone_district[city.water.junction_zone], city.water.junction_district)
    assert set(city.water.junction_zone.tolist()) == set(range(36))


def test_both_sources_cover_the_city_in_a_normal_year(city: Place) -> None:
    daily = city.water.junction_demand_m3_per_h.sum() * 24.0
    assert city.water.source_id == ("River", "Lake")
    assert city.water.source_yield_m3_per_d.sum() == pytest.approx(1.6 * daily)


def test_works_and_pumps_hang_on_critical_feeders_of_their_district(city: Place) -> None:
    feeders = np.concatenate([city.water.source_feeder, city.water.pump_feeder])
    assert (city.feeders.tier[feeders] == CRITICAL).all()
    works = [site.district for site in city.sites if site.kind == "treatment_works"]
    np.testing.assert_array_equal(city.feeders.district[city.water.source_feeder], works)


def test_shutting_the_trunk_pipes_parts_a_district_from_the_rest(city: Place) -> None:
    network = read_inp(city.water.inp_file)
    district = dict(zip(network.junction_id, city.water.junction_district.tolist(), strict=True))
    for d, trunk in enumerate(city.water.trunk_pipes):
        assert trunk
        graph = nx.Graph()
        graph.add_nodes_from(network.node_id)
        for name, a, b in zip(network.link_id, network.link_from, network.link_to, strict=True):
            if name not in trunk:
                graph.add_edge(network.node_id[a], network.node_id[b])
        for part in nx.connected_components(graph):
            inside = {district[node] == d for node in part if node in district}
            assert len(inside) <= 1
    lengths = network.link_length_m.sum() / 1000.0
    assert city.water.junction_pipe_km.sum() == pytest.approx(lengths)


def test_a_well_stands_where_most_people_of_its_district_live(city: Place) -> None:
    np.testing.assert_array_equal(city.water.junction_district[city.water.well_junction], range(8))
    assert (city.water.junction_bulk_frac[city.water.well_junction] == 0).all()


# --- districts


def test_districts_are_contiguous_and_of_like_population(city: Place) -> None:
    streets = street_graph(city)
    for d in range(len(city.districts)):
        assert nx.is_connected(streets.subgraph(np.flatnonzero(city.zone_district == d).tolist()))
    mean = city.districts.people.mean()
    assert (np.abs(city.districts.people / mean - 1.0) < 0.35).all()


def test_every_district_has_its_own_name_in_two_languages(city: Place) -> None:
    assert len(set(city.districts.name)) == len(set(city.districts.name_ja)) == 8
    assert "Harbour" in city.districts.name
    assert "港町" in city.districts.name_ja


@pytest.mark.parametrize("districts", [1, 2, 5, 12])
def test_other_numbers_of_districts_are_cities_too(districts: int) -> None:
    city = load_place("bay_city", districts=districts)
    assert len(city.districts) == len(set(city.districts.name)) == districts
    streets = street_graph(city)
    for d in range(districts):
        assert nx.is_connected(streets.subgraph(np.flatnonzero(city.zone_district == d).tolist()))
    assert city.feeders.peak_mw.sum() == pytest.approx(135.0)
    assert set(city.feeders.district.tolist()) == set(range(districts))


# --- the grid


def test_the_grid_is_the_test_system_at_the_size_of_the_city(city: Place) -> None:
    scale = 135.0 / 2850.0
    assert city.grid.bus_load_mw.sum() == pytest.approx(135.0)
    assert city.grid.unit_max_mw.sum() == pytest.approx(3405.0 * scale)
    assert city.grid.base_mva == pytest.approx(100.0 * scale)
    assert city.grid.line_limit_mw[0] == pytest.approx(175.0 * scale)
    assert city.grid.line_x_pu[0] == 0.0139  # per unit of a base that is scaled alike


def test_the_merit_order_is_strict(city: Place) -> None:
    marginal = city.grid.unit_cost[:, 1]
    assert len(np.unique(marginal)) == len(marginal)
    fuel = np.array(city.grid.unit_fuel)
    dearest = {name: marginal[fuel == name].max() for name in ("hydro", "nuclear", "coal")}
    assert dearest["hydro"] < dearest["nuclear"] < dearest["coal"] < marginal[fuel == "oil"].min()
    assert 15000.0 < marginal[fuel == "oil"].min() < 20000.0


def test_every_district_is_fed_by_two_to_six_buses(city: Place) -> None:
    for d in range(len(city.districts)):
        assert 2 <= len(np.unique(city.feeders.bus[city.feeders.district == d])) <= 6


def test_feeders_share_out_the_load_of_every_bus_and_tier(city: Place) -> None:
    feeders = city.feeders
    assert ((feeders.bus >= 0) & (feeders.bus < 24) & (feeders.district >= 0) & (feeders.district < 8)).all()
    assert (feeders.peak_mw > 0).all()
    assert (feeders.length_km > 0).all()
    np.testing.assert_allclose(
        np.bincount(feeders.bus, feeders.peak_mw, 24), city.grid.bus_load_mw, rtol=1e-9
    )
    by_tier = np.bincount(feeders.tier, feeders.peak_mw, 4) / 135.0
    wanted = {CRITICAL: 0.08, RESIDENTIAL: 0.25, COMMERCIAL: 0.43, BULK: 0.24}
    np.testing.assert_allclose(by_tier, [wanted[k] for k in range(4)], rtol=1e-6)
    keys = list(zip(feeders.district.tolist(), feeders.tier.tolist(), feeders.bus.tolist(), strict=True))
    assert keys == sorted(set(keys))


def test_homes_of_a_district_have_their_share_of_residential_load(city: Place) -> None:
    home = city.feeders.tier == RESIDENTIAL
    load = np.bincount(city.feeders.district[home], city.feeders.peak_mw[home], 8)
    np.testing.assert_allclose(
        load / load.sum(), city.districts.people / city.districts.people.sum(), rtol=1e-6
    )


def test_buses_that_the_wires_hold_close_stand_close_on_the_map(city: Place) -> None:
    far = resistance_distance(city.grid)
    x, y = city.grid.bus_x_km, city.grid.bus_y_km
    km = np.hypot(x[:, None] - x[None, :], y[:, None] - y[None, :])
    above = np.triu_indices(24, 1)
    assert np.corrcoef(far[above].argsort().argsort(), km[above].argsort().argsort())[0, 1] > 0.5


# --- roads


def test_streets_join_the_whole_city_and_do_not_tangle(city: Place) -> None:
    streets = street_graph(city)
    assert nx.is_connected(streets)
    assert min(dict(streets.degree).values()) >= 1
    assert 40 <= streets.number_of_edges() <= 60
    assert nx.check_planarity(streets)[0]
    back = set(zip(city.roads.link_to.tolist(), city.roads.link_from.tolist(), strict=True))
    assert back == set(zip(city.roads.link_from.tolist(), city.roads.link_to.tolist(), strict=True))


def test_links_know_their_districts_and_signals_their_feeder(city: Place) -> None:
    roads = city.roads
    np.testing.assert_array_equal(roads.link_district[:, 0], city.zone_district[roads.link_from])
    np.testing.assert_array_equal(roads.link_district[:, 1], city.zone_district[roads.link_to])
    np.testing.assert_array_equal(city.feeders.district[roads.signal_feeder], roads.link_district[:, 1])
    assert np.isin(city.feeders.tier[roads.signal_feeder], (COMMERCIAL, CRITICAL)).all()


def test_seven_thousand_vehicles_leave_their_zone_at_the_peak(city: Place) -> None:
    od = city.roads.od_veh_per_h
    assert od.sum() == pytest.approx(7000.0)
    assert (np.diag(od) == 0).all()
    assert (od >= 0).all()
    nobody = city.zone_people + city.zone_jobs == 0
    assert (od[nobody] == 0).all()
    assert (od[:, nobody] == 0).all()


def loaded(roads: RoadCase, rounds: int) -> np.ndarray:
    """Volumes by the method of successive averages over Dijkstra trees, written apart from the builder's."""
    zones, links = len(roads.zone_x_km), len(roads.link_from)
    leaving = [[k for k in range(links) if roads.link_from[k] == z] for z in range(zones)]
    volume = np.zeros(links)
    for turn in range(rounds):
        time_h = roads.link_free_time_h * (1 + 0.15 * (volume / roads.link_capacity_veh_per_h) ** 4)
        extra = np.zeros(links)
        for origin in range(zones):
            best, via, queue = {origin: 0.0}, {}, [(0.0, origin)]
            while queue:
                hours, zone = heapq.heappop(queue)
                for k in leaving[zone] if hours <= best[zone] else ():
                    there = int(roads.link_to[k])
                    if hours + time_h[k] < best.get(there, np.inf):
                        best[there], via[there] = hours + time_h[k], k
                        heapq.heappush(queue, (best[there], there))
            for goal in via:
                here = goal
                while here != origin:
                    extra[via[here]] += roads.od_veh_per_h[origin, goal]
                    here = int(roads.link_from[via[here]])
        volume += (extra - volume) / (turn + 1)
    return volume


def test_vehicles_meet_a_volume_of_0_60_of_capacity_at_the_peak(city: Place) -> None:
    volume = loaded(city.roads, 12)
    saturation = volume / city.roads.link_capacity_veh_per_h
    assert float((volume * saturation).sum() / volume.sum()) == pytest.approx(0.60, abs=0.03)
    assert (saturation < 1.0).mean() > 0.9


def test_a_place_that_states_no_lane_capacity_gets_the_one_that_gives_0_60() -> None:
    spec = read_spec("bay_city")
    free = replace(spec, parameters=replace(spec.parameters, lane_capacity_veh_per_h=None))
    assert load_place(free).roads.link_capacity_veh_per_h.min() == pytest.approx(510.0, rel=0.03)


# --- supply, sites, seasons


def test_depots_stand_in_their_order_and_the_last_of_fuel_is_the_power_stations(city: Place) -> None:
    supply = city.supply
    assert supply.depot_good.tolist() == [FUEL] * 9 + [MINERALS] + [FOOD] * 8
    assert supply.depot_district[:8].tolist() == supply.depot_district[10:].tolist() == list(range(8))
    refinery = next(site for site in city.sites if site.kind == "refinery")
    assert (supply.depot_zone[8], supply.depot_district[8]) == (refinery.zone, refinery.district)
    np.testing.assert_array_equal(city.zone_district[supply.depot_zone], supply.depot_district)
    food = supply.depot_demand_t_per_d[supply.depot_good == FOOD]
    np.testing.assert_allclose(food, city.districts.people / 1000.0)
    assert (supply.depot_capacity_t > supply.depot_demand_t_per_d).all()


def test_terminals_can_bring_what_the_city_uses(city: Place) -> None:
    supply = city.supply
    demand = np.bincount(supply.depot_good, supply.depot_demand_t_per_d, 3)
    capacity = np.bincount(supply.terminal_good, supply.terminal_capacity_t_per_d, 3)
    assert (capacity >= demand).all()
    assert np.bincount(supply.terminal_good).tolist() == [2, 2, 3]
    minerals = supply.terminal_capacity_t_per_d[supply.terminal_good == MINERALS]
    assert minerals.max() / minerals.sum() == pytest.approx(0.9)


def test_control_rooms_share_the_central_district(city: Place) -> None:
    rooms = [site for site in city.sites if site.kind == "control_room"]
    assert [site.name for site in rooms] == [f"{net}_control_room" for net in ("power", "water", "traffic")]
    assert len({site.district for site in rooms}) == 1
    for kind, number in (("hospital", 8), ("shelter", 8), ("treatment_works", 2), ("pumping_station", 2)):
        assert sum(site.kind == kind for site in city.sites) == number
    assert all(city.zone_district[site.zone] == site.district for site in city.sites)


def test_load_peaks_on_a_working_day_of_early_august(city: Place) -> None:
    shape = city.load_shape
    assert shape.shape == (52, 7, 24)
    assert shape.max() == 1.0
    week, weekday, _ = np.unravel_index(int(shape.argmax()), shape.shape)
    assert 213 <= 7 * week < 220  # 1 to 7 August
    assert weekday == 1  # the table's heaviest day is Tuesday
    assert shape[:, :5].mean() > 1.15 * shape[:, 5:].mean()


# --- the same every time, and quickly


def digest(thing: object) -> str:
    """Hash over every byte of a place."""
    if isinstance(thing, np.ndarray):
        return hashlib.sha256(thing.tobytes() + str((thing.dtype, thing.shape)).encode()).hexdigest()
    if is_dataclass(thing) and not isinstance(thing, type):
        parts = [item.name + digest(getattr(thing, item.name)) for item in fields(thing)]
    elif isinstance(thing, dict):
        parts = [str(key) + digest(value) for key, value in thing.items()]
    elif isinstance(thing, tuple):
        parts = [digest(value) for value in thing]
    else:
        parts = [repr(thing)]
    return hashlib.sha256("/".join(parts).encode()).hexdigest()


def test_a_rebuilt_city_is_the_same_to_the_last_bit(city: Place) -> None:
    _build.cache_clear()
    begun = time.perf_counter()
    again = build("bay_city").place
    assert time.perf_counter() - begun < 1.5
    assert again is not city
    assert digest(again) == digest(city)


def test_a_new_process_with_another_hash_seed_builds_the_same_city(city: Place) -> None:
    code = "import test_build; print(test_build.digest(test_build.load_place('bay_city')))"
    here = str(Path(__file__).parent)
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": here}
    environment["AGENTSIM_CACHE_DIR"] = os.devnull  # keeps nothing
    run = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == digest(city)


def test_writing_to_a_city_does_not_change_the_next_one(city: Place) -> None:
    mine = load_place("bay_city")
    mine.zone_people[:] = 0.0
    mine.roads.od_veh_per_h[:] = 0.0
    mine.normals["sunshine_h"][:] = 0.0
    assert digest(load_place("bay_city")) == digest(city) != digest(mine)


# --- places that cannot be built


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHIPPED / "bay_city", tmp_path / "town"))


def edit(folder: Path, file: str, old: str, new: str) -> Path:
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


@pytest.mark.parametrize("districts", [0, -1, 37])
def test_a_city_has_from_one_district_to_as_many_as_zones(districts: int) -> None:
    with pytest.raises(UnbuildablePlace, match=f"{districts} districts, 36 zones.*at most as many as zones"):
        load_place("bay_city", districts=districts)


def test_an_unknown_place_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnbuildablePlace, match=r"no place 'bay_town'.*bay_city"):
        load_place("bay_town")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("zones = 36", "zone = 36", r"numbers\.zone is unknown; did you mean 'zones'"),
        ("zones = 36", "zones = 36.5", "give a whole number"),
        ("bulk_factor = 0.25", "bulk_factor = 2.5", "stay within 0 to 1"),
        ("bulk_factor = 0.25", 'bulk_factor = "all"', "give a number"),
        ("[0.08, 0.25, 0.43, 0.24]", "[0.08, 0.92]", "tier_share has 2 entries; give 4"),
        ('water = "Net3.inp"', 'water = "Net9.inp"', r"Net9\.inp: no such file"),
        ('water = "Net3.inp"', "", r"\[files\] water is missing"),
        ("[place]", "[place", "this is no TOML"),
        ("River = 0.74", "Rivre = 0.74", r"sources\.Rivre is no reservoir"),
        ('refinery = "203"', 'refinery = "9999"', "no junction '9999'"),
        ('bulk_junctions = ["15"', 'bulk_junctions = ["16"', "bulk user '16' is no junction"),
        ('good = "food"', 'good = "foot"', r"terminal\.good 'foot' is unknown"),
    ],
)
def test_a_wrong_place_file_says_what_and_what_to_do(copy: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(UnbuildablePlace, match=message):
        load_place(edit(copy, "place.toml", old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("Net3.inp", "12.96", "12,96", r"Net3\.inp:\d+: '12,96\d*' is no number"),
        ("Net3.inp", " 20              \t3 ", " 20 nowhere ", r"node 'nowhere' is unknown"),
        ("Net3.inp", "GPM", "CUPS", "flow unit 'CUPS' is unknown"),
        ("Net3.inp", "[JUNCTIONS]", "[CUSTOMERS]", r"Net3\.inp:\d+: section \[CUSTOMERS\] is unknown"),
        ("Net3.inp", "[COORDINATES]", "[PLACES]", r"Net3\.inp:\d+: section \[PLACES\] is unknown"),
        ("rts79_lines.csv", "1,2,0.0026", "1,99,0.0026", r"rts79_lines\.csv:2: bus '99' is unknown"),
        ("rts79_lines.csv", "x_pu", "xpu", "column 'x_pu' is missing"),
        ("rts79_units.csv", "1,20,16", "1,21,16", r"no class of 21 MW"),
        ("rts79_units.csv", "1,20,16", "1,twenty,16", "capacity_mw = 'twenty' is no number"),
        ("rts79_weekly_peak.csv", "52,95.2\n", "", "51 rows; give 52"),
        ("tokyo_normals_1991_2020.csv", "12,7.7,57.9,174.4\n", "", "not twelve rows"),
    ],
)
def test_a_wrong_table_is_named_with_its_line(
    copy: Path, file: str, old: str, new: str, message: str
) -> None:
    with pytest.raises(UnbuildablePlace, match=message):
        load_place(edit(copy, file, old, new))


# --- the builder knows nothing of Bay City

PLAIN = """
[files]
water = "{water}"
buses = "rts79_buses.csv"
lines = "rts79_lines.csv"
units = "rts79_units.csv"
unit_classes = "rts79_unit_classes.csv"
weekly = "rts79_weekly_peak.csv"
daily = "rts79_daily_peak.csv"
hourly = "rts79_hourly_peak.csv"
normals = "tokyo_normals_1991_2020.csv"
[[terminal]]
good = "fuel"
[[terminal]]
good = "minerals"
[[terminal]]
good = "food"
"""


def plain_spec(folder: Path, water: Path) -> Spec:
    """Bay City's tables and another town's mains, with no number stated at all."""
    shutil.copy(water, folder / water.name)
    (folder / "place.toml").write_text(PLAIN.format(water=water.name), encoding="utf-8")
    return read_spec(folder)


@pytest.mark.parametrize(("water", "districts"), [("Net3.inp", 8), ("Net1.inp", 3), ("ky4.inp", 8)])
def test_any_water_network_becomes_a_city_without_a_number_stated(
    copy: Path, water: str, districts: int
) -> None:
    wntr = pytest.importorskip("wntr")
    city = load_place(
        plain_spec(copy, Path(wntr.__file__).parent / "library" / "networks" / water), districts
    )
    assert len(city.districts) == districts
    assert nx.is_connected(street_graph(city))
    people = city.households * city.persons_per_household
    assert city.districts.people.sum() == pytest.approx(people)
    assert city.grid.bus_load_mw.sum() == pytest.approx(2.05e-3 * people)
    assert city.feeders.peak_mw.sum() == pytest.approx(2.05e-3 * people)
    assert city.roads.od_veh_per_h.sum() == pytest.approx(0.106 * people)
    assert (city.water.source_yield_m3_per_d > 0).all()
    if water == "Net3.inp":
        assert city.households == pytest.approx(30000, rel=0.06)
        assert len(city.zone_x_km) == 36
