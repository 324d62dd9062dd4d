"""Rain tanks: yield after spillage against a plain reference, and what homes spare."""

import numpy as np
import pytest

from agentsim.agents.households.rain_tanks import RainTanksParameters, after_spillage

RAINY = {"weather.rain_factor": 2.0}


def plain_reference(rain_mm, wanted, capacity, stored=0.0) -> tuple[list[float], list[float], float]:
    """One tank, step by step, in words: use what was there, then fill up, and the rest runs over."""
    used, stores, spilt = [], [], 0.0
    for rain, want in zip(rain_mm, wanted, strict=True):
        now = want if want < stored else stored
        stored += rain
        full = capacity  # before the hour's use is taken, the tank holds no more than this
        if stored > full:
            spilt += stored - full
            stored = full
        stored -= now
        used.append(now)
        stores.append(stored)
    return used, stores, spilt


@pytest.mark.parametrize("capacity", [0.2, 1.0, 3.0])
def test_yield_after_spillage(capacity):
    draw = np.random.default_rng(3)
    rain = np.where(draw.random(2000) < 0.1, draw.exponential(0.6, 2000), 0.0)
    wanted = draw.random(2000) * 0.05
    used, stores, spilt = plain_reference(rain, wanted, capacity)
    stored, mine = 0.0, []
    for caught, want in zip(rain, wanted, strict=True):
        took, stored = after_spillage(stored, caught, want, capacity)
        mine.append((took, stored))
    assert np.array(mine) == pytest.approx(np.array([used, stores]).T, abs=1e-12)
    assert sum(used) + spilt + stores[-1] == pytest.approx(rain.sum())


def test_a_larger_tank_gives_more_and_never_more_than_falls():
    draw = np.random.default_rng(4)
    rain = np.where(draw.random(5000) < 0.05, draw.exponential(0.5, 5000), 0.0)
    wanted = np.full(5000, 0.02)
    given = [sum(plain_reference(rain, wanted, size)[0]) for size in (0.1, 0.5, 1.0, 3.0)]
    assert given == sorted(given)
    assert given[-1] <= min(rain.sum(), wanted.sum())


def test_homes_with_a_tank_ask_less_of_the_mains_and_pay_less(hamlet):
    dry, wet = (
        hamlet(
            policies, hours=72, changes=RAINY | {"mechanisms.charges": False, "mechanisms.recharge": False}
        )
        for policies in ([], ["W-S3"])
    )
    spared = dry.record.total("water_asked_m3") - wet.record.total("water_asked_m3")
    assert spared == pytest.approx(wet.outcomes["rain_used_m3"], rel=1e-6)
    assert spared > 0.0
    tanks = wet.population.larder.tanks.rows
    others = np.setdiff1d(np.arange(len(wet.population)), tanks)
    bills = wet.population.bill_jpy - dry.population.bill_jpy
    assert bills[tanks].mean() < 0.0
    assert bills[others] == pytest.approx(0.0, abs=1.0)


def test_a_tank_needs_a_roof_and_a_fifth_of_homes_has_one(hamlet):
    society = hamlet(["W-S3"], changes={"place.households": 3000})
    homes, rows = society.population.homes, society.population.larder.tanks.rows
    assert homes.roof[rows].all()
    assert len(rows) / len(homes) == pytest.approx(0.2, abs=0.025)
    fewer = hamlet(["W-S3"], changes={"place.households": 1000})
    few = fewer.population.larder.tanks.rows
    assert 0.15 < len(few) / 1000 < 0.25


def test_no_more_than_the_part_that_need_not_be_drinkable():
    p = RainTanksParameters()
    used, _ = after_spillage(3000.0, 0.0, 300.0 * p.use_frac, 3000.0)
    assert used == pytest.approx(120.0)
