"""The compiled loops over feeders, units and stores give what array algebra gives, to the last bit."""

import numpy as np
import pytest

from agentsim.core.numerics.graphs import islands
from agentsim.networks.power.city_dispatch import run_of_units
from agentsim.networks.power.dispatch import bound_units
from agentsim.networks.power.hour import (
    MW_TOLERANCE,
    LoadColumns,
    Plant,
    Reached,
    reach,
    share_out,
    solar_first,
)
from agentsim.networks.power.stores import StoreFleet
from agentsim.place.cases import TIERS, Stores

FEEDERS, DISTRICTS, BUSES, UNITS = 40, 5, 7, 6
NODES = BUSES + DISTRICTS


def same(one, other) -> bool:
    return np.asarray(one).tobytes() == np.asarray(other).tobytes()


@pytest.fixture(params=range(6))
def rng(request) -> np.random.Generator:
    return np.random.default_rng(request.param)


def load_columns(each_its_own: bool) -> LoadColumns:
    groups = 2 * FEEDERS if each_its_own else NODES * len(TIERS)
    return LoadColumns(3, 3 + groups, 3 + 2 * groups, groups, NODES, each_its_own)


def a_plant(rng: np.random.Generator) -> Plant:
    return Plant(
        bus=rng.integers(BUSES, size=FEEDERS),
        district=rng.integers(DISTRICTS, size=FEEDERS),
        tier=rng.integers(len(TIERS), size=FEEDERS),
        main_bus=rng.integers(BUSES, size=DISTRICTS),
        has_microgrid=rng.random(DISTRICTS) < 0.6,
        unit_bus=rng.integers(BUSES, size=UNITS),
    )


@pytest.mark.parametrize("each_its_own", [False, True])
@pytest.mark.parametrize("islanding", [False, True])
def test_a_wire_reaches_whom_the_rule_says(rng, each_its_own: bool, islanding: bool) -> None:
    plant, columns = a_plant(rng), load_columns(each_its_own)
    joined = rng.integers(BUSES, size=(2, 3))
    island = islands(BUSES, *joined).astype(np.int64)
    unit_mw = rng.random(UNITS) * (rng.random(UNITS) < 0.3)
    store_mw = rng.random(NODES) * (rng.random(NODES) < 0.2)
    faulted, islanded = rng.random(FEEDERS) < 0.2, rng.random(DISTRICTS) < 0.5
    # some have a faulted section and reach the rest of their customers
    sound_frac = np.where(faulted, 0.0, np.where(rng.random(FEEDERS) < 0.3, rng.random(FEEDERS), 1.0))
    cut_off_frac = rng.random(DISTRICTS)
    asked, basic, solar, stored = rng.random((4, FEEDERS)) - [[0.1], [0.0], [0.0], [0.0]]
    upper, to_breaker = np.full(columns.solar + NODES + 2, -1.0), np.empty(FEEDERS, dtype=bool)
    got = Reached.empty(FEEDERS, DISTRICTS, BUSES)
    any_tied = reach(
        *plant, *got, *columns, upper, island, unit_mw, store_mw, sound_frac, cut_off_frac, islanded,
        islanding, asked, basic, solar, stored, to_breaker,
    )  # fmt: skip

    source = np.bincount(plant.unit_bus, unit_mw, BUSES) + store_mw[:BUSES]
    live = np.bincount(island, source, BUSES)[island] > 0.0
    in_island = islanded & plant.has_microgrid & islanding
    away = in_island | (islanded & ~plant.has_microgrid)
    tied = ~faulted & in_island[plant.district]
    joined_to_bus = ~faulted & live[plant.bus] & ~away[plant.district]
    reach_frac = (joined_to_bus * (1.0 - cut_off_frac[plant.district]) + tied) * sound_frac
    node = np.where(tied, BUSES + plant.district, plant.bus)
    group = np.arange(FEEDERS) + FEEDERS * tied if each_its_own else node * len(TIERS) + plant.tier
    asked = np.maximum(asked, 0.0)
    reachable, served_first = asked * reach_frac, np.minimum(basic, asked) * reach_frac
    assert any_tied == tied.any()
    assert same(to_breaker, ~faulted & live[plant.bus])
    for name, expected in {
        "reach_frac": reach_frac,
        "tied": tied,
        "node": node,
        "group": group,
        "asked_mw": asked,
        "reachable_mw": reachable,
        "basic_mw": served_first,
        "solar_mw": solar * reach_frac,
        "stored_mw": stored * tied,
        "offered_mw": solar * reach_frac + stored * tied,
        "in_island": in_island,
        "tie_live": live[plant.main_bus] & ~away,
    }.items():
        assert same(getattr(got, name), expected), name
    basic_sum = np.bincount(group, served_first, columns.groups)
    rest_sum = np.maximum(np.bincount(group, reachable, columns.groups) - basic_sum, 0.0)
    offered_sum = np.bincount(node, got.offered_mw, NODES)
    assert same(upper, np.concatenate([[-1.0] * 3, basic_sum, rest_sum, offered_sum, [-1.0] * 2]))


def test_the_feeders_of_a_group_share_in_proportion(rng) -> None:
    plant, columns = a_plant(rng), load_columns(each_its_own=False)
    node = plant.bus
    group = node * len(TIERS) + plant.tier
    upper = rng.random(columns.solar + NODES) * (rng.random(columns.solar + NODES) < 0.8)
    x = upper * np.clip(rng.normal(0.7, 0.4, size=len(upper)), -0.01, 1.01)
    reach_frac, asked, cut_off_frac = rng.random(FEEDERS), rng.random(FEEDERS), rng.random(DISTRICTS)
    reach_frac[::5] = 0.0
    reachable = asked * reach_frac
    basic, solar, stored = 0.3 * reachable, rng.random(FEEDERS), rng.random(FEEDERS)
    delivered, shed, restricted, from_homes, work = (np.empty(FEEDERS) for _ in range(5))
    energised = np.empty(FEEDERS, dtype=bool)
    sums = share_out(
        reach_frac, node, group, asked, reachable, basic, solar, solar + stored, plant.district, cut_off_frac,
        columns.basic, columns.rest, columns.solar, upper, x,
        delivered, shed, restricted, from_homes, energised, work,
    )  # fmt: skip

    used = np.clip(np.divide(x, upper, out=np.ones(len(x)), where=upper > 0.0), 0.0, 1.0)
    basic_short = 1.0 - used[columns.basic + group]
    rest_short = 1.0 - used[columns.rest + group]
    given = reachable - basic * basic_short - (reachable - basic) * rest_short
    by_order = np.minimum(asked - given, cut_off_frac[plant.district] * asked)
    home_made = (solar + stored) * used[columns.solar + node]
    on = (reach_frac > 0.0) & ((given > MW_TOLERANCE) | (reachable <= MW_TOLERANCE))
    assert same(delivered, given)
    assert same(restricted, by_order)
    assert same(shed, asked - given - by_order)
    assert same(from_homes, home_made)
    assert same(energised, on)
    unused = ((solar - home_made) * on).sum()
    assert sums == (given.sum(), home_made.sum(), (reachable - given).sum(), unused)


def test_sun_is_used_before_batteries(rng) -> None:
    node = np.repeat(np.arange(8), 5)
    solar, stored = rng.random((2, FEEDERS))
    offered = solar + stored
    share = rng.random(8)[node]
    from_homes, from_batteries = solar_first(node, solar, stored, offered * share)
    at_node = [np.bincount(node, mw) for mw in (from_homes, from_batteries, solar, offered * share)]
    given, lent, sun, used = at_node
    assert given == pytest.approx(used)
    assert lent == pytest.approx(np.maximum(used - sun, 0.0))


def test_units_and_stores_do_what_their_columns_say(rng) -> None:
    units, stores = 20, 33
    segment_unit = np.repeat(np.arange(units), rng.integers(1, 5, size=units))
    base, segment = 2, 2 + units
    charge = segment + len(segment_unit)
    discharge, emergency = charge + stores, charge + 2 * stores
    x = rng.normal(0.5, 1.0, size=emergency + stores) * (rng.random(emergency + stores) < 0.7)
    capability, bottom = rng.random(units), rng.random(units)
    must_run, costs, fuel_per_mwh = rng.random(units) < 0.5, rng.random((3, units)), rng.random(units)
    row_dual, bus_row, scale = rng.normal(size=BUSES + 4), 3, 0.7
    generation, gross, fuel, work = (np.empty(units) for _ in range(4))
    charged, discharged, price = np.empty(stores), np.empty(stores), np.empty(BUSES)
    sums = run_of_units(
        x, base, segment, segment_unit, capability, must_run, bottom, *costs, fuel_per_mwh, charge, discharge,
        emergency, 1, row_dual, bus_row, scale, generation, gross, fuel, charged, discharged, price, work,
    )  # fmt: skip

    from_base = x[base:segment]
    above = np.bincount(segment_unit, x[segment:charge], units)
    out = np.maximum(from_base + above, 0.0)
    idle = np.maximum(np.minimum(bottom, capability) * must_run - np.maximum(from_base, 0.0), 0.0)
    all_mw = out + idle
    running = (costs[0] * all_mw + costs[1]) * all_mw + costs[2] * (all_mw > MW_TOLERANCE)
    into = np.maximum(x[charge:discharge], 0.0)
    out_of = np.maximum(x[discharge:emergency] + x[emergency:], 0.0)
    assert same(generation, out)
    assert same(gross, all_mw)
    assert same(fuel, all_mw * fuel_per_mwh)
    assert same(charged, into)
    assert same(discharged, out_of)
    assert same(price, row_dual[bus_row:-1] / scale)
    assert sums == (out.sum(), idle.sum(), running.sum(), into.sum(), out_of.sum(), x[1])


def test_units_are_bounded_by_what_they_can_give(rng) -> None:
    units = 20
    segment_unit = np.repeat(np.arange(units), rng.integers(1, 5, size=units))
    bottom, capability = rng.normal(size=units), rng.random(units) * (rng.random(units) < 0.7)
    must_run, (held, free) = rng.random(units) < 0.5, rng.random((2, units))
    start, width = rng.random((2, len(segment_unit)))
    base, segment = 2, 2 + units
    lower, upper, cost = np.full((3, segment + len(segment_unit)), -9.0)
    bound_units(
        capability,
        must_run,
        bottom,
        segment_unit,
        start,
        width,
        held,
        free,
        base,
        segment,
        lower,
        upper,
        cost,
    )
    none = np.full(len(segment_unit), -9.0)
    of_base = np.where(capability > 0.0, np.minimum(bottom, 0.0), 0.0)
    assert same(lower[base:], np.concatenate([of_base, none]))
    of_base = np.minimum(np.maximum(bottom, 0.0), capability)
    above = np.clip(capability[segment_unit] - start, 0.0, width)
    assert same(upper[base:], np.concatenate([of_base, above]))
    assert same(cost[base:], np.concatenate([np.where(must_run | (bottom < 0.0), held, free), none]))


def a_fleet(rng: np.random.Generator) -> StoreFleet:
    full = rng.random(NODES) * (rng.random(NODES) < 0.7)
    stores = Stores(rng.random(NODES), full, rng.uniform(0.5, 1.0, NODES), rng.random(NODES))
    fleet = StoreFleet(stores, rng.random(NODES) < 0.8, start_frac=0.5)
    fleet.energy_mwh = rng.random(NODES) * fleet.full_mwh
    return fleet


def test_stores_are_limited_by_plan_energy_and_ration(rng) -> None:
    fleet, plan = a_fleet(rng), rng.normal(size=NODES)
    in_island, tie_live = rng.random((2, DISTRICTS)) < 0.5
    critical, ration_h = rng.random(DISTRICTS), 4.0
    charge, discharge, emergency, main = (np.empty(size) for size in (NODES, NODES, NODES, DISTRICTS))
    fleet.limit(
        plan,
        in_island=in_island,
        tie_live=tie_live,
        critical_mw=critical,
        ration_h=ration_h,
        into=(charge, discharge, emergency, main),
    )

    one_way, energy, power = fleet.one_way_efficiency, fleet.energy_mwh, fleet.power_mw
    at_bus, micro = slice(BUSES), slice(BUSES, None)
    headroom = np.minimum(power, np.maximum(fleet.full_mwh - energy, 0.0) / one_way)
    ready = fleet.ready_mw()
    spare = np.maximum(energy - fleet.floor_mwh, 0.0) * one_way
    planned = np.minimum(np.clip(plan, 0.0, power), spare)
    rationed = (energy * one_way / ration_h)[micro]
    assert same(charge[at_bus], np.minimum(np.maximum(-plan, 0.0), headroom)[at_bus])
    assert same(charge[micro], headroom[micro] * (tie_live | in_island))
    assert same(discharge[at_bus], planned[at_bus])
    assert same(discharge[micro], np.minimum(np.maximum(rationed, critical), ready[micro]) * in_island)
    assert same(emergency[at_bus], np.maximum(ready - planned, 0.0)[at_bus])
    assert not emergency[micro].any()
    assert same(main, power[micro] * tie_live)


def test_energy_moves_with_its_losses_and_within_its_size(rng) -> None:
    fleet = a_fleet(rng)
    before, charge, discharge = fleet.energy_mwh, *rng.random((2, NODES))
    loss = fleet.move(charge, discharge, charge.sum() - discharge.sum())
    one_way = fleet.one_way_efficiency
    after = np.clip(before + charge * one_way - discharge / one_way, 0.0, fleet.full_mwh)
    assert same(fleet.energy_mwh, after)
    assert loss == charge.sum() - discharge.sum() - (after - before).sum()
    assert fleet.energy_mwh is not before
