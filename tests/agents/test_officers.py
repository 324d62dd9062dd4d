"""Officers: municipal islands, repair crews, pumps, the power control room and suppliers."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from agentsim.agents.officers.leak_repair import LeakRepair
from agentsim.agents.officers.mains_office import UtilitiesParameters
from agentsim.core.messages import Outlook, Service

NUMBERS = UtilitiesParameters()
CALM = {"mechanisms.failures": False}


def named(orders: list) -> set[tuple[str, str]]:
    return {(order.asset, order.action) for order in orders}


# ---- municipalities ---------------------------------------------------------------------------------


def outlook_with(outlook: Outlook, district: int, dark_frac: float) -> Outlook:
    dark = np.zeros(len(outlook.power_cut_frac))
    dark[district] = dark_frac
    return replace(outlook, power_cut_frac=dark)


def test_a_municipality_islands_only_without_power_and_with_a_microgrid(hamlet) -> None:
    bare, local = hamlet(hours=1), hamlet(["E-C2"], hours=1)
    tie = ("microgrid_ties:Riverside", "island")
    for society, has_microgrid in ((bare, False), (local, True)):
        riverside = list(society.municipalities)[1]
        assert riverside.name == "Riverside"
        for dark_frac, dark in ((0.0, False), (0.4, False), (0.6, True), (1.0, True)):
            orders = named(riverside.decide(1, outlook_with(society.outlook, 1, dark_frac)))
            assert (tie in orders) == (dark and has_microgrid)
            assert riverside.islanded == (dark and has_microgrid)
        elsewhere = riverside.decide(1, outlook_with(society.outlook, 2, 1.0))
        assert tie not in named(elsewhere), "its neighbour's darkness is not its own"


def test_wells_run_in_every_district_that_has_them(hamlet) -> None:
    bare, local = hamlet(hours=1), hamlet(["W-C1"], hours=1)
    for municipality in bare.municipalities:
        assert municipality.decide(1, bare.outlook) == []
    for municipality in local.municipalities:
        assert named(municipality.decide(1, local.outlook)) == {(f"wells:{municipality.name}", "run")}
    assert local.last.permitted.wells_on.all()


def black_out(society, hours: range) -> None:
    """Every unit of the city is out in *hours*."""
    nature = society.failures.at

    def at(hour: int):
        damage = nature(hour)
        return replace(damage, units_out=np.ones_like(damage.units_out)) if hour in hours else damage

    society.failures.at = at


def test_in_a_blackout_microgrids_serve_part_of_the_load(hamlet) -> None:
    bare, local = hamlet(changes=CALM), hamlet(["E-C2"], changes=CALM)
    for society in (bare, local):
        black_out(society, range(4, 8))
        society.run(6)
    assert bare.service.power.delivered_mw.sum() == 0.0
    assert local.service.power.delivered_mw.sum() > 1.0


def test_an_island_holds_while_the_grid_is_out(hamlet) -> None:
    society = hamlet(["E-C2"], changes=CALM)
    black_out(society, range(8, 14))
    society.run(9)
    for _ in range(3):
        society.step()
        assert [municipality.islanded for municipality in society.municipalities] == [True] * 8


def test_an_island_reconnects_when_the_grid_is_back(hamlet) -> None:
    society = hamlet(["E-C2"], changes=CALM)
    black_out(society, range(8, 20))
    society.run(30)
    assert not any(municipality.islanded for municipality in society.municipalities)
    assert society.service.power.shed_mw.sum() < 0.05 * society.service.power.delivered_mw.sum()


# ---- the waterworks ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def served(hamlet) -> tuple[object, Service]:
    """A hamlet after two calm hours with all roads open and all depots full, and its service."""
    society = hamlet(hours=2, changes=CALM)
    return society, society.service


def mended_at(
    society, service: Callable[[int], Service | None], bursts: dict[int, int], hours: int = 200
) -> list[int]:
    """The hour in which each main is repaired when *bursts* (junction: mains) happen in hour 0."""
    utility, found, calm = society.water_utility, [], society.failures.at(0)
    utility.mains_office.leak_repair = LeakRepair(NUMBERS.awareness_h, NUMBERS.location_h, NUMBERS.crews)
    for hour in range(hours):
        new = np.zeros(len(society.place.water.junction_id))
        if hour == 0:
            new[list(bursts)] = list(bursts.values())
        damage = replace(calm, new_bursts=new, burst_size_frac=np.minimum(new, 1.0))
        mended = utility.repair(hour, damage, service(hour)).mended
        found += [hour] * int(mended.sum())
        assert set(np.flatnonzero(mended)) <= set(bursts)
    return found


def test_a_burst_runs_for_awareness_location_and_repair(served) -> None:
    society, _ = served
    runs_h = NUMBERS.awareness_h + NUMBERS.location_h + NUMBERS.repair_h
    assert mended_at(society, lambda hour: None, {5: 1}) == [runs_h]


def test_three_crews_repair_three_mains_at_a_time(served) -> None:
    society, _ = served
    hours = mended_at(society, lambda hour: None, {5: 2, 9: 3})
    assert hours == [72, 72, 72, 96, 96]


def test_crews_drive_to_the_burst(served) -> None:
    """Edge roads_to_crews: travel time is added to the repair."""
    society, service = served
    far = replace(service, roads=replace(service.roads, skim_h=np.full_like(service.roads.skim_h, 2.5)))
    assert mended_at(society, lambda hour: far, {5: 1}) == [75]


def test_crews_wait_until_the_road_is_open(served, hamlet) -> None:
    society, service = served
    closed = replace(service, roads=replace(service.roads, skim_h=np.full_like(service.roads.skim_h, np.inf)))
    near = replace(service, roads=replace(service.roads, skim_h=np.zeros_like(service.roads.skim_h)))

    def siege(hour: int) -> Service:
        return closed if hour < 100 else near

    assert mended_at(society, siege, {5: 1}) == [124]
    severed = hamlet(hours=1, changes=CALM | {"mechanisms.roads_to_crews": False})
    assert mended_at(severed, siege, {5: 1}) == [72]


def test_a_closed_district_delays_no_repair_elsewhere(served) -> None:
    society, service = served
    zone = society.place.water.junction_zone
    reachable = 5
    cut = int(np.flatnonzero((zone != zone[reachable]) & (zone != society.depots.crew_zone))[0])
    skim_h = np.zeros_like(service.roads.skim_h)
    skim_h[:, zone[cut]] = np.inf
    partly = replace(service, roads=replace(service.roads, skim_h=skim_h))
    assert mended_at(society, lambda hour: partly, {cut: 4, reachable: 1}) == [72]


def test_repairs_take_twice_as_long_without_spare_parts(served, hamlet) -> None:
    """Edge minerals_to_repairs."""
    society, service = served
    near = replace(service.roads, skim_h=np.zeros_like(service.roads.skim_h))

    def short_of(depots: np.ndarray) -> Service:
        short = np.zeros_like(service.supply.short_t)
        short[depots] = 1.0
        return replace(service, roads=near, supply=replace(service.supply, short_t=short))

    parts, food = short_of(society.depots.minerals), short_of(society.depots.food)
    assert mended_at(society, lambda hour: parts, {5: 1}) == [48 + NUMBERS.without_parts * NUMBERS.repair_h]
    assert mended_at(society, lambda hour: food, {5: 1}) == [72], "nobody mends pipes with rice"
    severed = hamlet(hours=1, changes=CALM | {"mechanisms.minerals_to_repairs": False})
    assert mended_at(severed, lambda hour: parts, {5: 1}) == [72]


def test_repair_of_feeders_waits_while_roads_are_closed(hamlet) -> None:
    changes = {
        "attacker.first_hour": 0,
        "attacker.target": "Riverside",
        "attacker.foothold": ["traffic_control_room"],
    }
    society = hamlet(attacker="coercer:random", seed=3, changes=changes)
    waits: dict[int, np.ndarray] = {}
    society.failures.delay = lambda hour, feeders: waits.setdefault(hour, feeders.copy())
    closed = []
    for _ in range(72):
        society.step()
        closed.append(society.last.permitted.roads_cut_off.copy())
    shut = [hour for hour in range(72) if closed[hour].any()]
    assert 0 < len(shut) < 72
    assert sorted(waits) == [hour + 1 for hour in shut if hour + 1 < 72], "seen one hour later"
    there = society.place.feeders.district == 1
    assert all((feeders == there).all() for feeders in waits.values())


def test_pumps_follow_the_levels_of_the_tanks(hamlet) -> None:
    society = hamlet(hours=1)
    utility, water = society.water_utility, society.coupling.water
    rules, pumps = water.rules, len(society.place.water.pump_id)

    def ordered(level_m: np.ndarray) -> np.ndarray:
        water._engine.restart(level_m.tolist())
        water.valves.operate(np.ones(2, dtype=bool), None, None)
        (order,) = utility.decide()
        assert (order.principal, order.asset, order.action) == ("water_control_room", "pumps", "run")
        return order.value.copy()

    switched = np.isfinite(rules.open_at[:pumps])
    filling = switched & (rules.open_at[:pumps] < rules.shut_at[:pumps])
    assert filling.any()
    middle = (rules.tank_low_m + rules.tank_high_m) / 2
    empty, full = ordered(rules.tank_low_m), ordered(rules.tank_high_m)
    assert empty[:pumps][filling].all()
    assert not full[:pumps][filling].any()
    after_full = ordered(middle)
    ordered(rules.tank_low_m)
    after_empty = ordered(middle)
    assert (after_full <= after_empty).all(), "in between a pump stays as it was"


# ---- the grid's control room ------------------------------------------------------------------------


def test_reserve_covers_the_forecast_error_and_half_of_the_largest_unit(hamlet) -> None:
    society = hamlet(hours=5, changes=CALM)
    utility, outlook = society.power_utility, society.outlook
    p = utility.parameters
    on_line_mw = society.place.grid.unit_max_mw * utility.committed
    expected = p.z * outlook.load_sigma_mw[0] + p.largest_unit_frac * on_line_mw.max()
    assert utility.reserve_mw == pytest.approx(expected)


def test_units_are_committed_in_blocks(hamlet) -> None:
    society = hamlet()
    seen = []
    for _ in range(48):
        society.step()
        seen.append(society.power_utility.committed.copy())
    block = society.power_utility.parameters.block_h
    changed = [hour for hour in range(1, 48) if (seen[hour] != seen[hour - 1]).any()]
    assert changed, "load falls at night: some unit goes off line"
    assert all(hour % block == 0 for hour in changed)


def test_storage_is_planned_at_midnight_where_it_exists(hamlet) -> None:
    assert not hamlet(hours=3).power_utility.store_plan_mw(2).any()
    stored = hamlet(["E-S4"])
    plans = []
    for _ in range(49):
        stored.step()
        plans.append(today(stored))
    assert plans[0].any()
    assert all((plan == plans[0]).all() for plan in plans[:24])
    assert (plans[24] != plans[23]).any()
    still = hamlet(["E-S4"], hours=2, changes={"mechanisms.storage": False})
    assert not today(still).any()


def today(society) -> np.ndarray:
    """What storage is planned to do in each hour of the day, array (24, stores) [MW]."""
    return np.array([society.power_utility.store_plan_mw(hour) for hour in range(24)])


def test_a_control_room_that_looks_ahead_plans_storage_every_four_hours(hamlet) -> None:
    society = hamlet(["E-S1", "E-S4"], changes=CALM)
    plans = []
    for _ in range(13):
        society.step()
        plans.append(today(society))
    changed = [hour for hour in range(1, 13) if (plans[hour] != plans[hour - 1]).any()]
    assert changed
    assert all(hour % 4 == 0 for hour in changed)


def test_what_storage_is_planned_to_give_need_not_be_committed(hamlet) -> None:
    utility = hamlet(["E-S1", "E-S4"], hours=6, changes=CALM).power_utility
    ahead_mw = utility._planned_from_stores_mw(6)
    assert ahead_mw[:22] == pytest.approx([utility.store_plan_mw(hour).sum() for hour in range(6, 28)])
    assert not ahead_mw[22:].any()  # the plan was made at hour 4


def test_units_are_replaced_before_the_next_block_when_one_fails(hamlet) -> None:
    # the dearest unit that runs is enough; then the largest one fails at two in the afternoon
    society = hamlet(["E-S1"], hours=13, changes=CALM | {"firms.load_factor": 1.3})
    utility = society.power_utility
    grid = society.place.grid
    running = np.flatnonzero(utility.committed & grid.unit_slow)
    out = np.zeros(len(grid.unit_bus), dtype=bool)
    out[running[grid.unit_max_mw[running].argmax()]] = True
    utility.decide(13, society.outlook, replace(society.damage, units_out=out))
    assert utility._failed
    called = np.zeros(len(out), dtype=bool)
    for hour, units in utility._called:
        assert hour == 13 + utility.parameters.lead_h
        called |= units
    assert not (called & out).any()
    assert not (called & utility.committed).any()
    assert utility._planned_at == 13


# ---- suppliers --------------------------------------------------------------------------------------


def suppliers(society) -> list:
    from agentsim.agents.officers.supplier import Supplier

    return list(society.agents.select(agent_type=Supplier))


def test_suppliers_record_sales_from_their_terminals(hamlet) -> None:
    society = hamlet()
    owners = suppliers(society)
    terminals = np.sort(np.concatenate([owner.terminals for owner in owners]))
    np.testing.assert_array_equal(terminals, np.arange(len(society.place.supply.terminal_good)))
    left_t = 0.0
    for _ in range(72):
        left_t += society.service.supply.imported_t.sum() if society.service else 0.0
        society.step()
    assert sum(owner.sold_t for owner in owners) == pytest.approx(left_t)
    assert left_t > 0.0
    assert all(owner.revenue_jpy > 0.0 for owner in owners if owner.sold_t > 0.0)


def test_an_owner_who_offers_nothing_sells_nothing(hamlet) -> None:
    society = hamlet()
    owner = suppliers(society)[0]
    owner.offer_frac = 0.0
    others = 0.0
    for _ in range(72):
        society.step()
        assert not society.service.supply.imported_t[owner.terminals].any()
        others += society.service.supply.imported_t.sum()
    assert others > 0.0
    assert owner.sold_t == owner.revenue_jpy == 0.0
