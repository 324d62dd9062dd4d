"""The water network against formulas worked by hand and against WNTR."""

import importlib.util
import warnings
from pathlib import Path

import numpy as np
import pytest

from agentsim.core.mechanisms import Mechanisms
from agentsim.networks.water.hydraulics import Hydraulics
from agentsim.networks.water.network import WaterNetwork, WaterParameters

wntr_spec = importlib.util.find_spec("wntr")
NETWORKS = Path(wntr_spec.origin).parent / "library" / "networks" if wntr_spec else Path()

LINE = """
[JUNCTIONS]
 a  {elevation}  {demand}
[RESERVOIRS]
 source  {head}
[PIPES]
 main  source  a  {length}  {diameter}  130  0  Open
[OPTIONS]
 Units CMH
 Headloss H-W
 Accuracy 0.00001
[END]
"""

TOWER = """
[JUNCTIONS]
 a  0  {demand}
[RESERVOIRS]
 source  60
[TANKS]
 tower  40  {level}  0  10  20  0
[PIPES]
 main   source  a  500  {bore}  130  0  {main}
 riser  tower   a  10   500  130  0  Open
[OPTIONS]
 Units CMH
 Headloss H-W
[END]
"""

PUMPED = """
[JUNCTIONS]
 low   0  0
 high  50  100
[RESERVOIRS]
 source  10
[PUMPS]
 lift  low  high  HEAD c
[PIPES]
 in  source  low  10  500  130  0  Open
[CURVES]
 c  100  60
[ENERGY]
 Global Efficiency 75
[OPTIONS]
 Units CMH
 Headloss H-W
[END]
"""


@pytest.fixture
def written(tmp_path):
    def write(text, **values):
        path = tmp_path / "network.inp"
        path.write_text(text.format(**values))
        return path

    return write


def test_pressure_at_the_end_of_a_pipe_is_hazen_williams(written):
    """h = 10.667 C^-1.852 d^-4.871 L q^1.852 (SI)."""
    path = written(LINE, elevation=10, demand=360, head=100, length=2000, diameter=300)
    loss_m = 10.667 * 130**-1.852 * 0.3**-4.871 * 2000 * (360 / 3600) ** 1.852
    served = WaterNetwork.from_inp(path).hour()
    assert served.delivered_m3_per_h[0] == pytest.approx(360)
    assert served.pressure_m[0] == pytest.approx(100 - 10 - loss_m, rel=2e-3)


@pytest.mark.parametrize("pressure_m", [1.0, 5.0, 12.0])
def test_below_the_required_pressure_delivery_goes_with_its_root(written, pressure_m):
    """A short wide pipe loses nothing: delivered = demand (p / 20)^0.5."""
    path = written(LINE, elevation=0, demand=36, head=pressure_m, length=1, diameter=1000)
    served = WaterNetwork.from_inp(path).hour()
    assert served.delivered_m3_per_h[0] == pytest.approx(36 * (pressure_m / 20) ** 0.5, rel=1e-3)
    assert served.short_m3_per_h[0] == pytest.approx(36 - served.delivered_m3_per_h[0])


@pytest.mark.parametrize("exponent", [0.5, 1.0, 1.5])
@pytest.mark.parametrize("pressure_m", [25.0, 80.0])
def test_a_leak_goes_with_pressure_to_n1(written, exponent, pressure_m):
    path = written(LINE, elevation=0, demand=0, head=pressure_m, length=1, diameter=1000)
    leaky = WaterNetwork.from_inp(
        path, WaterParameters(leakage_frac=0.0, leakage_exponent=exponent), leakage=True
    )
    served = leaky.hour(leaks={"a": 12.0})
    assert served.leakage_m3 == pytest.approx(12.0 * (pressure_m / 50.0) ** exponent, rel=1e-3)
    assert leaky.hour(leaks={}).leakage_m3 < 1e-3


def test_a_tank_alone_falls_by_what_is_drawn(written):
    """Source shut: the level falls by demand / area (EPANET's units are good to five digits)."""
    tower = WaterNetwork.from_inp(written(TOWER, demand=100, bore=400, main="Closed", level=5))
    area_m2 = np.pi * 20**2 / 4
    for hour in range(1, 4):
        served = tower.hour()
        assert served.delivered_m3_per_h[0] == pytest.approx(100)
        assert served.tank_level_m[0] == pytest.approx(5 - 100 * hour / area_m2, rel=1e-4)
        assert served.tank_volume_m3[0] == pytest.approx(served.tank_level_m[0] * area_m2, rel=1e-6)


@pytest.mark.parametrize("demand", [181.0, 211.7, 263.1, 307.9, 353.3, 401.3, 457.7, 499.9, 563.9, 617.1])
def test_a_tank_gives_no_more_than_it_holds(written, demand):
    """EPANET alone sets a tank that has half a second left back to empty after a whole hour's draught."""
    tower = WaterNetwork.from_inp(written(TOWER, demand=demand, bore=400, main="Closed", level=5))
    held_m3 = 5 * np.pi * 20**2 / 4
    given_m3 = sum(float(tower.hour().delivered_m3_per_h.sum()) for _ in range(int(held_m3 / demand) + 3))
    assert given_m3 == pytest.approx(held_m3, rel=1e-3)


def test_a_tank_takes_no_more_than_it_has_room_for(written):
    """With 0.3 s of room left when demand falls away, an hour's inflow must not vanish in the tank."""
    area_m2, inflow_m3_per_h, level = np.pi * 20**2 / 4, 411.0, 9.9
    for _ in range(8):  # find the level from which one busy hour leaves 0.3 s of room
        tower = WaterNetwork.from_inp(written(TOWER, demand=0, bore=250, main="Open", level=level))
        tower.hour(np.array([400.0]))
        room_m3 = 10 * area_m2 - float(tower.tank_level_m[0]) * area_m2
        level += (room_m3 - 0.3 / 3600 * inflow_m3_per_h) / area_m2
    assert 0.1 / 3600 * inflow_m3_per_h < room_m3 < 0.45 / 3600 * inflow_m3_per_h
    served = tower.hour(np.array([0.0]))
    assert served.source_m3[0] < 1.0
    assert abs(served.balance_m3) < 1.0


def test_a_pump_takes_weight_times_lift_over_efficiency(written):
    """P = rho g Q H / eta; the one-point curve passes through (100 m3/h, 60 m)."""
    pumped = WaterNetwork.from_inp(written(PUMPED))
    served = pumped.hour()
    lift_m = 4 / 3 * 60 - 60 / 3 * (served.delivered_m3_per_h[1] / 100) ** 2  # EPANET's one-point curve
    by_hand_kw = 9.81 * served.delivered_m3_per_h[1] / 3600 * lift_m / 0.75
    assert served.pump_kw[0] == pytest.approx(by_hand_kw, rel=5e-3)
    dark = pumped.hour(pumps_without_power=["lift"])
    assert dark.pump_kw[0] == 0
    assert dark.delivered_m3_per_h[1] < 1e-3
    assert pumped.hour().delivered_m3_per_h[1] == pytest.approx(served.delivered_m3_per_h[1])


def test_a_control_of_the_file_does_not_start_a_pump_without_power(written):
    path = written(PUMPED.replace("[ENERGY]", "[CONTROLS]\n LINK lift OPEN AT TIME 1\n[ENERGY]"))
    pumped = WaterNetwork.from_inp(path)
    pumped.hour()
    assert pumped.hour(pumps_without_power=["lift"]).pump_kw[0] == 0
    assert pumped.hour().pump_kw[0] > 0


def test_base_demand_alone_is_a_quarter_of_what_net3_draws():
    file = WaterNetwork.from_inp(NETWORKS / "Net3.inp").file
    share = file.demand_base_m3_per_h.sum() / file.mean_demand_m3_per_h.sum()
    assert share == pytest.approx(0.28, abs=0.005)


@pytest.fixture(scope="module")
def wntr_day(tmp_path_factory):
    """24 hours of Net3 as WNTR's EpanetSimulator computes them, in m and m3/h."""
    pytest.importorskip("wntr")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import wntr

        model = wntr.network.WaterNetworkModel(str(NETWORKS / "Net3.inp"))
        model.options.time.duration = 24 * 3600
        model.options.time.hydraulic_timestep = model.options.time.report_timestep = 3600
        prefix = str(tmp_path_factory.mktemp("wntr") / "net3")
        results = wntr.sim.EpanetSimulator(model).run_sim(file_prefix=prefix)
    return results.node["pressure"], results.link["flowrate"] * 3600.0, results.node["demand"] * 3600.0


def test_net3_runs_as_in_wntr(wntr_day):
    """Levels at the end of each hour, pressures, flows and demands in it, within 1 %."""
    pressure, flow, demand = wntr_day
    network = WaterNetwork.from_inp(NETWORKS / "Net3.inp")
    junctions, tanks = list(network.case.junction_id), list(network.file.tank_id)
    compared = 0
    for hour in range(24):
        served = network.hour()
        now, later = hour * 3600, (hour + 1) * 3600
        levels = pressure.loc[later, tanks].to_numpy()
        np.testing.assert_allclose(served.tank_level_m, levels, rtol=0.01)
        np.testing.assert_allclose(served.delivered_m3_per_h, demand.loc[now, junctions], rtol=0.01, atol=0.1)
        if (flow.loc[now, ["335"]] > 1).to_numpy() != (flow.loc[later, ["335"]] > 1).to_numpy():
            continue  # the pump was switched within the hour: a mean is no snapshot
        compared += 1
        heads = np.maximum(pressure.loc[now, junctions], 0.0)  # ours count suction as 0
        np.testing.assert_allclose(served.pressure_m, heads, rtol=0.01, atol=0.05)
        expected = flow.loc[now, list(network.file.link_id)].to_numpy()
        np.testing.assert_allclose(network.link_flow_m3_per_h, expected, rtol=0.01, atol=2.0)
    assert compared >= 20


@pytest.mark.parametrize("name", ["Net1", "Net3", "ky4"])
def test_levels_after_a_day_are_epanets_own(name):
    """What we change in a file that stands alone (units, demand model, patterns) changes no result."""
    import os

    import epanet

    network = WaterNetwork.from_inp(NETWORKS / f"{name}.inp")
    for _ in range(24):
        network.hour()
    project = epanet.EN_createproject()[1]
    epanet.EN_open(project, str(NETWORKS / f"{name}.inp"), os.devnull, "")
    epanet.EN_settimeparam(project, 0, 24 * 3600)
    epanet.EN_openH(project)
    epanet.EN_initH(project, 10)
    while True:
        epanet.EN_runH(project)
        if epanet.EN_nextH(project)[1] == 0:
            break
    nodes = [epanet.EN_getnodeindex(project, tank)[1] for tank in network.file.tank_id]
    heads = [
        epanet.EN_getnodevalue(project, n, 10)[1] - epanet.EN_getnodevalue(project, n, 0)[1] for n in nodes
    ]
    epanet.EN_close(project)
    epanet.EN_deleteproject(project)
    np.testing.assert_allclose(network.tank_level_m, np.array(heads) * 0.3048, rtol=0.01)


def test_units_and_patterns_are_read_as_wntr_reads_them():
    wntr = pytest.importorskip("wntr")
    model = wntr.network.WaterNetworkModel(str(NETWORKS / "Net3.inp"))
    file = Hydraulics(NETWORKS / "Net3.inp").file
    expected = wntr.metrics.expected_demand(model, end_time=24 * 3600 - 3600, timestep=3600) * 3600.0
    for hour in (0, 7, 23):
        row = expected.loc[hour * 3600, list(file.junction_id)].to_numpy()
        np.testing.assert_allclose(file.demand_m3_per_h(hour), row, rtol=1e-4, atol=1e-6)


def test_no_leakage_means_none():
    network = WaterNetwork.from_inp(NETWORKS / "Net3.inp")
    assert network.mechanisms == Mechanisms(leakage=False)
    assert sum(network.hour().leakage_m3 for _ in range(6)) == 0.0
