"""Tariffs recover costs while they can: above a threshold of fixed cost none per kWh does."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from agentsim.institutions.tariffs import (
    CostOfSupply,
    largest_fixed_cost_jpy_per_y,
    recovered_jpy_per_y,
    recovering_tariff_jpy_per_kwh,
    settled_tariff_jpy_per_kwh,
    tariffs_by_year,
)

VARIABLE, CEILING, BASE_KWH = 12.0, 200.0, 1000.0


def leaving(half_at: float, width: float = 6.0):
    """Sales at a tariff, where half of all customers make their own power at *half_at* JPY/kWh."""
    return lambda tariff: float(BASE_KWH * expit((half_at - tariff) / width))


def test_the_tariff_brings_in_what_supply_costs():
    costs = CostOfSupply(20_000.0, VARIABLE, standing_jpy_per_y=3_000.0)
    tariff = recovering_tariff_jpy_per_kwh(costs, 800.0)
    assert tariff * 800.0 + 3_000.0 == pytest.approx(20_000.0 + VARIABLE * 800.0)


def test_whoever_makes_own_power_leaves_its_part_of_the_wires_to_the_others():
    costs = CostOfSupply(20_000.0, VARIABLE)
    before, after = (recovering_tariff_jpy_per_kwh(costs, kwh) for kwh in (1000.0, 800.0))
    assert after - before == pytest.approx(20_000.0 / 800.0 - 20_000.0 / 1000.0)
    assert recovering_tariff_jpy_per_kwh(costs, 0.0) == math.inf


@given(half_at=st.floats(25.0, 80.0), fixed=st.floats(100.0, 80_000.0))
def test_above_a_threshold_of_fixed_cost_no_linear_tariff_recovers_it(half_at, fixed):
    sold = leaving(half_at)
    most = largest_fixed_cost_jpy_per_y(VARIABLE, sold, CEILING)
    tariff = settled_tariff_jpy_per_kwh(CostOfSupply(fixed, VARIABLE), sold, CEILING)
    assert math.isnan(tariff) == (fixed > most)
    if fixed <= most:
        assert recovered_jpy_per_y(tariff, VARIABLE, sold) == pytest.approx(fixed, rel=1e-6)


def test_below_the_threshold_tariffs_settle_and_above_it_they_spiral():
    sold = leaving(45.0)
    most = largest_fixed_cost_jpy_per_y(VARIABLE, sold, CEILING)
    below, above = CostOfSupply(0.8 * most, VARIABLE), CostOfSupply(1.05 * most, VARIABLE)
    settled = tariffs_by_year(below, sold, 20.0, 60)
    assert settled[-1] == pytest.approx(settled_tariff_jpy_per_kwh(below, sold, CEILING), rel=1e-3)
    spiral = tariffs_by_year(above, sold, 20.0, 60)
    rising = spiral[np.isfinite(spiral)]
    assert (np.diff(rising) > 0.0).all()
    assert rising.max() > CEILING
    assert spiral[-1] == math.inf, "in the end nobody buys any more"


def test_a_standing_charge_lifts_the_threshold_by_what_it_brings_in():
    sold = leaving(45.0)
    most = largest_fixed_cost_jpy_per_y(VARIABLE, sold, CEILING)
    fixed = 1.2 * most
    assert math.isnan(settled_tariff_jpy_per_kwh(CostOfSupply(fixed, VARIABLE), sold, CEILING))
    helped = CostOfSupply(fixed, VARIABLE, standing_jpy_per_y=0.3 * most)
    assert settled_tariff_jpy_per_kwh(helped, sold, CEILING) < 45.0


def test_where_nobody_can_leave_every_fixed_cost_can_be_recovered():
    costs = CostOfSupply(0.9 * (CEILING - VARIABLE) * BASE_KWH, VARIABLE)
    tariff = settled_tariff_jpy_per_kwh(costs, lambda tariff: BASE_KWH, CEILING)
    assert tariff == pytest.approx(VARIABLE + 0.9 * (CEILING - VARIABLE))
