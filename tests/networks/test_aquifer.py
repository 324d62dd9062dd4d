"""The aquifer: one bucket for all wells."""

import numpy as np
import pytest

from agentsim.networks.water.aquifer import Aquifer, AquiferParameters

PEOPLE = 66_000.0
RAIN_MM_PER_Y = 1500.0
HOURLY_MM = RAIN_MM_PER_Y / 8760


def aquifer(basin_m3_per_h=0.0, **numbers) -> Aquifer:
    return Aquifer(PEOPLE, RAIN_MM_PER_Y, basin_m3_per_h, AquiferParameters(**numbers))


def test_an_ordinary_year_without_wells_leaves_the_water_table_where_it_is():
    one = aquifer()
    for _ in range(8760):
        one.flow(HOURLY_MM, 0.0)
    assert one.depth_m == pytest.approx(15.0, abs=1e-6)


def test_nothing_is_lost():
    one, draw, before = aquifer(100.0), np.random.default_rng(1), 0.0
    for _ in range(500):
        hour = one.flow(float(draw.exponential(0.2)), float(draw.random() * 400.0))
        came, went = hour.natural_m3 + hour.managed_m3, hour.pumped_m3 + hour.outflow_m3
        assert before + came == pytest.approx(went + hour.stored_m3, abs=1e-6)
        assert hour.depth_m == pytest.approx(15.0 - hour.stored_m3 / (300.0 * PEOPLE * 0.05))
        before = hour.stored_m3


def test_private_wells_lower_the_water_table_of_all():
    """A commons: who pumps bears a share of the cost, and the others the rest."""
    alone, crowded = aquifer(specific_yield=0.002), aquifer(specific_yield=0.002)
    for _ in range(1000):
        alone.flow(HOURLY_MM, 360.0)
        crowded.flow(HOURLY_MM, 360.0 + 600.0)
    assert crowded.depth_m > alone.depth_m + 5.0 > 20.0
    assert crowded.more_kwh_per_m3() > alone.more_kwh_per_m3() > 0.0
    # the municipal well pays for the private pumps: 9.81 / 3600 / 0.55 kWh/m3 a metre
    extra = crowded.more_kwh_per_m3() - alone.more_kwh_per_m3()
    assert extra == pytest.approx(0.004955 * (crowded.depth_m - alone.depth_m), rel=1e-3)
    assert crowded.well_frac(35.0) < alone.well_frac(35.0)


def test_shallow_wells_fail_first():
    one = aquifer(specific_yield=0.0005)
    for _ in range(500):
        one.flow(0.0, 600.0)
    assert one.well_frac(35.0) == 0.0 < one.well_frac(60.0)
    assert aquifer().well_frac(35.0) == 1.0


def test_recharge_raises_it_when_it_rains_and_not_in_a_drought():
    plain, basins, dry = aquifer(), aquifer(60.0), aquifer(60.0)
    for hour in range(2000):
        rain = 10.0 if hour % 100 == 0 else 0.0
        plain.flow(rain, 300.0)
        basins.flow(rain, 300.0)
        dry.flow(0.0, 300.0)
    assert basins.depth_m < plain.depth_m
    assert dry.now.managed_m3 == 0.0


def test_a_basin_gives_no_more_than_its_capacity():
    one = aquifer(60.0)
    seeped = [one.flow(50.0 if hour == 0 else 0.0, 0.0).managed_m3 for hour in range(200)]
    assert max(seeped) == pytest.approx(60.0)
    assert sum(seeped) <= 60.0 * 72 + 60.0  # what a full basin holds
    assert seeped[-1] == 0.0
