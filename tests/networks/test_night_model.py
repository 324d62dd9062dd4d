"""The waterworks' model of a night hour: what it foresees, and how pressures answer to a burst."""

import numpy as np
import pytest

from agentsim.networks.water.hydraulics import Hydraulics
from agentsim.networks.water.network import NIGHT_CLOCK, WaterNetwork
from agentsim.networks.water.night_model import farthest_apart, logger_junctions

LEAK_AT = 40


@pytest.fixture(scope="module")
def network(bay_city):
    case = bay_city.water
    loggers = logger_junctions(case.junction_x_km, case.junction_y_km, case.junction_district, 3)
    return WaterNetwork(case, 8, logger_junction=loggers)


def lived(network, leak=0.0):
    """The night hour after three others; a burst of so many reported ones begins in the third."""
    network.reset()
    network._night_model = None
    asked = network.case.junction_demand_m3_per_h * 0.35
    for hour in range(NIGHT_CLOCK + 1):
        burst = np.eye(len(asked))[LEAK_AT] * (leak if hour == 2 else 0.0)
        service = network.serve(asked_m3_per_h=asked, hour_of_day=hour, new_bursts=burst)
        assert (service.night is None) == (hour != NIGHT_CLOCK)
    return service.night


def test_a_night_without_bursts_is_as_foreseen(network):
    night = lived(network)
    assert night.leaked_m3_per_h.sum() == pytest.approx(night.expected_leaked_m3_per_h.sum(), rel=1e-3)
    assert np.abs(night.pressure_m - night.expected_pressure_m).max() < 0.02


def test_a_burst_is_what_the_night_flow_has_too_much(network):
    night = lived(network, leak=0.5)
    excess = night.leaked_m3_per_h - night.expected_leaked_m3_per_h
    assert np.argmax(excess) == LEAK_AT
    pressure = night.pressure_m[LEAK_AT]
    assert excess.sum() == pytest.approx(6.0 * pressure / 50.0, rel=0.05)


def test_pressures_answer_as_the_sensitivities_say(network):
    """Reciprocity: one run for each logger gives what a leak anywhere does at it."""
    night = lived(network, leak=0.5)
    leak_m3 = (night.leaked_m3_per_h - night.expected_leaked_m3_per_h).sum()
    answer = (night.pressure_m - night.expected_pressure_m)[network.logger_junction]
    foreseen = network.sensitivity_m_per_m3_h[:, LEAK_AT] * leak_m3
    assert foreseen == pytest.approx(answer, abs=0.01)
    assert np.corrcoef(foreseen, answer)[0, 1] > 0.9


def test_the_model_leaves_the_network_as_it_was(bay_city, network):
    case = bay_city.water
    plain = WaterNetwork(case, 8, found=network.found)
    network.reset()
    asked = case.junction_demand_m3_per_h
    for hour in range(8):
        one, other = (net.serve(asked_m3_per_h=asked, hour_of_day=hour) for net in (plain, network))
        assert (one.pressure_m == other.pressure_m).all()
        assert one.leakage_m3 == other.leakage_m3


def test_a_mirror_stands_as_the_other_stands(network):
    real, twin = network._engine, Hydraulics(network.case.inp_file, file=network.file)
    twin.mirror(real, real.emitter)
    assert twin.tank_level_m == pytest.approx(real.tank_level_m, abs=1e-6)


def test_loggers_lie_apart_and_in_every_district(bay_city):
    case = bay_city.water
    chosen = logger_junctions(case.junction_x_km, case.junction_y_km, case.junction_district, 3)
    assert np.bincount(case.junction_district[chosen]).tolist() == [3] * 8
    assert len(set(chosen.tolist())) == 24
    few = farthest_apart(np.array([0.0, 1.0]), np.zeros(2), 5)
    assert sorted(few.tolist()) == [0, 1]
