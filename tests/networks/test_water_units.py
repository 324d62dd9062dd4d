"""Every quantity of an EPANET file keeps its size when the file is read, whatever its units."""

from pathlib import Path

import epanet
import numpy as np
import pytest
from epanet_plus import EpanetConstants as EN

from agentsim.networks.water.network import WaterNetwork

FOOT_M, INCH_MM, KW, PSI_PER_FOOT = 0.3048, 25.4, 0.7457, 0.4333  # the last two are EPANET's own
HOURS = 6
# flow unit: its size in m3/h, and metres, millimetres, kW and metres of pressure in the file's units
US = (FOOT_M, INCH_MM, KW, FOOT_M / PSI_PER_FOOT)
UNITS = {
    "GPM": (3.785411784e-3 * 60, *US),
    "MGD": (3785.411784 / 24, *US),
    "LPS": (3.6, 1.0, 1.0, 1.0, 1.0),
    "CMH": (1.0, 1.0, 1.0, 1.0, 1.0),
}

# Sizes in m, mm, m3/h, m of pressure and kW: q flow, l length, d bore, p pressure, w power, v volume,
# e emitter. Two reservoirs; every device has a branch of its own.
EVERY_KIND = """
[JUNCTIONS]
P1 {l:10} {q:60} DAY
P2 {l:12} {q:80}
P3 {l:14} {q:70} DAY
P4 {l:10} {q:50}
P5 {l:11} {q:40} DAY
P6 {l:9} {q:30}
V1 {l:20} 0
V2 {l:20} 0
V3 {l:20} 0
V4 {l:20} 0
V5 {l:20} 0
V6 {l:20} 0
D1 {l:10} {q:40}
D2 {l:10} {q:45} DAY
D3 {l:10} {q:50}
D4 {l:10} {q:55} DAY
D5 {l:10} {q:60}
D6 {l:10} {q:65}
E1 {l:15} {q:20}
T1 {l:20} {q:90} DAY
C1 {l:18} {q:25}
[RESERVOIRS]
LOW {l:20}
HIGH {l:110} LEVEL
[TANKS]
T {l:70} {l:6} {l:1} {l:12} {l:10} 0 VOLUME
[PIPES]
1 HIGH V1 {l:800} {d:250} 120 1.5
2 HIGH V2 {l:800} {d:250} 120
3 HIGH V3 {l:800} {d:250} 120
4 HIGH V4 {l:800} {d:250} 120
5 HIGH V5 {l:800} {d:250} 120
6 HIGH V6 {l:800} {d:250} 120
7 HIGH E1 {l:600} {d:200} 110
8 HIGH T1 {l:900} {d:200} 120
9 T1 T {l:300} {d:200} 120
10 HIGH C1 {l:500} {d:150} 100 0 CV
11 HIGH D4 {l:900} {d:100} 120
[PUMPS]
A LOW P1 HEAD ONE
B LOW P2 HEAD THREE
C LOW P3 HEAD MANY
D LOW P4 POWER {w:9}
E LOW P5 HEAD ONE SPEED 1.1
F LOW P6 HEAD THREE SPEED 0.9 PATTERN SPEEDS
[VALVES]
PRV V1 D1 {d:200} PRV {p:45} 0
PSV V2 D2 {d:200} PSV {p:60} 0.5
PBV V3 D3 {d:200} PBV {p:25} 0
FCV V4 D4 {d:200} FCV {q:30} 0
TCV V5 D5 {d:120} TCV 12 0
GPV V6 D6 {d:150} GPV LOSS 0
[CURVES]
ONE {q:70} {l:45}
THREE 0 {l:70}
THREE {q:80} {l:55}
THREE {q:140} {l:20}
MANY 0 {l:66}
MANY {q:40} {l:60}
MANY {q:70} {l:51}
MANY {q:110} {l:37}
MANY {q:150} {l:15}
LOSS 0 0
LOSS {q:50} {l:8}
LOSS {q:100} {l:30}
VOLUME 0 0
VOLUME {l:4} {v:1500}
VOLUME {l:8} {v:6000}
VOLUME {l:12} {v:9000}
GOOD {q:30} 55
GOOD {q:80} 78
GOOD {q:140} 60
[DEMANDS]
P2 {q:80}
P2 {q:15} DAY
[EMITTERS]
E1 {e:1.8}
[PATTERNS]
DAY 0.6 0.9 1.4 1.1
LEVEL 1.0 1.02 1.03 0.99
SPEEDS 1.0 0.9 0.95
[ENERGY]
GLOBAL EFFICIENCY 70
PUMP B EFFICIENCY GOOD
[TIMES]
DURATION 24:00
PATTERN TIMESTEP 1:00
[OPTIONS]
UNITS {unit}
HEADLOSS H-W
EMITTER EXPONENT 0.5
DEMAND MULTIPLIER 1.1
ACCURACY 0.00001
"""


class InUnits(dict):
    """``{q:60}`` in a text: 60 m3/h in the file's unit of flow."""

    def __init__(self, unit: str) -> None:
        flow, metre, mm, kw, pressure = UNITS[unit]
        emitter = flow / pressure**0.5
        sizes = {"q": flow, "l": metre, "d": mm, "w": kw, "p": pressure, "v": metre**3, "e": emitter}
        super().__init__({name: _Quantity(size) for name, size in sizes.items()} | {"unit": unit})


class _Quantity:
    def __init__(self, size: float) -> None:
        self.size = size

    def __format__(self, number: str) -> str:
        return f"{float(number) / self.size:.10g}"


def unchanged_run(file: Path, unit: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """EPANET's own run in the file's units: pressure [m], flow [m3/h] and power [kW], hour by hour."""
    flow_unit, metre, *_ = UNITS[unit]
    project = epanet.EN_createproject()[1]
    assert epanet.EN_open(project, str(file), str(file) + ".rpt", "")[0] == 0
    if (
        metre == 1.0
    ):  # EPANET's library runs a pump of 9 kW with 9 / 0.7457 in SI files; in US files it is right
        power_pump = epanet.EN_getlinkindex(project, "D")[1]
        assert epanet.EN_getlinkvalue(project, power_pump, EN.EN_PUMP_POWER)[1] == pytest.approx(9 / KW)
        epanet.EN_setlinkvalue(project, power_pump, EN.EN_PUMP_POWER, 9.0)
    nodes, fixed, links = (
        epanet.EN_getcount(project, code)[1] for code in (EN.EN_NODECOUNT, EN.EN_TANKCOUNT, EN.EN_LINKCOUNT)
    )
    ground = np.array(epanet.EN_getnodevalues(project, EN.EN_ELEVATION)[1])
    pumps = [n for n in range(1, links + 1) if epanet.EN_getlinktype(project, n)[1] == EN.EN_PUMP]
    sums = [np.zeros((HOURS, size)) for size in (nodes - fixed, links, len(pumps))]
    epanet.EN_openH(project)
    epanet.EN_initH(project, 0)
    clock = 0
    while clock < HOURS * 3600:
        assert epanet.EN_runH(project)[0] == 0
        head = np.array(epanet.EN_getnodevalues(project, EN.EN_HEAD)[1])
        flow = np.array(epanet.EN_getlinkvalues(project, EN.EN_FLOW)[1]) * flow_unit
        kw = np.array([epanet.EN_getlinkvalue(project, pump, EN.EN_ENERGY)[1] for pump in pumps])
        step = epanet.EN_nextH(project)[1]
        pressure = (head - ground)[: nodes - fixed] * metre
        for total, now in zip(sums, (pressure, flow, kw), strict=True):
            total[clock // 3600] += now * step / 3600
        clock += step
    epanet.EN_close(project)
    epanet.EN_deleteproject(project)
    return tuple(sums)


@pytest.mark.parametrize("headloss", ["H-W", "D-W"])
@pytest.mark.parametrize("unit", UNITS)
def test_the_hour_is_that_of_epanets_own_run_of_the_unchanged_file(
    tmp_path: Path, unit: str, headloss: str
) -> None:
    """Pumps by power and by curves of one, three and more points; all valves; emitters; volume curves."""
    text = EVERY_KIND.replace("H-W", headloss)
    if headloss == "D-W":  # roughness in mm, or thousandths of a foot
        text = (
            text.replace(" 120", " {r:0.2}").replace(" 110", " {r:0.3}").replace(" 100 0 CV", " {r:0.5} 0 CV")
        )
    sizes = InUnits(unit) | {"r": _Quantity(1.0 if UNITS[unit][1] == 1.0 else 0.3048)}
    file = tmp_path / "every_kind.inp"
    file.write_text(text.format_map(sizes), "utf-8")
    pressure, flow, kw = unchanged_run(file, unit)
    assert pressure.min() > 20.0  # below, taps give less here than in the file's demand model
    network = WaterNetwork.from_inp(file)
    for hour in range(HOURS):
        served = network.hour()
        np.testing.assert_allclose(served.pressure_m, pressure[hour], atol=0.1)
        np.testing.assert_allclose(network.link_flow_m3_per_h, flow[hour], rtol=1e-3, atol=1e-2)
        np.testing.assert_allclose(served.pump_kw, kw[hour], rtol=1e-3)
        assert abs(served.residual_m3) < 0.1
        assert served.unsolved_h == 0.0


def test_the_sizes_do_not_depend_on_the_units(tmp_path: Path) -> None:
    """The same town written in four systems of units is the same town."""
    levels = []
    for unit in UNITS:
        file = tmp_path / f"{unit}.inp"
        file.write_text(EVERY_KIND.format_map(InUnits(unit)), "utf-8")
        network = WaterNetwork.from_inp(file)
        levels.append([network.hour().tank_level_m[0] for _ in range(HOURS)])
    np.testing.assert_allclose(levels, np.broadcast_to(levels[-1], np.shape(levels)), atol=0.005)
