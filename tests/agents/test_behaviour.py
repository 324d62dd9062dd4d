"""Common behaviour: a lasting part of demand of stated size, the same whatever else happens."""

import numpy as np
import pytest

from agentsim.agents.behaviour import Behaviour, BehaviourParameters
from agentsim.core.streams import Streams


def series(hours: int = 20_000, seed: int = 1, **numbers) -> np.ndarray:
    return Behaviour(Streams(seed), BehaviourParameters(**numbers)).load_fracs(0, hours)


def test_it_has_the_stated_size_and_mean_one():
    busy = series(load_sd_frac=0.05)
    # 20,000 hours with a memory of a day are some 400 independent ones
    assert np.log(busy).std() == pytest.approx(0.05, rel=0.15)
    assert busy.mean() == pytest.approx(1.0, abs=0.01)


def test_it_lasts_as_stated():
    log = np.log(series(load_sd_frac=0.05, memory_h=24.0))
    assert np.corrcoef(log[:-24], log[24:])[0, 1] == pytest.approx(np.exp(-1.0), abs=0.1)


def test_looking_back_first_changes_nothing():
    numbers = BehaviourParameters(load_sd_frac=0.02)
    early, late = Behaviour(Streams(3), numbers), Behaviour(Streams(3), numbers)
    before = early.load_frac(-1500)
    assert late.load_frac(700) == early.load_frac(700)
    assert late.load_frac(-1500) == before


def test_size_zero_and_the_switch_are_exactly_nothing():
    off = Behaviour(Streams(1), BehaviourParameters(load_sd_frac=0.1), live=False)
    assert off.load_frac(9) == off.water_frac(9) == 1.0
    assert (series(hours=50) == 1.0).all()


def test_people_ask_more_of_everything_on_a_busy_day(hamlet):
    ordinary = hamlet(hours=30)
    busy = hamlet(hours=30, changes={"behaviour.load_sd_frac": 0.1, "behaviour.water_sd_frac": 0.1})
    for hour in (5, 29):
        load = busy.record.city["load_wanted_mw"][hour] / ordinary.record.city["load_wanted_mw"][hour]
        assert load == pytest.approx(busy.asking._behaviour.load_frac(hour), rel=1e-9)
    water = busy.record.at["water_asked_m3"][5].sum() / ordinary.record.at["water_asked_m3"][5].sum()
    assert water == pytest.approx(busy.asking._behaviour.water_frac(5), rel=1e-9)
