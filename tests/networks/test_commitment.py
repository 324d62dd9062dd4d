"""Who must be on line tomorrow morning, and what the stores are to do meanwhile."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentsim.networks.power.commitment import CommitmentParameters, commit, priority, reserve_requirement_mw
from agentsim.networks.power.storage_plan import StoragePlanner, merit_order
from agentsim.place.cases import Stores

CAPACITY = np.array([40.0, 30.0, 20.0, 10.0])
SLOW = np.array([True, True, True, False])
ORDER = np.array([1, 0, 2, 3])


def on_line(forecast, sigma=0.0, on_h=0.0, off_h=99.0, capacity=CAPACITY, **more):
    more.setdefault("largest_unit_frac", 0.0)
    return commit(
        np.broadcast_to(forecast, 24),
        sigma,
        capacity,
        SLOW,
        np.broadcast_to(on_h, 4),
        np.broadcast_to(off_h, 4),
        np.full(4, 8.0),
        np.full(4, 8.0),
        ORDER,
        **more,
    ).tolist()


def test_the_list_is_followed_until_the_forecast_is_covered():
    assert on_line(34.0) == [False, True, False, True]  # 30 + half of 10 cover it
    assert on_line(36.0) == [True, True, False, True]
    assert on_line(80.0) == [True, True, True, True]


def test_the_stated_error_of_the_forecast_is_covered_too():
    assert on_line(34.0, sigma=1.0) == [True, True, False, True]
    assert on_line(34.0, sigma=1.0, z=0.5) == [False, True, False, True]


def test_a_unit_that_is_off_looks_to_the_end_of_the_block():
    evening_peak = np.where(np.arange(24) >= 8, 90.0, 30.0)
    assert on_line(evening_peak) == [False, True, False, True]
    assert on_line(evening_peak, lead_h=8) == [True, True, True, True]


def test_a_unit_is_not_let_go_before_a_peak_for_which_it_could_not_come_back():
    evening_peak = np.where(np.arange(24) >= 12, 90.0, 30.0)
    assert on_line(evening_peak, on_h=99.0, off_h=0.0) == [True, True, True, True]
    far_peak = np.where(np.arange(24) >= 17, 90.0, 30.0)  # 4 h lead, 4 h block, 8 h off: back at hour 16
    assert on_line(far_peak, on_h=99.0, off_h=0.0) == [False, True, False, True]


def test_the_loss_of_the_largest_unit_is_half_covered():
    assert on_line(34.0, largest_unit_frac=0.5) == [True, True, False, True]


def test_a_unit_stays_for_its_minimum_up_time():
    assert on_line(10.0, on_h=np.array([3.0, 0, 0, 0]), off_h=np.array([0.0, 99, 99, 99])) == [
        True,
        False,
        False,
        True,
    ]
    assert on_line(10.0, on_h=np.array([4.0, 0, 0, 0]), off_h=np.array([0.0, 99, 99, 99])) == [
        False,
        True,
        False,
        True,
    ]


def test_a_unit_that_just_left_cannot_come_and_the_next_one_does():
    assert on_line(34.0, off_h=np.array([99.0, 3, 99, 99])) == [True, False, False, True]
    assert on_line(34.0, off_h=np.array([99.0, 4, 99, 99])) == [False, True, False, True]


def test_a_unit_out_of_order_is_passed_over():
    assert on_line(34.0, capacity=np.array([40.0, 0, 20, 10])) == [True, False, False, True]


@given(st.floats(0, 90), st.floats(0, 5))
def test_committed_capacity_covers_the_need_whenever_it_can(load, sigma):
    on = np.array(on_line(load, sigma))
    counted = CAPACITY[on & SLOW].sum() + 0.5 * CAPACITY[~SLOW].sum()
    need = load + CommitmentParameters().z * sigma
    assert counted >= need - 1e-9 or on.all()
    dearest = [unit for unit in ORDER if SLOW[unit] and on[unit]][-1:]
    assert not dearest or counted - CAPACITY[dearest[0]] < need


def test_priority_is_by_cost_at_full_load():
    cost = np.array([[0.0, 10.0, 500.0], [0.0, 20.0, 0.0], [0.1, 5.0, 0.0]])
    assert priority(cost, np.array([25.0, 25.0, 50.0])).tolist() == [2, 1, 0]  # 10, 20, 30 a MWh


def test_a_perfect_forecast_still_needs_reserve_for_the_largest_unit():
    assert reserve_requirement_mw(2.33, 0.0, 19.0) == pytest.approx(9.5)
    assert reserve_requirement_mw(2.33, 2.0, 19.0) == pytest.approx(9.5 + 4.66)


# --- the storage plan ------------------------------------------------------------------------------

NIGHT_AND_DAY = np.where(np.arange(24) < 12, 20.0, 40.0)
COST = np.array([[0.0, 8_000.0, 0.0], [0.0, 24_000.0, 0.0]])
UNITS = np.array([30.0, 30.0])


def fleet(power, energy, efficiency=0.81, floor=0.25) -> Stores:
    """One store at each of two buses and a microgrid."""
    return Stores(np.array(power), np.array(energy), np.full(3, efficiency), np.full(3, floor))


def plan(stores, charge_frac=0.5, load=NIGHT_AND_DAY, sun=0.0, **more):
    sunshine = np.broadcast_to(sun, 24)
    planner = StoragePlanner(stores, 2, **more)
    return planner.plan(load - sunshine, COST, UNITS, charge_frac * stores.energy_mwh)


def energy_mwh(stores, net_mw, start_frac=0.5):
    one_way = np.sqrt(stores.efficiency)
    change = np.where(net_mw < 0, -net_mw * one_way, -net_mw / one_way)
    return start_frac * stores.energy_mwh + np.cumsum(change, axis=0)


def test_no_store_no_plan():
    assert not plan(fleet([0.0, 0, 0], [0.0, 0, 0])).any()


def test_the_merit_order_is_gathered_without_losing_cost():
    width, cost = merit_order(COST, UNITS, 16)
    assert width.sum() == pytest.approx(60)
    assert width @ cost == pytest.approx(30 * 8000 + 30 * 24000)
    assert (np.diff(cost) >= 0).all()


def test_it_charges_when_power_is_cheap_and_discharges_when_it_is_dear():
    stores = fleet([4.0, 0, 0], [20.0, 0, 0])
    net = plan(stores)
    assert net[:12].sum() == pytest.approx(-10 / 0.9)  # from half to full
    assert net[12:].sum() == pytest.approx(10 * 0.9)  # and back to half
    assert net[12:].min() >= -1e-9


def test_it_keeps_the_floor_fills_no_more_than_there_is_and_ends_half_full():
    stores = fleet([4.0, 6.0, 0], [20.0, 30.0, 0], floor=0.4)
    level = energy_mwh(stores, plan(stores, load=NIGHT_AND_DAY[::-1]))
    assert (level[:, :2] >= 0.4 * stores.energy_mwh[:2] - 1e-6).all()
    assert (level <= stores.energy_mwh + 1e-6).all()
    assert level[-1, :2] == pytest.approx(0.5 * stores.energy_mwh[:2])


def test_a_gain_smaller_than_the_losses_moves_nothing():
    close = np.array([[0.0, 20_000.0, 0.0], [0.0, 24_000.0, 0.0]])  # 0.81 x 24 < 20
    stores = fleet([4.0, 0, 0], [20.0, 0, 0])
    net = StoragePlanner(stores, 2).plan(NIGHT_AND_DAY, close, UNITS, 0.5 * stores.energy_mwh)
    assert np.abs(net).max() == pytest.approx(0, abs=1e-9)


def test_it_soaks_up_sun_that_would_be_spilled():
    noon = np.where(np.abs(np.arange(24) - 12) < 2, 60.0, 0.0)
    net = plan(fleet([4.0, 0, 0], [20.0, 0, 0]), load=np.full(24, 20.0), sun=noon)
    assert net[11:14, 0].sum() < -9


def test_a_plan_does_not_depend_on_those_before_to_the_last_bit():
    stores, draw = fleet([4.0, 6.0, 0], [20.0, 40.0, 0]), np.random.default_rng(1)
    planner = StoragePlanner(stores, 2)
    for _ in range(20):
        day = NIGHT_AND_DAY * draw.uniform(0.5, 1.5, 24), COST, UNITS * draw.uniform(0.5, 1.0, 2)
        charge_mwh = draw.uniform(0.0, 1.0, 3) * stores.energy_mwh
        alone = StoragePlanner(stores, 2).plan(*day, charge_mwh)
        assert planner.plan(*day, charge_mwh).tobytes() == alone.tobytes()
        assert np.abs(alone).max() > 0.1


def test_stores_alike_share_in_proportion_and_microgrids_are_left_alone():
    net = plan(fleet([4.0, 8.0, 3.0], [20.0, 40.0, 12.0]))
    assert net[:, 1] == pytest.approx(2 * net[:, 0])
    assert not net[:, 2].any()


def test_a_store_below_its_floor_is_refilled():
    stores = fleet([4.0, 0, 0], [20.0, 0, 0], floor=0.8)
    level = energy_mwh(stores, plan(stores, charge_frac=0.1), 0.1)
    assert level[-1, 0] == pytest.approx(16)


def by_columns(forecast_mw, sigma_mw, capacity_mw, slow, on_h, off_h, min_up_h, min_down_h, order):
    """The priority list in array algebra, with the default numbers."""
    p = CommitmentParameters()
    on, usable = on_h > 0.0, slow & (capacity_mw > 0.0)
    held = usable & on & (on_h + p.lead_h < min_up_h)
    ready = usable & ~held & (on | (off_h + p.lead_h >= min_down_h))
    ahead_h = np.minimum((p.lead_h + p.block_h + np.where(on, min_down_h, 0.0)).astype(int), 24)
    peak_mw = np.maximum.accumulate(forecast_mw)[ahead_h - 1]
    margin_mw = p.z * sigma_mw + p.largest_unit_frac * capacity_mw.max()
    need_mw = peak_mw + margin_mw - p.fast_credit_frac * capacity_mw[~slow].sum()
    queue_mw = np.where(ready, capacity_mw, 0.0)[order]
    taken = np.zeros(len(slow), dtype=bool)
    taken[order] = capacity_mw[held].sum() + np.cumsum(queue_mw) - queue_mw < need_mw[order]
    return ~slow | held | (taken & ready)


@pytest.mark.parametrize("seed", range(40))
def test_the_list_is_worked_through_as_in_array_algebra(seed):
    rng = np.random.default_rng(seed)
    units = int(rng.integers(1, 60))
    on, since_h = rng.random(units) < 0.5, rng.integers(1, 40, units).astype(float)
    given_units = (
        rng.random(24) * units * 60,
        float(rng.random() * 30),
        rng.random(units) * 100 * (rng.random(units) < 0.9),
        rng.random(units) < 0.6,
        np.where(on, since_h, 0.0),
        np.where(on, 0.0, since_h),
        rng.integers(0, 24, units).astype(float),
        rng.integers(0, 24, units).astype(float),
        rng.permutation(units),
    )
    assert commit(*given_units).tolist() == by_columns(*given_units).tolist()
