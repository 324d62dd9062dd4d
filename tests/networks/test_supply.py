"""Depots, shipments and prices behave as inventory theory says."""

import pickle
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from agentsim.core.errors import UnreadableSupply
from agentsim.core.mechanisms import Mechanisms
from agentsim.core.numerics.transportation import TransportationProblem
from agentsim.networks.supply.network import SupplyNetwork, SupplyParameters
from agentsim.networks.supply.scarcity import scarcity_ratio
from agentsim.place.cases import FOOD, FUEL, MINERALS, SupplyCase

PLAIN = SupplyParameters(cover_days=(5.0, 20.0, 2.0), demand_learning=0.0, hoarding_rise=1.0)


def one_depot(**changed) -> SupplyCase:
    """Ten tonnes of fuel a day from two suppliers who can just bring them."""
    case = SupplyCase(
        terminal_name=("east", "west"),
        terminal_good=np.array([FUEL, FUEL]),
        terminal_supplier=("Orient Oil", "Occident Oil"),
        terminal_zone=np.array([0, 1]),
        terminal_capacity_t_per_d=np.array([5.0, 5.0]),
        terminal_price_jpy_per_t=np.array([90_000.0, 100_000.0]),
        terminal_lead_days=np.array([2, 2]),
        depot_good=np.array([FUEL]),
        depot_district=np.array([0]),
        depot_zone=np.array([2]),
        depot_demand_t_per_d=np.array([10.0]),
        depot_capacity_t=np.array([200.0]),
    )
    return replace(case, **changed)


def three_goods(districts: int = 4) -> SupplyCase:
    good = np.repeat([FUEL, MINERALS, FOOD], [3, 2, 2])
    daily_t = np.repeat([10.0, 0.5, 6.0], districts) * np.tile(1 + 0.25 * np.arange(districts), 3)
    total_t = np.array([daily_t[g * districts : (g + 1) * districts].sum() for g in range(3)])
    return SupplyCase(
        terminal_name=tuple(f"t{i}" for i in range(7)),
        terminal_good=good,
        terminal_supplier=("A", "B", "C", "A", "D", "E", "F"),
        terminal_zone=np.arange(7),
        terminal_capacity_t_per_d=0.8 * total_t[good],
        terminal_price_jpy_per_t=np.array([9.0, 9.5, 11.0, 100.0, 120.0, 30.0, 33.0]) * 1e4,
        terminal_lead_days=np.array([3, 2, 1, 14, 7, 1, 0]),
        depot_good=np.repeat([FUEL, MINERALS, FOOD], districts),
        depot_district=np.tile(np.arange(districts), 3),
        depot_zone=np.tile(np.arange(districts), 3),
        depot_demand_t_per_d=daily_t,
        depot_capacity_t=daily_t * np.repeat([10.0, 60.0, 3.0], districts),
    )


def live(network: SupplyNetwork, hours: range, demand: float | np.ndarray = 1.0, **orders) -> list:
    """Hours of even demand, *demand* times the ordinary one."""
    asked_t = network.case.depot_demand_t_per_d * demand / 24
    skim_h = orders.pop("skim_h", np.full(network.travel_h.shape, 0.3))
    return [network.serve(asked_t, skim_h, hour=hour, **orders) for hour in hours]


def orders_placed(hours: list) -> np.ndarray:
    return np.array([hour.imported_t.sum() for hour in hours if hour.imported_t.any()])


class TestOrderUpTo:
    def test_steady_demand_keeps_the_stock_the_pipeline_and_the_orders(self):
        for first in (0, 5, 13):
            network = SupplyNetwork(three_goods())
            stock_t = np.array([hour.stock_t for hour in live(network, range(first, first + 24 * 40))])
            transit_t = [hour.in_transit_t for hour in live(network, range(first + 960, first + 1200))]
            assert stock_t[24:] == pytest.approx(stock_t[:-24], rel=1e-6)
            assert transit_t == pytest.approx([transit_t[0]] * 240, rel=1e-6)

    def test_after_the_order_the_position_is_demand_times_lead_review_and_cover(self):
        network = SupplyNetwork(one_depot(), PLAIN)
        (hour,) = live(network, range(5, 6))
        position_t = hour.stock_t[0] + hour.delivered_t[0] + hour.in_transit_t
        assert position_t == pytest.approx(10.0 * (2 + 1 + 5))
        assert position_t == pytest.approx(network.target_t()[0])

    def test_an_order_is_what_was_drawn(self):
        """Order-up-to with a fixed level passes demand on as it is: no bullwhip without forecasting."""
        ample = one_depot(terminal_capacity_t_per_d=np.array([50.0, 50.0]))
        network = SupplyNetwork(ample, PLAIN)
        draws = [0.4, 1.7, 0.9, 1.2]
        hours = []
        for day, draw in enumerate(draws):
            hours += live(network, range(5 + 24 * day, 29 + 24 * day), draw)
        assert orders_placed(hours) == pytest.approx([10.0, 4.0, 17.0, 9.0])

    def test_forecasting_amplifies_a_step_of_demand(self):
        """Chen et al. 2000: learning demand from orders makes orders swing more than demand."""
        ample = one_depot(terminal_capacity_t_per_d=np.array([50.0, 50.0]))
        network = SupplyNetwork(ample, replace(PLAIN, demand_learning=0.2))
        placed = orders_placed(live(network, range(5, 24 * 80), 1.3))
        assert placed.max() == pytest.approx(13.0 + 0.2 * 3.0 * (2 + 1 + 5)), "demand and a higher level"
        assert placed[-1] == pytest.approx(13.0, rel=1e-3)
        assert network.expected_t_per_d[0] == pytest.approx(13.0, rel=1e-3)

    def test_a_longer_way_raises_the_level_and_leaves_the_cover(self):
        """After the near supplier is lost the same cover is kept over the far one's lead time."""
        near_and_far = one_depot(
            terminal_capacity_t_per_d=np.array([12.0, 15.0]), terminal_lead_days=np.array([1, 6])
        )
        network = SupplyNetwork(near_and_far, PLAIN)
        start_t = network.target_t()[0]
        end_of_day_t = [network.day(embargoed=("Orient Oil",)).stock_t[0] for _ in range(60)]
        assert network.target_t()[0] == pytest.approx(start_t + 10.0 * (6 - 1))
        assert min(end_of_day_t) < 10.0, "five days of deliveries are missed"
        assert end_of_day_t[-1] == pytest.approx(50.0)

    def test_a_full_depot_takes_no_more(self):
        case = one_depot(depot_capacity_t=np.array([40.0]))
        network = SupplyNetwork(case, PLAIN)
        stock_t = [hour.stock_t[0] for hour in live(network, range(24 * 20), 0.0)]
        assert max(stock_t) == pytest.approx(40.0)


class TestShortage:
    def test_half_the_capacity_lost_empties_the_stock_on_the_expected_day(self):
        """Lead 2 d, then 5 t/d short of a cover of 50 t: ten more days, and half the need from then on."""
        network = SupplyNetwork(one_depot(), PLAIN)
        days = [network.day(embargoed=("Orient Oil",)) for _ in range(16)]
        assert [day.stock_t[0] for day in days[:2]] == pytest.approx([50.0, 50.0])
        assert [day.stock_t[0] for day in days[2:12]] == pytest.approx(
            [50.0 - 5 * k for k in range(1, 11)], abs=1e-6
        )
        assert not any(day.short_t[0] > 1e-6 for day in days[:12])
        assert [day.short_t[0] for day in days[12:]] == pytest.approx([5.0] * 4)

    def test_hoarding_after_a_stock_out_makes_a_bullwhip(self):
        def orders_after(rise: float) -> np.ndarray:
            ample = one_depot(terminal_capacity_t_per_d=np.array([20.0, 20.0]))
            network = SupplyNetwork(ample, replace(PLAIN, hoarding_rise=rise))
            live(network, range(5, 5 + 24 * 9), embargoed=("Orient Oil", "Occident Oil"))
            return orders_placed(live(network, range(5 + 24 * 9, 5 + 24 * 60)))

        calm, panic = orders_after(1.0), orders_after(1.2)
        assert panic[:4].sum() > calm[:4].sum() + 50.0, "first everybody wants more than he lost"
        assert panic[4:10].max() < 0.6 * calm[4:10].min(), "then hardly anything"
        assert panic[:30].std() > 1.5 * calm[:30].std()
        assert panic[-1] == pytest.approx(10.0, rel=1e-3)

    def test_hoarding_has_a_ceiling_and_fades(self):
        network = SupplyNetwork(one_depot(), replace(PLAIN, hoarding_rise=1.2))
        live(network, range(24 * 30), embargoed=("Orient Oil", "Occident Oil"))
        assert network.hoarding[0] == 2.0
        live(network, range(24 * 30, 24 * 120), 0.5)
        assert network.hoarding[0] == 1.0

    def test_a_shortage_is_shared_step_by_step(self):
        twins = one_depot(
            depot_good=np.array([FUEL] * 4),
            depot_district=np.arange(4),
            depot_zone=np.arange(4),
            depot_demand_t_per_d=np.full(4, 2.5),
            depot_capacity_t=np.full(4, 50.0),
        )
        skim_h = np.tile([0.1, 0.2, 0.3, 0.4], (2, 1))

        def widest_gap_t(steps: int) -> float:
            network = SupplyNetwork(twins, replace(PLAIN, unfilled_steps=steps))
            hours = live(network, range(24 * 12), skim_h=skim_h, embargoed=("Orient Oil",))
            assert hours[-1].stock_t.sum() < 30.0
            return max(np.ptp(hour.stock_t) for hour in hours)

        assert widest_gap_t(1) > 10.0, "the nearest depots take all"
        assert widest_gap_t(8) < 5.0
        assert widest_gap_t(40) < 1.0

    def test_what_is_not_served_is_counted_and_not_kept(self):
        network = SupplyNetwork(one_depot(), PLAIN)
        hours = live(network, range(5, 29), 20.0)
        asked, delivered, short = (
            sum(x) for x in zip(*[(200 / 24, h.delivered_t[0], h.short_t[0]) for h in hours], strict=True)
        )
        assert asked == pytest.approx(delivered + short)
        assert delivered == pytest.approx(60.0)


class TestRoads:
    def test_a_depot_that_no_road_reaches_gets_nothing_and_recovers(self):
        network = SupplyNetwork(three_goods())
        before = live(network, range(24))[-1]
        cut = np.full(network.travel_h.shape, 0.3)
        cut[:, 1] = np.inf
        hours = live(network, range(24, 24 + 24 * 12), skim_h=cut)
        received_t = np.sum([hour.received_t for hour in hours], axis=0)
        assert received_t[1] == 0.0
        assert received_t[[0, 2, 3]] == pytest.approx(
            12 * network.case.depot_demand_t_per_d[[0, 2, 3]], rel=1e-6
        )
        assert hours[-1].stock_t[1] == 0.0
        assert hours[-1].short_t[1] > 0.0
        assert not np.any([hour.restricted_t for hour in hours]), "damage is nobody's order"
        after = live(network, range(24 * 13, 24 * 120))[-1]
        assert after.stock_t == pytest.approx(before.stock_t, rel=1e-3)

    def test_a_shipment_waits_where_the_road_ends(self):
        network = SupplyNetwork(one_depot(), PLAIN)
        cut = np.full((2, 1), np.inf)
        closed = live(network, range(5, 5 + 72), skim_h=cut)
        assert closed[-1].in_transit_t == pytest.approx(20.0)
        assert not any(hour.received_t.any() for hour in closed)
        (opened,) = live(network, range(77, 78))
        assert opened.received_t[0] == pytest.approx(20.0)

    def test_the_nearer_terminal_serves_when_prices_are_equal(self):
        case = one_depot(
            terminal_price_jpy_per_t=np.array([1e5, 1e5]), terminal_capacity_t_per_d=np.array([30.0, 30.0])
        )
        near_west = np.array([[0.5], [0.2]])
        hours = live(SupplyNetwork(case, PLAIN), range(48), skim_h=near_west)
        assert np.sum([hour.imported_t for hour in hours], axis=0) == pytest.approx([0.0, 20.0])

    def test_open_roads_by_mechanism(self):
        network = SupplyNetwork(one_depot(), PLAIN, Mechanisms(roads_to_deliveries=False))
        hours = live(network, range(24 * 20), skim_h=np.full((2, 1), np.inf), closed=np.array([True]))
        assert not any(hour.short_t.any() or hour.restricted_t.any() for hour in hours)


class TestRestriction:
    def test_a_closed_road_withholds_a_day_of_need_each_day(self):
        network = SupplyNetwork(one_depot(), PLAIN)
        hours = live(network, range(24 * 4), closed=np.array([True]), skim_h=np.full((2, 1), np.inf))
        restricted_t = np.array([hour.restricted_t[0] for hour in hours])
        assert restricted_t[5::24] == pytest.approx([10.0] * 4)
        assert np.count_nonzero(restricted_t) == 4

    def test_an_embargo_withholds_what_it_takes_away(self):
        network = SupplyNetwork(one_depot(), PLAIN)
        hours = live(network, range(72), embargoed=np.array([True, False]))
        assert [hours[h].restricted_t[0] for h in (5, 29, 53)] == pytest.approx([5.0] * 3)

    def test_an_embargo_that_others_make_good_withholds_nothing(self):
        ample = one_depot(terminal_capacity_t_per_d=np.array([15.0, 15.0]))
        network = SupplyNetwork(ample, PLAIN)
        hours = live(network, range(24 * 30), embargoed=("Orient Oil",))
        assert np.array([hour.restricted_t for hour in hours]) == pytest.approx(0.0, abs=1e-9)
        assert not any(hour.short_t.any() for hour in hours)

    def test_what_is_withheld_adds_up_to_what_did_not_come(self):
        """Half the deliveries fail for forty days; the backlog of old orders is not counted again."""
        network = SupplyNetwork(one_depot(), PLAIN)
        hours = live(network, range(24 * 40), embargoed=("Orient Oil",))
        assert sum(hour.restricted_t[0] for hour in hours) == pytest.approx(40 * 5.0)

    def test_want_of_capacity_is_no_restriction(self):
        network = SupplyNetwork(one_depot(), PLAIN)
        hours = live(network, range(24 * 30), allowed_frac=0.5)
        assert hours[-1].short_t[0] > 0.0
        assert not any(hour.restricted_t.any() for hour in hours)

    def test_an_unknown_supplier_is_told(self):
        with pytest.raises(ValueError, match="'Nobody' is unknown; known: Orient Oil, Occident Oil"):
            SupplyNetwork(one_depot()).day(embargoed=("Nobody",))


class TestPrice:
    def test_in_peace_the_price_is_the_base_to_the_last_bit(self):
        network, rng = SupplyNetwork(three_goods()), np.random.default_rng(1)
        base = network.price_jpy_per_t.tobytes()
        for day in range(60):
            hours = live(network, range(24 * day, 24 * day + 24), rng.uniform(0.6, 1.2, 12))
            assert {hour.price_jpy_per_t.tobytes() for hour in hours} == {base}

    def test_the_base_is_the_mean_price_of_those_who_serve(self):
        assert SupplyNetwork(one_depot()).price_jpy_per_t.tolist() == pytest.approx([95_000.0, 0.0, 0.0])

    def test_an_embargo_raises_its_good_up_to_the_ceiling_and_peace_ends_it(self):
        network = SupplyNetwork(three_goods())
        base = network.price_jpy_per_t
        prices = [network.day(embargoed=("A", "B", "C")).price for _ in range(25)]
        fuel = np.array([price[FUEL] for price in prices]) / base[FUEL]
        assert (np.diff(fuel) >= -1e-9).all()
        assert fuel[0] > 1.0
        assert fuel[-1] == pytest.approx(SupplyParameters().price_most_ratio[FUEL])
        assert prices[-1][FOOD] == base[FOOD]
        for _ in range(80):
            day = network.day()
        assert day.price.tolist() == base.tolist()

    def test_half_the_supply_is_dearer_by_the_elasticities(self):
        network = SupplyNetwork(one_depot(), replace(PLAIN, price_most_ratio=(100.0, 1.0, 1.0)))
        for _ in range(60):
            day = network.day(embargoed=("Orient Oil",))
        assert day.stock_t[0] == pytest.approx(0.0, abs=1e-9)
        held = 3 * 5.0 / (10.0 * 21.0)  # half a day's need has just come, two more are on their way
        assert day.price[FUEL] == pytest.approx(100_000.0 * (0.5 + held) ** (-1 / 0.24))

    def test_a_cap_on_the_cheap_supplier_costs_and_is_no_shortage(self):
        ample = one_depot(terminal_capacity_t_per_d=np.array([15.0, 15.0]))
        network = SupplyNetwork(ample, PLAIN)
        assert network.price_jpy_per_t[FUEL] == pytest.approx(90_000.0)
        hours = live(network, range(24 * 10), allowed_frac=np.array([1 / 3, 1.0]))
        assert hours[-1].price_jpy_per_t[FUEL] == pytest.approx(95_000.0)

    def test_losing_a_dear_seller_makes_nothing_cheaper(self):
        network = SupplyNetwork(one_depot(), PLAIN)
        assert network.day(embargoed=("Occident Oil",)).price[FUEL] >= 95_000.0

    def test_a_cut_off_district_does_not_move_the_city_price(self):
        network = SupplyNetwork(three_goods())
        base = network.price_jpy_per_t.tolist()
        cut = np.full(network.travel_h.shape, 0.3)
        cut[:, ::4] = np.inf
        assert live(network, range(24 * 20), skim_h=cut)[-1].price_jpy_per_t.tolist() == base

    def test_without_the_mechanism_prices_stand_still(self):
        network = SupplyNetwork(one_depot(), PLAIN, Mechanisms(scarcity_price=False))
        assert network.day(embargoed=("Orient Oil", "Occident Oil")).price[FUEL] == pytest.approx(95_000.0)

    def test_the_ratio_clears_the_market(self):
        share, supply, demand = 0.9, 0.11, 0.13
        ratio = scarcity_ratio(np.array([share]), np.array([supply + demand]), np.array([9.0]))[0]
        assert share * ratio**supply == pytest.approx(ratio**-demand)


class TestAllocation:
    @settings(max_examples=60, deadline=None)
    @given(
        seed=st.integers(0, 10**6),
        terminals=st.integers(1, 5),
        depots=st.integers(1, 7),
        steps=st.integers(1, 4),
    )
    def test_the_transportation_problem_is_solved_as_linprog_solves_it(self, seed, terminals, depots, steps):
        rng = np.random.default_rng(seed)
        terminal, depot = (index.ravel() for index in np.indices((terminals, depots)))
        unfilled = 10.0 * (1 + np.arange(steps) / steps)
        problem = TransportationProblem(terminals, depots, terminal, depot, unfilled)
        for _ in range(3):
            cost, is_open = rng.uniform(0.5, 2, len(terminal)), rng.random(len(terminal)) < 0.8
            capacity, order = rng.uniform(0, 8, terminals), rng.uniform(0, 5, depots)
            found = problem.solve(cost, is_open, capacity, order)
            pairs = len(terminal)
            leave = np.hstack(
                [np.equal.outer(np.arange(terminals), terminal), np.zeros((terminals, depots * steps))]
            )
            arrive = np.hstack(
                [np.equal.outer(np.arange(depots), depot), np.repeat(np.eye(depots), steps, axis=1)]
            )
            bounds = [(0, None if o else 0) for o in is_open] + [
                (0, q / steps) for q in order for _ in range(steps)
            ]
            oracle = linprog(
                np.concatenate([cost, np.tile(unfilled, depots)]),
                A_ub=leave, b_ub=capacity, A_eq=arrive, b_eq=order, bounds=bounds,
            )  # fmt: skip
            assert found.cost == pytest.approx(oracle.fun, rel=1e-5, abs=1e-6)
            assert not found.shipped[~is_open].any()
            assert (np.bincount(terminal, found.shipped, terminals) <= capacity + 1e-7).all()
            met = np.bincount(depot, found.shipped, depots) + found.unfilled
            assert met == pytest.approx(order, abs=1e-7)
            assert found.shipped.shape == (pairs,)

    def test_the_shadow_price_is_the_cost_of_one_tonne_more(self):
        terminal, depot = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
        problem = TransportationProblem(2, 2, terminal, depot, np.array([10.0]))
        cost, is_open = np.array([1.0, 1.3, 2.0, 2.6]), np.ones(4, bool)
        capacity, order = np.array([4.0, 9.0]), np.array([3.0, 5.0])
        base = problem.solve(cost, is_open, capacity, order)
        for one in range(2):
            more = problem.solve(cost, is_open, capacity, order + 0.01 * np.eye(2)[one])
            assert (more.cost - base.cost) / 0.01 == pytest.approx(base.shadow_price[one], rel=1e-4)


class TestConservation:
    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 10**6), first=st.integers(0, 47))
    def test_no_tonne_is_made_or_lost(self, seed, first):
        rng = np.random.default_rng(seed)
        network, case = SupplyNetwork(three_goods()), three_goods()
        last = None
        for hour in range(first, first + 24 * 8):
            if hour % 24 == 5 or last is None:
                skim_h = np.where(
                    rng.random(network.travel_h.shape) < 0.2, np.inf, rng.uniform(0, 2, (7, 12))
                )
                closed, withheld = rng.random(12) < 0.1, rng.random(7) < 0.2
                allowed, level = rng.uniform(0, 1, 7), rng.uniform(0, 3)
            asked_t = case.depot_demand_t_per_d * rng.uniform(0, 2 * level, 12) / 24
            now = network.serve(asked_t, skim_h, closed, withheld, allowed, hour=hour)
            assert now.delivered_t + now.short_t == pytest.approx(asked_t)
            assert (now.stock_t >= 0).all()
            assert (now.stock_t <= case.depot_capacity_t * (1 + 1e-9)).all()
            assert (now.restricted_t >= 0).all()
            assert not now.received_t[closed].any()
            if last is not None:
                assert last.stock_t + now.received_t == pytest.approx(
                    now.delivered_t + now.stock_t, rel=1e-9, abs=1e-9
                )
                growth_t = now.in_transit_t - last.in_transit_t
                assert now.imported_t.sum() == pytest.approx(
                    now.received_t.sum() + growth_t, rel=1e-9, abs=1e-9
                )
            last = now

    def test_a_bad_demand_is_refused(self):
        for bad in (-1.0, np.nan):
            with pytest.raises(ValueError, match="asked_t"):
                SupplyNetwork(one_depot()).serve(np.array([bad]), np.zeros((2, 1)), hour=0)

    def test_runs_repeat_to_the_last_bit_and_survive_a_pickle(self):
        one, two = SupplyNetwork(three_goods()), SupplyNetwork(three_goods())
        for day in range(6):
            names = ("A",) if day > 2 else ()
            first, second = one.day(embargoed=names), two.day(embargoed=names)
            assert first.stock_t.tobytes() == second.stock_t.tobytes()
            assert first.imported_t.tobytes() == second.imported_t.tobytes()
            two = pickle.loads(pickle.dumps(two))


TOML = """
[[terminal]]
name = "east"
good = "fuel"
supplier = "Orient Oil"
capacity_t_per_d = 8
price_jpy_per_t = 90000
lead_days = 2
[[terminal]]
name = "west"
good = "fuel"
supplier = "Occident Oil"
capacity_t_per_d = 8.0
price_jpy_per_t = 100000
lead_days = 2

[[depot]]
name = "centre"
good = "fuel"
demand_t_per_d = 10
capacity_t = 100

[[route]]
terminal = "east"
depot = "centre"
time_h = 2.0
"""


MISTAKES = [
    (
        "capacity_t_per_d = 8\n",
        "capacity_t_per_d = -8\n",
        r"supply\.toml:6: capacity_t_per_d: must be 0.0 or more",
    ),
    ("lead_days = 2\n\n", "lead_days = 2.5\n\n", r":15: lead_days: 2.5 is not a whole number"),
    ("lead_days = 2\n\n", "\n", r":9: terminal: 'lead_days' is missing"),
    (
        'good = "fuel"\ndemand',
        'good = "fule"\ndemand',
        r":19: good: 'fule' is unknown; did you mean 'fuel'\?",
    ),
    (
        "capacity_t = 100",
        "capacity = 100",
        r":21: capacity: 'capacity' is unknown; did you mean 'capacity_t'",
    ),
    ("[[route]]", "[[roude]]", r":23: roude: 'roude' is unknown; did you mean 'route'"),
    ('depot = "centre"', 'depot = "center"', r":25: depot: no depot 'center'; did you mean 'centre'"),
    ('name = "west"', 'name = "east"', r":10: name: 'east' is there twice"),
    ("demand_t_per_d = 10", "demand_t_per_d = true", r":20: demand_t_per_d: True is not a number"),
    ("demand_t_per_d = 10", "demand_t_per_d = nan", r":20: demand_t_per_d: must be 0.0 or more and finite"),
    ("demand_t_per_d = 10", "demand_t_per_d =", r"this is no TOML"),
    ('name = "centre"', "name = 7", r":18: name: 7 is not text"),
]


class TestFile:
    def write(self, tmp_path, text=TOML):
        path = tmp_path / "supply.toml"
        path.write_text(text)
        return path

    def test_a_day_from_a_file(self, tmp_path):
        network = SupplyNetwork.from_toml(self.write(tmp_path))
        day = network.day()
        assert day.delivered_t == pytest.approx([10.0])
        assert day.imported_t == pytest.approx([8.0, 2.0])
        assert day.price[FUEL] == pytest.approx(92_000.0)
        assert day.shadow_price == pytest.approx([100_000.0], rel=1e-5)
        assert network.day(demand_t=[4.0]).delivered_t == pytest.approx([4.0])

    def test_a_closed_route(self, tmp_path):
        text = TOML.replace("time_h = 2.0", "time_h = inf")
        network = SupplyNetwork.from_toml(self.write(tmp_path, text))
        assert [network.day().imported_t.tolist() for _ in range(2)] == [pytest.approx([0.0, 8.0])] * 2

    @pytest.mark.parametrize(("old", "new", "message"), MISTAKES)
    def test_a_bad_file_is_told_by_line_and_key(self, tmp_path, old, new, message):
        assert old in TOML
        with pytest.raises(UnreadableSupply, match=message):
            SupplyNetwork.from_toml(self.write(tmp_path, TOML.replace(old, new)))

    def test_a_missing_or_empty_file_is_told(self, tmp_path):
        with pytest.raises(UnreadableSupply, match="cannot be read"):
            SupplyNetwork.from_toml(tmp_path / "none.toml")
        with pytest.raises(UnreadableSupply, match=r"no \[\[terminal\]\]"):
            SupplyNetwork.from_toml(self.write(tmp_path, ""))
