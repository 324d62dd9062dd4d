"""The leak finder: how often it is wrong, how soon it is right, and where it looks."""

import sys
from pathlib import Path

import numpy as np
import pytest

from agentsim.agents.officers.leak_finder import LeakFinder, LeakFinderParameters, alarm_level
from agentsim.core.messages import NightFlow
from agentsim.core.streams import Streams

sys.path.insert(0, str(Path(__file__).parents[1] / "institutions"))
from run_length import run_length

DISTRICTS, PER_DISTRICT = 8, 10
DISTRICT = np.repeat(np.arange(DISTRICTS), PER_DISTRICT)
LOGGERS = np.flatnonzero(np.arange(len(DISTRICT)) % PER_DISTRICT < 3)
HOME_M3 = np.full(len(DISTRICT), 4.0)  # of a night hour
FLAT = np.zeros((len(LOGGERS), len(DISTRICT)))
BURSTS = np.ones(len(DISTRICT))


def finder(seed=1, alarms=1.0, metered=0.3, **numbers) -> LeakFinder:
    homes, known = np.full(DISTRICTS, 3750.0), LeakFinderParameters(**numbers)
    return LeakFinder(homes, metered, DISTRICT, LOGGERS, alarms, Streams(seed), known)


def night(leak_m3=0.0, at=0, sensitivity=FLAT) -> NightFlow:
    background = np.full(len(DISTRICT), 0.8)
    leaked = background.copy()
    leaked[at] += leak_m3
    pressure = np.full(len(DISTRICT), 50.0)
    seen = pressure.copy()
    seen[LOGGERS] += sensitivity[:, at] * leak_m3
    return NightFlow(leaked, seen, background, pressure)


def live(one, flow, hour, sensitivity=FLAT, known=frozenset()):
    return one.night(hour, flow, HOME_M3, HOME_M3, sensitivity, BURSTS, set(known))


def nights_to_alarm(leak_m3: float, seed: int, most=200) -> int:
    one = finder(seed)
    for count in range(most):
        if any(d == 3 for d, _ in live(one, night(leak_m3, at=35), 24 * count + 4)):
            return count + 1
    return most


@pytest.mark.parametrize("nights", [30.0, 243.0, 2000.0])
def test_siegmunds_formula_agrees_with_the_markov_chain(nights):
    assert run_length(0.0, 0.5, alarm_level(nights, 0.5)) == pytest.approx(nights, rel=0.05)


@pytest.mark.parametrize("promised", [1.0, 4.0])
def test_false_alarms_are_as_many_as_the_test_promises(promised):
    """Within a factor of two, though ordinary level and spread are known from eight weeks only."""
    nights, cities, alarms = 365, 20, 0
    for seed in range(cities):
        one = finder(seed, promised)
        alarms += sum(len(live(one, night(), 24 * count)) for count in range(nights))
    per_month = alarms / (cities * nights / 30.4)
    assert promised / 2.0 < per_month < promised * 2.0


def test_large_leaks_are_found_sooner():
    delay = [np.mean([nights_to_alarm(leak, seed) for seed in range(30)]) for leak in (1.5, 3.0, 6.0, 12.0)]
    assert delay == sorted(delay, reverse=True)
    assert delay[0] > 2.0 * delay[1]
    assert delay[2] < 7.0
    assert delay[3] < 3.0


def test_the_balance_of_the_night_is_the_leakage():
    """Over many nights inflow less metered use, less background, is the leak."""
    one, total = finder(alarms=1e-3, training_nights=1000), 0.0
    for count in range(400):
        one._begin_anew(list(range(DISTRICTS)))
        live(one, night(6.0, at=35), 24 * count)
        total += one._excess_m3[3]
    sd = one.error_sd_m3(np.array([54.0]), np.array([40.0]))[0]
    assert total / 400 == pytest.approx(6.0, abs=4 * sd / np.sqrt(400) + sd / np.sqrt(1000) * 3)


def test_more_meters_see_smaller_leaks():
    few, many = (
        finder(metered=share).error_sd_m3(np.array([50.0]), np.array([40.0]))[0] for share in (0.05, 1.0)
    )
    assert many == pytest.approx(0.5)  # the inflow meter alone
    assert few > 4.0 * many


def test_a_district_with_a_known_leak_is_not_tested():
    one = finder()
    tested = [live(one, night(20.0, at=35), 24 * count, known={3}) for count in range(20)]
    assert not any(d == 3 for alarms in tested for d, _ in alarms)
    assert 3 in dict(live(one, night(20.0, at=35), 24 * 20))


def test_readings_that_are_forged_hide_a_leak_in_their_district_and_nowhere_else():
    """What is left are false alarms: as many as on nights without any leak."""
    forged = np.arange(DISTRICTS) == 3

    def alarms(leak_m3: float, at: int) -> list[int]:
        one = finder(alarms=0.01)
        told = [
            one.night(24 * n, night(leak_m3, at), HOME_M3, HOME_M3, FLAT, BURSTS, set(), forged)
            for n in range(20)
        ]
        return [d for night_alarms in told for d, _ in night_alarms]

    assert 3 not in alarms(20.0, at=35)
    assert 4 in alarms(20.0, at=45)


def spread_sensitivity(strength=0.02) -> np.ndarray:
    """Pressures at a district's loggers that tell its junctions apart [m per m3/h]."""
    place = (np.arange(len(DISTRICT)) % PER_DISTRICT) / PER_DISTRICT
    near = np.exp(-np.abs(place[LOGGERS][:, None] - place[None, :]) * 4.0)
    return -strength * near * (DISTRICT[LOGGERS][:, None] == DISTRICT[None, :])


def rank(strength: float, seed: int, junction=37) -> int:
    one, sensitivity = finder(seed), spread_sensitivity(strength)
    for count in range(100):
        for d, places in live(one, night(8.0, junction, sensitivity), 24 * count, sensitivity):
            if d == 3:
                return places.index(junction) if junction in places else PER_DISTRICT
    raise AssertionError("no alarm")


def test_pressures_say_where_it_is_where_they_differ():
    sharp, dull = ([rank(strength, seed) for seed in range(40)] for strength in (0.2, 0.0))
    assert np.mean(sharp) < 1.0
    # without a pressure that answers all places are equal and are tried in the order of the file
    assert np.mean(dull) == 7.0


def test_mains_that_burst_more_often_are_tried_first_where_pressures_are_silent():
    one, often = finder(), BURSTS.copy()
    often[39] = 5.0
    for count in range(100):
        found = one.night(24 * count, night(8.0, 39), HOME_M3, HOME_M3, FLAT, often, set())
        if found:
            assert dict(found)[3][0] == 39
            return
    raise AssertionError("no alarm")
