"""The power grid as the textbooks know it, then as a city lives on it."""

import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentsim.core.errors import NotConserved, SolverFailed
from agentsim.core.mechanisms import Mechanisms
from agentsim.networks.power.grid import PowerGrid, PowerParameters
from agentsim.place.cases import BULK, COMMERCIAL, CRITICAL, RESIDENTIAL, Feeders, GridCase, Stores

CHEAP, DEAR = 8_000.0, 20_000.0  # JPY/MWh


def case(line_from, line_to, x_pu, limit_mw, load_mw, unit_bus, unit_max, unit_cost, **more) -> GridCase:
    lines, units = len(line_from), len(unit_bus)
    costs = np.zeros((units, 3))
    costs[:, 1] = unit_cost
    values = {
        "base_mva": 100.0,
        "bus_id": tuple(str(bus) for bus in range(len(load_mw))),
        "bus_load_mw": np.array(load_mw, dtype=float),
        "bus_shunt_mw": np.zeros(len(load_mw)),
        "line_from": np.array(line_from),
        "line_to": np.array(line_to),
        "line_r_pu": np.zeros(lines),
        "line_x_pu": np.array(x_pu, dtype=float),
        "line_tap": np.ones(lines),
        "line_shift_deg": np.zeros(lines),
        "line_limit_mw": np.array(limit_mw, dtype=float),
        "unit_bus": np.array(unit_bus),
        "unit_max_mw": np.array(unit_max, dtype=float),
        "unit_min_mw": np.zeros(units),
        "unit_cost": costs,
    }
    return GridCase(**(values | more))


class TestTextbook:
    def test_two_parallel_lines_share_by_susceptance(self):
        twins = case([0, 0], [1, 1], [0.1, 0.2], [999, 999], [0, 90], [0], [100], [10])
        assert PowerGrid(twins).dispatch().flow_mw == pytest.approx([60, 30])

    def test_a_radial_line_carries_what_lies_behind_it(self):
        radial = case([0, 1, 2], [1, 2, 3], [0.1, 0.3, 0.7], [999] * 3, [0, 5, 7, 11], [0], [50], [10])
        assert PowerGrid(radial).dispatch().flow_mw == pytest.approx([23, 18, 11])

    def test_a_phase_shifter_drives_a_loop_flow(self):
        ring = case([0, 1, 2], [1, 2, 0], [0.1] * 3, [999] * 3, [0, 0, 0], [0], [50], [10])
        ring = replace(ring, line_shift_deg=np.array([-3.0, 0, 0]))
        # 3 degrees over 0.3 per unit: 100 MVA x 0.05236 / 0.3
        assert PowerGrid(ring).dispatch().flow_mw == pytest.approx([17.453] * 3, rel=1e-4)

    def test_congestion_separates_nodal_prices(self):
        pair = case([0], [1], [0.1], [30], [20, 50], [0, 1], [100, 100], [10, 40])
        hour = PowerGrid(pair).dispatch()
        assert hour.generation_mw == pytest.approx([50, 20])
        assert hour.price_per_mwh == pytest.approx([10, 40], abs=0.01)
        assert hour.cost == pytest.approx(50 * 10 + 20 * 40)

    def test_a_quadratic_cost_is_shared_at_equal_marginal_cost(self):
        pair = case([0], [1], [0.1], [999], [0, 90], [0, 1], [100, 100], [0, 0])
        pair = replace(pair, unit_cost=np.array([[0.1, 0, 0], [0.2, 0, 0]]))
        hour = PowerGrid(pair).dispatch()
        assert hour.generation_mw == pytest.approx([60, 30], abs=5)  # half a piece of 10 MW
        assert hour.cost == pytest.approx(0.1 * 60**2 + 0.2 * 30**2, rel=0.005)

    def test_an_outage_is_a_change_of_bounds_and_leaves_no_trace(self):
        grid = PowerGrid(case([0, 0], [1, 1], [0.1, 0.2], [40, 40], [0, 50], [0], [100], [10]))
        whole, cut, again = grid.dispatch(), grid.dispatch(out_of_service_lines=[0]), grid.dispatch()
        assert cut.flow_mw == pytest.approx([0, 40])
        assert cut.shed_mw == pytest.approx([0, 10])
        assert cut.price_per_mwh[1] == pytest.approx(1e4, rel=1e-3)
        assert again.flow_mw == pytest.approx(whole.flow_mw)

    def test_islands_stay_feasible_with_too_little_and_too_much(self):
        pair = case(
            [0], [1], [0.1], [99], [0, 50], [0, 0], [100, 30], [10, 5], unit_min_mw=np.array([0.0, 20.0])
        )
        hour = PowerGrid(pair).dispatch(out_of_service_lines=[0])
        assert hour.shed_mw == pytest.approx([0, 50])
        assert hour.generation_mw == pytest.approx([0, 0])

    def test_a_wrong_load_is_refused(self):
        pair = case([0], [1], [0.1], [99], [0, 50], [0], [100], [10])
        with pytest.raises(ValueError, match="one value for each of 2 buses"):
            PowerGrid(pair).dispatch(load_mw=np.ones(3))
        with pytest.raises(ValueError, match="known: series, textbook"):
            PowerGrid(pair, susceptance="exact")


# A ring of three buses, four units, two districts with four tiers each; district 1 hangs on bus 2.
def town(**more) -> GridCase:
    values = {
        "unit_slow": np.array([True, True, False, False]),
        "unit_ramp_mw_per_min": np.array([0.5, 0.5, 1.0, 1.0]),
        "unit_fuel_t_per_mwh": np.array([0.0, 0.0, 0.25, 0.25]),
        "unit_co2_t_per_mwh": np.array([0.9, 0.9, 0.7, 0.7]),
    }
    return case(
        [0, 1, 2], [1, 2, 0], [0.1] * 3, [60] * 3, [0, 0, 0],
        [0, 1, 1, 2], [40, 30, 20, 20], [CHEAP, 9_000.0, DEAR, 25_000.0], **(values | more),
    )  # fmt: skip


FEEDERS = Feeders(
    bus=np.array([1, 1, 1, 1, 2, 2, 2, 2]),
    district=np.array([0] * 4 + [1] * 4),
    tier=np.tile([CRITICAL, RESIDENTIAL, COMMERCIAL, BULK], 2),
    peak_mw=np.array([2.0, 8, 6, 4, 2, 8, 6, 4]),
    length_km=np.ones(8),
)
ASKED = FEEDERS.peak_mw
BASIC = np.where(FEEDERS.tier == RESIDENTIAL, 0.25 * ASKED, 0.0)
CALM = {"asked_mw": ASKED, "basic_mw": BASIC}
CUT_1 = np.array([0.0, 1.0])
PARTED_1 = np.array([False, True])


def city(stores=None, mechanisms=None, parameters=None, **more) -> PowerGrid:
    return PowerGrid(
        town(**more), FEEDERS, 2, stores, parameters or PowerParameters(), mechanisms or Mechanisms()
    )


def microgrid(power_mw=3.0, energy_mwh=12.0) -> Stores:
    sizes = np.array([0, 0, 0, 0, 1.0])
    return Stores(power_mw * sizes, energy_mwh * sizes, np.full(5, 0.81), np.zeros(5))


def grid_store(power_mw=4.0, energy_mwh=16.0, floor_frac=0.25) -> Stores:
    sizes = np.array([0, 0, 1.0, 0, 0])
    return Stores(power_mw * sizes, energy_mwh * sizes, np.full(5, 0.81), np.full(5, floor_frac))


def same(one, other) -> bool:
    return all(
        np.asarray(getattr(one, item.name)).tobytes() == np.asarray(getattr(other, item.name)).tobytes()
        for item in fields(one)
    )


def balance_mw(hour) -> float:
    supply = hour.generation_mw.sum() + hour.solar_used_mw.sum() + hour.store_discharge_mw.sum()
    return supply - hour.delivered_mw.sum() - hour.store_charge_mw.sum()


class TestServing:
    def test_a_calm_hour_serves_everybody_at_the_price_of_the_marginal_unit(self):
        hour = city().serve(**CALM)
        assert hour.delivered_mw == pytest.approx(ASKED)
        assert hour.generation_mw == pytest.approx([40, 0, 0, 0])
        assert city().serve(asked_mw=1.2 * ASKED, basic_mw=BASIC).price_jpy_per_mwh == pytest.approx(
            [9000] * 3, rel=1e-3
        )
        assert hour.cost_jpy == pytest.approx(40 * CHEAP)
        assert hour.co2_t == pytest.approx(36)
        assert hour.energised.all()

    def test_shedding_goes_by_value_and_the_price_is_the_value_of_lost_load(self):
        hour = city().serve(**CALM, units_out=np.array([True, True, False, True]))
        served = {tier: hour.delivered_mw[FEEDERS.tier == tier].sum() for tier in range(4)}
        # 20 MW for 40: critical 4, basic 4, then other residential 12 of it
        assert served == pytest.approx({CRITICAL: 4, RESIDENTIAL: 16, COMMERCIAL: 0, BULK: 0})
        assert hour.shed_mw.sum() == pytest.approx(20)
        assert not hour.restricted_mw.any()
        assert hour.price_jpy_per_mwh.max() == pytest.approx(0.9 * 560_000, rel=0.2)

    def test_lifeline_comes_before_the_rest_and_after_the_critical(self):
        hour = city().serve(**CALM, fuel_mwh=np.array([0.0, 0, 6, 0]))
        assert hour.delivered_mw[FEEDERS.tier == CRITICAL].sum() == pytest.approx(4)
        assert hour.delivered_mw[FEEDERS.tier == RESIDENTIAL].sum() == pytest.approx(2)

    def test_equal_weights_share_without_a_lifeline(self):
        grid = city()
        hours = [
            grid.serve(**CALM, fuel_mwh=np.array([0, 0, 20.0, 0]), shed_weight=np.ones((2, 4)))
            for _ in range(60)
        ]
        mean = np.mean([hour.delivered_mw for hour in hours], axis=0)
        assert hours[0].delivered_mw.sum() == pytest.approx(20)
        # shedding goes round: over many hours both districts get about half
        assert mean[:4].sum() == pytest.approx(10, abs=1)

    def test_the_feeders_of_one_tier_at_a_bus_are_short_in_proportion(self):
        both = replace(FEEDERS, bus=np.full(8, 1))
        hour = PowerGrid(town(), both, 2).serve(**CALM, fuel_mwh=np.array([0, 0, 20.0, 2]))
        assert hour.delivered_mw[FEEDERS.tier == COMMERCIAL] == pytest.approx([1, 1])

    def test_a_partial_breaker_cuts_its_share_and_calls_it_restriction(self):
        hour = city().serve(**CALM, power_cut_off_frac=np.array([0, 0.3]))
        assert hour.restricted_mw[4:] == pytest.approx(0.3 * ASKED[4:])
        assert hour.delivered_mw == pytest.approx(np.r_[ASKED[:4], 0.7 * ASKED[4:]])
        assert hour.shed_mw == pytest.approx(np.zeros(8), abs=1e-9)
        assert hour.energised.all()

    def test_a_fault_is_shed_and_not_restricted(self):
        out = np.arange(8) == 5
        hour = city().serve(**CALM, feeders_out=out)
        assert hour.shed_mw == pytest.approx(np.where(out, ASKED, 0))
        assert (hour.energised == ~out).all()

    def test_asked_is_delivered_plus_shed_plus_restricted_under_any_cut(self):
        hour = city().serve(
            **CALM,
            power_cut_off_frac=CUT_1,
            feeders_out=np.arange(8) == 2,
            fuel_mwh=np.array([0, 0, 12.0, 0]),
        )
        assert hour.delivered_mw + hour.shed_mw + hour.restricted_mw == pytest.approx(ASKED)
        assert hour.restricted_mw[4:] == pytest.approx(ASKED[4:])

    def test_a_unit_without_fuel_water_or_order_gives_nothing(self):
        grid = city()
        assert grid.serve(**CALM, committed=np.array([False, True, True, True])).generation_mw[0] == 0
        assert grid.serve(**CALM, fuel_mwh=np.array([5.0, 99, 99, 99])).generation_mw[0] == pytest.approx(5)
        assert grid.serve(**CALM, unit_derating_frac=np.array([0.5, 1, 1, 1])).generation_mw[
            0
        ] == pytest.approx(20)

    def test_fuel_is_burnt_in_proportion(self):
        hour = city().serve(**CALM, fuel_mwh=np.array([0, 0, np.inf, np.inf]))
        assert hour.fuel_t == pytest.approx(0.25 * hour.generation_mw)
        assert hour.fuel_t.sum() == pytest.approx(10)

    def test_line_limits_are_stressed(self):
        hour = city(line_limit_mw=np.array([20.0, 20, 20])).serve(**CALM)
        assert np.abs(hour.flow_mw).max() <= 18 + 1e-6
        assert hour.generation_mw[1:].sum() > 3


class TestSun:
    SOLAR = np.where(FEEDERS.tier == RESIDENTIAL, 5.0, 0.0)

    def test_sun_comes_before_fuel_and_flows_back_through_the_breaker(self):
        hour = city().serve(asked_mw=0.5 * ASKED, basic_mw=BASIC, solar_mw=2 * self.SOLAR)
        assert hour.solar_used_mw.sum() == pytest.approx(20)
        assert hour.generation_mw.sum() == pytest.approx(0, abs=1e-9)

    def test_what_nobody_takes_is_curtailed(self):
        hour = city().serve(asked_mw=0.1 * ASKED, basic_mw=0 * BASIC, solar_mw=self.SOLAR)
        assert hour.curtailed_mw == pytest.approx(10 - 4)

    def test_behind_an_open_breaker_the_sun_is_lost_and_not_curtailed(self):
        hour = city().serve(**CALM, solar_mw=self.SOLAR, power_cut_off_frac=CUT_1)
        assert hour.solar_used_mw[4:].sum() == 0
        assert hour.curtailed_mw == pytest.approx(0, abs=1e-9)

    def test_a_bus_with_sun_and_no_source_stays_dark(self):
        cut_off = {
            "lines_out": np.array([False, True, True]),
            "units_out": np.array([False, False, False, True]),
        }
        hour = city().serve(**CALM, solar_mw=self.SOLAR, **cut_off)
        assert hour.delivered_mw[4:].sum() == 0
        assert not hour.energised[4:].any()
        assert hour.solar_used_mw[4:].sum() == 0

    def test_must_run_output_gives_way_only_after_the_sun(self):
        hour = city(unit_min_mw=np.array([15.0, 0, 5, 0])).serve(
            asked_mw=0.25 * ASKED, basic_mw=0 * BASIC, solar_mw=self.SOLAR
        )
        assert hour.generation_mw == pytest.approx([10, 0, 0, 0])  # the fast unit's minimum does not hold
        assert hour.curtailed_mw == pytest.approx(10 + 5)
        assert hour.price_jpy_per_mwh.max() == pytest.approx(-1000, rel=0.1)


class TestMicrogrid:
    def test_its_store_charges_from_the_main_tie_until_full(self):
        grid = city(microgrid())
        energies = [grid.serve(**CALM).store_energy_mwh[4] for _ in range(5)]
        assert energies[0] == pytest.approx(6 + 3 * 0.9)
        assert energies[-1] == pytest.approx(12)
        assert grid.serve(**CALM).store_charge_mw.sum() == pytest.approx(0, abs=1e-9)

    def test_in_an_island_the_critical_load_comes_first(self):
        hour = city(microgrid()).serve(**CALM, islanded=PARTED_1, power_cut_off_frac=CUT_1)
        assert hour.delivered_mw[4] == pytest.approx(2)
        assert hour.delivered_mw[5:].sum() == pytest.approx(0, abs=1e-9)
        assert hour.energised[4]
        assert not hour.energised[5:].any()

    def test_beyond_the_critical_load_energy_is_rationed(self):
        grid = city(microgrid(power_mw=8, energy_mwh=40))
        hours = [grid.serve(**CALM, islanded=PARTED_1) for _ in range(6)]
        given = [hour.store_discharge_mw[4] for hour in hours]
        assert given[0] == pytest.approx(20 * 0.9 / 4)  # an even quarter of what is there
        assert given[-1] == pytest.approx(2)  # in the end the critical load alone
        assert hours[0].delivered_mw[5] == pytest.approx(2.5)  # lifeline 2, then the rest of homes

    def test_a_store_never_charges_itself(self):
        hour = city(microgrid(power_mw=8, energy_mwh=40)).serve(
            asked_mw=0.1 * ASKED, basic_mw=0 * BASIC, islanded=PARTED_1
        )
        assert hour.store_discharge_mw[4] == pytest.approx(2)  # though 4.5 is allowed
        assert hour.store_charge_mw[4] == pytest.approx(0, abs=1e-9)

    def test_an_empty_store_ends_the_island_service(self):
        grid = city(microgrid(energy_mwh=4))
        hours = [grid.serve(**CALM, islanded=PARTED_1) for _ in range(3)]
        assert hours[0].delivered_mw[4] == pytest.approx(1.8)
        assert hours[2].delivered_mw[4:].sum() == pytest.approx(0, abs=1e-6)

    def test_sun_in_the_island_serves_it_and_fills_the_store(self):
        sun = np.where(np.arange(8) == 5, 30.0, 0.0)
        hour = city(microgrid(power_mw=8, energy_mwh=40)).serve(**CALM, islanded=PARTED_1, solar_mw=sun)
        assert hour.delivered_mw[4:] == pytest.approx(ASKED[4:])
        assert hour.store_charge_mw[4] == pytest.approx(8)
        assert hour.store_discharge_mw[4] == pytest.approx(0, abs=1e-9)
        assert hour.curtailed_mw == pytest.approx(30 - 20 - 8)

    def test_the_breaker_of_the_centre_cannot_cut_an_island(self):
        cut = city(microgrid(8, 40)).serve(**CALM, islanded=PARTED_1, power_cut_off_frac=CUT_1)
        free = city(microgrid(8, 40)).serve(**CALM, islanded=PARTED_1)
        assert cut.delivered_mw == pytest.approx(free.delivered_mw)
        assert cut.restricted_mw.sum() == pytest.approx(20 - free.delivered_mw[4:].sum())

    def test_without_a_microgrid_to_part_is_to_go_dark(self):
        hour = city().serve(**CALM, islanded=PARTED_1)
        assert hour.delivered_mw[4:].sum() == 0
        assert not hour.energised[4:].any()
        assert hour.delivered_mw[:4] == pytest.approx(ASKED[:4])

    def test_zero_size_is_the_same_as_switched_off_bit_for_bit(self):
        for order in (None, PARTED_1):
            alive, stilled = city(), city(mechanisms=Mechanisms(islanding=False, storage=False))
            assert all(
                same(alive.serve(**CALM, islanded=order), stilled.serve(**CALM, islanded=order))
                for _ in range(5)
            )

    def test_a_stilled_microgrid_leaves_the_city_as_if_there_were_none(self):
        stilled, none = city(microgrid(), Mechanisms(islanding=False)), city()
        assert all(same(stilled.serve(**CALM, islanded=PARTED_1), none.serve(**CALM)) for _ in range(5))
        assert not same(city(microgrid()).serve(**CALM), none.serve(**CALM))


class TestStores:
    def test_a_store_follows_its_plan_and_pays_its_losses_both_ways(self):
        grid, plan = city(grid_store()), np.array([0, 0, -3.0, 0, 0])
        hour = grid.serve(**CALM, store_plan_mw=plan)
        assert hour.store_energy_mwh[2] == pytest.approx(8 + 3 * 0.9)
        back = grid.serve(**CALM, store_plan_mw=-plan)
        assert back.store_discharge_mw[2] == pytest.approx(3)
        assert back.store_energy_mwh[2] == pytest.approx(10.7 - 3 / 0.9)
        assert hour.store_loss_mwh == pytest.approx(0.3)
        assert back.store_loss_mwh == pytest.approx(3 / 0.9 - 3)

    def test_arbitrage_keeps_the_floor_and_an_emergency_does_not(self):
        grid, plan = city(grid_store()), np.array([0, 0, 4.0, 0, 0])
        for _ in range(4):
            hour = grid.serve(**CALM, store_plan_mw=plan)
        assert hour.store_energy_mwh[2] == pytest.approx(4)
        dark = grid.serve(**CALM, fuel_mwh=np.array([0, 0, 20.0, 0]))
        assert dark.store_discharge_mw[2] == pytest.approx(3.6)
        assert dark.store_energy_mwh[2] == pytest.approx(0, abs=1e-9)

    def test_charging_gives_way_before_anybody_is_shed(self):
        hour = city(grid_store()).serve(
            **CALM, store_plan_mw=np.array([0, 0, -4.0, 0, 0]), fuel_mwh=np.array([40.0, 1, 0, 0])
        )
        assert hour.store_charge_mw[2] == pytest.approx(1)
        assert hour.shed_mw.sum() == pytest.approx(0, abs=1e-9)

    def test_stilled_storage_is_no_storage(self):
        stilled, none = city(grid_store(), Mechanisms(storage=False)), city()
        plan = np.array([0, 0, 4.0, 0, 0])
        assert all(same(stilled.serve(**CALM, store_plan_mw=plan), none.serve(**CALM)) for _ in range(3))


class TestReserve:
    def test_reserve_is_limited_by_ten_minutes_of_ramp(self):
        hour = city().serve(**CALM, reserve_mw=40.0)
        # 5 + 5 + 10 + 10 at most; the first unit gives up 5 MW to hold its own
        assert hour.reserve_mw == pytest.approx(30)
        assert hour.reserve_short_mw == pytest.approx(10)

    def test_reserve_never_sheds_a_customer(self):
        hour = city().serve(asked_mw=2.7 * ASKED, basic_mw=BASIC, reserve_mw=20.0)
        assert hour.shed_mw.sum() == pytest.approx(0, abs=1e-9)
        assert hour.reserve_mw == pytest.approx(2)

    def test_values_out_of_order_are_refused(self):
        with pytest.raises(ValueError, match="must hold"):
            city(parameters=PowerParameters(voll_jpy_per_kwh=200.0, reserve_penalty_jpy_per_kwh=150.0))


def test_a_load_that_is_not_a_number_is_noticed():
    with pytest.raises((NotConserved, SolverFailed)):
        city().serve(asked_mw=np.where(np.arange(8) == 3, np.nan, ASKED), basic_mw=BASIC)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_energy_is_conserved_whatever_breaks(data):
    stores = Stores(np.full(5, 2.0), np.full(5, 6.0), np.full(5, 0.81), np.full(5, 0.25))
    grid = city(stores)

    def some(count):
        return np.array(data.draw(st.lists(st.booleans(), min_size=count, max_size=count)))

    def level(count, top):
        return np.array(data.draw(st.lists(st.floats(0, top), min_size=count, max_size=count)))

    for _ in range(3):
        before = grid.stores.energy_mwh.sum()
        asked = ASKED * level(8, 2.0)
        hour = grid.serve(
            asked_mw=asked,
            basic_mw=0.3 * asked,
            solar_mw=level(8, 6.0),
            power_cut_off_frac=level(2, 1.0),
            islanded=some(2),
            units_out=some(4),
            lines_out=some(3),
            feeders_out=some(8),
            store_plan_mw=level(5, 4.0) - 2.0,
            reserve_mw=10.0,
        )
        assert balance_mw(hour) == pytest.approx(0, abs=1e-6)
        assert hour.delivered_mw + hour.shed_mw + hour.restricted_mw == pytest.approx(asked, abs=1e-9)
        for part in (hour.delivered_mw, hour.shed_mw, hour.restricted_mw, hour.store_energy_mwh):
            assert (part >= -1e-9).all()
        net = hour.store_charge_mw.sum() - hour.store_discharge_mw.sum()
        assert hour.store_energy_mwh.sum() - before == pytest.approx(net - hour.store_loss_mwh, abs=1e-9)
        assert hour.store_loss_mwh >= -1e-9
        assert (np.abs(hour.flow_mw) <= 54 + 1e-6).all()


def day(grid: PowerGrid, hours: range) -> list:
    """Hours that differ, with outages drawn from a fixed seed."""
    services = []
    for hour in hours:
        draw = np.random.default_rng(hour)
        services.append(
            grid.serve(
                asked_mw=ASKED * (0.8 + draw.random(8)),
                basic_mw=BASIC,
                units_out=draw.random(4) < 0.2,
                lines_out=draw.random(3) < 0.1,
                islanded=draw.random(2) < 0.2,
                store_plan_mw=draw.normal(0, 2, 5),
                reserve_mw=8.0,
            )
        )
    return services


def test_the_same_hours_give_the_same_bytes():
    stores = Stores(np.full(5, 2.0), np.full(5, 6.0), np.full(5, 0.81), np.full(5, 0.25))
    first, second = day(city(stores), range(60)), day(city(stores), range(60))
    assert all(same(one, other) for one, other in zip(first, second, strict=True))


@pytest.mark.parametrize("lived", [0, 1, 37, 48])
def test_a_pickled_grid_goes_on_with_the_same_bytes(lived):
    stores = Stores(np.full(5, 2.0), np.full(5, 6.0), np.full(5, 0.81), np.full(5, 0.25))
    grid = city(stores)
    day(grid, range(lived))
    resumed = pickle.loads(pickle.dumps(grid))
    whole, rest = day(grid, range(lived, 90)), day(resumed, range(lived, 90))
    assert all(same(one, other) for one, other in zip(whole, rest, strict=True))


# ---- kinds of storage side by side --------------------------------------------------------------------


def side_by_side(**more) -> Stores:
    """A store of each of two kinds at the third bus of the town, and no microgrid of any size."""
    size = np.zeros((2, 3))
    size[:, 2] = 1.0
    rows = np.concatenate([size.ravel(), np.zeros(2)])
    efficiency = np.concatenate([np.full(3, 0.81), np.full(3, 0.64), np.ones(2)])
    return Stores(2.0 * rows, 6.0 * rows, efficiency, np.zeros(8), **more)


def test_each_kind_charges_at_its_own_efficiency() -> None:
    grid = city(side_by_side())
    plan = np.zeros(8)
    plan[[2, 5]] = -2.0
    hour = grid.serve(**CALM, store_plan_mw=plan)
    assert hour.store_charge_mw[[2, 5]] == pytest.approx([2.0, 2.0])
    assert hour.store_energy_mwh[[2, 5]] == pytest.approx([3.0 + 2.0 * 0.9, 3.0 + 2.0 * 0.8])
    assert hour.store_loss_mwh == pytest.approx(2.0 * 0.1 + 2.0 * 0.2)


def test_stores_of_a_bus_keep_it_alive_whichever_kind_is_charged() -> None:
    grid = city(side_by_side())
    grid.stores.energy_mwh[2] = 0.0  # the first kind is empty
    dead = np.ones(len(grid.case.unit_bus), dtype=bool)
    hour = grid.serve(**CALM, units_out=dead)
    assert hour.store_discharge_mw[5] > 0.0
    assert hour.store_discharge_mw[2] == 0.0


def test_a_store_loses_a_fifth_over_its_cycles_or_its_years() -> None:
    lives = {"cycle_life": np.full(8, 10.0), "calendar_life_y": np.full(8, 15.0), "end_loss_frac": 0.2}
    old = city(side_by_side(**lives, age_y=15.0)).stores
    assert old.full_mwh[[2, 5]] == pytest.approx(0.8 * 6.0)
    used = city(side_by_side(**lives)).stores
    for _ in range(5):  # a full cycle each: 6 MWh out of the store
        used.move(np.zeros(8), 6.0 * used.one_way_efficiency * (used.power_mw > 0), 0.0)
    assert used.cycles[[2, 5]] == pytest.approx(5.0)
    assert used.full_mwh[[2, 5]] == pytest.approx(6.0 * (1.0 - 0.2 * 5.0 / 10.0), rel=1e-3)
