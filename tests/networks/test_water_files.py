"""EPANET files as people bring them: constant-power pumps, odd pattern steps, encodings."""

from pathlib import Path

import epanet
import numpy as np
import pytest
from epanet_plus import EpanetConstants as EN

from agentsim.core.errors import UnreadableNetwork
from agentsim.networks.water import node_values
from agentsim.networks.water.hydraulics import Hydraulics
from agentsim.networks.water.network import WaterNetwork

FOOT_M, INCH_MM, KW = 0.3048, 25.4, 0.7457
# flow unit: its size in m3/h, and metres, millimetres and kW in the file's units of length, bore and power
UNITS = {
    "GPM": (3.785411784e-3 * 60, FOOT_M, INCH_MM, KW),
    "LPS": (3.6, 1.0, 1.0, 1.0),
    "CMH": (1.0, 1.0, 1.0, 1.0),
    "MGD": (3785.411784 / 24, FOOT_M, INCH_MM, KW),
}
LIFT_M = 10_000.0 / (1000.0 * 9.80665 * 50.0 / 3600.0)  # P / (rho g Q)

PUMP = """
[JUNCTIONS]
A {e:.6f} 0
B {e:.6f} {q:.9f}
[RESERVOIRS]
R {e:.6f}
[PIPES]
P1 A B {l:.6f} {d:.6f} 130
[PUMPS]
PU R A POWER {p:.8f}
[OPTIONS]
Units {unit}
Headloss H-W
"""

SMALL = """[JUNCTIONS]
J1 10 20 P
J2 12 30
J3 8 10 P
[RESERVOIRS]
R1 80
[TANKS]
T1 60 3 0 6 15 0
[PIPES]
P1 R1 J1 1000 300 100 0 Open
P2 J1 J2 800 200 100 0 Open
P3 J2 J3 700 200 100 0 Open
P4 J3 T1 500 200 100 0 Open
[PATTERNS]
1 1 1 1 1
P 0.5 1.5 1.0 2.0
[TIMES]
Duration 24:00
Pattern Timestep 6:00
[OPTIONS]
Units LPS
Headloss H-W
[END]
"""


def written(folder: Path, text: str, encoding: str = "utf-8") -> Path:
    file = folder / "network.inp"
    file.write_bytes(text.encode(encoding))
    return file


def pump_file(folder: Path, unit: str, extra: str = "") -> Path:
    flow, metre, mm, kw = UNITS[unit]
    sizes = {"e": 10 / metre, "q": 50 / flow, "l": 10 / metre, "d": 500 / mm, "p": 10 / kw}
    return written(folder, PUMP.format(unit=unit, **sizes) + extra)


# ---- constant power


@pytest.mark.parametrize("unit", UNITS)
def test_a_constant_power_pump_lifts_by_its_power(tmp_path: Path, unit: str) -> None:
    network = WaterNetwork.from_inp(pump_file(tmp_path, unit))
    served = network.hour()
    assert served.pressure_m[0] == pytest.approx(LIFT_M, abs=0.1)
    np.testing.assert_allclose(network.link_flow_m3_per_h, 50.0, rtol=1e-3)
    assert served.pump_kw[0] == pytest.approx(10.0 / 0.75, rel=1e-3)


@pytest.mark.parametrize("unit", UNITS)
def test_the_efficiency_in_the_file_holds(tmp_path: Path, unit: str) -> None:
    network = WaterNetwork.from_inp(pump_file(tmp_path, unit, "[ENERGY]\nGlobal Efficiency 50\n"))
    assert network.hour().pump_kw[0] == pytest.approx(20.0, rel=1e-3)


@pytest.mark.parametrize("unit", UNITS)
def test_a_pump_that_stopped_runs_with_its_power_again(tmp_path: Path, unit: str) -> None:
    extra = "[CONTROLS]\nLINK PU CLOSED AT TIME 1\nLINK PU OPEN AT TIME 2\n[TIMES]\nDuration 24\n"
    network = WaterNetwork.from_inp(pump_file(tmp_path, unit, extra))
    kw = [network.hour().pump_kw[0] for _ in range(3)]
    assert kw == pytest.approx([10.0 / 0.75, 0.0, 10.0 / 0.75], rel=1e-3)


@pytest.mark.parametrize("unit", UNITS)
def test_a_pump_that_was_switched_runs_with_its_power_again(tmp_path: Path, unit: str) -> None:
    """EPANET alone stays at no flow when a constant-power pump into a tank starts again."""
    _, metre, mm, _ = UNITS[unit]
    tank = f"[TANKS]\nT {55 / metre} {1 / metre} 0 {9 / metre} {100 / metre} 0\n"
    file = pump_file(tmp_path, unit, tank + f"[PIPES]\nP2 A T {100 / metre} {500 / mm} 130\n")
    engine = Hydraulics(file)
    engine.set_demand(np.zeros(2))
    (pump,), kw = engine.file.pump_link, []
    for opened in (True, False, True):
        engine.set_open(pump, opened)
        kw.append(engine.hour().pump_kw[0])
    assert kw == pytest.approx([10.0 / 0.75, 0.0, 10.0 / 0.75], rel=1e-3)


# ---- reading results


@pytest.mark.parametrize("in_c", [True, False])
def test_results_are_read_as_epanet_lists_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_c: bool
) -> None:
    if not in_c:
        monkeypatch.setattr(node_values, "_c_function", lambda: None)
    engine = Hydraulics(written(tmp_path, SMALL))
    engine.set_demand(np.array([10.0, 20.0, 0.0]))
    engine.hour()
    codes = (EN.EN_DEMAND, EN.EN_PRESSURE, EN.EN_HEAD)
    read = node_values.NodeValues(engine._p, codes)
    first = read.now()
    assert first.tolist() == [epanet.EN_getnodevalues(engine._p, code)[1] for code in codes]
    engine.set_demand(np.array([20.0, 20.0, 0.0]))
    engine.hour()
    assert first[0, 0] != read.now()[0, 0]  # what was read stays as it was


# ---- patterns


@pytest.mark.parametrize("step", ["0:20", "0:45", "1:30", "7:00"])
def test_an_hour_is_the_mean_of_the_pattern_over_it(tmp_path: Path, step: str) -> None:
    file = WaterNetwork.from_inp(written(tmp_path, SMALL.replace("6:00", step))).file
    hours, minutes = (int(part) for part in step.split(":"))
    minute = np.arange(4 * 7 * 24 * 60)  # whole cycles of each of the steps
    factor = np.array([0.5, 1.5, 1.0, 2.0])[minute // (60 * hours + minutes) % 4]
    found = [file.demand_m3_per_h(hour)[0] for hour in range(len(minute) // 60)]
    np.testing.assert_allclose(found, 72.0 * factor.reshape(-1, 60).mean(axis=1), rtol=1e-4)


def test_a_day_of_45_minute_periods_loses_no_water(tmp_path: Path) -> None:
    network = WaterNetwork.from_inp(written(tmp_path, SMALL.replace("6:00", "0:45")))
    day = sum(network.hour().delivered_m3_per_h[0] for _ in range(24))
    assert day == pytest.approx(2160.0, rel=1e-4)


def test_a_late_start_of_the_pattern_counts(tmp_path: Path) -> None:
    text = SMALL.replace("6:00", "1:00\nPattern Start 0:15")
    file = WaterNetwork.from_inp(written(tmp_path, text)).file
    assert file.demand_m3_per_h(0)[0] == pytest.approx(72.0 * (0.75 * 0.5 + 0.25 * 1.5), rel=1e-4)


def test_a_pattern_without_factors_is_refused_with_its_line(tmp_path: Path) -> None:
    file = written(tmp_path, SMALL.replace("\n1 1 1 1 1\n", "\n1\n"))
    with pytest.raises(UnreadableNetwork, match=r"network\.inp:15: syntax error"):
        WaterNetwork.from_inp(file)


# ---- encodings


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        (("é", "è"), "latin-1"),
        (("réseau", "Tuyé"), "latin-1"),
        (("Größe", "Straße"), "latin-1"),
        (("配水池", "ポンプ場"), "cp932"),
        (("表町", "ソ連"), "cp932"),  # second bytes of a backslash
        (("é", "配水池"), "utf-8"),
        (("é", "è"), "utf-8-sig"),
        (("é", "配水池"), "utf-16"),
    ],
)
def test_ids_in_any_encoding_are_read(tmp_path: Path, names: tuple[str, str], encoding: str) -> None:
    plain = WaterNetwork.from_inp(written(tmp_path, SMALL)).hour()
    text = SMALL.replace("J2", names[0]).replace("J3", names[1]).replace("P4", names[0])
    network = WaterNetwork.from_inp(written(tmp_path, text, encoding))
    assert network.file.junction_id == ("J1", *names)
    assert network.file.link_id[3] == names[0]
    np.testing.assert_array_equal(network.hour().pressure_m, plain.pressure_m)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_line_ends_and_byte_order_marks_do_not_matter(tmp_path: Path, end: str, encoding: str) -> None:
    plain = WaterNetwork.from_inp(written(tmp_path, SMALL)).hour()
    served = WaterNetwork.from_inp(written(tmp_path, SMALL.replace("\n", end), encoding)).hour()
    np.testing.assert_array_equal(served.pressure_m, plain.pressure_m)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableNetwork, match="is no text file"):
        WaterNetwork.from_inp(written(tmp_path, "[JUNCTIONS]\n\0\0"))


def test_what_follows_the_end_is_not_read(tmp_path: Path) -> None:
    network = WaterNetwork.from_inp(written(tmp_path, SMALL + "[NOTES]\nto be checked\n"))
    assert network.file.junction_id == ("J1", "J2", "J3")


def test_an_error_names_the_line_and_the_name(tmp_path: Path) -> None:
    text = SMALL.replace("P4 J3 T1", "P4 プール T1")
    with pytest.raises(UnreadableNetwork, match=r"network\.inp:13: undefined node プール"):
        WaterNetwork.from_inp(written(tmp_path, text, "cp932"))


# ---- pumps into a tank that fills within the hour

INTO_TANK = """
[JUNCTIONS]
S 10 0
M 10 0
J 10 180
[RESERVOIRS]
R 20
[TANKS]
T 55 3.5 0 4 16 0
[PIPES]
P0 R S 50 400 120
PT T J 30 300 120
{links}
[CURVES]
C 300 50
[CONTROLS]
LINK PU CLOSED IF NODE T ABOVE 3.9
LINK PU OPEN IF NODE T BELOW 2.4
[OPTIONS]
Units CMH
Headloss H-W
"""


@pytest.mark.parametrize(
    "links",
    [
        "PM S M 10 400 120\n[PUMPS]\nPU S T HEAD C",
        "PM S M 10 400 120\n[PUMPS]\nPU S T HEAD C\nPV M T HEAD C",
        "PM M T 10 400 120\n[PUMPS]\nPU S M HEAD C",
        "PM S M 10 400 120\n[PUMPS]\nPU S T POWER 60",
    ],
    ids=["one pump", "two pumps", "a pipe between", "constant power"],
)
@pytest.mark.parametrize("controls", [False, True])
def test_a_pump_does_not_fill_a_full_tank(tmp_path: Path, links: str, controls: bool) -> None:
    engine = Hydraulics(written(tmp_path, INTO_TANK.format(links=links)), controls=controls)
    engine.set_demand(np.array([0.0, 0.0, 180.0]))
    for _ in range(48):
        before = engine.tank_volume_m3[0]
        flows = engine.hour()
        stored = engine.tank_volume_m3[0] - before
        assert flows.delivered_m3_per_h.sum() == pytest.approx(180.0, rel=1e-4)
        assert flows.source_m3_per_h.sum() - 180.0 - stored == pytest.approx(0.0, abs=0.5)
        assert flows.pump_kw.max() < 100.0
